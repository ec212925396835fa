/* people.h -- made-up people who search and click: from judged queries and a click model.
 *
 * Everybody has a number, and what they ask and like follows from it and the seed alone:
 * the same person asks the same of every lane and likes the same entities in each.
 *
 * A person likes an entity with chance (2^grade - 1) / (2^highest - 1), the highest grade
 * of the set being sure; what was not judged, nobody likes.  With chance `noise` they
 * click on one that they do not like, all the same.  Down the page:
 *
 *     cascade    looks at one hit after the other until the first click    Craswell 2008
 *     dependent  the same, but goes on after a click, every second time    Guo 2009
 *     position   looks at rank r with chance r^-0.7, each hit by itself    Richardson 2007
 *
 * A page has served its reader if they clicked on something they like.  One thread. */
#ifndef CLIENT_PEOPLE_H
#define CLIENT_PEOPLE_H

#include "client/judged.h"

enum clicks { CLICKS_CASCADE, CLICKS_DEPENDENT, CLICKS_POSITION };
extern const char *const clicks_names[]; /* NULL-terminated */

/* A query as people ask it. */
struct asked {
	const struct judged *judged;
	int type;      /* its place in people.types */
	double weight; /* how often it is asked, of all; > 0 */
	char *context; /* JSON object, or NULL */
};

struct people {
	enum clicks clicks;
	double noise; /* 0..1 */
	uint64_t seed;
	/* queries with something relevant */
	struct asked *asked;
	size_t count;
	char **types; /* names, in order of first sight; without types one, "all" */
	size_t type_count;
	double *below; /* running sum of the weights */
	int highest;   /* grade */
};

/* The set outlives the people.  `types` is NULL or a file of lines
 *
 *     query<TAB>type[<TAB>weight[<TAB>context]]
 *
 * (weight 1, no context, and type "all" where nothing is said).  ERR_IO, ERR_SYNTAX with
 * file and line, ERR_NOT_FOUND if no query has something relevant. */
int people_init(struct people *, struct judged_set *, const char *types, struct error *);
void people_clear(struct people *);

/* What person number n asks: a place in `asked`. */
size_t people_ask(const struct people *, uint64_t n);
/* Chance that a page serves somebody who asks that. */
double people_served(const struct people *, size_t asked, const char *const *ids, size_t count);
/* The ranks, from 0, that person n clicks on, rising; returns how many.  `served` tells
 * if one of them is liked. */
size_t people_click(const struct people *, uint64_t n, size_t asked, const char *const *ids,
	size_t count, size_t *clicks, bool *served);
/* After how many further people an event comes that takes `mean` of them: 0 or more, by
 * the geometric distribution. */
uint64_t people_delay(const struct people *, uint64_t n, size_t rank, double mean);

#endif
