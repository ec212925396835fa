/* policy_parts.h -- what the built-in policies share. */
#ifndef LEARN_POLICY_PARTS_H
#define LEARN_POLICY_PARTS_H

#include "learn/policy.h"

/* Candidates arm a draws at level l. */
static inline double arm_cost(const struct policy_request *r, int a, int l)
{
	return levels_depth(r->levels, l, r->arms[a].limit);
}

/* By arm and level: what an arm is worth when asked so deep, say.  [..][0] is 0. */
typedef double policy_table[ARMS_MAX][LEVELS_MAX];

/* (mean + alpha spread) of each bucket, clipped to [0, 1], times its novelty, summed up to
 * each level. */
void policy_value(const struct policy_request *, const struct choice *, double alpha, policy_table);

/* Fills every arm's `novel`; mean and spread are there. */
void policy_novelty(const struct learnt *, const struct policy_request *, struct choice *);

/* Expected spending, and how levels are drawn together; changes shares only where nobody
 * might be asked. */
void policy_ask_somebody(const struct policy_request *, struct choice *);

/* How one arm answers the utilities u[0 .. cap], cap > 0, of its levels: writes dist,
 * with min <= 1 - dist[0] <= max.  A distribution that maximises its expected utility
 * plus a concave term of its own, so that no cost grows when its price does.  Returns
 * the expected cost and adds to *slope how fast it falls with the price. */
typedef double policy_answer(const double *u, const double *cost, int cap, double sharpness,
	const double share[2], double *dist, double *slope);

/* The term is the entropy over `sharpness`: dist is exp(sharpness u), scaled. */
policy_answer policy_softmax;
/* It is the sum of log dist over `sharpness`: inverse gap weighting. */
policy_answer policy_barrier;

/* What is left of an arm's bounds for the rest of a mixture with `epsilon` of q, which is
 * put within what the bounds can bear.  q NULL: the bounds themselves. */
void policy_share(const struct policy_arm *, double epsilon, double *q, int cap, double share[2]);

/* dist = (1 - epsilon) answer(value - prices * costs) + epsilon q for every arm, where q
 * may be NULL for epsilon 0; at the prices at which the budgets are met, or nearest. */
void policy_price(const struct policy_request *, struct choice *, policy_table value,
	policy_answer *, double sharpness, double epsilon, policy_table q);

/* Scale the levels above 0 so that their sum is within [min, max]; where they have no
 * mass, level 1 gets it.  Needs cap > 0. */
void policy_bound(double *dist, int cap, double min, double max);

/* Mix with the cheapest choice there is as far as the time budget asks for. */
void policy_hurry(const struct policy_request *, struct choice *);

#endif
