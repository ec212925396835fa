/* draft_test.c -- two rankings on one page, fairly, and what that can tell. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "funnel/draft.h"
#include "learn/counts.h"

/* A ranking of documents, all of them in `all` in the order of their numbers. */
static struct candidates ranking(struct arena *arena, const uint32_t *docs, size_t count,
	float score)
{
	struct candidates out = { arena_calloc(arena, count + 1, sizeof(*out.items)), count };
	size_t i;

	for (i = 0; i < count; i++) {
		out.items[i].doc = docs[i];
		out.items[i].score = score - (float)i;
	}
	return out;
}

static struct candidates union_of(struct arena *arena, const struct candidates *a,
	const struct candidates *b)
{
	struct candidates out = { arena_calloc(arena, a->count + b->count + 1, sizeof(*out.items)),
		0 };
	const struct candidates *lists[2] = { b, a };
	size_t i, k;

	for (k = 0; k < 2; k++)
		for (i = 0; i < lists[k]->count; i++)
			if (!candidates_find(&out, lists[k]->items[i].doc)) {
				out.items[out.count].doc = lists[k]->items[i].doc;
				out.items[out.count++].best_rank = 7;
			}
	return out;
}

static void shuffle(uint32_t *docs, size_t count, struct rng *rng)
{
	size_t i, j;

	for (i = 0; i < count; i++) {
		j = rng_below(rng, i + 1);
		docs[i] = docs[j];
		docs[j] = (uint32_t)i;
	}
}

TEST(every_document_stands_once_and_each_team_in_its_own_order)
{
	struct arena *arena = arena_new();
	struct candidates a, b, all;
	uint32_t docs[2][40];
	struct rng rng;
	size_t i, count[2], at[2], n;
	int t, k;

	rng_init(&rng, 111);
	for (t = 0; t < 2000; t++) {
		for (k = 0; k < 2; k++) {
			count[k] = rng_below(&rng, 40);
			shuffle(docs[k], count[k], &rng);
		}
		a = ranking(arena, docs[0], count[0], 100);
		b = ranking(arena, docs[1], count[1], 1000);
		all = union_of(arena, &a, &b);
		n = all.count;
		draft(arena, &all, &a, &b, &rng);
		CHECK_INT(all.count, n);
		for (at[0] = at[1] = i = 0; i < all.count; i++) {
			const struct candidate *c = &all.items[i];
			const struct candidates *list = c->team == 1 ? &a : &b;
			size_t *place = &at[c->team - 1];

			CHECK(c->team == 1 || c->team == 2);
			CHECK_INT(c->best_rank, 7); /* what is known of it stays */
			CHECK(c == candidates_find(&all, c->doc));
			while (*place < list->count && list->items[*place].doc != c->doc)
				(*place)++;
			CHECK(*place < list->count);
			CHECK_NEAR(c->score, list->items[*place].score, 0);
		}
		arena_reset(arena);
	}
	arena_free(arena);
}

/* All pages of three rounds: a b c against c a d. */
TEST(pages_come_as_often_as_coins_say)
{
	static const uint32_t first[] = { 1, 2, 3 }, second[] = { 3, 1, 4 };
	/* rounds: heads takes 1 first, tails 3; what then is left follows from that */
	static const struct {
		uint32_t docs[4];
		uint8_t team[4];
		double p;
	} pages[] = {
		/* HH, HT: 1(a) 3(b) then 2(a) 4(b) or 4(b) 2(a) */
		{ { 1, 3, 2, 4 }, { 1, 2, 1, 2 }, 0.25 },
		{ { 1, 3, 4, 2 }, { 1, 2, 2, 1 }, 0.25 },
		{ { 3, 1, 2, 4 }, { 2, 1, 1, 2 }, 0.25 },
		{ { 3, 1, 4, 2 }, { 2, 1, 2, 1 }, 0.25 },
	};
	enum { TIMES = 40000 };
	int seen[4] = { 0 }, t;
	struct arena *arena = arena_new();
	struct candidates a, b, all;
	double chi = 0;
	struct rng rng;
	size_t i, k;

	rng_init(&rng, 112);
	for (t = 0; t < TIMES; t++) {
		a = ranking(arena, first, 3, 10);
		b = ranking(arena, second, 3, 10);
		all = union_of(arena, &a, &b);
		draft(arena, &all, &a, &b, &rng);
		CHECK_INT(all.count, 4);
		for (k = 0; k < 4; k++) {
			for (i = 0; i < 4; i++)
				if (all.items[i].doc != pages[k].docs[i] ||
					all.items[i].team != pages[k].team[i])
					break;
			if (i == 4)
				break;
		}
		CHECK(k < 4);
		seen[k]++;
		arena_reset(arena);
	}
	for (k = 0; k < 4; k++)
		chi += pow(seen[k] - pages[k].p * TIMES, 2) / (pages[k].p * TIMES);
	CHECK(chi < 16.3); /* one in a thousand, 3 degrees */
	arena_free(arena);
}

/* A person looks down the page, less and less, and takes what he wants if he sees it. */
static int taken(const struct candidates *page, uint32_t wanted, struct rng *rng)
{
	size_t i;

	for (i = 0; i < page->count && i < 10; i++)
		if (page->items[i].doc == wanted)
			return rng_double(rng) < 1 / (1 + 0.3 * (double)i) ? (int)i : -1;
	return -1;
}

/* Rankings of ten out of twenty; the better has the wanted one higher, on the whole. */
static void rank_for(uint32_t wanted, double skill, uint32_t *docs, struct rng *rng)
{
	double value[20], best;
	int i, k, at;

	for (i = 0; i < 20; i++)
		value[i] = rng_normal(rng) + (i == (int)wanted ? skill : 0);
	for (k = 0; k < 10; k++) {
		for (best = -INFINITY, at = i = 0; i < 20; i++)
			if (value[i] > best) {
				best = value[i];
				at = i;
			}
		docs[k] = (uint32_t)at;
		value[at] = -INFINITY;
	}
}

/* One comparison of two skills by `searches` interleaved pages and by as many in two
 * halves: which is the better, in standard errors. */
static void compare(double skill_a, double skill_b, int searches, struct rng *rng, double *drafted,
	double *halves)
{
	double won[3] = { 0 }, n[2] = { 0 }, sum[2] = { 0 }, mean[2], error = 0;
	struct arena *arena = arena_new();
	struct candidates list[2], all;
	uint32_t docs[2][10], wanted;
	int t, k, at;

	for (t = 0; t < searches; t++) {
		wanted = (uint32_t)rng_below(rng, 20);
		rank_for(wanted, skill_a, docs[0], rng);
		rank_for(wanted, skill_b, docs[1], rng);
		for (k = 0; k < 2; k++)
			list[k] = ranking(arena, docs[k], 10, 1);
		k = t % 2;
		n[k]++;
		sum[k] += taken(&list[k], wanted, rng) >= 0;
		all = union_of(arena, &list[0], &list[1]);
		draft(arena, &all, &list[0], &list[1], rng);
		at = taken(&all, wanted, rng);
		if (at >= 0)
			won[all.items[at].team]++;
		arena_reset(arena);
	}
	*drafted = (won[1] - won[2]) / sqrt(won[1] + won[2]);
	for (k = 0; k < 2; k++) {
		mean[k] = sum[k] / n[k];
		error += mean[k] * (1 - mean[k]) / n[k];
	}
	*halves = (mean[0] - mean[1]) / sqrt(error);
	arena_free(arena);
}

TEST(interleaving_tells_what_two_halves_of_the_users_do_not)
{
	double drafted, halves, sum[2] = { 0 }, wrong = 0, sure[2] = { 0 };
	struct rng rng;
	int t;

	rng_init(&rng, 113);
	for (t = 0; t < 300; t++) {
		compare(1.5, 1.2, 400, &rng, &drafted, &halves);
		sum[0] += drafted / 300;
		sum[1] += halves / 300;
		sure[0] += drafted > 1.96;
		sure[1] += halves > 1.96;
	}
	CHECK(sum[0] > 1.42 * sum[1]); /* in standard errors: half the searches do */
	CHECK(sure[0] > 1.5 * sure[1]);
	for (t = 0; t < 1000; t++) { /* and where there is nothing to tell it tells nothing */
		compare(1.5, 1.5, 200, &rng, &drafted, &halves);
		wrong += fabs(drafted) > 1.96;
	}
	CHECK(wrong > 25 && wrong < 75);
}

TEST(the_sign_test_is_that_of_the_binomial)
{
	CHECK_NEAR(count_sign_test(0, 0), 1, 1e-12);
	CHECK_NEAR(count_sign_test(5, 0), 2 / 32.0, 1e-12);
	CHECK_NEAR(count_sign_test(1, 9), 2 * 11 / 1024.0, 1e-12);
	CHECK_NEAR(count_sign_test(5, 5), 1, 1e-12);
	CHECK_NEAR(count_sign_test(60, 40), 0.0568879, 1e-6);
	CHECK_NEAR(count_sign_test(2600, 2400), count_sign_test(2601, 2400), 3e-4);
}
