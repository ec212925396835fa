/* command_learning.c -- FEEDBACK, SCRIPTS, BACKUP: what changes what is known. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/log.h"
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

/* ---- BACKUP: on a thread of its own ---- */

struct backup {
	struct deferred deferred; /* first: freed as this */
	struct store *catalogue, *learning;
	char folder[3072];
	struct error err;
	int rc;
};

static void write_backup(struct deferred *deferred, struct reply *reply)
{
	struct backup *b = (struct backup *)deferred;

	if (b->rc < 0)
		reply_error(reply, &b->err);
	else
		reply_ok(reply);
}

/* Half a backup could be taken for a whole one. */
static void remove_copies(const struct backup *b)
{
	static const char *const made[] = { "catalogue/data.mdb", "catalogue",
		"learning/data.mdb", "learning", "" };
	char path[4096];
	size_t i;

	for (i = 0; i < sizeof(made) / sizeof(*made); i++) {
		snprintf(path, sizeof(path), "%s/%s", b->folder, made[i]);
		remove(path);
	}
}

static int copy_into(struct backup *b)
{
	char path[4096];
	int rc;

	snprintf(path, sizeof(path), "%s/catalogue", b->folder);
	rc = store_copy(b->catalogue, path, &b->err);
	snprintf(path, sizeof(path), "%s/learning", b->folder);
	return rc < 0 ? rc : store_copy(b->learning, path, &b->err);
}

static void *copy(void *data)
{
	struct backup *b = data;

	if (mkdir(b->folder, 0700) < 0) {
		b->rc = error_set(&b->err, ERR_IO, "BACKUP %s: %s", b->folder, strerror(errno));
	} else {
		b->rc = copy_into(b);
		if (b->rc < 0)
			remove_copies(b);
		else
			log_info("backup", "written to %s", b->folder);
	}
	deferred_post(&b->deferred);
	return NULL;
}

static int run_backup(struct command_context *ctx, struct error *err)
{
	struct engine *engine = ctx->server->funnel;
	struct slice folder = ctx->argv[1];
	struct backup *b;
	pthread_t thread;

	if (!folder.len || folder.len >= sizeof(b->folder) || memchr(folder.ptr, 0, folder.len))
		return error_set(err, ERR_ARG, "BACKUP: expected the path of a folder to be made");
	b = xcalloc(1, sizeof(*b));
	memcpy(b->folder, folder.ptr, folder.len);
	b->catalogue = catalogue_store(ctx->server->catalogue);
	b->learning = engine->learning;
	deferred_init(&b->deferred, ctx->connection, ctx->reply->form, write_backup);
	if (pthread_create(&thread, NULL, copy, b)) {
		free(b);
		return error_set(err, ERR_IO, "BACKUP: cannot start a thread");
	}
	pthread_detach(thread);
	deferred_link(&b->deferred);
	return 0;
}

const struct command commands_learning[] = {
	{ "FEEDBACK", -4, COMMAND_WRITE, "decision entity event [VALUE x] [ID event-id] [AT ms]",
		"What a user did with a hit; answered when it is on disk.", run_feedback, NULL },
	{ "BACKUP", 2, COMMAND_ADMIN, "folder",
		"A consistent copy of both environments into a new folder.", run_backup, NULL },
	{ 0 },
};
