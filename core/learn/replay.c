/* replay.c -- the decision log, told to the estimators.
 *
 * For each decision:  decode -> rewards of its buckets -> what the judged policy would
 * have done -> a sample -> the model learns from it -> now and then a new picture. */
#include "learn/replay.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "learn/learning.h"
#include "store/key.h"

#define PUBLISH_EVERY 100

typedef double bucket_values[ARMS_MAX][BUCKETS_MAX];

struct part {
	char name[SEGMENT_NAME_MAX + 1];
	struct evaluate *evaluate;
};

struct replay {
	struct replay_options options;
	char collection[COLLECTION_NAME_MAX + 1];
	struct feature_set *set; /* a copy of ours */
	struct model *model;
	struct snapshot *snapshot;
	struct part part[REPLAY_PARTS];
	int parts;
	struct arena *arena;
	struct replay_progress progress;
	int unpublished;
};

static struct evaluate *part_named(struct replay *r, struct slice name)
{
	struct part *part;
	int i;

	for (i = 1; i < r->parts; i++)
		if (slice_is(name, r->part[i].name))
			return r->part[i].evaluate;
	if (r->parts == REPLAY_PARTS)
		return r->part[REPLAY_PARTS - 1].evaluate;
	if (r->parts == REPLAY_PARTS - 1)
		name = SLICE_LIT("others");
	part = &r->part[r->parts++];
	assert(name.len <= SEGMENT_NAME_MAX);
	memcpy(part->name, name.ptr, name.len);
	part->evaluate = evaluate_new(&r->options.evaluate);
	return part->evaluate;
}

int replay_new(struct replay **out, const struct replay_options *options, const char *collection,
	const struct feature_set *features, struct error *err)
{
	struct replay *r;
	struct feature_set *set = NULL;
	struct model *model = NULL;
	int rc;

	rc = model_new(&model, &options->model, features, err);
	if (rc == 0)
		rc = feature_set_new(&set, feature_set_spec(features, 0),
			feature_set_count(features), err);
	if (rc < 0) {
		model_free(model);
		return rc;
	}
	r = xcalloc(1, sizeof(*r));
	r->options = *options;
	if (!r->options.publish_every)
		r->options.publish_every = PUBLISH_EVERY;
	assert(strlen(collection) <= COLLECTION_NAME_MAX);
	strcpy(r->collection, collection);
	r->set = set;
	r->model = model;
	r->snapshot = model_publish(model);
	r->part[0].evaluate = evaluate_new(&options->evaluate);
	r->parts = 1;
	r->arena = arena_new();
	*out = r;
	return 0;
}

void replay_free(struct replay *r)
{
	int i;

	if (!r)
		return;
	for (i = 0; i < r->parts; i++)
		evaluate_free(r->part[i].evaluate);
	snapshot_drop(r->snapshot);
	model_free(r->model);
	feature_set_free(r->set);
	arena_free(r->arena);
	free(r);
}

/* ---- one decision ---- */

static bool same_levels(const struct levels *a, const struct levels *b)
{
	return a->count == b->count &&
	       !memcmp(a->depth, b->depth, (size_t)a->count * sizeof(*a->depth));
}

/* What every bucket earned; the sum. */
static double rewards_of(const struct decision *d, const struct outcome *o, bucket_values reward)
{
	struct credit credit[ARMS_MAX];
	double sum = 0, *bucket, before;
	int e, i, n;

	memset(reward, 0, sizeof(bucket_values));
	for (e = 0; e < o->entities; e++) {
		if (!(o->entity[e].reward > 0))
			continue;
		n = credit_split(d, entity_hash(o->entity[e].id), credit);
		for (i = 0; i < n; i++) {
			bucket = &reward[credit[i].arm][credit[i].bucket];
			before = *bucket;
			*bucket += credit[i].share * (double)o->entity[e].reward;
			if (*bucket > 1)
				*bucket = 1;
			sum += *bucket - before;
		}
	}
	return sum;
}

static void ask(const struct replay *r, const struct decision *d, struct choice *c)
{
	const struct learnt *learnt = snapshot_object(r->snapshot);
	struct policy_arm arms[ARMS_MAX];
	struct policy_request request = { .levels = &d->levels,
		.options = &r->options.tuning,
		.phi = d->phi,
		.width = d->width,
		.features = d->features,
		.arms = arms,
		.count = d->arms,
		.set = r->set };
	int a;

	request.budget = r->options.budget > 0 ? r->options.budget : d->budget;
	request.budget_us = r->options.budget_us > 0 ? r->options.budget_us : d->budget_us;
	for (a = 0; a < d->arms; a++) {
		arms[a] = (struct policy_arm){ .learnt = learnt_find(learnt, d->arm[a].name),
			.name = d->arm[a].name,
			.limit = d->arm[a].limit,
			.min = d->arm[a].min,
			.max = d->arm[a].max };
		memcpy(arms[a].action, d->arm[a].action, sizeof(arms[a].action));
	}
	policy_spread(r->options.policy, learnt, &request, c);
}

/* What a bucket is believed to add: rewards are shared out, so they do not count twice. */
static double believed(const struct choice_arm *arm, int j)
{
	double mean = arm->mean[j];

	return (mean > 0 ? mean < 1 ? mean : 1 : 0) * (double)arm->novel[j];
}

static void judge(struct replay *r, const struct decision *d, bucket_values reward, double sum)
{
	struct evaluate_arm arms[ARMS_MAX];
	struct evaluate_sample sample;
	bucket_values model;
	struct choice c;
	int a, j;

	ask(r, d, &c);
	r->progress.failed += c.error != NULL;
	for (a = 0; a < d->arms; a++) {
		for (j = 0; j < levels_buckets(&d->levels); j++)
			model[a][j] = believed(&c.arm[a], j);
		arms[a] = (struct evaluate_arm){ d->levels.count, d->arm[a].level, d->arm[a].dist,
			c.arm[a].dist, reward[a], model[a], d->arm[a].mixed };
	}
	evaluate_arms(&sample, arms, d->arms,
		&(struct evaluate_joint){ d->together, c.together, d->mixture }, sum);
	sample.count = 1 / d->sampled;
	sample.unit = d->unit;
	evaluate_add(r->part[0].evaluate, &sample);
	if (r->options.by.kind)
		evaluate_add(part_named(r, segment_of(&r->options.by, d, r->arena)), &sample);
}

static void learn(struct replay *r, const struct decision *d, const struct outcome *o)
{
	model_count(r->model, d);
	model_replay(r->model, d, o);
	if (++r->unpublished < r->options.publish_every)
		return;
	snapshot_drop(r->snapshot);
	r->snapshot = model_publish(r->model);
	r->unpublished = 0;
}

static int look(struct replay *r, struct txn *txn, struct slice bytes, struct error *err)
{
	bucket_values reward;
	struct outcome outcome;
	struct decision d;
	double sum;
	int rc;

	rc = decision_decode(&d, r->arena, bytes, err);
	if (rc == 0 && !slice_is(d.collection, r->collection))
		return 0;
	if (rc == 0)
		rc = learning_outcome(txn, r->arena, &d, &outcome, err);
	if (rc == ERR_CORRUPT) {
		r->progress.damaged++;
		return 0;
	}
	if (rc < 0)
		return rc;
	if (!outcome.closed) {
		r->progress.open++;
	} else if (d.features != feature_set_hash(r->set) || !(d.budget > 0) ||
		   !same_levels(&d.levels, &r->options.model.levels)) {
		r->progress.stale++;
	} else {
		if (d.drafted == DRAFT_POLICIES) { /* a page that no single one would have shown */
			r->progress.interleaved++;
		} else {
			sum = rewards_of(&d, &outcome, reward);
			judge(r, &d, reward, sum);
			r->progress.judged++;
		}
		learn(r, &d, &outcome);
	}
	return 0;
}

/* ---- the pass ---- */

/* Where the log ends now: what is logged meanwhile is not waited for. */
static int begin(struct replay *r, struct cursor *cursor, struct error *err)
{
	struct slice key, value;
	int rc = cursor_last(cursor, &key, &value, err);

	if (rc == 0 && key.len != 8)
		rc = error_set(err, ERR_CORRUPT, "a decision's key has %zu bytes, not 8", key.len);
	if (rc == 0)
		r->progress.last = key_read_u64(key.ptr);
	if (rc == 0)
		rc = cursor_seek(cursor, SLICE_LIT(""), &key, &value, err);
	if (rc == 0)
		r->progress.first = r->progress.at = key_read_u64(key.ptr);
	return rc;
}

int replay_step(struct replay *r, struct txn *txn, int most, struct error *err)
{
	struct cursor *cursor = NULL;
	struct key next = { .len = 0 };
	struct slice key, value;
	int n, rc;

	if (r->progress.done)
		return 0;
	rc = cursor_open(&cursor, txn, LEARNING_DECISIONS, err);
	if (rc == 0 && !r->progress.first)
		rc = begin(r, cursor, err);
	key_u64(&next, r->progress.at);
	if (rc == 0)
		rc = cursor_seek(cursor, key_slice(&next), &key, &value, err);
	for (n = 0; rc == 0 && n < most; n++) {
		if (key.len != 8 || key_read_u64(key.ptr) > r->progress.last)
			break;
		r->progress.at = key_read_u64(key.ptr) + 1;
		rc = look(r, txn, value, err);
		arena_reset(r->arena);
		if (rc == 0)
			rc = cursor_next(cursor, &key, &value, err);
	}
	cursor_close(cursor);
	r->progress.done = rc == ERR_NOT_FOUND || (rc == 0 && n < most);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

void replay_progress(const struct replay *r, struct replay_progress *out)
{
	*out = r->progress;
}

int replay_parts(const struct replay *r)
{
	return r->parts;
}

const char *replay_part_name(const struct replay *r, int part)
{
	assert(part >= 0 && part < r->parts);
	return r->part[part].name;
}

void replay_result(const struct replay *r, int part, struct evaluation *out)
{
	assert(part >= 0 && part < r->parts);
	evaluate_result(r->part[part].evaluate, out);
}
