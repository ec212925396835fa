/* writer.c -- the writer thread: take, batch, commit, tell.
 *
 * Invariant: each pushed mutation's done is called once, in the order of the
 * pushes, and only when its commit is on disk (or has failed). */
#include "index/writer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/queue.h"
#include "index/batch.h"

#define AHEAD 4 /* mutations fetched before their turn */

struct item {
	struct mutation mutation;
	int rc;
	struct error *err; /* made when it fails alone */
	size_t bytes;
	char room[];
};

struct writer {
	struct catalogue *catalogue;
	struct queue *queue;
	pthread_t thread;
	struct item *group[WRITER_GROUP];
	_Atomic uint64_t commits, documents, failed, last_commit_us, bytes;
};

static int apply(struct batch *batch, struct item *item)
{
	struct error err = { 0 };

	if (item->mutation.kind == MUTATION_PUT)
		item->rc = batch_put_prepared(batch, item->mutation.collection,
			item->mutation.document, &err);
	else
		item->rc = batch_del(batch, item->mutation.collection, item->mutation.id, &err);
	item->mutation.document = NULL; /* the batch's now */
	if (item->rc < 0) {
		item->err = xmalloc(sizeof(err));
		*item->err = err;
	}
	return item->rc;
}

static void tell(struct writer *w, struct item *item, int rc, const struct error *err)
{
	const struct error none = { 0 };

	if (item->err) {
		rc = item->rc;
		err = item->err;
	} else if (rc >= 0) {
		rc = item->rc;
	}
	if (rc < 0)
		w->failed++;
	else
		w->documents++;
	if (item->mutation.done)
		item->mutation.done(item->mutation.data, rc, err ? err : &none);
	w->bytes -= item->bytes;
	prepared_free(item->mutation.document); /* of a batch that could not begin */
	free(item->err);
	free(item);
}

/* One batch of the first mutations of group[0..n); how many it took. */
static size_t commit_some(struct writer *w, struct item **group, size_t n)
{
	struct error err = { 0 };
	struct batch *batch = NULL;
	int64_t start = clock_mono_us();
	size_t i, took = n;
	int rc;

	rc = batch_begin(&batch, w->catalogue, &err);
	if (rc >= 0) {
		for (took = 0; took < n && (!took || batch_bytes(batch) < WRITER_BYTES); took++) {
			/* another core wrote them */
			if (took + 2 * AHEAD < n)
				__builtin_prefetch(group[took + 2 * AHEAD]);
			if (took + AHEAD < n && group[took + AHEAD]->mutation.document)
				__builtin_prefetch(group[took + AHEAD]->mutation.document);
			apply(batch, group[took]);
		}
		rc = batch_commit(batch, &err);
	}
	w->commits += rc >= 0;
	w->last_commit_us = clock_mono_us() - start;
	for (i = 0; i < took; i++)
		tell(w, group[i], rc, rc < 0 ? &err : NULL);
	return took;
}

static void *run(void *data)
{
	struct writer *w = data;
	size_t n, at;

	for (;;) {
		queue_wait(w->queue, -1);
		n = queue_take(w->queue, (void **)w->group, WRITER_GROUP);
		if (!n && queue_closed(w->queue)) {
			/* a push may have come between the take and the close */
			n = queue_take(w->queue, (void **)w->group, WRITER_GROUP);
			if (!n)
				return NULL;
		}
		for (at = 0; at < n;)
			at += commit_some(w, w->group + at, n - at);
	}
}

int writer_open(struct writer **out, struct catalogue *catalogue, size_t capacity,
	struct error *err)
{
	struct writer *w = xcalloc(1, sizeof(*w));
	int rc;

	w->catalogue = catalogue;
	rc = queue_new(&w->queue, capacity, err);
	if (rc < 0) {
		free(w);
		return rc;
	}
	rc = pthread_create(&w->thread, NULL, run, w);
	if (rc) {
		queue_free(w->queue);
		free(w);
		return error_set(err, ERR_IO, "writer thread: %s", strerror(rc));
	}
	*out = w;
	return 0;
}

void writer_close(struct writer *w)
{
	if (!w)
		return;
	queue_close(w->queue);
	pthread_join(w->thread, NULL);
	queue_free(w->queue);
	free(w);
}

int writer_push(struct writer *w, const struct mutation *m, struct error *err)
{
	size_t id = m->kind == MUTATION_DEL ? m->id.len : 0;
	size_t bytes = sizeof(struct item) +
		       (m->kind == MUTATION_PUT ? prepared_bytes(m->document) : id);
	struct item *item;
	int rc;

	if (id > ID_BYTES_MAX)
		return error_set(err, ERR_ARG, "an id has 1 to %d bytes, this one %zu",
			ID_BYTES_MAX, id);
	if (w->bytes + bytes > WRITER_WAITING)
		return error_set(err, ERR_BUSY, "too many bytes wait for the writer; try again");
	item = xmalloc(sizeof(*item) + id);
	item->mutation = *m;
	item->mutation.document = m->kind == MUTATION_PUT ? m->document : NULL;
	item->rc = 0;
	item->err = NULL;
	item->bytes = bytes;
	if (id)
		memcpy(item->room, m->id.ptr, id);
	item->mutation.id = slice_of(item->room, id);
	w->bytes += bytes;
	rc = queue_push(w->queue, item);
	if (rc == 0)
		return 0;
	w->bytes -= bytes;
	free(item);
	if (rc == ERR_STATE)
		return error_set(err, rc, "the writer is closing");
	return error_set(err, rc, "the writer's queue is full; try again");
}

void writer_stats(struct writer *w, struct writer_stats *out)
{
	out->commits = w->commits;
	out->documents = w->documents;
	out->failed = w->failed;
	out->queued = queue_length(w->queue);
	out->last_commit_us = w->last_commit_us;
}
