/* sort.h -- a set of documents in the order of its columns.
 *
 * Documents without a value come last, whichever way is sorted; equals by static
 * quality, best first, then by number.  In the arena; one thread. */
#ifndef QUERY_SORT_H
#define QUERY_SORT_H

#include "query/matches.h"

struct sort_key {
	const struct field *field; /* a number or a date */
	bool descending;
};

/* Errors name the field, and the nearest there is. */
int sort_parse(struct sort_key *, const struct schema *, struct slice field, bool descending,
	struct error *);

/* The first `most` by the first key, equals by the second, ...; 1 to SORT_KEYS_MAX
 * keys.  How many there are; *docs has them in order. */
size_t sort_first(struct view *, struct arena *, const struct sort_key *, int count,
	const struct matches *, size_t most, uint32_t **docs);

#endif
