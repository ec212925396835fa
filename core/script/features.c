/* features.c -- features { name = number(lo, hi, fn) | flag(fn) | cycle(n, fn) |
 * category(buckets, fn) | product(name, name) }.
 *
 * Names are the learner's keys, so they are sorted: order in the file, and Lua's
 * order of keys, mean nothing. */
#include "script/program_parts.h"

#include <math.h>
#include <stdlib.h>

#define BOX_FEATURE "feature"
#define BUCKETS_MAX 32

/* A feature as Lua holds it: kind, what follows from the kind, its function. */
enum part { PART_KIND = 1, PART_A, PART_B, PART_FUNCTION };

/* `a` and `b` are places on the stack. */
static int box_feature(lua_State *L, enum feature_kind kind, int a, int b, int function)
{
	lua_createtable(L, 4, 0);
	lua_pushnumber(L, kind);
	lua_rawseti(L, -2, PART_KIND);
	lua_pushvalue(L, a);
	lua_rawseti(L, -2, PART_A);
	lua_pushvalue(L, b);
	lua_rawseti(L, -2, PART_B);
	if (function) {
		lua_pushvalue(L, function);
		lua_rawseti(L, -2, PART_FUNCTION);
	}
	luaL_getmetatable(L, BOX_FEATURE);
	lua_setmetatable(L, -2);
	return 1;
}

static int kind_new(lua_State *L, enum feature_kind kind, int function)
{
	if (lua_type(L, function) != LUA_TFUNCTION)
		return luaL_error(L, "a feature's last argument is its function (q), found %s",
			luaL_typename(L, function));
	return box_feature(L, kind, 1, 2, function);
}

static double number_at(lua_State *L, int index)
{
	return lua_type(L, index) == LUA_TNUMBER ? lua_tonumber(L, index) : NAN;
}

static int word_number(lua_State *L)
{
	double low = number_at(L, 1), high = number_at(L, 2);

	if (!(low < high) || !isfinite(low) || !isfinite(high))
		return luaL_error(L, "number(low, high, function): low must be below high");
	return kind_new(L, FEATURE_NUMBER, 3);
}

static int word_flag(lua_State *L)
{
	return kind_new(L, FEATURE_FLAG, 1);
}

static int word_cycle(lua_State *L)
{
	double n = number_at(L, 1);

	if (!(n >= 2 && n <= 1e6 && n == floor(n)))
		return luaL_error(L, "cycle(n, function): n is a whole number of 2 or more");
	return kind_new(L, FEATURE_CYCLE, 2);
}

static int word_category(lua_State *L)
{
	double n = number_at(L, 1);

	if (!(n >= 2 && n <= BUCKETS_MAX && n == floor(n)))
		return luaL_error(L, "category(buckets, function): buckets are 2 to %d",
			BUCKETS_MAX);
	return kind_new(L, FEATURE_CATEGORY, 2);
}

static int word_product(lua_State *L)
{
	if (lua_type(L, 1) != LUA_TSTRING || lua_type(L, 2) != LUA_TSTRING)
		return luaL_error(L,
			"product(name, name): found %s and %s, expected the names of "
			"two features",
			luaL_typename(L, 1), luaL_typename(L, 2));
	return box_feature(L, FEATURE_PRODUCT, 1, 2, 0);
}

void features_open(lua_State *L)
{
	lua_register(L, "number", word_number);
	lua_register(L, "flag", word_flag);
	lua_register(L, "cycle", word_cycle);
	lua_register(L, "category", word_category);
	lua_register(L, "product", word_product);
	luaL_newmetatable(L, BOX_FEATURE);
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}

/* ---- values ---- */

/* The value at the top; text is borrowed from Lua. */
static struct feature_value value_of(lua_State *L, const struct feature_spec *f)
{
	struct feature_value v = { .present = true };
	size_t len;

	if (f->kind == FEATURE_FLAG) {
		v.number = lua_toboolean(L, -1);
		return v;
	}
	if (lua_isnil(L, -1) || (lua_isboolean(L, -1) && !lua_toboolean(L, -1)))
		return (struct feature_value){ 0 };
	if (f->kind == FEATURE_CATEGORY) {
		if (!lua_isstring(L, -1))
			luaL_error(L, "feature %s gave %s, expected text", f->name,
				luaL_typename(L, -1));
		v.text.ptr = lua_tolstring(L, -1, &len);
		v.text.len = len;
		return v;
	}
	if (lua_type(L, -1) != LUA_TNUMBER)
		luaL_error(L, "feature %s gave %s, expected a number", f->name,
			luaL_typename(L, -1));
	v.number = lua_tonumber(L, -1);
	v.present = !isnan(v.number);
	return v;
}

struct collect {
	struct program *program;
	struct arena *arena;
	struct feature_value *values;
	int at;
};

/* From collect->at on; where one fails the loop around goes on behind it. */
static int collect(lua_State *L)
{
	struct collect *c = lua_touserdata(L, 1);
	struct program *p = c->program;
	struct feature_value *v;

	for (; c->at < p->feature_count; c->at++) {
		v = &c->values[c->at];
		*v = (struct feature_value){ 0 };
		if (p->features[c->at].kind == FEATURE_PRODUCT)
			continue;
		call_function(L, p->feature_functions[c->at], 1);
		*v = value_of(L, &p->features[c->at]);
		v->text = arena_slice(c->arena, v->text);
		lua_pop(L, 1);
	}
	return 0;
}

int program_features(struct program *p, const struct ask *ask, struct arena *arena,
	struct feature_value *values)
{
	struct collect c = { p, arena, values, 0 };
	struct error err;
	int failed = 0;

	p->ask = ask;
	while (c.at < p->feature_count) {
		if (vm_run(p->vm, collect, &c, p->call_us, &err) == 0)
			break;
		script_failed(&p->files[p->feature_files[c.at]], &err);
		values[c.at++].present = false;
		if (++failed < 3)
			continue;
		for (; c.at < p->feature_count; c.at++) /* each may have cost a budget */
			values[c.at].present = false;
	}
	p->ask = NULL;
	arena_reset(p->scratch);
	return failed;
}

/* ---- loading ---- */

/* As they count: within the range, in one turn of the cycle. */
static double counted(const struct feature_spec *f, double x)
{
	if (f->kind == FEATURE_CYCLE) {
		x = fmod(x, f->period);
		return x < 0 ? x + f->period : x;
	}
	return f->kind == FEATURE_NUMBER ? fmin(fmax(x, f->lo), f->hi) : x;
}

static bool same(const struct feature_spec *f, struct feature_value a, struct feature_value b)
{
	double x = counted(f, a.number), y = counted(f, b.number);

	if (!a.present || !b.present)
		return a.present == b.present;
	if (f->kind == FEATURE_CATEGORY)
		return slice_eq(a.text, b.text);
	return x == y || fabs(x - y) < 1e-5 * fabs(y);
}

static const char *value_text(struct program *p, const struct feature_spec *f,
	struct feature_value v)
{
	if (!v.present)
		return "nil";
	if (f->kind == FEATURE_CATEGORY)
		return arena_printf(p->scratch, "\"%.*s\"", SLICE_ARG(v.text));
	return arena_printf(p->scratch, "%g", v.number);
}

static void example_value(lua_State *L, struct slice key)
{
	struct program *p = program_of(L);
	struct slice name = load_key(L, -2, "a feature's name");
	const struct feature_spec *f = NULL;
	struct feature_value got, want;
	int i;

	for (i = 0; i < p->feature_count; i++)
		if (slice_is(name, p->features[i].name) && p->feature_files[i] == p->file_count)
			f = &p->features[i];
	if (!f || f->kind == FEATURE_PRODUCT) {
		load_fail(L, key, "example \"%.*s\" names \"%.*s\", which is %s", SLICE_ARG(key),
			SLICE_ARG(name), f ? "a product" : "no feature here");
		return;
	}
	want = value_of(L, f);
	call_function(L, p->feature_functions[f - p->features], 1);
	got = value_of(L, f);
	if (!same(f, got, want))
		load_fail(L, key, "example \"%.*s\": %s is %s, expected %s", SLICE_ARG(key),
			f->name, value_text(p, f, got), value_text(p, f, want));
	lua_pop(L, 1);
}

static void example(lua_State *L, struct slice key, struct query *q, void *data)
{
	if (!lua_istable(L, -1))
		load_fail(L, key, "example \"%.*s\" is %s, expected { feature = value }",
			SLICE_ARG(key), luaL_typename(L, -1));
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		example_value(L, key);
		lua_pop(L, 1);
	}
}

/* All functions of the file that loads. */
static void try_features(lua_State *L, struct slice key, struct query *q, void *data)
{
	struct program *p = program_of(L);
	int i;

	for (i = 0; i < p->feature_count; i++) {
		if (p->feature_files[i] != p->file_count || p->features[i].kind == FEATURE_PRODUCT)
			continue;
		call_function(L, p->feature_functions[i], 1);
		value_of(L, &p->features[i]);
		lua_pop(L, 1);
	}
}

static double part_number(lua_State *L, int box, enum part part)
{
	double x;

	lua_rawgeti(L, box, part);
	x = number_at(L, -1);
	lua_pop(L, 1);
	return x;
}

/* A script may have written into the box, so all is checked again. */
static struct feature_spec spec_of(lua_State *L, int box, struct slice name)
{
	struct program *p = program_of(L);
	struct feature_spec f = { .name = arena_printf(p->memory, "%.*s", SLICE_ARG(name)) };
	double a = part_number(L, box, PART_A), b = part_number(L, box, PART_B);
	double kind = part_number(L, box, PART_KIND);
	int i;

	if (name.len > SCRIPT_NAME_MAX)
		load_fail(L, name, "a feature's name of %zu letters, limit %d", name.len,
			SCRIPT_NAME_MAX);
	if (!(kind >= FEATURE_NUMBER && kind <= FEATURE_PRODUCT))
		load_fail(L, name, "a feature was changed after it was made");
	f.kind = (enum feature_kind)kind;
	f.lo = a;
	f.hi = b;
	f.period = a;
	f.buckets = a >= 2 && a <= BUCKETS_MAX ? (unsigned)a : 2;
	for (i = 0; i < 2 && f.kind == FEATURE_PRODUCT; i++) {
		lua_rawgeti(L, box, PART_A + i);
		f.of[i] = lua_isstring(L, -1) ? arena_strdup(p->memory, lua_tostring(L, -1)) : "";
		lua_pop(L, 1);
	}
	return f;
}

static void insert(lua_State *L, struct program *p, struct slice name)
{
	int at, i, box = lua_gettop(L);
	struct feature_spec f = spec_of(L, box, name);

	if (p->feature_count == FEATURES_MAX)
		load_fail(L, name, "over %d features", FEATURES_MAX);
	for (at = 0; at < p->feature_count && strcmp(p->features[at].name, f.name) < 0; at++)
		;
	if (at < p->feature_count && !strcmp(p->features[at].name, f.name))
		load_fail(L, name, "feature %s is there already, in %s", f.name,
			p->files[p->feature_files[at]].path);
	for (i = p->feature_count++; i > at; i--) {
		p->features[i] = p->features[i - 1];
		p->feature_functions[i] = p->feature_functions[i - 1];
		p->feature_files[i] = p->feature_files[i - 1];
	}
	p->features[at] = f;
	p->feature_files[at] = p->file_count;
	lua_rawgeti(L, box, PART_FUNCTION);
	if (lua_isfunction(L, -1) == (f.kind == FEATURE_PRODUCT))
		load_fail(L, name, "a feature was changed after it was made");
	p->feature_functions[at] = luaL_ref(L, LUA_REGISTRYINDEX);
}

static bool is_feature(lua_State *L, int index)
{
	bool same;

	if (!lua_istable(L, index) || !lua_getmetatable(L, index))
		return false;
	luaL_getmetatable(L, BOX_FEATURE);
	same = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return same;
}

void features_load(lua_State *L, int table)
{
	struct program *p = program_of(L);
	struct slice name;

	lua_pushnil(L);
	while (lua_next(L, table)) {
		name = load_key(L, -2, "a feature's name");
		if (!slice_is(name, "examples")) {
			if (!is_feature(L, -1))
				load_fail(L, name,
					"%.*s is %s, expected number(...), flag(...), "
					"cycle(...), category(...) or product(...)",
					SLICE_ARG(name), luaL_typename(L, -1));
			insert(L, p, name);
		}
		lua_pop(L, 1);
	}
	load_trial(L, try_features, NULL);
	load_examples(L, table, example, NULL);
}
