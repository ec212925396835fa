/* sweep_sums.c -- a segment's postings added up in an array, document by document, and
 * what is above the threshold picked from it. */
#include "query/sweep_parts.h"

#include <string.h>

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

unsigned sums_add(struct sweep *w, bool onto)
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

void sums_wipe(struct sweep *w)
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

/* ---- picking ---- */

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

int32_t sums_limit(const struct sweep *w)
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
unsigned sums_pick(struct sweep *w)
{
	int32_t limit = sums_limit(w);
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
