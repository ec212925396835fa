/* reward.h -- what an event is worth, and who earned it.
 *
 * The ladder gives each kind of event a reward in [0, 1] (rewards.lua says which):
 * an entity's reward is that of the highest rung it reached, so later events only
 * raise it and their order does not matter.
 *
 * Credit: an entity that n arms brought counts 1/n of its reward for each, in the bucket
 * where it stood in that arm's list: so rewards of arms add up.  What teaches is another
 * thing (model.h).  Immutable after it is made; any thread. */
#ifndef LEARN_REWARD_H
#define LEARN_REWARD_H

#include "base/error.h"
#include "base/slice.h"
#include "learn/decision.h"

struct rung {
	const char *event; /* 1 .. 64 bytes, unique */
	double reward;     /* 0..1 */
};

struct ladder;

/* 1 .. EVENTS_NAMES_MAX rungs in any order, copied.  ERR_ARG, ERR_EXISTS, ERR_LIMIT. */
int ladder_new(struct ladder **out, const struct rung *, int count, struct error *);
/* For a collection without rewards.lua: click .3, play, like and cart .6, save .7,
 * purchase 1. */
struct ladder *ladder_default(void);
void ladder_free(struct ladder *); /* NULL is fine */

/* The reward after the event, never below `before`: the rung's reward times the
 * event's value, which is taken within 0..1 (a share watched; a price counts 1).
 * ERR_NOT_FOUND, with the names there are, for an event that is no rung. */
int ladder_raise(const struct ladder *, struct slice event, double value, double before,
	double *after, struct error *);

struct credit {
	int arm, bucket;
	double share; /* 1/n */
};

/* Who brought the entity: at most one entry an arm; its best rank counts.  Returns
 * n; 0: nobody (it may have been found in another way).  A rank below what was drawn
 * does not count. */
int credit_split(const struct decision *, uint64_t entity, struct credit out[ARMS_MAX]);

#endif
