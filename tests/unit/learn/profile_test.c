/* profile_test.c -- what a user likes: sums that fade, a bounded number of them. */
#include "check.h"

#include <math.h>
#include <stdio.h>

#include "learn/profile.h"

#define HALF_LIFE 1000.0

static const char *const tables[] = { "profiles", NULL };

struct world {
	struct store *store;
	struct txn *txn;
	struct arena *arena;
};

static void open_world(struct world *w)
{
	struct store_options o = { test_folder(), tables, 64 << 20, true, false };
	struct error err = { 0 };

	CHECK_OK(store_open(&w->store, &o, &err), err);
	CHECK_OK(store_begin(&w->txn, w->store, STORE_WRITE, &err), err);
	w->arena = arena_new();
}

static void close_world(struct world *w)
{
	store_end(w->txn);
	store_close(w->store);
	arena_free(w->arena);
}

static struct profiles at(struct world *w, int64_t now_ms)
{
	return (struct profiles){ w->txn, 0, 1, now_ms, HALF_LIFE };
}

static void like(struct world *w, const char *user, const char *genre, double weight, double reward,
	int64_t at_ms)
{
	struct profile_trait traits[2] = { { SLICE_LIT("kind"), SLICE_LIT("track"), 1 },
		{ SLICE_LIT("genre"), slice_str(genre), weight } };
	struct profiles profiles = at(w, at_ms);
	struct error err = { 0 };

	CHECK_OK(profile_add(&profiles, slice_str(user), traits, 2, reward, &err), err);
}

static struct profile *read_at(struct world *w, const char *user, int64_t now_ms)
{
	struct profiles profiles = at(w, now_ms);
	struct profile *p;
	struct error err = { 0 };

	CHECK_OK(profile_read(&profiles, slice_str(user), w->arena, &p, &err), err);
	return p;
}

static double share(const struct profile *p, const char *field, const char *value)
{
	int i;

	for (i = 0; i < p->count; i++)
		if (slice_is(p->like[i].field, field) && slice_is(p->like[i].value, value))
			return p->like[i].share;
	return 0;
}

TEST(likes_decay_as_the_closed_form_in_any_order)
{
	static const int64_t times[] = { 5000, 7300, 6100, 5000, 9000 };
	double pop = 0, all = 0, amount;
	struct profile *p;
	struct world w;
	size_t i;

	open_world(&w);
	for (i = 0; i < 5; i++) {
		like(&w, "ada", i % 2 ? "pop" : "rock", i % 2 ? 0.5 : 1, 0.8, times[i]);
		amount = 0.8 * exp2(-(10000 - times[i]) / HALF_LIFE);
		all += amount;
		pop += i % 2 ? 0.5 * amount : 0;
	}
	p = read_at(&w, "ada", 10000);
	CHECK_NEAR(p->rewards, all, 1e-9);
	CHECK_NEAR(share(p, "genre", "pop"), pop / (all + PROFILE_WEIGHT), 1e-9);
	CHECK_NEAR(share(p, "kind", "track"), all / (all + PROFILE_WEIGHT), 1e-9);
	CHECK_INT(p->count, 3);
	CHECK(slice_is(p->like[0].value, "rock") && slice_is(p->like[1].value, "pop"));
	CHECK(slice_is(p->like[2].field, "kind")); /* fields by name, the most liked first */
	CHECK(!read_at(&w, "bob", 10000));
	like(&w, "ada", "pop", 1, 0, 10000); /* nothing earned says nothing */
	CHECK_NEAR(read_at(&w, "ada", 10000)->rewards, all, 1e-9);
	close_world(&w);
}

TEST(a_user_has_so_many_values_and_the_weakest_makes_room)
{
	struct profile *p;
	char genre[32];
	struct world w;
	int i;

	open_world(&w);
	for (i = 0; i < 2 * PROFILE_VALUES_MAX; i++) {
		snprintf(genre, sizeof(genre), "g%d", i);
		like(&w, "ada", genre, 1, i % 3 ? 0.1 : 1, 5000);
	}
	p = read_at(&w, "ada", 5000);
	CHECK_INT(p->count, PROFILE_VALUES_MAX);
	CHECK_NEAR(share(p, "genre", "g0"), 1 / (p->rewards + PROFILE_WEIGHT), 1e-9);
	CHECK(share(p, "genre", "g1") == 0);
	CHECK_NEAR(share(p, "kind", "track"), p->rewards / (p->rewards + PROFILE_WEIGHT), 1e-9);
	/* after seven half-lives and more what was worth 1 is not there any more */
	p = read_at(&w, "ada", 12000);
	CHECK(p->count == 1 && share(p, "kind", "track") > 0);
	like(&w, "ada", "new", 1, 0.5, 12000);
	CHECK_INT(read_at(&w, "ada", 12000)->count, 2);
	close_world(&w);
}

TEST(a_value_that_is_too_long_or_a_user_without_a_name_leaves_no_trace)
{
	char name[PROFILE_USER_MAX + 2], genre[PROFILE_VALUE_BYTES + 2];
	struct store_stat stat;
	struct error err = { 0 };
	struct world w;

	open_world(&w);
	memset(name, 'u', sizeof(name));
	memset(genre, 'g', sizeof(genre));
	name[sizeof(name) - 1] = genre[sizeof(genre) - 1] = '\0';
	like(&w, "", "pop", 1, 1, 5000);
	like(&w, name, "pop", 1, 1, 5000);
	CHECK_OK(store_stat(w.txn, 0, &stat, &err), err);
	CHECK_INT(stat.entries, 0);
	CHECK(!read_at(&w, "", 5000) && !read_at(&w, name, 5000));
	like(&w, name + 1, genre, 1, 1, 5000);
	CHECK_INT(read_at(&w, name + 1, 5000)->count, 1); /* the kind */
	close_world(&w);
}

TEST(what_faded_is_forgotten_row_by_row_and_a_user_at_once)
{
	struct key from = { 0 };
	struct store_stat stat;
	struct error err = { 0 };
	struct profiles profiles;
	struct world w;
	int steps = 0, dropped = 0;

	open_world(&w);
	profiles = at(&w, 9000);
	like(&w, "ada", "pop", 1, 1, 1000);
	like(&w, "bob", "pop", 1, 1, 9000);
	like(&w, "bob", "rock", 0.2, 0.2, 9000);
	like(&w, "eve", "pop", 1, 1, 9000);
	CHECK_OK(store_put(w.txn, 0, SLICE_LIT("\0\1zoe"), SLICE_LIT("damaged"), &err), err);
	do {
		dropped += profile_forget(&profiles, &from, 1, 0.05, &err);
		steps++;
	} while (from.len);
	CHECK_INT(steps, 5);
	CHECK_INT(dropped, 3); /* both of ada's, bob's rock */
	CHECK_OK(store_stat(w.txn, 0, &stat, &err), err);
	CHECK_INT(stat.entries, 2);
	CHECK_INT(read_at(&w, "bob", 9000)->count, 2);
	CHECK_OK(profile_drop(&profiles, SLICE_LIT("bob"), &err), err);
	CHECK_OK(profile_drop(&profiles, SLICE_LIT("nobody"), &err), err);
	CHECK(!read_at(&w, "bob", 9000) && !read_at(&w, "ada", 9000));
	CHECK_INT(read_at(&w, "eve", 9000)->count, 2);
	close_world(&w);
}

TEST(a_damaged_profile_is_told_and_begins_anew)
{
	static const char *const bad[] = { "", "\1", "\2aaaaaaaaaaaaaaaaa",
		"\1aaaaaaaabbbbbbbb\377" };
	struct error err = { 0 };
	struct profile *p;
	struct profiles profiles;
	struct world w;
	size_t i;

	open_world(&w);
	profiles = at(&w, 5000);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK_OK(store_put(w.txn, 0, SLICE_LIT("\0\1ada"), slice_str(bad[i]), &err), err);
		CHECK_INT(profile_read(&profiles, SLICE_LIT("ada"), w.arena, &p, &err),
			ERR_CORRUPT);
	}
	like(&w, "ada", "pop", 1, 1, 5000);
	CHECK_NEAR(read_at(&w, "ada", 5000)->rewards, 1, 1e-9);
	close_world(&w);
}
