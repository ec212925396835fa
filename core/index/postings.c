/* postings.c -- walking a list: a chunk under the cursor, a block of it at hand; behind
 * all chunks, or without any, the tail that is in the dictionary.
 *
 * What stands before `block` in the list is behind us.  Documents are decoded when a
 * block is entered, term frequencies when one is asked for. */
#include "index/postings.h"

#include "index/positions.h"
#include "index/view.h"

static struct postings *postings_new(struct view *view, struct arena *arena)
{
	struct postings *p = arena_alloc(arena, sizeof(*p));

	p->view = view;
	p->cursor = NULL;
	p->df = 0;
	p->doc = 0;
	p->at = 0;
	p->chunked = p->at_tail = p->standing = p->decoded = false;
	p->chunk.count = p->tail.count = 0;
	p->tfs = p->error = 0;
	p->inside = SLICE_LIT("");
	p->placed = p->chunk_placed = NULL;
	return p;
}

struct postings *postings_open(struct view *view, struct arena *arena, int group, struct slice term)
{
	struct postings *p = postings_new(view, arena);
	struct key key = key_term(view->number, group, term);
	struct term_record record;
	struct slice value;

	memcpy(p->prefix, key.bytes, key.len);
	p->prefix[key.len] = 0;
	p->prefix_len = key.len + 1;
	if (store_get(view->txn, TABLE_TERMS, key_slice(&key), &value, NULL) < 0) {
		p->doc = DOC_NONE;
		return p;
	}
	if (term_decode(value, &record) < 0) {
		p->doc = DOC_NONE;
		p->error = ERR_CORRUPT;
		return p;
	}
	p->df = record.df;
	p->bounds = record.bounds;
	p->chunked = record.chunked;
	p->last = record.last;
	p->inside = record.positions;
	if (record.n)
		p->tail = record.chunk;
	return p;
}

struct postings *postings_again(const struct postings *of, struct arena *arena)
{
	struct postings *p = postings_new(of->view, arena);

	memcpy(p->prefix, of->prefix, of->prefix_len);
	p->prefix_len = of->prefix_len;
	p->df = of->df;
	p->bounds = of->bounds;
	p->chunked = of->chunked;
	p->last = of->last;
	p->inside = of->inside;
	p->tail = of->tail;
	if (!p->df)
		p->doc = DOC_NONE;
	return p;
}

void postings_close(struct postings *p)
{
	if (!p)
		return;
	cursor_close(p->cursor);
	p->cursor = NULL;
	p->doc = DOC_NONE;
}

void postings_restart(struct postings *p)
{
	if (p->error || !p->df)
		return;
	cursor_close(p->cursor);
	p->cursor = NULL;
	p->doc = 0;
	p->at = 0;
	p->at_tail = p->standing = p->decoded = false;
	p->chunk.count = 0;
}

int postings_error(const struct postings *p)
{
	return p->error;
}

static bool fail(struct postings *p, int error)
{
	if (error != ERR_NOT_FOUND)
		p->error = error;
	p->standing = p->decoded = false;
	p->doc = DOC_NONE;
	return false;
}

static bool tail_take(struct postings *p, uint32_t at_least)
{
	if (!p->tail.count || p->at_tail || chunk_last(&p->tail) < at_least)
		return fail(p, ERR_NOT_FOUND);
	p->chunk = p->tail;
	p->at_tail = true;
	return true;
}

/* A chunk the cursor found; the tail if that is of another list. */
static bool chunk_take(struct postings *p, uint32_t at_least, int rc, struct slice key,
	struct slice value)
{
	if (rc == ERR_NOT_FOUND || (rc == 0 && (key.len != p->prefix_len + 4 ||
						       memcmp(key.ptr, p->prefix, p->prefix_len))))
		return tail_take(p, at_least);
	if (rc < 0)
		return fail(p, rc);
	if (chunk_read(value, &p->chunk) < 0 ||
		chunk_last(&p->chunk) != key_read_u32(key.ptr + p->prefix_len) ||
		chunk_last(&p->chunk) >= p->view->stats.doc_limit)
		return fail(p, ERR_CORRUPT);
	return true;
}

/* Make the chunk that which may hold at_least, if there is a cursor the next one where
 * that is it. */
static bool chunk_seek(struct postings *p, uint32_t at_least)
{
	struct slice key, value;
	struct key want;
	int rc;

	if (!p->chunked || at_least > p->last || p->at_tail)
		return tail_take(p, at_least);
	if (p->cursor) {
		rc = cursor_next(p->cursor, &key, &value, NULL);
		if (!chunk_take(p, at_least, rc, key, value))
			return false;
		if (chunk_last(&p->chunk) >= at_least)
			return true;
	} else {
		rc = cursor_open(&p->cursor, p->view->txn, TABLE_POSTINGS, NULL);
		if (rc < 0)
			return fail(p, rc);
	}
	want.len = 0;
	key_raw(&want, slice_of(p->prefix, p->prefix_len));
	key_u32(&want, at_least);
	rc = cursor_seek(p->cursor, key_slice(&want), &key, &value, NULL);
	return chunk_take(p, at_least, rc, key, value);
}

static bool take_block(struct postings *p)
{
	chunk_block(&p->chunk, p->index, &p->block);
	p->standing = true;
	p->decoded = false;
	p->tfs = 0;
	return p->block.last < p->view->stats.doc_limit || fail(p, ERR_CORRUPT);
}

bool postings_block(struct postings *p, uint32_t at_least)
{
	unsigned from = p->standing ? p->index : 0;

	if (p->standing && p->block.last >= at_least)
		return true;
	if (p->doc == DOC_NONE)
		return false;
	if (p->chunk.count && chunk_last(&p->chunk) >= at_least) {
		p->index = chunk_find(&p->chunk, from, at_least);
		return take_block(p);
	}
	if (!chunk_seek(p, at_least))
		return false;
	p->index = chunk_find(&p->chunk, 0, at_least);
	return p->index < p->chunk.count ? take_block(p) : fail(p, ERR_CORRUPT);
}

bool postings_next_block(struct postings *p)
{
	if (!p->standing)
		return postings_block(p, 0);
	if (p->index + 1 < p->chunk.count) {
		p->index++;
		return take_block(p);
	}
	return p->block.last + 1 < DOC_NONE && postings_block(p, p->block.last + 1);
}

int postings_load_tfs(struct postings *p)
{
	p->tfs = block_tfs(&p->block, p->tf);
	if (p->tfs < 0) {
		fail(p, ERR_CORRUPT);
		return p->tfs = 0;
	}
	return p->tfs;
}

/* Enter the block that may hold at_least. */
static bool enter(struct postings *p, uint32_t at_least)
{
	if (!postings_block(p, at_least)) {
		p->doc = DOC_NONE;
		return false;
	}
	if (block_docs(&p->block, p->docs) < 0)
		return fail(p, ERR_CORRUPT);
	p->decoded = true;
	p->at = 0;
	return true;
}

uint32_t postings_seek(struct postings *p, uint32_t at_least)
{
	unsigned low, high, middle;

	if (p->doc == DOC_NONE || (p->decoded && p->doc >= at_least))
		return p->doc;
	if ((!p->decoded || at_least > p->block.last) && !enter(p, at_least))
		return DOC_NONE;
	low = p->at;
	high = p->block.n - 1;
	if (p->docs[low] < at_least && low < high && p->docs[low + 1] >= at_least)
		low = high = low + 1;
	while (low < high) {
		middle = (low + high) / 2;
		if (p->docs[middle] < at_least)
			low = middle + 1;
		else
			high = middle;
	}
	p->at = low;
	return p->doc = p->docs[low];
}

uint32_t postings_next(struct postings *p)
{
	if (p->doc == DOC_NONE)
		return DOC_NONE;
	if (!p->decoded)
		return postings_seek(p, 0);
	if (p->at + 1u < p->block.n)
		return p->doc = p->docs[++p->at];
	return postings_seek(p, p->doc + 1);
}

/* ---- positions ---- */

/* The record of the chunk at hand; NULL where none are kept. */
static struct slice chunk_places(struct postings *p)
{
	struct key key;

	if (p->chunk_placed == p->chunk.entries)
		return p->chunk_places;
	key.len = 0;
	key_raw(&key, slice_of(p->prefix, p->prefix_len));
	key_u32(&key, chunk_last(&p->chunk));
	if (store_get(p->view->txn, TABLE_POSITIONS, key_slice(&key), &p->chunk_places, NULL) < 0)
		p->chunk_places = (struct slice){ 0 };
	p->chunk_placed = p->chunk.entries;
	return p->chunk_places;
}

/* The bytes of the block at hand. */
static bool find_places(struct postings *p)
{
	struct slice record;

	p->placed = p->block.entry;
	p->places = p->inside;
	p->place = 0;
	if (p->at_tail)
		return true;
	record = chunk_places(p);
	p->places = SLICE_LIT("");
	return !record.ptr || positions_block(record, p->chunk.count, p->index, &p->places) == 0 ||
	       fail(p, ERR_CORRUPT);
}

/* How many positions the block's posting i has in fields below `field`. */
static size_t places_below(const struct postings *p, unsigned i, int field)
{
	unsigned mask = view_schema(p->view)->positions & p->tfs & ((1u << field) - 1);
	size_t n = 0;

	for (; mask; mask &= mask - 1)
		n += p->tf[__builtin_ctz(mask)][i];
	return n;
}

size_t postings_positions(struct postings *p, int field, uint32_t *out)
{
	const unsigned char *at, *end;
	size_t n = 0;

	if (!(view_schema(p->view)->positions & postings_fields(p) & 1u << field) ||
		!p->tf[field][p->at])
		return 0;
	if (p->placed != p->block.entry || p->place > p->at)
		if (!find_places(p))
			return 0;
	if (!p->places.len)
		return 0;
	for (; p->place < p->at; p->place++)
		n += places_below(p, p->place, TEXT_FIELDS_MAX);
	at = (const unsigned char *)p->places.ptr;
	end = at + p->places.len;
	at = positions_skip(at, end, n);
	if (at) {
		p->places = slice_of(at, end - at);
		at = positions_skip(at, end, places_below(p, p->at, field));
	}
	if (at)
		at = positions_read(at, end, p->tf[field][p->at], out);
	if (!at) {
		fail(p, ERR_CORRUPT);
		return 0;
	}
	return p->tf[field][p->at];
}
