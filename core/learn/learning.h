/* learning.h -- the environment of what is learnt: its tables and their keys.
 *
 *   meta       "version", "next" -> u64 decision ids below it may have been given out,
 *              "collection/NAME" -> u64 its number in models and memory
 *   decisions  id                -> decision (decision.h)
 *   outcomes   id                -> outcome
 *   windows    close_ms id       -> "": decisions whose window is open
 *   events     hash(event id)    -> i64 time: ids counted already
 *   seen       time hash         -> "": the same by age, for forgetting
 *   models     (model.h)
 *   memory     (index/memory.h)
 *   history    (history.h)
 *   tallies    (tally.h)
 *   profiles   (profile.h)
 *
 * All numbers in keys are big endian.  The learner writes; anybody reads. */
#ifndef LEARN_LEARNING_H
#define LEARN_LEARNING_H

#include "base/arena.h"
#include "index/memory.h"
#include "learn/decision.h"
#include "learn/profile.h"
#include "store/store.h"

enum learning_table {
	LEARNING_META,
	LEARNING_DECISIONS,
	LEARNING_OUTCOMES,
	LEARNING_WINDOWS,
	LEARNING_EVENTS,
	LEARNING_SEEN,
	LEARNING_MODELS,
	LEARNING_MEMORY,
	LEARNING_HISTORY,
	LEARNING_TALLIES,
	LEARNING_PROFILES,
	LEARNING_TABLES
};

/* ERR_STATE for a folder of another version. */
int learning_open(struct store **out, const char *path, uint64_t map_bytes, bool no_sync,
	struct error *);

/* The logged decision; ERR_NOT_FOUND says so.  Slices borrow from the map. */
int learning_decision(struct txn *, struct arena *, uint64_t id, struct decision *out,
	struct error *);
/* Its outcome; one with nothing in it where none was written yet. */
int learning_outcome(struct txn *, struct arena *, const struct decision *, struct outcome *out,
	struct error *);
int learning_put_outcome(struct txn *, const struct outcome *, struct error *);
/* A decision, by its key, goes with its outcome; 0, too, where there is none. */
int learning_drop(struct txn *, struct slice key, struct error *);

/* First decision id that was never given out; and reserving up to `next`. */
int learning_next(struct txn *, uint64_t *next, struct error *);
int learning_reserve(struct txn *, uint64_t next, struct error *);

/* The number of a collection, kept under its name: a new one gets the next.  A write
 * transaction. */
int learning_number(struct txn *, const char *collection, uint16_t *out, struct error *);

/* What users like, in the transaction, collection and time of a memory, with its half-life. */
struct profiles learning_profiles(const struct memory *);

#endif
