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
#define WIDE    __attribute__((target("avx2,fma")))
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

INLINE float sum_of(const eight *x)
{
	return (((*x)[0] + (*x)[4]) + ((*x)[1] + (*x)[5])) +
	       (((*x)[2] + (*x)[6]) + ((*x)[3] + (*x)[7]));
}

INLINE float dot_body(const float *x, const float *y)
{
	eight sum[2] = { { 0 }, { 0 } };
	int i;

	for (i = 0; i < PHI_PADDED; i += PANEL)
		sum[i / PANEL & 1] += *(const eight *)(x + i) * *(const eight *)(y + i);
	sum[0] += sum[1];
	return sum_of(&sum[0]);
}

WIDE static float dot_wide(const float *x, const float *y)
{
	return dot_body(x, y);
}

float kernel_dot(const float *x, const float *y)
{
	return IS_WIDE ? dot_wide(x, y) : dot_body(x, y);
}

size_t panel_size(int d)
{
	size_t n = 0;
	int p;

	for (p = 0; p < panel_count(d); p++)
		n += (size_t)panel_columns(p, d) * PANEL;
	return n;
}

void panel_fill(float *panels, const double *inverse, int d)
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
			}
	}
}

/* Two panels side by side share what is read of x; four sums, so that none waits for the
 * one before.  From the second panel's columns on the first has only zeros: it ends. */
INLINE void square_pair(const float *one, const float *two, const uint16_t *at, const float *x,
	int m, int last, eight *sum)
{
	eight a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };
	int k;

	for (k = 0; k + 2 <= m; k += 2) {
		a += x[k] * *(const eight *)(one + at[k]);
		b += x[k] * *(const eight *)(two + at[k]);
		c += x[k + 1] * *(const eight *)(one + at[k + 1]);
		d += x[k + 1] * *(const eight *)(two + at[k + 1]);
	}
	if (k < m) {
		a += x[k] * *(const eight *)(one + at[k]);
		b += x[k] * *(const eight *)(two + at[k]);
	}
	for (k = m; k + 2 <= last; k += 2) {
		b += x[k] * *(const eight *)(two + at[k]);
		d += x[k + 1] * *(const eight *)(two + at[k + 1]);
	}
	if (k < last)
		b += x[k] * *(const eight *)(two + at[k]);
	a += c;
	b += d;
	*sum += a * a + b * b;
}

INLINE float square_body(const float *panels, int d, const uint16_t *at, const float *x, int n)
{
	const float *one = panels, *two;
	eight sum = { 0 }, a;
	int p, k, m = 0, last;

	for (p = 0; p + 1 < panel_count(d); p += 2) {
		two = one + PANEL * panel_columns(p, d);
		while (m < n && at[m] < PANEL * panel_columns(p, d))
			m++;
		for (last = m; last < n && at[last] < PANEL * panel_columns(p + 1, d);)
			last++;
		square_pair(one, two, at, x, m, last, &sum);
		one = two + PANEL * panel_columns(p + 1, d);
		m = last;
	}
	if (p < panel_count(d)) { /* all columns */
		for (a = (eight){ 0 }, k = 0; k < n; k++)
			a += x[k] * *(const eight *)(one + at[k]);
		sum += a * a;
	}
	return sum_of(&sum);
}

WIDE static float square_wide(const float *panels, int d, const uint16_t *at, const float *x, int n)
{
	return square_body(panels, d, at, x, n);
}

float kernel_square(const float *panels, int d, const uint16_t *at, const float *x, int n)
{
	return IS_WIDE ? square_wide(panels, d, at, x, n) : square_body(panels, d, at, x, n);
}

/* ---- inverse gaps ---- */

#define STEPS_MAX 60
#define CLOSE     1e-12

INLINE double sum_of_four(const four *x)
{
	return ((*x)[0] + (*x)[1]) + ((*x)[2] + (*x)[3]);
}

/* Newton for 1 / sum, which is nearly straight: it is concave (a harmonic mean), so that steps
 * end on the left of the root and never pass it from there. */
INLINE void barrier_body(const double *gap, double x, double mass, double *p)
{
	const four low = *(const four *)gap, high = *(const four *)(gap + 4);
	double least = 1 / mass, sum = mass;
	four a = low, b = high, both;
	int i;

	x = x > least ? x : least;
	for (i = 0; i < STEPS_MAX; i++) {
		a = 1 / (x + low);
		b = 1 / (x + high);
		both = a + b;
		sum = sum_of_four(&both);
		if (fabs(sum - mass) <= CLOSE * mass)
			break;
		both = a * a + b * b;
		x += (sum - mass) * sum * least / sum_of_four(&both);
		x = x > least ? x : least;
	}
	*(four *)p = a * (mass / sum);
	*(four *)(p + 4) = b * (mass / sum);
}

WIDE static void barrier_wide(const double *gap, double x, double mass, double *p)
{
	barrier_body(gap, x, mass, p);
}

void kernel_barrier(const double *gap, double x, double mass, double *p)
{
	if (IS_WIDE)
		barrier_wide(gap, x, mass, p);
	else
		barrier_body(gap, x, mass, p);
}
