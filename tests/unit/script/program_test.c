#include "scripts.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cell.h"
#include "base/clock.h"
#include "script/vm.h"

static const char *const rows[] = {
	"artist:ts",
	"{\"name\":\"Taylor Swift\",\"kind\":\"artist\",\"genres\":[\"pop\",\"country\"],"
	"\"popularity\":100}",
	"artist:ls",
	"{\"name\":\"Love Story\",\"kind\":\"artist\",\"popularity\":5}",
	"track:love",
	"{\"name\":\"Love Story\",\"artists\":[\"Taylor Swift\"],\"artist_ids\":[\"ts\"],"
	"\"kind\":\"track\",\"genres\":[\"country\"],\"popularity\":90}",
	"track:lover",
	"{\"name\":\"Lover\",\"artists\":[\"Taylor Swift\"],\"artist_ids\":[\"ts\"],"
	"\"kind\":\"track\",\"genres\":[\"pop\"],\"popularity\":87}",
	"track:22",
	"{\"name\":\"22\",\"artists\":[\"Taylor Swift\"],\"artist_ids\":[\"ts\"],"
	"\"kind\":\"track\",\"genres\":[\"pop\"],\"popularity\":80}",
	"track:queen",
	"{\"name\":\"Love of My Life\",\"artists\":[\"Queen\"],\"artist_ids\":[\"q\"],"
	"\"kind\":\"track\",\"genres\":[\"progressive rock\"],\"popularity\":70}",
	NULL,
};

/* All of the files at once; the error has `words`. */
static void refused(const char *path, const char *text, const char *words)
{
	const char *files[] = { path, text, NULL };
	struct bench b;
	int rc = bench_try(&b, files);

	if (rc == 0 || !strstr(b.err.text, words))
		check_fail(__FILE__, __LINE__, "\"%s\" has no \"%s\"", b.err.text, words);
	CHECK(b.program == NULL);
	bench_close(&b);
}

TEST(a_mistake_names_its_file_and_line)
{
	refused("strategies/a.lua", "return strategy {\n  plan = = 1\n}",
		"shop/strategies/a.lua:2:");
	refused("strategies/a.lua", "return strategy {\n  aplies = 1,\n  plan = function (q) end }",
		"shop/strategies/a.lua:2: unknown word \"aplies\"; did you mean \"applies\"?");
	refused("strategies/a.lua",
		"return strategy {\n  plan = function (q) return {} end,\n  examples = {\n"
		"    ['red shoes'] = false,\n  } }",
		"shop/strategies/a.lua:4: example \"red shoes\": the strategy applies");
	refused("strategies/a.lua",
		"return strategy {\n  plan = function (q)\n    return { match = tag('genr', 'x') }\n"
		"  end,\n  examples = { ['x'] = true } }",
		"shop/strategies/a.lua:3: tag: no field 'genr'");
	refused("strategies/a.lua", "return strategy { limit = 5 }", "shop/strategies/a.lua:1:");
	refused("strategies/a.lua", "return features {}", "expected strategy");
	refused("strategies/a.lua", "local x = 1", "shop/strategies/a.lua:1: the file gives no");
	refused("strategies/a.lua", "while true do end", "shop/strategies/a.lua:1: the budget");
	refused("strategies/A.lua", "", "shop/strategies/A.lua: found 'A'");
	refused("strategie/a.lua", "", "did you mean 'strategies'?");
	refused("features/a.lua", "return features {\n  x = 3 }",
		"shop/features/a.lua:2: x is number");
	refused("features/a.lua",
		"return features {\n x = flag(function (q) return q.user end),\n"
		" examples = { ['a'] = { x = true } } }",
		"shop/features/a.lua:3: example \"a\": x is 0, expected 1");
	refused("features/a.lua", "return features { x = number(3, 1, function () end) }", "low");
	/* each function is tried, without an example too */
	refused("strategies/a.lua",
		"return strategy { plan = function (q)\n  return { match = 5 } end }",
		"match: found number, expected a match");
	refused("strategies/a.lua",
		"return strategy { plan = function (q)\n  return { match = any(q.word) } end }",
		"shop/strategies/a.lua:2: q has no \"word\"; did you mean \"words\"?");
	refused("features/a.lua",
		"return features { x = flag(function (q)\n  return q.user.name end) }",
		"shop/features/a.lua:2: attempt to index field 'user' (a nil value) (tried with no "
		"query)");
	refused("ranking/default.lua", "return ranking { weights = {\n qualty = 1 } }",
		"shop/ranking/default.lua:2: nothing to weigh is named \"qualty\"; did you mean "
		"\"quality\"?");
	refused("ranking/default.lua",
		"return ranking { weights = function (q)\n return { ['kind.track'] = 1 } end }",
		"shop/ranking/default.lua: nothing to weigh is named \"kind.track\"; beside a "
		"function say kinds");
	refused("rewards.lua", "return rewards {\n click = 2 }",
		"shop/rewards.lua:2: the reward of");
	refused("rewards.lua", "return rewards { window = 30 }", "minutes(30)");
	refused("understanding/price.lua", "return slot {\n 'under {top:number}' }",
		"shop/understanding/price.lua:2: pattern");
	refused("understanding/price.lua",
		"return slot { 'under {max:number}',\n examples = { ['under 5'] = 'under 5' } }",
		"shop/understanding/price.lua:2: example \"under 5\" is read as \"{price max=5}\"");
	refused("understanding/a.lua", "return slot { tags = 'genr' }", "did you mean 'genre'?");
	refused("understanding/a.lua", "return slot { entities = { field = 'genre' } }",
		"field genre is not text");
}

TEST(patterns_and_rewrites_understand_without_a_catalogue)
{
	static const char *const files[] = {
		"understanding/price.lua",
		"return slot { 'under|below {max:number}', '{min:number} to {max:number}',\n"
		"  examples = { ['red shoes under 50'] = 'red shoes {price max=50}',\n"
		"    ['shoes 10 to 20'] = 'shoes {price min=10 max=20}',\n"
		"    ['under the sea'] = 'under the sea' } }",
		"understanding/words.lua",
		"return rewrite { ['R&B'] = 'rnb', ['hip hop'] = 'hiphop', ['songs'] = '',\n"
		"  examples = { ['hip hop songs'] = 'hiphop', ['songs'] = 'songs' } }",
		NULL,
	};
	struct buf text = { 0 };
	struct bench b;

	CHECK_OK(bench_try(&b, files), b.err);
	CHECK_OK(query_init(&b.query, b.arena, SLICE_LIT("Hip-Hop shoes below 50"), &b.err), b.err);
	CHECK_OK(program_understand(b.program, NULL, b.arena, &b.query, &b.err), b.err);
	CHECK_INT(b.query.count, 2);
	CHECK_NEAR(b.query.items[0].weight, 0.9, 1e-6);
	interpretation_print(&b.query.items[0], &text);
	buf_putc(&text, '\0');
	CHECK_STR(text.ptr, "hiphop shoes {price max=50}");
	buf_clear(&text);
	bench_close(&b);
}

TEST(a_pattern_gives_what_the_words_do_not_say)
{
	static const char *const files[] = {
		"understanding/price.lua",
		"return slot { { 'cheap|budget', max = 20 }, 'under {max:number}',\n"
		"  { 'over {min:number}', max = 99 }, { 'gift', value = 'present', min = 5 },\n"
		"  examples = { ['cheap shoes'] = '{price max=20} shoes',\n"
		"    ['shoes over 50'] = 'shoes {price min=50 max=99}' } }",
		"understanding/who.lua",
		"return slot { { 'women|womens|ladies', value = 'female' },\n"
		"  examples = { ['ladies shoes'] = '{who female} shoes', ['shoes'] = 'shoes' } }",
		NULL,
	};
	struct bench b;

	CHECK_OK(bench_try(&b, files), b.err);
	bench_close(&b);
	refused("understanding/a.lua", "return slot {\n { 'cheap', most = 3 } }",
		"shop/understanding/a.lua:2: unknown word \"most\"");
	refused("understanding/a.lua", "return slot {\n { 'cheap' } }",
		"takes nothing: expected a {...} in it, or { \"cheap\", value = ... }");
	refused("understanding/a.lua", "return slot { { value = 'x' } }", "pattern 1 is nil");
	refused("understanding/a.lua", "return slot {\n { 'cheap', max = 'much' } }", "max");
}

TEST(features_give_values_in_range_and_a_failing_one_is_absent)
{
	static const char *const files[] = {
		"features/a.lua",
		"return features {\n n = number(0, 2, function (q) return #q.words end),\n"
		" bad = flag(function (q) return #q.words == 3 and q.nothing end),\n"
		" c = cycle(24, function (q) return -1 end),\n"
		" g = category(4, function (q) return q.context.page end),\n"
		" t = number(0, 24, function (q) return q.time.hour end),\n"
		" w = number(1, 7, function (q) return q.time.weekday end),\n"
		" none = number(0, 1, function (q) return q.user end),\n"
		" long = product('bad', 'n') }",
		NULL,
	};
	const struct feature_spec *list;
	struct bench b;
	struct feature_value v[8];
	json_t *context;
	int n, i;

	CHECK_OK(bench_try(&b, files), b.err);
	bench_ask(&b, "one two three");
	CHECK_OK(json_parse(&context, SLICE_LIT("{\"page\":\"home\",\"deep\":[1,{\"x\":null}]}"),
			 &b.err),
		b.err);
	b.ask.context = context;
	list = program_feature_list(b.program, &n);
	CHECK_INT(n, 8);
	CHECK_INT(program_features(b.program, &b.ask, b.arena, v), 1);
	for (i = 0; i < n; i++) {
		/* as they are: what is out of range is for feature_set_fill to tell */
		if (!strcmp(list[i].name, "n"))
			CHECK_NEAR(v[i].number, 3, 0);
		if (!strcmp(list[i].name, "c"))
			CHECK_NEAR(v[i].number, -1, 0);
		if (!strcmp(list[i].name, "t"))
			CHECK_NEAR(v[i].number, 12, 0);
		if (!strcmp(list[i].name, "w"))
			CHECK_NEAR(v[i].number, 4, 0); /* 2026-01-01 is a Thursday */
		if (!strcmp(list[i].name, "g"))
			CHECK(slice_is(v[i].text, "home"));
		if (!strcmp(list[i].name, "long"))
			CHECK(list[i].kind == FEATURE_PRODUCT && !strcmp(list[i].of[1], "n"));
		if (!strcmp(list[i].name, "none") || !strcmp(list[i].name, "bad"))
			CHECK(!v[i].present);
	}
	json_decref(context);
	bench_close(&b);
}

TEST(features_of_the_moment_and_of_how_a_query_looks)
{
	static const char *const files[] = {
		"lists/holidays.txt",
		"2026-01-01\n# the longest night\n2026-12-21",
		"lists/hosts.txt",
		"abba, the beatles",
		"features/a.lua",
		"return features {\n"
		" characters = number(0, 99, function (q) return q.characters end),\n"
		" date = category(2, function (q) return q.time.date end),\n"
		" entropy = number(0, 1, function (q) return q.entropy end),\n"
		" holiday = flag(function (q) return mentions(q.time.date, 'holidays') end),\n"
		" hour = number(0, 24, function (q) return q.time.hour + q.time.minute / 60 end),\n"
		" host = flag(function (q) return mentions(q.words, 'hosts') end),\n"
		" weekend = flag(function (q) return q.time.weekend end),\n"
		" writing = category(2, function (q) return q.writing end),\n"
		" examples = { ['love'] = { hour = 12, date = '2026-01-01', holiday = true,\n"
		"   writing = 'latin', characters = 4, entropy = 0, weekend = false } } }",
		NULL,
	};
	struct feature_value v[8];
	struct bench b;

	setenv("TZ", "Asia/Tokyo", 1); /* examples are in UTC wherever the daemon stands */
	tzset();
	CHECK_OK(bench_try(&b, files), b.err);
	bench_ask(&b, "songs by The Beatles");
	b.ask.offset_min = 12 * 60 + 45; /* of Thursday noon: the next day */
	b.query.count = 2;
	b.query.items[0].weight = b.query.items[1].weight = 0.3f;
	CHECK_INT(program_features(b.program, &b.ask, b.arena, v), 0);
	CHECK_NEAR(v[0].number, 20, 0);
	CHECK(slice_is(v[1].text, "2026-01-02"));
	CHECK_NEAR(v[2].number, 1, 1e-6);
	CHECK_NEAR(v[3].number, 0, 0);
	CHECK_NEAR(v[4].number, 1, 0);
	CHECK_NEAR(v[5].number, 0.75, 1e-9);
	CHECK_NEAR(v[6].number, 0, 0);
	CHECK(slice_is(v[7].text, "latin"));
	unsetenv("TZ");
	tzset();
	bench_close(&b);
}

TEST(a_strategy_that_fails_says_where_and_the_others_serve_on)
{
	static const char *const files[] = {
		"strategies/bad.lua",
		"return strategy { plan = function (q) while q.text == 'love' do end end }",
		"strategies/evil.lua",
		"local kept\nreturn strategy { plan = function (q)\n"
		"  if kept then return { match = all(kept.terms), limit = #kept.readings } end\n"
		"  if q.text ~= 'love' then return end\n"
		"  kept = q q.terms[1] = 'x' q.text = 'y' end }",
		"strategies/good.lua",
		"return strategy { limit = 9, floor = 0.1,\n"
		"  plan = function (q) return { match = all(q.terms) } end }",
		NULL,
	};
	const struct strategy *list;
	struct plan plan;
	struct bench b;
	int n;

	CHECK_OK(bench_try(&b, files), b.err);
	list = program_strategies(b.program, &n);
	CHECK_INT(n, 3);
	CHECK_STR(list[0].name, "bad");
	CHECK_NEAR(list[2].floor, 0.1, 1e-6);
	bench_ask(&b, "love");
	CHECK_INT(program_applies(b.program, 0, &b.ask, &b.err), 1);
	CHECK_INT(program_plan(b.program, 0, &b.ask, b.arena, &plan, &b.err), ERR_SCRIPT);
	CHECK(strstr(b.err.text, "bad.lua:1: the budget"));
	/* what a script wrote into its q, no other sees */
	CHECK_INT(program_plan(b.program, 1, &b.ask, b.arena, &plan, &b.err), 0);
	CHECK_INT(program_plan(b.program, 2, &b.ask, b.arena, &plan, &b.err), 1);
	CHECK_INT(plan.limit, 9);
	CHECK_INT(plan.match->kid_count, 1);
	CHECK(slice_is(plan.match->kids[0]->text, "love"));
	/* a q kept over requests is only Lua data */
	bench_ask(&b, "other");
	CHECK_INT(program_plan(b.program, 1, &b.ask, b.arena, &plan, &b.err), 1);
	CHECK(slice_is(plan.match->kids[0]->text, "x"));
	bench_close(&b);
}

TEST(a_ranking_weighs_by_table_or_function_and_rewards_by_name)
{
	static const char *const files[] = {
		"strategies/a.lua",
		"return strategy { plan = function (q) return {} end }",
		"ranking/default.lua",
		"return ranking { kinds = { 'track' }, weights = function (q)\n"
		"  return { arms = #q.terms, ['from.a'] = 2, ['kind.track'] = 3 } end,\n"
		"  examples = { ['a b'] = { arms = 2 } } }",
		"rewards.lua",
		"return rewards { like = .8, click = .3, window = minutes(5) }",
		NULL,
	};
	const struct rewards *r;
	const char *const *names;
	struct bench b;
	float w[16];
	int n;

	CHECK_OK(bench_try(&b, files), b.err);
	names = program_weight_names(b.program, &n);
	CHECK_INT(n, 9);
	CHECK_STR(names[7], "from.a");
	CHECK_STR(names[8], "kind.track");
	bench_ask(&b, "one two three");
	CHECK_INT(program_weights(b.program, 0, &b.ask, w, &b.err), 1);
	CHECK_NEAR(w[1], 3, 0);
	CHECK_NEAR(w[7], 2, 0);
	CHECK_NEAR(w[8], 3, 0);
	CHECK_NEAR(w[0], 0, 0);
	r = program_rewards(b.program);
	CHECK_INT(r->window_ms, 300000);
	CHECK_INT(r->count, 2);
	for (n = 0; n < r->count; n++)
		CHECK_NEAR(r->events[n].value, strcmp(r->events[n].name, "like") ? 0.3 : 0.8, 1e-6);
	bench_close(&b);
}

TEST(a_collection_has_several_rankings_by_name)
{
	static const char *const two[] = {
		"ranking/fresh.lua",
		"return ranking { weights = { rrf = 3, ['kind.track'] = 2 } }",
		"ranking/default.lua",
		"return ranking { weights = { rrf = 1, ['kind.album'] = 5 } }",
		NULL,
	};
	static const char *const unnamed[] = { "ranking/b.lua",
		"return ranking { weights = { rrf = 3 } }", "ranking/a.lua",
		"return ranking { weights = { rrf = 2 } }", NULL };
	static const char *const none[] = { "strategies/a.lua",
		"return strategy { plan = function (q) return {} end }", NULL };
	const char *const *names;
	struct bench b;
	float w[16];
	int n;

	CHECK_OK(bench_try(&b, two), b.err);
	names = program_weight_names(b.program, &n);
	CHECK_STR(names[7], "kind.album");
	CHECK_STR(names[8], "kind.track");
	CHECK_INT(program_ranking(b.program, SLICE_LIT("")), 0);
	CHECK_INT(program_ranking(b.program, SLICE_LIT("default")), 0);
	CHECK_INT(program_ranking(b.program, SLICE_LIT("fresh")), 1);
	CHECK_INT(program_ranking(b.program, SLICE_LIT("frehs")), -1);
	bench_ask(&b, "one");
	CHECK_INT(program_weights(b.program, 1, &b.ask, w, &b.err), 1);
	CHECK(w[6] == 3 && w[7] == 0 && w[8] == 2);
	CHECK_INT(program_weights(b.program, 0, &b.ask, w, &b.err), 1);
	CHECK(w[6] == 1 && w[7] == 5 && w[8] == 0);
	CHECK_INT(program_weights(b.program, -1, &b.ask, w, &b.err), 0);
	CHECK(w[6] == 0);
	bench_close(&b);
	CHECK_OK(bench_try(&b, unnamed), b.err); /* the first stands for the default */
	CHECK_INT(program_ranking(b.program, SLICE_LIT("")), 0);
	CHECK_INT(program_ranking(b.program, SLICE_LIT("default")), -1);
	CHECK_INT(program_ranking(b.program, SLICE_LIT("b")), 1);
	bench_close(&b);
	CHECK_OK(bench_try(&b, none), b.err);
	CHECK_INT(program_ranking(b.program, SLICE_LIT("")), -1);
	bench_close(&b);
}

TEST(what_the_user_likes_is_read_by_field_and_value)
{
	static const char *const files[] = { "features/a.lua",
		"return features { pop = number(0, 1, function (q) return q.likes.genre.Pop end),\n"
		"  rock = number(0, 1, function (q) return q.likes.genre.rock end),\n"
		"  none = number(0, 1, function (q) return q.likes.genre[1] and 1 end),\n"
		"  best = category(8, function (q) return q.likes.genre[1] end),\n"
		"  kinds = number(0, 10, function (q) return #q.likes.kind end),\n"
		"  examples = { ['x'] = { pop = 0, rock = 0, kinds = 0 } } }",
		"strategies/taste.lua",
		"return strategy { plan = function (q)\n"
		"  local parts = {}\n"
		"  for i, genre in ipairs(q.likes.genre) do\n"
		"    parts[i] = q.likes.genre[genre] * tag('genre', genre)\n"
		"  end\n"
		"  return { match = any(parts) }\n"
		"end }",
		"strategies/wrong.lua",
		"return strategy { plan = function (q) return q.text == 'one' and q.likes.gnre or nil end }",
		NULL };
	struct profile likes = { 3, 3,
		{ { SLICE_LIT("genre"), SLICE_LIT("hip hop"), 0.5 },
			{ SLICE_LIT("genre"), SLICE_LIT("pop"), 0.25 },
			{ SLICE_LIT("kind"), SLICE_LIT("track"), 0.75 } } };
	struct feature_value values[FEATURES_MAX];
	struct plan plan;
	struct bench b;

	CHECK_OK(bench_try(&b, files), b.err);
	bench_ask(&b, "one");
	b.ask.likes = &likes;
	CHECK_INT(program_features(b.program, &b.ask, b.arena, values), 0);
	CHECK(slice_is(values[0].text, "hip hop"));
	CHECK_NEAR(values[1].number, 1, 0);
	CHECK_NEAR(values[3].number, 0.25, 0); /* as somebody writes it */
	CHECK_NEAR(values[4].number, 0, 0);
	CHECK_INT(program_plan(b.program, 0, &b.ask, b.arena, &plan, &b.err), 1);
	CHECK_INT(plan.match->kid_count, 2);
	CHECK_NEAR(plan.match->kids[0]->weight, 0.5, 0);
	CHECK(slice_is(plan.match->kids[0]->text, "hip hop"));
	CHECK_INT(program_plan(b.program, 1, &b.ask, b.arena, &plan, &b.err), ERR_SCRIPT);
	CHECK(strstr(b.err.text, "no field of tags \"gnre\"; did you mean \"genre\"?"));
	b.ask.likes = NULL; /* nobody, or nothing known */
	CHECK_INT(program_features(b.program, &b.ask, b.arena, values), 0);
	CHECK(!values[0].present && !values[2].present && values[3].number == 0);
	bench_close(&b);
}

/* ---- the bundled folders ---- */

static int strategy_of(const struct program *p, const char *name)
{
	const struct strategy *list;
	int n, i;

	list = program_strategies(p, &n);
	for (i = 0; i < n; i++)
		if (!strcmp(list[i].name, name))
			return i;
	check_fail(__FILE__, __LINE__, "no strategy %s", name);
}

static struct program *bundled(const char *collection, const struct schema *schema)
{
	struct program_options options = { .schema = schema, .weights = weights_known };
	struct program *program = NULL;
	struct scripts *scripts = NULL;
	struct error err = { 0 };

	options.call_us = 1000000; /* sanitizers and a busy machine */
	CHECK_OK(scripts_read(&scripts, "scripts", collection, &err), err);
	CHECK_OK(program_new(&program, scripts, &options, &err), err);
	scripts_free(scripts);
	return program;
}

static void finds(struct small *s, struct program *p, const char *name, const char *text,
	const char *first, int at_least)
{
	struct query *q = arena_alloc(s->arena, sizeof(*q));
	struct ask ask = { .query = q, .user = SLICE_LIT("7"), .now_ms = INT64_C(1767268800000) };
	struct search_env env = { .view = s->view, .arena = s->arena, .now_ms = ask.now_ms };
	struct search_result found;
	struct error err = { 0 };
	struct plan plan;
	int at = strategy_of(p, name);

	CHECK_OK(query_init(q, s->arena, slice_str(text), &err), err);
	CHECK_OK(program_understand(p, s->view, s->arena, q, &err), err);
	if (program_applies(p, at, &ask, &err) != 1) {
		struct buf buf = { 0 };
		struct json_out out;

		json_begin(&out, &buf);
		query_print(q, &out);
		check_fail(__FILE__, __LINE__, "%s does not apply to %.*s", name,
			SLICE_ARG(buf_slice(&buf)));
	}
	CHECK_INT(program_plan(p, at, &ask, s->arena, &plan, &err), 1);
	CHECK_OK(search_run(&env, &plan, NULL, 10, &found, &err), err);
	if ((int)found.count < at_least)
		check_fail(__FILE__, __LINE__, "%s \"%s\": %zu hits", name, text, found.count);
	if (first && !slice_is(view_id(s->view, found.hits[0].doc), first))
		check_fail(__FILE__, __LINE__, "%s \"%s\": %.*s first, not %s", name, text,
			SLICE_ARG(view_id(s->view, found.hits[0].doc)), first);
}

TEST(each_music_strategy_makes_a_plan_that_finds_its_kind)
{
	struct program *p;
	struct error err = { 0 };
	struct small s;

	small_open(&s, music_conf, rows);
	p = bundled("music", s.schema);
	finds(&s, p, "exact_title", "love story", "track:love", 2);
	finds(&s, p, "exact_title", "taylor swift lover", "track:lover", 1);
	finds(&s, p, "artist_works", "taylor swift", "track:love", 3);
	finds(&s, p, "artist_works", "tayler swift lover", "track:lover", 1);
	finds(&s, p, "all_fields", "swift love", NULL, 4);
	finds(&s, p, "fuzzy", "tayler swfit", NULL, 1);
	finds(&s, p, "popular", "", "track:love", 4);
	finds(&s, p, "popular", "country songs", "track:love", 1);
	finds(&s, p, "popular", "progressive rock songs", "track:queen", 1);
	finds(&s, p, "memory", "love", NULL, 0);
	CHECK_OK(program_check(p, s.view, &err), err);
	program_free(p);
	small_close(&s);
}

/* conf/music as `toller load --set kind=KIND --prefix KIND:` puts it. */
static void put_file(struct batch *batch, const char *kind)
{
	char path[64], line[4096], id[300];
	struct error err = { 0 };
	json_t *root;
	char *text;
	FILE *f;

	snprintf(path, sizeof(path), "conf/music/%ss.jsonl", kind);
	f = fopen(path, "r");
	CHECK(f != NULL);
	while (fgets(line, sizeof(line), f)) {
		CHECK_OK(json_parse(&root, slice_str(line), &err), err);
		snprintf(id, sizeof(id), "%s:%s", kind,
			json_string_value(json_object_get(root, "id")));
		json_object_set_new(root, "kind", json_string(kind));
		text = json_dumps(root, JSON_COMPACT);
		CHECK_OK(batch_put(batch, 0, slice_str(id), slice_str(text), &err), err);
		free(text);
		json_decref(root);
	}
	fclose(f);
}

TEST(the_music_scripts_and_their_examples_hold_on_the_bundled_catalogue)
{
	struct error err = { 0 };
	struct batch *batch;
	struct program *p;
	struct small s;

	small_open(&s, music_conf, NULL);
	reader_end(s.reader);
	CHECK_OK(batch_begin(&batch, s.catalogue, &err), err);
	put_file(batch, "artist");
	put_file(batch, "album");
	put_file(batch, "track");
	CHECK_OK(batch_commit(batch, &err), err);
	CHECK_OK(reader_begin(s.reader, &err), err);
	s.view = reader_view(s.reader, 0);
	p = bundled("music", s.schema);
	CHECK_OK(program_check(p, s.view, &err), err);
	finds(&s, p, "exact_title", "Numb", "track:linkin-park-numb", 1);
	finds(&s, p, "artist_works", "green day", NULL, 3);
	finds(&s, p, "all_fields", "wish you were here pink floyd", NULL, 1);
	finds(&s, p, "fuzzy", "boulevrad of brokn dreams", NULL, 1);
	finds(&s, p, "popular", "bossa nova", NULL, 2);
	program_free(p);
	small_close(&s);
}

TEST(the_default_scripts_hold_for_any_schema)
{
	static const char conf[] = "field body text\n";
	static const char *const docs[] = { "a", "{\"body\":\"red shoes\"}", "b",
		"{\"body\":\"blue shoes\"}", NULL };
	struct program *p;
	struct small s;

	small_open(&s, conf, docs);
	p = bundled("no_such_collection", s.schema);
	finds(&s, p, "all_words", "red shoes", "a", 1);
	finds(&s, p, "any_word", "red shoes", "a", 2);
	finds(&s, p, "fuzzy", "bleu shoes", "b", 1);
	finds(&s, p, "popular", "", NULL, 2);
	program_free(p);
	small_close(&s);
}

TEST(a_folder_is_read_whole_or_not_at_all)
{
	const char *root = test_folder();
	struct scripts *scripts = NULL;
	struct error err = { 0 };
	char path[256];
	FILE *f;

	CHECK_INT(scripts_read(&scripts, root, "shop", &err), ERR_NOT_FOUND);
	snprintf(path, sizeof(path), "%s/shop", root);
	CHECK_INT(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/shop/strategies", root);
	CHECK_INT(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/shop/strategies/a.lua", root);
	f = fopen(path, "w");
	fputs("return strategy {}", f);
	fclose(f);
	snprintf(path, sizeof(path), "%s/shop/strategies/a.lua~", root);
	f = fopen(path, "w");
	fclose(f);
	snprintf(path, sizeof(path), "%s/shop/strategies/a.txt", root);
	f = fopen(path, "w");
	fclose(f);
	snprintf(path, sizeof(path), "%s/shop/lists", root);
	CHECK_INT(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/shop/lists/stop.txt", root);
	f = fopen(path, "w");
	fputs("a, the", f);
	fclose(f);
	CHECK_OK(scripts_read(&scripts, root, "shop", &err), err);
	CHECK_INT(scripts->count, 2);
	CHECK_STR(scripts->items[0].path, "shop/lists/stop.txt");
	CHECK_STR(scripts->items[1].path, "shop/strategies/a.lua");
	scripts_free(scripts);
	snprintf(path, sizeof(path), "%s/shop/strategie", root);
	CHECK_INT(mkdir(path, 0755), 0);
	CHECK_INT(scripts_read(&scripts, root, "shop", &err), ERR_ARG);
	CHECK(strstr(err.text, "did you mean 'strategies'?"));
}

TEST(a_list_that_cannot_be_read_fails_the_whole)
{
	const char *files[] = { "strategies/a.lua",
		"return strategy { plan = function (q) return {} end }", "lists/same.txt",
		"# numbers\n99 = ninety nine\nmany\n", NULL };
	struct bench b;

	CHECK_INT(bench_try(&b, files), ERR_SYNTAX);
	CHECK_STR(b.err.text,
		"shop/lists/same.txt:3: found words, but the lines before are synonyms");
	bench_close(&b);
	files[2] = "lists/same.lua";
	CHECK_INT(bench_try(&b, files), ERR_ARG);
	CHECK_STR(b.err.text, "shop/lists/same.lua: expected NAME.txt, found \"same.lua\"");
	bench_close(&b);
}

TEST(a_reload_frees_all_of_the_old_program)
{
	struct program_options options = { .weights = weights_known };
	struct program *program = NULL;
	struct scripts *scripts = NULL;
	struct schema *schema;
	struct error err = { 0 };
	size_t bytes = 0;
	int i;

	CHECK_OK(schema_parse(&schema, "music", slice_str(music_conf), "m", &err), err);
	options.schema = schema;
	for (i = 0; i < 20; i++) {
		CHECK_OK(scripts_read(&scripts, "scripts", "music", &err), err);
		CHECK_OK(program_new(&program, scripts, &options, &err), err);
		scripts_free(scripts); /* the program needs its texts no longer */
		if (i == 0)
			bytes = program_memory(program);
		CHECK_NEAR(program_memory(program), bytes, bytes / 4);
		CHECK(program_memory(program) < VM_MEMORY_BYTES / 8);
		program_free(program);
	}
	schema_free(schema);
}

TEST(a_thousand_requests_do_not_grow_a_program)
{
	struct schema *schema;
	struct program *p;
	struct arena *arena = arena_new();
	struct query q;
	struct ask ask = { .query = &q };
	struct error err = { 0 };
	struct plan plan;
	struct feature_value values[FEATURES_MAX];
	int64_t start = clock_mono_us();
	int i, j, n;

	CHECK_OK(schema_parse(&schema, "music", slice_str(music_conf), "m", &err), err);
	p = bundled("music", schema);
	program_strategies(p, &n);
	for (i = 0; i < 1000; i++) {
		arena_reset(arena);
		CHECK_OK(query_parse(&q, arena, SLICE_LIT("{artist Taylor Swift} love story"),
				 &err),
			err);
		CHECK_INT(program_features(p, &ask, arena, values), 0);
		for (j = 0; j < n; j++)
			if (program_applies(p, j, &ask, &err) == 1)
				CHECK_INT(program_plan(p, j, &ask, arena, &plan, &err), 1);
	}
	if (getenv("TOLLER_TIMES"))
		printf("  %.1f us a request\n", (clock_mono_us() - start) / 1000.0);
	CHECK(program_memory(p) < VM_MEMORY_BYTES / 4);
	program_free(p);
	arena_free(arena);
	schema_free(schema);
}
