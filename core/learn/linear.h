/* linear.h -- discounted ridge regression, of one bucket of one arm.
 *
 *     V <- g V + phi phi' + (1 - g) lambda I        V starts as lambda I
 *     b <- g b + r phi                              b as 0
 *     theta = V^-1 b,   width(phi) = sqrt(phi' V^-1 phi)
 *
 * The refill (1 - g) lambda I keeps V >= lambda I, so a feature that falls silent
 * goes back to the prior and never past it.  (LinUCB: Li et al. 2010; discounting:
 * Russac, Vernade and Cappe 2019.)  Never an update of the inverse: with g < 1 its
 * variance overflows for a silent feature.
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

/* width 1 .. PHI_MAX; lambda > 0 and finite. */
struct linear *linear_new(int width, double lambda);
void linear_free(struct linear *); /* NULL is fine */

/* One observation: phi[i] and reward in [0, 1], gamma in (0, 1].  What is not finite
 * counts as 0, so that no sum ever becomes NaN. */
void linear_update(struct linear *, const float *phi, double reward, double gamma);
/* The reward of an observation already made turned out `delta` higher. */
void linear_raise(struct linear *, const float *phi, double delta);

/* Observations, discounted as V is. */
double linear_weight(const struct linear *);
int linear_width(const struct linear *);

/* The current fit, factored only if something changed since the last call (d^3 / 6).
 * A reference for the caller to drop. */
struct linear_fit *linear_fit(struct linear *);
struct linear_fit *linear_fit_hold(struct linear_fit *);
void linear_fit_drop(struct linear_fit *); /* NULL is fine */

/* Both finite, width >= 0.  phi has the fit's width.  No allocation; d^2 / 2. */
void linear_score(const struct linear_fit *, const float *phi, double *mean, double *width);
/* The same where nothing was observed: mean 0, width |phi| / sqrt(lambda). */
void linear_score_prior(double lambda, const float *phi, int n, double *mean,
	double *width);

/* Bytes of the state, each feature by the hash of its name (features.h). */
void linear_encode(const struct linear *, const uint64_t *ids, struct buf *);
/* Read it back for the features `ids` of now: those that were there keep all they
 * had (V and b of fewer features are the sub-matrix and sub-vector, exactly), new
 * ones start from the prior.  ERR_CORRUPT for bytes that are not ours: a short or
 * long record, a number not finite, a V that is not positive definite. */
int linear_decode(struct linear **out, const uint64_t *ids, int width, double lambda,
	struct slice bytes, struct error *);
/* As encode and decode in one, without bytes. */
struct linear *linear_remap(const struct linear *, const uint64_t *from,
	const uint64_t *to, int width);

#endif
