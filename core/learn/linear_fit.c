/* linear_fit.c -- solving a regression, and scoring by what came out.
 *
 * With V = L L':  theta = L'^-1 L^-1 (b + lambda prior), width^2 = |L^-1 phi|^2.
 *
 * Every pivot of L squared is at least lambda, since V >= lambda I; a smaller one is
 * rounding, in a V grown beyond all bounds (gamma 1, collinear features, years).  Then a
 * little more is put on the diagonal until it holds. */
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "learn/linear_parts.h"

struct linear_fit {
	atomic_size_t references;
	int d;
	double lambda, condition;
	double theta[PHI_MAX];
	float slope[PHI_PADDED]; /* theta for scoring */
	float *panels;           /* in `room`, on a boundary of 64 bytes */
	float room[];
};

static void copy(const struct linear *m, double jitter, double *v)
{
	size_t k;
	int i;

	for (k = 0; k < triangle(m->d); k++)
		v[k] = m->scale * m->g[k];
	for (i = 0; i < m->d; i++)
		v[triangle(i) + (size_t)i] += m->lambda + jitter;
}

static double condition(const double *l, int d)
{
	double least = INFINITY, most = 0, pivot;
	int i;

	for (i = 0; i < d; i++) {
		pivot = l[triangle(i) + (size_t)i];
		least = fmin(least, pivot);
		most = fmax(most, pivot);
	}
	return most / least * (most / least);
}

/* theta = X' (X (b + lambda prior)), X = L^-1. */
static void solve(const struct linear *m, const double *inverse, double *theta)
{
	double y[PHI_MAX], *at = theta;
	const double *row = inverse;
	int i, j;

	memset(at, 0, (size_t)m->d * sizeof(*at));
	for (i = 0; i < m->d; row += ++i) {
		for (y[i] = 0, j = 0; j <= i; j++)
			y[i] += row[j] * (m->scale * m->b[j] + m->lambda * m->prior[j]);
		for (j = 0; j <= i; j++)
			at[j] += row[j] * y[i];
	}
	for (i = 0; i < m->d; i++)
		theta[i] = finite_or_0(theta[i]);
}

static struct linear_fit *fit_new(int d)
{
	struct linear_fit *fit = xmalloc(sizeof(*fit) + panel_size(d) * sizeof(float) + 64);

	atomic_init(&fit->references, 1);
	fit->d = d;
	fit->panels = (float *)(((uintptr_t)fit->room + 63) & ~(uintptr_t)63);
	return fit;
}

static struct linear_fit *hold(struct linear_fit *fit)
{
	atomic_fetch_add_explicit(&fit->references, 1, memory_order_relaxed);
	return fit;
}

struct linear_fit *linear_fit(struct linear *m)
{
	double work[2][(PHI_MAX * (PHI_MAX + 1)) / 2], jitter = 0;
	struct linear_fit *fit;
	int i;

	if (m->fit)
		return hold(m->fit);
	fit = fit_new(m->d);
	for (;;) {
		copy(m, jitter, work[0]);
		if (kernel_factor(work[0], m->lambda / 2, m->d))
			break;
		jitter = jitter > 0 ? jitter * 100 : m->lambda * 1e-6;
		assert(jitter < 1e200);
	}
	kernel_invert(work[0], work[1], m->d);
	solve(m, work[1], fit->theta);
	panel_fill(fit->panels, work[1], m->d);
	memset(fit->slope, 0, sizeof(fit->slope));
	for (i = 0; i < m->d; i++)
		fit->slope[i] = (float)fit->theta[i];
	fit->lambda = m->lambda;
	fit->condition = condition(work[0], m->d);
	m->fit = fit;
	return hold(fit);
}

void linear_fit_drop(struct linear_fit *fit)
{
	if (fit && atomic_fetch_sub_explicit(&fit->references, 1, memory_order_acq_rel) == 1)
		free(fit);
}

const double *linear_fit_theta(const struct linear_fit *fit)
{
	return fit->theta;
}

double linear_fit_condition(const struct linear_fit *fit)
{
	return fit->condition;
}

void linear_point_add(struct linear_point *p, float value)
{
	float x = (float)feature(value);

	assert(p->width < PHI_MAX);
	p->all[p->width] = x;
	p->at[p->n] = (uint16_t)(PANEL * p->width++);
	p->x[p->n] = x;
	p->n += x != 0;
	p->square += x * x;
}

void linear_point_set(struct linear_point *p, const float *phi, int width)
{
	int i;

	memset(p, 0, sizeof(*p));
	for (i = 0; i < width; i++)
		linear_point_add(p, phi[i]);
}

void linear_score(const struct linear_fit *fit, const struct linear_point *p, double *mean,
	double *width)
{
	double most = p->square / fit->lambda;
	float square;

	assert(p->width == fit->d);
	square = kernel_square(fit->panels, fit->d, p->at, p->x, p->n);
	*mean = finite_or_0((double)kernel_dot(fit->slope, p->all));
	*width = sqrt(square < most ? (double)square : most); /* NaN: the prior's */
}

void linear_score_prior(double lambda, const double *prior, const struct linear_point *p,
	double *mean, double *width)
{
	int i;

	*mean = 0;
	for (i = 0; prior && i < p->width; i++)
		*mean += prior[i] * (double)p->all[i];
	*width = sqrt(p->square / lambda);
}
