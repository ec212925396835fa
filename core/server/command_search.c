/* command_search.c -- SEARCH RECOMMEND UNDERSTAND, and looking at what was chosen and
 * learnt: DECISION MEMORY. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "server/command.h"
#include "server/engine.h"

#define LIST_MAX 64 /* names in FIELDS, ONLY, FACETS, ... */

struct asked {
	struct command_context *ctx;
	struct search_request *request;
	int at; /* the word at hand */
};

/* ---- options ---- */

static int split_list(struct asked *a, struct slice text, const char *option, struct slice **out,
	int *count, struct error *err)
{
	const char *at = text.ptr, *end = text.ptr + text.len, *comma;

	*out = arena_calloc(a->ctx->arena, LIST_MAX, sizeof(**out));
	for (*count = 0; at < end; at = comma + 1) {
		comma = memchr(at, ',', end - at);
		if (!comma)
			comma = end;
		if (comma == at)
			continue;
		if (*count == LIST_MAX)
			return error_set(err, ERR_LIMIT, "%s: over %d names", option, LIST_MAX);
		(*out)[(*count)++] = slice_of(at, comma - at);
	}
	if (!*count)
		return error_set(err, ERR_ARG, "%s: expected names with commas between them",
			option);
	return 0;
}

static int take_limit(struct asked *a, struct slice value, struct error *err)
{
	uint64_t limit = 0;
	int rc = command_number(value, "LIMIT", 1, HITS_MAX, &limit, err);

	a->request->limit = (int)limit;
	return rc;
}

static int take_offset(struct asked *a, struct slice value, struct error *err)
{
	uint64_t offset = 0;
	int rc = command_number(value, "OFFSET", 0, OFFSET_MAX, &offset, err);

	a->request->offset = (int)offset;
	return rc;
}

static int take_context(struct asked *a, struct slice value, struct error *err)
{
	a->request->context = value;
	return 0;
}

static int take_where(struct asked *a, struct slice value, struct error *err)
{
	a->request->where = value;
	return 0;
}

static int take_fields(struct asked *a, struct slice value, struct error *err)
{
	return split_list(a, value, "FIELDS", &a->request->fields, &a->request->field_count, err);
}

static int take_only(struct asked *a, struct slice value, struct error *err)
{
	return split_list(a, value, "ONLY", &a->request->only, &a->request->only_count, err);
}

static int take_depth(struct asked *a, struct slice value, struct error *err)
{
	return split_list(a, value, "DEPTH", &a->request->depths, &a->request->depth_count, err);
}

static int take_facets(struct asked *a, struct slice value, struct error *err)
{
	return split_list(a, value, "FACETS", &a->request->facets, &a->request->facet_count, err);
}

static int take_matching(struct asked *a, struct slice value, struct error *err)
{
	return split_list(a, value, "MATCHING", &a->request->matching, &a->request->matching_count,
		err);
}

static int take_highlight(struct asked *a, struct slice value, struct error *err)
{
	return split_list(a, value, "HIGHLIGHT", &a->request->highlight,
		&a->request->highlight_count, err);
}

/* The next word, if it is this one. */
static bool take_word(struct asked *a, const char *word)
{
	if (a->at == a->ctx->argc || !ascii_same(a->ctx->argv[a->at], word))
		return false;
	a->at++;
	return true;
}

static int take_sort(struct asked *a, struct slice value, struct error *err)
{
	struct search_request *r = a->request;

	if (r->sort_count == SORT_KEYS_MAX)
		return error_set(err, ERR_LIMIT, "SORT: over %d of them", SORT_KEYS_MAX);
	r->sort[r->sort_count].field = value;
	r->sort[r->sort_count].descending = take_word(a, "DESC");
	if (!r->sort[r->sort_count++].descending)
		take_word(a, "ASC");
	return 0;
}

static int take_marks(struct asked *a, struct slice value, struct error *err)
{
	if (a->at == a->ctx->argc)
		return error_set(err, ERR_SYNTAX,
			"MARKS: expected two words, what stands before a "
			"mark and behind it");
	a->request->marks = true;
	a->request->mark_before = value;
	a->request->mark_after = a->ctx->argv[a->at++];
	return 0;
}

static int take_html(struct asked *a, struct slice value, struct error *err)
{
	a->request->html = true;
	return 0;
}

static int take_policy(struct asked *a, struct slice value, struct error *err)
{
	a->request->policy = value;
	return 0;
}

static int take_ranking(struct asked *a, struct slice value, struct error *err)
{
	a->request->ranking = value;
	return 0;
}

static int take_seed(struct asked *a, struct slice value, struct error *err)
{
	a->request->has_seed = true;
	return command_number(value, "SEED", 0, UINT64_MAX, &a->request->seed, err);
}

static int take_from(struct asked *a, struct slice value, struct error *err)
{
	int rc = decision_id_parse(&a->request->from, value, err);

	a->request->further = true;
	return error_prefix(err, rc, "FROM");
}

static int take_nolog(struct asked *a, struct slice value, struct error *err)
{
	a->request->unlogged = true;
	return 0;
}

static int take_explain(struct asked *a, struct slice value, struct error *err)
{
	a->request->explain = true;
	return 0;
}

static const struct {
	const char *name;
	bool has_value;
	int (*take)(struct asked *, struct slice value, struct error *);
} options[] = {
	{ "LIMIT", true, take_limit },
	{ "OFFSET", true, take_offset },
	{ "CONTEXT", true, take_context },
	{ "WHERE", true, take_where },
	{ "FIELDS", true, take_fields },
	{ "ONLY", true, take_only },
	{ "DEPTH", true, take_depth },
	{ "POLICY", true, take_policy },
	{ "RANKING", true, take_ranking },
	{ "SEED", true, take_seed },
	{ "FACETS", true, take_facets },
	{ "SORT", true, take_sort },
	{ "MATCHING", true, take_matching },
	{ "HIGHLIGHT", true, take_highlight },
	{ "MARKS", true, take_marks },
	{ "HTML", false, take_html },
	{ "FROM", true, take_from },
	{ "NOLOG", false, take_nolog },
	{ "EXPLAIN", false, take_explain },
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

static int unknown_option(struct slice word, struct error *err)
{
	const char *names[OPTIONS + 1];
	size_t i;

	for (i = 0; i < OPTIONS; i++)
		names[i] = options[i].name;
	names[OPTIONS] = NULL;
	return error_unknown(err, ERR_SYNTAX, "unexpected", word, names,
		"a query of several words is quoted");
}

static int take_options(struct asked *a, struct error *err)
{
	struct slice word, value;
	size_t i;
	int rc;

	while (a->at < a->ctx->argc) {
		word = a->ctx->argv[a->at++];
		for (i = 0; i < OPTIONS && !ascii_same(word, options[i].name); i++)
			;
		if (i == OPTIONS)
			return unknown_option(word, err);
		value = SLICE_LIT("");
		if (options[i].has_value) {
			if (a->at == a->ctx->argc)
				return error_set(err, ERR_SYNTAX, "%s: its value is missing",
					options[i].name);
			value = a->ctx->argv[a->at++];
		}
		rc = options[i].take(a, value, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* ---- once more ----
 *
 * A decision that was answered may still be in the learner's queue.  Then the command
 * is run again, and answered, after what is queued has been committed. */

struct again {
	struct deferred deferred; /* first: freed as this */
	const struct command *command;
	struct slice *argv; /* of our own: the client's buffer moves on */
	int argc, rc;
	struct error err;
};

static void write_again(struct deferred *deferred, struct reply *reply)
{
	struct again *a = (struct again *)deferred;
	struct worker *w = deferred->connection->worker;
	struct command_context ctx = { .server = w->server,
		.worker = w,
		.connection = deferred->connection,
		.command = a->command,
		.argv = a->argv,
		.argc = a->argc,
		.reply = reply,
		.arena = w->arena,
		.again = true };

	if (a->rc == 0)
		a->rc = a->command->run(&ctx, &a->err);
	if (a->rc < 0)
		reply_error(reply, &a->err);
	arena_reset(w->arena);
	free(a->argv);
}

/* In the learner's thread. */
static void on_caught_up(void *data, int rc, const struct error *err)
{
	struct again *a = data;

	a->rc = rc < 0 ? rc : 0;
	if (rc < 0)
		a->err = *err;
	deferred_post(&a->deferred);
}

/* The words, and behind them their bytes. */
static struct slice *copy_words(const struct slice *words, int count)
{
	size_t bytes = count * sizeof(*words);
	struct slice *copy;
	char *to;
	int i;

	for (i = 0; i < count; i++)
		bytes += words[i].len;
	copy = xmalloc(bytes);
	to = (char *)(copy + count);
	for (i = 0; i < count; i++) {
		copy[i] = slice_of(to, words[i].len);
		if (words[i].len)
			memcpy(to, words[i].ptr, words[i].len);
		to += words[i].len;
	}
	return copy;
}

/* Could the decision be one that is on its way to the disk? */
static bool may_come(const struct command_context *ctx, uint64_t decision)
{
	struct engine *engine = ctx->server->funnel;

	return !ctx->again && decision < atomic_load(&engine->shared.ids.next);
}

static int run_again(struct command_context *ctx, struct error *err)
{
	struct engine *engine = ctx->server->funnel;
	struct again *a = xcalloc(1, sizeof(*a));
	int rc;

	deferred_init(&a->deferred, ctx->connection, ctx->reply->form, write_again);
	a->command = ctx->command;
	a->argv = copy_words(ctx->argv, ctx->argc);
	a->argc = ctx->argc;
	rc = learner_sync(engine->learner, on_caught_up, a, err);
	if (rc < 0) {
		free(a->argv);
		free(a);
		return rc;
	}
	deferred_link(&a->deferred);
	return 0;
}

/* ---- commands ---- */

static int search(struct command_context *ctx, struct search_request *request, int options_at,
	struct error *err)
{
	struct asked asked = { ctx, request, options_at };
	struct buf out = { 0 };
	int rc;

	request->collection = rc = command_collection(ctx, err);
	if (rc < 0)
		return rc;
	rc = take_options(&asked, err);
	if (rc < 0)
		return rc;
	rc = funnel_search(ctx->worker->funnel, request, ctx->arena, &out, err);
	if (rc == ERR_NOT_FOUND && request->further && may_come(ctx, request->from)) {
		buf_clear(&out);
		return run_again(ctx, err);
	}
	return command_answer(ctx, &out, rc);
}

static int run_search(struct command_context *ctx, struct error *err)
{
	struct search_request request = { .query = ctx->argv[2] };

	return search(ctx, &request, 3, err);
}

static int run_recommend(struct command_context *ctx, struct error *err)
{
	struct search_request request = { 0 };

	return search(ctx, &request, 2, err);
}

static int run_understand(struct command_context *ctx, struct error *err)
{
	return command_tell(ctx, funnel_understand, err);
}

static int run_memory(struct command_context *ctx, struct error *err)
{
	return command_tell(ctx, funnel_memory, err);
}

static int run_decision(struct command_context *ctx, struct error *err)
{
	struct buf out = { 0 };
	uint64_t id;
	int rc;

	rc = decision_id_parse(&id, ctx->argv[1], err);
	if (rc < 0)
		return rc;
	rc = funnel_decision(ctx->worker->funnel, id, ctx->arena, &out, err);
	if (rc == ERR_NOT_FOUND && may_come(ctx, id)) {
		buf_clear(&out);
		return run_again(ctx, err);
	}
	return command_answer(ctx, &out, rc);
}

const struct command commands_search[] = {
	{ "SEARCH", -3, COMMAND_READ,
		"coll query [LIMIT n] [OFFSET n] [CONTEXT json] [WHERE expr] [FIELDS a,b] "
		"[ONLY strategy,...] [DEPTH strategy=n,...] [FACETS field[:step],...] "
		"[SORT field [asc|desc]] [MATCHING strategy,...] [HIGHLIGHT a,b] "
		"[MARKS before after] [HTML] [POLICY name] [RANKING name] [SEED n] [NOLOG] [EXPLAIN] "
		"[FROM decision]",
		"Find entities; the answer carries the decision's id for FEEDBACK.", run_search,
		NULL },
	{ "RECOMMEND", -2, COMMAND_READ, "coll [options as of SEARCH]", "A search without a query.",
		run_recommend, NULL },
	{ "UNDERSTAND", 3, COMMAND_READ, "coll query", "The weighted readings of a query.",
		run_understand, NULL },
	{ "DECISION", 2, COMMAND_READ, "id", "Why a page looked as it did, and what came of it.",
		run_decision, NULL },
	{ "MEMORY", 3, COMMAND_READ, "coll key",
		"What is remembered under a query or a key such as user:7.", run_memory, NULL },
	{ 0 },
};
