/* match_word.c -- from words to leaves.
 *
 * A word is analysed by every text field it speaks of; fields whose analyzers
 * agree share a list, and what stands at one position (a word with and without its
 * accents) shares a leaf, as do synonyms of one word.  A word that an analyzer splits
 * ("hip-hop") becomes ALL of its parts.  Fields of grams answer beside the others: of
 * inner grams a part is enough. */
#include "query/match_parts.h"

static const float fuzzy_weight[3] = { 1, 0.6f, 0.35f };
#define PREFIX_WEIGHT 0.8f
#define SYNONYM_WEIGHT 0.8f
#define PARTS_MAX 64 /* fields by forms and synonyms */

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
		if (what == MATCH_TERM || p->weight != 1)
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
struct iter *build_word(struct matcher *m, const struct match *q)
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
