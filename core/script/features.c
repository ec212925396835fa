/* features.c -- features { name = number(lo, hi, fn) | flag(fn) | cycle(n, fn) |
 * category(buckets, fn) }.
 *
 * Names are the learner's keys, so they are sorted: order in the file, and Lua's
 * order of keys, mean nothing. */
#include "script/program_parts.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"

#define BOX_FEATURE "feature"
#define BUCKETS_MAX 32

static int kind_new(lua_State *L, enum feature_kind kind, int function, double a, double b)
{
	if (lua_type(L, function) != LUA_TFUNCTION)
		return luaL_error(L, "a feature's last argument is its function (q), found %s",
			luaL_typename(L, function));
	lua_createtable(L, 4, 0);
	lua_pushnumber(L, kind);
	lua_rawseti(L, -2, 1);
	lua_pushnumber(L, a);
	lua_rawseti(L, -2, 2);
	lua_pushnumber(L, b);
	lua_rawseti(L, -2, 3);
	lua_pushvalue(L, function);
	lua_rawseti(L, -2, 4);
	luaL_getmetatable(L, BOX_FEATURE);
	lua_setmetatable(L, -2);
	return 1;
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
	return kind_new(L, FEATURE_NUMBER, 3, low, high);
}

static int word_flag(lua_State *L)
{
	return kind_new(L, FEATURE_FLAG, 1, 0, 1);
}

static int word_cycle(lua_State *L)
{
	double n = number_at(L, 1);

	if (!(n >= 2 && n <= 1e6 && n == floor(n)))
		return luaL_error(L, "cycle(n, function): n is a whole number of 2 or more");
	return kind_new(L, FEATURE_CYCLE, 2, n, 0);
}

static int word_category(lua_State *L)
{
	double n = number_at(L, 1);

	if (!(n >= 2 && n <= BUCKETS_MAX && n == floor(n)))
		return luaL_error(L, "category(buckets, function): buckets are 2 to %d",
			BUCKETS_MAX);
	return kind_new(L, FEATURE_CATEGORY, 2, n, 0);
}

void features_open(lua_State *L)
{
	lua_register(L, "number", word_number);
	lua_register(L, "flag", word_flag);
	lua_register(L, "cycle", word_cycle);
	lua_register(L, "category", word_category);
	luaL_newmetatable(L, BOX_FEATURE);
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}

/* ---- values ---- */

static float category_of(const struct feature *f, struct slice text)
{
	return (float)(hash_bytes(text, 0) % (unsigned)f->buckets);
}

/* The value at the top as the feature has it. */
static float value_of(lua_State *L, const struct feature *f)
{
	struct slice text;
	size_t len;
	double x;

	if (f->kind == FEATURE_FLAG)
		return lua_toboolean(L, -1);
	if (lua_isnil(L, -1) || (lua_isboolean(L, -1) && !lua_toboolean(L, -1)))
		return NAN;
	if (f->kind == FEATURE_CATEGORY) {
		if (!lua_isstring(L, -1))
			luaL_error(L, "feature %s gave %s, expected text", f->name,
				luaL_typename(L, -1));
		text.ptr = lua_tolstring(L, -1, &len);
		text.len = len;
		return category_of(f, text);
	}
	if (lua_type(L, -1) != LUA_TNUMBER)
		luaL_error(L, "feature %s gave %s, expected a number", f->name,
			luaL_typename(L, -1));
	x = lua_tonumber(L, -1);
	if (isnan(x) || (f->kind == FEATURE_CYCLE && isinf(x)))
		return NAN;
	if (f->kind == FEATURE_CYCLE) {
		x = fmod(x, f->period);
		return (float)(x < 0 ? x + f->period : x);
	}
	return (float)fmin(fmax(x, f->low), f->high);
}

struct collect {
	struct program *program;
	float *values;
	int at;
};

/* From collect->at on; where one fails the loop around goes on behind it. */
static int collect(lua_State *L)
{
	struct collect *c = lua_touserdata(L, 1);
	struct program *p = c->program;

	for (; c->at < p->feature_count; c->at++) {
		call_function(L, p->feature_functions[c->at], 1);
		c->values[c->at] = value_of(L, &p->features[c->at]);
		lua_pop(L, 1);
	}
	return 0;
}

int program_features(struct program *p, const struct ask *ask, float *values)
{
	struct collect c = { p, values, 0 };
	struct script_health *h;
	struct error err;
	int failed = 0, i;

	p->ask = ask;
	while (c.at < p->feature_count) {
		if (vm_run(p->vm, collect, &c, p->call_us, &err) == 0)
			break;
		h = &p->health[p->feature_scripts[c.at]];
		h->failures++;
		snprintf(h->last, sizeof(h->last), "%.255s", err.text);
		values[c.at++] = NAN;
		if (++failed < 3)
			continue;
		for (; c.at < p->feature_count; c.at++) /* each may have cost a budget */
			values[c.at] = NAN;
	}
	p->ask = NULL;
	for (i = 0; i < p->health_count; i++)
		p->health[i].calls += p->health[i].kind == SCRIPT_FEATURES;
	return failed;
}

/* ---- loading ---- */


static void example_value(lua_State *L, struct slice key)
{
	struct program *p = program_of(L);
	struct slice name = load_key(L, -2, "a feature's name");
	const struct feature *f = NULL;
	float got, want;
	int i;

	for (i = 0; i < p->feature_count; i++)
		if (slice_is(name, p->features[i].name) &&
			p->feature_scripts[i] == p->health_count)
			f = &p->features[i];
	if (!f) {
		load_fail(L, key, "example \"%.*s\" names \"%.*s\", which is no feature here",
			SLICE_ARG(key), SLICE_ARG(name));
		return;
	}
	want = value_of(L, f);
	call_function(L, p->feature_functions[f - p->features], 1);
	got = value_of(L, f);
	lua_pop(L, 1);
	if (!(isnan(got) && isnan(want)) && !(got == want || fabsf(got - want) < 1e-5f * fabsf(want)))
		load_fail(L, key, "example \"%.*s\": %s is %g, expected %g", SLICE_ARG(key),
			f->name, got, want);
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

static double part_of(lua_State *L, int index, int i)
{
	double x;

	lua_rawgeti(L, index, i);
	x = lua_tonumber(L, -1);
	lua_pop(L, 1);
	return x;
}

static void insert(lua_State *L, struct program *p, struct slice name)
{
	int at, i, box = lua_gettop(L), kind = (int)part_of(L, box, 1);
	double a = part_of(L, box, 2), b = part_of(L, box, 3);
	struct feature f = { .kind = kind };

	if (p->feature_count == FEATURES_MAX)
		load_fail(L, name, "over %d features", FEATURES_MAX);
	if (name.len > SCRIPT_NAME_MAX || kind < 0 || kind > FEATURE_CATEGORY)
		load_fail(L, name, "a feature's name of %zu letters, limit %d", name.len,
			SCRIPT_NAME_MAX);
	memcpy(f.name, name.ptr, name.len);
	f.low = (float)a;
	f.high = (float)b;
	if (kind == FEATURE_CYCLE)
		f.period = (int)a;
	if (kind == FEATURE_CATEGORY)
		f.buckets = (int)fmin(fmax(a, 2), BUCKETS_MAX);
	for (at = 0; at < p->feature_count && strcmp(p->features[at].name, f.name) < 0; at++)
		;
	if (at < p->feature_count && !strcmp(p->features[at].name, f.name))
		load_fail(L, name, "feature %s is there already, in %s", f.name,
			p->health[p->feature_scripts[at]].path);
	for (i = p->feature_count++; i > at; i--) {
		p->features[i] = p->features[i - 1];
		p->feature_functions[i] = p->feature_functions[i - 1];
		p->feature_scripts[i] = p->feature_scripts[i - 1];
	}
	p->features[at] = f;
	p->feature_scripts[at] = p->health_count;
	lua_rawgeti(L, box, 4);
	if (!lua_isfunction(L, -1))
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
				load_fail(L, name, "%.*s is %s, expected number(...), flag(...), "
						   "cycle(...) or category(...)",
					SLICE_ARG(name), luaL_typename(L, -1));
			insert(L, p, name);
		}
		lua_pop(L, 1);
	}
	load_examples(L, table, example, NULL);
}
