/* filter_segment.c -- a filter asked of 4,096 documents, which are 64 words of bits.
 *
 * A range compares its column in place, two numbers at a time; a tag, ref or kind turns
 * the blocks of its posting list into bits; AND, OR and NOT are operations on words, and
 * AND asks the part first that passes least and stops when nothing is left. */
#include "query/filter_parts.h"

#include <string.h>

#define FEW 8 /* left of an AND: the other parts are asked one by one */

static uint64_t range_word(const char *values, double low, double high)
{
	typedef double pair __attribute__((vector_size(16)));
	typedef int64_t masks __attribute__((vector_size(16)));
	pair lows = { low, low }, highs = { high, high }, x;
	masks bit = { 1, 2 }, word = { 0, 0 };
	int i;

	for (i = 0; i < 64; i += 2) {
		memcpy(&x, values + i * sizeof(double), sizeof(x));
		word |= (x >= lows) & (x <= highs) & bit; /* NaN is neither */
		bit <<= 2;
	}
	return word[0] | word[1];
}

static void range_segment(struct filter_run *run, uint32_t low, uint64_t *bits)
{
	const char *values = run->column < 0 ? NULL : view_numbers(run->view, run->column, low);
	int i;

	for (i = 0; i < SEGMENT_WORDS; i++)
		bits[i] = values ? range_word(values + i * 64 * sizeof(double), run->low, run->high)
				 : 0;
}

/* The documents of the block at hand that are below `high`. */
static void block_bits(const struct filter_run *run, uint32_t high, uint64_t *bits)
{
	struct postings *p = run->list;
	bool weighs = run->least > 1 && postings_fields(p) & 1;
	unsigned i;

	if (run->least > 1 && !weighs)
		return;
	for (i = p->at; i < p->block.n && p->docs[i] < high; i++)
		if (!weighs || p->tf[0][i] >= run->least)
			bits[p->docs[i] % SEGMENT_DOCS / 64] |= UINT64_C(1) << p->docs[i] % 64;
}

static void list_segment(struct filter_run *run, uint32_t low, uint64_t *bits)
{
	uint32_t high = low + SEGMENT_DOCS, doc;
	struct postings *p = filter_list(run);

	if (low < run->asked)
		postings_restart(p);
	memset(bits, 0, SEGMENT_WORDS * sizeof(*bits));
	for (doc = postings_seek(p, low); doc < high; doc = postings_seek(p, doc)) {
		block_bits(run, high, bits);
		doc = p->block.last < high ? p->block.last + 1 : high;
	}
	run->asked = high;
	run->asks = 0;
}

/* A leaf's bits, where they are kept. */
const uint64_t *filter_leaf_bits(struct filter_run *run, uint32_t low)
{
	struct kept *kept = filter_kept(run);
	uint32_t segment = low / SEGMENT_DOCS;
	uint64_t *bits = kept->bits + (size_t)segment * SEGMENT_WORDS;

	if (kept_knows(kept, low))
		return bits;
	if (run->kind == FILTER_RANGE)
		range_segment(run, low, bits);
	else
		list_segment(run, low, bits);
	kept->known[segment / 64] |= UINT64_C(1) << segment % 64;
	return bits;
}

/* Are at most FEW left? */
static bool few_left(const uint64_t *bits)
{
	uint64_t word;
	int i, n = 0;

	for (i = 0; i < SEGMENT_WORDS && n <= FEW; i++)
		for (word = bits[i]; word && n <= FEW; word &= word - 1)
			n++;
	return n <= FEW;
}

static void order(struct filter_run *run)
{
	struct filter_run *kid;
	int i, j;

	for (i = 1; i < run->kid_count; i++) {
		kid = run->kids[i];
		for (j = i; j > 0 && filter_share(run->kids[j - 1]) > filter_share(kid); j--)
			run->kids[j] = run->kids[j - 1];
		run->kids[j] = kid;
	}
	run->ordered = true;
}

static bool segment(struct filter_run *run, uint32_t low, uint64_t *bits);

/* What is left when the parts from `first` on are asked document by document. */
static bool meet_few(struct filter_run *run, int first, uint32_t low, uint64_t *bits)
{
	uint64_t word;
	uint32_t doc;
	int i, k;

	for (i = 0; i < SEGMENT_WORDS; i++)
		for (word = bits[i]; word; word &= word - 1) {
			doc = low + i * 64 + __builtin_ctzll(word);
			for (k = first; k < run->kid_count; k++)
				if (!filter_pass(run->kids[k], doc))
					break;
			if (k < run->kid_count)
				bits[i] &= ~(word & -word);
		}
	return segment_any(bits);
}

static bool meet(struct filter_run *run, uint32_t low, uint64_t *bits)
{
	uint64_t other[SEGMENT_WORDS];
	int i, k;

	if (!run->ordered)
		order(run);
	if (!segment(run->kids[0], low, bits))
		return false;
	for (k = 1; k < run->kid_count; k++) {
		if (few_left(bits))
			return meet_few(run, k, low, bits);
		if (!segment(run->kids[k], low, other)) {
			memset(bits, 0, sizeof(other));
			return false;
		}
		for (i = 0; i < SEGMENT_WORDS; i++)
			bits[i] &= other[i];
	}
	return segment_any(bits);
}

static bool join(struct filter_run *run, uint32_t low, uint64_t *bits)
{
	uint64_t other[SEGMENT_WORDS];
	bool any = segment(run->kids[0], low, bits);
	int i, k;

	for (k = 1; k < run->kid_count; k++) {
		if (!segment(run->kids[k], low, other))
			continue;
		any = true;
		for (i = 0; i < SEGMENT_WORDS; i++)
			bits[i] |= other[i];
	}
	return any;
}

static bool segment(struct filter_run *run, uint32_t low, uint64_t *bits)
{
	int i;

	switch (run->kind) {
	case FILTER_RANGE:
	case FILTER_TAG:
	case FILTER_REF:
	case FILTER_KIND:
		memcpy(bits, filter_leaf_bits(run, low), SEGMENT_WORDS * sizeof(*bits));
		return segment_any(bits);
	case FILTER_ID:
		memset(bits, 0, SEGMENT_WORDS * sizeof(*bits));
		if (run->doc == DOC_NONE || run->doc - low >= SEGMENT_DOCS)
			return false;
		bits[(run->doc - low) / 64] = UINT64_C(1) << run->doc % 64;
		return true;
	case FILTER_AND:
	case FILTER_OR:
		if (run->kid_count)
			return run->kind == FILTER_AND ? meet(run, low, bits)
						       : join(run, low, bits);
		memset(bits, run->kind == FILTER_AND ? 0xff : 0, SEGMENT_WORDS * sizeof(*bits));
		return run->kind == FILTER_AND;
	case FILTER_NOT:
		memset(bits, 0, SEGMENT_WORDS * sizeof(*bits));
		if (!run->kid_count)
			return false;
		segment(run->kids[0], low, bits);
		for (i = 0; i < SEGMENT_WORDS; i++)
			bits[i] = ~bits[i];
		return segment_any(bits);
	}
	return false;
}

bool filter_segment(struct filter_run *run, uint32_t low, uint64_t bits[SEGMENT_WORDS])
{
	uint64_t live[SEGMENT_WORDS];
	int i;

	if (!segment(run, low, bits))
		return false;
	if (!run->negates)
		return true;
	view_live(run->view, low, live);
	for (i = 0; i < SEGMENT_WORDS; i++)
		bits[i] &= live[i];
	return segment_any(bits);
}
