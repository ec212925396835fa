/* vocab_words.c -- words that work on a query's words, by the lists in lists/.
 *
 *   without(words, list)              the words, less those on the list
 *   mentions(words, list)             does an entry of the list stand among them?
 *   synonyms(words, list [, fields])  matches of the words, or what they find as well
 *
 * A list names phrases; the longest that fits counts.  What would leave nothing
 * leaves all: "the who" is more than its stop words. */
#include "script/vocab_parts.h"

#include "base/arena.h"
#include "text/analyze.h"

#define LISTS        "lists" /* in the registry */
#define GROUP_WEIGHT 0.8     /* of what stands for a phrase, as of a word's synonyms */

static const struct list *need_list(lua_State *L, int index, const char *word)
{
	const struct lists *all;
	const struct list *list;
	struct slice name;
	size_t len;

	lua_getfield(L, LUA_REGISTRYINDEX, LISTS);
	all = lua_touserdata(L, -1);
	lua_pop(L, 1);

	if (lua_type(L, index) != LUA_TSTRING)
		luaL_error(L, "%s: found %s, expected the name of a list", word,
			box_what(L, index));
	name.ptr = lua_tolstring(L, index, &len);
	name.len = len;
	list = lists_find(all, name);
	if (list)
		return list;
	luaL_error(L, "%s: no list \"%s\" in lists/%s", word, name.ptr,
		vm_suggest(L, name, lists_names(all)));
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

static bool mentions(const struct list *list, const struct slice *words, int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (list_find(list, words + i, count - i))
			return true;
	return false;
}

static bool text_mentions(const struct list *list, struct slice text)
{
	struct arena *arena = arena_new();
	struct slice words[PLAN_NODES_MAX], rest = text_fold(arena, text);
	bool found;
	int n = 0;

	while (n < PLAN_NODES_MAX && rest.len)
		slice_cut(&rest, ' ', &words[n++]);
	found = mentions(list, words, n);
	arena_free(arena);
	return found;
}

static int word_mentions(lua_State *L)
{
	const struct list *list = need_list(L, 2, "mentions");
	struct slice words[PLAN_NODES_MAX], text;
	size_t len;

	if (lua_type(L, 1) == LUA_TSTRING) {
		text.ptr = lua_tolstring(L, 1, &len);
		text.len = len;
		lua_pushboolean(L, text_mentions(list, text));
	} else {
		lua_pushboolean(L, mentions(list, words, need_words(L, 1, words, "mentions")));
	}
	return 1;
}

/* ---- synonyms ---- */

static void push_phrase(lua_State *L, struct phrase_words p)
{
	luaL_Buffer text;
	int i;

	luaL_buffinit(L, &text);
	for (i = 0; i < p.count; i++) {
		if (i)
			luaL_addchar(&text, ' ');
		luaL_addlstring(&text, p.words[i].ptr, p.words[i].len);
	}
	luaL_pushresult(&text);
}

/* Push a match of the first of some phrases; the others are its synonyms. */
static void push_synonyms(lua_State *L, const struct phrase_words *list, int count, int fields)
{
	struct slice text;
	size_t len;
	int i;

	push_phrase(L, list[0]);
	text.ptr = lua_tolstring(L, -1, &len);
	text.len = len;
	match_word(L, MATCH_TERM, text, fields, 0);
	lua_remove(L, -2);
	for (i = 1; i < count; i++) {
		push_phrase(L, list[i]);
		lua_rawseti(L, -2, i);
	}
}

/* A word of the list, and what it finds as well. */
static void push_word(lua_State *L, const struct list_entry *entry, int fields)
{
	struct phrase_words all[1 + LIST_SYNONYMS_MAX];

	all[0] = entry->from;
	memcpy(all + 1, entry->to, entry->to_count * sizeof(*all));
	push_synonyms(L, all, 1 + entry->to_count, fields);
}

/* A phrase of the list: all its words, or what it finds as well. */
static void push_group(lua_State *L, const struct list_entry *entry, int fields)
{
	int i;

	box_new(L, BOX_MATCH, MATCH_ANY);
	box_set_number(L, "group", 1);
	box_new(L, BOX_MATCH, MATCH_ALL);
	for (i = 0; i < entry->from.count; i++) {
		match_word(L, MATCH_TERM, entry->from.words[i], fields, 0);
		lua_rawseti(L, -2, i + 1);
	}
	lua_rawseti(L, -2, 1);
	push_synonyms(L, entry->to, entry->to_count, fields);
	box_set_number(L, "weight", GROUP_WEIGHT);
	lua_rawseti(L, -2, 2);
}

static int word_synonyms(lua_State *L)
{
	const struct list *list = need_list(L, 2, "synonyms");
	const struct list_entry *entry;
	struct slice words[PLAN_NODES_MAX];
	int n = need_words(L, 1, words, "synonyms"), fields, i, made = 0;

	if (!list_has_synonyms(list))
		return luaL_error(L,
			"synonyms: list \"%s\" has words, expected synonyms such as "
			"sofa = couch",
			lua_tostring(L, 2));
	fields = match_fields(L, 3, "synonyms");
	lua_createtable(L, n, 0);
	for (i = 0; i < n; made++) {
		entry = list_find(list, words + i, n - i);
		if (!entry || !entry->to_count)
			match_word(L, MATCH_TERM, words[i++], fields, 0);
		else if (entry->from.count == 1)
			push_word(L, entry, fields);
		else
			push_group(L, entry, fields);
		if (entry && entry->to_count)
			i += entry->from.count;
		lua_rawseti(L, -2, made + 1);
	}
	return 1;
}

void words_open(lua_State *L, const struct schema *schema, const struct lists *lists)
{
	lua_pushlightuserdata(L, (void *)lists);
	lua_setfield(L, LUA_REGISTRYINDEX, LISTS);
	set_word(L, schema, "without", word_without);
	set_word(L, schema, "mentions", word_mentions);
	set_word(L, schema, "synonyms", word_synonyms);
}
