/* sweep_merge.c -- few postings: lists are merged, document by document. */
#include "query/sweep_parts.h"

#define MERGED       16 /* postings a segment, on average: with fewer, lists are merged */
#define MERGED_LISTS 16

bool may_merge(const struct sweep *w)
{
	double postings = 0;
	int i, n = 0;

	for (i = w->first; i < w->count; i++) {
		n += w->order[i]->count;
		postings += w->order[i]->postings;
	}
	return n <= MERGED_LISTS && postings < MERGED * w->segments;
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

/* The lanes that are left, leaf by leaf; their count. */
static int gather(const struct sweep *w, struct lane *lanes[MERGED_LISTS])
{
	int i, j, n = 0;

	for (i = w->first; i < w->count; i++)
		for (j = 0; j < w->order[i]->count; j++)
			lanes[n++] = w->order[i]->on[j];
	return n;
}

/* What the lanes that stand at the document give, of each leaf the best, and step on. */
static int64_t add_up(struct sweep *w, struct lane *const *lanes, int n, uint32_t doc, int *hits)
{
	int32_t value, best = 0;
	int64_t sum = 0;
	int i;

	for (*hits = i = 0; i < n; i++) {
		if (lanes[i]->doc == doc) {
			value = lanes[i]->values[lanes[i]->at];
			best = value > best ? value : best;
			lane_step(w, lanes[i]);
		}
		if (i + 1 < n && lanes[i]->of == lanes[i + 1]->of)
			continue;
		sum += best;
		*hits += best > 0;
		best = 0;
	}
	return sum;
}

void merge_lanes(struct sweep *w, uint32_t low)
{
	struct lane *lanes[MERGED_LISTS];
	float threshold = heap_threshold(w->env->heap);
	int32_t limit = marks_limit(w, w->quality);
	int i, n = gather(w, lanes), hits;
	uint32_t doc;
	int64_t sum;

	for (i = 0; i < n; i++)
		lane_enter(w, lanes[i], low);
	while (n) {
		for (doc = lanes[0]->doc, i = 1; i < n; i++)
			doc = lanes[i]->doc < doc ? lanes[i]->doc : doc;
		if (doc == DOC_NONE)
			return;
		sum = add_up(w, lanes, n, doc, &hits);
		if (sum <= limit || (counted(w) && hits < needed(w)))
			continue;
		ask_rest(w, doc, sum);
		if (heap_threshold(w->env->heap) == threshold)
			continue;
		threshold = heap_threshold(w->env->heap);
		sweep_set_first(w);
		n = gather(w, lanes);
		limit = marks_limit(w, w->quality);
	}
}
