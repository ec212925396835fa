/* sweep_merge.c -- few postings: lists are merged, document by document. */
#include "query/sweep_parts.h"

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

/* To its first document from `low` on. */
static void lane_enter(struct sweep *w, struct lane *lane, uint32_t low)
{
	lane->doc = DOC_NONE;
	if (!postings_block(lane->list, low) || !lane_decode(w, lane, &lane->list->block))
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
	float threshold = heap_threshold(w->env->heap);
	int32_t limit = sums_limit(w, w->quality);
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
		limit = sums_limit(w, w->quality);
	}
}
