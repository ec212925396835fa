/* facet.c -- counting values.
 *
 * Numbers and dates: the column, a segment at a time.  Tags, refs and the kind have no
 * column; where documents are few they are read, else the field's dictionary is walked
 * and each list is met with the set.  A term whose document frequency does not exceed
 * the least count that is still shown needs no look, and most terms are rare.
 *
 * Terms are folded; a value is shown as one of the documents counted writes it. */
#include "query/facet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/hash.h"
#include "index/date.h"
#include "index/document.h"
#include "index/postings.h"

#define VALUES 10         /* where no limit is said, */
#define STEPS 100         /* and of steps */
#define READ_MAX 256      /* documents: fewer are read, one by one */
#define LOOK_TERMS 64     /* terms between two looks at the clock */
#define DAYS_MAX 1e9      /* no date is so far from 1970 */

static const char *const units[] = { "year", "month", "day", NULL };

/* ---- parsing ---- */

const char *facet_name(const struct facet *f)
{
	return f->field ? f->field->name : "kind";
}

static bool number_of(struct slice s, double *out)
{
	char text[32], *end;

	if (!s.len || s.len >= sizeof(text))
		return false;
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	*out = strtod(text, &end);
	return !*end && isfinite(*out);
}

static int take_limit(struct facet *f, struct slice s, struct error *err)
{
	double limit;

	if (!number_of(s, &limit) || limit != floor(limit) || limit < 1 || limit > FACET_LIMIT_MAX)
		return error_set(err, ERR_ARG, "%s: found \"%.*s\", expected how many values, 1 to %d",
			facet_name(f), SLICE_ARG(s), FACET_LIMIT_MAX);
	f->limit = (int)limit;
	return 0;
}

static int take_width(struct facet *f, struct slice s, struct error *err)
{
	if (!number_of(s, &f->width) || !(f->width > 0))
		return error_set(err, ERR_ARG, "%s: found \"%.*s\", expected the width of a step, "
				 "above 0", facet_name(f), SLICE_ARG(s));
	f->by = FACET_WIDTH;
	f->limit = STEPS;
	return 0;
}

static int take_unit(struct facet *f, struct slice s, struct error *err)
{
	const char *near;
	int i;

	for (i = 0; units[i] && !ascii_same(s, units[i]); i++)
		;
	f->by = FACET_YEAR + i;
	if (units[i])
		return 0;
	near = ascii_nearest(s, units);
	return error_set(err, ERR_ARG, "%s: found \"%.*s\", expected year, month or day%s%s%s",
		facet_name(f), SLICE_ARG(s), near ? "; did you mean '" : "", near ? near : "",
		near ? "'?" : "");
}

/* The part to the next colon, which is taken; false if nothing is left. */
static bool take_part(struct slice *text, struct slice *part)
{
	const char *colon;

	if (!text->ptr)
		return false;
	colon = memchr(text->ptr, ':', text->len);
	*part = colon ? slice_of(text->ptr, colon - text->ptr) : *text;
	*text = colon ? slice_of(colon + 1, text->len - part->len - 1) : slice_of(NULL, 0);
	return true;
}

int facet_parse(struct facet *f, const struct schema *schema, struct slice text, struct error *err)
{
	struct slice part;
	int rc = 0;

	*f = (struct facet){ .limit = VALUES };
	if (!take_part(&text, &part))
		part = SLICE_LIT("");
	if (!ascii_same(part, "kind") || schema_field(schema, part))
		rc = schema_need(schema, part, &f->field, err);
	if (rc < 0)
		return rc;
	if (f->field && f->field->type == FIELD_TEXT)
		return error_set(err, ERR_ARG, "field %s is text; what is counted are tags, refs, "
				 "numbers, dates and kind", f->field->name);
	if (f->field && f->field->type == FIELD_DATE) {
		f->by = FACET_YEAR;
		f->limit = STEPS;
		if (take_part(&text, &part))
			rc = take_unit(f, part, err);
	} else if (f->field && f->field->type == FIELD_NUMBER && take_part(&text, &part)) {
		rc = take_width(f, part, err);
	}
	if (rc == 0 && take_part(&text, &part))
		rc = take_limit(f, part, err);
	if (rc == 0 && take_part(&text, &part))
		rc = error_set(err, ERR_SYNTAX, "%s: found \"%.*s\", expected nothing more",
			facet_name(f), SLICE_ARG(part));
	return rc;
}

/* ---- the best ---- */

struct top {
	struct facet_value *items;
	int count, limit;
};

static bool before(const struct facet_value *a, const struct facet_value *b)
{
	int order;

	if (a->count != b->count)
		return a->count > b->count;
	order = slice_cmp(a->text, b->text);
	return order ? order < 0 : a->from < b->from;
}

/* A count must be above this. */
static uint64_t least(const struct top *t)
{
	return t->count < t->limit ? 0 : t->items[t->count - 1].count;
}

static void offer(struct top *t, const struct facet_value *v)
{
	int at;

	if (t->count == t->limit) {
		if (!before(v, &t->items[t->count - 1]))
			return;
		t->count--;
	}
	for (at = t->count; at > 0 && before(v, &t->items[at - 1]); at--)
		t->items[at] = t->items[at - 1];
	t->items[at] = *v;
	t->count++;
}

/* ---- a table of values ---- */

struct slot {
	struct slice term; /* or, of numbers: */
	double number;
	struct slice written;
	uint64_t count;
	uint32_t doc;      /* that counted last */
};

struct tally {
	struct arena *arena;
	struct slot *slots; /* count 0: free */
	size_t mask, used;
	bool full;
};

static size_t hash_of(struct slice term, double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	return term.len ? hash_bytes(term, 0) : hash_u64(bits);
}

static struct slot *place(struct slot *slots, size_t mask, struct slice term, double number)
{
	size_t at = hash_of(term, number) & mask;

	while (slots[at].count && (slots[at].number != number || !slice_eq(slots[at].term, term)))
		at = (at + 1) & mask;
	return &slots[at];
}

static void grow(struct tally *t)
{
	size_t mask = t->slots ? 2 * t->mask + 1 : 255, i;
	struct slot *slots = arena_calloc(t->arena, mask + 1, sizeof(*slots));

	for (i = 0; t->slots && i <= t->mask; i++)
		if (t->slots[i].count)
			*place(slots, mask, t->slots[i].term, t->slots[i].number) = t->slots[i];
	t->slots = slots;
	t->mask = mask;
}

/* The slot of a value, new or not; NULL where there are too many. */
static struct slot *tally_at(struct tally *t, struct slice term, double number)
{
	struct slot *slot;

	if (!t->slots || t->used > t->mask / 2)
		grow(t);
	slot = place(t->slots, t->mask, term, number);
	if (slot->count)
		return slot;
	if (t->used == FACET_VALUES_MAX) {
		t->full = true;
		return NULL;
	}
	t->used++;
	slot->term = arena_slice(t->arena, term);
	slot->number = number;
	slot->doc = DOC_NONE;
	return slot;
}

/* ---- a count under way ---- */

struct run {
	struct view *view;
	struct arena *arena;
	const struct matches *matches;
	int64_t deadline_us;
	bool complete;
	const struct facet *facet;
	struct top top;
	struct tally tally;
	uint32_t doc; /* being read */
};

static bool out_of_time(struct run *r)
{
	if (!r->deadline_us || clock_mono_us() < r->deadline_us)
		return false;
	r->complete = false;
	return true;
}

static int group_of(const struct facet *f)
{
	return f->field ? f->field->group : GROUP_KIND;
}

static bool has_column(const struct facet *f)
{
	return f->field && f->field->column >= 0;
}

/* ---- numbers and dates ---- */

static double step_of(const struct facet *f, double x)
{
	int year, month, day;

	switch (f->by) {
	case FACET_WIDTH:
		return floor(x / f->width) + 0.0;
	case FACET_DAY:
		return floor(x);
	case FACET_YEAR:
	case FACET_MONTH:
		date_civil((int64_t)floor(x), &year, &month, &day);
		return f->by == FACET_YEAR ? year : year * 12.0 + month - 1;
	default:
		return x + 0.0; /* -0 is 0 */
	}
}

static void count_column(struct run *r)
{
	bool dated = r->facet->field->type == FIELD_DATE;
	double x, seen = NAN, step;
	struct slot *slot = NULL;
	const char *values;
	uint64_t word;
	uint32_t s;
	int i;

	for (s = 0; s < r->matches->segments && !out_of_time(r); s++) {
		values = view_numbers(r->view, r->facet->field->column, s * SEGMENT_DOCS);
		for (i = 0; values && i < SEGMENT_WORDS; i++)
			for (word = r->matches->bits[s * SEGMENT_WORDS + i]; word; word &= word - 1) {
				memcpy(&x, values + (i * 64 + __builtin_ctzll(word)) * sizeof(x),
					sizeof(x));
				if (isnan(x) || (dated && !(fabs(x) < DAYS_MAX)))
					continue;
				if (x != seen) {
					step = step_of(r->facet, x);
					slot = tally_at(&r->tally, SLICE_LIT(""), step);
					seen = x;
				}
				if (slot)
					slot->count++;
			}
	}
}

static struct slice date_text(struct arena *arena, enum facet_by by, double step)
{
	int year, month, day;

	switch (by) {
	case FACET_YEAR:
		return slice_str(arena_printf(arena, "%04d", (int)step));
	case FACET_MONTH:
		month = (int)fmod(step, 12);
		return slice_str(arena_printf(arena, "%04d-%02d", (int)((step - month) / 12), month + 1));
	default:
		date_civil((int64_t)step, &year, &month, &day);
		return slice_str(arena_printf(arena, "%04d-%02d-%02d", year, month, day));
	}
}

static int by_step(const void *a, const void *b)
{
	const struct facet_value *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

static void finish_column(struct run *r)
{
	struct facet_value *v = r->top.items;
	int i;

	if (r->facet->by != FACET_VALUE)
		qsort(v, r->top.count, sizeof(*v), by_step);
	for (i = 0; i < r->top.count; i++) {
		if (r->facet->by == FACET_WIDTH)
			v[i].from *= r->facet->width;
		else if (r->facet->by != FACET_VALUE)
			v[i].text = date_text(r->arena, r->facet->by, v[i].from);
	}
}

/* ---- terms: documents are read ---- */

static void count_value(void *data, struct slice written, struct slice term)
{
	struct run *r = data;
	struct slot *slot = tally_at(&r->tally, term, 0);

	if (!slot || slot->doc == r->doc)
		return;
	if (!slot->count++)
		slot->written = arena_slice(r->arena, written);
	slot->doc = r->doc;
}

static void read_document(struct run *r, int count, struct arena *scratch)
{
	struct json_node *root;
	int i;

	if (json_read(&root, scratch, view_json(r[0].view, r[0].doc), NULL) < 0)
		return;
	for (i = 0; i < count; i++) {
		r[i].doc = r[0].doc;
		if (!has_column(r[i].facet))
			document_values(view_schema(r[i].view), r[i].facet->field, root, scratch,
				count_value, &r[i]);
	}
}

static void read_documents(struct run *r, int count)
{
	const struct matches *m = r[0].matches;
	struct arena *scratch = arena_new();
	uint64_t word;
	size_t i;

	for (i = 0; i < (size_t)m->segments * SEGMENT_WORDS; i++)
		for (word = m->bits[i]; word; word &= word - 1) {
			r[0].doc = i * 64 + __builtin_ctzll(word);
			read_document(r, count, scratch);
			arena_reset(scratch);
		}
	arena_free(scratch);
}

/* ---- terms: lists are met with the set ---- */

/* Documents of the list that are in the set, if they are over `least`. */
static uint64_t count_list(struct run *r, struct postings *p, uint64_t least)
{
	uint32_t docs[BLOCK_POSTINGS], left = p->df;
	uint64_t n = 0;
	unsigned i;

	while (n + left > least && postings_next_block(p)) {
		if (block_docs(&p->block, docs) < 0) {
			r->complete = false;
			break;
		}
		for (i = 0; i < p->block.n; i++)
			n += matches_has(r->matches, docs[i]);
		left -= p->block.n < left ? p->block.n : left;
	}
	return n;
}

/* The same of a term that many have: by its bits, which are kept. */
static uint64_t count_common(struct run *r, struct slice term, struct arena *scratch)
{
	struct filter_run *run = filter_open_term(r->view, scratch, group_of(r->facet), term);
	uint64_t bits[SEGMENT_WORDS], n = 0;
	const uint64_t *set;
	uint32_t s;
	int i;

	for (s = 0; s < r->matches->segments; s++) {
		set = r->matches->bits + (size_t)s * SEGMENT_WORDS;
		if (!filter_segment(run, s * SEGMENT_DOCS, bits))
			continue;
		for (i = 0; i < SEGMENT_WORDS; i++)
			n += set[i] ? __builtin_popcountll(bits[i] & set[i]) : 0;
	}
	r->complete = r->complete && !filter_error(run);
	filter_close(run);
	return n;
}

static uint64_t count_rare(struct run *r, struct slice term, struct arena *scratch)
{
	struct postings *p = postings_open(r->view, scratch, group_of(r->facet), term);
	uint64_t n = count_list(r, p, least(&r->top));

	r->complete = r->complete && !postings_error(p);
	postings_close(p);
	return n;
}

static void count_terms(struct run *r)
{
	struct arena *scratch = arena_new();
	struct facet_value found = { 0 };
	struct term_walk walk = { 0 };
	struct slice term;
	uint32_t df, n = 0;

	while (view_term_next(r->view, group_of(r->facet), &walk, &term, &df)) {
		if (++n % LOOK_TERMS == 0 && out_of_time(r))
			break;
		if (df <= least(&r->top))
			continue;
		found.count = df >= view_stats(r->view)->doc_limit / FILTER_COMMON
				      ? count_common(r, term, scratch)
				      : count_rare(r, term, scratch);
		if (found.count > least(&r->top)) {
			found.text = term;
			offer(&r->top, &found);
		}
		arena_reset(scratch);
	}
	view_term_end(&walk);
	arena_free(scratch);
}

struct spelling {
	struct arena *arena;
	struct slice term, written;
};

static void spell(void *data, struct slice written, struct slice term)
{
	struct spelling *s = data;

	if (!s->written.len && slice_eq(term, s->term))
		s->written = arena_slice(s->arena, written);
}

/* As a document of the set writes it. */
static struct slice written_as(struct run *r, struct slice term, struct arena *scratch)
{
	struct postings *p = postings_open(r->view, scratch, group_of(r->facet), term);
	struct spelling s = { r->arena, term, { 0 } };
	uint32_t doc = postings_next(p);
	struct json_node *root;

	while (doc != DOC_NONE && !matches_has(r->matches, doc))
		doc = postings_next(p);
	if (doc != DOC_NONE && json_read(&root, scratch, view_json(r->view, doc), NULL) == 0)
		document_values(view_schema(r->view), r->facet->field, root, scratch, spell, &s);
	postings_close(p);
	return s.written.len ? s.written : arena_slice(r->arena, term);
}

static void spell_terms(struct run *r)
{
	struct arena *scratch = arena_new();
	int i;

	for (i = 0; i < r->top.count; i++) {
		r->top.items[i].text = written_as(r, r->top.items[i].text, scratch);
		arena_reset(scratch);
	}
	arena_free(scratch);
}

/* ---- all facets ---- */

static void take_tally(struct run *r)
{
	struct facet_value v;
	struct slot *slot;
	size_t i;

	for (i = 0; r->tally.slots && i <= r->tally.mask; i++) {
		slot = &r->tally.slots[i];
		if (!slot->count)
			continue;
		v = (struct facet_value){ slot->term, slot->number, slot->count };
		offer(&r->top, &v);
	}
	if (r->tally.full)
		r->complete = false;
}

/* The terms of a tally become what was written. */
static void take_written(struct run *r)
{
	int i;

	for (i = 0; i < r->top.count; i++)
		r->top.items[i].text = tally_at(&r->tally, r->top.items[i].text, 0)->written;
}

static void count_facet(struct run *r, bool read)
{
	if (has_column(r->facet)) {
		count_column(r);
		take_tally(r);
		finish_column(r);
	} else if (read) {
		take_tally(r);
		take_written(r);
	} else {
		count_terms(r);
		spell_terms(r);
	}
}

bool facets_count(struct view *view, struct arena *arena, const struct facet *facets, int count,
	const struct matches *matches, int64_t deadline_us, struct facet_counts *out)
{
	struct run *runs = arena_calloc(arena, count + 1, sizeof(*runs));
	bool read = matches->count <= READ_MAX, complete = true;
	int i, terms = 0;

	for (i = 0; i < count; i++) {
		runs[i] = (struct run){ .view = view, .arena = arena, .matches = matches,
			.deadline_us = deadline_us, .complete = true, .facet = &facets[i],
			.tally.arena = arena };
		runs[i].top.limit = facets[i].limit;
		runs[i].top.items = arena_alloc(arena, facets[i].limit * sizeof(*runs[i].top.items));
		terms += !has_column(&facets[i]);
	}
	if (read && terms)
		read_documents(runs, count);
	for (i = 0; i < count; i++) {
		count_facet(&runs[i], read);
		out[i] = (struct facet_counts){ runs[i].top.items, runs[i].top.count };
		complete = complete && runs[i].complete;
	}
	return complete;
}

void facet_print(const struct facet *f, const struct facet_counts *counts, struct json_out *out)
{
	const struct facet_value *v;
	int i;

	json_array_open(out);
	for (i = 0; i < counts->count; i++) {
		v = &counts->values[i];
		json_object_open(out);
		if (f->by == FACET_WIDTH) {
			json_kv(out, num_short, "from", v->from, 12);
			json_kv(out, num_short, "to", v->from + f->width, 12);
		} else if (has_column(f) && f->by == FACET_VALUE) {
			json_kv(out, num, "value", v->from);
		} else {
			json_kv(out, slice, "value", v->text);
		}
		json_kv(out, uint, "count", v->count);
		json_close(out);
	}
	json_close(out);
}
