/* What strategies earned under a key: means, forgetting, a bounded number of keys, damage. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn/history.h"
#include "learn/learning.h"
#include "store/key.h"

struct scene {
	struct store *store;
	struct txn *txn;
};

static void open_scene(struct scene *s)
{
	struct error err = { 0 };

	CHECK_OK(learning_open(&s->store, test_folder(), 64 << 20, true, &err), err);
	CHECK_OK(store_begin(&s->txn, s->store, STORE_WRITE, &err), err);
}

static void close_scene(struct scene *s)
{
	store_end(s->txn);
	store_close(s->store);
}

static const char *const names[3] = { "any", "fuzzy", "idle" };

/* "any" drew two buckets, "fuzzy" one, "idle" none; what the first two earned. */
static void add(struct scene *s, const uint64_t *keys, int count, float any, float fuzzy)
{
	struct decision_arm arm[3] = { { .name = slice_str(names[0]), .level = 2 },
		{ .name = slice_str(names[1]), .level = 1 }, { .name = slice_str(names[2]) } };
	struct decision d = { .levels = LEVELS_DEFAULT,
		.arms = 3,
		.arm = arm,
		.history_keys = count };
	struct error err = { 0 };
	struct outcome o;

	memcpy(d.history_key, keys, (size_t)count * sizeof(*keys));
	outcome_init(&o, &d);
	o.reward[0][0] = any / 2;
	o.reward[0][1] = any / 2;
	o.reward[1][0] = fuzzy;
	CHECK_OK(history_add(s->txn, LEARNING_HISTORY, 3, &d, &o, &err), err);
}

static struct history get(struct scene *s, uint16_t collection, uint64_t key)
{
	struct error err = { 0 };
	struct history h;

	CHECK_OK(history_read(s->txn, LEARNING_HISTORY, collection, key, &h, &err), err);
	return h;
}

TEST(history_tells_what_a_strategy_earned_under_each_key_when_it_was_asked)
{
	const uint64_t all = history_key(HISTORY_ALL, SLICE_LIT("")),
		       love = history_key(HISTORY_QUERY, SLICE_LIT("love")),
		       user = history_key(HISTORY_USER, SLICE_LIT("love"));
	struct scene s;
	struct history h;
	int i;

	CHECK(love != user && love != all && love);
	open_scene(&s);
	h = get(&s, 3, love);
	CHECK_INT(h.count, 0);
	CHECK_NEAR(history_mean(&h, SLICE_LIT("any"), 0.25f), 0.25, 0); /* the prior */
	add(&s, (uint64_t[]){ all, love }, 2, 1, 0);
	add(&s, (uint64_t[]){ all, user }, 2, 0, 0.5f);
	h = get(&s, 3, love);
	CHECK_INT(h.count, 2); /* what was not asked does not stand there */
	CHECK_NEAR(history_times(&h, SLICE_LIT("any")), 1, 0);
	CHECK_NEAR(history_times(&h, SLICE_LIT("idle")), 0, 0);
	CHECK_NEAR(history_mean(&h, SLICE_LIT("any"), 0.2f), (3 * 0.2 + 1) / 4, 1e-6);
	CHECK_NEAR(history_mean(&h, SLICE_LIT("fuzzy"), 0.2f), 3 * 0.2 / 4, 1e-6);
	h = get(&s, 3, user);
	CHECK_NEAR(history_mean(&h, SLICE_LIT("fuzzy"), 0), 0.5 / 4, 1e-6);
	h = get(&s, 3, all);
	CHECK_NEAR(history_times(&h, SLICE_LIT("any")), 2, 0.01);
	CHECK_INT(get(&s, 4, love).count, 0); /* another collection */
	for (i = 0; i < 300; i++)             /* the past fades: about twenty times count */
		add(&s, (uint64_t[]){ all, love }, 2, i < 200, 0);
	h = get(&s, 3, love);
	CHECK(history_mean(&h, SLICE_LIT("any"), 0.2f) < 0.05);
	close_scene(&s);
}

TEST(a_key_that_comes_often_keeps_its_place_and_one_that_came_once_does_not)
{
	uint64_t mine = history_key(HISTORY_QUERY, SLICE_LIT("often")), other[20];
	char text[32];
	struct scene s;
	int i, n = 0;

	open_scene(&s);
	for (i = 0; n < 20; i++) { /* keys on the same place */
		snprintf(text, sizeof(text), "other %d", i);
		other[n] = history_key(HISTORY_QUERY, slice_str(text));
		n += other[n] % HISTORY_SLOTS == mine % HISTORY_SLOTS;
	}
	for (i = 0; i < 10; i++)
		add(&s, &mine, 1, 1, 0);
	for (i = 0; i < 9; i++)
		add(&s, &other[i], 1, 1, 0);
	CHECK_INT(get(&s, 3, mine).count, 2);
	for (i = 0; i < 9; i++)
		CHECK_INT(get(&s, 3, other[i]).count, 0);
	for (i = 9; i < 19; i++)
		add(&s, &other[i], 1, 1, 0);
	CHECK_INT(get(&s, 3, mine).count, 0);
	for (n = 0, i = 9; i < 20; i++)
		n += get(&s, 3, other[i]).count == 2;
	CHECK_INT(n, 1); /* one of them at a time */
	close_scene(&s);
}

TEST(history_that_is_damaged_is_told_and_written_over)
{
	const uint64_t love = history_key(HISTORY_QUERY, SLICE_LIT("love"));
	struct key key = { .len = 0 };
	struct error err = { 0 };
	struct history h;
	struct scene s;
	char bytes[200];
	struct slice value;
	size_t len, cut;

	open_scene(&s);
	key_u16(&key, 3);
	key_u32(&key, (uint32_t)(love % HISTORY_SLOTS));
	for (cut = 0; cut < 3; cut++) {
		add(&s, &love, 1, 1, 0);
		CHECK_OK(store_get(s.txn, LEARNING_HISTORY, key_slice(&key), &value, &err), err);
		len = value.len;
		CHECK(len < sizeof(bytes));
		memcpy(bytes, value.ptr, len);
		if (cut == 0)
			len--;
		else if (cut == 1)
			bytes[0] = 9; /* the version */
		else
			memset(bytes + len - 4, 0xff, 4); /* a reward that is no number */
		CHECK_OK(store_put(s.txn, LEARNING_HISTORY, key_slice(&key), slice_of(bytes, len),
				 &err),
			err);
		CHECK_INT(history_read(s.txn, LEARNING_HISTORY, 3, love, &h, &err), ERR_CORRUPT);
		CHECK_INT(h.count, 0);
	}
	add(&s, &love, 1, 1, 0);
	CHECK_INT(get(&s, 3, love).count, 2);
	close_scene(&s);
}
