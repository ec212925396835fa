/* merge.h -- the state of merging a batch into the lists, term after term; between merge.c,
 * which walks the terms, merge_blocks.c and merge_chunks.c. */
#ifndef INDEX_MERGE_H
#define INDEX_MERGE_H

#include "base/buf.h"
#include "index/gather.h"

#define CHUNK_ROOM                                                                                 \
	(CHUNK_HEADER + BLOCK_ENTRY + (1 + TF_LEVELS) * TEXT_FIELDS_MAX + BLOCK_BODY_MAX +         \
		CHUNK_BYTES)
#define CHUNK_BLOCKS_MAX 255

struct edit {
	uint32_t doc;
	uint16_t bytes;
	const unsigned char *posting; /* as gather.h draws it; NULL: take away */
};

/* A block made, with its positions in merge.positions. */
struct made {
	struct block_made block;
	size_t positions;
	uint32_t position_bytes;
};

struct postings_array {
	struct posting *items;
	size_t count, cap;
};

/* The block that was in the dictionary, kept while other records are written. */
struct tail {
	unsigned n; /* 0: there is none */
	struct block block;
	struct slice bytes, positions;
	char room[INSIDE_BYTES], places[INSIDE_BYTES];
};

struct merge {
	struct batch *batch;
	struct cursor *dictionary, *postings, *places;
	struct error *err;
	struct edit *edits;
	size_t edit_cap;
	bool fresh; /* the tables were empty, and what is written is mostly above all keys */
	bool adds;  /* every edit does */
	struct postings_array old, merged;
	struct block_rows rows; /* of the block that is being made */
	/* of the term at hand */
	const struct term_edits *term;
	int texts;         /* text fields of its lengths; 0: it has none */
	bool biased;       /* its documents have a quality */
	unsigned kept;     /* fields whose positions are kept */
	struct key prefix; /* of its chunks; room for one's document behind it */
	struct term_record record;
	int64_t df;
	struct tail tail;
	struct edit *tail_edits;
	size_t tail_cap;
	struct buf tail_bytes;
	/* blocks made, to be written as chunks */
	struct made *made;
	size_t made_count, made_cap;
	struct buf bodies, positions;
	unsigned char chunk[CHUNK_ROOM], inside[LONE_BYTES];
	struct buf place_record;
};

/* What batch_merge does, term by term, in the order of the tables, which were empty before
 * if they are `fresh`; of a term the edits may come in portions that follow each other.
 * Closed before the batch is committed. */
int merge_open(struct merge **out, struct batch *, bool fresh, struct error *);
void merge_close(struct merge *); /* NULL is fine */
/* Room for a term's edits, by document; and they are merged: of `term` the name counts. */
struct edit *merge_room(struct merge *, size_t count);
int merge_edits(struct merge *, const struct term_edits *term, size_t count, struct error *);

int merge_put(struct merge *, struct cursor *, struct slice key, struct slice value);
/* ERR_CORRUPT, said of the term at hand. */
int merge_corrupt(struct merge *, const char *what);

/* ---- blocks made ---- */

void made_clear(struct merge *);
/* Does a block begin where the last one made ends? Then it can be copied behind it. */
bool made_follows(const struct merge *, const struct block *);
void made_copy(struct merge *, const struct block *, struct slice positions);
/* edits[0..count), which all add, behind the postings of a block (NULL: of none). */
int made_append(struct merge *, const struct block *, struct slice positions, const struct edit *,
	size_t count);
/* A block's postings behind those in old. */
int merge_read(struct merge *, const struct block *, struct slice positions);
/* old and edits[0..count) into merged; old is then empty. */
void merge_lists(struct merge *, const struct edit *, size_t count);
/* All that is merged as blocks: full ones where the list grows at its end (`tail`), else
 * of about equal size, so that there is room for more. */
int made_blocks(struct merge *, bool tail);

/* ---- chunks ---- */

/* All that was made, as chunks: full ones at the list's end (`tail`), else of about equal
 * size. */
int merge_write(struct merge *, bool tail);
/* Apply edits to the chunks.  If they are all of the list (`whole`), it may become short
 * enough for the dictionary. */
int merge_chunks(struct merge *, const struct edit *, size_t count, bool whole);
/* What was made goes into the dictionary if it is one short block. */
bool merge_inside(struct merge *);
/* ERR_NOT_FOUND leaves err untouched. */
int merge_delete(struct cursor *, struct slice key, struct error *);

#endif
