/* heap.h -- the k best of a stream: a bounded binary heap of (score, doc).
 *
 * Order: higher score first, among equals the smaller document number, so that
 * results do not depend on the order of insertion.  Memory is the caller's. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scored {
	float score;
	uint32_t doc;
};

struct heap {
	struct scored *items; /* room for k, the worst at items[0] */
	size_t k, count;
	float floor; /* scores are above it */
};

void heap_init(struct heap *, struct scored *room, size_t k);
/* True if it entered. */
bool heap_offer(struct heap *, float score, uint32_t doc);
/* Only scores of `least` and more are let in; before the first offer. */
void heap_floor(struct heap *, float least);
/* What an offer must beat (score only); until k are held, -INFINITY or just below the
 * least that is let in. */
static inline float heap_threshold(const struct heap *heap)
{
	return !heap->k ? INFINITY : heap->count < heap->k ? heap->floor : heap->items[0].score;
}
/* Sort best first in place; the heap is then finished. */
size_t heap_finish(struct heap *);

/* a before b in the order above */
static inline bool scored_before(struct scored a, struct scored b)
{
	return a.score > b.score || (a.score == b.score && a.doc < b.doc);
}

#endif
