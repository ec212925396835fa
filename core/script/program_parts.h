/* program_parts.h -- what the files behind program.h share; for this room only.
 *
 *   program.c        building, calling
 *   ask.c            the request as scripts see it: q
 *   understanding.c  slot, rewrite (compiled to C: no Lua runs per request)
 *   features.c       features
 *   strategies.c     strategy
 *   ranking.c        ranking, rewards
 *
 * A file's word (strategy { ... }) only marks its table.  The loader knows the
 * file, so it is the loader that checks and names the line. */
#ifndef SCRIPT_PROGRAM_PARTS_H
#define SCRIPT_PROGRAM_PARTS_H

#include <lauxlib.h>
#include <lua.h>

#include "script/program.h"
#include "script/vm.h"

#define WEIGHTS_MAX RANKING_FEATURES_MAX /* all of them are logged */

struct rule; /* rules.h */

struct script_file {
	const char *path, *name;
	bool told; /* a failure of it */
};

struct strategy_functions {
	int applies, plan; /* registry references, LUA_NOREF */
	int file;          /* its place in files */
};

struct ranking_script {
	const char *name;
	int function;   /* registry reference; LUA_NOREF: the table below */
	int file;       /* its place in files */
	float *weights; /* WEIGHTS_MAX of them */
};

struct program {
	const struct schema *schema;
	struct vm *vm;
	struct arena *memory;  /* what lives as long as the program */
	struct arena *scratch; /* emptied by every file and call */
	int64_t call_us;
	const struct ask *ask; /* of the call that runs; NULL outside */
	const struct script *loading;
	const char *trying;        /* the query of load_trial, or NULL */
	struct script_file *files; /* in the generation's order */
	int file_count;
	struct lists *lists;

	struct rule **rules;
	int rule_count;
	const char *slot_names[SLOTS_MAX * 4 + 1];
	int slot_name_count;

	struct feature_spec features[FEATURES_MAX];
	int feature_functions[FEATURES_MAX], feature_files[FEATURES_MAX];
	int feature_count;

	struct strategy strategies[ARMS_MAX];
	struct strategy_functions functions[ARMS_MAX];
	int strategy_count;

	const char *weight_names[WEIGHTS_MAX + 1]; /* NULL-terminated */
	int weight_count;
	struct ranking_script rankings[RANKINGS_MAX];
	int ranking_count;

	struct rewards rewards;
};

static inline struct program *program_of(lua_State *L)
{
	return vm_data(L);
}

/* ---- loading: all within vm_run, all raise Lua errors ---- */

/* "path:line: ..." of the file that loads; the line where `needle` stands. */
int load_fail(lua_State *, struct slice needle, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* As load_fail, with the text of `err`. */
int load_fail_error(lua_State *, struct slice needle, const struct error *);
/* Every key of the table is one of `known`, `examples` or, if `numbers`, a number. */
void load_check_keys(lua_State *, int table, const char *const *known, bool numbers);
/* Push table[name]; true if it is not nil, else nothing is pushed. */
bool load_part(lua_State *, int table, const char *name);
/* table[name], a number in [low, high], else `otherwise`. */
double load_number(lua_State *, int table, const char *name, double low, double high,
	double otherwise);
/* A reference to the function table[name], or LUA_NOREF. */
int load_function(lua_State *, int table, const char *name);
/* Run `example` for every entry of table.examples (key at -2, value at -1; the
 * query is parsed from the key).  What it says with load_fail names the key. */
void load_examples(lua_State *, int table,
	void (*example)(lua_State *, struct slice key, struct query *, void *data), void *data);
/* The same for two plain queries that any file must bear: none, and two words without a slot;
 * `trial` sees what is on the stack. */
void load_trial(lua_State *,
	void (*trial)(lua_State *, struct slice key, struct query *, void *data), void *data);
/* A key of a plain table: text, or an error. The key is at `index`. */
struct slice load_key(lua_State *, int index, const char *what);

void understanding_load(lua_State *, int table, const char *word);
void features_load(lua_State *, int table);
void strategy_load(lua_State *, int table);
void ranking_load(lua_State *, int table);
void rewards_load(lua_State *, int table);

/* Words of descriptions: features' number, flag, cycle, category and product. */
void features_open(lua_State *);

/* A call for a request failed: the first of its file in this program is logged. */
void script_failed(struct script_file *, const struct error *);

/* ---- q ---- */

void ask_open(lua_State *);
/* Push a fresh q of program->ask. */
void ask_push(lua_State *);
/* The ask of an example, valid until the next: entities of slots are their values. */
const struct ask *ask_example(struct program *, struct query *);

/* Call the function of reference `ref` with a fresh q: `results` values pushed.
 * A Lua error passes. */
void call_function(lua_State *, int ref, int results);

#endif
