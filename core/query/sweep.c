/* sweep.c -- see sweep.h for the method.
 *
 * A swept leaf's lists are walked by lanes, block by block; a leaf that is asked only
 * seeks in them.
 *
 * A filter that few pass is asked of a segment before its postings are: segments where
 * none passes are skipped, of a few that pass the leaves are asked, else only they are
 * picked.  Other filters are asked of what is left to be scored.
 *
 * Invariant: between segments sums[], hits[] and best[] are 0; within one, sums[] is
 * what the leaves added so far give a document, at least 1 if one of them has it. */
#include "query/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STRETCH 256
#define STRETCHES (SEGMENT_DOCS / STRETCH)
#define ALL_STRETCHES ((1u << STRETCHES) - 1)
#define BLOCKS_ROOM 40
#define SPARSE 256  /* postings of a segment: fewer are marked one by one */
#define ASKING 32   /* times what it costs to ask of a document that to sweep a posting does */
#define MERGED 16   /* postings a segment, on average: with fewer, lists are merged */
#define MERGED_LISTS 8
#define SELECTIVE 0.1 /* share that passes a filter: fewer, and it is asked first */
#define DENSE 10    /* postings a segment of the rarest of all */

/* A block that reaches into the segment. */
struct reach {
	struct block block;
	struct block_bounds bounds;
	double bound; /* most its list adds there */
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
	bool has_rows;
	int32_t *rows[TEXT_FIELDS_MAX][UNITS_TF]; /* as scorer_row has them; NULL: not yet */
	const unsigned char *decoded; /* entry of the block in docs and tf; NULL: none */
	unsigned n, at;               /* of it; postings before `at` are behind us */
	int fields;
	uint32_t docs[BLOCK_POSTINGS];
	uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS];
	/* where lists are merged */
	const unsigned char *valued; /* entry of the block in values */
	uint32_t doc;
	int32_t values[BLOCK_POSTINGS]; /* what each posting gives */
};

struct swept {
	struct iter *leaf;
	double bound; /* most it can add to any document */
	struct lane *lanes; /* [leaf->list_count] */
};

struct sweep {
	const struct sweep_env *env;
	struct swept *leaves; /* in the tree's order */
	struct swept **order; /* any: by bound, ascending; all: the rarest last */
	double *below;        /* sum of the bounds of the first i */
	int count, first;     /* order[first..] are swept */
	bool all;             /* each leaf must have the document */
	int least;            /* else as many must */
	double segments;
	double rest;          /* most a document gets beside words */
	float quality;        /* best there is */
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
	int32_t sums[SEGMENT_DOCS];
	int32_t best[SEGMENT_DOCS]; /* of the leaf being added, where it has several lists */
	uint8_t hits[SEGMENT_DOCS]; /* leaves, where several are needed */
	uint16_t found[SEGMENT_DOCS];
	bool selective;       /* few pass the filter: `passing` is the segment's */
	uint64_t passing[SEGMENT_WORDS]; /* else all */
};

static bool are_leaves(const struct iter *root)
{
	int i;

	if (root->kind == ITER_LEAF)
		return root->weight >= 0;
	if ((root->kind != ITER_JOIN && root->kind != ITER_MEET) || root->not_count ||
		root->phrase)
		return false;
	for (i = 0; i < root->kid_count; i++)
		if (root->kids[i]->kind != ITER_LEAF || !(root->kids[i]->weight >= 0))
			return false;
	return true;
}

/* All of words pays where even the rarest has many postings a segment. */
static bool is_dense(const struct matcher *m)
{
	return m->root->cost >= (uint64_t)DENSE * (view_stats(m->view)->doc_limit / SEGMENT_DOCS + 1);
}

bool sweep_pays(const struct matcher *m, const struct scorer *s)
{
	return s->bounded && s->bm25_count && are_leaves(m->root) &&
	       (m->root->kind != ITER_MEET || is_dense(m));
}

/* Could a score of at most `bound` enter? Documents come in ascending order, so one
 * that only equals the threshold does not. */
static bool beats(const struct sweep *w, double bound)
{
	return (float)(bound + fabs(bound) * 1e-9) > heap_threshold(w->env->heap);
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

/* Leaves that must have a document, of those swept. */
static int needed(const struct sweep *w)
{
	return w->all ? w->count - w->first : w->least;
}

static bool counted(const struct sweep *w)
{
	return w->all || w->least > 1;
}

static void open_leaf(struct sweep *w, struct swept *swept, struct iter *leaf)
{
	struct postings *list;
	double bound;
	int j;

	swept->leaf = leaf;
	for (j = 0; j < leaf->list_count; j++) {
		list = leaf->lists[j].list;
		if (!list->df)
			continue; /* damaged */
		bound = scorer_list_bound(w->env->scorer, leaf, &leaf->lists[j], &list->bounds);
		swept->bound = fmax(swept->bound, bound);
		w->quality = fmaxf(w->quality, list->bounds.max_quality);
	}
}

static void open_lanes(struct sweep *w, struct swept *swept)
{
	struct arena *arena = w->env->arena;
	struct lane *lane;
	int j;

	swept->lanes = arena_alloc(arena, swept->leaf->list_count * sizeof(*lane));
	for (j = 0; j < swept->leaf->list_count; j++) {
		lane = &swept->lanes[j];
		lane->of = swept;
		lane->l = &swept->leaf->lists[j];
		lane->list = postings_again(lane->l->list, arena);
		lane->next = lane->count = 0;
		lane->cap = BLOCKS_ROOM;
		lane->reach = arena_alloc(arena, lane->cap * sizeof(*lane->reach));
		lane->decoded = lane->valued = NULL;
		lane->has_rows = scorer_has_rows(w->env->scorer, swept->leaf);
		memset(lane->rows, 0, sizeof(lane->rows));
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
	memset(w->passing, 0xff, sizeof(w->passing));
	w->first = w->all ? w->count - 1 : 0;
	for (i = w->first; i < w->count; i++)
		open_lanes(w, w->order[i]);
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
	lane->at = 0;
	lane->decoded = b->entry;
	return true;
}

/* The first document from `low` on that the lane may have; where a block is wide, that
 * it has. */
static uint32_t lane_next(struct sweep *w, struct lane *lane, uint32_t low)
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

static uint32_t leaf_next(struct sweep *w, const struct swept *leaf, uint32_t low)
{
	uint32_t next = DOC_NONE;
	struct lane *lane;
	int j;

	for (j = 0; j < leaf->leaf->list_count; j++) {
		lane = &leaf->lanes[j];
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

/* Makes the next segment the one at hand, with the lanes that may be in it; false if
 * there is none. */
static bool next_segment(struct sweep *w, uint32_t low)
{
	struct lane *lane;
	int i, j;

	w->low = next_low(w, low);
	if (w->low == DOC_NONE)
		return false;
	w->active_count = 0;
	for (i = w->count - 1; i >= w->first; i--)
		for (j = 0; j < w->order[i]->leaf->list_count; j++) {
			lane = &w->order[i]->lanes[j];
			if (lane->next >= w->low + SEGMENT_DOCS)
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
			quality = fmaxf(quality, lane->reach[k].bounds.max_quality);
		}
	}
	return beats(w, sum + most + scorer_rest_bound(w->env->scorer, quality));
}

/* The same, stretch by stretch. */
static unsigned may_hold_where(const struct sweep *w)
{
	double sum[STRETCHES] = { 0 }, most[STRETCHES] = { 0 };
	float quality[STRETCHES] = { 0 };
	unsigned s, mask, reached = 0, live = 0;
	const struct lane *lane;
	const struct reach *r;
	int i, k;

	for (i = 0; i < w->active_count; i++) {
		lane = w->active[i];
		for (k = 0; k < lane->count; k++) {
			r = &lane->reach[k];
			reached |= r->stretches;
			for (mask = r->stretches; mask; mask &= mask - 1) {
				s = __builtin_ctz(mask);
				most[s] = r->bound > most[s] ? r->bound : most[s];
				quality[s] = r->bounds.max_quality > quality[s] ? r->bounds.max_quality : quality[s];
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

static const int32_t *lane_row(struct sweep *w, struct lane *lane, unsigned f, unsigned tf)
{
	int32_t **row = &lane->rows[f][tf - 1];

	if (!*row) {
		*row = arena_alloc(w->env->arena, 256 * sizeof(**row));
		scorer_row(w->env->scorer, lane->of->leaf, lane->l, f, tf, *row);
	}
	return *row;
}

/* What a posting gives; 0: it is in none of the word's fields. */
static int32_t lane_value(struct sweep *w, const struct lane *lane, unsigned i,
	const uint8_t *lengths)
{
	struct spot at = { lane->fields, i, (const uint8_t(*)[BLOCK_POSTINGS])lane->tf };

	if (lane->l->check && !spot_speaks(&at, lane->l->mask))
		return 0;
	return scorer_list(w->env->scorer, lane->of->leaf, lane->l, &at, lengths);
}

/* Of postings in field f alone. */
static void field_values(struct sweep *w, struct lane *lane, unsigned f, unsigned most,
	const uint8_t *lengths, unsigned from, unsigned to, int32_t *values)
{
	unsigned texts = view_schema(w->env->view)->text_count, i, at;
	const int32_t *rows[UNITS_TF + 1];
	const uint8_t *tf = lane->tf[f];

	for (i = 1; i <= UNITS_TF && i <= most; i++)
		rows[i] = lane_row(w, lane, f, i);
	for (i = from; i < to; i++) {
		at = (lane->docs[i] - w->low) * texts;
		if (tf[i] - 1u < UNITS_TF)
			values[i] = rows[tf[i]][lengths[at + f]];
		else
			values[i] = lane_value(w, lane, i, lengths + at);
	}
}

/* The commonest: each once in field f, a leaf of one list, any will do. */
static void add_ones(struct sweep *w, struct lane *lane, unsigned f, const uint8_t *lengths,
	unsigned from, unsigned to)
{
	unsigned texts = view_schema(w->env->view)->text_count, i, at;
	const int32_t *row = lane_row(w, lane, f, 1);

	for (i = from; i < to; i++) {
		at = lane->docs[i] - w->low;
		w->sums[at] += row[lengths[at * texts + f]];
	}
}

/* A leaf of one list.  Onto what is there: only documents that have a sum. */
static void add_values(struct sweep *w, const uint32_t *docs, const int32_t *values, unsigned n,
	bool onto)
{
	unsigned i, at;

	for (i = 0; i < n; i++) {
		at = docs[i] - w->low;
		if (!values[i] || (onto && !w->sums[at]))
			continue;
		w->sums[at] += values[i];
		w->hits[at]++;
	}
}

/* A leaf of several: the best counts. */
static void add_best(struct sweep *w, const uint32_t *docs, const int32_t *values, unsigned n,
	bool onto)
{
	unsigned i, at;

	for (i = 0; i < n; i++) {
		at = docs[i] - w->low;
		if (values[i] <= w->best[at] || (onto && !w->sums[at]))
			continue;
		w->sums[at] += values[i] - w->best[at];
		w->hits[at] += !w->best[at];
		w->best[at] = values[i];
	}
}

/* The postings of the decoded block that are in the segment; what is before them is
 * behind us. */
static void clip(const struct sweep *w, struct lane *lane, const struct block *b, unsigned *from,
	unsigned *to)
{
	while (lane->at < lane->n && lane->docs[lane->at] < w->low)
		lane->at++;
	*from = lane->at;
	if (b->last < w->low + SEGMENT_DOCS)
		lane->at = lane->n;
	while (lane->at < lane->n && lane->docs[lane->at] < w->low + SEGMENT_DOCS)
		lane->at++;
	*to = lane->at;
}

/* Add the block's postings within the segment; mask of stretches they are in. */
static unsigned add_block(struct sweep *w, struct lane *lane, const struct reach *r,
	const uint8_t *lengths, bool onto)
{
	unsigned mask = lane->l->mask & r->bounds.fields, f = mask ? __builtin_ctz(mask) : 0;
	unsigned from, to, i, texts;
	int32_t values[BLOCK_POSTINGS];
	bool single = lane->has_rows && mask == 1u << f;

	if (!lane_decode(w, lane, &r->block))
		return 0;
	clip(w, lane, &r->block, &from, &to);
	if (from == to)
		return 0;
	if (w->sparse && !onto)
		mark(w, lane->docs + from, to - from);
	if (single && r->bounds.fields == mask && r->bounds.max_tf[f] == 1 && !onto &&
		lane->of->leaf->list_count == 1 && !counted(w)) {
		add_ones(w, lane, f, lengths, from, to);
	} else {
		if (single) {
			field_values(w, lane, f, r->bounds.max_tf[f], lengths, from, to, values);
		} else {
			texts = view_schema(w->env->view)->text_count;
			for (i = from; i < to; i++)
				values[i] = lane_value(w, lane, i,
					lengths + (lane->docs[i] - w->low) * texts);
		}
		if (lane->of->leaf->list_count > 1)
			add_best(w, lane->docs + from, values + from, to - from, onto);
		else
			add_values(w, lane->docs + from, values + from, to - from, onto);
	}
	return (2u << (lane->docs[to - 1] - w->low) / STRETCH) -
	       (1u << (lane->docs[from] - w->low) / STRETCH);
}

/* Add the active lanes' blocks that reach into live stretches; mask of those their
 * postings are in. */
static unsigned add_up(struct sweep *w, bool onto)
{
	const uint8_t *lengths = view_lengths(w->env->view, w->low);
	unsigned stretches = 0, touched = 0, mask;
	struct lane *lane;
	int i, k;

	for (i = 0; i < w->active_count; i++) {
		lane = w->active[i];
		for (k = 0; k < lane->count; k++)
			if (w->live & lane->reach[k].stretches)
				stretches |= add_block(w, lane, &lane->reach[k], lengths, onto);
		if (i + 1 < w->active_count && lane->of == w->active[i + 1]->of)
			continue;
		touched |= stretches;
		for (mask = lane->of->leaf->list_count > 1 ? stretches : 0; mask; mask &= mask - 1)
			memset(w->best + __builtin_ctz(mask) * STRETCH, 0,
				STRETCH * sizeof(*w->best));
		stretches = 0;
	}
	return touched;
}

/* The segment's sums back to 0. */
static void wipe(struct sweep *w)
{
	unsigned i, mask;
	uint64_t bits;

	for (mask = w->sparse ? 0 : w->touched; mask; mask &= mask - 1) {
		i = __builtin_ctz(mask) * STRETCH;
		memset(w->sums + i, 0, STRETCH * sizeof(*w->sums));
		memset(w->hits + i, 0, STRETCH);
	}
	w->touched = 0;
	for (; w->marked; w->marked &= w->marked - 1) {
		i = __builtin_ctzll(w->marked);
		for (bits = w->marks[i]; bits; bits &= bits - 1) {
			w->sums[i * 64 + __builtin_ctzll(bits)] = 0;
			w->hits[i * 64 + __builtin_ctzll(bits)] = 0;
		}
		w->marks[i] = 0;
	}
}

static bool any_above(const int32_t *sums, int32_t least)
{
	typedef int32_t lanes __attribute__((vector_size(16)));
	typedef int64_t halves __attribute__((vector_size(16)));
	lanes v[4], limit = { least, least, least, least };
	halves any;

	memcpy(v, sums, sizeof(v));
	any = (halves)((v[0] > limit) | (v[1] > limit) | (v[2] > limit) | (v[3] > limit));
	return any[0] | any[1];
}

/* A sum must be above this. */
static int32_t sum_limit(const struct sweep *w)
{
	double other = w->below[w->first] + w->rest, least = heap_threshold(w->env->heap);

	if (isinf(least))
		return 0;
	/* threshold and scores are floats */
	least -= other + (fabs(least) + fabs(other)) * 1e-6;
	return least > 0 ? least * w->env->scorer->per_unit : 0;
}

static bool passes(const struct sweep *w, unsigned at)
{
	return w->passing[at / 64] >> at % 64 & 1;
}

/* Documents whose sums may do, ascending; their count. */
static unsigned pick(struct sweep *w)
{
	int32_t limit = sum_limit(w);
	unsigned i, k, n = 0, at;
	int hits = counted(w) ? needed(w) : 0;
	uint64_t words, bits;

	if (w->sparse) {
		for (words = w->marked; words; words &= words - 1) {
			i = __builtin_ctzll(words);
			for (bits = w->marks[i]; bits; bits &= bits - 1) {
				w->found[n] = at = i * 64 + __builtin_ctzll(bits);
				n += w->sums[at] > limit && w->hits[at] >= hits && passes(w, at);
			}
		}
		return n;
	}
	if (w->selective) {
		for (i = 0; i < SEGMENT_WORDS; i++)
			for (bits = w->live & w->touched & 1u << i * 64 / STRETCH ? w->passing[i] : 0;
				bits; bits &= bits - 1) {
				w->found[n] = at = i * 64 + __builtin_ctzll(bits);
				n += w->sums[at] > limit && w->hits[at] >= hits;
			}
		return n;
	}
	for (words = w->live & w->touched; words; words &= words - 1)
		for (i = __builtin_ctzll(words) * STRETCH, k = i + STRETCH; i < k; i += 16) {
			if (!any_above(w->sums + i, limit))
				continue;
			for (at = i; at < i + 16; at++) {
				w->found[n] = at;
				n += w->sums[at] > limit && w->hits[at] >= hits;
			}
		}
	return n;
}

/* ---- what the sums chose ---- */

/* Is the list, which was asked of no later document, beyond this one? */
static bool is_beyond(const struct postings *list, uint32_t doc)
{
	return list->doc == DOC_NONE || (list->decoded && list->doc > doc);
}

/* Most that a leaf that is asked adds to a document, by the blocks it may be in. */
static double asked_bound(struct sweep *w, const struct swept *leaf, uint32_t doc)
{
	struct block_bounds bounds;
	struct postings *list;
	double most = 0;
	int j;

	for (j = 0; j < leaf->leaf->list_count; j++) {
		list = leaf->leaf->lists[j].list;
		if (is_beyond(list, doc) || !postings_block(list, doc) ||
			list->block.before + 1 > doc)
			continue;
		block_bounds(&list->block, &bounds);
		most = fmax(most, scorer_list_bound(w->env->scorer, leaf->leaf,
					  &leaf->leaf->lists[j], &bounds));
	}
	return most;
}

/* What it does add, in units; 0: it does not match. */
static int32_t ask(struct sweep *w, const struct swept *leaf, uint32_t doc, const uint8_t *lengths)
{
	const struct leaf_list *l;
	int32_t best = 0, units;
	struct spot at;
	int j;

	for (j = 0; j < leaf->leaf->list_count; j++) {
		l = &leaf->leaf->lists[j];
		if (is_beyond(l->list, doc) || postings_seek(l->list, doc) != doc)
			continue;
		at = (struct spot){ postings_fields(l->list), l->list->at,
			(const uint8_t(*)[BLOCK_POSTINGS])l->list->tf };
		if (l->check && !spot_speaks(&at, l->mask))
			continue;
		units = scorer_list(w->env->scorer, leaf->leaf, l, &at, lengths);
		best = units > best ? units : best;
	}
	return best;
}

/* Score a document to the end, to which the swept leaves add `sum`. */
static void score(struct sweep *w, uint32_t doc, int64_t sum)
{
	double unit = w->env->scorer->unit, rest;
	const uint8_t *lengths;
	int64_t gained;
	int i;

	if (!beats(w, sum * unit + w->below[w->first] + w->rest))
		return;
	rest = scorer_rest(w->env->scorer, doc);
	if (!beats(w, sum * unit + w->below[w->first] + rest) ||
		(!w->selective && !filter_pass(w->env->filter, doc)))
		return;
	w->scored++;
	lengths = w->first ? view_lengths(w->env->view, doc) : NULL;
	for (i = w->first - 1; i >= 0; i--) {
		if (!beats(w, sum * unit + w->below[i] + asked_bound(w, w->order[i], doc) + rest))
			return;
		gained = ask(w, w->order[i], doc, lengths);
		if (!gained && w->all)
			return;
		sum += gained;
	}
	if (sum)
		heap_offer(w->env->heap, (float)(sum * unit + rest), doc);
}

/* Those that were picked; the limit rises as they enter. */
static void score_picked(struct sweep *w, unsigned n)
{
	float threshold = heap_threshold(w->env->heap);
	int32_t limit = sum_limit(w);
	unsigned i, at;

	for (i = 0; i < n; i++) {
		at = w->found[i];
		if (w->sums[at] <= limit)
			continue;
		score(w, w->low + at, w->sums[at]);
		if (heap_threshold(w->env->heap) == threshold)
			continue;
		threshold = heap_threshold(w->env->heap);
		limit = sum_limit(w);
	}
}

/* Is it dear to ask the next leaf of so many documents? Then sweep it in this segment, too,
 * onto the sums that there are. */
static bool sweep_another(struct sweep *w, unsigned n)
{
	struct swept *leaf = w->first ? w->order[w->first - 1] : NULL;
	unsigned live = 0, i;
	int j;

	if (!leaf || n * (double)ASKING < leaf->leaf->cost / w->segments)
		return false;
	if (!leaf->lanes)
		open_lanes(w, leaf);
	for (i = 0; i < n; i++)
		live |= 1u << w->found[i] / STRETCH;
	w->live &= live;
	for (j = 0; j < leaf->leaf->list_count; j++) {
		w->active[j] = &leaf->lanes[j];
		lane_reach(w, w->active[j]);
	}
	w->active_count = j;
	w->first--;
	add_up(w, true);
	return true;
}

/* ---- a filter that few pass ---- */

static unsigned passing_stretches(const struct sweep *w)
{
	unsigned i, mask = 0;

	for (i = 0; i < SEGMENT_WORDS; i++)
		mask |= (w->passing[i] != 0) << i * 64 / STRETCH;
	return mask;
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

/* Is it cheaper to ask of so many documents of a segment than to go through its
 * postings? */
static bool pays_to_ask(const struct sweep *w, double docs, double postings)
{
	int i;

	for (i = w->first; i < w->count; i++)
		postings += w->order[i]->leaf->cost / w->segments;
	return (w->all || w->least == 1) && docs * ASKING * w->count < postings;
}

/* Of each that passes in this segment? */
static bool few_pass(const struct sweep *w)
{
	unsigned i, n = 0;
	uint64_t bits;

	for (i = 0; i < SEGMENT_WORDS; i++)
		for (bits = w->passing[i]; bits; bits &= bits - 1)
			n++;
	return pays_to_ask(w, n, SPARSE); /* to begin with a segment costs, too */
}

/* From where the leaves stand, may enough of them have the document? */
static bool may_match(const struct sweep *w, uint32_t doc)
{
	const struct iter *leaf;
	bool beyond;
	int i, j;

	for (i = 0; i < w->count; i++) {
		leaf = w->order[i]->leaf;
		for (j = 0, beyond = true; j < leaf->list_count && beyond; j++)
			beyond = is_beyond(leaf->lists[j].list, doc);
		if (beyond == w->all)
			return !w->all;
	}
	return w->all;
}

static void ask_passing(struct sweep *w, uint32_t low)
{
	int i, first = w->first;
	uint64_t bits;
	uint32_t doc;

	w->first = w->count;
	for (i = 0; i < SEGMENT_WORDS; i++)
		for (bits = w->passing[i]; bits; bits &= bits - 1) {
			doc = low + i * 64 + __builtin_ctzll(bits);
			if (may_match(w, doc))
				score(w, doc, 0);
		}
	w->first = first;
}

static void sweep_segment(struct sweep *w)
{
	bool full = heap_threshold(w->env->heap) > -INFINITY;
	int first = w->first;
	unsigned n;

	w->sparse = expected(w) < SPARSE;
	w->live = ALL_STRETCHES;
	if (full && w->sparse)
		w->live = may_hold(w) ? ALL_STRETCHES : 0;
	else if (full)
		w->live = may_hold_where(w);
	if (w->selective)
		w->live &= passing_stretches(w);
	if (!w->live)
		return;
	w->touched = add_up(w, false);
	do
		n = pick(w);
	while (sweep_another(w, n));
	score_picked(w, n);
	wipe(w);
	w->first = first;
}

/* ---- few postings: lists are merged, without segments ---- */

/* Are they few, from here on? */
static bool may_merge(const struct sweep *w)
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

static void lane_values(struct sweep *w, struct lane *lane)
{
	struct spot at = { lane->fields, 0, (const uint8_t(*)[BLOCK_POSTINGS])lane->tf };

	for (at.at = 0; at.at < lane->n; at.at++)
		lane->values[at.at] = scorer_list(w->env->scorer, lane->of->leaf, lane->l, &at,
			view_lengths(w->env->view, lane->docs[at.at]));
	lane->valued = lane->decoded;
}

/* To its first document from `low` on. */
static void lane_enter(struct sweep *w, struct lane *lane, uint32_t low)
{
	lane->doc = DOC_NONE;
	if (!postings_block(lane->list, low) || !lane_decode(w, lane, &lane->list->block))
		return;
	if (lane->valued != lane->decoded)
		lane_values(w, lane);
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

/* All that is left, from `low` on. */
static void merge_lanes(struct sweep *w, uint32_t low)
{
	struct lane *lanes[MERGED_LISTS];
	float threshold = heap_threshold(w->env->heap);
	int32_t limit = sum_limit(w);
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
		score(w, doc, sum);
		if (heap_threshold(w->env->heap) == threshold)
			continue;
		threshold = heap_threshold(w->env->heap);
		limit = sum_limit(w);
	}
}

/* Leaves that cannot bring a document in by themselves are asked from now on. */
static void set_first(struct sweep *w)
{
	while (!counted(w) && w->first < w->count &&
		!beats(w, w->below[w->first + 1] + w->rest))
		w->first++;
}

int64_t sweep_run(const struct sweep_env *env, struct error *err)
{
	struct sweep *w = arena_calloc(env->arena, 1, sizeof(*w));
	uint32_t low = 0;

	w->env = env;
	sweep_open(w);
	for (;;) {
		set_first(w);
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
		if (may_merge(w) && (!w->selective ||
					    !pays_to_ask(w, SEGMENT_DOCS * filter_share(env->filter), 0))) {
			w->selective = false;
			merge_lanes(w, low);
			break;
		}
		if (!next_segment(w, low))
			break;
		if (w->selective && w->low != low) {
			low = w->low; /* the filter first */
			continue;
		}
		sweep_segment(w);
		low = w->low + SEGMENT_DOCS;
	}
	if (sweep_close(w) < 0)
		return error_set(err, w->error, "a damaged block of postings");
	return w->scored;
}
