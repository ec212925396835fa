/* overlap.h -- how often another arm has what an arm brought.
 *
 * Two arms that bring the same are worth little more than one.  What an arm brings is
 * learnt by itself (model.h), and beside it, for each pair, how often the other one had the
 * wanted entity, too: so it is known what an arm adds to those that are asked anyway, without
 * having asked it in their company.
 *
 * Counts of entities that earned something, those of late weighing more.  Plain values; the
 * learner's alone. */
#ifndef LEARN_OVERLAP_H
#define LEARN_OVERLAP_H

#include "base/buf.h"
#include "learn/levels.h"

struct overlap {
	/* Of entities in bucket j of this arm while the other was asked as deep as bucket m:
	 * how many there were, and how many of them stood in that bucket of the other. */
	float seen[BUCKETS_MAX][BUCKETS_MAX], shared[BUCKETS_MAX][BUCKETS_MAX];
};

/* Chance that the other arm has it, too, if it is asked at a level; by bucket of this arm.
 * Rises with the level; [..][0] is 0. */
typedef float overlap_table[BUCKETS_MAX][LEVELS_MAX];

/* Once for an entity in bucket j: the other arm was asked at `level` and had it in `bucket`,
 * or had it not (-1). */
void overlap_add(struct overlap *, int j, int level, int bucket);
/* NULL: nothing seen of these two. */
void overlap_chances(const struct overlap *, overlap_table);

void overlap_encode(const struct overlap *, struct buf *);
bool overlap_decode(struct overlap *, struct reader_bytes *); /* false: damaged */

#endif
