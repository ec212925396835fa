/* facet.h -- counts of a field's values over a set of documents:
 *
 *     genre  genre:20       the commonest values of tags, refs or kind: 10, or so many
 *     popularity            the commonest numbers
 *     popularity:10         how many from 0 to before 10, from 10 to before 20, ...
 *     released  released:month    by year, month or day
 *     popularity:10:50      at most so many steps: the fullest; 100 if nothing is said
 *
 * A document counts once for each different value it has.  In the arena; one thread. */
#ifndef QUERY_FACET_H
#define QUERY_FACET_H

#include "base/json.h"
#include "query/matches.h"

enum facet_by { FACET_VALUE, FACET_WIDTH, FACET_YEAR, FACET_MONTH, FACET_DAY };

struct facet {
	const struct field *field; /* NULL: the kind */
	enum facet_by by;
	double width; /* FACET_WIDTH: above 0 */
	int limit;
};

/* Errors say what was found and what was expected; unknown names get a suggestion. */
int facet_parse(struct facet *, const struct schema *, struct slice text, struct error *);
const char *facet_name(const struct facet *); /* the field's */

struct facet_value {
	struct slice text; /* tags, refs, kind: as some document writes it; dates: "2008-09" */
	double from;       /* numbers: the value, or where its step begins */
	uint64_t count;
};

/* Commonest values first; steps in their order. */
struct facet_counts {
	struct facet_value *values;
	int count;
};

/* False where time was out at `deadline_us` (of clock_mono_us; 0: never), where there
 * were too many values or a list is damaged: there may be more than was counted. */
bool facets_count(struct view *, struct arena *, const struct facet *, int count,
	const struct matches *, int64_t deadline_us, struct facet_counts *out);

/* An array: {"value":"pop","count":12} of terms, dates and numbers, {"from":10,"to":20,
 * "count":3} of steps of numbers. */
void facet_print(const struct facet *, const struct facet_counts *, struct json_out *);

#endif
