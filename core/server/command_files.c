/* command_files.c -- BACKUP and COMPACT: the files of the data folder, copied and written
 * anew while they are in use (chores.h); answered when it is done. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "server/command.h"
#include "server/compactor.h"
#include "server/engine.h"

/* ---- BACKUP ---- */

struct backup {
	struct deferred deferred; /* first: freed as this */
	struct server *server;
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

static int copy_into(struct backup *b, const atomic_bool *stop)
{
	struct engine *engine = b->server->funnel;
	struct cell_reader at = { 0 };
	char path[4096];
	int rc;

	snprintf(path, sizeof(path), "%s/catalogue", b->folder);
	rc = store_backup(catalogue_look(b->server->catalogue, &at), path, stop, &b->err);
	cell_reader_clear(&at);
	if (rc < 0)
		return rc;
	snprintf(path, sizeof(path), "%s/learning", b->folder);
	rc = store_backup(engine->learning, path, stop, &b->err);
	if (rc < 0) { /* half a backup could be taken for a whole one */
		snprintf(path, sizeof(path), "%s/catalogue", b->folder);
		store_remove(path);
	}
	return rc;
}

static void run_copy(void *data, const atomic_bool *stop)
{
	struct backup *b = data;

	if (mkdir(b->folder, 0700) < 0) {
		b->rc = error_set(&b->err, ERR_IO, "BACKUP %s: %s", b->folder, strerror(errno));
		return;
	}
	b->rc = copy_into(b, stop);
	if (b->rc < 0)
		rmdir(b->folder);
	else
		log_info("backup", "written to %s", b->folder);
}

static void copied(void *data)
{
	deferred_post(&((struct backup *)data)->deferred);
}

static int run_backup(struct command_context *ctx, struct error *err)
{
	static const struct chore chore = { "BACKUP", run_copy, copied };
	struct slice folder = ctx->argv[1];
	struct backup *b;
	int rc;

	if (!folder.len || folder.len >= sizeof(b->folder) || memchr(folder.ptr, 0, folder.len))
		return error_set(err, ERR_ARG, "BACKUP: expected the path of a folder to be made");
	b = xcalloc(1, sizeof(*b));
	memcpy(b->folder, folder.ptr, folder.len);
	b->server = ctx->server;
	deferred_init(&b->deferred, ctx->connection, ctx->reply->form, write_backup);
	rc = chores_start(ctx->server->chores, &chore, b, err);
	if (rc < 0)
		free(b);
	else
		deferred_link(&b->deferred);
	return rc;
}

/* ---- COMPACT ---- */

struct compact {
	struct deferred deferred; /* first: freed as this */
	struct server *server;
	struct compacted done;
	struct error err;
	int rc;
};

static void write_compact(struct deferred *deferred, struct reply *reply)
{
	struct compact *c = (struct compact *)deferred;
	struct buf buf = { 0 };
	struct json_out out;

	if (c->rc < 0) {
		reply_error(reply, &c->err);
		return;
	}
	json_begin(&out, &buf);
	json_object_open(&out);
	json_kv(&out, uint, "before_bytes", c->done.before_bytes);
	json_kv(&out, uint, "after_bytes", c->done.after_bytes);
	json_kv(&out, uint, "changed", c->done.again);
	json_kv(&out, int, "took_ms", c->done.took_us / 1000);
	json_kv(&out, int, "held_ms", c->done.held_us / 1000);
	json_close(&out);
	reply_json(reply, buf_slice(&buf));
	buf_clear(&buf);
}

static void run_compaction(void *data, const atomic_bool *stop)
{
	struct compact *c = data;

	c->rc = compactor_run(c->server, stop, &c->done, &c->err);
}

static void compacted(void *data)
{
	deferred_post(&((struct compact *)data)->deferred);
}

static int run_compact(struct command_context *ctx, struct error *err)
{
	static const struct chore chore = { "COMPACT", run_compaction, compacted };
	struct compact *c = xcalloc(1, sizeof(*c));
	int rc;

	c->server = ctx->server;
	deferred_init(&c->deferred, ctx->connection, ctx->reply->form, write_compact);
	rc = chores_start(ctx->server->chores, &chore, c, err);
	if (rc < 0)
		free(c);
	else
		deferred_link(&c->deferred);
	return rc;
}

const struct command commands_files[] = {
	{ "BACKUP", 2, COMMAND_ADMIN, "folder",
		"A consistent copy of both environments into a new folder.", run_backup, NULL },
	{ "COMPACT", 1, COMMAND_ADMIN, "",
		"The catalogue's file written anew, without gaps, while it serves.", run_compact,
		NULL },
	{ 0 },
};
