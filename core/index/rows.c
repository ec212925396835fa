/* rows.c -- the tables that have a row a document: docs, ids, quality, free, and the
 * columns.  Each table is written in its own order by one cursor, which finds the place
 * beside the last one without a search from the root. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "index/gather.h"
#include "index/postings.h"

/* ---- columns ---- */

static void segment_blank(unsigned char *values, size_t bytes, int column)
{
	double missing = NAN;
	size_t i;

	memset(values, 0, bytes);
	if (column < COLUMN_QUALITY)
		for (i = 0; i < bytes; i += sizeof(missing))
			memcpy(values + i, &missing, sizeof(missing));
}

static struct segment *segment_of(struct batch *b, int collection, int column, uint32_t doc)
{
	struct column_cache *cache = &b->collections[collection].columns[column];
	size_t at = doc / SEGMENT_DOCS, had = cache->cap;

	if (at >= cache->cap) {
		xgrow(&cache->segments, &cache->cap, at + 1, sizeof(*cache->segments));
		memset(cache->segments + had, 0, (cache->cap - had) * sizeof(*cache->segments));
	}
	return &cache->segments[at];
}

static void segment_own(struct batch *b, struct segment *segment, size_t bytes, int column)
{
	segment->own = xmalloc(bytes ? bytes : 1);
	b->segment_bytes += bytes;
	if (segment->values)
		memcpy(segment->own, segment->values, bytes);
	else
		segment_blank(segment->own, bytes, column);
	segment->values = segment->own;
}

/* NULL values: there is none on the disk. */
static int segment_read(struct batch *b, int collection, int column, uint32_t doc,
	struct segment *segment, struct error *err)
{
	size_t bytes = column_bytes(b->catalogue->schemas[collection], column);
	struct key key = key_column(b->catalogue->numbers[collection], column, doc / SEGMENT_DOCS);
	struct slice value;
	int rc;

	rc = store_get(b->txn, TABLE_COLUMNS, key_slice(&key), &value, err);
	if (rc == ERR_NOT_FOUND)
		return 0;
	if (rc < 0)
		return rc;
	if (value.len != COLUMN_HEADER + bytes || value.ptr[0] != COLUMN_VERSION)
		return error_set(err, ERR_CORRUPT, "column %d segment %u: %zu bytes", column,
			doc / SEGMENT_DOCS, value.len);
	segment->values = (const unsigned char *)value.ptr + COLUMN_HEADER;
	return 0;
}

int batch_look(struct batch *b, int collection, int column, uint32_t doc, const unsigned char **out,
	struct error *err)
{
	struct segment *segment = segment_of(b, collection, column, doc);
	int rc = segment->values ? 0 : segment_read(b, collection, column, doc, segment, err);

	if (rc < 0)
		return rc;
	if (!segment->values)
		segment_own(b, segment, column_bytes(b->catalogue->schemas[collection], column),
			column);
	*out = segment->values;
	return 0;
}

int batch_segment(struct batch *b, int collection, int column, uint32_t doc, unsigned char **out,
	struct error *err)
{
	struct segment *segment = segment_of(b, collection, column, doc);
	int rc = segment->values ? 0 : segment_read(b, collection, column, doc, segment, err);

	if (rc < 0)
		return rc;
	if (!segment->own)
		segment_own(b, segment, column_bytes(b->catalogue->schemas[collection], column),
			column);
	segment->dirty = true;
	*out = segment->own;
	return 0;
}

int batch_write_columns(struct batch *b, int collection, struct error *err)
{
	const struct schema *schema = b->catalogue->schemas[collection];
	struct key key;
	void *room;
	size_t bytes, i;
	int k, rc;

	for (k = 0; k < COLUMNS; k++) {
		struct column_cache *cache = &b->collections[collection].columns[k];

		bytes = column_bytes(schema, k);
		for (i = 0; i < cache->cap; i++) {
			if (!cache->segments[i].dirty)
				continue;
			key = key_column(b->catalogue->numbers[collection], k, i);
			rc = store_reserve(b->txn, TABLE_COLUMNS, key_slice(&key),
				COLUMN_HEADER + bytes, &room, err);
			if (rc < 0)
				return rc;
			memset(room, 0, COLUMN_HEADER);
			*(unsigned char *)room = COLUMN_VERSION;
			memcpy((char *)room + COLUMN_HEADER, cache->segments[i].own, bytes);
		}
	}
	return 0;
}

/* Of docs[0..count), all of one segment. */
static int fill_segment(struct batch *b, const struct pending *const *docs, size_t count,
	struct error *err)
{
	const struct schema *schema = b->catalogue->schemas[docs[0]->collection];
	unsigned char *values[COLUMNS];
	const struct pending *p;
	double number;
	float quality;
	uint32_t at;
	size_t i;
	int k, rc;

	for (k = 0; k < COLUMNS; k++) {
		if (!schema_column(schema, k))
			continue;
		rc = batch_segment(b, docs[0]->collection, k, docs[0]->doc, &values[k], err);
		if (rc < 0)
			return rc;
	}
	for (i = 0; i < count; i++) {
		p = docs[i];
		at = p->doc % SEGMENT_DOCS;
		quality = p->present ? p->quality : 0;
		if (schema->biased)
			memcpy(values[COLUMN_QUALITY] + at * 4, &quality, 4);
		for (k = 0; k < schema->column_count; k++) {
			number = p->present ? p->now->numbers[k] : NAN;
			memcpy(values[k] + at * 8, &number, 8);
		}
		for (k = 0; k < schema->text_count; k++)
			values[COLUMN_LENGTHS][at * schema->text_count + k] =
				p->present ? length_encode(p->now->lengths[k]) : 0;
		if (p->present)
			values[COLUMN_LIVE][at / 8] |= 1 << at % 8;
		else
			values[COLUMN_LIVE][at / 8] &= ~(1 << at % 8);
	}
	return 0;
}

static int fill_columns(struct batch *b, const struct pending *const *docs, size_t count,
	struct error *err)
{
	size_t from, to;
	int rc;

	for (from = 0; from < count; from = to) {
		for (to = from + 1; to < count && docs[to]->collection == docs[from]->collection &&
				    docs[to]->doc / SEGMENT_DOCS == docs[from]->doc / SEGMENT_DOCS;
			to++)
			;
		rc = fill_segment(b, docs + from, to - from, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void count_document(struct gathered *g, const struct pending *p)
{
	int f;

	for (f = 0; f < TEXT_FIELDS_MAX; f++) {
		if (p->stored) {
			g->rec.tokens[f] -= p->old->lengths[f];
			g->rec.having[f] -= p->old->lengths[f] > 0;
		}
		if (p->present) {
			g->rec.tokens[f] += p->now->lengths[f];
			g->rec.having[f] += p->now->lengths[f] > 0;
		}
	}
	g->rec.docs += p->present - p->stored;
	g->changed = true;
}

/* ---- docs and free ---- */

static int write_free(struct batch *b, const struct pending *p, struct error *err)
{
	struct key key = key_doc(b->catalogue->numbers[p->collection], p->doc);
	int rc;

	if (!p->present)
		return store_put(b->txn, TABLE_FREE, key_slice(&key), SLICE_LIT(""), err);
	rc = store_del(b->txn, TABLE_FREE, key_slice(&key), err);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int write_doc(struct batch *b, struct cursor *docs, const struct pending *p,
	struct error *err)
{
	struct key key = key_doc(b->catalogue->numbers[p->collection], p->doc);
	int rc = 0;

	if (p->present)
		rc = cursor_put(docs, key_slice(&key), p->now->row, err);
	else if (p->stored)
		rc = store_del(b->txn, TABLE_DOCS, key_slice(&key), err);
	if (rc == ERR_NOT_FOUND)
		return error_set(err, ERR_CORRUPT, "docs: document %u is missing", p->doc);
	/* a number that was free before the batch, or will be after it */
	if (rc >= 0 &&
		(!p->present || (!p->stored && p->doc < b->collections[p->collection].free_at)))
		rc = write_free(b, p, err);
	return rc;
}

static int write_docs(struct batch *b, const struct pending *const *docs, size_t count,
	struct error *err)
{
	struct cursor *cursor = NULL;
	size_t i;
	int rc;

	rc = cursor_open(&cursor, b->txn, TABLE_DOCS, err);
	for (i = 0; i < count && rc >= 0; i++) {
		count_document(&b->collections[docs[i]->collection], docs[i]);
		rc = write_doc(b, cursor, docs[i], err);
	}
	cursor_close(cursor);
	return rc;
}

/* ---- ids ---- */

static int write_ids(struct batch *b, const struct pending *const *docs, size_t count,
	struct error *err)
{
	struct sorted *order = xmalloc((count + 1) * sizeof(*order));
	struct cursor *cursor = NULL;
	const struct pending *p;
	struct key key, value;
	size_t i, n = 0;
	int rc;

	for (i = 0; i < count; i++)
		if (docs[i]->stored != docs[i]->present)
			order[n++] =
				(struct sorted){ docs[i]->collection, i, pending_id(docs[i]), 0 };
	sort_strings(order, n);
	rc = cursor_open(&cursor, b->txn, TABLE_IDS, err);
	for (i = 0; i < n && rc >= 0; i++) {
		p = docs[order[i].index];
		key = key_of(b->catalogue->numbers[p->collection]);
		key_raw(&key, order[i].bytes);
		value.len = 0;
		key_u32(&value, p->doc);
		if (p->present)
			rc = cursor_put(cursor, key_slice(&key), key_slice(&value), err);
		else
			rc = store_del(b->txn, TABLE_IDS, key_slice(&key), err);
		if (rc == ERR_NOT_FOUND)
			rc = error_set(err, ERR_CORRUPT, "ids: document %u is missing", p->doc);
	}
	cursor_close(cursor);
	free(order);
	return rc;
}

/* ---- quality ---- */

static int by_quality(const void *a, const void *b)
{
	const struct pending *x = *(struct pending *const *)a, *y = *(struct pending *const *)b;

	if (x->collection != y->collection)
		return x->collection < y->collection ? -1 : 1;
	if (x->quality != y->quality)
		return x->quality > y->quality ? -1 : 1;
	return (x->doc > y->doc) - (x->doc < y->doc);
}

static int write_quality(struct batch *b, const struct pending *const *docs, size_t count,
	struct error *err)
{
	const struct pending **added = xmalloc((count + 1) * sizeof(*added)), *p;
	struct cursor *cursor = NULL;
	size_t i, n = 0;
	struct key key;
	int rc = 0;

	for (i = 0; i < count && rc >= 0; i++) {
		p = docs[i];
		if (p->stored && p->present && p->quality == p->old_quality)
			continue;
		if (p->present && p->quality > 0)
			added[n++] = p;
		if (!p->stored || !(p->old_quality > 0))
			continue;
		key = key_quality(b->catalogue->numbers[p->collection], p->old_quality, p->doc);
		rc = store_del(b->txn, TABLE_QUALITY, key_slice(&key), err);
		rc = rc == ERR_NOT_FOUND ? 0 : rc;
	}
	for (i = 1; i < n && by_quality(&added[i - 1], &added[i]) < 0; i++)
		;
	if (i < n)
		qsort(added, n, sizeof(*added), by_quality);
	if (rc >= 0)
		rc = cursor_open(&cursor, b->txn, TABLE_QUALITY, err);
	for (i = 0; i < n && rc >= 0; i++) {
		p = added[i];
		key = key_quality(b->catalogue->numbers[p->collection], p->quality, p->doc);
		rc = cursor_put(cursor, key_slice(&key), SLICE_LIT(""), err);
	}
	cursor_close(cursor);
	free(added);
	return rc;
}

int batch_write_rows(struct batch *b, const struct pending *const *docs, size_t count,
	struct error *err)
{
	int rc;

	rc = fill_columns(b, docs, count, err);
	if (rc >= 0)
		rc = write_docs(b, docs, count, err);
	if (rc >= 0)
		rc = write_ids(b, docs, count, err);
	if (rc >= 0)
		rc = write_quality(b, docs, count, err);
	return rc;
}
