/* command_scripts.c -- SCRIPTS: the generations of a collection's scripts, and trying others
 * on the log in the background (funnel/trial.h). */
#include <stdlib.h>

#include "base/alloc.h"
#include "funnel/trial.h"
#include "server/command.h"
#include "server/engine.h"

#define TRY_LAST 2000 /* searches that earned something, where LAST is not said */
#define TRY_STEP 16   /* of them, or of others passed over: some milliseconds */

static int find_editions(struct command_context *ctx, struct editions **out, struct error *err)
{
	struct engine *engine = ctx->server->funnel;
	int collection = 0;

	if (ctx->command->arity < 0 && ctx->argc > 3)
		return error_set(err, ERR_SYNTAX, "wrong number of words; usage: SCRIPTS %s %s",
			ctx->command->name, ctx->command->usage);
	if (ctx->argc > 2)
		collection = catalogue_find(ctx->server->catalogue, ctx->argv[2], err);
	else if (engine->count > 1)
		return error_set(err, ERR_ARG, "which collection's?  SCRIPTS %s COLLECTION",
			ctx->command->name);
	if (collection < 0)
		return collection;
	*out = engine->editions[collection];
	return 0;
}

static int run_scripts_list(struct command_context *ctx, struct error *err)
{
	struct editions *editions = NULL;
	struct buf buf = { 0 };
	struct json_out out;
	int rc = find_editions(ctx, &editions, err);

	if (rc < 0)
		return rc;
	json_begin(&out, &buf);
	editions_print(editions, &out);
	reply_json(ctx->reply, buf_slice(&buf));
	buf_clear(&buf);
	return 0;
}

static int run_scripts_check(struct command_context *ctx, struct error *err)
{
	struct catalogue *catalogue = ctx->server->catalogue;
	struct editions *editions = NULL;
	struct view *view;
	int rc = find_editions(ctx, &editions, err);

	if (rc == 0)
		rc = command_view(ctx,
			ctx->argc > 2 ? ctx->argv[2]
				      : slice_str(catalogue_schema(catalogue, 0)->name),
			&view, err);
	if (rc == 0)
		rc = editions_check(editions, view, err);
	if (rc == 0)
		reply_ok(ctx->reply);
	return rc;
}

static int generation_now(struct command_context *ctx, struct editions *editions, int rc)
{
	if (rc < 0)
		return rc;
	reply_int(ctx->reply, editions_number(editions));
	return 0;
}

static int run_scripts_load(struct command_context *ctx, struct error *err)
{
	struct editions *editions = NULL;
	int rc = find_editions(ctx, &editions, err);

	if (rc < 0)
		return rc;
	return generation_now(ctx, editions,
		editions_load(editions, clock_now_ms(ctx->server->clock), err));
}

static int run_scripts_rollback(struct command_context *ctx, struct error *err)
{
	struct editions *editions = NULL;
	int rc = find_editions(ctx, &editions, err);

	return rc < 0 ? rc : generation_now(ctx, editions, editions_rollback(editions, err));
}

static int run_scripts_use(struct command_context *ctx, struct error *err)
{
	struct editions *editions = NULL;
	uint64_t n = 0;
	int rc = find_editions(ctx, &editions, err);

	if (rc == 0)
		rc = command_number(ctx->argv[3], "generation", 1, UINT64_MAX, &n, err);
	return rc < 0 ? rc : generation_now(ctx, editions, editions_use(editions, n, err));
}

/* ---- TRY ---- */

struct tried {
	struct deferred deferred; /* first: freed as this */
	struct trial *trial;      /* until it is done */
	struct buf answer;
	char scripts[1024];
	int64_t start_us;
	int rc;
	struct error err;
};

static void write_tried(struct deferred *deferred, struct reply *reply)
{
	struct tried *t = (struct tried *)deferred;

	if (t->rc < 0)
		reply_error(reply, &t->err);
	else
		reply_json(reply, buf_slice(&t->answer));
	buf_clear(&t->answer);
}

static int try_step(void *data, double *progress, struct error *err)
{
	struct tried *t = data;
	int rc = trial_step(t->trial, TRY_STEP, err);

	*progress = trial_progress(t->trial);
	return rc;
}

static void on_tried(void *data, int rc, const struct error *err)
{
	struct tried *t = data;
	struct json_out out;

	t->rc = rc;
	if (rc < 0) {
		t->err = *err;
		t->err.code = rc;
	} else {
		json_begin(&out, &t->answer);
		json_object_open(&out);
		json_kv(&out, str, "scripts", t->scripts);
		json_kv(&out, int, "took_ms", (clock_mono_us() - t->start_us) / 1000);
		trial_print(t->trial, &out);
		json_close(&out);
	}
	trial_free(t->trial);
	t->trial = NULL;
	deferred_post(&t->deferred);
}

/* Digits are a kept generation, anything else is a folder like that of `scripts`. */
static int find_scripts(struct editions *editions, const char *named, struct snapshot **out,
	struct error *err)
{
	uint64_t number;

	if (command_number(slice_str(named), "generation", 1, UINT64_MAX, &number, NULL) == 0)
		return editions_kept(editions, number, out, err);
	return editions_read(editions, named, out, err);
}

static int read_last(struct command_context *ctx, uint64_t *out, struct error *err)
{
	static const char *const options[] = { "LAST", NULL };

	*out = TRY_LAST;
	if (ctx->argc == 4)
		return 0;
	if (!command_word(ctx, 4, "LAST"))
		return error_unknown(err, ERR_SYNTAX, "unexpected", ctx->argv[4], options, NULL);
	if (ctx->argc != 6)
		return error_set(err, ERR_SYNTAX, "LAST: expected one number behind it");
	return command_number(ctx->argv[5], "LAST", 1, 1000000000, out, err);
}

static int open_trial(struct command_context *ctx, struct tried *t, int collection,
	struct error *err)
{
	struct engine *engine = ctx->server->funnel;
	struct snapshot *edition;
	uint64_t last = 0;
	int rc = read_last(ctx, &last, err);

	if (rc < 0)
		return rc;
	if (ctx->argv[3].len >= sizeof(t->scripts))
		return error_set(err, ERR_LIMIT, "a folder's name of %zu bytes, limit %zu",
			ctx->argv[3].len, sizeof(t->scripts) - 1);
	snprintf(t->scripts, sizeof(t->scripts), "%.*s", SLICE_ARG(ctx->argv[3]));
	rc = find_scripts(engine->editions[collection], t->scripts, &edition, err);
	if (rc < 0)
		return rc;
	return trial_new(&t->trial, &engine->shared, collection, edition, last, err);
}

static int run_scripts_try(struct command_context *ctx, struct error *err)
{
	int collection = catalogue_find(ctx->server->catalogue, ctx->argv[2], err), rc;
	struct engine *engine = ctx->server->funnel;
	struct tried *t;

	if (collection < 0)
		return collection;
	t = xcalloc(1, sizeof(*t));
	t->start_us = clock_mono_us();
	rc = open_trial(ctx, t, collection, err);
	if (rc == 0) {
		struct judging judging = { try_step, on_tried, t,
			engine->shared.collections[collection].schema->name, t->scripts };

		deferred_init(&t->deferred, ctx->connection, ctx->reply->form, write_tried);
		rc = judge_start(engine->judge, &judging, err);
	}
	if (rc < 0) {
		trial_free(t->trial);
		free(t);
		return rc;
	}
	deferred_link(&t->deferred);
	return 0;
}

static const struct command scripts_commands[] = {
	{ "LIST", -2, COMMAND_READ, "[coll]", "The generation in force, its files, those kept.",
		run_scripts_list, NULL },
	{ "CHECK", -2, COMMAND_ADMIN, "[coll]", "Load the folder and its examples, use nothing.",
		run_scripts_check, NULL },
	{ "LOAD", -2, COMMAND_ADMIN, "[coll]",
		"Load the folder as a new generation, or say why not.", run_scripts_load, NULL },
	{ "USE", 4, COMMAND_ADMIN, "coll n", "Go to a kept generation.", run_scripts_use, NULL },
	{ "ROLLBACK", -2, COMMAND_ADMIN, "[coll]", "Go to the generation before.",
		run_scripts_rollback, NULL },
	{ "TRY", -4, COMMAND_ADMIN, "coll folder|generation [LAST n]",
		"What other scripts would have found of what people chose.", run_scripts_try,
		NULL },
	{ 0 },
};

const struct command commands_scripts[] = {
	{ "SCRIPTS", -2, 0, "LIST|CHECK|LOAD|USE|ROLLBACK|TRY", "The scripts of a collection.",
		NULL, scripts_commands },
	{ 0 },
};
