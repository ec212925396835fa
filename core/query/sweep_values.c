/* sweep_values.c -- what the postings of a decoded block give, in units. */
#include "query/sweep_parts.h"

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

/* Of a word in these fields, without a branch, as word_units does: a word may be in titles
 * and texts alike. */
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
			tf += x * bm->norm[fields[j]][lengths[fields[j]]];
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

void lane_value(struct sweep *w, struct lane *lane, unsigned from, unsigned to)
{
	struct run r = { .from = from, .texts = view_schema(w->env->view)->text_count };
	unsigned fields[TEXT_FIELDS_MAX], count = lane->is_word ? fields_of(lane, fields) : 0;

	for (; r.from < to; r.from = r.to) {
		r.low = lane->docs[r.from] - lane->docs[r.from] % SEGMENT_DOCS;
		r.lengths = view_lengths(w->env->view, r.low);
		r.to = lane->docs[to - 1] - r.low < SEGMENT_DOCS ? to : r.from + 1;
		while (r.to < to && lane->docs[r.to] - r.low < SEGMENT_DOCS)
			r.to++;
		if (!count)
			compute_all(w, lane, &r);
		else if (count == 1)
			compute_fields(w, lane, &r, fields, 1);
		else if (count == 2)
			compute_fields(w, lane, &r, fields, 2);
		else
			compute_fields(w, lane, &r, fields, count);
	}
}

int32_t lane_value_one(struct sweep *w, struct lane *lane, unsigned i, const uint8_t *lengths)
{
	lengths += (lane->docs[i] - w->low) * view_schema(w->env->view)->text_count;
	return compute(w, lane, i, lengths);
}
