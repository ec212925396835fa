/* sweep.c -- see sweep.h for the method.
 *
 * A leaf's lists are walked twice: by lanes, block by block, for the sums, and by the
 * leaf itself, seeking, for the exact score of what the sums chose.  Both only move
 * forward, the second far less.
 *
 * Invariant: between segments sums[] is 0; within one, a document of a list that was
 * added has at least what the swept leaves add to its score, and more than 0. */
#include "query/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STRETCH 256
#define STRETCHES (SEGMENT_DOCS / STRETCH)
#define ALL_STRETCHES ((1u << STRETCHES) - 1)
#define BLOCKS_ROOM 40
#define SPARSE 256 /* postings of a segment: fewer are marked one by one */

/* A block that reaches into the segment. */
struct reach {
	struct block block;
	double bound; /* most its list adds there */
	float quality;
	unsigned stretches; /* mask of those it may have documents in */
};

/* A list being swept. */
struct lane {
	struct swept *of;
	const struct leaf_list *l;
	struct postings *list;
	uint32_t next; /* it has no document from the segment's first to before this */
	struct reach *reach;
	int count, cap;
	const unsigned char *decoded; /* entry of the block in docs and tf; NULL: none */
	unsigned n;
	int fields;
	uint32_t docs[BLOCK_POSTINGS];
	uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS];
};

struct swept {
	struct iter *leaf;
	double bound; /* most it can add to any document */
	double gained;
	struct lane *lanes; /* [leaf->list_count] */
};

struct sweep {
	const struct sweep_env *env;
	struct swept *leaves; /* in the tree's order */
	struct swept **order; /* by bound, ascending */
	double *below;        /* sum of the bounds of the first i */
	int count, first;     /* order[first..] are swept */
	double rest;          /* most a document gets beside words */
	float quality;        /* best there is */
	bool closed;          /* a tie may enter: documents do not come in order */
	uint64_t scored;
	int error;

	/* the segment */
	uint32_t low;
	struct lane **active; /* lanes that may be in it, leaf by leaf */
	int active_count;
	bool sparse;          /* few postings are in it: marked, not scanned for */
	unsigned live;        /* stretches that may hold something */
	unsigned touched;     /* stretches with sums */
	uint64_t marks[SEGMENT_DOCS / 64], marked; /* documents with sums; words not 0 */
	float sums[SEGMENT_DOCS];
	uint16_t found[SEGMENT_DOCS];
};

static bool is_any(const struct iter *root)
{
	int i;

	if (root->kind == ITER_LEAF)
		return root->weight >= 0;
	if (root->kind != ITER_JOIN || root->least != 1)
		return false;
	for (i = 0; i < root->kid_count; i++)
		if (root->kids[i]->kind != ITER_LEAF || !(root->kids[i]->weight >= 0))
			return false;
	return true;
}

bool sweep_can(const struct matcher *m, const struct scorer *s)
{
	return s->bounded && s->bm25_count && is_any(m->root);
}

/* Could a score of at most `bound` enter? The slack covers sums in another order. */
static bool beats(const struct sweep *w, double bound)
{
	float most = bound + fabs(bound) * 1e-9, threshold = heap_threshold(w->env->heap);

	return most > threshold || (w->closed && most == threshold);
}

static int by_bound(const void *a, const void *b)
{
	const struct swept *x = *(struct swept *const *)a, *y = *(struct swept *const *)b;

	return (x->bound > y->bound) - (x->bound < y->bound);
}

static void open_leaf(struct sweep *w, struct swept *swept, struct iter *leaf)
{
	struct arena *arena = w->env->arena;
	struct lane *lane;
	double bound;
	int j;

	swept->leaf = leaf;
	swept->lanes = arena_alloc(arena, leaf->list_count * sizeof(*lane));
	for (j = 0; j < leaf->list_count; j++) {
		lane = &swept->lanes[j];
		lane->of = swept;
		lane->l = &leaf->lists[j];
		lane->list = postings_again(lane->l->list, arena);
		lane->next = lane->count = 0;
		lane->cap = BLOCKS_ROOM;
		lane->reach = arena_alloc(arena, lane->cap * sizeof(*lane->reach));
		lane->decoded = NULL;
		if (!lane->list->df)
			continue; /* damaged */
		bound = scorer_list_bound(w->env->scorer, leaf, lane->l, &lane->list->bounds);
		swept->bound = fmax(swept->bound, bound);
		w->quality = fmaxf(w->quality, lane->list->bounds.max_quality);
	}
}

static void sweep_open(struct sweep *w)
{
	struct iter *root = w->env->matcher->root;
	int i, lanes = 0;

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
	qsort(w->order, w->count, sizeof(w->order[0]), by_bound);
	for (i = 0; i < w->count; i++)
		w->below[i + 1] = w->below[i] + w->order[i]->bound;
	w->rest = scorer_rest_bound(w->env->scorer, w->quality);
}

static int sweep_close(struct sweep *w)
{
	struct postings *list;
	int i, j;

	for (i = 0; i < w->count; i++)
		for (j = 0; j < w->leaves[i].leaf->list_count; j++) {
			list = w->leaves[i].lanes[j].list;
			if (postings_error(list))
				w->error = postings_error(list);
			postings_close(list);
		}
	return w->error;
}

/* ---- lanes ---- */

static bool lane_decode(struct sweep *w, struct lane *lane, const struct block *b)
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
	lane->decoded = b->entry;
	return true;
}

/* The first document from `low` on that the lane may have; where a block is wide, that
 * it has. */
static uint32_t lane_next(struct sweep *w, struct lane *lane, uint32_t low)
{
	const struct block *b = &lane->list->block;
	uint32_t from;
	unsigned i;

	if (!postings_block(lane->list, low))
		return DOC_NONE;
	from = b->before + 1 > low ? b->before + 1 : low;
	if (b->last - from < SEGMENT_DOCS)
		return from;
	if (!lane_decode(w, lane, b))
		return DOC_NONE;
	for (i = 0; lane->docs[i] < low; i++)
		;
	return lane->docs[i];
}

static void reach_set(struct sweep *w, struct lane *lane, struct reach *r)
{
	const struct block *b = &lane->list->block;
	struct block_bounds bounds;
	unsigned first, last;

	if (!lane->count || lane->reach->block.entry != b->entry) { /* else: as it was */
		block_bounds(b, &bounds);
		r->block = *b;
		r->bound = scorer_list_bound(w->env->scorer, lane->of->leaf, lane->l, &bounds);
		r->quality = bounds.max_quality;
	}
	first = b->before + 1 > w->low ? (b->before + 1 - w->low) / STRETCH : 0;
	last = b->last - w->low < SEGMENT_DOCS ? (b->last - w->low) / STRETCH : STRETCHES - 1;
	r->stretches = (2u << last) - (1u << first);
}

/* The blocks that reach into the segment. */
static void lane_reach(struct sweep *w, struct lane *lane)
{
	uint32_t high = w->low + SEGMENT_DOCS;
	bool more = postings_block(lane->list, w->low);
	int n = 0;

	if (lane->count && lane->reach[lane->count - 1].block.entry == lane->list->block.entry)
		lane->reach[0] = lane->reach[lane->count - 1];
	for (; more && lane->list->block.before + 1 < high; more = postings_next_block(lane->list)) {
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

/* ---- a segment: what may be in it ---- */

/* The next segment from `low` on that swept lists may be in, and which are; false if
 * there is none. */
static bool next_segment(struct sweep *w, uint32_t low)
{
	uint32_t next = DOC_NONE, high;
	struct lane *lane;
	int i, j;

	for (i = w->first; i < w->count; i++)
		for (j = 0; j < w->order[i]->leaf->list_count; j++) {
			lane = &w->order[i]->lanes[j];
			if (lane->next < low)
				lane->next = lane_next(w, lane, low);
			next = lane->next < next ? lane->next : next;
		}
	if (next == DOC_NONE)
		return false;
	w->low = next - next % SEGMENT_DOCS;
	high = w->low + SEGMENT_DOCS;
	w->active_count = 0;
	for (i = w->first; i < w->count; i++)
		for (j = 0; j < w->order[i]->leaf->list_count; j++) {
			lane = &w->order[i]->lanes[j];
			if (lane->next >= high)
				continue;
			lane_reach(w, lane);
			w->active[w->active_count++] = lane;
		}
	return true;
}

/* About how many postings of the segment the active lists have. */
static double expected(const struct sweep *w)
{
	const struct lane *lane;
	const struct block *b;
	uint32_t from, to;
	double n = 0;
	int i, k;

	for (i = 0; i < w->active_count; i++) {
		lane = w->active[i];
		if (lane->count > 2)
			return lane->count * BLOCK_POSTINGS;
		for (k = 0; k < lane->count; k++) {
			b = &lane->reach[k].block;
			from = b->before + 1 > w->low ? b->before + 1 : w->low;
			to = b->last - w->low < SEGMENT_DOCS ? b->last + 1 : w->low + SEGMENT_DOCS;
			n += (double)b->n * (to - from) / (b->last - b->before);
		}
	}
	return n;
}

/* Whether anything of the segment may enter. */
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
			quality = fmaxf(quality, lane->reach[k].quality);
		}
	}
	return beats(w, sum + most + scorer_rest_bound(w->env->scorer, quality));
}

/* The same, stretch by stretch. */
static unsigned may_hold_where(const struct sweep *w)
{
	double sum[STRETCHES] = { 0 }, most[STRETCHES] = { 0 };
	float quality[STRETCHES] = { 0 };
	const struct lane *lane;
	const struct reach *r;
	unsigned s, mask, reached = 0, live = 0;
	int i, k;

	for (i = 0; i < w->active_count; i++) {
		lane = w->active[i];
		if (i && lane->of != w->active[i - 1]->of)
			for (s = 0; s < STRETCHES; s++) {
				sum[s] += most[s];
				most[s] = 0;
			}
		for (k = 0; k < lane->count; k++) {
			r = &lane->reach[k];
			reached |= r->stretches;
			for (mask = r->stretches; mask; mask &= mask - 1) {
				s = __builtin_ctz(mask);
				most[s] = r->bound > most[s] ? r->bound : most[s];
				quality[s] = r->quality > quality[s] ? r->quality : quality[s];
			}
		}
	}
	for (; reached; reached &= reached - 1) {
		s = __builtin_ctz(reached);
		if (beats(w, sum[s] + most[s] + w->below[w->first] +
				     scorer_rest_bound(w->env->scorer, quality[s])))
			live |= 1u << s;
	}
	return live;
}

/* ---- sums ---- */

static void mark(struct sweep *w, const uint32_t *docs, unsigned n)
{
	unsigned i, at;

	for (i = 0; i < n; i++) {
		at = docs[i] - w->low;
		w->marks[at / 64] |= UINT64_C(1) << at % 64;
		w->marked |= UINT64_C(1) << at / 64;
	}
}

/* Add the block's postings within the segment. */
static void add_block(struct sweep *w, struct lane *lane, const struct block *b,
	const uint8_t *lengths)
{
	float values[BLOCK_POSTINGS];
	unsigned from = 0, to, i;

	if (!lane_decode(w, lane, b))
		return;
	to = lane->n;
	while (from < to && lane->docs[from] < w->low)
		from++;
	while (to > from && lane->docs[to - 1] - w->low >= SEGMENT_DOCS)
		to--;
	if (from == to)
		return;
	scorer_values(w->env->scorer, lane->of->leaf, lane->l, lane->fields, lane->tf, lane->docs,
		lengths, from, to, values);
	for (i = from; i < to; i++)
		w->sums[lane->docs[i] - w->low] += values[i];
	if (w->sparse)
		mark(w, lane->docs + from, to - from);
	else
		w->touched |= (2u << (lane->docs[to - 1] - w->low) / STRETCH) -
			      (1u << (lane->docs[from] - w->low) / STRETCH);
}

static void add_up(struct sweep *w)
{
	const uint8_t *lengths = view_lengths(w->env->view, w->low);
	struct lane *lane;
	int i, k;

	for (i = 0; i < w->active_count; i++) {
		lane = w->active[i];
		for (k = 0; k < lane->count; k++)
			if (w->live & lane->reach[k].stretches)
				add_block(w, lane, &lane->reach[k].block, lengths);
	}
}

/* Sums of the segment back to 0. */
static void wipe(struct sweep *w)
{
	uint64_t bits;
	unsigned i;

	for (; w->touched; w->touched &= w->touched - 1)
		memset(w->sums + __builtin_ctz(w->touched) * STRETCH, 0, STRETCH * sizeof(float));
	for (; w->marked; w->marked &= w->marked - 1) {
		i = __builtin_ctzll(w->marked);
		for (bits = w->marks[i]; bits; bits &= bits - 1)
			w->sums[i * 64 + __builtin_ctzll(bits)] = 0;
		w->marks[i] = 0;
	}
}

/* Any of 16 sums above `least`? Both are at least 0, so their bits order as they do. */
static bool any_above(const float *sums, int32_t least)
{
	typedef int32_t lanes __attribute__((vector_size(16)));
	typedef int64_t halves __attribute__((vector_size(16)));
	lanes v[4], limit = { least, least, least, least };
	halves any;

	memcpy(v, sums, sizeof(v));
	any = (halves)((v[0] > limit) | (v[1] > limit) | (v[2] > limit) | (v[3] > limit));
	return any[0] | any[1];
}

/* Documents whose sums may do, ascending; their count. */
static unsigned pick(struct sweep *w)
{
	double other = w->below[w->first] + w->rest;
	float least = heap_threshold(w->env->heap);
	unsigned i, k, n = 0;
	uint64_t words, bits;
	int32_t limit;

	/* rounding errors go to what is picked */
	least = isinf(least) ? 0 : fmax(least - other - (fabs(least) + fabs(other)) * 1e-6, 0);
	memcpy(&limit, &least, sizeof(limit));
	for (words = w->marked; words; words &= words - 1) {
		i = __builtin_ctzll(words);
		for (bits = w->marks[i]; bits; bits &= bits - 1) {
			w->found[n] = i * 64 + __builtin_ctzll(bits);
			n += w->sums[w->found[n]] > least;
		}
	}
	for (words = w->live & w->touched; words; words &= words - 1)
		for (i = __builtin_ctzll(words) * STRETCH, k = i + STRETCH; i < k; i += 16) {
			if (!any_above(w->sums + i, limit))
				continue;
			for (bits = 0; bits < 16; bits++) {
				w->found[n] = i + bits;
				n += w->sums[i + bits] > least;
			}
		}
	return n;
}

/* ---- exact scores of what the sums chose ---- */

/* Most that a leaf that is not swept adds to a document, by the blocks it may be in. */
static double asked_bound(const struct sweep *w, const struct swept *leaf, uint32_t doc)
{
	struct block_bounds bounds;
	struct postings *list;
	double most = 0;
	int j;

	for (j = 0; j < leaf->leaf->list_count; j++) {
		list = leaf->leaf->lists[j].list;
		if (!postings_block(list, doc) || list->block.before + 1 > doc)
			continue;
		block_bounds(&list->block, &bounds);
		most = fmax(most, scorer_list_bound(w->env->scorer, leaf->leaf,
					  &leaf->leaf->lists[j], &bounds));
	}
	return most;
}

static struct spot posting_spot(struct postings *p, uint32_t doc)
{
	if (postings_seek(p, doc) != doc)
		return (struct spot){ 0 };
	return (struct spot){ postings_fields(p), p->at,
		(const uint8_t(*)[BLOCK_POSTINGS])p->tf };
}

/* A lane's posting of a document: where it was swept if that block is still decoded,
 * else by seeking. */
static struct spot lane_spot(const struct lane *lane, uint32_t doc)
{
	unsigned low = 0, high = lane->n - 1, middle;

	if (!lane->decoded || lane->docs[0] > doc || lane->docs[high] < doc)
		return posting_spot(lane->l->list, doc);
	while (low < high) {
		middle = (low + high) / 2;
		if (lane->docs[middle] < doc)
			low = middle + 1;
		else
			high = middle;
	}
	return (struct spot){ lane->docs[low] == doc ? lane->fields : 0, low,
		(const uint8_t(*)[BLOCK_POSTINGS])lane->tf };
}

/* Does a leaf match a document? `gained` is what it gives. */
static bool score_leaf(struct sweep *w, struct swept *leaf, uint32_t doc, const uint8_t *lengths,
	bool swept)
{
	struct spot spots[EXPANSIONS_MAX + TEXT_FIELDS_MAX];
	const struct leaf_list *l;
	bool matched = false;
	int j;

	for (j = 0; j < leaf->leaf->list_count; j++) {
		l = &leaf->leaf->lists[j];
		spots[j] = swept ? lane_spot(&leaf->lanes[j], doc) : posting_spot(l->list, doc);
		if (spots[j].fields && l->check && !spot_speaks(&spots[j], l->mask))
			spots[j].fields = 0;
		matched = matched || spots[j].fields;
	}
	leaf->gained = matched ? scorer_spots(w->env->scorer, leaf->leaf, spots, lengths) : 0;
	return matched;
}

static void score(struct sweep *w, uint32_t doc)
{
	double sum = w->sums[doc - w->low], total = 0, rest;
	const uint8_t *lengths;
	bool matched = false;
	struct swept *leaf;
	int i;

	if (!beats(w, sum + w->below[w->first] + w->rest))
		return;
	rest = scorer_rest(w->env->scorer, doc);
	if (!beats(w, sum + w->below[w->first] + rest) || !filter_pass(w->env->filter, doc))
		return;
	lengths = view_lengths(w->env->view, doc);
	w->scored++;
	for (i = w->first - 1; i >= 0; i--) {
		leaf = w->order[i];
		if (!beats(w, sum + w->below[i] + asked_bound(w, leaf, doc) + rest))
			return;
		matched = score_leaf(w, leaf, doc, lengths, false) || matched;
		sum += leaf->gained;
		if (!beats(w, sum + w->below[i] + rest))
			return;
	}
	for (i = w->first; i < w->count; i++)
		matched = score_leaf(w, w->order[i], doc, lengths, true) || matched;
	for (i = 0; i < w->count; i++)
		total += w->leaves[i].gained;
	if (matched) /* a posting may be of fields that the word does not speak of */
		heap_offer(w->env->heap, (float)(total + rest), doc);
}

static int by_doc(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	return (x->doc > y->doc) - (x->doc < y->doc);
}

/* Where there are many and nothing is known yet, the best first, so that most of the
 * others need not be scored. */
static unsigned score_best(struct sweep *w, unsigned n)
{
	size_t k = w->env->heap->k - w->env->heap->count, i;
	struct scored *room;
	struct heap best;
	int j, l;

	if (n <= 2 * k)
		return n;
	room = arena_alloc(w->env->arena, k * sizeof(*room));
	heap_init(&best, room, k);
	for (i = 0; i < n; i++)
		heap_offer(&best, w->sums[w->found[i]], w->found[i]);
	qsort(room, best.count, sizeof(*room), by_doc);
	w->closed = true;
	for (i = 0; i < best.count; i++) {
		score(w, w->low + room[i].doc);
		w->sums[room[i].doc] = 0;
	}
	for (j = 0; j < w->count; j++) /* the others begin before the last of these */
		for (l = 0; l < w->leaves[j].leaf->list_count; l++)
			postings_restart(w->leaves[j].leaf->lists[l].list);
	return pick(w);
}

static void sweep_segment(struct sweep *w)
{
	bool full = w->env->heap->count == w->env->heap->k;
	unsigned n, i;

	w->sparse = expected(w) < SPARSE;
	w->live = ALL_STRETCHES;
	if (full && w->sparse)
		w->live = may_hold(w) ? ALL_STRETCHES : 0;
	else if (full)
		w->live = may_hold_where(w);
	if (!w->live)
		return;
	add_up(w);
	n = pick(w);
	if (!full)
		n = score_best(w, n);
	for (i = 0; i < n; i++)
		score(w, w->low + w->found[i]);
	w->closed = false;
	wipe(w);
}

int64_t sweep_run(const struct sweep_env *env, struct error *err)
{
	struct sweep *w = arena_calloc(env->arena, 1, sizeof(*w));
	uint32_t low = 0;

	w->env = env;
	sweep_open(w);
	for (;;) {
		while (w->first < w->count && !beats(w, w->below[w->first + 1] + w->rest))
			w->first++;
		if (!next_segment(w, low))
			break;
		sweep_segment(w);
		low = w->low + SEGMENT_DOCS;
	}
	if (sweep_close(w) < 0)
		return error_set(err, w->error, "a damaged block of postings");
	return w->scored;
}
