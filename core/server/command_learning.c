/* command_learning.c -- FEEDBACK, SCRIPTS: what changes what is known. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "server/command.h"
#include "server/engine.h"
#include "server/told.h"

#define AT_MOST_MS 9007199254740992 /* 2^53: what JSON can say exactly, too */

/* ---- FEEDBACK: answered after the commit that holds it ---- */

static int read_event(struct command_context *ctx, struct event *e, struct error *err)
{
	static const char *const options[] = { "VALUE", "ID", "AT", NULL };
	enum { VALUE, ID, AT } o;
	uint64_t at = 0;
	int i, rc = 0;

	*e = (struct event){ .decision = ctx->argv[1], .entity = ctx->argv[2],
		.name = ctx->argv[3], .value = 1, .at_ms = -1 };
	for (i = 4; rc == 0 && i < ctx->argc; i += 2) {
		for (o = 0; options[o] && !command_word(ctx, i, options[o]); o++)
			;
		if (!options[o])
			return command_unknown_option(ctx->argv[i], options,
				"there are VALUE, ID and AT", err);
		if (i + 1 == ctx->argc)
			return error_set(err, ERR_SYNTAX, "%s: its value is missing", options[o]);
		if (o == VALUE) {
			rc = command_real(ctx->argv[i + 1], options[o], -INFINITY, INFINITY, &e->value,
				err);
		} else if (o == ID) {
			e->id = ctx->argv[i + 1];
		} else {
			rc = command_number(ctx->argv[i + 1], "AT (ms since 1970)", 0, AT_MOST_MS,
				&at, err);
			e->at_ms = rc == 0 ? (int64_t)at : -1;
		}
	}
	return rc;
}

static int run_feedback(struct command_context *ctx, struct error *err)
{
	struct engine *engine = ctx->server->funnel;
	struct told *told;
	struct event e;
	int rc;

	rc = read_event(ctx, &e, err);
	if (rc < 0)
		return rc;
	told = told_new(ctx);
	return told_end(told, learner_feedback(engine->learner, &e, told_done, told, err));
}

/* ---- SCRIPTS ---- */

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
		rc = command_view(ctx, ctx->argc > 2 ? ctx->argv[2]
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

static const struct command scripts_commands[] = {
	{ "LIST", -2, COMMAND_READ, "[coll]", "The generation in force, its files, those kept.",
		run_scripts_list, NULL },
	{ "CHECK", -2, COMMAND_ADMIN, "[coll]", "Load the folder and its examples, use nothing.",
		run_scripts_check, NULL },
	{ "LOAD", -2, COMMAND_ADMIN, "[coll]", "Load the folder as a new generation, or say why not.",
		run_scripts_load, NULL },
	{ "USE", 4, COMMAND_ADMIN, "coll n", "Go to a kept generation.", run_scripts_use, NULL },
	{ "ROLLBACK", -2, COMMAND_ADMIN, "[coll]", "Go to the generation before.",
		run_scripts_rollback, NULL },
	{ 0 },
};

const struct command commands_learning[] = {
	{ "FEEDBACK", -4, COMMAND_WRITE, "decision entity event [VALUE x] [ID event-id] [AT ms]",
		"What a user did with a hit; answered when it is on disk.", run_feedback, NULL },
	{ "SCRIPTS", -2, 0, "LIST|CHECK|LOAD|USE|ROLLBACK", "The scripts of a collection.", NULL,
		scripts_commands },
	{ 0 },
};
