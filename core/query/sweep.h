/* sweep.h -- any, all, or some of a few words, the k best, a segment of documents at a
 * time.
 *
 * What MaxScore (Turtle and Flood 1995) does document by document is done here for
 * 4,096 documents at once.  Any of words: leaves are ordered by the most they can add;
 * the weakest whose sum cannot reach the threshold are not swept, only asked.  All of
 * them: the rarest are swept, the others asked; a phrase's places are looked up last, of
 * what would enter.  Of the swept, each segment's blocks tell by their bounds (Ding and
 * Suel 2011; over ranges of documents as in Dimopoulos et al. 2013) which stretches of 256
 * documents may hold something; their postings are added up in an array, in units
 * (score.h), and what is above the threshold there is scored to the end.  So that it is high
 * from the beginning, the best documents of words that few have are scored first of all.
 * The result, to the bit, is that of scoring every match.
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

/* Leaves under one node without NOTs, all of them and all scores bounded, and not too
 * few postings for it? */
bool sweep_pays(const struct matcher *, const struct scorer *);
/* Documents scored to the end, or ERR_CORRUPT, ERR_IO. */
int64_t sweep_run(const struct sweep_env *, struct error *);

#endif
