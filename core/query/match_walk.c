/* match_walk.c -- moving the iterators of a match.
 *
 * A meeting node is led by its cheapest kid and the others seek; a joining node
 * stands at its smallest kid.  Invariant: an inner node's doc matches it, and
 * every kid stands at or after that doc. */
#include "query/match.h"

/* Is the posting of a field the word speaks of? */
static bool speaks(const struct leaf_list *l)
{
	struct postings *p = l->list;
	unsigned mask = l->mask & postings_fields(p);

	for (; mask; mask &= mask - 1)
		if (p->tf[__builtin_ctz(mask)][p->at])
			return true;
	return false;
}

static uint32_t list_settle(struct leaf_list *l)
{
	struct postings *p = l->list;

	while (l->check && p->doc != DOC_NONE && !speaks(l))
		postings_next(p);
	return p->doc;
}

static uint32_t leaf_next(struct iter *it)
{
	uint32_t least = DOC_NONE;
	struct leaf_list *l;
	int i;

	for (i = 0; i < it->list_count; i++) {
		l = &it->lists[i];
		if (!it->started || l->list->doc == it->doc) {
			postings_next(l->list);
			list_settle(l);
		}
		if (l->list->doc < least)
			least = l->list->doc;
	}
	it->started = true;
	return it->doc = least;
}

static uint32_t leaf_seek(struct iter *it, uint32_t at_least)
{
	uint32_t least = DOC_NONE;
	struct leaf_list *l;
	int i;

	for (i = 0; i < it->list_count; i++) {
		l = &it->lists[i];
		if (!it->started || l->list->doc < at_least) {
			postings_seek(l->list, at_least);
			list_settle(l);
		}
		if (l->list->doc < least)
			least = l->list->doc;
	}
	it->started = true;
	return it->doc = least;
}

static bool excluded(struct iter *it, uint32_t doc)
{
	int i;

	for (i = 0; i < it->not_count; i++)
		if (iter_seek(it->nots[i], doc) == doc)
			return true;
	return false;
}

/* Positions of a leaf's word in a field of its document, into `out`; their count. */
static size_t leaf_positions(const struct iter *leaf, int field, uint32_t *out)
{
	const struct leaf_list *l;
	int j;

	for (j = 0; j < leaf->list_count; j++) {
		l = &leaf->lists[j];
		if ((l->mask >> field & 1) && l->list->doc == leaf->doc)
			return postings_positions(l->list, field, out);
	}
	return 0;
}

/* From one of the first word's positions, each next word at the first place that leaves
 * room for those between; the least is over what the words themselves take. */
static bool in_order(const struct phrase *p, const uint32_t *places, const size_t *counts,
	int words)
{
	uint32_t place, start;
	size_t i, j;
	int t;

	for (i = 0; i < counts[0]; i++) {
		place = start = p->at[0][i];
		for (t = 1; t < words; t++) {
			place += places[t] - places[t - 1];
			for (j = 0; j < counts[t] && p->at[t][j] < place; j++)
				;
			if (j == counts[t])
				return false; /* nor from a later start */
			place = p->at[t][j];
		}
		if (place - start - (places[words - 1] - places[0]) <= p->slop)
			return true;
	}
	return false;
}

/* The narrowest stretch that has one position of each: moves the lowest up. */
static bool in_reach(const struct phrase *p, const size_t *counts, int words)
{
	size_t next[QUERY_TERMS_MAX] = { 0 };
	uint32_t low, high;
	int t, lowest;

	for (;;) {
		for (t = lowest = 0, low = UINT32_MAX, high = 0; t < words; t++) {
			if (p->at[t][next[t]] < low) {
				low = p->at[t][next[t]];
				lowest = t;
			}
			if (p->at[t][next[t]] > high)
				high = p->at[t][next[t]];
		}
		if (high - low <= p->slop)
			return true;
		if (++next[lowest] == counts[lowest])
			return false;
	}
}

static bool phrase_holds(struct iter *it)
{
	const struct phrase *p = it->phrase;
	size_t counts[QUERY_TERMS_MAX];
	unsigned mask, f;
	int t;

	for (mask = p->fields; mask; mask &= mask - 1) {
		f = __builtin_ctz(mask);
		for (t = 0; t < it->kid_count; t++) {
			counts[t] = leaf_positions(it->kids[t], f, p->at[t]);
			if (!counts[t])
				break;
		}
		if (t == it->kid_count && (p->near ? in_reach(p, counts, t)
						   : in_order(p, p->places[f], counts, t)))
			return true;
	}
	return false;
}

/* From where the lead stands, the first document all agree on. */
static uint32_t meet(struct iter *it, struct iter *lead)
{
	uint32_t doc = lead->doc, other;
	int i;

	while (doc != DOC_NONE) {
		for (i = 0; i < it->kid_count; i++) {
			if (it->kids[i] == lead)
				continue;
			other = iter_seek(it->kids[i], doc);
			if (other > doc) {
				doc = other == DOC_NONE ? DOC_NONE : iter_seek(lead, other);
				break;
			}
		}
		if (i < it->kid_count)
			continue;
		if (!excluded(it, doc) && (!it->phrase || phrase_holds(it)))
			break;
		doc = iter_next(lead);
	}
	return it->doc = doc;
}

static struct iter *lead_of(const struct iter *it)
{
	struct iter *lead = it->kids[0];
	int i;

	for (i = 1; i < it->kid_count; i++)
		if (it->kids[i]->cost < lead->cost)
			lead = it->kids[i];
	return lead;
}

/* The first document from here that enough kids have. */
static uint32_t join(struct iter *it)
{
	uint32_t doc;
	int i, n;

	for (;;) {
		doc = DOC_NONE;
		for (i = n = 0; i < it->kid_count; i++) {
			if (it->kids[i]->doc < doc) {
				doc = it->kids[i]->doc;
				n = 1;
			} else if (it->kids[i]->doc == doc) {
				n++;
			}
		}
		if (doc == DOC_NONE || n >= it->least)
			return it->doc = doc;
		for (i = 0; i < it->kid_count; i++)
			if (it->kids[i]->doc == doc)
				iter_next(it->kids[i]);
	}
}

uint32_t iter_next(struct iter *it)
{
	struct iter *lead;
	int i;

	if (it->started && it->doc == DOC_NONE)
		return DOC_NONE;
	switch (it->kind) {
	case ITER_LEAF:
		return leaf_next(it);
	case ITER_DOC:
		it->doc = it->started ? DOC_NONE : it->df;
		break;
	case ITER_MEET:
		lead = lead_of(it);
		iter_next(lead);
		meet(it, lead);
		break;
	case ITER_JOIN:
		for (i = 0; i < it->kid_count; i++)
			if (!it->started || it->kids[i]->doc == it->doc)
				iter_next(it->kids[i]);
		join(it);
		break;
	}
	it->started = true;
	return it->doc;
}

uint32_t iter_seek(struct iter *it, uint32_t at_least)
{
	struct iter *lead;
	int i;

	if (it->started && it->doc >= at_least)
		return it->doc;
	switch (it->kind) {
	case ITER_LEAF:
		return leaf_seek(it, at_least);
	case ITER_DOC:
		it->doc = it->df >= at_least ? it->df : DOC_NONE;
		break;
	case ITER_MEET:
		lead = lead_of(it);
		iter_seek(lead, at_least);
		meet(it, lead);
		break;
	case ITER_JOIN:
		for (i = 0; i < it->kid_count; i++)
			iter_seek(it->kids[i], at_least);
		join(it);
		break;
	}
	it->started = true;
	return it->doc;
}
