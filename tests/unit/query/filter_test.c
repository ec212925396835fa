#include "small.h"

#include "index/tables.h"

static const char conf[] = "field title text exact=yes\n"
			   "field genre tags\n"
			   "field popularity number bias=0.01\n"
			   "field explicit number\n"
			   "field released date\n"
			   "field artist_id ref\n"
			   "kind kind\n";

static const char *const rows[] = {
	"a",
	"{\"title\":\"red shoes\",\"genre\":{\"pop\":0.9,\"country\":0.4},\"popularity\":70,"
	"\"explicit\":1,\"released\":\"2008-11-11\",\"artist_id\":\"artist:1\",\"kind\":\"track\"}",
	"b",
	"{\"title\":\"blue\",\"genre\":[\"Hip Hop\"],\"popularity\":50,\"released\":\"2010\","
	"\"artist_id\":[\"artist:1\",\"artist:2\"],\"kind\":\"track\"}",
	"c",
	"{\"title\":\"Green\",\"genre\":{\"country\":0.6},\"explicit\":0,\"kind\":\"album\","
	"\"released\":\"2020-01-01\"}",
	"d",
	"{\"title\":\"nothing known\"}",
	NULL,
};

TEST(filters_pass_what_they_say)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "kind = track", "ab" },
		{ "KIND = Track", "ab" },
		{ "kind != track", "cd" },
		{ "kind IN (track, album)", "abc" },
		{ "genre = pop", "a" },
		{ "genre = \"hip hop\"", "b" },
		{ "genre = country", "ac" },
		{ "genre >= 0.5 country", "c" },
		{ "genre >= 0.4 country", "ac" },
		{ "genre >= .5 country or genre = pop", "ac" },
		{ "popularity >= 50", "ab" },
		{ "popularity > 50", "a" },
		{ "popularity < 70", "b" },
		{ "popularity 50..70", "ab" },
		{ "popularity 51 .. 70", "a" },
		{ "popularity = 50", "b" },
		{ "popularity != 50", "acd" },
		{ "popularity IN (50, 70)", "ab" },
		{ "popularity <= -1", "" },
		{ "explicit=1", "a" },
		{ "NOT explicit = 1", "bcd" },
		{ "not not explicit = 1", "a" },
		{ "released >= 2010-01-01 AND released < 2020", "b" },
		{ "released = 2008", "a" },
		{ "released = 2008-11", "a" },
		{ "released = 2008-12", "" },
		{ "released <= 2008", "a" },
		{ "released > 2008", "bc" },
		{ "released > 2008-11-11", "bc" },
		{ "released 2008..2010", "ab" },
		{ "released < 2020", "ab" },
		{ "released <= 2020", "abc" },
		{ "artist_id = artist:1", "ab" },
		{ "artist_id = artist:2", "b" },
		{ "artist_id IN (artist:2, 'artist:3')", "b" },
		{ "id IN (a, d)", "ad" },
		{ "id = 'c'", "c" },
		{ "id != c", "abd" },
		{ "kind = track AND (genre = pop OR genre >= 0.5 country) AND NOT explicit = 0",
			"a" },
		{ "kind = album OR kind = track AND popularity > 60", "ac" },
		{ "(kind = album OR kind = track) AND popularity > 60", "a" },
		{ "kind = nothing", "" },
	};
	struct error err = { 0 };
	struct filter_run *run;
	struct filter *f;
	struct small s;
	char got[8], back[8];
	size_t i, j, n;

	small_open(&s, conf, rows);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_OK(filter_parse(&f, s.schema, slice_str(cases[i].text), s.arena, &err), err);
		run = filter_open(s.view, s.arena, f);
		for (j = n = 0; rows[j]; j += 2)
			if (filter_pass(run, view_doc(s.view, slice_str(rows[j]))))
				got[n++] = rows[j][0];
		got[n] = '\0';
		/* and backwards, often: the lists become bitmaps */
		for (int round = 0; round < 30; round++) {
			n = strlen(got);
			strcpy(back, got);
			for (j = 8; j-- > 0;)
				if (j % 2 == 0 &&
					filter_pass(run, view_doc(s.view, slice_str(rows[j]))))
					CHECK(n > 0 && back[--n] == rows[j][0]);
			CHECK_INT(n, 0);
		}
		filter_close(run);
		if (strcmp(got, cases[i].want))
			check_fail(__FILE__, __LINE__, "%s passes \"%s\", not \"%s\"",
				cases[i].text, got, cases[i].want);
	}
	small_close(&s);
}

TEST(bad_filters_say_where_and_what_was_expected)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{ "", "column 1: the filter ends, expected a field" },
		{ "kind", "column 5: the filter ends, expected =" },
		{ "kind =", "column 7: the filter ends, expected a value" },
		{ "kind track", "column 6: found \"track\", expected =" },
		{ "kind = track genre = pop",
			"column 14: found \"genre = pop\", expected AND, OR" },
		{ "(kind = track", "expected AND, OR or )" },
		{ "kind = track)", "column 13" },
		{ "gnre = pop", "genre" },
		{ "title = x", "field title is text" },
		{ "popularity = many", "expected a number for popularity" },
		{ "popularity 5..many", "expected a number for popularity" },
		{ "released = soon", "expected a date" },
		{ "released = 2008-13", "expected a date" },
		{ "genre > pop", "takes =" },
		{ "genre >= 2 pop", "a weight from 0 to 1" },
		{ "genre >= 0.5", "expected a value" },
		{ "kind < track", "takes =" },
		{ "kind a..b", "low..high is for numbers" },
		{ "id = 'open", "column 6: the quote is not closed" },
		{ "kind IN track", "( after IN" },
		{ "kind IN (a b)", ", or )" },
		{ "kind = track AND", "the filter ends" },
		{ "NOT", "the filter ends" },
		{ "popularity ! 5", "expected =" },
	};
	struct error err;
	struct filter *f;
	struct small s;
	size_t i;

	small_open(&s, conf, NULL);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&err, 0, sizeof(err));
		if (filter_parse(&f, s.schema, slice_str(cases[i].text), s.arena, &err) >= 0 ||
			!strstr(err.text, cases[i].part))
			check_fail(__FILE__, __LINE__, "%s: \"%s\" lacks \"%s\"", cases[i].text,
				err.text, cases[i].part);
	}
	small_close(&s);
}

TEST(deep_and_long_filters_meet_their_limits)
{
	char text[8192] = "";
	struct error err = { 0 };
	struct filter *f;
	struct small s;
	int i;

	small_open(&s, conf, NULL);
	for (i = 0; i < 1000; i++)
		strcat(text, "(");
	CHECK_INT(filter_parse(&f, s.schema, slice_str(text), s.arena, &err), ERR_LIMIT);
	strcpy(text, "id IN (a");
	for (i = 0; i < 1000; i++)
		strcat(text, ",a");
	strcat(text, ")");
	CHECK_INT(filter_parse(&f, s.schema, slice_str(text), s.arena, &err), ERR_LIMIT);
	small_close(&s);
}

TEST(a_damaged_list_of_a_filter_is_told)
{
	struct match word = { .kind = MATCH_TERM, .text = SLICE_LIT("red"), .weight = 1 };
	struct plan plan = { .match = &word }, every = { 0 };
	struct error err = { 0 };
	struct search_result found;
	struct small s;
	struct txn *txn;
	struct key key;

	small_open(&s, conf, rows);
	reader_end(s.reader);
	key = key_term(s.catalogue->numbers[0], GROUP_KIND, SLICE_LIT("track"));
	CHECK_OK(store_begin(&txn, catalogue_store(s.catalogue), STORE_WRITE, &err), err);
	CHECK_OK(store_put(txn, TABLE_TERMS, key_slice(&key),
			 SLICE_LIT("\2\1\2\177rubbish rubbish"), &err),
		err);
	CHECK_OK(store_commit(txn, &err), err);
	CHECK_OK(reader_begin(s.reader, &err), err);
	s.view = reader_view(s.reader, 0);
	struct search_env env = { .view = s.view, .arena = s.arena };
	CHECK_OK(filter_parse(&plan.where, s.schema, SLICE_LIT("NOT kind = track"), s.arena, &err),
		err);
	every.where = plan.where;
	CHECK_INT(search_run(&env, &plan, NULL, 5, &found, &err), ERR_CORRUPT);
	CHECK_INT(search_run(&env, &every, NULL, 5, &found, &err), ERR_CORRUPT);
	CHECK(strstr(err.text, "damaged") != NULL);
	small_close(&s);
}
