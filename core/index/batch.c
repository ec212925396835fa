/* batch.c -- gathering mutations and committing them.
 *
 * A put is read by the schema at once: its terms are interned and each (term,
 * document) becomes one operation.  The postings of the stored version, found by
 * reading its JSON again, become operations that take away.  A document put
 * twice in a batch leaves operations of a version that no longer counts.  Where
 * both are there for a (term, document), adding wins.
 *
 * Until the commit nothing is written, so a failing document leaves no trace. */
#include "index/batch.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "index/gather.h"
#include "index/positions.h"
#include "index/postings.h"

int batch_begin(struct batch **out, struct catalogue *catalogue, struct error *err)
{
	struct batch *b = xcalloc(1, sizeof(*b));
	int rc;

	b->catalogue = catalogue;
	b->arena = arena_new();
	b->scratch = arena_new();
	b->pending_slot_count = 1024;
	b->pending_slots = xcalloc(b->pending_slot_count, sizeof(uint32_t));
	b->term_slot_count = 4096;
	b->term_slots = xcalloc(b->term_slot_count, sizeof(uint32_t));
	rc = store_begin(&b->txn, catalogue->store, STORE_WRITE, err);
	if (rc < 0) {
		b->txn = NULL;
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
	store_end(b->txn);
	for (c = 0; c < b->catalogue->count; c++)
		for (k = 0; k < COLUMNS; k++) {
			struct column_cache *cache = &b->collections[c].columns[k];

			for (i = 0; i < cache->cap; i++)
				free(cache->segments[i].values);
			free(cache->segments);
		}
	free(b->pending);
	free(b->pending_slots);
	free(b->term_slots);
	free(b->terms);
	free(b->ops);
	free(b->places);
	buf_clear(&b->positions);
	arena_free(b->arena);
	arena_free(b->scratch);
	free(b);
}

size_t batch_bytes(const struct batch *b)
{
	return arena_used(b->arena) + b->positions.cap + b->op_cap * sizeof(struct op) +
	       b->term_cap * sizeof(struct gather_term) + b->segment_bytes +
	       (b->pending_slot_count + b->term_slot_count) * sizeof(uint32_t) +
	       b->pending_cap * sizeof(void *);
}

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

int batch_segment(struct batch *b, int collection, int column, uint32_t doc, bool dirty,
	unsigned char **out, struct error *err)
{
	struct column_cache *cache = &b->collections[collection].columns[column];
	size_t bytes, at = doc / SEGMENT_DOCS, had = cache->cap;
	struct segment *segment;
	struct slice value;
	struct key key;
	int rc;

	if (at >= cache->cap) {
		xgrow(&cache->segments, &cache->cap, at + 1, sizeof(*segment));
		memset(cache->segments + had, 0, (cache->cap - had) * sizeof(*segment));
	}
	segment = &cache->segments[at];
	if (!segment->values) {
		bytes = column_bytes(b->catalogue->schemas[collection], column);
		key = key_column(b->catalogue->numbers[collection], column, at);
		rc = store_get(b->txn, TABLE_COLUMNS, key_slice(&key), &value, err);
		if (rc < 0 && rc != ERR_NOT_FOUND)
			return rc;
		if (rc == 0 && (value.len != COLUMN_HEADER + bytes ||
				       value.ptr[0] != COLUMN_VERSION))
			return error_set(err, ERR_CORRUPT, "column %d segment %zu: %zu bytes",
				column, at, value.len);
		segment->values = xmalloc(bytes ? bytes : 1);
		b->segment_bytes += bytes;
		if (rc == 0)
			memcpy(segment->values, value.ptr + COLUMN_HEADER, bytes);
		else
			segment_blank(segment->values, bytes, column);
	}
	segment->dirty = segment->dirty || dirty;
	*out = segment->values;
	return 0;
}

static int columns_write(struct batch *b, int collection, struct error *err)
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
			memcpy((char *)room + COLUMN_HEADER, cache->segments[i].values, bytes);
		}
	}
	return 0;
}

/* ---- terms ---- */

static void terms_rehash(struct batch *b)
{
	size_t i, at, mask;

	b->term_slot_count *= 2;
	b->term_slots = xrealloc(b->term_slots, b->term_slot_count * sizeof(uint32_t));
	memset(b->term_slots, 0, b->term_slot_count * sizeof(uint32_t));
	mask = b->term_slot_count - 1;
	for (i = 0; i < b->term_count; i++) {
		for (at = b->terms[i].hash & mask; b->term_slots[at]; at = (at + 1) & mask)
			;
		b->term_slots[at] = i + 1;
	}
}

static uint32_t term_intern(struct batch *b, int collection, int group, struct slice bytes)
{
	uint64_t hash = hash_bytes(bytes, collection << 8 | group), order;
	size_t mask, at, i;
	struct gather_term *t;

	if (b->term_count * 2 >= b->term_slot_count)
		terms_rehash(b);
	mask = b->term_slot_count - 1;
	for (at = hash & mask; b->term_slots[at]; at = (at + 1) & mask) {
		t = &b->terms[b->term_slots[at] - 1];
		if (t->hash == hash && t->group == group && t->collection == collection &&
			slice_eq(t->bytes, bytes))
			return b->term_slots[at] - 1;
	}
	xgrow(&b->terms, &b->term_cap, b->term_count + 1, sizeof(*t));
	t = &b->terms[b->term_count];
	memset(t, 0, sizeof(*t));
	t->bytes = arena_slice(b->arena, bytes);
	t->hash = hash;
	t->collection = collection;
	t->group = group;
	order = (uint64_t)collection << 56 | (uint64_t)group << 48;
	for (i = 0; i < 6 && i < bytes.len; i++)
		order |= (uint64_t)(unsigned char)bytes.ptr[i] << (40 - 8 * i);
	t->order = order;
	b->term_slots[at] = ++b->term_count;
	return b->term_count - 1;
}

struct inverting {
	struct batch *batch;
	int collection;
	uint32_t pending;
	uint32_t mark;    /* unique to this reading */
	uint32_t version; /* mark, or 0 to take away */
};

static void add_place(struct batch *b, uint32_t op, int field, uint32_t position)
{
	xgrow(&b->places, &b->place_cap, b->place_count + 1, sizeof(*b->places));
	b->places[b->place_count++] = (struct place){ op, position, field };
}

/* The term's operation on the document being read; its tf there before this. */
static uint32_t gather(struct inverting *in, int group, int field, struct slice term,
	uint8_t amount, unsigned *before)
{
	struct batch *b = in->batch;
	uint32_t index = term_intern(b, in->collection, group, term);
	struct gather_term *t = &b->terms[index];
	struct op *op;
	unsigned tf;

	if (t->version != in->mark) {
		xgrow(&b->ops, &b->op_cap, b->op_count + 1, sizeof(*op));
		op = &b->ops[b->op_count];
		memset(op, 0, sizeof(*op));
		op->term = index;
		op->pending = in->pending;
		op->version = in->version;
		t->version = in->mark;
		t->op = b->op_count++;
	}
	op = &b->ops[t->op];
	tf = op->tf[field];
	*before = tf;
	if (group == GROUP_TEXT)
		tf += amount;
	else if (amount > tf)
		tf = amount;
	op->tf[field] = tf > 255 ? 255 : tf;
	op->fields |= 1 << field;
	return t->op;
}

static void invert(void *data, int group, int field, struct slice term, uint8_t amount)
{
	unsigned before;

	gather(data, group, field, term, amount, &before);
}

static void invert_word(void *data, int field, struct slice term, uint32_t position)
{
	struct inverting *in = data;
	unsigned before;
	uint32_t op = gather(in, GROUP_TEXT, field, term, 1, &before);

	if (before < 255 && in->batch->catalogue->schemas[in->collection]->positions >> field & 1)
		add_place(in->batch, op, field, position);
}

/* The places of the document just read, whose operations begin at `first`, to each
 * operation its own.  They come by field and position. */
static void settle_places(struct batch *b, size_t first)
{
	size_t count = b->op_count - first, i;
	uint32_t *next = arena_calloc(b->scratch, count + 1, sizeof(*next)), *order;
	const struct place *p, *before;
	unsigned char bytes[5];
	struct op *op;

	order = arena_alloc(b->scratch, (b->place_count + 1) * sizeof(*order));
	for (i = 0; i < b->place_count; i++)
		next[b->places[i].op - first + 1]++;
	for (i = 1; i <= count; i++)
		next[i] += next[i - 1];
	for (i = 0; i < b->place_count; i++)
		order[next[b->places[i].op - first]++] = i;
	for (i = 0, before = NULL; i < b->place_count; i++, before = p) {
		p = &b->places[order[i]];
		op = &b->ops[p->op];
		if (!before || before->op != p->op)
			op->positions = b->positions.len;
		buf_put(&b->positions, bytes,
			positions_put(bytes, before && before->op == p->op &&
							     before->field == p->field
						     ? p->position - before->position
						     : p->position) -
				bytes);
		op->position_bytes = b->positions.len - op->positions;
	}
	b->place_count = 0;
}

/* ---- documents ---- */

static int gathered_load(struct batch *b, int collection, struct error *err)
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

static size_t pending_slot(const struct batch *b, int collection, struct slice id)
{
	size_t mask = b->pending_slot_count - 1;
	size_t at = hash_bytes(id, collection) & mask;

	for (; b->pending_slots[at]; at = (at + 1) & mask) {
		const struct pending *p = b->pending[b->pending_slots[at] - 1];

		if (p->collection == collection && slice_eq(p->id, id))
			break;
	}
	return at;
}

static void pending_rehash(struct batch *b)
{
	size_t i;

	b->pending_slot_count *= 2;
	free(b->pending_slots);
	b->pending_slots = xcalloc(b->pending_slot_count, sizeof(uint32_t));
	for (i = 0; i < b->pending_count; i++)
		b->pending_slots[pending_slot(b, b->pending[i]->collection, b->pending[i]->id)] =
			i + 1;
}

/* Number in the store, or DOC_NONE. */
static int stored_doc(struct batch *b, int collection, struct slice id, uint32_t *doc,
	struct error *err)
{
	struct key key = key_of(b->catalogue->numbers[collection]);
	struct slice value;
	int rc;

	*doc = DOC_NONE;
	key_raw(&key, id);
	rc = store_get(b->txn, TABLE_IDS, key_slice(&key), &value, err);
	if (rc == ERR_NOT_FOUND)
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

/* A number nobody has: one of a deleted document, or the next. */
static int doc_allocate(struct batch *b, int collection, uint32_t *doc, struct error *err)
{
	struct gathered *g = &b->collections[collection];
	uint16_t number = b->catalogue->numbers[collection];
	struct key key = key_doc(number, g->free_at);
	struct cursor *cursor = NULL;
	struct slice found, value;
	int rc;

	if (!g->free_done) {
		rc = cursor_open(&cursor, b->txn, TABLE_FREE, err);
		if (rc < 0)
			return rc;
		rc = cursor_seek(cursor, key_slice(&key), &found, &value, err);
		if (rc == 0 && found.len == 6 && !memcmp(found.ptr, key.bytes, 2)) {
			*doc = key_read_u32(found.ptr + 2);
			g->free_at = *doc + 1;
			cursor_close(cursor);
			return 0;
		}
		cursor_close(cursor);
		if (rc < 0 && rc != ERR_NOT_FOUND)
			return rc;
		g->free_done = true;
	}
	if (g->rec.doc_limit >= DOC_NONE - 1)
		return error_set(err, ERR_LIMIT, "no document numbers left");
	*doc = g->rec.doc_limit++;
	return 0;
}

static struct pending *pending_new(struct batch *b, int collection, struct slice id,
	uint32_t doc)
{
	const struct schema *schema = b->catalogue->schemas[collection];
	struct pending *p = arena_calloc(b->arena, 1, sizeof(*p));

	if (b->pending_count * 2 >= b->pending_slot_count)
		pending_rehash(b);
	p->collection = collection;
	p->doc = doc;
	p->id = arena_slice(b->arena, id);
	p->numbers = arena_calloc(b->arena, schema->column_count + 1, sizeof(double));
	xgrow(&b->pending, &b->pending_cap, b->pending_count + 1, sizeof(p));
	b->pending[b->pending_count] = p;
	b->pending_slots[pending_slot(b, collection, id)] = ++b->pending_count;
	return p;
}

static int split_doc(struct slice value, struct slice *id, struct slice *json)
{
	struct reader_bytes r = bytes_reader(value);
	int version = bytes_u8(&r);

	*id = bytes_bytes(&r);
	if (r.failed || version != DOC_VERSION)
		return ERR_CORRUPT;
	*json = slice_of(r.ptr, r.end - r.ptr);
	return 0;
}

/* The postings of the stored version, to be taken away. */
static int uninvert(struct batch *b, int collection, struct slice id, uint32_t doc,
	struct error *err)
{
	const struct schema *schema = b->catalogue->schemas[collection];
	struct key key = key_doc(b->catalogue->numbers[collection], doc);
	struct inverting in = { b, collection, b->pending_count, ++b->versions, 0 };
	struct document_sink sink = { .term = invert, .data = &in };
	size_t ops = b->op_count;
	struct slice value, old_id, old_json;
	struct document old;
	struct pending *p;
	unsigned char *values;
	json_t *root = NULL;
	float quality;
	int rc;

	rc = store_get(b->txn, TABLE_DOCS, key_slice(&key), &value, err);
	if (rc == ERR_NOT_FOUND || (rc == 0 && (split_doc(value, &old_id, &old_json) < 0 ||
							!slice_eq(id, old_id))))
		return error_set(err, ERR_CORRUPT, "docs: document %u is missing or damaged", doc);
	if (rc < 0)
		return rc;
	if (json_parse(&root, old_json, NULL) < 0 || !json_is_object(root) ||
		document_read(schema, root, b->scratch, &old, &sink, NULL) < 0) {
		json_decref(root);
		b->op_count = ops;
		return error_set(err, ERR_CORRUPT, "docs: stored document %u cannot be read", doc);
	}
	json_decref(root);
	rc = batch_segment(b, collection, COLUMN_QUALITY, doc, false, &values, err);
	if (rc < 0) {
		b->op_count = ops;
		return rc;
	}
	memcpy(&quality, values + doc % SEGMENT_DOCS * 4, 4);
	p = pending_new(b, collection, id, doc);
	p->stored = p->present = true;
	p->old_quality = quality;
	memcpy(p->old_lengths, old.lengths, sizeof(old.lengths));
	return 0;
}

/* JSON without the spaces between its tokens; it has been parsed, so is sound. */
static struct slice minify(struct arena *arena, struct slice json)
{
	char *out = arena_alloc(arena, json.len + 1);
	bool inside = false;
	size_t i, n = 0;

	for (i = 0; i < json.len; i++) {
		char c = json.ptr[i];

		if (inside) {
			if (c == '\\' && i + 1 < json.len)
				out[n++] = json.ptr[i++];
			else if (c == '"')
				inside = false;
			out[n++] = json.ptr[i];
			continue;
		}
		if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
			continue;
		inside = c == '"';
		out[n++] = c;
	}
	return slice_of(out, n);
}

static int check_id(struct slice id, struct error *err)
{
	if (id.len < 1 || id.len > ID_BYTES_MAX)
		return error_set(err, ERR_ARG, "an id has 1 to %d bytes, this one %zu",
			ID_BYTES_MAX, id.len);
	return 0;
}

static int batch_put_object(struct batch *b, int collection, struct slice id,
	struct slice json, const json_t *root, struct error *err)
{
	const struct schema *schema = b->catalogue->schemas[collection];
	struct inverting in = { .batch = b, .collection = collection };
	struct document_sink sink = { .term = invert, .word = invert_word, .data = &in };
	size_t slot = pending_slot(b, collection, id), ops;
	struct document document;
	struct pending *p = NULL;
	uint32_t doc = DOC_NONE;
	int rc;

	if (!b->pending_slots[slot]) {
		rc = stored_doc(b, collection, id, &doc, err);
		if (rc >= 0 && doc != DOC_NONE)
			rc = uninvert(b, collection, id, doc, err);
		if (rc < 0)
			return rc;
		slot = pending_slot(b, collection, id);
	}
	in.pending = b->pending_slots[slot] ? b->pending_slots[slot] - 1 : b->pending_count;
	in.mark = in.version = ++b->versions;
	ops = b->op_count;
	rc = document_read(schema, root, b->scratch, &document, &sink, err);
	if (rc >= 0 && !b->pending_slots[slot]) {
		rc = doc_allocate(b, collection, &doc, err);
		if (rc >= 0)
			pending_new(b, collection, id, doc);
	}
	if (rc < 0) {
		b->op_count = ops;
		b->place_count = 0;
		/* a stored document read back for nothing: it stays as it is */
		return rc;
	}
	settle_places(b, ops);
	p = b->pending[in.pending];
	p->present = true;
	p->version = in.version;
	p->json = minify(b->arena, json);
	p->quality = document.quality;
	memcpy(p->lengths, document.lengths, sizeof(p->lengths));
	memcpy(p->numbers, document.numbers, schema->column_count * sizeof(double));
	return 0;
}

int batch_put(struct batch *b, int collection, struct slice id, struct slice json,
	struct error *err)
{
	json_t *root = NULL;
	int rc;

	rc = gathered_load(b, collection, err);
	if (rc >= 0)
		rc = check_id(id, err);
	if (rc < 0)
		return rc;
	if (json.len > DOC_BYTES_MAX)
		return error_set(err, ERR_LIMIT, "a document of %zu bytes, limit %d", json.len,
			DOC_BYTES_MAX);
	rc = json_parse(&root, json, err);
	if (rc < 0)
		return rc;
	if (!json_is_object(root))
		rc = error_set(err, ERR_ARG, "a document is a JSON object");
	else
		rc = batch_put_object(b, collection, id, json, root, err);
	json_decref(root);
	arena_reset(b->scratch);
	return rc < 0 ? rc : 0;
}

int batch_del(struct batch *b, int collection, struct slice id, struct error *err)
{
	struct pending *p;
	uint32_t doc;
	size_t slot;
	int rc;

	rc = gathered_load(b, collection, err);
	if (rc >= 0)
		rc = check_id(id, err);
	if (rc < 0)
		return rc;
	slot = pending_slot(b, collection, id);
	if (!b->pending_slots[slot]) {
		rc = stored_doc(b, collection, id, &doc, err);
		if (rc < 0 || doc == DOC_NONE)
			return rc;
		rc = uninvert(b, collection, id, doc, err);
		arena_reset(b->scratch);
		if (rc < 0)
			return rc;
		slot = pending_slot(b, collection, id);
	}
	p = b->pending[b->pending_slots[slot] - 1];
	rc = p->present;
	p->present = false;
	p->version = UINT32_MAX; /* no version is live: even an untouched one goes */
	return rc;
}

/* ---- commit ---- */

static bool untouched(const struct pending *p)
{
	return p->stored && p->present && !p->version;
}

static int write_columns_of(struct batch *b, const struct pending *p, struct error *err)
{
	const struct schema *schema = b->catalogue->schemas[p->collection];
	uint32_t at = p->doc % SEGMENT_DOCS;
	float quality = p->present ? p->quality : 0;
	unsigned char *values;
	double number;
	int i, rc;

	for (i = 0; i < schema->column_count; i++) {
		rc = batch_segment(b, p->collection, i, p->doc, true, &values, err);
		if (rc < 0)
			return rc;
		number = p->present ? p->numbers[i] : NAN;
		memcpy(values + at * 8, &number, 8);
	}
	rc = batch_segment(b, p->collection, COLUMN_QUALITY, p->doc, true, &values, err);
	if (rc < 0)
		return rc;
	memcpy(values + at * 4, &quality, 4);
	rc = batch_segment(b, p->collection, COLUMN_LENGTHS, p->doc, true, &values, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < schema->text_count; i++)
		values[at * schema->text_count + i] = p->present ? length_encode(p->lengths[i]) : 0;
	rc = batch_segment(b, p->collection, COLUMN_LIVE, p->doc, true, &values, err);
	if (rc < 0)
		return rc;
	if (p->present)
		values[at / 8] |= 1 << at % 8;
	else
		values[at / 8] &= ~(1 << at % 8);
	return 0;
}

static void count_document(struct gathered *g, const struct pending *p)
{
	int f;

	for (f = 0; f < TEXT_FIELDS_MAX; f++) {
		if (p->stored) {
			g->rec.tokens[f] -= p->old_lengths[f];
			g->rec.having[f] -= p->old_lengths[f] > 0;
		}
		if (p->present) {
			g->rec.tokens[f] += p->lengths[f];
			g->rec.having[f] += p->lengths[f] > 0;
		}
	}
	g->rec.docs += p->present - p->stored;
	g->changed = true;
}

/* docs, free and quality, of one document */
static int write_document(struct batch *b, const struct pending *p, struct buf *row,
	struct error *err)
{
	uint16_t number = b->catalogue->numbers[p->collection];
	struct key doc = key_doc(number, p->doc), key;
	int rc = 0;

	if (p->present) {
		buf_reset(row);
		buf_put_u8(row, DOC_VERSION);
		buf_put_bytes(row, p->id);
		buf_put_slice(row, p->json);
		if (row->failed)
			return error_set(err, ERR_MEMORY, "a document's row");
		rc = store_put(b->txn, TABLE_DOCS, key_slice(&doc), buf_slice(row), err);
		if (rc >= 0 && !p->stored) {
			rc = store_del(b->txn, TABLE_FREE, key_slice(&doc), err);
			rc = rc == ERR_NOT_FOUND ? 0 : rc;
		}
	} else {
		if (p->stored)
			rc = store_del(b->txn, TABLE_DOCS, key_slice(&doc), err);
		if (rc >= 0)
			rc = store_put(b->txn, TABLE_FREE, key_slice(&doc), SLICE_LIT(""), err);
	}
	if (rc >= 0 && p->stored && (!p->present || p->quality != p->old_quality)) {
		key = key_quality(number, p->old_quality, p->doc);
		rc = store_del(b->txn, TABLE_QUALITY, key_slice(&key), err);
		rc = rc == ERR_NOT_FOUND ? 0 : rc;
	}
	if (rc >= 0 && p->present && (!p->stored || p->quality != p->old_quality)) {
		key = key_quality(number, p->quality, p->doc);
		rc = store_put(b->txn, TABLE_QUALITY, key_slice(&key), SLICE_LIT(""), err);
	}
	return rc;
}

static int write_id(struct batch *b, const struct pending *p, struct error *err)
{
	struct key key = key_of(b->catalogue->numbers[p->collection]), value;
	int rc;

	if (p->stored == p->present)
		return 0;
	key_raw(&key, p->id);
	value.len = 0;
	key_u32(&value, p->doc);
	if (p->present)
		return store_put(b->txn, TABLE_IDS, key_slice(&key), key_slice(&value), err);
	rc = store_del(b->txn, TABLE_IDS, key_slice(&key), err);
	return rc;
}

static int by_doc(const void *a, const void *b)
{
	const struct pending *x = *(struct pending *const *)a, *y = *(struct pending *const *)b;

	if (x->collection != y->collection)
		return x->collection < y->collection ? -1 : 1;
	return (x->doc > y->doc) - (x->doc < y->doc);
}

static int by_id(const void *a, const void *b)
{
	const struct pending *x = *(struct pending *const *)a, *y = *(struct pending *const *)b;

	if (x->collection != y->collection)
		return x->collection < y->collection ? -1 : 1;
	return slice_cmp(x->id, y->id);
}

static int write_documents(struct batch *b, struct error *err)
{
	size_t i, n = b->pending_count;
	struct pending **sorted = xmalloc((n + 1) * sizeof(*sorted));
	struct buf row = { 0 };
	int rc = 0;

	if (n)
		memcpy(sorted, b->pending, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_doc);
	for (i = 0; i < n && rc >= 0; i++) {
		if (untouched(sorted[i]))
			continue;
		count_document(&b->collections[sorted[i]->collection], sorted[i]);
		rc = write_columns_of(b, sorted[i], err);
		if (rc >= 0)
			rc = write_document(b, sorted[i], &row, err);
	}
	qsort(sorted, n, sizeof(*sorted), by_id);
	for (i = 0; i < n && rc >= 0; i++)
		if (!untouched(sorted[i]))
			rc = write_id(b, sorted[i], err);
	if (rc == ERR_NOT_FOUND)
		rc = error_set(err, ERR_CORRUPT, "ids or docs: a document's row is missing");
	buf_clear(&row);
	free(sorted);
	return rc;
}

int batch_commit(struct batch *b, struct error *err)
{
	int rc, c;

	rc = write_documents(b, err);
	if (rc >= 0)
		rc = batch_merge(b, err);
	for (c = 0; c < b->catalogue->count && rc >= 0; c++) {
		if (!b->collections[c].changed)
			continue;
		rc = columns_write(b, c, err);
		if (rc >= 0)
			rc = collection_write(b->txn, b->catalogue->schemas[c]->name,
				&b->collections[c].rec, err);
	}
	if (rc >= 0) {
		rc = store_commit(b->txn, err);
		b->txn = NULL;
	}
	batch_abort(b);
	return rc;
}
