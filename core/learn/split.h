/* split.h -- traffic shared out among policies, user by user.
 *
 *     priced:0.9 uniform:0.1      nine users in ten are served by priced
 *     priced                      all are
 *     priced:0.8 priced+fixed:0.2 two users in ten see the pages of both interleaved
 *     priced:0.8 priced/new:0.2   two users in ten have the ranking `new`
 *     priced+priced/new           the pages of two rankings interleaved
 *
 * A side is a policy, which draws, and the ranking that orders what it drew; without a
 * name, or by the name `default`, the collection's default.  Two sides of one policy share
 * its draw: they order the same candidates.
 *
 * Who gets what: a hash of collection, salt and user (of the decision's number where no
 * user is told) falls on a line of length 1 on which the parts lie side by side in their
 * order.  So a user keeps his policy as long as salt and shares stay; a part that gets
 * wider keeps those it had, if its left end stays; another salt shuffles everybody.
 *
 * Which probability is logged.  For a user nothing is left to chance: the hash decides.
 * But the salt knows nothing of him, and over salts part k, of share s_k, is his with
 * probability s_k.  Let p_k(c) be the probability that the policy of part k makes the
 * choice c in this search.  Then c has probability p_k(c) within the part that served, and
 *
 *     m(c) = sum over k of s_k p_k(c)
 *
 * over all of them; parts of one policy have the same p_k, whatever their rankings.
 * Importance weights over either are unbiased.  m is the better one
 * (the balance heuristic of Veach and Guibas 1995; Agarwal et al. 2017 for logs of several
 * policies: never more variance than weights within each part), and often the only one
 * that answers: what any part could have done counts as logged, and a policy that serves a
 * tenth of the users is judged by everybody's decisions with weights of at most 10, where
 * p_k alone is 0 for most of what it would do.
 *
 * Within a part the arms draw their levels all but independently (joint.h); over the parts
 * they do not, and m is no product over arms.  So a decision has three things (decision.h):
 * each arm's own distribution, from which its level was drawn, right for what needs such
 * arms (slate); m of the whole choice (ips, snips, dr, switch); and each arm's mixture, for
 * a bucket by itself (cascade).
 *
 * A user is drawn once, not once a search: intervals are taken over users (the unit), not
 * over decisions.
 *
 * Plain values; any thread. */
#ifndef LEARN_SPLIT_H
#define LEARN_SPLIT_H

#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"

#define SPLIT_PARTS_MAX  8
#define SPLIT_SALT_MAX   32 /* bytes */
#define POLICY_NAME_MAX  31 /* bytes */
#define RANKING_NAME_MAX 32
#define PART_NAME_MAX    (2 * (POLICY_NAME_MAX + 1 + RANKING_NAME_MAX) + 1) /* a/x+b/y */

struct split_side {
	char policy[POLICY_NAME_MAX + 1];
	char ranking[RANKING_NAME_MAX + 1]; /* empty: the default */
};

struct split_part {
	struct split_side side[2]; /* the other of a pair: without a policy there is none */
	double share;              /* > 0; all sum to 1 */
};

struct split {
	int count; /* 0: none is set */
	struct split_part part[SPLIT_PARTS_MAX];
	char salt[SPLIT_SALT_MAX + 1];
};

/* ERR_SYNTAX, ERR_ARG (shares), ERR_LIMIT, ERR_EXISTS (a policy twice); names are not
 * looked up.  The salt stays as it is. */
int split_parse(struct split *, struct slice text, struct error *);
/* One part of share 1: "side" or "side+side", a side being "policy" or "policy/ranking". */
int split_name(struct split_part *, struct slice name, struct error *);
/* A ranking's name into a side: ERR_ARG. */
int split_ranking(struct split_side *, struct slice name, struct error *);
/* Printable ASCII without spaces, or nothing: ERR_ARG, ERR_LIMIT. */
int split_salt(struct split *, struct slice text, struct error *);
/* ERR_NOT_FOUND, with the nearest name, where a policy or a ranking is not there (any more).
 * `rankings` are the collection's, NULL-terminated; NULL: ERR_ARG where one is named. */
int split_known(const struct split *, const char *const *rankings, struct error *);
int split_part_known(const struct split_part *, const char *const *rankings, struct error *);
int split_ranking_known(const struct split_side *, const char *const *rankings, struct error *);
/* As it would be parsed. */
void split_print(const struct split *, struct buf *);
void split_part_print(const struct split_part *, struct buf *); /* without its share */
/* An interleaved page; of two policies, or of two rankings of what one drew. */
bool split_part_paired(const struct split_part *);
bool split_part_rivals(const struct split_part *);

/* Stands for shares and salt; never 0. */
uint64_t split_id(const struct split *);

/* Who is drawn; never 0. */
uint64_t split_unit(const struct split *, struct slice collection, struct slice user,
	uint64_t decision);
/* The part that the unit falls on. */
int split_find(const struct split *, uint64_t unit);

#endif
