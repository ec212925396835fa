/* lone.c -- see lone.h. */
#include "index/lone.h"

#include <assert.h>
#include <string.h>

#include "index/pack.h"

enum { HAS_MASK = 1, HAS_QUALITY = 2, REST_SHIFT = 2 };

size_t bounds_put(unsigned char out[BOUNDS_BYTES], const struct block_bounds *b, unsigned rest)
{
	unsigned quality = quality_encode(b->max_quality), mask, f;
	unsigned char *at = out;

	assert(rest <= UINT8_MAX >> REST_SHIFT);
	*at++ = rest << REST_SHIFT | (b->fields != 1 ? HAS_MASK : 0) | (quality ? HAS_QUALITY : 0);
	if (b->fields != 1)
		*at++ = b->fields;
	for (mask = b->fields; mask; mask &= mask - 1) {
		f = __builtin_ctz(mask);
		*at++ = b->max_tf[f];
		memcpy(at, b->min_length[f], TF_LEVELS);
		at += bounds_levels(b, f);
	}
	if (quality) {
		*at++ = quality;
		*at++ = quality >> 8;
	}
	return at - out;
}

const unsigned char *bounds_get(const unsigned char *at, const unsigned char *end,
	struct block_bounds *b, unsigned *rest)
{
	unsigned mask, f, levels, flags;

	if (end - at < 2)
		return NULL;
	flags = *at++;
	*rest = flags >> REST_SHIFT;
	b->fields = flags & HAS_MASK ? *at++ : 1;
	b->max_quality = 0;
	if (!b->fields)
		return NULL;
	for (mask = b->fields; mask; mask &= mask - 1) {
		f = __builtin_ctz(mask);
		if (at == end || !*at)
			return NULL;
		b->max_tf[f] = *at++;
		levels = bounds_levels(b, f);
		if ((size_t)(end - at) < levels)
			return NULL;
		memset(b->min_length[f], UINT8_MAX, TF_LEVELS);
		memcpy(b->min_length[f], at, levels);
		at += levels;
	}
	if (!(flags & HAS_QUALITY))
		return at;
	if (end - at < 2)
		return NULL;
	b->max_quality = quality_decode(at[0] | at[1] << 8);
	return at + 2;
}

static unsigned char *put_varint(unsigned char *at, uint32_t value)
{
	for (; value >= 128; value >>= 7)
		*at++ = value | 128;
	*at++ = value;
	return at;
}

static const unsigned char *get_varint(const unsigned char *at, const unsigned char *end,
	uint32_t *value)
{
	uint64_t v = 0;
	int shift = 0;

	do {
		if (at == end || shift > 28)
			return NULL;
		v |= (uint64_t)(*at & 127) << shift;
		shift += 7;
	} while (*at++ & 128);
	*value = v;
	return v <= UINT32_MAX ? at : NULL;
}

/* ---- reading ---- */

/* Past the tfs of the block's fields. */
static const unsigned char *skip_tfs(const struct block *b, const struct block_bounds *bounds,
	const unsigned char *at, const unsigned char *end)
{
	unsigned left = b->fields;
	size_t bytes;

	if (!(left & (left - 1)) && bounds->max_tf[__builtin_ctz(left)] == 1)
		return at;
	for (; left; left &= left - 1) {
		if (at == end)
			return NULL;
		bytes = 1 + pack_small_bytes(b->n, *at & 15);
		if ((size_t)(end - at) < bytes)
			return NULL;
		at += bytes;
	}
	return at;
}

int lone_read(struct slice bytes, unsigned n, struct chunk *c, struct slice *after)
{
	const unsigned char *at = (const unsigned char *)bytes.ptr, *end = at + bytes.len;
	struct block *b = &c->lone;
	struct block_bounds bounds;
	uint32_t first, span = 0;
	size_t packed;
	unsigned bits;

	b->entry = at;
	at = bounds_get(at, end, &bounds, &bits);
	if (at)
		at = get_varint(at, end, &first);
	if (at && n > 1)
		at = get_varint(at, end, &span);
	if (!at || !n || n > BLOCK_POSTINGS || bits > 32)
		return ERR_CORRUPT;
	span += n > 1;
	packed = lone_docs_bytes(n, bits);
	if (span + 1 < n || first >= UINT32_MAX - span || (size_t)(end - at) < packed)
		return ERR_CORRUPT;
	b->body = at;
	b->before = first - 1;
	b->last = first + span;
	b->n = n;
	b->bits = bits;
	b->fields = bounds.fields;
	b->lone = true;
	at = skip_tfs(b, &bounds, at + packed, end);
	if (!at || at - b->body > UINT16_MAX)
		return ERR_CORRUPT;
	b->body_bytes = at - b->body;
	c->entries = c->bodies = b->entry;
	c->count = 1;
	c->entry_bytes = 0;
	c->fields = b->fields;
	c->before = b->before;
	*after = slice_of((const char *)at, end - at);
	return 0;
}

/* ---- writing ---- */

size_t lone_make(unsigned char out[LONE_BYTES], const struct block_made *made, const char *bytes)
{
	const unsigned char *body = (const unsigned char *)bytes + made->body;
	size_t packed = pack_docs_bytes(made->n, made->bits);
	const struct block_bounds *bounds = &made->bounds;
	uint32_t docs[BLOCK_POSTINGS], first;
	unsigned n = made->n, bits = 0;
	unsigned char *at;

	unpack_docs(body, n, made->bits, made->before, docs);
	first = docs[0];
	if (n > 2)
		bits = pack_docs_bits(docs + 1, n - 2, first);
	at = out + bounds_put(out, bounds, bits);
	at = put_varint(at, first);
	if (n > 1)
		at = put_varint(at, made->last - first - 1);
	if (n > 2)
		pack_docs(at, docs + 1, n - 2, first, bits);
	at += lone_docs_bytes(n, bits);
	if (!(bounds->fields & (bounds->fields - 1)) &&
		bounds->max_tf[__builtin_ctz(bounds->fields)] == 1)
		return at - out;
	memcpy(at, body + packed, made->body_bytes - packed);
	return at + made->body_bytes - packed - out;
}
