/* model.h -- the learner's state for one collection: a ridge regression for every
 * (arm, bucket), the pace and the pin of every arm, how the traffic is split, a version.
 *
 * The learner thread's alone.  Order of work in one transaction of the learning
 * environment:
 *
 *     model_count(...)   when a decision is logged
 *     model_apply(...)   for each event; model_close(...) for each closed window
 *     model_save(...)    what changed, with outcomes and events in the same txn
 *     store_commit; then model_saved(...) and cell_publish(cell, model_publish(...))
 *
 * If the commit fails, what is in memory is ahead of the disk: free the model and
 * load it again, or redelivered events count twice.
 *
 * All is kept by name: arms by theirs, features by theirs, buckets by their ranks
 * (6..10).  Reordering, adding or dropping keeps the rest; an arm that is gone for a
 * while finds what it had, until MODEL_ARMS_MAX newer ones push it out. */
#ifndef LEARN_MODEL_H
#define LEARN_MODEL_H

#include "base/cell.h"
#include "base/error.h"
#include "learn/decision.h"
#include "learn/features.h"
#include "learn/learnt.h"
#include "learn/reward.h"
#include "store/store.h"

struct model;

#define MODEL_ARMS_MAX 256 /* names remembered: ARMS_MAX live ones and many old */

struct model_options {
	double lambda; /* ridge, > 0; 1 */
	double gamma;  /* memory per observation of a bucket, (0, 1]; 0.999 */
	struct levels levels;
};

#define MODEL_OPTIONS_DEFAULT ((struct model_options){ LAMBDA_DEFAULT, 0.999, LEVELS_DEFAULT })

/* Nothing learnt.  The feature set is borrowed for the call only.  ERR_ARG for bad
 * options. */
int model_new(struct model **out, const struct model_options *, const struct feature_set *,
	struct error *);
/* As saved, or nothing learnt where nothing was saved; `table` as store.h numbers. */
int model_load(struct model **out, struct txn *, int table, uint16_t collection,
	const struct model_options *, const struct feature_set *, struct error *);
void model_free(struct model *); /* NULL is fine */

/* New scripts: go over to another feature set, keeping what has the same names.
 * Decisions made under the last few sets can still be learnt from. */
void model_use_features(struct model *, const struct feature_set *);

/* A decision was logged: its arms are known from now on, with what they took.  Once each. */
void model_count(struct model *, const struct decision *);

/* An operator pins an arm's share, or (pin->set false) takes the pin off; kept over
 * restarts and reloads, by name, also of an arm that is not there yet.  ERR_ARG. */
int model_pin(struct model *, struct slice name, const struct pin *, int64_t now_ms,
	struct error *);

/* An operator shares the traffic out among policies, or (count 0) no longer; kept over
 * restarts. */
void model_split(struct model *, const struct split *);

struct model_change {
	double before, after; /* the entity's reward */
	bool shown;           /* it was on the page */
	int credits;          /* arms that brought it */
	struct credit credit[ARMS_MAX];
	double given[ARMS_MAX]; /* by credit: reward added to that bucket */
};

/* An event for a decision: raises the entity's reward by the ladder and gives the
 * difference to each bucket that brought it (a bucket's reward is at most 1): what an arm
 * brings does not depend on the company it was asked in.  What arms have in common is
 * learnt by pairs (overlap.h) and is the policy's business.  The outcome is changed too,
 * strings going to the arena; the caller saves it.  `change` may be NULL.  Twice the same
 * event id must be caught before: here it would only be listed twice, since rewards rise
 * and do not add.  MODE_OBSERVE decisions change the outcome only.  ERR_NOT_FOUND (no such
 * rung), ERR_LIMIT: nothing has changed. */
int model_apply(struct model *, const struct decision *, struct outcome *, const struct ladder *,
	struct arena *, struct slice entity, const struct outcome_event *,
	struct model_change *change, struct error *);

/* The window is over: every drawn bucket that earned nothing is told 0.  Returns how
 * many were; a second call does nothing. */
int model_close(struct model *, const struct decision *, struct outcome *);

/* Learn a whole decision at once, long after, from what it earned in the end. */
void model_replay(struct model *, const struct decision *, const struct outcome *);

/* Write changed arms and buckets.  They stay marked until model_saved. */
int model_save(struct model *, struct txn *, int table, uint16_t collection, struct error *);
void model_saved(struct model *);

/* The picture of now (struct learnt), one reference for the caller, to publish; the
 * version grows if anything changed since the last.  Shares every bucket that did not
 * change with the picture before. */
struct snapshot *model_publish(struct model *);
uint64_t model_version(const struct model *);

/* Decisions whose feature set is no longer known: counted, not learnt from. */
uint64_t model_stale(const struct model *);

#endif
