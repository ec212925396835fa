/* match_parts.h -- between match.c, which builds a tree, match_word.c, which makes
 * iterators of words, match_phrase.c, which looks where these stand, and match_walk.c,
 * which moves them. */
#ifndef QUERY_MATCH_PARTS_H
#define QUERY_MATCH_PARTS_H

#include "query/match.h"

struct iter *inner_new(struct matcher *, enum iter_kind, int room);

/* A leaf with room for so many lists; lists that nobody has are left out. */
struct iter *leaf_new(struct matcher *, enum match_kind what, struct slice text, int room);
void leaf_add(struct matcher *, struct iter *leaf, int group, struct slice term, uint8_t mask,
	float weight, int edits);
/* The last step; `all`: a list of these fields needs no look at its postings' fields. */
struct iter *leaf_done(struct matcher *, struct iter *leaf, uint8_t all);

/* Mask of all text fields. */
uint8_t all_fields(const struct matcher *);

/* TERM to NEAR; NULL if the text has no words. */
struct iter *build_word(struct matcher *, const struct match *);

/* To be given fields and places by who builds it; done when its kids are. */
struct phrase *phrase_new(struct matcher *, bool near, int slop, int words);
void phrase_done(struct matcher *, struct iter *meet);
/* Do the words of a meeting node stand so, in the document where all its kids are? */
bool phrase_holds(struct iter *meet);

#endif
