/* match_word.c -- from words to leaves.
 *
 * A word is analysed by every text field it speaks of; fields whose analyzers
 * agree share a list, and what stands at one position (a word with and without its
 * accents) shares a leaf, as do synonyms of one word.  A word that an analyzer splits
 * ("hip-hop") becomes ALL of its parts.  Fields of grams answer beside the others: of
 * inner grams a part is enough. */
#include "query/match_parts.h"

static const float fuzzy_weight[3] = { 1, 0.6f, 0.35f };
#define PREFIX_WEIGHT  0.8f
#define SYNONYM_WEIGHT 0.8f
#define PARTS_MAX      64 /* fields by forms and synonyms */

/* A term that a leaf looks for, as it is or as what it becomes. */
struct part {
	struct slice term;
	uint8_t fields;
	float weight;
	enum match_kind kind; /* TERM, PREFIX or FUZZY */
	int edits;
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
	int words;                           /* positions that have tokens */
	uint16_t first[QUERY_TERMS_MAX + 1]; /* a word's first token; one more at the end */
};

static void part_add(struct parts *parts, struct part new)
{
	struct part *p;
	int i;

	for (i = 0; i < parts->count; i++)
		if (parts->items[i].kind == new.kind && slice_eq(parts->items[i].term, new.term))
			break;
	if (i == PARTS_MAX)
		return;
	p = &parts->items[i];
	if (i == parts->count) {
		parts->items[parts->count++] = new;
		return;
	}
	p->fields |= new.fields;
	if (new.weight > p->weight)
		p->weight = new.weight;
}

static size_t near(struct matcher *m, struct slice term, int edits, struct expansion *out)
{
	return view_fuzzy(m->view, m->arena, GROUP_TEXT, term, edits, out, EXPANSIONS_MAX);
}

static size_t expand(struct matcher *m, const struct part *p, struct expansion *out)
{
	size_t letters = text_length(p->term), n;

	if (p->kind == MATCH_PREFIX)
		return view_prefix(m->view, m->arena, GROUP_TEXT, p->term, out, EXPANSIONS_MAX);
	if (p->edits > 0)
		return near(m, p->term, p->edits > 2 ? 2 : p->edits, out);
	if (letters < 4) {
		*out = (struct expansion){ p->term, 0, 0 };
		return 1;
	}
	/* a word that has itself or another near it in the dictionary is seldom two slips away */
	n = near(m, p->term, 1, out);
	return n || letters < 8 ? n : near(m, p->term, 2, out);
}

static void add_expanded(struct matcher *m, const struct part *p, struct iter *leaf)
{
	struct expansion found[EXPANSIONS_MAX];
	size_t n = expand(m, p, found), i;
	float weight;

	for (i = 0; i < n && leaf->list_count < EXPANSIONS_MAX; i++) {
		if (p->kind == MATCH_FUZZY)
			weight = fuzzy_weight[found[i].distance > 2 ? 2 : found[i].distance];
		else
			weight = slice_eq(found[i].term, p->term) ? 1 : PREFIX_WEIGHT;
		leaf_add(m, leaf, GROUP_TEXT, found[i].term, p->fields, weight * p->weight,
			found[i].distance);
	}
}

/* One word: its terms in each field, and what they become. */
static struct iter *word_leaf(struct matcher *m, struct slice text, enum match_kind what,
	const struct parts *parts)
{
	struct iter *leaf = leaf_new(m, what, text, EXPANSIONS_MAX + PARTS_MAX);
	const struct part *p;

	for (p = parts->items; p < parts->items + parts->count; p++)
		if (p->kind == MATCH_TERM)
			leaf_add(m, leaf, GROUP_TEXT, p->term, p->fields, p->weight, 0);
		else
			add_expanded(m, p, leaf);
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

static void analyse_by(struct matcher *m, const struct match *q, const struct analyzer *analyzer,
	uint8_t fields, struct analysed *out)
{
	out->analyzer = analyzer;
	out->fields = fields;
	analyze_query(analyzer, m->arena, q->typed.len ? q->typed : q->text, &out->tokens);
	find_words(out);
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
		if (j < n)
			out[j].fields |= 1u << f->text_index;
		else
			analyse_by(m, q, f->analyzer, 1u << f->text_index, &out[n++]);
	}
	return n;
}

static bool is_phrase(const struct match *q)
{
	return q->kind == MATCH_PHRASE || q->kind == MATCH_NEAR;
}

/* The i-th of what may stand for it; NULL past the last. */
static const struct match *choice_of(const struct match *q, int i)
{
	if (q->kind == MATCH_ANY)
		return i < q->kid_count ? q->kids[i] : NULL;
	return i ? NULL : q;
}

static struct slice last_word(struct slice folded)
{
	size_t at = folded.len;

	while (at > 0 && folded.ptr[at - 1] != ' ')
		at--;
	return slice_of(folded.ptr + at, folded.len - at);
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
		part_add(&parts, (struct part){ a->tokens.items[from + i].term, a->fields, 1,
					 MATCH_TERM, 0 });
		join->kids[join->kid_count++] = word_leaf(m, q->text, MATCH_TERM, &parts);
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

/* ---- one text after the other ---- */

/* Texts, each analysed by each analyzer: one, or those of a phrase of matches. */
struct asked {
	const struct match *texts[QUERY_TERMS_MAX];
	struct analysed (*by)[TEXT_FIELDS_MAX];
	int count, analyzers;
	bool parts; /* texts of their own, with weights */
};

static void ask(struct matcher *m, const struct match *q, uint8_t fields, struct asked *out)
{
	int i, t;
	bool said;

	out->count = 0;
	out->parts = q->kid_count > 0;
	for (i = 0; i < q->kid_count && out->count < QUERY_TERMS_MAX; i++)
		if (q->kids[i] && choice_of(q->kids[i], 0))
			out->texts[out->count++] = q->kids[i];
	if (!out->parts)
		out->texts[out->count++] = q;
	out->by = arena_calloc(m->arena, out->count + 1, sizeof(*out->by));
	out->analyzers = 0;
	for (t = 0; t < out->count; t++)
		out->analyzers = analyse(m, choice_of(out->texts[t], 0), fields, out->by[t]);
	/* what stops is not asked for beside others */
	for (i = 0; i < out->analyzers; i++) {
		for (t = 0, said = false; t < out->count; t++)
			said = said || (out->by[t][i].words && !out->by[t][i].tokens.stopped);
		for (t = 0; t < out->count && said; t++)
			if (out->by[t][i].tokens.stopped)
				out->by[t][i].words = out->by[t][i].tokens.positions = 0;
	}
}

static int words_of(const struct asked *a, int analyzer)
{
	int t, n = 0;

	for (t = 0; t < a->count; t++)
		n += a->by[t][analyzer].words;
	return n < QUERY_TERMS_MAX ? n : QUERY_TERMS_MAX;
}

/* Do both analyzers make as many words of each text, and of no grams? */
static bool alike(const struct asked *a, int i, int j)
{
	int t;

	for (t = 0; t < a->count; t++)
		if (a->by[t][i].words != a->by[t][j].words)
			return false;
	return !analyzer_grams(a->by[0][i].analyzer) && !analyzer_grams(a->by[0][j].analyzer);
}

/* Where each word stands, as this analyzer has it. */
static uint32_t *places_of(struct matcher *m, const struct asked *a, int analyzer)
{
	uint32_t *places = arena_calloc(m->arena, QUERY_TERMS_MAX, sizeof(*places)), before = 0;
	int t, w, n = 0;

	for (t = 0; t < a->count; t++) {
		const struct analysed *by = &a->by[t][analyzer];

		for (w = 0; w < by->words && n < QUERY_TERMS_MAX; w++)
			places[n++] = before + by->tokens.items[by->first[w]].position;
		before += by->tokens.positions;
	}
	return places;
}

/* Word w of what is asked for. */
static void add_word(struct matcher *m, const struct match *q, const struct analysed *a, int w,
	float weight, struct parts *parts)
{
	uint8_t fields = q->fields ? a->fields & q->fields : a->fields;
	const struct token *token;
	struct slice last;
	int t;

	if (!fields)
		return;
	if (q->kind == MATCH_PREFIX && w == a->words - 1) { /* the dictionary's letters */
		last = last_word(text_fold(m->arena, q->text));
		part_add(parts, (struct part){ last, fields, weight, MATCH_PREFIX, 0 });
		return;
	}
	for (t = a->first[w]; t < a->first[w + 1]; t++) {
		token = &a->tokens.items[t];
		/* a slip is sought for the plain form only */
		part_add(parts, (struct part){ token->term, fields, weight * token->weight,
					q->kind == MATCH_FUZZY && token->weight == 1 ? MATCH_FUZZY
										     : MATCH_TERM,
					q->edits });
	}
}

/* What may stand for a text of one word: synonyms, and the choices of an ANY. */
static void add_others(struct matcher *m, const struct match *q, const struct analysed *a,
	struct parts *parts)
{
	const struct match *choice;
	struct match synonym = { .kind = MATCH_TERM, .fields = q->fields };
	struct analysed by;
	int i;

	for (i = 0; i < q->also_count; i++) {
		synonym.text = q->also[i];
		analyse_by(m, &synonym, a->analyzer, a->fields, &by);
		if (by.tokens.positions == 1)
			add_word(m, &synonym, &by, 0, SYNONYM_WEIGHT, parts);
	}
	for (i = 1; (choice = choice_of(q, i)); i++) {
		analyse_by(m, choice, a->analyzer, a->fields, &by);
		if (by.tokens.positions == 1)
			add_word(m, choice, &by, 0, choice->weight, parts);
		add_others(m, choice, a, parts);
	}
}

static struct iter *build_place(struct matcher *m, const struct asked *a, int analyzer, int text,
	int w)
{
	const struct match *q = a->texts[text], *first = choice_of(q, 0);
	const struct analysed *lead = &a->by[text][analyzer];
	struct parts parts = { .count = 0 };
	struct iter *leaf;
	int i;

	for (i = 0; i < a->analyzers; i++) {
		if (!alike(a, analyzer, i))
			continue;
		add_word(m, first, &a->by[text][i], w, first == q ? 1 : first->weight, &parts);
		if (lead->words == 1)
			add_others(m, q, &a->by[text][i], &parts);
	}
	leaf = word_leaf(m,
		lead->words == 1 ? first->text : lead->tokens.items[lead->first[w]].term,
		first->kind == MATCH_FUZZY ? MATCH_FUZZY : MATCH_TERM, &parts);
	if (a->parts) /* the whole has its own, which is told later */
		leaf->weight *= q->weight;
	return leaf;
}

/* The fields whose analyzers make as many words as this one of each text: ALL of these. */
static struct iter *build_words(struct matcher *m, const struct match *q, const struct asked *a,
	int analyzer)
{
	int words = words_of(a, analyzer), i, t, w, f;
	struct iter *meet = inner_new(m, ITER_MEET, words);
	uint32_t *places;

	for (t = 0; t < a->count; t++)
		for (w = 0; w < a->by[t][analyzer].words && meet->kid_count < words; w++)
			meet->kids[meet->kid_count++] = build_place(m, a, analyzer, t, w);
	if (words == 1 || !is_phrase(q))
		return only(meet);
	meet->phrase = phrase_new(m, q->kind == MATCH_NEAR, q->slop, words);
	for (i = 0; i < a->analyzers; i++) {
		if (!alike(a, analyzer, i))
			continue;
		meet->phrase->fields |= a->by[0][i].fields;
		places = places_of(m, a, i);
		for (f = 0; f < TEXT_FIELDS_MAX; f++)
			if (a->by[0][i].fields >> f & 1)
				meet->phrase->places[f] = places;
	}
	phrase_done(m, meet);
	return meet;
}

/* Of stop words only. */
static bool all_stopped(const struct asked *a, int analyzer)
{
	int t;

	for (t = 0; t < a->count && a->by[t][analyzer].tokens.stopped; t++)
		;
	return t && t == a->count;
}

static struct iter *build_prefix(struct matcher *m, const struct match *q, uint8_t fields);

/* A synonym that is no single word where the word is one, beside it: as a phrase where
 * the fields know how words stand, as all of its words in the others.  NULL: no word. */
static struct iter *build_synonym(struct matcher *m, const struct match *q, struct slice text)
{
	uint8_t fields = q->fields ? q->fields & all_fields(m) : all_fields(m);
	uint8_t placed = fields & view_schema(m->view)->positions;
	struct match phrase = { .kind = MATCH_PHRASE, .text = text, .fields = placed };
	struct match words = { .kind = MATCH_TERM, .text = text, .fields = fields & ~placed };
	struct iter *any = inner_new(m, ITER_JOIN, 2), *kid;

	kid = placed ? build_word(m, &phrase) : NULL;
	if (kid)
		any->kids[any->kid_count++] = kid;
	kid = words.fields ? build_word(m, &words) : NULL;
	if (kid)
		any->kids[any->kid_count++] = kid;
	any->weight = SYNONYM_WEIGHT;
	return any->kid_count ? any : NULL;
}

static void build_synonyms(struct matcher *m, const struct match *q, bool single, struct iter *any)
{
	struct iter *kid;
	int i;

	for (i = 0; i < q->also_count; i++) {
		if (single && !memchr(q->also[i].ptr, ' ', q->also[i].len))
			continue;
		kid = build_synonym(m, q, q->also[i]);
		if (kid)
			any->kids[any->kid_count++] = kid;
	}
}

/* Fields by how many words their analyzers make of the text, and those with grams:
 * ANY of these is the match. */
struct iter *build_word(struct matcher *m, const struct match *q)
{
	uint8_t fields = q->fields ? q->fields & all_fields(m) : all_fields(m);
	struct iter *any = inner_new(m, ITER_JOIN, 2 * TEXT_FIELDS_MAX + q->also_count), *kid;
	bool single = false;
	struct asked a;
	int i, j;

	if (q->kind == MATCH_PREFIX)
		return build_prefix(m, q, fields);
	ask(m, q, fields, &a);
	for (i = 0; i < a.analyzers; i++) {
		if (analyzer_grams(a.by[0][i].analyzer)) {
			kid = is_phrase(q) ? NULL : build_grams(m, q, &a.by[0][i]);
		} else {
			for (j = 0; j < i && !alike(&a, i, j); j++)
				;
			kid = j == i && words_of(&a, i) ? build_words(m, q, &a, i) : NULL;
		}
		if (kid)
			any->kids[any->kid_count++] = kid;
		any->stopped = any->stopped || all_stopped(&a, i);
		single = single || a.by[0][i].words == 1;
	}
	build_synonyms(m, q, single, any);
	if (!any->kid_count)
		return NULL;
	only(any)->stopped = any->stopped;
	return only(any);
}

/* The dictionary's letters: the last word is not stemmed, those before are whole. */
static struct iter *build_prefix(struct matcher *m, const struct match *q, uint8_t fields)
{
	struct slice text = text_fold(m->arena, q->text), end = last_word(text);
	struct analysed all[TEXT_FIELDS_MAX];
	struct match before = *q, last = *q;
	struct iter *both, *any, *kid;
	struct parts parts = { .count = 0 };
	int n, i;

	if (!end.len)
		return NULL;
	last.text = end;
	last.typed.len = 0;
	part_add(&parts, (struct part){ end, fields, 1, MATCH_PREFIX, 0 });
	any = inner_new(m, ITER_JOIN, 1 + TEXT_FIELDS_MAX);
	any->kids[any->kid_count++] = word_leaf(m, q->text, MATCH_PREFIX, &parts);
	for (i = 0, n = analyse(m, &last, fields, all); i < n; i++) {
		kid = analyzer_grams(all[i].analyzer) ? build_grams(m, &last, &all[i]) : NULL;
		if (kid)
			any->kids[any->kid_count++] = kid;
		any->stopped = any->stopped || all[i].tokens.stopped;
	}
	only(any)->stopped = any->stopped;
	before.kind = MATCH_TERM;
	before.text = slice_of(text.ptr, end.ptr - text.ptr);
	before.typed.len = 0;
	kid = before.text.len ? build_word(m, &before) : NULL;
	if (!kid || kid->stopped)
		return only(any);
	both = inner_new(m, ITER_MEET, 2);
	both->kids[0] = kid;
	both->kids[1] = only(any);
	both->kid_count = 2;
	return both;
}
