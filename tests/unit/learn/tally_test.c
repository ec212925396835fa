/* tally_test.c -- rows of sums by time, on disk and in memory. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "learn/learning.h"
#include "learn/tally.h"
#include "store/key.h"

#define SLOT   TALLY_SLOT_MS
#define NOW    (INT64_C(1764000000000))
#define NAMES  7
#define SLOTS  5
#define ROUNDS 60

static struct store *open_store(void)
{
	struct store *store = NULL;
	struct error err = { 0 };

	CHECK_OK(learning_open(&store, test_folder(), 64 << 20, true, &err), err);
	return store;
}

static void save(struct store *store, struct tally *t, bool commit)
{
	struct error err = { 0 };
	struct txn *txn;

	CHECK_OK(store_begin(&txn, store, STORE_WRITE, &err), err);
	CHECK_OK(tally_save(t, txn, LEARNING_TALLIES, &err), err);
	if (commit)
		CHECK_OK(store_commit(txn, &err), err);
	else
		store_end(txn);
	tally_clear(t);
}

static void add(struct tally *t, int collection, int kind, int64_t at_ms, const char *name,
	double x)
{
	double *row = tally_row(t, (uint16_t)collection, (uint8_t)kind, at_ms, slice_str(name), 3);

	row[0]++;
	row[2] += x;
}

/* The sums of `name`, or zeros. */
static struct tally_sum sum_of(struct store *store, struct arena *arena, int collection, int kind,
	int64_t from_ms, int64_t to_ms, const char *name)
{
	struct tally_sum *sums, none = { .name = SLICE_LIT("") };
	struct error err = { 0 };
	struct txn *txn;
	int count, i;

	CHECK_OK(store_begin(&txn, store, STORE_READ, &err), err);
	count = tally_read(&(struct tally_rows){ txn, LEARNING_TALLIES, (uint16_t)collection,
				   arena },
		(uint8_t)kind, from_ms, to_ms, &sums, &err);
	CHECK_OK(count, err);
	store_end(txn);
	for (i = 1; i < count; i++)
		CHECK(slice_cmp(sums[i - 1].name, sums[i].name) < 0);
	for (i = 0; i < count; i++)
		if (slice_is(sums[i].name, name))
			return sums[i];
	return none;
}

TEST(rows_add_up_over_rounds_and_slots)
{
	struct store *store = open_store();
	struct tally *t = tally_new();
	struct arena *arena = arena_new();
	double want[2][SLOTS][NAMES] = { { { 0 } } }, sum, n;
	struct tally_sum got;
	char name[16];
	struct rng rng;
	int r, i, c, s, k, from;

	rng_init(&rng, 81);
	for (r = 0; r < ROUNDS; r++) {
		for (i = 0; i < 200; i++) {
			c = (int)rng_below(&rng, 2);
			s = (int)rng_below(&rng, SLOTS);
			k = (int)rng_below(&rng, NAMES);
			snprintf(name, sizeof(name), "arm%d", k * 37 % 11);
			add(t, c, 1, NOW + s * SLOT, name, k + 1);
			if (r % 3)
				want[c][s][k] += 1;
		}
		save(store, t, r % 3 != 0); /* what was not committed never was */
	}
	for (c = 0; c < 2; c++)
		for (k = 0; k < NAMES; k++) {
			snprintf(name, sizeof(name), "arm%d", k * 37 % 11);
			for (from = 0; from < SLOTS; from++) {
				for (n = sum = 0, s = from; s < SLOTS - 1; s++)
					n += want[c][s][k];
				got = sum_of(store, arena, c, 1, NOW + from * SLOT,
					NOW + (SLOTS - 1) * SLOT, name);
				CHECK(got.at[0] == n && got.at[1] == 0 && got.at[2] == n * (k + 1));
			}
			for (n = s = 0; s < SLOTS; s++)
				n += want[c][s][k];
			CHECK(sum_of(store, arena, c, 1, 0, INT64_MAX, name).at[0] == n);
			CHECK(sum_of(store, arena, c, 1, NOW, INT64_MAX, name).at[0] == n);
			CHECK(sum_of(store, arena, c, 2, 0, INT64_MAX, name).at[0] == 0);
		}
	arena_free(arena);
	tally_free(t);
	store_close(store);
}

TEST(old_slots_go_and_all_time_stays)
{
	struct store *store = open_store();
	struct tally *t = tally_new();
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct store_stat stat;
	struct txn *txn;
	int day, c, k, n, steps = 0;

	for (day = 0; day < 20; day++)
		for (c = 0; c < 3; c++)
			for (k = 1; k < 4; k++)
				add(t, c, k, NOW + day * INT64_C(86400000), "x", 1);
	save(store, t, true);
	do {
		CHECK_OK(store_begin(&txn, store, STORE_WRITE, &err), err);
		n = tally_forget(txn, LEARNING_TALLIES, NOW + 19 * INT64_C(86400000), 10, &err);
		CHECK(n >= 0 && n <= 10);
		CHECK_OK(store_commit(txn, &err), err);
		steps++;
	} while (n == 10);
	CHECK(steps > 9);
	CHECK_OK(store_begin(&txn, store, STORE_READ, &err), err);
	CHECK_OK(store_stat(txn, LEARNING_TALLIES, &stat, &err), err);
	store_end(txn);
	CHECK_INT(stat.entries, 3 * 3 * (9 + 1)); /* today, eight days, and all time */
	for (c = 0; c < 3; c++)
		for (k = 1; k < 4; k++) {
			CHECK(sum_of(store, arena, c, k, 0, 0, "x").at[0] == 20);
			CHECK(sum_of(store, arena, c, k, NOW, INT64_MAX, "x").at[0] == 9);
		}
	arena_free(arena);
	tally_free(t);
	store_close(store);
}

TEST(a_row_grows_and_one_that_does_not_read_back_starts_anew)
{
	struct store *store = open_store();
	struct tally *t = tally_new();
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct key key = { .len = 0 };
	struct txn *txn;

	tally_row(t, 1, 1, 0, SLICE_LIT("a"), 1)[0] = 4;
	save(store, t, true);
	tally_row(t, 1, 1, 0, SLICE_LIT("a"), 3)[2] = 5;
	save(store, t, true);
	tally_row(t, 1, 1, 0, SLICE_LIT("a"), 2)[1] = 6; /* and keeps what it had */
	save(store, t, true);
	CHECK(sum_of(store, arena, 1, 1, 0, 0, "a").at[0] == 4);
	CHECK(sum_of(store, arena, 1, 1, 0, 0, "a").at[1] == 6);
	CHECK(sum_of(store, arena, 1, 1, 0, 0, "a").at[2] == 5);
	key_u16(&key, 1);
	key_u8(&key, 1);
	key_u32(&key, 0);
	key_raw(&key, SLICE_LIT("a"));
	CHECK_OK(store_begin(&txn, store, STORE_WRITE, &err), err);
	CHECK_OK(store_put(txn, LEARNING_TALLIES, key_slice(&key), SLICE_LIT("\1\3nonsense"), &err),
		err);
	CHECK_OK(store_commit(txn, &err), err);
	CHECK(sum_of(store, arena, 1, 1, 0, 0, "a").at[0] == 0);
	tally_row(t, 1, 1, 0, SLICE_LIT("a"), 1)[0] = 7;
	save(store, t, true);
	CHECK(sum_of(store, arena, 1, 1, 0, 0, "a").at[0] == 7);
	arena_free(arena);
	tally_free(t);
	store_close(store);
}
