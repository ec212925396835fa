/* compact.c -- see compact.h.
 *
 * What was changed is a set of document numbers (changes.h), of the catalogue as it was
 * when the round before began or as it is now; the ids that had or have these numbers are
 * put again as they are now, or deleted, by batches like any other.  Numbers in the copy
 * are others; nothing outside the file knows them. */
#include "index/compact.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "index/batch.h"
#include "index/compact_parts.h"
#include "index/view.h"

#define ROUNDS      8
#define HELD_DOCS   250         /* changes the writer may wait for; each round twice as many */
#define BATCH_BYTES (32u << 20) /* memory of a batch of changed documents */

struct compaction {
	struct catalogue *catalogue;
	struct catalogue next; /* its copy: the store and what batches need */
	const atomic_bool *stop;
	struct changes *changed;  /* of this round */
	struct reader *was, *now; /* the catalogue before the round, and as it is */
	struct batch *batch;
	size_t held; /* changes that the writer may wait for */
	struct compacted *out;
};

static int check_stop(const struct compaction *c, struct error *err)
{
	return c->stop && *c->stop ? error_set(err, ERR_STATE, "shutting down") : 0;
}

/* ---- what has changed ---- */

static int flush(struct compaction *c, struct error *err)
{
	struct batch *batch = c->batch;

	c->batch = NULL;
	return batch ? batch_commit(batch, err) : 0;
}

/* An id of the catalogue, in the copy as it is now. */
static int again(struct compaction *c, int collection, struct slice id, struct error *err)
{
	struct view *v = reader_view(c->now, collection);
	uint32_t doc;
	int rc = 0;

	if (!id.len)
		return 0;
	if (c->batch && batch_bytes(c->batch) >= BATCH_BYTES)
		rc = flush(c, err);
	if (rc >= 0 && !c->batch)
		rc = batch_begin(&c->batch, &c->next, err);
	if (rc < 0)
		return rc;
	doc = view_doc(v, id);
	return doc == DOC_NONE ? batch_del(c->batch, collection, id, err)
			       : batch_put(c->batch, collection, id, view_json(v, doc), err);
}

static int again_all(struct compaction *c, struct error *err)
{
	struct slice id;
	uint32_t doc;
	int i, rc;

	for (i = 0; i < c->catalogue->count; i++)
		for (doc = changes_next(c->changed, i, 0); doc != DOC_NONE;
			doc = changes_next(c->changed, i, doc + 1)) {
			rc = check_stop(c, err);
			if (rc >= 0)
				rc = again(c, i, view_id(reader_view(c->was, i), doc), err);
			id = view_id(reader_view(c->now, i), doc);
			if (rc >= 0 && !slice_eq(id, view_id(reader_view(c->was, i), doc)))
				rc = again(c, i, id, err);
			if (rc < 0)
				return rc;
			c->out->again++;
		}
	return flush(c, err);
}

/* All changes until now; how many there were, or an error. */
static int64_t round_again(struct compaction *c, struct error *err)
{
	struct reader *was = c->was;
	int rc;

	changes_lock(c->catalogue->changes);
	changes_take(c->catalogue->changes, c->changed);
	rc = reader_begin(c->now, err);
	changes_unlock(c->catalogue->changes);
	if (rc < 0)
		return rc;
	rc = again_all(c, err);
	reader_end(c->was);
	c->was = c->now;
	c->now = was;
	return rc < 0 ? rc : (int64_t)changes_count(c->changed);
}

/* ---- all of it ---- */

/* In the writer's thread: there is no other change until this is done. */
static int finish(void *data, struct error *err)
{
	struct compaction *c = data;
	int64_t start_us = clock_mono_us(), count;
	int rc;

	if (changes_count(c->catalogue->changes) > c->held)
		return 1; /* another round first */
	count = round_again(c, err);
	if (count < 0)
		return count;
	rc = store_replace(c->next.store, c->catalogue->store, err);
	if (rc < 0)
		return rc;
	catalogue_publish(c->catalogue, c->next.store);
	c->next.store = NULL;
	c->out->held_us = clock_mono_us() - start_us;
	return 0;
}

static int catch_up(struct compaction *c, struct writer *writer, struct error *err)
{
	int64_t count;
	int i, rc;

	for (i = 0; i < ROUNDS; i++, c->held *= 2) {
		count = round_again(c, err);
		if (count < 0)
			return count;
		if (count > (int64_t)c->held)
			continue;
		rc = store_sync(c->next.store, err); /* so that the writer need not wait for it */
		if (rc >= 0)
			rc = writer ? writer_call(writer, finish, c, err) : finish(c, err);
		if (rc <= 0)
			return rc;
	}
	return error_set(err, ERR_BUSY, "changes come faster than they can be copied; try again");
}

static int begin(struct compaction *c, struct error *err)
{
	struct catalogue *next = &c->next;
	char *path;
	int rc;

	next->schemas = c->catalogue->schemas;
	next->count = c->catalogue->count;
	memcpy(next->numbers, c->catalogue->numbers, sizeof(next->numbers));
	next->changes = changes_new();
	c->changed = changes_new();
	rc = reader_open(&c->was, c->catalogue, err);
	if (rc >= 0)
		rc = reader_open(&c->now, c->catalogue, err);
	if (rc < 0)
		return rc;
	changes_lock(c->catalogue->changes);
	changes_watch(c->catalogue->changes, true);
	rc = reader_begin(c->was, err);
	changes_unlock(c->catalogue->changes);
	if (rc < 0)
		return rc;
	if (asprintf(&path, "%s/" COMPACT_FOLDER, store_path(c->catalogue->store)) < 0)
		return error_set(err, ERR_MEMORY, "no memory for a path");
	store_remove(path);
	rc = store_open_beside(&next->store, c->catalogue->store, path, err);
	free(path);
	return rc;
}

static void end(struct compaction *c)
{
	char *path = NULL;

	changes_lock(c->catalogue->changes);
	changes_watch(c->catalogue->changes, false);
	changes_unlock(c->catalogue->changes);
	batch_abort(c->batch);
	reader_close(c->was);
	reader_close(c->now);
	if (c->next.store) {
		path = xstrdup(store_path(c->next.store));
		store_close(c->next.store);
		store_remove(path);
		free(path);
	}
	changes_free(c->next.changes);
	changes_free(c->changed);
}

static uint64_t file_bytes(struct catalogue *catalogue)
{
	struct cell_reader at = { 0 };
	struct store_info info;

	store_info(catalogue_look(catalogue, &at), &info);
	cell_reader_clear(&at);
	return info.file_bytes;
}

int catalogue_compact(struct catalogue *catalogue, struct writer *writer, const atomic_bool *stop,
	struct compacted *out, struct error *err)
{
	struct compaction c = { .catalogue = catalogue,
		.stop = stop,
		.held = HELD_DOCS,
		.out = out };
	int64_t start_us = clock_mono_us();
	int rc;

	memset(out, 0, sizeof(*out));
	if (atomic_exchange(&catalogue->compacting, true))
		return error_set(err, ERR_BUSY, "the catalogue is being compacted");
	out->before_bytes = file_bytes(catalogue);
	rc = begin(&c, err);
	if (rc >= 0)
		rc = compact_copy(c.was, &c.next, stop, err);
	if (rc >= 0)
		rc = check_stop(&c, err);
	if (rc >= 0)
		rc = catch_up(&c, writer, err);
	end(&c);
	out->after_bytes = file_bytes(catalogue);
	out->took_us = clock_mono_us() - start_us;
	atomic_store(&catalogue->compacting, false);
	return rc;
}
