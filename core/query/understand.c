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
#include "query/query.h"

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

/* ---- readings: a run of words as a slot ---- */

struct reading {
	int first, count, edits;
	double weight;
	uint32_t doc;       /* entity slots */
	struct slice value; /* tags slots */
};

#define READINGS_MAX 24

struct readings {
	struct reading items[READINGS_MAX];
	int count;
};

static void reading_add(struct readings *r, struct reading item)
{
	int i, at;

	for (i = 0; i < r->count; i++) {
		if (r->items[i].first != item.first || r->items[i].count != item.count ||
			r->items[i].doc != item.doc || !slice_eq(r->items[i].value, item.value))
			continue;
		if (r->items[i].weight < item.weight)
			r->items[i] = item;
		return;
	}
	if (r->count < READINGS_MAX) {
		r->items[r->count++] = item;
		return;
	}
	for (at = 0, i = 1; i < r->count; i++)
		if (r->items[i].weight < r->items[at].weight)
			at = i;
	if (r->items[at].weight < item.weight)
		r->items[at] = item;
}

/* Which words of the query slots cover; false if the words no longer fit (a script
 * rewrote them). */
static bool covered_words(const struct query *q, const struct interpretation *it,
	bool covered[QUERY_TERMS_MAX])
{
	int i, j, n = 0;

	memset(covered, 0, QUERY_TERMS_MAX * sizeof(bool));
	for (i = 0; i < it->slot_count; i++)
		for (j = 0; j < it->slots[i].count; j++)
			if (it->slots[i].first + j < q->word_count)
				covered[it->slots[i].first + j] = true;
	for (i = 0; i < q->word_count; i++)
		n += !covered[i];
	return n == it->word_count;
}

/* The reading on top of an interpretation; false if they overlap. */
static bool reading_apply(const struct query *q, struct arena *arena,
	const struct interpretation *base, const struct reading *r, struct slice slot_name,
	struct slice value, struct slice entity, struct interpretation *out)
{
	bool covered[QUERY_TERMS_MAX];
	struct slot *slot;
	size_t at = 0, len = 0;
	char *text;
	int i, word = 0;

	if (base->slot_count == SLOTS_MAX || !covered_words(q, base, covered))
		return false;
	for (i = 0; i < r->count; i++)
		if (covered[r->first + i])
			return false;
	*out = *base;
	out->weight = base->weight * r->weight;
	out->edits += r->edits;
	slot = &out->slots[out->slot_count++];
	*slot = (struct slot){ .name = slot_name,
		.value = value,
		.entity = entity,
		.number = { NAN, NAN },
		.first = r->first,
		.count = r->count };
	out->words = arena_calloc(arena, QUERY_TERMS_MAX, sizeof(*out->words));
	out->word_count = 0;
	for (i = 0; i < q->word_count; i++) {
		if (covered[i])
			continue;
		if (i < r->first || i >= r->first + r->count) {
			out->words[out->word_count++] = base->words[word];
			len += base->words[word].len + 1;
		}
		word++;
	}
	text = arena_alloc(arena, len + 1);
	for (i = 0; i < out->word_count; i++) {
		if (i)
			text[at++] = ' ';
		memcpy(text + at, out->words[i].ptr, out->words[i].len);
		at += out->words[i].len;
	}
	out->text = slice_of(text, at);
	return true;
}

static int worst_of(const struct query *q)
{
	int i, at = 0;

	for (i = 1; i < q->count; i++)
		if (q->items[i].weight < q->items[at].weight)
			at = i;
	return at;
}

/* Every (interpretation, reading) that fits, the best kept; `name` tells a
 * reading's value and entity. */
static void readings_apply(struct query *q, struct arena *arena, struct readings *r,
	double untouched, struct slice slot_name,
	bool (*name)(void *data, const struct reading *, struct slice *value, struct slice *entity),
	void *data)
{
	int bases = q->count, i, j, at;
	struct interpretation *made = arena_alloc(arena, sizeof(*made));
	struct slice value[READINGS_MAX], entity[READINGS_MAX];
	int known[READINGS_MAX] = { 0 };
	struct interpretation *base = arena_alloc(arena, sizeof(*base) * bases);

	if (!r->count)
		return;
	memcpy(base, q->items, sizeof(*base) * bases);
	for (i = 0; i < q->count; i++)
		q->items[i].weight *= untouched;
	for (i = 0; i < bases; i++) {
		for (j = 0; j < r->count; j++) {
			if (known[j] < 0)
				continue;
			at = worst_of(q);
			if (q->count == INTERPRETATIONS_MAX &&
				q->items[at].weight >= base[i].weight * r->items[j].weight)
				continue; /* not worth looking up its name */
			if (!known[j])
				known[j] = name(data, &r->items[j], &value[j], &entity[j]) ? 1 : -1;
			if (known[j] < 0 || !reading_apply(q, arena, &base[i], &r->items[j],
						    slot_name, value[j], entity[j], made))
				continue;
			if (query_add(q, made))
				continue;
			at = worst_of(q);
			if (q->items[at].weight < made->weight)
				q->items[at] = *made;
		}
	}
	query_normalise(q);
}

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
		reading_add(&e->readings, r);
}

/* Whole names, of the likeliest spellings first: places of a mixed radix number. */
static void run_exact(struct entities *e, int first, int count)
{
	int at[RUN_WORDS_MAX] = { 0 }, i, n, tries, edits;
	struct found found[RUN_HITS];
	struct slice name;
	double spelling;
	char *text;
	size_t len;

	for (tries = 0; tries < EXACT_TRIES; tries++) {
		for (len = 0, i = 0; i < count; i++)
			len += e->spelling[first + i][at[i]].word.len + 1;
		text = arena_alloc(e->arena, len);
		for (len = 0, spelling = 1, edits = 0, i = 0; i < count; i++) {
			const struct spelling *s = &e->spelling[first + i][at[i]];

			if (i)
				text[len++] = ' ';
			memcpy(text + len, s->word.ptr, s->word.len);
			len += s->word.len;
			spelling *= s->weight;
			edits += s->edits;
		}
		name = slice_of(text, len);
		if (view_df(e->view, GROUP_EXACT, exact_term(e->arena, e->field, name)) > 0) {
			struct match *whole = match_new(e->arena, MATCH_EXACT, name);

			whole->field = e->field;
			n = best_of(e, whole, found);
			for (i = 0; i < n; i++)
				take(e, first, count, spelling, edits, true, &found[i]);
		}
		for (i = 0; i < count && ++at[i] == e->spellings[first + i]; i++)
			at[i] = 0;
		if (i == count)
			break;
	}
}

static struct slice entity_name(struct entities *e, uint32_t doc);

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
	json_decref(root);
	return name;
}

static bool name_entity(void *data, const struct reading *r, struct slice *value,
	struct slice *entity)
{
	struct entities *e = data;

	*value = entity_name(e, r->doc);
	*entity = view_id(e->view, r->doc);
	return value->len > 0;
}

int query_slot_entities(struct query *q, struct view *view, struct arena *arena,
	struct slice slot_name, struct slice kind, const struct field *field, struct error *err)
{
	struct entities *e;
	struct score_term quality = { .kind = SCORE_QUALITY, .weight = 1 };
	struct search_env env = { .view = view, .arena = arena };
	struct plan plan = { .scores = &quality, .score_count = 1 };
	struct filter *of_kind = NULL;
	struct search_result result;
	int words = q->word_count, first, count, i, s, rc;

	if (field->type != FIELD_TEXT)
		return error_set(err, ERR_ARG, "slot %.*s: field %s is not text",
			SLICE_ARG(slot_name), field->name);
	if (!words)
		return 0;
	words = words < SLOT_WORDS_MAX ? words : SLOT_WORDS_MAX;
	e = arena_calloc(arena, 1, sizeof(*e));
	e->q = q;
	e->view = view;
	e->arena = arena;
	e->field = field;
	e->kind = kind;
	e->budget = QUERY_POSTINGS_MAX;
	for (i = 0; i < words; i++) {
		e->spellings[i] = query_spell(view, arena, q->words[i],
			query_typed(q, arena, q->words[i]), e->spelling[i], SPELLINGS);
		for (s = 0; s < e->spellings[i]; s++)
			e->df[i] += spell_df(view, arena, e->spelling[i][s].word);
	}
	if (kind.len) {
		of_kind = arena_calloc(arena, 1, sizeof(*of_kind));
		of_kind->kind = FILTER_KIND;
		of_kind->text = kind;
	}
	rc = search_run(&env, &plan, of_kind, 1, &result, err);
	if (rc < 0)
		return rc;
	if (!result.count)
		return 0; /* no such entity at all */
	e->best_quality = result.hits[0].score;
	for (count = words < RUN_WORDS_MAX ? words : RUN_WORDS_MAX; count >= 1; count--)
		for (first = 0; first + count <= words; first++) {
			if (field->exact)
				run_exact(e, first, count);
			run_part(e, first, count);
		}
	readings_apply(q, arena, &e->readings, UNTOUCHED, slot_name, name_entity, e);
	return 0;
}

/* ---- tags ---- */

static bool name_tag(void *data, const struct reading *r, struct slice *value, struct slice *entity)
{
	*value = r->value;
	*entity = SLICE_LIT("");
	return true;
}

int query_slot_tags(struct query *q, struct view *view, struct arena *arena, struct slice slot_name,
	const struct field *field, struct error *err)
{
	struct readings *readings = arena_calloc(arena, 1, sizeof(*readings));
	struct reading r;
	int first, count, i;
	size_t len;
	char *text;

	if (field->type != FIELD_TAGS)
		return error_set(err, ERR_ARG, "slot %.*s: field %s is not tags",
			SLICE_ARG(slot_name), field->name);
	for (count = RUN_WORDS_MAX; count >= 1; count--) {
		for (first = 0; first + count <= q->word_count; first++) {
			for (len = 0, i = 0; i < count; i++)
				len += q->words[first + i].len + 1;
			text = arena_alloc(arena, len);
			for (len = 0, i = 0; i < count; i++) {
				if (i)
					text[len++] = ' ';
				memcpy(text + len, q->words[first + i].ptr,
					q->words[first + i].len);
				len += q->words[first + i].len;
			}
			if (!view_df(view, field->group, slice_of(text, len)))
				continue;
			r = (struct reading){ .first = first,
				.count = count,
				.weight = count == 1 ? 0.5 : 0.8,
				.value = slice_of(text, len) };
			reading_add(readings, r);
		}
	}
	readings_apply(q, arena, readings, 0.5, slot_name, name_tag, NULL);
	return 0;
}
