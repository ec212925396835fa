/* What two arms have in common: counted by buckets, of late, on disk. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "learn/overlap.h"

TEST(common_entities_are_counted_by_the_buckets_where_they_stand)
{
	struct overlap o = { 0 };
	overlap_table none, chance;
	int i, j, l;

	overlap_chances(NULL, none);
	for (i = 0; i < 100; i++) {
		overlap_add(&o, 0, 3, 0); /* asked down to bucket 2, there at the top */
		overlap_add(&o, 1, 2, i % 2 ? 1 : -1);
	}
	overlap_chances(&o, chance);
	CHECK(chance[0][1] > 0.85);
	CHECK(chance[0][3] >= chance[0][1] && chance[0][3] < 0.98f + 1e-6f);
	CHECK(chance[1][1] < 0.01 && chance[1][2] > 0.4 && chance[1][2] < 0.6);
	CHECK_NEAR(chance[2][3], none[2][3], 0); /* nothing seen of bucket 2 */
	for (j = 0; j < BUCKETS_MAX; j++)
		for (l = 0; l < LEVELS_MAX; l++) {
			CHECK(l ? none[j][l] > none[j][l - 1] : none[j][l] == 0);
			CHECK(chance[j][l] >= 0 && chance[j][l] < 1);
			CHECK(!l || chance[j][l] >= chance[j][l - 1]);
		}
}

TEST(of_what_was_common_once_little_counts_when_it_has_changed)
{
	struct overlap o = { 0 };
	overlap_table chance;
	int i;

	for (i = 0; i < 5000; i++)
		overlap_add(&o, 0, 1, 0);
	for (i = 0; i < 1500; i++)
		overlap_add(&o, 0, 1, -1);
	overlap_chances(&o, chance);
	CHECK(chance[0][1] < 0.1);
}

TEST(an_overlap_reads_back_and_a_damaged_one_does_not)
{
	struct overlap o = { 0 }, again;
	struct buf bytes = { 0 };
	struct reader_bytes in;
	float *number;
	size_t cut;

	overlap_add(&o, 2, 4, 3);
	overlap_add(&o, 0, 7, -1);
	overlap_encode(&o, &bytes);
	in = bytes_reader(buf_slice(&bytes));
	CHECK(overlap_decode(&again, &in) && bytes_done(&in));
	CHECK(!memcmp(&o, &again, sizeof(o)));
	for (cut = 0; cut < bytes.len; cut += 97) {
		in = bytes_reader(slice_of(bytes.ptr, cut));
		CHECK(!overlap_decode(&again, &in));
	}
	number = (float *)(void *)bytes.ptr; /* the first pair: seen, shared */
	number[1] = 0.5f + number[0];
	in = bytes_reader(buf_slice(&bytes));
	CHECK(!overlap_decode(&again, &in));
	number[0] = number[1] = INFINITY;
	in = bytes_reader(buf_slice(&bytes));
	CHECK(!overlap_decode(&again, &in));
	buf_clear(&bytes);
}
