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
 *   value := word | 'quoted' | "quoted"    FIELD also: id; kind, if no field has that name
 *
 * Words are case-insensitive; errors say the column and what was expected. */
#ifndef QUERY_FILTER_H
#define QUERY_FILTER_H

#include "base/arena.h"
#include "base/error.h"
#include "index/kept.h"
#include "query/plan.h"

int filter_parse(struct filter **out, const struct schema *, struct slice text, struct arena *,
	struct error *);

#define FILTER_COMMON 16 /* a list of one document in so many or more is kept */

/* Ready to test documents.  Ranges and common lists keep what they found in the view
 * (index/kept.h): the same condition costs little the next time. */
struct filter_run;
struct filter_run *filter_open(struct view *, struct arena *, const struct filter *);
/* Passes what the list of a term has (of GROUP_KIND, a tag or a ref). */
struct filter_run *filter_open_term(struct view *, struct arena *, int group, struct slice term);
void filter_close(struct filter_run *);

/* NULL passes all, here and in what follows but filter_segment. */
bool filter_pass(struct filter_run *, uint32_t doc); /* docs in any order */
/* Which documents pass of the segment that begins at `low`, a multiple of
 * SEGMENT_DOCS; false if none does.  Bits of numbers that no document has are 0. */
bool filter_segment(struct filter_run *, uint32_t low, uint64_t bits[SEGMENT_WORDS]);
/* None of the documents from `doc` to before this one pass; it may.  DOC_NONE: none
 * from there on. */
uint32_t filter_seek(struct filter_run *, uint32_t doc);
/* About which share of the documents pass, 0 to 1, as if the parts of an AND or an OR
 * had nothing to do with each other. */
double filter_share(struct filter_run *);
/* ERR_CORRUPT or ERR_IO if a list was damaged: what passed may be too little. */
int filter_error(const struct filter_run *);

/* Both (either may be NULL). */
struct filter *filter_and(struct arena *, struct filter *, struct filter *);

#endif
