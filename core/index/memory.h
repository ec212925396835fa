/* memory.h -- the memory index (Q2E): what people did after a query, as
 * query -> entity scores.
 *
 * key (a normalised query "q:tayler love", or a context key such as "user:7")
 * and entity -> prior, decayed reward, decayed examined impressions, time.
 *
 *     score = (w * prior + reward) / (w + impressions),   w = PRIOR_WEIGHT
 *
 * both sums halve every half-life; a pair whose sums are together below MEMORY_FADED is
 * no longer there.  It lives in the learning environment (the
 * learner writes it with the event that caused it); entities are ids. */
#ifndef INDEX_MEMORY_H
#define INDEX_MEMORY_H

#include "base/arena.h"
#include "base/rng.h"
#include "store/key.h"
#include "store/store.h"

struct memory_options {
	double prior_weight; /* w, in impressions; 4 */
	double prior;        /* of a pair with no prediction; 0.05 */
	double half_life_ms; /* 30 days */
};

struct memory_row {
	struct slice entity; /* id; in the arena */
	float score;         /* posterior mean, 0..1 */
	float draw;          /* a posterior draw (Beta), what ranks */
	float reward, impressions;
};

/* A collection's memory at a time. */
struct memory {
	struct txn *txn; /* of the learning environment */
	int table;
	uint16_t collection; /* number that its keys are written under */
	int64_t now_ms;
	const struct memory_options *options;
};

/* The learner, inside its write transaction: add to a pair (amounts may be 0,
 * reward within 0..1 times events).  Keeps the MEMORY_ENTITIES_MAX best pairs. */
int memory_add(const struct memory *, struct slice key, struct slice entity, double reward,
	double impressions, struct error *);

/* Rows of a key, in the arena, highest draw first (rng NULL: highest mean first).  How many;
 * 0 where nothing is remembered. */
int memory_get(const struct memory *, struct slice key, struct rng *, struct arena *,
	struct memory_row **out, struct error *);

/* Nothing is remembered under the key any more. */
int memory_drop(const struct memory *, struct slice key, struct error *);

/* Drop pairs of all collections whose sums are together below `least`, and rows with none
 * left: a step of `rows` rows from *at (empty: the first), which moves on; empty after the
 * last row.  The number of pairs dropped. */
int memory_forget(const struct memory *, struct key *at, int rows, double least, struct error *);

#endif
