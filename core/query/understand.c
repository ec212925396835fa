/* understand.c -- slots filled from what the catalogue knows.
 *
 * An entity slot looks at runs of one to four consecutive words.  A run has two
 * questions: which entities have exactly this name, and which have all its words
 * in their name; each keeps the two of best quality.  A reading then weighs
 *
 *     spelling * sqrt(words of the run / words of the name) * fame * length
 *
 * where fame is the square of quality beside the best of the kind, and a lone word
 * counts less the more of the catalogue has it: "love" is rarely the artist Love.
 * What was there keeps UNTOUCHED of its weight, so that a query no
 * entity fits well is left alone.  The work is bounded by postings to visit. */
#include "query/reading.h"

#include <math.h>

#include "query/score.h"
#include "query/spell.h"

#define RUN_WORDS_MAX      4
#define SPELLINGS          3
#define RUN_HITS           2
#define RUN_POSTINGS_MAX   6000  /* of the rarest word: beyond, only exact names */
#define QUERY_POSTINGS_MAX 30000 /* all runs together: about 0.3 ms */
#define UNTOUCHED          0.25
#define EXACT_TRIES        8  /* spellings of a run looked up as whole names */
#define SLOT_WORDS_MAX     12 /* words of a query that are looked at */

/* ---- entities ---- */

struct found {
	uint32_t doc;
	float quality;
};

struct entities {
	struct query *q;
	struct view *view;
	struct arena *arena;
	const struct field *field;
	struct slice kind;
	struct spelling spelling[SLOT_WORDS_MAX][SPELLINGS];
	int spellings[SLOT_WORDS_MAX];
	uint32_t df[SLOT_WORDS_MAX]; /* of all spellings */
	float best_quality;
	int64_t budget; /* postings left to visit */
	struct readings readings;
};

static struct match *match_new(struct arena *arena, enum match_kind kind, struct slice text)
{
	struct match *m = arena_calloc(arena, 1, sizeof(*m));

	m->kind = kind;
	m->text = text;
	m->weight = 1;
	return m;
}

static struct match *match_list(struct arena *arena, enum match_kind kind, int room)
{
	struct match *m = match_new(arena, kind, SLICE_LIT(""));

	m->kids = arena_calloc(arena, room, sizeof(*m->kids));
	return m;
}

/* The two best known that a match of the kind finds. */
static int best_of(struct entities *e, struct match *what, struct found out[RUN_HITS])
{
	struct match *all = match_list(e->arena, MATCH_ALL, 2);
	struct score_term quality = { .kind = SCORE_QUALITY, .weight = 1 };
	struct plan plan = { .match = all, .scores = &quality, .score_count = 1 };
	struct search_env env = { .view = e->view, .arena = e->arena };
	struct search_result result;
	size_t i;

	all->kids[all->kid_count++] = what;
	if (e->kind.len)
		all->kids[all->kid_count++] = match_new(e->arena, MATCH_KIND, e->kind);
	if (search_run(&env, &plan, NULL, RUN_HITS, &result, NULL) < 0)
		return 0; /* a damaged list: the query is read without it */
	for (i = 0; i < result.count; i++)
		out[i] = (struct found){ result.hits[i].doc, result.hits[i].score };
	return result.count;
}

static struct match *run_words(struct entities *e, int first, int count)
{
	struct match *all = match_list(e->arena, MATCH_ALL, RUN_WORDS_MAX), *any, *term;
	int i, s;

	for (i = first; i < first + count; i++) {
		any = match_list(e->arena, MATCH_ANY, SPELLINGS);
		for (s = 0; s < e->spellings[i]; s++) {
			term = match_new(e->arena, MATCH_TERM, e->spelling[i][s].word);
			term->fields = 1u << e->field->text_index;
			any->kids[any->kid_count++] = term;
		}
		all->kids[all->kid_count++] = any;
	}
	query_restore(e->q, e->arena, all);
	return all;
}

static unsigned name_words(const struct entities *e, uint32_t doc)
{
	unsigned n = length_decode(view_lengths(e->view, doc)[e->field->text_index]);

	return n ? n : 1;
}

static double reading_weight(const struct entities *e, const struct reading *r, double spelling,
	unsigned name, bool exact, float quality)
{
	double docs = view_stats(e->view)->docs;
	double fame = e->best_quality > 0 ? fmin(quality / e->best_quality, 1) : 1;
	double cover = fmin(1, (double)r->count / name), length;

	fame *= fame; /* qualities are logarithms as a rule: they lie close */
	if (exact && r->count > 1)
		fame = 0.4 + 0.6 * fame; /* a whole name of two words is no accident */
	if (r->count == 1)
		length = 0.7 * (1 - 0.9 * log1p(e->df[r->first]) / log1p(docs + 1));
	else
		length = 0.8 + 0.05 * r->count;
	return spelling * sqrt(cover) * fame * length;
}

static void take(struct entities *e, int first, int count, double spelling, int edits, bool exact,
	const struct found *f)
{
	struct reading r = { .first = first, .count = count, .edits = edits, .doc = f->doc };
	unsigned name = exact ? (unsigned)count : name_words(e, f->doc);

	r.weight = reading_weight(e, &r, spelling, name, exact, f->quality);
	if (r.weight > 1e-4)
		readings_add(&e->readings, r);
}

/* The run so spelt, if it is a whole name. */
static void run_name(struct entities *e, int first, int count, const int at[RUN_WORDS_MAX])
{
	struct match *whole = match_new(e->arena, MATCH_EXACT, SLICE_LIT(""));
	struct slice words[RUN_WORDS_MAX];
	struct found found[RUN_HITS];
	int i, n, edits = 0;
	double spelling = 1;

	for (i = 0; i < count; i++) {
		const struct spelling *s = &e->spelling[first + i][at[i]];

		words[i] = s->word;
		spelling *= s->weight;
		edits += s->edits;
	}
	whole->field = e->field;
	whole->text = arena_join(e->arena, words, count, " ");
	if (!view_df(e->view, GROUP_EXACT, exact_term(e->arena, e->field, whole->text)))
		return;
	n = best_of(e, whole, found);
	for (i = 0; i < n; i++)
		take(e, first, count, spelling, edits, true, &found[i]);
}

/* Whole names, of the likeliest spellings first: places of a mixed radix number. */
static void run_exact(struct entities *e, int first, int count)
{
	int at[RUN_WORDS_MAX] = { 0 }, i, tries;

	for (tries = 0; tries < EXACT_TRIES; tries++) {
		run_name(e, first, count, at);
		for (i = 0; i < count && ++at[i] == e->spellings[first + i]; i++)
			at[i] = 0;
		if (i == count)
			break;
	}
}

/* The name as the entity has it. */
static struct slice entity_name(struct entities *e, uint32_t doc)
{
	struct slice name = SLICE_LIT("");
	const json_t *value = NULL;
	json_t *root;
	int i;

	if (json_parse(&root, view_json(e->view, doc), NULL) < 0)
		return name;
	for (i = 0; e->field->from[i] && (!value || json_is_null(value)); i++)
		value = json_object_get(root, e->field->from[i]);
	if (json_is_array(value))
		value = json_array_get(value, 0);
	if (json_is_string(value))
		name = arena_slice(e->arena,
			slice_of(json_string_value(value), json_string_length(value)));
	else if (json_is_integer(value))
		name = slice_str(
			arena_printf(e->arena, "%lld", (long long)json_integer_value(value)));
	json_decref(root);
	return name;
}

static bool has_form(const struct tokens *forms, struct slice term)
{
	size_t i;

	for (i = 0; i < forms->count && !slice_eq(forms->items[i].term, term); i++)
		;
	return i < forms->count;
}

/* Which spellings an entity's name has; the product of their weights. */
static double spelled(struct entities *e, uint32_t doc, int first, int count, int *edits)
{
	struct tokens tokens, typed;
	double product = 1;
	bool single = true;
	int i, s;
	size_t t;

	*edits = 0;
	for (i = first; i < first + count; i++)
		single = single && e->spellings[i] == 1;
	if (single)
		return 1; /* nothing to tell apart */
	analyze(e->field->analyzer, e->arena, entity_name(e, doc), &tokens);
	for (i = first; i < first + count; i++) {
		for (s = 0; s < e->spellings[i]; s++) {
			analyze_query(e->field->analyzer, e->arena,
				query_typed(e->q, e->arena, e->spelling[i][s].word), &typed);
			for (t = 0; t < tokens.count && typed.count; t++)
				if (has_form(&typed, tokens.items[t].term))
					break;
			if (typed.count && t < tokens.count)
				break;
		}
		if (s == e->spellings[i])
			return 0;
		product *= e->spelling[i][s].weight;
		*edits += e->spelling[i][s].edits;
	}
	return product;
}

static void run_part(struct entities *e, int first, int count)
{
	uint64_t cost = UINT64_MAX;
	struct found found[RUN_HITS];
	double spelling;
	int i, n, edits;

	for (i = first; i < first + count; i++)
		cost = e->df[i] < cost ? e->df[i] : cost;
	if (!cost || cost > RUN_POSTINGS_MAX || (int64_t)cost > e->budget)
		return;
	e->budget -= cost;
	n = best_of(e, run_words(e, first, count), found);
	for (i = 0; i < n; i++) {
		spelling = spelled(e, found[i].doc, first, count, &edits);
		if (spelling > 0)
			take(e, first, count, spelling, edits, false, &found[i]);
	}
}

static bool name_entity(void *data, struct reading *r)
{
	struct entities *e = data;

	r->value = entity_name(e, r->doc);
	r->entity = view_id(e->view, r->doc);
	return r->value.len > 0;
}

/* The best quality of the kind; 0 where there is no entity at all, 1 where there is. */
static int find_best(struct entities *e, struct error *err)
{
	struct filter of_kind = { .kind = FILTER_KIND, .text = e->kind };
	struct score_term quality = { .kind = SCORE_QUALITY, .weight = 1 };
	struct plan plan = { .scores = &quality, .score_count = 1 };
	struct search_env env = { .view = e->view, .arena = e->arena };
	struct search_result result;
	int rc;

	rc = search_run(&env, &plan, e->kind.len ? &of_kind : NULL, 1, &result, err);
	if (rc < 0 || !result.count)
		return rc;
	e->best_quality = result.hits[0].score;
	return 1;
}

int query_slot_entities(struct query *q, struct view *view, struct arena *arena,
	struct slice slot_name, struct slice kind, const struct field *field, struct error *err)
{
	int words = q->word_count < SLOT_WORDS_MAX ? q->word_count : SLOT_WORDS_MAX;
	struct entities *e;
	int first, count, i, s, rc;

	if (field->type != FIELD_TEXT)
		return error_set(err, ERR_ARG, "slot %.*s: field %s is not text",
			SLICE_ARG(slot_name), field->name);
	if (!words)
		return 0;
	e = arena_calloc(arena, 1, sizeof(*e));
	e->q = q;
	e->view = view;
	e->arena = arena;
	e->field = field;
	e->kind = kind;
	e->budget = QUERY_POSTINGS_MAX;
	e->readings.slot = slot_name;
	e->readings.untouched = UNTOUCHED;
	e->readings.name = name_entity;
	e->readings.data = e;
	rc = find_best(e, err);
	if (rc <= 0)
		return rc;
	for (i = 0; i < words; i++) {
		e->spellings[i] = query_spell(view, arena, q->words[i],
			query_typed(q, arena, q->words[i]), e->spelling[i], SPELLINGS);
		for (s = 0; s < e->spellings[i]; s++)
			e->df[i] += spell_df(view, arena, e->spelling[i][s].word);
	}
	for (count = words < RUN_WORDS_MAX ? words : RUN_WORDS_MAX; count >= 1; count--)
		for (first = 0; first + count <= words; first++) {
			if (field->exact)
				run_exact(e, first, count);
			run_part(e, first, count);
		}
	readings_apply(&e->readings, q, arena);
	return 0;
}

/* ---- tags ---- */

int query_slot_tags(struct query *q, struct view *view, struct arena *arena, struct slice slot_name,
	const struct field *field, struct error *err)
{
	struct readings readings = { .slot = slot_name, .untouched = 0.5 };
	struct slice value;
	int first, count;

	if (field->type != FIELD_TAGS)
		return error_set(err, ERR_ARG, "slot %.*s: field %s is not tags",
			SLICE_ARG(slot_name), field->name);
	for (count = RUN_WORDS_MAX; count >= 1; count--) {
		for (first = 0; first + count <= q->word_count; first++) {
			value = arena_join(arena, q->words + first, count, " ");
			if (view_df(view, field->group, value))
				readings_add(&readings, (struct reading){ .first = first,
								.count = count,
								.weight = count == 1 ? 0.5 : 0.8,
								.value = value });
		}
	}
	readings_apply(&readings, q, arena);
	return 0;
}
