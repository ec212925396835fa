/* merge.c -- a batch's edits into the postings, in key order.
 *
 * Terms come sorted as the table is.  For each, its edits (by document) are
 * applied chunk by chunk: the chunk that may hold the first edit is found by seeking
 * (term, document); of its blocks those that an edit concerns are decoded, merged and
 * made anew, the others copied; all edits up to the chunk's last document (all that
 * are left, if it is the list's last) go into it.  Then it is written back as one
 * chunk or, past CHUNK_BYTES, as several.  A list of one short block is kept in the
 * dictionary.
 *
 * Invariant: a block's bounds are those of its documents as they are now.  A
 * document that changes adds all its postings anew, so each of its blocks is
 * made again; and lengths and qualities come from the columns. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "index/gather.h"
#include "index/positions.h"

#define CHUNK_ROOM (CHUNK_HEADER + BLOCK_ENTRY + (1 + TF_LEVELS) * TEXT_FIELDS_MAX + \
	BLOCK_BODY_MAX + CHUNK_BYTES)
#define CHUNK_BLOCKS_MAX 255
#define AHEAD 4 /* terms whose names are fetched before their turn */

struct edit {
	uint32_t doc;
	uint16_t bytes;
	const unsigned char *posting; /* as gather.h draws it; NULL: take away */
};

/* A block made, with its positions in merge.positions. */
struct made {
	struct block_made block;
	size_t positions;
	uint32_t position_bytes;
};

struct postings_array {
	struct posting *items;
	size_t count, cap;
};

/* A block that was in the dictionary, kept while other records are written. */
struct tail {
	struct block block;
	struct slice bytes, positions;
	unsigned n; /* 0: there is none */
	char chunk[INSIDE_BYTES], places[INSIDE_BYTES];
};

struct merge {
	struct batch *batch;
	struct cursor *dictionary, *postings, *places;
	struct error *err;
	struct edit *edits;
	size_t edit_cap;
	bool adds; /* every edit does */
	struct postings_array old, merged;
	struct block_rows rows; /* of the block that is being made */
	/* of the term at hand */
	const struct term_edits *term;
	int texts;         /* text fields of its lengths; 0: it has none */
	unsigned kept;     /* fields whose positions are kept */
	struct key prefix; /* of its chunks; room for one's document behind it */
	struct term_record record;
	unsigned inside; /* postings of record.inside */
	int64_t df;
	struct tail tail;
	struct edit *tail_edits;
	size_t tail_cap;
	struct buf tail_bytes;
	/* blocks made, to be written as chunks */
	struct made *made;
	size_t made_count, made_cap;
	struct buf bodies, positions;
	unsigned char chunk[CHUNK_ROOM];
	struct buf place_record;
};

static int corrupt(struct merge *m, const char *what)
{
	return error_set(m->err, ERR_CORRUPT, "postings of '%.*s': %s",
		(int)(m->term->term.len > 64 ? 64 : m->term->term.len), m->term->term.ptr,
		what);
}

/* The term's edits, one a document; their count. */
static size_t edits_collect(struct merge *m, const struct term_edits *term)
{
	const unsigned char *at = term->at;
	struct edit *e;
	size_t n = 0, bytes;
	uint32_t doc;

	m->adds = true;
	for (; at < term->end; at += EDIT_BYTES + bytes) {
		memcpy(&doc, at, 4);
		bytes = get_u16(at + 4);
		if (!n || m->edits[n - 1].doc != doc) {
			xgrow(&m->edits, &m->edit_cap, n + 1, sizeof(*m->edits));
			n++;
		}
		e = &m->edits[n - 1];
		e->doc = doc;
		e->bytes = bytes;
		e->posting = bytes ? at + EDIT_BYTES : NULL;
		m->adds = m->adds && bytes;
	}
	return n;
}

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
	unsigned char *values, *lengths = NULL;
	unsigned f, level, length;
	float quality;
	int rc;

	rc = batch_values(m->batch, m->term->collection, COLUMN_QUALITY, doc, &values, m->err);
	if (rc >= 0 && m->texts)
		rc = batch_values(m->batch, m->term->collection, COLUMN_LENGTHS, doc, &lengths,
			m->err);
	if (rc < 0)
		return rc;
	doc %= SEGMENT_DOCS;
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

/* Do its gaps count from what was made last? */
static bool follows(const struct merge *m, const struct block *b)
{
	return !m->made_count || last_made(m) == b->before;
}

/* A block as it is, with its positions. */
static void make_copy(struct merge *m, const struct block *b, struct slice positions)
{
	struct made *made = made_next(m);

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

/* All that is merged as blocks: full ones where the list grows at its end (`tail`), else
 * of about equal size, so that there is room for more. */
static int make_blocks(struct merge *m, bool tail)
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

/* old and edits[0..count) into merged; old is then empty. */
static void merge_lists(struct merge *m, const struct edit *edits, size_t count)
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

/* A block's postings behind those in old. */
static int read_block(struct merge *m, const struct block *b, struct slice positions)
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
		return corrupt(m, "a damaged block");
	fields = block_tfs(b, tf);
	if (fields < 0)
		return corrupt(m, "a damaged block");
	if (b->last >= m->batch->collections[m->term->collection].rec.doc_limit)
		return corrupt(m, "a document past the limit");
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
			return corrupt(m, "a posting in no field");
		next = positions_skip(at, end, position_count(p, m->kept));
		if (!next)
			return corrupt(m, "damaged positions");
		p->positions = slice_of(at, next - at);
		at = next;
	}
	return at == end ? 0 : corrupt(m, "damaged positions");
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
		return corrupt(m, "a damaged block");
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

/* edits[0..count), which all add, behind the postings of b (NULL: of none). */
static int append(struct merge *m, const struct block *b, struct slice positions,
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
		return corrupt(m, "a document past the limit");
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

/* ---- writing chunks ---- */

/* Of the chunk that ends with a document; good until the next call. */
static struct slice chunk_key(struct merge *m, uint32_t last)
{
	struct slice key;

	key_u32(&m->prefix, last);
	key = key_slice(&m->prefix);
	m->prefix.len -= 4;
	return key;
}

static int delete_from(struct cursor *cursor, struct slice key, struct error *err)
{
	struct slice found;
	int rc = cursor_seek(cursor, key, &found, NULL, err);

	if (rc == 0 && slice_eq(found, key))
		return cursor_del(cursor, err);
	return rc < 0 ? rc : ERR_NOT_FOUND;
}

static int write_chunk(struct merge *m, size_t from, size_t count)
{
	struct block_made blocks[CHUNK_BLOCKS_MAX];
	uint32_t lengths[CHUNK_BLOCKS_MAX];
	struct slice key = chunk_key(m, m->made[from + count - 1].block.last);
	size_t len, i, bytes = 0;
	char *room;
	int rc;

	for (i = 0; i < count; i++) {
		blocks[i] = m->made[from + i].block;
		lengths[i] = m->made[from + i].position_bytes;
		bytes += lengths[i];
	}
	len = chunk_make(m->chunk, blocks, count, m->bodies.ptr);
	rc = cursor_put(m->postings, key, slice_of(m->chunk, len), m->err);
	if (rc < 0)
		return rc;
	if (!m->record.chunked || blocks[count - 1].last > m->record.last)
		m->record.last = blocks[count - 1].last;
	m->record.chunked = true;
	if (!bytes) { /* what was there before goes */
		rc = m->kept ? delete_from(m->places, key, m->err) : 0;
		return rc == ERR_NOT_FOUND ? 0 : rc;
	}
	buf_reset(&m->place_record);
	room = buf_room(&m->place_record, positions_header_bytes(count) + bytes);
	if (!room)
		return error_set(m->err, ERR_MEMORY, "positions");
	len = positions_header((unsigned char *)room, lengths, count);
	memcpy(room + len, m->positions.ptr + m->made[from].positions, bytes);
	return cursor_put(m->places, key, slice_of(room, len + bytes), m->err);
}

/* A chunk and its positions. */
static int delete_chunk(struct merge *m, uint32_t last)
{
	struct slice key = chunk_key(m, last);
	int rc = m->kept ? delete_from(m->places, key, m->err) : 0;

	if (rc >= 0 || rc == ERR_NOT_FOUND)
		rc = delete_from(m->postings, key, m->err);
	return rc == ERR_NOT_FOUND ? corrupt(m, "a chunk is gone") : rc;
}

/* Of a chunk under a key: the positions of its block i. */
static int chunk_positions(struct merge *m, struct slice record, const struct chunk *chunk,
	unsigned i, struct slice *out)
{
	*out = SLICE_LIT("");
	if (!record.len)
		return 0;
	return positions_block(record, chunk->count, i, out) < 0 ? corrupt(m, "damaged positions")
								 : 0;
}

static int find_positions(struct merge *m, uint32_t last, struct slice *out)
{
	struct slice key = chunk_key(m, last), found;
	int rc = m->kept ? cursor_seek(m->places, key, &found, out, m->err) : ERR_NOT_FOUND;

	if (rc == ERR_NOT_FOUND || (rc == 0 && !slice_eq(found, key)))
		*out = SLICE_LIT("");
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

static unsigned made_fields(const struct merge *m)
{
	unsigned fields = 0;
	size_t i;

	for (i = 0; i < m->made_count; i++)
		fields |= m->made[i].block.bounds.fields;
	return fields;
}

static int64_t made_postings(const struct merge *m)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < m->made_count; i++)
		n += m->made[i].block.n;
	return n;
}

/* All that was made, as chunks: full ones at the list's end, else of about equal size. */
static int write_chunks(struct merge *m, bool tail)
{
	int fields = __builtin_popcount(made_fields(m)), rc = 0;
	size_t total = 0, i, from = 0, bytes = CHUNK_HEADER, chunks, most, size;

	for (i = 0; i < m->made_count; i++)
		total += block_made_bytes(&m->made[i].block, fields);
	chunks = total / (CHUNK_BYTES - CHUNK_HEADER) + 1;
	most = tail || chunks == 1 ? CHUNK_BYTES : CHUNK_HEADER + total / chunks + total / 16;
	for (i = 0; i < m->made_count && rc >= 0; i++) {
		size = block_made_bytes(&m->made[i].block, fields);
		if (i > from && (bytes + size > most || bytes + size > CHUNK_BYTES ||
					i - from == CHUNK_BLOCKS_MAX)) {
			rc = write_chunk(m, from, i - from);
			from = i;
			bytes = CHUNK_HEADER;
		}
		bytes += size;
		bounds_widen(&m->record.bounds, &m->made[i].block.bounds);
	}
	if (rc >= 0 && i > from)
		rc = write_chunk(m, from, i - from);
	return rc;
}

/* What was made goes into the dictionary if it is one short block. */
static bool put_inside(struct merge *m)
{
	size_t len;

	m->record.inside.len = 0;
	if (m->made_count != 1 || m->made[0].position_bytes > INSIDE_BYTES)
		return false;
	len = chunk_make(m->chunk, &m->made[0].block, 1, m->bodies.ptr);
	if (len > INSIDE_BYTES)
		return false;
	m->record.inside = slice_of(m->chunk, len);
	m->record.positions = slice_of(m->positions.ptr, m->made[0].position_bytes);
	m->inside = m->made[0].block.n;
	return true;
}

static void made_clear(struct merge *m)
{
	m->made_count = 0;
	buf_reset(&m->bodies);
	buf_reset(&m->positions);
}

/* A list without chunks: b and its positions, or NULL.  Past INSIDE_BYTES it gets chunks. */
static int merge_short(struct merge *m, const struct block *b, struct slice positions, size_t count)
{
	int rc;

	made_clear(m);
	memset(&m->record.bounds, 0, sizeof(m->record.bounds));
	if (m->adds && (!b || m->edits[0].doc > b->last)) {
		rc = append(m, b, positions, m->edits, count);
	} else {
		m->merged.count = m->old.count = 0;
		rc = b ? read_block(m, b, positions) : 0;
		if (rc < 0)
			return rc;
		merge_lists(m, m->edits, count);
		rc = make_blocks(m, true);
	}
	if (rc >= 0 && (m->bodies.failed || m->positions.failed))
		rc = error_set(m->err, ERR_MEMORY, "blocks of postings");
	m->record.chunked = false;
	if (rc < 0 || put_inside(m))
		return rc;
	return write_chunks(m, true);
}

/* ---- a term that has chunks ---- */

static bool in_list(const struct merge *m, struct slice key)
{
	return key.len == m->prefix.len + 4 && slice_starts(key, key_slice(&m->prefix));
}

/* The chunk that may hold doc, or the list's last (*is_last: doc is behind it). 1, 0 if
 * there is none, or an error. */
static int find_chunk(struct merge *m, uint32_t doc, struct chunk *chunk, bool *is_last)
{
	struct slice found, value;
	int rc;

	*is_last = false;
	rc = cursor_seek(m->postings, chunk_key(m, doc), &found, &value, m->err);
	if (rc < 0 && rc != ERR_NOT_FOUND)
		return rc;
	if (rc == ERR_NOT_FOUND || !in_list(m, found)) {
		*is_last = true;
		rc = rc == ERR_NOT_FOUND ? cursor_last(m->postings, &found, &value, m->err)
					 : cursor_prev(m->postings, &found, &value, m->err);
		if (rc == ERR_NOT_FOUND || (rc == 0 && !in_list(m, found)))
			return 0;
		if (rc < 0)
			return rc;
	}
	if (chunk_read(value, chunk) < 0 ||
		chunk_last(chunk) != key_read_u32(found.ptr + m->prefix.len))
		return corrupt(m, "a damaged chunk");
	return 1;
}

static unsigned chunk_postings(const struct chunk *chunk)
{
	struct block b;
	unsigned i, n = 0;

	for (i = 0; i < chunk->count; i++) {
		chunk_block(chunk, i, &b);
		n += b.n;
	}
	return n;
}

/* The chunk's blocks made, with edits[0..count) in them.  Blocks grown thin are joined. */
static int remake(struct merge *m, const struct chunk *chunk, struct slice record,
	const struct edit *edits, size_t count, bool tail)
{
	bool all = chunk->count > 1 &&
		   chunk_postings(chunk) < chunk->count * (BLOCK_POSTINGS / 2), grows;
	size_t take, rest = count;
	struct slice positions;
	struct block b;
	unsigned i;
	int rc;

	made_clear(m);
	m->merged.count = m->old.count = 0;
	for (i = 0; i < chunk->count; i++) {
		chunk_block(chunk, i, &b);
		rc = chunk_positions(m, record, chunk, i, &positions);
		if (rc < 0)
			return rc;
		for (take = 0; take < rest; take++)
			if (edits[take].doc > b.last && (i + 1 < chunk->count || !tail))
				break;
		if (!all && !take && follows(m, &b)) {
			make_copy(m, &b, positions);
			continue;
		}
		grows = take && edits[0].doc > b.last; /* so it is the list's last */
		if (!all && grows && m->adds) {
			bool full = b.n == BLOCK_POSTINGS && follows(m, &b);

			if (full) /* leave it, begin a new one */
				make_copy(m, &b, positions);
			rc = append(m, full ? NULL : &b, positions, edits, take);
			if (rc < 0)
				return rc;
			break;
		}
		if (!all && grows && b.n == BLOCK_POSTINGS && follows(m, &b)) {
			make_copy(m, &b, positions);
		} else {
			rc = read_block(m, &b, positions);
			if (rc < 0)
				return rc;
		}
		merge_lists(m, edits, take);
		edits += take;
		rest -= take;
		if (all && i + 1 < chunk->count)
			continue;
		rc = make_blocks(m, tail && i + 1 == chunk->count);
		if (rc < 0)
			return rc;
	}
	if (m->bodies.failed || m->positions.failed)
		return error_set(m->err, ERR_MEMORY, "blocks of postings");
	return 0;
}

/* If what was made of the chunk up to `last` is little, the next chunk joins it. */
static int join_next(struct merge *m, uint32_t last)
{
	int fields = __builtin_popcount(made_fields(m)), rc;
	struct slice found, value, record, positions;
	struct chunk chunk;
	struct block b;
	size_t total = 0, i;

	for (i = 0; i < m->made_count; i++)
		total += block_made_bytes(&m->made[i].block, fields);
	if (!m->made_count || total > CHUNK_BYTES / 4)
		return 0;
	rc = cursor_seek(m->postings, chunk_key(m, last + 1), &found, &value, m->err);
	if (rc == ERR_NOT_FOUND || (rc == 0 && (!in_list(m, found) ||
						total + value.len > CHUNK_BYTES * 3 / 4)))
		return 0;
	if (rc < 0)
		return rc;
	if (chunk_read(value, &chunk) < 0)
		return corrupt(m, "a damaged chunk");
	last = chunk_last(&chunk);
	rc = find_positions(m, last, &record);
	if (rc < 0)
		return rc;
	for (i = 0; i < chunk.count; i++) {
		chunk_block(&chunk, i, &b);
		rc = chunk_positions(m, record, &chunk, i, &positions);
		if (rc < 0)
			return rc;
		if (follows(m, &b)) {
			make_copy(m, &b, positions);
			continue;
		}
		rc = read_block(m, &b, positions);
		if (rc < 0)
			return rc;
		merge_lists(m, NULL, 0);
		rc = make_blocks(m, false);
		if (rc < 0)
			return rc;
	}
	return delete_chunk(m, last);
}

/* Apply edits to the chunks.  If they are all of the list (`whole`), it may become short
 * enough for the dictionary. */
static int merge_chunks(struct merge *m, const struct edit *edits, size_t count, bool whole)
{
	size_t at = 0, take, i;
	struct chunk chunk;
	struct slice record;
	uint32_t last;
	bool is_last;
	int rc;

	while (at < count) {
		rc = find_chunk(m, edits[at].doc, &chunk, &is_last);
		if (rc < 0)
			return rc;
		if (!rc)
			return corrupt(m, "the list is gone");
		last = chunk_last(&chunk);
		rc = find_positions(m, last, &record);
		if (rc < 0)
			return rc;
		for (take = 1; at + take < count; take++)
			if (!is_last && edits[at + take].doc > last)
				break;
		rc = remake(m, &chunk, record, edits + at, take, is_last);
		if (rc >= 0 && !is_last)
			rc = join_next(m, last);
		if (rc < 0)
			return rc;
		at += take;
		if (at == count && made_postings(m) == m->df) { /* that is the whole list */
			memset(&m->record.bounds, 0, sizeof(m->record.bounds));
			if (whole && put_inside(m)) {
				m->record.chunked = false;
				return delete_chunk(m, last);
			}
		}
		for (i = 0; i < m->made_count && m->made[i].block.last != last; i++)
			;
		if (i == m->made_count || i + 1 < m->made_count) {
			rc = delete_chunk(m, last);
			if (rc < 0)
				return rc;
		}
		rc = write_chunks(m, is_last);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* ---- a list with chunks and a tail ---- */

static int tail_take(struct merge *m)
{
	struct slice inside = m->record.inside, positions = m->record.positions;
	struct tail *tail = &m->tail;
	struct chunk chunk;

	tail->n = 0;
	m->record.inside.len = 0;
	if (!inside.len)
		return 0;
	if (inside.len > INSIDE_BYTES || positions.len > INSIDE_BYTES)
		return corrupt(m, "a long dictionary record");
	tail->bytes = slice_of(memcpy(tail->chunk, inside.ptr, inside.len), inside.len);
	tail->positions = slice_of(tail->places, positions.len);
	if (positions.len)
		memcpy(tail->places, positions.ptr, positions.len);
	chunk_read(tail->bytes, &chunk); /* as term_decode did */
	chunk_block(&chunk, 0, &tail->block);
	tail->n = tail->block.n;
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
	rc = append(m, block, block ? m->tail.positions : SLICE_LIT(""), edits, count);
	if (rc < 0)
		return rc;
	*fits = put_inside(m);
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
		rc = read_block(m, block, m->tail.positions);
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
	rc = append(m, NULL, SLICE_LIT(""), m->tail_edits, count);
	return rc < 0 ? rc : write_chunks(m, true);
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
		m->inside = m->tail.n;
	}
	if (m->record.inside.len && m->inside == m->df)
		m->record.chunked = false;
	return rc;
}

static void term_begin(struct merge *m)
{
	const struct term_edits *term = m->term;
	const struct schema *schema = m->batch->catalogue->schemas[term->collection];

	m->texts = term->group == GROUP_TEXT ? schema->text_count : 0;
	m->kept = term->group == GROUP_TEXT ? schema->positions : 0;
	m->prefix.len = 0;
	key_u16(&m->prefix, m->batch->catalogue->numbers[term->collection]);
	key_u8(&m->prefix, term->group);
	key_raw(&m->prefix, term->term);
	key_u8(&m->prefix, 0);
	m->df = 0;
	m->record.inside.len = 0;
}

static int merge_term(struct merge *m, size_t count)
{
	unsigned char bytes[TERM_RECORD_MAX];
	struct slice key, found, value;
	struct chunk chunk;
	struct block block;
	bool known;
	int rc;

	term_begin(m);
	key = slice_of(m->prefix.bytes, m->prefix.len - 1);
	rc = cursor_seek(m->dictionary, key, &found, &value, m->err);
	if (rc < 0 && rc != ERR_NOT_FOUND)
		return rc;
	known = rc == 0 && slice_eq(found, key);
	if (known && term_decode(value, &m->record) < 0)
		return corrupt(m, "a damaged dictionary record");
	m->df = known ? m->record.df : 0;
	if (known && m->record.chunked) {
		rc = merge_long(m, count);
	} else {
		if (known) {
			chunk_read(m->record.inside, &chunk); /* as term_decode did */
			chunk_block(&chunk, 0, &block);
		}
		rc = merge_short(m, known ? &block : NULL, m->record.positions, count);
	}
	if (rc < 0)
		return rc;
	if (m->df < 0 || m->df >= DOC_NONE)
		return corrupt(m, "document frequency does not add up");
	m->record.df = m->df;
	if (m->df == 0) {
		rc = delete_from(m->dictionary, key, m->err);
		return rc == ERR_NOT_FOUND ? 0 : rc;
	}
	return cursor_put(m->dictionary, key,
		slice_of(bytes, term_encode(bytes, &m->record)), m->err);
}

int batch_merge(struct batch *b, const struct inverted *inverted, struct error *err)
{
	struct merge *m = xcalloc(1, sizeof(*m));
	size_t i;
	int rc;

	m->batch = b;
	m->err = err;
	rc = cursor_open(&m->dictionary, b->txn, TABLE_TERMS, err);
	if (rc >= 0)
		rc = cursor_open(&m->postings, b->txn, TABLE_POSTINGS, err);
	if (rc >= 0)
		rc = cursor_open(&m->places, b->txn, TABLE_POSITIONS, err);
	for (i = 0; i < inverted->count && rc >= 0; i++) {
		if (i + AHEAD < inverted->count)
			__builtin_prefetch(inverted->terms[i + AHEAD].term.ptr);
		m->term = &inverted->terms[i];
		rc = merge_term(m, edits_collect(m, m->term));
	}
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
	return rc;
}
