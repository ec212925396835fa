/* search.c -- running a plan.
 *
 * Any of words, with a bounded score, is swept (sweep.h), any of other trees goes by their
 * bounds, too (any.h).  The rest: every match is scored.  No match: documents by quality, best
 * first, until what is left cannot enter; or all that pass the filter, where those are soon
 * gone through, led by a posting list that it requires if that is short. */
#include "query/search.h"

#include <math.h>
#include <stdlib.h>

#include "query/any.h"
#include "query/score.h"

#define DRIVEN     256 /* one document in so many: a required list of fewer leads */
#define WALK_NS    150 /* what a step by quality costs, */
#define SCORE_NS   15  /* a document of those that pass, */
#define SEGMENT_NS 500 /* and the filter of a segment */

struct run {
	const struct search_env *env;
	struct filter_run *filter;
	struct scorer scorer;
	struct matcher matcher;
	struct heap heap;
	uint64_t scored;
	bool exhaustive;
};

static void offer(struct run *r, double score, uint32_t doc)
{
	heap_offer(&r->heap, (float)score, doc);
}

/* ---- every match ---- */

static void score_matched(struct run *r, uint32_t doc)
{
	double words;

	if (!filter_pass(r->filter, doc))
		return;
	words = r->scorer.unit *
		scorer_words(&r->scorer, r->matcher.root, doc, view_lengths(r->env->view, doc));
	r->scored++;
	offer(r, words + scorer_rest(&r->scorer, doc), doc);
}

static void run_all(struct run *r)
{
	uint32_t doc;

	for (doc = iter_next(r->matcher.root); doc != DOC_NONE; doc = iter_next(r->matcher.root))
		score_matched(r, doc);
}

/* By bounds; false: there are none for such a tree. */
static bool run_bounded(struct run *r, bool swept, int *rc, struct error *err)
{
	struct sweep_env env = { r->env->view, r->env->arena, &r->matcher, &r->scorer, r->filter,
		&r->heap };
	int64_t scored;

	if (r->exhaustive || (!swept && !any_pays(&r->matcher, &r->scorer)))
		return false;
	scored = swept ? sweep_run(&env, err) : (int64_t)any_run(&env);
	*rc = scored < 0 ? scored : 0;
	r->scored = scored < 0 ? 0 : scored;
	return true;
}

/* A short list the filter requires leads. */
static void run_driven(struct run *r, struct iter *drive)
{
	uint32_t doc = iter_next(drive), at;

	while (doc != DOC_NONE) {
		at = iter_seek(r->matcher.root, doc);
		if (at == doc) {
			score_matched(r, doc);
			doc = iter_next(drive);
		} else if (at == DOC_NONE) {
			return;
		} else {
			doc = iter_seek(drive, at);
		}
	}
}

/* ---- no match ---- */

/* Best quality first; false if `steps` were not enough. */
static bool run_walk(struct run *r, double steps)
{
	struct quality_walk at = { 0 };
	bool bounded = r->scorer.bounded && r->scorer.quality_weight >= 0 && !r->exhaustive;
	uint32_t doc = view_quality_next(r->env->view, &at);
	float quality, threshold, best;

	for (; doc != DOC_NONE && steps > 0; doc = view_quality_next(r->env->view, &at), steps--) {
		while (bounded && (threshold = heap_threshold(&r->heap)) > -INFINITY) {
			quality = view_quality(r->env->view, doc);
			best = (float)scorer_rest_bound(&r->scorer, quality);
			if (best < threshold)
				doc = DOC_NONE;
			if (best != threshold || r->heap.count < r->heap.k ||
				doc < r->heap.items[0].doc)
				break;
			/* of the same quality only larger numbers come: they lose a tie */
			doc = view_quality_skip(r->env->view, &at, quality);
		}
		if (doc == DOC_NONE)
			break;
		if (!filter_pass(r->filter, doc))
			continue;
		r->scored++;
		offer(r, scorer_rest(&r->scorer, doc), doc);
	}
	view_quality_end(&at);
	return doc == DOC_NONE;
}

/* All that pass. */
static void run_passing(struct run *r)
{
	uint32_t low, limit = view_stats(r->env->view)->doc_limit, doc;
	uint64_t bits[SEGMENT_WORDS], word;
	int i;

	for (low = filter_seek(r->filter, 0); low < limit;
		low = filter_seek(r->filter, low + SEGMENT_DOCS)) {
		low -= low % SEGMENT_DOCS;
		if (!r->filter)
			view_live(r->env->view, low, bits);
		else if (!filter_segment(r->filter, low, bits))
			continue;
		for (i = 0; i < SEGMENT_WORDS; i++)
			for (word = bits[i]; word; word &= word - 1) {
				doc = low + i * 64 + __builtin_ctzll(word);
				r->scored++;
				offer(r, scorer_rest(&r->scorer, doc), doc);
			}
	}
}

static void run_list(struct run *r, struct iter *drive)
{
	uint32_t doc;

	for (doc = iter_next(drive); doc != DOC_NONE; doc = iter_next(drive)) {
		if (!filter_pass(r->filter, doc))
			continue;
		r->scored++;
		offer(r, scorer_rest(&r->scorer, doc), doc);
	}
}

static void run_unmatched(struct run *r, const struct filter *filter)
{
	struct iter *drive = matcher_drive(&r->matcher, filter);
	double docs = view_stats(r->env->view)->docs, passing = docs * filter_share(r->filter);
	double steps = passing > r->heap.k ? r->heap.k * docs / passing : docs;
	double all_ns = passing * SCORE_NS + docs / SEGMENT_DOCS * SEGMENT_NS;
	bool ordered = !r->exhaustive && r->scorer.bounded && r->scorer.quality_weight > 0;

	/* what else is scored, or a filter that passes the worst, may keep the walk from its
	 * end: then twice the time is spent */
	if (ordered && steps * WALK_NS < all_ns) {
		if (run_walk(r, all_ns / WALK_NS))
			return;
		r->heap.count = 0;
	}
	if (drive && drive->cost * DRIVEN < docs)
		run_list(r, drive);
	else
		run_passing(r);
}

/* ---- plans ---- */

static int run_search(struct run *r, const struct plan *plan, const struct filter *filter,
	struct error *err)
{
	struct iter *drive;
	bool swept;
	int rc;

	rc = matcher_open(&r->matcher, r->env->view, r->env->arena, plan->match, err);
	if (rc < 0)
		return rc;
	scorer_open(&r->scorer, r->env, plan, &r->matcher);
	if (!plan->match) {
		run_unmatched(r, filter);
	} else if (r->matcher.root) {
		drive = matcher_drive(&r->matcher, filter);
		swept = !r->exhaustive && sweep_pays(&r->matcher, &r->scorer);
		if (drive && drive->cost * 4 < r->matcher.root->cost &&
			(!swept || drive->cost * DRIVEN < view_stats(r->env->view)->docs))
			run_driven(r, drive);
		else if (!run_bounded(r, swept, &rc, err))
			run_all(r);
	}
	if (rc == 0)
		rc = matcher_error(&r->matcher, err);
	scorer_close(&r->scorer);
	matcher_close(&r->matcher);
	return rc;
}

static int by_doc(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	if (x->doc != y->doc)
		return x->doc < y->doc ? -1 : 1;
	return (x->score < y->score) - (x->score > y->score);
}

static int run_memory(struct run *r, const struct plan *plan, struct error *err)
{
	const struct search_env *env = r->env;
	struct scored *all = NULL;
	struct memory_row *rows;
	size_t n = 0, j;
	uint32_t doc;
	int i, k, count;

	if (!env->memory.txn)
		return 0;
	for (i = 0; i < plan->key_count; i++) {
		count = memory_get(&env->memory, plan->keys[i], env->rng, env->arena, &rows, err);
		if (count < 0)
			return count;
		all = arena_grow(env->arena, all, n * sizeof(*all), (n + count + 1) * sizeof(*all));
		for (k = 0; k < count; k++) {
			doc = view_doc(env->view, rows[k].entity);
			if (doc == DOC_NONE)
				continue; /* forgotten by the catalogue */
			all[n++] = (struct scored){ env->rng ? rows[k].draw : rows[k].score, doc };
		}
	}
	if (n)
		qsort(all, n, sizeof(*all), by_doc);
	for (j = 0; j < n; j++) {
		if ((j && all[j].doc == all[j - 1].doc) || !filter_pass(r->filter, all[j].doc))
			continue;
		r->scored++;
		offer(r, all[j].score, all[j].doc);
	}
	return 0;
}

static void run_ids(struct run *r, const struct plan *plan)
{
	const struct scored *items = r->heap.items;
	uint32_t doc;
	size_t j;
	int i;

	for (i = 0; i < plan->key_count && r->heap.count < r->heap.k; i++) {
		doc = view_doc(r->env->view, plan->keys[i]);
		if (doc == DOC_NONE || !filter_pass(r->filter, doc))
			continue;
		for (j = 0; j < r->heap.count && items[j].doc != doc; j++)
			;
		if (j == r->heap.count)
			offer(r, 1.0 / (1 + i), doc);
	}
}

static int run_plan(const struct search_env *env, const struct plan *plan, struct filter *where,
	size_t k, bool exhaustive, struct search_result *out, struct error *err)
{
	struct filter *filter = filter_and(env->arena, plan->where, where);
	struct run *r = arena_calloc(env->arena, 1, sizeof(*r));
	size_t limit = plan->limit > 0 ? (size_t)plan->limit : DEPTH_MAX, room;
	int rc = 0;

	*out = (struct search_result){ 0 };
	if (k > limit)
		k = limit;
	room = view_stats(env->view)->doc_limit;
	if (k > room)
		k = room;
	if (!k)
		return 0;
	r->env = env;
	r->exhaustive = exhaustive;
	heap_init(&r->heap, arena_alloc(env->arena, k * sizeof(struct scored)), k);
	if (plan->has_min_score && plan->source == PLAN_SEARCH)
		heap_floor(&r->heap, plan->min_score);
	r->filter = filter_open(env->view, env->arena, filter);
	switch (plan->source) {
	case PLAN_SEARCH: rc = run_search(r, plan, filter, err); break;
	case PLAN_MEMORY: rc = run_memory(r, plan, err); break;
	case PLAN_IDS: run_ids(r, plan); break;
	}
	if (rc == 0 && filter_error(r->filter) < 0)
		rc = error_set(err, filter_error(r->filter),
			"the postings of a filter are damaged");
	filter_close(r->filter);
	if (rc < 0)
		return rc;
	out->hits = r->heap.items;
	out->count = heap_finish(&r->heap);
	out->scored = r->scored;
	return 0;
}

int search_run(const struct search_env *env, const struct plan *plan, struct filter *where,
	size_t k, struct search_result *out, struct error *err)
{
	return run_plan(env, plan, where, k, false, out, err);
}

int search_exhaustive(const struct search_env *env, const struct plan *plan, struct filter *where,
	size_t k, struct search_result *out, struct error *err)
{
	return run_plan(env, plan, where, k, true, out, err);
}
