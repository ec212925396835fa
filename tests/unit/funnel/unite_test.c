#include "check.h"

#include "base/rng.h"
#include "funnel/unite.h"

TEST(a_document_of_two_strategies_stands_once_with_both_ranks)
{
	static const struct scored first[] = { { 3, 7 }, { 2, 9 } };
	static const struct scored second[] = { { 8, 9 }, { 5, 4 }, { 1, 7 } };
	struct drawn drawn[3] = { { first, 2 }, { NULL, 0 }, { second, 3 } };
	struct arena *arena = arena_new();
	struct candidates all;
	struct candidate *c;

	unite(arena, drawn, 3, &all);
	CHECK_INT(all.count, 3);
	c = candidates_find(&all, 9);
	CHECK(c);
	CHECK_INT(c->rank[0], 2);
	CHECK_INT(c->rank[1], 0);
	CHECK_INT(c->rank[2], 1);
	CHECK_INT(c->arms, 2);
	CHECK_INT(c->best_rank, 1);
	CHECK_NEAR(c->arm_score[2], 8, 0);
	CHECK_INT(all.items[0].doc, 7);
	CHECK(!candidates_find(&all, 5));
	arena_free(arena);
}

TEST(the_union_holds_each_document_of_any_list_exactly_once)
{
	struct scored lists[8][160];
	bool seen[500] = { false };
	struct arena *arena = arena_new();
	struct drawn drawn[8];
	struct candidates all;
	size_t i, distinct = 0, places = 0, ranks = 0;
	struct rng rng;
	int a;

	rng_init(&rng, 11);
	for (a = 0; a < 8; a++) {
		drawn[a] = (struct drawn){ lists[a], rng_below(&rng, 161) };
		for (i = 0; i < drawn[a].count; i++) {
			/* distinct within a list: a stride walk over 500 numbers */
			lists[a][i] = (struct scored){ 1, (uint32_t)((a * 37 + i * 3) % 500) };
			distinct += !seen[lists[a][i].doc];
			seen[lists[a][i].doc] = true;
		}
		places += drawn[a].count;
	}
	unite(arena, drawn, 8, &all);
	CHECK_INT(all.count, distinct);
	for (i = 0; i < all.count; i++)
		for (a = 0; a < 8; a++)
			if (all.items[i].rank[a]) {
				CHECK_INT(lists[a][all.items[i].rank[a] - 1].doc, all.items[i].doc);
				ranks++;
			}
	CHECK_INT(ranks, places);
	arena_free(arena);
}
