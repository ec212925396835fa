/* pace.h -- how long an arm takes to bring so many candidates.
 *
 * A running mean of the microseconds at each level, forgetting, and a straight line
 * through all of them for levels that were asked too seldom.  Plain values; the
 * learner's thread. */
#ifndef LEARN_PACE_H
#define LEARN_PACE_H

#include "base/buf.h"
#include "learn/levels.h"

struct pace {
	double n, x, xx, t, xt; /* discounted sums: count, depth, time */
	struct {
		uint16_t depth; /* 0: free */
		double n, us;   /* discounted count, mean */
	} level[LEVELS_MAX];
};

/* An arm asked for `depth` candidates (> 0) took so long.  A single stall counts for at
 * most a few times what was expected. */
void pace_add(struct pace *, unsigned depth, double us);

/* Expected microseconds at each level, out[0] = 0, never falling with depth; false and
 * zeros where nothing was ever measured. */
bool pace_us(const struct pace *, const struct levels *, float out[LEVELS_MAX]);

void pace_encode(const struct pace *, struct buf *);
/* False for bytes that are not ours (or sets `failed`). */
bool pace_decode(struct pace *, struct reader_bytes *);

#endif
