/* vocab_match.c -- match words.
 *
 *   term(words [, fields])   prefix(...)   fuzzy(words [, fields [, edits]])
 *   phrase(words [, fields [, slop]])   near(words [, fields [, within]])
 *   exact(text [, field])   ref(field, entity)   tag(field, value)   kind_is(kind)
 *   all(...)  any(...)  atleast(n, ...)  none_of(...)
 *
 * `words` is a word, a slot, or a list of words: a list gives a list, which is
 * what the joining words take.  They take bare words, too, as term does. */
#include "script/vocab_parts.h"

#include <math.h>

#define FIELD_TYPE(t) (1u << (t))
#define SLOP_MAX      1000
#define NEAR_USUAL    10

static int field_index(const struct schema *schema, const struct field *field)
{
	return (int)(field - schema->fields);
}

/* ---- words ---- */

int match_fields(lua_State *L, int index, const char *word)
{
	int mask = 0, n, i;

	if (lua_isnoneornil(L, index))
		return 0;
	if (!is_list(L, index))
		return 1 << need_field(L, index, FIELD_TYPE(FIELD_TEXT), word)->text_index;
	n = list_length(L, index);
	for (i = 1; i <= n; i++) {
		lua_rawgeti(L, index, i);
		mask |= 1 << need_field(L, lua_gettop(L), FIELD_TYPE(FIELD_TEXT), word)->text_index;
		lua_pop(L, 1);
	}
	return mask;
}

void match_word(lua_State *L, enum match_kind kind, struct slice text, int fields, int edits)
{
	box_new(L, BOX_MATCH, text.len ? (int)kind : ABSENT);
	box_set_text(L, "text", text);
	if (fields)
		box_set_number(L, "fields", fields);
	if (edits)
		box_set_number(L, "edits", edits);
}

/* A list of words, perhaps of none; not a slot. */
static bool is_words(lua_State *L, int index)
{
	if (!is_list(L, index) || list_length(L, index))
		return is_list(L, index);
	lua_pushnil(L);
	if (!lua_next(L, index))
		return true;
	lua_pop(L, 2);
	return false;
}

static int word_of(lua_State *L, enum match_kind kind, const char *word)
{
	int fields = match_fields(L, 2, word), edits = 0, n, i;
	struct slice text = SLICE_LIT("");

	if (kind == MATCH_FUZZY && !lua_isnoneornil(L, 3)) {
		edits = lua_type(L, 3) == LUA_TNUMBER ? (int)lua_tonumber(L, 3) : 0;
		if (edits < 1 || edits > 2)
			return luaL_error(L, "fuzzy: edits are 1 or 2");
	}
	lua_settop(L, 1);
	if (!is_words(L, 1)) {
		take_text(L, 1, false, word, &text);
		match_word(L, kind, text, fields, edits);
		return 1;
	}
	n = list_length(L, 1);
	lua_createtable(L, n, 0);
	for (i = 1; i <= n; i++) {
		lua_rawgeti(L, 1, i);
		text = SLICE_LIT("");
		take_text(L, 3, false, word, &text);
		match_word(L, kind, text, fields, edits);
		lua_rawseti(L, 2, i);
		lua_settop(L, 2);
	}
	return 1;
}

static int word_term(lua_State *L)
{
	return word_of(L, MATCH_TERM, "term");
}

static int word_prefix(lua_State *L)
{
	return word_of(L, MATCH_PREFIX, "prefix");
}

static int word_fuzzy(lua_State *L)
{
	return word_of(L, MATCH_FUZZY, "fuzzy");
}

/* The value at the top as words of the phrase at `box`, whose count it returns. */
static int add_place(lua_State *L, int box, int count, const char *word)
{
	int kind, top = lua_gettop(L), n, i;
	struct slice text;
	size_t len;

	if (lua_type(L, top) == LUA_TSTRING) {
		text.ptr = lua_tolstring(L, top, &len);
		text.len = len;
		match_word(L, MATCH_TERM, text, 0, 0);
		lua_replace(L, top);
	}
	kind = box_is(L, top, BOX_MATCH) ? box_kind(L, top) : MATCH_NOT;
	if (kind == MATCH_ANY && box_number(L, top, "group", 0)) { /* a phrase: its words */
		lua_rawgeti(L, top, 1);
		lua_replace(L, top);
		n = list_length(L, top);
		for (i = 1; i <= n; i++) {
			lua_rawgeti(L, top, i);
			lua_rawseti(L, box, ++count);
		}
		lua_pop(L, 1);
		return count;
	}
	if (kind > MATCH_FUZZY && kind != MATCH_ANY)
		luaL_error(L,
			"%s: found %s, expected words, or term, prefix, fuzzy, or any of these",
			word, box_is(L, top, BOX_MATCH) ? match_name(kind) : box_what(L, top));
	lua_rawseti(L, box, count + (kind != ABSENT));
	return count + (kind != ABSENT);
}

/* A phrase of words and matches: pushes it. */
static void push_places(lua_State *L, enum match_kind kind, int fields, const char *word)
{
	int n = is_list(L, 1) ? list_length(L, 1) : 1, count = 0, i, box = lua_gettop(L) + 1;

	box_new(L, BOX_MATCH, kind);
	if (fields)
		box_set_number(L, "fields", fields);
	for (i = 1; i <= n; i++) {
		if (is_list(L, 1))
			lua_rawgeti(L, 1, i);
		else
			lua_pushvalue(L, 1);
		if (lua_isnil(L, -1) || (lua_isboolean(L, -1) && !lua_toboolean(L, -1)))
			lua_pop(L, 1);
		else
			count = add_place(L, box, count, word);
	}
	if (!count)
		box_set_number(L, "kind", ABSENT);
}

/* phrase(words [, fields [, slop]]), near(words [, fields [, within]]) */
static int several(lua_State *L, enum match_kind kind, const char *word, double usual)
{
	struct slice text = SLICE_LIT("");
	double slop = usual;
	int fields = match_fields(L, 2, word);

	if (!lua_isnoneornil(L, 3)) {
		slop = lua_type(L, 3) == LUA_TNUMBER ? lua_tonumber(L, 3) : -1;
		if (!(slop >= 0 && slop <= SLOP_MAX))
			return luaL_error(L, "%s: words between are 0 to %d", word, SLOP_MAX);
	}
	lua_settop(L, 1);
	if (is_words(L, 1) || box_is(L, 1, BOX_MATCH)) {
		push_places(L, kind, fields, word);
	} else {
		take_text(L, 1, false, word, &text);
		match_word(L, kind, text, fields, 0);
	}
	box_set_number(L, "slop", slop);
	return 1;
}

static int word_phrase(lua_State *L)
{
	return several(L, MATCH_PHRASE, "phrase", 0);
}

static int word_near(lua_State *L)
{
	return several(L, MATCH_NEAR, "near", NEAR_USUAL);
}

/* ---- facts ---- */

static int word_exact(lua_State *L)
{
	const struct schema *schema = schema_of(L);
	const struct field *field = NULL;
	struct slice text = SLICE_LIT("");
	int i;

	if (!lua_isnoneornil(L, 2)) {
		field = need_field(L, 2, FIELD_TYPE(FIELD_TEXT), "exact");
		if (!field->exact)
			return luaL_error(L, "exact: field %s has no exact=yes in the schema",
				field->name);
	} else {
		for (i = 0; i < schema->field_count && !schema->fields[i].exact; i++)
			;
		if (i == schema->field_count)
			return luaL_error(L, "exact: no field of %s has exact=yes", schema->name);
	}
	take_text(L, 1, false, "exact", &text);
	match_word(L, MATCH_EXACT, text, 0, 0);
	if (field)
		box_set_number(L, "field", field_index(schema, field));
	return 1;
}

static int fact(lua_State *L, enum match_kind kind, enum field_type type, const char *word)
{
	const struct field *field = need_field(L, 1, FIELD_TYPE(type), word);
	struct slice text = SLICE_LIT("");

	take_text(L, 2, kind == MATCH_REF, word, &text);
	match_word(L, kind, text, 0, 0);
	box_set_number(L, "field", field_index(schema_of(L), field));
	return 1;
}

static int word_ref(lua_State *L)
{
	return fact(L, MATCH_REF, FIELD_REF, "ref");
}

static int word_tag(lua_State *L)
{
	return fact(L, MATCH_TAG, FIELD_TAGS, "tag");
}

static int word_kind_is(lua_State *L)
{
	struct slice text = SLICE_LIT("");

	take_text(L, 1, false, "kind_is", &text);
	match_word(L, MATCH_KIND, text, 0, 0);
	return 1;
}

/* ---- joining ---- */

/* What a phrase and its synonyms are to any(...): its words, and each synonym. */
static int add_group(lua_State *L, int box, int count)
{
	int group = lua_gettop(L), n = list_length(L, group), words, i;

	lua_rawgeti(L, group, 1);
	words = box_is(L, -1, BOX_MATCH) ? list_length(L, -1) : 0;
	for (i = 1; i <= words; i++) {
		lua_rawgeti(L, group + 1, i);
		lua_rawseti(L, box, ++count);
	}
	for (i = 2; i <= n; i++) {
		lua_rawgeti(L, group, i);
		lua_rawseti(L, box, ++count);
	}
	lua_settop(L, group - 1);
	return count;
}

/* The value at the top into the list at `box`, whose count it returns. */
static int add_kid(lua_State *L, int box, int count, const char *word)
{
	struct slice text;
	size_t len;

	if (lua_type(L, -1) == LUA_TSTRING) {
		text.ptr = lua_tolstring(L, -1, &len);
		text.len = len;
		match_word(L, MATCH_TERM, text, 0, 0);
		lua_remove(L, -2);
	}
	/* `x and y` gives false where x is: absent */
	if (lua_isnil(L, -1) || (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) ||
		(box_is(L, -1, BOX_MATCH) && box_kind(L, -1) == ABSENT)) {
		lua_pop(L, 1);
		return count;
	}
	if (!box_is(L, -1, BOX_MATCH))
		luaL_error(L, "%s: found %s, expected words or matches", word, box_what(L, -1));
	if (!strcmp(word, "any") && box_number(L, -1, "group", 0))
		return add_group(L, box, count);
	lua_rawseti(L, box, count + 1);
	return count + 1;
}

static int join(lua_State *L, enum match_kind kind, int first, const char *word)
{
	int top = lua_gettop(L), box = top + 1, n = 0, i, j, items;

	box_new(L, BOX_MATCH, kind);
	for (i = first; i <= top; i++) {
		if (is_list(L, i)) {
			items = list_length(L, i);
			for (j = 1; j <= items; j++) {
				lua_rawgeti(L, i, j);
				n = add_kid(L, box, n, word);
			}
			continue;
		}
		lua_pushvalue(L, i);
		n = add_kid(L, box, n, word);
	}
	if (!n)
		box_set_number(L, "kind", ABSENT);
	return 1;
}

static int word_all(lua_State *L)
{
	return join(L, MATCH_ALL, 1, "all");
}

static int word_any(lua_State *L)
{
	return join(L, MATCH_ANY, 1, "any");
}

static int word_atleast(lua_State *L)
{
	double least = lua_type(L, 1) == LUA_TNUMBER ? lua_tonumber(L, 1) : 0;

	if (!(least >= 1 && least <= PLAN_NODES_MAX))
		return luaL_error(L, "atleast: the first argument is how many, 1 or more");
	join(L, MATCH_ATLEAST, 2, "atleast");
	box_set_number(L, "least", floor(least));
	return 1;
}

static int word_none_of(lua_State *L)
{
	int i, top = lua_gettop(L);

	for (i = 1; i <= top; i++)
		if (box_is(L, i, BOX_WHERE))
			return where_none_of(L);
	join(L, MATCH_ANY, 1, "none_of");
	if (box_kind(L, -1) == ABSENT)
		return 1;
	box_new(L, BOX_MATCH, MATCH_NOT);
	lua_insert(L, -2);
	lua_rawseti(L, -2, 1);
	return 1;
}

/* ---- 2 * term("x") ---- */

static int match_times(lua_State *L)
{
	int number = lua_type(L, 1) == LUA_TNUMBER ? 1 : 2, box = 3 - number;
	double x;

	if (lua_type(L, number) != LUA_TNUMBER)
		return luaL_error(L, "a match is weighted by a number, found %s * %s",
			box_what(L, 1), box_what(L, 2));
	x = lua_tonumber(L, number) * box_number(L, box, "weight", 1);
	if (!(x >= 0 && x <= 1e6))
		return luaL_error(L, "a match's weight is 0 to 1e6");
	lua_newtable(L);
	lua_pushnil(L);
	while (lua_next(L, box)) {
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, 3);
	}
	luaL_getmetatable(L, BOX_MATCH);
	lua_setmetatable(L, 3);
	box_set_number(L, "weight", x);
	return 1;
}

static int match_plus(lua_State *L)
{
	return luaL_error(L, "matches are joined by all, any or atleast; + is for scores");
}

void match_open(lua_State *L, const struct schema *schema)
{
	set_word(L, schema, "term", word_term);
	set_word(L, schema, "prefix", word_prefix);
	set_word(L, schema, "fuzzy", word_fuzzy);
	set_word(L, schema, "phrase", word_phrase);
	set_word(L, schema, "near", word_near);
	set_word(L, schema, "exact", word_exact);
	set_word(L, schema, "ref", word_ref);
	set_word(L, schema, "tag", word_tag);
	set_word(L, schema, "kind_is", word_kind_is);
	set_word(L, schema, "all", word_all);
	set_word(L, schema, "any", word_any);
	set_word(L, schema, "atleast", word_atleast);
	set_word(L, schema, "none_of", word_none_of);
	set_meta(L, schema, BOX_MATCH, "__mul", match_times);
	set_meta(L, schema, BOX_MATCH, "__add", match_plus);
}

/* ---- building ---- */

static bool facts_hold(const struct match *m)
{
	switch (m->kind) {
	case MATCH_REF: return m->field && m->field->type == FIELD_REF;
	case MATCH_TAG: return m->field && m->field->type == FIELD_TAGS;
	case MATCH_EXACT: return !m->field || m->field->exact;
	default: return true;
	}
}

static double clamped(double x, double low, double high)
{
	return x < low ? low : x > high ? high : x;
}

static void build_also(struct builder *b, int index, int n, struct match *m)
{
	struct slice text;
	size_t len;
	int i;

	if (n > LIST_SYNONYMS_MAX)
		luaL_error(b->lua, "a match was changed after it was made");
	m->also = arena_calloc(b->arena, n, sizeof(*m->also));
	for (i = 1; i <= n; i++) {
		lua_rawgeti(b->lua, index, i);
		text.ptr = lua_type(b->lua, -1) == LUA_TSTRING ? lua_tolstring(b->lua, -1, &len)
							       : NULL;
		if (!text.ptr)
			luaL_error(b->lua, "a match was changed after it was made");
		text.len = len;
		m->also[m->also_count++] = arena_slice(b->arena, text);
		lua_pop(b->lua, 1);
	}
}

struct match *match_build(struct builder *b, int index)
{
	lua_State *L = b->lua;
	int kind = box_kind(L, index), n, i;
	struct match *m, *kid;

	if (kind < 0 || kind > MATCH_NOT)
		return NULL;
	builder_node(b);
	m = arena_calloc(b->arena, 1, sizeof(*m));
	m->kind = kind;
	m->weight = clamped(box_number(L, index, "weight", 1), 0, 1e6);
	m->text = box_text(L, index, "text", b->arena);
	m->field = box_field(L, index, b->schema);
	m->fields = (uint8_t)clamped(box_number(L, index, "fields", 0), 0, 255);
	m->slop = (int)clamped(box_number(L, index, "slop", 0), 0, SLOP_MAX);
	m->edits = (int)clamped(box_number(L, index, "edits", 0), 0, 2);
	m->least = (int)clamped(box_number(L, index, "least", 1), 1, PLAN_NODES_MAX);
	if (!facts_hold(m))
		luaL_error(L, "a match was changed after it was made");
	n = list_length(L, index);
	if (kind == MATCH_TERM && n)
		build_also(b, index, n, m);
	if (kind < MATCH_ALL && kind != MATCH_PHRASE && kind != MATCH_NEAR)
		return m;
	m->kids = arena_calloc(b->arena, n + 1, sizeof(*m->kids));
	b->depth++;
	for (i = 1; i <= n; i++) {
		lua_rawgeti(L, index, i);
		if (!lua_isnil(L, -1) && !box_is(L, -1, BOX_MATCH))
			luaL_error(L, "a match was changed after it was made");
		kid = lua_isnil(L, -1) ? NULL : match_build(b, lua_gettop(L));
		if (kid && kid->kind == MATCH_NOT && kind != MATCH_ALL)
			luaL_error(L, "none_of is only understood inside all(...)");
		if (kid)
			m->kids[m->kid_count++] = kid;
		lua_pop(L, 1);
	}
	b->depth--;
	if (kind < MATCH_ALL && !match_is_phrase(m))
		luaL_error(L, "%s is made of words, or any of some", match_name(kind));
	if (kind < MATCH_ALL)
		return m;
	if (!m->kid_count)
		return NULL;
	for (i = 0; kind == MATCH_ALL && i < m->kid_count && m->kids[i]->kind == MATCH_NOT; i++)
		;
	if (kind == MATCH_ALL && i == m->kid_count)
		luaL_error(L, "none_of needs something positive beside it in all(...)");
	return m;
}
