/* postings.h -- one term's documents, block by block.
 *
 * A block holds up to 128 postings: ascending document numbers and, for each
 * text field the block has (a mask), the term frequency of every posting there
 * (0: not in that field; saturates at 255).  For tags the one "field" 0 holds
 * the weight in 1/255; for exact, kind and refs it holds 1.  The header has the
 * bounds: last doc, per field the largest tf and the smallest length code, and
 * the largest static quality, so that a score's upper bound is known for any
 * BM25F parameters without decoding.
 *
 * One thread; valid until reader_end. A damaged block ends the list and is told
 * by postings_error (ERR_CORRUPT). */
#ifndef INDEX_POSTINGS_H
#define INDEX_POSTINGS_H

#include "index/reader.h"

#define BLOCK_POSTINGS 128

struct block_bounds {
	uint32_t last_doc;
	uint8_t fields;                    /* mask of text fields in the block */
	uint8_t max_tf[TEXT_FIELDS_MAX];
	uint8_t min_length[TEXT_FIELDS_MAX]; /* length codes */
	float max_quality;
};

struct postings {
	struct view *view;
	struct cursor *cursor;
	unsigned char prefix[2 + 1 + TERM_BYTES_MAX + 1];
	size_t prefix_len;
	uint32_t df;
	uint32_t doc;      /* current; DOC_NONE at the end */
	unsigned at, n;    /* place and postings in the decoded block */
	struct block_bounds bounds;
	struct slice bytes; /* of the block, in the map */
	bool decoded;
	int error;
	struct block_bounds ahead; /* block under the cursor: where shallow looked */
	uint32_t ahead_from;       /* no block before it reaches this document */
	bool ahead_valid;
	uint32_t docs[BLOCK_POSTINGS];
	uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS]; /* valid where bounds.fields has the bit */
};

/* A list in the arena, standing before its first posting (doc = 0 is not yet
 * valid: call postings_next or postings_seek). df = 0 for an unknown term; never
 * NULL. Close before reader_end. */
struct postings *postings_open(struct view *, struct arena *, int group,
	struct slice term);
void postings_close(struct postings *);
/* Each returns the current document, DOC_NONE at the end. */
uint32_t postings_next(struct postings *);
uint32_t postings_seek(struct postings *, uint32_t at_least); /* never goes back */
/* Bounds of the block that may hold `at_least` without decoding it; false at
 * the end. */
bool postings_shallow(struct postings *, uint32_t at_least, struct block_bounds *out);

int postings_error(const struct postings *); /* 0, ERR_CORRUPT or ERR_IO */

/* Largest tf and shortest length over the whole list, for list-wide bounds. */
void postings_list_bounds(struct postings *, struct block_bounds *out);

/* Length codes: exact below 16, then about 1/8 relative steps; monotonic. */
uint8_t length_encode(uint32_t tokens);
uint32_t length_decode(uint8_t code);

#endif
