/* vocab_score.c -- score words and their arithmetic.
 *
 *   bm25 { field = weight, k1 = 1.2, b = 0.75 }   quality()   value(field)
 *   log1p(field)   recency(field, days(n))
 *   a + b   a - b   2 * a   a / 2   -a
 *
 * A score is a flat sum, so a product of two scores is an error.  A number is a
 * constant, a filter is 1 where it passes. */
#include "script/vocab_parts.h"

#include <math.h>

#define SCORE_TERMS_MAX 32

/* Push an empty sum, and a term into it. */
static void push_sum(lua_State *L)
{
	box_new(L, BOX_SCORE, 0);
}

static void push_term(lua_State *L, enum score_kind kind, double weight, const struct field *field)
{
	lua_createtable(L, 0, 4);
	box_set_number(L, "kind", kind);
	box_set_number(L, "weight", weight);
	if (field)
		box_set_number(L, "field", (double)(field - schema_of(L)->fields));
}

static int sum_of(lua_State *L)
{
	/* the term is at the top: sum { term } */
	push_sum(L);
	lua_insert(L, -2);
	lua_rawseti(L, -2, 1);
	return 1;
}

static void bm25_key(lua_State *L, int fields)
{
	const char *name;
	double x;

	if (lua_type(L, -2) != LUA_TSTRING)
		luaL_error(L, "bm25: expected { field = weight, ... }");
	if (lua_type(L, -1) != LUA_TNUMBER)
		luaL_error(L, "bm25: %s is %s, expected a number", lua_tostring(L, -2),
			box_what(L, -1));
	name = lua_tostring(L, -2);
	x = lua_tonumber(L, -1);
	if (!strcmp(name, "k1") || !strcmp(name, "b")) {
		if (!(x >= 0 && x <= (*name == 'b' ? 1 : 100)))
			luaL_error(L, "bm25: %s is %f, expected 0 to %d", name, x,
				*name == 'b' ? 1 : 100);
		lua_pushvalue(L, -1);
		lua_setfield(L, 2, name);
		return;
	}
	if (!(x >= 0 && x <= 1e6))
		luaL_error(L, "bm25: %s is %f, expected a weight of 0 to 1e6", name, x);
	lua_pushnumber(L, x);
	lua_rawseti(L, fields,
		need_field(L, lua_gettop(L) - 2, 1u << FIELD_TEXT, "bm25")->text_index + 1);
}

static int word_bm25(lua_State *L)
{
	lua_settop(L, 1);
	push_term(L, SCORE_BM25, 1, NULL);
	if (lua_isnil(L, 1))
		return sum_of(L);
	if (!is_list(L, 1))
		return luaL_error(L, "bm25: found %s, expected { field = weight, ... }",
			box_what(L, 1));
	lua_newtable(L);
	lua_pushnil(L);
	while (lua_next(L, 1)) {
		bm25_key(L, 3);
		lua_pop(L, 1);
	}
	lua_setfield(L, 2, "fields");
	return sum_of(L);
}

static int word_quality(lua_State *L)
{
	if (!lua_isnoneornil(L, 1))
		return luaL_error(L, "quality() takes nothing; say 2 * quality()");
	push_term(L, SCORE_QUALITY, 1, NULL);
	return sum_of(L);
}

static int word_value(lua_State *L)
{
	push_term(L, SCORE_COLUMN, 1,
		need_field(L, 1, 1u << FIELD_NUMBER | 1u << FIELD_DATE, "value"));
	return sum_of(L);
}

static int word_log1p(lua_State *L)
{
	push_term(L, SCORE_LOG1P, 1, need_field(L, 1, 1u << FIELD_NUMBER, "log1p"));
	return sum_of(L);
}

static int word_recency(lua_State *L)
{
	const struct field *field = need_field(L, 1, 1u << FIELD_DATE, "recency");
	double ms;

	if (!vocab_duration(L, 2, &ms))
		return luaL_error(L, "recency: found %s, expected its half-life, such as days(30)",
			box_what(L, 2));
	push_term(L, SCORE_RECENCY, 1, field);
	box_set_number(L, "days", ms / 86400e3);
	return sum_of(L);
}

/* ---- arithmetic ---- */

/* The operand at `index`, times `weight`, into the sum at `sum`. */
static void add_term(lua_State *L, int sum)
{
	int n = (int)lua_objlen(L, sum);

	if (n >= SCORE_TERMS_MAX)
		luaL_error(L, "a score of over %d terms", SCORE_TERMS_MAX);
	lua_rawseti(L, sum, n + 1);
}

static void copy_term(lua_State *L, double weight)
{
	int from = lua_gettop(L);

	if (!lua_istable(L, from))
		luaL_error(L, "a score was changed after it was made");
	lua_newtable(L);
	lua_pushnil(L);
	while (lua_next(L, from)) {
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, from + 1);
	}
	box_set_number(L, "weight", weight * box_number(L, from, "weight", 1));
	lua_remove(L, from);
}

static void add_operand(lua_State *L, int sum, int index, double weight)
{
	int n, i;

	if (lua_isnil(L, index))
		return;
	if (lua_type(L, index) == LUA_TNUMBER) {
		push_term(L, SCORE_CONST, weight * lua_tonumber(L, index), NULL);
		add_term(L, sum);
	} else if (box_is(L, index, BOX_WHERE)) {
		if (box_kind(L, index) == ABSENT)
			return;
		push_term(L, SCORE_IS, weight, NULL);
		lua_pushvalue(L, index);
		lua_setfield(L, -2, "filter");
		add_term(L, sum);
	} else if (box_is(L, index, BOX_SCORE)) {
		n = (int)lua_objlen(L, index);
		for (i = 1; i <= n; i++) {
			lua_rawgeti(L, index, i);
			copy_term(L, weight);
			add_term(L, sum);
		}
	} else {
		luaL_error(L, "a score has no place for %s", box_what(L, index));
	}
}

static int sum(lua_State *L, double second)
{
	lua_settop(L, 2);
	push_sum(L);
	add_operand(L, 3, 1, 1);
	add_operand(L, 3, 2, second);
	return 1;
}

static int score_plus(lua_State *L)
{
	return sum(L, 1);
}

static int score_minus(lua_State *L)
{
	return sum(L, -1);
}

static int score_negative(lua_State *L)
{
	lua_settop(L, 1);
	push_sum(L);
	add_operand(L, 2, 1, -1);
	return 1;
}

static int scaled(lua_State *L, int index, double weight)
{
	if (!isfinite(weight))
		return luaL_error(L, "a score's weight is not finite");
	lua_settop(L, 2);
	push_sum(L);
	add_operand(L, 3, index, weight);
	return 1;
}

static int score_times(lua_State *L)
{
	if (lua_type(L, 1) == LUA_TNUMBER)
		return scaled(L, 2, lua_tonumber(L, 1));
	if (lua_type(L, 2) == LUA_TNUMBER)
		return scaled(L, 1, lua_tonumber(L, 2));
	return luaL_error(L, "a score is weighted by a number, found %s * %s", box_what(L, 1),
		box_what(L, 2));
}

static int score_over(lua_State *L)
{
	if (lua_type(L, 2) != LUA_TNUMBER)
		return luaL_error(L, "a score is divided by a number, found %s", box_what(L, 2));
	return scaled(L, 1, 1 / lua_tonumber(L, 2));
}

void score_open(lua_State *L, const struct schema *schema)
{
	static const char *const boxes[] = { BOX_SCORE, BOX_WHERE };
	int i;

	set_word(L, schema, "bm25", word_bm25);
	set_word(L, schema, "quality", word_quality);
	set_word(L, schema, "value", word_value);
	set_word(L, schema, "log1p", word_log1p);
	set_word(L, schema, "recency", word_recency);
	for (i = 0; i < 2; i++) {
		set_meta(L, schema, boxes[i], "__add", score_plus);
		set_meta(L, schema, boxes[i], "__sub", score_minus);
		set_meta(L, schema, boxes[i], "__unm", score_negative);
		set_meta(L, schema, boxes[i], "__mul", score_times);
		set_meta(L, schema, boxes[i], "__div", score_over);
	}
}

/* ---- building ---- */

static void build_bm25(struct builder *b, int index, struct score_term *t)
{
	lua_State *L = b->lua;
	int i;

	t->k1 = (float)fmin(fmax(box_number(L, index, "k1", 0), 0), 100);
	t->b = (float)fmin(fmax(box_number(L, index, "b", 0), 0), 1);
	/* plan.h takes "both zero" for the defaults: one that is said keeps the other's */
	if (t->k1 > 0 && box_number(L, index, "b", -1) < 0)
		t->b = 0.75f;
	if (!(t->k1 > 0) && box_number(L, index, "b", -1) >= 0)
		t->k1 = box_number(L, index, "k1", -1) < 0 ? 1.2f : 1e-6f;
	lua_pushliteral(L, "fields");
	lua_rawget(L, index);
	for (i = 0; lua_istable(L, -1) && i < TEXT_FIELDS_MAX; i++) {
		lua_rawgeti(L, -1, i + 1);
		if (lua_type(L, -1) == LUA_TNUMBER)
			t->field_weight[i] = (float)fmin(fmax(lua_tonumber(L, -1), 0), 1e6);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

static void need(struct builder *b, bool holds)
{
	if (!holds)
		luaL_error(b->lua, "a score was changed after it was made");
}

static bool build_term(struct builder *b, int index, struct score_term *t)
{
	lua_State *L = b->lua;
	int kind = box_kind(L, index);

	need(b, kind >= 0 && kind <= SCORE_CONST);
	t->kind = kind;
	t->weight = (float)box_number(L, index, "weight", 1);
	if (!isfinite(t->weight))
		luaL_error(L, "a score's weight is not finite");
	t->field = box_field(L, index, b->schema);
	switch (t->kind) {
	case SCORE_BM25: build_bm25(b, index, t); break;
	case SCORE_IS:
		lua_pushliteral(L, "filter");
		lua_rawget(L, index);
		need(b, box_is(L, -1, BOX_WHERE));
		t->filter = where_build(b, lua_gettop(L));
		lua_pop(L, 1);
		return t->filter != NULL;
	case SCORE_COLUMN: need(b, t->field && t->field->column >= 0); break;
	case SCORE_LOG1P: need(b, t->field && t->field->type == FIELD_NUMBER); break;
	case SCORE_RECENCY:
		t->half_life_days = (float)box_number(L, index, "days", 0);
		need(b, t->field && t->field->type == FIELD_DATE && t->half_life_days > 0);
		break;
	default: break;
	}
	return true;
}

void score_build(struct builder *b, int index, struct plan *out)
{
	lua_State *L = b->lua;
	int n, i;

	if (box_is(L, index, BOX_SCORE)) {
		lua_pushvalue(L, index);
	} else { /* a filter, or a number, alone */
		push_sum(L);
		add_operand(L, lua_gettop(L), index, 1);
	}
	index = lua_gettop(L);
	n = (int)lua_objlen(L, index);
	need(b, n <= SCORE_TERMS_MAX);
	out->scores = arena_calloc(b->arena, n + 1, sizeof(*out->scores));
	for (i = 1; i <= n; i++) {
		builder_node(b);
		lua_rawgeti(L, index, i);
		need(b, lua_istable(L, -1));
		if (build_term(b, lua_gettop(L), &out->scores[out->score_count]))
			out->score_count++;
		else
			memset(&out->scores[out->score_count], 0, sizeof(*out->scores));
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}
