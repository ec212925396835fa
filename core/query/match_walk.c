/* match_walk.c -- moving the iterators of a match.
 *
 * A meeting node is led by its cheapest kid and the others seek; a joining node
 * stands at its smallest kid.  Invariant: an inner node's doc matches it, and
 * every kid stands at or after that doc. */
#include "query/match_parts.h"

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
	case ITER_LEAF: return leaf_next(it);
	case ITER_DOC: it->doc = it->started ? DOC_NONE : it->df; break;
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
	case ITER_LEAF: return leaf_seek(it, at_least);
	case ITER_DOC: it->doc = it->df >= at_least ? it->df : DOC_NONE; break;
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

bool iter_meets(struct iter *it, uint32_t doc)
{
	int i;

	for (i = 0; i < it->kid_count; i++)
		if (iter_seek(it->kids[i], doc) != doc)
			return false;
	return !it->phrase || phrase_holds(it);
}
