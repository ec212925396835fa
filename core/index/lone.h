/* lone.h -- the bytes of a block that stands by itself, in the dictionary: all postings of
 * a short list, or the last of a long one.  Most words are rare, so here each byte counts.
 *
 *   bounds, with the bits of a gap   varint first document
 *   with two postings or more: varint last document - first - 1
 *   with more: gaps of those between (pack.h), counted from the first
 *   for each field, as in a chunk's block: u8 bits of a tf, the tfs; left out where the
 *       one field has no tf above 1
 *
 * Their number is told elsewhere.  Bounds, of a list as well:
 *
 *   u8 1: a mask follows (else it is field 0), 2: a quality follows, the rest is the
 *       caller's (63 at most)
 *   u8 field mask   per field: u8 largest tf, u8 shortest length of each level that it
 *       reaches   u16 largest quality
 *
 * Reading trusts nothing. */
#ifndef INDEX_LONE_H
#define INDEX_LONE_H

#include "index/chunk.h"

#define BOUNDS_BYTES (4 + (1 + TF_LEVELS) * TEXT_FIELDS_MAX)
#define LONE_BYTES   (BOUNDS_BYTES + 10 + BLOCK_BODY_MAX)

/* The length. */
size_t bounds_put(unsigned char out[BOUNDS_BYTES], const struct block_bounds *, unsigned rest);
/* Past them; NULL: they do not add up. */
const unsigned char *bounds_get(const unsigned char *at, const unsigned char *end,
	struct block_bounds *, unsigned *rest);

/* As a chunk of one block of `n` postings, 1 to BLOCK_POSTINGS; `after` is what follows.
 * Bytes are borrowed. */
int lone_read(struct slice bytes, unsigned n, struct chunk *, struct slice *after);
/* A block made, its body in `bytes` as a chunk would have it; the length. */
size_t lone_make(unsigned char out[LONE_BYTES], const struct block_made *, const char *bytes);

#endif
