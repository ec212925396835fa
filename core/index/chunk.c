/* chunk.c -- encoding and decoding (chunk.h draws the bytes). */
#include "index/chunk.h"

#include <assert.h>
#include <string.h>

#include "index/lone.h"
#include "index/pack.h"

#define FIELD_ENTRY  (1 + TF_LEVELS)
#define TF_LESS_ONE  16
#define NO_WRAP_BITS 24 /* 128 gaps of so many bits stay below 2^32 */

static void put_u16(unsigned char *p, unsigned v)
{
	p[0] = v;
	p[1] = v >> 8;
}

static void put_u32(unsigned char *p, uint32_t v)
{
	put_u16(p, v & 0xffff);
	put_u16(p + 2, v >> 16);
}

static unsigned get_u16(const unsigned char *p)
{
	return p[0] | p[1] << 8;
}

static uint32_t get_u32(const unsigned char *p)
{
	return get_u16(p) | (uint32_t)get_u16(p + 2) << 16;
}

/* Quality is never negative, so its bits order as it does. */
unsigned quality_encode(float quality)
{
	uint32_t bits;

	memcpy(&bits, &quality, 4);
	return (bits + 0xffff) >> 16;
}

float quality_decode(unsigned code)
{
	uint32_t bits = (uint32_t)code << 16;
	float quality;

	memcpy(&quality, &bits, 4);
	return quality >= 0 ? quality : 0;
}

void bounds_widen(struct block_bounds *b, const struct block_bounds *by)
{
	int f, level;

	for (f = 0; by->fields >> f; f++) {
		if (!(by->fields >> f & 1))
			continue;
		for (level = 0; level < bounds_levels(by, f); level++)
			if (level >= bounds_levels(b, f) ||
				by->min_length[f][level] < b->min_length[f][level])
				b->min_length[f][level] = by->min_length[f][level];
		if (by->max_tf[f] > b->max_tf[f])
			b->max_tf[f] = by->max_tf[f];
	}
	b->fields |= by->fields;
	if (by->max_quality > b->max_quality)
		b->max_quality = by->max_quality;
}

/* ---- reading ---- */

int chunk_read(struct slice bytes, struct chunk *c)
{
	const unsigned char *p = (const unsigned char *)bytes.ptr, *e;
	size_t directory, end = 0;
	uint32_t last;
	unsigned i;

	if (bytes.len < CHUNK_HEADER || p[0] != CHUNK_VERSION || !p[1] || !p[2])
		return ERR_CORRUPT;
	c->count = p[1];
	c->fields = p[2];
	c->before = last = get_u32(p + 4);
	c->entry_bytes = BLOCK_ENTRY + FIELD_ENTRY * __builtin_popcount(c->fields);
	c->entries = p + CHUNK_HEADER;
	directory = (size_t)c->count * c->entry_bytes;
	if (bytes.len - CHUNK_HEADER < directory)
		return ERR_CORRUPT;
	c->bodies = c->entries + directory;
	for (i = 0, e = c->entries; i < c->count; i++, e += c->entry_bytes) {
		/* as many documents as postings fit between; UINT32_MAX + 1 is 0 */
		if (get_u32(e) - last - 1 < e[6] || get_u32(e) < e[6] ||
			(last != UINT32_MAX && get_u32(e) <= last) || get_u32(e) == UINT32_MAX ||
			get_u16(e + 4) < end || e[6] >= BLOCK_POSTINGS || e[7] > 32)
			return ERR_CORRUPT;
		last = get_u32(e);
		end = get_u16(e + 4);
	}
	return end == bytes.len - CHUNK_HEADER - directory ? 0 : ERR_CORRUPT;
}

void chunk_block(const struct chunk *c, unsigned i, struct block *b)
{
	const unsigned char *entry = c->entries + (size_t)i * c->entry_bytes;
	unsigned start;

	if (!c->entry_bytes) {
		*b = c->lone;
		return;
	}
	start = i ? get_u16(entry - c->entry_bytes + 4) : 0;
	b->entry = entry;
	b->body = c->bodies + start;
	b->body_bytes = get_u16(entry + 4) - start;
	b->before = i ? get_u32(entry - c->entry_bytes) : c->before;
	b->last = get_u32(entry);
	b->n = entry[6] + 1;
	b->bits = entry[7];
	b->fields = c->fields;
	b->lone = false;
}

uint32_t chunk_last(const struct chunk *c)
{
	if (!c->entry_bytes)
		return c->lone.last;
	return get_u32(c->bodies - c->entry_bytes);
}

unsigned chunk_find(const struct chunk *c, unsigned i, uint32_t doc)
{
	const unsigned char *e = c->entries + (size_t)i * c->entry_bytes;

	if (!c->entry_bytes)
		return c->lone.last < doc ? 1 : i;
	for (; i < c->count && get_u32(e) < doc; i++)
		e += c->entry_bytes;
	return i;
}

void block_bounds(const struct block *b, struct block_bounds *out)
{
	const unsigned char *at = b->entry + BLOCK_ENTRY;
	unsigned mask, f;

	if (b->lone) {
		bounds_get(b->entry, b->body, out, &f); /* as lone_read did */
		return;
	}
	out->fields = 0;
	out->max_quality = quality_decode(get_u16(b->entry + 8));
	for (mask = b->fields; mask; mask &= mask - 1, at += FIELD_ENTRY) {
		f = __builtin_ctz(mask);
		out->max_tf[f] = at[0];
		out->fields |= (at[0] > 0) << f;
		memcpy(out->min_length[f], at + 1, TF_LEVELS);
	}
}

static int lone_docs(const struct block *b, uint32_t docs[BLOCK_POSTINGS])
{
	unsigned i;

	docs[0] = b->before + 1;
	if (b->n > 2)
		unpack_docs(b->body, b->n - 2, b->bits, docs[0], docs + 1);
	docs[b->n - 1] = b->last;
	for (i = b->bits > NO_WRAP_BITS || b->n < 3 ? 1 : b->n - 1u; i < b->n; i++)
		if (docs[i] <= docs[i - 1])
			return ERR_CORRUPT;
	return 0;
}

int block_docs(const struct block *b, uint32_t docs[BLOCK_POSTINGS])
{
	unsigned i;

	if (b->lone)
		return lone_docs(b, docs);
	if (b->body_bytes < pack_docs_bytes(b->n, b->bits))
		return ERR_CORRUPT;
	unpack_docs(b->body, b->n, b->bits, b->before, docs);
	if (docs[b->n - 1] != b->last)
		return ERR_CORRUPT;
	for (i = 1; b->bits > NO_WRAP_BITS && i < b->n; i++)
		if (docs[i] <= docs[i - 1])
			return ERR_CORRUPT;
	return 0;
}

int block_tfs(const struct block *b, uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS])
{
	const unsigned char *p =
		b->body + (b->lone ? lone_docs_bytes : pack_docs_bytes)(b->n, b->bits);
	const unsigned char *end = b->body + b->body_bytes, *at = b->entry + BLOCK_ENTRY;
	unsigned mask, f, width, has = 0;

	if (b->lone && p == end) {
		memset(tf[__builtin_ctz(b->fields)], 1, b->n);
		return b->fields;
	}
	for (mask = b->fields; mask; mask &= mask - 1, at += FIELD_ENTRY) {
		if (!b->lone && !at[0])
			continue;
		f = __builtin_ctz(mask);
		if (p >= end)
			return ERR_CORRUPT;
		width = *p & (TF_LESS_ONE - 1);
		if ((width & (width - 1)) || width > 8 || (*p & ~(TF_LESS_ONE | 15)) ||
			(size_t)(end - p) < 1 + pack_small_bytes(b->n, width))
			return ERR_CORRUPT;
		unpack_small(p + 1, b->n, width, *p / TF_LESS_ONE, tf[f]);
		p += 1 + pack_small_bytes(b->n, width);
		has |= 1u << f;
	}
	return p == end && has ? (int)has : ERR_CORRUPT;
}

/* ---- writing ---- */

/* One field's tfs: the mode and their bits.  `most` is the largest. */
static size_t make_tfs(unsigned char *out, const uint8_t *tf, unsigned n, unsigned most)
{
	uint8_t less[BLOCK_POSTINGS];
	unsigned width, i, zeros = 0;

	for (i = 0; i < n; i++)
		zeros += !tf[i];
	if (!zeros) {
		most--;
		for (i = 0; i < n; i++)
			less[i] = tf[i] - 1;
	}
	width = most > 15 ? 8 : most > 3 ? 4 : most > 1 ? 2 : most;
	out[0] = width | (zeros ? 0 : TF_LESS_ONE);
	pack_small(out + 1, zeros ? tf : less, n, width);
	return 1 + pack_small_bytes(n, width);
}

void block_make(struct block_made *made, unsigned char body[BLOCK_BODY_MAX],
	const struct block_rows *rows)
{
	struct block_bounds *bounds = &made->bounds;
	unsigned n = rows->n, mask, f, i, most;
	size_t len;

	assert(n >= 1 && n <= BLOCK_POSTINGS);
	for (i = 1; i < n; i++)
		assert(rows->docs[i] > rows->docs[i - 1]);
	made->last = rows->docs[n - 1];
	made->n = n;
	made->bits = pack_docs_bits(rows->docs, n, made->before);
	pack_docs(body, rows->docs, n, made->before, made->bits);
	len = pack_docs_bytes(n, made->bits);
	bounds->fields = 0;
	memset(bounds->max_tf, 0, sizeof(bounds->max_tf));
	for (mask = rows->fields; mask; mask &= mask - 1) {
		f = __builtin_ctz(mask);
		for (i = 0, most = 0; i < n; i++)
			most = rows->tf[f][i] > most ? rows->tf[f][i] : most;
		if (!most)
			continue;
		bounds->fields |= 1u << f;
		bounds->max_tf[f] = most;
		len += make_tfs(body + len, rows->tf[f], n, most);
	}
	assert(len <= BLOCK_BODY_MAX);
	made->body_bytes = len;
}

static unsigned char *make_entry(unsigned char *at, const struct block_made *b, unsigned fields,
	size_t end)
{
	unsigned f;

	put_u32(at, b->last);
	put_u16(at + 4, end);
	at[6] = b->n - 1;
	at[7] = b->bits;
	put_u16(at + 8, quality_encode(b->bounds.max_quality));
	at += BLOCK_ENTRY;
	for (; fields; fields &= fields - 1, at += FIELD_ENTRY) {
		f = __builtin_ctz(fields);
		at[0] = b->bounds.fields >> f & 1 ? b->bounds.max_tf[f] : 0;
		memcpy(at + 1, b->bounds.min_length[f], TF_LEVELS);
	}
	return at;
}

size_t chunk_make(unsigned char *out, const struct block_made *blocks, unsigned count,
	const char *bytes)
{
	unsigned char *at = out + CHUNK_HEADER;
	unsigned fields = 0, i;
	size_t end = 0;

	assert(count >= 1 && count <= UINT8_MAX);
	for (i = 0; i < count; i++)
		fields |= blocks[i].bounds.fields;
	out[0] = CHUNK_VERSION;
	out[1] = count;
	out[2] = fields;
	out[3] = 0;
	put_u32(out + 4, blocks[0].before);
	for (i = 0; i < count; i++) {
		assert(!i || blocks[i].before == blocks[i - 1].last);
		end += blocks[i].body_bytes;
		at = make_entry(at, &blocks[i], fields, end);
	}
	for (i = 0; i < count; i++) {
		memcpy(at, bytes + blocks[i].body, blocks[i].body_bytes);
		at += blocks[i].body_bytes;
	}
	return at - out;
}
