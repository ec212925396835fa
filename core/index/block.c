/* block.c -- encoding and decoding of a block (block.h draws the bytes). */
#include "index/block.h"

#include <assert.h>
#include <string.h>

enum { TF_ONES = 0, TF_BYTES = 1, TF_BITS = 2 };

static void put_u32(unsigned char *p, uint32_t v)
{
	p[0] = v;
	p[1] = v >> 8;
	p[2] = v >> 16;
	p[3] = v >> 24;
}

static uint32_t get_u32(const unsigned char *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static size_t pack_deltas(unsigned char *out, const struct posting *list, unsigned n,
	unsigned bits)
{
	uint64_t acc = 0;
	unsigned held = 0, i;
	size_t len = 0;

	for (i = 1; i < n && bits; i++) {
		acc |= (uint64_t)(list[i].doc - list[i - 1].doc - 1) << held;
		held += bits;
		while (held >= 8) {
			out[len++] = acc;
			acc >>= 8;
			held -= 8;
		}
	}
	if (held)
		out[len++] = acc;
	return len;
}

static size_t pack_tf(unsigned char *out, const struct posting *list, unsigned n, int field)
{
	bool ones = true, bits = true;
	unsigned i;

	for (i = 0; i < n; i++) {
		ones = ones && list[i].tf[field] == 1;
		bits = bits && list[i].tf[field] <= 1;
	}
	out[0] = ones ? TF_ONES : bits ? TF_BITS : TF_BYTES;
	if (ones)
		return 1;
	if (!bits) {
		for (i = 0; i < n; i++)
			out[1 + i] = list[i].tf[field];
		return 1 + n;
	}
	memset(out + 1, 0, (n + 7) / 8);
	for (i = 0; i < n; i++)
		out[1 + i / 8] |= list[i].tf[field] << i % 8;
	return 1 + (n + 7) / 8;
}

size_t block_encode(unsigned char out[BLOCK_BYTES_MAX], const struct posting *list,
	unsigned n, struct block_bounds *bounds)
{
	uint32_t widest = 0;
	unsigned bits, i;
	size_t len = BLOCK_HEADER;
	int f;

	assert(n >= 1 && n <= BLOCK_POSTINGS);
	bounds->fields = 0;
	memset(bounds->max_tf, 0, sizeof(bounds->max_tf));
	for (i = 0; i < n; i++) {
		bounds->fields |= list[i].fields;
		for (f = 0; list[i].fields >> f; f++)
			if (list[i].tf[f] > bounds->max_tf[f])
				bounds->max_tf[f] = list[i].tf[f];
		if (i) {
			assert(list[i].doc > list[i - 1].doc);
			widest |= list[i].doc - list[i - 1].doc - 1;
		}
	}
	bounds->last_doc = list[n - 1].doc;
	bits = widest ? 32 - __builtin_clz(widest) : 0;
	out[0] = BLOCK_VERSION;
	out[1] = n - 1;
	out[2] = bounds->fields;
	out[3] = bits;
	put_u32(out + 4, list[0].doc);
	put_u32(out + 8, bounds->last_doc);
	memcpy(out + 12, &bounds->max_quality, 4);
	for (f = 0; bounds->fields >> f; f++)
		if (bounds->fields >> f & 1) {
			out[len++] = bounds->max_tf[f];
			out[len++] = bounds->min_length[f];
		}
	len += pack_deltas(out + len, list, n, bits);
	for (f = 0; bounds->fields >> f; f++)
		if (bounds->fields >> f & 1)
			len += pack_tf(out + len, list, n, f);
	assert(len <= BLOCK_BYTES_MAX);
	return len;
}

int block_bounds(struct slice bytes, struct block_bounds *out, unsigned *n)
{
	const unsigned char *p = (const unsigned char *)bytes.ptr;
	const unsigned char *at = p + BLOCK_HEADER;
	int f;

	if (bytes.len < BLOCK_HEADER || p[0] != BLOCK_VERSION || p[1] >= BLOCK_POSTINGS ||
		p[2] == 0 || p[3] > 32 ||
		bytes.len < BLOCK_HEADER + 2u * __builtin_popcount(p[2]))
		return ERR_CORRUPT;
	*n = p[1] + 1;
	out->fields = p[2];
	out->last_doc = get_u32(p + 8);
	memcpy(&out->max_quality, p + 12, 4);
	if (out->last_doc == DOC_NONE || !(out->max_quality >= 0))
		return ERR_CORRUPT;
	memset(out->max_tf, 0, sizeof(out->max_tf));
	memset(out->min_length, 0, sizeof(out->min_length));
	for (f = 0; out->fields >> f; f++)
		if (out->fields >> f & 1) {
			out->max_tf[f] = *at++;
			out->min_length[f] = *at++;
		}
	return 0;
}

static int unpack_docs(const unsigned char *p, size_t room, unsigned bits, uint32_t first,
	uint32_t last, unsigned n, uint32_t *docs)
{
	uint64_t acc = 0, doc = first, mask = bits < 32 ? (1u << bits) - 1 : UINT32_MAX;
	const unsigned char *end = p + room;
	unsigned held = 0, i;

	docs[0] = first;
	for (i = 1; i < n; i++) {
		while (held < bits) {
			if (p == end)
				return ERR_CORRUPT;
			acc |= (uint64_t)*p++ << held;
			held += 8;
		}
		doc += (acc & mask) + 1;
		acc >>= bits;
		held -= bits;
		if (doc >= DOC_NONE)
			return ERR_CORRUPT;
		docs[i] = doc;
	}
	return doc == last ? 0 : ERR_CORRUPT;
}

/* One field's tf; the bytes read, or an error. */
static int unpack_tf(const unsigned char *p, size_t room, unsigned n, uint8_t max,
	uint8_t *tf)
{
	unsigned i, mode, most = 0;

	if (room < 1)
		return ERR_CORRUPT;
	mode = p[0];
	if (mode == TF_ONES) {
		memset(tf, 1, n);
		return max == 1 ? 1 : ERR_CORRUPT;
	}
	if (mode == TF_BYTES) {
		if (room < 1 + n)
			return ERR_CORRUPT;
		memcpy(tf, p + 1, n);
		for (i = 0; i < n; i++)
			most = tf[i] > most ? tf[i] : most;
		return most == max ? (int)(1 + n) : ERR_CORRUPT;
	}
	if (mode != TF_BITS || max != 1 || room < 1 + (n + 7) / 8)
		return ERR_CORRUPT;
	for (i = 0; i < n; i++)
		tf[i] = p[1 + i / 8] >> i % 8 & 1;
	return 1 + (n + 7) / 8;
}

int block_decode(struct slice bytes, struct block_bounds *bounds, unsigned *n,
	uint32_t docs[BLOCK_POSTINGS], uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS])
{
	const unsigned char *p = (const unsigned char *)bytes.ptr;
	size_t at, packed;
	int rc, f;

	rc = block_bounds(bytes, bounds, n);
	if (rc < 0)
		return rc;
	at = BLOCK_HEADER + 2 * __builtin_popcount(bounds->fields);
	packed = ((size_t)p[3] * (*n - 1) + 7) / 8;
	if (bytes.len - at < packed)
		return ERR_CORRUPT;
	rc = unpack_docs(p + at, packed, p[3], get_u32(p + 4), bounds->last_doc, *n, docs);
	if (rc < 0)
		return rc;
	at += packed;
	for (f = 0; bounds->fields >> f; f++) {
		if (!(bounds->fields >> f & 1))
			continue;
		rc = unpack_tf(p + at, bytes.len - at, *n, bounds->max_tf[f], tf[f]);
		if (rc < 0)
			return rc;
		at += rc;
	}
	return at == bytes.len ? 0 : ERR_CORRUPT;
}
