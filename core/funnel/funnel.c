/* funnel.c -- one search on one screen, and a worker's side of it.
 *
 * Randomness: a search's generator is seeded from the daemon's seed and the decision's
 * number (or SEED), so the same state and inputs give the same decision.  A search with
 * NOLOG has a count of its own for that, and so changes no decision after it. */
#include "funnel/funnel.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "funnel/search.h"
#include "learn/learning.h"
#include "query/filter.h"

#define UTC_OFFSET_MAX 840 /* minutes: no zone is further */

/* ---- a worker's side ---- */

int funnel_open(struct funnel **out, struct funnel_shared *shared, struct error *err)
{
	struct funnel *f = xcalloc(1, sizeof(*f));
	int rc;

	f->shared = shared;
	f->stations = xcalloc(shared->collection_count + 1, sizeof(*f->stations));
	rc = reader_open(&f->reader, shared->catalogue, err);
	if (rc == 0)
		rc = store_begin(&f->learning, shared->learning, STORE_READ, err);
	if (rc < 0) {
		funnel_close(f);
		return rc;
	}
	store_pause(f->learning);
	*out = f;
	return 0;
}

/* Release what is held of old generations and transactions. */
static void rest(struct funnel *f)
{
	int i;

	for (i = 0; i < f->shared->collection_count; i++) {
		program_free(f->stations[i].program);
		cell_reader_clear(&f->stations[i].edition);
		cell_reader_clear(&f->stations[i].learnt);
		memset(&f->stations[i], 0, sizeof(f->stations[i]));
	}
}

void funnel_refresh(struct funnel *f)
{
	reader_refresh(f->reader);
}

void funnel_close(struct funnel *f)
{
	if (!f)
		return;
	rest(f);
	store_end(f->learning);
	reader_close(f->reader);
	free(f->stations);
	free(f);
}

int funnel_hold(struct funnel *f, int collection, struct error *err)
{
	struct funnel_collection *c = &f->shared->collections[collection];
	struct station *station = &f->stations[collection];
	const struct edition *edition;
	int changed = 0;

	edition = cell_read(editions_cell(c->editions), &station->edition, &changed);
	if (!changed && station->program)
		return 0;
	program_free(station->program);
	station->program = NULL;
	return edition_program(edition, c->schema, &station->program, err);
}

int funnel_begin(struct funnel *f, struct error *err)
{
	int rc = store_resume(f->learning, err);

	if (rc < 0)
		return rc;
	rc = reader_begin(f->reader, err);
	if (rc < 0)
		store_pause(f->learning);
	return rc;
}

void funnel_end(struct funnel *f)
{
	reader_end(f->reader);
	store_pause(f->learning);
}

/* ---- a search ---- */

/* The user's, said in CONTEXT, or the daemon's ($TZ). */
static int read_offset(struct search *s, struct error *err)
{
	const json_t *said = json_object_get(s->context, "utc_offset");
	time_t now = s->env.now_ms / 1000;
	struct tm tm;

	if (!said || json_is_null(said)) {
		s->ask.offset_min = localtime_r(&now, &tm) ? (int)(tm.tm_gmtoff / 60) : 0;
		return 0;
	}
	if (!json_is_number(said) || fabs(json_number_value(said)) > UTC_OFFSET_MAX)
		return error_set(err, ERR_ARG,
			"CONTEXT: \"utc_offset\" is not a number of "
			"minutes, -%d to %d",
			UTC_OFFSET_MAX, UTC_OFFSET_MAX);
	s->ask.offset_min = (int)json_number_value(said);
	return 0;
}

static int open_context(struct search *s, struct error *err)
{
	const json_t *user;
	int rc;

	if (s->request->context.len > CONTEXT_BYTES_MAX)
		return error_set(err, ERR_LIMIT, "CONTEXT: %zu bytes, limit %d",
			s->request->context.len, CONTEXT_BYTES_MAX);
	if (s->request->context.len) {
		rc = json_parse(&s->context, s->request->context, err);
		if (rc < 0)
			return error_prefix(err, rc, "CONTEXT");
		if (!json_is_object(s->context))
			return error_set(err, ERR_ARG, "CONTEXT: expected a JSON object");
	}
	user = json_object_get(s->context, "user");
	s->ask = (struct ask){ .query = &s->query, .context = s->context, .now_ms = s->env.now_ms };
	if (json_is_string(user))
		s->ask.user = slice_of(json_string_value(user), json_string_length(user));
	else if (user && !json_is_null(user))
		return error_set(err, ERR_ARG, "CONTEXT: \"user\" is not a string");
	return read_offset(s, err);
}

int step_understand(struct search *s, struct error *err)
{
	int rc = open_context(s, err);

	if (rc == 0 && s->request->where.len) {
		rc = filter_parse(&s->where, s->collection->schema, s->request->where, s->arena,
			err);
		error_prefix(err, rc, "WHERE");
	}
	if (rc == 0)
		rc = step_wishes(s, err);
	if (rc == 0)
		rc = query_init(&s->query, s->arena, s->request->query, err);
	if (rc == 0 && s->query.word_count)
		rc = program_understand(s->program, s->view, s->arena, &s->query, err);
	return rc;
}

struct memory memory_at(const struct funnel *f, int collection, int64_t now_ms)
{
	return (struct memory){ f->learning, LEARNING_MEMORY,
		f->shared->collections[collection].number, now_ms, &f->shared->options->memory };
}

void search_init(struct search *s, struct funnel *f, const struct search_request *request,
	struct arena *arena)
{
	struct funnel_shared *shared = f->shared;

	s->funnel = f;
	s->request = request;
	s->arena = arena;
	s->collection = &shared->collections[request->collection];
	s->share = s->mixture = 1;
	s->mode = (enum decision_mode)atomic_load(&shared->options->mode);
	s->budget = atomic_load(&shared->options->budget);
	s->budget_us = atomic_load(&shared->options->budget_us);
	s->view = reader_view(f->reader, request->collection);
	s->env = (struct search_env){ .view = s->view,
		.arena = arena,
		.rng = &s->luck,
		.memory = memory_at(f, request->collection, 0) };
	search_time(s, clock_now_ms(&shared->clock));
}

void search_time(struct search *s, int64_t now_ms)
{
	s->env.now_ms = s->env.memory.now_ms = now_ms;
}

static void init(struct search *s, struct funnel *f, const struct search_request *request,
	struct arena *arena)
{
	struct station *station = &f->stations[request->collection];

	search_init(s, f, request, arena);
	s->edition = snapshot_object(station->edition.held);
	s->learnt = cell_read(s->collection->learnt, &station->learnt, NULL);
	s->program = station->program;
}

static void seed(struct search *s)
{
	struct funnel_shared *shared = s->funnel->shared;
	bool unlogged = s->request->unlogged || s->request->sort_count;

	s->id = atomic_fetch_add(unlogged ? &shared->unlogged : &shared->ids.next, 1);
	s->seed = s->request->has_seed
			  ? s->request->seed
			  : hash_u64(shared->options->seed ^ hash_u64(unlogged ? ~s->id : s->id));
	rng_init(&s->rng, s->seed);
}

static int turn_to_page(struct search *s, struct error *err)
{
	size_t limit = s->request->limit ? s->request->limit : s->funnel->shared->options->hits;

	s->first = s->request->offset;
	if (s->first > s->candidates.count)
		s->first = s->candidates.count;
	s->shown = s->candidates.count - s->first;
	if (s->shown > limit)
		s->shown = limit;
	s->page = s->candidates.items + s->first;
	return 0;
}

typedef int search_step(struct search *, struct error *);

static search_step *const searching[] = { step_understand, step_profile, step_features, step_plan,
	step_choose, step_retrieve, step_rank, step_count, turn_to_page, step_record, NULL };
/* A further page: the same choice again, from the log; nothing new is logged. */
static search_step *const going_on[] = { step_understand, step_profile, step_features, step_plan,
	step_again, step_retrieve, step_rank, step_count, turn_to_page, NULL };
/* All that matches, in the order of columns: nobody is asked for candidates, so there
 * is nothing to choose, to log or to learn from. */
static search_step *const sorting[] = { step_understand, step_profile, step_plan, step_sort, NULL };

static int take(struct search *s, search_step *const *steps, struct buf *out, struct error *err)
{
	int rc = 0;

	for (; rc == 0 && *steps; steps++)
		rc = (*steps)(s, err);
	return rc < 0 ? rc : step_reply(s, out, err);
}

static int search_on(struct search *s, struct buf *out, struct error *err)
{
	struct decision d;
	int rc;

	rc = learning_decision(s->funnel->learning, s->arena, s->request->from, &d, err);
	if (rc < 0)
		return rc;
	if (!slice_is(d.collection, s->collection->schema->name) ||
		!slice_eq(d.query, s->request->query))
		return error_set(err, ERR_ARG, "FROM: that decision answered \"%.*s\" in %.*s",
			SLICE_ARG(d.query), SLICE_ARG(d.collection));
	s->earlier = &d;
	s->id = d.id;
	s->seed = d.seed;
	search_time(s, d.at_ms);
	s->logged = true;
	rng_init(&s->rng, d.seed);
	return take(s, going_on, out, err);
}

static int search(struct search *s, struct buf *out, struct error *err)
{
	if (s->request->further)
		return search_on(s, out, err);
	seed(s);
	return take(s, s->request->sort_count ? sorting : searching, out, err);
}

static int check_limits(const struct search_request *r, struct error *err)
{
	if (r->limit < 0 || r->limit > HITS_MAX)
		return error_set(err, ERR_LIMIT, "LIMIT: %d, expected 1 to %d", r->limit, HITS_MAX);
	if (r->offset < 0 || r->offset > OFFSET_MAX)
		return error_set(err, ERR_LIMIT, "OFFSET: %d, expected 0 to %d", r->offset,
			OFFSET_MAX);
	return 0;
}

int funnel_search(struct funnel *f, const struct search_request *request, struct arena *arena,
	struct buf *out, struct error *err)
{
	struct funnel_stats *stats = &f->shared->collections[request->collection].stats;
	struct search *s = arena_calloc(arena, 1, sizeof(*s));
	int rc;

	s->start_us = clock_mono_us();
	rc = check_limits(request, err);
	if (rc == 0)
		rc = funnel_hold(f, request->collection, err);
	if (rc == 0)
		rc = funnel_begin(f, err);
	if (rc == 0) {
		init(s, f, request, arena);
		rc = search(s, out, err);
		highlight_free(s->highlighter);
		json_decref(s->context);
		funnel_end(f);
	}
	atomic_fetch_add(&stats->searches, 1);
	atomic_fetch_add(&stats->took_us, clock_mono_us() - s->start_us);
	if (rc < 0)
		atomic_fetch_add(&stats->failed, 1);
	return rc;
}

/* ---- looking at what is known ---- */

int funnel_understand(struct funnel *f, int collection, struct slice text, struct arena *arena,
	struct buf *out, struct error *err)
{
	struct search_request request = { .collection = collection, .query = text };
	struct search *s = arena_calloc(arena, 1, sizeof(*s));
	struct json_out json;
	int rc;

	rc = funnel_hold(f, collection, err);
	if (rc == 0)
		rc = funnel_begin(f, err);
	if (rc < 0)
		return rc;
	init(s, f, &request, arena);
	rc = step_understand(s, err);
	if (rc == 0) {
		json_begin(&json, out);
		query_print(&s->query, &json);
	}
	funnel_end(f);
	return rc;
}

int funnel_memory(struct funnel *f, int collection, struct slice key, struct arena *arena,
	struct buf *out, struct error *err)
{
	struct memory_row *rows;
	struct json_out json;
	struct memory memory = memory_at(f, collection, clock_now_ms(&f->shared->clock));
	int count, i, rc;

	if (!memchr(key.ptr, ':', key.len))
		key = slice_str(arena_printf(arena, "q:%.*s", SLICE_ARG(text_fold(arena, key))));
	if (key.len > MEMORY_KEY_MAX)
		return error_set(err, ERR_LIMIT, "a memory key of %zu bytes, limit %d", key.len,
			MEMORY_KEY_MAX);
	rc = store_resume(f->learning, err);
	if (rc < 0)
		return rc;
	count = memory_get(&memory, key, NULL, arena, &rows, err);
	json_begin(&json, out);
	json_object_open(&json);
	json_kv(&json, slice, "key", key);
	json_key(&json, "entities");
	json_array_open(&json);
	for (i = 0; i < count; i++) {
		json_object_open(&json);
		json_kv(&json, slice, "id", rows[i].entity);
		json_kv(&json, num_short, "score", rows[i].score, 5);
		json_kv(&json, num_short, "reward", rows[i].reward, 5);
		json_kv(&json, num_short, "impressions", rows[i].impressions, 5);
		json_close(&json);
	}
	json_close(&json);
	json_close(&json);
	store_pause(f->learning);
	return count < 0 ? count : 0;
}
