#include "feed/forget.h"

#include <stdio.h>

#include "check.h"
#include "learn/learning.h"
#include "learn/profile.h"
#include "learn/tally.h"
#include "limits.h"

static const struct memory_options options = { 4, 0.05, 1000 };

struct world {
	struct store *store;
	struct txn *txn;
	struct arena *arena;
	struct forgetting forgetting;
	struct forget_limits limits;
};

static void open_world(struct world *w)
{
	struct error err = { 0 };

	*w = (struct world){ .limits = { 1000000, 1000000, 1 << 30 } };
	CHECK_OK(learning_open(&w->store, test_folder(), 64 << 20, true, &err), err);
	CHECK_OK(store_begin(&w->txn, w->store, STORE_WRITE, &err), err);
	w->arena = arena_new();
}

static void close_world(struct world *w)
{
	store_end(w->txn);
	store_close(w->store);
	arena_free(w->arena);
}

static void put_decision(struct world *w, uint64_t id, int64_t at_ms)
{
	static const float phi[] = { 1 };
	struct decision d = { .id = id,
		.at_ms = at_ms,
		.collection = SLICE_LIT("music"),
		.width = 1,
		.phi = phi,
		.levels = { 2, { 0, 5 } },
		.policy = SLICE_LIT("fixed"),
		.share = 1,
		.sampled = 1 };
	struct buf record = { 0 };
	struct error err = { 0 };
	struct key key = { 0 };

	CHECK_OK(decision_encode(&d, &record, &err), err);
	key_u64(&key, id);
	CHECK_OK(store_put(w->txn, LEARNING_DECISIONS, key_slice(&key), buf_slice(&record), &err),
		err);
	buf_clear(&record);
}

static void put_id(struct world *w, int64_t seen_ms, uint64_t hash)
{
	struct key seen = { 0 }, event = { 0 };
	struct error err = { 0 };

	key_u64(&seen, seen_ms);
	key_u64(&seen, hash);
	key_u64(&event, hash);
	CHECK_OK(store_put(w->txn, LEARNING_SEEN, key_slice(&seen), SLICE_LIT(""), &err), err);
	CHECK_OK(store_put(w->txn, LEARNING_EVENTS, key_slice(&event), SLICE_LIT("12345678"), &err),
		err);
}

static uint64_t entries(struct world *w, int table)
{
	struct error err = { 0 };
	struct store_stat stat;

	CHECK_OK(store_stat(w->txn, table, &stat, &err), err);
	return stat.entries;
}

static struct memory memory_at(struct world *w, int64_t now_ms)
{
	return (struct memory){ w->txn, LEARNING_MEMORY, 1, now_ms, &options };
}

/* How many pairs a key has. */
static int remembered(struct world *w, const char *key, int64_t now_ms, struct memory_row **rows)
{
	struct memory at = memory_at(w, now_ms);
	struct error err = { 0 };
	int n = memory_get(&at, slice_str(key), NULL, w->arena, rows, &err);

	CHECK_OK(n, err);
	return n;
}

static int step(struct world *w, int64_t now_ms)
{
	struct error err = { 0 };
	struct memory at = memory_at(w, now_ms);
	int rc = forget_step(&w->forgetting, &w->limits, &at, w->arena, &err);

	CHECK_OK(rc, err);
	return rc;
}

TEST(forgetting_decisions_by_age_and_number_in_bounded_steps)
{
	struct world w;
	int i;

	open_world(&w);
	for (i = 0; i < 1000; i++)
		put_decision(&w, i + 1, 1000 * i);
	w.limits.keep_ms = 400000;
	CHECK_INT(step(&w, 999000), 1);
	CHECK(entries(&w, LEARNING_DECISIONS) > 600);
	while (step(&w, 999000))
		;
	CHECK_INT(entries(&w, LEARNING_DECISIONS), 401);
	CHECK_INT(w.forgetting.decisions, 599);
	w.limits.keep_decisions = 10;
	while (step(&w, 999000))
		;
	CHECK_INT(entries(&w, LEARNING_DECISIONS), 10);
	close_world(&w);
}

TEST(forgetting_ids_of_events_with_the_decisions_they_can_speak_of)
{
	struct world w;
	int i;

	open_world(&w);
	for (i = 0; i < 100; i++) {
		put_decision(&w, i + 1, 100000 * i);
		put_id(&w, 100000 * i + 1, 7000 + i);
	}
	w.limits.keep_ms = 100000000;
	w.limits.keep_decisions = 30;
	while (step(&w, 9900000))
		;
	CHECK_INT(entries(&w, LEARNING_DECISIONS), 30);
	CHECK_INT(entries(&w, LEARNING_SEEN), 30);
	CHECK_INT(entries(&w, LEARNING_EVENTS), 30);
	close_world(&w);
}

TEST(forgetting_no_id_of_an_event_within_the_slack_of_clocks)
{
	struct world w;

	open_world(&w);
	put_decision(&w, 1, 1000000);
	put_id(&w, 1000000 - 60001, 1);
	put_id(&w, 1000000 - 60000, 2);
	CHECK_INT(step(&w, 1000000), 0);
	CHECK_INT(entries(&w, LEARNING_SEEN), 1);
	CHECK_INT(entries(&w, LEARNING_EVENTS), 1);
	close_world(&w);
}

TEST(forgetting_ids_in_bounded_steps_where_no_decision_is_left)
{
	struct world w;
	int i, steps = 0;

	open_world(&w);
	for (i = 0; i < 5000; i++)
		put_id(&w, i, i);
	while (step(&w, 1000000)) {
		steps++;
		CHECK(entries(&w, LEARNING_SEEN) > 0);
	}
	CHECK(steps > 1);
	CHECK_INT(entries(&w, LEARNING_SEEN), 0);
	CHECK_INT(entries(&w, LEARNING_EVENTS), 0);
	close_world(&w);
}

TEST(forgetting_slots_of_tallies_that_are_older_than_any_window)
{
	struct tally *t = tally_new();
	struct error err = { 0 };
	char name[32];
	struct world w;
	int i;

	open_world(&w);
	for (i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		tally_row(t, 1, 1, TALLY_SLOT_MS, slice_str(name), 1)[0] = 1;
	}
	CHECK_OK(tally_save(t, w.txn, LEARNING_TALLIES, &err), err);
	CHECK_INT(step(&w, TALLY_KEEP_MS + TALLY_SLOT_MS), 0);
	CHECK_INT(entries(&w, LEARNING_TALLIES), 6000);            /* in a slot, and of all time */
	CHECK_INT(step(&w, TALLY_KEEP_MS + 2 * TALLY_SLOT_MS), 1); /* a step has not room for all */
	while (step(&w, TALLY_KEEP_MS + 2 * TALLY_SLOT_MS))
		;
	CHECK_INT(entries(&w, LEARNING_TALLIES), 3000);
	tally_free(t);
	close_world(&w);
}

TEST(forgetting_what_users_liked_once_it_has_faded)
{
	static const struct profile_trait trait = { SLICE_LIT("genre"), SLICE_LIT("pop"), 1 };
	struct error err = { 0 };
	struct profiles profiles;
	char user[32];
	struct world w;
	int i;

	open_world(&w);
	profiles = (struct profiles){ w.txn, LEARNING_PROFILES, 1, 0, options.half_life_ms };
	for (i = 0; i < 600; i++) {
		snprintf(user, sizeof(user), "u%d", i);
		CHECK_OK(profile_add(&profiles, slice_str(user), &trait, 1, i % 2 ? 4 : 1, &err),
			err);
	}
	/* 2^-7 of 1 is below PROFILE_FADED, of 4 it is not */
	for (i = 0; i < 10; i++)
		step(&w, 7000);
	CHECK_INT(w.forgetting.likes, 300);
	/* where they take too much room those go that are as weak as the weakest */
	w.limits.bytes = 6 * 8192;
	for (i = 0; i < 1000 && step(&w, 7000); i++)
		;
	CHECK(i < 1000);
	CHECK_INT(w.forgetting.likes, 600);
	close_world(&w);
}

TEST(forgetting_the_oldest_decisions_where_all_is_too_large)
{
	struct world w;
	int i;

	open_world(&w);
	for (i = 0; i < 5000; i++)
		put_decision(&w, i + 1, i);
	w.limits.bytes = 200000;
	while (step(&w, 5000))
		;
	CHECK(entries(&w, LEARNING_DECISIONS) > 500 && entries(&w, LEARNING_DECISIONS) < 4000);
	close_world(&w);
}

static void remember(struct world *w, int n, double reward, int64_t now_ms)
{
	struct memory at = memory_at(w, now_ms);
	struct error err = { 0 };
	char key[32];
	int i;

	for (i = 0; i < n; i++) {
		snprintf(key, sizeof(key), "q:%06d", i);
		CHECK_OK(memory_add(&at, slice_str(key), SLICE_LIT("e"), i % 2 ? reward : 1, 1,
				 &err),
			err);
	}
}

TEST(forgetting_pairs_whose_evidence_has_faded)
{
	struct world w;
	int i;

	open_world(&w);
	remember(&w, 1000, 31, 0);
	/* evidence 2 and 32: 2^-8 of them is .0078 and .125 */
	for (i = 0; i < 10; i++)
		step(&w, 8000);
	CHECK_INT(entries(&w, LEARNING_MEMORY), 500);
	CHECK_INT(w.forgetting.pairs, 500);
	close_world(&w);
}

TEST(forgetting_the_weakest_pairs_where_memory_is_too_large)
{
	struct memory_row *rows;
	struct world w;
	int i;

	open_world(&w);
	remember(&w, 4000, 31, 0);
	w.limits.bytes = entries(&w, LEARNING_MEMORY) * 60;
	for (i = 0; i < 1000 && step(&w, 0); i++)
		;
	CHECK(i < 1000);
	CHECK(w.forgetting.pairs >= 2000 && w.forgetting.pairs < 4000);
	CHECK_NEAR(w.forgetting.memory.least, MEMORY_FADED, 1e-12);
	/* all the weak went before the first of the strong did */
	for (i = 0; i < 4000; i += 2) {
		char key[32];

		snprintf(key, sizeof(key), "q:%06d", i);
		CHECK_INT(remembered(&w, key, 0, &rows), 0);
	}
	close_world(&w);
}

TEST(forgetting_of_a_faded_pair_changes_no_answer)
{
	struct memory_row *rows;
	struct world w;

	open_world(&w);
	remember(&w, 1, 0, 0);
	CHECK_INT(remembered(&w, "q:000000", 7000, &rows), 1);
	CHECK_INT(remembered(&w, "q:000000", 8000, &rows), 0);
	/* and what comes next begins anew, whether the walk has been here or not */
	remember(&w, 1, 0, 8000);
	CHECK_INT(remembered(&w, "q:000000", 8000, &rows), 1);
	CHECK_NEAR(rows[0].reward, 1, 0);
	close_world(&w);
}
