/* drift_test.c -- features that change are told of in words, and those that do not are not. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "learn/drift.h"
#include "learn/learning.h"

#define DAY    INT64_C(86400000)
#define NOW_MS INT64_C(1764000000000)

enum { WORDS, BRAND, HOUR, GENRE, PRICE, BOTH, FEATURES };

static const struct feature_spec specs[FEATURES] = {
	{ .name = "words", .kind = FEATURE_NUMBER, .lo = 0, .hi = 12 },
	{ .name = "brand", .kind = FEATURE_FLAG },
	{ .name = "hour", .kind = FEATURE_CYCLE, .period = 24 },
	{ .name = "genre", .kind = FEATURE_CATEGORY, .buckets = 16 },
	{ .name = "price", .kind = FEATURE_NUMBER, .lo = 10, .hi = 110 },
	{ .name = "both", .kind = FEATURE_PRODUCT, .of = { "words", "brand" } },
};

/* How a day's searches are. */
struct day {
	double words, spread, brand, priceless, price, price_spread;
	const char *genres;
	double hour;
};

static const struct day usual = { 3, 1, 0.2, 0.3, 50, 8, "aabcd", 12 };

struct scene {
	struct store *store;
	struct feature_set *set;
	struct arena *arena;
	struct tally *tally;
	struct rng rng;
	struct drift *drift;
	int count;
};

static struct scene *scene_new(void)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct error err = { 0 };

	CHECK_OK(learning_open(&s->store, test_folder(), 64 << 20, true, &err), err);
	CHECK_OK(feature_set_new(&s->set, specs, FEATURES, &err), err);
	s->arena = arena_new();
	s->tally = tally_new();
	rng_init(&s->rng, 101);
	return s;
}

static void scene_free(struct scene *s)
{
	tally_free(s->tally);
	arena_free(s->arena);
	feature_set_free(s->set);
	store_close(s->store);
	free(s);
}

static void live(struct scene *s, const struct day *how, int64_t at_ms, int searches)
{
	struct feature_value values[FEATURES] = { { 0 } };
	struct decision d = { .at_ms = at_ms,
		.features = feature_set_hash(s->set),
		.width = feature_set_width(s->set) };
	float phi[FEATURES_MAX];
	int i;

	for (i = 0; i < searches; i++) {
		values[WORDS] = (struct feature_value){ true,
			how->words + how->spread * rng_normal(&s->rng), { 0 } };
		values[BRAND] =
			(struct feature_value){ rng_double(&s->rng) < how->brand, 1, { 0 } };
		values[HOUR] = (struct feature_value){ true, how->hour, { 0 } };
		values[GENRE] = (struct feature_value){ true, 0,
			slice_of(how->genres + rng_below(&s->rng, strlen(how->genres)), 1) };
		values[PRICE] = (struct feature_value){ rng_double(&s->rng) >= how->priceless,
			how->price + how->price_spread * rng_normal(&s->rng), { 0 } };
		d.clipped = feature_set_fill(s->set, values, phi);
		d.absent = feature_set_absent(s->set, values);
		d.phi = phi;
		drift_count(s->tally, 1, s->set, &d, 0);
	}
}

/* What is said of the features when the last day was so, after a week of the usual. */
static void look(struct scene *s, const struct day *before, const struct day *how, int searches)
{
	struct error err = { 0 };
	struct txn *txn;
	int day;

	for (day = 2; day < 8; day++)
		live(s, before, NOW_MS - day * DAY, 300);
	live(s, how, NOW_MS - DAY / 2, searches);
	CHECK_OK(store_begin(&txn, s->store, STORE_WRITE, &err), err);
	CHECK_OK(tally_save(s->tally, txn, LEARNING_TALLIES, &err), err);
	s->count = drift_read(&(struct tally_rows){ txn, LEARNING_TALLIES, 1, s->arena }, s->set,
		NOW_MS, DAY, &s->drift, &err);
	CHECK_OK(s->count, err);
	store_end(txn); /* nothing is kept for the next */
	tally_clear(s->tally);
	CHECK_INT(s->count, FEATURES - 1); /* no product */
}

static const struct drift *of(const struct scene *s, const char *name)
{
	int i;

	for (i = 0; i < s->count; i++)
		if (!strcmp(s->drift[i].name, name))
			return &s->drift[i];
	check_fail(__FILE__, __LINE__, "no feature %s", name);
}

/* Of this feature these words, and of no other any. */
static void says(const struct scene *s, const char *name, const char *words)
{
	int i;

	for (i = 0; i < s->count; i++) {
		if (strcmp(s->drift[i].name, name)) {
			CHECK_STR(s->drift[i].says, "");
		} else if (!strstr(s->drift[i].says, words) || (!*words && s->drift[i].says[0])) {
			check_fail(__FILE__, __LINE__, "of %s \"%s\", not \"%s\"", name,
				s->drift[i].says, words);
		}
	}
}

TEST(what_is_as_before_is_not_spoken_of)
{
	struct scene *s = scene_new();
	struct day how = usual;
	int t;

	for (t = 0; t < 50; t++) {
		how.hour = t % 24; /* hours differ by nature */
		look(s, &usual, &how, 150);
		says(s, "words", "");
	}
	look(s, &usual, &usual, 400);
	CHECK_NEAR(of(s, "words")->mean[BEFORE], 3, 0.1);
	CHECK_NEAR(of(s, "words")->sd[NOW], 1, 0.15);
	CHECK_NEAR(of(s, "brand")->mean[BEFORE], 0.2, 0.05);
	CHECK_NEAR(of(s, "brand")->absent[BEFORE], 0, 0);
	CHECK_NEAR(of(s, "price")->absent[NOW], 0.3, 0.1);
	CHECK_NEAR(of(s, "price")->mean[NOW], 50, 3);
	CHECK_NEAR(of(s, "price")->sd[NOW], 8, 1);
	CHECK(of(s, "words")->searches[BEFORE] == 1800 && of(s, "words")->searches[NOW] == 400);
	scene_free(s);
}

TEST(a_feature_that_changed_is_told_of_in_words)
{
	struct scene *s = scene_new();
	struct day how = usual, constant;

	how.words = 6;
	look(s, &usual, &how, 400);
	says(s, "words", "moved by ");
	says(s, "words", " sd: ");
	CHECK_NEAR(of(s, "words")->moved, 3, 0.3);
	how = usual;
	how.words = 12.5; /* more than half is clipped */
	look(s, &usual, &how, 400);
	says(s, "words", "out of range in 6");
	says(s, "words", "% of searches (0");
	says(s, "words", "; moved by ");
	how = usual;
	how.spread = 0.1;
	look(s, &usual, &how, 400);
	says(s, "words", "spread by 0.1");
	how = usual;
	how.brand = 0.6;
	look(s, &usual, &how, 400);
	says(s, "brand", "true in ");
	how = usual;
	how.genres = "aegij";
	look(s, &usual, &how, 400);
	says(s, "genre", "the places of ");
	CHECK(of(s, "genre")->moved > 0.6 && of(s, "genre")->moved < 1);
	how = usual;
	how.priceless = 0.9;
	look(s, &usual, &how, 400);
	says(s, "price", "absent in 9");
	how = constant = usual;
	constant.price_spread = 0;
	how.price = 60;
	look(s, &constant, &how, 400);
	says(s, "price", ", always 50 before");
	scene_free(s);
}

TEST(what_never_changes_is_told_of_and_so_is_little_of_nothing)
{
	struct scene *s = scene_new();
	struct day dead = usual, many = usual;

	dead.priceless = dead.price_spread = 0;
	dead.brand = 0;
	look(s, &dead, &dead, 400);
	CHECK_STR(of(s, "price")->says, "always 50: it tells nothing");
	CHECK_STR(of(s, "brand")->says, "always 0: it tells nothing");
	CHECK_STR(of(s, "words")->says, "");
	many.words = 9;
	look(s, &usual, &many, 99); /* too few to say anything */
	says(s, "words", "");
	scene_free(s);
}

TEST(another_feature_set_counts_nothing_and_a_wider_range_moves_nothing)
{
	struct feature_spec wider[FEATURES];
	struct feature_set *other = NULL;
	struct scene *s = scene_new();
	struct decision d = { .at_ms = NOW_MS, .features = 1, .width = feature_set_width(s->set) };
	struct error err = { 0 };
	struct txn *txn;

	drift_count(s->tally, 1, s->set, &d, 0);
	look(s, &usual, &usual, 0);
	CHECK(of(s, "words")->searches[NOW] == 0);
	memcpy(wider, specs, sizeof(specs));
	wider[WORDS].hi = 40;
	CHECK_OK(feature_set_new(&other, wider, FEATURES, &err), err);
	live(s, &usual, NOW_MS - 3 * DAY, 400);
	feature_set_free(s->set);
	s->set = other;
	live(s, &usual, NOW_MS, 400);
	CHECK_OK(store_begin(&txn, s->store, STORE_WRITE, &err), err);
	CHECK_OK(tally_save(s->tally, txn, LEARNING_TALLIES, &err), err);
	s->count = drift_read(&(struct tally_rows){ txn, LEARNING_TALLIES, 1, s->arena }, s->set,
		NOW_MS, DAY, &s->drift, &err);
	CHECK_OK(s->count, err);
	store_end(txn);
	CHECK(of(s, "words")->searches[BEFORE] == 400);
	says(s, "words", "");
	scene_free(s);
}
