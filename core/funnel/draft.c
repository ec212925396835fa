/* draft.c -- captains pick in turn. */
#include "funnel/draft.h"

#include <stdlib.h>

/* A ranking, by places in `all`. */
struct team {
	const struct candidates *list;
	size_t *place;
	size_t at; /* of the list, not looked at yet */
};

struct by_doc {
	uint32_t doc;
	size_t place;
};

static int compare(const void *a, const void *b)
{
	uint32_t x = ((const struct by_doc *)a)->doc, y = ((const struct by_doc *)b)->doc;

	return (x > y) - (x < y);
}

static void find_places(struct arena *arena, struct team *team, const struct by_doc *sorted,
	size_t count)
{
	struct by_doc key, *found;
	size_t i;

	team->place = arena_calloc(arena, team->list->count + 1, sizeof(*team->place));
	for (i = 0; i < team->list->count; i++) {
		key.doc = team->list->items[i].doc;
		found = bsearch(&key, sorted, count, sizeof(*sorted), compare);
		team->place[i] = found->place;
	}
}

/* Its best that is free; false if it has none. */
static bool pick(struct team *team, int number, struct candidate *all, struct candidate *page,
	size_t *picked)
{
	const struct candidate *as;
	struct candidate *c;

	while (team->at < team->list->count && all[team->place[team->at]].team)
		team->at++;
	if (team->at == team->list->count)
		return false;
	as = &team->list->items[team->at];
	c = &all[team->place[team->at]];
	c->team = (uint8_t)number;
	page[*picked] = *c;
	page[*picked].score = as->score;
	page[(*picked)++].features = as->features;
	return true;
}

void draft(struct arena *arena, struct candidates *all, const struct candidates *a,
	const struct candidates *b, struct rng *coins)
{
	struct candidate *page = arena_calloc(arena, all->count + 1, sizeof(*page));
	struct by_doc *sorted = arena_calloc(arena, all->count + 1, sizeof(*sorted));
	struct team team[2] = { { a, NULL, 0 }, { b, NULL, 0 } };
	size_t picked = 0, i;
	int first, more = 1;

	for (i = 0; i < all->count; i++)
		sorted[i] = (struct by_doc){ all->items[i].doc, i };
	qsort(sorted, all->count, sizeof(*sorted), compare);
	for (i = 0; i < 2; i++)
		find_places(arena, &team[i], sorted, all->count);
	while (more) {
		first = (int)rng_below(coins, 2);
		more = pick(&team[first], first + 1, all->items, page, &picked);
		more |= pick(&team[1 - first], 2 - first, all->items, page, &picked);
	}
	all->items = page;
	all->count = picked;
}
