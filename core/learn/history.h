/* history.h -- what each strategy earned of late, for one query, one reading, one user.
 *
 * A key is what the search was like; under it stand, by strategy, how often it was asked
 * and what it earned then (what was credited to its buckets, together), the last twenty or
 * so counting.  What a search reads of it becomes the strategies' own features.
 *
 * Bounded: a collection has HISTORY_SLOTS places, a key falls on one of them by its hash,
 * and a newcomer gets the place when the one that holds it has come seldom.
 *
 * The learner writes, in its transaction; anybody reads in theirs. */
#ifndef LEARN_HISTORY_H
#define LEARN_HISTORY_H

#include "learn/decision.h"
#include "store/store.h"

enum history_kind {
	HISTORY_ALL,     /* every search of the collection: what the others are held against */
	HISTORY_QUERY,   /* the folded query */
	HISTORY_READING, /* its likeliest reading, in slot notation */
	HISTORY_USER
};

/* Never 0. */
uint64_t history_key(enum history_kind, struct slice text);

struct history_row {
	uint32_t arm;    /* of its name */
	float n, reward; /* discounted: times asked, earned in all */
};

struct history {
	int count;
	struct history_row row[ARMS_MAX];
};

/* Empty where nothing is known.  ERR_CORRUPT, or an error of the store. */
int history_read(struct txn *, int table, uint16_t collection, uint64_t key, struct history *out,
	struct error *);
/* What the arm may be expected to earn when it is asked: (w prior + reward) / (w + n),
 * w = HISTORY_WEIGHT.  0..1 if the prior is. */
float history_mean(const struct history *, struct slice arm, float prior);

#define HISTORY_WEIGHT 3

/* How often it was asked, of late. */
float history_times(const struct history *, struct slice arm);

/* Nothing is known under the key any more. */
int history_drop(struct txn *, int table, uint16_t collection, uint64_t key, struct error *);

/* The window of a decision is over: what its drawn arms earned is added under each of its
 * keys. */
int history_add(struct txn *, int table, uint16_t collection, const struct decision *,
	const struct outcome *, struct error *);

#endif
