/* ask.c -- the request as scripts see it.
 *
 * Every call gets a q of its own, so what one script writes into it no other
 * sees; that is affordable because only text, terms and slots are made at once
 * and the rest when it is first read.  Reading a word q does not have is an
 * error, as is a slot no script of the collection fills. */
#include "script/program_parts.h"

#include <math.h>
#include <time.h>

#include "text/writing.h"

static const char *const words[] = { "text", "words", "terms", "slots", "readings", "context",
	"user", "likes", "time", "edits", "writing", "characters", "entropy", NULL };

static void push_slice(lua_State *L, struct slice s)
{
	lua_pushlstring(L, s.len ? s.ptr : "", s.len);
}

static void set_slice(lua_State *L, const char *name, struct slice s)
{
	push_slice(L, s);
	lua_setfield(L, -2, name);
}

static void set_number(lua_State *L, const char *name, double x)
{
	lua_pushnumber(L, x);
	lua_setfield(L, -2, name);
}

static void push_words(lua_State *L, const struct slice *list, int count)
{
	int i;

	lua_createtable(L, count, 0);
	for (i = 0; i < count; i++) {
		push_slice(L, list[i]);
		lua_rawseti(L, -2, i + 1);
	}
}

static void push_slots(lua_State *L, const struct interpretation *it)
{
	const struct slot *s;
	int i;

	lua_createtable(L, 0, it->slot_count);
	for (i = it->slot_count - 1; i >= 0; i--) { /* the first of a name stays */
		s = &it->slots[i];
		push_slice(L, s->name);
		lua_createtable(L, 0, 4);
		set_slice(L, "name", s->name);
		if (s->is_number) {
			if (!isnan(s->number[0]))
				set_number(L, "min", s->number[0]);
			if (!isnan(s->number[1]))
				set_number(L, "max", s->number[1]);
		} else {
			set_slice(L, "value", s->value);
		}
		if (s->entity.len)
			set_slice(L, "entity", s->entity);
		lua_rawset(L, -3);
	}
	luaL_getmetatable(L, "slots");
	lua_setmetatable(L, -2);
}

static int slot_missing(lua_State *L)
{
	struct program *p = program_of(L);
	const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
	int i;

	for (i = 0; i < p->slot_name_count; i++)
		if (!strcmp(p->slot_names[i], name))
			return 0;
	return luaL_error(L, "no script in understanding/ fills a slot \"%s\"%s", name,
		vm_suggest(L, slice_str(name), p->slot_names));
}

static void push_readings(lua_State *L, const struct query *q)
{
	int i;

	lua_createtable(L, q->count, 0);
	for (i = 0; i < q->count; i++) {
		lua_createtable(L, 0, 5);
		set_number(L, "weight", q->items[i].weight);
		set_number(L, "edits", q->items[i].edits);
		set_slice(L, "text", q->items[i].text);
		push_words(L, q->items[i].words, q->items[i].word_count);
		lua_setfield(L, -2, "terms");
		push_slots(L, &q->items[i]);
		lua_setfield(L, -2, "slots");
		lua_rawseti(L, -2, i + 1);
	}
}

static void push_json(lua_State *L, const json_t *value, int depth, int *nodes)
{
	const char *key;
	json_t *item;
	size_t i;

	if (depth > CONTEXT_DEPTH_MAX || ++*nodes > CONTEXT_NODES_MAX)
		luaL_error(L, "the context is over %d deep or of over %d parts", CONTEXT_DEPTH_MAX,
			CONTEXT_NODES_MAX);
	luaL_checkstack(L, 8, "the context is too deep");
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		lua_newtable(L);
		json_object_foreach((json_t *)value, key, item) {
			lua_pushstring(L, key);
			push_json(L, item, depth + 1, nodes);
			lua_rawset(L, -3);
		}
		break;
	case JSON_ARRAY:
		lua_newtable(L);
		json_array_foreach((json_t *)value, i, item) {
			push_json(L, item, depth + 1, nodes);
			lua_rawseti(L, -2, (int)i + 1);
		}
		break;
	case JSON_STRING:
		lua_pushlstring(L, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
	case JSON_REAL: lua_pushnumber(L, json_number_value(value)); break;
	case JSON_TRUE:
	case JSON_FALSE: lua_pushboolean(L, json_is_true(value)); break;
	default: lua_pushnil(L);
	}
}

static void push_context(lua_State *L, const json_t *context)
{
	int nodes = 0;

	if (json_is_object(context))
		push_json(L, context, 1, &nodes);
	else
		lua_newtable(L);
}

/* Where the user is; Monday is 1. */
static void push_time(lua_State *L, const struct ask *ask)
{
	time_t local = (time_t)floor(ask->now_ms / 1000.0) + ask->offset_min * 60;
	struct tm tm;
	char date[32];

	if (!gmtime_r(&local, &tm) || !strftime(date, sizeof(date), "%Y-%m-%d", &tm))
		luaL_error(L, "the time is out of range");
	lua_createtable(L, 0, 6);
	set_number(L, "ms", (double)ask->now_ms);
	set_number(L, "hour", tm.tm_hour);
	set_number(L, "minute", tm.tm_min);
	set_number(L, "weekday", tm.tm_wday ? tm.tm_wday : 7);
	set_slice(L, "date", slice_str(date));
	lua_pushboolean(L, tm.tm_wday == 0 || tm.tm_wday == 6);
	lua_setfield(L, -2, "weekend");
}

/* ---- q.likes ----
 *
 * By field of tags or `kind`: the values that the user likes, best first, as a list, and each
 * value's share by its name.  A value he never chose has 0; a field that there is not is an
 * error. */

static void push_field(lua_State *L, const struct profile *likes, struct slice field)
{
	int i, n = 0;

	lua_newtable(L);
	for (i = 0; likes && i < likes->count; i++) {
		if (!slice_eq(likes->like[i].field, field))
			continue;
		push_slice(L, likes->like[i].value);
		lua_pushvalue(L, -1);
		lua_rawseti(L, -3, ++n);
		lua_pushnumber(L, likes->like[i].share);
		lua_rawset(L, -3);
	}
	luaL_getmetatable(L, "liked");
	lua_setmetatable(L, -2);
}

static void push_likes(lua_State *L, const struct profile *likes)
{
	const struct schema *schema = program_of(L)->schema;
	int i;

	lua_newtable(L);
	push_field(L, likes, SLICE_LIT("kind"));
	lua_setfield(L, -2, "kind");
	for (i = 0; i < schema->field_count; i++) {
		if (schema->fields[i].type != FIELD_TAGS)
			continue;
		push_field(L, likes, slice_str(schema->fields[i].name));
		lua_setfield(L, -2, schema->fields[i].name);
	}
	luaL_getmetatable(L, "likes");
	lua_setmetatable(L, -2);
}

/* A name as somebody writes it: "Hip Hop". */
static int value_missing(lua_State *L)
{
	struct slice name = SLICE_LIT("");

	if (lua_type(L, 2) == LUA_TNUMBER)
		return 0; /* behind the last of the list */
	if (lua_type(L, 2) == LUA_TSTRING) {
		name.ptr = lua_tolstring(L, 2, &name.len);
		push_slice(L, text_fold(program_of(L)->scratch, name));
		lua_rawget(L, 1);
		if (!lua_isnil(L, -1))
			return 1;
	}
	lua_pushnumber(L, 0);
	return 1;
}

static int likes_missing(lua_State *L)
{
	const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
	const struct schema *schema = program_of(L)->schema;
	const char *fields[FIELDS_MAX + 2] = { "kind" };
	int i, count = 1;

	for (i = 0; i < schema->field_count; i++)
		if (schema->fields[i].type == FIELD_TAGS)
			fields[count++] = schema->fields[i].name;
	return luaL_error(L, "q.likes has no field of tags \"%s\"%s", name,
		vm_suggest(L, slice_str(name), fields));
}

/* How open it is which reading was meant: 0 for a sure one, 1 for equal weights of all. */
static double entropy(const struct query *q)
{
	double sum = 0, bits = 0, p;
	int i;

	for (i = 0; i < q->count; i++)
		sum += q->items[i].weight;
	for (i = 0; i < q->count && sum > 0; i++) {
		p = q->items[i].weight / sum;
		bits -= p > 0 ? p * log2(p) : 0;
	}
	return q->count > 1 ? bits / log2(q->count) : 0;
}

static int ask_index(lua_State *L)
{
	const struct ask *ask = program_of(L)->ask;
	const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
	int i;

	for (i = 0; words[i] && strcmp(words[i], name); i++)
		;
	if (!words[i])
		return luaL_error(L, "q has no \"%s\"%s", name,
			vm_suggest(L, slice_str(name), words));
	if (!ask)
		return 0; /* a q kept from an earlier call */
	if (!strcmp(name, "readings"))
		push_readings(L, ask->query);
	else if (!strcmp(name, "context"))
		push_context(L, ask->context);
	else if (!strcmp(name, "time"))
		push_time(L, ask);
	else if (!strcmp(name, "likes"))
		push_likes(L, ask->likes);
	else if (!strcmp(name, "writing"))
		lua_pushstring(L, text_writing(ask->query->text));
	else if (!strcmp(name, "characters"))
		lua_pushnumber(L, (double)text_characters(ask->query->text));
	else if (!strcmp(name, "entropy"))
		lua_pushnumber(L, entropy(ask->query));
	else if (!strcmp(name, "words"))
		push_words(L, ask->query->words, ask->query->word_count);
	else
		return 0;
	lua_pushvalue(L, 2);
	lua_pushvalue(L, -2);
	lua_rawset(L, 1); /* made once */
	return 1;
}

static void lock(lua_State *L, const char *name, lua_CFunction index)
{
	luaL_newmetatable(L, name);
	lua_pushcfunction(L, index);
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}

void ask_open(lua_State *L)
{
	lock(L, "slots", slot_missing);
	lock(L, "ask", ask_index);
	lock(L, "liked", value_missing);
	lock(L, "likes", likes_missing);
}

void ask_push(lua_State *L)
{
	const struct ask *ask = program_of(L)->ask;
	const struct interpretation *best = &ask->query->items[0];

	lua_createtable(L, 0, 8);
	set_slice(L, "text", ask->query->text);
	push_words(L, best->words, best->word_count);
	lua_setfield(L, -2, "terms");
	push_slots(L, best);
	lua_setfield(L, -2, "slots");
	set_number(L, "edits", best->edits);
	if (ask->user.len)
		set_slice(L, "user", ask->user);
	luaL_getmetatable(L, "ask");
	lua_setmetatable(L, -2);
}

/* A Thursday, 2026-01-01 12:00 UTC: examples must not depend on the day. */
#define EXAMPLE_MS INT64_C(1767268800000)

const struct ask *ask_example(struct program *p, struct query *q)
{
	struct ask *ask = arena_calloc(p->scratch, 1, sizeof(*ask));
	int i;

	for (i = 0; i < q->items[0].slot_count; i++)
		if (!q->items[0].slots[i].is_number)
			q->items[0].slots[i].entity = q->items[0].slots[i].value;
	ask->query = q;
	ask->now_ms = EXAMPLE_MS;
	return ask;
}
