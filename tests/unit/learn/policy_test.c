#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "learn/joint.h"
#include "learn/kernel.h"
#include "learn/model.h"
#include "learn/policy_parts.h"

#define ARMS  8
#define DRAWS 1000000

/* A model that has seen some of the arms do well in some of their buckets, and a
 * request with caps, an unknown arm and one that may not be asked. */
struct scene {
	struct feature_set *features;
	struct model *model;
	struct snapshot *snapshot;
	struct levels levels;
	struct policy_options options;
	struct policy_arm arms[ARMS];
	float phi[FEATURES_MAX];
	struct policy_request request;
};

static const char *const names[ARMS] = { "a", "b", "c", "d", "e", "f", "g", "h" };

/* What an arm takes: some are slow to start, some slow to go on. */
static double us(int a, int depth)
{
	return depth ? (a % 3 ? 50 : 400) + (a % 2 ? 2 : 20) * depth : 0;
}

/* One decision in which arm `a` was asked at `level` and bucket j earned 1 or not. */
static void teach(struct scene *s, uint64_t id, int a, int level, int j)
{
	struct decision_arm arm = { .name = slice_str(names[a]), .level = (uint8_t)level };
	struct decision_candidate candidate = { entity_hash(SLICE_LIT("e")),
		(uint16_t)(j < 0 ? 1 : s->levels.depth[j] + 1) };
	struct decision d = { .id = id,
		.at_ms = 1,
		.features = s->request.features,
		.width = s->request.width,
		.phi = s->phi,
		.levels = s->levels,
		.arms = 1,
		.arm = &arm };
	struct outcome_event event = { SLICE_LIT("purchase"), 1, 1 };
	struct ladder *ladder = ladder_default();
	struct arena *arena = arena_new();
	struct outcome o;
	struct error err = { 0 };

	arm.candidates = &candidate;
	arm.drawn = j >= 0;
	arm.took_us = (uint32_t)us(a, s->levels.depth[level]);
	model_count(s->model, &d);
	outcome_init(&o, &d);
	if (j >= 0)
		CHECK_OK(model_apply(s->model, &d, &o, ladder, arena, SLICE_LIT("e"), &event, NULL,
				 &err),
			err);
	model_close(s->model, &d, &o);
	arena_free(arena);
	ladder_free(ladder);
}

static struct scene *scene_new(void)
{
	static const struct feature_spec specs[2] = { { .name = "x", .kind = FEATURE_FLAG },
		{ .name = "y", .kind = FEATURE_FLAG } };
	struct scene *s = calloc(1, sizeof(*s));
	struct model_options options = MODEL_OPTIONS_DEFAULT;
	struct error err = { 0 };
	int a, t;

	s->levels = options.levels;
	CHECK_OK(feature_set_new(&s->features, specs, 2, &err), err);
	CHECK_OK(model_new(&s->model, &options, s->features, &err), err);
	policy_options_default(&s->options, &s->levels);
	s->phi[0] = s->phi[1] = 1;
	s->request = (struct policy_request){ &s->levels, &s->options, s->phi,
		feature_set_width(s->features), feature_set_hash(s->features), s->arms, ARMS, 60, 0,
		s->features };
	for (a = 0; a < 6; a++)
		for (t = 0; t < 40; t++)
			teach(s, (uint64_t)(a * 100 + t), a, 1 + t % 6,
				t % (a + 2) == 0 ? t % (1 + t % 6) : -1);
	s->snapshot = model_publish(s->model);
	for (a = 0; a < ARMS; a++) {
		s->arms[a].learnt = learnt_find(snapshot_object(s->snapshot), slice_str(names[a]));
		s->arms[a].limit = DEPTH_MAX;
		s->arms[a].max = 1;
		s->arms[a].action[0] = (float)a / ARMS;
	}
	s->arms[2].limit = 12;
	s->arms[3].limit = 0;
	s->arms[4].limit = 3;
	return s;
}

static void scene_free(struct scene *s)
{
	snapshot_drop(s->snapshot);
	model_free(s->model);
	feature_set_free(s->features);
	free(s);
}

static void spread(struct scene *s, const struct policy *policy, struct choice *c)
{
	policy_spread(policy, snapshot_object(s->snapshot), &s->request, c);
}

/* Passed by luck but once in 100,000 (Wilson and Hilferty 1931). */
static bool likely(double chi, int freedom)
{
	double f = freedom;

	return freedom == 0 || chi < f * pow(1 - 2 / (9 * f) + 4.27 * sqrt(2 / (9 * f)), 3);
}

/* Some arms with bounds, and a budget of time that is felt. */
static void restrain(struct scene *s)
{
	s->arms[0].max = 0.3f;
	s->arms[1].min = 0.4f;
	s->arms[4].min = s->arms[4].max = 0.5f;
	s->arms[6].max = 0;
	s->arms[7].min = 0.05f;
	s->arms[7].max = 0.1f;
	s->request.budget_us = 1500;
}

/* Which arms are asked together, as often as joint.h says. */
static void check_company(const struct choice *c, const int *together)
{
	double chi = 0, few = 0, expected;
	int mask, a, freedom = -1, seen_few = 0;
	struct joint j;

	for (mask = 0; mask < 1 << ARMS; mask++) {
		j = joint_begin(c->together);
		for (a = 0; a < ARMS; a++)
			joint_add(&j, mask >> a & 1, 1 - c->arm[a].dist[0], c->arm[a].dist[0]);
		expected = DRAWS * joint_probability(&j);
		if (expected < 1e-9)
			CHECK_INT(together[mask], 0);
		if (expected < 5) {
			few += expected;
			seen_few += together[mask];
			continue;
		}
		chi += pow(together[mask] - expected, 2) / expected;
		freedom++;
	}
	if (few >= 5) {
		chi += pow(seen_few - few, 2) / few;
		freedom++;
	}
	CHECK(likely(chi, freedom < 0 ? 0 : freedom));
}

static void check_frequencies(struct scene *s, const struct policy *policy, struct rng *rng)
{
	static int seen[ARMS][LEVELS_MAX], together[1 << ARMS];
	int t, a, l, freedom, mask;
	double chi, expected;
	struct choice c;

	memset(seen, 0, sizeof(seen));
	memset(together, 0, sizeof(together));
	spread(s, policy, &c);
	for (t = 0; t < DRAWS; t++) {
		policy_draw(&s->request, rng, &c);
		for (mask = a = 0; a < ARMS; a++) {
			seen[a][c.arm[a].level]++;
			mask |= (c.arm[a].level > 0) << a;
			CHECK(c.arm[a].p == c.arm[a].dist[c.arm[a].level] && c.arm[a].p > 0);
		}
		together[mask]++;
	}
	check_company(&c, together);
	for (a = 0; a < ARMS; a++) {
		for (chi = 0, freedom = -1, l = 0; l < LEVELS_MAX; l++) {
			expected = DRAWS * c.arm[a].dist[l];
			if (c.arm[a].dist[l] == 0)
				CHECK_INT(seen[a][l], 0);
			if (expected < 5)
				continue;
			chi += pow(seen[a][l] - expected, 2) / expected;
			freedom++;
		}
		CHECK(likely(chi, freedom));
	}
}

TEST(every_policys_propensities_are_the_frequencies_of_a_million_draws)
{
	struct scene *s = scene_new();
	struct rng rng;
	int i;

	rng_init(&rng, 21);
	for (i = 0; policy_at(i); i++)
		check_frequencies(s, policy_at(i), &rng);
	CHECK_INT(i, 7);
	restrain(s);
	for (i = 0; policy_at(i); i++)
		check_frequencies(s, policy_at(i), &rng);
	s->request.budget = 4; /* of levels from 5 on: now and then nobody can be asked */
	s->arms[1].min = s->arms[4].min = s->arms[7].min = 0;
	for (i = 0; policy_at(i); i++)
		check_frequencies(s, policy_at(i), &rng);
	scene_free(s);
}

TEST(inverse_gaps_sum_to_what_is_asked_from_any_guess)
{
	double gap[8], p[8], mass, sum, x;
	struct rng rng;
	int round, i;

	rng_init(&rng, 25);
	for (round = 0; round < 20000; round++) {
		for (i = 0; i < 8; i++)
			gap[i] = rng_below(&rng, 4) ? pow(10, 12 * rng_double(&rng) - 4) : INFINITY;
		gap[rng_below(&rng, 8)] = 0;
		mass = round % 2 ? 1 : rng_double(&rng) + 1e-6;
		kernel_barrier(gap, round % 3 ? 0 : pow(10, 8 * rng_double(&rng)), mass, p);
		for (sum = x = i = 0; i < 8; i++) {
			sum += p[i];
			CHECK(isinf(gap[i]) ? p[i] == 0 : p[i] > 0);
			x = gap[i] == 0 ? 1 / p[i] : x;
		}
		CHECK_NEAR(sum, mass, 1e-12);
		CHECK(x >= 1 / mass * (1 - 1e-9));
		for (i = 0; i < 8; i++)
			if (isfinite(gap[i]))
				CHECK(fabs(1 / p[i] - x - gap[i]) <= 1e-9 * (x + gap[i]));
	}
}

TEST(somebody_is_asked_wherever_the_budgets_allow_it)
{
	static const double budgets[] = { 2, 5, 7, 20, 60, 200 };
	struct scene *s = scene_new();
	struct choice c;
	size_t i;
	int p, a, t, arms, nobody, level;
	double asked;
	struct rng rng;

	rng_init(&rng, 22);
	for (arms = 1; arms <= ARMS; arms += arms == 1 ? 1 : 3)
		for (i = 0; i < sizeof(budgets) / sizeof(*budgets); i++)
			for (p = 0; policy_at(p); p++) {
				s->request.budget = budgets[i];
				s->request.count = arms;
				spread(s, policy_at(p), &c);
				CHECK(c.expected <= budgets[i] * (1 + 1e-9));
				for (asked = 0, a = 0; a < arms; a++)
					asked += 1 - c.arm[a].dist[0];
				if (budgets[i] > 5) /* it pays for a first level and a little */
					CHECK(asked >= 1 - 1e-9);
				else if (asked < 1 - 1e-9)
					CHECK_NEAR(c.expected, budgets[i], 1e-9);
				for (nobody = t = 0; t < 2000; t++) {
					policy_draw(&s->request, &rng, &c);
					for (level = a = 0; a < arms; a++)
						level += c.arm[a].level;
					nobody += level == 0;
				}
				if (asked >= 1 - 1e-9)
					CHECK_INT(nobody, 0);
				else /* and no oftener than it must */
					CHECK_NEAR(nobody, 2000 * (1 - asked), 250);
			}
	scene_free(s);
}

TEST(a_distribution_depends_on_the_request_alone_and_is_one)
{
	struct scene *s = scene_new();
	struct choice once, c;
	struct rng rng;
	int i, t, a, l;
	double sum;

	rng_init(&rng, 24);
	for (i = 0; policy_at(i); i++) {
		spread(s, policy_at(i), &once);
		for (t = 0; t < 20; t++) {
			policy_choose(policy_at(i), snapshot_object(s->snapshot), &s->request, &rng,
				&c);
			for (a = 0; a < ARMS; a++)
				CHECK(!memcmp(c.arm[a].dist, once.arm[a].dist,
					sizeof(c.arm[a].dist)));
		}
		for (a = 0; a < ARMS; a++) {
			for (sum = 0, l = 0; l < LEVELS_MAX; l++) {
				sum += once.arm[a].dist[l];
				CHECK(once.arm[a].dist[l] >= 0);
				CHECK(l <= once.arm[a].cap || once.arm[a].dist[l] == 0);
			}
			CHECK_NEAR(sum, 1, 1e-12);
		}
	}
	scene_free(s);
}

static double share_of(const struct choice_arm *arm)
{
	double sum = 0;
	int l;

	for (l = 1; l <= arm->cap; l++)
		sum += arm->dist[l];
	return sum;
}

TEST(shares_keep_their_bounds_and_the_budget_is_still_met)
{
	static const double budgets[] = { 10, 30, 60, 200, 300 };
	struct scene *s = scene_new();
	struct choice c;
	size_t i;
	int p, a;

	restrain(s);
	s->request.budget_us = 0;
	for (i = 0; i < sizeof(budgets) / sizeof(*budgets); i++)
		for (p = 0; policy_at(p); p++) {
			s->request.budget = budgets[i];
			spread(s, policy_at(p), &c);
			for (a = 0; a < ARMS; a++) {
				if (c.arm[a].cap == 0)
					continue;
				CHECK(share_of(&c.arm[a]) >= s->arms[a].min - 1e-12);
				CHECK(share_of(&c.arm[a]) <= s->arms[a].max + 1e-12);
			}
			CHECK(c.arm[6].dist[0] == 1);
			CHECK_NEAR(c.expected, budgets[i], 1e-6 * budgets[i]);
		}
	/* minima that cost more than there is: they are kept, the rest saves */
	for (a = 0; a < ARMS; a++)
		s->arms[a].min = s->arms[a].max = 1;
	s->request.budget = 10;
	for (p = 0; policy_at(p); p++) {
		spread(s, policy_at(p), &c);
		for (a = 0; a < ARMS; a++)
			CHECK(c.arm[a].cap == 0 || c.arm[a].dist[0] < 1e-12);
	}
	scene_free(s);
}

TEST(an_operators_bound_changes_nothing_where_it_is_not_felt)
{
	struct scene *s = scene_new();
	struct choice free, bound;
	int p, a;

	for (p = 0; policy_at(p); p++) {
		for (a = 0; a < ARMS; a++) {
			s->arms[a].min = 0;
			s->arms[a].max = 1;
		}
		spread(s, policy_at(p), &free);
		for (a = 0; a < ARMS; a++) {
			s->arms[a].min = (float)(share_of(&free.arm[a]) * 0.5);
			s->arms[a].max = (float)fmin(1, share_of(&free.arm[a]) * 1.5 + 0.5);
		}
		spread(s, policy_at(p), &bound);
		for (a = 0; a < ARMS; a++)
			/* linucb is two answers mixed, each within the bounds: the arm in which
			 * they differ may feel its own */
			if (policy_at(p) != &policy_linucb || free.arm[a].dist[0] == 0 ||
				free.arm[a].dist[0] == 1)
				CHECK_NEAR(bound.arm[a].dist[1], free.arm[a].dist[1], 1e-9);
	}
	scene_free(s);
}

TEST(time_keeps_its_budget_and_is_priced_only_while_it_is_short)
{
	static const double budgets[] = { 40, 300, 600, 1000, 1500, 2000, 3000, 5000 };
	struct scene *s = scene_new();
	int p, both = 0, slack = 0, alone = 0;
	struct choice c;
	size_t i, k;

	for (k = 0; k < 3; k++)
		for (i = 0; i < sizeof(budgets) / sizeof(*budgets); i++)
			for (p = 0; policy_at(p); p++) {
				s->request.budget = 30 * (double)(1 + 3 * k);
				s->request.budget_us = budgets[i];
				spread(s, policy_at(p), &c);
				/* the priced one keeps its floor, whatever it costs */
				if (policy_at(p) != &policy_priced || budgets[i] > 200)
					CHECK(c.expected_us <= budgets[i] * (1 + 1e-6));
				CHECK(c.expected <= s->request.budget * (1 + 1e-6));
				CHECK(c.price_us >= 0);
				if (policy_at(p) != &policy_priced || budgets[i] < 200)
					continue;
				if (c.price_us == 0) {
					CHECK_NEAR(c.expected, s->request.budget, 1e-6);
					slack++;
				} else {
					CHECK_NEAR(c.expected_us, budgets[i], 1e-3);
					both += fabs(c.expected - s->request.budget) < 1e-3;
					alone += c.price == 0;
				}
			}
	CHECK(slack > 2 && both > 0 && alone > 2); /* all three ways were taken */
	scene_free(s);
}

TEST(short_time_goes_to_the_quick_arms)
{
	struct scene *s = scene_new();
	struct choice slow, quick;

	s->request.budget = 100;
	spread(s, &policy_priced, &slow);
	s->request.budget_us = slow.expected_us / 3;
	spread(s, &policy_priced, &quick);
	CHECK(share_of(&quick.arm[1]) > share_of(&quick.arm[0]));
	CHECK(share_of(&quick.arm[0]) < share_of(&slow.arm[0]));
	scene_free(s);
}

TEST(answers_know_how_fast_their_spending_falls)
{
	static policy_answer *const answers[] = { policy_softmax, policy_barrier };
	static const double shares[][2] = { { 0, 1 }, { 0.9, 1 }, { 0, 0.1 }, { 0.3, 0.3 } };
	double value[LEVELS_MAX], cost[LEVELS_MAX], u[LEVELS_MAX], dist[LEVELS_MAX];
	double spent[3], slope[3], price, step = 1e-6;
	struct rng rng;
	size_t i, k;
	int t, l, at;

	rng_init(&rng, 25);
	for (t = 0; t < 200; t++)
		for (i = 0; i < 2; i++)
			for (k = 0; k < 4; k++) {
				value[0] = cost[0] = 0;
				for (l = 1; l < 6; l++) {
					value[l] = value[l - 1] + rng_double(&rng) / 5;
					cost[l] = cost[l - 1] + 1 + rng_double(&rng) * 20;
				}
				price = 0.02 * rng_double(&rng) - 0.005;
				for (at = 0; at < 3; at++) {
					for (l = 0; l < 6; l++)
						u[l] = value[l] -
						       (price + step * (at - 1)) * cost[l];
					slope[at] = 0;
					spent[at] = answers[i](u, cost, 5, 20, shares[k], dist,
						&slope[at]);
				}
				CHECK(spent[2] <= spent[0] + 1e-12);
				CHECK_NEAR(slope[1], (spent[0] - spent[2]) / (2 * step),
					1e-3 * (1 + slope[1]));
			}
}

TEST(arms_draw_independently_of_each_other)
{
	struct scene *s = scene_new();
	int both = 0, first = 0, second = 0, t;
	struct choice c;
	struct rng rng;
	double p, q;

	rng_init(&rng, 22);
	spread(s, &policy_uniform, &c);
	for (t = 0; t < DRAWS; t++) {
		policy_draw(&s->request, &rng, &c);
		first += c.arm[0].level > 0;
		second += c.arm[1].level > 0;
		both += c.arm[0].level > 0 && c.arm[1].level > 0;
	}
	p = (double)first / DRAWS;
	q = (double)second / DRAWS;
	CHECK_NEAR((double)both / DRAWS, p * q, 5 * sqrt(p * q * (1 - p * q) / DRAWS));
	scene_free(s);
}

TEST(the_expected_candidates_equal_the_budget)
{
	static const double budgets[] = { 10, 30, 60, 100, 200, 400, 700 };
	struct scene *s = scene_new();
	struct choice c;
	size_t i;
	int p, a, l;
	double sum;

	for (i = 0; i < sizeof(budgets) / sizeof(*budgets); i++) {
		s->request.budget = budgets[i];
		for (p = 0; policy_at(p); p++) {
			spread(s, policy_at(p), &c);
			for (sum = 0, a = 0; a < ARMS; a++)
				for (l = 1; l <= c.arm[a].cap; l++)
					sum += c.arm[a].dist[l] *
					       levels_depth(&s->levels, l, s->arms[a].limit);
			CHECK_NEAR(c.expected, sum, 1e-9);
			CHECK_NEAR(c.expected, budgets[i], 1e-6 * budgets[i]);
		}
	}
	scene_free(s);
}

TEST(a_budget_out_of_reach_is_approached)
{
	struct scene *s = scene_new();
	struct choice c;
	int p;

	s->request.budget = 0.01; /* less than the floor alone */
	spread(s, &policy_priced, &c);
	CHECK(c.expected > 0.01 && c.expected < 5);
	s->request.budget = 1e6; /* more than all that can be asked: 5 x 160 + 12 + 3 */
	for (p = 0; policy_at(p); p++) {
		spread(s, policy_at(p), &c);
		CHECK(c.expected > 0.9 * 815 && c.expected <= 815 + 1e-6);
	}
	scene_free(s);
}

TEST(limits_cap_levels_and_costs)
{
	struct scene *s = scene_new();
	struct choice c;
	struct rng rng;
	int t;

	rng_init(&rng, 23);
	for (t = 0; t < 2000; t++) {
		policy_choose(&policy_priced, snapshot_object(s->snapshot), &s->request, &rng, &c);
		CHECK_INT(c.arm[2].cap, 3);
		CHECK(c.arm[2].depth ==
			(c.arm[2].level == 3 ? 12 : s->levels.depth[c.arm[2].level]));
		CHECK_INT(c.arm[3].level, 0);
		CHECK(c.arm[3].p == 1);
		CHECK(c.arm[4].depth == (c.arm[4].level ? 3 : 0));
	}
	scene_free(s);
}

TEST(the_floor_reaches_every_level_and_epsilon_1_is_the_floor)
{
	struct scene *s = scene_new();
	struct choice c;
	int a, l;

	spread(s, &policy_priced, &c);
	for (a = 0; a < ARMS; a++)
		for (l = 0; l <= c.arm[a].cap; l++)
			CHECK(c.arm[a].dist[l] >=
				s->options.epsilon * s->options.floor[l] * (1 - 1e-9));
	s->options.epsilon = 1;
	spread(s, &policy_priced, &c);
	for (l = 0; l < s->levels.count; l++)
		CHECK_NEAR(c.arm[0].dist[l], s->options.floor[l], 1e-12);
	scene_free(s);
}

TEST(an_arm_unknown_or_of_other_features_starts_from_the_prior)
{
	struct scene *s = scene_new();
	struct choice c;
	double norm;

	spread(s, &policy_priced, &c);
	CHECK_INT(s->arms[7].learnt, -1);
	CHECK_NEAR(c.arm[7].mean[0], 0, 0);
	norm = sqrt((2 + 49.0 / 64) / LAMBDA_DEFAULT);
	CHECK_NEAR(c.arm[7].spread[3], norm, 1e-6);
	CHECK(c.arm[0].mean[0] > 0 && c.arm[0].spread[0] < c.arm[7].spread[0]);
	s->request.features++;
	spread(s, &policy_priced, &c);
	CHECK_NEAR(c.arm[0].mean[0], 0, 0);
	policy_spread(&policy_priced, NULL, &s->request, &c);
	CHECK_NEAR(c.arm[0].mean[0], 0, 0);
	s->request.count = 0;
	spread(s, &policy_epsilon, &c);
	CHECK_INT(c.count, 0);
	scene_free(s);
}

/* Uniform, and then one thing wrong with it. */
static int wrong;

static void spread_badly(const struct policy_request *r, struct choice *c)
{
	policy_uniform.spread(r, c);
	switch (wrong) {
	case 0: c->arm[1].dist[2] = NAN; break;
	case 1: c->arm[1].dist[2] = INFINITY; break;
	case 2:
		c->arm[0].dist[1] += 0.5;
		c->arm[0].dist[0] -= 0.5;
		break;
	case 3:
		c->arm[4].dist[3] = c->arm[4].dist[0];
		c->arm[4].dist[0] = 0;
		break;
	case 4: c->arm[5].dist[0] += 1e-5; break;
	case 5: memset(c->arm[0].dist, 0, sizeof(c->arm[0].dist)); break;
	case 6: c->error = "it could not say"; break;
	}
	c->price = 5;
}

static int failures;

static void count_failure(const struct policy *policy, const char *why)
{
	failures++;
	CHECK(policy->data == &failures && why != NULL);
}

TEST(a_policy_that_writes_no_distribution_is_replaced_by_uniform)
{
	static const char *const why[] = { "a probability is not finite",
		"a probability is not finite", "a probability is negative",
		"a level above an arm's cap has a probability",
		"the probabilities of an arm do not sum to 1",
		"the probabilities of an arm do not sum to 1", "it could not say" };
	static const struct policy bad = { "bad", "", spread_badly, count_failure, &failures };
	struct scene *s = scene_new();
	struct choice c, want;

	spread(s, &policy_uniform, &want);
	for (failures = wrong = 0; wrong < 7; wrong++) {
		spread(s, &bad, &c);
		CHECK_STR(c.error, why[wrong]);
		CHECK_INT(failures, wrong + 1);
		CHECK(c.policy == &bad);
		CHECK_NEAR(c.price, want.price, 0);
		CHECK(!memcmp(c.arm, want.arm, ARMS * sizeof(*c.arm)));
	}
	spread(s, &bad, &c); /* nothing wrong with it */
	CHECK(!c.error && c.price == 5);
	CHECK_INT(failures, 7);
	scene_free(s);
}

TEST(policies_are_found_by_name_and_a_name_is_given_once)
{
	static const struct policy one = { "one", "", spread_badly, NULL, NULL },
				   two = { "two", "", spread_badly, NULL, NULL };
	struct error err = { 0 };

	CHECK(policy_find(SLICE_LIT("priced")) == &policy_priced);
	CHECK(!policy_find(SLICE_LIT("bad")));
	CHECK_INT(policy_add(&policy_fixed, &err), ERR_EXISTS);
	CHECK_OK(policy_add(&one, &err), err);
	CHECK_OK(policy_add(&two, &err), err);
	policy_remove(&one);
	CHECK(!policy_find(SLICE_LIT("one")) && policy_find(SLICE_LIT("two")) == &two);
	policy_remove(&two);
	CHECK(!policy_find(SLICE_LIT("two")) && policy_find(SLICE_LIT("fixed")) == &policy_fixed);
}
