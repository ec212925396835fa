/* pack.h -- small numbers in few bits, for blocks of postings.
 *
 * Ascending document numbers are kept as gaps minus one of `bits` bits each.  128 of
 * them stand in four lanes (number i in lane i % 4, as in SIMD-BP128 of Lemire and
 * Boytsov 2015), so that four are unpacked at a time; fewer stand one after the
 * other.  Term frequencies take 0, 1, 2, 4 or 8 bits each, lowest first. */
#ifndef INDEX_PACK_H
#define INDEX_PACK_H

#include <stddef.h>
#include <stdint.h>

#define PACK_FULL 128

/* Bits the widest gap takes, 0..32; docs ascend from above `before`
 * (UINT32_MAX: from 0). */
unsigned pack_docs_bits(const uint32_t *docs, unsigned n, uint32_t before);
size_t pack_docs_bytes(unsigned n, unsigned bits);
/* Writes pack_docs_bytes(n, bits) bytes. */
void pack_docs(unsigned char *out, const uint32_t *docs, unsigned n, uint32_t before,
	unsigned bits);
/* Reads no more than pack_docs_bytes; wraps silently where the bytes make no sense, so
 * check that the last is what it should be and that they ascend. */
void unpack_docs(const unsigned char *in, unsigned n, unsigned bits, uint32_t before,
	uint32_t *docs);

/* width 0: all are 0. */
size_t pack_small_bytes(unsigned n, unsigned width);
void pack_small(unsigned char *out, const uint8_t *values, unsigned n, unsigned width);
/* Room of n rounded up to a multiple of 8 in `values`; `add` is added to each. */
void unpack_small(const unsigned char *in, unsigned n, unsigned width, uint8_t add,
	uint8_t *values);

#endif
