/* filter.c -- a WHERE expression at work, on a document; on 4,096 of them at once it is
 * filter_segment.c.
 *
 * What a range or a common list gave is kept for the searches that follow
 * (index/kept.h); a rare list is as fast to read again.  A list only goes forward, so
 * for a document before where it stands, and where many of a segment are asked for, by
 * lists or ranges, the segment's bits are made. */
#include "query/filter_parts.h"

#include <math.h>
#include <string.h>

#include "query/match.h"

#define ASKS_MAX 8  /* documents of a segment, then its bits are made */
#define SAMPLES  16 /* places where a column is looked at for its share, */
#define SAMPLE   8  /* so many numbers each: a cache line */

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

struct filter_run *filter_open(struct view *view, struct arena *arena, const struct filter *f)
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
	case FILTER_RANGE: open_range(run, f); break;
	case FILTER_TAG:
	case FILTER_REF:
	case FILTER_KIND: open_list(run, f); break;
	case FILTER_ID: run->doc = view_doc(view, f->text); break;
	default: break;
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

struct filter_run *filter_open_term(struct view *view, struct arena *arena, int group,
	struct slice term)
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

struct postings *filter_list(struct filter_run *run)
{
	if (run->list)
		return run->list;
	run->list = postings_open(run->view, run->arena, run->group, run->term);
	if (run->list->df && run->list->df >= view_stats(run->view)->doc_limit / FILTER_COMMON)
		run->kept = view_keep(run->view, key_of_run(run));
	return run->list;
}

struct kept *filter_kept(struct filter_run *run)
{
	if (!run->kept && run->kind == FILTER_RANGE)
		run->kept = view_keep(run->view, key_of_run(run));
	else if (!run->kept)
		filter_list(run);
	if (!run->kept)
		run->kept = keep_here(run);
	return run->kept;
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
	struct postings *p = filter_list(run);

	return postings_seek(p, doc) == doc && (run->least <= 1 || postings_tf(p, 0) >= run->least);
}

static bool leaf_pass(struct filter_run *run, uint32_t doc)
{
	bool range = run->kind == FILTER_RANGE;

	if (doc >= view_stats(run->view)->doc_limit)
		return false;
	if (range)
		filter_kept(run);
	else
		filter_list(run);
	if (run->kept && kept_knows(run->kept, doc))
		return kept_has(run->kept, doc);
	if (range || doc >= run->asked) {
		ask(run, doc);
		if (++run->asks <= ASKS_MAX)
			return range ? range_has(run, doc) : list_has(run, doc);
	}
	filter_leaf_bits(run, doc - doc % SEGMENT_DOCS);
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
	case FILTER_KIND: return leaf_pass(run, doc);
	case FILTER_ID: return run->doc != DOC_NONE && run->doc == doc;
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
	case FILTER_NOT: return run->kid_count && !filter_pass(run->kids[0], doc);
	}
	return false;
}

/* ---- what may be expected ---- */

static uint32_t list_seek(struct filter_run *run, uint32_t doc)
{
	struct postings *p = filter_list(run);

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
	case FILTER_KIND: return list_seek(run, doc);
	case FILTER_ID: return run->doc >= doc ? run->doc : DOC_NONE;
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
	default: return doc;
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
		if (isnan(filter_kept(run)->share))
			run->kept->share = range_share(run);
		return run->kept->share;
	case FILTER_TAG:
	case FILTER_REF:
	case FILTER_KIND: return docs > 0 ? filter_list(run)->df / docs : 0;
	case FILTER_ID: return docs > 0 && run->doc != DOC_NONE ? 1 / docs : 0;
	case FILTER_AND:
		for (i = 0; i < run->kid_count; i++)
			share *= filter_share(run->kids[i]);
		return share;
	case FILTER_OR:
		for (i = 0; i < run->kid_count; i++)
			share *= 1 - filter_share(run->kids[i]);
		return 1 - share;
	case FILTER_NOT: return run->kid_count ? 1 - filter_share(run->kids[0]) : 0;
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
