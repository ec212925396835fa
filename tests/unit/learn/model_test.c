#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn/model.h"
#include "learn/pace.h"
#include "store/key.h"
#include "learn/policy.h"

enum { MODELS };

static const char *const tables[] = { "models", NULL };

static const struct feature_spec some[2] = { { .name = "x", .kind = FEATURE_FLAG },
	{ .name = "words", .kind = FEATURE_NUMBER, .lo = 0, .hi = 10 } };

struct scene {
	struct feature_set *features;
	struct model *model;
	struct ladder *ladder;
	struct arena *arena;
	struct store *store;
	struct outcome outcome;
	struct rng rng;
};

static struct scene *scene_new(void)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct store_options options = { test_folder(), tables, 8 << 20, true, false };
	struct model_options model = MODEL_OPTIONS_DEFAULT;
	struct error err = { 0 };

	CHECK_OK(feature_set_new(&s->features, some, 2, &err), err);
	CHECK_OK(model_new(&s->model, &model, s->features, &err), err);
	CHECK_OK(store_open(&s->store, &options, &err), err);
	s->ladder = ladder_default();
	s->arena = arena_new();
	rng_init(&s->rng, 41);
	return s;
}

static void scene_free(struct scene *s)
{
	model_free(s->model);
	feature_set_free(s->features);
	ladder_free(s->ladder);
	arena_free(s->arena);
	store_close(s->store);
	free(s);
}

/* Entities e1, e2, ... at ranks 1, 2, ... of every list that is `drawn` long. */
static struct decision *decision(struct scene *s, uint64_t id, const char *const *names,
	const int *levels, int arms, int drawn)
{
	struct decision *d = arena_calloc(s->arena, 1, sizeof(*d));
	struct decision_arm *arm = arena_calloc(s->arena, (size_t)arms, sizeof(*arm));
	struct decision_candidate *list = arena_calloc(s->arena, (size_t)drawn, sizeof(*list));
	float *phi = arena_calloc(s->arena, 3, sizeof(*phi));
	char name[16];
	int i;

	for (i = 0; i < drawn; i++) {
		snprintf(name, sizeof(name), "e%d", i + 1);
		list[i] = (struct decision_candidate){ entity_hash(slice_str(name)),
			(uint16_t)(i + 1) };
	}
	for (i = 0; i < arms; i++) {
		arm[i].name = slice_str(names[i]);
		arm[i].level = (uint8_t)levels[i];
		arm[i].drawn = (uint16_t)(levels[i] ? drawn : 0);
		arm[i].candidates = list;
		arm[i].p = arm[i].dist[levels[i]] = 1;
	}
	phi[0] = 1;
	phi[1] = (float)rng_below(&s->rng, 2);
	phi[2] = (float)rng_double(&s->rng);
	*d = (struct decision){ .id = id,
		.at_ms = (int64_t)id,
		.features = feature_set_hash(s->features),
		.width = 3,
		.phi = phi,
		.levels = LEVELS_DEFAULT,
		.arms = arms,
		.arm = arm,
		.sampled = 1 };
	return d;
}

static struct model_change event(struct scene *s, const struct decision *d, const char *entity,
	const char *name)
{
	struct outcome_event e = { slice_str(name), 1, 1 };
	struct model_change change;
	struct error err = { 0 };

	CHECK_OK(model_apply(s->model, d, &s->outcome, s->ladder, s->arena, slice_str(entity), &e,
			 &change, &err),
		err);
	return change;
}

/* A few hundred decisions with events, some windows closed. */
static void live(struct scene *s, uint64_t from, int count)
{
	static const char *const names[3] = { "lexical", "memory", "top" };
	int levels[3], t, a;
	struct decision *d;

	for (t = 0; t < count; t++) {
		for (a = 0; a < 3; a++)
			levels[a] = (int)rng_below(&s->rng, 5);
		d = decision(s, from + (uint64_t)t, names, levels, 3,
			1 + (int)rng_below(&s->rng, 30));
		outcome_init(&s->outcome, d);
		model_count(s->model, d);
		if (rng_below(&s->rng, 2))
			event(s, d, rng_below(&s->rng, 2) ? "e1" : "e7", "click");
		model_close(s->model, d, &s->outcome);
	}
}

static void save(struct scene *s)
{
	struct txn *txn = NULL;
	struct error err = { 0 };

	CHECK_OK(store_begin(&txn, s->store, STORE_WRITE, &err), err);
	CHECK_OK(model_save(s->model, txn, MODELS, 7, &err), err);
	CHECK_OK(store_commit(txn, &err), err);
	model_saved(s->model);
}

static struct model *load(struct scene *s, const struct feature_set *features)
{
	struct model_options options = MODEL_OPTIONS_DEFAULT;
	struct model *m = NULL;
	struct txn *txn = NULL;
	struct error err = { 0 };

	CHECK_OK(store_begin(&txn, s->store, STORE_READ, &err), err);
	CHECK_OK(model_load(&m, txn, MODELS, 7, &options, features, &err), err);
	store_end(txn);
	return m;
}

/* What a policy would choose under a model; the same seed each time. */
static void choose(struct model *m, const struct feature_set *features, struct choice *out)
{
	static const char *const names[4] = { "top", "lexical", "new", "memory" };
	struct snapshot *snapshot = model_publish(m);
	const struct learnt *learnt = snapshot_object(snapshot);
	struct levels levels = LEVELS_DEFAULT;
	struct policy_options options;
	struct policy_arm arms[4];
	float phi[FEATURES_MAX] = { 1, 1, 0.25f };
	struct policy_request r = { &levels, &options, phi, feature_set_width(features),
		feature_set_hash(features), arms, 4, 40, 0, features };
	struct rng rng;
	int a;

	memset(arms, 0, sizeof(arms));
	for (a = 0; a < 4; a++) {
		arms[a].learnt = learnt_find(learnt, slice_str(names[a]));
		arms[a].limit = DEPTH_MAX;
		arms[a].max = 1;
	}
	policy_options_default(&options, &levels);
	rng_init(&rng, 99);
	memset(out, 0, sizeof(*out));
	policy_choose(&policy_priced, learnt, &r, &rng, out);
	snapshot_drop(snapshot);
}

static bool same(const struct choice *a, const struct choice *b)
{
	return a->price == b->price && !memcmp(a->arm, b->arm, 4 * sizeof(a->arm[0]));
}

TEST(an_event_teaches_all_who_brought_the_entity_and_later_ones_the_difference)
{
	static const char *const names[3] = { "a", "b", "idle" };
	static const int levels[3] = { 2, 1, 0 };
	struct scene *s = scene_new();
	struct decision *d = decision(s, 1, names, levels, 3, 10);
	const struct learnt *learnt;
	struct snapshot *snapshot;
	struct model_change c;
	int a;

	outcome_init(&s->outcome, d);
	model_count(s->model, d);
	c = event(s, d, "e2", "click"); /* both brought it, in their first bucket */
	CHECK_INT(c.credits, 2);
	CHECK_NEAR(c.given[0], 0.3, 1e-6);
	CHECK_NEAR(c.given[1], 0.3, 1e-6);
	c = event(s, d, "e8", "click"); /* rank 8: deeper than b was asked */
	CHECK_INT(c.credits, 1);
	CHECK_INT(c.credit[0].bucket, 1);
	CHECK_NEAR(c.given[0], 0.3, 1e-6);
	c = event(s, d, "e8", "like");
	CHECK_NEAR(c.before, 0.3, 1e-6);
	CHECK_NEAR(c.after, 0.6, 1e-6);
	CHECK_NEAR(c.given[0], 0.3, 1e-6);
	c = event(s, d, "e8", "click"); /* again: nothing to add */
	CHECK_NEAR(c.given[0], 0, 0);
	c = event(s, d, "e9", "purchase"); /* a bucket's reward ends at 1 */
	CHECK_NEAR(c.given[0], 0.4, 1e-6);
	c = event(s, d, "e10", "purchase");
	CHECK_NEAR(c.given[0], 0, 0);
	c = event(s, d, "elsewhere", "purchase");
	CHECK_INT(c.credits, 0);
	CHECK_NEAR(s->outcome.reward[0][0], 0.3, 1e-6);
	CHECK_NEAR(s->outcome.reward[0][1], 1, 0);
	CHECK_INT(s->outcome.applied[0], 3);
	CHECK_INT(s->outcome.applied[1], 1);
	CHECK_INT(model_close(s->model, d, &s->outcome), 0); /* all drawn ones earned */
	snapshot = model_publish(s->model);
	learnt = snapshot_object(snapshot);
	a = learnt_find(learnt, SLICE_LIT("idle"));
	CHECK(!learnt_fit(learnt, a, 0));
	snapshot_drop(snapshot);
	scene_free(s);
}

TEST(a_closed_window_tells_zeros_once_and_a_late_event_still_raises)
{
	static const char *const names[2] = { "a", "b" };
	static const int levels[2] = { 3, 1 };
	struct scene *s = scene_new();
	struct decision *d = decision(s, 1, names, levels, 2, 20);
	struct model_change c;

	outcome_init(&s->outcome, d);
	event(s, d, "e7", "click");
	CHECK_INT(model_close(s->model, d, &s->outcome), 3);
	CHECK_INT(model_close(s->model, d, &s->outcome), 0);
	CHECK_INT(s->outcome.applied[0], 7);
	c = event(s, d, "e6", "purchase");
	CHECK_NEAR(c.given[0], 0.7, 1e-6); /* of 1 there is the click of e7 */
	c = event(s, d, "e12", "click");
	CHECK_NEAR(c.given[0], 0.3, 1e-6);
	scene_free(s);
}

TEST(a_pin_outlives_restarts_and_goes_when_it_is_taken_off)
{
	const struct pin pin = { true, 0.1f, 0.25f }, none = { false, 0, 0 };
	struct scene *s = scene_new();
	struct error err = { 0 };
	struct snapshot *snapshot;
	const struct learnt *l;
	struct model *again;
	int a, round;

	live(s, 0, 50);
	CHECK_OK(model_pin(s->model, SLICE_LIT("memory"), &pin, 5, &err), err);
	CHECK_OK(model_pin(s->model, SLICE_LIT("not there yet"), &pin, 5, &err), err);
	for (round = 0; round < 2; round++) {
		save(s);
		again = load(s, s->features);
		model_free(s->model);
		s->model = again;
		snapshot = model_publish(s->model);
		l = snapshot_object(snapshot);
		a = learnt_find(l, SLICE_LIT("memory"));
		CHECK(learnt_pin(l, a)->set == (round == 0));
		CHECK(round || learnt_pin(l, a)->max == 0.25f);
		a = learnt_find(l, SLICE_LIT("not there yet"));
		CHECK(learnt_pin(l, a)->set && learnt_pin(l, a)->min == 0.1f);
		CHECK(!learnt_pin(l, learnt_find(l, SLICE_LIT("top")))->set);
		snapshot_drop(snapshot);
		CHECK_OK(model_pin(s->model, SLICE_LIT("memory"), &none, 6, &err), err);
	}
	CHECK_INT(model_pin(s->model, SLICE_LIT("top"), &(struct pin){ true, 0.5f, 0.4f }, 6, &err),
		ERR_ARG);
	CHECK_INT(model_pin(s->model, SLICE_LIT("top"), &(struct pin){ true, NAN, 1 }, 6, &err),
		ERR_ARG);
	CHECK_INT(model_pin(s->model, SLICE_LIT(""), &pin, 6, &err), ERR_ARG);
	scene_free(s);
}

TEST(a_pinned_arm_is_not_pushed_out_by_new_names)
{
	const struct pin pin = { true, 0, 0.5f };
	struct scene *s = scene_new();
	struct snapshot *snapshot;
	struct error err = { 0 };
	char name[16];
	int i;

	CHECK_OK(model_pin(s->model, SLICE_LIT("old"), &pin, 0, &err), err);
	CHECK_OK(model_pin(s->model, SLICE_LIT("older"), &(struct pin){ 0 }, -5, &err), err);
	for (i = 0; i < MODEL_ARMS_MAX; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		CHECK_OK(model_pin(s->model, slice_str(name), &(struct pin){ 0 }, i, &err), err);
	}
	snapshot = model_publish(s->model);
	CHECK_INT(learnt_arms(snapshot_object(snapshot)), MODEL_ARMS_MAX);
	CHECK(learnt_find(snapshot_object(snapshot), SLICE_LIT("old")) >= 0);
	CHECK(learnt_find(snapshot_object(snapshot), SLICE_LIT("older")) < 0);
	CHECK(learnt_find(snapshot_object(snapshot), SLICE_LIT("n0")) < 0);
	snapshot_drop(snapshot);
	scene_free(s);
}

/* What the model believes of an arm's first bucket. */
static double believes(struct scene *s, const char *name, const float *phi, double *width)
{
	struct snapshot *snapshot = model_publish(s->model);
	const struct learnt *l = snapshot_object(snapshot);
	const struct linear_fit *fit = learnt_fit(l, learnt_find(l, slice_str(name)), 0);
	struct linear_point point;
	double mean = 0;

	linear_point_set(&point, phi, 3 + ACTION_FEATURES);
	*width = 0;
	if (fit)
		linear_score(fit, &point, &mean, width);
	snapshot_drop(snapshot);
	return mean;
}

TEST(a_new_arm_starts_where_those_like_it_stand_and_as_unsure_as_any)
{
	static const char *const old[2] = { "fuzzy", "popular" }, *const fresh[3] = { "fuzzy_title",
		"populars", "zzz" };
	static const int levels[3] = { 1, 1, 1 }, idle[3] = { 0, 0, 0 };
	const float phi[3 + ACTION_FEATURES] = { 1 };
	struct scene *s = scene_new();
	double good, bad, width, mean[3];
	struct model *again;
	struct decision *d;
	int t, i;

	for (t = 0; t < 400; t++) { /* fuzzy brings what is wanted, popular does not */
		d = decision(s, (uint64_t)t, old, levels, 2, 3);
		((float *)d->phi)[1] = ((float *)d->phi)[2] = 0;
		((struct decision_arm *)d->arm)[1].drawn = 0;
		outcome_init(&s->outcome, d);
		model_count(s->model, d);
		event(s, d, "e1", "purchase");
		model_close(s->model, d, &s->outcome);
	}
	good = believes(s, "fuzzy", phi, &width);
	bad = believes(s, "popular", phi, &width);
	CHECK(good > 0.9 && bad < 0.1);
	d = decision(s, 1000, fresh, idle, 3, 0);
	model_count(s->model, d);
	for (i = 0; i < 3; i++) {
		mean[i] = believes(s, fresh[i], phi, &width);
		CHECK_NEAR(width, 1 / sqrt(LAMBDA_DEFAULT), 1e-6); /* the prior's */
	}
	CHECK(mean[0] > 0.6 && mean[1] < 0.3);
	CHECK(mean[2] > mean[1] && mean[2] < mean[0]); /* a stranger: the mean of all */
	save(s);
	again = load(s, s->features);
	model_free(s->model);
	s->model = again;
	for (i = 0; i < 3; i++)
		CHECK_NEAR(believes(s, fresh[i], phi, &width), mean[i], 0);
	scene_free(s);
}

TEST(an_arms_time_is_learnt_and_an_unknown_arm_takes_the_mean)
{
	static const char *const names[3] = { "quick", "slow", "idle" };
	static const int levels[3] = { 1, 2, 0 };
	struct scene *s = scene_new();
	struct decision_arm arm[3];
	struct snapshot *snapshot;
	const struct learnt *l;
	struct decision *d;
	struct model *again;
	float quick[LEVELS_MAX], slow[LEVELS_MAX], us[LEVELS_MAX];
	int t, round;

	for (t = 0; t < 50; t++) {
		d = decision(s, (uint64_t)t, names, levels, 3, 3);
		memcpy(arm, d->arm, sizeof(arm));
		arm[0].took_us = 100;
		arm[1].took_us = 900;
		d->arm = arm;
		model_count(s->model, d);
	}
	for (round = 0; round < 2; round++) {
		snapshot = model_publish(s->model);
		l = snapshot_object(snapshot);
		learnt_us(l, learnt_find(l, SLICE_LIT("quick")), quick);
		learnt_us(l, learnt_find(l, SLICE_LIT("slow")), slow);
		CHECK_NEAR(quick[1], 100, 1e-3);
		CHECK_NEAR(slow[2], 900, 1e-3);
		learnt_us(l, learnt_find(l, SLICE_LIT("idle")), us);
		CHECK_NEAR(us[2], (quick[2] + slow[2]) / 2, 1e-3);
		learnt_us(l, -1, us);
		CHECK_NEAR(us[2], (quick[2] + slow[2]) / 2, 1e-3);
		snapshot_drop(snapshot);
		save(s);
		again = load(s, s->features);
		model_free(s->model);
		s->model = again;
	}
	scene_free(s);
}

TEST(observed_decisions_teach_nothing)
{
	static const char *const names[1] = { "a" };
	static const int levels[1] = { 2 };
	struct scene *s = scene_new();
	struct decision *d = decision(s, 1, names, levels, 1, 10);
	struct model_change c;

	d->mode = MODE_OBSERVE;
	outcome_init(&s->outcome, d);
	c = event(s, d, "e1", "purchase");
	CHECK_NEAR(c.after, 1, 0);
	CHECK_NEAR(c.given[0], 0, 0);
	CHECK_INT(model_close(s->model, d, &s->outcome), 0);
	CHECK(s->outcome.closed);
	scene_free(s);
}

TEST(an_event_without_a_reward_changes_nothing)
{
	static const char *const names[1] = { "a" };
	static const int levels[1] = { 2 };
	struct scene *s = scene_new();
	struct decision *d = decision(s, 1, names, levels, 1, 10);
	struct outcome_event e = { SLICE_LIT("sneeze"), 1, 1 };
	struct error err = { 0 };

	outcome_init(&s->outcome, d);
	CHECK_INT(model_apply(s->model, d, &s->outcome, s->ladder, s->arena, SLICE_LIT("e1"), &e,
			  NULL, &err),
		ERR_NOT_FOUND);
	CHECK_INT(s->outcome.entities, 0);
	scene_free(s);
}

TEST(a_saved_model_decides_the_same_to_the_bit)
{
	struct scene *s = scene_new();
	struct choice before, after;
	struct model *again;
	uint64_t version;
	int round;

	for (round = 0; round < 3; round++) { /* the later saves write only what changed */
		live(s, (uint64_t)round * 1000, 300);
		save(s);
		choose(s->model, s->features, &before);
		version = model_version(s->model);
		again = load(s, s->features);
		choose(again, s->features, &after);
		CHECK(same(&before, &after));
		CHECK_INT(model_version(again), version);
		/* and goes on the same */
		model_free(s->model);
		s->model = again;
	}
	CHECK(before.arm[0].mean[0] > 0);
	scene_free(s);
}

TEST(what_two_arms_share_is_published_for_either)
{
	static const char *const names[3] = { "lexical", "memory", "top" };
	struct scene *s = scene_new();
	struct snapshot *snapshot;
	const struct learnt *learnt;
	const overlap_table *table;
	int a, b;

	live(s, 1, 400);
	snapshot = model_publish(s->model);
	learnt = snapshot_object(snapshot);
	for (a = 0; a < 3; a++)
		for (b = 0; b < 3; b++) {
			table = learnt_overlap(learnt, learnt_find(learnt, slice_str(names[a])),
				learnt_find(learnt, slice_str(names[b])));
			CHECK(!table == (a == b));
			/* who is asked at all brings the first of the other's, too */
			CHECK(a == b || ((*table)[0][1] > 0.8 && (*table)[0][0] == 0));
		}
	CHECK(!learnt_overlap(learnt, 0, -1) && !learnt_overlap(learnt, -1, 0));
	snapshot_drop(snapshot);
	scene_free(s);
}

TEST(a_picture_stays_what_it_was_while_the_model_goes_on)
{
	struct scene *s = scene_new();
	struct snapshot *first, *second;
	const struct learnt *l;
	const float phi[3 + ACTION_FEATURES] = { 1, 1, 0.5f };
	struct linear_point point;
	double mean[2], width[2];
	int a;

	linear_point_set(&point, phi, 3 + ACTION_FEATURES);
	live(s, 0, 200);
	first = model_publish(s->model);
	l = snapshot_object(first);
	a = learnt_find(l, SLICE_LIT("top"));
	linear_score(learnt_fit(l, a, 0), &point, &mean[0], &width[0]);
	second = model_publish(s->model);
	CHECK_INT(learnt_version(snapshot_object(second)), learnt_version(l));
	CHECK(learnt_fit(snapshot_object(second), a, 0) == learnt_fit(l, a, 0));
	snapshot_drop(second);
	live(s, 1000, 200);
	second = model_publish(s->model);
	CHECK(learnt_condition(snapshot_object(second)) > learnt_condition(l));
	CHECK(learnt_condition(l) > 1 && learnt_condition(l) < 1e6);
	CHECK(learnt_version(snapshot_object(second)) == learnt_version(l) + 1);
	model_free(s->model);
	s->model = NULL;
	linear_score(learnt_fit(l, a, 0), &point, &mean[1], &width[1]);
	CHECK(mean[0] == mean[1] && width[0] == width[1]);
	snapshot_drop(first);
	snapshot_drop(second);
	scene_free(s);
}

TEST(new_features_keep_the_old_ones_and_old_decisions_still_teach)
{
	static const struct feature_spec turned[3] = {
		{ .name = "words", .kind = FEATURE_NUMBER, .lo = 0, .hi = 10 },
		{ .name = "new", .kind = FEATURE_FLAG }, { .name = "x", .kind = FEATURE_FLAG }
	};
	static const char *const names[1] = { "top" };
	static const int levels[1] = { 1 };
	struct scene *s = scene_new();
	struct feature_set *next = NULL;
	struct choice before, moved, loaded;
	struct error err = { 0 };
	struct decision *old;
	struct model *again;

	live(s, 0, 300);
	old = decision(s, 5000, names, levels, 1, 5);
	save(s);
	choose(s->model, s->features, &before);
	CHECK_OK(feature_set_new(&next, turned, 3, &err), err);
	model_use_features(s->model, next);
	again = load(s, next); /* the same over the disk */
	choose(s->model, next, &moved);
	choose(again, next, &loaded);
	CHECK(same(&moved, &loaded));
	CHECK(moved.arm[0].mean[0] != 0);
	outcome_init(&s->outcome, old);
	CHECK_NEAR(event(s, old, "e1", "purchase").given[0], 1, 1e-6);
	CHECK_INT(model_stale(s->model), 0);
	old->features = 12345; /* of a set nobody remembers */
	outcome_init(&s->outcome, old);
	CHECK_NEAR(event(s, old, "e1", "purchase").given[0], 0, 0);
	CHECK_INT(model_stale(s->model), 1);
	model_use_features(s->model, s->features); /* and back */
	choose(s->model, s->features, &moved);
	CHECK(moved.arm[1].mean[1] == before.arm[1].mean[1]);
	save(s);
	model_free(again);
	again = load(s, s->features);
	CHECK_INT(model_stale(again), 1);
	model_free(again);
	feature_set_free(next);
	scene_free(s);
}

TEST(buckets_are_kept_by_their_ranks)
{
	static const char *const names[1] = { "a" };
	static const int levels[1] = { 3 };
	struct scene *s = scene_new();
	struct model_options options = MODEL_OPTIONS_DEFAULT;
	struct decision *d = decision(s, 1, names, levels, 1, 20);
	struct model *m = NULL;
	struct txn *txn = NULL;
	struct snapshot *snapshot;
	struct error err = { 0 };

	outcome_init(&s->outcome, d);
	event(s, d, "e3", "purchase");
	model_count(s->model, d);
	model_close(s->model, d, &s->outcome);
	save(s);
	options.levels = (struct levels){ 4, { 0, 5, 20, 40 } };
	CHECK_OK(store_begin(&txn, s->store, STORE_READ, &err), err);
	CHECK_OK(model_load(&m, txn, MODELS, 7, &options, s->features, &err), err);
	store_end(txn);
	snapshot = model_publish(m);
	CHECK(learnt_fit(snapshot_object(snapshot), 0, 0));  /* 1..5 */
	CHECK(!learnt_fit(snapshot_object(snapshot), 0, 1)); /* 6..20 is new */
	CHECK_INT(model_close(m, d, &s->outcome), 0);
	outcome_init(&s->outcome, d);
	CHECK_INT(model_close(m, d, &s->outcome), 1); /* only the bucket they share */
	snapshot_drop(snapshot);
	model_free(m);
	scene_free(s);
}

TEST(the_oldest_arm_makes_room_and_leaves_the_disk)
{
	static const int levels[1] = { 1 };
	struct scene *s = scene_new();
	struct snapshot *snapshot;
	struct decision *d;
	struct model *again;
	const char *name;
	char text[MODEL_ARMS_MAX + 8][16];
	int i;

	for (i = 0; i < MODEL_ARMS_MAX + 8; i++) {
		snprintf(text[i], sizeof(text[i]), "arm%d", i);
		name = text[i];
		d = decision(s, (uint64_t)i, &name, levels, 1, 3);
		outcome_init(&s->outcome, d);
		model_count(s->model, d);
		model_close(s->model, d, &s->outcome);
		if (i == MODEL_ARMS_MAX - 1)
			save(s);
	}
	save(s);
	again = load(s, s->features);
	snapshot = model_publish(again);
	CHECK_INT(learnt_arms(snapshot_object(snapshot)), MODEL_ARMS_MAX);
	CHECK_INT(learnt_find(snapshot_object(snapshot), SLICE_LIT("arm7")), -1);
	CHECK(learnt_find(snapshot_object(snapshot), SLICE_LIT("arm8")) >= 0);
	snapshot_drop(snapshot);
	model_free(again);
	scene_free(s);
}

/* Rows as they were written before arms were tallied and traffic was split. */
TEST(rows_of_former_versions_are_read)
{
	struct model_options options = MODEL_OPTIONS_DEFAULT;
	struct scene *s = scene_new();
	struct pace pace = { 0 };
	struct buf row = { 0 };
	struct snapshot *snapshot;
	struct model *m = NULL;
	struct error err = { 0 };
	struct key key;
	struct txn *txn;
	int version, i;

	for (version = 1; version <= 2; version++) {
		CHECK_OK(store_begin(&txn, s->store, STORE_WRITE, &err), err);
		key.len = 0;
		key_u16(&key, 7);
		key_u8(&key, 1);
		key_u8(&key, 3);
		key_raw(&key, SLICE_LIT("old"));
		buf_reset(&row);
		buf_put_u8(&row, (uint8_t)version);
		for (i = 0; i < 8; i++)
			buf_put_u64(&row, 5);
		if (version == 2) {
			pace_encode(&pace, &row);
			buf_put_u8(&row, true);
			buf_put_f32(&row, 0.25f);
			buf_put_f32(&row, 0.5f);
		}
		CHECK_OK(store_put(txn, MODELS, key_slice(&key), buf_slice(&row), &err), err);
		CHECK_OK(model_load(&m, txn, MODELS, 7, &options, s->features, &err), err);
		snapshot = model_publish(m);
		i = learnt_find(snapshot_object(snapshot), SLICE_LIT("old"));
		CHECK(i >= 0);
		CHECK_INT(learnt_pin(snapshot_object(snapshot), i)->set, version == 2);
		CHECK(!learnt_split(snapshot_object(snapshot)));
		snapshot_drop(snapshot);
		model_free(m);
		store_end(txn);
	}
	buf_clear(&row);
	scene_free(s);
}

TEST(a_split_is_kept_and_published)
{
	struct scene *s = scene_new();
	struct split split = { 0 };
	struct snapshot *snapshot;
	struct model *again;

	CHECK(split_parse(&split, SLICE_LIT("priced:0.7 fixed:0.2 uniform:0.1"), NULL) == 0);
	CHECK(split_salt(&split, SLICE_LIT("spring"), NULL) == 0);
	model_split(s->model, &split);
	save(s);
	again = load(s, s->features);
	snapshot = model_publish(again);
	CHECK(learnt_split(snapshot_object(snapshot)));
	CHECK(split_id(learnt_split(snapshot_object(snapshot))) == split_id(&split));
	snapshot_drop(snapshot);
	model_free(again);
	model_split(s->model, &(struct split){ 0 });
	save(s);
	again = load(s, s->features);
	snapshot = model_publish(again);
	CHECK(!learnt_split(snapshot_object(snapshot)));
	snapshot_drop(snapshot);
	model_free(again);
	scene_free(s);
}

TEST(a_damaged_row_is_corrupt_and_says_whose)
{
	struct model_options options = MODEL_OPTIONS_DEFAULT;
	struct scene *s = scene_new();
	struct cursor *cursor = NULL;
	struct txn *txn = NULL;
	struct model *m = NULL;
	struct slice key, value;
	struct error err = { 0 };
	int rows = 0, rc;

	live(s, 0, 50);
	save(s);
	CHECK_OK(store_begin(&txn, s->store, STORE_READ, &err), err);
	CHECK_OK(cursor_open(&cursor, txn, MODELS, &err), err);
	for (rc = cursor_seek(cursor, SLICE_LIT(""), &key, &value, &err); rc == 0;
		rc = cursor_next(cursor, &key, &value, &err))
		rows++;
	cursor_close(cursor);
	store_end(txn);
	CHECK(rows > 6);
	while (rows-- > 0) { /* cut the last byte of each row in turn, and take it back */
		int at;

		CHECK_OK(store_begin(&txn, s->store, STORE_WRITE, &err), err);
		CHECK_OK(cursor_open(&cursor, txn, MODELS, &err), err);
		CHECK_OK(cursor_seek(cursor, SLICE_LIT(""), &key, &value, &err), err);
		for (at = 0; at < rows; at++)
			CHECK_OK(cursor_next(cursor, &key, &value, &err), err);
		key = arena_slice(s->arena, key);
		value = arena_slice(s->arena, value);
		cursor_close(cursor);
		value.len--;
		CHECK_OK(store_put(txn, MODELS, key, value, &err), err);
		CHECK_INT(model_load(&m, txn, MODELS, 7, &options, s->features, &err), ERR_CORRUPT);
		CHECK(strstr(err.text, "collection 7"));
		store_end(txn);
	}
	scene_free(s);
}

TEST(options_out_of_range_are_refused)
{
	static const double bad[][2] = { { 0, 1 }, { -1, 1 }, { INFINITY, 1 }, { NAN, 1 }, { 1, 0 },
		{ 1, 1.001 }, { 1, NAN } };
	struct model_options options = MODEL_OPTIONS_DEFAULT;
	struct scene *s = scene_new();
	struct model *m = NULL;
	struct error err = { 0 };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		options.lambda = bad[i][0];
		options.gamma = bad[i][1];
		CHECK_INT(model_new(&m, &options, s->features, &err), ERR_ARG);
	}
	options.lambda = options.gamma = 1;
	CHECK_OK(model_new(&m, &options, s->features, &err), err);
	model_free(m);
	options.levels.depth[1] = 0;
	CHECK_INT(model_new(&m, &options, s->features, &err), ERR_ARG);
	scene_free(s);
}
