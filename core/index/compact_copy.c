/* compact_copy.c -- a state of the catalogue written into an empty environment as if it had
 * been built of what is left: documents numbered without gaps, lists in full blocks, rows in
 * full pages.
 *
 * Documents keep their order, so every table comes in the order of its keys, and a page is
 * full before the next is begun.  Lists are read as a search reads them and given to the
 * merge as one batch's edits, in portions.  All of it in steps, each a commit of COPY_STEP
 * bytes or few more, and that many in memory, with the columns that bounds are made of.
 *
 * What belongs to collections that have no schema now is copied as it is. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "index/batch.h"
#include "index/compact_parts.h"
#include "index/gather.h"
#include "index/positions.h"
#include "index/postings.h"
#include "index/view.h"

#define PORTION 65536 /* postings given to the merge at once */
#define RAW (-1)      /* a collection without a schema */

/* Of a collection: the number a document will have is how many live ones are before it. */
struct numbering {
	uint64_t *live;
	uint32_t *before; /* each word of live */
	size_t words;
	uint32_t count;
};

struct copy {
	struct reader *from;
	struct catalogue *to;
	const atomic_bool *stop;
	struct error *err;
	struct numbering numbering[COLLECTIONS_MAX];
	struct batch *batch;
	struct merge *merge; /* of the batch */
	size_t bytes;        /* written in this step */
	struct arena *arena; /* of a list */
	struct buf edits;
};

static int collection_of(const struct copy *c, struct slice key)
{
	int i;

	for (i = 0; key.len > 2 && i < c->to->count; i++)
		if (key_read_u16(key.ptr) == c->to->numbers[i])
			return i;
	return RAW;
}

static int corrupt(const struct copy *c, const char *table)
{
	return error_set(c->err, ERR_CORRUPT, "%s: a row that belongs to no document", table);
}

/* ---- steps ---- */

static int begin_step(struct copy *c)
{
	int i, rc;

	c->bytes = 0;
	rc = batch_begin(&c->batch, c->to, c->err);
	for (i = 0; i < c->to->count && rc >= 0; i++)
		rc = batch_collection(c->batch, i, c->err);
	if (rc >= 0)
		rc = merge_open(&c->merge, c->batch, true, c->err);
	return rc;
}

static int end_step(struct copy *c)
{
	struct batch *batch = c->batch;
	int rc;

	merge_close(c->merge);
	c->merge = NULL;
	c->batch = NULL;
	rc = batch_commit(batch, c->err);
	if (rc >= 0)
		rc = store_sync(c->to->store, c->err);
	if (rc >= 0 && c->stop && *c->stop)
		rc = error_set(c->err, ERR_STATE, "shutting down");
	return rc;
}

static int wrote(struct copy *c, size_t bytes)
{
	int rc;

	c->bytes += bytes;
	if (c->bytes < COPY_STEP)
		return 0;
	rc = end_step(c);
	return rc < 0 ? rc : begin_step(c);
}

/* ---- numbers ---- */

static void numbering_make(struct numbering *n, struct view *v)
{
	uint32_t limit = view_stats(v)->doc_limit, doc;
	size_t i;

	n->words = (limit + SEGMENT_DOCS - 1) / SEGMENT_DOCS * (SEGMENT_DOCS / 64);
	n->live = xcalloc(n->words + 1, sizeof(*n->live));
	n->before = xcalloc(n->words + 1, sizeof(*n->before));
	for (doc = 0; doc < limit; doc += SEGMENT_DOCS)
		view_live(v, doc, n->live + doc / 64);
	for (i = 0; i < n->words; i++) {
		n->before[i] = n->count;
		n->count += __builtin_popcountll(n->live[i]);
	}
}

/* DOC_NONE: it is not live. */
static uint32_t number_of(const struct numbering *n, uint32_t doc)
{
	uint64_t bit = 1ull << doc % 64;
	size_t at = doc / 64;

	if (at >= n->words || !(n->live[at] & bit))
		return DOC_NONE;
	return n->before[at] + __builtin_popcountll(n->live[at] & (bit - 1));
}

static int number_collections(struct copy *c)
{
	struct collection_record *rec;
	int i;

	for (i = 0; i < c->to->count; i++) {
		numbering_make(&c->numbering[i], reader_view(c->from, i));
		rec = &c->batch->collections[i].rec;
		if (rec->docs != c->numbering[i].count)
			return error_set(c->err, ERR_CORRUPT, "%u documents, %u of them live",
				rec->docs, c->numbering[i].count);
		rec->doc_limit = rec->docs;
		c->batch->collections[i].changed = true;
	}
	return 0;
}

/* ---- rows ---- */

/* All rows of a table, one after the other; those that have no schema are copied. */
static int walk(struct copy *c, int table,
	int (*row)(struct copy *, int collection, struct slice key, struct slice value))
{
	struct cursor *cursor = NULL;
	struct slice key, value;
	int rc, collection;

	rc = cursor_open(&cursor, reader_view(c->from, 0)->txn, table, c->err);
	if (rc < 0)
		return rc;
	for (rc = cursor_seek(cursor, SLICE_LIT(""), &key, &value, c->err); rc >= 0;
		rc = cursor_next(cursor, &key, &value, c->err)) {
		collection = table == TABLE_META ? RAW : collection_of(c, key);
		if (collection == RAW)
			rc = store_put(c->batch->txn, table, key, value, c->err);
		else if (row)
			rc = row(c, collection, key, value);
		if (rc >= 0)
			rc = wrote(c, key.len + value.len);
		if (rc < 0)
			break;
	}
	cursor_close(cursor);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* A row whose key ends with its document. */
static int put_row(struct copy *c, int table, int collection, struct slice key, struct slice value)
{
	struct key out = { .len = 0 };
	uint32_t doc;

	if (key.len < 6)
		return corrupt(c, "a table of documents");
	doc = number_of(&c->numbering[collection], key_read_u32(key.ptr + key.len - 4));
	if (doc == DOC_NONE)
		return corrupt(c, "a table of documents");
	key_raw(&out, slice_of(key.ptr, key.len - 4));
	key_u32(&out, doc);
	return store_append(c->batch->txn, table, key_slice(&out), value, c->err);
}

static int row_docs(struct copy *c, int collection, struct slice key, struct slice value)
{
	return put_row(c, TABLE_DOCS, collection, key, value);
}

static int row_quality(struct copy *c, int collection, struct slice key, struct slice value)
{
	return put_row(c, TABLE_QUALITY, collection, key, value);
}

static int row_ids(struct copy *c, int collection, struct slice key, struct slice value)
{
	struct key out = { .len = 0 };
	uint32_t doc = DOC_NONE;

	if (value.len == 4)
		doc = number_of(&c->numbering[collection], key_read_u32(value.ptr));
	if (doc == DOC_NONE)
		return corrupt(c, "ids");
	key_u32(&out, doc);
	return store_append(c->batch->txn, TABLE_IDS, key, key_slice(&out), c->err);
}

/* ---- columns ---- */

static void put_values(struct view *v, uint32_t doc, unsigned char *const *values, uint32_t at)
{
	const struct schema *schema = view_schema(v);
	float quality = view_quality(v, doc);
	double number;
	int k;

	for (k = 0; k < schema->column_count; k++) {
		number = view_number(v, k, doc);
		memcpy(values[k] + at * 8, &number, 8);
	}
	if (schema->biased)
		memcpy(values[COLUMN_QUALITY] + at * 4, &quality, 4);
	memcpy(values[COLUMN_LENGTHS] + at * schema->text_count, view_lengths(v, doc),
		schema->text_count);
	values[COLUMN_LIVE][at / 8] |= 1 << at % 8;
}

static int copy_columns(struct copy *c, int collection)
{
	const struct numbering *n = &c->numbering[collection];
	struct view *v = reader_view(c->from, collection);
	unsigned char *values[COLUMNS] = { NULL };
	uint32_t number = 0, doc;
	uint64_t left;
	size_t i;
	int k, rc;

	for (i = 0; i < n->words; i++)
		for (left = n->live[i]; left; left &= left - 1, number++) {
			doc = i * 64 + __builtin_ctzll(left);
			if (number % SEGMENT_DOCS == 0) {
				rc = wrote(c, c->batch->segment_bytes > COPY_STEP ? COPY_STEP : 0);
				for (k = 0; k < COLUMNS && rc >= 0; k++)
					if (schema_column(view_schema(v), k))
						rc = batch_segment(c->batch, collection, k, number,
							&values[k], c->err);
				if (rc < 0)
					return rc;
				c->batch->collections[collection].changed = true;
			}
			put_values(v, doc, values, number % SEGMENT_DOCS);
		}
	return 0;
}

/* ---- lists ---- */

static size_t put_positions(unsigned char *out, struct postings *p, int field)
{
	uint32_t places[UINT8_MAX], before = 0;
	size_t n = postings_positions(p, field, places), i;
	unsigned char *at = out;

	for (i = 0; i < n; i++) {
		at = positions_put(at, places[i] - before);
		before = places[i];
	}
	return at - out;
}

/* The posting at hand, as gather.h draws it, under a new number. */
static int put_edit(struct copy *c, struct postings *p, uint32_t doc, unsigned kept)
{
	unsigned fields = postings_fields(p), left, f;
	unsigned char *room, *at;

	room = (unsigned char *)buf_room(&c->edits,
		EDIT_BYTES + 1 + TEXT_FIELDS_MAX * (1 + 5 * UINT8_MAX));
	if (!room)
		return error_set(c->err, ERR_MEMORY, "a list of postings");
	at = room + EDIT_BYTES + 1;
	for (left = fields; left; left &= left - 1) {
		f = __builtin_ctz(left);
		if (postings_tf(p, f))
			*at++ = postings_tf(p, f);
		else
			fields &= ~(1u << f);
	}
	room[EDIT_BYTES] = fields;
	for (left = fields & kept; left; left &= left - 1)
		at += put_positions(at, p, __builtin_ctz(left));
	memcpy(room, &doc, 4);
	room[4] = at - room - EDIT_BYTES;
	room[5] = (at - room - EDIT_BYTES) >> 8;
	c->edits.len += at - room;
	return 0;
}

static int give(struct copy *c, struct term_edits *term)
{
	size_t bytes = c->edits.len;
	int rc;

	term->at = (const unsigned char *)c->edits.ptr;
	term->end = term->at + bytes;
	rc = merge_edits(c->merge, term, c->err);
	buf_reset(&c->edits);
	return rc < 0 ? rc : wrote(c, bytes);
}

static int copy_list(struct copy *c, struct term_edits *term, struct postings *p)
{
	const struct schema *schema = c->to->schemas[term->collection];
	unsigned kept = term->group == GROUP_TEXT ? schema->positions : 0;
	uint32_t doc, count = 0;
	int rc = 0;

	while (rc >= 0 && (doc = postings_next(p)) != DOC_NONE) {
		doc = number_of(&c->numbering[term->collection], doc);
		rc = doc == DOC_NONE ? corrupt(c, "postings") : put_edit(c, p, doc, kept);
		if (rc >= 0 && ++count % PORTION == 0)
			rc = give(c, term);
	}
	if (rc >= 0 && (postings_error(p) < 0 || count != p->df))
		rc = error_set(c->err, ERR_CORRUPT, "postings of '%.*s': %u of %u can be read",
			(int)term->term.len, term->term.ptr, count, p->df);
	return rc >= 0 && c->edits.len ? give(c, term) : rc;
}

static int row_terms(struct copy *c, int collection, struct slice key, struct slice value)
{
	struct view *v = reader_view(c->from, collection);
	struct term_edits term = { .collection = collection };
	struct postings *p;
	int rc;

	if (key.len < 3)
		return corrupt(c, "terms");
	term.group = key.ptr[2];
	term.term = slice_of(key.ptr + 3, key.len - 3);
	arena_reset(c->arena);
	buf_reset(&c->edits);
	p = postings_open(v, c->arena, term.group, term.term);
	rc = copy_list(c, &term, p);
	postings_close(p);
	return rc;
}

/* ---- all ---- */

static int copy_tables(struct copy *c)
{
	int i, rc;

	rc = begin_step(c);
	if (rc >= 0)
		rc = number_collections(c);
	if (rc >= 0)
		rc = walk(c, TABLE_IDS, row_ids);
	if (rc >= 0)
		rc = walk(c, TABLE_DOCS, row_docs);
	if (rc >= 0)
		rc = walk(c, TABLE_QUALITY, row_quality);
	if (rc >= 0)
		rc = walk(c, TABLE_COLUMNS, NULL);
	if (rc >= 0)
		rc = walk(c, TABLE_FREE, NULL);
	for (i = 0; i < c->to->count && rc >= 0; i++)
		rc = copy_columns(c, i);
	if (rc >= 0)
		rc = wrote(c, COPY_STEP); /* bounds are made of the columns */
	if (rc >= 0)
		rc = walk(c, TABLE_TERMS, row_terms);
	if (rc >= 0)
		rc = walk(c, TABLE_POSTINGS, NULL);
	if (rc >= 0)
		rc = walk(c, TABLE_POSITIONS, NULL);
	return rc < 0 ? rc : end_step(c);
}

int compact_copy(struct reader *from, struct catalogue *to, const atomic_bool *stop,
	struct error *err)
{
	struct copy c = { .from = from, .to = to, .stop = stop, .err = err };
	int i, rc;

	c.arena = arena_new();
	/* the collections' records, which a batch needs */
	rc = store_copy(reader_view(from, 0)->txn, to->store, 1u << TABLE_META, NULL, err);
	if (rc >= 0)
		rc = copy_tables(&c);
	merge_close(c.merge);
	batch_abort(c.batch);
	for (i = 0; i < to->count; i++) {
		free(c.numbering[i].live);
		free(c.numbering[i].before);
	}
	arena_free(c.arena);
	buf_clear(&c.edits);
	return rc;
}
