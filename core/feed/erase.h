/* erase.h -- all that is kept of one user goes, for those who have the right to be forgotten:
 * what he likes (learn/profile.h), the memory under "user:" and his name, the history of
 * strategies with him, and every logged decision whose CONTEXT names him, with its outcome.
 * Sums over many users, such as a model's or a tally's, stay: he is not to be told from them.
 *
 * The learner's thread, in its transaction. */
#ifndef FEED_ERASE_H
#define FEED_ERASE_H

#include "feed/lesson.h"
#include "store/key.h"

/* The log is looked through in steps, from *at (empty: its beginning) on.  1: there is more
 * of it; 0: he is forgotten; or an error. */
int erase_user(struct lesson *, int pupil, struct slice user, struct key *at, struct error *);

#endif
