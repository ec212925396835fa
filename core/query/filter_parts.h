/* filter_parts.h -- a filter being asked: between filter.c, which asks it of a document and
 * of what may be expected, and filter_segment.c, which asks it of 4,096. */
#ifndef QUERY_FILTER_PARTS_H
#define QUERY_FILTER_PARTS_H

#include "index/postings.h"
#include "query/filter.h"

struct filter_run {
	enum filter_kind kind;
	struct view *view;
	struct arena *arena;
	/* RANGE */
	int column;       /* -1: nothing passes */
	double low, high; /* both pass */
	/* ID */
	uint32_t doc;
	/* TAG, REF, KIND */
	int group;
	struct slice term;
	unsigned least;        /* smallest value that counts */
	struct postings *list; /* NULL: not opened yet */
	uint32_t asked;        /* the list has everything from here on before it */
	unsigned asks;         /* of asked's segment */
	/* both */
	struct kept *kept;        /* what is known of its segments; NULL: not asked for */
	double share;             /* NaN: not known yet */
	bool negates;             /* it, or a part: numbers without a document may pass */
	struct filter_run **kids; /* the rarest first, once `ordered` */
	int kid_count;
	bool ordered;
};

/* Of a TAG, REF or KIND. */
struct postings *filter_list(struct filter_run *);
/* Of a leaf that is no ID: what is known of its segments, and those bits of one that
 * begins at `low`, made if need be. */
struct kept *filter_kept(struct filter_run *);
const uint64_t *filter_leaf_bits(struct filter_run *, uint32_t low);

#endif
