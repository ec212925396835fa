/* filter.h -- the WHERE expression:
 *
 *     kind = track AND (genre = pop OR genre >= 0.5 country) AND NOT explicit = 1
 *     released >= 2010-01-01 AND released < 2020   popularity 50..80   id IN (a, b)
 *     artist_id = artist:06HL
 *
 *   expr  := and ("OR" and)*        and := unit ("AND" unit)*
 *   unit  := "NOT" unit | "(" expr ")" | FIELD op value | FIELD low ".." high
 *          | FIELD "IN" "(" value ("," value)* ")"
 *   op    := = != < <= > >=         tags and refs take =, != and IN
 *   tags also:  FIELD >= WEIGHT VALUE
 *   value := word | 'quoted' | "quoted"    `kind` and `id` are always fields
 *
 * Words are case-insensitive; errors say the column and what was expected. */
#ifndef QUERY_FILTER_H
#define QUERY_FILTER_H

#include "base/arena.h"
#include "base/error.h"
#include "index/reader.h"
#include "query/plan.h"

int filter_parse(struct filter **out, const struct schema *, struct slice text,
	struct arena *, struct error *);

/* Ready to test documents (posting lists opened, values folded). */
struct filter_run;
struct filter_run *filter_open(struct view *, struct arena *, const struct filter *);
bool filter_pass(struct filter_run *, uint32_t doc); /* docs in any order */
void filter_close(struct filter_run *);

/* Both (either may be NULL). */
struct filter *filter_and(struct arena *, struct filter *, struct filter *);

#endif
