/* rank.h -- ordering the union: a weighted sum over named features of a candidate.
 *
 *     best_rank    1 / the best rank any strategy gave it
 *     arms         share of the strategies asked that brought it
 *     rrf          sum over strategies of 61 / (60 + rank), over those asked
 *                  (reciprocal rank fusion; Cormack et al. 2009), 1 at the most
 *     quality      static quality over the collection's largest
 *     text         BM25F of all words of all readings over the best candidate's
 *     exact        1 if a whole value of an exact field is the query as typed
 *     memory       posterior mean of (query, entity) in the memory index
 *     from.NAME    1 / the rank that strategy NAME gave it, 0 where it did not
 *     kind.NAME    1 if the entity is of that kind
 *
 * All in [0, 1].  The weights come from ranking/NAME.lua, once a query; C does the
 * sum.  Ties: higher quality, then the smaller document number. */
#ifndef FUNNEL_RANK_H
#define FUNNEL_RANK_H

#include "funnel/unite.h"
#include "query/query.h"
#include "query/search.h"

/* Those without a dot, NULL-terminated: what a ranking script may weigh. */
extern const char *const rank_names[];

struct ranking {
	const char *const *names; /* `count` of them */
	const float *weights;     /* by name */
	int count;
	const char *const *strategies; /* names of the drawn lists, by arm */
	int arms, asked;               /* of which so many were asked */
};

/* Fill features and score of every candidate and sort them, best first, in a list anew. */
int rank(const struct search_env *, const struct query *, const struct ranking *,
	struct candidates *, struct error *);

/* The same candidates in the order of other weights of the same names: a list of its own,
 * and what `rank` made stays. */
void rank_anew(const struct search_env *, const struct ranking *, struct candidates *);

#endif
