/* policy_parts.h -- what the built-in policies share. */
#ifndef LEARN_POLICY_PARTS_H
#define LEARN_POLICY_PARTS_H

#include "learn/policy.h"

/* Candidates arm a draws at level l. */
static inline double arm_cost(const struct policy_request *r, int a, int l)
{
	return levels_depth(r->levels, l, r->arms[a].limit);
}

/* What arm a's buckets up to a level are worth, by arm and level; [..][0] is 0. */
typedef double policy_values[ARMS_MAX][LEVELS_MAX];

/* mean + alpha spread of each bucket, clipped to [0, 1], summed. */
void policy_value(const struct policy_request *, const struct choice *, double alpha,
	policy_values);

/* p_a(l) = (1 - epsilon) softmax_l(beta (value - price cost)) + epsilon q_a(l), where
 * q may be NULL for epsilon 0.  The price at which the expected candidates equal the
 * budget, or the nearest they come.  Writes every dist; returns the price. */
double policy_softmax(const struct policy_request *, struct choice *, policy_values value,
	double beta, double epsilon, policy_values q);

#endif
