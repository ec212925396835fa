/* likes.h -- what a reward tells of the user who gave it (learn/profile.h): the tags and the
 * kind that the entity has now.
 *
 * The learner's thread, within its reader's transaction. */
#ifndef FEED_LIKES_H
#define FEED_LIKES_H

#include "base/arena.h"
#include "index/reader.h"
#include "learn/decision.h"
#include "learn/profile.h"

#define TRAITS_MAX 64

/* The user that the decision's CONTEXT names; empty: none.  In the arena. */
struct slice likes_user(struct arena *, const struct decision *);
/* The traits of an entity, at most TRAITS_MAX; 0 where it is not in the catalogue.  Texts are
 * in the arena or the map. */
int likes_traits(struct view *, struct slice entity, struct arena *,
	struct profile_trait out[TRAITS_MAX]);

#endif
