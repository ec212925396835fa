/* writer.c -- the writer thread: take, batch, commit, tell.
 *
 * Invariant: each pushed mutation's done is called once, in the order of the
 * pushes, and only when its commit is on disk (or has failed). */
#include "index/writer.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/queue.h"
#include "index/batch.h"

#define AHEAD 4 /* mutations fetched before their turn */

/* So many in one group are a flood: it is let rise for so long, unless nothing comes for
 * some looks.  A larger group costs less a document. */
#define FLOOD         4096
#define FLOOD_ENOUGH  65536 /* twice as many would cost a fifth less */
#define FLOOD_US      200000
#define FLOOD_LOOK_US 1000
#define FLOOD_LOOKS   4

/* Something else the thread does between two commits. */
struct call {
	int (*run)(void *data, struct error *);
	void *data;
	struct error *err;
	int rc;
	sem_t done;
};

struct item {
	struct call *call; /* else a mutation */
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
	struct item *group[WRITER_GROUP]; /* taken from the queue */
	size_t count;
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

static bool take(struct writer *w)
{
	size_t n = queue_take(w->queue, (void **)w->group + w->count, WRITER_GROUP - w->count);

	w->count += n;
	return n > 0;
}

/* More mutations, of a flood: those that bring them go on while we wait.  False when it
 * ebbs. */
static bool wait_for_more(struct writer *w, int64_t since_us)
{
	const struct timespec look = { 0, FLOOD_LOOK_US * 1000 };
	int looks;

	if (w->count < FLOOD || w->count >= FLOOD_ENOUGH)
		return false;
	for (looks = 0; looks < FLOOD_LOOKS; looks++) {
		if (queue_closed(w->queue) || clock_mono_us() - since_us > FLOOD_US)
			return false;
		nanosleep(&look, NULL);
		if (take(w))
			return true;
	}
	return false;
}

/* Applies what is taken and what comes meanwhile, up to the bounds; how many. */
static size_t apply_all(struct writer *w, struct batch *batch)
{
	int64_t since_us = clock_mono_us();
	size_t i = 0;

	do {
		for (; i < w->count; i++) {
			if (i && batch_bytes(batch) >= WRITER_BYTES)
				return i;
			if (w->group[i]->call)
				return i;
			/* another core wrote them */
			if (i + 2 * AHEAD < w->count)
				__builtin_prefetch(w->group[i + 2 * AHEAD]);
			if (i + AHEAD < w->count && w->group[i + AHEAD]->mutation.document)
				__builtin_prefetch(w->group[i + AHEAD]->mutation.document);
			apply(batch, w->group[i]);
		}
	} while (i < WRITER_GROUP && (take(w) || wait_for_more(w, since_us)));
	return i;
}

static void group_drop(struct writer *w, size_t count)
{
	w->count -= count;
	memmove(w->group, w->group + count, w->count * sizeof(*w->group));
}

static void run_call(struct writer *w)
{
	struct call *call = w->group[0]->call;

	free(w->group[0]);
	group_drop(w, 1);
	call->rc = call->run(call->data, call->err);
	sem_post(&call->done);
}

/* One batch; those that do not fit into it stay in the group. */
static void commit_group(struct writer *w)
{
	struct error err = { 0 };
	struct batch *batch = NULL;
	int64_t start_us = 0;
	size_t i, took = w->count;
	int rc;

	rc = batch_begin(&batch, w->catalogue, &err);
	if (rc >= 0) {
		took = apply_all(w, batch);
		start_us = clock_mono_us();
		rc = batch_commit(batch, &err);
		w->last_commit_us = clock_mono_us() - start_us;
	}
	w->commits += rc >= 0;
	for (i = 0; i < took; i++)
		tell(w, w->group[i], rc, rc < 0 ? &err : NULL);
	group_drop(w, took);
}

static void *run(void *data)
{
	struct writer *w = data;

	for (;;) {
		if (!w->count)
			queue_wait(w->queue, -1);
		/* a push may come between the take and the close */
		if (!take(w) && !w->count && queue_closed(w->queue) && !take(w))
			return NULL;
		if (w->count && w->group[0]->call)
			run_call(w);
		else if (w->count)
			commit_group(w);
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
	size_t bytes =
		sizeof(struct item) + (m->kind == MUTATION_PUT ? prepared_bytes(m->document) : id);
	struct item *item;
	int rc;

	if (id > ID_BYTES_MAX)
		return error_set(err, ERR_ARG, "an id has 1 to %d bytes, this one %zu",
			ID_BYTES_MAX, id);
	if (w->bytes + bytes > WRITER_WAITING)
		return error_set(err, ERR_BUSY, "too many bytes wait for the writer; try again");
	item = xmalloc(sizeof(*item) + id);
	item->call = NULL;
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

int writer_call(struct writer *w, int (*run)(void *data, struct error *), void *data,
	struct error *err)
{
	const struct timespec wait = { 0, FLOOD_LOOK_US * 1000 };
	struct call call = { .run = run, .data = data, .err = err };
	struct item *item = xcalloc(1, sizeof(*item));
	int rc;

	item->call = &call;
	sem_init(&call.done, 0, 0);
	while ((rc = queue_push(w->queue, item)) == ERR_BUSY)
		nanosleep(&wait, NULL); /* the thread is at work: there is room soon */
	if (rc == 0)
		while (sem_wait(&call.done) < 0)
			; /* a signal */
	sem_destroy(&call.done);
	if (rc == 0)
		return call.rc;
	free(item);
	return error_set(err, rc, "the writer is closing");
}

void writer_stats(struct writer *w, struct writer_stats *out)
{
	out->commits = w->commits;
	out->documents = w->documents;
	out->failed = w->failed;
	out->queued = queue_length(w->queue);
	out->last_commit_us = w->last_commit_us;
}
