/* merge.c -- a batch's edits into the postings, in key order.
 *
 * Terms come sorted as the table is, so a cursor for each table finds the next record
 * beside the last.  A short list, and the end of a long one, are a block in the
 * dictionary; when it gets too long, its postings go into chunks. */
#include <stdlib.h>

#include "base/alloc.h"
#include "index/merge.h"

#define AHEAD 4 /* terms whose names are fetched before their turn */

int merge_corrupt(struct merge *m, const char *what)
{
	return error_set(m->err, ERR_CORRUPT, "postings of '%.*s': %s", SLICE_HEAD(m->term->term),
		what);
}

int merge_put(struct merge *m, struct cursor *cursor, struct slice key, struct slice value)
{
	int rc = m->fresh ? cursor_append(cursor, key, value, m->err) : ERR_EXISTS;

	return rc == ERR_EXISTS ? cursor_put(cursor, key, value, m->err) : rc;
}

struct edit *merge_room(struct merge *m, size_t count)
{
	xgrow(&m->edits, &m->edit_cap, count, sizeof(*m->edits));
	return m->edits;
}

/* The term's edits, one a document; their count. */
static size_t edits_collect(struct merge *m, const struct term_edits *term)
{
	const unsigned char *at = term->at;
	struct edit *e;
	size_t n = 0, bytes;
	uint32_t doc;

	for (; at < term->end; at += EDIT_BYTES + bytes) {
		memcpy(&doc, at, 4);
		bytes = get_u16(at + 4);
		if (!n || m->edits[n - 1].doc != doc)
			merge_room(m, ++n);
		e = &m->edits[n - 1];
		e->doc = doc;
		e->bytes = bytes;
		e->posting = bytes ? at + EDIT_BYTES : NULL;
	}
	return n;
}

bool merge_inside(struct merge *m)
{
	size_t len;

	m->record.n = 0;
	if (m->made_count != 1 || m->made[0].position_bytes > INSIDE_BYTES)
		return false;
	len = lone_make(m->inside, &m->made[0].block, m->bodies.ptr);
	if (len > INSIDE_BYTES)
		return false;
	m->record.inside = slice_of(m->inside, len);
	m->record.positions = slice_of(m->positions.ptr, m->made[0].position_bytes);
	m->record.n = m->made[0].block.n;
	return true;
}

/* A list without chunks: b and its positions, or NULL.  Past INSIDE_BYTES it gets chunks. */
static int merge_short(struct merge *m, const struct block *b, struct slice positions, size_t count)
{
	int rc;

	made_clear(m);
	memset(&m->record.bounds, 0, sizeof(m->record.bounds));
	if (m->adds && (!b || m->edits[0].doc > b->last)) {
		rc = made_append(m, b, positions, m->edits, count);
	} else {
		m->merged.count = m->old.count = 0;
		rc = b ? merge_read(m, b, positions) : 0;
		if (rc < 0)
			return rc;
		merge_lists(m, m->edits, count);
		rc = made_blocks(m, true);
	}
	if (rc >= 0 && (m->bodies.failed || m->positions.failed))
		rc = error_set(m->err, ERR_MEMORY, "blocks of postings");
	m->record.chunked = false;
	if (rc < 0 || merge_inside(m))
		return rc;
	return merge_write(m, true);
}

/* ---- a list with chunks and a tail ---- */

static int tail_take(struct merge *m)
{
	struct slice inside = m->record.inside, positions = m->record.positions, after;
	struct tail *tail = &m->tail;
	struct chunk chunk;

	tail->n = m->record.n;
	m->record.n = 0;
	if (!tail->n)
		return 0;
	if (inside.len > INSIDE_BYTES || positions.len > INSIDE_BYTES)
		return merge_corrupt(m, "a long dictionary record");
	tail->bytes = slice_of(memcpy(tail->room, inside.ptr, inside.len), inside.len);
	tail->positions = slice_of(tail->places, positions.len);
	if (positions.len)
		memcpy(tail->places, positions.ptr, positions.len);
	lone_read(tail->bytes, tail->n, &chunk, &after); /* as term_decode did */
	tail->block = chunk.lone;
	return 0;
}

/* The postings in old as edits before those of edits[0..count), which win; none takes
 * away. */
static int tail_edits(struct merge *m, const struct edit *edits, size_t count, size_t *out)
{
	const struct postings_array *old = &m->old;
	size_t i = 0, j = 0, n = 0, start;
	const struct posting *p;
	unsigned fields;

	buf_reset(&m->tail_bytes);
	/* so that it does not move */
	if (!buf_room(&m->tail_bytes, old->count * (1 + TEXT_FIELDS_MAX) + INSIDE_BYTES))
		return error_set(m->err, ERR_MEMORY, "the end of a list");
	xgrow(&m->tail_edits, &m->tail_cap, old->count + count, sizeof(*m->tail_edits));
	while (i < old->count || j < count) {
		if (j < count && (i == old->count || edits[j].doc <= old->items[i].doc)) {
			i += i < old->count && edits[j].doc == old->items[i].doc;
			if (edits[j].posting)
				m->tail_edits[n++] = edits[j];
			j++;
			continue;
		}
		p = &old->items[i++];
		start = m->tail_bytes.len;
		buf_putc(&m->tail_bytes, p->fields);
		for (fields = p->fields; fields; fields &= fields - 1)
			buf_putc(&m->tail_bytes, p->tf[__builtin_ctz(fields)]);
		buf_put_slice(&m->tail_bytes, p->positions);
		m->tail_edits[n++] = (struct edit){ p->doc, m->tail_bytes.len - start,
			(unsigned char *)m->tail_bytes.ptr + start };
	}
	*out = n;
	return 0;
}

/* edits[0..count), which all add, as the tail behind `block`; false if that is too long. */
static int tail_put(struct merge *m, const struct block *block, const struct edit *edits,
	size_t count, bool *fits)
{
	int rc;

	*fits = false;
	if (count + (block ? block->n : 0) > BLOCK_POSTINGS)
		return 0;
	made_clear(m);
	rc = made_append(m, block, block ? m->tail.positions : SLICE_LIT(""), edits, count);
	if (rc < 0)
		return rc;
	*fits = merge_inside(m);
	if (*fits)
		bounds_widen(&m->record.bounds, &m->made[0].block.bounds);
	else
		m->df -= count;
	return 0;
}

/* edits[0..count) are behind the chunks: into the tail or, where that gets too long, with
 * it into the last chunk. */
static int merge_tail(struct merge *m, const struct edit *edits, size_t count)
{
	const struct block *block = m->tail.n ? &m->tail.block : NULL;
	bool grows = m->adds && (!block || edits[0].doc > block->last), fits = false;
	int rc = 0;

	if (grows)
		rc = tail_put(m, block, edits, count, &fits);
	if (rc < 0 || fits)
		return rc;
	m->old.count = 0;
	if (block)
		rc = merge_read(m, block, m->tail.positions);
	if (rc >= 0)
		rc = tail_edits(m, edits, count, &count);
	if (rc < 0)
		return rc;
	m->df -= m->tail.n; /* those of the chunks are left */
	m->adds = true;
	if (!grows && count)
		rc = tail_put(m, NULL, m->tail_edits, count, &fits);
	if (rc < 0 || fits || !count)
		return rc;
	if (m->df)
		return merge_chunks(m, m->tail_edits, count, true);
	made_clear(m); /* the chunks are gone */
	rc = made_append(m, NULL, SLICE_LIT(""), m->tail_edits, count);
	return rc < 0 ? rc : merge_write(m, true);
}

static int merge_long(struct merge *m, size_t count)
{
	size_t early = 0;
	int rc;

	rc = tail_take(m);
	if (rc < 0)
		return rc;
	while (early < count && m->edits[early].doc <= m->record.last)
		early++;
	if (early)
		rc = merge_chunks(m, m->edits, early, !m->tail.n && early == count);
	if (rc < 0)
		return rc;
	if (early < count) {
		rc = merge_tail(m, m->edits + early, count - early);
	} else if (m->tail.n) { /* as it was */
		m->record.inside = m->tail.bytes;
		m->record.positions = m->tail.positions;
		m->record.n = m->tail.n;
	}
	if (m->record.n && m->record.n == m->df)
		m->record.chunked = false;
	return rc;
}

static void term_begin(struct merge *m)
{
	const struct term_edits *term = m->term;
	const struct schema *schema = m->batch->catalogue->schemas[term->collection];

	m->texts = term->group == GROUP_TEXT ? schema->text_count : 0;
	m->biased = schema->biased;
	m->kept = term->group == GROUP_TEXT ? schema->positions : 0;
	m->prefix.len = 0;
	key_u16(&m->prefix, m->batch->catalogue->numbers[term->collection]);
	key_u8(&m->prefix, term->group);
	key_raw(&m->prefix, term->term);
	key_u8(&m->prefix, 0);
	m->df = 0;
	m->record.n = 0;
}

static int merge_term(struct merge *m, size_t count)
{
	unsigned char bytes[TERM_RECORD_MAX];
	struct slice key, found, value;
	bool known;
	int rc;

	term_begin(m);
	key = slice_of(m->prefix.bytes, m->prefix.len - 1);
	rc = cursor_seek(m->dictionary, key, &found, &value, m->err);
	if (rc < 0 && rc != ERR_NOT_FOUND)
		return rc;
	known = rc == 0 && slice_eq(found, key);
	if (known && term_decode(value, &m->record) < 0)
		return merge_corrupt(m, "a damaged dictionary record");
	m->df = known ? m->record.df : 0;
	if (known && m->record.chunked)
		rc = merge_long(m, count);
	else
		rc = merge_short(m, known ? &m->record.chunk.lone : NULL, m->record.positions,
			count);
	if (rc < 0)
		return rc;
	if (m->df < 0 || m->df >= DOC_NONE)
		return merge_corrupt(m, "document frequency does not add up");
	m->record.df = m->df;
	if (m->df == 0) {
		rc = merge_delete(m->dictionary, key, m->err);
		return rc == ERR_NOT_FOUND ? 0 : rc;
	}
	return merge_put(m, m->dictionary, key, slice_of(bytes, term_encode(bytes, &m->record)));
}

int merge_open(struct merge **out, struct batch *b, bool fresh, struct error *err)
{
	struct merge *m = xcalloc(1, sizeof(*m));
	int rc;

	m->batch = b;
	m->fresh = fresh;
	rc = cursor_open(&m->dictionary, b->txn, TABLE_TERMS, err);
	if (rc >= 0)
		rc = cursor_open(&m->postings, b->txn, TABLE_POSTINGS, err);
	if (rc >= 0)
		rc = cursor_open(&m->places, b->txn, TABLE_POSITIONS, err);
	if (rc < 0)
		merge_close(m);
	else
		*out = m;
	return rc;
}

int merge_edits(struct merge *m, const struct term_edits *term, size_t count, struct error *err)
{
	size_t i;

	m->err = err;
	m->term = term;
	for (i = 0; i < count && m->edits[i].posting; i++)
		;
	m->adds = i == count;
	return merge_term(m, count);
}

void merge_close(struct merge *m)
{
	if (!m)
		return;
	cursor_close(m->dictionary);
	cursor_close(m->postings);
	cursor_close(m->places);
	free(m->old.items);
	free(m->merged.items);
	free(m->edits);
	free(m->made);
	buf_clear(&m->bodies);
	buf_clear(&m->positions);
	buf_clear(&m->place_record);
	buf_clear(&m->tail_bytes);
	free(m->tail_edits);
	free(m);
}

int batch_merge(struct batch *b, const struct inverted *inverted, struct error *err)
{
	struct merge *m = NULL;
	size_t i;
	int rc;

	rc = merge_open(&m, b, false, err);
	for (i = 0; i < inverted->count && rc >= 0; i++) {
		if (i + AHEAD < inverted->count)
			__builtin_prefetch(inverted->terms[i + AHEAD].term.ptr);
		rc = merge_edits(m, &inverted->terms[i], edits_collect(m, &inverted->terms[i]),
			err);
	}
	merge_close(m);
	return rc;
}
