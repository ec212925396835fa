/* linear.c -- discounted ridge regression (linear.h says of what).
 *
 * V is kept as a packed lower triangle by rows; its Cholesky factor L, made only
 * when somebody wants to score, with 1 / L_ii on the diagonal so that scoring does
 * not divide.  width^2 = |y|^2 with L y = phi.
 *
 * On disk, little endian:
 *
 *     u8 version 1 | u8 d | f64 lambda | f64 weight
 *     d x u64 hash of the feature's name | d x f64 b | d (d + 1) / 2 x f64 V
 *
 * Invariant: V - lambda I is positive semidefinite up to rounding, all finite.
 * That is also why another lambda is just a shift of the diagonal. */
#include "learn/linear.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define LINEAR_VERSION 1

struct linear {
	int d;
	double lambda, weight;
	struct linear_fit *fit; /* NULL: something changed since */
	double b[PHI_MAX];
	double v[];
};

struct linear_fit {
	atomic_size_t references;
	int d;
	double theta[PHI_MAX];
	double l[];
};

static size_t triangle(int d)
{
	return (size_t)d * ((size_t)d + 1) / 2;
}

static double finite_or_0(double x)
{
	return isfinite(x) ? x : 0;
}

struct linear *linear_new(int width, double lambda)
{
	struct linear *m;
	int i;

	assert(width >= 1 && width <= PHI_MAX);
	assert(lambda > 0 && isfinite(lambda));
	m = xcalloc(1, sizeof(*m) + triangle(width) * sizeof(*m->v));
	m->d = width;
	m->lambda = lambda;
	for (i = 0; i < width; i++)
		m->v[triangle(i) + (size_t)i] = lambda;
	return m;
}

void linear_free(struct linear *m)
{
	if (!m)
		return;
	linear_fit_drop(m->fit);
	free(m);
}

double linear_weight(const struct linear *m)
{
	return m->weight;
}

int linear_width(const struct linear *m)
{
	return m->d;
}

static void changed(struct linear *m)
{
	linear_fit_drop(m->fit);
	m->fit = NULL;
}

void linear_update(struct linear *m, const float *phi, double reward, double gamma)
{
	double x[PHI_MAX], refill = (1 - gamma) * m->lambda, *row = m->v;
	int i, j;

	assert(gamma > 0 && gamma <= 1);
	reward = finite_or_0(reward);
	for (i = 0; i < m->d; i++)
		x[i] = finite_or_0(phi[i]);
	for (i = 0; i < m->d; row += ++i) {
		for (j = 0; j <= i; j++)
			row[j] = gamma * row[j] + x[i] * x[j];
		row[i] += refill;
		m->b[i] = gamma * m->b[i] + reward * x[i];
	}
	m->weight = gamma * m->weight + 1;
	changed(m);
}

void linear_raise(struct linear *m, const float *phi, double delta)
{
	int i;

	delta = finite_or_0(delta);
	for (i = 0; i < m->d; i++)
		m->b[i] += delta * finite_or_0(phi[i]);
	changed(m);
}

/* L with its diagonal inverted, of V + jitter I; false where a pivot is not above 0. */
static bool factor(const struct linear *m, double jitter, double *l)
{
	double *row = l, *other, sum;
	const double *v = m->v;
	int i, j, k;

	for (i = 0; i < m->d; v += i + 1, row += i + 1, i++) {
		for (j = 0, other = l; j < i; other += ++j) {
			for (sum = v[j], k = 0; k < j; k++)
				sum -= row[k] * other[k];
			row[j] = sum * other[j];
		}
		for (sum = v[i] + jitter, k = 0; k < i; k++)
			sum -= row[k] * row[k];
		if (!(sum > 0) || !isfinite(sum))
			return false;
		row[i] = 1 / sqrt(sum);
	}
	return true;
}

/* L y = x */
static void forward(const double *l, int d, const double *x, double *y)
{
	double sum;
	int i, k;

	for (i = 0; i < d; l += ++i) {
		for (sum = x[i], k = 0; k < i; k++)
			sum -= l[k] * y[k];
		y[i] = sum * l[i];
	}
}

static void solve(struct linear_fit *fit, const double *b)
{
	double y[PHI_MAX], sum;
	int i, k;

	forward(fit->l, fit->d, b, y);
	for (i = fit->d - 1; i >= 0; i--) {
		for (sum = y[i], k = i + 1; k < fit->d; k++)
			sum -= fit->l[triangle(k) + (size_t)i] * fit->theta[k];
		fit->theta[i] = finite_or_0(sum * fit->l[triangle(i) + (size_t)i]);
	}
}

struct linear_fit *linear_fit(struct linear *m)
{
	struct linear_fit *fit;
	double jitter = 0;

	if (m->fit)
		return linear_fit_hold(m->fit);
	fit = xcalloc(1, sizeof(*fit) + triangle(m->d) * sizeof(*fit->l));
	atomic_init(&fit->references, 1);
	fit->d = m->d;
	/* Rounding alone cannot bring V below lambda I / 2, so this loop is for a V
	 * grown beyond all bounds (gamma 1, years): any jitter cures that. */
	while (!factor(m, jitter, fit->l)) {
		jitter = jitter > 0 ? jitter * 100 : m->lambda * 1e-6;
		assert(jitter < 1e200);
	}
	solve(fit, m->b);
	m->fit = fit;
	return linear_fit_hold(fit);
}

struct linear_fit *linear_fit_hold(struct linear_fit *fit)
{
	if (fit)
		atomic_fetch_add_explicit(&fit->references, 1, memory_order_relaxed);
	return fit;
}

void linear_fit_drop(struct linear_fit *fit)
{
	if (fit && atomic_fetch_sub_explicit(&fit->references, 1, memory_order_acq_rel) == 1)
		free(fit);
}

void linear_score(const struct linear_fit *fit, const float *phi, double *mean, double *width)
{
	double x[PHI_MAX] = { 0 }, y[PHI_MAX], sum = 0, square = 0;
	int i;

	for (i = 0; i < fit->d; i++) {
		x[i] = finite_or_0(phi[i]);
		sum += fit->theta[i] * x[i];
	}
	forward(fit->l, fit->d, x, y);
	for (i = 0; i < fit->d; i++)
		square += y[i] * y[i];
	*mean = finite_or_0(sum);
	*width = finite_or_0(sqrt(square));
}

void linear_score_prior(double lambda, const float *phi, int n, double *mean, double *width)
{
	double square = 0;
	int i;

	for (i = 0; i < n; i++)
		square += finite_or_0(phi[i]) * finite_or_0(phi[i]);
	*mean = 0;
	*width = sqrt(square / lambda);
}

void linear_encode(const struct linear *m, const uint64_t *ids, struct buf *out)
{
	size_t k;
	int i;

	buf_put_u8(out, LINEAR_VERSION);
	buf_put_u8(out, (uint8_t)m->d);
	buf_put_f64(out, m->lambda);
	buf_put_f64(out, m->weight);
	for (i = 0; i < m->d; i++)
		buf_put_u64(out, ids[i]);
	for (i = 0; i < m->d; i++)
		buf_put_f64(out, m->b[i]);
	for (k = 0; k < triangle(m->d); k++)
		buf_put_f64(out, m->v[k]);
}

/* The saved state as it stands, its ids beside it; NULL for bytes not ours. */
static struct linear *read_plain(struct slice bytes, uint64_t ids[PHI_MAX])
{
	struct reader_bytes in = bytes_reader(bytes);
	struct linear *m;
	double lambda, *l = NULL;
	bool good = true;
	size_t k;
	int d, i;

	if (bytes_u8(&in) != LINEAR_VERSION)
		return NULL;
	d = bytes_u8(&in);
	lambda = bytes_f64(&in);
	if (in.failed || d < 1 || d > PHI_MAX || !(lambda > 0) || !isfinite(lambda))
		return NULL;
	m = linear_new(d, lambda);
	m->weight = bytes_f64(&in);
	good = isfinite(m->weight) && m->weight >= 0;
	for (i = 0; i < d; i++)
		ids[i] = bytes_u64(&in);
	for (i = 0; i < d; i++)
		good = isfinite(m->b[i] = bytes_f64(&in)) && good;
	for (k = 0; k < triangle(d); k++)
		good = isfinite(m->v[k] = bytes_f64(&in)) && good;
	good = bytes_done(&in) && good;
	if (good) {
		l = xcalloc(triangle(d), sizeof(*l));
		good = factor(m, lambda * 1e-6, l);
		free(l);
	}
	if (good)
		return m;
	linear_free(m);
	return NULL;
}

static int find_id(const uint64_t *ids, int n, uint64_t id)
{
	int i;

	for (i = 0; i < n; i++)
		if (ids[i] == id)
			return i;
	return -1;
}

static struct linear *remap(const struct linear *m, const uint64_t *from, const uint64_t *to,
	int width, double lambda)
{
	struct linear *out = linear_new(width, lambda);
	int at[PHI_MAX], i, j;

	for (i = 0; i < width; i++)
		at[i] = find_id(from, m->d, to[i]);
	for (i = 0; i < width; i++) {
		if (at[i] < 0)
			continue;
		out->b[i] = m->b[at[i]];
		for (j = 0; j <= i; j++) {
			int x = at[i] > at[j] ? at[i] : at[j], y = at[i] > at[j] ? at[j] : at[i];

			if (y >= 0)
				out->v[triangle(i) + (size_t)j] = m->v[triangle(x) + (size_t)y];
		}
		/* Only where it differs: adding a difference of 0 is exact too, but
		 * says less. */
		if (lambda != m->lambda)
			out->v[triangle(i) + (size_t)i] += lambda - m->lambda;
	}
	out->weight = m->weight;
	return out;
}

struct linear *linear_remap(const struct linear *m, const uint64_t *from, const uint64_t *to,
	int width)
{
	return remap(m, from, to, width, m->lambda);
}

int linear_decode(struct linear **out, const uint64_t *ids, int width, double lambda,
	struct slice bytes, struct error *err)
{
	uint64_t from[PHI_MAX];
	struct linear *saved = read_plain(bytes, from);

	if (!saved)
		return error_set(err, ERR_CORRUPT,
			"a regression of %zu bytes does not read back", bytes.len);
	*out = remap(saved, from, ids, width, lambda);
	linear_free(saved);
	return 0;
}
