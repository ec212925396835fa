/* sweep_values.c -- what the postings of a decoded block give, in units.
 *
 * A posting in one field alone, once to three times, is looked up by its length; most
 * are.  Others are computed, and so are all of a list too short for tables to pay. */
#include "query/sweep_parts.h"

#define ROWS_PAY 512 /* postings */

const int32_t *lane_row(struct sweep *w, struct lane *lane, unsigned f, unsigned tf)
{
	int32_t **row = &lane->rows[f][tf - 1];

	if (!*row) {
		*row = arena_alloc(w->env->arena, 256 * sizeof(**row));
		scorer_row(w->env->scorer, lane->of->leaf, lane->l, f, tf, *row);
	}
	return *row;
}

bool lane_has_rows(const struct sweep *w, const struct lane *lane)
{
	return lane->list->df >= ROWS_PAY && scorer_has_rows(w->env->scorer, lane->of->leaf);
}

/* Postings of one segment, whose documents' lengths begin at `lengths`. */
struct run {
	unsigned from, to;
	uint32_t low;
	const uint8_t *lengths;
	unsigned texts; /* lengths a document */
};

static const uint8_t *lengths_of(const struct run *r, uint32_t doc)
{
	return r->lengths + (doc - r->low) * r->texts;
}

static int32_t compute(struct sweep *w, const struct lane *lane, const struct run *r, unsigned i)
{
	struct spot at = { lane->fields, i, (const uint8_t(*)[BLOCK_POSTINGS])lane->tf };

	if (lane->l->check && !spot_speaks(&at, lane->l->mask))
		return 0;
	return scorer_list(w->env->scorer, lane->of->leaf, lane->l, &at,
		lengths_of(r, lane->docs[i]));
}

int32_t lane_value_one(struct sweep *w, struct lane *lane, unsigned i, const uint8_t *lengths)
{
	unsigned mask = lane->l->mask & lane->fields, f, tf;
	struct run r = { .low = w->low, .lengths = lengths,
		.texts = view_schema(w->env->view)->text_count };

	if (lane->valued == lane->decoded)
		return lane->values[i];
	if (lane->has_rows && mask && !(mask & (mask - 1))) {
		f = __builtin_ctz(mask);
		tf = lane->tf[f][i];
		if (tf - 1u < UNITS_TF)
			return lane_row(w, lane, f, tf)[lengths_of(&r, lane->docs[i])[f]];
	}
	return compute(w, lane, &r, i);
}

static void compute_all(struct sweep *w, struct lane *lane, const struct run *r)
{
	unsigned i;

	for (i = r->from; i < r->to; i++)
		lane->values[i] = compute(w, lane, r, i);
}

/* The word is in field f alone. */
static void look_up_field(struct sweep *w, struct lane *lane, const struct run *r, unsigned f)
{
	const int32_t *rows[UNITS_TF + 1];
	const uint8_t *tf = lane->tf[f];
	unsigned i;

	for (i = 1; i <= UNITS_TF; i++)
		rows[i] = lane_row(w, lane, f, i);
	for (i = r->from; i < r->to; i++)
		lane->values[i] = tf[i] - 1u < UNITS_TF
					  ? rows[tf[i]][lengths_of(r, lane->docs[i])[f]]
					  : compute(w, lane, r, i);
}

static void look_up(struct sweep *w, struct lane *lane, const struct run *r, unsigned mask)
{
	const int32_t *rows[TEXT_FIELDS_MAX][UNITS_TF + 1];
	unsigned fields[TEXT_FIELDS_MAX], count = 0, i, j, tf, seen, in, x;

	for (; mask; mask &= mask - 1) {
		fields[count] = __builtin_ctz(mask);
		for (i = 1; i <= UNITS_TF; i++)
			rows[count][i] = lane_row(w, lane, fields[count], i);
		count++;
	}
	for (i = r->from; i < r->to; i++) {
		for (j = tf = seen = in = 0; j < count; j++) {
			x = lane->tf[fields[j]][i];
			tf |= x;
			seen += x > 0;
			in = x ? j : in;
		}
		if (seen == 1 && tf <= UNITS_TF)
			lane->values[i] = rows[in][tf][lengths_of(r, lane->docs[i])[fields[in]]];
		else
			lane->values[i] = seen ? compute(w, lane, r, i) : 0;
	}
}

void lane_value(struct sweep *w, struct lane *lane)
{
	unsigned mask = lane->l->mask & lane->fields;
	struct run r = { .texts = view_schema(w->env->view)->text_count };

	if (lane->valued == lane->decoded)
		return;
	lane->valued = lane->decoded;
	for (; r.from < lane->n; r.from = r.to) {
		r.low = lane->docs[r.from] - lane->docs[r.from] % SEGMENT_DOCS;
		r.lengths = view_lengths(w->env->view, r.low);
		for (r.to = r.from + 1; r.to < lane->n && lane->docs[r.to] - r.low < SEGMENT_DOCS;)
			r.to++;
		if (!lane->has_rows || !mask)
			compute_all(w, lane, &r);
		else if (mask & (mask - 1))
			look_up(w, lane, &r, mask);
		else
			look_up_field(w, lane, &r, __builtin_ctz(mask));
	}
}
