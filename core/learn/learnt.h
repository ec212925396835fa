/* learnt.h -- what a search reads of a collection's model: an immutable picture,
 * published through base/cell.h by the learner (model.h makes it), read by any
 * thread without a lock. */
#ifndef LEARN_LEARNT_H
#define LEARN_LEARNT_H

#include "base/slice.h"
#include "learn/levels.h"
#include "learn/linear.h"
#include "learn/overlap.h"
#include "learn/split.h"

struct learnt;

#define LAMBDA_DEFAULT 10.0 /* the prior where there is no picture yet */

/* An operator's word on an arm's share of the searches; it goes before the script's. */
struct pin {
	bool set;
	float min, max; /* 0 <= min <= max <= 1 */
};

/* How the collection's traffic is shared out; NULL: as tollerd.conf says. */
const struct split *learnt_split(const struct learnt *);

/* Grows by one with every published change. */
uint64_t learnt_version(const struct learnt *);
/* Of the feature set (feature_set_hash) that phi must come from, else the policy
 * starts every arm from the prior. */
uint64_t learnt_features(const struct learnt *);
double learnt_lambda(const struct learnt *);

/* The worst condition of any bucket's regression (linear_fit_condition); 1: none yet. */
double learnt_condition(const struct learnt *);

int learnt_arms(const struct learnt *);
/* An arm by name, -1 where nothing was learnt of it; then `policy_arm.learnt`. */
int learnt_find(const struct learnt *, struct slice name);
const struct pin *learnt_pin(const struct learnt *, int arm);
/* Expected microseconds of asking the arm at each level; arm -1: the mean of all known
 * arms.  Zeros while nothing was measured. */
void learnt_us(const struct learnt *, int arm, float out[LEVELS_MAX]);
/* Chances that the other arm has what this one brings; NULL: nothing seen of the two. */
const overlap_table *learnt_overlap(const struct learnt *, int arm, int other);
/* NULL: nothing observed, the prior holds. */
const struct linear_fit *learnt_fit(const struct learnt *, int arm, int bucket);

#endif
