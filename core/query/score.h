/* score.h -- a plan's score, ready to compute.
 *
 * score = sum over the plan's terms of weight * value.  The words' part is
 * BM25F (Robertson and Zaragoza 2009): of a word with frequency tf_f and length
 * len_f in field f,
 *
 *     tf    = sum_f  weight_f * tf_f / (1 - b + b * len_f / average_f)
 *     value = idf * max over expansions (weight * tf * (k1 + 1) / (tf + k1))
 *
 * an EXACT or REF leaf is worth its idf, a TAG its idf times the tag's weight, a
 * KIND nothing.
 *
 * What a leaf gives is rounded to units, of 2^-20 unless weights are huge (one unit
 * at least in size: it matched).  Sums of units are exact in any order, so that
 * however a search goes about it, a document's score is the same.  Bounds are in
 * scores, never below what they bound. */
#ifndef QUERY_SCORE_H
#define QUERY_SCORE_H

#include <string.h>

#include "query/filter.h"
#include "query/match.h"
#include "query/search.h"

struct bm25 {
	double weight, k1, b;
	float field_weight[TEXT_FIELDS_MAX];
	double norm[TEXT_FIELDS_MAX][256]; /* weight_f / (1 - b + b len / average) */
};

struct scorer {
	struct view *view;
	struct arena *arena;
	const struct score_term *terms;
	struct filter_run **filters; /* of IS, by term */
	int term_count;
	struct bm25 *bm25;
	int bm25_count;
	double unit, per_unit;
	double today; /* days since 1970 */
	bool bounded; /* a bound exists: no COLUMN or LOG1P, no negative words */
	double quality_weight, other_bound;
};

/* Never fails: what the plan leaves out has its default.  `matcher` has the plan's
 * match. */
void scorer_open(struct scorer *, const struct search_env *, const struct plan *,
	const struct matcher *matcher);
void scorer_close(struct scorer *);

/* A posting in a decoded block: the fields and rows of block_tfs, and its place.
 * fields 0: the list has no posting of the document. */
struct spot {
	unsigned fields, at;
	const uint8_t (*tf)[BLOCK_POSTINGS];
};

/* Is the posting of one of the fields? */
static inline bool spot_speaks(const struct spot *at, unsigned mask)
{
	for (mask &= at->fields; mask; mask &= mask - 1)
		if (at->tf[__builtin_ctz(mask)][at->at])
			return true;
	return false;
}

/* In units: of one list at a posting, of a leaf that stands at `doc`, of a tree that
 * does (0 if it does not). */
int32_t scorer_list(const struct scorer *, const struct iter *leaf, const struct leaf_list *,
	const struct spot *, const uint8_t *lengths);
int32_t scorer_leaf(const struct scorer *, const struct iter *leaf, uint32_t doc,
	const uint8_t *lengths);
int64_t scorer_words(const struct scorer *, const struct iter *, uint32_t doc,
	const uint8_t *lengths);
static inline double saturate(double tf, double k1)
{
	return tf * (k1 + 1) / (tf + k1);
}

/* To units; |x| is below 2^31.  Adding 1.5 * 2^52 leaves the rounded integer in the
 * low bits of the sum. */
static inline int32_t to_units(double x)
{
	double sum = x + 0x1.8p52;
	int64_t bits;
	int32_t units;

	memcpy(&bits, &sum, sizeof(bits));
	units = bits;
	return units ? units : 1;
}

/* scorer_list where scorer_is_word, of a list's factor and those of its fields that the
 * posting's block has. */
static inline int32_t word_units(const struct bm25 *bm, double factor, unsigned fields,
	const struct spot *at, const uint8_t *lengths)
{
	double tf = 0;
	unsigned f;

	for (; fields; fields &= fields - 1) {
		f = __builtin_ctz(fields);
		tf += at->tf[f][at->at] * bm->norm[f][lengths[f]];
	}
	return to_units(factor * (tf > 0 ? saturate(tf, bm->k1) : 0));
}

/* A word, scored by one BM25 and no other? */
bool scorer_is_word(const struct scorer *, const struct iter *leaf);

/* Everything but words. */
double scorer_rest(struct scorer *, uint32_t doc);
double scorer_term(struct scorer *, int term, uint32_t doc); /* weighted; not BM25 */

/* Upper bounds (only where `bounded`). */
double scorer_list_bound(const struct scorer *, const struct iter *leaf, const struct leaf_list *,
	const struct block_bounds *);
double scorer_rest_bound(const struct scorer *, double quality);

#endif
