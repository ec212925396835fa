/* rank.c -- features of candidates, a column at a time, and the weighted sum.
 *
 * Candidates are put in document order first, so posting lists are walked forward
 * once for all of them. */
#include "funnel/rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "query/filter.h"

const char *const rank_names[] = { "best_rank", "arms", "rrf", "quality", "text", "exact", "memory",
	NULL };

struct ranker {
	const struct search_env *env;
	const struct query *query;
	const struct ranking *how;
	struct candidates *all;
	uint32_t *docs;
	struct error *err;
	int rc;
};

static int by_doc(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->doc > y->doc) - (x->doc < y->doc);
}

static struct candidate *find(struct ranker *r, uint32_t doc)
{
	struct candidate key = { .doc = doc };

	return bsearch(&key, r->all->items, r->all->count, sizeof(key), by_doc);
}

/* ---- columns ---- */

static void fill_best_rank(struct ranker *r, int column)
{
	size_t i;

	for (i = 0; i < r->all->count; i++)
		r->all->items[i].features[column] = 1.0f / r->all->items[i].best_rank;
}

static void fill_arms(struct ranker *r, int column)
{
	size_t i;

	for (i = 0; i < r->all->count; i++)
		r->all->items[i].features[column] = (float)r->all->items[i].arms / r->how->asked;
}

static void fill_rrf(struct ranker *r, int column)
{
	float sum;
	size_t i;
	int a;

	for (i = 0; i < r->all->count; i++) {
		for (sum = 0, a = 0; a < r->how->arms; a++)
			if (r->all->items[i].rank[a])
				sum += 61.0f / (60 + r->all->items[i].rank[a]);
		r->all->items[i].features[column] = sum / r->how->asked;
	}
}

static void fill_quality(struct ranker *r, int column)
{
	float most = view_stats(r->env->view)->quality_max;
	size_t i;

	for (i = 0; most > 0 && i < r->all->count; i++)
		r->all->items[i].features[column] =
			view_quality(r->env->view, r->all->items[i].doc) / most;
}

/* A plan's score of every candidate, over the best of them. */
static void fill_scored(struct ranker *r, int column, struct match *match, bool as_flag)
{
	struct score_term bm25 = { .kind = SCORE_BM25, .weight = 1 };
	struct plan plan = { .match = match, .scores = &bm25, .score_count = 1 };
	float *scores = arena_calloc(r->env->arena, r->all->count, sizeof(*scores)), most = 0;
	size_t i;

	if (r->rc < 0)
		return;
	r->rc = search_score(r->env, &plan, r->docs, r->all->count, scores, r->err);
	for (i = 0; i < r->all->count; i++)
		most = fmaxf(most, scores[i]);
	for (i = 0; most > 0 && i < r->all->count; i++)
		r->all->items[i].features[column] = as_flag ? scores[i] > 0 : scores[i] / most;
}

/* The words of one reading, each with how often it stands there. */
struct bag {
	struct slice words[QUERY_TERMS_MAX];
	int times[QUERY_TERMS_MAX], count;
};

static void bag_add(struct bag *bag, const struct slice *words, int count)
{
	int i, w;

	for (w = 0; w < count; w++) {
		for (i = 0; i < bag->count && !slice_eq(bag->words[i], words[w]); i++)
			;
		if (i == QUERY_TERMS_MAX)
			continue;
		if (i == bag->count) {
			bag->words[bag->count++] = words[w];
			bag->times[i] = 0;
		}
		bag->times[i]++;
	}
}

/* A word said twice weighs twice; one of two readings what it weighs in one. */
static void add_word(struct arena *arena, struct match *any, struct slice word, int times)
{
	struct match *term;
	int i;

	for (i = 0; i < any->kid_count && !slice_eq(any->kids[i]->text, word); i++)
		;
	if (i == QUERY_TERMS_MAX)
		return;
	if (i == any->kid_count) {
		term = arena_calloc(arena, 1, sizeof(*term));
		*term = (struct match){ .kind = MATCH_TERM, .weight = times, .text = word };
		any->kids[any->kid_count++] = term;
	} else if (any->kids[i]->weight < times) {
		any->kids[i]->weight = times;
	}
}

/* The words of all readings: what slots name, what they leave, as typed and as spelt. */
static void fill_text(struct ranker *r, int column)
{
	struct arena *arena = r->env->arena;
	struct match *any = arena_calloc(arena, 1, sizeof(*any));
	struct bag *bag = arena_alloc(arena, sizeof(*bag));
	const struct interpretation *it;
	struct query words;
	int i, s, w;

	any->kind = MATCH_ANY;
	any->weight = 1;
	any->kids = arena_calloc(arena, QUERY_TERMS_MAX, sizeof(*any->kids));
	for (i = 0; i < r->query->count; i++) {
		it = &r->query->items[i];
		bag->count = 0;
		bag_add(bag, it->words, it->word_count);
		for (s = 0; s < it->slot_count; s++)
			if (!it->slots[s].is_number &&
				query_init(&words, arena, it->slots[s].value, NULL) == 0)
				bag_add(bag, words.words, words.word_count);
		for (w = 0; w < bag->count; w++)
			add_word(arena, any, bag->words[w], bag->times[w]);
	}
	query_restore(r->query, arena, any);
	if (any->kid_count)
		fill_scored(r, column, any, false);
}

static void fill_exact(struct ranker *r, int column)
{
	struct match *exact = arena_calloc(r->env->arena, 1, sizeof(*exact));

	exact->kind = MATCH_EXACT;
	exact->weight = 1;
	exact->text = r->query->text;
	if (exact->text.len)
		fill_scored(r, column, exact, true);
}

static void fill_memory(struct ranker *r, int column)
{
	struct arena *arena = r->env->arena;
	struct memory_row *rows;
	struct candidate *c;
	struct slice key;
	int count, i;
	uint32_t doc;

	if (r->rc < 0 || !r->env->memory.txn || !r->query->text.len)
		return;
	key = slice_str(arena_printf(arena, "q:%.*s", SLICE_ARG(r->query->text)));
	if (key.len > MEMORY_KEY_MAX)
		return; /* so long a query is not remembered */
	count = memory_get(&r->env->memory, key, NULL, arena, &rows, r->err);
	r->rc = count < 0 ? count : 0;
	for (i = 0; i < count; i++) {
		doc = view_doc(r->env->view, rows[i].entity);
		c = find(r, doc);
		if (c)
			c->features[column] = rows[i].score;
	}
}

static void fill_from(struct ranker *r, int column, const char *strategy)
{
	size_t i;
	int a;

	for (a = 0; a < r->how->arms && strcmp(r->how->strategies[a], strategy); a++)
		;
	for (i = 0; a < r->how->arms && i < r->all->count; i++)
		if (r->all->items[i].rank[a])
			r->all->items[i].features[column] = 1.0f / r->all->items[i].rank[a];
}

static void fill_kind(struct ranker *r, int column, const char *kind)
{
	struct filter is = { .kind = FILTER_KIND, .text = slice_str(kind) };
	struct filter_run *run = filter_open(r->env->view, r->env->arena, &is);
	size_t i;

	for (i = 0; i < r->all->count; i++)
		r->all->items[i].features[column] = filter_pass(run, r->all->items[i].doc);
	filter_close(run);
}

static void fill(struct ranker *r, int column, const char *name)
{
	static void (*const columns[])(struct ranker *, int) = { fill_best_rank, fill_arms,
		fill_rrf, fill_quality, fill_text, fill_exact, fill_memory };
	int i;

	for (i = 0; rank_names[i]; i++)
		if (!strcmp(rank_names[i], name)) {
			columns[i](r, column);
			return;
		}
	if (!strncmp(name, "from.", 5))
		fill_from(r, column, name + 5);
	else if (!strncmp(name, "kind.", 5))
		fill_kind(r, column, name + 5);
}

/* ---- the sum ---- */

struct place {
	const struct candidate *candidate;
	float score, quality;
};

static int by_score(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	if (x->quality != y->quality)
		return x->quality < y->quality ? 1 : -1;
	return (x->candidate->doc > y->candidate->doc) - (x->candidate->doc < y->candidate->doc);
}

void rank_anew(const struct search_env *env, const struct ranking *how, struct candidates *all)
{
	struct place *places = arena_calloc(env->arena, all->count + 1, sizeof(*places));
	struct candidate *sorted = arena_calloc(env->arena, all->count + 1, sizeof(*sorted));
	const struct candidate *c;
	float score;
	size_t i;
	int f;

	for (i = 0; i < all->count; i++) {
		c = &all->items[i];
		for (score = 0, f = 0; f < how->count; f++)
			score += how->weights[f] * c->features[f];
		places[i] = (struct place){ c, score, view_quality(env->view, c->doc) };
	}
	qsort(places, all->count, sizeof(*places), by_score);
	for (i = 0; i < all->count; i++) {
		sorted[i] = *places[i].candidate;
		sorted[i].score = places[i].score;
	}
	all->items = sorted;
}

int rank(const struct search_env *env, const struct query *query, const struct ranking *how,
	struct candidates *all, struct error *err)
{
	struct ranker r = { .env = env, .query = query, .how = how, .all = all, .err = err };
	float *rows;
	size_t i;
	int f;

	if (!all->count)
		return 0;
	qsort(all->items, all->count, sizeof(*all->items), by_doc);
	rows = arena_calloc(env->arena, all->count * how->count + 1, sizeof(*rows));
	r.docs = arena_alloc(env->arena, all->count * sizeof(*r.docs));
	for (i = 0; i < all->count; i++) {
		r.docs[i] = all->items[i].doc;
		all->items[i].features = rows + i * how->count;
	}
	for (f = 0; f < how->count; f++) /* weighed or not: they are logged */
		fill(&r, f, how->names[f]);
	rank_anew(env, how, all);
	return r.rc;
}
