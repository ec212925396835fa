/* facet_parts.h -- between facet.c, which counts columns and has the tables, and
 * facet_terms.c, which counts tags, refs and kinds. */
#ifndef QUERY_FACET_PARTS_H
#define QUERY_FACET_PARTS_H

#include "query/facet.h"

/* The values that are shown so far, the best first. */
struct top {
	struct facet_value *items;
	int count, limit;
};

/* A count must be above this. */
static inline uint64_t top_least(const struct top *t)
{
	return t->count < t->limit ? 0 : t->items[t->count - 1].count;
}
void top_offer(struct top *, const struct facet_value *);

/* A value and how many have it. */
struct slot {
	struct slice term; /* or, of numbers: */
	double number;
	struct slice written;
	uint64_t count;
	uint32_t doc; /* that counted last */
};

struct tally {
	struct arena *arena;
	struct slot *slots; /* count 0: free */
	size_t mask, used;
	bool full;
};

/* The slot of a value, new or not; NULL where there are too many. */
struct slot *tally_at(struct tally *, struct slice term, double number);

/* A facet being counted. */
struct facet_run {
	struct view *view;
	struct arena *arena;
	const struct matches *matches;
	int64_t deadline_us;
	bool complete;
	const struct facet *facet;
	struct top top;
	struct tally tally;
	uint32_t doc; /* being read */
};

bool facet_out_of_time(struct facet_run *);
/* The tally's best. */
void facet_take_tally(struct facet_run *);

/* Those of tags, refs and kinds. */
void facet_count_terms(struct facet_run **, int count);

#endif
