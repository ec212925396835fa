/* program.c -- building a program, calling its functions.
 *
 * A file is compiled and run once; what it returns is its word's table, marked.
 * The loader of its kind reads that table into C and keeps references to the
 * functions.  Everything that touches the state is within vm_run; a Lua error
 * leaves C in the middle, so what is allocated meanwhile is in an arena. */
#include "script/program_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "script/vocab.h"

/* ---- what loaders share ---- */

static void push_place(lua_State *L, struct slice needle)
{
	const struct script *s = program_of(L)->loading;

	lua_pushfstring(L, "%s:%d: ", s->path, script_line(s, needle));
}

int load_fail(lua_State *L, struct slice needle, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	push_place(L, needle);
	lua_pushstring(L, text);
	lua_concat(L, 2);
	return lua_error(L);
}

int load_fail_error(lua_State *L, struct slice needle, const struct error *err)
{
	return load_fail(L, needle, "%s", err->text);
}

struct slice load_key(lua_State *L, int index, const char *what)
{
	struct slice key;
	size_t len;

	if (lua_type(L, index) != LUA_TSTRING)
		load_fail(L, SLICE_LIT(""), "found an entry without a name, expected %s", what);
	key.ptr = lua_tolstring(L, index, &len);
	key.len = len;
	return key;
}

void load_check_keys(lua_State *L, int table, const char *const *known, bool numbers)
{
	struct slice key;
	int i;

	lua_pushnil(L);
	while (lua_next(L, table)) {
		lua_pop(L, 1);
		if (numbers && lua_type(L, -1) == LUA_TNUMBER)
			continue;
		key = load_key(L, -1, known[0]);
		for (i = 0; known[i] && !slice_is(key, known[i]); i++)
			;
		if (!known[i] && !slice_is(key, "examples"))
			load_fail(L, key, "unknown word \"%.*s\"%s", SLICE_ARG(key),
				vm_suggest(L, key, known));
	}
}

bool load_part(lua_State *L, int table, const char *name)
{
	lua_pushstring(L, name);
	lua_rawget(L, table);
	if (!lua_isnil(L, -1))
		return true;
	lua_pop(L, 1);
	return false;
}

double load_number(lua_State *L, int table, const char *name, double low, double high,
	double otherwise)
{
	double x = otherwise;

	if (!load_part(L, table, name))
		return x;
	x = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN;
	lua_pop(L, 1);
	if (!(x >= low && x <= high))
		load_fail(L, slice_str(name), "%s is a number of %g to %g", name, low, high);
	return x;
}

int load_function(lua_State *L, int table, const char *name)
{
	if (!load_part(L, table, name))
		return LUA_NOREF;
	if (lua_type(L, -1) != LUA_TFUNCTION)
		load_fail(L, slice_str(name), "%s is %s, expected function (q) ... end", name,
			luaL_typename(L, -1));
	return luaL_ref(L, LUA_REGISTRYINDEX);
}

/* `example` sees what is on the stack. */
static void load_example(lua_State *L, struct slice key,
	void (*example)(lua_State *, struct slice key, struct query *, void *data), void *data)
{
	struct program *p = program_of(L);
	struct error err = { 0 };
	struct query *q;

	arena_reset(p->scratch);
	q = arena_alloc(p->scratch, sizeof(*q));
	if (query_parse(q, p->scratch, key, &err) < 0)
		load_fail_error(L, key, &err);
	p->ask = ask_example(p, q);
	example(L, key, q, data);
	p->ask = NULL;
}

void load_trial(lua_State *L,
	void (*trial)(lua_State *, struct slice key, struct query *, void *data), void *data)
{
	static const char *const queries[] = { "", "two words", NULL };
	struct program *p = program_of(L);
	int i;

	for (i = 0; queries[i]; i++) {
		p->trying = queries[i];
		load_example(L, slice_str(queries[i]), trial, data);
	}
	p->trying = NULL;
}

void load_examples(lua_State *L, int table,
	void (*example)(lua_State *, struct slice key, struct query *, void *data), void *data)
{
	int top;

	if (!load_part(L, table, "examples"))
		return;
	if (!lua_istable(L, -1))
		load_fail(L, SLICE_LIT("examples"), "examples is { [\"query\"] = ... }");
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		top = lua_gettop(L);
		load_example(L, load_key(L, -2, "a query"), example, data);
		lua_settop(L, top - 1);
	}
	lua_pop(L, 1);
}

void script_failed(struct script_file *file, const struct error *err)
{
	bool told = file->told;

	file->told = true;
	if (!told) /* the text mostly has the path and the line */
		log_warn("scripts", "%s%s%.400s; goes without, told once",
			strstr(err->text, file->path) ? "" : file->path,
			strstr(err->text, file->path) ? "" : ": ", err->text);
}

/* A marked table: push { word = name, body = value at 1 }. */
static int mark(lua_State *L, const char *word)
{
	if (!lua_istable(L, 1) || lua_gettop(L) != 1)
		return luaL_error(L, "%s takes one table: %s { ... }", word, word);
	lua_createtable(L, 0, 2);
	lua_pushstring(L, word);
	lua_setfield(L, -2, "word");
	lua_pushvalue(L, 1);
	lua_setfield(L, -2, "body");
	luaL_getmetatable(L, "description");
	lua_setmetatable(L, -2);
	return 1;
}

static int word_marked(lua_State *L)
{
	return mark(L, lua_tostring(L, lua_upvalueindex(1)));
}

void call_function(lua_State *L, int ref, int results)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
	ask_push(L);
	lua_call(L, 1, results);
}

/* ---- building ---- */

static const char *const marked[] = { "slot", "rewrite", "features", "strategy", "ranking",
	"rewards", NULL };

static int open_words(lua_State *L)
{
	struct program *p = lua_touserdata(L, 1);
	int i;

	luaL_newmetatable(L, "description");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
	for (i = 0; marked[i]; i++) {
		lua_pushstring(L, marked[i]);
		lua_pushcclosure(L, word_marked, 1);
		lua_setglobal(L, marked[i]);
	}
	vocab_open(L, p->schema, p->lists);
	features_open(L);
	ask_open(L);
	vm_seal(L);
	return 0;
}

/* The word of the description at the top, whose body takes its place. */
static const char *unmark(lua_State *L)
{
	const char *word = NULL;
	int i;

	if (!lua_istable(L, -1) || !lua_getmetatable(L, -1))
		return NULL;
	luaL_getmetatable(L, "description");
	if (lua_rawequal(L, -1, -2)) {
		lua_getfield(L, -3, "word");
		for (i = 0; marked[i]; i++)
			if (lua_isstring(L, -1) && !strcmp(marked[i], lua_tostring(L, -1)))
				word = marked[i];
		lua_pop(L, 1);
	}
	lua_pop(L, 2);
	if (!word)
		return NULL;
	lua_getfield(L, -1, "body");
	lua_replace(L, -2);
	return lua_istable(L, -1) ? word : NULL;
}

static int load_file(lua_State *L)
{
	static const char *const expected[] = {
		[SCRIPT_UNDERSTANDING] = "slot",
		[SCRIPT_FEATURES] = "features",
		[SCRIPT_STRATEGY] = "strategy",
		[SCRIPT_RANKING] = "ranking",
		[SCRIPT_REWARDS] = "rewards", /* lists are not Lua */
	};
	struct program *p = lua_touserdata(L, 1);
	const struct script *s = p->loading;
	const char *word;

	vm_compile(L, s->path, s->text);
	lua_call(L, 0, 1);
	word = unmark(L);
	if (!word)
		return load_fail(L, SLICE_LIT("return"),
			"the file gives no description; expected "
			"return %s { ... }",
			expected[s->kind]);
	if (strcmp(word, expected[s->kind]) &&
		!(s->kind == SCRIPT_UNDERSTANDING && !strcmp(word, "rewrite")))
		return load_fail(L, SLICE_LIT("return"),
			"found %s { ... }, expected %s { ... } in "
			"this folder",
			word, expected[s->kind]);
	switch (s->kind) {
	case SCRIPT_UNDERSTANDING: understanding_load(L, lua_gettop(L), word); break;
	case SCRIPT_FEATURES: features_load(L, lua_gettop(L)); break;
	case SCRIPT_STRATEGY: strategy_load(L, lua_gettop(L)); break;
	case SCRIPT_RANKING: ranking_load(L, lua_gettop(L)); break;
	case SCRIPT_REWARDS: rewards_load(L, lua_gettop(L)); break;
	case SCRIPT_LIST: break;
	}
	return 0;
}

static int load_list(struct program *p, const struct script *s, struct error *err)
{
	struct list *list;
	int rc = list_new(&list, s->text, s->path, err);

	return rc < 0 ? rc : lists_add(p->lists, s->name, list, err);
}

/* "from.STRATEGY", once all strategies are there and before rankings. */
static void add_from_names(struct program *p)
{
	int i;

	for (i = 0; i < p->strategy_count && p->weight_count < WEIGHTS_MAX; i++)
		p->weight_names[p->weight_count++] =
			arena_printf(p->memory, "from.%s", p->strategies[i].name);
}

static int load_one(struct program *p, const struct script *s, struct error *err)
{
	int rc;

	p->loading = s;
	p->files[p->file_count] = (struct script_file){ .path = arena_strdup(p->memory, s->path),
		.name = arena_strdup(p->memory, s->name) };
	if (s->kind == SCRIPT_LIST)
		rc = load_list(p, s, err);
	else
		rc = vm_run(p->vm, load_file, p, PROGRAM_LOAD_US, err);
	p->ask = NULL;
	p->loading = NULL;
	arena_reset(p->scratch);
	if (rc < 0) {
		if (err && !strstr(err->text, ".lua:") && !strstr(err->text, ".txt:"))
			error_prefix(err, rc, "%s", s->path);
		if (err && p->trying)
			error_set(err, rc, "%.400s (tried with %s%s%s)", err->text,
				*p->trying ? "\"" : "", *p->trying ? p->trying : "no query",
				*p->trying ? "\"" : "");
		return rc;
	}
	p->file_count++;
	return 0;
}

int program_new(struct program **out, const struct scripts *scripts,
	const struct program_options *options, struct error *err)
{
	struct program *p = xcalloc(1, sizeof(*p));
	struct error mine = { 0 };
	bool named = false;
	int i, rc;

	p->schema = options->schema;
	p->call_us = options->call_us ? options->call_us : PROGRAM_CALL_US;
	p->memory = arena_new();
	p->scratch = arena_new();
	p->lists = lists_new();
	p->files = arena_calloc(p->memory, scripts->count + 1, sizeof(*p->files));
	p->rules = arena_calloc(p->memory, scripts->count + 1, sizeof(*p->rules));
	p->rewards.window_ms = 30 * 60000;
	for (i = 0; options->weights && options->weights[i] && i < WEIGHTS_MAX; i++)
		p->weight_names[p->weight_count++] = arena_strdup(p->memory, options->weights[i]);
	rc = vm_new(&p->vm, options->memory_bytes ? options->memory_bytes : VM_MEMORY_BYTES, &mine);
	if (rc < 0)
		goto fail;
	vm_set_data(p->vm, p);
	rc = vm_run(p->vm, open_words, p, PROGRAM_LOAD_US, &mine);
	if (rc < 0)
		goto fail;
	for (i = 0; i < scripts->count; i++) {
		if (!named && scripts->items[i].kind > SCRIPT_STRATEGY) {
			add_from_names(p);
			named = true;
		}
		rc = load_one(p, &scripts->items[i], &mine);
		if (rc < 0)
			goto fail;
	}
	if (!named)
		add_from_names(p);
	vm_collect(p->vm); /* what the examples left is not the first requests' to sweep */
	*out = p;
	return 0;
fail:
	program_free(p);
	return error_set(err, rc, "%s", mine.text);
}

void program_free(struct program *p)
{
	if (!p)
		return;
	vm_free(p->vm);
	lists_free(p->lists);
	arena_free(p->memory);
	arena_free(p->scratch);
	free(p);
}

/* ---- calls ---- */

struct call {
	struct program *program;
	int strategy;
	struct arena *arena;
	struct plan *plan;
	int answer;
};

static int run_call(struct program *p, int (*fn)(lua_State *), struct call *call,
	const struct ask *ask, struct error *err)
{
	struct script_file *file = &p->files[p->functions[call->strategy].file];
	struct error mine = { 0 };
	int rc;

	p->ask = ask;
	rc = vm_run(p->vm, fn, call, p->call_us, &mine);
	p->ask = NULL;
	arena_reset(p->scratch);
	if (rc == 0)
		return call->answer;
	if (!strstr(mine.text, ".lua:"))
		error_prefix(&mine, rc, "%s", file->path);
	script_failed(file, &mine);
	return error_set(err, rc, "%s", mine.text);
}

static int call_applies(lua_State *L)
{
	struct call *c = lua_touserdata(L, 1);

	call_function(L, c->program->functions[c->strategy].applies, 1);
	c->answer = lua_toboolean(L, -1);
	return 0;
}

static int call_plan(lua_State *L)
{
	struct call *c = lua_touserdata(L, 1);

	call_function(L, c->program->functions[c->strategy].plan, 1);
	c->answer = !lua_isnil(L, -1);
	if (c->answer)
		vocab_plan(L, -1, c->program->schema, c->arena, c->plan);
	return 0;
}

int program_applies(struct program *p, int strategy, const struct ask *ask, struct error *err)
{
	struct call call = { p, strategy, NULL, NULL, 0 };

	if (p->functions[strategy].applies == LUA_NOREF)
		return 1;
	return run_call(p, call_applies, &call, ask, err);
}

int program_plan(struct program *p, int strategy, const struct ask *ask, struct arena *arena,
	struct plan *out, struct error *err)
{
	struct call call = { p, strategy, arena, out, 0 };
	int limit = p->strategies[strategy].limit;
	int rc;

	rc = run_call(p, call_plan, &call, ask, err);
	if (rc == 1)
		query_restore(ask->query, arena, out->match);
	if (rc == 1 && limit && (!out->limit || out->limit > limit))
		out->limit = limit;
	return rc;
}

/* ---- what there is ---- */

const struct feature_spec *program_feature_list(const struct program *p, int *count)
{
	*count = p->feature_count;
	return p->features;
}

const struct strategy *program_strategies(const struct program *p, int *count)
{
	*count = p->strategy_count;
	return p->strategies;
}

size_t program_memory(const struct program *p)
{
	return vm_memory(p->vm);
}
