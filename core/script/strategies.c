/* strategies.c -- strategy { applies=, plan=, limit=, probe=, floor=, ceiling=, examples= }. */
#include "script/program_parts.h"

#include "script/vocab.h"

/* Does it apply to the query at hand, with a plan?  Every field it names is looked up. */
static bool plan_now(lua_State *L, const struct strategy_functions *f)
{
	struct program *p = program_of(L);
	bool applies = true;
	struct plan plan;

	if (f->applies != LUA_NOREF) {
		call_function(L, f->applies, 1);
		applies = lua_toboolean(L, -1);
		lua_pop(L, 1);
	}
	if (!applies)
		return false;
	call_function(L, f->plan, 1);
	applies = !lua_isnil(L, -1);
	if (applies)
		vocab_plan(L, -1, p->schema, p->scratch, &plan);
	lua_pop(L, 1);
	return applies;
}

static void try_plan(lua_State *L, struct slice key, struct query *q, void *data)
{
	plan_now(L, data);
}

static void example(lua_State *L, struct slice key, struct query *q, void *data)
{
	bool wanted, applies;

	if (lua_type(L, -1) != LUA_TBOOLEAN)
		load_fail(L, key,
			"example \"%.*s\" is %s, expected true or false: does the "
			"strategy apply?",
			SLICE_ARG(key), luaL_typename(L, -1));
	wanted = lua_toboolean(L, -1);
	applies = plan_now(L, data);
	if (applies != wanted)
		load_fail(L, key, "example \"%.*s\": the strategy %s, expected that it %s",
			SLICE_ARG(key), applies ? "applies" : "does not apply",
			wanted ? "does" : "does not");
}

void strategy_load(lua_State *L, int table)
{
	static const char *const known[] = { "applies", "plan", "limit", "probe", "floor",
		"ceiling", NULL };
	struct program *p = program_of(L);
	struct strategy *s = &p->strategies[p->strategy_count];
	struct strategy_functions *f = &p->functions[p->strategy_count];

	if (p->strategy_count == ARMS_MAX)
		load_fail(L, SLICE_LIT(""), "over %d strategies", ARMS_MAX);
	load_check_keys(L, table, known, false);
	memset(s, 0, sizeof(*s));
	strcpy(s->name, p->loading->name);
	s->limit = (int)load_number(L, table, "limit", 1, DEPTH_MAX, 0);
	s->probe = (int)load_number(L, table, "probe", 1, PROBE_MAX, 0);
	s->floor = (float)load_number(L, table, "floor", 0, 1, 0);
	s->ceiling = (float)load_number(L, table, "ceiling", 0, 1, 1);
	if (s->floor > s->ceiling)
		load_fail(L, SLICE_LIT("floor"), "floor %g is above ceiling %g", s->floor,
			s->ceiling);
	f->applies = load_function(L, table, "applies");
	f->plan = load_function(L, table, "plan");
	f->file = p->file_count;
	s->conditional = f->applies != LUA_NOREF;
	if (f->plan == LUA_NOREF)
		load_fail(L, SLICE_LIT("strategy"), "a strategy needs plan = function (q) ... end");
	load_trial(L, try_plan, f);
	load_examples(L, table, example, f);
	p->strategy_count++;
}
