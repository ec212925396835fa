/* command_catalogue.c -- PUT DEL GET COUNT EXPORT.
 *
 * A document is read and analysed here, in the worker's thread, so that an error in it is
 * known at once and the writer only writes.
 *
 * PUT and DEL are answered after the commit that holds them.  The change that
 * waits carries its own place among the replies and its own link into the
 * worker's inbox, and is made before the writer hears of it. */
#include <stdlib.h>

#include "base/alloc.h"
#include "limits.h"
#include "server/command.h"

struct change {
	struct deferred deferred; /* first: freed as this */
	enum mutation_kind kind;
	_Atomic int left;      /* mutations not yet told, and one for the command itself */
	int64_t found;         /* the writer's thread, until left is 0 */
	struct error *err;     /* the first, or NULL; likewise */
	struct error *refused; /* of the command itself: not all could be queued */
};

static void write_change(struct deferred *deferred, struct reply *reply)
{
	struct change *change = (struct change *)deferred;

	if (change->err || change->refused)
		reply_error(reply, change->err ? change->err : change->refused);
	else if (change->kind == MUTATION_PUT)
		reply_ok(reply);
	else
		reply_int(reply, change->found);
	free(change->err);
	free(change->refused);
}

static void let_go(struct change *change)
{
	if (atomic_fetch_sub(&change->left, 1) == 1)
		deferred_post(&change->deferred);
}

/* In the writer's thread. */
static void on_done(void *data, int rc, const struct error *err)
{
	struct change *change = data;

	if (rc > 0)
		change->found += rc;
	if (rc < 0 && !change->err) {
		change->err = xmalloc(sizeof(*err));
		*change->err = *err;
		change->err->code = rc;
	}
	let_go(change);
}

static int check_id(struct slice id, struct error *err)
{
	if (id.len >= 1 && id.len <= ID_BYTES_MAX)
		return 0;
	return error_set(err, ERR_ARG, "an id has 1 to %d bytes, this one %zu", ID_BYTES_MAX,
		id.len);
}

/* ids[0..count), each as the mutation says; a put has one. */
static int hand_over(struct command_context *ctx, struct mutation *m, struct slice *ids, int count,
	struct error *err)
{
	struct change *change = xcalloc(1, sizeof(*change));
	int i, rc = 0;

	deferred_init(&change->deferred, ctx->connection, ctx->reply->form, write_change);
	change->kind = m->kind;
	atomic_init(&change->left, count + 1);
	m->done = on_done;
	m->data = change;
	for (i = 0; i < count; i++) {
		m->id = ids[i];
		rc = writer_push(ctx->server->writer, m, err);
		if (rc < 0)
			break;
	}
	if (i == 0) { /* the writer knows nothing of it */
		free(change);
		return rc;
	}
	deferred_link(&change->deferred);
	if (rc < 0) { /* the reply waits for those that are on their way */
		error_prefix(err, rc, "%d of %d were taken", i, count);
		change->refused = xmalloc(sizeof(*err));
		*change->refused = *err;
		atomic_fetch_sub(&change->left, count - i);
	}
	let_go(change);
	return 0;
}

static int run_put(struct command_context *ctx, struct error *err)
{
	struct mutation m = { .kind = MUTATION_PUT };
	int rc;

	m.collection = command_collection(ctx, err);
	if (m.collection < 0)
		return m.collection;
	rc = document_prepare(&m.document, ctx->worker->preparer,
		catalogue_schema(ctx->server->catalogue, m.collection), ctx->argv[2], ctx->argv[3],
		err);
	if (rc < 0)
		return rc;
	rc = hand_over(ctx, &m, ctx->argv + 2, 1, err);
	if (rc < 0)
		prepared_free(m.document);
	return rc;
}

static int run_del(struct command_context *ctx, struct error *err)
{
	struct mutation m = { .kind = MUTATION_DEL };
	int i, rc;

	m.collection = command_collection(ctx, err);
	if (m.collection < 0)
		return m.collection;
	for (i = 2; i < ctx->argc; i++) {
		rc = check_id(ctx->argv[i], err);
		if (rc < 0)
			return rc;
	}
	return hand_over(ctx, &m, ctx->argv + 2, ctx->argc - 2, err);
}

static int run_get(struct command_context *ctx, struct error *err)
{
	struct view *view;
	uint32_t doc;
	int rc;

	rc = check_id(ctx->argv[2], err);
	if (rc < 0)
		return rc;
	rc = command_view(ctx, ctx->argv[1], &view, err);
	if (rc < 0)
		return rc;
	doc = view_doc(view, ctx->argv[2]);
	if (doc == DOC_NONE)
		reply_null(ctx->reply);
	else
		reply_json(ctx->reply, view_json(view, doc));
	return 0;
}

static int run_count(struct command_context *ctx, struct error *err)
{
	struct view *view;
	int rc;

	rc = command_view(ctx, ctx->argv[1], &view, err);
	if (rc < 0)
		return rc;
	reply_int(ctx->reply, view_stats(view)->docs);
	return 0;
}

static int export_options(struct command_context *ctx, struct slice *after, uint64_t *limit,
	struct error *err)
{
	static const char *const options[] = { "AFTER", "LIMIT", NULL };
	int i, o, rc = 0;

	for (i = 2; rc == 0 && i < ctx->argc; i += 2) {
		o = command_option(ctx, i, options, err);
		if (o < 0)
			return o;
		if (o == 1)
			rc = command_number(ctx->argv[i + 1], "LIMIT", 1, 1000, limit, err);
		else if (ctx->argv[i + 1].len > ID_BYTES_MAX)
			rc = check_id(ctx->argv[i + 1], err);
		else
			*after = ctx->argv[i + 1];
	}
	return rc;
}

/* {"entities":[{"id":..,"doc":{..}},..],"next":id}: a page in the order of ids. */
static int run_export(struct command_context *ctx, struct error *err)
{
	struct slice after = SLICE_LIT(""), id;
	struct json_out out;
	struct buf buf = { 0 };
	uint64_t limit = 100, n = 0;
	struct view *view;
	uint32_t doc;
	int rc = export_options(ctx, &after, &limit, err);

	if (rc == 0)
		rc = command_view(ctx, ctx->argv[1], &view, err);
	if (rc < 0)
		return rc;
	json_begin(&out, &buf);
	json_object_open(&out);
	json_key(&out, "entities");
	json_array_open(&out);
	while (n < limit && buf.len < EXPORT_BYTES) {
		doc = view_id_next(view, after, &id);
		if (doc == DOC_NONE)
			break;
		json_object_open(&out);
		json_kv(&out, slice, "id", id);
		json_kv(&out, raw, "doc", view_json(view, doc));
		json_close(&out);
		after = id;
		n++;
	}
	json_close(&out);
	if (n && view_id_next(view, after, &id) != DOC_NONE)
		json_kv(&out, slice, "next", after);
	else
		json_kv(&out, str, "next", NULL);
	json_close(&out);
	if (buf.failed)
		rc = error_set(err, ERR_MEMORY, "the page is too large");
	else
		reply_json(ctx->reply, buf_slice(&buf));
	buf_clear(&buf);
	return rc;
}

const struct command commands_catalogue[] = {
	{ "PUT", 4, COMMAND_WRITE, "coll id json",
		"Insert or replace an entity; answered when it is on disk.", run_put, NULL },
	{ "DEL", -3, COMMAND_WRITE, "coll id [id ...]", "Delete entities; how many there were.",
		run_del, NULL },
	{ "GET", 3, COMMAND_READ | COMMAND_FAST, "coll id", "An entity as it was put, or null.",
		run_get, NULL },
	{ "COUNT", 2, COMMAND_READ | COMMAND_FAST, "coll", "How many entities a collection has.",
		run_count, NULL },
	{ "EXPORT", -2, COMMAND_READ, "coll [AFTER id] [LIMIT n]",
		"Entities as they were put, in the order of ids.", run_export, NULL },
	{ 0 },
};
