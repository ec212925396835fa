/* levels.h -- how deep a strategy is asked to dig: depth levels and the buckets
 * of ranks between them.
 *
 *     level     0    1     2      3            count - 1
 *     depth     0    5    10     20     ...    160        candidates
 *     bucket       0     1      2    ...                  bucket j: ranks
 *                                                         depth[j] + 1 .. depth[j + 1]
 *
 * Asking an arm at level l draws its buckets 0 .. l - 1.  Plain values; any thread. */
#ifndef LEARN_LEVELS_H
#define LEARN_LEVELS_H

#include <stdbool.h>
#include <stdint.h>

#include "limits.h"

#define BUCKETS_MAX  (LEVELS_MAX - 1)
#define ARM_NAME_MAX 64 /* bytes of a strategy's name; it stands in keys on disk */

struct levels {
	int count;                  /* 2 .. LEVELS_MAX */
	uint16_t depth[LEVELS_MAX]; /* depth[0] is 0, then rising, at most DEPTH_MAX */
};

#define LEVELS_DEFAULT ((struct levels){ 7, { 0, 5, 10, 20, 40, 80, 160 } })

static inline bool levels_valid(const struct levels *l)
{
	int i;

	if (l->count < 2 || l->count > LEVELS_MAX || l->depth[0] != 0)
		return false;
	for (i = 1; i < l->count; i++)
		if (l->depth[i] <= l->depth[i - 1] || l->depth[i] > DEPTH_MAX)
			return false;
	return true;
}

static inline int levels_buckets(const struct levels *l)
{
	return l->count - 1;
}

/* Where rank (1 is the best) falls, or -1 below the deepest level. */
static inline int levels_bucket(const struct levels *l, unsigned rank)
{
	int j;

	for (j = 0; j < l->count - 1; j++)
		if (rank >= 1 && rank <= l->depth[j + 1])
			return j;
	return -1;
}

/* The highest level of an arm that can bring at most `limit` candidates: the first
 * one that holds them all.  0 for an arm that may not be asked. */
static inline int levels_cap(const struct levels *l, unsigned limit)
{
	int i;

	for (i = 0; i < l->count - 1; i++)
		if (l->depth[i] >= limit)
			return i;
	return l->count - 1;
}

/* Candidates an arm with this limit draws at a level. */
static inline unsigned levels_depth(const struct levels *l, int level, unsigned limit)
{
	return l->depth[level] < limit ? l->depth[level] : limit;
}

#endif
