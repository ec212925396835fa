/* kept.h -- sets of documents that a worker keeps while no commit happens, so that
 * what one request found out about them serves the requests after it.
 *
 * A set is found by a key of its maker's and filled segment by segment, when someone
 * asks.  Sets that were not used for longest make room for others; those that the
 * present request (since reader_begin) has asked for stay. */
#ifndef INDEX_KEPT_H
#define INDEX_KEPT_H

#include "index/reader.h"

#define SEGMENT_WORDS (SEGMENT_DOCS / 64)

struct kept {
	uint64_t *bits;  /* SEGMENT_WORDS a segment; valid where it is known */
	uint64_t *known; /* a bit a segment, the caller's to set */
	double share;    /* the caller's note; NaN at first */
};

/* The set of that key, new or not; NULL where there is no room.  Borrowed until
 * reader_end. */
struct kept *view_keep(struct view *, struct slice key);

static inline bool segment_any(const uint64_t bits[SEGMENT_WORDS])
{
	uint64_t any = 0;
	int i;

	for (i = 0; i < SEGMENT_WORDS; i++)
		any |= bits[i];
	return any;
}

static inline bool kept_knows(const struct kept *k, uint32_t doc)
{
	return k->known[doc / SEGMENT_DOCS / 64] >> (doc / SEGMENT_DOCS % 64) & 1;
}

static inline bool kept_has(const struct kept *k, uint32_t doc)
{
	return k->bits[doc / 64] >> (doc % 64) & 1;
}

#endif
