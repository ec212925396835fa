/* batch.c -- gathering mutations and committing them.
 *
 * What a put brings is prepared (prepare.c) and kept as it is, for each id the last; the
 * version that is stored is read and prepared again, for its terms are to be taken away
 * (where both are the same, there is nothing to do).  At the commit all of it is turned
 * into edits of terms (invert.c) and written, table by table, each in its order (rows.c,
 * merge.c).
 *
 * Until the commit nothing is written, so a failing document leaves no trace. */
#include "index/batch.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "index/gather.h"

#define COMMIT_TERM_BYTES 20 /* memory the commit needs for each term of a document */

int batch_begin(struct batch **out, struct catalogue *catalogue, struct error *err)
{
	struct batch *b = xcalloc(1, sizeof(*b));
	int rc;

	b->catalogue = catalogue;
	b->pending_slot_count = 1024;
	b->pending_slots = xcalloc(b->pending_slot_count, sizeof(uint32_t));
	rc = store_begin(&b->txn, catalogue->store, STORE_WRITE, err);
	if (rc < 0)
		b->txn = NULL;
	else
		rc = cursor_open(&b->ids, b->txn, TABLE_IDS, err);
	if (rc < 0) {
		batch_abort(b);
		return rc;
	}
	*out = b;
	return 0;
}

void batch_abort(struct batch *b)
{
	size_t i;
	int c, k;

	if (!b)
		return;
	cursor_close(b->ids);
	store_end(b->txn);
	for (c = 0; c < b->catalogue->count; c++)
		for (k = 0; k < COLUMNS; k++) {
			struct column_cache *cache = &b->collections[c].columns[k];

			for (i = 0; i < cache->cap; i++)
				free(cache->segments[i].own);
			free(cache->segments);
		}
	for (i = 0; i < b->pending_count; i++) {
		prepared_free(b->pending[i].old);
		prepared_free(b->pending[i].now);
	}
	free(b->pending);
	free(b->pending_slots);
	preparer_free(b->preparer);
	free(b);
}

size_t batch_bytes(const struct batch *b)
{
	return b->bytes + b->segment_bytes + b->pending_cap * sizeof(*b->pending) +
	       b->pending_slot_count * sizeof(uint32_t);
}

static void account(struct batch *b, const struct prepared *d, int sign)
{
	b->bytes += sign * (prepared_bytes(d) + d->term_count * (size_t)COMMIT_TERM_BYTES);
}

static struct preparer *preparer_of(struct batch *b)
{
	if (!b->preparer)
		b->preparer = preparer_new();
	return b->preparer;
}

int batch_collection(struct batch *b, int collection, struct error *err)
{
	struct gathered *g = &b->collections[collection];
	int rc;

	if (collection < 0 || collection >= b->catalogue->count)
		return error_set(err, ERR_ARG, "no collection %d", collection);
	if (g->loaded)
		return 0;
	rc = collection_read(b->txn, b->catalogue->schemas[collection]->name, &g->rec, err);
	if (rc == ERR_NOT_FOUND)
		return error_set(err, ERR_CORRUPT, "collection %s has no record",
			b->catalogue->schemas[collection]->name);
	g->loaded = rc == 0;
	return rc;
}

/* ---- documents of the batch ---- */

static uint32_t pending_hash(int collection, struct slice id)
{
	return hash_bytes(id, collection);
}

/* The slot of an id, or the free one where it would go. */
static size_t pending_slot(const struct batch *b, int collection, struct slice id, uint32_t hash)
{
	size_t mask = b->pending_slot_count - 1, at;

	for (at = hash & mask; b->pending_slots[at]; at = (at + 1) & mask) {
		const struct pending *p = &b->pending[b->pending_slots[at] - 1];

		if (p->hash == hash && p->collection == collection && slice_eq(pending_id(p), id))
			break;
	}
	return at;
}

static void pending_rehash(struct batch *b)
{
	size_t mask = b->pending_slot_count * 2 - 1, i, at;

	free(b->pending_slots);
	b->pending_slot_count = mask + 1;
	b->pending_slots = xcalloc(mask + 1, sizeof(uint32_t));
	for (i = 0; i < b->pending_count; i++) {
		for (at = b->pending[i].hash & mask; b->pending_slots[at]; at = (at + 1) & mask)
			;
		b->pending_slots[at] = i + 1;
	}
}

/* Of a document that has `old` or is about to have `now`, which says its id. */
static struct pending *pending_new(struct batch *b, int collection, uint32_t doc, uint32_t hash)
{
	size_t mask, at;
	struct pending *p;

	if (b->pending_count * 2 >= b->pending_slot_count)
		pending_rehash(b);
	mask = b->pending_slot_count - 1;
	for (at = hash & mask; b->pending_slots[at]; at = (at + 1) & mask)
		;
	xgrow(&b->pending, &b->pending_cap, b->pending_count + 1, sizeof(*p));
	p = &b->pending[b->pending_count];
	memset(p, 0, sizeof(*p));
	p->collection = collection;
	p->doc = doc;
	p->hash = hash;
	b->pending_slots[at] = ++b->pending_count;
	return p;
}

/* ---- what is stored ---- */

/* Number in the store, or DOC_NONE. */
static int stored_doc(struct batch *b, int collection, struct slice id, uint32_t *doc,
	struct error *err)
{
	struct key key = key_of(b->catalogue->numbers[collection]);
	struct slice found, value;
	int rc;

	*doc = DOC_NONE;
	key_raw(&key, id);
	rc = cursor_seek(b->ids, key_slice(&key), &found, &value, err);
	if (rc == ERR_NOT_FOUND || (rc == 0 && !slice_eq(found, key_slice(&key))))
		return 0;
	if (rc < 0)
		return rc;
	if (value.len != 4)
		return error_set(err, ERR_CORRUPT, "ids: a value of %zu bytes", value.len);
	*doc = key_read_u32(value.ptr);
	if (*doc >= b->collections[collection].rec.doc_limit)
		return error_set(err, ERR_CORRUPT, "ids: document %u is past the limit", *doc);
	return 0;
}

static int split_row(struct slice row, struct slice *id, struct slice *json)
{
	struct reader_bytes r = bytes_reader(row);
	int version = bytes_u8(&r);

	*id = bytes_bytes(&r);
	if (r.failed || version != DOC_VERSION)
		return ERR_CORRUPT;
	*json = slice_of(r.ptr, r.end - r.ptr);
	return 0;
}

/* The version of a document that is stored becomes pending; but not if `anew`, which may
 * be NULL, is the same: 1. */
static int take_stored(struct batch *b, int collection, struct slice id, uint32_t doc,
	uint32_t hash, const struct prepared *anew, struct pending **out, struct error *err)
{
	const struct schema *schema = b->catalogue->schemas[collection];
	struct key key = key_doc(b->catalogue->numbers[collection], doc);
	struct slice row, old_id, json;
	struct prepared *old;
	const unsigned char *values;
	float quality = 0;
	int rc = 0;

	rc = store_get(b->txn, TABLE_DOCS, key_slice(&key), &row, err);
	if (rc == ERR_NOT_FOUND ||
		(rc == 0 && (split_row(row, &old_id, &json) < 0 || !slice_eq(id, old_id))))
		return error_set(err, ERR_CORRUPT, "docs: document %u is missing or damaged", doc);
	if (rc < 0)
		return rc;
	if (anew && slice_eq(row, anew->row))
		return 1;
	if (schema->biased)
		rc = batch_values(b, collection, COLUMN_QUALITY, doc, &values, err);
	if (rc < 0)
		return rc;
	if (document_prepare(&old, preparer_of(b), schema, id, json, NULL) < 0)
		return error_set(err, ERR_CORRUPT, "docs: stored document %u cannot be read", doc);
	if (schema->biased)
		memcpy(&quality, values + doc % SEGMENT_DOCS * 4, 4);
	*out = pending_new(b, collection, doc, hash);
	(*out)->stored = (*out)->present = true;
	(*out)->old_quality = quality;
	(*out)->old = old;
	account(b, old, 1);
	return 0;
}

/* A document of the batch, or of the store; *out is NULL if it is in neither. 1 if it is
 * stored as `anew` has it. */
static int find(struct batch *b, int collection, struct slice id, const struct prepared *anew,
	struct pending **out, uint32_t *hash, struct error *err)
{
	uint32_t doc;
	size_t slot;
	int rc;

	*out = NULL;
	rc = batch_collection(b, collection, err);
	if (rc < 0)
		return rc;
	*hash = pending_hash(collection, id);
	slot = pending_slot(b, collection, id, *hash);
	if (b->pending_slots[slot]) {
		*out = &b->pending[b->pending_slots[slot] - 1];
		return 0;
	}
	rc = stored_doc(b, collection, id, &doc, err);
	if (rc < 0 || doc == DOC_NONE)
		return rc;
	return take_stored(b, collection, id, doc, *hash, anew, out, err);
}

/* A number nobody has: one of a deleted document, or the next. */
static int doc_allocate(struct batch *b, int collection, uint32_t *doc, struct error *err)
{
	struct gathered *g = &b->collections[collection];
	uint16_t number = b->catalogue->numbers[collection];
	struct key key = key_doc(number, g->free_at);
	struct slice found, value;
	int rc;

	if (!g->free_done) {
		rc = store_seek(b->txn, TABLE_FREE, key_slice(&key), &found, &value, err);
		if (rc == 0 && found.len == 6 && !memcmp(found.ptr, key.bytes, 2)) {
			*doc = key_read_u32(found.ptr + 2);
			g->free_at = *doc + 1;
			return 0;
		}
		if (rc < 0 && rc != ERR_NOT_FOUND)
			return rc;
		g->free_done = true;
	}
	if (g->rec.doc_limit >= DOC_NONE - 1)
		return error_set(err, ERR_LIMIT, "no document numbers left");
	*doc = g->rec.doc_limit++;
	return 0;
}

/* ---- mutations ---- */

int batch_put_prepared(struct batch *b, int collection, struct prepared *prepared,
	struct error *err)
{
	struct pending *p;
	uint32_t hash, doc;
	int rc;

	rc = find(b, collection, prepared->id, prepared, &p, &hash, err);
	if (rc > 0) { /* nothing to change */
		prepared_free(prepared);
		return 0;
	}
	if (rc == 0 && !p) {
		rc = doc_allocate(b, collection, &doc, err);
		if (rc >= 0)
			p = pending_new(b, collection, doc, hash);
	}
	if (rc < 0) {
		prepared_free(prepared);
		return rc;
	}
	if (p->now)
		account(b, p->now, -1);
	prepared_free(p->now);
	p->now = prepared;
	p->present = true;
	p->quality = prepared->quality;
	account(b, prepared, 1);
	return 0;
}

int batch_put(struct batch *b, int collection, struct slice id, struct slice json,
	struct error *err)
{
	struct prepared *prepared;
	int rc;

	rc = batch_collection(b, collection, err);
	if (rc >= 0)
		rc = document_prepare(&prepared, preparer_of(b), b->catalogue->schemas[collection],
			id, json, err);
	return rc < 0 ? rc : batch_put_prepared(b, collection, prepared, err);
}

int batch_del(struct batch *b, int collection, struct slice id, struct error *err)
{
	struct pending *p;
	uint32_t hash;
	int rc;

	if (id.len < 1 || id.len > ID_BYTES_MAX)
		return error_set(err, ERR_ARG, "an id has 1 to %d bytes, this one %zu",
			ID_BYTES_MAX, id.len);
	rc = find(b, collection, id, NULL, &p, &hash, err);
	if (rc < 0 || !p)
		return rc;
	rc = p->present;
	p->present = false;
	return rc;
}

/* ---- commit ---- */

static int by_doc(const void *a, const void *b)
{
	const struct pending *x = *(struct pending *const *)a, *y = *(struct pending *const *)b;

	if (x->collection != y->collection)
		return x->collection < y->collection ? -1 : 1;
	return (x->doc > y->doc) - (x->doc < y->doc);
}

/* Most batches are in order as they come. */
static const struct pending **in_order(const struct batch *b)
{
	const struct pending **docs = xmalloc((b->pending_count + 1) * sizeof(*docs));
	bool sorted = true;
	size_t i;

	for (i = 0; i < b->pending_count; i++) {
		docs[i] = &b->pending[i];
		sorted = sorted && (!i || by_doc(&docs[i - 1], &docs[i]) < 0);
	}
	if (!sorted)
		qsort(docs, b->pending_count, sizeof(*docs), by_doc);
	return docs;
}

static int write_all(struct batch *b, struct error *err)
{
	const struct pending **docs = in_order(b);
	struct inverted inverted = { 0 };
	int rc, c;

	rc = batch_write_rows(b, docs, b->pending_count, err);
	if (rc >= 0)
		rc = batch_invert(&inverted, docs, b->pending_count, err);
	if (rc >= 0)
		rc = batch_merge(b, &inverted, err);
	inverted_clear(&inverted);
	for (c = 0; c < b->catalogue->count && rc >= 0; c++) {
		if (!b->collections[c].changed)
			continue;
		rc = batch_write_columns(b, c, err);
		if (rc >= 0)
			rc = collection_write(b->txn, b->catalogue->schemas[c]->name,
				&b->collections[c].rec, err);
	}
	free(docs);
	return rc;
}

/* Whoever watches knows of the changes as soon as they can be seen. */
static int commit_and_tell(struct batch *b, struct error *err)
{
	struct changes *changes = b->catalogue->changes;
	size_t i;
	int rc;

	changes_lock(changes);
	rc = store_commit(b->txn, err);
	b->txn = NULL;
	for (i = 0; rc >= 0 && i < b->pending_count; i++)
		changes_add(changes, b->pending[i].collection, b->pending[i].doc);
	changes_unlock(changes);
	b->catalogue->changed += rc >= 0 ? b->pending_count : 0;
	return rc;
}

int batch_commit(struct batch *b, struct error *err)
{
	int rc;

	cursor_close(b->ids);
	b->ids = NULL;
	rc = write_all(b, err);
	if (rc >= 0)
		rc = commit_and_tell(b, err);
	batch_abort(b);
	return rc;
}
