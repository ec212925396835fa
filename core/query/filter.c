/* filter.c -- a WHERE expression at work, on a document or on 4,096 of them at once.
 *
 * A segment's documents are 64 words of bits.  A range compares its column in place,
 * two numbers at a time; a tag, ref or kind turns the blocks of its posting list into
 * bits; AND, OR and NOT are operations on words, and AND asks the part first that
 * passes least and stops when nothing is left.
 *
 * What a range or a common list gave is kept for the searches that follow
 * (index/kept.h); a rare list is as fast to read again.  A list only goes forward, so
 * for a document before where it stands, and where many of a segment are asked for, by
 * lists or ranges, the segment's bits are made. */
#include "query/filter.h"

#include <math.h>
#include <string.h>

#include "index/postings.h"
#include "query/match.h"

#define ASKS_MAX 8     /* documents of a segment, then its bits are made */
#define FEW 8          /* left of an AND: the other parts are asked one by one */
#define SAMPLES 16     /* places where a column is looked at for its share, */
#define SAMPLE 8       /* so many numbers each: a cache line */

struct filter_run {
	enum filter_kind kind;
	struct view *view;
	struct arena *arena;
	/* RANGE */
	int column;       /* -1: nothing passes */
	double low, high; /* both pass */
	/* ID */
	uint32_t doc;
	/* TAG, REF, KIND */
	int group;
	struct slice term;
	unsigned least;        /* smallest value that counts */
	struct postings *list; /* NULL: not opened yet */
	uint32_t asked;        /* the list has everything from here on before it */
	unsigned asks;         /* of asked's segment */
	/* both */
	struct kept *kept;     /* what is known of its segments; NULL: not asked for */
	double share;          /* NaN: not known yet */
	bool negates;          /* it, or a part: numbers without a document may pass */
	struct filter_run **kids; /* the rarest first, once `ordered` */
	int kid_count;
	bool ordered;
};

/* ---- opening ---- */

static void open_range(struct filter_run *run, const struct filter *f)
{
	run->column = f->field ? f->field->column : -1;
	run->low = f->low_open ? nextafter(f->low, INFINITY) : f->low;
	run->high = f->high_open ? nextafter(f->high, -INFINITY) : f->high;
}

static void open_list(struct filter_run *run, const struct filter *f)
{
	run->group = filter_group(f);
	run->term = filter_term(run->arena, f);
	run->least = 1;
	/* weights are kept in 1/255: half a step of grace */
	if (f->kind == FILTER_TAG && f->low > 0)
		run->least = (unsigned)fmax(1, ceil(f->low * 255 - 0.5));
}

struct filter_run *filter_open(
	struct view *view, struct arena *arena, const struct filter *f)
{
	struct filter_run *run, *kid;
	int i;

	if (!f)
		return NULL;
	run = arena_calloc(arena, 1, sizeof(*run));
	run->kind = f->kind;
	run->view = view;
	run->arena = arena;
	run->share = NAN;
	run->negates = f->kind == FILTER_NOT;
	switch (f->kind) {
	case FILTER_RANGE:
		open_range(run, f);
		break;
	case FILTER_TAG:
	case FILTER_REF:
	case FILTER_KIND:
		open_list(run, f);
		break;
	case FILTER_ID:
		run->doc = view_doc(view, f->text);
		break;
	default:
		break;
	}
	run->kids = arena_calloc(arena, f->kid_count + 1, sizeof(*run->kids));
	for (i = 0; i < f->kid_count; i++) {
		kid = filter_open(view, arena, f->kids[i]);
		if (!kid)
			continue;
		run->kids[run->kid_count++] = kid;
		run->negates = run->negates || kid->negates;
	}
	run->negates = run->negates || (f->kind == FILTER_AND && !run->kid_count);
	return run;
}

struct filter_run *filter_open_term(
	struct view *view, struct arena *arena, int group, struct slice term)
{
	struct filter_run *run = arena_calloc(arena, 1, sizeof(*run));

	run->kind = FILTER_KIND;
	run->view = view;
	run->arena = arena;
	run->group = group;
	run->term = term;
	run->least = 1;
	run->share = NAN;
	return run;
}

void filter_close(struct filter_run *run)
{
	int i;

	if (!run)
		return;
	postings_close(run->list);
	for (i = 0; i < run->kid_count; i++)
		filter_close(run->kids[i]);
}

int filter_error(const struct filter_run *run)
{
	int i, rc = run && run->list ? postings_error(run->list) : 0;

	for (i = 0; run && rc == 0 && i < run->kid_count; i++)
		rc = filter_error(run->kids[i]);
	return rc;
}

/* ---- what is known ---- */

/* Of equal keys all answers are equal. */
static struct slice key_of_run(const struct filter_run *run)
{
	char *key = arena_alloc(run->arena, 32 + run->term.len), *at = key;

	*at++ = run->kind == FILTER_RANGE;
	if (run->kind == FILTER_RANGE) {
		memcpy(at, &run->column, sizeof(run->column));
		at += sizeof(run->column);
		memcpy(at, &run->low, sizeof(run->low));
		at += sizeof(run->low);
		memcpy(at, &run->high, sizeof(run->high));
		at += sizeof(run->high);
	} else {
		*at++ = run->group;
		memcpy(at, &run->least, sizeof(run->least));
		at += sizeof(run->least);
		memcpy(at, run->term.ptr, run->term.len);
		at += run->term.len;
	}
	return slice_of(key, at - key);
}

/* Of this request alone. */
static struct kept *keep_here(const struct filter_run *run)
{
	size_t segments = view_stats(run->view)->doc_limit / SEGMENT_DOCS + 1;
	struct kept *kept = arena_calloc(run->arena, 1, sizeof(*kept));

	kept->known = arena_calloc(run->arena, segments / 64 + 1, sizeof(uint64_t));
	kept->bits = arena_alloc(run->arena, segments * SEGMENT_WORDS * sizeof(uint64_t));
	kept->share = NAN;
	return kept;
}

static struct postings *list_of(struct filter_run *run)
{
	if (run->list)
		return run->list;
	run->list = postings_open(run->view, run->arena, run->group, run->term);
	if (run->list->df && run->list->df >= view_stats(run->view)->doc_limit / FILTER_COMMON)
		run->kept = view_keep(run->view, key_of_run(run));
	return run->list;
}

static struct kept *kept_of(struct filter_run *run)
{
	if (!run->kept && run->kind == FILTER_RANGE)
		run->kept = view_keep(run->view, key_of_run(run));
	else if (!run->kept)
		list_of(run);
	if (!run->kept)
		run->kept = keep_here(run);
	return run->kept;
}

/* ---- a segment ---- */

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
		bits[i] = values ? range_word(values + i * 64 * sizeof(double), run->low,
					   run->high)
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
	struct postings *p = list_of(run);

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
static const uint64_t *leaf_bits(struct filter_run *run, uint32_t low)
{
	struct kept *kept = kept_of(run);
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

static bool any_bit(const uint64_t *bits)
{
	uint64_t any = 0;
	int i;

	for (i = 0; i < SEGMENT_WORDS; i++)
		any |= bits[i];
	return any;
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
	return any_bit(bits);
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
	return any_bit(bits);
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
		memcpy(bits, leaf_bits(run, low), SEGMENT_WORDS * sizeof(*bits));
		return any_bit(bits);
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
		return any_bit(bits);
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
	return any_bit(bits);
}

/* ---- a document ---- */

/* The next question is about `doc`, which a list is not behind of. */
static void ask(struct filter_run *run, uint32_t doc)
{
	if (doc / SEGMENT_DOCS != run->asked / SEGMENT_DOCS)
		run->asks = 0;
	run->asked = doc;
}

static bool range_has(const struct filter_run *run, uint32_t doc)
{
	double x = run->column < 0 ? NAN : view_number(run->view, run->column, doc);

	return x >= run->low && x <= run->high;
}

static bool list_has(struct filter_run *run, uint32_t doc)
{
	struct postings *p = list_of(run);

	return postings_seek(p, doc) == doc && (run->least <= 1 || postings_tf(p, 0) >= run->least);
}

static bool leaf_pass(struct filter_run *run, uint32_t doc)
{
	bool range = run->kind == FILTER_RANGE;

	if (doc >= view_stats(run->view)->doc_limit)
		return false;
	if (range)
		kept_of(run);
	else
		list_of(run);
	if (run->kept && kept_knows(run->kept, doc))
		return kept_has(run->kept, doc);
	if (range || doc >= run->asked) {
		ask(run, doc);
		if (++run->asks <= ASKS_MAX)
			return range ? range_has(run, doc) : list_has(run, doc);
	}
	leaf_bits(run, doc - doc % SEGMENT_DOCS);
	return kept_has(run->kept, doc);
}

bool filter_pass(struct filter_run *run, uint32_t doc)
{
	int i;

	if (!run)
		return true;
	switch (run->kind) {
	case FILTER_RANGE:
	case FILTER_TAG:
	case FILTER_REF:
	case FILTER_KIND:
		return leaf_pass(run, doc);
	case FILTER_ID:
		return run->doc != DOC_NONE && run->doc == doc;
	case FILTER_AND:
		for (i = 0; i < run->kid_count; i++)
			if (!filter_pass(run->kids[i], doc))
				return false;
		return true;
	case FILTER_OR:
		for (i = 0; i < run->kid_count; i++)
			if (filter_pass(run->kids[i], doc))
				return true;
		return false;
	case FILTER_NOT:
		return run->kid_count && !filter_pass(run->kids[0], doc);
	}
	return false;
}

/* ---- what may be expected ---- */

static uint32_t list_seek(struct filter_run *run, uint32_t doc)
{
	struct postings *p = list_of(run);

	if (doc < run->asked)
		return doc;
	ask(run, doc);
	if (!postings_block(p, doc))
		return DOC_NONE;
	if (p->decoded && p->doc >= doc)
		return p->doc;
	return p->block.before + 1 > doc ? p->block.before + 1 : doc;
}

uint32_t filter_seek(struct filter_run *run, uint32_t doc)
{
	uint32_t at, least = DOC_NONE;
	int i;

	if (!run || doc == DOC_NONE)
		return doc;
	switch (run->kind) {
	case FILTER_TAG:
	case FILTER_REF:
	case FILTER_KIND:
		return list_seek(run, doc);
	case FILTER_ID:
		return run->doc >= doc ? run->doc : DOC_NONE;
	case FILTER_AND:
		for (i = 0; i < run->kid_count; i++)
			doc = filter_seek(run->kids[i], doc);
		return doc;
	case FILTER_OR:
		for (i = 0; i < run->kid_count; i++) {
			at = filter_seek(run->kids[i], doc);
			least = at < least ? at : least;
		}
		return least;
	default:
		return doc;
	}
}

/* Of a few numbers here and there. */
static double range_share(const struct filter_run *run)
{
	uint32_t docs = view_stats(run->view)->doc_limit, doc, i;
	unsigned seen = 0, passed = 0;
	double x;

	for (i = 0; run->column >= 0 && i < SAMPLES * SAMPLE; i++) {
		doc = (uint64_t)docs * (i / SAMPLE) / SAMPLES / SAMPLE * SAMPLE + i % SAMPLE;
		if (doc >= docs)
			continue;
		x = view_number(run->view, run->column, doc);
		passed += x >= run->low && x <= run->high;
		seen++;
	}
	return (passed + 0.1) / (seen + 0.2);
}

static double share_of(struct filter_run *run)
{
	double docs = view_stats(run->view)->docs, share = 1;
	int i;

	switch (run->kind) {
	case FILTER_RANGE:
		if (isnan(kept_of(run)->share))
			run->kept->share = range_share(run);
		return run->kept->share;
	case FILTER_TAG:
	case FILTER_REF:
	case FILTER_KIND:
		return docs > 0 ? list_of(run)->df / docs : 0;
	case FILTER_ID:
		return docs > 0 && run->doc != DOC_NONE ? 1 / docs : 0;
	case FILTER_AND:
		for (i = 0; i < run->kid_count; i++)
			share *= filter_share(run->kids[i]);
		return share;
	case FILTER_OR:
		for (i = 0; i < run->kid_count; i++)
			share *= 1 - filter_share(run->kids[i]);
		return 1 - share;
	case FILTER_NOT:
		return run->kid_count ? 1 - filter_share(run->kids[0]) : 0;
	}
	return share;
}

double filter_share(struct filter_run *run)
{
	if (!run)
		return 1;
	if (isnan(run->share))
		run->share = fmin(fmax(share_of(run), 0), 1);
	return run->share;
}
