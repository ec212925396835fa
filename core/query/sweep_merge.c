/* sweep_merge.c -- few postings: lists are merged, document by document.
 *
 * Where only the strongest leaves have few, these are merged first of all.  What looks best
 * of them is scored to the end, and so the threshold is near its last value before the long
 * lists are begun, which often need not be any more. */
#include "query/sweep_parts.h"

#define MERGED       16 /* postings a segment, on average: with fewer, lists are merged */
#define MERGED_LISTS 16
#define FIRST        8  /* so few of the strongest leaves: the best of them are scored first */
#define MORE         32 /* segments more than there are */

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
	while (lane->docs[lane->at] < low)
		lane->at++;
	lane_value(w, lane, lane->at, lane->n);
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

static uint32_t lanes_least(struct lane *const *lanes, int n)
{
	uint32_t doc = DOC_NONE;
	int i;

	for (i = 0; i < n; i++)
		doc = lanes[i]->doc < doc ? lanes[i]->doc : doc;
	return doc;
}

/* As long as any score enters, what all leaves have is sought before anything is valued; the
 * first document that was not gone through. */
static uint32_t meet_first(struct sweep *w, uint32_t low)
{
	struct iter *root = w->env->matcher->root;
	struct scorer *scorer = w->env->scorer;
	uint32_t doc = iter_seek(root, low);
	double words;

	for (; doc != DOC_NONE && w->above == -INFINITY; doc = iter_next(root)) {
		if (!filter_pass(w->env->filter, doc))
			continue;
		w->scored++;
		words = scorer->unit *
			scorer_words(scorer, root, doc, view_lengths(w->env->view, doc));
		heap_offer(w->env->heap, (float)(words + scorer_rest(scorer, doc)), doc);
		sweep_set_above(w);
	}
	return doc;
}

void merge_lanes(struct sweep *w, uint32_t low)
{
	struct lane *lanes[MERGED_LISTS];
	int i, n = gather(w, lanes), hits;
	int32_t limit;
	uint32_t doc;
	float above;
	int64_t sum;

	if (w->all)
		low = meet_first(w, low);
	if (low == DOC_NONE)
		return;
	above = w->above;
	limit = marks_limit(w, w->quality);
	for (i = 0; i < n; i++)
		lane_enter(w, lanes[i], low);
	while (n) {
		doc = lanes_least(lanes, n);
		if (doc == DOC_NONE)
			return;
		sum = add_up(w, lanes, n, doc, &hits);
		if (sum <= limit || (counted(w) && hits < needed(w)))
			continue;
		ask_rest(w, doc, sum);
		if (w->above == above)
			continue;
		above = w->above;
		sweep_set_first(w);
		n = gather(w, lanes);
		limit = marks_limit(w, w->quality);
	}
}

/* ---- the best of few first ---- */

struct candidate {
	uint32_t doc;
	int32_t sum;
};

static double postings_of(const struct sweep *w, int from, int to)
{
	double postings = 0;

	for (; from < to; from++)
		postings += w->order[from]->postings;
	return postings;
}

/* How many leaves are weaker than the strongest that have few postings between them; 0: to
 * score the best of these does not pay. */
static int weaker(const struct sweep *w)
{
	double few, many, k = w->env->heap->k;
	int i, lists = 0;

	for (i = w->count; i > 0; i--) {
		lists += w->order[i - 1]->count;
		if (lists > MERGED_LISTS ||
			postings_of(w, i - 1, w->count) > FIRST * (w->segments + MORE))
			break;
	}
	few = postings_of(w, i, w->count);
	many = postings_of(w, 0, i);
	return few >= k && many > 2 * (few + k * ASKING * i) ? i : 0;
}

/* All that the swept leaves have, ascending. */
static struct candidate *collect(struct sweep *w, size_t *count)
{
	size_t room = postings_of(w, w->first, w->count);
	struct candidate *out = arena_alloc(w->env->arena, room * sizeof(*out));
	struct lane *lanes[MERGED_LISTS];
	int i, n = gather(w, lanes), hits;
	uint32_t doc;

	for (i = 0; i < n; i++)
		lane_enter(w, lanes[i], 0);
	for (*count = 0; (doc = lanes_least(lanes, n)) != DOC_NONE; (*count)++) {
		if (*count == room) {
			w->error = ERR_CORRUPT; /* more than they say */
			break;
		}
		out[*count].doc = doc;
		out[*count].sum = add_up(w, lanes, n, doc, &hits);
	}
	return out;
}

/* Score those that look best, as many as are wanted, and forget them. */
static void ask_best(struct sweep *w, struct candidate *found, size_t count)
{
	size_t want = w->env->heap->k / filter_share(w->env->filter), i;
	struct heap best;

	want = want < count ? want : count;
	heap_init(&best, arena_alloc(w->env->arena, want * sizeof(struct scored)), want);
	for (i = 0; i < count; i++)
		heap_offer(&best, found[i].sum, i);
	for (i = 0; i < count && want; i++) {
		if ((float)found[i].sum < heap_threshold(&best))
			continue;
		ask_rest(w, found[i].doc, found[i].sum);
		found[i].sum = 0;
		want--;
	}
}

/* The lists that were asked are at their beginnings. */
static void restart_asked(struct sweep *w)
{
	const struct iter *leaf;
	int i, j;

	for (i = 0; i < w->first; i++)
		for (leaf = w->order[i]->leaf, j = 0; j < leaf->list_count; j++)
			postings_restart(leaf->lists[j].list);
}

/* All begins anew, and the k-th best so far is the least to enter. */
static void start_again(struct sweep *w)
{
	struct heap *heap = w->env->heap;

	if (heap->count == heap->k)
		heap_floor(heap, heap->items[0].score);
	heap->count = 0;
	for (; w->first < w->count; w->first++)
		lanes_restart(w->order[w->first]);
	w->first = 0;
	w->unordered = false;
	sweep_set_above(w);
}

bool merge_first(struct sweep *w)
{
	int left = counted(w) || w->selective ? 0 : weaker(w);
	struct candidate *found;
	size_t count, i;

	if (!left)
		return false;
	w->first = left;
	w->unordered = true;
	found = collect(w, &count);
	ask_best(w, found, count);
	restart_asked(w);
	if (beats(w, w->below[left] + w->rest)) {
		start_again(w);
		return false;
	}
	for (i = 0; i < count; i++)
		if (found[i].sum > marks_limit(w, w->quality))
			ask_rest(w, found[i].doc, found[i].sum);
	return true;
}
