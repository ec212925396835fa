/* sweep_marks.c -- which of a segment's documents may enter: what their sums must be above,
 * and those that are. */
#include "query/sweep_parts.h"

#include <string.h>

#define FEW 6 /* sums that are looked at one by one */

int32_t marks_limit(const struct sweep *w, float quality)
{
	double other = w->below[w->first] + scorer_rest_bound(w->env->scorer, quality);
	double least = w->above;

	if (isinf(least))
		return 0;
	/* threshold and scores are floats */
	least -= other + (fabs(least) + fabs(other)) * 1e-6;
	return least > 0 ? least * w->env->scorer->per_unit : 0;
}

unsigned marks_count(const struct sweep *w)
{
	uint64_t words = w->marked;
	unsigned n = 0;

	for (; words; words &= words - 1)
		n += __builtin_popcountll(
			w->marks[__builtin_ctzll(words)] & w->passing[__builtin_ctzll(words)]);
	return n;
}

/* Which of 64 sums are above. */
static uint64_t above(const int32_t *sums, int32_t limit)
{
	typedef int32_t lanes __attribute__((vector_size(16)));
	const lanes limits = { limit, limit, limit, limit };
	lanes bit, v, found;
	uint64_t word = 0;
	int i, half;

	for (half = 0; half < 2; half++, sums += 32) {
		bit = (lanes){ 1, 2, 4, 8 };
		found = (lanes){ 0 };
		for (i = 0; i < 32; i += 4, bit <<= 4) {
			memcpy(&v, sums + i, sizeof(v));
			found |= (v > limits) & bit;
		}
		word |= (uint64_t)(uint32_t)(found[0] | found[1] | found[2] | found[3])
			<< 32 * half;
	}
	return word;
}

/* Which of these. */
static uint64_t above_of(const int32_t *sums, uint64_t bits, int32_t limit)
{
	uint64_t left = bits, out = bits;
	int i;

	for (i = 0; i < FEW && left; i++, left &= left - 1)
		if (sums[__builtin_ctzll(left)] <= limit)
			out &= ~(left & -left);
	return left ? bits & above(sums, limit) : out;
}

/* Of any document of the segment that may enter. */
static float best_quality(const struct sweep *w)
{
	float quality = 0;
	int i, k;

	for (i = 0; i < w->leading; i++)
		for (k = 0; k < w->active[i]->count; k++)
			quality = fmaxf(quality, w->active[i]->reach[k].bounds.max_quality);
	return quality;
}

void marks_passing(struct sweep *w)
{
	unsigned i;

	for (i = 0; i < SEGMENT_WORDS; i++)
		if (w->live >> i * 64 / STRETCH & 1) {
			w->marks[i] = w->passing[i];
			w->marked |= (uint64_t)(w->marks[i] != 0) << i;
		}
}

void marks_find(struct sweep *w)
{
	int32_t limit = marks_limit(w, best_quality(w));
	uint64_t words;
	unsigned i;

	for (words = w->touched; words; words &= words - 1) {
		i = __builtin_ctzll(words);
		w->marks[i] = above(w->sums + i * 64, limit);
		w->marked |= (uint64_t)(w->marks[i] != 0) << i;
	}
}

void marks_again(struct sweep *w)
{
	int32_t limit = marks_limit(w, w->quality);
	uint64_t words;
	unsigned i;

	for (words = w->marked; words; words &= words - 1) {
		i = __builtin_ctzll(words);
		w->marks[i] = above_of(w->sums + i * 64, w->marks[i] & w->passing[i], limit);
	}
}

unsigned marks_pick(struct sweep *w)
{
	int32_t limit = marks_limit(w, w->quality);
	unsigned i, n = 0, at;
	int hits = counted(w) ? needed(w) : 0;
	uint64_t words, bits;

	for (words = w->marked; words; words &= words - 1) {
		i = __builtin_ctzll(words);
		bits = above_of(w->sums + i * 64, w->marks[i] & w->passing[i], limit);
		for (; bits; bits &= bits - 1) {
			w->found[n] = at = i * 64 + __builtin_ctzll(bits);
			n += w->hits[at] >= hits;
		}
	}
	return n;
}
