#include "check.h"

#include <math.h>
#include <stdlib.h>

#include "base/heap.h"
#include "base/rng.h"

static int by_order(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	return scored_before(*y, *x) - scored_before(*x, *y);
}

TEST(the_k_best_are_those_a_sort_finds)
{
	struct scored all[500], room[500];
	struct heap heap;
	struct rng rng;
	size_t round, n, k, i, held;

	rng_init(&rng, 5);
	for (round = 0; round < 500; round++) {
		n = rng_below(&rng, 500);
		k = rng_below(&rng, 40);
		heap_init(&heap, room, k);
		for (i = 0; i < n; i++) {
			/* few scores, so that there are ties */
			all[i].score = (float)rng_below(&rng, 20) - 5;
			all[i].doc = (uint32_t)((i * 7919) % 500);
			heap_offer(&heap, all[i].score, all[i].doc);
		}
		qsort(all, n, sizeof(*all), by_order);
		if (k > 0 && n >= k)
			CHECK(heap_threshold(&heap) == all[k - 1].score);
		held = heap_finish(&heap);
		CHECK_INT(held, n < k ? n : k);
		for (i = 0; i < held; i++) {
			CHECK(room[i].score == all[i].score);
			CHECK_INT(room[i].doc, all[i].doc);
		}
	}
}

TEST(thresholds_at_the_edges)
{
	struct scored room[2];
	struct heap heap;

	heap_init(&heap, room, 2);
	CHECK(heap_threshold(&heap) == -INFINITY);
	CHECK(!heap_offer(&heap, NAN, 1));
	CHECK(heap_offer(&heap, -INFINITY, 1));
	CHECK(heap_offer(&heap, 3, 9));
	CHECK(heap_threshold(&heap) == -INFINITY);
	CHECK(heap_offer(&heap, 3, 8));
	CHECK(!heap_offer(&heap, 3, 10));
	CHECK(heap_offer(&heap, 3, 7));
	/* from 3 on */
	heap_init(&heap, room, 2);
	heap_floor(&heap, 3);
	CHECK(heap_threshold(&heap) < 3 && heap_threshold(&heap) > 2.999f);
	CHECK(!heap_offer(&heap, 2.999f, 1) && !heap_offer(&heap, -INFINITY, 1));
	CHECK(heap_offer(&heap, 3, 1) && heap_offer(&heap, 4, 2) && heap_offer(&heap, 5, 3));
	CHECK(!heap_offer(&heap, 3, 0) && heap_threshold(&heap) == 4);
	CHECK_INT(heap_finish(&heap), 2);
	heap_init(&heap, NULL, 0);
	CHECK(!heap_offer(&heap, 1, 1));
	CHECK_INT(heap_finish(&heap), 0);
}
