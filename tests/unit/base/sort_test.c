#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "check.h"

#define MANY 3000

static int by_bytes(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return slice_cmp(x->bytes, y->bytes);
}

TEST(strings_sort_as_qsort_sorts_them)
{
	static struct sorted ours[MANY], theirs[MANY];
	static char bytes[MANY][40];
	struct rng rng;
	uint32_t i, j, n, round, letters, same;

	rng_init(&rng, 3);
	for (round = 0; round < 60; round++) {
		n = rng_below(&rng, round % 2 ? 60 : MANY);
		letters = 1 + rng_below(&rng, 3) * 100; /* few: long equal beginnings, NULs */
		same = rng_below(&rng, 3) * 12;
		for (i = 0; i < n; i++) {
			struct slice s = slice_of(bytes[i], same + rng_below(&rng, 40 - same));

			for (j = 0; j < s.len; j++)
				bytes[i][j] = j < same ? 'x' : rng_below(&rng, letters);
			ours[i] = theirs[i] = (struct sorted){ rng_below(&rng, 3), i, s, 0 };
		}
		sort_strings(ours, n);
		qsort(theirs, n, sizeof(*theirs), by_bytes);
		for (i = 0; i < n; i++) {
			CHECK_INT(ours[i].class, theirs[i].class);
			CHECK(slice_eq(ours[i].bytes, theirs[i].bytes));
			CHECK(ours[i].bytes.ptr == bytes[ours[i].index]);
		}
	}
}
