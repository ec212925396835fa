/* vm.h -- a Lua state that cannot hurt the daemon.
 *
 * LuaJIT with the JIT off (a compiled loop never sees the budget's hook), heap
 * capped, and only these: assert error ipairs next pairs pcall rawequal rawget
 * select setmetatable getmetatable tonumber tostring type unpack, print (to the
 * log), string, table, and math without randomseed.  No load, require, ffi, io, os,
 * debug, coroutine; no rawset, which would write into read-only tables; no xpcall,
 * for the handler of a spent budget's error runs where no hook is called, so a loop
 * in it would never end.
 *
 * Time: a hook looks at the clock every VM_HOOK_STEPS instructions.  Once the
 * budget is spent it raises an error at every instruction, so that a pcall of
 * the script cannot swallow it.  A hook does not run inside C, so string.rep,
 * find, match, gmatch and gsub refuse work above a bound before they begin.
 *
 * One thread at a time.  All work on the state, even pushing a string, goes
 * through vm_run: outside of it a full heap would end the process. */
#ifndef SCRIPT_VM_H
#define SCRIPT_VM_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

#define VM_HOOK_STEPS        1000
#define VM_MEMORY_BYTES      (8 << 20)  /* many times what the bundled scripts use */
#define VM_STRING_BYTES_MAX  (64 << 10) /* of string.rep, and of a searched string */
#define VM_PATTERN_STEPS_MAX 4e6        /* a pattern's worst case: tens of ms */

struct lua_State;
struct vm;

int vm_new(struct vm **out, size_t memory_bytes, struct error *);
void vm_free(struct vm *); /* NULL is fine */

/* Call fn with `data` as light userdata at index 1, protected, within budget_us
 * of wall time.  ERR_SCRIPT, text with "file:line:" where the script stood;
 * ERR_MEMORY when the heap's cap is reached.  Not from within another vm_run. */
int vm_run(struct vm *, int (*fn)(struct lua_State *), void *data, int64_t budget_us,
	struct error *);

/* Within vm_run.  Compile text (never bytecode) and push the function; a Lua
 * error otherwise.  `name` stands in messages: "music/rewards.lua". */
void vm_compile(struct lua_State *, const char *name, struct slice source);

/* After the words are set: globals become read only, and reading one that is
 * not there is an error with the nearest word.  Within vm_run. */
void vm_seal(struct lua_State *);

/* "; did you mean "x"?" of the nearest of `known` (NULL ends them), or "": pushed. */
const char *vm_suggest(struct lua_State *, struct slice word, const char *const *known);

/* One pointer of the owner's. */
void vm_set_data(struct vm *, void *);
void *vm_data(struct lua_State *);
size_t vm_memory(const struct vm *); /* bytes in use, garbage with them */
void vm_collect(struct vm *);        /* frees all garbage now */

#endif
