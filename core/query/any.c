/* any.c -- the strongest trees lead; of the others, which together could not bring a
 * document in, a candidate is asked, the strongest first, as long as it may enter. */
#include "query/any.h"

#include <math.h>
#include <stdlib.h>

struct part {
	struct iter *it;
	double bound; /* most it gives any document */
};

struct run {
	const struct sweep_env *env;
	struct part *parts; /* by bound, ascending */
	double *below;      /* sum of the bounds of the first i */
	int count, first;   /* parts[first..] lead */
	double rest;        /* most a document gets beside words */
	uint64_t scored;
};

static bool has_bound(const struct iter *it)
{
	int i;

	if (it->kind == ITER_LEAF)
		return it->weight >= 0;
	if (it->kind == ITER_DOC)
		return false;
	for (i = 0; i < it->kid_count; i++)
		if (!has_bound(it->kids[i]))
			return false;
	return true;
}

bool any_pays(const struct matcher *m, const struct scorer *s)
{
	return s->bounded && s->bm25_count && m->root->kind == ITER_JOIN && m->root->least == 1 &&
	       !m->root->not_count && has_bound(m->root);
}

static double bound_of(struct scorer *s, const struct iter *it, float *quality)
{
	double sum = 0, most = 0;
	struct postings *list;
	int i;

	for (i = 0; i < it->kid_count; i++)
		sum += bound_of(s, it->kids[i], quality);
	for (i = 0; it->kind == ITER_LEAF && i < it->list_count; i++) {
		list = it->lists[i].list;
		if (!list->df)
			continue; /* damaged */
		most = fmax(most, scorer_list_bound(s, it, &it->lists[i], &list->bounds));
		*quality = fmaxf(*quality, list->bounds.max_quality);
	}
	return sum + most;
}

static bool beats(const struct run *r, double bound)
{
	return (float)(bound + fabs(bound) * 1e-9) > heap_threshold(r->env->heap);
}

static int by_bound(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return (x->bound > y->bound) - (x->bound < y->bound);
}

static void run_open(struct run *r, const struct sweep_env *env)
{
	struct iter *root = env->matcher->root;
	float quality = 0;
	int i;

	*r = (struct run){ .env = env, .count = root->kid_count };
	r->parts = arena_alloc(env->arena, r->count * sizeof(*r->parts));
	r->below = arena_calloc(env->arena, r->count + 1, sizeof(*r->below));
	for (i = 0; i < r->count; i++) {
		r->parts[i].it = root->kids[i];
		r->parts[i].bound = bound_of(env->scorer, root->kids[i], &quality);
		iter_next(root->kids[i]);
	}
	qsort(r->parts, r->count, sizeof(*r->parts), by_bound);
	for (i = 0; i < r->count; i++)
		r->below[i + 1] = r->below[i] + r->parts[i].bound;
	r->rest = scorer_rest_bound(env->scorer, quality);
}

/* What the part gives a document at which it stands. */
static int64_t gives(const struct run *r, int i, uint32_t doc, const uint8_t *lengths)
{
	return scorer_words(r->env->scorer, r->parts[i].it, doc, lengths);
}

static void score(struct run *r, uint32_t doc)
{
	double unit = r->env->scorer->unit, most = r->below[r->first] + r->rest, rest;
	const uint8_t *lengths;
	int64_t sum = 0;
	int i;

	for (i = r->first; i < r->count; i++)
		most += r->parts[i].it->doc == doc ? r->parts[i].bound : 0;
	if (!beats(r, most))
		return;
	lengths = view_lengths(r->env->view, doc);
	for (i = r->first; i < r->count; i++)
		sum += gives(r, i, doc, lengths);
	if (!beats(r, sum * unit + r->below[r->first] + r->rest))
		return;
	rest = scorer_rest(r->env->scorer, doc);
	if (!beats(r, sum * unit + r->below[r->first] + rest) || !filter_pass(r->env->filter, doc))
		return;
	r->scored++;
	for (i = r->first - 1; i >= 0; i--) {
		if (!beats(r, sum * unit + r->below[i + 1] + rest))
			return;
		if (iter_seek(r->parts[i].it, doc) == doc)
			sum += gives(r, i, doc, lengths);
	}
	heap_offer(r->env->heap, (float)(sum * unit + rest), doc);
}

uint64_t any_run(const struct sweep_env *env)
{
	struct run r;
	uint32_t doc;
	int i;

	run_open(&r, env);
	for (;;) {
		while (r.first < r.count && !beats(&r, r.below[r.first + 1] + r.rest))
			r.first++;
		for (doc = DOC_NONE, i = r.first; i < r.count; i++)
			doc = r.parts[i].it->doc < doc ? r.parts[i].it->doc : doc;
		if (doc == DOC_NONE)
			return r.scored;
		score(&r, doc);
		for (i = r.first; i < r.count; i++)
			if (r.parts[i].it->doc == doc)
				iter_next(r.parts[i].it);
	}
}
