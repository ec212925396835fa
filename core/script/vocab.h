/* vocab.h -- the words of a plan, in Lua.
 *
 * A word checks its arguments where it stands, so an error names file and line,
 * and returns a description: a Lua table under a locked metatable that holds
 * names and numbers, never a C pointer.  So a script may keep one between calls.
 * vocab_plan turns the description into plan.h structs in the request's arena
 * and trusts nothing in it.
 *
 *   match   term prefix fuzzy exact ref tag kind_is, all any atleast none_of
 *   where   is within at_least at_most, both_of either none_of
 *   words   without
 *   score   bm25 quality value log1p recency const by number; + - * / and a
 *           filter counts as 1 where it passes
 *   time    seconds minutes hours days
 *
 * nil is absent and so is what is made of it: it constrains nothing and adds
 * nothing.  scripts/README.md is the operator's manual.  All of it within
 * vm_run; mistakes are Lua errors. */
#ifndef SCRIPT_VOCAB_H
#define SCRIPT_VOCAB_H

#include "base/arena.h"
#include "index/schema.h"
#include "query/plan.h"
#include "text/list.h"

struct lua_State;

/* Sets the words as globals, before vm_seal.  `schema` and `lists` outlive the state;
 * lists may be added to until a script runs. */
void vocab_open(struct lua_State *, const struct schema *schema, const struct lists *lists);

/* The plan table at `index`:
 *     { match = M, where = F, score = S, limit = n }
 *     { memory = { key, ... }, where = F, limit = n }
 *     { ids = { id, ... }, where = F, limit = n }
 * Arrays and text are copied into the arena. */
void vocab_plan(struct lua_State *, int index, const struct schema *schema, struct arena *arena,
	struct plan *out);

/* A duration made by days(n) and the like, in milliseconds; false if the value at
 * `index` is none. */
bool vocab_duration(struct lua_State *, int index, double *ms);

#endif
