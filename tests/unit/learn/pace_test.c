#include "check.h"

#include <string.h>

#include "base/rng.h"
#include "learn/pace.h"

static const struct levels levels = { 5, { 0, 5, 10, 20, 40 } };

TEST(an_arm_never_measured_has_no_time)
{
	struct pace p = { 0 };
	float us[LEVELS_MAX];

	CHECK(!pace_us(&p, &levels, us));
	CHECK(us[4] == 0);
	pace_add(&p, 5, NAN);
	pace_add(&p, 0, 10);
	CHECK(!pace_us(&p, &levels, us));
}

TEST(levels_not_asked_lie_on_the_line_through_the_others)
{
	struct pace p = { 0 };
	float us[LEVELS_MAX];
	int t;

	pace_add(&p, 10, 130);
	CHECK(pace_us(&p, &levels, us));
	CHECK(us[0] == 0);
	CHECK_NEAR(us[1], 130, 1e-3); /* one point says nothing of depth */
	CHECK_NEAR(us[4], 130, 1e-3);
	for (t = 0; t < 200; t++) {
		pace_add(&p, 10, 130);
		pace_add(&p, 20, 230);
	}
	CHECK(pace_us(&p, &levels, us));
	CHECK_NEAR(us[1], 80, 1);
	CHECK_NEAR(us[2], 130, 1);
	CHECK_NEAR(us[4], 430, 2);
}

TEST(times_never_fall_with_depth_nor_below_zero)
{
	struct pace p = { 0 };
	float us[LEVELS_MAX];
	struct rng rng;
	int t, l;

	rng_init(&rng, 31);
	for (t = 0; t < 2000; t++) {
		l = 1 + (int)rng_below(&rng, 4);
		pace_add(&p, levels.depth[l], 1000 * rng_double(&rng) / l);
		CHECK(pace_us(&p, &levels, us));
		for (l = 1; l < levels.count; l++)
			CHECK(us[l] >= us[l - 1] && us[l] < 1e5f);
	}
}

TEST(a_stall_counts_little_and_a_lasting_change_is_followed)
{
	struct pace p = { 0 };
	float us[LEVELS_MAX];
	int t;

	for (t = 0; t < 100; t++)
		pace_add(&p, 10, 100);
	pace_add(&p, 10, 5e6);
	pace_us(&p, &levels, us);
	CHECK(us[2] > 100 && us[2] < 115);
	for (t = 0; t < 400; t++)
		pace_add(&p, 10, 5000);
	pace_us(&p, &levels, us);
	CHECK(us[2] > 4500 && us[2] <= 5000);
}

TEST(more_depths_than_places_keep_those_most_asked)
{
	struct pace p = { 0 };
	float us[LEVELS_MAX];
	unsigned depth;
	int t;

	for (t = 0; t < 50; t++)
		pace_add(&p, 10, 100);
	for (depth = 50; depth < 80; depth++)
		pace_add(&p, depth, 100 + depth);
	pace_us(&p, &levels, us);
	CHECK_NEAR(us[2], 100, 5);
}

TEST(a_pace_reads_back_and_damage_is_refused)
{
	struct pace p = { 0 }, back;
	struct reader_bytes in;
	struct buf bytes = { 0 };
	struct rng rng;
	size_t at;
	char kept;
	float us[LEVELS_MAX];
	int t, l;

	for (t = 0; t < 60; t++)
		pace_add(&p, levels.depth[1 + t % 4], 50 + t);
	pace_encode(&p, &bytes);
	in = bytes_reader(buf_slice(&bytes));
	CHECK(pace_decode(&back, &in) && bytes_done(&in));
	CHECK(!memcmp(&p, &back, sizeof(p)));
	for (at = 0; at < bytes.len; at++) {
		in = bytes_reader(slice_of(bytes.ptr, at));
		CHECK(!pace_decode(&back, &in));
	}
	rng_init(&rng, 32);
	for (t = 0; t < 5000; t++) {
		at = rng_below(&rng, bytes.len);
		kept = bytes.ptr[at];
		bytes.ptr[at] = (char)rng_u64(&rng);
		in = bytes_reader(buf_slice(&bytes));
		if (pace_decode(&back, &in)) {
			pace_us(&back, &levels, us);
			for (l = 0; l < LEVELS_MAX; l++)
				CHECK(us[l] >= 0);
		}
		bytes.ptr[at] = kept;
	}
	buf_clear(&bytes);
}
