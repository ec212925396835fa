/* merge_chunks.c -- the chunks of a list: found, made anew and written.
 *
 * The chunk that may hold the first edit is found by seeking (term, document); of its
 * blocks those that an edit concerns are made anew, the others copied; all edits up to
 * the chunk's last document (all that are left, if it is the list's last) go into it.
 * Then it is written back as one chunk or, past CHUNK_BYTES, as several. */
#include "index/merge.h"
#include "index/positions.h"

/* Of the chunk that ends with a document; good until the next call. */
static struct slice chunk_key(struct merge *m, uint32_t last)
{
	struct slice key;

	key_u32(&m->prefix, last);
	key = key_slice(&m->prefix);
	m->prefix.len -= 4;
	return key;
}

int merge_delete(struct cursor *cursor, struct slice key, struct error *err)
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
	rc = merge_put(m, m->postings, key, slice_of(m->chunk, len));
	if (rc < 0)
		return rc;
	if (!m->record.chunked || blocks[count - 1].last > m->record.last)
		m->record.last = blocks[count - 1].last;
	m->record.chunked = true;
	if (!bytes) { /* what was there before goes */
		rc = m->kept ? merge_delete(m->places, key, m->err) : 0;
		return rc == ERR_NOT_FOUND ? 0 : rc;
	}
	buf_reset(&m->place_record);
	room = buf_room(&m->place_record, positions_header_bytes(count) + bytes);
	if (!room)
		return error_set(m->err, ERR_MEMORY, "positions");
	len = positions_header((unsigned char *)room, lengths, count);
	memcpy(room + len, m->positions.ptr + m->made[from].positions, bytes);
	return merge_put(m, m->places, key, slice_of(room, len + bytes));
}

/* A chunk and its positions. */
static int delete_chunk(struct merge *m, uint32_t last)
{
	struct slice key = chunk_key(m, last);
	int rc = m->kept ? merge_delete(m->places, key, m->err) : 0;

	if (rc >= 0 || rc == ERR_NOT_FOUND)
		rc = merge_delete(m->postings, key, m->err);
	return rc == ERR_NOT_FOUND ? merge_corrupt(m, "a chunk is gone") : rc;
}

/* Of a chunk under a key: the positions of its block i. */
static int chunk_positions(struct merge *m, struct slice record, const struct chunk *chunk,
	unsigned i, struct slice *out)
{
	*out = SLICE_LIT("");
	if (!record.len)
		return 0;
	return positions_block(record, chunk->count, i, out) < 0
		       ? merge_corrupt(m, "damaged positions")
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

int merge_write(struct merge *m, bool tail)
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
		return merge_corrupt(m, "a damaged chunk");
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
	bool all = chunk->count > 1 && chunk_postings(chunk) < chunk->count * (BLOCK_POSTINGS / 2),
	     grows;
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
		if (!all && !take && made_follows(m, &b)) {
			made_copy(m, &b, positions);
			continue;
		}
		grows = take && edits[0].doc > b.last; /* so it is the list's last */
		if (!all && grows && m->adds) {
			bool full = b.n == BLOCK_POSTINGS && made_follows(m, &b);

			if (full) /* leave it, begin a new one */
				made_copy(m, &b, positions);
			rc = made_append(m, full ? NULL : &b, positions, edits, take);
			if (rc < 0)
				return rc;
			break;
		}
		if (!all && grows && b.n == BLOCK_POSTINGS && made_follows(m, &b)) {
			made_copy(m, &b, positions);
		} else {
			rc = merge_read(m, &b, positions);
			if (rc < 0)
				return rc;
		}
		merge_lists(m, edits, take);
		edits += take;
		rest -= take;
		if (all && i + 1 < chunk->count)
			continue;
		rc = made_blocks(m, tail && i + 1 == chunk->count);
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
	if (rc == ERR_NOT_FOUND ||
		(rc == 0 && (!in_list(m, found) || total + value.len > CHUNK_BYTES * 3 / 4)))
		return 0;
	if (rc < 0)
		return rc;
	if (chunk_read(value, &chunk) < 0)
		return merge_corrupt(m, "a damaged chunk");
	last = chunk_last(&chunk);
	rc = find_positions(m, last, &record);
	if (rc < 0)
		return rc;
	for (i = 0; i < chunk.count; i++) {
		chunk_block(&chunk, i, &b);
		rc = chunk_positions(m, record, &chunk, i, &positions);
		if (rc < 0)
			return rc;
		if (made_follows(m, &b)) {
			made_copy(m, &b, positions);
			continue;
		}
		rc = merge_read(m, &b, positions);
		if (rc < 0)
			return rc;
		merge_lists(m, NULL, 0);
		rc = made_blocks(m, false);
		if (rc < 0)
			return rc;
	}
	return delete_chunk(m, last);
}

int merge_chunks(struct merge *m, const struct edit *edits, size_t count, bool whole)
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
			return merge_corrupt(m, "the list is gone");
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
			if (whole && merge_inside(m)) {
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
		rc = merge_write(m, is_last);
		if (rc < 0)
			return rc;
	}
	return 0;
}
