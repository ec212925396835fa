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

	if (!onto && !counted(w)) {
		for (i = 0; i < n; i++)
			w->sums[docs[i] - w->low] += values[i];
		return;
	}
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
	const uint32_t *docs;
	unsigned from, to;

	if (!lane_decode(w, lane, &r->block))
		return 0;
	clip(w, lane, &r->block, &from, &to);
	if (from == to)
		return 0;
	docs = lane->docs + from;
	if (w->sparse && !onto)
		mark(w, docs, to - from);
	if (lane->has_rows && r->bounds.fields == 1u << f && r->bounds.max_tf[f] == 1 && !onto &&
		lane->of->leaf->list_count == 1 && !counted(w)) {
		add_ones(w, lane, f, lengths, from, to);
	} else {
		lane_value(w, lane);
		if (lane->of->leaf->list_count > 1)
			add_best(w, docs, lane->values + from, to - from, onto);
		else
			add_values(w, docs, lane->values + from, to - from, onto);
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

/* Of one list there is nothing to add: those above the limit have sums. */
static void take_block(struct sweep *w, struct lane *lane, const struct reach *r, int32_t limit)
{
	unsigned from, to, at;

	if (!lane_decode(w, lane, &r->block))
		return;
	lane_value(w, lane);
	for (clip(w, lane, &r->block, &from, &to); from < to; from++) {
		if (lane->values[from] <= limit)
			continue;
		mark(w, &lane->docs[from], 1);
		at = lane->docs[from] - w->low;
		w->sums[at] = lane->values[from];
		w->hits[at] = 1;
	}
}

bool sums_take(struct sweep *w)
{
	struct lane *lane = w->active[0];
	int32_t limit = sums_limit(w);
	int k;

	if (w->active_count > 1 || lane->of->leaf->list_count > 1)
		return false;
	w->sparse = true;
	for (k = 0; k < lane->count; k++)
		if (w->live & lane->reach[k].stretches)
			take_block(w, lane, &lane->reach[k], limit);
	return true;
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
