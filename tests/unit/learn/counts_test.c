/* counts_test.c -- what of decisions is counted, and whether the intervals hold. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "learn/counts.h"

/* Three arms: a and b brought entity 1, a alone 2 and 3, b alone 4; c was not asked and d
 * could not be. */
static struct decision decision(void)
{
	static struct decision_candidate of_a[3], of_b[2];
	static struct decision_arm arms[4];
	struct decision d = { .id = 5,
		.at_ms = INT64_C(1764000000000),
		.levels = LEVELS_DEFAULT,
		.arms = 4,
		.arm = arms,
		.policy = SLICE_LIT("priced"),
		.split = 3,
		.unit = 9,
		.share = 1 };

	of_a[0] = (struct decision_candidate){ entity_hash(SLICE_LIT("1")), 1 };
	of_a[1] = (struct decision_candidate){ entity_hash(SLICE_LIT("2")), 2 };
	of_a[2] = (struct decision_candidate){ entity_hash(SLICE_LIT("3")), 3 };
	of_b[0] = (struct decision_candidate){ entity_hash(SLICE_LIT("4")), 1 };
	of_b[1] = (struct decision_candidate){ entity_hash(SLICE_LIT("1")), 2 };
	arms[0] = (struct decision_arm){ .name = SLICE_LIT("a"),
		.level = 1,
		.limit = 3,
		.max = 1,
		.took_us = 100,
		.drawn = 3,
		.candidates = of_a };
	arms[1] = (struct decision_arm){ .name = SLICE_LIT("b"),
		.level = 2,
		.limit = DEPTH_MAX,
		.max = 1,
		.took_us = 40,
		.drawn = 2,
		.candidates = of_b };
	arms[2] = (struct decision_arm){ .name = SLICE_LIT("c"), .limit = 10, .max = 1 };
	arms[3] = (struct decision_arm){ .name = SLICE_LIT("d"), .limit = 0, .max = 1 };
	return d;
}

static const double *row(struct tally *t, const struct decision *d, const char *name)
{
	return tally_row(t, 1, COUNT_ARM, d->at_ms, slice_str(name), ARM_NUMBERS);
}

TEST(a_decision_is_counted_for_those_who_could_be_asked)
{
	struct decision d = decision();
	struct tally *t = tally_new();
	struct arena *arena = arena_new();
	const double *n;
	double policy = 0;
	struct key room;
	int g;

	count_decision(t, 1, &d, arena, 0);
	count_decision(t, 1, &d, arena, 0);
	n = row(t, &d, "a");
	CHECK(n[ARM_DECISIONS] == 2 && n[ARM_DRAWS] == 2 && n[ARM_DEPTH] == 6);
	CHECK(n[ARM_CANDIDATES] == 6 && n[ARM_SHARED] == 2);
	CHECK(n[ARM_US] == 200 && n[ARM_US_SQUARES] == 20000 && n[ARM_TIMES + 6] == 2);
	n = row(t, &d, "b");
	CHECK(n[ARM_DEPTH] == 20 && n[ARM_CANDIDATES] == 4 && n[ARM_SHARED] == 2);
	n = row(t, &d, "c");
	CHECK(n[ARM_DECISIONS] == 2 && n[ARM_DRAWS] == 0 && n[ARM_US] == 0);
	CHECK(row(t, &d, "d")[ARM_DECISIONS] == 0);
	n = tally_row(t, 1, COUNT_POLICY, d.at_ms, count_policy_name(&room, d.policy, 3),
		POLICY_NUMBERS);
	CHECK(n[POLICY_CANDIDATES] == 10 && n[POLICY_US] == 280);
	for (g = 0; g < USER_GROUPS; g++)
		policy += n[POLICY_DECISIONS + g];
	CHECK(policy == 2);
	d.split = 0; /* a policy that the request named is none of the split */
	count_decision(t, 1, &d, arena, 0);
	CHECK(tally_row(t, 1, COUNT_POLICY, d.at_ms, count_policy_name(&room, d.policy, 0),
		      POLICY_NUMBERS)[POLICY_US] == 0);
	/* older than what is kept: in all time alone */
	count_decision(t, 1, &d, arena, d.at_ms + 1);
	CHECK(row(t, &d, "a")[ARM_DECISIONS] == 3);
	d.at_ms = 0;
	CHECK(row(t, &d, "a")[ARM_DECISIONS] == 1);
	arena_free(arena);
	tally_free(t);
}

TEST(what_is_earned_is_the_difference_of_before_and_now)
{
	struct decision d = decision();
	struct tally *t = tally_new();
	struct arena *arena = arena_new();
	const struct outcome_event event = { SLICE_LIT("play"), 1, 1 };
	static const char *const entities[] = { "1", "2", "1", "3", "elsewhere" };
	static const float rewards[] = { 0.5f, 0.25f, 1, 0.5f, 0.75f };
	struct outcome_entity *entry;
	struct earned before, after;
	struct error err = { 0 };
	struct outcome o;
	const double *n;
	int i;

	outcome_init(&o, &d);
	for (i = 0; i < 5; i++) {
		earned_of(&before, &d, &o);
		CHECK_OK(outcome_add(&o, arena, slice_str(entities[i]), &event, &entry, &err), err);
		entry->reward = rewards[i];
		earned_of(&after, &d, &o);
		count_earned(t, 1, &d, &before, &after, 0);
	}
	n = row(t, &d, "a"); /* half of 1, and 0.25 and 0.5 alone */
	CHECK_NEAR(n[ARM_REWARD], 1.25, 1e-12);
	CHECK_NEAR(n[ARM_REWARD_SQUARES], 1.25 * 1.25, 1e-12);
	CHECK_NEAR(n[ARM_UNIQUE], 0.75, 1e-12);
	CHECK_NEAR(n[ARM_UNIQUE_SQUARES], 0.75 * 0.75, 1e-12);
	CHECK(n[ARM_WINS] == 3);
	n = row(t, &d, "b");
	CHECK_NEAR(n[ARM_REWARD], 0.5, 1e-12);
	CHECK(n[ARM_UNIQUE] == 0 && n[ARM_WINS] == 1);
	CHECK_NEAR(after.total, 1 + 0.25 + 0.5 + 0.75, 1e-12);
	arena_free(arena);
	tally_free(t);
}

/* Rewards per draw as they come: seldom, in steps. */
static double reward(struct rng *rng, double chance)
{
	return rng_double(rng) < chance ? 0.2 + 0.2 * (double)rng_below(rng, 5) : 0;
}

TEST(an_interval_of_a_mean_covers_it_in_95_of_100_also_of_few_draws)
{
	static const int draws[] = { 5, 20, 100, 1000 };
	static const double chances[] = { 0.05, 0.3, 0.7 };
	double sum, squares, x, want, within, covered;
	struct rng rng;
	size_t i, c;
	int t, k;

	rng_init(&rng, 91);
	for (i = 0; i < 4; i++)
		for (c = 0; c < 3; c++) {
			want = chances[c] * 0.6;
			for (covered = t = 0; t < 4000; t++) {
				for (sum = squares = k = 0; k < draws[i]; k++) {
					x = reward(&rng, chances[c]);
					sum += x;
					squares += x * x;
				}
				within = count_plus_minus(draws[i], sum, squares);
				covered += fabs(sum / draws[i] - want) <= within;
			}
			if (covered < 0.93 * 4000)
				check_fail(__FILE__, __LINE__, "%d draws at %g: %g", draws[i],
					chances[c], covered / 4000);
			if (draws[i] == 1000)
				CHECK(covered < 0.98 * 4000);
		}
	CHECK(isnan(count_plus_minus(0, 0, 0)));
}

/* Users who come again and again, each with a taste of his own. */
static struct mean by_users(struct rng *rng, int users, double better)
{
	double n[USER_GROUPS] = { 0 }, sum[USER_GROUPS] = { 0 }, taste;
	int u, k, g, searches;

	for (u = 0; u < users; u++) {
		g = (int)rng_below(rng, USER_GROUPS);
		taste = rng_double(rng) * 0.6 + better;
		searches = 1 + (int)rng_below(rng, 30);
		for (k = 0; k < searches; k++) {
			n[g]++;
			sum[g] += rng_double(rng) < taste;
		}
	}
	return count_mean(n, sum);
}

TEST(policies_are_compared_over_users)
{
	struct mean a, b, gain;
	double covered = 0, gains = 0;
	struct rng rng;
	int t;

	rng_init(&rng, 92);
	for (t = 0; t < 4000; t++) {
		a = by_users(&rng, 200, 0.1);
		b = by_users(&rng, 150, 0.2);
		gain = count_gain(&a, &b);
		covered += fabs(a.value - 0.4) <= a.plus_minus;
		gains += fabs(gain.value - 0.1) <= gain.plus_minus;
	}
	CHECK(covered > 0.93 * 4000 && covered < 0.97 * 4000);
	CHECK(gains > 0.93 * 4000 && gains < 0.98 * 4000);
	CHECK(isnan(count_mean((double[USER_GROUPS]){ 4 }, (double[USER_GROUPS]){ 2 }).plus_minus));
	CHECK(count_mean((double[USER_GROUPS]){ 0 }, (double[USER_GROUPS]){ 0 }).value == 0);
}

TEST(times_are_told_from_their_bins)
{
	double times[TIME_BINS] = { 0 };

	CHECK(count_time(times, 0.95) == 0);
	times[6] = 90; /* 64 to 128 us */
	times[9] = 10; /* 512 to 1024 */
	CHECK_NEAR(count_time(times, 0.45), 96, 1e-9);
	CHECK_NEAR(count_time(times, 0.95), 768, 1e-9);
	CHECK_NEAR(count_time(times, 1), 1024, 1e-9);
}
