/* facet.c -- counting values: the tables, and numbers and dates, whose columns are read a
 * segment at a time. */
#include "query/facet_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "index/date.h"
#include "index/postings.h"

#define DAYS_MAX 1e9 /* no date is so far from 1970 */

/* ---- the best ---- */

static bool before(const struct facet_value *a, const struct facet_value *b)
{
	int order;

	if (a->count != b->count)
		return a->count > b->count;
	order = slice_cmp(a->text, b->text);
	return order ? order < 0 : a->from < b->from;
}

void top_offer(struct top *t, const struct facet_value *v)
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

struct slot *tally_at(struct tally *t, struct slice term, double number)
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

bool facet_out_of_time(struct facet_run *r)
{
	if (!r->deadline_us || clock_mono_us() < r->deadline_us)
		return false;
	r->complete = false;
	return true;
}

static bool has_column(const struct facet *f)
{
	return f->field && f->field->column >= 0;
}

void facet_take_tally(struct facet_run *r)
{
	struct facet_value v;
	struct slot *slot;
	size_t i;

	for (i = 0; r->tally.slots && i <= r->tally.mask; i++) {
		slot = &r->tally.slots[i];
		if (!slot->count)
			continue;
		v = (struct facet_value){ slot->term, slot->number, slot->count };
		top_offer(&r->top, &v);
	}
	if (r->tally.full)
		r->complete = false;
}

/* ---- numbers and dates ---- */

static double step_of(const struct facet *f, double x)
{
	int year, month, day;

	switch (f->by) {
	case FACET_WIDTH: return floor(x / f->width) + 0.0;
	case FACET_DAY: return floor(x);
	case FACET_YEAR:
	case FACET_MONTH:
		date_civil((int64_t)floor(x), &year, &month, &day);
		return f->by == FACET_YEAR ? year : year * 12.0 + month - 1;
	default: return x + 0.0; /* -0 is 0 */
	}
}

static void count_column(struct facet_run *r)
{
	bool dated = r->facet->field->type == FIELD_DATE;
	double x, seen = NAN, step;
	struct slot *slot = NULL;
	const char *values;
	uint64_t word;
	uint32_t s;
	int i;

	for (s = 0; s < r->matches->segments && !facet_out_of_time(r); s++) {
		values = view_numbers(r->view, r->facet->field->column, s * SEGMENT_DOCS);
		for (i = 0; values && i < SEGMENT_WORDS; i++)
			for (word = r->matches->bits[s * SEGMENT_WORDS + i]; word;
				word &= word - 1) {
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
	case FACET_YEAR: return slice_str(arena_printf(arena, "%04d", (int)step));
	case FACET_MONTH:
		month = (int)fmod(step, 12);
		return slice_str(
			arena_printf(arena, "%04d-%02d", (int)((step - month) / 12), month + 1));
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

static void finish_column(struct facet_run *r)
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

/* ---- all facets ---- */

bool facets_count(struct view *view, struct arena *arena, const struct facet *facets, int count,
	const struct matches *matches, int64_t deadline_us, struct facet_counts *out)
{
	struct facet_run *runs = arena_calloc(arena, count + 1, sizeof(*runs)), *r;
	struct facet_run **terms = arena_calloc(arena, count + 1, sizeof(*terms));
	bool complete = true;
	int n = 0;

	for (r = runs; r < runs + count; r++) {
		*r = (struct facet_run){ .view = view,
			.arena = arena,
			.matches = matches,
			.deadline_us = deadline_us,
			.complete = true,
			.facet = &facets[r - runs],
			.tally.arena = arena,
			.top.limit = facets[r - runs].limit };
		r->top.items = arena_alloc(arena, r->top.limit * sizeof(*r->top.items));
		if (!has_column(r->facet)) {
			terms[n++] = r;
			continue;
		}
		count_column(r);
		facet_take_tally(r);
		finish_column(r);
	}
	facet_count_terms(terms, n);
	for (r = runs; r < runs + count; r++) {
		out[r - runs] = (struct facet_counts){ r->top.items, r->top.count };
		complete = complete && r->complete;
	}
	return complete;
}
