/* All documents that plans match, against one search after another. */
#include "small.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/rng.h"
#include "query/matches.h"

#define DOCS  9000 /* three segments */
#define WORDS 60

static const char conf[] = "field title text\n"
			   "field body text\n"
			   "field genre tags\n"
			   "field popularity number bias=0.02\n"
			   "kind kind\n";

struct world {
	struct small s;
	struct rng rng;
};

static const char *word(struct world *w)
{
	double u = rng_double(&w->rng);
	int n = (int)(WORDS * u * u * u);

	return arena_printf(w->s.arena, "w%c%cx", 'a' + n / 26, 'a' + n % 26);
}

static void world_open(struct world *w, uint64_t seed)
{
	struct error err = { 0 };
	struct batch *batch;
	struct buf json = { 0 };
	char id[16];
	int i, j, n;

	rng_init(&w->rng, seed);
	small_open(&w->s, conf, NULL);
	reader_end(w->s.reader);
	CHECK_OK(batch_begin(&batch, w->s.catalogue, &err), err);
	for (i = 0; i < DOCS; i++) {
		buf_reset(&json);
		buf_puts(&json, "{\"title\":\"");
		for (j = 0, n = rng_below(&w->rng, 3); j < n; j++)
			buf_printf(&json, "%s ", word(w));
		buf_puts(&json, "\",\"body\":\"");
		for (j = 0, n = rng_below(&w->rng, 6); j < n; j++)
			buf_printf(&json, "%s ", word(w));
		buf_printf(&json, "\",\"genre\":\"g%d\",\"popularity\":%d,\"kind\":\"k%d\"}",
			(int)rng_below(&w->rng, 5), (int)rng_below(&w->rng, 100),
			(int)rng_below(&w->rng, 3));
		sprintf(id, "d%d", i);
		CHECK_OK(batch_put(batch, 0, slice_str(id), buf_slice(&json), &err), err);
		arena_reset(w->s.arena);
	}
	CHECK_OK(batch_commit(batch, &err), err);
	CHECK_OK(batch_begin(&batch, w->s.catalogue, &err), err);
	for (i = 0; i < DOCS; i += 1 + rng_below(&w->rng, 12)) {
		sprintf(id, "d%d", i);
		CHECK(batch_del(batch, 0, slice_str(id), &err) >= 0);
	}
	CHECK_OK(batch_commit(batch, &err), err);
	CHECK_OK(reader_begin(w->s.reader, &err), err);
	w->s.view = reader_view(w->s.reader, 0);
	buf_clear(&json);
}

static struct match *leaf(struct world *w)
{
	struct match *m = arena_calloc(w->s.arena, 1, sizeof(*m));

	m->weight = 1;
	switch (rng_below(&w->rng, 9)) {
	case 0:
		m->kind = MATCH_KIND;
		m->text = SLICE_LIT("k1");
		return m;
	case 1:
		m->kind = MATCH_TAG;
		m->field = schema_field(w->s.schema, SLICE_LIT("genre"));
		m->text = SLICE_LIT("g3");
		return m;
	case 2:
		m->kind = MATCH_PREFIX;
		m->text = rng_below(&w->rng, 2) ? SLICE_LIT("wa") : SLICE_LIT("wcb");
		return m;
	case 3: m->kind = MATCH_FUZZY; break;
	case 4:
		m->kind = rng_below(&w->rng, 2) ? MATCH_PHRASE : MATCH_NEAR;
		m->slop = rng_below(&w->rng, 3);
		m->text = slice_str(arena_printf(w->s.arena, "%s %s", word(w), word(w)));
		return m;
	default: m->kind = MATCH_TERM;
	}
	m->text = slice_str(word(w));
	m->fields = rng_below(&w->rng, 2) ? 0 : 1 + rng_below(&w->rng, 2);
	return m;
}

static struct match *tree(struct world *w, int depth)
{
	struct match *m, *not ;
	int n, i;

	if (depth == 0 || rng_below(&w->rng, 3) == 0)
		return leaf(w);
	m = arena_calloc(w->s.arena, 1, sizeof(*m));
	m->weight = 1;
	n = 1 + rng_below(&w->rng, 5);
	m->kind = MATCH_ALL + rng_below(&w->rng, 3);
	m->least = 1 + rng_below(&w->rng, n);
	m->kids = arena_calloc(w->s.arena, n + 1, sizeof(*m->kids));
	for (i = 0; i < n; i++)
		m->kids[m->kid_count++] = tree(w, depth - 1);
	if (m->kind == MATCH_ALL && rng_below(&w->rng, 2)) {
		not = arena_calloc(w->s.arena, 1, sizeof(*not ));
		not ->kind = MATCH_NOT;
		not ->weight = 1;
		not ->kids = arena_calloc(w->s.arena, 1, sizeof(*not ->kids));
		not ->kids[not ->kid_count++] = tree(w, depth - 1);
		m->kids[m->kid_count++] = not ;
	}
	return m;
}

static struct filter *filter(struct world *w)
{
	static const char *const texts[] = { "kind = k1", "popularity >= 50", "NOT genre = g2",
		"kind IN (k0, k2) AND popularity 20..60", "id IN (d1, d5, d8000)" };
	struct error err = { 0 };
	struct filter *f = NULL;
	int n = rng_below(&w->rng, 8);

	if (n < 5)
		CHECK_OK(filter_parse(&f, w->s.schema, slice_str(texts[n]), w->s.arena, &err), err);
	return f;
}

TEST(the_matches_are_what_the_plans_find_one_by_one)
{
	struct world *w = calloc(1, sizeof(*w));
	struct error err = { 0 };
	uint64_t seed;
	int round, i, n;

	for (seed = 1; seed <= 2; seed++) {
		world_open(w, seed);
		for (round = 0; round < 120; round++) {
			struct search_env env = { .view = w->s.view, .arena = w->s.arena };
			struct filter *where = filter(w);
			uint32_t limit = view_stats(w->s.view)->doc_limit, doc;
			bool *wanted = arena_calloc(w->s.arena, limit, sizeof(*wanted));
			struct plan plans[3] = { { 0 } };
			const struct plan *given[3] = { &plans[0], &plans[1], &plans[2] };
			struct search_result found;
			struct matches got;
			uint64_t count = 0;
			size_t j;

			n = rng_below(&w->rng, 4);
			for (i = 0; i < n; i++) {
				plans[i].match = rng_below(&w->rng, 12) ? tree(w, 3) : NULL;
				plans[i].where = filter(w);
				plans[i].limit = DOCS;
				CHECK_OK(search_exhaustive(&env, &plans[i], where, DOCS, &found,
						 &err),
					err);
				for (j = 0; j < found.count; j++)
					wanted[found.hits[j].doc] = true;
			}
			CHECK_OK(matches_find(&env, given, n, where, 0, &got, &err), err);
			CHECK_INT(got.done, got.segments);
			for (doc = 0; doc < limit; doc++) {
				count += wanted[doc];
				if (matches_has(&got, doc) != wanted[doc])
					check_fail(__FILE__, __LINE__,
						"seed %d, round %d: %u is %s", (int)seed, round,
						doc, wanted[doc] ? "missing" : "too much");
			}
			CHECK_INT(got.count, count);
			arena_reset(w->s.arena);
		}
		small_close(&w->s);
	}
	free(w);
}

/* Any, all or some of words: what is swept. */
static struct match *words(struct world *w)
{
	struct match *m = arena_calloc(w->s.arena, 1, sizeof(*m));
	int n = 1 + rng_below(&w->rng, 4), i;

	m->weight = 1;
	m->kind = rng_below(&w->rng, 2) ? MATCH_ANY : MATCH_ALL + rng_below(&w->rng, 3);
	m->least = 1 + rng_below(&w->rng, n);
	m->kids = arena_calloc(w->s.arena, n, sizeof(*m->kids));
	for (i = 0; i < n; i++)
		m->kids[m->kid_count++] = leaf(w);
	return m;
}

static struct filter *any_filter(struct world *w)
{
	static const char *const formats[] = { "popularity = %d", "popularity < %d",
		"popularity >= %d", "popularity = %d AND kind = k1", "NOT popularity < %d",
		"genre = g1 AND popularity %d..100", "id = d%d OR id = d77 OR popularity = 5" };
	struct error err = { 0 };
	struct filter *f = NULL;
	const char *text = arena_printf(w->s.arena, formats[rng_below(&w->rng, 7)],
		(int)rng_below(&w->rng, 101));

	CHECK_OK(filter_parse(&f, w->s.schema, slice_str(text), w->s.arena, &err), err);
	return f;
}

TEST(the_best_within_a_filter_are_those_of_scoring_every_match)
{
	struct world *w = calloc(1, sizeof(*w));
	struct score_term scores[] = { { .kind = SCORE_BM25, .weight = 1 },
		{ .kind = SCORE_QUALITY, .weight = 0.5 } };
	struct error err = { 0 };
	uint64_t seed;
	size_t k, i;
	int round;

	for (seed = 21; seed <= 23; seed++) {
		world_open(w, seed);
		for (round = 0; round < 400; round++) {
			struct search_env env = { .view = w->s.view, .arena = w->s.arena };
			struct search_result got, want;
			struct plan plan = { .scores = scores, .score_count = 1 + round % 2 };

			plan.match = rng_below(&w->rng, 8) ? words(w) : NULL;
			plan.where = any_filter(w);
			k = 1 + rng_below(&w->rng, 30);
			CHECK_OK(search_run(&env, &plan, NULL, k, &got, &err), err);
			CHECK_OK(search_exhaustive(&env, &plan, NULL, k, &want, &err), err);
			CHECK_INT(got.count, want.count);
			for (i = 0; i < got.count; i++)
				if (got.hits[i].doc != want.hits[i].doc ||
					got.hits[i].score != want.hits[i].score)
					check_fail(__FILE__, __LINE__,
						"seed %d, round %d, hit %zu: %u at "
						"%.9g, exhaustive %u at %.9g",
						(int)seed, round, i, got.hits[i].doc,
						got.hits[i].score, want.hits[i].doc,
						want.hits[i].score);
			arena_reset(w->s.arena);
		}
		small_close(&w->s);
	}
	free(w);
}

TEST(when_time_is_out_the_matches_are_those_of_the_first_segments)
{
	struct world *w = calloc(1, sizeof(*w));
	struct plan every = { 0 }, ids = { .source = PLAN_IDS };
	const struct plan *plans[] = { &every, &ids };
	struct search_env env;
	struct matches got;
	struct error err = { 0 };

	world_open(w, 5);
	env = (struct search_env){ .view = w->s.view, .arena = w->s.arena };
	CHECK_OK(matches_find(&env, plans, 2, NULL, 0, &got, &err), err);
	CHECK_INT(got.count, view_stats(w->s.view)->docs);
	CHECK_OK(matches_find(&env, plans, 2, NULL, clock_mono_us(), &got, &err), err);
	CHECK_INT(got.done, 0);
	CHECK_INT(got.count, 0);
	matches_add(&got, 5000);
	matches_add(&got, 5000);
	CHECK(matches_has(&got, 5000) && !matches_has(&got, 4999));
	CHECK_INT(got.count, 1);
	CHECK_OK(matches_find(&env, plans + 1, 1, NULL, 0, &got, &err), err);
	CHECK_INT(got.count, 0);
	small_close(&w->s);
	free(w);
}
