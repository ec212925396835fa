#include "script/vm.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "check.h"

static int seal_it(lua_State *L)
{
	vm_seal(L);
	return 0;
}

static int run_it(lua_State *L)
{
	vm_compile(L, "shop/a.lua", slice_str(lua_touserdata(L, 1)));
	lua_call(L, 0, 0);
	return 0;
}

static struct vm *ready(void)
{
	struct error err = { 0 };
	struct vm *vm = NULL;

	CHECK_OK(vm_new(&vm, VM_MEMORY_BYTES, &err), err);
	CHECK_OK(vm_run(vm, seal_it, NULL, 1000000, &err), err);
	return vm;
}

/* The source fails with the code and a text that has `words`, at most a second
 * of work after its budget. */
static void fails_within(int64_t budget_us, const char *source, int code, const char *words)
{
	struct vm *vm = ready();
	struct error err = { 0 };
	clock_t start = clock();
	int rc = vm_run(vm, run_it, (void *)source, budget_us, &err);

	CHECK((clock() - start) * (1000000 / CLOCKS_PER_SEC) < budget_us + 1000000);
	if (rc != code || !strstr(err.text, words))
		check_fail(__FILE__, __LINE__, "%s: %d \"%s\", not %d \"%s\"", source, rc, err.text,
			code, words);
	/* and the state serves on */
	memset(&err, 0, sizeof(err));
	CHECK_OK(vm_run(vm, run_it, "assert(('ab'):find('b') == 2)", 100000, &err), err);
	vm_free(vm);
}

static void fails(const char *source, int code, const char *words)
{
	fails_within(20000, source, code, words);
}

TEST(an_endless_loop_spends_its_budget_and_names_its_line)
{
	fails("\nwhile true do end", ERR_SCRIPT, "shop/a.lua:2: the budget of 20000 us");
}

TEST(pcall_does_not_swallow_a_spent_budget)
{
	fails("pcall(function () while true do end end)", ERR_SCRIPT, "budget");
	fails("while true do pcall(function () while true do end end) end", ERR_SCRIPT, "budget");
	fails("xpcall(function () while true do end end, function () while true do end end)",
		ERR_SCRIPT, "unknown word \"xpcall\"");
}

TEST(a_memory_bomb_meets_the_cap)
{
	fails_within(5000000, "local t = {} for i = 1, 1e9 do t[i] = {i} end", ERR_MEMORY, "bytes");
	fails_within(5000000, "local s = 'x' while true do s = s .. s end", ERR_MEMORY, "bytes");
}

TEST(string_functions_refuse_unbounded_work)
{
	fails("string.rep('x', 1e9)", ERR_SCRIPT, "shop/a.lua:1: string.rep");
	fails("local s = ('x'):rep(1e6, 'yy')", ERR_SCRIPT, "limit 65536");
	fails("(('a'):rep(5000)):find('.-.-.-.-b')", ERR_SCRIPT, "steps");
	fails("(('a'):rep(30000)):match('(.*)%1b')", ERR_SCRIPT, "steps");
	fails("(('a'):rep(30000)):gsub('a*a*a*b', '')", ERR_SCRIPT, "steps");
	fails("for _ in (('a'):rep(30000)):gmatch('a*a*b') do end", ERR_SCRIPT, "steps");
}

TEST(dangerous_libraries_are_not_there)
{
	static const char *const names[] = { "io", "os", "debug", "ffi", "jit", "package",
		"require", "load", "loadstring", "dofile", "loadfile", "collectgarbage", "newproxy",
		"setfenv", "getfenv", "coroutine", "rawset", "_G", NULL };
	char source[64];
	int i;

	for (i = 0; names[i]; i++) {
		snprintf(source, sizeof(source), "local x = %s", names[i]);
		fails(source, ERR_SCRIPT, "unknown word");
	}
	fails("math.randomseed(1)", ERR_SCRIPT, "shop/a.lua:1:");
	fails("string.dump(print)", ERR_SCRIPT, "shop/a.lua:1:");
	fails("('').gfind('a', 'a')", ERR_SCRIPT, "shop/a.lua:1:");
	fails("getmetatable('').__index = {}", ERR_SCRIPT, "shop/a.lua:1:");
	fails("\033LJ", ERR_SCRIPT, "bytecode");
}

TEST(an_unknown_word_is_an_error_with_the_nearest)
{
	fails("\n\nlocal x = striing", ERR_SCRIPT,
		"shop/a.lua:3: unknown word \"striing\"; did you "
		"mean \"string\"?");
	fails("x = 1", ERR_SCRIPT, "shop/a.lua:1: \"x\" would be global");
	fails("string.rep = nil", ERR_SCRIPT, "shop/a.lua:1:");
	fails("error({})", ERR_SCRIPT, "is a table");
	fails("local = 1", ERR_SCRIPT, "shop/a.lua:1:");
}
