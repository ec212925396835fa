/* linear_parts.h -- the inside of a regression, for linear.c that teaches and keeps it and
 * linear_fit.c that solves it. */
#ifndef LEARN_LINEAR_PARTS_H
#define LEARN_LINEAR_PARTS_H

#include <math.h>

#include "learn/kernel.h"
#include "learn/linear.h"

struct linear {
	int d;
	double lambda, weight;
	double scale;           /* G and b are `scale` times what stands here */
	struct linear_fit *fit; /* NULL: something changed since */
	double prior[PHI_MAX];
	double b[PHI_MAX];
	double g[]; /* a triangle */
};

static inline double finite_or_0(double x)
{
	return isfinite(x) ? x : 0;
}

/* A feature's value as we take it. */
static inline double feature(double x)
{
	return x > -1 ? x < 1 ? x : 1 : x <= -1 ? -1 : 0; /* NaN compares false */
}

#endif
