/* replay.c -- judging a policy by a log of 100,000 decisions: 8 arms of 6 buckets, 24
 * features, in a fresh environment.  The floor is reading the same log and decoding it.
 *
 * A line: name, value, unit, the floor of the same run, ratio (of the whole to it). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "learn/learning.h"
#include "learn/replay.h"
#include "store/key.h"

#define ARMS      8
#define CONTEXT   19
#define DECISIONS 100000
#define DRAWN     20

static const char *const names[ARMS] = { "a", "b", "c", "d", "e", "f", "g", "h" };
static struct error err;

static void check(int rc)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "bench: replay: %s\n", err.text);
	exit(1);
}

static struct feature_set *features_new(void)
{
	struct feature_spec specs[CONTEXT];
	static char text[CONTEXT][16];
	struct feature_set *out;
	int i;

	for (i = 0; i < CONTEXT; i++) {
		snprintf(text[i], sizeof(text[i]), "f%d", i);
		specs[i] =
			(struct feature_spec){ .name = text[i], .kind = FEATURE_NUMBER, .hi = 1 };
	}
	check(feature_set_new(&out, specs, CONTEXT, &err));
	return out;
}

static void put(struct txn *txn, struct arena *arena, uint64_t id, const struct feature_set *set,
	struct rng *rng)
{
	struct decision_candidate list[DRAWN];
	struct decision_arm arms[ARMS];
	struct policy_arm asked[ARMS];
	struct policy_options tuning;
	float phi[CONTEXT + 1] = { 1 };
	struct levels levels = LEVELS_DEFAULT;
	struct policy_request r = { &levels, &tuning, phi, CONTEXT + 1, feature_set_hash(set),
		asked, ARMS, 60, 0, set };
	struct decision d = { .id = id,
		.at_ms = 1,
		.collection = SLICE_LIT("bench"),
		.query = SLICE_LIT("some words"),
		.features = r.features,
		.width = CONTEXT + 1,
		.phi = phi,
		.levels = levels,
		.budget = 60,
		.arms = ARMS,
		.arm = arms,
		.policy = SLICE_LIT("uniform"),
		.share = 1,
		.sampled = 1 };
	struct outcome_entity *entity;
	struct key key = { .len = 0 };
	struct buf bytes = { 0 };
	struct outcome o;
	struct choice c;
	int i, a;

	for (i = 1; i <= CONTEXT; i++)
		phi[i] = (float)rng_double(rng);
	for (i = 0; i < DRAWN; i++)
		list[i] = (struct decision_candidate){ i ? rng_u64(rng)
							 : entity_hash(SLICE_LIT("wanted")),
			(uint16_t)(i + 1) };
	memset(arms, 0, sizeof(arms));
	for (a = 0; a < ARMS; a++)
		asked[a] = (struct policy_arm){ .learnt = -1, .limit = DEPTH_MAX, .max = 1 };
	policy_options_default(&tuning, &levels);
	policy_choose(&policy_uniform, NULL, &r, rng, &c);
	for (a = 0; a < ARMS; a++) {
		arms[a] = (struct decision_arm){ .name = slice_str(names[a]),
			.level = c.arm[a].level,
			.p = c.arm[a].p,
			.limit = DEPTH_MAX,
			.max = 1,
			.drawn = c.arm[a].level ? DRAWN : 0,
			.candidates = list };
		memcpy(arms[a].dist, c.arm[a].dist, sizeof(arms[a].dist));
	}
	key_u64(&key, id);
	check(decision_encode(&d, &bytes, &err));
	check(store_put(txn, LEARNING_DECISIONS, key_slice(&key), buf_slice(&bytes), &err));
	outcome_init(&o, &d);
	o.closed = true;
	if (rng_below(rng, 3) == 0) {
		check(outcome_add(&o, arena, SLICE_LIT("wanted"),
			&(struct outcome_event){ SLICE_LIT("buy"), 1, 1 }, &entity, &err));
		entity->reward = 1;
	}
	check(learning_put_outcome(txn, &o, &err));
	buf_clear(&bytes);
	arena_reset(arena);
}

static double read_all(struct store *store, struct arena *arena)
{
	int64_t start = clock_mono_us();
	struct slice key, value;
	struct cursor *cursor;
	struct outcome o;
	struct decision d;
	struct txn *txn;
	int rc;

	check(store_begin(&txn, store, STORE_READ, &err));
	check(cursor_open(&cursor, txn, LEARNING_DECISIONS, &err));
	for (rc = cursor_seek(cursor, SLICE_LIT(""), &key, &value, &err); rc == 0;
		rc = cursor_next(cursor, &key, &value, &err)) {
		check(decision_decode(&d, arena, value, &err));
		check(learning_outcome(txn, arena, &d, &o, &err));
		arena_reset(arena);
	}
	cursor_close(cursor);
	store_end(txn);
	return (double)(clock_mono_us() - start) / 1e6;
}

static double judge(struct store *store, const struct feature_set *set, const struct policy *policy)
{
	struct replay_options options = { .policy = policy, .model = MODEL_OPTIONS_DEFAULT };
	int64_t start = clock_mono_us();
	struct replay_progress progress;
	struct evaluation e;
	struct replay *r;
	struct txn *txn;

	policy_options_default(&options.tuning, &options.model.levels);
	check(replay_new(&r, &options, "bench", set, &err));
	do {
		check(store_begin(&txn, store, STORE_READ, &err));
		check(replay_step(r, txn, 1000, &err));
		store_end(txn);
		replay_progress(r, &progress);
	} while (!progress.done);
	replay_result(r, 0, &e);
	if (e.decisions != DECISIONS)
		exit(1);
	replay_free(r);
	return (double)(clock_mono_us() - start) / 1e6;
}

int main(void)
{
	static const char *const policies[] = { "fixed", "priced", "linucb" };
	char folder[] = "/tmp/toller-bench-XXXXXX", text[64];
	struct feature_set *set = features_new();
	struct arena *arena = arena_new();
	struct store *store;
	struct txn *txn;
	struct rng rng;
	double floor, took;
	uint64_t id;
	size_t i;

	rng_init(&rng, 1);
	if (!mkdtemp(folder))
		return 1;
	check(learning_open(&store, folder, 4ull << 30, true, &err));
	check(store_begin(&txn, store, STORE_WRITE, &err));
	for (id = 1; id <= DECISIONS; id++)
		put(txn, arena, id, set, &rng);
	check(store_commit(txn, &err));
	read_all(store, arena); /* once to have it in memory */
	floor = read_all(store, arena);
	for (i = 0; i < 3; i++) {
		took = judge(store, set, policy_find(slice_str(policies[i])));
		snprintf(text, sizeof(text), "judge %s, 100,000", policies[i]);
		printf("%-28s %10.2f %-8s decode %6.2f  ratio %6.2f\n", text, took, "s", floor,
			took / floor);
	}
	store_close(store);
	arena_free(arena);
	feature_set_free(set);
	snprintf(text, sizeof(text), "rm -rf %.40s", folder);
	return system(text) != 0;
}
