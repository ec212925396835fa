/* sweep_merge.c -- few postings: lists are merged, document by document. */
#include "query/sweep_parts.h"

#include <string.h>

#define MERGED 16 /* postings a segment, on average: with fewer, lists are merged */
#define MERGED_LISTS 8

/* Are they few, from here on? */
bool may_merge(const struct sweep *w)
{
	double postings = 0;
	int i;

	if (w->count - w->first > MERGED_LISTS)
		return false;
	for (i = w->first; i < w->count; i++) {
		if (w->order[i]->leaf->list_count != 1 || w->order[i]->leaf->lists[0].check)
			return false;
		postings += w->order[i]->leaf->cost;
	}
	return postings < MERGED * w->segments;
}

/* Could the block's documents enter, had they the most of all other leaves? */
static bool may_enter(const struct sweep *w, const struct lane *lane)
{
	struct block_bounds bounds;
	double most;

	block_bounds(&lane->list->block, &bounds);
	most = scorer_list_bound(w->env->scorer, lane->of->leaf, lane->l, &bounds);
	return beats(w, w->below[w->count] - lane->of->bound + most +
				scorer_rest_bound(w->env->scorer, bounds.max_quality));
}

/* To its first document from `low` on that matters. */
static void lane_enter(struct sweep *w, struct lane *lane, uint32_t low)
{
	bool more = postings_block(lane->list, low);

	lane->doc = DOC_NONE;
	while (more && lane->list->block.entry != lane->decoded && !may_enter(w, lane))
		more = postings_next_block(lane->list);
	if (!more || !lane_decode(w, lane, &lane->list->block))
		return;
	lane_value(w, lane);
	while (lane->docs[lane->at] < low)
		lane->at++;
	lane->doc = lane->docs[lane->at];
}

static void lane_step(struct sweep *w, struct lane *lane)
{
	if (++lane->at < lane->n)
		lane->doc = lane->docs[lane->at];
	else
		lane_enter(w, lane, lane->docs[lane->n - 1] + 1);
}

void merge_lanes(struct sweep *w, uint32_t low)
{
	struct lane *lanes[MERGED_LISTS];
	int from = w->first;
	float threshold = heap_threshold(w->env->heap);
	int32_t limit = marks_limit(w, w->quality);
	int i, n = w->count - w->first, hits;
	uint32_t doc;
	int64_t sum;

	for (i = 0; i < n; i++) {
		lanes[i] = w->order[w->first + i]->lanes;
		lane_enter(w, lanes[i], low);
	}
	for (;;) {
		for (doc = lanes[0]->doc, i = 1; i < n; i++)
			doc = lanes[i]->doc < doc ? lanes[i]->doc : doc;
		if (doc == DOC_NONE)
			return;
		sum = hits = 0;
		for (i = 0; i < n; i++)
			if (lanes[i]->doc == doc) {
				sum += lanes[i]->values[lanes[i]->at];
				hits++;
				lane_step(w, lanes[i]);
			}
		if (sum <= limit || (counted(w) && hits < needed(w)))
			continue;
		ask_rest(w, doc, sum);
		if (heap_threshold(w->env->heap) == threshold)
			continue;
		threshold = heap_threshold(w->env->heap);
		sweep_set_first(w);
		if (w->first == w->count)
			return;
		for (; from < w->first; from++, n--)
			memmove(lanes, lanes + 1, (n - 1) * sizeof(*lanes));
		limit = marks_limit(w, w->quality);
	}
}
