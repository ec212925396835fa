/* Levels drawn together: somebody is asked, every arm has its own distribution, and the
 * estimators know it.  By going through all choices: nothing here is left to luck. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "learn/evaluate.h"
#include "learn/joint.h"

#define ARMS   4
#define LEVELS 3

/* Distributions of the levels of each arm. */
typedef double table[ARMS][LEVELS];

static const table tables[] = {
	{ { .5, .3, .2 }, { .9, .02, .08 }, { .4, .1, .5 }, { .99, .005, .005 } },
	{ { 0, .3, .7 }, { .5, .25, .25 }, { 1, 0, 0 }, { .25, .25, .5 } }, /* one is sure */
	{ { .8, .1, .1 }, { .7, .2, .1 }, { .75, .25, 0 }, { .7, 0, .3 } },
	{ { .7499, .2501, 0 }, { .75, 0, .25 }, { .75, .25, 0 },
		{ .75, 0, .25 } },                                            /* just over 1 */
	{ { .5, .5, 0 }, { .75, .15, .1 }, { .9, .1, 0 }, { .85, .05, .1 } }, /* 1 in all */
	{ { .9, .06, .04 }, { .8, .05, .15 }, { .98, .01, .01 }, { .95, .03, .02 } }, /* less */
};
#define TABLES (sizeof(tables) / sizeof(*tables))

static double asked_of(const table t, double asked[ARMS])
{
	double sum = 0;
	int a;

	for (a = 0; a < ARMS; a++)
		sum += asked[a] = 1 - t[a][0];
	return sum;
}

static double solve(const table t)
{
	double asked[ARMS];

	asked_of(t, asked);
	return joint_solve(asked, ARMS);
}

/* The next choice of all LEVELS^ARMS; false after the last. */
static bool next(int level[ARMS])
{
	int a;

	for (a = 0; a < ARMS; a++) {
		if (++level[a] < LEVELS)
			return true;
		level[a] = 0;
	}
	return false;
}

static double probability(const table t, double x, const int level[ARMS])
{
	struct joint j = joint_begin(x);
	int a;

	for (a = 0; a < ARMS; a++)
		joint_add(&j, level[a], t[a][level[a]], t[a][0]);
	return joint_probability(&j);
}

/* The same as it comes out of drawing one arm after the other. */
static double drawn(const table t, double x, const int level[ARMS])
{
	double asked[ARMS], rest[ARMS + 1], p = 1, scale;
	bool any = false;
	int a;

	asked_of(t, asked);
	joint_rest(x, asked, ARMS, rest);
	for (a = 0; a < ARMS && p > 0; a++) {
		scale = any ? x : 1 / rest[a];
		if (level[a])
			p *= scale * t[a][level[a]];
		else
			p *= asked[a] > 0 ? fmax(0, 1 - scale * asked[a]) : 1;
		any = any || level[a];
	}
	return p;
}

TEST(each_level_keeps_its_probability_and_somebody_is_asked)
{
	double marginal[ARMS][LEVELS], pair, sum, asked[ARMS], x, none, p;
	int level[ARMS], a, l;
	size_t i;

	for (i = 0; i < TABLES; i++) {
		x = solve(tables[i]);
		none = fmax(0, 1 - asked_of(tables[i], asked));
		CHECK(x >= 0 && x <= 1);
		memset(marginal, 0, sizeof(marginal));
		memset(level, 0, sizeof(level));
		sum = pair = 0;
		do {
			p = probability(tables[i], x, level);
			CHECK_NEAR(drawn(tables[i], x, level), p, 1e-12);
			CHECK(p >= 0);
			sum += p;
			for (a = 0; a < ARMS; a++)
				marginal[a][level[a]] += p;
			pair += level[0] == 1 && level[3] == 2 ? p : 0;
			if (!level[0] && !level[1] && !level[2] && !level[3])
				CHECK_NEAR(p, none, 1e-12);
		} while (next(level));
		CHECK_NEAR(sum, 1, 1e-12);
		for (a = 0; a < ARMS; a++)
			for (l = 0; l < LEVELS; l++)
				CHECK_NEAR(marginal[a][l], tables[i][a][l], 1e-12);
		CHECK_NEAR(pair, x * tables[i][0][1] * tables[i][3][2], 1e-12);
	}
	CHECK(solve(tables[1]) == 1 && solve(tables[4]) < 1e-9 && solve(tables[5]) == 0);
	CHECK(solve(tables[0]) > 0.5 && solve(tables[3]) > 0 && solve(tables[3]) < 0.001);
}

TEST(the_root_is_found_whatever_the_shares)
{
	double asked[64], left, x;
	struct rng rng;
	int round, n, a;

	rng_init(&rng, 3);
	for (round = 0; round < 20000; round++) {
		n = 1 + (int)rng_below(&rng, 64);
		for (a = 0; a < n; a++)
			asked[a] = pow(rng_double(&rng), round % 5 * 3);
		x = joint_solve(asked, n);
		CHECK(x >= 0 && x <= 1);
		for (left = 1, a = 0; a < n; a++)
			left *= 1 - x * asked[a];
		if (x > 0 && x < 1)
			CHECK_NEAR((1 - left) / x, 1, 1e-9);
		CHECK(x < 1 || left < 1e-12);
	}
}

/* What a choice earns: each arm its own, and if `more` something for company. */
static double earns(const int level[ARMS], bool more, double reward[ARMS][LEVELS - 1])
{
	static const double of[ARMS][LEVELS - 1] = { { .3, .1 }, { .5, 0 }, { .2, .25 },
		{ .9, .4 } };
	double sum = 0;
	int a, j;

	memset(reward, 0, sizeof(double) * ARMS * (LEVELS - 1));
	for (a = 0; a < ARMS; a++)
		for (j = 0; j < level[a]; j++)
			sum += reward[a][j] = of[a][j];
	return sum + (more && level[0] && level[2] ? 0.7 : 0);
}

/* Means of the estimators' terms over all that could be logged. */
static void expect(const table logged, const table judged, bool more, struct evaluate_sample *mean,
	double *truth)
{
	static const double believed[LEVELS - 1] = { .4, .1 };
	const struct evaluate_joint joint = { solve(logged), solve(judged), 1 };
	double reward[ARMS][LEVELS - 1], p, sum;
	struct evaluate_arm arms[ARMS];
	struct evaluate_sample s;
	int level[ARMS] = { 0 }, a;

	memset(mean, 0, sizeof(*mean));
	*truth = 0;
	do {
		sum = earns(level, more, reward);
		*truth += probability(judged, joint.judged, level) * sum;
		p = probability(logged, joint.logged, level);
		if (p == 0)
			continue;
		for (a = 0; a < ARMS; a++)
			arms[a] = (struct evaluate_arm){ LEVELS, level[a], logged[a], judged[a],
				reward[a], believed, logged[a] };
		evaluate_arms(&s, arms, ARMS, &joint, sum);
		mean->weight += p * s.weight;
		mean->reward += p * s.weight * s.reward;                                 /* ips */
		mean->expected += p * (s.expected + s.weight * (s.reward - s.believed)); /* dr */
		mean->slate += p * s.slate * s.reward;
		mean->cascade += p * s.cascade;
		mean->reach = s.reach;
	} while (next(level));
}

/* Whatever the judged one does could be logged. */
static bool reaches(const table logged, const table judged)
{
	int a, l;

	for (a = 0; a < ARMS; a++)
		for (l = 0; l < LEVELS; l++)
			if (judged[a][l] > 0 && logged[a][l] == 0)
				return false;
	return solve(logged) > 0 && solve(judged) > 0;
}

TEST(estimators_are_right_in_the_mean_however_levels_are_drawn_together)
{
	struct evaluate_sample mean;
	int pairs = 0;
	double truth;
	size_t i, k;

	for (i = 0; i < TABLES; i++)
		for (k = 0; k < TABLES; k++) {
			if (!reaches(tables[i], tables[k]))
				continue;
			pairs += i != k;
			expect(tables[i], tables[k], true, &mean, &truth);
			CHECK_NEAR(mean.weight, 1, 1e-9);
			CHECK_NEAR(mean.reward, truth, 1e-9);
			CHECK_NEAR(mean.expected, truth, 1e-9);
			expect(tables[i], tables[k], false, &mean, &truth);
			CHECK_NEAR(mean.slate, truth, 1e-9);
			CHECK_NEAR(mean.cascade, truth, 1e-9);
		}
	CHECK(pairs >= 4);
	/* from what asks one arm at a time pairs cannot be judged, but sums can */
	for (k = 0; k < TABLES; k++) {
		expect(tables[5], tables[k], false, &mean, &truth);
		CHECK_NEAR(mean.slate, truth, 1e-9);
		CHECK_NEAR(mean.cascade, truth, 1e-9);
		CHECK_NEAR(mean.weight, mean.reach, 1e-9);
		if (k == 0 || k == 2)
			CHECK(mean.reach < 0.99 && mean.reward < truth - 0.01);
	}
}

TEST(records_of_independent_draws_are_judged_as_they_were_drawn)
{
	static const double logged[2] = { .6, .4 }, judged[2] = { .3, .7 }, no[1] = { 0 };
	const struct evaluate_joint joint = { 1, 1, 1 };
	struct evaluate_arm arms[2];
	struct evaluate_sample s;
	int a;

	for (a = 0; a < 2; a++)
		arms[a] = (struct evaluate_arm){ 2, 0, logged, judged, no, no, logged };
	evaluate_arms(&s, arms, 2, &joint, 0);
	CHECK_NEAR(s.weight, .25, 1e-12); /* nobody was asked, and that has a weight */
	CHECK_NEAR(s.slate, 1 - .5 - .5, 1e-12);
	arms[1].level = 1;
	evaluate_arms(&s, arms, 2, &joint, 1);
	CHECK_NEAR(s.weight, .5 * 1.75, 1e-12);
	CHECK_NEAR(s.slate, .5 + 1.75 - 1, 1e-12);
}
