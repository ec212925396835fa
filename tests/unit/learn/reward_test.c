#include "check.h"

#include <string.h>

#include "learn/reward.h"

TEST(later_events_only_raise_a_reward)
{
	static const struct {
		const char *event;
		double value, reward;
	} steps[] = { { "click", 1, 0.3 }, { "cart", 1, 0.6 }, { "click", 1, 0.6 },
		{ "purchase", 49.9, 1 }, { "like", 0.5, 1 } };
	struct ladder *ladder = ladder_default();
	struct error err = { 0 };
	double reward = 0;
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		CHECK_OK(ladder_raise(ladder, slice_str(steps[i].event), steps[i].value, reward,
				 &reward, &err),
			err);
		CHECK_NEAR(reward, steps[i].reward, 1e-12);
	}
	ladder_raise(ladder, SLICE_LIT("play"), 0.5, 0, &reward, &err);
	CHECK_NEAR(reward, 0.3, 1e-12);
	ladder_raise(ladder, SLICE_LIT("play"), -3, 0, &reward, &err);
	CHECK_NEAR(reward, 0, 0);
	ladder_raise(ladder, SLICE_LIT("play"), NAN, 0.1, &reward, &err);
	CHECK_NEAR(reward, 0.1, 0);
	CHECK_INT(ladder_raise(ladder, SLICE_LIT("klick"), 1, 0, &reward, &err), ERR_NOT_FOUND);
	CHECK(strstr(err.text, "klick") && strstr(err.text, "click"));
	ladder_free(ladder);
}

TEST(a_ladder_that_cannot_be_says_which_rung)
{
	static const struct {
		struct rung rungs[2];
		int code;
	} bad[] = { { { { "ok", 1 }, { "ok", 0.5 } }, ERR_EXISTS },
		{ { { "ok", 1 }, { "high", 1.5 } }, ERR_ARG },
		{ { { "ok", 1 }, { "nan", NAN } }, ERR_ARG },
		{ { { "ok", 1 }, { "", 1 } }, ERR_ARG } };
	struct rung many[EVENTS_NAMES_MAX + 1];
	char names[EVENTS_NAMES_MAX + 1][2];
	struct ladder *ladder = NULL;
	struct error err = { 0 };
	double after;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK_INT(ladder_new(&ladder, bad[i].rungs, 2, &err), bad[i].code);
		CHECK(strstr(err.text, bad[i].rungs[1].event));
	}
	CHECK_INT(ladder_new(&ladder, bad[0].rungs, 0, &err), ERR_ARG);
	for (i = 0; i <= EVENTS_NAMES_MAX; i++) {
		names[i][0] = (char)('A' + i);
		names[i][1] = '\0';
		many[i] = (struct rung){ names[i], 0.5 };
	}
	CHECK_INT(ladder_new(&ladder, many, EVENTS_NAMES_MAX + 1, &err), ERR_LIMIT);
	CHECK(!ladder);
	CHECK_OK(ladder_new(&ladder, many, EVENTS_NAMES_MAX, &err), err);
	CHECK_OK(ladder_raise(ladder, SLICE_LIT("B"), 1, 0, &after, &err), err);
	CHECK_NEAR(after, 0.5, 0);
	ladder_free(ladder);
}

TEST(credit_is_shared_by_those_who_brought_it_in_the_bucket_where_it_stood)
{
	static const struct decision_candidate one[] = { { 7, 1 }, { 9, 6 } },
					       two[] = { { 5, 2 }, { 7, 11 }, { 7, 12 } },
					       three[] = { { 7, 30 } };
	struct decision_arm arms[4] = { { .level = 2, .drawn = 2, .candidates = one },
		{ .level = 3, .drawn = 3, .candidates = two },
		{ .level = 1, .drawn = 1, .candidates = three }, /* deeper than asked */
		{ .level = 0 } };
	struct decision d = { .levels = LEVELS_DEFAULT, .arms = 4, .arm = arms };
	struct credit c[ARMS_MAX];

	CHECK_INT(credit_split(&d, 7, c), 2);
	CHECK_INT(c[0].arm, 0);
	CHECK_INT(c[0].bucket, 0);
	CHECK_NEAR(c[0].share, 0.5, 0);
	CHECK_INT(c[1].arm, 1);
	CHECK_INT(c[1].bucket, 2);
	CHECK_NEAR(c[1].share, 0.5, 0);
	CHECK_INT(credit_split(&d, 9, c), 1);
	CHECK_INT(c[0].bucket, 1);
	CHECK_NEAR(c[0].share, 1, 0);
	CHECK_INT(credit_split(&d, 8, c), 0);
}
