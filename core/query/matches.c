/* matches.c -- match trees on 4,096 documents at a time.
 *
 * As filters are (filter.c): a leaf turns the blocks of its lists into bits, ALL meets
 * and ANY joins words; "at least m" counts in m sets, the i-th those that i kids have.
 * Phrases, and nodes this file does not know, are walked document by document. */
#include "query/matches.h"

#include <string.h>

#include "base/clock.h"
#include "query/match.h"

struct part {
	struct matcher matcher;
	struct filter_run *filter; /* NULL: all pass */
	bool all;                  /* no match: every document */
};

static void clear(uint64_t *bits)
{
	memset(bits, 0, SEGMENT_WORDS * sizeof(*bits));
}

/* ---- a tree ---- */

/* The postings of the block at hand, from where it stands to before `high`. */
static void block_bits(const struct leaf_list *l, uint32_t high, uint64_t *bits)
{
	struct postings *p = l->list;
	unsigned mask = l->check ? l->mask & postings_fields(p) : 0, at, speaks, m;

	for (at = p->at; at < p->block.n && p->docs[at] < high; at++) {
		speaks = !l->check;
		for (m = mask; m && !speaks; m &= m - 1)
			speaks = p->tf[__builtin_ctz(m)][at];
		if (speaks)
			bits[p->docs[at] % SEGMENT_DOCS / 64] |= UINT64_C(1) << p->docs[at] % 64;
	}
}

static bool leaf_segment(struct iter *it, uint32_t low, uint64_t *bits)
{
	uint32_t high = low + SEGMENT_DOCS, doc;
	struct postings *p;
	int i;

	clear(bits);
	for (i = 0; i < it->list_count; i++) {
		p = it->lists[i].list;
		for (doc = postings_seek(p, low); doc < high; doc = postings_seek(p, doc)) {
			block_bits(&it->lists[i], high, bits);
			doc = p->block.last < high ? p->block.last + 1 : high;
		}
	}
	return segment_any(bits);
}

static bool walked_segment(struct iter *it, uint32_t low, uint64_t *bits)
{
	uint32_t doc;

	clear(bits);
	for (doc = iter_seek(it, low); doc < low + SEGMENT_DOCS; doc = iter_next(it))
		bits[(doc - low) / 64] |= UINT64_C(1) << (doc - low) % 64;
	return segment_any(bits);
}

static bool segment(struct iter *it, uint32_t low, uint64_t *bits);

static bool meet_segment(struct iter *it, uint32_t low, uint64_t *bits)
{
	uint64_t other[SEGMENT_WORDS];
	int i, k, lead = 0;

	for (i = 1; i < it->kid_count; i++)
		if (it->kids[i]->cost < it->kids[lead]->cost)
			lead = i;
	if (!segment(it->kids[lead], low, bits))
		return false;
	for (i = 0; i < it->kid_count; i++) {
		if (i == lead)
			continue;
		segment(it->kids[i], low, other);
		for (k = 0; k < SEGMENT_WORDS; k++)
			bits[k] &= other[k];
		if (!segment_any(bits))
			return false;
	}
	for (i = 0; i < it->not_count; i++)
		if (segment(it->nots[i], low, other))
			for (k = 0; k < SEGMENT_WORDS; k++)
				bits[k] &= ~other[k];
	return segment_any(bits);
}

static bool any_segment(struct iter *it, uint32_t low, uint64_t *bits)
{
	uint64_t other[SEGMENT_WORDS];
	int i, k;

	clear(bits);
	for (i = 0; i < it->kid_count; i++)
		if (segment(it->kids[i], low, other))
			for (k = 0; k < SEGMENT_WORDS; k++)
				bits[k] |= other[k];
	return segment_any(bits);
}

/* Of fewer than 256 kids: a match has at most PLAN_NODES_MAX parts. */
static bool atleast_segment(struct iter *it, uint32_t low, uint64_t *bits)
{
	uint8_t counts[SEGMENT_DOCS] = { 0 };
	uint64_t word;
	int i, k;

	for (i = 0; i < it->kid_count; i++) {
		if (!segment(it->kids[i], low, bits))
			continue;
		for (k = 0; k < SEGMENT_WORDS; k++)
			for (word = bits[k]; word; word &= word - 1)
				counts[k * 64 + __builtin_ctzll(word)]++;
	}
	clear(bits);
	for (k = 0; k < SEGMENT_DOCS; k++)
		bits[k / 64] |= (uint64_t)(counts[k] >= it->least) << k % 64;
	return segment_any(bits);
}

static bool segment(struct iter *it, uint32_t low, uint64_t *bits)
{
	switch (it->kind) {
	case ITER_LEAF: return leaf_segment(it, low, bits);
	case ITER_MEET:
		return it->phrase ? walked_segment(it, low, bits) : meet_segment(it, low, bits);
	case ITER_JOIN:
		return it->least == 1 ? any_segment(it, low, bits) : atleast_segment(it, low, bits);
	default: return walked_segment(it, low, bits);
	}
}

/* ---- plans ---- */

static bool part_open(struct part *p, const struct search_env *env, const struct plan *plan,
	struct filter *where)
{
	struct error why = { 0 };

	if (plan->source != PLAN_SEARCH ||
		matcher_open(&p->matcher, env->view, env->arena, plan->match, &why) < 0)
		return false;
	p->all = !plan->match;
	p->filter = filter_open(env->view, env->arena, filter_and(env->arena, plan->where, where));
	return true;
}

static int part_close(struct part *p, struct error *err)
{
	int rc = matcher_error(&p->matcher, err);

	if (rc == 0 && filter_error(p->filter) < 0)
		rc = error_set(err, filter_error(p->filter), "a damaged block of postings");
	matcher_close(&p->matcher);
	filter_close(p->filter);
	return rc;
}

static bool part_segment(struct part *p, struct view *view, uint32_t low, uint64_t *bits)
{
	uint64_t passing[SEGMENT_WORDS];
	int k;

	if (p->all && p->filter)
		return filter_segment(p->filter, low, bits);
	if (p->all) {
		view_live(view, low, bits);
		return segment_any(bits);
	}
	if (!p->matcher.root || !segment(p->matcher.root, low, bits))
		return false;
	if (!p->filter)
		return true;
	if (!filter_segment(p->filter, low, passing))
		return false;
	for (k = 0; k < SEGMENT_WORDS; k++)
		bits[k] &= passing[k];
	return segment_any(bits);
}

static void join(struct matches *m, uint32_t at, const uint64_t *bits)
{
	uint64_t *to = m->bits + (size_t)at * SEGMENT_WORDS;
	int k;

	for (k = 0; k < SEGMENT_WORDS; k++)
		to[k] |= bits[k];
}

static uint64_t count(const uint64_t *bits)
{
	uint64_t n = 0;
	int k;

	for (k = 0; k < SEGMENT_WORDS; k++)
		n += __builtin_popcountll(bits[k]);
	return n;
}

int matches_find(const struct search_env *env, const struct plan *const *plans, int plan_count,
	struct filter *where, int64_t deadline_us, struct matches *out, struct error *err)
{
	struct part *parts = arena_calloc(env->arena, plan_count + 1, sizeof(*parts));
	uint64_t bits[SEGMENT_WORDS];
	int i, n = 0, rc = 0, closed;

	for (i = 0; i < plan_count; i++)
		n += part_open(&parts[n], env, plans[i], where);
	*out = (struct matches){ .segments = view_stats(env->view)->doc_limit / SEGMENT_DOCS + 1 };
	out->bits =
		arena_calloc(env->arena, (size_t)out->segments * SEGMENT_WORDS, sizeof(*out->bits));
	for (; out->done < out->segments; out->done++) {
		if (deadline_us && clock_mono_us() >= deadline_us)
			break;
		for (i = 0; i < n; i++)
			if (part_segment(&parts[i], env->view, out->done * SEGMENT_DOCS, bits))
				join(out, out->done, bits);
		out->count += count(out->bits + (size_t)out->done * SEGMENT_WORDS);
	}
	for (i = 0; i < n; i++) {
		closed = part_close(&parts[i], rc < 0 ? NULL : err);
		rc = rc < 0 ? rc : closed;
	}
	return rc;
}

void matches_add(struct matches *m, uint32_t doc)
{
	if (doc / SEGMENT_DOCS >= m->segments || matches_has(m, doc))
		return;
	m->bits[doc / 64] |= UINT64_C(1) << doc % 64;
	m->count++;
}
