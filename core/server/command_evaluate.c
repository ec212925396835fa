/* command_evaluate.c -- EVALUATE: what another policy would have earned, judged from the
 * decision log in the background (judge.h); answered when it is done. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "learn/replay.h"
#include "server/command.h"
#include "server/engine.h"

#define STEP 200 /* decisions, some milliseconds */

struct judged {
	struct deferred deferred; /* first: freed as this */
	struct replay *replay;    /* until it is done */
	struct store *learning;
	struct evaluation part[REPLAY_PARTS];
	struct replay_progress progress;
	char policy[64], by[FEATURE_NAME_MAX + 32];
	int64_t start_us, took_us;
	int rc;
	struct error err;
};

/* ---- the answer ---- */

static void tell_estimates(const struct evaluation *e, struct json_out *out)
{
	int i;

	json_kv(out, uint, "decisions", e->decisions);
	json_key(out, "estimates");
	json_object_open(out);
	for (i = 0; i < ESTIMATORS; i++) {
		json_key(out, estimator_names[i]);
		json_object_open(out);
		json_kv(out, num_short, "value", e->of[i].value, 5);
		json_kv(out, num_short, "low", e->of[i].low, 5);
		json_kv(out, num_short, "high", e->of[i].high, 5);
		json_close(out);
	}
	json_close(out);
	json_key(out, "weights");
	json_object_open(out);
	json_kv(out, num_short, "mean", e->mean_weight.value, 5);
	json_kv(out, num_short, "effective", e->effective, 5);
	json_kv(out, num_short, "effective_slate", e->effective_slate, 5);
	json_kv(out, num_short, "largest", e->largest, 5);
	json_kv(out, num_short, "largest_share", e->largest_share, 4);
	json_kv(out, num_short, "reach", e->reach, 5);
	json_kv(out, num_short, "reach_slate", e->reach_slate, 5);
	json_close(out);
	json_kv(out, str, "warning", e->warning[0] ? e->warning : NULL);
}

static void tell(const struct judged *j, struct json_out *out)
{
	json_object_open(out);
	json_kv(out, str, "policy", j->policy);
	json_kv(out, int, "took_ms", j->took_us / 1000);
	json_kv(out, uint, "open", j->progress.open);
	json_kv(out, uint, "stale", j->progress.stale);
	json_kv(out, uint, "damaged", j->progress.damaged);
	json_kv(out, uint, "interleaved", j->progress.interleaved);
	json_kv(out, uint, "failed", j->progress.failed);
	tell_estimates(&j->part[0], out);
	if (j->by[0]) {
		json_key(out, "by");
		json_object_open(out);
		json_kv(out, str, "feature", j->by);
		json_key(out, "below");
		json_object_open(out);
		tell_estimates(&j->part[1], out);
		json_close(out);
		json_key(out, "above");
		json_object_open(out);
		tell_estimates(&j->part[2], out);
		json_close(out);
		json_close(out);
	}
	json_close(out);
}

static void write_judged(struct deferred *deferred, struct reply *reply)
{
	struct judged *j = (struct judged *)deferred;
	struct buf buf = { 0 };
	struct json_out out;

	if (j->rc < 0) {
		reply_error(reply, &j->err);
		return;
	}
	json_begin(&out, &buf);
	tell(j, &out);
	reply_json(reply, buf_slice(&buf));
	buf_clear(&buf);
}

/* ---- in the judge's thread ---- */

static int step(void *data, double *progress, struct error *err)
{
	struct replay_progress *p;
	struct judged *j = data;
	struct txn *txn;
	int rc = store_begin(&txn, j->learning, STORE_READ, err);

	if (rc < 0)
		return rc;
	rc = replay_step(j->replay, txn, STEP, err);
	store_end(txn);
	p = &j->progress;
	replay_progress(j->replay, p);
	if (p->last > p->first)
		*progress = (double)(p->at - p->first) / (double)(p->last - p->first + 1);
	return rc < 0 ? rc : p->done;
}

static void on_judged(void *data, int rc, const struct error *err)
{
	struct judged *j = data;
	int i;

	j->rc = rc;
	if (rc < 0) {
		j->err = *err;
		j->err.code = rc;
	} else {
		for (i = 0; i < REPLAY_PARTS; i++)
			replay_result(j->replay, i, &j->part[i]);
		j->took_us = clock_mono_us() - j->start_us;
	}
	replay_free(j->replay);
	j->replay = NULL;
	deferred_post(&j->deferred);
}

/* ---- the question ---- */

static int find_feature(const struct feature_set *set, struct slice name, int *out,
	struct error *err)
{
	const char *names[FEATURES_MAX + 1] = { NULL };
	int i;

	for (i = 0; i < feature_set_width(set); i++) {
		names[i] = feature_set_name(set, i);
		if (slice_is(name, names[i])) {
			*out = i;
			return 0;
		}
	}
	return error_unknown(err, ERR_NOT_FOUND, "BY: no feature", name, names, NULL);
}

static int read_options(struct command_context *ctx, const struct feature_set *features,
	struct replay_options *o, struct error *err)
{
	static const char *const names[] = { "BUDGET", "ALPHA", "BETA", "EPSILON", "BY", NULL };
	static const double range[][2] = { { 1, 100000 }, { 0, 100 }, { 0.001, 100000 }, { 0, 1 } };
	double *const values[] = { &o->budget, &o->tuning.alpha, &o->tuning.beta,
		&o->tuning.epsilon };
	int i, k, rc = 0;

	for (i = 3; rc == 0 && i < ctx->argc; i += 2) {
		for (k = 0; names[k] && !command_word(ctx, i, names[k]); k++)
			;
		if (!names[k])
			return error_unknown(err, ERR_SYNTAX, "unexpected", ctx->argv[i], names,
				NULL);
		if (i + 1 == ctx->argc)
			return error_set(err, ERR_SYNTAX, "%s: its value is missing", names[k]);
		if (k < 4)
			rc = command_real(ctx->argv[i + 1], names[k], range[k][0], range[k][1],
				values[k], err);
		else
			rc = find_feature(features, ctx->argv[i + 1], &o->by, err);
	}
	return rc;
}

/* Everything but the log is at hand: a model with nothing learnt, the features in force. */
static int make(struct command_context *ctx, int collection, struct judged *j, struct error *err)
{
	const struct config *config = worker_config(ctx->worker);
	struct engine *engine = ctx->server->funnel;
	struct replay_options o = { .tuning = engine->options.policy,
		.by = -1,
		.model = { config->lambda, config->gamma, engine->options.levels },
		.evaluate = { .seed = ctx->server->seed } };
	struct cell_reader reader = { 0 };
	const struct edition *edition =
		cell_read(editions_cell(engine->editions[collection]), &reader, NULL);
	int rc;

	rc = policy_need(ctx->argv[2], &o.policy, err);
	if (rc == 0)
		rc = read_options(ctx, edition->features, &o, err);
	if (rc == 0)
		rc = replay_new(&j->replay, &o, engine->shared.collections[collection].schema->name,
			edition->features, err);
	if (rc == 0) {
		snprintf(j->policy, sizeof(j->policy), "%s", o.policy->name);
		if (o.by >= 0)
			snprintf(j->by, sizeof(j->by), "%s",
				feature_set_name(edition->features, o.by));
	}
	cell_reader_clear(&reader);
	return rc;
}

static int run_evaluate(struct command_context *ctx, struct error *err)
{
	int collection = catalogue_find(ctx->server->catalogue, ctx->argv[1], err), rc;
	struct engine *engine = ctx->server->funnel;
	struct judged *j;

	if (collection < 0)
		return collection;
	j = xcalloc(1, sizeof(*j));
	j->start_us = clock_mono_us();
	j->learning = engine->learning;
	rc = make(ctx, collection, j, err);
	if (rc == 0) {
		struct judging judging = { step, on_judged, j,
			engine->shared.collections[collection].schema->name, j->policy };

		deferred_init(&j->deferred, ctx->connection, ctx->reply->form, write_judged);
		rc = judge_start(engine->judge, &judging, err);
	}
	if (rc < 0) {
		replay_free(j->replay);
		free(j);
		return rc;
	}
	deferred_link(&j->deferred);
	return 0;
}

const struct command commands_evaluate[] = {
	{ "EVALUATE", -3, COMMAND_READ,
		"coll policy [BUDGET n] [ALPHA x] [BETA x] [EPSILON x] [BY feature]",
		"What a policy would have earned, judged from the log.", run_evaluate, NULL },
	{ 0 },
};
