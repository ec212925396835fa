/* understanding.c -- slot and rewrite.
 *
 *   slot { entities = { kind = "artist", field = "name" } }
 *   slot { tags = "genre" }
 *   slot { "under|below {max:number}", { "cheap", max = 20 } }
 *   rewrite { ["rnb"] = "r&b" }
 *
 *   pattern := part (" " part)*     part := word ("|" word)* | "{" what ":" type "}"
 *   what := min | max (type number) | value (type word or number)
 *
 * What a pattern does not take from the query its table may give: value, min, max.
 * A file becomes a rule at load, and rules.c runs it. */
#include "script/program_parts.h"

#include <math.h>
#include <stdlib.h>

#include "script/rules.h"

#define PATTERNS_MAX 32
#define REWRITES_MAX 1024

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

static void parse_capture(lua_State *L, struct slice pattern, struct slice text, struct part *out)
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
		load_fail(L, pattern,
			"pattern \"%.*s\": found %.*s, expected {min:number}, "
			"{max:number}, {value:number} or {value:word}",
			SLICE_ARG(pattern), SLICE_ARG(text));
}

static void parse_words(lua_State *L, struct slice pattern, struct slice text, struct part *out)
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
	bool captures = out->gives.is_number || out->gives.value.len;
	struct slice rest = text, part;

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
		load_fail(L, text,
			"pattern \"%.*s\" takes nothing: expected a {...} in it, or "
			"{ \"%.*s\", value = ... }",
			SLICE_ARG(text), SLICE_ARG(text));
}

/* { "cheap", max = 20 }: the pattern's text is left on the stack in its place. */
static void load_given(lua_State *L, struct slot *out)
{
	static const char *const known[] = { "min", "max", "value", NULL };
	int table = lua_gettop(L), i;

	load_check_keys(L, table, known, true);
	for (i = 0; i < 2; i++) {
		out->number[i] = load_number(L, table, known[i], -1e15, 1e15, NAN);
		out->is_number |= !isnan(out->number[i]);
	}
	if (load_part(L, table, "value")) {
		if (!lua_isstring(L, -1))
			load_fail(L, SLICE_LIT("value"), "value is %s, expected text",
				luaL_typename(L, -1));
		out->value = arena_slice(program_of(L)->memory, slice_str(lua_tostring(L, -1)));
		lua_pop(L, 1);
	}
	lua_rawgeti(L, table, 1);
	lua_replace(L, table);
}

static void load_patterns(lua_State *L, int table, struct rule *rule)
{
	struct program *p = program_of(L);
	int n = (int)lua_objlen(L, table), i;
	struct pattern *pattern;

	if (n < 1 || n > PATTERNS_MAX)
		load_fail(L, SLICE_LIT("slot"),
			"a slot is entities = { kind =, field = }, tags = "
			"\"field\", or 1 to %d patterns",
			PATTERNS_MAX);
	rule->kind = RULE_PATTERNS;
	rule->patterns = arena_calloc(p->memory, n, sizeof(*rule->patterns));
	for (i = 1; i <= n; i++) {
		pattern = &rule->patterns[rule->count++];
		pattern->gives = (struct slot){ .number = { NAN, NAN } };
		lua_rawgeti(L, table, i);
		if (lua_istable(L, -1))
			load_given(L, &pattern->gives);
		if (lua_type(L, -1) != LUA_TSTRING)
			load_fail(L, SLICE_LIT("slot"), "pattern %d is %s, expected text", i,
				luaL_typename(L, -1));
		parse_pattern(L, slice_str(lua_tostring(L, -1)), pattern);
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
	p->slot_names[p->slot_name_count++] = rule->file->name;
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
		rc = rule_run(rule, view, arena, q, err);
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

	rule->file = &p->files[p->file_count];
	rule->name = slice_str(rule->file->name);
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
			error_prefix(err, rc, "%s", p->rules[i]->file->path);
		}
	}
	arena_free(arena);
	return rc;
}
