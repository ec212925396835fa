/* match.c -- from a match tree to iterators.
 *
 * A word is analysed by every text field it speaks of; fields whose analyzers
 * agree share a list, and what stands at one position (a word with and without its
 * accents) shares a leaf.  A word that an analyzer splits ("hip-hop") becomes ALL of
 * its parts; one that vanishes (only punctuation) constrains nothing, unless
 * nothing else is left: then nothing matches.  A stop word of some field constrains
 * nothing beside other words.
 *
 * A meeting node is led by its cheapest kid and the others seek; a joining node
 * stands at its smallest kid.  Invariant: an inner node's doc matches it, and
 * every kid stands at or after that doc. */
#include "query/match.h"

#include <assert.h>
#include <math.h>

#define MATCH_DEPTH_MAX 32

static const float fuzzy_weight[3] = { 1, 0.6f, 0.35f };
#define PREFIX_WEIGHT 0.8f
#define SYNONYM_WEIGHT 0.8f
#define PARTS_MAX 64 /* fields by forms and synonyms */

double match_idf(uint32_t docs, uint32_t df)
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

/* ---- building ---- */

static struct iter *iter_new(struct matcher *m, enum iter_kind kind)
{
	struct iter *it = arena_calloc(m->arena, 1, sizeof(*it));

	it->kind = kind;
	it->weight = 1;
	return it;
}

static struct iter *leaf_new(struct matcher *m, enum match_kind what, struct slice text,
	int room)
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

static void leaf_add(struct matcher *m, struct iter *leaf, int group, struct slice term,
	uint8_t mask, float weight, int edits)
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
	*l = (struct leaf_list){ p, term, weight, mask, false, edits };
	leaf->cost += p->df;
	if (p->df > leaf->df)
		leaf->df = p->df;
}

static struct iter *leaf_done(struct matcher *m, struct iter *leaf, uint8_t all)
{
	int i;

	for (i = 0; i < leaf->list_count; i++)
		leaf->lists[i].check = leaf->lists[i].mask != all;
	leaf->idf = match_idf(view_stats(m->view)->docs, leaf->df);
	m->all = arena_grow(m->arena, m->all, m->all_count * sizeof(*m->all),
		(m->all_count + 1) * sizeof(*m->all));
	m->all[m->all_count++] = leaf;
	return leaf;
}

static struct iter *inner_new(struct matcher *m, enum iter_kind kind, int room)
{
	struct iter *it = iter_new(m, kind);

	it->kids = arena_calloc(m->arena, room, sizeof(*it->kids));
	it->nots = arena_calloc(m->arena, room, sizeof(*it->nots));
	it->least = 1;
	return it;
}

static uint8_t all_fields(const struct matcher *m)
{
	return (1u << view_schema(m->view)->text_count) - 1;
}

static size_t expand(struct matcher *m, const struct match *q, enum match_kind what,
	struct slice term, struct expansion *out)
{
	size_t letters, n;
	int edits = q->edits;

	if (what == MATCH_PREFIX)
		return view_prefix(m->view, m->arena, GROUP_TEXT, term, out, EXPANSIONS_MAX);
	letters = text_length(term);
	if (edits <= 0) /* a word that the dictionary knows is seldom two slips away */
		edits = letters < 4 ? 0 : letters < 8 || view_df(m->view, GROUP_TEXT, term) ? 1 : 2;
	if (edits > 2)
		edits = 2;
	if (edits) {
		n = view_fuzzy(m->view, m->arena, GROUP_TEXT, term, edits, out, EXPANSIONS_MAX);
		return n;
	}
	*out = (struct expansion){ term, 0, 0 };
	return 1;
}

/* ---- words ---- */

/* A term that a leaf looks for. */
struct part {
	struct slice term;
	uint8_t fields;
	float weight;
};

struct parts {
	struct part items[PARTS_MAX];
	int count;
};

/* What one analyzer makes of a text, for the fields it serves. */
struct analysed {
	const struct analyzer *analyzer;
	uint8_t fields;
	struct tokens tokens;
	int words;                       /* positions that have tokens */
	uint16_t first[QUERY_TERMS_MAX + 1]; /* a word's first token; one more at the end */
};

static void part_add(struct parts *parts, struct slice term, uint8_t fields, float weight)
{
	struct part *p;
	int i;

	for (i = 0; i < parts->count && !slice_eq(parts->items[i].term, term); i++)
		;
	if (i == PARTS_MAX)
		return;
	p = &parts->items[i];
	if (i == parts->count) {
		parts->items[parts->count++] = (struct part){ term, fields, weight };
		return;
	}
	p->fields |= fields;
	if (weight > p->weight)
		p->weight = weight;
}

static void expand_part(struct matcher *m, const struct match *q, enum match_kind what,
	const struct part *p, struct iter *leaf)
{
	struct expansion found[EXPANSIONS_MAX];
	size_t n = expand(m, q, what, p->term, found), i;
	float weight;

	for (i = 0; i < n && leaf->list_count < EXPANSIONS_MAX; i++) {
		if (what == MATCH_FUZZY)
			weight = fuzzy_weight[found[i].distance > 2 ? 2 : found[i].distance];
		else
			weight = slice_eq(found[i].term, p->term) ? 1 : PREFIX_WEIGHT;
		leaf_add(m, leaf, GROUP_TEXT, found[i].term, p->fields, weight, found[i].distance);
	}
}

/* One word: its terms in each field, and what they become. */
static struct iter *word_leaf(struct matcher *m, const struct match *q, enum match_kind what,
	const struct parts *parts)
{
	struct iter *leaf = leaf_new(m, what, q->text, EXPANSIONS_MAX + PARTS_MAX);
	int i;

	for (i = 0; i < parts->count; i++) {
		const struct part *p = &parts->items[i];

		/* a slip is sought for the plain form only */
		if (what == MATCH_TERM || p->weight > 1)
			leaf_add(m, leaf, GROUP_TEXT, p->term, p->fields, p->weight, 0);
		else
			expand_part(m, q, what, p, leaf);
	}
	return leaf_done(m, leaf, all_fields(m));
}

/* Groups tokens by position. */
static void find_words(struct analysed *a)
{
	const struct token *items = a->tokens.items;
	size_t i;

	a->words = 0;
	for (i = 0; i < a->tokens.count && i < UINT16_MAX; i++) {
		if (i && items[i].position == items[i - 1].position)
			continue;
		if (a->words == QUERY_TERMS_MAX)
			break;
		a->first[a->words++] = i;
	}
	a->first[a->words] = i;
}

/* By each analyzer of the fields; their count. */
static int analyse(struct matcher *m, const struct match *q, uint8_t fields,
	struct analysed out[TEXT_FIELDS_MAX])
{
	const struct schema *schema = view_schema(m->view);
	int i, j, n = 0;

	for (i = 0; i < schema->field_count; i++) {
		const struct field *f = &schema->fields[i];

		if (f->text_index < 0 || !(fields >> f->text_index & 1))
			continue;
		for (j = 0; j < n && out[j].analyzer != f->analyzer; j++)
			;
		if (j < n) {
			out[j].fields |= 1u << f->text_index;
			continue;
		}
		out[n].analyzer = f->analyzer;
		out[n].fields = 1u << f->text_index;
		analyze_query(f->analyzer, m->arena, q->typed.len ? q->typed : q->text,
			&out[n].tokens);
		find_words(&out[n++]);
	}
	return n;
}

static struct iter *only(struct iter *inner)
{
	return inner->kid_count == 1 && !inner->phrase ? inner->kids[0] : inner;
}

/* A word by its grams: of inner ones a part is enough. */
static struct iter *gram_word(struct matcher *m, const struct match *q, const struct analysed *a,
	int word)
{
	int from = a->first[word], n = a->first[word + 1] - from, i;
	struct iter *join = inner_new(m, ITER_JOIN, n);
	struct parts parts;

	for (i = 0; i < n; i++) {
		parts.count = 0;
		part_add(&parts, a->tokens.items[from + i].term, a->fields, 1);
		join->kids[join->kid_count++] = word_leaf(m, q, MATCH_TERM, &parts);
	}
	join->least = analyzer_least(n);
	if (join->least == n)
		join->kind = ITER_MEET;
	return only(join);
}

/* Grams answer any word in the one way they can.  They are many, and the tree is
 * bounded: a long query goes without them. */
static struct iter *build_grams(struct matcher *m, const struct match *q, const struct analysed *a)
{
	struct iter *all = inner_new(m, ITER_MEET, a->words + 1);
	int w;

	for (w = 0; w < a->words; w++)
		if (m->all_count + a->first[w + 1] - a->first[w] <= PLAN_NODES_MAX / 2)
			all->kids[all->kid_count++] = gram_word(m, q, a, w);
	return all->kid_count ? only(all) : NULL;
}

static struct phrase *phrase_new(struct matcher *m, const struct match *q,
	const struct analysed *all, int count, int words)
{
	struct phrase *p = arena_calloc(m->arena, 1, sizeof(*p));
	uint32_t *places;
	int i, w, f;

	p->near = q->kind == MATCH_NEAR;
	p->slop = q->slop > 0 ? q->slop : 0;
	p->at = arena_alloc(m->arena, words * sizeof(*p->at));
	for (i = 0; i < count; i++) {
		if (all[i].words != words || analyzer_grams(all[i].analyzer))
			continue;
		p->fields |= all[i].fields;
		places = arena_alloc(m->arena, words * sizeof(*places));
		for (w = 0; w < words; w++)
			places[w] = all[i].tokens.items[all[i].first[w]].position;
		for (f = 0; f < TEXT_FIELDS_MAX; f++)
			if (all[i].fields >> f & 1)
				p->places[f] = places;
	}
	return p;
}

/* Synonyms of one word are other forms of it. */
static void add_synonyms(struct matcher *m, const struct match *q, const struct analysed *a,
	struct parts *parts)
{
	struct tokens tokens;
	int i;

	for (i = 0; i < q->also_count; i++) {
		analyze_query(a->analyzer, m->arena, q->also[i], &tokens);
		if (tokens.positions == 1)
			part_add(parts, tokens.items[0].term, a->fields, SYNONYM_WEIGHT);
	}
}

/* The fields whose analyzers make so many words of the text: ALL of these. */
static struct iter *build_words(struct matcher *m, const struct match *q,
	const struct analysed *all, int count, int words)
{
	bool is_phrase = q->kind == MATCH_PHRASE || q->kind == MATCH_NEAR;
	struct iter *meet = inner_new(m, ITER_MEET, words);
	struct parts parts;
	int i, w, t;

	if (words > 1 && is_phrase)
		meet->phrase = phrase_new(m, q, all, count, words);
	for (w = 0; w < words; w++) {
		parts.count = 0;
		for (i = 0; i < count; i++) {
			const struct analysed *a = &all[i];

			if (a->words != words || analyzer_grams(a->analyzer))
				continue;
			for (t = a->first[w]; t < a->first[w + 1]; t++)
				part_add(&parts, a->tokens.items[t].term, a->fields,
					a->tokens.items[t].weight);
			if (words == 1)
				add_synonyms(m, q, a, &parts);
		}
		meet->kids[meet->kid_count++] =
			word_leaf(m, q, is_phrase ? MATCH_TERM : q->kind, &parts);
	}
	return only(meet);
}

static struct iter *build_prefix(struct matcher *m, const struct match *q, uint8_t fields);
static struct iter *build_word(struct matcher *m, const struct match *q);

/* Synonyms that are no single word where the word is one: beside it. */
static struct iter *build_synonym(struct matcher *m, const struct match *q, struct slice text)
{
	uint8_t fields = q->fields ? q->fields : all_fields(m);
	struct match synonym = { .kind = MATCH_TERM, .text = text, .weight = 1, .fields = q->fields };
	struct iter *it;

	/* as a phrase, if the fields know where words stand */
	if (!(fields & ~view_schema(m->view)->positions))
		synonym.kind = MATCH_PHRASE;
	it = build_word(m, &synonym);
	if (it)
		it->weight *= SYNONYM_WEIGHT;
	return it;
}

/* Fields by how many words their analyzers make of the text, and those with grams:
 * ANY of these is the match. */
static struct iter *build_word(struct matcher *m, const struct match *q)
{
	struct analysed all[TEXT_FIELDS_MAX];
	uint8_t fields = q->fields ? q->fields & all_fields(m) : all_fields(m);
	struct iter *any = inner_new(m, ITER_JOIN, 2 * TEXT_FIELDS_MAX + q->also_count), *kid;
	bool single = false;
	bool is_phrase = q->kind == MATCH_PHRASE || q->kind == MATCH_NEAR;
	int count, i, j;

	if (q->kind == MATCH_PREFIX)
		return build_prefix(m, q, fields);
	count = analyse(m, q, fields, all);
	for (i = 0; i < count; i++) {
		if (analyzer_grams(all[i].analyzer)) {
			kid = is_phrase ? NULL : build_grams(m, q, &all[i]);
		} else {
			for (j = 0; j < i; j++)
				if (all[j].words == all[i].words && !analyzer_grams(all[j].analyzer))
					break;
			kid = j == i && all[i].words ? build_words(m, q, all, count, all[i].words)
						     : NULL;
		}
		if (kid)
			any->kids[any->kid_count++] = kid;
		any->stopped = any->stopped || all[i].tokens.stopped;
		single = single || all[i].words == 1;
	}
	for (i = 0; i < q->also_count; i++) {
		if (single && !memchr(q->also[i].ptr, ' ', q->also[i].len))
			continue;
		kid = build_synonym(m, q, q->also[i]);
		if (kid)
			any->kids[any->kid_count++] = kid;
	}
	if (!any->kid_count)
		return NULL;
	only(any)->stopped = any->stopped;
	return only(any);
}

/* The dictionary's letters: the last word is not stemmed, those before are whole. */
static struct iter *build_prefix(struct matcher *m, const struct match *q, uint8_t fields)
{
	struct slice text = text_fold(m->arena, q->text);
	struct analysed all[TEXT_FIELDS_MAX];
	struct match before = *q, last = *q;
	struct iter *both, *any, *kid;
	struct parts parts = { .count = 0 };
	size_t at = text.len;
	int n, i;

	while (at > 0 && text.ptr[at - 1] != ' ')
		at--;
	if (at == text.len)
		return NULL;
	last.text = slice_of(text.ptr + at, text.len - at);
	last.typed.len = 0;
	part_add(&parts, last.text, fields, 1);
	any = inner_new(m, ITER_JOIN, 1 + TEXT_FIELDS_MAX);
	any->kids[any->kid_count++] = word_leaf(m, q, MATCH_PREFIX, &parts);
	for (i = 0, n = analyse(m, &last, fields, all); i < n; i++) {
		kid = analyzer_grams(all[i].analyzer) ? build_grams(m, &last, &all[i]) : NULL;
		if (kid)
			any->kids[any->kid_count++] = kid;
		any->stopped = any->stopped || all[i].tokens.stopped;
	}
	only(any)->stopped = any->stopped;
	before.kind = MATCH_TERM;
	before.text = slice_of(text.ptr, at);
	before.typed.len = 0;
	kid = at ? build_word(m, &before) : NULL;
	if (!kid || kid->stopped)
		return only(any);
	both = inner_new(m, ITER_MEET, 2);
	both->kids[0] = kid;
	both->kids[1] = only(any);
	both->kid_count = 2;
	return both;
}

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

static int build_inner(struct matcher *m, const struct match *q, int depth, struct iter **out,
	struct error *err)
{
	struct iter *it = inner_new(m, q->kind == MATCH_ALL ? ITER_MEET : ITER_JOIN,
		q->kid_count + 1);
	int rc;

	rc = build_kids(m, q, depth, it, err);
	if (rc < 0)
		return rc;
	if (!it->kid_count && it->not_count)
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
	if (*out != it)
		(*out)->weight *= it->weight;
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
	case MATCH_TERM:
	case MATCH_PREFIX:
	case MATCH_FUZZY:
	case MATCH_PHRASE:
	case MATCH_NEAR:
		*out = build_word(m, q);
		break;
	case MATCH_REF:
	case MATCH_TAG:
		if (!q->field)
			return error_set(err, ERR_ARG, "a match of a ref or tag names no field");
		/* fall through */
	case MATCH_KIND:
		*out = build_fact(m, q);
		break;
	case MATCH_EXACT:
		*out = build_exact(m, q);
		break;
	case MATCH_ALL:
	case MATCH_ANY:
	case MATCH_ATLEAST:
		rc = build_inner(m, q, depth, out, err);
		break;
	case MATCH_NOT:
		if (!in_all)
			return error_set(err, ERR_ARG, "not(...) is only understood inside all(...)");
		if (!q->kid_count || !q->kids[0])
			return 0;
		return build(m, q->kids[0], depth + 1, false, out, err);
	}
	if (rc == 0 && *out)
		(*out)->weight *= q->weight;
	return rc;
}

/* Weights flow down to the leaves; any of any is one; costs come up; the leaves
 * that can score get their places. */
static struct iter *settle(struct matcher *m, struct iter *it, double weight, bool scores)
{
	struct iter **kids, *kid;
	int i, j, n = 0;

	it->weight *= weight;
	if (it->kind == ITER_LEAF) {
		if (scores && m->leaf_count < PLAN_NODES_MAX) {
			it->index = m->leaf_count;
			m->leaves[m->leaf_count++] = it;
		}
		return it;
	}
	for (i = 0; i < it->kid_count; i++)
		it->kids[i] = settle(m, it->kids[i], it->weight, scores);
	for (i = 0; i < it->not_count; i++)
		it->nots[i] = settle(m, it->nots[i], 1, false);
	if (it->kind == ITER_MEET) {
		it->cost = UINT64_MAX;
		for (i = 0; i < it->kid_count; i++)
			if (it->kids[i]->cost < it->cost)
				it->cost = it->kids[i]->cost;
		return it;
	}
	for (i = 0; i < it->kid_count; i++) {
		kid = it->kids[i];
		it->cost += kid->cost;
		n += it->least == 1 && kid->kind == ITER_JOIN && kid->least == 1 ? kid->kid_count : 1;
	}
	if (n == it->kid_count)
		return it;
	kids = arena_calloc(m->arena, n, sizeof(*kids));
	for (i = n = 0; i < it->kid_count; i++) {
		kid = it->kids[i];
		if (kid->kind == ITER_JOIN && kid->least == 1)
			for (j = 0; j < kid->kid_count; j++)
				kids[n++] = kid->kids[j];
		else
			kids[n++] = kid;
	}
	it->kids = kids;
	it->kid_count = n;
	return it;
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
		m->root = settle(m, m->root, 1, true);
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
	default:
		return NULL;
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

/* ---- moving ---- */

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
