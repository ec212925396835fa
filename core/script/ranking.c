/* ranking.c -- ranking { weights = table or function, kinds = { ... } } and
 * rewards { event = value, window = minutes(30) }. */
#include "script/program_parts.h"

#include <math.h>
#include <stdlib.h>

#include "script/vocab.h"

/* ---- names ---- */

static int weight_find(const struct program *p, struct slice name)
{
	int i;

	for (i = 0; i < p->weight_count; i++)
		if (slice_is(name, p->weight_names[i]))
			return i;
	return -1;
}

/* "kind.X": any X may be said, in weights or in kinds. */
static void kind_name(lua_State *L, struct slice name)
{
	struct program *p = program_of(L);

	if (weight_find(p, name) >= 0)
		return;
	if (p->weight_count == WEIGHTS_MAX)
		load_fail(L, name, "over %d weights", WEIGHTS_MAX);
	p->weight_names[p->weight_count++] = arena_slice(p->memory, name).ptr;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void collect_kinds(lua_State *L, int table)
{
	struct program *p = program_of(L);
	int first = p->weight_count;
	struct slice name;

	if (load_part(L, table, "kinds")) {
		if (!lua_istable(L, -1))
			load_fail(L, SLICE_LIT("kinds"),
				"kinds is %s, expected { \"artist\", ... }", luaL_typename(L, -1));
		lua_pushnil(L);
		while (lua_next(L, -2)) {
			if (lua_type(L, -1) != LUA_TSTRING)
				load_fail(L, SLICE_LIT("kinds"), "a kind is text");
			kind_name(L,
				slice_str(arena_printf(p->memory, "kind.%s", lua_tostring(L, -1))));
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	}
	if (load_part(L, table, "weights")) {
		if (lua_istable(L, -1)) {
			lua_pushnil(L);
			while (lua_next(L, -2)) {
				name = load_key(L, -2, "a weight's name");
				if (slice_starts(name, SLICE_LIT("kind.")) && name.len > 5)
					kind_name(L, name);
				lua_pop(L, 1);
			}
		}
		lua_pop(L, 1);
	}
	if (p->weight_count > first) /* in Lua's order so far, which is nobody's */
		qsort(p->weight_names + first, p->weight_count - first, sizeof(*p->weight_names),
			by_name);
}

/* ---- weights ---- */

/* The table at the top into out; errors as plain Lua errors, `where` before. */
static void read_weights(lua_State *L, float *out, bool loading)
{
	struct program *p = program_of(L);
	const char *near;
	struct slice name;
	double x;
	int at;

	if (!lua_istable(L, -1))
		luaL_error(L, "weights are %s, expected { name = weight, ... }",
			luaL_typename(L, -1));
	memset(out, 0, p->weight_count * sizeof(*out));
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		name = lua_type(L, -2) == LUA_TSTRING ? slice_str(lua_tostring(L, -2))
						      : SLICE_LIT("?");
		at = weight_find(p, name);
		x = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN;
		if (at < 0) {
			near = slice_starts(name, SLICE_LIT("kind."))
				       ? "; beside a function say kinds = { ... }"
				       : vm_suggest(L, name, p->weight_names);
			if (loading)
				load_fail(L, name, "nothing to weigh is named \"%s\"%s", name.ptr,
					near);
			luaL_error(L, "nothing to weigh is named \"%s\"%s", name.ptr, near);
		}
		if (!(fabs(x) <= 1e6)) {
			if (loading)
				load_fail(L, name, "%s is %s, expected a number", name.ptr,
					luaL_typename(L, -1));
			luaL_error(L, "%s is no number within a million", name.ptr);
		}
		out[at] = (float)x;
		lua_pop(L, 1);
	}
}

static void example(lua_State *L, struct slice key, struct query *q, void *data)
{
	struct program *p = program_of(L);
	float *weights = arena_calloc(p->scratch, WEIGHTS_MAX, sizeof(*weights));
	const int *function = data;
	struct slice name;
	int at;

	if (*function == LUA_NOREF)
		load_fail(L, key, "examples are for weights = function (q)");
	if (!lua_istable(L, -1))
		load_fail(L, key, "example \"%.*s\" is %s, expected { name = weight }",
			SLICE_ARG(key), luaL_typename(L, -1));
	call_function(L, *function, 1);
	read_weights(L, weights, false);
	lua_pop(L, 1);
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		name = load_key(L, -2, "a weight's name");
		at = weight_find(p, name);
		if (at < 0 || fabs(weights[at] - lua_tonumber(L, -1)) > 1e-5)
			load_fail(L, key, "example \"%.*s\": %.*s is %g, expected %g",
				SLICE_ARG(key), SLICE_ARG(name), at < 0 ? NAN : weights[at],
				lua_tonumber(L, -1));
		lua_pop(L, 1);
	}
}

/* A function that names what there is not would fail at every search. */
static void try_function(lua_State *L, struct slice key, struct query *q, void *data)
{
	float *weights = arena_calloc(program_of(L)->scratch, WEIGHTS_MAX, sizeof(*weights));

	call_function(L, *(const int *)data, 1);
	read_weights(L, weights, false);
	lua_pop(L, 1);
}

void ranking_load(lua_State *L, int table)
{
	static const char *const known[] = { "weights", "kinds", NULL };
	struct program *p = program_of(L);
	struct ranking_script *r = &p->rankings[p->ranking_count];

	if (p->ranking_count == RANKINGS_MAX)
		load_fail(L, SLICE_LIT("ranking"), "over %d rankings", RANKINGS_MAX);
	load_check_keys(L, table, known, false);
	collect_kinds(L, table);
	if (!load_part(L, table, "weights"))
		load_fail(L, SLICE_LIT("ranking"), "a ranking needs weights = { name = number }");
	*r = (struct ranking_script){ arena_strdup(p->memory, p->loading->name), LUA_NOREF,
		p->file_count, arena_calloc(p->memory, WEIGHTS_MAX, sizeof(*r->weights)) };
	if (lua_isfunction(L, -1)) {
		lua_pushvalue(L, -1);
		r->function = luaL_ref(L, LUA_REGISTRYINDEX);
	} else {
		read_weights(L, r->weights, true);
	}
	lua_pop(L, 1);
	if (r->function != LUA_NOREF)
		load_trial(L, try_function, &r->function);
	load_examples(L, table, example, &r->function);
	p->ranking_count++;
}

int program_ranking(const struct program *p, struct slice name)
{
	int i;

	for (i = 0; i < p->ranking_count; i++)
		if (slice_is(name.len ? name : SLICE_LIT("default"), p->rankings[i].name))
			return i;
	return !name.len && p->ranking_count ? 0 : -1;
}

struct weigh {
	const struct ranking_script *ranking;
	float *out;
};

static int weigh(lua_State *L)
{
	struct weigh *w = lua_touserdata(L, 1);

	call_function(L, w->ranking->function, 1);
	read_weights(L, w->out, false);
	return 0;
}

int program_weights(struct program *p, int ranking, const struct ask *ask, float *out,
	struct error *err)
{
	struct weigh w = { &p->rankings[ranking < 0 ? 0 : ranking], out };
	struct error mine = { 0 };
	int rc;

	memset(out, 0, p->weight_count * sizeof(*out));
	if (ranking < 0)
		return 0;
	if (w.ranking->function == LUA_NOREF) {
		memcpy(out, w.ranking->weights, p->weight_count * sizeof(*out));
		return 1;
	}
	p->ask = ask;
	rc = vm_run(p->vm, weigh, &w, p->call_us, &mine);
	p->ask = NULL;
	arena_reset(p->scratch);
	if (rc == 0)
		return 1;
	memset(out, 0, p->weight_count * sizeof(*out));
	script_failed(&p->files[w.ranking->file], &mine);
	return error_set(err, rc, "%s", mine.text);
}

const char *const *program_weight_names(const struct program *p, int *count)
{
	*count = p->weight_count;
	return p->weight_names;
}

/* ---- rewards ---- */

static int by_event(const void *a, const void *b)
{
	return strcmp(a, b); /* the name stands first */
}

void rewards_load(lua_State *L, int table)
{
	struct program *p = program_of(L);
	struct rewards *r = &p->rewards;
	struct slice name;
	double x;

	lua_pushnil(L);
	while (lua_next(L, table)) {
		name = load_key(L, -2, "an event's name");
		if (slice_is(name, "window")) {
			if (!vocab_duration(L, -1, &x) || x < 1000 || x > 86400e3 * 30)
				load_fail(L, name,
					"window is a duration of a second to thirty "
					"days, such as minutes(30)");
			r->window_ms = (int64_t)x;
			lua_pop(L, 1);
			continue;
		}
		x = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN;
		if (!(x >= 0 && x <= 1))
			load_fail(L, name, "the reward of %.*s is a number of 0 to 1",
				SLICE_ARG(name));
		if (r->count == EVENTS_NAMES_MAX)
			load_fail(L, name, "over %d events", EVENTS_NAMES_MAX);
		if (name.len > SCRIPT_NAME_MAX)
			load_fail(L, name, "an event's name of %zu letters, limit %d", name.len,
				SCRIPT_NAME_MAX);
		memcpy(r->events[r->count].name, name.ptr, name.len);
		r->events[r->count].name[name.len] = '\0';
		r->events[r->count++].value = (float)x;
		lua_pop(L, 1);
	}
	qsort(r->events, r->count, sizeof(*r->events), by_event);
}

const struct rewards *program_rewards(const struct program *p)
{
	return &p->rewards;
}
