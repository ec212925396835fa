/* sweep_values.c -- what the postings of a decoded block give, in units.
 *
 * A posting in one field alone, once to three times, is looked up by its length; most
 * are.  Others are computed, and so are all of a list too short for tables to pay. */
#include "query/sweep_parts.h"

#include <string.h>

#define ROWS_PAY 512 /* postings */

void lane_value_open(struct sweep *w, struct lane *lane)
{
	lane->is_word = scorer_has_rows(w->env->scorer, lane->of->leaf);
	lane->has_rows = lane->is_word && lane->list->df >= ROWS_PAY;
	memset(lane->rows, 0, sizeof(lane->rows));
}

const int32_t *lane_row(struct sweep *w, struct lane *lane, unsigned f, unsigned tf)
{
	int32_t **row = &lane->rows[f][tf - 1];

	if (!*row) {
		*row = arena_alloc(w->env->arena, 256 * sizeof(**row));
		scorer_row(w->env->scorer, lane->of->leaf, lane->l, f, tf, *row);
	}
	return *row;
}

static int32_t compute(struct sweep *w, const struct lane *lane, unsigned i, const uint8_t *lengths)
{
	struct spot at = { lane->fields, i, (const uint8_t(*)[BLOCK_POSTINGS])lane->tf };

	if (lane->l->check && !spot_speaks(&at, lane->l->mask))
		return 0;
	if (lane->is_word)
		return word_units(w->env->scorer->bm25, lane->l->factor,
			lane->l->mask & lane->fields, &at, lengths);
	return scorer_list(w->env->scorer, lane->of->leaf, lane->l, &at, lengths);
}

/* Postings of one segment, whose documents' lengths begin at `lengths`. */
struct run {
	unsigned from, to;
	uint32_t low;
	const uint8_t *lengths;
	unsigned texts; /* lengths a document */
};

static inline const uint8_t *lengths_of(const struct run *r, uint32_t doc)
{
	return r->lengths + (doc - r->low) * r->texts;
}

static void compute_all(struct sweep *w, struct lane *lane, const struct run *r)
{
	unsigned i;

	for (i = r->from; i < r->to; i++)
		lane->values[i] = compute(w, lane, i, lengths_of(r, lane->docs[i]));
}

/* The word is in field f alone. */
static void look_up_field(struct sweep *w, struct lane *lane, const struct run *r, unsigned f)
{
	const int32_t *rows[UNITS_TF + 1];
	const uint8_t *tf = lane->tf[f], *lengths;
	unsigned i;

	for (i = 1; i <= UNITS_TF; i++)
		rows[i] = lane_row(w, lane, f, i);
	for (i = r->from; i < r->to; i++) {
		lengths = lengths_of(r, lane->docs[i]);
		lane->values[i] = tf[i] - 1u < UNITS_TF ? rows[tf[i]][lengths[f]]
							: compute(w, lane, i, lengths);
	}
}

/* In one of these, or several: computed without a branch, as word_units does. */
static inline __attribute__((always_inline)) void compute_fields(struct sweep *w, struct lane *lane,
	const struct run *r, const unsigned *fields, unsigned count)
{
	const struct bm25 *bm = w->env->scorer->bm25;
	double factor = lane->l->factor, k1 = bm->k1, tf;
	const uint8_t *lengths;
	unsigned i, j, x, seen;
	int32_t units;

	for (i = r->from; i < r->to; i++) {
		lengths = lengths_of(r, lane->docs[i]);
		for (j = seen = 0, tf = 0; j < count; j++) {
			x = lane->tf[fields[j]][i];
			tf += (double)x * bm->norm[fields[j]][lengths[fields[j]]];
			seen |= x;
		}
		units = to_units(factor * saturate(tf, k1));
		lane->values[i] = seen ? units : 0;
	}
}

static unsigned fields_of(const struct lane *lane, unsigned fields[TEXT_FIELDS_MAX])
{
	unsigned mask = lane->l->mask & lane->fields, count = 0;

	for (; mask; mask &= mask - 1)
		fields[count++] = __builtin_ctz(mask);
	return count;
}

void lane_value(struct sweep *w, struct lane *lane)
{
	struct run r = { .texts = view_schema(w->env->view)->text_count };
	unsigned fields[TEXT_FIELDS_MAX], count = lane->has_rows ? fields_of(lane, fields) : 0;

	if (lane->valued == lane->decoded)
		return;
	lane->valued = lane->decoded;
	for (; r.from < lane->n; r.from = r.to) {
		r.low = lane->docs[r.from] - lane->docs[r.from] % SEGMENT_DOCS;
		r.lengths = view_lengths(w->env->view, r.low);
		r.to = lane->docs[lane->n - 1] - r.low < SEGMENT_DOCS ? lane->n : r.from + 1;
		while (r.to < lane->n && lane->docs[r.to] - r.low < SEGMENT_DOCS)
			r.to++;
		if (!count)
			compute_all(w, lane, &r);
		else if (count == 1)
			look_up_field(w, lane, &r, fields[0]);
		else if (count == 2)
			compute_fields(w, lane, &r, fields, 2);
		else
			compute_fields(w, lane, &r, fields, count);
	}
}

int32_t lane_value_one(struct sweep *w, struct lane *lane, unsigned i, const uint8_t *lengths)
{
	unsigned mask = lane->l->mask & lane->fields, tf = 0, in = 0, f;

	if (lane->valued == lane->decoded)
		return lane->values[i];
	lengths += (lane->docs[i] - w->low) * view_schema(w->env->view)->text_count;
	for (; mask && lane->has_rows; mask &= mask - 1) {
		f = __builtin_ctz(mask);
		if (!lane->tf[f][i])
			continue;
		if (tf) /* in several */
			return compute(w, lane, i, lengths);
		tf = lane->tf[f][i];
		in = f;
	}
	if (tf - 1u < UNITS_TF)
		return lane_row(w, lane, in, tf)[lengths[in]];
	return compute(w, lane, i, lengths);
}
