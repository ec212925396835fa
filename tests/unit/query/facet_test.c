/* Counts of values, against counting by hand. */
#include "small.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/rng.h"
#include "query/facet.h"

static const char conf[] = "field title text\n"
			   "field genre tags\n"
			   "field popularity number\n"
			   "field released date\n"
			   "field maker ref prefix=maker:\n"
			   "field label tags\n"
			   "kind kind\n";

static const char *const rows[] = {
	"a",
	"{\"title\":\"red shoes\",\"genre\":[\"Hip Hop\",\"pop\",\"POP\"],\"popularity\":70,"
	"\"released\":\"2008-11-11\",\"maker\":\"m1\",\"kind\":\"Track\"}",
	"b",
	"{\"title\":\"blue shoes\",\"genre\":{\"Pop\":0.2,\"soul\":1},\"popularity\":75,"
	"\"released\":\"2008\",\"maker\":[\"m1\",\"m2\"],\"kind\":\"track\"}",
	"c",
	"{\"title\":\"green shoes\",\"genre\":\"hip hop\",\"popularity\":-5,"
	"\"released\":\"2010-01-02\",\"kind\":\"album\"}",
	"d",
	"{\"title\":\"nothing known\"}",
	NULL,
};

/* The facets of all documents that have the word, or of all, as "value count, ..." */
static void facets_of(struct small *s, const char *word, const char *text, char *out, size_t room)
{
	struct search_env env = { .view = s->view, .arena = s->arena };
	struct match m = { .kind = MATCH_TERM, .text = slice_str(word), .weight = 1 };
	struct plan plan = { .match = *word ? &m : NULL };
	const struct plan *plans[] = { &plan };
	struct matches matches;
	struct facet facet;
	struct facet_counts counts;
	struct error err = { 0 };
	size_t n = 0;
	int i;

	CHECK_OK(facet_parse(&facet, s->schema, slice_str(text), &err), err);
	CHECK_OK(matches_find(&env, plans, 1, NULL, 0, &matches, &err), err);
	CHECK(facets_count(s->view, s->arena, &facet, 1, &matches, 0, &counts));
	out[0] = '\0';
	for (i = 0; i < counts.count; i++) {
		const struct facet_value *v = &counts.values[i];

		n += v->text.len ? snprintf(out + n, room - n, "%.*s %d, ", SLICE_ARG(v->text),
					   (int)v->count)
				 : snprintf(out + n, room - n, "%g %d, ", v->from, (int)v->count);
	}
	if (n)
		out[n - 2] = '\0';
}

TEST(values_are_counted_as_they_are_written_the_commonest_first)
{
	static const struct {
		const char *word, *facet, *want;
	} cases[] = {
		{ "", "genre", "Hip Hop 2, pop 2, soul 1" },
		{ "", "genre:1", "Hip Hop 2" },
		{ "red", "genre", "Hip Hop 1, pop 1" },
		{ "green", "genre", "hip hop 1" },
		{ "", "kind", "Track 2, album 1" },
		{ "", "maker", "maker:m1 2, maker:m2 1" },
		{ "", "popularity", "-5 1, 70 1, 75 1" },
		{ "", "popularity:10", "-10 1, 70 2" },
		{ "", "popularity:10:1", "70 2" },
		{ "", "popularity:1000", "-1000 1, 0 2" },
		{ "", "released", "2008 2, 2010 1" },
		{ "", "released:year:1", "2008 2" },
		{ "", "released:month", "2008-01 1, 2008-11 1, 2010-01 1" },
		{ "blue", "released:DAY", "2008-01-01 1" },
		{ "nothing", "genre", "" },
		{ "nothing", "popularity:10", "" },
		{ "absent", "kind", "" },
	};
	struct small s;
	char got[256];
	size_t i;

	small_open(&s, conf, rows);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		facets_of(&s, cases[i].word, cases[i].facet, got, sizeof(got));
		if (strcmp(got, cases[i].want))
			check_fail(__FILE__, __LINE__, "%s of \"%s\": \"%s\", not \"%s\"",
				cases[i].facet, cases[i].word, got, cases[i].want);
	}
	small_close(&s);
}

TEST(bad_facets_say_what_was_expected)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{ "", "no field ''" },
		{ "gnre", "did you mean 'genre'" },
		{ "title", "field title is text" },
		{ "genre:", "genre: found \"\", expected how many values, 1 to 1000" },
		{ "genre:0", "expected how many values" },
		{ "kind:1001", "kind: found \"1001\", expected how many values" },
		{ "genre:2.5", "expected how many values" },
		{ "genre:3:3", "expected nothing more" },
		{ "popularity:x",
			"popularity: found \"x\", expected the width of a step, above 0" },
		{ "popularity:0", "expected the width" },
		{ "popularity:-1", "expected the width" },
		{ "popularity:nan", "expected the width" },
		{ "popularity:10:many", "expected how many values" },
		{ "popularity:10:5:1", "expected nothing more" },
		{ "released:week", "there are year, month, day" },
		{ "released:yaer", "did you mean 'year'" },
	};
	struct facet facet;
	struct error err;
	struct small s;
	size_t i;

	small_open(&s, conf, NULL);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&err, 0, sizeof(err));
		if (facet_parse(&facet, s.schema, slice_str(cases[i].text), &err) >= 0 ||
			!strstr(err.text, cases[i].part))
			check_fail(__FILE__, __LINE__, "%s: \"%s\" lacks \"%s\"", cases[i].text,
				err.text, cases[i].part);
	}
	small_close(&s);
}

TEST(counts_say_when_time_was_out)
{
	struct facet facets[3];
	struct facet_counts counts[3];
	struct plan every = { 0 };
	const struct plan *plans[] = { &every };
	struct matches m;
	struct error err = { 0 };
	struct small s;

	small_open(&s, conf, rows);
	struct search_env env = { .view = s.view, .arena = s.arena };
	CHECK_OK(matches_find(&env, plans, 1, NULL, 0, &m, &err), err);
	CHECK_OK(facet_parse(&facets[0], s.schema, SLICE_LIT("popularity"), &err), err);
	CHECK_OK(facet_parse(&facets[1], s.schema, SLICE_LIT("genre"), &err), err);
	CHECK(!facets_count(s.view, s.arena, facets, 1, &m, clock_mono_us(), counts));
	CHECK_INT(counts[0].count, 0);
	CHECK(facets_count(s.view, s.arena, facets, 2, &m, clock_mono_us() + 60000000, counts));
	CHECK_INT(counts[0].count, 3);
	CHECK_INT(counts[1].count, 3);
	small_close(&s);
}

/* ---- many documents ---- */

#define DOCS   9000
#define GENRES 40
#define MAKERS 2000
#define LABELS 9000

struct known {
	uint32_t doc;
	int genres[3], count, maker, popularity, month, label;
};

static void put(struct small *s, struct rng *rng, struct known *known)
{
	struct error err = { 0 };
	struct batch *batch;
	char json[512], id[16];
	int i, j, n, g;

	reader_end(s->reader);
	CHECK_OK(batch_begin(&batch, s->catalogue, &err), err);
	for (i = 0; i < DOCS; i++) {
		struct known *d = &known[i];

		n = sprintf(json, "{\"title\":\"%s\",\"genre\":[",
			rng_below(rng, 50) ? "often" : "seldom");
		d->count = rng_below(rng, 4);
		for (j = 0; j < d->count; j++) {
			double u = rng_double(rng);

			d->genres[j] = g = (int)(GENRES * u * u);
			n += sprintf(json + n, "%s\"G%02d\"", j ? "," : "", g);
		}
		d->maker = rng_below(rng, rng_below(rng, 2) ? MAKERS : 20);
		d->popularity = rng_below(rng, 100);
		d->month = rng_below(rng, 240);
		d->label = rng_below(rng, rng_below(rng, 9) ? LABELS : 15);
		sprintf(json + n,
			"],\"label\":\"L%d\",\"maker\":\"%d\",\"popularity\":%d,\"released\":\"%d-%02d-17\"}",
			d->label, d->maker, d->popularity, 1990 + d->month / 12, d->month % 12 + 1);
		sprintf(id, "d%d", i);
		CHECK_OK(batch_put(batch, 0, slice_str(id), slice_str(json), &err), err);
	}
	CHECK_OK(batch_commit(batch, &err), err);
	CHECK_OK(reader_begin(s->reader, &err), err);
	s->view = reader_view(s->reader, 0);
	for (i = 0; i < DOCS; i++) {
		sprintf(id, "d%d", i);
		known[i].doc = view_doc(s->view, slice_str(id));
	}
}

static void check_counts(const struct facet_counts *got, const int *counts, int n, int limit,
	int (*value)(const struct facet_value *), const char *what)
{
	int i, j, above, positive = 0;

	for (i = 0; i < n; i++)
		positive += counts[i] > 0;
	CHECK_INT(got->count, positive < limit ? positive : limit);
	for (i = 0; i < got->count; i++) {
		int v = value(&got->values[i]);

		if (v < 0 || v >= n || got->values[i].count != (uint64_t)counts[v])
			check_fail(__FILE__, __LINE__, "%s: value %d has %d", what, v,
				(int)got->values[i].count);
		/* none that is left out has more */
		for (j = above = 0; j < n; j++)
			above += counts[j] > counts[v];
		CHECK(above < limit);
	}
}

static int genre_of(const struct facet_value *v)
{
	return v->text.ptr[0] == 'G' ? atoi(v->text.ptr + 1) : -1;
}

static int maker_of(const struct facet_value *v)
{
	return slice_starts(v->text, SLICE_LIT("maker:")) ? atoi(v->text.ptr + 6) : -1;
}

static int label_of(const struct facet_value *v)
{
	return atoi(v->text.ptr + 1);
}

static int step_of(const struct facet_value *v)
{
	return v->from / 7;
}

static int month_of(const struct facet_value *v)
{
	return (atoi(v->text.ptr) - 1990) * 12 + atoi(v->text.ptr + 5) - 1;
}

TEST(counts_are_those_of_counting_by_hand)
{
	static const char *const texts[] = { "genre:7", "maker:30", "popularity:7",
		"released:month:20", "label:12" };
	struct known *known = calloc(DOCS, sizeof(*known));
	int *counts[5], i, j, round;
	struct error err = { 0 };
	struct facet facets[5];
	struct facet_counts got[5];
	struct matches m;
	struct small s;
	struct rng rng;

	rng_init(&rng, 3);
	small_open(&s, conf, NULL);
	put(&s, &rng, known);
	for (i = 0; i < 5; i++) {
		counts[i] = calloc(LABELS, sizeof(int));
		CHECK_OK(facet_parse(&facets[i], s.schema, slice_str(texts[i]), &err), err);
	}
	for (round = 0; round < 20; round++) {
		struct search_env env = { .view = s.view, .arena = s.arena };
		/* few documents are read, of many the lists are, if there are not too many */
		static const int shares[] = { 100, 20, 4, 2, 1 };
		int share = shares[round % 5];

		CHECK_OK(matches_find(&env, NULL, 0, NULL, 0, &m, &err), err);
		for (i = 0; i < 5; i++)
			memset(counts[i], 0, LABELS * sizeof(int));
		for (i = 0; i < DOCS; i++) {
			if (rng_below(&rng, share))
				continue;
			matches_add(&m, known[i].doc);
			counts[1][known[i].maker]++;
			counts[2][known[i].popularity / 7]++;
			counts[3][known[i].month]++;
			counts[4][known[i].label]++;
			for (j = 0; j < known[i].count; j++) {
				int g = known[i].genres[j];

				if ((j < 1 || known[i].genres[0] != g) &&
					(j < 2 || known[i].genres[1] != g))
					counts[0][g]++;
			}
		}
		CHECK(facets_count(s.view, s.arena, facets, 5, &m, 0, got));
		check_counts(&got[0], counts[0], GENRES, 7, genre_of, "genre");
		check_counts(&got[1], counts[1], MAKERS, 30, maker_of, "maker");
		check_counts(&got[2], counts[2], 15, 100, step_of, "popularity");
		check_counts(&got[3], counts[3], 240, 20, month_of, "released");
		check_counts(&got[4], counts[4], LABELS, 12, label_of, "label");
		for (i = 1; i < got[3].count; i++)
			CHECK(month_of(&got[3].values[i - 1]) < month_of(&got[3].values[i]));
		arena_reset(s.arena);
	}
	for (i = 0; i < 5; i++)
		free(counts[i]);
	free(known);
	small_close(&s);
}

/* Reading would be sooner done, but its table has no room for so many values. */
TEST(more_values_than_a_table_holds_are_counted_by_their_lists)
{
	struct matches m;
	struct facet facet;
	struct facet_counts got;
	struct error err = { 0 };
	struct buf json = { 0 };
	struct batch *batch;
	struct small s;
	int d, t, values = 100, docs = FACET_VALUES_MAX / values + 50;
	char id[16];

	small_open(&s, conf, NULL);
	reader_end(s.reader);
	CHECK_OK(batch_begin(&batch, s.catalogue, &err), err);
	for (d = 0; d < docs; d++) {
		buf_reset(&json);
		buf_printf(&json, "{\"label\":[\"All\"%s", d % 2 ? ",\"Half\"" : "");
		for (t = 0; t < values; t++)
			buf_printf(&json, ",\"v%d\"", d * values + t);
		buf_puts(&json, "]}");
		sprintf(id, "d%d", d);
		CHECK_OK(batch_put(batch, 0, slice_str(id), buf_slice(&json), &err), err);
	}
	CHECK_OK(batch_commit(batch, &err), err);
	CHECK_OK(reader_begin(s.reader, &err), err);
	s.view = reader_view(s.reader, 0);
	CHECK_OK(facet_parse(&facet, s.schema, SLICE_LIT("label:3"), &err), err);
	CHECK_OK(matches_find(&(struct search_env){ .view = s.view, .arena = s.arena }, NULL, 0,
			 NULL, 0, &m, &err),
		err);
	for (d = 0; d < docs; d++) {
		sprintf(id, "d%d", d);
		matches_add(&m, view_doc(s.view, slice_str(id)));
	}
	CHECK(facets_count(s.view, s.arena, &facet, 1, &m, 0, &got));
	CHECK_INT(got.count, 3);
	CHECK(slice_is(got.values[0].text, "All") && slice_is(got.values[1].text, "Half"));
	CHECK_INT(got.values[0].count, docs);
	CHECK_INT(got.values[1].count, docs / 2);
	CHECK_INT(got.values[2].count, 1);
	buf_clear(&json);
	small_close(&s);
}
