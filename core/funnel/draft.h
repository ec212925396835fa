/* draft.h -- two orders on one page, of two policies or of two rankings, to tell which of
 * them people choose from: team-draft interleaving (Radlinski, Kurup and Joachims 2008).
 *
 * As captains pick players: in each round a fair coin says who picks first, and each takes
 * the best of its ranking that is not on the page yet; what it took is of its team.  So
 * both teams have the same chances at every height of the page, and who earns more is the
 * better ranking; half the searches tell what two groups of users would need all for:
 * everybody compares both, at the same moment and in the same mood.  Where the rankings are the
 * same, teams fall by chance and nobody wins in the long run.
 *
 * All in the request's arena; one thread. */
#ifndef FUNNEL_DRAFT_H
#define FUNNEL_DRAFT_H

#include "base/rng.h"
#include "funnel/unite.h"

/* `all` has every document of both; afterwards in the order of the page, each with its
 * team (1: a, 2: b) and with that ranking's score and features. */
void draft(struct arena *, struct candidates *all, const struct candidates *a,
	const struct candidates *b, struct rng *coins);

#endif
