/* postings.h -- one term's documents, block by block.
 *
 * A posting is a document and, for each text field the term is in there, its term
 * frequency (saturates at 255).  For tags the one "field" 0 holds the weight in
 * 1/255; for exact, kind and refs it holds 1.  Blocks of up to 128 postings
 * (chunk.h) tell their bounds without being decoded.
 *
 * Two ways to walk, both only forward: document by document (postings_next,
 * postings_seek), and block by block without decoding (postings_block,
 * postings_next_block); a list that is moved to a later block has no current document
 * until the next seek.
 *
 * One thread; valid until reader_end. A damaged block ends the list and is told
 * by postings_error (ERR_CORRUPT). */
#ifndef INDEX_POSTINGS_H
#define INDEX_POSTINGS_H

#include "index/chunk.h"
#include "index/reader.h"

struct postings {
	struct view *view;
	struct cursor *cursor; /* opened when needed: a short list is in the dictionary */
	unsigned char prefix[2 + 1 + TERM_BYTES_MAX + 1];
	size_t prefix_len;
	uint32_t df;
	uint32_t doc;               /* current; DOC_NONE at the end */
	unsigned at;                /* its place in docs and tf */
	struct block_bounds bounds; /* of the whole list: upper bounds */
	struct chunk chunk, tail;   /* the tail is in the dictionary, behind all chunks */
	bool chunked;               /* there are chunks, */
	uint32_t last;              /* with no later document than this */
	bool at_tail;               /* chunk is the tail */
	bool standing;              /* there is a block at hand */
	bool decoded;               /* docs are its documents */
	unsigned index;             /* of it in the chunk */
	struct block block;
	int tfs;                           /* fields decoded of it; 0: not yet */
	struct slice inside;               /* positions of the tail */
	const unsigned char *chunk_placed; /* entries of the chunk of which it is, */
	struct slice chunk_places;         /* the positions' record */
	const unsigned char *placed;       /* entry of the block whose positions these are */
	struct slice places;               /* theirs, from posting `place` on */
	unsigned place;
	int error;
	uint32_t docs[BLOCK_POSTINGS];
	uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS];
};

/* A list in the arena, standing before its first posting (doc = 0 is not yet
 * valid: call postings_next or postings_seek). df = 0 for an unknown term; never
 * NULL. Close before reader_end. */
struct postings *postings_open(struct view *, struct arena *, int group, struct slice term);
/* The same list anew, at its beginning. */
struct postings *postings_again(const struct postings *, struct arena *);
void postings_close(struct postings *);
void postings_restart(struct postings *); /* before its first posting */

/* Each returns the current document, DOC_NONE at the end. */
uint32_t postings_next(struct postings *);
uint32_t postings_seek(struct postings *, uint32_t at_least); /* never goes back */
/* Mask of the fields whose rows in tf are valid; tf may be 0 for a posting there. */
static inline unsigned postings_fields(struct postings *);
static inline unsigned postings_tf(struct postings *, int field); /* of the current one */

/* Where the current posting stands in a text field, ascending, into `out` (room for 255);
 * their count: 0 where it is not there or the field keeps none. */
size_t postings_positions(struct postings *, int field, uint32_t *out);

/* The block at hand becomes the first, from where it is, that may hold `at_least`;
 * or the next one.  False at the end. */
bool postings_block(struct postings *, uint32_t at_least);
bool postings_next_block(struct postings *);

int postings_error(const struct postings *); /* 0, ERR_CORRUPT or ERR_IO */

/* Length codes: exact below 16, then about 1/8 relative steps; monotonic. */
uint8_t length_encode(uint32_t tokens);
uint32_t length_decode(uint8_t code);

int postings_load_tfs(struct postings *);

static inline unsigned postings_fields(struct postings *p)
{
	return p->tfs ? p->tfs : postings_load_tfs(p);
}

static inline unsigned postings_tf(struct postings *p, int field)
{
	return postings_fields(p) >> field & 1 ? p->tf[field][p->at] : 0;
}

#endif
