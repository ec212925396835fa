#include "index/memory.h"

#include <stdio.h>

#include "check.h"
#include "limits.h"

static const struct memory_options options = { 4, 0.05, 1000 };
static const char *const tables[] = { "memory", NULL };

static struct store *open_store(void)
{
	struct store_options o = { test_folder(), tables, 64 << 20, true, false };
	struct error err = { 0 };
	struct store *store;

	CHECK_OK(store_open(&store, &o, &err), err);
	return store;
}

TEST(memory_sums_decay_as_the_closed_form_in_any_order)
{
	static const int64_t times[] = { 5000, 7300, 6100, 5000, 9000 };
	struct memory m = { .collection = 1, .options = &options };
	struct store *store = open_store();
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct memory_row *rows;
	double reward = 0, impressions = 0;
	struct txn *txn;
	size_t i;

	CHECK_OK(store_begin(&txn, store, STORE_WRITE, &err), err);
	m.txn = txn;
	for (i = 0; i < 5; i++) {
		m.now_ms = times[i];
		CHECK_OK(memory_add(&m, SLICE_LIT("q:love"), SLICE_LIT("a"), i % 2, 1, &err), err);
		reward += (i % 2) * exp2(-(10000 - times[i]) / 1000.0);
		impressions += exp2(-(10000 - times[i]) / 1000.0);
	}
	m.now_ms = 10000;
	CHECK_INT(memory_get(&m, SLICE_LIT("q:love"), NULL, arena, &rows, &err), 1);
	CHECK_NEAR(rows[0].reward, reward, 1e-6);
	CHECK_NEAR(rows[0].impressions, impressions, 1e-6);
	CHECK_NEAR(rows[0].score, (4 * 0.05 + reward) / (4 + impressions), 1e-6);
	m.collection = 2;
	CHECK_INT(memory_get(&m, SLICE_LIT("q:love"), NULL, arena, &rows, &err), 0);
	store_end(txn);
	store_close(store);
	arena_free(arena);
}

TEST(memory_keeps_the_best_pairs)
{
	struct memory m = { .collection = 1, .options = &options };
	struct store *store = open_store();
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct memory_row *rows;
	struct rng rng;
	struct txn *txn;
	char id[16];
	size_t n, i;

	rng_init(&rng, 1);
	CHECK_OK(store_begin(&txn, store, STORE_WRITE, &err), err);
	m.txn = txn;
	for (i = 0; i < MEMORY_ENTITIES_MAX + 50; i++) {
		snprintf(id, sizeof(id), "%zu", i);
		CHECK_OK(memory_add(&m, SLICE_LIT("k"), slice_str(id), i / 400.0, 1, &err), err);
	}
	n = memory_get(&m, SLICE_LIT("k"), NULL, arena, &rows, &err);
	CHECK_INT(n, MEMORY_ENTITIES_MAX);
	CHECK(slice_is(rows[0].entity, "305") && slice_is(rows[n - 1].entity, "50"));
	CHECK_INT(memory_get(&m, SLICE_LIT("k"), &rng, arena, &rows, &err), n);
	for (i = 1; i < n; i++)
		CHECK(rows[i - 1].draw >= rows[i].draw);
	CHECK_OK(store_put(txn, 0, SLICE_LIT("\0\1k"), SLICE_LIT("\1\5\0rub"), &err), err);
	CHECK_INT(memory_get(&m, SLICE_LIT("k"), NULL, arena, &rows, &err), ERR_CORRUPT);
	store_end(txn);
	store_close(store);
	arena_free(arena);
}
