/* features.h -- the named features of one search's context, as numbers in [0, 1].
 *
 *     phi = 1 (the bias), the context's features in the order given,   feature_set_fill
 *           then the arm's own ACTION_FEATURES values                  phi_join
 *
 * A number is scaled from [lo, hi]; a flag is 0 or 1; a cycle (hour of the day) is
 * two numbers, (1 + sin) / 2 and (1 + cos) / 2; a category is hashed into k places
 * of which one is 1 (hash_bytes: the same place on every machine); a product is that of
 * two other features, numbers or flags, as they stand in phi: what depends on both.  What
 * is absent or not a number is 0 everywhere.
 *
 * A set is built once and immutable: any thread, no locks.  Every number of phi has
 * a name ("words", "hour.sin", "genre.3/8", "arm.query") and what is learnt is kept by
 * it: reordering is free, a rename starts afresh. */
#ifndef LEARN_FEATURES_H
#define LEARN_FEATURES_H

#include <assert.h>

#include "base/error.h"
#include "base/slice.h"
#include "limits.h"

enum feature_kind {
	FEATURE_NUMBER,
	FEATURE_FLAG,
	FEATURE_CYCLE,
	FEATURE_CATEGORY,
	FEATURE_PRODUCT,
};

struct feature_spec {
	const char *name; /* 1 .. FEATURE_NAME_MAX bytes, unique; "bias" is taken */
	enum feature_kind kind;
	double lo, hi;     /* FEATURE_NUMBER: lo < hi, both finite */
	double period;     /* FEATURE_CYCLE: > 0, in the value's unit */
	unsigned buckets;  /* FEATURE_CATEGORY: 2 or more */
	const char *of[2]; /* FEATURE_PRODUCT: names of a number or flag each */
};

#define FEATURE_NAME_MAX 64

/* One feature's value for one search; a product needs none. */
struct feature_value {
	bool present;
	double number;     /* number, cycle; flag: other than 0 is true */
	struct slice text; /* category; borrowed for the call */
};

/* What is known of an arm for this search, before it is asked: its own part of phi, in
 * this order, under the names "arm.memory", ... */
enum action {
	ACTION_MEMORY,     /* memory: posterior mean of the best entity remembered */
	ACTION_REMEMBERED, /* memory: how much is remembered, n / (n + 5) */
	ACTION_KNOWN,      /* share of the plan's words that the dictionary knows */
	ACTION_MATCHES,    /* log(1 + matches expected) / log(1 + documents) */
	ACTION_SOURCE,     /* 1: entities are named by the plan or by memory, 0: searched for */
	ACTION_KIND,       /* share of documents that the plan's kind leaves; 1: any kind */
	ACTION_QUERY,      /* what it earned when asked for this query (history.h) */
	ACTION_SEEN,       /* how often it was, n / (n + 5) */
	ACTION_READING,    /* what it earned for this reading */
	ACTION_USER,       /* what it earned for this user */
	ACTION_PACE,       /* where time is bounded: log(1 + us expected) / log(1e6) */
	ACTION_PROBED,     /* it was probed; else the rest is 0 */
	ACTION_BEST,       /* best score s of the probe, s / (s + 10) */
	ACTION_GAP,        /* how far the last score is below the best, of the best */
	ACTION_FOUND,      /* found, of those asked for */
	ACTION_OVERLAP,    /* share of them that other probes have, too */
};
static_assert(ACTION_OVERLAP + 1 == ACTION_FEATURES, "each has its place in phi");

/* Numbers of phi that it takes. */
unsigned feature_numbers(const struct feature_spec *);

struct feature_set;

/* `count` specs, copied, may be 0.  ERR_ARG for a bad range, name or factor, ERR_EXISTS for
 * a name twice, ERR_LIMIT when the numbers (bias among them) pass FEATURES_MAX. */
int feature_set_new(struct feature_set **out, const struct feature_spec *specs, int count,
	struct error *);
void feature_set_free(struct feature_set *); /* NULL is fine */

int feature_set_count(const struct feature_set *); /* specs */
const struct feature_spec *feature_set_spec(const struct feature_set *, int i);
int feature_set_find(const struct feature_set *, struct slice name); /* spec, or -1 */

/* Numbers in the context's part of phi: 1 .. FEATURES_MAX. */
int feature_set_width(const struct feature_set *);
/* Numbers in the whole of phi: the width and ACTION_FEATURES. */
int feature_set_full(const struct feature_set *);
/* The name of number i of the whole phi, and its hash, as kept on disk. */
const char *feature_set_name(const struct feature_set *, int i);
const uint64_t *feature_set_ids(const struct feature_set *);
/* Stands for names, kinds, ranges and order: equal hashes, comparable phi. */
uint64_t feature_set_hash(const struct feature_set *);

/* Fill phi[0 .. width) from one value a spec, in the order of the specs.  Returns
 * the specs whose number was outside its range and got clipped, bit i for spec i:
 * for the caller to count (a cycle wraps and is never clipped). */
uint64_t feature_set_fill(const struct feature_set *, const struct feature_value *values,
	float *phi);

/* The specs without a value, products left out, likewise. */
uint64_t feature_set_absent(const struct feature_set *, const struct feature_value *values);

/* full[0 .. width + ACTION_FEATURES) from the context's phi and an arm's own values,
 * each clipped to [0, 1], NaN to 0.  Returns how many numbers that is. */
int phi_join(float *full, const float *phi, int width, const float action[ACTION_FEATURES]);

#endif
