/* match_phrase.c -- words at their places: in order, or near each other.
 *
 * The words are the leaves of a meeting node.  A leaf stands wherever any of its lists
 * does: the forms of a word, its synonyms, what a prefix or a slip becomes.
 *
 * In order: from each place of the first word, each next word at the first place that
 * leaves room for those between; no other choice ends sooner.  Near: each stretch that
 * has a place for all, where two words may not take the same ("bye bye"): they are
 * matched with places by augmenting paths. */
#include "query/match_parts.h"

#define FIELD_POSITIONS 255 /* of one list in one field: as tf saturates */

struct phrase *phrase_new(struct matcher *m, bool near, int slop, int words)
{
	struct phrase *p = arena_calloc(m->arena, 1, sizeof(*p));

	p->near = near;
	p->slop = slop > 0 ? slop : 0;
	p->at = arena_calloc(m->arena, words, sizeof(*p->at));
	p->counts = arena_calloc(m->arena, words, sizeof(*p->counts));
	p->taken = arena_calloc(m->arena, words, sizeof(*p->taken));
	return p;
}

void phrase_done(struct matcher *m, struct iter *it)
{
	struct phrase *p = it->phrase;
	int i;

	for (i = 0; i < it->kid_count; i++)
		p->at[i] = arena_alloc(m->arena,
			(size_t)it->kids[i]->list_count * FIELD_POSITIONS * sizeof(**p->at));
}

/* ---- positions ---- */

/* `more` into the ascending `out`, each once; how many there are. */
static size_t merge(uint32_t *out, size_t count, const uint32_t *more, size_t n)
{
	const uint32_t *old = out + n;
	size_t i = 0, j = 0, k = 0;

	memmove(out + n, out, count * sizeof(*out));
	for (; i < count || j < n; k++) {
		out[k] = j == n || (i < count && old[i] <= more[j]) ? old[i] : more[j];
		i += i < count && old[i] == out[k];
		j += j < n && more[j] == out[k];
	}
	return k;
}

/* Where a leaf's word stands in a field of its document, into `out`; their count. */
static size_t leaf_positions(const struct iter *leaf, int field, uint32_t *out)
{
	uint32_t more[FIELD_POSITIONS];
	const struct leaf_list *l;
	size_t count = 0;
	int i;

	for (i = 0; i < leaf->list_count; i++) {
		l = &leaf->lists[i];
		if (!(l->mask >> field & 1) || l->list->doc != leaf->doc)
			continue;
		if (!count)
			count = postings_positions(l->list, field, out);
		else
			count = merge(out, count, more, postings_positions(l->list, field, more));
	}
	return count;
}

/* ---- in order ---- */

/* The least stretch is over what the words themselves take. */
static bool in_order(const struct phrase *p, const uint32_t *places, int words)
{
	uint32_t place, start;
	size_t i, j;
	int t;

	for (i = 0; i < p->counts[0]; i++) {
		place = start = p->at[0][i];
		for (t = 1; t < words; t++) {
			place += places[t] - places[t - 1];
			for (j = 0; j < p->counts[t] && p->at[t][j] < place; j++)
				;
			if (j == p->counts[t])
				return false; /* nor from a later start */
			place = p->at[t][j];
		}
		if (place - start - (places[words - 1] - places[0]) <= p->slop)
			return true;
	}
	return false;
}

/* ---- near ---- */

/* Word t takes a place of the stretch from `low`; who has it takes another. */
static bool take(struct phrase *p, int words, int t, uint32_t low, uint32_t *asked)
{
	size_t i;
	int owner;

	*asked |= 1u << t;
	for (i = 0; i < p->counts[t] && p->at[t][i] <= low + p->slop; i++) {
		if (p->at[t][i] < low)
			continue;
		for (owner = 0; owner < words && p->taken[owner] != p->at[t][i]; owner++)
			;
		if (owner < words && (*asked >> owner & 1 || !take(p, words, owner, low, asked)))
			continue;
		p->taken[t] = p->at[t][i];
		return true;
	}
	return false;
}

static bool fits(struct phrase *p, int words, uint32_t low)
{
	uint32_t asked;
	int t;

	memset(p->taken, 0xff, words * sizeof(*p->taken));
	for (t = 0, asked = 0; t < words; t++, asked = 0)
		if (!take(p, words, t, low, &asked))
			return false;
	return true;
}

/* The narrowest stretch that has one position of each: moves the lowest up. */
static bool in_reach(struct phrase *p, int words)
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
		if (high - low <= p->slop && fits(p, words, low))
			return true;
		if (++next[lowest] == p->counts[lowest])
			return false;
	}
}

bool phrase_holds(struct iter *it)
{
	struct phrase *p = it->phrase;
	int words = it->kid_count, t;
	unsigned mask, f;

	for (mask = p->fields; mask; mask &= mask - 1) {
		f = __builtin_ctz(mask);
		for (t = 0; t < words; t++) {
			p->counts[t] = leaf_positions(it->kids[t], f, p->at[t]);
			if (!p->counts[t])
				break;
		}
		if (t == words && (p->near ? in_reach(p, words) : in_order(p, p->places[f], words)))
			return true;
	}
	return false;
}
