/* merge_blocks.c -- the blocks of a list, made anew: copied, extended at the end, or taken
 * apart and merged.
 *
 * Invariant: a block's bounds are those of its documents as they are now.  A document
 * that changes adds all its postings anew, so each of its blocks is made again; and
 * lengths and qualities come from the columns. */
#include <assert.h>

#include "base/alloc.h"
#include "index/merge.h"
#include "index/positions.h"

static void posting_of(struct posting *out, const struct edit *edit)
{
	const unsigned char *at = edit->posting, *end = at + edit->bytes;
	unsigned fields;

	memset(out->tf, 0, sizeof(out->tf));
	out->doc = edit->doc;
	out->fields = *at++;
	for (fields = out->fields; fields; fields &= fields - 1)
		out->tf[__builtin_ctz(fields)] = *at++;
	out->positions = slice_of(at, end - at);
}

static void bounds_start(struct block_bounds *bounds)
{
	bounds->max_quality = 0;
	memset(bounds->min_length, 255, sizeof(bounds->min_length));
}

/* A posting's length and quality, from the columns. */
static int bounds_add(struct merge *m, struct block_bounds *bounds, uint32_t doc, unsigned fields,
	const uint8_t *tf, size_t step)
{
	const unsigned char *values, *lengths = NULL;
	unsigned f, level, length;
	float quality = 0;
	int rc = 0;

	if (m->biased)
		rc = batch_values(m->batch, m->term->collection, COLUMN_QUALITY, doc, &values,
			m->err);
	if (rc >= 0 && m->texts)
		rc = batch_values(m->batch, m->term->collection, COLUMN_LENGTHS, doc, &lengths,
			m->err);
	if (rc < 0)
		return rc;
	doc %= SEGMENT_DOCS;
	if (m->biased)
		memcpy(&quality, values + doc * 4, 4);
	if (quality > bounds->max_quality)
		bounds->max_quality = quality;
	for (; fields; fields &= fields - 1) {
		f = __builtin_ctz(fields);
		length = (int)f < m->texts ? lengths[doc * m->texts + f] : 0;
		for (level = 0; level < TF_LEVELS && level < tf[f * step]; level++)
			if (length < bounds->min_length[f][level])
				bounds->min_length[f][level] = length;
	}
	return 0;
}

/* ---- making blocks ---- */

void made_clear(struct merge *m)
{
	m->made_count = 0;
	buf_reset(&m->bodies);
	buf_reset(&m->positions);
}

static struct made *made_next(struct merge *m)
{
	struct made *made;

	xgrow(&m->made, &m->made_cap, m->made_count + 1, sizeof(*m->made));
	made = &m->made[m->made_count++];
	made->positions = m->positions.len;
	made->position_bytes = 0;
	return made;
}

static uint32_t last_made(const struct merge *m)
{
	return m->made[m->made_count - 1].block.last;
}

bool made_follows(const struct merge *m, const struct block *b)
{
	return !m->made_count || last_made(m) == b->before;
}

/* A block as it is, with its positions. */
void made_copy(struct merge *m, const struct block *b, struct slice positions)
{
	struct made *made = made_next(m);

	assert(!b->lone);
	made->block.before = b->before;
	made->block.last = b->last;
	made->block.n = b->n;
	made->block.bits = b->bits;
	made->block.body_bytes = b->body_bytes;
	made->block.body = m->bodies.len;
	bounds_start(&made->block.bounds);
	block_bounds(b, &made->block.bounds);
	buf_put(&m->bodies, b->body, b->body_bytes);
	buf_put_slice(&m->positions, positions);
	made->position_bytes = positions.len;
}

/* The rows as a block; the caller has its bounds. */
static int make_rows(struct merge *m, struct made *made)
{
	char *room = buf_room(&m->bodies, BLOCK_BODY_MAX);

	if (!room)
		return error_set(m->err, ERR_MEMORY, "blocks of postings");
	block_make(&made->block, (unsigned char *)room, &m->rows);
	made->block.body = m->bodies.len;
	m->bodies.len += made->block.body_bytes;
	made->position_bytes = m->positions.len - made->positions;
	return 0;
}

static void rows_add(struct block_rows *rows, uint32_t doc, unsigned fields)
{
	unsigned fresh = fields & ~rows->fields;

	for (; fresh; fresh &= fresh - 1)
		memset(rows->tf[__builtin_ctz(fresh)], 0, BLOCK_POSTINGS);
	rows->fields |= fields;
	rows->docs[rows->n++] = doc;
}

static int make_block(struct merge *m, const struct posting *list, unsigned n)
{
	uint32_t before = m->made_count ? last_made(m) : list[0].doc - 1;
	struct made *made = made_next(m);
	unsigned i, fields, f;
	int rc = 0;

	made->block.before = before;
	bounds_start(&made->block.bounds);
	m->rows.n = m->rows.fields = 0;
	for (i = 0; i < n && rc >= 0; i++) {
		rows_add(&m->rows, list[i].doc, list[i].fields);
		for (fields = list[i].fields; fields; fields &= fields - 1) {
			f = __builtin_ctz(fields);
			m->rows.tf[f][i] = list[i].tf[f];
		}
		buf_put_slice(&m->positions, list[i].positions);
		rc = bounds_add(m, &made->block.bounds, list[i].doc, list[i].fields, list[i].tf, 1);
	}
	return rc < 0 ? rc : make_rows(m, made);
}

int made_blocks(struct merge *m, bool tail)
{
	size_t n = m->merged.count, blocks = (n + BLOCK_POSTINGS - 1) / BLOCK_POSTINGS, i, at = 0;
	size_t size;
	int rc = 0;

	for (i = 0; i < blocks && rc >= 0; i++) {
		size = (n - at + blocks - i - 1) / (blocks - i);
		if (tail)
			size = n - at < BLOCK_POSTINGS ? n - at : BLOCK_POSTINGS;
		rc = make_block(m, m->merged.items + at, size);
		at += size;
	}
	m->merged.count = 0;
	return rc;
}

void merge_lists(struct merge *m, const struct edit *edits, size_t count)
{
	struct postings_array *old = &m->old, *out = &m->merged;
	size_t i = 0, j = 0;

	xgrow(&out->items, &out->cap, out->count + old->count + count, sizeof(*out->items));
	while (i < old->count || j < count) {
		if (j == count || (i < old->count && old->items[i].doc < edits[j].doc)) {
			out->items[out->count++] = old->items[i++];
			continue;
		}
		if (i < old->count && old->items[i].doc == edits[j].doc) {
			i++;
			m->df--;
		}
		if (edits[j].posting) {
			posting_of(&out->items[out->count++], &edits[j]);
			m->df++;
		}
		j++;
	}
	old->count = 0;
}

/* How many positions a posting has. */
static size_t position_count(const struct posting *p, unsigned kept)
{
	size_t n = 0;

	for (kept &= p->fields; kept; kept &= kept - 1)
		n += p->tf[__builtin_ctz(kept)];
	return n;
}

int merge_read(struct merge *m, const struct block *b, struct slice positions)
{
	const unsigned char *at = (const unsigned char *)positions.ptr, *end = at + positions.len;
	const unsigned char *next;
	struct postings_array *old = &m->old;
	uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS];
	uint32_t docs[BLOCK_POSTINGS];
	struct posting *p;
	int fields, f;
	unsigned i;

	if (block_docs(b, docs) < 0)
		return merge_corrupt(m, "a damaged block");
	fields = block_tfs(b, tf);
	if (fields < 0)
		return merge_corrupt(m, "a damaged block");
	if (b->last >= m->batch->collections[m->term->collection].rec.doc_limit)
		return merge_corrupt(m, "a document past the limit");
	xgrow(&old->items, &old->cap, old->count + b->n, sizeof(*old->items));
	for (i = 0; i < b->n; i++) {
		p = &old->items[old->count++];
		memset(p, 0, sizeof(*p));
		p->doc = docs[i];
		for (f = 0; fields >> f; f++)
			if (fields >> f & 1) {
				p->tf[f] = tf[f][i];
				p->fields |= (p->tf[f] > 0) << f;
			}
		if (!p->fields)
			return merge_corrupt(m, "a posting in no field");
		next = positions_skip(at, end, position_count(p, m->kept));
		if (!next)
			return merge_corrupt(m, "damaged positions");
		p->positions = slice_of(at, next - at);
		at = next;
	}
	return at == end ? 0 : merge_corrupt(m, "damaged positions");
}

/* ---- a list that grows at its end ---- */

/* A block as the beginning of one that is made, bounds and all: none of its documents
 * changes in this batch. */
static int rows_begin(struct merge *m, const struct block *b, struct slice positions)
{
	struct block_rows *rows = &m->rows;
	struct made *made = made_next(m);
	unsigned fields;
	int has;

	rows->n = rows->fields = 0;
	bounds_start(&made->block.bounds);
	made->block.before = m->made_count > 1 ? made[-1].block.last : UINT32_MAX;
	if (!b)
		return 0;
	has = block_tfs(b, rows->tf);
	if (has < 0 || block_docs(b, rows->docs) < 0)
		return merge_corrupt(m, "a damaged block");
	if (m->made_count == 1)
		made->block.before = b->before;
	rows->n = b->n;
	rows->fields = has;
	block_bounds(b, &made->block.bounds);
	for (fields = has; fields; fields &= fields - 1)
		memset(rows->tf[__builtin_ctz(fields)] + b->n, 0, BLOCK_POSTINGS - b->n);
	buf_put_slice(&m->positions, positions);
	return 0;
}

int made_append(struct merge *m, const struct block *b, struct slice positions,
	const struct edit *edits, size_t count)
{
	struct block_rows *rows = &m->rows;
	const unsigned char *at, *end;
	unsigned fields, left, i;
	struct made *made;
	char *places;
	size_t e, room;
	int rc;

	if (b && b->last >= m->batch->collections[m->term->collection].rec.doc_limit)
		return merge_corrupt(m, "a document past the limit");
	rc = rows_begin(m, b, positions);
	for (e = 0, room = 0; e < count; e++)
		room += edits[e].bytes;
	places = buf_room(&m->positions, room);
	if (rc >= 0 && !places)
		rc = error_set(m->err, ERR_MEMORY, "blocks of postings");
	for (e = 0; e < count && rc >= 0; e++) {
		if (rows->n == BLOCK_POSTINGS) {
			rc = make_rows(m, &m->made[m->made_count - 1]);
			if (rc >= 0)
				rc = rows_begin(m, NULL, SLICE_LIT(""));
			if (rc < 0)
				return rc;
		}
		made = &m->made[m->made_count - 1];
		if (m->made_count == 1 && !rows->n)
			made->block.before = edits[e].doc - 1;
		at = edits[e].posting;
		end = at + edits[e].bytes;
		fields = *at++;
		rows_add(rows, edits[e].doc, fields);
		i = rows->n - 1;
		for (left = fields; left; left &= left - 1)
			rows->tf[__builtin_ctz(left)][i] = *at++;
		m->positions.len += end - at;
		while (at < end)
			*places++ = *at++;
		rc = bounds_add(m, &made->block.bounds, edits[e].doc, fields, &rows->tf[0][i],
			BLOCK_POSTINGS);
	}
	m->df += count;
	return rc < 0 ? rc : make_rows(m, &m->made[m->made_count - 1]);
}
