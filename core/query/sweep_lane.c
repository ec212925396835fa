/* sweep_lane.c -- the lists of swept leaves, moved along by blocks, and what the blocks'
 * directories tell of a segment before any posting of it is read. */
#include "query/sweep_parts.h"

#define BLOCKS_ROOM 40

void lanes_open(struct sweep *w, struct swept *swept)
{
	struct arena *arena = w->env->arena;
	int count = swept->leaf->list_count, j;
	struct lane *lane;

	swept->lanes = arena_alloc(arena, count * sizeof(*lane));
	swept->on = arena_alloc(arena, count * sizeof(*swept->on));
	for (j = 0; j < count; j++) {
		lane = swept->on[j] = &swept->lanes[j];
		lane->of = swept;
		lane->l = &swept->leaf->lists[j];
		lane->bound = swept->bounds[j];
		lane->list = postings_again(lane->l->list, arena);
		lane->next = lane->count = 0;
		lane->cap = BLOCKS_ROOM;
		lane->reach = arena_alloc(arena, lane->cap * sizeof(*lane->reach));
		lane->decoded = NULL;
		lane->is_word = scorer_is_word(w->env->scorer, swept->leaf);
	}
	swept->count = count;
	swept->postings = swept->leaf->cost;
	lanes_drop(w, swept);
}

void lanes_restart(struct swept *swept)
{
	struct lane *lane;
	int j;

	for (j = 0; j < swept->leaf->list_count; j++) {
		lane = &swept->lanes[j];
		postings_restart(lane->list);
		lane->next = lane->count = 0;
		lane->decoded = NULL;
	}
}

void lanes_drop(const struct sweep *w, struct swept *swept)
{
	double others = w->below[w->count] - swept->bound + w->rest;
	int j, n = 0;

	for (j = 0; j < swept->count; j++)
		if (beats(w, others + swept->on[j]->bound))
			swept->on[n++] = swept->on[j];
		else
			swept->postings -= swept->on[j]->list->df;
	swept->count = n;
}

bool lane_decode(struct sweep *w, struct lane *lane, const struct block *b)
{
	if (lane->decoded == b->entry)
		return true;
	lane->decoded = NULL;
	lane->fields = block_tfs(b, lane->tf);
	if (lane->fields < 0 || block_docs(b, lane->docs) < 0) {
		w->error = ERR_CORRUPT;
		return false;
	}
	lane->n = b->n;
	lane->at = 0;
	lane->decoded = b->entry;
	return true;
}

uint32_t lane_next(struct sweep *w, struct lane *lane, uint32_t low)
{
	const struct block *b = &lane->list->block;
	uint32_t from;

	if (!postings_block(lane->list, low))
		return DOC_NONE;
	from = b->before + 1 > low ? b->before + 1 : low;
	if (b->last - from < SEGMENT_DOCS)
		return from;
	if (!lane_decode(w, lane, b))
		return DOC_NONE;
	while (lane->docs[lane->at] < low)
		lane->at++;
	return lane->docs[lane->at];
}

static void reach_set(struct sweep *w, struct lane *lane, struct reach *r)
{
	const struct block *b = &lane->list->block;
	unsigned first, last;

	if (!lane->count || lane->reach->block.entry != b->entry) { /* else: as it was */
		r->block = *b;
		block_bounds(b, &r->bounds);
		r->bound = scorer_list_bound(w->env->scorer, lane->of->leaf, lane->l, &r->bounds);
	}
	first = b->before + 1 > w->low ? (b->before + 1 - w->low) / STRETCH : 0;
	last = b->last - w->low < SEGMENT_DOCS ? (b->last - w->low) / STRETCH : STRETCHES - 1;
	r->stretches = (2u << last) - (1u << first);
}

void lane_reach(struct sweep *w, struct lane *lane)
{
	uint32_t high = w->low + SEGMENT_DOCS;
	bool more = postings_block(lane->list, w->low);
	int n = 0;

	if (lane->count && lane->reach[lane->count - 1].block.entry == lane->list->block.entry)
		lane->reach[0] = lane->reach[lane->count - 1];
	for (; more && lane->list->block.before + 1 < high;
		more = postings_next_block(lane->list)) {
		if (n == lane->cap) {
			lane->reach = arena_grow(w->env->arena, lane->reach,
				n * sizeof(*lane->reach), 2 * n * sizeof(*lane->reach));
			lane->cap *= 2;
		}
		reach_set(w, lane, &lane->reach[n]);
		lane->count = ++n;
		if (lane->list->block.last >= high - 1)
			break;
	}
	lane->count = n;
}

/* ---- what may be in the segment ---- */

/* Whether anything may enter, if all that blocks promise came together. */
static bool may_hold(const struct sweep *w)
{
	double sum = w->below[w->first], most = 0;
	const struct lane *lane;
	float quality = 0;
	int i, k;

	for (i = 0; i < w->active_count; i++) {
		lane = w->active[i];
		if (i && lane->of != w->active[i - 1]->of) {
			sum += most;
			most = 0;
		}
		for (k = 0; k < lane->count; k++) {
			most = lane->reach[k].bound > most ? lane->reach[k].bound : most;
			if (i < w->leading)
				quality = fmaxf(quality, lane->reach[k].bounds.max_quality);
		}
	}
	return beats(w, sum + most + scorer_rest_bound(w->env->scorer, quality));
}

/* Does a block of each lane reach over all stretches? Then there is nothing to tell apart. */
static bool all_wide(const struct sweep *w)
{
	int i;

	for (i = 0; i < w->active_count; i++)
		if (w->active[i]->count != 1 || w->active[i]->reach[0].stretches != ALL_STRETCHES)
			return false;
	return true;
}

unsigned lanes_may_hold(const struct sweep *w)
{
	double sum[STRETCHES] = { 0 }, most[STRETCHES] = { 0 };
	float quality[STRETCHES] = { 0 };
	unsigned s, mask, reached = 0, live = 0;
	const struct lane *lane;
	const struct reach *r;
	int i, k;

	if (!may_hold(w))
		return 0;
	if (all_wide(w))
		return ALL_STRETCHES;
	for (i = 0; i < w->active_count; i++) {
		lane = w->active[i];
		for (k = 0; k < lane->count; k++) {
			r = &lane->reach[k];
			reached |= i < w->leading ? r->stretches : 0;
			for (mask = r->stretches; mask; mask &= mask - 1) {
				s = __builtin_ctz(mask);
				most[s] = r->bound > most[s] ? r->bound : most[s];
				if (i < w->leading && r->bounds.max_quality > quality[s])
					quality[s] = r->bounds.max_quality;
			}
		}
		if (i + 1 < w->active_count && lane->of == w->active[i + 1]->of)
			continue;
		for (s = 0; s < STRETCHES; s++) {
			sum[s] += most[s];
			most[s] = 0;
		}
	}
	for (mask = reached; mask; mask &= mask - 1) {
		s = __builtin_ctz(mask);
		if (beats(w, sum[s] + w->below[w->first] +
				     scorer_rest_bound(w->env->scorer, quality[s])))
			live |= 1u << s;
	}
	return live;
}
