/* drift.h -- whether the features of searches are still what they were.
 *
 * For each feature of the collection's scripts: how often it was absent, how often out of
 * its range, mean and spread in its own unit (of a category: the shares of its places), of
 * late compared with the days before.  What is worth an operator's look is said in words:
 *
 *     out of range in 12% of searches (0% before)
 *     moved by 3.1 sd: 6.4, 2.1 before
 *     spread by 2.5: sd 3.2, 1.3 before
 *     absent in 60% of searches (5% before)
 *     true in 60% of searches (10% before)
 *     the places of 24% of searches are others than before
 *     always 0: it tells nothing
 *
 * Said is what is large, not what can be measured: at least half an sd, twice the spread, a
 * tenth of the searches, a hundredth out of range; and so much that chance does not do it.
 * A cycle (hour, weekday) differs by nature from window to window: only its absence is
 * judged, and products follow their factors.  Rows are sums by time (tally.h).
 *
 * The learner's thread counts; anybody reads. */
#ifndef LEARN_DRIFT_H
#define LEARN_DRIFT_H

#include "learn/decision.h"
#include "learn/features.h"
#include "learn/tally.h"

/* The features of a decision; of another feature set than this it counts nothing. */
void drift_count(struct tally *, uint16_t collection, const struct feature_set *,
	const struct decision *, int64_t oldest_ms);

enum { BEFORE, NOW, PERIODS };

struct drift {
	const char *name; /* the set's */
	enum feature_kind kind;
	double searches[PERIODS];
	double absent[PERIODS], outside[PERIODS]; /* shares of these */
	double mean[PERIODS], sd[PERIODS];        /* of a number or flag */
	double moved;   /* sds of before; of a category: share of searches; else 0 */
	char says[256]; /* in words; empty: nothing to say */
};

/* One a feature, in the set's order, products left out; in the arena.  NOW are the last
 * window_ms, BEFORE what is kept of the time before (TALLY_KEEP_MS).  How many. */
int drift_read(const struct tally_rows *, const struct feature_set *, int64_t now_ms,
	int64_t window_ms, struct drift **out, struct error *);

#endif
