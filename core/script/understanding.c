/* understanding.c -- slot and rewrite.
 *
 *   slot { entities = { kind = "artist", field = "name" } }
 *   slot { tags = "genre" }
 *   slot { "under|below {max:number}", "{min:number} to {max:number}" }
 *   rewrite { ["rnb"] = "r&b" }
 *
 *   pattern := part (" " part)*     part := word ("|" word)* | "{" what ":" type "}"
 *   what := min | max (type number) | value (type word or number)
 *
 * A file becomes a rule at load, and C runs the rules.  A pattern is certain of
 * itself: the reading with its slot takes PATTERN_SHARE of the weight.  Of several
 * places the pattern that covers most words wins, then the leftmost. */
#include "script/program_parts.h"

#include <math.h>
#include <stdlib.h>

#include "base/ascii.h"

#define PATTERN_PARTS_MAX 8
#define PATTERNS_MAX 32
#define REWRITES_MAX 1024
#define PATTERN_SHARE 0.9f

enum part_kind { PART_WORDS, PART_MIN, PART_MAX, PART_VALUE_NUMBER, PART_VALUE_WORD };

struct part {
	enum part_kind kind;
	struct slice words[8]; /* alternatives */
	int word_count;
};

struct pattern {
	struct part parts[PATTERN_PARTS_MAX];
	int count;
};

struct rewrite {
	struct slice *from, *to;
	int from_count, to_count;
};

struct example {
	struct slice key, wanted;
	struct example *next;
};

enum rule_kind { RULE_REWRITE, RULE_PATTERNS, RULE_ENTITIES, RULE_TAGS };

struct rule {
	enum rule_kind kind;
	const struct script_health *script;
	struct slice name;
	struct slice entity_kind;
	const struct field *field;
	struct pattern *patterns;
	struct rewrite *rewrites; /* longest `from` first */
	int count;
	struct example *examples; /* those that need a catalogue */
};

/* ---- running: rewrites ---- */

static struct slice join(struct arena *arena, const struct slice *words, int count)
{
	size_t len = 0;
	char *text;
	int i;

	for (i = 0; i < count; i++)
		len += words[i].len + 1;
	text = arena_alloc(arena, len + 1);
	for (i = 0, len = 0; i < count; i++) {
		if (i)
			text[len++] = ' ';
		if (words[i].len)
			memcpy(text + len, words[i].ptr, words[i].len);
		len += words[i].len;
	}
	return slice_of(text, len);
}

static bool words_at(const struct slice *words, int left, const struct rewrite *r)
{
	int i;

	if (r->from_count > left)
		return false;
	for (i = 0; i < r->from_count; i++)
		if (!slice_eq(words[i], r->from[i]))
			return false;
	return true;
}

static void run_rewrites(const struct rule *rule, struct arena *arena, struct query *q)
{
	struct slice *words = arena_calloc(arena, QUERY_TERMS_MAX, sizeof(*words));
	struct interpretation *it = &q->items[0];
	int n = 0, i, j, r;
	bool changed = false;

	for (i = 0; i < q->word_count;) {
		for (r = 0; r < rule->count; r++)
			if (words_at(q->words + i, q->word_count - i, &rule->rewrites[r]))
				break;
		if (r == rule->count) {
			if (n == QUERY_TERMS_MAX)
				return;
			words[n++] = q->words[i++];
			continue;
		}
		if (n + rule->rewrites[r].to_count > QUERY_TERMS_MAX)
			return;
		for (j = 0; j < rule->rewrites[r].to_count; j++)
			words[n++] = rule->rewrites[r].to[j];
		i += rule->rewrites[r].from_count;
		changed = true;
	}
	if (!changed || !n)
		return; /* a query of nothing but dropped words stays */
	q->words = it->words = words;
	q->word_count = it->word_count = n;
	it->text = join(arena, words, n);
}

/* ---- running: patterns ---- */

static bool is_number(struct slice word, double *x)
{
	char text[32], *end;

	if (!word.len || word.len >= sizeof(text) || word.ptr[0] < '0' || word.ptr[0] > '9')
		return false;
	memcpy(text, word.ptr, word.len);
	text[word.len] = '\0';
	if (strspn(text, "0123456789.") != word.len)
		return false;
	*x = strtod(text, &end);
	return !*end && isfinite(*x);
}

static bool part_fits(const struct part *part, struct slice word, struct slot *slot)
{
	double x;
	int i;

	switch (part->kind) {
	case PART_WORDS:
		for (i = 0; i < part->word_count; i++)
			if (slice_eq(part->words[i], word))
				return true;
		return false;
	case PART_MIN:
	case PART_MAX:
		if (!is_number(word, &x))
			return false;
		slot->is_number = true;
		slot->number[part->kind == PART_MAX] = x;
		return true;
	case PART_VALUE_NUMBER:
		if (!is_number(word, &x))
			return false;
		/* fall through */
	case PART_VALUE_WORD:
		slot->value = word;
		return true;
	}
	return false;
}

static bool covered(const struct interpretation *it, int word)
{
	int i;

	for (i = 0; i < it->slot_count; i++)
		if (word >= it->slots[i].first && word < it->slots[i].first + it->slots[i].count)
			return true;
	return false;
}

static bool pattern_at(const struct pattern *p, const struct query *q,
	const struct interpretation *it, int first, struct slot *out)
{
	struct slot slot = { .number = { NAN, NAN }, .first = first, .count = p->count };
	int i;

	if (first + p->count > q->word_count)
		return false;
	for (i = 0; i < p->count; i++)
		if (covered(it, first + i) || !part_fits(&p->parts[i], q->words[first + i], &slot))
			return false;
	*out = slot;
	return true;
}

static bool best_place(const struct rule *rule, const struct query *q,
	const struct interpretation *it, struct slot *best)
{
	struct slot slot;
	int i, first;

	best->count = 0;
	for (first = 0; first < q->word_count; first++)
		for (i = 0; i < rule->count; i++)
			if (rule->patterns[i].count > best->count &&
				pattern_at(&rule->patterns[i], q, it, first, &slot))
				*best = slot;
	best->name = rule->name;
	return best->count > 0;
}

/* The interpretation with the slot, its words without those the slot covers. */
static void with_slot(const struct query *q, struct arena *arena,
	const struct interpretation *base, const struct slot *slot, struct interpretation *out)
{
	int i, word = 0;

	*out = *base;
	out->slots[out->slot_count++] = *slot;
	out->words = arena_calloc(arena, QUERY_TERMS_MAX, sizeof(*out->words));
	out->word_count = 0;
	for (i = 0; i < q->word_count && word < base->word_count; i++) {
		if (covered(base, i))
			continue;
		if (!covered(out, i))
			out->words[out->word_count++] = base->words[word];
		word++;
	}
	out->text = join(arena, out->words, out->word_count);
	out->weight = base->weight * PATTERN_SHARE;
}

static void run_patterns(const struct rule *rule, struct arena *arena, struct query *q)
{
	struct interpretation *made = arena_alloc(arena, sizeof(*made));
	int bases = q->count, i;
	struct slot slot;

	for (i = 0; i < bases; i++) {
		if (q->items[i].slot_count == SLOTS_MAX || !best_place(rule, q, &q->items[i], &slot))
			continue;
		with_slot(q, arena, &q->items[i], &slot, made);
		if (query_add(q, made))
			q->items[i].weight *= 1 - PATTERN_SHARE;
		else
			q->items[i] = *made; /* full: the surer reading takes the place */
	}
	query_normalise(q);
}

/* ---- running ---- */

static int run_rule(const struct rule *rule, struct view *view, struct arena *arena,
	struct query *q, struct error *err)
{
	switch (rule->kind) {
	case RULE_REWRITE:
		run_rewrites(rule, arena, q);
		return 0;
	case RULE_PATTERNS:
		run_patterns(rule, arena, q);
		return 0;
	case RULE_ENTITIES:
		return query_slot_entities(q, view, arena, rule->name, rule->entity_kind,
			rule->field, err);
	case RULE_TAGS:
		return query_slot_tags(q, view, arena, rule->name, rule->field, err);
	}
	return 0;
}

int program_understand(struct program *p, struct view *view, struct arena *arena,
	struct query *q, struct error *err)
{
	enum rule_kind kind;
	int i, rc;

	for (kind = RULE_REWRITE; kind <= (view ? RULE_TAGS : RULE_PATTERNS); kind++) {
		for (i = 0; i < p->rule_count; i++) {
			if (p->rules[i]->kind != kind)
				continue;
			rc = run_rule(p->rules[i], view, arena, q, err);
			if (rc < 0)
				return error_prefix(err, "%s", p->rules[i]->script->path);
		}
		if (kind == RULE_REWRITE && view)
			query_spaces(q, view, arena);
	}
	if (view)
		query_correct(q, view, arena);
	return 0;
}

/* ---- loading: patterns ---- */

static struct slice next_part(struct slice *rest)
{
	size_t i = 0, start;
	struct slice part;

	while (i < rest->len && rest->ptr[i] == ' ')
		i++;
	for (start = i; i < rest->len && rest->ptr[i] != ' '; i++)
		;
	part = slice_of(rest->ptr + start, i - start);
	*rest = slice_of(rest->ptr + i, rest->len - i);
	return part;
}

static void parse_capture(lua_State *L, struct slice pattern, struct slice text,
	struct part *out)
{
	if (slice_is(text, "{min:number}"))
		out->kind = PART_MIN;
	else if (slice_is(text, "{max:number}"))
		out->kind = PART_MAX;
	else if (slice_is(text, "{value:number}"))
		out->kind = PART_VALUE_NUMBER;
	else if (slice_is(text, "{value:word}"))
		out->kind = PART_VALUE_WORD;
	else
		load_fail(L, pattern, "pattern \"%.*s\": found %.*s, expected {min:number}, "
				      "{max:number}, {value:number} or {value:word}",
			SLICE_ARG(pattern), SLICE_ARG(text));
}

static void parse_words(lua_State *L, struct slice pattern, struct slice text,
	struct part *out)
{
	struct program *p = program_of(L);
	struct slice word;
	const char *bar;

	out->kind = PART_WORDS;
	for (;;) {
		bar = text.len ? memchr(text.ptr, '|', text.len) : NULL;
		word = slice_of(text.ptr, bar ? (size_t)(bar - text.ptr) : text.len);
		word = text_fold(p->memory, word);
		if (!word.len || memchr(word.ptr, ' ', word.len))
			load_fail(L, pattern, "pattern \"%.*s\": each alternative is one word",
				SLICE_ARG(pattern));
		if (out->word_count == (int)(sizeof(out->words) / sizeof(*out->words)))
			load_fail(L, pattern, "pattern \"%.*s\": over %d alternatives",
				SLICE_ARG(pattern), out->word_count);
		out->words[out->word_count++] = word;
		if (!bar)
			return;
		text = slice_of(bar + 1, text.len - (bar + 1 - text.ptr));
	}
}

static void parse_pattern(lua_State *L, struct slice text, struct pattern *out)
{
	struct slice rest = text, part;
	bool captures = false;

	for (part = next_part(&rest); part.len; part = next_part(&rest)) {
		if (out->count == PATTERN_PARTS_MAX)
			load_fail(L, text, "pattern \"%.*s\": over %d parts", SLICE_ARG(text),
				PATTERN_PARTS_MAX);
		if (part.ptr[0] == '{') {
			parse_capture(L, text, part, &out->parts[out->count]);
			captures = true;
		} else {
			parse_words(L, text, part, &out->parts[out->count]);
		}
		out->count++;
	}
	if (!captures)
		load_fail(L, text, "pattern \"%.*s\" takes nothing: expected a {...} in it",
			SLICE_ARG(text));
}

static void load_patterns(lua_State *L, int table, struct rule *rule)
{
	struct program *p = program_of(L);
	int n = (int)lua_objlen(L, table), i;

	if (n < 1 || n > PATTERNS_MAX)
		load_fail(L, SLICE_LIT("slot"), "a slot is entities = { kind =, field = }, tags = "
						"\"field\", or 1 to %d patterns", PATTERNS_MAX);
	rule->kind = RULE_PATTERNS;
	rule->patterns = arena_calloc(p->memory, n, sizeof(*rule->patterns));
	for (i = 1; i <= n; i++) {
		lua_rawgeti(L, table, i);
		if (lua_type(L, -1) != LUA_TSTRING)
			load_fail(L, SLICE_LIT("slot"), "pattern %d is %s, expected text", i,
				luaL_typename(L, -1));
		parse_pattern(L, slice_str(lua_tostring(L, -1)), &rule->patterns[rule->count++]);
		lua_pop(L, 1);
	}
}

/* ---- loading: slots of entities and tags ---- */

static const struct field *load_field(lua_State *L, int table, const char *name,
	enum field_type type, const char *type_name)
{
	const struct field *field;
	struct error err = { 0 };
	struct slice text;

	if (!load_part(L, table, name) || lua_type(L, -1) != LUA_TSTRING)
		load_fail(L, slice_str(name), "%s is the name of a %s field", name, type_name);
	text = slice_str(lua_tostring(L, -1));
	if (schema_need(program_of(L)->schema, text, &field, &err) < 0)
		load_fail_error(L, text, &err);
	if (field->type != type)
		load_fail(L, text, "field %s is not %s", field->name, type_name);
	lua_pop(L, 1);
	return field;
}

static void load_entities(lua_State *L, struct rule *rule)
{
	static const char *const known[] = { "kind", "field", NULL };
	struct program *p = program_of(L);
	int table = lua_gettop(L);

	if (!lua_istable(L, table))
		load_fail(L, SLICE_LIT("entities"), "entities is { kind = ..., field = ... }");
	load_check_keys(L, table, known, false);
	rule->kind = RULE_ENTITIES;
	rule->field = load_field(L, table, "field", FIELD_TEXT, "text");
	if (!load_part(L, table, "kind"))
		return;
	if (lua_type(L, -1) != LUA_TSTRING)
		load_fail(L, SLICE_LIT("kind"), "kind is text");
	rule->entity_kind = arena_slice(p->memory, slice_str(lua_tostring(L, -1)));
	lua_pop(L, 1);
}

static void load_slot(lua_State *L, int table, struct rule *rule)
{
	static const char *const known[] = { "entities", "tags", NULL };
	struct program *p = program_of(L);

	load_check_keys(L, table, known, true);
	if (p->slot_name_count == (int)(sizeof(p->slot_names) / sizeof(*p->slot_names)) - 1)
		load_fail(L, SLICE_LIT(""), "over %d slots", p->slot_name_count);
	p->slot_names[p->slot_name_count++] = rule->script->name;
	if (load_part(L, table, "entities")) {
		load_entities(L, rule);
		lua_pop(L, 1);
	} else if (load_part(L, table, "tags")) {
		lua_pop(L, 1);
		rule->kind = RULE_TAGS;
		rule->field = load_field(L, table, "tags", FIELD_TAGS, "tags");
	} else {
		load_patterns(L, table, rule);
		return;
	}
	if (lua_objlen(L, table))
		load_fail(L, SLICE_LIT("slot"), "a slot has patterns, or entities, or tags");
}

/* ---- loading: rewrites ---- */

static int split(struct arena *arena, struct slice text, struct slice **out)
{
	struct slice rest = text_fold(arena, text), part;
	int n = 0;

	*out = arena_calloc(arena, QUERY_TERMS_MAX, sizeof(**out));
	for (part = next_part(&rest); part.len && n < QUERY_TERMS_MAX; part = next_part(&rest))
		(*out)[n++] = part;
	return n;
}

static int longest_first(const void *a, const void *b)
{
	const struct rewrite *x = a, *y = b;

	return y->from_count - x->from_count;
}

static void load_rewrite(lua_State *L, int table, struct rule *rule)
{
	struct program *p = program_of(L);
	struct rewrite *r;
	struct slice from;

	rule->kind = RULE_REWRITE;
	rule->rewrites = arena_calloc(p->memory, REWRITES_MAX, sizeof(*rule->rewrites));
	lua_pushnil(L);
	while (lua_next(L, table)) {
		from = load_key(L, -2, "words to rewrite");
		if (!slice_is(from, "examples")) {
			if (lua_type(L, -1) != LUA_TSTRING)
				load_fail(L, from, "\"%.*s\" becomes %s, expected text",
					SLICE_ARG(from), luaL_typename(L, -1));
			if (rule->count == REWRITES_MAX)
				load_fail(L, from, "over %d rewrites", REWRITES_MAX);
			r = &rule->rewrites[rule->count++];
			r->from_count = split(p->memory, from, &r->from);
			r->to_count = split(p->memory, slice_str(lua_tostring(L, -1)), &r->to);
			if (!r->from_count)
				load_fail(L, from, "\"%.*s\" has no word in it", SLICE_ARG(from));
		}
		lua_pop(L, 1);
	}
	qsort(rule->rewrites, rule->count, sizeof(*rule->rewrites), longest_first);
}

/* ---- examples ---- */

/* 0, 1 if the result differs (`got` and `want` in the arena), or an error. */
static int try_example(const struct rule *rule, struct view *view, struct arena *arena,
	struct slice key, struct slice wanted, struct slice *got, struct slice *want,
	struct error *err)
{
	struct query *q = arena_alloc(arena, sizeof(*q));
	struct buf text = { 0 };
	int rc;

	rc = query_init(q, arena, key, err);
	if (rc == 0)
		rc = run_rule(rule, view, arena, q, err);
	if (rc < 0)
		return rc;
	interpretation_print(&q->items[0], &text);
	*got = arena_slice(arena, buf_slice(&text));
	buf_reset(&text);
	rc = query_parse(q, arena, wanted, err);
	if (rc == 0) {
		interpretation_print(&q->items[0], &text);
		*want = arena_slice(arena, buf_slice(&text));
	}
	buf_clear(&text);
	return rc < 0 ? rc : !slice_eq(*got, *want);
}

static void example(lua_State *L, struct slice key, struct query *q, void *data)
{
	struct program *p = program_of(L);
	struct rule *rule = data;
	struct slice got, want;
	struct error err = { 0 };
	struct example *e;
	int rc;

	if (lua_type(L, -1) != LUA_TSTRING)
		load_fail(L, key, "example \"%.*s\" is %s, expected the query with its slots",
			SLICE_ARG(key), luaL_typename(L, -1));
	want = slice_str(lua_tostring(L, -1));
	if (rule->kind == RULE_ENTITIES || rule->kind == RULE_TAGS) {
		rc = query_parse(q, p->scratch, want, &err);
		if (rc < 0)
			load_fail_error(L, key, &err);
		e = arena_calloc(p->memory, 1, sizeof(*e));
		e->key = arena_slice(p->memory, key);
		e->wanted = arena_slice(p->memory, want);
		e->next = rule->examples;
		rule->examples = e;
		return;
	}
	rc = try_example(rule, NULL, p->scratch, key, want, &got, &want, &err);
	if (rc < 0)
		load_fail_error(L, key, &err);
	if (rc)
		load_fail(L, key, "example \"%.*s\" is read as \"%.*s\", expected \"%.*s\"",
			SLICE_ARG(key), SLICE_ARG(got), SLICE_ARG(want));
}

void understanding_load(lua_State *L, int table, const char *word)
{
	struct program *p = program_of(L);
	struct rule *rule = arena_calloc(p->memory, 1, sizeof(*rule));

	rule->script = &p->health[p->health_count];
	rule->name = slice_str(rule->script->name);
	if (!strcmp(word, "slot"))
		load_slot(L, table, rule);
	else
		load_rewrite(L, table, rule);
	load_examples(L, table, example, rule);
	p->rules[p->rule_count++] = rule;
}

int program_check(struct program *p, struct view *view, struct error *err)
{
	struct arena *arena = arena_new();
	struct slice got, want;
	const struct example *e;
	int i, rc = 0;

	for (i = 0; i < p->rule_count && rc == 0; i++) {
		for (e = p->rules[i]->examples; e && rc == 0; e = e->next) {
			arena_reset(arena);
			rc = try_example(p->rules[i], view, arena, e->key, e->wanted, &got, &want,
				err);
			if (rc > 0)
				rc = error_set(err, ERR_SCRIPT,
					"example \"%.*s\" is read as \"%.*s\", expected \"%.*s\"",
					SLICE_ARG(e->key), SLICE_ARG(got), SLICE_ARG(want));
			if (rc < 0)
				error_prefix(err, "%s", p->rules[i]->script->path);
		}
	}
	arena_free(arena);
	return rc;
}
