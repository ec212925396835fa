/* policy_simple.c -- what learns nothing: what the others are compared with.
 *
 * uniform  softmax without values: of all distributions that meet the budget the one
 *          of greatest entropy.
 * fixed    every arm the same depth (water filling: what an arm's limit leaves over
 *          goes to the others), reached by mixing the two levels around it. */
#include <math.h>
#include <string.h>

#include "learn/policy_parts.h"

static void spread_uniform(const struct policy_request *r, struct choice *c)
{
	policy_table value;

	memset(value, 0, sizeof(value));
	policy_price(r, c, value, policy_softmax, 1, 0, NULL);
}

const struct policy policy_uniform = {
	.name = "uniform",
	.about = "the most even choice that meets the budget; learns nothing",
	.spread = spread_uniform,
};

/* Arm a's part if everybody gets `share` candidates: between what its bounds of being
 * asked at all make of its first and of its deepest level. */
static double part(const struct policy_request *r, const struct choice *c, int a, double share)
{
	int cap = c->arm[a].cap;

	if (cap == 0)
		return 0;
	return fmin(fmax(share, r->arms[a].min * arm_cost(r, a, 1)),
		r->arms[a].max * arm_cost(r, a, cap));
}

/* The share whose parts sum to the budget. */
static double equal_share(const struct policy_request *r, const struct choice *c)
{
	double low = 0, high = DEPTH_MAX, share, sum;
	int a, i;

	for (i = 0; i < 64; i++) {
		share = (low + high) / 2;
		for (sum = 0, a = 0; a < r->count; a++)
			sum += part(r, c, a, share);
		if (sum > r->budget)
			high = share;
		else
			low = share;
	}
	return low;
}

/* `want` candidates in expectation: asked as often as may be, or on the first level. */
static void spend(const struct policy_request *r, int a, double want, struct choice_arm *arm)
{
	double first = arm_cost(r, a, 1), max = r->arms[a].max, depth, below, above, mix;
	int l;

	if (want <= max * first) {
		arm->dist[1] = want / first;
		arm->dist[0] = 1 - arm->dist[1];
		return;
	}
	depth = want / max;
	for (l = 1; l < arm->cap && arm_cost(r, a, l + 1) <= depth; l++)
		;
	below = arm_cost(r, a, l);
	above = l < arm->cap ? arm_cost(r, a, l + 1) : below + 1;
	mix = l < arm->cap ? (depth - below) / (above - below) : 0;
	arm->dist[0] = 1 - max;
	arm->dist[l] = (1 - mix) * max;
	if (mix > 0)
		arm->dist[l + 1] = mix * max;
}

static void spread_fixed(const struct policy_request *r, struct choice *c)
{
	double share = equal_share(r, c);
	int a;

	for (a = 0; a < r->count; a++) {
		if (c->arm[a].cap == 0)
			c->arm[a].dist[0] = 1;
		else
			spend(r, a, part(r, c, a, share), &c->arm[a]);
	}
	policy_hurry(r, c);
}

const struct policy policy_fixed = {
	.name = "fixed",
	.about = "equal shares of the budget; learns nothing",
	.spread = spread_fixed,
};
