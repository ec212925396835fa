/* linear.h -- discounted ridge regression, of one bucket of one arm.
 *
 *     G <- g G + phi phi'      V = lambda I + G
 *     b <- g b + r phi         theta = V^-1 (b + lambda prior)
 *                              width(phi) = sqrt(phi' V^-1 phi)
 *
 * V >= lambda I at all times, so a feature that falls silent goes back to the prior and
 * never past it.  (LinUCB: Li et al. 2010; discounting: Russac, Vernade and Cappe 2019.)
 * Never an update of the inverse: with g < 1 its variance overflows for a silent
 * feature.
 *
 * struct linear is the learner's, one thread.  struct linear_fit is what a search
 * reads: immutable, reference counted, any thread. */
#ifndef LEARN_LINEAR_H
#define LEARN_LINEAR_H

#include "base/buf.h"
#include "base/error.h"
#include "limits.h"

struct linear;
struct linear_fit;

/* width 1 .. PHI_MAX; lambda > 0 and finite.  `prior` is what theta is where nothing was
 * observed, finite; NULL: 0. */
struct linear *linear_new(int width, double lambda, const double *prior);
void linear_free(struct linear *); /* NULL is fine */

/* One observation: reward in [0, 1], gamma in (0, 1].  phi[i] is clipped to [-1, 1], what
 * is no number counts as 0, so that no sum ever becomes NaN.  d^2 / 2 at the most;
 * features that are 0 cost nothing. */
void linear_update(struct linear *, const float *phi, double reward, double gamma);
/* The reward of an observation already made turned out `delta` higher. */
void linear_raise(struct linear *, const float *phi, double delta);

/* Observations, discounted as G is. */
double linear_weight(const struct linear *);
int linear_width(const struct linear *);

/* The current fit, factored only if something changed since the last call (d^3 / 3).
 * A reference for the caller to drop. */
struct linear_fit *linear_fit(struct linear *);
void linear_fit_drop(struct linear_fit *); /* NULL is fine */

/* theta, of the fit's width. */
const double *linear_fit_theta(const struct linear_fit *);
/* The squared ratio of the largest to the smallest pivot: never above the condition
 * number of V, and of its size.  Above 1e12 the last features are rounding. */
double linear_fit_condition(const struct linear_fit *);

/* A phi made ready to be scored by many fits. */
struct linear_point {
	int width, n;
	float square;         /* |phi|^2 */
	uint16_t at[PHI_MAX]; /* places that are not 0, as kernel.h counts them */
	float x[PHI_MAX];
	float all[PHI_MAX + 7]; /* all of them, then zeros */
};
void linear_point_set(struct linear_point *, const float *phi, int width);
void linear_point_add(struct linear_point *, float x); /* one place wider, by x */

/* Both finite, 0 <= width <= |phi| / sqrt(lambda).  The point has the fit's width.  No
 * allocation; d^2 / 2. */
void linear_score(const struct linear_fit *, const struct linear_point *, double *mean,
	double *width);
/* The same where nothing was observed; `prior` NULL: 0. */
void linear_score_prior(double lambda, const double *prior, const struct linear_point *,
	double *mean, double *width);

/* Bytes of the state, each feature by the hash of its name (features.h). */
void linear_encode(const struct linear *, const uint64_t *ids, struct buf *);
/* Read it back for the features `ids` of now: those that were there keep all they
 * had (G and b of fewer features are the sub-matrix and sub-vector, exactly), new
 * ones start from a prior of 0.  ERR_CORRUPT for bytes that are not ours: a short or
 * long record, a number not finite, a G that cannot be a sum of squares. */
int linear_decode(struct linear **out, const uint64_t *ids, int width, double lambda,
	struct slice bytes, struct error *);
/* As encode and decode in one, without bytes. */
struct linear *linear_remap(const struct linear *, const uint64_t *from, const uint64_t *to,
	int width);

#endif
