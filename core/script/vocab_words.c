/* vocab_words.c -- words that work on a query's words, by the lists in lists/.
 *
 *   without(words, list)    the words, less those on the list
 *
 * A list names phrases; the longest that fits counts.  What would leave nothing
 * leaves all: "the who" is more than its stop words. */
#include "script/vocab_parts.h"

#include "base/ascii.h"

static const struct list *need_list(lua_State *L, int index, const char *word)
{
	const struct lists *all = lua_touserdata(L, lua_upvalueindex(1));
	const struct list *list;
	const char *near;
	struct slice name;
	size_t len;

	if (lua_type(L, index) != LUA_TSTRING)
		luaL_error(L, "%s: found %s, expected the name of a list", word,
			box_what(L, index));
	name.ptr = lua_tolstring(L, index, &len);
	name.len = len;
	list = lists_find(all, name);
	if (list)
		return list;
	near = ascii_nearest(name, lists_names(all));
	luaL_error(L, "%s: no list \"%s\" in lists/%s%s%s", word, name.ptr,
		near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return NULL;
}

/* The words of the list at `index`, borrowed from it; their count. */
static int need_words(lua_State *L, int index, struct slice out[PLAN_NODES_MAX], const char *word)
{
	size_t len;
	int n, i;

	if (!is_list(L, index))
		luaL_error(L, "%s: found %s, expected a list of words such as q.words", word,
			box_what(L, index));
	n = list_length(L, index);
	for (i = 0; i < n; i++) {
		lua_rawgeti(L, index, i + 1);
		if (lua_type(L, -1) != LUA_TSTRING)
			luaL_error(L, "%s: found %s, expected a word", word, box_what(L, -1));
		out[i].ptr = lua_tolstring(L, -1, &len);
		out[i].len = len;
		lua_pop(L, 1); /* the list holds it */
	}
	return n;
}

static int word_without(lua_State *L)
{
	const struct list *list = need_list(L, 2, "without");
	const struct list_entry *entry;
	struct slice words[PLAN_NODES_MAX];
	int n = need_words(L, 1, words, "without"), i, kept = 0;

	if (list_has_synonyms(list))
		return luaL_error(L, "without: list \"%s\" has synonyms, expected words",
			lua_tostring(L, 2));
	lua_createtable(L, n, 0);
	for (i = 0; i < n;) {
		entry = list_find(list, words + i, n - i);
		if (entry) {
			i += entry->from.count;
			continue;
		}
		lua_rawgeti(L, 1, ++i);
		lua_rawseti(L, -2, ++kept);
	}
	if (!kept)
		lua_pushvalue(L, 1);
	return 1;
}

void words_open(lua_State *L, const struct lists *lists)
{
	set_word(L, lists, "without", word_without);
}
