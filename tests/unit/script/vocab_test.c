#include "scripts.h"

/* A strategy whose plan is `body`, asked `notation`; its plan as JSON, or the error. */
static const char *plan_of(const char *body, const char *notation)
{
	static char out[4096];
	char text[2048];
	const char *files[] = { "understanding/artist.lua",
		"return slot { entities = { field = 'name' } }", "understanding/price.lua",
		"return slot { 'under {max:number}' }", "lists/stop.txt", "a, the\nlove songs by\n",
		"lists/same.txt",
		"nyc = new york city\njumper => sweater = knit\n99 = ninety nine\n",
		"strategies/a.lua", text, NULL };
	struct buf buf = { 0 };
	struct json_out json;
	struct bench b;
	struct plan plan;
	int i, rc;

	snprintf(text, sizeof(text), "return strategy {\nplan = function (q)\n%s\nend }", body);
	rc = bench_try(&b, files);
	if (rc == 0) {
		bench_ask(&b, notation);
		for (i = 0; i < b.query.items[0].slot_count; i++)
			if (!b.query.items[0].slots[i].is_number)
				b.query.items[0].slots[i].entity = SLICE_LIT("artist:x");
		rc = program_plan(b.program, 0, &b.ask, b.arena, &plan, &b.err);
	}
	if (rc < 0) {
		snprintf(out, sizeof(out), "%s", b.err.text);
	} else if (rc == 0) {
		strcpy(out, "nil");
	} else {
		json_begin(&json, &buf);
		plan_print(&plan, &json);
		snprintf(out, sizeof(out), "%.*s", SLICE_ARG(buf_slice(&buf)));
		buf_clear(&buf);
	}
	bench_close(&b);
	return out;
}

#define PLAN(body, want) CHECK_STR(plan_of(body, "{artist Taylor Swift} love song"), want)
#define FAILS(body, words)                                                                         \
	do {                                                                                       \
		const char *got_ = plan_of(body, "{artist Taylor Swift} love song");               \
		if (!strstr(got_, words))                                                          \
			check_fail(__FILE__, __LINE__, "\"%s\" has no \"%s\"", got_, words);       \
	} while (0)

TEST(match_words_become_match_trees)
{
	PLAN("return { match = all(q.terms) }",
		"{\"source\":\"search\",\"match\":{\"all\":[{\"term\":\"love\"},{\"term\":\"song\"}]}}");
	PLAN("return { match = any(term('a', 'name'), 2 * prefix('b', {'name', 'album'}), "
	     "fuzzy('c', nil, 2)) }",
		"{\"source\":\"search\",\"match\":{\"any\":[{\"term\":\"a\",\"fields\":1},"
		"{\"prefix\":\"b\",\"fields\":5,\"weight\":2},{\"fuzzy\":\"c\",\"edits\":2}]}}");
	PLAN("return { match = all(ref('artist_id', q.slots.artist), none_of('live'), "
	     "kind_is('track'), exact('x', 'name'), tag('genre', 'pop')) }",
		"{\"source\":\"search\",\"match\":{\"all\":[{\"ref\":\"artist:x\",\"field\":"
		"\"artist_id\"},{\"not\":[{\"any\":[{\"term\":\"live\"}]}]},{\"kind\":\"track\"},"
		"{\"exact\":\"x\",\"field\":\"name\"},{\"tag\":\"pop\",\"field\":\"genre\"}]}}");
	PLAN("return { match = any(phrase('love song', 'name', 1), 2 * near('a b'), phrase('x')) }",
		"{\"source\":\"search\",\"match\":{\"any\":[{\"phrase\":\"love song\",\"fields\":1,"
		"\"slop\":1},{\"near\":\"a b\",\"within\":10,\"weight\":2},{\"phrase\":\"x\"}]}}");
	FAILS("return { match = phrase('a b', nil, -1) }", "phrase: words between are 0 to 1000");
	PLAN("return { match = phrase({ 'new', any('york', fuzzy('jersey')), false, prefix('ci') }, 'name', 1) }",
		"{\"source\":\"search\",\"match\":{\"phrase\":[{\"term\":\"new\"},{\"any\":[{\"term\":"
		"\"york\"},{\"fuzzy\":\"jersey\"}]},{\"prefix\":\"ci\"}],\"fields\":1,\"slop\":1}}");
	PLAN("return { match = any(2 * near(q.terms), phrase(prefix(q.text)), phrase({}), near(q.slots.artist)) }",
		"{\"source\":\"search\",\"match\":{\"any\":[{\"near\":[{\"term\":\"love\"},{\"term\":\"song\"}],"
		"\"within\":10,\"weight\":2},{\"phrase\":[{\"prefix\":\"taylor swift love song\"}]},"
		"{\"near\":\"Taylor Swift\",\"within\":10}]}}");
	PLAN("return { match = phrase(synonyms({ 'ninety', 'nine', 'jumper' }, 'same')) }",
		"{\"source\":\"search\",\"match\":{\"phrase\":[{\"term\":\"ninety\"},{\"term\":\"nine\"},"
		"{\"term\":\"jumper\",\"also\":[\"sweater\",\"knit\"]}]}}");
	FAILS("return { match = phrase({ 'a', all('b', 'c') }) }",
		"phrase: found all, expected words, or term, prefix, fuzzy, or any of these");
	FAILS("return { match = near({ 'a', is('kind', 'x') }) }",
		"near: found a filter, expected words");
	FAILS("local p = phrase({ 'a', 'b' }) p[1] = all('x', 'y') return { match = p }",
		"phrase is made of words, or any of some");
	FAILS("return { match = near({ 'a', any(all('b'), 'c') }) }", "near is made of words");
	PLAN("return { match = atleast(1, fuzzy(q.terms)), limit = 7 }",
		"{\"source\":\"search\",\"match\":{\"atleast\":[{\"fuzzy\":\"love\"},{\"fuzzy\":"
		"\"song\"}],\"least\":1},\"limit\":7}");
}

TEST(filters_and_scores_become_structs)
{
	PLAN("return { where = both_of(is('kind', 'track'), at_least('released', '2010'), "
	     "either(is('genre', 'pop', 0.5), is('id', 'x')), none_of(at_most('popularity', 5))) }",
		"{\"source\":\"search\",\"where\":{\"and\":[{\"kind\":\"track\"},{\"range\":"
		"\"released\",\">=\":14610},{\"or\":[{\"tag\":\"pop\",\"field\":\"genre\",\">=\":0.5},"
		"{\"id\":\"x\"}]},{\"not\":[{\"or\":[{\"range\":\"popularity\",\"<=\":5}]}]}]}}");
	/* a year and a month are all of their days, as in WHERE */
	PLAN("return { where = both_of(within('released', { min = 1980, max = '1989' }), "
	     "at_most('released', '1989-02'), is('released', 1989)) }",
		"{\"source\":\"search\",\"where\":{\"and\":[{\"range\":\"released\",\">=\":3652,\"<\":"
		"7305},{\"range\":\"released\",\"<\":6999},{\"range\":\"released\",\">=\":6940,\"<\":"
		"7305}]}}");
	PLAN("return { score = 2 * (bm25 { name = 3 } + quality() / 4) - is('kind', 'album') + "
	     "0.5 * recency('released', days(30)) + 1 + log1p('playlists') + value('popularity') }",
		"{\"source\":\"search\",\"score\":[{\"score\":\"bm25\",\"weight\":2},{\"score\":"
		"\"quality\",\"weight\":0.5},{\"score\":\"is\",\"weight\":-1,\"where\":{\"kind\":"
		"\"album\"}},{\"score\":\"recency\",\"weight\":0.5,\"field\":\"released\","
		"\"half_life_days\":30},{\"score\":\"const\",\"weight\":1},{\"score\":\"log1p\","
		"\"weight\":1,\"field\":\"playlists\"},{\"score\":\"column\",\"weight\":1,\"field\":"
		"\"popularity\"}]}");
	PLAN("return { match = any('x'), min_score = 1.5 }",
		"{\"source\":\"search\",\"match\":"
		"{\"any\":[{\"term\":\"x\"}]},\"min_score\":1.5}");
	FAILS("return { match = any('x'), min_score = 'much' }", "min_score: found string");
	FAILS("return { ids = { 'x' }, min_score = 1 }", "no min_score");
	PLAN("return { memory = { 'q:' .. q.text, q.user and 'user:' .. q.user } }",
		"{\"source\":\"memory\",\"keys\":[\"q:taylor swift love song\"]}");
	PLAN("return { ids = { 'a', 'b' }, where = is('kind', 'track') }",
		"{\"source\":\"ids\",\"where\":{\"kind\":\"track\"},\"keys\":[\"a\",\"b\"]}");
}

TEST(nil_is_absent_and_constrains_nothing)
{
	PLAN("return { match = all(nil, ref('artist_id', nil), q.slots.price and 'x'), "
	     "where = both_of(within('popularity', q.slots.price), is('genre', nil)), "
	     "score = 2 * is('genre', nil) + quality() }",
		"{\"source\":\"search\",\"score\":[{\"score\":\"quality\",\"weight\":1}]}");
	PLAN("return nil", "nil");
	CHECK_STR(plan_of("return { where = within('popularity', q.slots.price) }",
			  "shoes {price max=50}"),
		"{\"source\":\"search\",\"where\":{\"range\":\"popularity\",\"<=\":50}}");
}

TEST(unknown_words_and_fields_are_errors_with_file_line_and_the_nearest)
{
	FAILS("return { match = al(q.terms) }",
		"shop/strategies/a.lua:3: unknown word \"al\"; did you mean \"all\"?");
	FAILS("return { mach = all(q.terms) }", "a plan has no \"mach\"; did you mean \"match\"?");
	FAILS("\nreturn { score = bm25 { nmae = 3 } }",
		"shop/strategies/a.lua:4: bm25: no field 'nmae'; did you mean 'name'?");
	FAILS("return { score = log1p('name') }", "field name is text, expected number");
	FAILS("return { where = is('name', 'x') }", "field name is text, expected tags");
	FAILS("return { match = exact('x', 'album') }", "no exact=yes");
	FAILS("return { match = is('kind', 'x') }", "match: found a filter");
	FAILS("return { where = kind_is('x') }", "where: found a match");
	FAILS("return { score = quality() * quality() }", "a score * a score");
	FAILS("return { match = any('a') + any('b') }", "+ is for scores");
	FAILS("return { match = all(q.termz) }", "q has no \"termz\"; did you mean \"terms\"?");
	FAILS("return { match = all(q.slots.artst) }",
		"fills a slot \"artst\"; did you mean \"artist\"?");
	FAILS("return { match = none_of('x') }", "needs something positive");
	FAILS("return { match = any('x', none_of('y')) }", "inside all");
	FAILS("return { score = recency('released', 30) }", "such as days(30)");
	FAILS("return { where = at_least('released', 'soon') }", "expected a date");
	FAILS("return { limit = 0 }", "shop/strategies/a.lua: limit");
	FAILS("return 7", "a plan is a table");
}

TEST(a_description_that_a_script_changed_is_never_trusted)
{
	FAILS("local m = ref('artist_id', 'x') m.field = 0 return { match = m }", "was changed");
	FAILS("local m = all('x') m[1] = m return { match = m }", "nested over 30 deep");
	FAILS("local m = all('x') m[1] = 7 return { match = m }", "was changed");
	FAILS("local f = at_least('popularity', 1) f.field = 1e300 return { where = f }",
		"was changed");
	FAILS("local s = log1p('popularity') s[1].field = 0 return { score = s }", "was changed");
	FAILS("local s = quality() s[1] = 'x' return { score = s + 1 }", "was changed");
	FAILS("local t = {} for i = 1, 300 do t[i] = 'x' end return { match = any(t) }",
		"limit 256");
	PLAN("local m = term('x') m.weight = -5 m.edits = 1e9 m.text = nil return { match = m }",
		"{\"source\":\"search\",\"match\":{\"term\":\"\",\"edits\":2,\"weight\":0}}");
	FAILS("setmetatable(all('x'), {})", "shop/strategies/a.lua:3:");
}

TEST(words_of_a_list_are_left_out_unless_no_other_is_left)
{
	PLAN("return { match = any(without({ 'the', 'love', 'a', 'song' }, 'stop')) }",
		"{\"source\":\"search\",\"match\":{\"any\":[{\"term\":\"love\"},{\"term\":\"song\"}]}}");
	PLAN("return { match = any(without({ 'love', 'songs', 'by', 'abba' }, 'stop')) }",
		"{\"source\":\"search\",\"match\":{\"any\":[{\"term\":\"abba\"}]}}");
	PLAN("return { match = any(without({ 'the', 'a' }, 'stop')) }",
		"{\"source\":\"search\",\"match\":{\"any\":[{\"term\":\"the\"},{\"term\":\"a\"}]}}");
	PLAN("return { match = any(without({}, 'stop')) }", "{\"source\":\"search\"}");
	FAILS("return { match = any(without(q.words, 'stpo')) }",
		"no list \"stpo\" in lists/; did you mean \"stop\"?");
	FAILS("return { match = any(without('love', 'stop')) }",
		"found string, expected a list of words such as q.words");
	FAILS("return { match = any(without({ 7 }, 'stop')) }", "expected a word");
	FAILS("return { match = any(without(q.words)) }", "expected the name of a list");
	FAILS("return { match = any(without(q.words, 'same')) }", "\"same\" has synonyms");
}

#define MATCH(words, want)                                                                         \
	PLAN("return { match = " words " }", "{\"source\":\"search\",\"match\":" want "}")

TEST(synonyms_stand_beside_their_words)
{
	MATCH("all(synonyms({ 'red', 'jumper' }, 'same'))",
		"{\"all\":[{\"term\":\"red\"},{\"term\":\"jumper\",\"also\":[\"sweater\",\"knit\"]}]}");
	MATCH("all(synonyms({ 'sweater', 'nyc' }, 'same', 'name'))",
		"{\"all\":[{\"term\":\"sweater\",\"fields\":1},{\"term\":\"nyc\",\"also\":"
		"[\"new york city\"],\"fields\":1}]}");
	/* a phrase: all of its words or what stands for it; to any(), each by itself */
	MATCH("all(synonyms({ 'new', 'york', 'city', 'bars' }, 'same'))",
		"{\"all\":[{\"any\":[{\"all\":[{\"term\":\"new\"},{\"term\":\"york\"},{\"term\":"
		"\"city\"}]},{\"term\":\"nyc\",\"weight\":0.8}]},{\"term\":\"bars\"}]}");
	MATCH("any(synonyms({ 'ninety', 'nine', 'problems' }, 'same'))",
		"{\"any\":[{\"term\":\"ninety\"},{\"term\":\"nine\"},{\"term\":\"99\",\"weight\":0.8},"
		"{\"term\":\"problems\"}]}");
	MATCH("any(2 * synonyms({ 'nyc' }, 'same')[1])",
		"{\"any\":[{\"term\":\"nyc\",\"also\":[\"new york city\"],\"weight\":2}]}");
	MATCH("any(synonyms(without({ 'the', 'nyc' }, 'stop'), 'same'))",
		"{\"any\":[{\"term\":\"nyc\",\"also\":[\"new york city\"]}]}");
	MATCH("all('x', none_of(synonyms({ 'ninety', 'nine' }, 'same')))",
		"{\"all\":[{\"term\":\"x\"},{\"not\":[{\"any\":[{\"any\":[{\"all\":[{\"term\":\"ninety\"},"
		"{\"term\":\"nine\"}]},{\"term\":\"99\",\"weight\":0.8}]}]}]}]}");
	FAILS("return { match = any(synonyms(q.words, 'stop')) }", "\"stop\" has words");
	FAILS("return { match = any(synonyms(q.words, 'sane')) }", "did you mean \"same\"?");
	FAILS("return { match = any(synonyms(q.words, 'same', 'nmae')) }", "did you mean 'name'?");
	FAILS("local m = synonyms({ 'nyc' }, 'same')[1] m[1] = {} return { match = any(m) }",
		"was changed");
}
