/* engine.c -- opening and closing what searches and learns. */
#include "server/engine.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "learn/learning.h"

#define DAY_MS 86400000.0

static int read_levels(struct levels *out, const char *text, struct error *err)
{
	const char *at = text;
	char *end;
	long depth;

	memset(out, 0, sizeof(*out));
	while (out->count < LEVELS_MAX) {
		depth = strtol(at, &end, 10);
		if (end == at || depth < 0 || depth > DEPTH_MAX)
			break;
		out->depth[out->count++] = depth;
		at = end + strspn(end, " ,");
		if (!*at)
			break;
	}
	if (*at || !levels_valid(out))
		return error_set(err, ERR_ARG,
			"levels: expected 2 to %d rising depths from 0 to %d, found '%s'",
			LEVELS_MAX, DEPTH_MAX, text);
	return 0;
}

/* What of the configuration may change while it serves. */
static void configured(void *data, const struct config *c)
{
	struct engine *e = data;
	int i;

	for (i = 0; strcmp(decision_modes[i], c->mode); i++)
		;
	atomic_store(&e->options.mode, i);
	atomic_store(&e->options.budget, c->budget);
	atomic_store(&e->options.budget_us, c->budget_us);
}

static int read_options(struct engine *e, const struct server *server, const struct config *c,
	struct error *err)
{
	struct funnel_options *o = &e->options;
	int rc;

	rc = read_levels(&o->levels, c->levels, err);
	if (rc < 0)
		return rc;
	policy_options_default(&o->policy, &o->levels);
	o->policy.alpha = c->alpha;
	o->policy.beta = c->beta;
	o->policy.epsilon = c->epsilon;
	o->hits = c->hits;
	o->gather_us = c->gather_ms * 1000;
	o->seed = server->seed;
	rc = split_parse(&o->split, slice_str(c->policy), err);
	if (rc == 0)
		rc = split_known(&o->split, NULL, err);
	if (rc < 0)
		return error_prefix(err, rc, "policy");
	configured(e, c);
	o->memory = (struct memory_options){ c->memory_prior_weight, c->memory_prior,
		c->memory_half_life_days * DAY_MS };
	return 0;
}

static int open_learner(struct engine *e, const struct server *server, const struct config *c,
	struct schema *const *schemas, struct error *err)
{
	struct learner_options options = {
		.redis = c->redis,
		.channel = c->channel,
		.model = { c->lambda, c->gamma, e->options.levels },
		.memory = e->options.memory,
		.window_ms = c->window_ms,
		.publish_ms = c->publish_ms,
		.queue = c->learner_queue,
		.forget = { c->log_keep_days * DAY_MS, c->log_keep_decisions,
			c->learning_map_bytes / 4 * 3 },
		.ids = &e->shared.ids,
		.catalogue = server->catalogue,
		.clock = *server->clock,
	};
	char path[4096];
	int rc;

	snprintf(path, sizeof(path), "%s/learning", c->data);
	rc = learning_open(&e->learning, path, c->learning_map_bytes, false, err);
	if (rc < 0)
		return rc;
	e->judge = judge_new();
	return learner_open(&e->learner, e->learning, &options,
		(const struct schema *const *)schemas, e->editions, e->count, err);
}

static int open_editions(struct engine *e, const char *root, struct schema *const *schemas,
	int count, int64_t now_ms, struct error *err)
{
	int rc;

	for (; e->count < count; e->count++) {
		rc = editions_open(&e->editions[e->count], root, schemas[e->count], now_ms, err);
		if (rc < 0)
			return error_prefix(err, rc, "scripts of %s", schemas[e->count]->name);
	}
	return 0;
}

static int worker_open(void *data, int worker, void **state, struct error *err)
{
	struct engine *e = data;
	struct funnel *funnel;
	int rc = funnel_open(&funnel, &e->shared, err);

	if (rc == 0)
		*state = funnel;
	return rc;
}

static void worker_close(void *state)
{
	funnel_close(state);
}

/* ---- INFO ---- */

static void tell_learning(struct engine *e, struct json_out *out)
{
	struct learner_stats s;
	struct store_info info;

	learner_stats(e->learner, &s);
	store_info(e->learning, &info);
	json_key(out, "learning");
	json_object_open(out);
	json_kv(out, uint, "map_bytes", info.map_bytes);
	json_kv(out, uint, "used_bytes", info.used_bytes);
	json_kv(out, uint, "decisions", s.decisions);
	json_kv(out, uint, "events", s.events);
	json_kv(out, uint, "repeated", s.repeated);
	json_kv(out, uint, "refused", s.refused);
	json_kv(out, str, "refused_last", s.refused_last[0] ? s.refused_last : NULL);
	json_kv(out, uint, "windows_closed", s.closed);
	json_kv(out, uint, "decisions_forgotten", s.decisions_forgotten);
	json_kv(out, uint, "pairs_forgotten", s.pairs_forgotten);
	json_kv(out, uint, "likes_forgotten", s.likes_forgotten);
	json_kv(out, uint, "commits", s.commits);
	json_kv(out, uint, "failures", s.failures);
	json_kv(out, uint, "waiting", s.waiting);
	json_kv(out, num_short, "condition", s.condition, 3);
	json_close(out);
	json_key(out, "redis");
	json_object_open(out);
	json_kv(out, bool, "wanted", s.redis_wanted);
	json_kv(out, bool, "connected", s.redis.connected);
	json_kv(out, uint, "messages", s.redis.messages);
	json_kv(out, uint, "connects", s.redis.connects);
	json_kv(out, uint, "failures", s.redis.failures);
	json_kv(out, str, "error", s.redis.error[0] ? s.redis.error : NULL);
	json_close(out);
}

static void tell_split(const struct funnel_collection *c, const struct funnel_options *o,
	struct json_out *out)
{
	struct cell_reader at = { 0 }, scripts = { 0 };
	const struct learnt *learnt = cell_read(c->learnt, &at, NULL);
	const struct edition *edition = cell_read(editions_cell(c->editions), &scripts, NULL);
	struct buf text = { 0 };

	split_print(funnel_split(learnt, edition, o, NULL), &text);
	json_kv(out, slice, "policy", buf_slice(&text));
	buf_clear(&text);
	cell_reader_clear(&at);
	cell_reader_clear(&scripts);
}

static void tell_collections(struct engine *e, struct json_out *out)
{
	struct funnel_stats *s;
	char drift[512];
	uint64_t searches;
	int i;

	json_key(out, "searching");
	json_object_open(out);
	for (i = 0; i < e->count; i++) {
		s = &e->shared.collections[i].stats;
		searches = atomic_load(&s->searches);
		json_key(out, e->shared.collections[i].schema->name);
		json_object_open(out);
		json_kv(out, uint, "generation", editions_number(e->editions[i]));
		tell_split(&e->shared.collections[i], &e->options, out);
		learner_drift(e->learner, i, drift, sizeof(drift));
		json_kv(out, str, "drift", drift[0] ? drift : NULL);
		json_kv(out, uint, "searches", searches);
		json_kv(out, uint, "failed", atomic_load(&s->failed));
		json_kv(out, uint, "unlogged", atomic_load(&s->unlogged));
		json_kv(out, num_short, "mean_us",
			searches ? (double)atomic_load(&s->took_us) / searches : 0, 4);
		json_close(out);
	}
	json_close(out);
}

static void tell_judging(struct engine *e, struct json_out *out)
{
	struct judge_state state;

	judge_state(e->judge, &state);
	json_key(out, "evaluating");
	json_object_open(out);
	json_kv(out, bool, "running", state.running);
	json_kv(out, str, "collection", state.collection[0] ? state.collection : NULL);
	json_kv(out, str, "what", state.what[0] ? state.what : NULL);
	json_kv(out, num_short, "progress", state.running ? state.progress : 1, 3);
	json_close(out);
}

static void info(void *data, struct json_out *out)
{
	tell_judging(data, out);
	tell_collections(data, out);
	tell_learning(data, out);
}

static void worker_refresh(void *state)
{
	funnel_refresh(state);
}

static const struct server_hooks hooks = { worker_open, worker_close, worker_refresh, info,
	configured };

/* ---- opening ---- */

static void share(struct engine *e, struct server *server, struct schema *const *schemas)
{
	struct funnel_shared *s = &e->shared;
	int i;

	s->catalogue = server->catalogue;
	s->learning = e->learning;
	s->options = &e->options;
	s->clock = *server->clock;
	s->log = learner_log;
	s->log_data = e->learner;
	s->collection_count = e->count;
	s->collections = xcalloc(e->count + 1, sizeof(*s->collections));
	for (i = 0; i < e->count; i++) {
		s->collections[i].schema = schemas[i];
		s->collections[i].editions = e->editions[i];
		s->collections[i].learnt = learner_learnt(e->learner, i);
		s->collections[i].number = learner_number(e->learner, i);
	}
	server->funnel = e;
	server->hooks = &hooks;
}

int engine_open(struct engine **out, struct server *server, const struct config *config,
	struct schema *const *schemas, int count, struct error *err)
{
	struct engine *e = xcalloc(1, sizeof(*e));
	int rc;

	rc = read_options(e, server, config, err);
	if (rc == 0)
		rc = open_editions(e, config->scripts, schemas, count, clock_now_ms(server->clock),
			err);
	if (rc == 0)
		rc = open_learner(e, server, config, schemas, err);
	if (rc < 0) {
		engine_close(e);
		return rc;
	}
	share(e, server, schemas);
	*out = e;
	return 0;
}

void engine_stop(struct engine *e)
{
	if (e && e->judge)
		judge_stop(e->judge);
}

void engine_close(struct engine *e)
{
	int i;

	if (!e)
		return;
	judge_free(e->judge);
	learner_close(e->learner);
	store_close(e->learning);
	for (i = 0; i < e->count; i++)
		editions_close(e->editions[i]);
	free(e->shared.collections);
	free(e);
}

int engine_check(const struct config *config, struct schema *const *schemas, int count,
	struct error *err)
{
	struct server nothing = { .clock = &clock_real };
	struct engine *e = xcalloc(1, sizeof(*e));
	int rc;

	rc = read_options(e, &nothing, config, err);
	if (rc == 0)
		rc = open_editions(e, config->scripts, schemas, count, 0, err);
	engine_close(e);
	return rc;
}
