/* chunk.h -- the bytes of a record of postings: up to CHUNK_BYTES, a few blocks of up
 * to 128 postings behind a directory that tells what a block holds without it being
 * read.
 *
 *   u8 version (2)   u8 blocks   u8 field mask   u8 0   u32 before
 *   per block, an entry:
 *       u32 last document   u16 end of its body, from the first's start
 *       u8 postings - 1   u8 bits of a gap   u16 largest quality
 *       per field of the mask: u8 largest tf (0: the field is not in this block),
 *           u8 shortest length of the postings with tf >= 1, >= 2, >= 3
 *   per block, its body: gaps of documents (pack.h), then for each field it has
 *       u8 bits of a tf (0, 1, 2, 4, 8; TF_LESS_ONE: tf - 1 is kept), the tfs
 *
 * `before` is below the first document: what the first gap counts from; a later
 * block's gaps count from the block before it.  UINT32_MAX is below 0.  Quality is
 * the upper half of a float, rounded up.  A length is a length code (postings.h).
 * All little endian.  Reading trusts nothing: what does not add up is ERR_CORRUPT. */
#ifndef INDEX_CHUNK_H
#define INDEX_CHUNK_H

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"
#include "index/pack.h"
#include "limits.h"

#define CHUNK_VERSION  2
#define CHUNK_HEADER   8
#define CHUNK_BYTES    4080 /* with LMDB's header of an overflow page: one page */
#define BLOCK_POSTINGS 128
#define BLOCK_ENTRY    10
#define TF_LEVELS      3
#define BLOCK_BODY_MAX (4 * BLOCK_POSTINGS + TEXT_FIELDS_MAX * (1 + BLOCK_POSTINGS))

/* What is known of a block's (or a whole list's) postings, field by field: the largest
 * value of any BM25F follows (bounds_tf). */
struct block_bounds {
	uint8_t fields; /* mask of text fields with a tf */
	uint8_t max_tf[TEXT_FIELDS_MAX];
	uint8_t min_length[TEXT_FIELDS_MAX][TF_LEVELS]; /* codes; of tf >= level + 1 */
	float max_quality;
};

/* The largest tf of a field at a level, to go with min_length there: a posting has
 * at most this tf and at least that length, at one level or another. */
static inline unsigned bounds_tf(const struct block_bounds *b, int field, int level)
{
	unsigned max = b->max_tf[field];

	return level + 1 < TF_LEVELS && max > level + 1u ? level + 1u : max;
}

/* How many levels a field has: those whose tf some posting reaches. */
static inline int bounds_levels(const struct block_bounds *b, int field)
{
	return b->max_tf[field] < TF_LEVELS ? b->max_tf[field] : TF_LEVELS;
}

/* So that it covers what `by` covers, too. */
void bounds_widen(struct block_bounds *, const struct block_bounds *by);

struct posting {
	uint32_t doc;
	uint8_t fields; /* mask of those with tf > 0 */
	uint8_t tf[TEXT_FIELDS_MAX];
	struct slice positions; /* as positions.h has them; not the block's affair */
};

/* ---- reading ---- */

/* A block within its chunk. */
struct block {
	const unsigned char *entry, *body;
	uint32_t before, last;
	uint16_t body_bytes;
	uint8_t n, bits;
	uint8_t fields; /* of the chunk */
	bool lone;      /* its bytes are those of lone.h */
};

struct chunk {
	const unsigned char *entries, *bodies;
	unsigned count;
	uint16_t entry_bytes; /* 0: there is but one block, which is alone */
	uint8_t fields;
	uint32_t before;
	struct block lone;
};

/* The directory adds up when this is 0; bytes are borrowed. */
int chunk_read(struct slice bytes, struct chunk *);
/* i < count */
void chunk_block(const struct chunk *, unsigned i, struct block *);
uint32_t chunk_last(const struct chunk *);
/* The first block from `i` on whose last document is not below doc, or count. */
unsigned chunk_find(const struct chunk *, unsigned i, uint32_t doc);

void block_bounds(const struct block *, struct block_bounds *);
int block_docs(const struct block *, uint32_t docs[BLOCK_POSTINGS]);
/* Rows of the fields that the block has, whose mask is returned, or an error. */
int block_tfs(const struct block *, uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS]);

/* A lone block's gaps: its first and last document are told beside them. */
static inline size_t lone_docs_bytes(unsigned n, unsigned bits)
{
	return n > 2 ? pack_docs_bytes(n - 2, bits) : 0;
}

/* Quality in the upper half of a float, rounded up. */
unsigned quality_encode(float);
float quality_decode(unsigned code); /* >= 0 */

/* ---- writing ---- */

struct block_made {
	uint32_t before, last;
	uint8_t n, bits;
	uint16_t body_bytes;
	size_t body; /* offset of its bytes, wherever the caller keeps them */
	struct block_bounds bounds;
};

/* Postings in columns. */
struct block_rows {
	unsigned n;
	uint8_t fields; /* the tfs of others are not looked at */
	uint32_t docs[BLOCK_POSTINGS];
	uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS];
};

/* 1 to BLOCK_POSTINGS postings, ascending from above made->before.  max_quality and
 * min_length of made->bounds are the caller's; the rest of `made`, but body, is
 * filled in. */
void block_make(struct block_made *made, unsigned char body[BLOCK_BODY_MAX],
	const struct block_rows *);
/* Bytes a block takes in a chunk of so many fields. */
static inline size_t block_made_bytes(const struct block_made *b, int fields)
{
	return BLOCK_ENTRY + (1 + TF_LEVELS) * fields + b->body_bytes;
}
/* `count` blocks, each behind the last, their bodies in `bytes`; the length.  Room:
 * CHUNK_HEADER and what block_made_bytes says of each. */
size_t chunk_make(unsigned char *out, const struct block_made *, unsigned count, const char *bytes);

#endif
