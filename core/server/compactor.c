/* compactor.c -- see compactor.h.
 *
 * After a load, or when a quarter of the documents have changed, pages are little more than
 * half full and many are free: writing all of it anew then costs less than the changes did.
 * It is done in a lull; where there is none, when each document has changed twice. */
#include "server/compactor.h"

#include <event2/event.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "server/worker.h"

#define LOOK_MS 1000 /* nothing changed between two looks: a lull */
#define SHARE   4    /* one document in so many */
#define TIMES   2    /* so many changes a document are not a load */

struct compactor {
	struct server *server;
	struct event *look;
	uint64_t after, seen;
};

int compactor_run(struct server *s, const atomic_bool *stop, struct compacted *out,
	struct error *err)
{
	uint64_t changes = catalogue_changes(s->catalogue);
	struct cell_reader former = { 0 };
	int rc;

	catalogue_look(s->catalogue, &former);
	rc = catalogue_compact(s->catalogue, s->writer, stop, out, err);
	s->compacted_at = changes; /* what failed would soon fail again */
	if (rc >= 0)
		worker_refresh_all(s);
	cell_reader_clear(&former); /* the last: to delete a large file would hold up a worker */
	if (rc < 0 && rc != ERR_STATE)
		log_warn("compact", "%s", err->text);
	if (rc < 0)
		return rc;
	s->compactions++;
	log_info("compact", "the catalogue's file took %.1f MB, now %.1f; %.1f s",
		out->before_bytes / 1e6, out->after_bytes / 1e6, out->took_us / 1e6);
	return 0;
}

static void run(void *data, const atomic_bool *stop)
{
	struct compacted done;
	struct error err;

	compactor_run(data, stop, &done, &err);
}

static void ran(void *data)
{
}

static bool is_due(const struct compactor *c, uint64_t changes)
{
	struct table_size tables[CATALOGUE_TABLES];
	uint64_t since = changes - c->server->compacted_at, docs;

	if (since < c->after || catalogue_sizes(c->server->catalogue, tables, NULL) < 0)
		return false;
	docs = tables[CATALOGUE_IDS].entries;
	return changes == c->seen ? since >= docs / SHARE : since >= TIMES * docs;
}

static void on_look(evutil_socket_t fd, short what, void *data)
{
	static const struct timeval next = { LOOK_MS / 1000, LOOK_MS % 1000 * 1000 };
	static const struct chore chore = { "COMPACT", run, ran };
	struct compactor *c = data;
	uint64_t changes = catalogue_changes(c->server->catalogue);

	if (is_due(c, changes))
		chores_start(c->server->chores, &chore, c->server, NULL);
	c->seen = changes;
	evtimer_add(c->look, &next);
}

int compactor_open(struct compactor **out, struct event_base *base, struct server *server,
	uint64_t after, struct error *err)
{
	struct compactor *c;

	if (!after)
		return 0;
	c = xcalloc(1, sizeof(*c));
	c->server = server;
	c->after = after;
	c->look = evtimer_new(base, on_look, c);
	if (!c->look) {
		free(c);
		return error_set(err, ERR_IO, "cannot make a timer");
	}
	on_look(-1, 0, c);
	*out = c;
	return 0;
}

void compactor_close(struct compactor *c)
{
	if (!c)
		return;
	event_free(c->look);
	free(c);
}
