/* A simulated world: eight arms, five buckets, six kinds of query, a budget
 * of 30 candidates.  Whatever is wanted stands in each arm's list independently, at a
 * depth that the kind of the query and the arm decide.  The whole path is taken:
 * choice, decision, event, credit, zeros, publication. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "learn/model.h"
#include "learn/policy.h"

#define ARMS     8
#define KINDS    6
#define BUCKETS  5
#define BUDGET   30
#define SEARCHES 12000
#define LATE     8000 /* what is counted begins here */

static const struct levels levels = { BUCKETS + 1, { 0, 5, 10, 20, 40, 80 } };

struct world {
	double chance[KINDS][ARMS][BUCKETS]; /* the wanted entity stands in this bucket */
	struct rng rng;
};

/* For every kind two arms are good, two middling, and four bring little. */
static void world_init(struct world *w, uint64_t seed)
{
	static const double shape[3][BUCKETS] = { { .27, .14, .10, .06, .03 },
		{ .14, .06, .05, .04, .03 }, { .055, .02, .02, .02, .02 } };
	int order[ARMS], k, a, other, swap;

	rng_init(&w->rng, seed);
	for (k = 0; k < KINDS; k++) {
		for (a = 0; a < ARMS; a++)
			order[a] = a;
		for (a = ARMS - 1; a > 0; a--) {
			other = (int)rng_below(&w->rng, (uint64_t)a + 1);
			swap = order[a];
			order[a] = order[other];
			order[other] = swap;
		}
		for (a = 0; a < ARMS; a++)
			memcpy(w->chance[k][order[a]],
				shape[a < 2     ? 0
					: a < 4 ? 1
						: 2],
				sizeof(shape[0]));
	}
}

/* The bucket of the wanted entity in an arm's list, or -1. */
static int stands(struct world *w, int kind, int arm)
{
	double u = rng_double(&w->rng);
	int j;

	for (j = 0; j < BUCKETS; j++) {
		u -= w->chance[kind][arm][j];
		if (u < 0)
			return j;
	}
	return -1;
}

struct bench {
	struct model *model;
	struct feature_set *features;
	struct ladder *ladder;
	struct policy_options options;
	struct snapshot *snapshot;
	struct arena *arena;
	struct rng rng;
};

static const char *const arm_names[ARMS] = { "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7" };

static void bench_open(struct bench *b, uint64_t seed)
{
	static const struct feature_spec specs[KINDS] = { { .name = "k0", .kind = FEATURE_FLAG },
		{ .name = "k1", .kind = FEATURE_FLAG }, { .name = "k2", .kind = FEATURE_FLAG },
		{ .name = "k3", .kind = FEATURE_FLAG }, { .name = "k4", .kind = FEATURE_FLAG },
		{ .name = "k5", .kind = FEATURE_FLAG } };
	struct model_options options = MODEL_OPTIONS_DEFAULT;
	struct error err = { 0 };

	memset(b, 0, sizeof(*b));
	options.levels = levels;
	CHECK_OK(feature_set_new(&b->features, specs, KINDS, &err), err);
	CHECK_OK(model_new(&b->model, &options, b->features, &err), err);
	policy_options_default(&b->options, &levels);
	b->ladder = ladder_default();
	b->snapshot = model_publish(b->model);
	b->arena = arena_new();
	rng_init(&b->rng, seed);
}

static void bench_close(struct bench *b)
{
	snapshot_drop(b->snapshot);
	model_free(b->model);
	feature_set_free(b->features);
	ladder_free(b->ladder);
	arena_free(b->arena);
}

static void choose(struct bench *b, const struct policy *policy, const float *phi, struct choice *c)
{
	const struct learnt *learnt = snapshot_object(b->snapshot);
	struct policy_arm arms[ARMS];
	struct policy_request r = { &levels, &b->options, phi, feature_set_width(b->features),
		feature_set_hash(b->features), arms, ARMS, BUDGET, 0, b->features };
	int a;

	memset(arms, 0, sizeof(arms));
	for (a = 0; a < ARMS; a++) {
		arms[a].learnt = learnt_find(learnt, slice_str(arm_names[a]));
		arms[a].limit = DEPTH_MAX;
		arms[a].max = 1;
	}
	policy_choose(policy, learnt, &r, &b->rng, c);
}

/* One search and what the user does; true if the wanted entity was among the
 * candidates. */
static bool search(struct bench *b, struct world *w, const struct policy *policy, uint64_t id)
{
	struct decision_arm arms[ARMS];
	struct decision_candidate wanted[ARMS];
	struct decision d = { .id = id,
		.at_ms = (int64_t)id,
		.collection = SLICE_LIT("music"),
		.features = feature_set_hash(b->features),
		.levels = levels,
		.arms = ARMS,
		.arm = arms,
		.sampled = 1 };
	struct outcome_event purchase = { SLICE_LIT("purchase"), (int64_t)id, 1 };
	struct feature_value values[KINDS];
	struct outcome outcome;
	struct choice c;
	struct error err = { 0 };
	float phi[FEATURES_MAX];
	int a, j, kind = (int)rng_below(&w->rng, KINDS);
	bool found = false;

	memset(values, 0, sizeof(values));
	values[kind] = (struct feature_value){ true, 1, SLICE_LIT("") };
	feature_set_fill(b->features, values, phi);
	choose(b, policy, phi, &c);
	d.phi = phi;
	d.width = feature_set_width(b->features);
	memset(arms, 0, sizeof(arms));
	for (a = 0; a < ARMS; a++) {
		j = stands(w, kind, a);
		arms[a].name = slice_str(arm_names[a]);
		arms[a].level = c.arm[a].level;
		arms[a].candidates = &wanted[a];
		wanted[a].entity = entity_hash(SLICE_LIT("wanted"));
		wanted[a].rank = j < 0 ? 1 : (uint16_t)(levels.depth[j] + 1);
		arms[a].drawn = j >= 0 && j < arms[a].level;
		found = found || arms[a].drawn;
	}
	outcome_init(&outcome, &d);
	if (found)
		CHECK_OK(model_apply(b->model, &d, &outcome, b->ladder, b->arena,
				 SLICE_LIT("wanted"), &purchase, NULL, &err),
			err);
	model_close(b->model, &d, &outcome);
	arena_reset(b->arena);
	if (id % 10 == 0) {
		snapshot_drop(b->snapshot);
		b->snapshot = model_publish(b->model);
	}
	return found;
}

/* Share of late searches in which the wanted entity was found. */
static double found_rate(const struct policy *policy, uint64_t seed)
{
	struct bench b;
	struct world w;
	int t, found = 0;

	world_init(&w, seed);
	bench_open(&b, seed + 1);
	for (t = 0; t < SEARCHES; t++)
		found += search(&b, &w, policy, (uint64_t)t) && t >= LATE;
	bench_close(&b);
	return (double)found / (SEARCHES - LATE);
}

/* The same for a split that knows the chances: greedily the bucket that finds most
 * for each candidate, over all depths of all arms. */
static double oracle_rate(const struct world *w, int kind)
{
	double missed[ARMS], miss, next, gain, best_gain, room = BUDGET, product = 1;
	int at[ARMS] = { 0 }, a, l, best_a, best_l;

	for (a = 0; a < ARMS; a++)
		missed[a] = 1;
	for (;;) {
		best_gain = best_a = best_l = 0;
		for (a = 0; a < ARMS; a++)
			for (miss = missed[a], l = at[a] + 1; l <= BUCKETS; l++) {
				miss -= w->chance[kind][a][l - 1];
				next = levels.depth[l] - levels.depth[at[a]];
				gain = log(missed[a] / miss) / next;
				if (next <= room && gain > best_gain) {
					best_gain = gain;
					best_a = a;
					best_l = l;
				}
			}
		if (best_gain <= 0)
			break;
		for (; at[best_a] < best_l; at[best_a]++) {
			room -= levels.depth[at[best_a] + 1] - levels.depth[at[best_a]];
			missed[best_a] -= w->chance[kind][best_a][at[best_a]];
		}
	}
	for (a = 0; a < ARMS; a++)
		product *= missed[a];
	return 1 - product;
}

TEST(after_a_flip_the_priced_policy_is_back_within_two_thousand_searches)
{
	double before = 0, shock = 0, after = 0;
	struct world w, other;
	struct bench b;
	uint64_t seed;
	bool found;
	int t;

	for (seed = 31; seed <= 33; seed++) {
		world_init(&w, seed);
		world_init(&other, seed + 50);
		bench_open(&b, seed + 1);
		for (t = 0; t < 9000; t++) {
			if (t == 6000) /* other arms are good for each kind */
				memcpy(w.chance, other.chance, sizeof(w.chance));
			found = search(&b, &w, &policy_priced, (uint64_t)t);
			before += found && t >= 5000 && t < 6000;
			shock += found && t >= 6000 && t < 6200;
			after += found && t >= 8000;
		}
		bench_close(&b);
	}
	CHECK(before / 3000 > 0.65);
	CHECK(shock / 600 < 0.9 * before / 3000); /* the flip was felt */
	CHECK(after / 3000 > 0.9 * before / 3000);
}

TEST(the_priced_policy_learns_whom_to_ask_and_how_deep)
{
	double priced = 0, fixed = 0, uniform = 0, epsilon = 0, oracle = 0;
	double linucb = 0, lints = 0, squarecb = 0;
	struct world w;
	uint64_t seed;
	int k;

	for (seed = 11; seed <= 12; seed++) {
		priced += found_rate(&policy_priced, seed) / 2;
		fixed += found_rate(&policy_fixed, seed) / 2;
		uniform += found_rate(&policy_uniform, seed) / 2;
		epsilon += found_rate(&policy_epsilon, seed) / 2;
		linucb += found_rate(&policy_linucb, seed) / 2;
		lints += found_rate(&policy_lints, seed) / 2;
		squarecb += found_rate(&policy_squarecb, seed) / 2;
		world_init(&w, seed);
		for (k = 0; k < KINDS; k++)
			oracle += oracle_rate(&w, k) / KINDS / 2;
	}
	/* The world is made so that an even split finds 0.56 and who knows the kinds 0.75;
	 * the options were tuned on other seeds. */
	CHECK_NEAR(fixed, 0.56, 0.03);
	CHECK_NEAR(oracle, 0.75, 0.03);
	CHECK(priced >= 0.71);
	CHECK(priced < oracle);
	CHECK(epsilon > fixed && uniform < fixed + 0.03);
	CHECK(linucb >= 0.70 && lints >= 0.70 && squarecb >= 0.70);
}
