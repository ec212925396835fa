/* positions.c -- see positions.h. */
#include "index/positions.h"

#include <string.h>

static uint32_t get_u32(const unsigned char *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

int positions_block(struct slice record, unsigned count, unsigned i, struct slice *out)
{
	const unsigned char *p = (const unsigned char *)record.ptr;
	size_t header = positions_header_bytes(count);
	uint32_t start, end;

	if (record.len < header || p[0] != POSITIONS_VERSION)
		return ERR_CORRUPT;
	start = i ? get_u32(p + 1 + 4 * (i - 1)) : 0;
	end = get_u32(p + 1 + 4 * i);
	if (start > end || end > record.len - header)
		return ERR_CORRUPT;
	*out = slice_of(record.ptr + header + start, end - start);
	return 0;
}

size_t positions_header(unsigned char *out, const uint32_t *lengths, unsigned count)
{
	uint32_t end = 0;
	unsigned i;

	*out++ = POSITIONS_VERSION;
	for (i = 0; i < count; i++, out += 4) {
		end += lengths[i];
		out[0] = end;
		out[1] = end >> 8;
		out[2] = end >> 16;
		out[3] = end >> 24;
	}
	return positions_header_bytes(count);
}

const unsigned char *positions_skip(const unsigned char *at, const unsigned char *end, size_t n)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t word;

	for (; n >= sizeof(word) && (size_t)(end - at) >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		n -= ((~word >> 7 & ones) * ones) >> 56; /* numbers that end in it */
	}
	while (n) {
		if (at == end)
			return NULL;
		n -= *at++ < 128;
	}
	return at;
}

const unsigned char *positions_read(const unsigned char *at, const unsigned char *end, size_t n,
	uint32_t *out)
{
	uint32_t position = 0, step;
	unsigned shift;
	size_t i;

	for (i = 0; i < n; i++) {
		step = shift = 0;
		do {
			if (at == end || shift > 28)
				return NULL;
			step |= (uint32_t)(*at & 127) << shift;
			shift += 7;
		} while (*at++ >= 128);
		out[i] = position += step;
	}
	return at;
}

unsigned char *positions_put(unsigned char *at, uint32_t step)
{
	for (; step >= 128; step >>= 7)
		*at++ = step | 128;
	*at++ = step;
	return at;
}
