/* allot.h -- what could be had without learning: the best fixed depth of every strategy,
 * for all queries alike and for each type of query, by long random search against a daemon.
 *
 * An allotment gives each strategy a depth (one of the daemon's levels) that it is asked
 * for wherever it applies.  It costs the candidates asked for, in the mean over queries,
 * and may not cost more than the budget.  What it is worth is the chance that its pages
 * serve those who ask (people.h), with nothing left to luck.  Pages come from the daemon
 * (SEARCH with DEPTH and NOLOG) and are remembered.  One thread. */
#ifndef CLIENT_ALLOT_H
#define CLIENT_ALLOT_H

#include "client/page.h"
#include "client/people.h"

#define ALLOT_STRATEGIES_MAX 64 /* as ARMS_MAX and LEVELS_MAX of limits.h */
#define ALLOT_LEVELS_MAX     8

struct allotment {
	unsigned char level[ALLOT_STRATEGIES_MAX];
};

struct allot_options {
	struct client *client;
	const struct people *people;
	const char *collection;
	char **strategies; /* those that may be asked; outlive the allot */
	int strategy_count;
	unsigned depth[ALLOT_LEVELS_MAX];
	int levels;
	double budget;
	int hits;     /* of a page */
	bool flipped; /* people say so in their context */
	int tries;    /* random allotments looked at, for each type */
};

struct allot;

/* Learns which strategy applies where and what it can bring at most: a search a query. */
int allot_new(struct allot **out, const struct allot_options *, struct error *);
void allot_free(struct allot *); /* NULL is fine */

/* The best for queries of a type, -1: of all. */
int allot_search(struct allot *, int type, struct allotment *best, struct error *);
/* What the page of a query (a place in people->asked) is worth under it, and its cost. */
int allot_value(struct allot *, const struct allotment *, size_t asked, double *value, double *cost,
	struct error *);
/* "a 20, b 5" */
void allot_print(const struct allot *, const struct allotment *, struct buf *out);

/* The person's context, with "flip" in it if it is so; NULL: none.  To be freed. */
char *allot_context(const char *context, bool flipped);

#endif
