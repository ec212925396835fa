/* plan_test.c -- sources and facts of a plan, one by one. */
#include "small.h"

static const char conf[] = "field title text exact=yes\nfield artist text exact=yes\n"
			   "field plays number bias=0.1\n";

TEST(an_exact_match_of_a_field_finds_whole_values_of_that_field_only)
{
	static const char *const rows[] = { "song", "{\"title\":\"Madonna\",\"artist\":\"Ava\"}",
		"hit", "{\"title\":\"Vogue\",\"artist\":\"Madonna\"}", "both",
		"{\"title\":\"Madonna\",\"artist\":\"madonna\"}", NULL };
	struct match m = { .kind = MATCH_EXACT, .weight = 1, .text = SLICE_LIT("MADONNA") };
	struct plan plan = { .match = &m };
	struct search_result result;
	struct search_env env;
	struct error err = { 0 };
	struct small s;

	small_open(&s, conf, rows);
	env = (struct search_env){ .view = s.view, .arena = s.arena };
	CHECK_OK(search_run(&env, &plan, NULL, 9, &result, &err), err);
	CHECK_INT(result.count, 3);
	m.field = schema_field(s.schema, SLICE_LIT("title"));
	CHECK_OK(search_run(&env, &plan, NULL, 9, &result, &err), err);
	CHECK_INT(result.count, 2);
	CHECK_INT(result.hits[0].doc, 0);
	CHECK_INT(result.hits[1].doc, 2);
	m.field = schema_field(s.schema, SLICE_LIT("artist"));
	CHECK_OK(search_run(&env, &plan, NULL, 9, &result, &err), err);
	CHECK_INT(result.count, 2);
	CHECK_INT(result.hits[0].doc, 1);
	small_close(&s);
}

TEST(a_memory_plan_brings_what_was_remembered_and_still_exists)
{
	static const char *const rows[] = { "a", "{\"title\":\"one\"}", "b", "{\"title\":\"two\"}",
		NULL };
	static const char *const tables[] = { "memory", NULL };
	struct store_options options = { test_folder(), tables, 16 << 20, true, false };
	struct memory_options how = { 4, 0.05, 30 * 86400e3 };
	struct slice key = SLICE_LIT("q:two");
	struct memory memory = { .collection = 7, .now_ms = 1000, .options = &how };
	struct plan plan = { .source = PLAN_MEMORY, .keys = &key, .key_count = 1 };
	struct search_result result;
	struct search_env env;
	struct error err = { 0 };
	struct store *store;
	struct txn *txn;
	struct small s;

	small_open(&s, conf, rows);
	CHECK_OK(store_open(&store, &options, &err), err);
	CHECK_OK(store_begin(&txn, store, STORE_WRITE, &err), err);
	memory.txn = txn;
	CHECK_OK(memory_add(&memory, key, SLICE_LIT("a"), 0, 5, &err), err);
	CHECK_OK(memory_add(&memory, key, SLICE_LIT("b"), 3, 5, &err), err);
	CHECK_OK(memory_add(&memory, key, SLICE_LIT("gone"), 5, 5, &err), err);
	CHECK_OK(store_commit(txn, &err), err);
	CHECK_OK(store_begin(&txn, store, STORE_READ, &err), err);
	env = (struct search_env){ .view = s.view,
		.arena = s.arena,
		.now_ms = 1000,
		.memory = { txn, 0, 7, 1000, &how } };
	CHECK_OK(search_run(&env, &plan, NULL, 9, &result, &err), err);
	CHECK_INT(result.count, 2);
	CHECK_INT(result.hits[0].doc, 1);
	CHECK_NEAR(result.hits[0].score, (4 * 0.05 + 3) / (4 + 5), 1e-5);
	CHECK_INT(result.hits[1].doc, 0);
	env.memory.collection = 8;
	CHECK_OK(search_run(&env, &plan, NULL, 9, &result, &err), err);
	CHECK_INT(result.count, 0);
	store_end(txn);
	store_close(store);
	small_close(&s);
}

TEST(given_documents_are_scored_as_a_search_would_score_them)
{
	static const char *const rows[] = { "a", "{\"title\":\"love story\",\"plays\":3}", "b",
		"{\"title\":\"other\",\"plays\":5}", "c",
		"{\"title\":\"love\",\"artist\":\"love\"}", "d",
		"{\"title\":\"a love story\",\"plays\":1}", NULL };
	struct match love = { .kind = MATCH_TERM, .weight = 1, .text = SLICE_LIT("love") };
	struct match story = { .kind = MATCH_TERM, .weight = 2, .text = SLICE_LIT("story") };
	struct match *kids[] = { &love, &story };
	struct match any = { .kind = MATCH_ANY, .weight = 1, .kids = kids, .kid_count = 2 };
	struct score_term scores[] = { { .kind = SCORE_BM25, .weight = 1 },
		{ .kind = SCORE_QUALITY, .weight = 2 } };
	struct plan plan = { .match = &any, .scores = scores, .score_count = 2 };
	uint32_t docs[] = { 0, 1, 2, 3 };
	struct search_result result;
	struct search_env env;
	struct error err = { 0 };
	float given[4];
	struct small s;
	size_t i;

	small_open(&s, conf, rows);
	env = (struct search_env){ .view = s.view, .arena = s.arena };
	CHECK_OK(search_score(&env, &plan, docs, 4, given, &err), err);
	CHECK_OK(search_exhaustive(&env, &plan, NULL, 9, &result, &err), err);
	CHECK_INT(result.count, 3);
	CHECK_NEAR(given[1], 0, 0);
	for (i = 0; i < result.count; i++)
		CHECK_NEAR(given[result.hits[i].doc], result.hits[i].score, 0);
	small_close(&s);
}

TEST(an_estimate_counts_by_document_frequencies)
{
	static const char *const rows[] = { "a", "{\"title\":\"love story\"}", "b",
		"{\"title\":\"love\"}", "c", "{\"title\":\"tale\"}", NULL };
	struct match love = { .kind = MATCH_TERM, .weight = 1, .text = SLICE_LIT("Love") };
	struct match none = { .kind = MATCH_TERM, .weight = 1, .text = SLICE_LIT("zzz") };
	struct match story = { .kind = MATCH_TERM, .weight = 1, .text = SLICE_LIT("story") };
	struct match *kids[] = { &love, &none, &story };
	struct match any = { .kind = MATCH_ANY, .kids = kids, .kid_count = 3 };
	struct match exact = { .kind = MATCH_EXACT, .text = SLICE_LIT("LOVE") };
	struct plan plan = { .match = &any };
	struct search_estimate e;
	struct small s;

	small_open(&s, conf, rows);
	search_estimate(s.view, s.arena, &plan, &e);
	CHECK_NEAR(e.matches, 3, 0);
	CHECK_NEAR(e.known, 2.0 / 3, 1e-9);
	any.kind = MATCH_ALL;
	search_estimate(s.view, s.arena, &plan, &e);
	CHECK_NEAR(e.matches, 0, 0);
	plan.match = &exact;
	search_estimate(s.view, s.arena, &plan, &e);
	CHECK_NEAR(e.matches, 1, 0);
	plan.match = NULL;
	search_estimate(s.view, s.arena, &plan, &e);
	CHECK_NEAR(e.matches, 3, 0);
	small_close(&s);
}
