/* linear.c -- discounted ridge regression: observations, and the bytes of the state.
 *
 * G and b are kept divided by `scale`, which falls by gamma with each observation instead
 * of all of them: an update touches only the rows of features that are not 0.  Before
 * the scale gets too small it is multiplied in.
 *
 * On disk, little endian:
 *
 *     u8 version 2 | u8 d | f64 lambda | f64 weight | f64 scale |
 *     d x u64 hash of the feature's name | d x f64 prior | d x f64 b |
 *     d (d + 1) / 2 x f64 G
 *
 * Version 1 has neither scale nor prior, and V = lambda I + G in place of G.
 *
 * Invariant: G is positive semidefinite up to rounding, all numbers are finite. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "learn/linear_parts.h"

#define LINEAR_VERSION 2
#define SCALE_LEAST    1e-6

struct linear *linear_new(int width, double lambda, const double *prior)
{
	struct linear *m;

	assert(width >= 1 && width <= PHI_MAX);
	assert(lambda > 0 && isfinite(lambda));
	m = xcalloc(1, sizeof(*m) + triangle(width) * sizeof(*m->g));
	m->d = width;
	m->lambda = lambda;
	m->scale = 1;
	if (prior)
		memcpy(m->prior, prior, (size_t)width * sizeof(*prior));
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

static void discount(struct linear *m, double gamma)
{
	size_t k;
	int i;

	m->weight *= gamma;
	m->scale *= gamma;
	if (m->scale > SCALE_LEAST)
		return;
	for (k = 0; k < triangle(m->d); k++)
		m->g[k] *= m->scale;
	for (i = 0; i < m->d; i++)
		m->b[i] *= m->scale;
	m->scale = 1;
}

void linear_update(struct linear *m, const float *phi, double reward, double gamma)
{
	double x[PHI_MAX], one;
	int i;

	assert(gamma > 0 && gamma <= 1);
	discount(m, gamma);
	one = 1 / m->scale;
	reward = finite_or_0(reward);
	for (i = 0; i < m->d; i++) {
		x[i] = feature(phi[i]);
		m->b[i] += one * reward * x[i];
	}
	kernel_add(m->g, x, one, m->d);
	m->weight += 1;
	changed(m);
}

void linear_raise(struct linear *m, const float *phi, double delta)
{
	int i;

	delta = finite_or_0(delta) / m->scale;
	for (i = 0; i < m->d; i++)
		m->b[i] += delta * feature(phi[i]);
	changed(m);
}

void linear_encode(const struct linear *m, const uint64_t *ids, struct buf *out)
{
	size_t k;
	int i;

	buf_put_u8(out, LINEAR_VERSION);
	buf_put_u8(out, (uint8_t)m->d);
	buf_put_f64(out, m->lambda);
	buf_put_f64(out, m->weight);
	buf_put_f64(out, m->scale);
	for (i = 0; i < m->d; i++)
		buf_put_u64(out, ids[i]);
	for (i = 0; i < m->d; i++)
		buf_put_f64(out, m->prior[i]);
	for (i = 0; i < m->d; i++)
		buf_put_f64(out, m->b[i]);
	for (k = 0; k < triangle(m->d); k++)
		buf_put_f64(out, m->g[k]);
}

static bool read_numbers(struct reader_bytes *in, double *out, size_t n)
{
	bool good = true;
	size_t k;

	for (k = 0; k < n; k++)
		good = isfinite(out[k] = bytes_f64(in)) && good;
	return good && !in->failed;
}

/* No square is negative, no product above what its squares allow. */
static bool is_sum_of_squares(const struct linear *m)
{
	const double slack = 1e-9 * (1 + m->lambda), *g = m->g;
	double x, y;
	int i, j;

	for (i = 0; i < m->d; g += ++i) {
		x = g[i] + slack;
		if (!(x >= 0))
			return false;
		for (j = 0; j < i; j++) {
			y = m->g[triangle(j) + (size_t)j] + slack;
			if (g[j] * g[j] > x * y * (1 + 1e-6))
				return false;
		}
	}
	return true;
}

/* The saved state as it stands, its ids beside it; NULL for bytes not ours. */
static struct linear *read_plain(struct slice bytes, uint64_t ids[PHI_MAX])
{
	struct reader_bytes in = bytes_reader(bytes);
	struct linear *m;
	double lambda;
	int version, d, i;
	bool good;

	version = bytes_u8(&in);
	d = bytes_u8(&in);
	lambda = bytes_f64(&in);
	if (in.failed || version < 1 || version > LINEAR_VERSION || d < 1 || d > PHI_MAX ||
		!(lambda > 0) || !isfinite(lambda))
		return NULL;
	m = linear_new(d, lambda, NULL);
	m->weight = bytes_f64(&in);
	m->scale = version >= 2 ? bytes_f64(&in) : 1;
	good = isfinite(m->weight) && m->weight >= 0 && m->scale > 0 && m->scale <= 1;
	for (i = 0; i < d; i++)
		ids[i] = bytes_u64(&in);
	good = good && (version < 2 || read_numbers(&in, m->prior, (size_t)d)) &&
	       read_numbers(&in, m->b, (size_t)d) && read_numbers(&in, m->g, triangle(d)) &&
	       bytes_done(&in);
	for (i = 0; version < 2 && i < d; i++)
		m->g[triangle(i) + (size_t)i] -= lambda;
	if (good && is_sum_of_squares(m))
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
	struct linear *out = linear_new(width, lambda, NULL);
	int at[PHI_MAX], i, j, x, y;

	for (i = 0; i < width; i++)
		at[i] = find_id(from, m->d, to[i]);
	for (i = 0; i < width; i++) {
		if (at[i] < 0)
			continue;
		out->prior[i] = m->prior[at[i]];
		out->b[i] = m->b[at[i]];
		for (j = 0; j <= i; j++) {
			x = at[i] > at[j] ? at[i] : at[j];
			y = at[i] > at[j] ? at[j] : at[i];
			if (y >= 0)
				out->g[triangle(i) + (size_t)j] = m->g[triangle(x) + (size_t)y];
		}
	}
	out->weight = m->weight;
	out->scale = m->scale;
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
		return error_set(err, ERR_CORRUPT, "a regression of %zu bytes does not read back",
			bytes.len);
	*out = remap(saved, from, ids, width, lambda);
	linear_free(saved);
	return 0;
}
