/* command_evaluate.c -- EVALUATE: what another policy would have earned, judged from the
 * decision log in the background (judge.h); answered when it is done. */
#include <stdlib.h>

#include "base/alloc.h"
#include "learn/replay.h"
#include "server/command.h"
#include "server/engine.h"

#define STEP 200 /* decisions, some milliseconds */

struct judged_part {
	char name[SEGMENT_NAME_MAX + 1];
	struct evaluation evaluation;
};

struct judged {
	struct deferred deferred; /* first: freed as this */
	struct replay *replay;    /* until it is done */
	struct store *learning;
	struct evaluation all;
	struct judged_part part[REPLAY_PARTS]; /* those with the most decisions first */
	int parts;
	struct replay_progress progress;
	char policy[64], by[SEGMENT_NAME_MAX + 1];
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
	int i;

	json_object_open(out);
	json_kv(out, str, "policy", j->policy);
	json_kv(out, int, "took_ms", j->took_us / 1000);
	json_kv(out, uint, "open", j->progress.open);
	json_kv(out, uint, "stale", j->progress.stale);
	json_kv(out, uint, "damaged", j->progress.damaged);
	json_kv(out, uint, "interleaved", j->progress.interleaved);
	json_kv(out, uint, "failed", j->progress.failed);
	tell_estimates(&j->all, out);
	if (j->by[0]) {
		json_key(out, "by");
		json_object_open(out);
		json_kv(out, str, "what", j->by);
		json_key(out, "parts");
		json_object_open(out);
		for (i = 0; i < j->parts; i++) {
			json_key(out, j->part[i].name);
			json_object_open(out);
			tell_estimates(&j->part[i].evaluation, out);
			json_close(out);
		}
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

static int by_decisions(const void *a, const void *b)
{
	const struct judged_part *x = a, *y = b;

	if (x->evaluation.decisions != y->evaluation.decisions)
		return x->evaluation.decisions < y->evaluation.decisions ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void take_results(struct judged *j)
{
	int i;

	replay_result(j->replay, 0, &j->all);
	j->parts = replay_parts(j->replay) - 1;
	for (i = 0; i < j->parts; i++) {
		snprintf(j->part[i].name, sizeof(j->part[i].name), "%s",
			replay_part_name(j->replay, i + 1));
		replay_result(j->replay, i + 1, &j->part[i].evaluation);
	}
	qsort(j->part, (size_t)j->parts, sizeof(*j->part), by_decisions);
}

static void on_judged(void *data, int rc, const struct error *err)
{
	struct judged *j = data;

	j->rc = rc;
	if (rc < 0) {
		j->err = *err;
		j->err.code = rc;
	} else {
		take_results(j);
		j->took_us = clock_mono_us() - j->start_us;
	}
	replay_free(j->replay);
	j->replay = NULL;
	deferred_post(&j->deferred);
}

/* ---- the question ---- */

static int read_options(struct command_context *ctx, const struct feature_set *features,
	struct replay_options *o, struct error *err)
{
	static const char *const names[] = { "BUDGET", "ALPHA", "BETA", "EPSILON", "BY", NULL };
	static const double range[][2] = { { 1, 100000 }, { 0, 100 }, { 0.001, 100000 }, { 0, 1 } };
	double *const values[] = { &o->budget, &o->tuning.alpha, &o->tuning.beta,
		&o->tuning.epsilon };
	int i, k, rc = 0;

	for (i = 3; rc == 0 && i < ctx->argc; i += 2) {
		k = command_option(ctx, i, names, err);
		if (k < 0)
			return k;
		if (k < 4)
			rc = command_real(ctx->argv[i + 1], names[k], range[k][0], range[k][1],
				values[k], err);
		else
			rc = error_prefix(err,
				segment_parse(&o->by, ctx->argv[i + 1], features, err), "BY");
	}
	return rc;
}

/* Everything but the log is at hand: a model with nothing learnt, the features in force. */
static int make(struct command_context *ctx, int collection, struct judged *j, struct error *err)
{
	const struct config *config = worker_config(ctx->worker);
	struct engine *engine = ctx->server->funnel;
	struct replay_options o = { .tuning = engine->options.policy,
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
		snprintf(j->by, sizeof(j->by), "%s", o.by.name);
	}
	cell_reader_clear(&reader);
	return rc;
}

static int run_evaluate(struct command_context *ctx, struct error *err)
{
	int collection = command_collection(ctx, err), rc;
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
		"coll policy [BUDGET n] [ALPHA x] [BETA x] [EPSILON x] [BY type|hour|context.NAME|feature]",
		"What a policy would have earned, judged from the log.", run_evaluate, NULL },
	{ 0 },
};
