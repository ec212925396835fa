/* vocab.c -- descriptions, arguments, durations and the plan table.
 *
 * Invariant: what a script holds is Lua data.  Building reads it again with its
 * types and ranges checked, so a script that writes into a description gets an
 * error or another plan, never memory that is not its own. */
#include "script/vocab_parts.h"

#include <math.h>

#include "index/date.h"

#define DEPTH_OF_PLAN 30 /* query/match.c stops at 32 */

/* ---- descriptions ---- */

void box_new(lua_State *L, const char *box, int kind)
{
	lua_createtable(L, 0, 4);
	luaL_getmetatable(L, box);
	lua_setmetatable(L, -2);
	box_set_number(L, "kind", kind);
}

bool box_is(lua_State *L, int index, const char *box)
{
	bool same;

	if (!lua_istable(L, index) || !lua_getmetatable(L, index))
		return false;
	luaL_getmetatable(L, box);
	same = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return same;
}

const char *box_what(lua_State *L, int index)
{
	if (box_is(L, index, BOX_MATCH))
		return "a match";
	if (box_is(L, index, BOX_WHERE))
		return "a filter";
	if (box_is(L, index, BOX_SCORE))
		return "a score";
	if (box_is(L, index, BOX_TIME))
		return "a duration";
	return luaL_typename(L, index);
}

static int absolute(lua_State *L, int index)
{
	return index < 0 && index > LUA_REGISTRYINDEX ? lua_gettop(L) + index + 1 : index;
}

double box_number(lua_State *L, int index, const char *name, double otherwise)
{
	double x = otherwise;

	index = absolute(L, index);
	lua_pushstring(L, name);
	lua_rawget(L, index);
	if (lua_type(L, -1) == LUA_TNUMBER)
		x = lua_tonumber(L, -1);
	lua_pop(L, 1);
	return isnan(x) ? otherwise : x;
}

int box_kind(lua_State *L, int index)
{
	double kind = box_number(L, index, "kind", ABSENT);

	return kind >= 0 && kind < 64 ? (int)kind : ABSENT;
}

void box_set_number(lua_State *L, const char *name, double x)
{
	lua_pushstring(L, name);
	lua_pushnumber(L, x);
	lua_rawset(L, -3);
}

void box_set_text(lua_State *L, const char *name, struct slice text)
{
	lua_pushstring(L, name);
	lua_pushlstring(L, text.ptr, text.len);
	lua_rawset(L, -3);
}

struct slice box_text(lua_State *L, int index, const char *name, struct arena *arena)
{
	struct slice text = SLICE_LIT("");
	size_t len;

	index = absolute(L, index);
	lua_pushstring(L, name);
	lua_rawget(L, index);
	if (lua_type(L, -1) == LUA_TSTRING) {
		text.ptr = lua_tolstring(L, -1, &len);
		text.len = len;
		text = arena_slice(arena, text);
	}
	lua_pop(L, 1);
	return text;
}

const struct field *box_field(lua_State *L, int index, const struct schema *schema)
{
	double at = box_number(L, index, "field", -1);

	return at >= 0 && at < schema->field_count ? &schema->fields[(int)at] : NULL;
}

/* ---- arguments ---- */

int list_length(lua_State *L, int index)
{
	double most = 0, key;

	index = absolute(L, index);
	lua_pushnil(L);
	while (lua_next(L, index)) {
		lua_pop(L, 1);
		if (lua_type(L, -1) != LUA_TNUMBER)
			continue;
		key = lua_tonumber(L, -1);
		if (key >= 1 && key == floor(key) && key > most)
			most = key;
	}
	if (most > PLAN_NODES_MAX)
		luaL_error(L, "a list of %f parts, limit %d", most, PLAN_NODES_MAX);
	return (int)most;
}

bool is_list(lua_State *L, int index)
{
	if (!lua_istable(L, index))
		return false;
	if (!lua_getmetatable(L, index))
		return true;
	lua_pop(L, 1);
	return false;
}

static const char *const type_names[] = {
	[FIELD_TEXT] = "text",
	[FIELD_TAGS] = "tags",
	[FIELD_NUMBER] = "number",
	[FIELD_DATE] = "date",
	[FIELD_REF] = "ref",
};

const struct field *need_field(lua_State *L, int index, unsigned types, const char *word)
{
	const struct field *field;
	char wanted[64] = "";
	struct error err = { 0 };
	struct slice name;
	size_t len, at = 0;
	unsigned t;

	if (lua_type(L, index) != LUA_TSTRING)
		luaL_error(L, "%s: found %s, expected a field's name", word, box_what(L, index));
	name.ptr = lua_tolstring(L, index, &len);
	name.len = len;
	if (schema_need(schema_of(L), name, &field, &err) < 0)
		luaL_error(L, "%s: %s", word, err.text);
	if (types >> field->type & 1)
		return field;
	for (t = 0; t < sizeof(type_names) / sizeof(*type_names); t++)
		if (types >> t & 1)
			at += snprintf(wanted + at, sizeof(wanted) - at, "%s%s", at ? " or " : "",
				type_names[t]);
	luaL_error(L, "%s: field %s is %s, expected %s", word, field->name, type_names[field->type],
		wanted);
	return NULL;
}

bool take_text(lua_State *L, int index, bool entity, const char *word, struct slice *out)
{
	size_t len;

	if (lua_isnoneornil(L, index))
		return false;
	if (lua_type(L, index) == LUA_TSTRING || lua_type(L, index) == LUA_TNUMBER) {
		lua_pushvalue(L, index); /* tolstring would turn the number itself */
	} else if (is_list(L, index)) {
		lua_pushstring(L, entity ? "entity" : "value");
		lua_rawget(L, index);
		if (lua_isnil(L, -1)) {
			lua_pushstring(L, "name"); /* a slot of another sort */
			lua_rawget(L, index);
			if (!lua_isnil(L, -1))
				return false;
		}
	} else {
		lua_pushnil(L);
	}
	if (!lua_isstring(L, -1))
		luaL_error(L, "%s: found %s, expected text or a slot", word, box_what(L, index));
	out->ptr = lua_tolstring(L, -1, &len); /* left on the stack: keeps it alive */
	out->len = len;
	return true;
}

bool take_number(lua_State *L, int index, const struct field *field, const char *word,
	double *first, double *after)
{
	struct slice text;
	size_t len;

	if (lua_isnoneornil(L, index))
		return false;
	if (field->type == FIELD_DATE) {
		if (!lua_isstring(L, index))
			luaL_error(L, "%s: found %s, expected a date such as \"2010-06-30\"", word,
				box_what(L, index));
		lua_pushvalue(L, index); /* 2010 is a year, too */
		text.ptr = lua_tolstring(L, -1, &len);
		text.len = len;
		if (!date_period(text, first, after))
			luaL_error(L, "%s: found \"%s\", expected a date such as \"2010-06-30\"",
				word, text.ptr);
		lua_pop(L, 1);
		return true;
	}
	if (lua_type(L, index) != LUA_TNUMBER || isnan(lua_tonumber(L, index)))
		luaL_error(L, "%s: found %s, expected a number for %s", word, box_what(L, index),
			field->name);
	*first = *after = lua_tonumber(L, index);
	return true;
}

void builder_node(struct builder *b)
{
	if (++b->nodes > PLAN_NODES_MAX)
		luaL_error(b->lua, "a plan of over %d parts", PLAN_NODES_MAX);
	if (b->depth > DEPTH_OF_PLAN)
		luaL_error(b->lua, "a plan nested over %d deep", DEPTH_OF_PLAN);
	luaL_checkstack(b->lua, 16, "a plan nested too deep");
}

void set_word(lua_State *L, const struct schema *schema, const char *name, lua_CFunction fn)
{
	lua_pushlightuserdata(L, (void *)schema);
	lua_pushcclosure(L, fn, 1);
	lua_setglobal(L, name);
}

void set_meta(lua_State *L, const struct schema *schema, const char *box, const char *event,
	lua_CFunction fn)
{
	luaL_newmetatable(L, box);
	lua_pushlightuserdata(L, (void *)schema);
	lua_pushcclosure(L, fn, 1);
	lua_setfield(L, -2, event);
	lua_pop(L, 1);
}

/* ---- durations ---- */

static int duration(lua_State *L, const char *word, double unit_ms)
{
	double n;

	if (lua_type(L, 1) != LUA_TNUMBER)
		return luaL_error(L, "%s: found %s, expected a number", word, box_what(L, 1));
	n = lua_tonumber(L, 1);
	if (!(n > 0 && n * unit_ms <= 86400e3 * 36525))
		return luaL_error(L, "%s(%f) is outside of 0 to a hundred years", word, n);
	box_new(L, BOX_TIME, 0);
	box_set_number(L, "ms", n * unit_ms);
	return 1;
}

static int word_seconds(lua_State *L)
{
	return duration(L, "seconds", 1e3);
}

static int word_minutes(lua_State *L)
{
	return duration(L, "minutes", 60e3);
}

static int word_hours(lua_State *L)
{
	return duration(L, "hours", 3600e3);
}

static int word_days(lua_State *L)
{
	return duration(L, "days", 86400e3);
}

bool vocab_duration(lua_State *L, int index, double *ms)
{
	if (!box_is(L, index, BOX_TIME))
		return false;
	*ms = box_number(L, index, "ms", 0);
	return *ms > 0;
}

void vocab_open(lua_State *L, const struct schema *schema, const struct lists *lists)
{
	static const char *const boxes[] = { BOX_MATCH, BOX_WHERE, BOX_SCORE, BOX_TIME };
	unsigned i;

	match_open(L, schema);
	where_open(L, schema);
	score_open(L, schema);
	words_open(L, schema, lists);
	set_word(L, schema, "seconds", word_seconds);
	set_word(L, schema, "minutes", word_minutes);
	set_word(L, schema, "hours", word_hours);
	set_word(L, schema, "days", word_days);
	for (i = 0; i < sizeof(boxes) / sizeof(*boxes); i++) {
		luaL_newmetatable(L, boxes[i]);
		lua_pushboolean(L, 0);
		lua_setfield(L, -2, "__metatable");
		lua_pop(L, 1);
	}
}

/* ---- the plan ---- */

static void check_keys(lua_State *L, int index)
{
	static const char *const known[] = { "match", "where", "score", "min_score", "limit",
		"memory", "ids", NULL };
	struct slice key;
	size_t len;
	int i;

	lua_pushnil(L);
	while (lua_next(L, index)) {
		lua_pop(L, 1);
		if (lua_type(L, -1) != LUA_TSTRING)
			luaL_error(L, "a plan has a part without a name, expected match, where, "
				      "score, min_score, limit, memory or ids");
		key.ptr = lua_tolstring(L, -1, &len);
		key.len = len;
		for (i = 0; known[i] && !slice_is(key, known[i]); i++)
			;
		if (known[i])
			continue;
		luaL_error(L, "a plan has no \"%s\"%s", key.ptr, vm_suggest(L, key, known));
	}
}

/* Pushes plan[name], true if it is there. */
static bool part(lua_State *L, int index, const char *name)
{
	lua_pushstring(L, name);
	lua_rawget(L, index);
	if (!lua_isnil(L, -1))
		return true;
	lua_pop(L, 1);
	return false;
}

static void build_keys(struct builder *b, const char *what, size_t bytes_max, struct plan *out)
{
	lua_State *L = b->lua;
	int n, i, list = lua_gettop(L);
	struct slice key;
	size_t len;

	if (!is_list(L, list))
		luaL_error(L, "%s: found %s, expected a list of text", what, box_what(L, list));
	n = list_length(L, list);
	out->keys = arena_calloc(b->arena, n + 1, sizeof(*out->keys));
	for (i = 1; i <= n; i++) {
		lua_rawgeti(L, list, i);
		if (lua_type(L, -1) == LUA_TSTRING) {
			key.ptr = lua_tolstring(L, -1, &len);
			key.len = len;
			if (len > 0 && len <= bytes_max)
				out->keys[out->key_count++] = arena_slice(b->arena, key);
		} else if (!lua_isnil(L, -1) && lua_toboolean(L, -1)) { /* `x and y` gives false */
			luaL_error(L, "%s: found %s, expected text", what, box_what(L, -1));
		}
		lua_pop(L, 1);
	}
}

static void build_source(struct builder *b, int index, struct plan *out)
{
	lua_State *L = b->lua;
	bool memory = part(L, index, "memory"), ids;

	if (memory) {
		out->source = PLAN_MEMORY;
		build_keys(b, "memory", MEMORY_KEY_MAX, out);
		lua_pop(L, 1);
	}
	ids = part(L, index, "ids");
	if (ids) {
		if (memory)
			luaL_error(L, "a plan has memory or ids, not both");
		out->source = PLAN_IDS;
		build_keys(b, "ids", ID_BYTES_MAX, out);
		lua_pop(L, 1);
	}
	if (part(L, index, "match")) {
		if (memory || ids)
			luaL_error(L, "a plan with memory or ids has no match");
		if (!box_is(L, -1, BOX_MATCH))
			luaL_error(L, "match: found %s, expected a match such as all(q.terms)",
				box_what(L, -1));
		out->match = match_build(b, lua_gettop(L));
		if (out->match && out->match->kind == MATCH_NOT)
			luaL_error(L, "none_of needs something positive beside it in all(...)");
		lua_pop(L, 1);
	}
	if (part(L, index, "min_score")) {
		if (memory || ids)
			luaL_error(L,
				"a plan with memory or ids has its own order and no min_score");
		if (lua_type(L, -1) != LUA_TNUMBER || !isfinite(lua_tonumber(L, -1)))
			luaL_error(L, "min_score: found %s, expected a number", box_what(L, -1));
		out->has_min_score = true;
		out->min_score = (float)lua_tonumber(L, -1);
		lua_pop(L, 1);
	}
	if (part(L, index, "score")) {
		if (memory || ids)
			luaL_error(L, "a plan with memory or ids has its own order and no score");
		score_build(b, lua_gettop(L), out);
		lua_pop(L, 1);
	}
}

void vocab_plan(lua_State *L, int index, const struct schema *schema, struct arena *arena,
	struct plan *out)
{
	struct builder b = { L, schema, arena, 0, 0 };
	double limit;

	index = absolute(L, index);
	memset(out, 0, sizeof(*out));
	if (!is_list(L, index))
		luaL_error(L, "a plan is a table such as { match = all(q.terms) }, found %s",
			box_what(L, index));
	check_keys(L, index);
	build_source(&b, index, out);
	if (part(L, index, "where")) {
		if (!box_is(L, -1, BOX_WHERE))
			luaL_error(L,
				"where: found %s, expected a filter such as is(\"kind\", "
				"\"track\")",
				box_what(L, -1));
		out->where = where_build(&b, lua_gettop(L));
		lua_pop(L, 1);
	}
	if (part(L, index, "limit")) {
		limit = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN;
		if (!(limit >= 1 && limit <= DEPTH_MAX))
			luaL_error(L, "limit: expected a number of 1 to %d", DEPTH_MAX);
		out->limit = (int)limit;
		lua_pop(L, 1);
	}
}
