/* any.h -- any of several trees, the k best, document by document: MaxScore (Turtle and
 * Flood 1995) where the sweep, which knows only words, does not go ("hip-hop" is all of
 * two words).  The result, to the bit, is that of scoring every match.
 *
 * One worker; memory from the arena. */
#ifndef QUERY_ANY_H
#define QUERY_ANY_H

#include "query/sweep.h"

/* Is the root ANY, with bounds on all that it may give? */
bool any_pays(const struct matcher *, const struct scorer *);
/* Documents scored to the end. */
uint64_t any_run(const struct sweep_env *);

#endif
