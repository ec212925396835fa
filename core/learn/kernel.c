/* kernel.c -- see kernel.h.
 *
 * Every loop is an addition of one row to another (y += a x): no sum has to wait for the
 * one before, so vectors of any width do.  Each function has a body that is inlined into
 * a plain and a wide version; the vector types are the compiler's, so other processors
 * get theirs from the plain one.
 *
 * Scoring reads 11 KiB for 68 features, the most expensive thing of a choice: half as
 * much as in doubles.  L^-1 and not V^-1 is kept because a sum of squares cannot become
 * negative, so floats are enough. */
#include "learn/kernel.h"

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2,fma")))
#define IS_WIDE (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#else
#define WIDE
#define IS_WIDE false
#endif

typedef double four __attribute__((vector_size(32), aligned(8), may_alias));
typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));

/* y += a x */
INLINE void add(double *y, const double *x, double a, int n)
{
	int i;

	for (i = 0; i + 4 <= n; i += 4)
		*(four *)(y + i) += a * *(const four *)(x + i);
	for (; i < n; i++)
		y[i] += a * x[i];
}

/* ---- t += a x x' ---- */

INLINE void add_body(double *t, const double *x, double a, int d)
{
	int i;

	for (i = 0; i < d; t += ++i)
		if (x[i] != 0)
			add(t, x, a * x[i], i + 1);
}

WIDE static void add_wide(double *t, const double *x, double a, int d)
{
	add_body(t, x, a, d);
}

void kernel_add(double *t, const double *x, double a, int d)
{
	if (IS_WIDE)
		add_wide(t, x, a, d);
	else
		add_body(t, x, a, d);
}

/* ---- Cholesky, right-looking: each column is taken from all rows below it ---- */

INLINE bool factor_body(double *t, double least, int d)
{
	double column[PHI_MAX], pivot, *row;
	int i, k;

	for (k = 0; k < d; k++) {
		row = t + triangle(k);
		if (!(row[k] >= least) || !isfinite(row[k]))
			return false;
		row[k] = sqrt(row[k]);
		pivot = 1 / row[k];
		for (i = k + 1, row += k + 1; i < d; row += ++i)
			column[i] = row[k] *= pivot;
		for (i = k + 1, row = t + triangle(i); i < d; row += ++i)
			add(row + k + 1, column + k + 1, -column[i], i - k);
	}
	return true;
}

WIDE static bool factor_wide(double *t, double least, int d)
{
	return factor_body(t, least, d);
}

bool kernel_factor(double *t, double least, int d)
{
	return IS_WIDE ? factor_wide(t, least, d) : factor_body(t, least, d);
}

INLINE void invert_body(const double *l, double *inverse, int d)
{
	double *row = inverse, pivot;
	int i, k, j;

	for (i = 0; i < d; row += i + 1, l += i + 1, i++) {
		memset(row, 0, (size_t)i * sizeof(*row));
		for (k = 0; k < i; k++)
			add(row, inverse + triangle(k), -l[k], k + 1);
		pivot = 1 / l[i];
		for (j = 0; j < i; j++)
			row[j] *= pivot;
		row[i] = pivot;
	}
}

WIDE static void invert_wide(const double *l, double *inverse, int d)
{
	invert_body(l, inverse, d);
}

void kernel_invert(const double *l, double *inverse, int d)
{
	if (IS_WIDE)
		invert_wide(l, inverse, d);
	else
		invert_body(l, inverse, d);
}

/* ---- scoring ---- */

size_t panel_size(int d)
{
	size_t n = 0;
	int p;

	for (p = 0; p < panel_count(d); p++)
		n += (size_t)panel_columns(p, d) * PANEL;
	return n;
}

void panel_fill(float *panels, const double *inverse, const double *theta, int d)
{
	int p, j, k, row, columns;

	for (p = 0; p < panel_count(d); p++) {
		columns = panel_columns(p, d);
		for (j = 0; j < columns; j++, panels += PANEL)
			for (k = 0; k < PANEL; k++) {
				row = p * PANEL + k;
				panels[k] = 0;
				if (row < d && j <= row)
					panels[k] = (float)inverse[triangle(row) + (size_t)j];
				else if (row == d)
					panels[k] = (float)theta[j];
			}
	}
}

INLINE void score_body(const float *panels, int d, const uint8_t *at, const float *x, int n,
	float *mean, float *square)
{
	eight sum = { 0 }, even, odd;
	int p, k, m = 0, columns;

	for (p = 0; p < panel_count(d); p++) {
		columns = panel_columns(p, d);
		while (m < n && at[m] < columns)
			m++;
		even = odd = (eight){ 0 };
		for (k = 0; k + 2 <= m; k += 2) {
			even += x[k] * *(const eight *)(panels + PANEL * at[k]);
			odd += x[k + 1] * *(const eight *)(panels + PANEL * at[k + 1]);
		}
		if (k < m)
			even += x[k] * *(const eight *)(panels + PANEL * at[k]);
		even += odd;
		if (p == d / PANEL) {
			*mean = even[d % PANEL];
			even[d % PANEL] = 0;
		}
		sum += even * even;
		panels += PANEL * columns;
	}
	*square = ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

WIDE static void score_wide(const float *panels, int d, const uint8_t *at, const float *x, int n,
	float *mean, float *square)
{
	score_body(panels, d, at, x, n, mean, square);
}

void kernel_score(const float *panels, int d, const uint8_t *at, const float *x, int n,
	float *mean, float *square)
{
	if (IS_WIDE)
		score_wide(panels, d, at, x, n, mean, square);
	else
		score_body(panels, d, at, x, n, mean, square);
}
