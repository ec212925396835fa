/* split_test.c -- who gets which policy, and what the log of a split can tell. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "learn/evaluate.h"
#include "learn/split.h"

static struct split parse(const char *text)
{
	struct split s = { 0 };
	struct error err = { 0 };

	CHECK_OK(split_parse(&s, slice_str(text), &err), err);
	return s;
}

static void refused(const char *text, int code, const char *words)
{
	struct split s = { 0 };
	struct error err = { 0 };

	CHECK_INT(split_parse(&s, slice_str(text), &err), code);
	if (!strstr(err.text, words))
		check_fail(__FILE__, __LINE__, "\"%s\" has no \"%s\"", err.text, words);
}

TEST(a_split_is_read_and_printed)
{
	static const char *const texts[][2] = { { "priced", "priced" },
		{ "  priced:0.9,uniform:0.1 ", "priced:0.9 uniform:0.1" },
		{ "a:0.7 b:0.2 c:0.1", "a:0.7 b:0.2 c:0.1" }, { "a:1", "a" },
		{ "priced+fixed", "priced+fixed" }, { "a:0.5 a+b:0.5", "a:0.5 a+b:0.5" },
		{ "a/x:0.5 a/y+b:0.5", "a/x:0.5 a/y+b:0.5" }, { "a/default+a/x", "a+a/x" },
		{ "a:0.5,a/x:0.5", "a:0.5 a/x:0.5" },
		{ "a:0.333333 b:0.333333 c:0.333334", "a:0.333333 b:0.333333 c:0.333334" } };
	struct buf out = { 0 };
	struct split s, again;
	size_t i;
	int k;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		s = parse(texts[i][0]);
		buf_reset(&out);
		split_print(&s, &out);
		buf_putc(&out, '\0');
		CHECK_STR(out.ptr, texts[i][1]);
		again = parse(out.ptr);
		CHECK_INT(again.count, s.count);
		for (k = 0; k < s.count; k++)
			CHECK_NEAR(again.part[k].share, s.part[k].share, 1e-12);
	}
	buf_clear(&out);
}

TEST(what_is_no_split_is_told)
{
	struct split s = parse("priced:0.5 pricde:0.5");
	struct error err = { 0 };

	refused("", ERR_SYNTAX, "a policy is expected");
	refused("priced uniform", ERR_ARG, "sum to 2");
	refused("priced:0.5 uniform:0.4", ERR_ARG, "sum to 0.9, expected 1");
	refused("priced:0 uniform:1", ERR_ARG, "found '0'");
	refused("priced:x", ERR_ARG, "found 'x'");
	refused("priced:", ERR_ARG, "found ''");
	refused("priced:0x1p-1", ERR_ARG, "a share");
	refused("priced+", ERR_SYNTAX, "found 'priced+'");
	refused("+priced", ERR_SYNTAX, "found '+priced'");
	refused("a+b:0.5 a+b:0.5", ERR_EXISTS, "policy a+b is there twice");
	refused("a/x:0.5 a/x:0.5", ERR_EXISTS, "policy a/x is there twice");
	refused("a:0.5 a/default:0.5", ERR_EXISTS, "policy a/default is there twice");
	refused("a/", ERR_SYNTAX, "found 'a/'");
	refused("/x", ERR_SYNTAX, "found '/x'");
	refused("a+/x", ERR_SYNTAX, "found 'a+/x'");
	refused("a/abcdefghijklmnopqrstuvwxyz_123456", ERR_SYNTAX, "'name/ranking'");
	refused(":1", ERR_SYNTAX, "found ''");
	refused("priced:0.5 priced:0.5", ERR_EXISTS, "policy priced is there twice");
	refused("abcdefghijklmnopqrstuvwxyz_12345", ERR_SYNTAX, "are expected as");
	refused("a:.1 b:.1 c:.1 d:.1 e:.1 f:.1 g:.1 h:.1 i:.2", ERR_LIMIT, "8 parts");
	CHECK_INT(split_known(&s, NULL, &err), ERR_NOT_FOUND);
	CHECK_INT(split_parse(&s, SLICE_LIT("priced+b+c"), NULL), 0);
	CHECK_INT(split_known(&s, NULL, &err), ERR_NOT_FOUND);
	CHECK(strstr(err.text, "no policy 'b+c'"));
	s = parse("priced:0.5 pricde:0.5");
	CHECK_INT(split_known(&s, NULL, &err), ERR_NOT_FOUND);
	CHECK(strstr(err.text, "no policy 'pricde'; did you mean 'priced'?"));
	CHECK_INT(split_salt(&s, SLICE_LIT("two words"), &err), ERR_ARG);
	CHECK_INT(split_salt(&s, SLICE_LIT("123456789012345678901234567890123"), &err), ERR_LIMIT);
}

TEST(rankings_are_those_of_the_scripts_and_share_the_draw_of_their_policy)
{
	static const char *const rankings[] = { "default", "fresh", NULL };
	struct split s = parse("priced/fresh:0.5 priced+priced/fresh:0.25 priced+fixed/fresh:0.25");
	struct error err = { 0 };

	CHECK_OK(split_known(&s, rankings, &err), err);
	CHECK(!split_part_paired(&s.part[0]) && !split_part_rivals(&s.part[0]));
	CHECK(split_part_paired(&s.part[1]) && !split_part_rivals(&s.part[1]));
	CHECK(split_part_paired(&s.part[2]) && split_part_rivals(&s.part[2]));
	CHECK_INT(split_known(&s, NULL, &err), ERR_ARG);
	CHECK(strstr(err.text, "ranking 'fresh' is a collection's"));
	s = parse("fixed+fixed/frehs");
	CHECK_INT(split_known(&s, rankings, &err), ERR_NOT_FOUND);
	CHECK(strstr(err.text, "no ranking 'frehs'; did you mean 'fresh'?"));
	s = parse("fixed/default"); /* is there, also where scripts have none */
	CHECK_OK(split_known(&s, NULL, &err), err);
}

static int part_of(const struct split *s, int user)
{
	char name[32];
	struct slice text = { name, (size_t)snprintf(name, sizeof(name), "user-%d", user) };

	return split_find(s, split_unit(s, SLICE_LIT("music"), text, 1));
}

TEST(users_fall_on_the_parts_by_their_shares_and_stay)
{
	enum { USERS = 200000 };
	struct split s = parse("a:0.6 b:0.3 c:0.1"), wider = parse("a:0.6 b:0.25 c:0.15"), other;
	double chi = 0, both[3][3] = { { 0 } };
	int count[3] = { 0 }, i, k, l, moved = 0;

	other = s;
	CHECK(split_salt(&other, SLICE_LIT("second"), NULL) == 0);
	for (i = 0; i < USERS; i++) {
		k = part_of(&s, i);
		count[k]++;
		CHECK_INT(part_of(&s, i), k);
		both[k][part_of(&other, i)]++;
		l = part_of(&wider, i);
		moved += l != k;
		CHECK(l == k || (k == 1 && l == 2)); /* c got wider and keeps whom it had */
	}
	for (k = 0; k < 3; k++)
		chi += pow(count[k] - USERS * s.part[k].share, 2) / (USERS * s.part[k].share);
	CHECK(chi < 13.8); /* one in a thousand, 2 degrees of freedom */
	CHECK_NEAR(moved, 0.05 * USERS, 5 * sqrt(0.05 * USERS));
	for (chi = k = 0; k < 3; k++) /* another salt shuffles everybody */
		for (l = 0; l < 3; l++)
			chi += pow(both[k][l] - USERS * s.part[k].share * s.part[l].share, 2) /
			       (USERS * s.part[k].share * s.part[l].share);
	CHECK(chi < 26.1); /* 8 degrees */
}

TEST(without_a_user_the_decision_is_drawn)
{
	struct split s = parse("a:0.5 b:0.5");
	int i, count = 0;

	for (i = 0; i < 10000; i++)
		count += split_find(&s, split_unit(&s, SLICE_LIT("music"), SLICE_LIT(""), i));
	CHECK(count > 4800 && count < 5200);
	CHECK(split_unit(&s, SLICE_LIT("music"), SLICE_LIT("u"), 1) ==
		split_unit(&s, SLICE_LIT("music"), SLICE_LIT("u"), 2));
	CHECK(split_unit(&s, SLICE_LIT("music"), SLICE_LIT("u"), 1) !=
		split_unit(&s, SLICE_LIT("shop"), SLICE_LIT("u"), 1));
}

/* ---- judging from the log of a split ----
 *
 * Two arms with two levels. Users differ in what they want, and each is served by one of
 * two policies for good: one that explores evenly, and one that goes for the second arm and
 * never asks the first.  The judged one is in between. */

#define USERS    60
#define SEARCHES 10

static const double served[2][2][2] = { { { 0.5, 0.5 }, { 0.5, 0.5 } },
	{ { 1, 0 }, { 0.1, 0.9 } } };
static const double judged[2][2] = { { 0.7, 0.3 }, { 0.2, 0.8 } };
static const double shares[2] = { 0.4, 0.6 };

struct world {
	struct rng rng;
	struct split split;
	double earned; /* by the judged policy, expected, of the users drawn */
};

/* What a user gets from an arm that is asked; users are drawn anew for each log. */
static double want(int user, int arm, uint64_t log)
{
	return arm == 0 ? 0.1 + 0.5 * (double)(hash_u64(log * USERS + (uint64_t)user) >> 11) *
					  0x1p-53
			: 0.3;
}

static void one(struct world *w, int user, uint64_t log, bool split, struct evaluate_sample *out)
{
	static const double believed[1] = { 0.3 };
	double mixed[2][2], reward[2][1], sum = 0, m = 0, ratio;
	struct evaluate_arm arms[2];
	uint64_t unit = hash_u64(log << 20 | (unsigned)user) | 1;
	int k = split_find(&w->split, unit), a, l, j;

	for (a = 0; a < 2; a++) {
		for (l = 0; l < 2; l++)
			mixed[a][l] =
				split ? shares[0] * served[0][a][l] + shares[1] * served[1][a][l]
				      : served[k][a][l];
		l = rng_double(&w->rng) < served[k][a][1];
		reward[a][0] = l && rng_double(&w->rng) < want(user, a, log);
		sum += reward[a][0];
		arms[a] = (struct evaluate_arm){ 2, l, served[k][a], judged[a], reward[a], believed,
			mixed[a] };
	}
	for (j = 0; j < 2; j++) {
		for (ratio = 1, a = 0; a < 2; a++)
			ratio *= served[j][a][arms[a].level] / served[k][a][arms[a].level];
		m += shares[j] * ratio;
	}
	evaluate_arms(out, arms, 2, &(struct evaluate_joint){ 1, 1, split ? m : 1 }, sum);
	out->unit = unit;
}

/* Shares of 1,000 logs whose interval covers the truth; the mean width. */
static void cover(bool split, bool units, double *covered, double *width, double *value)
{
	enum { LOGS = 1000 };
	/* E want of the first arm is 0.35 */
	double truth = judged[0][1] * 0.35 + judged[1][1] * 0.3;
	struct world w = { .split = parse("even:0.4 second:0.6") };
	struct evaluate_sample s;
	struct evaluation r;
	struct evaluate *e;
	uint64_t log;
	int u, t, k;

	rng_init(&w.rng, 71);
	memset(covered, 0, ESTIMATORS * sizeof(*covered));
	memset(width, 0, ESTIMATORS * sizeof(*width));
	memset(value, 0, ESTIMATORS * sizeof(*value));
	for (log = 1; log <= LOGS; log++) {
		e = evaluate_new(&(struct evaluate_options){ .seed = log, .replicates = 200 });
		for (u = 0; u < USERS; u++)
			for (t = 0; t < SEARCHES; t++) {
				one(&w, u, log, split, &s);
				if (!units)
					s.unit = 0;
				evaluate_add(e, &s);
			}
		evaluate_result(e, &r);
		for (k = 0; k < ESTIMATORS; k++) {
			covered[k] += (r.of[k].low <= truth && truth <= r.of[k].high) / 1000.0;
			width[k] += (r.of[k].high - r.of[k].low) / LOGS;
			value[k] += r.of[k].value / LOGS;
		}
		evaluate_free(e);
	}
}

TEST(by_the_mixture_the_log_of_a_split_tells_what_a_policy_earns)
{
	static const int sure[] = { ESTIMATE_IPS, ESTIMATE_SNIPS, ESTIMATE_DR, ESTIMATE_SWITCH,
		ESTIMATE_CASCADE };
	double covered[ESTIMATORS], width[ESTIMATORS], value[ESTIMATORS];
	double alone[ESTIMATORS], unused[ESTIMATORS], biased[ESTIMATORS];
	double truth = judged[0][1] * 0.35 + judged[1][1] * 0.3;
	size_t i;
	int k;

	cover(true, true, covered, width, value);
	for (i = 0; i < sizeof(sure) / sizeof(*sure); i++) {
		k = sure[i];
		CHECK_NEAR(value[k], truth, 0.004);
		if (covered[k] < 0.93 || covered[k] > 0.97)
			check_fail(__FILE__, __LINE__, "%s covers in %.3f", estimator_names[k],
				covered[k]);
	}
	/* decision by decision the intervals are too narrow: a user comes ten times */
	cover(true, false, alone, unused, value);
	CHECK(alone[ESTIMATE_IPS] < 0.92);
	CHECK(alone[ESTIMATE_CASCADE] < covered[ESTIMATE_CASCADE]);
	/* the served policy's own probabilities know nothing of what it never does */
	cover(false, true, unused, unused, biased);
	CHECK(fabs(biased[ESTIMATE_IPS] - truth) > 0.03);
	CHECK(fabs(biased[ESTIMATE_CASCADE] - truth) > 0.006);
}
