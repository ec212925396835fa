/* score.c -- computing and bounding scores (score.h has the formulas). */
#include "query/score.h"

#include <math.h>
#include <string.h>

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

void scorer_open(struct scorer *s, const struct search_env *env, const struct plan *plan)
{
	const struct score_term *t;
	int i;

	*s = (struct scorer){ .view = env->view, .bounded = true };
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
		case SCORE_QUALITY:
			s->quality_weight += t->weight;
			break;
		case SCORE_IS:
			s->filters[i] = filter_open(env->view, env->arena, t->filter);
			s->other_bound += fmax(t->weight, 0);
			break;
		case SCORE_RECENCY:
			s->other_bound += fmax(t->weight, 0);
			break;
		case SCORE_CONST:
			s->other_bound += t->weight;
			break;
		case SCORE_COLUMN:
		case SCORE_LOG1P:
			s->bounded = false;
			break;
		}
	}
}

void scorer_close(struct scorer *s)
{
	int i;

	for (i = 0; i < s->term_count; i++)
		filter_close(s->filters[i]);
}

/* Saturated, normalised frequency by one bm25. */
static double bm25_spot(const struct bm25 *bm, const struct leaf_list *l, const struct spot *at,
	const uint8_t *lengths)
{
	unsigned mask = l->mask & at->fields, f;
	double tf = 0;

	for (; mask; mask &= mask - 1) {
		f = __builtin_ctz(mask);
		tf += (double)at->tf[f][at->at] * bm->norm[f][lengths[f]];
	}
	return tf > 0 ? l->weight * tf * (bm->k1 + 1) / (tf + bm->k1) : 0;
}

static double fact(const struct iter *leaf, const struct spot *at)
{
	switch (leaf->what) {
	case MATCH_TAG:
		return leaf->idf * at->tf[0][at->at] / 255;
	case MATCH_EXACT:
	case MATCH_REF:
		return leaf->idf;
	default:
		return 0;
	}
}

static bool is_word(const struct iter *leaf)
{
	return leaf->what == MATCH_TERM || leaf->what == MATCH_PREFIX ||
	       leaf->what == MATCH_FUZZY;
}

double scorer_spots(const struct scorer *s, const struct iter *leaf, const struct spot *spots,
	const uint8_t *lengths)
{
	double sum = 0, best, value;
	int i, j;

	for (i = 0; i < s->bm25_count; i++) {
		best = 0;
		for (j = 0; j < leaf->list_count; j++) {
			if (!spots[j].fields)
				continue;
			value = is_word(leaf) ? leaf->idf * bm25_spot(&s->bm25[i], &leaf->lists[j],
								&spots[j], lengths)
					      : fact(leaf, &spots[j]);
			best = value > best ? value : best;
		}
		sum += s->bm25[i].weight * leaf->weight * best;
	}
	return sum;
}

double scorer_leaf(const struct scorer *s, const struct iter *leaf, uint32_t doc,
	const uint8_t *lengths)
{
	struct spot spots[EXPANSIONS_MAX + TEXT_FIELDS_MAX];
	struct postings *p;
	int j;

	for (j = 0; j < leaf->list_count; j++) {
		p = leaf->lists[j].list;
		spots[j] = (struct spot){ p->doc == doc ? postings_fields(p) : 0, p->at,
			(const uint8_t (*)[BLOCK_POSTINGS])p->tf };
	}
	return scorer_spots(s, leaf, spots, lengths);
}

/* Weighted, normalised frequencies of a block's postings by one bm25. */
static void block_frequencies(const struct bm25 *bm, unsigned mask,
	uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS], const uint32_t *docs, const uint8_t *lengths,
	unsigned texts, unsigned from, unsigned to, float *out)
{
	const float *norm;
	const uint8_t *row;
	unsigned f, i;

	memset(out + from, 0, (to - from) * sizeof(*out));
	for (; mask; mask &= mask - 1) {
		f = __builtin_ctz(mask);
		norm = bm->norm[f];
		row = tf[f];
		for (i = from; i < to; i++)
			out[i] += row[i] * norm[lengths[docs[i] % SEGMENT_DOCS * texts + f]];
	}
}

#define VALUE_SLACK 2e-6 /* sums of floats, in any order */
#define VALUE_LEAST 1e-30f

void scorer_values(const struct scorer *s, const struct iter *leaf, const struct leaf_list *l,
	unsigned fields, uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS], const uint32_t *docs,
	const uint8_t *lengths, unsigned from, unsigned to, float *values)
{
	unsigned texts = view_schema(s->view)->text_count, i;
	const struct bm25 *bm;
	float tfs[BLOCK_POSTINGS], factor, k1;
	int j;

	for (i = from; i < to; i++)
		values[i] = VALUE_LEAST;
	for (j = 0; j < s->bm25_count; j++) {
		bm = &s->bm25[j];
		factor = bm->weight * leaf->weight * leaf->idf * (1 + VALUE_SLACK);
		if (!is_word(leaf)) {
			for (i = from; i < to; i++)
				values[i] += leaf->what == MATCH_KIND  ? 0
					     : leaf->what == MATCH_TAG ? factor * tf[0][i] / 255
								       : factor;
			continue;
		}
		block_frequencies(bm, l->mask & fields, tf, docs, lengths, texts, from, to, tfs);
		factor *= l->weight * (bm->k1 + 1);
		k1 = bm->k1;
		for (i = from; i < to; i++)
			values[i] += factor * tfs[i] / (tfs[i] + k1);
	}
}

double scorer_words(const struct scorer *s, const struct iter *it, uint32_t doc,
	const uint8_t *lengths)
{
	double sum = 0;
	int i;

	if (!it || it->doc != doc)
		return 0;
	if (it->kind == ITER_LEAF)
		return scorer_leaf(s, it, doc, lengths);
	for (i = 0; i < it->kid_count; i++)
		sum += scorer_words(s, it->kids[i], doc, lengths);
	return sum;
}

static double or_zero(double x)
{
	return isnan(x) ? 0 : x;
}

double scorer_term(struct scorer *s, int i, uint32_t doc)
{
	const struct score_term *t = &s->terms[i];
	double x;

	switch (t->kind) {
	case SCORE_BM25:
		return 0;
	case SCORE_QUALITY:
		return t->weight * (double)view_quality(s->view, doc);
	case SCORE_IS:
		return t->filter && filter_pass(s->filters[i], doc) ? t->weight : 0;
	case SCORE_COLUMN:
		return t->weight * or_zero(view_number(s->view, t->field->column, doc));
	case SCORE_LOG1P:
		x = or_zero(view_number(s->view, t->field->column, doc));
		return t->weight * log1p(fmax(x, 0));
	case SCORE_RECENCY:
		x = view_number(s->view, t->field->column, doc);
		if (isnan(x) || !(t->half_life_days > 0))
			return 0;
		return t->weight * exp2(-fmax(s->today - x, 0) / t->half_life_days);
	case SCORE_CONST:
		return t->weight;
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

double scorer_list_bound(const struct scorer *s, const struct iter *leaf,
	const struct leaf_list *l, const struct block_bounds *bounds)
{
	const struct bm25 *bm;
	double sum = 0, tf, most, at;
	unsigned mask, f;
	int i, level;

	for (i = 0; i < s->bm25_count; i++) {
		bm = &s->bm25[i];
		if (!is_word(leaf)) {
			sum += bm->weight * leaf->weight * leaf->idf *
			       (leaf->what != MATCH_KIND);
			continue;
		}
		for (tf = 0, mask = l->mask & bounds->fields; mask; mask &= mask - 1) {
			f = __builtin_ctz(mask);
			most = 0;
			for (level = 0; level < bounds_levels(bounds, f); level++) {
				at = (double)bounds_tf(bounds, f, level) *
				     bm->norm[f][bounds->min_length[f][level]];
				most = at > most ? at : most;
			}
			tf += most;
		}
		if (tf > 0)
			sum += bm->weight * leaf->weight * leaf->idf * l->weight * tf *
			       (bm->k1 + 1) / (tf + bm->k1);
	}
	return sum * (1 + 1e-9); /* rounding may go the other way */
}

double scorer_rest_bound(const struct scorer *s, double quality)
{
	double x = s->other_bound + (s->quality_weight > 0 ? s->quality_weight * quality : 0);

	return x + fabs(x) * 1e-9 + 1e-12;
}
