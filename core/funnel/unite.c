/* unite.c -- the union with provenance: one pass over the lists, an open-addressing
 * table from document to candidate while it is made. */
#include "funnel/unite.h"

#include <assert.h>

#include "base/hash.h"

struct places {
	uint32_t *at; /* candidate number + 1, 0: free */
	size_t mask;
};

static struct candidate *place(struct places *places, struct candidates *all, uint32_t doc,
	bool *fresh)
{
	size_t slot = hash_u64(doc) & places->mask;

	for (; places->at[slot]; slot = (slot + 1) & places->mask)
		if (all->items[places->at[slot] - 1].doc == doc) {
			*fresh = false;
			return &all->items[places->at[slot] - 1];
		}
	*fresh = true;
	places->at[slot] = ++all->count;
	return &all->items[all->count - 1];
}

static void add(struct candidate *c, int arm, size_t rank, float score)
{
	if (c->rank[arm])
		return;
	assert(rank <= UINT16_MAX);
	c->rank[arm] = rank;
	c->arm_score[arm] = score;
	c->arms++;
	if (!c->best_rank || rank < c->best_rank)
		c->best_rank = rank;
}

void unite(struct arena *arena, const struct drawn *drawn, int arms, struct candidates *out)
{
	struct places places = { NULL, 15 };
	struct candidate *c;
	size_t total = 0, i;
	bool fresh;
	int a;

	for (a = 0; a < arms; a++)
		total += drawn[a].count;
	while (places.mask < 2 * total)
		places.mask = 2 * places.mask + 1;
	places.at = arena_calloc(arena, places.mask + 1, sizeof(*places.at));
	out->items = arena_calloc(arena, total + 1, sizeof(*out->items));
	out->count = 0;
	for (a = 0; a < arms; a++)
		for (i = 0; i < drawn[a].count; i++) {
			c = place(&places, out, drawn[a].hits[i].doc, &fresh);
			if (fresh) {
				c->doc = drawn[a].hits[i].doc;
				c->rank = arena_calloc(arena, arms, sizeof(*c->rank));
				c->arm_score = arena_calloc(arena, arms, sizeof(*c->arm_score));
			}
			add(c, a, i + 1, drawn[a].hits[i].score);
		}
}

struct candidate *candidates_find(const struct candidates *all, uint32_t doc)
{
	size_t i;

	for (i = 0; i < all->count; i++)
		if (all->items[i].doc == doc)
			return &all->items[i];
	return NULL;
}
