/* policy_greedy.c -- the policies that go for the best.
 *
 * epsilon  the best levels by the means; with probability epsilon, uniform
 * linucb   the best levels by mean + alpha spread (Li et al. 2010)
 * lints    the best levels by values drawn from N(mean, (alpha spread)^2) (Agrawal and
 *          Goyal 2013).  The probability that a level is best has no closed form here,
 *          so DRAWS fixed points of the normal distribution stand for it: the policy
 *          is "one of these, each as likely", and that is what is logged.
 *
 * Spending falls in steps as the price rises, so at the critical price the solutions on
 * its two sides are mixed: the budget is met in expectation.  linucb is otherwise
 * deterministic: a log of it says little about other policies. */
#include <math.h>
#include <string.h>

#include "learn/policy_parts.h"

#define DRAWS       32
#define STEPS       50
#define POINTS_SEED 1

/* What the buckets up to each level are worth, once for each drawn value. */
struct stakes {
	int draws;
	double share[ARMS_MAX][2]; /* bounds */
	float value[DRAWS][ARMS_MAX][LEVELS_MAX];
};

/* An arm's best levels at a price, over the draws: the lower of equals. */
static double best_levels(const struct policy_request *r, const struct stakes *s, double price,
	int a, int cap, double *dist)
{
	double idle[LEVELS_MAX] = { 0 }, cost[LEVELS_MAX], u, most, asked = 0, one;
	double min = s->share[a][0], spent = 0;
	int k, l, best;

	for (l = 0; l <= cap; l++) {
		dist[l] = 0;
		cost[l] = arm_cost(r, a, l);
	}
	one = 1.0 / s->draws;
	for (k = 0; k < s->draws; k++) {
		most = s->value[k][a][1] - price * cost[1];
		for (best = 1, l = 2; l <= cap; l++) {
			u = s->value[k][a][l] - price * cost[l];
			if (u > most) {
				most = u;
				best = l;
			}
		}
		if (most > 0) {
			dist[best] += one;
			asked += one;
		} else {
			idle[best] += one;
		}
	}
	/* a minimum is met by those who would rather not, at their least bad level */
	for (l = 1; l <= cap && asked < min; l++)
		dist[l] += idle[l] * (min - asked) / (1 - asked);
	dist[0] = 1 - fmax(asked, min);
	policy_bound(dist, cap, min, s->share[a][1]);
	for (l = 1; l <= cap; l++)
		spent += dist[l] * cost[l];
	return spent;
}

static double all_best(const struct policy_request *r, const struct choice *c,
	const struct stakes *s, double price, policy_table dist)
{
	double spent = 0;
	int a;

	for (a = 0; a < r->count; a++) {
		if (c->arm[a].cap > 0)
			spent += best_levels(r, s, price, a, c->arm[a].cap, dist[a]);
		else
			dist[a][0] = 1;
	}
	return spent;
}

/* dist = the mixture of the solutions on the two sides of the critical price. */
static void greedy(const struct policy_request *r, struct choice *c, const struct stakes *s)
{
	double high = LEVELS_MAX + 1, low = -high, price, spent_rich, spent_poor, spent, mix;
	policy_table rich, poor, at;
	int a, l, i;

	spent_rich = all_best(r, c, s, low, rich);
	spent_poor = all_best(r, c, s, high, poor);
	for (i = 0; i < STEPS && spent_rich > r->budget && spent_poor < spent_rich; i++) {
		price = low + (high - low) / 2;
		spent = all_best(r, c, s, price, at);
		if (spent > r->budget) {
			low = price;
			spent_rich = spent;
			memcpy(rich, at, sizeof(rich));
		} else {
			high = price;
			spent_poor = spent;
			memcpy(poor, at, sizeof(poor));
		}
	}
	mix = 1; /* of the rich solution: all of it where even that is within the budget */
	if (spent_rich > r->budget)
		mix = spent_rich > spent_poor
			      ? fmax(0, (r->budget - spent_poor) / (spent_rich - spent_poor))
			      : 0;
	for (a = 0; a < r->count; a++)
		for (l = 0; l <= c->arm[a].cap; l++)
			c->arm[a].dist[l] = mix * rich[a][l] + (1 - mix) * poor[a][l];
	c->price = high;
	policy_hurry(r, c);
}

/* One value a level, mean + alpha spread; bounds as a mixture with q leaves them. */
static void greedy_by(const struct policy_request *r, struct choice *c, double alpha,
	double epsilon, policy_table q)
{
	struct stakes s;
	policy_table value;
	int a, l;

	policy_value(r, c, alpha, value);
	s.draws = 1;
	for (a = 0; a < r->count; a++) {
		policy_share(&r->arms[a], epsilon, q ? q[a] : NULL, c->arm[a].cap, s.share[a]);
		for (l = 0; l <= c->arm[a].cap; l++)
			s.value[0][a][l] = (float)value[a][l];
	}
	greedy(r, c, &s);
}

/* Uniform without the bounds of shares, which the mixture keeps. */
static void spread_evenly(const struct policy_request *r, struct choice *c, policy_table even)
{
	struct policy_arm arms[ARMS_MAX];
	struct policy_request free = *r;
	int a;

	free.arms = arms;
	for (a = 0; a < r->count; a++) {
		arms[a] = r->arms[a];
		arms[a].min = 0;
		arms[a].max = 1;
	}
	policy_uniform.spread(&free, c);
	for (a = 0; a < r->count; a++)
		memcpy(even[a], c->arm[a].dist, sizeof(even[a]));
}

static void spread_epsilon(const struct policy_request *r, struct choice *c)
{
	double epsilon = r->options->epsilon;
	policy_table even;
	int a, l;

	spread_evenly(r, c, even);
	greedy_by(r, c, 0, epsilon, even);
	c->price_us = 0;
	for (a = 0; a < r->count; a++)
		for (l = 0; l <= c->arm[a].cap; l++)
			c->arm[a].dist[l] =
				(1 - epsilon) * c->arm[a].dist[l] + epsilon * even[a][l];
}

const struct policy policy_epsilon = {
	.name = "epsilon",
	.about = "the best by the means so far; with probability epsilon, uniform",
	.spread = spread_epsilon,
};

static void spread_linucb(const struct policy_request *r, struct choice *c)
{
	greedy_by(r, c, r->options->alpha, 0, NULL);
}

const struct policy policy_linucb = {
	.name = "linucb",
	.about = "the best by optimistic values; nearly deterministic",
	.spread = spread_linucb,
};

/* Points of the normal distribution in as many dimensions as there are buckets, in
 * pairs x and -x: their mean is exactly 0. */
static void normal_points(float z[DRAWS][BUCKETS_MAX])
{
	struct rng rng;
	int k, j;

	rng_init(&rng, POINTS_SEED);
	for (k = 0; k < DRAWS; k += 2)
		for (j = 0; j < BUCKETS_MAX; j++) {
			z[k][j] = (float)rng_normal(&rng);
			z[k + 1][j] = -z[k][j];
		}
}

static void spread_lints(const struct policy_request *r, struct choice *c)
{
	float z[DRAWS][BUCKETS_MAX], v, alpha = (float)r->options->alpha;
	struct stakes s;
	int a, j, k;

	normal_points(z);
	s.draws = DRAWS;
	for (a = 0; a < r->count; a++)
		policy_share(&r->arms[a], 0, NULL, c->arm[a].cap, s.share[a]);
	for (k = 0; k < DRAWS; k++)
		for (a = 0; a < r->count; a++) {
			s.value[k][a][0] = 0;
			for (j = 0; j < c->arm[a].cap; j++) {
				v = c->arm[a].mean[j] + alpha * c->arm[a].spread[j] * z[k][j];
				s.value[k][a][j + 1] =
					s.value[k][a][j] +
					(v > 0 ? v < 1 ? v : 1 : 0) * c->arm[a].novel[j];
			}
		}
	greedy(r, c, &s);
}

const struct policy policy_lints = {
	.name = "lints",
	.about = "Thompson sampling: the best by values drawn from the posterior",
	.spread = spread_lints,
};
