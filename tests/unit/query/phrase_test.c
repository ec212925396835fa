/* phrase_test.c -- words in order and near each other, against the text itself. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "query/search.h"
#include "small.h"

#define DOCS   6000 /* two segments */
#define LENGTH 12
#define WORDS  12

static const char conf[] = "field title text\nfield body text positions=no\n"
			   "field names text from=names\n";

struct text {
	int words[LENGTH], count; /* of title */
	int names[2][4];          /* a list of two values of four words */
};

static struct text texts[DOCS];

/* Some choice of places, one a word, each its own, tried one by one: in order with at most
 * `slop` between, or first and last at most so far apart.  has[i], want[t]: sets. */
static bool brute(const uint32_t *want, int n, const uint32_t *has, int count, int t, int *at,
	bool near, int slop)
{
	int i, j, low = 99, high = -1;

	if (t == n) {
		for (i = 0; i < n; i++) {
			low = at[i] < low ? at[i] : low;
			high = at[i] > high ? at[i] : high;
		}
		return near ? high - low <= slop : high - low - (n - 1) <= slop;
	}
	for (i = 0; i < count; i++) {
		if (!(has[i] & want[t]) || (!near && t && i <= at[t - 1]))
			continue;
		for (j = 0; j < t && at[j] != i; j++)
			;
		at[t] = i;
		if (j == t && brute(want, n, has, count, t + 1, at, near, slop))
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
		snprintf(json, sizeof(json),
			"{\"title\":\"%s\",\"body\":\"%s\",\"names\":[\"%s\",\"%s\"]}", title,
			title, names[0], names[1]);
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
	uint32_t wants[4], has[LENGTH];
	int round, n, i, d, want[4], at[4], found;

	rng_init(&rng, 3);
	small_open(&s, conf, NULL);
	fill(&s, &rng);
	for (round = 0; round < 200; round++) {
		struct search_env env = { .view = s.view, .arena = s.arena };
		struct match m = { .kind = rng_below(&rng, 2) ? MATCH_PHRASE : MATCH_NEAR,
			.weight = 1,
			.slop = rng_below(&rng, 4),
			.fields = round % 2 ? 1 : 4 };
		struct plan plan = { .match = &m };
		struct search_result got;
		bool *hit = calloc(DOCS, sizeof(*hit));
		size_t j;

		n = 2 + rng_below(&rng, 2);
		for (i = 0; i < n; i++)
			want[i] = (rng_below(&rng, WORDS) + i) % WORDS;
		for (i = 0; i < n; i++)
			wants[i] = 1u << want[i];
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
				const int *text =
					m.fields == 1 ? texts[d].words : texts[d].names[i];
				int count = m.fields == 1 ? texts[d].count : 4;

				for (j = 0; j < (size_t)count; j++)
					has[j] = 1u << text[j];
				is = is || brute(wants, n, has, count, 0, at, m.kind == MATCH_NEAR,
						   m.slop);
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
	static const char *const rows[] = { "a", "{\"title\":\"one two\",\"body\":\"three four\"}",
		NULL };
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

/* ---- words of several forms ---- */

#define BASES    5
#define VARIANTS 6           /* wa, wá, wa's, wá's, was, wás */
#define FORMS    (BASES * 4) /* by base: wa, wá, was, wás */

static const char *const plain_letters[] = { "a", "e", "i", "o", "u" };
static const char *const accented[] = { "á", "é", "í", "ó", "ú" };

struct said {
	int base, variant;
};

static struct said draw(struct rng *rng)
{
	return (struct said){ rng_below(rng, BASES), rng_below(rng, VARIANTS) };
}

static size_t say_word(char *out, struct said w)
{
	static const char *const ends[] = { "", "'s", "s" };

	return sprintf(out, "w%s%s ", (w.variant & 1 ? accented : plain_letters)[w.base],
		ends[w.variant / 2]);
}

/* Its forms, a bit each: what the field with accents=both has, or the plain one. */
static uint32_t forms_of(struct said w, bool both)
{
	static const unsigned of[VARIANTS] = { 1, 3, 5, 15, 4, 12 };

	return (both ? of[w.variant] : of[w.variant] & 5) << 4 * w.base;
}

static uint32_t within_one_edit(struct said w)
{
	uint32_t out = 0;
	int base, form;
	bool s = w.variant >= 2;

	for (base = 0; base < BASES; base++)
		for (form = 0; form < 4; form++)
			if ((form / 2 == s) || (base == w.base && form % 2 == 0))
				out |= 1u << (4 * base + form);
	return out;
}

/* A word of the query: what it matches, and how it is asked. */
struct asked {
	struct said word, also;
	enum match_kind kind;
	bool synonym;
};

static uint32_t wanted(const struct asked *a, bool both)
{
	uint32_t forms = forms_of(a->word, both);

	if (a->kind == MATCH_PREFIX)
		forms = (a->word.variant < 2 ? 15u & 5 : 4u) << 4 * a->word.base;
	if (a->kind == MATCH_FUZZY)
		forms |= within_one_edit(a->word);
	return forms | (a->synonym ? forms_of(a->also, both) : 0);
}

static struct match *ask(struct arena *arena, const struct asked *a)
{
	struct match *m = arena_calloc(arena, 1, sizeof(*m));
	char text[32];

	m->kind = a->kind;
	m->weight = 1;
	m->edits = a->kind == MATCH_FUZZY;
	m->text = arena_slice(arena, slice_of(text, say_word(text, a->word) - 1));
	if (a->synonym) {
		m->also = arena_calloc(arena, 1, sizeof(*m->also));
		m->also[m->also_count++] =
			arena_slice(arena, slice_of(text, say_word(text, a->also) - 1));
	}
	return m;
}

#define VARIED 4500

static struct said varied[VARIED][8];
static int lengths[VARIED];

static void fill_varied(struct small *s, struct rng *rng)
{
	struct error err = { 0 };
	struct batch *batch;
	char json[256], id[16];
	size_t n;
	int d, i;

	reader_end(s->reader);
	CHECK_OK(batch_begin(&batch, s->catalogue, &err), err);
	for (d = 0; d < VARIED; d++) {
		lengths[d] = 1 + rng_below(rng, 8);
		n = sprintf(json, "{\"both\":\"");
		for (i = 0; i < lengths[d]; i++)
			n += say_word(json + n, varied[d][i] = draw(rng));
		sprintf(json + n, "\"}");
		sprintf(id, "d%d", d);
		CHECK_OK(batch_put(batch, 0, slice_str(id), slice_str(json), &err), err);
	}
	CHECK_OK(batch_commit(batch, &err), err);
	CHECK_OK(reader_begin(s->reader, &err), err);
	s->view = reader_view(s->reader, 0);
}

TEST(any_form_of_each_word_stands_at_its_place)
{
	static const enum match_kind kinds[] = { MATCH_TERM, MATCH_TERM, MATCH_PREFIX,
		MATCH_FUZZY };
	struct error err = { 0 };
	struct small s;
	struct rng rng;
	int round, n, i, d, f, at[3];

	rng_init(&rng, 5);
	small_open(&s, "field both text accents=both\nfield plain text from=both\n", NULL);
	fill_varied(&s, &rng);
	for (round = 0; round < 400; round++) {
		struct search_env env = { .view = s.view, .arena = s.arena };
		struct match m = { .weight = 1,
			.slop = rng_below(&rng, 3),
			.fields = rng_below(&rng, 4) };
		struct plan plan = { .match = &m };
		struct search_result got;
		struct asked asked[3];
		uint32_t want[3], has[8];
		bool parts = round % 2, *hit = calloc(VARIED, sizeof(*hit));
		char text[64];
		size_t len = 0, found = 0, j;

		m.kind = rng_below(&rng, 2) ? MATCH_PHRASE : MATCH_NEAR;
		m.slop += m.kind == MATCH_NEAR;
		m.kids = arena_calloc(s.arena, 3, sizeof(*m.kids));
		n = 2 + rng_below(&rng, 2);
		for (i = 0; i < n; i++) {
			asked[i] = (struct asked){ draw(&rng), draw(&rng), MATCH_TERM, false };
			len += say_word(text + len, asked[i].word);
			if (!parts)
				continue;
			asked[i].kind = kinds[rng_below(&rng, 4)];
			asked[i].synonym = asked[i].kind == MATCH_TERM && rng_below(&rng, 2);
			m.kids[m.kid_count++] = ask(s.arena, &asked[i]);
		}
		if (!parts)
			m.text = slice_of(text, len);
		CHECK_OK(search_run(&env, &plan, NULL, DEPTH_MAX, &got, &err), err);
		for (j = 0; j < got.count; j++)
			hit[atoi(view_id(s.view, got.hits[j].doc).ptr + 1)] = true;
		for (d = 0; d < VARIED; d++) {
			bool is = false;

			for (f = 0; f < 2; f++) {
				if (m.fields && !(m.fields >> f & 1))
					continue;
				for (i = 0; i < n; i++)
					want[i] = wanted(&asked[i], !f);
				for (i = 0; i < lengths[d]; i++)
					has[i] = forms_of(varied[d][i], !f);
				is = is || brute(want, n, has, lengths[d], 0, at,
						   m.kind == MATCH_NEAR, m.slop);
			}
			found += is;
			if (hit[d] != is && (hit[d] || got.count < DEPTH_MAX))
				check_fail(__FILE__, __LINE__, "round %d: d%d %s", round, d,
					is ? "is missing" : "should not be there");
		}
		CHECK_INT(got.count, found < DEPTH_MAX ? found : DEPTH_MAX);
		free(hit);
		arena_reset(s.arena);
	}
	small_close(&s);
}
