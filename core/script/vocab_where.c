/* vocab_where.c -- filter words.
 *
 *   is(field, value [, weight])      tags, refs, numbers, dates, "kind", "id"
 *   within(field, { min = x, max = y })   at_least(field, x)   at_most(field, x)
 *   both_of(...)   either(...)   none_of(...)
 *
 * A slot is a value, and a range where it has numbers.  A year or a month as a date is all of its
 * days, as in WHERE. */
#include "script/vocab_parts.h"

#include <math.h>

static const unsigned columns = 1u << FIELD_NUMBER | 1u << FIELD_DATE;

static void push_filter(lua_State *L, enum filter_kind kind, const struct field *field)
{
	box_new(L, BOX_WHERE, kind);
	if (field)
		box_set_number(L, "field", (double)(field - schema_of(L)->fields));
}

/* Up to `after`, which is no more a part of it where that is not `first`. */
static void set_high(lua_State *L, double first, double after)
{
	box_set_number(L, "high", after);
	if (after != first)
		box_set_number(L, "high_open", 1);
}

static int is_text(lua_State *L, enum filter_kind kind, const struct field *field, bool entity)
{
	struct slice text;

	if (!take_text(L, 2, entity, "is", &text) || !text.len) {
		push_filter(L, ABSENT, NULL);
		return 1;
	}
	push_filter(L, kind, field);
	box_set_text(L, "text", text);
	return 1;
}

static int word_is(lua_State *L)
{
	const char *name = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : "";
	const struct field *field;
	double first, after, weight;

	if (!strcmp(name, "kind") && !schema_field(schema_of(L), SLICE_LIT("kind")))
		return is_text(L, FILTER_KIND, NULL, false);
	if (!strcmp(name, "id"))
		return is_text(L, FILTER_ID, NULL, true);
	field = need_field(L, 1, ~(1u << FIELD_TEXT), "is");
	if (field->type == FIELD_REF)
		return is_text(L, FILTER_REF, field, true);
	if (field->type == FIELD_TAGS) {
		weight = lua_isnoneornil(L, 3) ? 0 : lua_tonumber(L, 3);
		if (!(weight >= 0 && weight <= 1))
			return luaL_error(L, "is: a tag's least weight is 0 to 1");
		is_text(L, FILTER_TAG, field, false);
		if (weight > 0)
			box_set_number(L, "low", weight);
		return 1;
	}
	if (!take_number(L, 2, field, "is", &first, &after)) {
		push_filter(L, ABSENT, NULL);
		return 1;
	}
	push_filter(L, FILTER_RANGE, field);
	box_set_number(L, "low", first);
	set_high(L, first, after);
	return 1;
}

static int word_within(lua_State *L)
{
	const struct field *field = need_field(L, 1, columns, "within");
	double low, low_after, high, after;
	bool has_low, has_high;

	if (lua_isnoneornil(L, 2)) {
		push_filter(L, ABSENT, NULL);
		return 1;
	}
	if (!is_list(L, 2))
		return luaL_error(L, "within: found %s, expected { min = x, max = y } or a slot",
			box_what(L, 2));
	lua_settop(L, 2);
	lua_pushliteral(L, "min");
	lua_rawget(L, 2);
	lua_pushliteral(L, "max");
	lua_rawget(L, 2);
	has_low = take_number(L, 3, field, "within: min", &low, &low_after);
	has_high = take_number(L, 4, field, "within: max", &high, &after);
	push_filter(L, has_low || has_high ? (int)FILTER_RANGE : ABSENT, field);
	if (has_low)
		box_set_number(L, "low", low);
	if (has_high)
		set_high(L, high, after);
	return 1;
}

static int bound(lua_State *L, const char *word, bool most)
{
	const struct field *field = need_field(L, 1, columns, word);
	double first, after;
	bool has = take_number(L, 2, field, word, &first, &after);

	push_filter(L, has ? (int)FILTER_RANGE : ABSENT, field);
	if (has && most)
		set_high(L, first, after);
	else if (has)
		box_set_number(L, "low", first);
	return 1;
}

static int word_at_least(lua_State *L)
{
	return bound(L, "at_least", false);
}

static int word_at_most(lua_State *L)
{
	return bound(L, "at_most", true);
}

/* ---- joining ---- */

/* Push { kind, [kids] } of BOX_WHERE made of the arguments from `first` on. */
static void where_list(lua_State *L, int kind, int first, const char *word)
{
	int top = lua_gettop(L), n = 0, i;

	box_new(L, BOX_WHERE, kind);
	for (i = first; i <= top; i++) {
		if (lua_isnil(L, i) || (lua_isboolean(L, i) && !lua_toboolean(L, i)))
			continue;
		if (!box_is(L, i, BOX_WHERE))
			luaL_error(L, "%s: found %s, expected filters", word, box_what(L, i));
		if (box_kind(L, i) == ABSENT)
			continue;
		lua_pushvalue(L, i);
		lua_rawseti(L, top + 1, ++n);
	}
	if (!n)
		box_set_number(L, "kind", ABSENT);
}

static int word_both_of(lua_State *L)
{
	where_list(L, FILTER_AND, 1, "both_of");
	return 1;
}

static int word_either(lua_State *L)
{
	where_list(L, FILTER_OR, 1, "either");
	return 1;
}

int where_none_of(lua_State *L)
{
	where_list(L, FILTER_OR, 1, "none_of");
	if (box_kind(L, -1) == ABSENT)
		return 1;
	box_new(L, BOX_WHERE, FILTER_NOT);
	lua_insert(L, -2);
	lua_rawseti(L, -2, 1);
	return 1;
}

void where_open(lua_State *L, const struct schema *schema)
{
	set_word(L, schema, "is", word_is);
	set_word(L, schema, "within", word_within);
	set_word(L, schema, "at_least", word_at_least);
	set_word(L, schema, "at_most", word_at_most);
	set_word(L, schema, "both_of", word_both_of);
	set_word(L, schema, "either", word_either);
}

/* ---- building ---- */

static bool field_fits(const struct filter *f)
{
	switch (f->kind) {
	case FILTER_RANGE:
		return f->field && (f->field->type == FIELD_NUMBER || f->field->type == FIELD_DATE);
	case FILTER_TAG: return f->field && f->field->type == FIELD_TAGS;
	case FILTER_REF: return f->field && f->field->type == FIELD_REF;
	default: return true;
	}
}

struct filter *where_build(struct builder *b, int index)
{
	lua_State *L = b->lua;
	int kind = box_kind(L, index), n, i;
	struct filter *f, *kid;
	bool range;

	if (kind < 0 || kind > FILTER_NOT)
		return NULL;
	builder_node(b);
	range = kind == FILTER_RANGE;
	f = arena_calloc(b->arena, 1, sizeof(*f));
	f->kind = kind;
	f->field = box_field(L, index, b->schema);
	f->text = box_text(L, index, "text", b->arena);
	f->low = box_number(L, index, "low", range ? -INFINITY : 0);
	f->high = box_number(L, index, "high", range ? INFINITY : 0);
	f->high_open = box_number(L, index, "high_open", 0) != 0;
	if (!field_fits(f))
		luaL_error(L, "a filter was changed after it was made");
	if (kind < FILTER_AND)
		return f;
	n = list_length(L, index);
	f->kids = arena_calloc(b->arena, n + 1, sizeof(*f->kids));
	b->depth++;
	for (i = 1; i <= n; i++) {
		lua_rawgeti(L, index, i);
		if (!lua_isnil(L, -1) && !box_is(L, -1, BOX_WHERE))
			luaL_error(L, "a filter was changed after it was made");
		kid = lua_isnil(L, -1) ? NULL : where_build(b, lua_gettop(L));
		if (kid)
			f->kids[f->kid_count++] = kid;
		lua_pop(L, 1);
	}
	b->depth--;
	if (f->kid_count && kind == FILTER_NOT)
		f->kid_count = 1;
	return f->kid_count ? f : NULL;
}
