/* sweep.h -- any of some words, the k best, a segment of documents at a time.
 *
 * What MaxScore (Turtle and Flood 1995) does document by document is done here for
 * 4,096 documents at once.  Leaves are ordered by the most they can add; the weakest
 * whose sum cannot reach the threshold are not swept, only asked.  Of the others, each
 * segment's blocks tell by their bounds (Ding and Suel 2011; over ranges of documents
 * as in Dimopoulos et al. 2013) which stretches of 256 documents may hold something;
 * their postings are added up in an array of floats, a little high, and what is above
 * the threshold there is scored exactly.  So the sums only choose: the result, to the
 * bit, is that of scoring every match.
 *
 * One worker; memory from the arena. */
#ifndef QUERY_SWEEP_H
#define QUERY_SWEEP_H

#include "base/heap.h"
#include "query/score.h"

struct sweep_env {
	struct view *view;
	struct arena *arena;
	struct matcher *matcher;
	struct scorer *scorer;
	struct filter_run *filter;
	struct heap *heap;
};

/* Any of leaves, all of them and all scores bounded? */
bool sweep_can(const struct matcher *, const struct scorer *);
/* Documents scored exactly, or ERR_CORRUPT, ERR_IO. */
int64_t sweep_run(const struct sweep_env *, struct error *);

#endif
