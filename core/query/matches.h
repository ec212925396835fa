/* matches.h -- every document that some plans match, as a set: what FACETS count and
 * SORT orders.
 *
 * A plan's documents are those of its match within its own filter and the search's; a
 * plan without a match has all documents.  Plans of what is remembered and of ids have
 * none.  One thread; in the arena. */
#ifndef QUERY_MATCHES_H
#define QUERY_MATCHES_H

#include "query/filter.h"
#include "query/search.h"

struct matches {
	uint64_t *bits;    /* SEGMENT_WORDS a segment, by document number */
	uint32_t segments; /* that the collection has */
	uint32_t done;     /* that were looked through: fewer where time was out */
	uint64_t count;    /* documents in the set */
};

/* The union of what the plans match.  At `deadline_us` (of clock_mono_us; 0: never) it
 * stops with what it has of the smaller document numbers.  A plan that search_run would
 * refuse is left out; ERR_CORRUPT and ERR_IO for damaged lists. */
int matches_find(const struct search_env *, const struct plan *const *plans, int count,
	struct filter *where, int64_t deadline_us, struct matches *out, struct error *);

/* One more, or no change if it is there. */
void matches_add(struct matches *, uint32_t doc);

static inline bool matches_has(const struct matches *m, uint32_t doc)
{
	return m->bits[doc / 64] >> (doc % 64) & 1;
}

#endif
