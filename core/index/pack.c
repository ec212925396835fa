/* pack.c -- see pack.h. */
#include "index/pack.h"

#include <string.h>

typedef uint32_t lanes __attribute__((vector_size(16)));

static lanes lanes_load(const void *p)
{
	lanes v;

	memcpy(&v, p, sizeof(v));
	return v;
}

unsigned pack_docs_bits(const uint32_t *docs, unsigned n, uint32_t before)
{
	uint32_t widest = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		widest |= docs[i] - before - 1;
		before = docs[i];
	}
	return widest ? 32 - __builtin_clz(widest) : 0;
}

size_t pack_docs_bytes(unsigned n, unsigned bits)
{
	return n == PACK_FULL ? 16 * (size_t)bits : ((size_t)n * bits + 7) / 8;
}

static void pack_lanes(unsigned char *out, const uint32_t *docs, uint32_t before, unsigned bits)
{
	lanes word = { 0 }, gaps, last = { before, before, before, before };
	unsigned row, used = 0;

	for (row = 0; row < PACK_FULL / 4; row++) {
		lanes at = lanes_load(docs + 4 * row);
		lanes shifted = { last[3], at[0], at[1], at[2] };

		gaps = at - shifted - 1;
		last = at;
		word |= gaps << used;
		used += bits;
		if (used < 32)
			continue;
		memcpy(out, &word, sizeof(word));
		out += sizeof(word);
		used -= 32;
		word = used ? gaps >> (bits - used) : (lanes){ 0 };
	}
}

void pack_docs(unsigned char *out, const uint32_t *docs, unsigned n, uint32_t before, unsigned bits)
{
	uint64_t acc = 0;
	unsigned held = 0, i;

	if (!bits)
		return;
	if (n == PACK_FULL) {
		pack_lanes(out, docs, before, bits);
		return;
	}
	for (i = 0; i < n; i++) {
		acc |= (uint64_t)(docs[i] - before - 1) << held;
		before = docs[i];
		for (held += bits; held >= 8; held -= 8, acc >>= 8)
			*out++ = acc;
	}
	if (held)
		*out = acc;
}

static void unpack_lanes(const unsigned char *in, unsigned bits, uint32_t before, uint32_t *docs)
{
	uint32_t mask = bits < 32 ? (1u << bits) - 1 : UINT32_MAX;
	lanes word = { 0 }, v, zero = { 0 };
	lanes base = { before, before, before, before };
	unsigned row, left = 0;

	for (row = 0; row < PACK_FULL / 4; row++) {
		/* left: bits of word not used yet, at its top */
		v = left ? word >> (32 - left) : zero;
		if (left >= bits) {
			left -= bits;
		} else {
			word = lanes_load(in);
			in += sizeof(word);
			v |= word << left;
			left += 32 - bits;
		}
		v = (v & mask) + 1;
		v += __builtin_shufflevector(zero, v, 0, 4, 5, 6);
		v += __builtin_shufflevector(zero, v, 0, 0, 4, 5);
		v += base;
		base = __builtin_shufflevector(v, v, 3, 3, 3, 3);
		memcpy(docs + 4 * row, &v, sizeof(v));
	}
}

void unpack_docs(const unsigned char *in, unsigned n, unsigned bits, uint32_t before,
	uint32_t *docs)
{
	uint64_t acc = 0, mask = bits < 32 ? (1u << bits) - 1 : UINT32_MAX;
	unsigned held = 0, i;

	if (n == PACK_FULL) {
		unpack_lanes(in, bits, before, docs);
		return;
	}
	for (i = 0; i < n; i++) {
		for (; held < bits; held += 8)
			acc |= (uint64_t)*in++ << held;
		docs[i] = before += (acc & mask) + 1;
		acc >>= bits;
		held -= bits;
	}
}

size_t pack_small_bytes(unsigned n, unsigned width)
{
	return ((size_t)n * width + 7) / 8;
}

void pack_small(unsigned char *out, const uint8_t *values, unsigned n, unsigned width)
{
	unsigned i;

	memset(out, 0, pack_small_bytes(n, width));
	for (i = 0; width && i < n; i++)
		out[i * width / 8] |= values[i] << i * width % 8;
}

/* n bytes, however few are wanted */
static void put(uint8_t *values, uint64_t bytes, unsigned n)
{
	memcpy(values, &bytes, n);
}

void unpack_small(const unsigned char *in, unsigned n, unsigned width, uint8_t add, uint8_t *values)
{
	const uint64_t ones = 0x0101010101010101;
	size_t i, bytes = pack_small_bytes(n, width);
	uint64_t x;

	switch (width) {
	case 0: memset(values, add, n); return;
	case 1:
		for (i = 0; i < bytes; i++) {
			x = in[i] * ones & 0x8040201008040201;
			put(values + 8 * i, ((x + 0x7f * ones) >> 7 & ones) + add * ones, 8);
		}
		return;
	case 2:
		for (i = 0; i < bytes; i++) {
			x = in[i] | in[i] << 12;
			x = (x | x << 6) & 0x03030303;
			put(values + 4 * i, x + add * (uint32_t)ones, 4);
		}
		return;
	case 4:
		for (i = 0; i < bytes; i++)
			put(values + 2 * i, (in[i] & 15) + (in[i] >> 4 << 8) + add * 257, 2);
		return;
	default:
		for (i = 0; i < n; i++)
			values[i] = in[i] + add;
	}
}
