#include "small.h"

#include <stdlib.h>

#include "base/rng.h"
#include "index/postings.h"
#include "text/edit.h"

static const char conf[] =
	"field title text weight=3 exact=yes\n"
	"field body text weight=1\n"
	"field genre tags\n"
	"field popularity number bias=0.02\n"
	"field released date\n"
	"kind kind\n";

#define WORDS 600
#define DOCS 20000

/* A document as the test knows it. */
struct known {
	bool live;
	uint32_t doc;
	int title[6], titles, body[40], bodies;
	int genre, kind, popularity;
	double genre_weight;
};

struct world {
	struct small s;
	struct known docs[DOCS];
	int count;
	struct rng rng;
	int titles[WORDS], df[WORDS]; /* documents having the word in title; at all */
	double average[2];
};

static int word_draw(struct rng *rng)
{
	double u = rng_double(rng);

	u *= u;
	return (int)(WORDS * u * u * u); /* word 0 is common, the last are rare */
}

static const char *word_text(int w)
{
	static char room[8][8];
	static int at;
	char *text = room[at++ % 8];

	snprintf(text, 8, "w%c%cx", 'a' + w / 26, 'a' + w % 26);
	return text;
}

static void put(struct world *w, struct batch *batch, int i)
{
	struct known *d = &w->docs[i];
	struct error err = { 0 };
	char json[2048], id[16];
	int n, j;

	memset(d, 0, sizeof(*d));
	d->live = true;
	d->titles = 1 + rng_below(&w->rng, 5);
	d->bodies = rng_below(&w->rng, 30);
	d->genre = rng_below(&w->rng, 4);
	d->genre_weight = (1 + rng_below(&w->rng, 255)) / 255.0;
	d->kind = rng_below(&w->rng, 3);
	d->popularity = rng_below(&w->rng, 10) * 10;
	n = snprintf(json, sizeof(json), "{\"title\":\"");
	for (j = 0; j < d->titles; j++)
		n += snprintf(json + n, sizeof(json) - n, "%s ",
			word_text(d->title[j] = word_draw(&w->rng)));
	n += snprintf(json + n, sizeof(json) - n, "\",\"body\":\"");
	for (j = 0; j < d->bodies; j++)
		n += snprintf(json + n, sizeof(json) - n, "%s ",
			word_text(d->body[j] = word_draw(&w->rng)));
	snprintf(json + n, sizeof(json) - n,
		"\",\"genre\":{\"g%d\":%.17g},\"popularity\":%d,\"kind\":\"k%d\","
		"\"released\":\"20%02d-01-01\"}",
		d->genre, d->genre_weight, d->popularity, d->kind, d->popularity / 10 + 10);
	snprintf(id, sizeof(id), "d%d", i);
	CHECK_OK(batch_put(batch, 0, slice_str(id), slice_str(json), &err), err);
}

static void world_open(struct world *w, uint64_t seed, int count)
{
	struct error err = { 0 };
	struct batch *batch;
	struct known *d;
	double tokens[2] = { 0 };
	int i, j, having[2] = { 0 };
	char id[16];

	memset(w, 0, sizeof(*w));
	rng_init(&w->rng, seed);
	w->count = count;
	small_open(&w->s, conf, NULL);
	reader_end(w->s.reader);
	CHECK_OK(batch_begin(&batch, w->s.catalogue, &err), err);
	for (i = 0; i < count; i++)
		put(w, batch, i);
	CHECK_OK(batch_commit(batch, &err), err);
	/* some are replaced, some deleted */
	CHECK_OK(batch_begin(&batch, w->s.catalogue, &err), err);
	for (i = 0; i < count; i++) {
		if (rng_below(&w->rng, 8) == 0) {
			put(w, batch, i);
		} else if (rng_below(&w->rng, 8) == 0) {
			snprintf(id, sizeof(id), "d%d", i);
			CHECK_INT(batch_del(batch, 0, slice_str(id), &err), 1);
			w->docs[i].live = false;
		}
	}
	CHECK_OK(batch_commit(batch, &err), err);
	CHECK_OK(reader_begin(w->s.reader, &err), err);
	w->s.view = reader_view(w->s.reader, 0);
	for (i = 0; i < count; i++) {
		bool seen[WORDS] = { false }, titled[WORDS] = { false };

		d = &w->docs[i];
		snprintf(id, sizeof(id), "d%d", i);
		d->doc = view_doc(w->s.view, slice_str(id));
		CHECK_INT(d->doc != DOC_NONE, d->live);
		if (!d->live)
			continue;
		for (j = 0; j < d->titles; j++)
			seen[d->title[j]] = titled[d->title[j]] = true;
		for (j = 0; j < d->bodies; j++)
			seen[d->body[j]] = true;
		for (j = 0; j < WORDS; j++) {
			w->df[j] += seen[j];
			w->titles[j] += titled[j];
		}
		tokens[0] += d->titles;
		tokens[1] += d->bodies;
		having[0]++;
		having[1] += d->bodies > 0;
	}
	w->average[0] = having[0] ? tokens[0] / having[0] : 0;
	w->average[1] = having[1] ? tokens[1] / having[1] : 0;
}

static int tf_of(const int *words, int n, int word)
{
	int i, tf = 0;

	for (i = 0; i < n; i++)
		tf += words[i] == word;
	return tf;
}

/* The closed form; only fields of the mask (0: both). */
static double bm25f(const struct world *w, const struct known *d, int word, int mask,
	double k1, double b, double wt, double wb)
{
	double n = view_stats(w->s.view)->docs, df = w->df[word], tf = 0;
	double lt = length_decode(length_encode(d->titles));
	double lb = length_decode(length_encode(d->bodies));

	if (!mask || (mask & 1))
		tf += wt * tf_of(d->title, d->titles, word) / (1 - b + b * lt / w->average[0]);
	if (!mask || (mask & 2))
		tf += wb * tf_of(d->body, d->bodies, word) / (1 - b + b * lb / w->average[1]);
	if (tf == 0)
		return -1;
	return log(1 + (n - df + 0.5) / (df + 0.5)) * tf * (k1 + 1) / (tf + k1);
}

/* A random tree and, beside it, what it means. */
static struct match *tree(struct world *w, int depth)
{
	struct match *m = arena_calloc(w->s.arena, 1, sizeof(*m));
	int n, i;

	m->weight = 0.25f * (1 + rng_below(&w->rng, 8));
	if (depth == 0 || rng_below(&w->rng, 3) == 0) {
		switch (rng_below(&w->rng, 8)) {
		case 0:
			m->kind = MATCH_KIND;
			m->text = slice_str(arena_printf(w->s.arena, "k%d",
				(int)rng_below(&w->rng, 3)));
			return m;
		case 1:
			m->kind = MATCH_TAG;
			m->field = schema_field(w->s.schema, SLICE_LIT("genre"));
			m->text = slice_str(arena_printf(w->s.arena, "g%d",
				(int)rng_below(&w->rng, 4)));
			return m;
		}
		m->kind = MATCH_TERM;
		m->least = word_draw(&w->rng); /* the test's own note */
		m->text = slice_str(arena_strdup(w->s.arena, word_text(m->least)));
		m->fields = rng_below(&w->rng, 3) ? 0 : 1 + rng_below(&w->rng, 2);
		return m;
	}
	n = 1 + rng_below(&w->rng, 4);
	m->kind = MATCH_ALL + rng_below(&w->rng, 3);
	m->kids = arena_calloc(w->s.arena, n + 1, sizeof(*m->kids));
	for (i = 0; i < n; i++)
		m->kids[m->kid_count++] = tree(w, depth - 1);
	m->least = 1 + rng_below(&w->rng, n);
	if (m->kind == MATCH_ALL && rng_below(&w->rng, 2)) {
		struct match *not = arena_calloc(w->s.arena, 1, sizeof(*not));

		not->kind = MATCH_NOT;
		not->weight = 1;
		not->kids = arena_calloc(w->s.arena, 1, sizeof(*not->kids));
		not->kids[not->kid_count++] = tree(w, depth - 1);
		m->kids[m->kid_count++] = not;
	}
	return m;
}

/* Does it match, and what are its words worth? */
static bool meaning(const struct world *w, const struct match *m, const struct known *d,
	double weight, double *worth)
{
	double n = view_stats(w->s.view)->docs, sum = 0, part, df;
	int hits = 0, need, positive = 0, i;

	*worth = 0;
	weight *= m->weight;
	switch (m->kind) {
	case MATCH_TERM:
		part = bm25f(w, d, m->least, m->fields, 1.2, 0.75, 3, 1);
		*worth = part < 0 ? 0 : part * weight;
		return part >= 0;
	case MATCH_KIND:
		return d->kind == m->text.ptr[1] - '0';
	case MATCH_TAG:
		if (d->genre != m->text.ptr[1] - '0')
			return false;
		for (df = 0, i = 0; i < w->count; i++)
			df += w->docs[i].live && w->docs[i].genre == d->genre;
		*worth = weight * log(1 + (n - df + 0.5) / (df + 0.5)) * d->genre_weight;
		return true;
	default:
		break;
	}
	for (i = 0; i < m->kid_count; i++) {
		if (m->kids[i]->kind == MATCH_NOT) {
			if (meaning(w, m->kids[i]->kids[0], d, 1, &part))
				return false;
			continue;
		}
		positive++;
		if (meaning(w, m->kids[i], d, weight, &part)) {
			hits++;
			sum += part;
		}
	}
	need = m->kind == MATCH_ALL ? positive : m->kind == MATCH_ANY ? 1 : m->least;
	if (hits < need)
		return false;
	*worth = sum;
	return true;
}

static void check_same(const struct search_result *got, const struct search_result *want,
	uint64_t seed)
{
	size_t i;

	for (i = 0; i < got->count && i < want->count; i++)
		if (got->hits[i].doc != want->hits[i].doc ||
			got->hits[i].score != want->hits[i].score)
			check_fail(__FILE__, __LINE__,
				"seed %llu, hit %zu: %u at %.9g, exhaustive %u at %.9g",
				(unsigned long long)seed, i, got->hits[i].doc,
				got->hits[i].score, want->hits[i].doc, want->hits[i].score);
	if (got->count != want->count)
		check_fail(__FILE__, __LINE__, "seed %llu: %zu hits, exhaustive %zu",
			(unsigned long long)seed, got->count, want->count);
}

static struct filter *random_filter(struct world *w)
{
	static const char *const texts[] = { "kind = k1", "popularity >= 50",
		"genre >= 0.5 g2", "NOT kind = k0 AND released < 2016",
		"kind IN (k0, k2) AND popularity 20..60", "id IN (d1, d5, d9, d70)",
		"genre = g3 OR popularity = 90" };
	struct error err = { 0 };
	struct filter *f = NULL;

	if (rng_below(&w->rng, 2))
		return NULL;
	CHECK_OK(filter_parse(&f, w->s.schema, slice_str(texts[rng_below(&w->rng, 7)]),
			 w->s.arena, &err), err);
	return f;
}

static int scores_draw(struct world *w, struct score_term *t)
{
	struct error err = { 0 };
	int n = 0;

	if (rng_below(&w->rng, 8))
		t[n++] = (struct score_term){ .kind = SCORE_BM25, .weight = 1 };
	if (rng_below(&w->rng, 2))
		t[n++] = (struct score_term){ .kind = SCORE_QUALITY,
			.weight = 0.5f * (1 + rng_below(&w->rng, 6)) };
	if (rng_below(&w->rng, 4) == 0)
		t[n++] = (struct score_term){ .kind = SCORE_CONST, .weight = 0.5f };
	if (rng_below(&w->rng, 4) == 0)
		t[n++] = (struct score_term){ .kind = SCORE_RECENCY, .weight = 1.5f,
			.half_life_days = 700,
			.field = schema_field(w->s.schema, SLICE_LIT("released")) };
	if (rng_below(&w->rng, 4) == 0) {
		t[n] = (struct score_term){ .kind = SCORE_IS,
			.weight = rng_below(&w->rng, 2) ? 2 : -1 };
		CHECK_OK(filter_parse(&t[n].filter, w->s.schema, SLICE_LIT("kind = k2"),
				 w->s.arena, &err), err);
		n++;
	}
	if (rng_below(&w->rng, 8) == 0)
		t[n++] = (struct score_term){ .kind = SCORE_LOG1P, .weight = 0.1f,
			.field = schema_field(w->s.schema, SLICE_LIT("popularity")) };
	return n;
}

/* Any of 1 to 5 words: the shape that is pruned. */
static struct match *words(struct world *w)
{
	struct match *any = arena_calloc(w->s.arena, 1, sizeof(*any)), *m;
	int n = 1 + rng_below(&w->rng, 5), i;

	any->kind = MATCH_ANY;
	any->weight = 1;
	any->kids = arena_calloc(w->s.arena, n, sizeof(*any->kids));
	for (i = 0; i < n; i++) {
		m = arena_calloc(w->s.arena, 1, sizeof(*m));
		m->kind = rng_below(&w->rng, 6) == 0 ? MATCH_FUZZY : MATCH_TERM;
		m->weight = 0.5f * (1 + rng_below(&w->rng, 3));
		m->text = slice_str(arena_strdup(w->s.arena, word_text(word_draw(&w->rng))));
		m->fields = rng_below(&w->rng, 4) ? 0 : 1 + rng_below(&w->rng, 2);
		any->kids[any->kid_count++] = m;
	}
	return any;
}

TEST(pruned_search_equals_exhaustive_search)
{
	struct world *w = malloc(sizeof(*w));
	struct error err = { 0 };
	/* within one segment of documents, and over several */
	static const int sizes[] = { 300, 3000, 9000, DOCS };
	const char *many = getenv("TOLLER_ROUNDS"); /* of queries a world; make bench: 25,000 */
	int round, rounds = many ? atoi(many) : 300;
	uint64_t seed;

	for (seed = 1; seed <= 4; seed++) {
		world_open(w, seed, sizes[seed - 1]);
		for (round = 0; round < rounds; round++) {
			struct search_env env = { .view = w->s.view, .arena = w->s.arena,
				.now_ms = 1700000000000 };
			struct score_term terms[8];
			struct plan plan = { 0 };
			struct search_result got, want;
			size_t k = 1 + rng_below(&w->rng, 40);

			plan.match = rng_below(&w->rng, 6)   ? words(w)
				     : rng_below(&w->rng, 2) ? tree(w, 3)
							      : NULL;
			plan.where = random_filter(w);
			plan.scores = terms;
			plan.score_count = scores_draw(w, terms);
			CHECK_OK(search_run(&env, &plan, NULL, k, &got, &err), err);
			CHECK_OK(search_exhaustive(&env, &plan, NULL, k, &want, &err), err);
			check_same(&got, &want, seed * 1000000 + round);
			arena_reset(w->s.arena);
		}
		small_close(&w->s);
	}
	free(w);
}

TEST(search_equals_brute_force_over_the_documents)
{
	struct world *w = malloc(sizeof(*w));
	struct error err = { 0 };
	uint64_t seed;
	int round, i;

	for (seed = 11; seed <= 13; seed++) {
		world_open(w, seed, 400);
		for (round = 0; round < 150; round++) {
			struct search_env env = { .view = w->s.view, .arena = w->s.arena };
			struct score_term terms[2] = {
				{ .kind = SCORE_BM25, .weight = 1 },
				{ .kind = SCORE_QUALITY, .weight = rng_below(&w->rng, 3) },
			};
			struct plan plan = { .match = tree(w, 3), .scores = terms, .score_count = 2 };
			struct search_result got;
			double *score = arena_calloc(w->s.arena, w->count, sizeof(*score));
			size_t hits = 0, j;

			plan.where = random_filter(w);
			CHECK_OK(search_run(&env, &plan, NULL, DEPTH_MAX, &got, &err), err);
			for (i = 0; i < w->count; i++) {
				const struct known *d = &w->docs[i];
				struct filter_run *run;
				double worth;
				bool found = false, want;

				if (!d->live)
					continue;
				run = filter_open(w->s.view, w->s.arena, plan.where);
				want = meaning(w, plan.match, d, 1, &worth) &&
				       filter_pass(run, d->doc);
				filter_close(run);
				worth += terms[1].weight * 0.02 * d->popularity;
				for (j = 0; j < got.count; j++)
					if (got.hits[j].doc == d->doc) {
						found = true;
						CHECK_NEAR(got.hits[j].score, worth, 1e-4);
					}
				if (found != want)
					check_fail(__FILE__, __LINE__, "seed %llu: d%d %s",
						(unsigned long long)(seed * 1000 + round), i,
						want ? "is missing" : "should not be there");
				hits += want;
			}
			CHECK_INT(got.count, hits);
			for (j = 1; j < got.count; j++)
				CHECK(scored_before(got.hits[j - 1], got.hits[j]));
			arena_reset(w->s.arena);
		}
		small_close(&w->s);
	}
	free(w);
}

static const char *const few[] = {
	"1", "{\"title\":\"running shoes\",\"body\":\"red\",\"popularity\":10,\"kind\":\"k\"}",
	"2", "{\"title\":\"shoes\",\"body\":\"running running fast\",\"popularity\":90,\"kind\":\"k\"}",
	"3", "{\"title\":\"hats\",\"popularity\":50,\"kind\":\"h\"}",
	NULL,
};

static size_t search_ids(struct small *s, struct plan *plan, size_t k, char *ids)
{
	struct search_env env = { .view = s->view, .arena = s->arena };
	struct search_result got;
	struct error err = { 0 };
	size_t i;

	CHECK_OK(search_run(&env, plan, NULL, k, &got, &err), err);
	for (i = 0; i < got.count; i++)
		ids[i] = view_id(s->view, got.hits[i].doc).ptr[0];
	ids[got.count] = '\0';
	return got.count;
}

TEST(an_absent_match_walks_by_quality)
{
	struct plan plan = { 0 };
	struct small s;
	char ids[8];

	small_open(&s, conf, few);
	search_ids(&s, &plan, 2, ids);
	CHECK_STR(ids, "23");
	plan.where = arena_calloc(s.arena, 1, sizeof(*plan.where));
	plan.where->kind = FILTER_KIND;
	plan.where->text = SLICE_LIT("k");
	search_ids(&s, &plan, 5, ids);
	CHECK_STR(ids, "21");
	small_close(&s);
}

TEST(ids_come_in_their_order_and_once)
{
	struct slice keys[] = { SLICE_LIT("3"), SLICE_LIT("no"), SLICE_LIT("1"), SLICE_LIT("3") };
	struct plan plan = { .source = PLAN_IDS, .keys = keys, .key_count = 4 };
	struct small s;
	char ids[8];

	small_open(&s, conf, few);
	search_ids(&s, &plan, 9, ids);
	CHECK_STR(ids, "31");
	plan.limit = 1;
	search_ids(&s, &plan, 9, ids);
	CHECK_STR(ids, "3");
	small_close(&s);
}

TEST(prefix_fuzzy_and_exact_find_their_words)
{
	struct match m = { .weight = 1 };
	struct plan plan = { .match = &m };
	struct small s;
	char ids[8];

	small_open(&s, conf, few);
	m.kind = MATCH_PREFIX;
	m.text = SLICE_LIT("Running sho");
	search_ids(&s, &plan, 9, ids);
	CHECK_INT(strlen(ids), 2);
	m.kind = MATCH_FUZZY;
	m.text = SLICE_LIT("shose");
	search_ids(&s, &plan, 9, ids);
	CHECK_INT(strlen(ids), 2);
	m.kind = MATCH_EXACT;
	m.text = SLICE_LIT("SHOES");
	search_ids(&s, &plan, 9, ids);
	CHECK_STR(ids, "2");
	m.kind = MATCH_TERM;
	m.text = SLICE_LIT("...");
	search_ids(&s, &plan, 9, ids);
	CHECK_STR(ids, "");
	small_close(&s);
}

TEST(a_not_alone_is_refused)
{
	struct match word = { .kind = MATCH_TERM, .text = SLICE_LIT("shoes"), .weight = 1 };
	struct match nothing = { .kind = MATCH_TERM, .text = SLICE_LIT("!?"), .weight = 1 };
	struct match *one[] = { &word }, *negation[1], *both[2];
	struct match not = { .kind = MATCH_NOT, .kids = one, .kid_count = 1, .weight = 1 };
	struct match all = { .kind = MATCH_ALL, .kids = negation, .kid_count = 1, .weight = 1 };
	struct plan plan = { .match = &not };
	struct search_result got;
	struct error err = { 0 };
	struct small s;

	negation[0] = &not;
	small_open(&s, conf, few);
	struct search_env env = { .view = s.view, .arena = s.arena };
	CHECK_INT(search_run(&env, &plan, NULL, 5, &got, &err), ERR_ARG);
	plan.match = &all;
	CHECK_INT(search_run(&env, &plan, NULL, 5, &got, &err), ERR_ARG);
	/* beside a word that vanishes nothing is found */
	both[0] = &nothing;
	both[1] = &not;
	all.kids = both;
	all.kid_count = 2;
	CHECK_OK(search_run(&env, &plan, NULL, 5, &got, &err), err);
	CHECK_INT(got.count, 0);
	small_close(&s);
}
