/* reading.c -- what a query may have meant: its interpretations, and words of it read as a
 * slot on top of them. */
#include "query/reading.h"

#include <math.h>

/* ---- the list of interpretations ---- */

bool query_add(struct query *q, const struct interpretation *it)
{
	if (q->count == INTERPRETATIONS_MAX)
		return false;
	q->items[q->count++] = *it;
	return true;
}

void query_normalise(struct query *q)
{
	struct interpretation held;
	double sum = 0;
	int i, j;

	/* stable, and eight at the most */
	for (i = 1; i < q->count; i++) {
		held = q->items[i];
		for (j = i; j > 0 && q->items[j - 1].weight < held.weight; j--)
			q->items[j] = q->items[j - 1];
		q->items[j] = held;
	}
	for (i = 0; i < q->count; i++)
		sum += q->items[i].weight;
	for (i = 0; i < q->count; i++)
		q->items[i].weight = sum > 0 ? q->items[i].weight / sum : 1.0 / q->count;
}

/* ---- one slot more ---- */

bool interpretation_covers(const struct interpretation *it, int word)
{
	int i;

	for (i = 0; i < it->slot_count; i++)
		if (word >= it->slots[i].first && word < it->slots[i].first + it->slots[i].count)
			return true;
	return false;
}

bool interpretation_add(const struct query *q, struct arena *arena,
	const struct interpretation *base, const struct slot *slot, struct interpretation *out)
{
	int i, word = 0;

	if (base->slot_count == SLOTS_MAX)
		return false;
	for (i = 0; i < slot->count; i++)
		if (interpretation_covers(base, slot->first + i))
			return false;
	*out = *base;
	out->slots[out->slot_count++] = *slot;
	out->words = arena_calloc(arena, QUERY_TERMS_MAX, sizeof(*out->words));
	out->word_count = 0;
	for (i = 0; i < q->word_count && word < base->word_count; i++) {
		if (interpretation_covers(base, i))
			continue;
		if (!interpretation_covers(out, i))
			out->words[out->word_count++] = base->words[word];
		word++;
	}
	out->text = arena_join(arena, out->words, out->word_count, " ");
	return true;
}

/* ---- readings ---- */

void readings_add(struct readings *r, struct reading item)
{
	int i, at;

	for (i = 0; i < r->count; i++) {
		if (r->items[i].first != item.first || r->items[i].count != item.count ||
			r->items[i].doc != item.doc || !slice_eq(r->items[i].value, item.value))
			continue;
		if (r->items[i].weight < item.weight)
			r->items[i] = item;
		return;
	}
	if (r->count < READINGS_MAX) {
		r->items[r->count++] = item;
		return;
	}
	for (at = 0, i = 1; i < r->count; i++)
		if (r->items[i].weight < r->items[at].weight)
			at = i;
	if (r->items[at].weight < item.weight)
		r->items[at] = item;
}

static bool has_name(struct readings *r, struct reading *item)
{
	if (r->name && !item->named)
		item->named = r->name(r->data, item) ? 1 : -1;
	return item->named >= 0;
}

static bool reading_apply(const struct readings *r, const struct reading *item,
	const struct query *q, struct arena *arena, const struct interpretation *base,
	struct interpretation *out)
{
	struct slot slot = { .name = r->slot,
		.value = item->value,
		.entity = item->entity,
		.number = { NAN, NAN },
		.first = item->first,
		.count = item->count };

	if (!interpretation_add(q, arena, base, &slot, out))
		return false;
	out->weight = base->weight * item->weight;
	out->edits += item->edits;
	return true;
}

static int worst_of(const struct query *q)
{
	int i, at = 0;

	for (i = 1; i < q->count; i++)
		if (q->items[i].weight < q->items[at].weight)
			at = i;
	return at;
}

void readings_apply(struct readings *r, struct query *q, struct arena *arena)
{
	struct interpretation *base = arena_alloc(arena, sizeof(*base) * q->count);
	struct interpretation *made = arena_alloc(arena, sizeof(*made));
	int bases = q->count, i, j, worst;

	if (!r->count)
		return;
	memcpy(base, q->items, sizeof(*base) * bases);
	for (i = 0; i < q->count; i++)
		q->items[i].weight *= r->untouched;
	for (i = 0; i < bases; i++) {
		for (j = 0; j < r->count; j++) {
			worst = worst_of(q);
			if (q->count == INTERPRETATIONS_MAX &&
				q->items[worst].weight >= base[i].weight * r->items[j].weight)
				continue; /* not worth looking up its name */
			if (!has_name(r, &r->items[j]) ||
				!reading_apply(r, &r->items[j], q, arena, &base[i], made))
				continue;
			if (!query_add(q, made) && q->items[worst].weight < made->weight)
				q->items[worst] = *made;
		}
	}
	query_normalise(q);
}
