/* phrase_test.c -- words in order and near each other, against the text itself. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "query/search.h"
#include "small.h"

#define DOCS 6000 /* two segments */
#define LENGTH 12
#define WORDS 12

static const char conf[] = "field title text\nfield body text positions=no\n"
			   "field names text from=names\n";

struct text {
	int words[LENGTH], count; /* of title */
	int names[2][4];          /* a list of two values of four words */
};

static struct text texts[DOCS];

/* Three words of the field from `place` on, one after the other, `slop` between. */
static bool brute_phrase(const int *words, int count, const int *want, int n, int slop)
{
	int i, t, at, place;

	for (i = 0; i < count; i++) {
		if (words[i] != want[0])
			continue;
		for (t = 1, place = i; t < n; t++) {
			for (at = place + 1; at < count && words[at] != want[t]; at++)
				;
			if (at >= count)
				break;
			place = at;
		}
		if (t == n && place - i - (n - 1) <= slop)
			return true;
	}
	return false;
}

/* Some choice of places, one a word, first and last at most `within` apart. */
static bool brute_near(const int *words, int count, const int *want, int n, int within)
{
	int low, i, t;

	for (low = 0; low < count; low++) {
		for (t = 0; t < n; t++) {
			for (i = low; i < count && i <= low + within && words[i] != want[t]; i++)
				;
			if (i == count || i > low + within)
				break;
		}
		if (t == n)
			return true;
	}
	return false;
}

static size_t say(char *out, const int *words, int count)
{
	size_t n = 0;
	int i;

	out[0] = '\0';
	for (i = 0; i < count; i++)
		n += sprintf(out + n, "w%c ", 'a' + words[i]);
	return n;
}

static void fill(struct small *s, struct rng *rng)
{
	char title[128], names[2][64], json[512], id[16];
	struct error err = { 0 };
	struct batch *batch;
	int d, i;

	reader_end(s->reader);
	CHECK_OK(batch_begin(&batch, s->catalogue, &err), err);
	for (d = 0; d < DOCS; d++) {
		texts[d].count = rng_below(rng, LENGTH + 1);
		for (i = 0; i < texts[d].count; i++)
			texts[d].words[i] = rng_below(rng, 1 + rng_below(rng, WORDS));
		for (i = 0; i < 8; i++)
			texts[d].names[i / 4][i % 4] = rng_below(rng, WORDS);
		say(title, texts[d].words, texts[d].count);
		say(names[0], texts[d].names[0], 4);
		say(names[1], texts[d].names[1], 4);
		snprintf(json, sizeof(json), "{\"title\":\"%s\",\"body\":\"%s\",\"names\":[\"%s\",\"%s\"]}",
			title, title, names[0], names[1]);
		snprintf(id, sizeof(id), "d%d", d);
		CHECK_OK(batch_put(batch, 0, slice_str(id), slice_str(json), &err), err);
	}
	CHECK_OK(batch_commit(batch, &err), err);
	CHECK_OK(reader_begin(s->reader, &err), err);
	s->view = reader_view(s->reader, 0);
}

TEST(phrases_and_nearness_equal_brute_force_over_the_text)
{
	struct error err = { 0 };
	struct small s;
	struct rng rng;
	char words[64];
	int round, n, i, d, want[4], found;

	rng_init(&rng, 3);
	small_open(&s, conf, NULL);
	fill(&s, &rng);
	for (round = 0; round < 200; round++) {
		struct search_env env = { .view = s.view, .arena = s.arena };
		struct match m = { .kind = rng_below(&rng, 2) ? MATCH_PHRASE : MATCH_NEAR,
			.weight = 1, .slop = rng_below(&rng, 4), .fields = round % 2 ? 1 : 4 };
		struct plan plan = { .match = &m };
		struct search_result got;
		bool *hit = calloc(DOCS, sizeof(*hit));
		size_t j;

		n = 2 + rng_below(&rng, 2);
		for (i = 0; i < n; i++)
			want[i] = (rng_below(&rng, WORDS) + i) % WORDS;
		if (m.kind == MATCH_NEAR && (want[0] == want[1] || want[n - 1] == want[0] ||
						    want[n - 1] == want[n - 2]) && n > 2)
			n = 2;
		say(words, want, n);
		m.text = slice_str(words);
		CHECK_OK(search_run(&env, &plan, NULL, DEPTH_MAX, &got, &err), err);
		for (j = 0; j < got.count; j++) {
			struct slice id = view_id(s.view, got.hits[j].doc);

			hit[atoi(id.ptr + 1)] = true;
		}
		for (d = found = 0; d < DOCS; d++) {
			bool is = false;

			for (i = 0; i < 2; i++) {
				const int *text = m.fields == 1 ? texts[d].words : texts[d].names[i];
				int count = m.fields == 1 ? texts[d].count : 4;

				is = is || (m.kind == MATCH_PHRASE
						? brute_phrase(text, count, want, n, m.slop)
						: brute_near(text, count, want, n, m.slop));
			}
			found += is;
			if (got.count < DEPTH_MAX)
				CHECK_INT(hit[d], is);
			else if (hit[d])
				CHECK(is);
		}
		if (got.count < DEPTH_MAX)
			CHECK_INT(got.count, found);
		free(hit);
		arena_reset(s.arena);
	}
	small_close(&s);
}

TEST(a_field_without_positions_has_no_phrases)
{
	static const char *const rows[] = { "a", "{\"title\":\"one two\",\"body\":\"three four\"}", NULL };
	struct error err = { 0 };
	struct search_result got;
	struct small s;
	struct match m = { .kind = MATCH_PHRASE, .weight = 1, .text = SLICE_LIT("three four") };
	struct plan plan = { .match = &m };
	struct search_env env;

	small_open(&s, conf, rows);
	env = (struct search_env){ .view = s.view, .arena = s.arena };
	CHECK_OK(search_run(&env, &plan, NULL, 10, &got, &err), err);
	CHECK_INT(got.count, 0);
	m.text = SLICE_LIT("one two");
	CHECK_OK(search_run(&env, &plan, NULL, 10, &got, &err), err);
	CHECK_INT(got.count, 1);
	m.text = SLICE_LIT("two one");
	CHECK_OK(search_run(&env, &plan, NULL, 10, &got, &err), err);
	CHECK_INT(got.count, 0);
	m.text = SLICE_LIT("two"); /* of one word: that word */
	CHECK_OK(search_run(&env, &plan, NULL, 10, &got, &err), err);
	CHECK_INT(got.count, 1);
	small_close(&s);
}
