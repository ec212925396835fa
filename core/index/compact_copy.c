/* compact_copy.c -- a state of the catalogue written into an empty environment as if it had
 * been built of what is left, best documents first.
 *
 * Documents are numbered without gaps, by falling quality (of equal ones in their order):
 * where quality is a part of the score, what comes early in a list bounds what comes later.
 * Tables are written in the order of their keys, so a page is full before the next is begun.
 * Lists are read as a search reads them and given to the merge as one batch's edits.
 *
 * All of it in steps, each a commit of COPY_STEP bytes or few more.  In memory are these,
 * eight bytes a document, a portion of a list, and the columns that bounds are made of.
 * What belongs to collections that have no schema now is copied as it is. */
#include <stdlib.h>

#include "base/alloc.h"
#include "index/batch.h"
#include "index/compact_parts.h"
#include "index/merge.h"
#include "index/positions.h"
#include "index/postings.h"
#include "index/view.h"

#define PORTION (1 << 17) /* postings given to the merge at once, about */
#define RAW     (-1)      /* a collection without a schema */

/* Of a collection. */
struct numbering {
	uint32_t *number; /* of each document; DOC_NONE: there is none */
	uint32_t *order;  /* the documents, by number */
	uint32_t limit, count;
	bool rising; /* they keep their order */
};

struct item {
	uint32_t doc, at; /* of its bytes among those of the portion */
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
	/* of a list */
	struct arena *arena;
	struct buf packed; /* postings, each behind its length (u16) */
	struct item *items;
	size_t item_count, item_cap;
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
	struct quality_walk at = { 0 };
	uint32_t doc, last = 0;

	n->limit = view_stats(v)->doc_limit;
	n->number = xmalloc((n->limit + 1) * sizeof(*n->number));
	n->order = xmalloc((n->limit + 1) * sizeof(*n->order));
	memset(n->number, 0xff, (n->limit + 1) * sizeof(*n->number));
	n->rising = true;
	while ((doc = view_quality_next(v, &at)) < n->limit && n->number[doc] == DOC_NONE) {
		n->rising = n->rising && doc >= last;
		last = doc;
		n->number[doc] = n->count;
		n->order[n->count++] = doc;
	}
	view_quality_end(&at);
}

static uint32_t number_of(const struct numbering *n, uint32_t doc)
{
	return doc < n->limit ? n->number[doc] : DOC_NONE;
}

static int number_collections(struct copy *c)
{
	struct collection_record *rec;
	int i;

	for (i = 0; i < c->to->count; i++) {
		numbering_make(&c->numbering[i], reader_view(c->from, i));
		rec = &c->batch->collections[i].rec;
		if (rec->docs != c->numbering[i].count)
			return error_set(c->err, ERR_CORRUPT, "%u documents, of which %u are found",
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

static int row_quality(struct copy *c, int collection, struct slice key, struct slice value)
{
	struct key out = { .len = 0 };
	uint32_t doc;

	doc = key.len == 10 ? number_of(&c->numbering[collection], key_read_u32(key.ptr + 6))
			    : DOC_NONE;
	if (doc == DOC_NONE)
		return corrupt(c, "quality");
	key_raw(&out, slice_of(key.ptr, 6));
	key_u32(&out, doc);
	return store_append(c->batch->txn, TABLE_QUALITY, key_slice(&out), value, c->err);
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

static int copy_docs(struct copy *c, int collection)
{
	const struct numbering *n = &c->numbering[collection];
	uint16_t number = c->to->numbers[collection];
	struct txn *from = reader_view(c->from, 0)->txn;
	struct slice row;
	struct key key;
	uint32_t i;
	int rc = 0;

	for (i = 0; i < n->count && rc >= 0; i++) {
		key = key_doc(number, n->order[i]);
		rc = store_get(from, TABLE_DOCS, key_slice(&key), &row, c->err);
		if (rc < 0)
			return rc == ERR_NOT_FOUND ? corrupt(c, "docs") : rc;
		key = key_doc(number, i);
		rc = store_append(c->batch->txn, TABLE_DOCS, key_slice(&key), row, c->err);
		if (rc >= 0)
			rc = wrote(c, row.len);
	}
	return rc;
}

/* Tables have the collections by their number. */
static int copy_all_docs(struct copy *c)
{
	int i, next, last = -1, rc = 0;

	do {
		for (i = 0, next = -1; i < c->to->count; i++)
			if (c->to->numbers[i] > last &&
				(next < 0 || c->to->numbers[i] < c->to->numbers[next]))
				next = i;
		if (next >= 0) {
			last = c->to->numbers[next];
			rc = copy_docs(c, next);
		}
	} while (next >= 0 && rc >= 0);
	return rc < 0 ? rc : walk(c, TABLE_DOCS, NULL);
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
	uint32_t i;
	int k, rc = 0;

	for (i = 0; i < n->count; i++) {
		if (i % SEGMENT_DOCS == 0) {
			rc = wrote(c, c->batch->segment_bytes > COPY_STEP ? COPY_STEP : 0);
			for (k = 0; k < COLUMNS && rc >= 0; k++)
				if (schema_column(view_schema(v), k))
					rc = batch_segment(c->batch, collection, k, i, &values[k],
						c->err);
			if (rc < 0)
				return rc;
			c->batch->collections[collection].changed = true;
		}
		put_values(v, n->order[i], values, i % SEGMENT_DOCS);
	}
	return rc;
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

/* The posting at hand, as gather.h draws it. */
static int put_item(struct copy *c, struct postings *p, uint32_t doc, unsigned kept)
{
	unsigned fields = postings_fields(p), left, f;
	unsigned char *room, *at;

	room = (unsigned char *)buf_room(&c->packed, 3 + TEXT_FIELDS_MAX * (1 + 5 * UINT8_MAX));
	if (!room)
		return error_set(c->err, ERR_MEMORY, "a list of postings");
	at = room + 3;
	for (left = fields; left; left &= left - 1) {
		f = __builtin_ctz(left);
		if (postings_tf(p, f))
			*at++ = postings_tf(p, f);
		else
			fields &= ~(1u << f);
	}
	for (left = fields & kept; left; left &= left - 1)
		at += put_positions(at, p, __builtin_ctz(left));
	room[0] = at - room - 2;
	room[1] = (at - room - 2) >> 8;
	room[2] = fields;
	xgrow(&c->items, &c->item_cap, c->item_count + 1, sizeof(*c->items));
	c->items[c->item_count++] = (struct item){ doc, c->packed.len };
	c->packed.len += at - room;
	return 0;
}

static int by_doc(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return (x->doc > y->doc) - (x->doc < y->doc);
}

/* To the merge: what was collected of a list, in order. */
static int give(struct copy *c, const struct term_edits *term, bool sorted)
{
	struct edit *edits = merge_room(c->merge, c->item_count);
	size_t bytes = c->packed.len, i;
	const unsigned char *at;
	int rc;

	if (!sorted)
		qsort(c->items, c->item_count, sizeof(*c->items), by_doc);
	for (i = 0; i < c->item_count; i++) {
		at = (const unsigned char *)c->packed.ptr + c->items[i].at;
		edits[i] = (struct edit){ c->items[i].doc, get_u16(at), at + 2 };
	}
	rc = merge_edits(c->merge, term, c->item_count, c->err);
	buf_reset(&c->packed);
	c->item_count = 0;
	return rc < 0 ? rc : wrote(c, bytes);
}

/* The list's postings whose new numbers are from `low` to before `high`. */
static int copy_range(struct copy *c, const struct term_edits *term, struct postings *p,
	uint32_t low, uint32_t high, uint32_t *count)
{
	const struct schema *schema = c->to->schemas[term->collection];
	const struct numbering *n = &c->numbering[term->collection];
	unsigned kept = term->group == GROUP_TEXT ? schema->positions : 0;
	uint32_t doc;
	int rc = 0;

	while (rc >= 0 && (doc = postings_next(p)) != DOC_NONE) {
		doc = number_of(n, doc);
		if (doc == DOC_NONE)
			return corrupt(c, "postings");
		if (doc < low || doc >= high)
			continue;
		++*count;
		rc = put_item(c, p, doc, kept);
		if (rc >= 0 && n->rising && c->item_count == PORTION)
			rc = give(c, term, true);
	}
	return rc >= 0 && c->item_count ? give(c, term, n->rising) : rc;
}

/* Where numbers do not rise the list is read once for each portion of them. */
static int copy_list(struct copy *c, const struct term_edits *term, struct postings *p)
{
	const struct numbering *n = &c->numbering[term->collection];
	uint64_t portions = n->rising ? 1 : p->df / PORTION + 1, i;
	uint32_t count = 0;
	int rc = 0;

	for (i = 0; i < portions && rc >= 0; i++) {
		postings_restart(p);
		rc = copy_range(c, term, p, n->count * i / portions, n->count * (i + 1) / portions,
			&count);
	}
	if (rc >= 0 && (postings_error(p) < 0 || count != p->df))
		rc = error_set(c->err, ERR_CORRUPT, "postings of '%.*s': %u of %u can be read",
			(int)term->term.len, term->term.ptr, count, p->df);
	return rc;
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
	buf_reset(&c->packed);
	c->item_count = 0;
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
		rc = copy_all_docs(c);
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
		free(c.numbering[i].number);
		free(c.numbering[i].order);
	}
	arena_free(c.arena);
	buf_clear(&c.packed);
	free(c.items);
	return rc;
}
