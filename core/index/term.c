/* term.c -- a term's record in the dictionary:
 *
 *   varint 2 df + 1 where the list has chunks
 *   if it has: u32 last document of the chunks, the list's bounds; if a block stands behind
 *       them, its postings - 1
 *   a lone block (lone.h), its positions
 *
 * Little endian; no version of its own, the catalogue's covers it. */
#include <string.h>

#include "index/lone.h"
#include "index/tables.h"

size_t term_encode(unsigned char out[TERM_RECORD_MAX], const struct term_record *t)
{
	uint64_t head = (uint64_t)t->df << 1 | t->chunked;
	size_t len = 0;

	for (; head >= 128; head >>= 7)
		out[len++] = head | 128;
	out[len++] = head;
	if (t->chunked) {
		memcpy(out + len, &t->last, 4);
		len += 4;
		len += bounds_put(out + len, &t->bounds, 0);
		if (!t->n)
			return len;
		out[len++] = t->n - 1;
	}
	memcpy(out + len, t->inside.ptr, t->inside.len);
	len += t->inside.len;
	if (t->positions.len)
		memcpy(out + len, t->positions.ptr, t->positions.len);
	return len + t->positions.len;
}

/* Past df; NULL: damaged. */
static const unsigned char *read_head(struct slice value, uint32_t *df, bool *chunked)
{
	const unsigned char *at = (const unsigned char *)value.ptr, *end = at + value.len;
	uint64_t head = 0;
	int shift = 0;

	do {
		if (at == end || shift > 28)
			return NULL;
		head |= (uint64_t)(*at & 127) << shift;
		shift += 7;
	} while (*at++ & 128);
	*df = head >> 1;
	*chunked = head & 1;
	return *df && head >> 1 <= UINT32_MAX ? at : NULL;
}

uint32_t term_df(struct slice value)
{
	uint32_t df;
	bool chunked;

	return read_head(value, &df, &chunked) ? df : 0;
}

int term_decode(struct slice value, struct term_record *out)
{
	const unsigned char *end = (const unsigned char *)value.ptr + value.len, *at;
	unsigned rest;

	at = read_head(value, &out->df, &out->chunked);
	if (!at || (!out->chunked && out->df > BLOCK_POSTINGS))
		return ERR_CORRUPT;
	out->n = out->df;
	if (out->chunked) {
		if (end - at < 4)
			return ERR_CORRUPT;
		memcpy(&out->last, at, 4);
		at = bounds_get(at + 4, end, &out->bounds, &rest);
		if (!at)
			return ERR_CORRUPT;
		out->n = at < end ? *at++ + 1 : 0;
	}
	out->inside = out->positions = slice_of((const char *)at, 0);
	if (!out->n)
		return 0;
	if (lone_read(slice_of((const char *)at, end - at), out->n, &out->chunk, &out->positions) <
		0)
		return ERR_CORRUPT;
	out->inside = slice_of((const char *)at, out->positions.ptr - (const char *)at);
	if (out->chunked)
		return out->n < out->df && out->chunk.before != UINT32_MAX &&
				       out->chunk.before >= out->last
			       ? 0
			       : ERR_CORRUPT;
	block_bounds(&out->chunk.lone, &out->bounds);
	return 0;
}

struct slice term_cut(struct slice term)
{
	size_t n = TERM_BYTES_MAX;

	if (term.len <= n)
		return term;
	while (n > TERM_BYTES_MAX - 4 && ((unsigned char)term.ptr[n] & 0xc0) == 0x80)
		n--;
	return slice_of(term.ptr, n);
}
