/* heap.c -- the k best of a stream.
 *
 * A binary heap with the worst at the root, so that the usual offer, one that
 * is not good enough, costs one comparison.  A score that is not a number never
 * enters: it has no place in the order. */
#include "base/heap.h"

void heap_init(struct heap *heap, struct scored *room, size_t k)
{
	heap->items = room;
	heap->k = k;
	heap->count = 0;
	heap->floor = -INFINITY;
}

void heap_floor(struct heap *heap, float least)
{
	heap->floor = nextafterf(least, -INFINITY);
}

/* Put `item` at `at` or below it, where the worse of the children rises. */
static void sift_down(struct scored *items, size_t count, size_t at, struct scored item)
{
	size_t child;

	for (; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && scored_before(items[child], items[child + 1]))
			child++;
		if (!scored_before(item, items[child]))
			break;
		items[at] = items[child];
	}
	items[at] = item;
}

static void sift_up(struct scored *items, size_t at, struct scored item)
{
	size_t parent;

	for (; at > 0; at = parent) {
		parent = (at - 1) / 2;
		if (!scored_before(items[parent], item))
			break;
		items[at] = items[parent];
	}
	items[at] = item;
}

bool heap_offer(struct heap *heap, float score, uint32_t doc)
{
	struct scored item = { score, doc };

	if (isnan(score))
		return false;
	if (heap->count < heap->k) {
		if (score <= heap->floor && heap->floor > -INFINITY)
			return false;
		sift_up(heap->items, heap->count++, item);
		return true;
	}
	if (heap->k == 0 || !scored_before(item, heap->items[0]))
		return false;
	sift_down(heap->items, heap->count, 0, item);
	return true;
}

size_t heap_finish(struct heap *heap)
{
	struct scored last;
	size_t n;

	for (n = heap->count; n > 1; n--) {
		last = heap->items[n - 1];
		heap->items[n - 1] = heap->items[0];
		sift_down(heap->items, n - 1, 0, last);
	}
	return heap->count;
}
