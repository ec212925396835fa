/* forget.h -- what the learning environment lets go of, so that it never grows full.
 *
 *   decisions   the oldest, by age, by number, and where the environment is too large
 *   event ids   those that can only speak of decisions that are gone
 *   memory      pairs whose evidence has faded; while the memory takes more than two
 *               thirds of what the environment may, the weakest first
 *   profiles    values that users liked, in the same way, within a sixth
 *   tallies     slots of time that are older than any window shown
 *
 * Models are small and stay. Each step is bounded and belongs to the learner's
 * transaction; what is forgotten and not committed is forgotten again later. The
 * learner's thread only. */
#ifndef FEED_FORGET_H
#define FEED_FORGET_H

#include "base/arena.h"
#include "index/memory.h"
#include "store/key.h"
#include "store/store.h"

struct forget_limits {
	int64_t keep_ms; /* age of the oldest decision */
	uint64_t keep_decisions;
	uint64_t bytes; /* of the environment's tables */
};

/* A walk over rows of sums that fade. */
struct fading {
	struct key at;
	double least; /* a sum below it goes */
};

/* Zero at first; where the walks stand is not saved. */
struct forgetting {
	struct fading memory, profiles;
	uint64_t decisions, pairs, likes; /* forgotten so far */
};

/* In the memory's transaction, at its time; of all collections.  1 if more is waiting, 0 if
 * not, or what the store says. */
int forget_step(struct forgetting *, const struct forget_limits *, const struct memory *,
	struct arena *, struct error *);

#endif
