/* block.h -- the bytes of one block of postings.
 *
 *   u8 version (1)   u8 n - 1   u8 field mask   u8 bits of a delta (0..32)
 *   u32 first doc    u32 last doc    f32 largest quality
 *   per field of the mask: u8 largest tf, u8 smallest length code
 *   n - 1 deltas minus one, `bits` bits each, lowest first, padded to a byte
 *   per field of the mask: u8 mode, then
 *       0  nothing: every tf is 1
 *       1  n bytes
 *       2  a bit a posting: 1 or 0
 *
 * All little endian.  Reading trusts nothing: whatever does not add up is
 * ERR_CORRUPT. */
#ifndef INDEX_BLOCK_H
#define INDEX_BLOCK_H

#include "base/error.h"
#include "index/postings.h"

#define BLOCK_VERSION 1
#define BLOCK_HEADER 16
#define BLOCK_BYTES_MAX \
	(BLOCK_HEADER + 2 * TEXT_FIELDS_MAX + 4 * BLOCK_POSTINGS + \
		TEXT_FIELDS_MAX * (1 + BLOCK_POSTINGS) + 8)

struct posting {
	uint32_t doc;
	uint8_t fields; /* mask of those with tf > 0 */
	uint8_t tf[TEXT_FIELDS_MAX];
};

/* 1 to BLOCK_POSTINGS postings in ascending order; bounds->min_length and
 * max_quality are the caller's, the rest of bounds is filled in.  The length. */
size_t block_encode(unsigned char out[BLOCK_BYTES_MAX], const struct posting *,
	unsigned n, struct block_bounds *bounds);

int block_bounds(struct slice bytes, struct block_bounds *out, unsigned *n);
/* `tf` rows are filled where bounds->fields has the bit. */
int block_decode(struct slice bytes, struct block_bounds *, unsigned *n,
	uint32_t docs[BLOCK_POSTINGS], uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS]);

#endif
