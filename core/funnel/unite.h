/* unite.h -- the union of what the strategies brought, with provenance.
 *
 * Every candidate stands once and keeps each strategy's own rank and score of it.
 * All in the request's arena; one thread. */
#ifndef FUNNEL_UNITE_H
#define FUNNEL_UNITE_H

#include "base/arena.h"
#include "base/heap.h"

/* What one strategy brought, best first. */
struct drawn {
	const struct scored *hits;
	size_t count;
};

struct candidate {
	uint32_t doc;
	uint16_t *rank;     /* by strategy: 1 is its best; 0: it did not bring this one */
	float *arm_score;   /* by strategy: its own score, 0 where it did not */
	unsigned arms;      /* how many strategies brought it */
	unsigned best_rank; /* the smallest of its ranks */
	float score;        /* the ranker's, filled by rank.h */
	float *features;    /* the ranker's, filled by rank.h */
	uint8_t team;       /* of a draft (draft.h): 1 or 2; 0: there was none */
};

struct candidates {
	struct candidate *items; /* in order of first sight: strategy by strategy */
	size_t count;
};

/* `drawn` has one entry a strategy; a document twice in one list keeps its better
 * rank.  Ranks above 65535 are an error of ours (DEPTH_MAX is far below). */
void unite(struct arena *, const struct drawn *drawn, int arms, struct candidates *out);

/* The candidate for `doc`, or NULL. */
struct candidate *candidates_find(const struct candidates *, uint32_t doc);

#endif
