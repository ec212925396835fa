/* match.c -- from a match tree to iterators.
 *
 * A word that vanishes (only punctuation) constrains nothing, unless nothing else is
 * left: then nothing matches.  A stop word of some field constrains nothing beside
 * other words. */
#include "query/match_parts.h"

#include <math.h>

#define MATCH_DEPTH_MAX 32

/* idf = log(1 + (N - df + 0.5) / (df + 0.5)) */
static double idf(uint32_t docs, uint32_t df)
{
	double n = docs > df ? docs : df;

	return log(1 + (n - df + 0.5) / (df + 0.5));
}

int filter_group(const struct filter *f)
{
	return f->kind == FILTER_KIND ? GROUP_KIND : f->field->group;
}

struct slice filter_term(struct arena *arena, const struct filter *f)
{
	return f->kind == FILTER_REF ? f->text : text_fold(arena, f->text);
}

/* ---- nodes ---- */

static struct iter *iter_new(struct matcher *m, enum iter_kind kind)
{
	struct iter *it = arena_calloc(m->arena, 1, sizeof(*it));

	it->kind = kind;
	it->weight = 1;
	return it;
}

struct iter *leaf_new(struct matcher *m, enum match_kind what, struct slice text, int room)
{
	struct iter *it = iter_new(m, ITER_LEAF);

	it->what = what;
	it->text = text;
	it->lists = arena_calloc(m->arena, room, sizeof(*it->lists));
	return it;
}

static struct leaf_list *leaf_find(struct iter *leaf, struct slice term)
{
	int i;

	for (i = 0; i < leaf->list_count; i++)
		if (slice_eq(leaf->lists[i].term, term))
			return &leaf->lists[i];
	return NULL;
}

void leaf_add(struct matcher *m, struct iter *leaf, int group, struct slice term, uint8_t mask,
	float weight, int edits)
{
	struct leaf_list *l;
	struct postings *p;

	if (!term.len || memchr(term.ptr, '\0', term.len))
		return;
	l = leaf_find(leaf, term);
	if (l) {
		l->mask |= mask;
		if (weight > l->weight)
			l->weight = weight;
		return;
	}
	p = postings_open(m->view, m->arena, group, term);
	if (!p->df && !p->error) {
		postings_close(p);
		return;
	}
	l = &leaf->lists[leaf->list_count++];
	*l = (struct leaf_list){ .list = p,
		.term = term,
		.weight = weight,
		.mask = mask,
		.edits = edits };
	leaf->cost += p->df;
	if (p->df > leaf->df)
		leaf->df = p->df;
}

struct iter *leaf_done(struct matcher *m, struct iter *leaf, uint8_t all)
{
	int i;

	for (i = 0; i < leaf->list_count; i++)
		leaf->lists[i].check = leaf->lists[i].mask != all;
	leaf->idf = idf(view_stats(m->view)->docs, leaf->df);
	m->all = arena_grow(m->arena, m->all, m->all_count * sizeof(*m->all),
		(m->all_count + 1) * sizeof(*m->all));
	m->all[m->all_count++] = leaf;
	return leaf;
}

struct iter *inner_new(struct matcher *m, enum iter_kind kind, int room)
{
	struct iter *it = iter_new(m, kind);

	it->kids = arena_calloc(m->arena, room, sizeof(*it->kids));
	it->nots = arena_calloc(m->arena, room, sizeof(*it->nots));
	it->least = 1;
	return it;
}

uint8_t all_fields(const struct matcher *m)
{
	return (1u << view_schema(m->view)->text_count) - 1;
}

/* ---- the tree ---- */

static struct iter *build_exact(struct matcher *m, const struct match *q)
{
	const struct schema *schema = view_schema(m->view);
	struct iter *leaf = leaf_new(m, q->kind, q->text, TEXT_FIELDS_MAX);
	struct slice folded = text_fold(m->arena, q->text);
	int i;

	for (i = 0; i < schema->field_count; i++) {
		const struct field *f = &schema->fields[i];

		if (f->exact && (!q->field || f == q->field))
			leaf_add(m, leaf, GROUP_EXACT, exact_term(m->arena, f, folded), 1, 1, 0);
	}
	return leaf_done(m, leaf, 1);
}

static struct iter *build_fact(struct matcher *m, const struct match *q)
{
	struct iter *leaf = leaf_new(m, q->kind, q->text, 1);
	struct slice term = q->text;
	int group = q->kind == MATCH_KIND ? GROUP_KIND : q->field->group;

	if (q->kind != MATCH_REF)
		term = text_fold(m->arena, term);
	leaf_add(m, leaf, group, term, 1, 1, 0);
	return leaf_done(m, leaf, 1);
}

static int build(struct matcher *m, const struct match *q, int depth, bool in_all,
	struct iter **out, struct error *err);

static int build_kids(struct matcher *m, const struct match *q, int depth, struct iter *it,
	struct error *err)
{
	struct iter *kid;
	int i, rc;

	for (i = 0; i < q->kid_count; i++) {
		if (!q->kids[i])
			continue;
		rc = build(m, q->kids[i], depth + 1, q->kind == MATCH_ALL, &kid, err);
		if (rc < 0)
			return rc;
		if (!kid)
			continue;
		if (q->kids[i]->kind == MATCH_NOT)
			it->nots[it->not_count++] = kid;
		else
			it->kids[it->kid_count++] = kid;
	}
	return 0;
}

/* Stop words are not asked for beside others. */
static void drop_stopped(struct iter *it)
{
	int i, n = 0;

	for (i = 0; i < it->kid_count; i++)
		n += !it->kids[i]->stopped;
	it->stopped = it->kid_count && !n;
	if (it->stopped)
		return;
	for (i = n = 0; i < it->kid_count; i++)
		if (!it->kids[i]->stopped)
			it->kids[n++] = it->kids[i];
	it->kid_count = n;
}

static bool has_positive(const struct match *q)
{
	int i;

	for (i = 0; i < q->kid_count; i++)
		if (q->kids[i] && q->kids[i]->kind != MATCH_NOT)
			return true;
	return false;
}

static int build_inner(struct matcher *m, const struct match *q, int depth, struct iter **out,
	struct error *err)
{
	struct iter *it =
		inner_new(m, q->kind == MATCH_ALL ? ITER_MEET : ITER_JOIN, q->kid_count + 1);
	int rc;

	rc = build_kids(m, q, depth, it, err);
	if (rc < 0)
		return rc;
	if (it->not_count && !has_positive(q))
		return error_set(err, ERR_ARG,
			"not(...) needs something positive beside it in all(...)");
	*out = NULL;
	if (!it->kid_count)
		return 0;
	drop_stopped(it);
	if (q->kind == MATCH_ATLEAST && q->least > 1)
		it->least = q->least < it->kid_count ? q->least : it->kid_count;
	if (it->least == it->kid_count && it->kid_count > 1)
		it->kind = ITER_MEET;
	*out = it->kid_count == 1 && !it->not_count ? it->kids[0] : it;
	return 0;
}

static int build(struct matcher *m, const struct match *q, int depth, bool in_all,
	struct iter **out, struct error *err)
{
	int rc = 0;

	*out = NULL;
	if (++m->nodes > PLAN_NODES_MAX)
		return error_set(err, ERR_LIMIT, "a match of over %d parts, limit %d",
			PLAN_NODES_MAX, PLAN_NODES_MAX);
	if (depth > MATCH_DEPTH_MAX)
		return error_set(err, ERR_LIMIT, "a match nested over %d deep, limit %d",
			MATCH_DEPTH_MAX, MATCH_DEPTH_MAX);
	switch (q->kind) {
	case MATCH_PHRASE:
	case MATCH_NEAR:
		m->nodes += q->kid_count;
		if (!match_is_phrase(q))
			return error_set(err, ERR_ARG, "a %s is made of words, or any of some",
				match_name(q->kind));
		/* fall through */
	case MATCH_TERM:
	case MATCH_PREFIX:
	case MATCH_FUZZY: *out = build_word(m, q); break;
	case MATCH_REF:
	case MATCH_TAG:
		if (!q->field)
			return error_set(err, ERR_ARG, "a match of a ref or tag names no field");
		/* fall through */
	case MATCH_KIND: *out = build_fact(m, q); break;
	case MATCH_EXACT: *out = build_exact(m, q); break;
	case MATCH_ALL:
	case MATCH_ANY:
	case MATCH_ATLEAST: rc = build_inner(m, q, depth, out, err); break;
	case MATCH_NOT:
		if (!in_all)
			return error_set(err, ERR_ARG,
				"not(...) is only understood inside all(...)");
		if (!q->kid_count || !q->kids[0])
			return 0;
		return build(m, q->kids[0], depth + 1, false, out, err);
	}
	if (rc == 0 && *out)
		(*out)->weight *= q->weight;
	return rc;
}

static bool is_any(const struct iter *it)
{
	return it->kind == ITER_JOIN && it->least == 1;
}

/* Any of any is one. */
static void flatten(struct matcher *m, struct iter *it)
{
	struct iter **kids;
	int i, j, n = 0;

	for (i = 0; i < it->kid_count; i++)
		n += is_any(it->kids[i]) ? it->kids[i]->kid_count : 1;
	if (n == it->kid_count)
		return;
	kids = arena_calloc(m->arena, n, sizeof(*kids));
	for (i = n = 0; i < it->kid_count; i++) {
		if (!is_any(it->kids[i]))
			kids[n++] = it->kids[i];
		else
			for (j = 0; j < it->kids[i]->kid_count; j++)
				kids[n++] = it->kids[i]->kids[j];
	}
	it->kids = kids;
	it->kid_count = n;
}

/* Weights flow down to the leaves, costs come up; the leaves that can score get their
 * places. */
static void settle(struct matcher *m, struct iter *it, double weight, bool scores)
{
	int i;

	it->weight *= weight;
	if (it->kind == ITER_LEAF) {
		if (scores && m->leaf_count < PLAN_NODES_MAX) {
			it->index = m->leaf_count;
			m->leaves[m->leaf_count++] = it;
		}
		return;
	}
	if (it->kind == ITER_MEET)
		it->cost = UINT64_MAX;
	for (i = 0; i < it->kid_count; i++) {
		settle(m, it->kids[i], it->weight, scores);
		if (it->kind != ITER_MEET)
			it->cost += it->kids[i]->cost;
		else if (it->kids[i]->cost < it->cost)
			it->cost = it->kids[i]->cost;
	}
	for (i = 0; i < it->not_count; i++)
		settle(m, it->nots[i], 1, false);
	if (is_any(it))
		flatten(m, it);
}

int matcher_open(struct matcher *m, struct view *view, struct arena *arena,
	const struct match *match, struct error *err)
{
	int rc;

	m->view = view;
	m->arena = arena;
	m->root = NULL;
	m->all = NULL;
	m->leaf_count = m->all_count = m->nodes = 0;
	if (!match)
		return 0;
	rc = build(m, match, 0, false, &m->root, err);
	if (rc < 0) {
		matcher_close(m);
		return rc;
	}
	if (m->all_count > PLAN_NODES_MAX) {
		matcher_close(m);
		return error_set(err, ERR_LIMIT, "a match of over %d words, limit %d",
			PLAN_NODES_MAX, PLAN_NODES_MAX);
	}
	if (m->root)
		settle(m, m->root, 1, true);
	return 0;
}

/* ---- what a filter requires ---- */

static struct iter *drive(struct matcher *m, const struct filter *f)
{
	struct iter *it, *kid;
	int i;

	switch (f->kind) {
	case FILTER_TAG:
	case FILTER_REF:
	case FILTER_KIND:
		it = leaf_new(m, MATCH_KIND, f->text, 1);
		leaf_add(m, it, filter_group(f), filter_term(m->arena, f), 1, 1, 0);
		return leaf_done(m, it, 1);
	case FILTER_ID:
		it = iter_new(m, ITER_DOC);
		it->df = view_doc(m->view, f->text); /* the document, here */
		it->cost = 1;
		return it;
	case FILTER_AND:
		for (it = NULL, i = 0; i < f->kid_count; i++) {
			kid = f->kids[i] ? drive(m, f->kids[i]) : NULL;
			if (kid && (!it || kid->cost < it->cost))
				it = kid;
		}
		return it;
	case FILTER_OR:
		it = inner_new(m, ITER_JOIN, f->kid_count + 1);
		for (i = 0; i < f->kid_count; i++) {
			kid = f->kids[i] ? drive(m, f->kids[i]) : NULL;
			if (!kid)
				return NULL;
			it->kids[it->kid_count++] = kid;
			it->cost += kid->cost;
		}
		return it;
	default: return NULL;
	}
}

struct iter *matcher_drive(struct matcher *m, const struct filter *f)
{
	return f ? drive(m, f) : NULL;
}

void matcher_close(struct matcher *m)
{
	int i, j;

	for (i = 0; i < m->all_count; i++)
		for (j = 0; j < m->all[i]->list_count; j++)
			postings_close(m->all[i]->lists[j].list);
	m->all_count = 0;
}

int matcher_error(const struct matcher *m, struct error *err)
{
	int i, j, rc;

	for (i = 0; i < m->all_count; i++)
		for (j = 0; j < m->all[i]->list_count; j++) {
			rc = postings_error(m->all[i]->lists[j].list);
			if (rc < 0)
				return error_set(err, rc, "the postings of \"%.*s\" are damaged",
					SLICE_ARG(m->all[i]->lists[j].term));
		}
	return 0;
}
