/* score.c -- computing and bounding scores (score.h has the formulas). */
#include "query/score.h"

#include <math.h>
#include <stdlib.h>

static const struct score_term default_terms[2] = {
	{ .kind = SCORE_BM25, .weight = 1 },
	{ .kind = SCORE_QUALITY, .weight = 1 },
};

/* What a length code stands for. */
static const float *code_lengths(void)
{
	static _Thread_local float lengths[256];
	int code;

	if (!lengths[255])
		for (code = 0; code < 256; code++)
			lengths[code] = length_decode(code);
	return lengths;
}

static void bm25_init(struct bm25 *bm, const struct score_term *t, struct view *view)
{
	const struct schema *schema = view_schema(view);
	const struct view_stats *stats = view_stats(view);
	const float *lengths = code_lengths();
	float base, slope, least = 1e-3f, x, weight;
	bool given = false;
	int i, f, code;

	bm->weight = t->weight;
	bm->k1 = t->k1 > 0 ? t->k1 : 1.2;
	bm->b = t->k1 > 0 || t->b > 0 ? fmin(fmax(t->b, 0), 1) : 0.75;
	for (f = 0; f < TEXT_FIELDS_MAX; f++)
		given = given || t->field_weight[f] > 0;
	for (i = 0; i < schema->field_count; i++) {
		f = schema->fields[i].text_index;
		if (f < 0)
			continue;
		weight = given ? fmaxf(t->field_weight[f], 0) : fmaxf(schema->fields[i].weight, 0);
		bm->field_weight[f] = weight;
		/* without a length to compare with, each is of the average's */
		base = stats->average_length[f] > 0 ? 1 - bm->b : 1;
		slope = stats->average_length[f] > 0 ? bm->b / stats->average_length[f] : 0;
		for (code = 0; code < 256; code++) {
			x = base + slope * lengths[code];
			bm->norm[f][code] = weight / (x > least ? x : least);
		}
	}
}

/* Units so fine that no sum of leaves is past 2^30 of them. */
static void find_unit(struct scorer *s, const struct matcher *m)
{
	const struct iter *leaf;
	double sum = 0;
	int i, j;

	s->unit = 0x1p-20;
	for (i = 0; i < m->leaf_count; i++)
		for (leaf = m->leaves[i], j = 0; j < leaf->list_count; j++)
			if (leaf->lists[j].list->df)
				sum += fabs(scorer_list_bound(s, leaf, &leaf->lists[j],
					&leaf->lists[j].list->bounds));
	while (sum / s->unit > 0x1p30)
		s->unit *= 2;
	s->per_unit = 1 / s->unit;
}

static bool is_word(const struct iter *leaf)
{
	return leaf->what == MATCH_TERM || leaf->what == MATCH_PREFIX || leaf->what == MATCH_FUZZY;
}

/* What a saturated frequency of 1 is worth, in units. */
static inline double list_factor(const struct scorer *s, const struct bm25 *bm,
	const struct iter *leaf, const struct leaf_list *l)
{
	return bm->weight * leaf->weight * leaf->idf * l->weight * s->per_unit;
}

/* For scorer_list, which is asked of many documents; of leaves of a NOT, too, which are
 * explained. */
static void note_factors(struct scorer *s, const struct matcher *m)
{
	struct iter *leaf;
	int i, j;

	for (i = 0; i < m->all_count; i++)
		for (leaf = m->all[i], j = 0; j < leaf->list_count; j++)
			leaf->lists[j].factor = list_factor(s, s->bm25, leaf, &leaf->lists[j]);
}

void scorer_open(struct scorer *s, const struct search_env *env, const struct plan *plan,
	const struct matcher *matcher)
{
	const struct score_term *t;
	int i;

	*s = (struct scorer){ .view = env->view, .arena = env->arena, .bounded = true };
	/* nothing said: the words, or without words what is best known */
	s->terms = plan->score_count ? plan->scores
		   : plan->match     ? default_terms
				     : default_terms + 1;
	s->term_count = plan->score_count ? plan->score_count : 1;
	s->today = env->now_ms / 86400000.0;
	s->filters = arena_calloc(env->arena, s->term_count, sizeof(*s->filters));
	for (i = 0; i < s->term_count; i++)
		s->bm25_count += s->terms[i].kind == SCORE_BM25;
	s->bm25 = arena_calloc(env->arena, s->bm25_count + 1, sizeof(*s->bm25));
	s->bm25_count = 0;
	for (i = 0; i < s->term_count; i++) {
		t = &s->terms[i];
		switch (t->kind) {
		case SCORE_BM25:
			bm25_init(&s->bm25[s->bm25_count++], t, env->view);
			s->bounded = s->bounded && t->weight >= 0;
			break;
		case SCORE_QUALITY: s->quality_weight += t->weight; break;
		case SCORE_IS:
			s->filters[i] = filter_open(env->view, env->arena, t->filter);
			s->other_bound += fmax(t->weight, 0);
			break;
		case SCORE_RECENCY: s->other_bound += fmax(t->weight, 0); break;
		case SCORE_CONST: s->other_bound += t->weight; break;
		case SCORE_COLUMN:
		case SCORE_LOG1P: s->bounded = false; break;
		}
	}
	find_unit(s, matcher);
	note_factors(s, matcher);
}

void scorer_close(struct scorer *s)
{
	int i;

	for (i = 0; i < s->term_count; i++)
		filter_close(s->filters[i]);
}

static double bm25_frequency(const struct bm25 *bm, unsigned mask, const struct spot *at,
	const uint8_t *lengths)
{
	double tf = 0;
	unsigned f;

	for (; mask; mask &= mask - 1) {
		f = __builtin_ctz(mask);
		tf += at->tf[f][at->at] * bm->norm[f][lengths[f]];
	}
	return tf;
}

static double fact(const struct iter *leaf, unsigned tag)
{
	switch (leaf->what) {
	case MATCH_TAG: return leaf->idf * tag / 255;
	case MATCH_EXACT:
	case MATCH_REF: return leaf->idf;
	default: return 0;
	}
}

int32_t scorer_list(const struct scorer *s, const struct iter *leaf, const struct leaf_list *l,
	const struct spot *at, const uint8_t *lengths)
{
	const struct bm25 *bm;
	double sum = 0, tf;
	int i;

	if (scorer_is_word(s, leaf))
		return word_units(s->bm25, l->factor, l->mask & at->fields, at, lengths);
	for (i = 0; i < s->bm25_count; i++) {
		bm = &s->bm25[i];
		if (is_word(leaf)) {
			tf = bm25_frequency(bm, l->mask & at->fields, at, lengths);
			sum += list_factor(s, bm, leaf, l) * (tf > 0 ? saturate(tf, bm->k1) : 0);
		} else {
			sum += bm->weight * leaf->weight * fact(leaf, at->tf[0][at->at]) *
			       s->per_unit;
		}
	}
	return s->bm25_count ? to_units(sum) : 0; /* words that the plan does not score */
}

int32_t scorer_leaf(const struct scorer *s, const struct iter *leaf, uint32_t doc,
	const uint8_t *lengths)
{
	const struct leaf_list *l;
	int32_t best = 0, units;
	struct postings *p;
	struct spot at;
	int j;

	for (j = 0; j < leaf->list_count; j++) {
		l = &leaf->lists[j];
		p = l->list;
		if (p->doc != doc)
			continue;
		at = (struct spot){ postings_fields(p), p->at,
			(const uint8_t(*)[BLOCK_POSTINGS])p->tf };
		units = scorer_list(s, leaf, l, &at, lengths);
		if (!best || abs(units) > abs(best))
			best = units;
	}
	return best;
}

int64_t scorer_words(const struct scorer *s, const struct iter *it, uint32_t doc,
	const uint8_t *lengths)
{
	int64_t sum = 0;
	int i;

	if (!it || it->doc != doc)
		return 0;
	if (it->kind == ITER_LEAF)
		return scorer_leaf(s, it, doc, lengths);
	for (i = 0; i < it->kid_count; i++)
		sum += scorer_words(s, it->kids[i], doc, lengths);
	return sum;
}

bool scorer_is_word(const struct scorer *s, const struct iter *leaf)
{
	return s->bm25_count == 1 && is_word(leaf);
}

/* ---- the rest, and bounds ---- */

static double or_zero(double x)
{
	return isnan(x) ? 0 : x;
}

double scorer_term(struct scorer *s, int i, uint32_t doc)
{
	const struct score_term *t = &s->terms[i];
	double x;

	switch (t->kind) {
	case SCORE_BM25: return 0;
	case SCORE_QUALITY: return t->weight * (double)view_quality(s->view, doc);
	case SCORE_IS: return t->filter && filter_pass(s->filters[i], doc) ? t->weight : 0;
	case SCORE_COLUMN: return t->weight * or_zero(view_number(s->view, t->field->column, doc));
	case SCORE_LOG1P:
		x = or_zero(view_number(s->view, t->field->column, doc));
		return t->weight * log1p(fmax(x, 0));
	case SCORE_RECENCY:
		x = view_number(s->view, t->field->column, doc);
		if (isnan(x) || !(t->half_life_days > 0))
			return 0;
		return t->weight * exp2(-fmax(s->today - x, 0) / t->half_life_days);
	case SCORE_CONST: return t->weight;
	}
	return 0;
}

double scorer_rest(struct scorer *s, uint32_t doc)
{
	double sum = 0;
	int i;

	for (i = 0; i < s->term_count; i++)
		if (s->terms[i].kind != SCORE_BM25)
			sum += scorer_term(s, i, doc);
	return sum;
}

/* Most that a word's posting is saturated to: of each field the most, together. */
static double saturated_bound(const struct bm25 *bm, unsigned mask,
	const struct block_bounds *bounds)
{
	double tf = 0, most, at;
	unsigned f;
	int level;

	for (; mask; mask &= mask - 1) {
		f = __builtin_ctz(mask);
		most = 0;
		for (level = 0; level < bounds_levels(bounds, f); level++) {
			at = bounds_tf(bounds, f, level) *
			     bm->norm[f][bounds->min_length[f][level]];
			most = at > most ? at : most;
		}
		tf += most;
	}
	return tf > 0 ? saturate(tf, bm->k1) : 0;
}

double scorer_list_bound(const struct scorer *s, const struct iter *leaf, const struct leaf_list *l,
	const struct block_bounds *bounds)
{
	unsigned mask = l->mask & bounds->fields;
	const struct bm25 *bm;
	double sum = 0;
	int i;

	for (i = 0; i < s->bm25_count; i++) {
		bm = &s->bm25[i];
		if (!is_word(leaf))
			sum += bm->weight * leaf->weight * leaf->idf * (leaf->what != MATCH_KIND);
		else
			sum += bm->weight * leaf->weight * leaf->idf * l->weight *
			       saturated_bound(bm, mask, bounds);
	}
	/* rounding may go the other way, and to a whole unit */
	return sum + fabs(sum) * 1e-9 + s->unit;
}

double scorer_rest_bound(const struct scorer *s, double quality)
{
	double x = s->other_bound + (s->quality_weight > 0 ? s->quality_weight * quality : 0);

	return x + fabs(x) * 1e-9 + 1e-12;
}
