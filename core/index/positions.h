/* positions.h -- where in its fields a term stands: a stream beside the postings, read
 * for phrases and nearness alone.
 *
 * Of a posting, for each field of the mask that keeps positions, as many numbers as
 * its tf there: the first position, then the steps to the next, as varints.  The
 * postings of a block follow each other; of a chunk's blocks:
 *
 *   u8 version (1)   per block: u32 end of its bytes, from the first's start
 *   the bytes
 *
 * All little endian.  Reading trusts nothing. */
#ifndef INDEX_POSITIONS_H
#define INDEX_POSITIONS_H

#include "base/error.h"
#include "base/slice.h"
#include "limits.h"

#define POSITIONS_VERSION 1

/* The bytes of block i of `count`, or ERR_CORRUPT. */
int positions_block(struct slice record, unsigned count, unsigned i, struct slice *out);
/* Room for the record of `count` blocks of these lengths: its header; the bytes follow. */
size_t positions_header(unsigned char *out, const uint32_t *lengths, unsigned count);
static inline size_t positions_header_bytes(unsigned count)
{
	return 1 + 4 * (size_t)count;
}

/* Past n varints; NULL if the bytes end before. */
const unsigned char *positions_skip(const unsigned char *at, const unsigned char *end, size_t n);
/* The next n, as positions; past them, or NULL. */
const unsigned char *positions_read(const unsigned char *at, const unsigned char *end, size_t n,
	uint32_t *out);
/* A varint of at most 5 bytes; past it. */
unsigned char *positions_put(unsigned char *at, uint32_t step);

#endif
