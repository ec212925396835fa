/* sweep_ask.c -- what was picked is scored to the end: the leaves that are not swept are
 * asked of it, the strongest first, as long as it may enter.
 *
 * A filter that few pass is asked of a segment before its postings are: of a few that pass
 * all leaves are asked, else only they are picked.  Other filters are asked here. */
#include "query/sweep_parts.h"

#define BEGINNING 256 /* what to begin with a segment costs, in postings */

/* Is the list, which was asked of no later document, beyond this one? */
static bool is_beyond(const struct postings *list, uint32_t doc)
{
	return list->doc == DOC_NONE || (list->decoded && list->doc > doc);
}

/* Most that a leaf that is asked adds to a document, by the blocks it may be in. */
static double asked_bound(struct sweep *w, const struct swept *leaf, uint32_t doc)
{
	struct block_bounds bounds;
	struct postings *list;
	double most = 0;
	int j;

	if (w->above == -INFINITY)
		return leaf->bound; /* anything enters */
	for (j = 0; j < leaf->leaf->list_count; j++) {
		list = leaf->leaf->lists[j].list;
		if (leaf->bounds[j] <= most)
			continue;
		if (is_beyond(list, doc) || !postings_block(list, doc) ||
			list->block.before + 1 > doc)
			continue;
		block_bounds(&list->block, &bounds);
		most = fmax(most, scorer_list_bound(w->env->scorer, leaf->leaf,
					  &leaf->leaf->lists[j], &bounds));
	}
	return most;
}

/* What it does add, in units; 0: it does not match. */
static int32_t ask(struct sweep *w, const struct swept *leaf, uint32_t doc, const uint8_t *lengths)
{
	const struct leaf_list *l;
	int32_t best = 0, units;
	struct spot at;
	int j;

	for (j = 0; j < leaf->leaf->list_count; j++) {
		l = &leaf->leaf->lists[j];
		if (leaf->bounds[j] * w->env->scorer->per_unit < best)
			continue;
		if (is_beyond(l->list, doc) || postings_seek(l->list, doc) != doc)
			continue;
		at = (struct spot){ postings_fields(l->list), l->list->at,
			(const uint8_t(*)[BLOCK_POSTINGS])l->list->tf };
		if (l->check && !spot_speaks(&at, l->mask))
			continue;
		units = scorer_list(w->env->scorer, leaf->leaf, l, &at, lengths);
		best = units > best ? units : best;
	}
	return best;
}

/* A phrase: do its words stand as they should, if it may enter? */
static bool stands(struct sweep *w, uint32_t doc, double score)
{
	struct iter *root = w->env->matcher->root;

	return !root->phrase || (beats(w, score) && iter_meets(root, doc));
}

void ask_rest(struct sweep *w, uint32_t doc, int64_t sum)
{
	double unit = w->env->scorer->unit, rest;
	const uint8_t *lengths;
	int64_t gained;
	int i;

	if (!beats(w, sum * unit + w->below[w->first] + w->rest))
		return;
	rest = scorer_rest(w->env->scorer, doc);
	if (!beats(w, sum * unit + w->below[w->first] + rest) ||
		(!w->selective && !filter_pass(w->env->filter, doc)))
		return;
	w->scored++;
	lengths = w->first ? view_lengths(w->env->view, doc) : NULL;
	for (i = w->first - 1; i >= 0; i--) {
		if (!beats(w, sum * unit + w->below[i] + asked_bound(w, w->order[i], doc) + rest))
			return;
		gained = ask(w, w->order[i], doc, lengths);
		if (!gained && w->all)
			return;
		sum += gained;
	}
	if (sum && stands(w, doc, sum * unit + rest) &&
		heap_offer(w->env->heap, (float)(sum * unit + rest), doc))
		sweep_set_above(w);
}

/* Those that were picked; the limit rises as they enter. */
void ask_picked(struct sweep *w, unsigned n)
{
	int32_t limit = marks_limit(w, w->quality);
	float above = w->above;
	unsigned i, at;

	for (i = 0; i < n; i++) {
		at = w->found[i];
		if (w->sums[at] <= limit)
			continue;
		ask_rest(w, w->low + at, w->sums[at]);
		if (w->above == above)
			continue;
		above = w->above;
		limit = marks_limit(w, w->quality);
	}
}

/* ---- a filter that few pass ---- */

bool pays_to_ask(const struct sweep *w, double docs, double postings)
{
	int i;

	for (i = w->first; i < w->count; i++)
		postings += w->order[i]->postings / w->segments;
	return (w->all || w->least == 1) && docs * ASKING * w->count < postings;
}

bool few_pass(const struct sweep *w)
{
	unsigned i, n = 0;

	for (i = 0; i < SEGMENT_WORDS; i++)
		n += w->passing[i] ? __builtin_popcountll(w->passing[i]) : 0;
	return pays_to_ask(w, n, BEGINNING);
}

/* From where the leaves stand, may enough of them have the document? */
static bool may_match(const struct sweep *w, uint32_t doc)
{
	const struct iter *leaf;
	bool beyond;
	int i, j;

	for (i = 0; i < w->count; i++) {
		leaf = w->order[i]->leaf;
		for (j = 0, beyond = true; j < leaf->list_count && beyond; j++)
			beyond = is_beyond(leaf->lists[j].list, doc);
		if (beyond == w->all)
			return !w->all;
	}
	return w->all;
}

void ask_passing(struct sweep *w, uint32_t low)
{
	int i, first = w->first;
	uint64_t bits;
	uint32_t doc;

	w->first = w->count;
	for (i = 0; i < SEGMENT_WORDS; i++)
		for (bits = w->passing[i]; bits; bits &= bits - 1) {
			doc = low + i * 64 + __builtin_ctzll(bits);
			if (may_match(w, doc))
				ask_rest(w, doc, 0);
		}
	w->first = first;
}
