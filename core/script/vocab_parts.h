/* vocab_parts.h -- what the files of the vocabulary share; for this room only.
 *
 * A description is a table under one of these metatables.  Every one has `kind`,
 * an enum of plan.h, or ABSENT.  Kids are its array part.
 *
 *   match  kind text field weight fields edits least [kids]
 *   where  kind text field low high low_open [kids]
 *   score  [ {kind weight field filter days k1 b fields} ... ]
 */
#ifndef SCRIPT_VOCAB_PARTS_H
#define SCRIPT_VOCAB_PARTS_H

#include <lauxlib.h>
#include <lua.h>

#include "script/vm.h"
#include "script/vocab.h"

#define ABSENT    (-1)
#define BOX_MATCH "match"
#define BOX_WHERE "where"
#define BOX_SCORE "score"
#define BOX_TIME  "duration"

/* Upvalue 1 of every word. */
static inline const struct schema *schema_of(lua_State *L)
{
	return lua_touserdata(L, lua_upvalueindex(1));
}

/* ---- descriptions ---- */

/* Push a new one. */
void box_new(lua_State *, const char *box, int kind);
bool box_is(lua_State *, int index, const char *box);
/* "a match", "a number", ...: for messages. */
const char *box_what(lua_State *, int index);
int box_kind(lua_State *, int index);                       /* ABSENT too where it is damaged */
void box_set_number(lua_State *, const char *name, double); /* of the box at the top */
void box_set_text(lua_State *, const char *name, struct slice);
double box_number(lua_State *, int index, const char *name, double otherwise);
/* The text, copied into the arena; empty if there is none. */
struct slice box_text(lua_State *, int index, const char *name, struct arena *);
const struct field *box_field(lua_State *, int index, const struct schema *);

/* ---- arguments ---- */

/* The largest whole number key of a table, holes counted; an error above
 * PLAN_NODES_MAX. */
int list_length(lua_State *, int index);
/* A table without one of our metatables whose first keys are 1, 2, ... */
bool is_list(lua_State *, int index);
/* Field named by argument `index`, of a type in `types` (mask of 1 << type). */
const struct field *need_field(lua_State *, int index, unsigned types, const char *word);
/* Text of argument `index`: a string, a number, or a slot (`entity`: its id).
 * False if it is nil, or a slot without such; an error for anything else. */
bool take_text(lua_State *, int index, bool entity, const char *word, struct slice *out);
/* A number of a column field, twice; or the days [first, after) of a date.  False if nil. */
bool take_number(lua_State *, int index, const struct field *, const char *word, double *first,
	double *after);

/* ---- each part sets its words and builds its structs ---- */

struct builder {
	lua_State *lua;
	const struct schema *schema;
	struct arena *arena;
	int nodes, depth;
};

void builder_node(struct builder *); /* counts one; an error above the limit */

/* Push a match of a word or fact; ABSENT without text. */
void match_word(lua_State *, enum match_kind, struct slice text, int fields, int edits);
/* The fields of argument `index`, a name or a list of them: a mask, 0 for nil. */
int match_fields(lua_State *, int index, const char *word);
void match_open(lua_State *, const struct schema *);
struct match *match_build(struct builder *, int index); /* NULL: absent */
void where_open(lua_State *, const struct schema *);
struct filter *where_build(struct builder *, int index);
void words_open(lua_State *, const struct schema *, const struct lists *);
void score_open(lua_State *, const struct schema *);
void score_build(struct builder *, int index, struct plan *out);

/* Shared by match and where: none_of(...). */
int where_none_of(lua_State *);

void set_word(lua_State *, const struct schema *, const char *name, lua_CFunction);
/* Metatable `box` gets this metamethod. */
void set_meta(lua_State *, const struct schema *, const char *box, const char *event,
	lua_CFunction);

#endif
