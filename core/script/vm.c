/* vm.c -- a Lua state that cannot hurt the daemon.
 *
 * What a backtracking pattern may cost is judged before it runs: with k items
 * that repeat, a string of n bytes takes at most about n^k steps from each of n
 * places (one if anchored).  It refuses some harmless patterns on long strings,
 * and never lets a harmful one in. */
#include "script/vm.h"

#include <lauxlib.h>
#include <lua.h>
#include <luajit.h>
#include <lualib.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/clock.h"
#include "base/log.h"

struct vm {
	lua_State *lua;
	size_t used, most;
	int64_t deadline_us, budget_us;
	bool spent;
	void *data;
};

static struct vm *vm_of(lua_State *L)
{
	void *vm;

	lua_getallocf(L, &vm);
	return vm;
}

static void *capped(void *data, void *ptr, size_t old, size_t size)
{
	struct vm *vm = data;
	void *moved;

	if (!ptr)
		old = 0;
	if (size == 0) {
		free(ptr);
		vm->used -= old;
		return NULL;
	}
	if (size > old && size - old > vm->most - vm->used)
		return NULL;
	moved = realloc(ptr, size);
	if (moved)
		vm->used = vm->used - old + size;
	return moved;
}

static void on_count(lua_State *L, lua_Debug *at)
{
	struct vm *vm = vm_of(L);

	if (!vm->spent && clock_mono_us() < vm->deadline_us)
		return;
	vm->spent = true;
	lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
	luaL_where(L, at ? 0 : 1); /* no `at`: called from C, which has no line */
	lua_pushfstring(L, "the budget of %d us is spent", (int)vm->budget_us);
	lua_concat(L, 2);
	lua_error(L);
}

/* Between two looks of the hook a script may call C hundreds of times: calls that
 * can take long look at the clock themselves. */
static void look(lua_State *L, double steps)
{
	struct vm *vm = vm_of(L);

	if (steps > 2000 && (vm->spent || clock_mono_us() >= vm->deadline_us))
		on_count(L, NULL);
}

/* ---- bounded string functions; the original is upvalue 1 ---- */

static int pass_on(lua_State *L)
{
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

static int bounded_rep(lua_State *L)
{
	size_t len, gap = 0;
	double times;

	luaL_checklstring(L, 1, &len);
	times = luaL_checknumber(L, 2);
	if (lua_gettop(L) > 2)
		luaL_checklstring(L, 3, &gap);
	if (!(times <= VM_STRING_BYTES_MAX) ||
		times * (double)(len + gap) > VM_STRING_BYTES_MAX) /* NaN, too */
		return luaL_error(L, "string.rep would make %f bytes, limit %d",
			times * (double)(len + gap), VM_STRING_BYTES_MAX);
	look(L, times * (double)(len + gap));
	return pass_on(L);
}

static int bounded_match(lua_State *L)
{
	size_t len, pattern_len, i;
	const char *pattern;
	double steps;

	luaL_checklstring(L, 1, &len);
	pattern = luaL_checklstring(L, 2, &pattern_len);
	if (len > VM_STRING_BYTES_MAX || pattern_len > 256)
		return luaL_error(L, "a search of %d bytes for a pattern of %d, limits %d and 256",
			(int)len, (int)pattern_len, VM_STRING_BYTES_MAX);
	steps = pattern_len && pattern[0] == '^' ? 1 : (double)len + 1;
	for (i = 0; i < pattern_len; i++) {
		if (pattern[i] == '%' && i + 1 < pattern_len) {
			i++;
			if (pattern[i] == 'b' || (pattern[i] >= '0' && pattern[i] <= '9'))
				steps *= (double)len + 1;
		} else if (strchr("*+-", pattern[i]) && pattern[i]) {
			steps *= (double)len + 1;
		} else if (pattern[i] == '?') {
			steps *= 2;
		}
	}
	if (steps > VM_PATTERN_STEPS_MAX)
		return luaL_error(L, "the pattern could take %f steps on %d bytes, limit %d", steps,
			(int)len, (int)VM_PATTERN_STEPS_MAX);
	look(L, steps);
	return pass_on(L);
}

static int log_print(lua_State *L)
{
	luaL_Buffer line;
	int i, n = lua_gettop(L);

	lua_getglobal(L, "tostring");
	luaL_buffinit(L, &line);
	for (i = 1; i <= n; i++) {
		lua_pushvalue(L, n + 1);
		lua_pushvalue(L, i);
		lua_call(L, 1, 1);
		lua_insert(L, n + 2);
		lua_settop(L, n + 2);
		if (lua_isstring(L, -1))
			log_info("script", "%.400s", lua_tostring(L, -1));
		lua_settop(L, n + 1);
	}
	return 0;
}

/* ---- making one ---- */

/* xpcall: its handler would run while the hook is busy raising, unseen by the budget */
static const char *const removed[] = { "xpcall", "load", "loadfile", "loadstring", "dofile",
	"require", "module", "rawset", "collectgarbage", "gcinfo", "newproxy", "getfenv", "setfenv",
	"coroutine", "jit", "ffi", "bit", "package", "io", "os", "debug", NULL };

static void wrap(lua_State *L, const char *name, lua_CFunction fn)
{
	lua_getfield(L, -1, name);
	lua_pushcclosure(L, fn, 1);
	lua_setfield(L, -2, name);
}

static void drop(lua_State *L, const char *name)
{
	lua_pushnil(L);
	lua_setfield(L, -2, name);
}

static void open_library(lua_State *L, lua_CFunction open, const char *name)
{
	lua_pushcfunction(L, open);
	lua_pushstring(L, name);
	lua_call(L, 1, 0);
}

static int open_all(lua_State *L)
{
	int i;

	open_library(L, luaopen_base, "");
	open_library(L, luaopen_table, LUA_TABLIBNAME);
	open_library(L, luaopen_string, LUA_STRLIBNAME);
	open_library(L, luaopen_math, LUA_MATHLIBNAME);
	for (i = 0; removed[i]; i++) {
		lua_pushnil(L);
		lua_setglobal(L, removed[i]);
	}
	lua_pushcfunction(L, log_print);
	lua_setglobal(L, "print");
	lua_getglobal(L, "string");
	wrap(L, "rep", bounded_rep);
	wrap(L, "find", bounded_match);
	wrap(L, "match", bounded_match);
	wrap(L, "gmatch", bounded_match);
	wrap(L, "gsub", bounded_match);
	drop(L, "gfind"); /* gmatch's old name: would be a way around */
	drop(L, "dump");
	/* getmetatable("") must not hand out the strings' metatable */
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 2);
	lua_getglobal(L, "math");
	drop(L, "randomseed");
	return 0;
}

int vm_new(struct vm **out, size_t memory_bytes, struct error *err)
{
	struct vm *vm = xcalloc(1, sizeof(*vm));
	int rc;

	vm->most = memory_bytes;
	vm->lua = lua_newstate(capped, vm);
	if (!vm->lua) {
		free(vm);
		return error_set(err, ERR_MEMORY, "no Lua state in %zu bytes", memory_bytes);
	}
	luaJIT_setmode(vm->lua, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
	rc = vm_run(vm, open_all, NULL, 1000000, err);
	if (rc < 0) {
		vm_free(vm);
		return rc;
	}
	*out = vm;
	return 0;
}

void vm_free(struct vm *vm)
{
	if (!vm)
		return;
	lua_close(vm->lua);
	free(vm);
}

int vm_run(struct vm *vm, int (*fn)(lua_State *), void *data, int64_t budget_us, struct error *err)
{
	lua_State *L = vm->lua;
	int rc, code = 0;

	vm->spent = false;
	vm->budget_us = budget_us;
	vm->deadline_us = clock_mono_us() + budget_us;
	lua_sethook(L, on_count, LUA_MASKCOUNT, VM_HOOK_STEPS);
	rc = lua_cpcall(L, fn, data);
	lua_sethook(L, NULL, 0, 0);
	if (rc == LUA_ERRMEM)
		code = error_set(err, ERR_MEMORY, "a script needs over %zu bytes", vm->most);
	else if (rc && lua_type(L, -1) == LUA_TSTRING)
		code = error_set(err, ERR_SCRIPT, "%s", lua_tostring(L, -1));
	else if (rc)
		code = error_set(err, ERR_SCRIPT, "a script's error is a %s, not text",
			luaL_typename(L, -1));
	else if (vm->spent)
		code = error_set(err, ERR_SCRIPT, "the budget of %d us is spent", (int)budget_us);
	lua_settop(L, 0);
	if (code == ERR_MEMORY)
		lua_gc(L, LUA_GCCOLLECT, 0);
	return code;
}

void vm_compile(lua_State *L, const char *name, struct slice source)
{
	lua_pushfstring(L, "@%s", name);
	if (source.len && source.ptr[0] == '\033')
		luaL_error(L, "%s: bytecode, expected text", name);
	if (luaL_loadbuffer(L, source.ptr, source.len, lua_tostring(L, -1)))
		lua_error(L);
	lua_remove(L, -2);
}

/* ---- unknown words ---- */

const char *vm_suggest(lua_State *L, struct slice word, const char *const *known)
{
	const char *near = ascii_nearest(word, known);

	return lua_pushfstring(L, near ? "; did you mean \"%s\"?" : "", near);
}

static int global_missing(lua_State *L)
{
	const char *words[128], *word = lua_tostring(L, 2);
	int n = 0;

	if (!word)
		return luaL_error(L, "a global's name is a string");
	lua_pushnil(L);
	while (n < 127 && lua_next(L, lua_upvalueindex(1))) {
		lua_pop(L, 1);
		if (lua_type(L, -1) == LUA_TSTRING)
			words[n++] = lua_tostring(L, -1); /* lives in the table */
	}
	words[n] = NULL;
	return luaL_error(L, "unknown word \"%s\"%s", word, vm_suggest(L, slice_str(word), words));
}

static int global_set(lua_State *L)
{
	return luaL_error(L, "\"%s\" would be global; say local",
		lua_isstring(L, 2) ? lua_tostring(L, 2) : "?");
}

/* A read-only view of the table at the top, in its place. */
static void freeze(lua_State *L, bool speak)
{
	lua_newtable(L); /* the view: table, view */
	lua_newtable(L); /* its metatable */
	lua_pushvalue(L, -3);
	if (speak) {
		lua_pushvalue(L, -4);
		lua_pushcclosure(L, global_missing, 1);
		lua_newtable(L); /* words live one level below the speaking index */
		lua_insert(L, -2);
		lua_setfield(L, -2, "__index");
		lua_setmetatable(L, -2);
	}
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, global_set);
	lua_setfield(L, -2, "__newindex");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	lua_remove(L, -2);
}

void vm_seal(lua_State *L)
{
	static const char *const libraries[] = { "string", "table", "math", NULL };
	static const char *const raw[] = { "_G", "_VERSION", NULL };
	int i;

	for (i = 0; raw[i]; i++) {
		lua_pushnil(L);
		lua_setglobal(L, raw[i]);
	}
	for (i = 0; libraries[i]; i++) {
		lua_getglobal(L, libraries[i]);
		freeze(L, false);
		lua_setglobal(L, libraries[i]);
	}
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	lua_getglobal(L, "string");
	lua_setfield(L, -2, "__index");
	lua_pop(L, 2);
	lua_pushvalue(L, LUA_GLOBALSINDEX);
	freeze(L, true);
	lua_replace(L, LUA_GLOBALSINDEX);
}

void vm_set_data(struct vm *vm, void *data)
{
	vm->data = data;
}

void *vm_data(lua_State *L)
{
	return vm_of(L)->data;
}

size_t vm_memory(const struct vm *vm)
{
	return vm->used;
}

void vm_collect(struct vm *vm)
{
	lua_gc(vm->lua, LUA_GCCOLLECT, 0);
}
