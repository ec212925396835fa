/* policy_simple.c -- what the priced policy is compared with.
 *
 * uniform  softmax without values: of all distributions that meet the budget the one
 *          of greatest entropy.
 * fixed    every arm the same depth (water filling: what an arm's limit leaves over
 *          goes to the others), reached by mixing the two levels around it.
 * epsilon  the best levels by the means.  Spending falls in steps as the price rises,
 *          so at the critical price the two neighbouring solutions are mixed; the rest,
 *          epsilon, is uniform.  All three meet the budget in expectation. */
#include <math.h>
#include <string.h>

#include "learn/policy_parts.h"

static void spread_uniform(const struct policy_request *r, struct choice *c)
{
	policy_values value;

	memset(value, 0, sizeof(value));
	policy_softmax(r, c, value, 1, 0, NULL);
}

const struct policy policy_uniform = {
	.name = "uniform",
	.about = "the most even choice that meets the budget; learns nothing",
	.spread = spread_uniform,
};

/* The most arm a can cost. */
static double arm_most(const struct policy_request *r, const struct choice *c, int a)
{
	return arm_cost(r, a, c->arm[a].cap);
}

/* The depth that, cut to what each arm can bring, sums to the budget. */
static double equal_share(const struct policy_request *r, const struct choice *c)
{
	double low = 0, high = DEPTH_MAX, share, sum;
	int a, i;

	for (i = 0; i < 64; i++) {
		share = (low + high) / 2;
		for (sum = 0, a = 0; a < r->count; a++)
			sum += fmin(share, arm_most(r, c, a));
		if (sum > r->budget)
			high = share;
		else
			low = share;
	}
	return low;
}

static void spread_fixed(const struct policy_request *r, struct choice *c)
{
	double share = equal_share(r, c), want, above, below, mix;
	int a, l;

	for (a = 0; a < r->count; a++) {
		want = fmin(share, arm_most(r, c, a));
		for (l = 0; l < c->arm[a].cap && arm_cost(r, a, l + 1) <= want; l++)
			;
		mix = 0;
		if (l < c->arm[a].cap) {
			below = arm_cost(r, a, l);
			above = arm_cost(r, a, l + 1);
			mix = (want - below) / (above - below);
			c->arm[a].dist[l + 1] = mix;
		}
		c->arm[a].dist[l] = 1 - mix;
	}
}

const struct policy policy_fixed = {
	.name = "fixed",
	.about = "equal shares of the budget; learns nothing",
	.spread = spread_fixed,
};

/* The best level of every arm at a price, the lower of equals; what all spend. */
static double best_levels(const struct policy_request *r, const struct choice *c,
	policy_values value, double price, uint8_t *best)
{
	double u, most, spent = 0;
	int a, l;

	for (a = 0; a < r->count; a++) {
		for (best[a] = 0, most = 0, l = 1; l <= c->arm[a].cap; l++) {
			u = value[a][l] - price * arm_cost(r, a, l);
			if (u > most) {
				most = u;
				best[a] = (uint8_t)l;
			}
		}
		spent += arm_cost(r, a, best[a]);
	}
	return spent;
}

/* dist = the mixture of the solutions on the two sides of the critical price. */
static double greedy(const struct policy_request *r, struct choice *c, policy_values value)
{
	double high = LEVELS_MAX + 1, low = -high, price, spent_low, spent_high, mix;
	uint8_t rich[ARMS_MAX], poor[ARMS_MAX], best[ARMS_MAX];
	int a, i;

	spent_low = best_levels(r, c, value, low, rich);
	spent_high = best_levels(r, c, value, high, poor);
	for (i = 0; i < 60 && spent_low > r->budget; i++) {
		price = low + (high - low) / 2;
		mix = best_levels(r, c, value, price, best);
		if (mix > r->budget) {
			low = price;
			spent_low = mix;
			memcpy(rich, best, sizeof(rich));
		} else {
			high = price;
			spent_high = mix;
			memcpy(poor, best, sizeof(poor));
		}
	}
	mix = 1; /* of the rich solution: all of it where even that is within the budget */
	if (spent_low > r->budget)
		mix = (r->budget - spent_high) / (spent_low - spent_high);
	for (a = 0; a < r->count; a++) {
		c->arm[a].dist[rich[a]] += mix;
		c->arm[a].dist[poor[a]] += 1 - mix;
	}
	return high;
}

static void spread_epsilon(const struct policy_request *r, struct choice *c)
{
	double epsilon = r->options->epsilon;
	policy_values value, uniform;
	int a, l;

	spread_uniform(r, c);
	for (a = 0; a < r->count; a++) {
		memcpy(uniform[a], c->arm[a].dist, sizeof(uniform[a]));
		memset(c->arm[a].dist, 0, sizeof(c->arm[a].dist));
	}
	policy_value(r, c, 0, value);
	c->price = greedy(r, c, value);
	for (a = 0; a < r->count; a++)
		for (l = 0; l <= c->arm[a].cap; l++)
			c->arm[a].dist[l] = (1 - epsilon) * c->arm[a].dist[l] +
					    epsilon * uniform[a][l];
}

const struct policy policy_epsilon = {
	.name = "epsilon",
	.about = "the best by the means so far; with probability epsilon, uniform",
	.spread = spread_epsilon,
};
