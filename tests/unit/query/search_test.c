#include "small.h"

#include <stdlib.h>

#include "base/rng.h"
#include "index/postings.h"
#include "text/edit.h"

static const char conf[] = "field title text weight=3 exact=yes\n"
			   "field body text weight=1\n"
			   "field genre tags\n"
			   "field popularity number bias=0.02\n"
			   "field released date\n"
			   "kind kind\n";

#define WORDS 600
#define DOCS  20000

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
	double k1, b, weight[2]; /* of the query, for brute force */
};

/* A match, and the words that are meant. */
struct noted {
	struct match m;
	int words[EXPANSIONS_MAX], count, df;
	double weights[EXPANSIONS_MAX];
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

/* The closed form; only fields of the mask (0: both); -1 without the word. */
static double bm25f(const struct world *w, const struct known *d, int word, int mask)
{
	const int *words[2] = { d->title, d->body }, lengths[2] = { d->titles, d->bodies };
	double sum = 0, length;
	int f, tf, in = 0;

	for (f = 0; f < 2; f++) {
		tf = mask && !(mask >> f & 1) ? 0 : tf_of(words[f], lengths[f], word);
		if (!tf)
			continue;
		length = length_decode(length_encode(lengths[f]));
		sum += w->weight[f] * tf / (1 - w->b + w->b * length / w->average[f]);
		in = 1;
	}
	return in ? sum * (w->k1 + 1) / (sum + w->k1) : -1;
}

/* The best of what its words are worth. */
static double words_worth(const struct world *w, const struct known *d, const struct noted *of)
{
	double n = view_stats(w->s.view)->docs, best = -1, part;
	int i;

	for (i = 0; i < of->count; i++) {
		part = bm25f(w, d, of->words[i], of->m.fields);
		best = fmax(best, part < 0 ? -1 : part * of->weights[i]);
	}
	return best < 0 ? -1 : best * log(1 + (n - of->df + 0.5) / (of->df + 0.5));
}

/* The next of the words of the dictionary: the nearest, then the commonest, then by name. */
static void note_words(const struct world *w, struct noted *of, int edits)
{
	static const double slips[] = { 1, 0.6, 0.35 };
	int distance[WORDS], i, best;
	struct slice text = of->m.text;

	for (i = 0; i < WORDS; i++)
		if (of->m.kind == MATCH_FUZZY)
			distance[i] = edit_distance(text, slice_str(word_text(i)), edits);
		else
			distance[i] = strncmp(word_text(i), text.ptr, text.len) ? 9 : 0;
	for (of->count = of->df = 0; of->count < EXPANSIONS_MAX; of->count++) {
		for (i = 0, best = -1; i < WORDS; i++)
			if (w->df[i] && distance[i] <= edits &&
				(best < 0 || distance[i] < distance[best] ||
					(distance[i] == distance[best] && w->df[i] > w->df[best])))
				best = i;
		if (best < 0)
			return;
		of->words[of->count] = best;
		of->weights[of->count] = of->m.kind == MATCH_FUZZY ? slips[distance[best]]
					 : text.len == 4           ? 1
								   : 0.8;
		of->df = w->df[best] > of->df ? w->df[best] : of->df;
		distance[best] = 9;
	}
}

static void draw_word(struct world *w, struct noted *of)
{
	struct match *m = &of->m;
	int word = word_draw(&w->rng), edits = 0;
	char *text = arena_strdup(w->s.arena, word_text(word)), c;

	m->kind = MATCH_TERM + rng_below(&w->rng, 5) % 3;
	m->fields = rng_below(&w->rng, 3) ? 0 : 1 + rng_below(&w->rng, 2);
	m->text = slice_str(text);
	if (m->kind == MATCH_PREFIX) {
		m->text.len = 1 + rng_below(&w->rng, 4);
	} else if (m->kind == MATCH_FUZZY) {
		m->edits = rng_below(&w->rng, 3);
		edits = m->edits ? m->edits : 1;
		switch (rng_below(&w->rng, 3)) {
		case 0:
			c = text[1], text[1] = text[2], text[2] = c; /* a transposition */
			break;
		case 1: text[rng_below(&w->rng, 4)] = 'q'; break;
		}
	}
	note_words(w, of, edits);
}

/* A random tree and, beside it, what it means. */
static struct match *tree(struct world *w, int depth)
{
	struct noted *noted = arena_calloc(w->s.arena, 1, sizeof(*noted));
	struct match *m = &noted->m;
	int n, i;

	m->weight = 0.25f * (1 + rng_below(&w->rng, 8));
	if (depth == 0 || rng_below(&w->rng, 3) == 0) {
		switch (rng_below(&w->rng, 8)) {
		case 0:
			m->kind = MATCH_KIND;
			m->text = slice_str(
				arena_printf(w->s.arena, "k%d", (int)rng_below(&w->rng, 3)));
			return m;
		case 1:
			m->kind = MATCH_TAG;
			m->field = schema_field(w->s.schema, SLICE_LIT("genre"));
			m->text = slice_str(
				arena_printf(w->s.arena, "g%d", (int)rng_below(&w->rng, 4)));
			return m;
		}
		draw_word(w, noted);
		return m;
	}
	n = 1 + rng_below(&w->rng, 4);
	m->kind = MATCH_ALL + rng_below(&w->rng, 3);
	m->kids = arena_calloc(w->s.arena, n + 1, sizeof(*m->kids));
	for (i = 0; i < n; i++)
		m->kids[m->kid_count++] = tree(w, depth - 1);
	m->least = 1 + rng_below(&w->rng, n);
	if (m->kind == MATCH_ALL && rng_below(&w->rng, 2)) {
		struct match *not = arena_calloc(w->s.arena, 1, sizeof(*not ));

		not ->kind = MATCH_NOT;
		not ->weight = 1;
		not ->kids = arena_calloc(w->s.arena, 1, sizeof(*not ->kids));
		not ->kids[not ->kid_count++] = tree(w, depth - 1);
		m->kids[m->kid_count++] = not ;
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
	case MATCH_PREFIX:
	case MATCH_FUZZY:
		part = words_worth(w, d, (const struct noted *)m);
		*worth = part < 0 ? 0 : part * weight;
		return part >= 0;
	case MATCH_KIND: return d->kind == m->text.ptr[1] - '0';
	case MATCH_TAG:
		if (d->genre != m->text.ptr[1] - '0')
			return false;
		for (df = 0, i = 0; i < w->count; i++)
			df += w->docs[i].live && w->docs[i].genre == d->genre;
		*worth = weight * log(1 + (n - df + 0.5) / (df + 0.5)) * d->genre_weight;
		return true;
	default: break;
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
				(unsigned long long)seed, i, got->hits[i].doc, got->hits[i].score,
				want->hits[i].doc, want->hits[i].score);
	if (got->count != want->count)
		check_fail(__FILE__, __LINE__, "seed %llu: %zu hits, exhaustive %zu",
			(unsigned long long)seed, got->count, want->count);
}

static struct filter *random_filter(struct world *w)
{
	static const char *const texts[] = { "kind = k1", "popularity >= 50", "genre >= 0.5 g2",
		"NOT kind = k0 AND released < 2016", "kind IN (k0, k2) AND popularity 20..60",
		"id IN (d1, d5, d9, d70)", "genre = g3 OR popularity = 90" };
	struct error err = { 0 };
	struct filter *f = NULL;

	if (rng_below(&w->rng, 2))
		return NULL;
	CHECK_OK(filter_parse(&f, w->s.schema, slice_str(texts[rng_below(&w->rng, 7)]), w->s.arena,
			 &err),
		err);
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
		/* beside much, scores are floats that are often equal */
		t[n++] = (struct score_term){ .kind = SCORE_CONST,
			.weight = rng_below(&w->rng, 2) ? 0.5f : 4e6f };
	if (rng_below(&w->rng, 4) == 0)
		t[n++] = (struct score_term){ .kind = SCORE_RECENCY,
			.weight = 1.5f,
			.half_life_days = 700,
			.field = schema_field(w->s.schema, SLICE_LIT("released")) };
	if (rng_below(&w->rng, 4) == 0) {
		t[n] = (struct score_term){ .kind = SCORE_IS,
			.weight = rng_below(&w->rng, 2) ? 2 : -1 };
		CHECK_OK(filter_parse(&t[n].filter, w->s.schema, SLICE_LIT("kind = k2"), w->s.arena,
				 &err),
			err);
		n++;
	}
	if (rng_below(&w->rng, 8) == 0)
		t[n++] = (struct score_term){ .kind = SCORE_LOG1P,
			.weight = 0.1f,
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

/* Two or three words in order, or near. */
static struct match *phrase(struct world *w)
{
	struct match *m = arena_calloc(w->s.arena, 1, sizeof(*m));

	m->kind = rng_below(&w->rng, 4) ? MATCH_PHRASE : MATCH_NEAR;
	m->weight = 1;
	m->slop = rng_below(&w->rng, 4);
	m->fields = rng_below(&w->rng, 4) ? 0 : 1 + rng_below(&w->rng, 2);
	m->text = slice_str(arena_printf(w->s.arena, "%s %s %s", word_text(word_draw(&w->rng)),
		word_text(word_draw(&w->rng)),
		rng_below(&w->rng, 3) ? "" : word_text(word_draw(&w->rng))));
	return m;
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
			struct search_env env = { .view = w->s.view,
				.arena = w->s.arena,
				.now_ms = 1700000000000 };
			struct score_term terms[8];
			struct plan plan = { 0 };
			struct search_result got, want;
			size_t k = 1 + rng_below(&w->rng, 40);
			float least;

			plan.match = rng_below(&w->rng, 8) == 0 ? phrase(w)
				     : rng_below(&w->rng, 6)    ? words(w)
				     : rng_below(&w->rng, 2)    ? tree(w, 3)
								: NULL;
			plan.where = random_filter(w);
			plan.scores = terms;
			plan.score_count = scores_draw(w, terms);
			plan.has_min_score = rng_below(&w->rng, 4) == 0;
			plan.min_score = least =
				plan.has_min_score ? 12 * rng_double(&w->rng) : -INFINITY;
			CHECK_OK(search_run(&env, &plan, NULL, k, &got, &err), err);
			plan.has_min_score = false;
			CHECK_OK(search_exhaustive(&env, &plan, NULL, k, &want, &err), err);
			while (least > -INFINITY && want.count &&
				want.hits[want.count - 1].score < least)
				want.count--;
			check_same(&got, &want, seed * 1000000 + round);
			arena_reset(w->s.arena);
		}
		small_close(&w->s);
	}
	free(w);
}

/* Usual ones, or those of the query. */
static void draw_parameters(struct world *w, struct score_term *bm25)
{
	w->k1 = 1.2;
	w->b = 0.75;
	w->weight[0] = 3;
	w->weight[1] = 1;
	if (rng_below(&w->rng, 2))
		return;
	if (rng_below(&w->rng, 4)) {
		w->k1 = bm25->k1 = 0.5f * (1 + rng_below(&w->rng, 4));
		w->b = bm25->b = 0.25f * rng_below(&w->rng, 5);
	} else { /* b alone */
		w->b = bm25->b = 0.25f * (1 + rng_below(&w->rng, 4));
	}
	w->weight[0] = bm25->field_weight[0] = rng_below(&w->rng, 3);
	w->weight[1] = bm25->field_weight[1] = 1 + rng_below(&w->rng, 3);
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
			struct plan plan = { .match = tree(w, 3),
				.scores = terms,
				.score_count = 2 };
			struct search_result got;
			double *score = arena_calloc(w->s.arena, w->count, sizeof(*score));
			size_t hits = 0, j;

			plan.where = random_filter(w);
			draw_parameters(w, &terms[0]);
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
	"1",
	"{\"title\":\"running shoes\",\"body\":\"red\",\"popularity\":10,\"kind\":\"k\"}",
	"2",
	"{\"title\":\"shoes\",\"body\":\"running running fast\",\"popularity\":90,\"kind\":\"k\"}",
	"3",
	"{\"title\":\"hats\",\"popularity\":50,\"kind\":\"h\"}",
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

	negation[0] = &not ;
	small_open(&s, conf, few);
	struct search_env env = { .view = s.view, .arena = s.arena };
	CHECK_INT(search_run(&env, &plan, NULL, 5, &got, &err), ERR_ARG);
	plan.match = &all;
	CHECK_INT(search_run(&env, &plan, NULL, 5, &got, &err), ERR_ARG);
	/* beside a word that vanishes nothing is found */
	both[0] = &nothing;
	both[1] = &not ;
	all.kids = both;
	all.kid_count = 2;
	CHECK_OK(search_run(&env, &plan, NULL, 5, &got, &err), err);
	CHECK_INT(got.count, 0);
	small_close(&s);
}

TEST(a_common_word_gives_nothing_where_it_is_in_other_fields_only)
{
	struct match common = { .kind = MATCH_TERM,
		.text = SLICE_LIT("common"),
		.weight = 1,
		.fields = 2 };
	struct match other = { .kind = MATCH_TERM, .text = SLICE_LIT("other"), .weight = 1 };
	struct match *kids[] = { &common, &other };
	struct match any = { .kind = MATCH_ANY, .weight = 1, .kids = kids, .kid_count = 2 };
	struct plan plan = { .match = &any };
	struct search_result got, want;
	struct search_env env = { 0 };
	struct error err = { 0 };
	struct batch *batch;
	struct small s;
	char id[16];
	int i;

	small_open(&s, "field title text\nfield body text\n", NULL);
	CHECK_OK(batch_begin(&batch, s.catalogue, &err), err);
	for (i = 0; i < 2000; i++) /* whole blocks of titles alone */
		CHECK_OK(batch_put(batch, 0, slice_of(id, snprintf(id, sizeof(id), "%d", i)),
				 slice_str(i < 1999 ? "{\"title\":\"common\",\"body\":\"other\"}"
						    : "{\"title\":\"word\",\"body\":\"common\"}"),
				 &err),
			err);
	CHECK_OK(batch_commit(batch, &err), err);
	reader_end(s.reader);
	CHECK_OK(reader_begin(s.reader, &err), err);
	env.view = reader_view(s.reader, 0);
	env.arena = s.arena;
	CHECK_OK(search_run(&env, &plan, NULL, 10, &got, &err), err);
	CHECK_OK(search_exhaustive(&env, &plan, NULL, 10, &want, &err), err);
	check_same(&got, &want, 0);
	small_close(&s);
}
