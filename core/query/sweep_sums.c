/* sweep_sums.c -- a segment's postings added up in an array, document by document.
 *
 * What passes the threshold is marked as it does.  A block tells the best quality of its
 * documents, and with it what their sums must be above: so one that the last of its
 * lists brings there is marked then at the latest.  In a crowd, where most pass, sums are
 * gone through after instead. */
#include "query/sweep_parts.h"

#include <string.h>

#define CROWD       4 /* one posting in so many passes, of more than */
#define CROWD_LEAST 256

/* A leaf of one list. */
static void add_values(struct sweep *w, const uint32_t *docs, const int32_t *values, unsigned n,
	int32_t limit)
{
	unsigned i, at;

	for (i = 0; i < n; i++) {
		at = docs[i] - w->low;
		w->sums[at] += values[i];
		if (w->sums[at] > limit)
			mark(w, at);
	}
	for (i = 0; i < n && counted(w); i++)
		w->hits[docs[i] - w->low] += values[i] != 0;
}

/* A leaf of several: the best counts. */
static void add_best(struct sweep *w, const uint32_t *docs, const int32_t *values, unsigned n,
	int32_t limit)
{
	unsigned i, at;

	for (i = 0; i < n; i++) {
		at = docs[i] - w->low;
		if (values[i] <= w->best[at])
			continue;
		w->sums[at] += values[i] - w->best[at];
		w->hits[at] += !w->best[at];
		w->best[at] = values[i];
		if (w->sums[at] > limit)
			mark(w, at);
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

/* The words of 64 documents that these are in; some between, where they are many. */
static uint64_t words_of(const struct sweep *w, const uint32_t *docs, unsigned n)
{
	unsigned first = (docs[0] - w->low) / 64, last = (docs[n - 1] - w->low) / 64, i;
	uint64_t words = 0;

	if (n > last - first)
		return (UINT64_C(2) << last) - (UINT64_C(1) << first);
	for (i = 0; i < n; i++)
		words |= UINT64_C(1) << (docs[i] - w->low) / 64;
	return words;
}

/* Add the block's postings within the segment; mask of words they are in. */
static uint64_t add_block(struct sweep *w, struct lane *lane, const struct reach *r, int32_t limit)
{
	const uint32_t *docs;
	unsigned from, to;

	if (!lane_decode(w, lane, &r->block))
		return 0;
	clip(w, lane, &r->block, &from, &to);
	if (from == to)
		return 0;
	docs = lane->docs + from;
	w->added += to - from;
	lane_value(w, lane, from, to);
	if (lane->of->count > 1)
		add_best(w, docs, lane->values + from, to - from, limit);
	else
		add_values(w, docs, lane->values + from, to - from, limit);
	return words_of(w, docs, to - from);
}

/* So many bytes for each of the documents of these words, back to 0. */
static void wipe(void *array, size_t bytes, uint64_t words)
{
	unsigned first, count;

	while (words) {
		first = __builtin_ctzll(words);
		count = ~(words >> first) ? __builtin_ctzll(~(words >> first)) : 64;
		memset((char *)array + first * 64 * bytes, 0, count * 64 * bytes);
		words = first + count < 64 ? words & ~UINT64_C(0) << (first + count) : 0;
	}
}

/* All active lanes; marking or not. */
static void add_lanes(struct sweep *w, bool marking)
{
	const struct reach *r;
	struct lane *lane;
	uint64_t words = 0;
	int i, k;

	for (i = 0; i < w->active_count; i++) {
		lane = w->active[i];
		for (k = 0; k < lane->count; k++) {
			r = &lane->reach[k];
			if (w->live & r->stretches)
				words |= add_block(w, lane, r,
					marking ? marks_limit(w, r->bounds.max_quality)
						: INT32_MAX);
		}
		if (i + 1 < w->active_count && lane->of == w->active[i + 1]->of)
			continue;
		w->touched |= words;
		if (lane->of->count > 1)
			wipe(w->best, sizeof(*w->best), words);
		words = 0;
	}
}

/* Of one list there is nothing to add: only what is marked has a sum. */
static void take_block(struct sweep *w, struct lane *lane, const struct reach *r)
{
	int32_t limit = marks_limit(w, r->bounds.max_quality);
	unsigned from, to, at;

	if (!lane_decode(w, lane, &r->block))
		return;
	clip(w, lane, &r->block, &from, &to);
	lane_value(w, lane, from, to);
	for (w->added += to - from; from < to; from++) {
		if (lane->values[from] <= limit)
			continue;
		at = lane->docs[from] - w->low;
		w->sums[at] = lane->values[from];
		w->hits[at] = 1;
		mark(w, at);
	}
}

/* Onto documents that are marked; mask of the words they are in. */
static uint64_t add_more(struct sweep *w, struct lane *lane, const struct reach *r,
	const uint8_t *lengths)
{
	bool several = lane->of->count > 1;
	unsigned from, to, at;
	uint64_t words = 0;
	int32_t value;

	if (!lane_decode(w, lane, &r->block))
		return 0;
	for (clip(w, lane, &r->block, &from, &to); from < to; from++) {
		at = lane->docs[from] - w->low;
		if (!(w->marks[at / 64] >> at % 64 & 1))
			continue;
		value = lane_value_one(w, lane, from, lengths);
		if (value <= w->best[at])
			continue;
		w->sums[at] += value - w->best[at];
		w->hits[at] += !w->best[at];
		if (several) {
			w->best[at] = value;
			words |= UINT64_C(1) << at / 64;
		}
	}
	return words;
}

/* All active lanes. */
static void add_lanes_more(struct sweep *w)
{
	const uint8_t *lengths = view_lengths(w->env->view, w->low);
	uint64_t words = 0;
	struct lane *lane;
	int i, k;

	for (i = 0; i < w->active_count; i++) {
		lane = w->active[i];
		for (k = 0; k < lane->count; k++)
			if (w->live & lane->reach[k].stretches)
				words |= add_more(w, lane, &lane->reach[k], lengths);
		if (i + 1 < w->active_count && lane->of == w->active[i + 1]->of)
			continue;
		wipe(w->best, sizeof(*w->best), words);
		words = 0;
	}
}

/* What is not marked gets sums, too, where it is much: it stays unmarked. */
void sums_add_more(struct sweep *w, bool much)
{
	if (much)
		add_lanes(w, false);
	else
		add_lanes_more(w);
	if (w->first)
		marks_again(w);
}

void sums_add(struct sweep *w)
{
	struct lane *lane = w->active[0];
	int k;

	w->added = 0;
	if (w->few) {
		marks_passing(w);
		add_lanes_more(w);
		marks_again(w);
	} else if (w->crowded) {
		add_lanes(w, false);
		marks_find(w);
	} else if (w->active_count > 1 || lane->of->count > 1) {
		add_lanes(w, true);
	} else {
		for (k = 0; k < lane->count; k++)
			if (w->live & lane->reach[k].stretches)
				take_block(w, lane, &lane->reach[k]);
	}
	w->crowded = marks_count(w) * CROWD > w->added && w->added > CROWD_LEAST;
}

void sums_wipe(struct sweep *w)
{
	wipe(w->sums, sizeof(*w->sums), w->touched | w->marked);
	if (counted(w))
		wipe(w->hits, sizeof(*w->hits), w->touched | w->marked);
	for (; w->marked; w->marked &= w->marked - 1)
		w->marks[__builtin_ctzll(w->marked)] = 0;
	w->touched = 0;
}
