#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn/learning.h"
#include "learn/replay.h"
#include "store/key.h"

#define ARMS   3
#define BUDGET 12

static const struct levels levels = { 3, { 0, 5, 10 } };
static const char *const names[ARMS] = { "a", "b", "c" };

/* Two kinds of query; each arm brings entities of its own, so what buckets earn adds up. */
static const double chance[2][ARMS][2] = {
	{ { 0.5, 0.2 }, { 0.1, 0.1 }, { 0.05, 0.02 } },
	{ { 0.05, 0.05 }, { 0.1, 0.3 }, { 0.4, 0.05 } },
};

struct log {
	struct store *store;
	struct txn *txn;
	struct feature_set *features;
	struct policy_options tuning;
	struct model *model; /* of the policy that serves */
	struct snapshot *snapshot;
	struct arena *arena;
	struct rng rng;
	double earned;
	char context[32]; /* of the searches that are served */
};

static void begin(struct log *log)
{
	struct error err = { 0 };

	CHECK_OK(store_begin(&log->txn, log->store, STORE_WRITE, &err), err);
}

static void commit(struct log *log)
{
	struct error err = { 0 };

	CHECK_OK(store_commit(log->txn, &err), err);
}

static struct log *log_new(uint64_t seed)
{
	static const struct feature_spec kind = { .name = "kind", .kind = FEATURE_FLAG };
	struct model_options options = { 1, 0.9995, levels };
	struct log *log = calloc(1, sizeof(*log));
	struct error err = { 0 };

	CHECK_OK(learning_open(&log->store, test_folder(), 256 << 20, true, &err), err);
	CHECK_OK(feature_set_new(&log->features, &kind, 1, &err), err);
	CHECK_OK(model_new(&log->model, &options, log->features, &err), err);
	policy_options_default(&log->tuning, &levels);
	log->snapshot = model_publish(log->model);
	log->arena = arena_new();
	rng_init(&log->rng, seed);
	begin(log);
	return log;
}

static void log_free(struct log *log)
{
	snapshot_drop(log->snapshot);
	model_free(log->model);
	feature_set_free(log->features);
	arena_free(log->arena);
	store_close(log->store);
	free(log);
}

static void put(struct log *log, const struct decision *d, const struct outcome *o)
{
	struct key key = { .len = 0 };
	struct buf bytes = { 0 };
	struct error err = { 0 };

	key_u64(&key, d->id);
	CHECK_OK(decision_encode(d, &bytes, &err), err);
	CHECK_OK(store_put(log->txn, LEARNING_DECISIONS, key_slice(&key), buf_slice(&bytes), &err),
		err);
	if (o)
		CHECK_OK(learning_put_outcome(log->txn, o, &err), err);
	buf_clear(&bytes);
}

/* One search served by a policy and logged; `open`: its window is not over. */
static void serve(struct log *log, const struct policy *policy, uint64_t id, const char *collection,
	bool open)
{
	const struct learnt *learnt = snapshot_object(log->snapshot);
	struct decision_candidate candidates[ARMS][2];
	struct decision_arm arms[ARMS];
	struct policy_arm asked[ARMS];
	struct outcome_entity *entity;
	float phi[2] = { 1, (float)rng_below(&log->rng, 2) };
	struct policy_request r = { &levels, &log->tuning, phi, 2, feature_set_hash(log->features),
		asked, ARMS, BUDGET, 0, log->features };
	struct decision d = { .id = id,
		.at_ms = (int64_t)id,
		.collection = slice_str(collection),
		.context = slice_str(log->context),
		.features = r.features,
		.width = 2,
		.phi = phi,
		.levels = levels,
		.budget = BUDGET,
		.arms = ARMS,
		.arm = arms,
		.policy = slice_str(policy->name),
		.share = 1,
		.sampled = 1 };
	struct error err = { 0 };
	struct outcome o;
	struct choice c;
	char id_text[32];
	int a, j;

	memset(arms, 0, sizeof(arms));
	memset(asked, 0, sizeof(asked));
	for (a = 0; a < ARMS; a++) {
		asked[a].learnt = learnt_find(learnt, slice_str(names[a]));
		asked[a].limit = DEPTH_MAX;
		asked[a].max = 1;
	}
	policy_choose(policy, learnt, &r, &log->rng, &c);
	d.together = c.together;
	outcome_init(&o, &d);
	o.closed = !open;
	for (a = 0; a < ARMS; a++) {
		arms[a] = (struct decision_arm){ .name = slice_str(names[a]),
			.level = c.arm[a].level,
			.p = c.arm[a].p,
			.limit = DEPTH_MAX,
			.max = 1,
			.candidates = candidates[a] };
		memcpy(arms[a].dist, c.arm[a].dist, sizeof(arms[a].dist));
		for (j = 0; j < arms[a].level; j++) {
			snprintf(id_text, sizeof(id_text), "%d.%d", a, j);
			candidates[a][arms[a].drawn++] =
				(struct decision_candidate){ entity_hash(slice_str(id_text)),
					(uint16_t)(levels.depth[j] + 1) };
			if (rng_double(&log->rng) >= chance[phi[1] > 0][a][j])
				continue;
			log->earned += 1;
			CHECK_OK(outcome_add(&o, log->arena, slice_str(id_text),
					 &(struct outcome_event){ SLICE_LIT("buy"), 1, 1 }, &entity,
					 &err),
				err);
			entity->reward = 1;
		}
	}
	put(log, &d, &o);
	model_count(log->model, &d);
	model_replay(log->model, &d, &o);
	arena_reset(log->arena);
	if (id % 100)
		return;
	snapshot_drop(log->snapshot);
	log->snapshot = model_publish(log->model);
}

static struct replay_options options_of(const struct log *log, const struct policy *policy)
{
	return (struct replay_options){ .policy = policy,
		.tuning = log->tuning,
		.model = { 1, 0.9995, levels },
		.evaluate = { .seed = 1 } };
}

static struct replay *replay(struct log *log, const struct replay_options *options, int step)
{
	struct replay_progress progress;
	struct error err = { 0 };
	struct replay *r = NULL;
	struct txn *txn;

	CHECK_OK(replay_new(&r, options, "music", log->features, &err), err);
	do {
		CHECK_OK(store_begin(&txn, log->store, STORE_READ, &err), err);
		CHECK_OK(replay_step(r, txn, step, &err), err);
		store_end(txn);
		replay_progress(r, &progress);
	} while (!progress.done);
	return r;
}

static bool covers(const struct estimate *e, double want)
{
	return e->low <= want && want <= e->high;
}

TEST(a_policy_that_learns_nothing_is_worth_what_arithmetic_says)
{
	struct log *log = log_new(61);
	struct replay_options options = options_of(log, &policy_fixed);
	struct policy_arm asked[ARMS];
	float phi[2] = { 1, 0 };
	struct policy_request r = { &levels, &log->tuning, phi, 2, 0, asked, ARMS, BUDGET, 0,
		log->features };
	struct evaluation e;
	struct replay *replayed;
	struct choice c;
	double want = 0;
	uint64_t t;
	int a, j, k;

	for (t = 1; t <= 6000; t++)
		serve(log, &policy_uniform, t, "music", false);
	commit(log);
	memset(asked, 0, sizeof(asked));
	for (a = 0; a < ARMS; a++) {
		asked[a] = (struct policy_arm){ .learnt = -1, .limit = DEPTH_MAX, .max = 1 };
	}
	policy_spread(&policy_fixed, NULL, &r, &c);
	for (k = 0; k < 2; k++)
		for (a = 0; a < ARMS; a++)
			for (j = 0; j < 2; j++)
				want += 0.5 * chance[k][a][j] *
					(c.arm[a].dist[2] + (j == 0 ? c.arm[a].dist[1] : 0));
	replayed = replay(log, &options, 1000);
	replay_result(replayed, 0, &e);
	CHECK_INT(e.decisions, 6000);
	CHECK_NEAR(e.of[ESTIMATE_LOGGED].value, log->earned / 6000, 1e-9);
	for (k = 0; k < ESTIMATE_LOGGED; k++)
		CHECK(covers(&e.of[k], want));
	CHECK(e.of[ESTIMATE_CASCADE].high - e.of[ESTIMATE_CASCADE].low < 0.06);
	CHECK_STR(e.warning, "");
	replay_free(replayed);
	log_free(log);
}

TEST(a_policy_that_learns_is_judged_as_it_would_have_learnt)
{
	struct log *log = log_new(62), *live = log_new(63);
	struct replay_options options = options_of(log, &policy_priced);
	struct evaluation e;
	struct replay *replayed;
	double served, priced;
	uint64_t t;

	for (t = 1; t <= 4000; t++) {
		serve(log, &policy_uniform, t, "music", false);
		serve(live, &policy_priced, t, "music", false);
	}
	commit(log);
	commit(live);
	served = log->earned / 4000;
	priced = live->earned / 4000;
	CHECK(priced > served + 0.1);
	replayed = replay(log, &options, 1000);
	replay_result(replayed, 0, &e);
	/* it learns a little faster from a log that tries everything as often */
	CHECK_NEAR(e.of[ESTIMATE_CASCADE].value, priced, 0.05);
	CHECK(e.of[ESTIMATE_CASCADE].low > served);
	replay_free(replayed);
	/* judged by its own log it is worth what it earned */
	replayed = replay(live, &options, 1000);
	replay_result(replayed, 0, &e);
	CHECK_NEAR(e.of[ESTIMATE_CASCADE].value, priced, 0.02);
	CHECK(e.effective > 3000);
	replay_free(replayed);
	log_free(log);
	log_free(live);
}

TEST(steps_of_any_size_give_the_same_and_parts_add_up)
{
	struct log *log = log_new(64);
	struct replay_options options = options_of(log, &policy_squarecb);
	struct evaluation all, again, part[2];
	struct replay *replayed;
	uint64_t t;

	for (t = 1; t <= 1500; t++)
		serve(log, &policy_uniform, 3 * t, "music", false);
	commit(log);
	options.by = (struct segmenting){ SEGMENT_FEATURE, 1, "" };
	replayed = replay(log, &options, 7);
	CHECK_INT(replay_parts(replayed), 3);
	replay_result(replayed, 0, &all);
	replay_result(replayed, 1, &part[0]);
	replay_result(replayed, 2, &part[1]);
	replay_free(replayed);
	CHECK_INT(all.decisions, 1500);
	CHECK_INT(part[0].decisions + part[1].decisions, 1500);
	CHECK(part[0].decisions > 600 && part[1].decisions > 600);
	CHECK_NEAR(all.of[ESTIMATE_DR].value * 1500,
		part[0].of[ESTIMATE_DR].value * (double)part[0].decisions +
			part[1].of[ESTIMATE_DR].value * (double)part[1].decisions,
		1e-6);
	options.by.kind = SEGMENT_NONE;
	replayed = replay(log, &options, 1000000);
	replay_result(replayed, 0, &again);
	replay_free(replayed);
	CHECK(!memcmp(&all, &again, sizeof(all)));
	log_free(log);
}

/* Users of forty groups: fifteen have a part, the others share one. */
TEST(segments_beyond_the_last_part_are_judged_together)
{
	struct log *log = log_new(67);
	struct replay_options options = options_of(log, &policy_fixed);
	struct evaluation e;
	struct replay *replayed;
	uint64_t t, sum = 0;
	int i;

	for (t = 1; t <= 400; t++) {
		snprintf(log->context, sizeof(log->context), "{\"group\":%d}", (int)(t % 40));
		serve(log, &policy_uniform, t, "music", false);
	}
	commit(log);
	options.by = (struct segmenting){ SEGMENT_CONTEXT, 0, "context.group" };
	replayed = replay(log, &options, 1000);
	CHECK_INT(replay_parts(replayed), REPLAY_PARTS);
	CHECK_STR(replay_part_name(replayed, 1), "1");
	CHECK_STR(replay_part_name(replayed, REPLAY_PARTS - 1), "others");
	for (i = 1; i < REPLAY_PARTS; i++) {
		replay_result(replayed, i, &e);
		CHECK_INT(e.decisions, i < REPLAY_PARTS - 1 ? 10 : 250);
		sum += e.decisions;
	}
	CHECK_INT(sum, 400);
	replay_free(replayed);
	log_free(log);
}

TEST(what_cannot_be_judged_is_counted)
{
	struct log *log = log_new(65);
	struct replay_options options = options_of(log, &policy_fixed);
	struct replay_progress progress;
	struct error err = { 0 };
	struct key key = { .len = 0 };
	struct replay *replayed;
	struct feature_set *kept = log->features;
	uint64_t t;

	for (t = 1; t <= 150; t++)
		serve(log, &policy_uniform, t, t % 3 ? "music" : "shop", t % 5 == 1);
	CHECK_OK(feature_set_new(&log->features, NULL, 0, &err), err); /* of other scripts */
	key_u64(&key, 151);
	CHECK_OK(store_put(log->txn, LEARNING_DECISIONS, key_slice(&key), SLICE_LIT("garbage"),
			 &err),
		err);
	commit(log);
	replayed = replay(log, &options, 10);
	replay_progress(replayed, &progress);
	CHECK_INT(progress.judged, 0);
	CHECK_INT(progress.stale, 80);
	CHECK_INT(progress.open, 20);
	CHECK_INT(progress.damaged, 1);
	CHECK(progress.first == 1 && progress.last == 151);
	replay_free(replayed);
	feature_set_free(log->features);
	log->features = kept;
	replayed = replay(log, &options, 10);
	replay_progress(replayed, &progress);
	CHECK_INT(progress.judged, 80);
	CHECK_INT(progress.stale, 0);
	replay_free(replayed);
	log_free(log);
}

TEST(an_empty_log_is_judged_at_once)
{
	struct log *log = log_new(66);
	struct replay_options options = options_of(log, &policy_fixed);
	struct evaluation e;
	struct replay *replayed;

	commit(log);
	replayed = replay(log, &options, 10);
	replay_result(replayed, 0, &e);
	CHECK_INT(e.decisions, 0);
	CHECK(e.warning[0]);
	replay_free(replayed);
	log_free(log);
}
