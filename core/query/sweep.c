/* sweep.c -- see sweep.h for the method: opening, and going from segment to segment. */
#include "query/sweep_parts.h"

#include <stdlib.h>
#include <string.h>

#define SELECTIVE      0.1  /* share that passes a filter: fewer, and it is asked first; */
#define VERY_SELECTIVE 0.03 /* fewer still, and only of what passes sums are made */
#define FEW            3    /* asked of one in so many: what postings give is found one by one */
#define LINE           64   /* bytes of a cache line */
#define MANY           2    /* blocks of a list in a segment */
#define AHEAD          8  /* one in so many asked of: the next segments are swept for it at once, */
#define AGAIN          32 /* so many; then it is seen again */
#define DENSE          10 /* postings a segment of the rarest of all */

static bool are_leaves(const struct iter *root)
{
	int i;

	if (root->kind == ITER_LEAF)
		return root->weight >= 0;
	if ((root->kind != ITER_JOIN && root->kind != ITER_MEET) || root->not_count)
		return false;
	for (i = 0; i < root->kid_count; i++)
		if (root->kids[i]->kind != ITER_LEAF || !(root->kids[i]->weight >= 0))
			return false;
	return true;
}

/* All of words pays where even the rarest has many postings a segment; in a phrase always:
 * of what cannot enter no places are looked up. */
static bool is_dense(const struct matcher *m)
{
	if (m->root->phrase)
		return true;
	return m->root->cost >=
	       (uint64_t)DENSE * (view_stats(m->view)->doc_limit / SEGMENT_DOCS + 1);
}

bool sweep_pays(const struct matcher *m, const struct scorer *s)
{
	return s->bounded && s->bm25_count && are_leaves(m->root) &&
	       (m->root->kind != ITER_MEET || is_dense(m));
}

static int by_bound(const void *a, const void *b)
{
	const struct swept *x = *(struct swept *const *)a, *y = *(struct swept *const *)b;

	return (x->bound > y->bound) - (x->bound < y->bound);
}

static int by_rarity(const void *a, const void *b)
{
	const struct swept *x = *(struct swept *const *)a, *y = *(struct swept *const *)b;

	return (x->leaf->cost < y->leaf->cost) - (x->leaf->cost > y->leaf->cost);
}

static void open_leaf(struct sweep *w, struct swept *swept, struct iter *leaf)
{
	struct postings *list;
	int j;

	swept->leaf = leaf;
	swept->bounds = arena_calloc(w->env->arena, leaf->list_count, sizeof(*swept->bounds));
	for (j = 0; j < leaf->list_count; j++) {
		list = leaf->lists[j].list;
		if (!list->df)
			continue; /* damaged */
		swept->bounds[j] =
			scorer_list_bound(w->env->scorer, leaf, &leaf->lists[j], &list->bounds);
		swept->bound = fmax(swept->bound, swept->bounds[j]);
		w->quality = fmaxf(w->quality, list->bounds.max_quality);
	}
}

static void sweep_open(struct sweep *w)
{
	struct iter *root = w->env->matcher->root;
	int i, lanes = 0;

	w->all = root->kind == ITER_MEET;
	w->least = root->kind == ITER_JOIN ? root->least : 1;
	w->segments = view_stats(w->env->view)->doc_limit / SEGMENT_DOCS + 1;
	w->count = root->kind == ITER_LEAF ? 1 : root->kid_count;
	w->leaves = arena_calloc(w->env->arena, w->count, sizeof(*w->leaves));
	w->order = arena_calloc(w->env->arena, w->count, sizeof(*w->order));
	w->below = arena_calloc(w->env->arena, w->count + 1, sizeof(*w->below));
	for (i = 0; i < w->count; i++) {
		w->order[i] = &w->leaves[i];
		open_leaf(w, &w->leaves[i], root->kind == ITER_LEAF ? root : root->kids[i]);
		lanes += w->leaves[i].leaf->list_count;
	}
	w->active = arena_alloc(w->env->arena, (lanes + 1) * sizeof(*w->active));
	qsort(w->order, w->count, sizeof(w->order[0]), w->all ? by_rarity : by_bound);
	for (i = 0; i < w->count; i++)
		w->below[i + 1] = w->below[i] + w->order[i]->bound;
	w->rest = scorer_rest_bound(w->env->scorer, w->quality);
	w->selective = w->env->filter && filter_share(w->env->filter) < SELECTIVE;
	w->few = w->env->filter && filter_share(w->env->filter) < VERY_SELECTIVE;
	memset(w->passing, 0xff, sizeof(w->passing));
	w->first = w->all ? w->count - 1 : 0;
	w->threshold = NAN;
	sweep_set_above(w);
	for (i = w->first; i < w->count; i++)
		lanes_open(w, w->order[i]);
}

static int sweep_close(struct sweep *w)
{
	struct postings *list;
	int i, j;

	for (i = 0; i < w->count; i++)
		for (j = 0; w->leaves[i].lanes && j < w->leaves[i].leaf->list_count; j++) {
			list = w->leaves[i].lanes[j].list;
			if (postings_error(list))
				w->error = postings_error(list);
			postings_close(list);
		}
	return w->error;
}

/* ---- segments ---- */

static uint32_t leaf_next(struct sweep *w, const struct swept *leaf, uint32_t low)
{
	uint32_t next = DOC_NONE;
	struct lane *lane;
	int j;

	for (j = 0; j < leaf->count; j++) {
		lane = leaf->on[j];
		if (lane->next < low)
			lane->next = lane_next(w, lane, low);
		next = lane->next < next ? lane->next : next;
	}
	return next;
}

/* First document of the next segment from `low` on that a swept leaf may be in. */
static uint32_t next_low(struct sweep *w, uint32_t low)
{
	uint32_t first = DOC_NONE, next;
	int i;

	for (i = w->first; i < w->count; i++) {
		next = leaf_next(w, w->order[i], low);
		first = next < first ? next : first;
	}
	return first == DOC_NONE ? DOC_NONE : first - first % SEGMENT_DOCS;
}

/* Of words that are a bit each. */
static unsigned stretches_of(uint64_t words)
{
	unsigned mask = 0;

	for (; words; words &= words - 1)
		mask |= 1u << __builtin_ctzll(words) * 64 / STRETCH;
	return mask;
}

static unsigned passing_stretches(const struct sweep *w)
{
	uint64_t words = 0;
	unsigned i;

	for (i = 0; i < SEGMENT_WORDS; i++)
		words |= (uint64_t)(w->passing[i] != 0) << i;
	return stretches_of(words);
}

/* The first segment from that of `low` on in which a document passes, now at hand;
 * DOC_NONE if there is none. */
static uint32_t next_passing(struct sweep *w, uint32_t low)
{
	uint32_t limit = view_stats(w->env->view)->doc_limit;

	for (; low < limit; low += SEGMENT_DOCS) {
		low = filter_seek(w->env->filter, low);
		if (low >= limit)
			break;
		low -= low % SEGMENT_DOCS;
		if (filter_segment(w->env->filter, low, w->passing))
			return low;
	}
	return DOC_NONE;
}

/* Is it dear to ask the next leaf of so many documents? Then sweep it in this segment, too,
 * onto the sums that there are. */
static bool sweep_another(struct sweep *w)
{
	struct swept *leaf = w->first ? w->order[w->first - 1] : NULL;
	double n = leaf ? marks_count(w) : 0, postings;
	int j;

	if (!leaf || n * ASKING * leaf->leaf->list_count < leaf->leaf->cost / w->segments)
		return false;
	if (!leaf->lanes)
		lanes_open(w, leaf);
	w->live &= stretches_of(w->marked);
	for (j = 0; j < leaf->count; j++) {
		w->active[j] = leaf->on[j];
		lane_reach(w, w->active[j]);
	}
	w->active_count = j;
	w->first--;
	postings = leaf->postings / w->segments;
	w->ahead += leaf->count == 1 && n * AHEAD > postings;
	sums_add_more(w, n * FEW > postings);
	return true;
}

/* Where many postings are, the lengths of the next segment are on their way while this one
 * is gone through: those of a million documents are not in the near caches. */
static void fetch_lengths(const struct sweep *w)
{
	uint32_t next = w->low + SEGMENT_DOCS;
	const uint8_t *at, *end;
	int i;

	if (next + SEGMENT_DOCS > view_stats(w->env->view)->doc_limit)
		return;
	for (i = 0; i < w->active_count && w->active[i]->count < MANY; i++)
		;
	if (i == w->active_count)
		return;
	at = view_lengths(w->env->view, next);
	end = at + SEGMENT_DOCS * view_schema(w->env->view)->text_count;
	for (; at < end; at += LINE)
		__builtin_prefetch(at, 0, 2);
}

/* The first leaf to sweep in this segment: the weaker ones that so many documents of the last
 * were asked of are swept at once, and bounds and sums are the tighter for it. */
static int look_ahead(struct sweep *w)
{
	if (w->segments_swept++ % AGAIN == 0)
		w->ahead = 0;
	return w->first > w->ahead ? w->first - w->ahead : 0;
}

/* The lanes that may be in the segment. */
static void gather_lanes(struct sweep *w, int first)
{
	struct lane *lane;
	int i, j;

	w->active_count = 0;
	for (i = w->count - 1; i >= first; i--) {
		if (!w->order[i]->lanes)
			lanes_open(w, w->order[i]);
		for (j = 0; j < w->order[i]->count; j++) {
			lane = w->order[i]->on[j];
			if (lane->next >= w->low + SEGMENT_DOCS)
				continue;
			lane_reach(w, lane);
			w->active[w->active_count++] = lane;
		}
		if (i >= w->first)
			w->leading = w->active_count;
	}
	w->first = first;
}

static void sweep_segment(struct sweep *w)
{
	int first = w->first;

	gather_lanes(w, look_ahead(w));
	w->live = ALL_STRETCHES;
	if (w->above > -INFINITY)
		w->live = lanes_may_hold(w);
	if (w->selective)
		w->live &= passing_stretches(w);
	if (w->live) {
		fetch_lengths(w);
		sums_add(w);
		while (sweep_another(w))
			;
		ask_picked(w, marks_pick(w));
		sums_wipe(w);
	}
	w->first = first;
}

void sweep_set_above(struct sweep *w)
{
	w->above = heap_threshold(w->env->heap);
	if (w->unordered)
		w->above = nextafterf(w->above, -INFINITY);
}

void sweep_set_first(struct sweep *w)
{
	int i;

	if (w->above == w->threshold)
		return;
	w->threshold = w->above;
	while (!counted(w) && w->first < w->count && !beats(w, w->below[w->first + 1] + w->rest))
		w->first++;
	for (i = 0; i < w->count; i++)
		if (w->order[i]->count > 1)
			lanes_drop(w, w->order[i]);
}

static void sweep_segments(struct sweep *w)
{
	uint32_t low = 0;

	for (;;) {
		sweep_set_first(w);
		if (w->first == w->count || !beats(w, w->below[w->count] + w->rest))
			break;
		if (w->selective) {
			low = next_passing(w, low);
			if (low == DOC_NONE)
				break;
			if (few_pass(w)) {
				ask_passing(w, low);
				low += SEGMENT_DOCS;
				continue;
			}
		}
		if (may_merge(w) &&
			(!w->selective ||
				!pays_to_ask(w, SEGMENT_DOCS * filter_share(w->env->filter), 0))) {
			w->selective = false;
			merge_lanes(w, low);
			break;
		}
		w->low = next_low(w, low);
		if (w->low == DOC_NONE)
			break;
		if (w->selective && w->low != low) {
			low = w->low; /* the filter first */
			continue;
		}
		sweep_segment(w);
		low = w->low + SEGMENT_DOCS;
	}
}

int64_t sweep_run(const struct sweep_env *env, struct error *err)
{
	struct sweep *w = arena_calloc(env->arena, 1, sizeof(*w));

	w->env = env;
	sweep_open(w);
	if (!merge_first(w))
		sweep_segments(w);
	if (sweep_close(w) < 0)
		return error_set(err, w->error, "a damaged block of postings");
	return w->scored;
}
