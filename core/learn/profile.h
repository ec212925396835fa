/* profile.h -- what a user likes: a small histogram over the tags and kinds of what he
 * rewarded.
 *
 * Under a user stand the sum of his rewards and, by field and value, the sum of the rewards
 * of entities that have that value, by the weight with which they have it.  All sums halve
 * every half-life.  Then
 *
 *     share = sum of the value / (sum of all rewards + PROFILE_WEIGHT)
 *
 * is 0 for what he never chose, and comes near 1 only where he chose much and all of it had
 * the value.  A user has at most PROFILE_VALUES_MAX values; the weakest makes room, and one
 * below PROFILE_FADED is no longer there.
 *
 * The learner writes it with the event that caused it; anybody reads in their own
 * transaction.  Values are terms, folded as tags are found. */
#ifndef LEARN_PROFILE_H
#define LEARN_PROFILE_H

#include "base/arena.h"
#include "limits.h"
#include "store/key.h"
#include "store/store.h"

#define PROFILE_WEIGHT      1.0
#define PROFILE_FADED       0.01
#define PROFILE_VALUE_BYTES 64 /* longer ones are left out */

/* A value of an entity, with its weight, 0..1. */
struct profile_trait {
	struct slice field, value;
	double weight;
};

struct profile_like {
	struct slice field, value;
	double share; /* 0..1 */
};

struct profile {
	double rewards; /* decayed sum */
	int count;
	struct profile_like like[PROFILE_VALUES_MAX]; /* by field, in it the largest first */
};

/* A collection's profiles at a time. */
struct profiles {
	struct txn *txn; /* of the learning environment */
	int table;
	uint16_t collection;
	int64_t now_ms;
	double half_life_ms;
};

/* A user's name has 1 to PROFILE_USER_MAX bytes; of others nothing is kept.
 *
 * The learner, in its write transaction: an entity of these traits earned `reward`, >= 0. */
int profile_add(const struct profiles *, struct slice user, const struct profile_trait *, int count,
	double reward, struct error *);
/* In the arena; NULL if nothing is known.  ERR_CORRUPT, or an error of the store. */
int profile_read(const struct profiles *, struct slice user, struct arena *, struct profile **out,
	struct error *);
/* Nothing is known of him any more. */
int profile_drop(const struct profiles *, struct slice user, struct error *);
/* Drop values of all collections whose sum is below `least`, and users with none left: a step
 * of `rows` rows from *at (empty: the first), which moves on; empty after the last row.  The
 * number of values dropped. */
int profile_forget(const struct profiles *, struct key *at, int rows, double least, struct error *);

#endif
