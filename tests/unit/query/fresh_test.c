/* fresh_test.c -- a catalogue that has been changed a little at a time, and compacted,
 * answers as one that is built of what is left. */
#include "small.h"

#include "base/rng.h"
#include "index/compact.h"

#define IDS   1500
#define WORDS 60
#define K     10

static const char conf[] = "field title text weight=3\nfield body text\n"
			   "field pop number bias=0.1\nfield tag tags\n";

struct twin {
	struct small changed, fresh;
	int version[IDS]; /* 0: absent */
	struct rng rng;
};

static int word(struct rng *rng)
{
	return rng_below(rng, 1 + rng_below(rng, WORDS));
}

static void make(char json[600], int id, int version)
{
	struct rng rng;
	size_t n;
	int i;

	rng_init(&rng, id * 7919 + version);
	n = sprintf(json, "{\"title\":\"");
	for (i = 1 + rng_below(&rng, 5); i; i--)
		n += sprintf(json + n, "w%d ", word(&rng));
	n += sprintf(json + n, "\",\"body\":\"");
	for (i = rng_below(&rng, 40); i; i--)
		n += sprintf(json + n, "w%d ", word(&rng));
	sprintf(json + n, "\",\"pop\":%d,\"tag\":[\"t%d\"]}", (int)rng_below(&rng, 20),
		(int)rng_below(&rng, 4));
}

static void put(struct batch *b, int i, int version)
{
	struct error err = { 0 };
	char id[16], json[600];

	snprintf(id, sizeof(id), "%d", i);
	make(json, i, version);
	CHECK_OK(batch_put(b, 0, slice_str(id), slice_str(json), &err), err);
}

/* Some documents of one commit. */
static void change(struct twin *t, int count, int version)
{
	struct error err = { 0 };
	struct batch *b;
	char id[16];
	int i;

	CHECK_OK(batch_begin(&b, t->changed.catalogue, &err), err);
	for (; count; count--) {
		i = rng_below(&t->rng, IDS);
		t->version[i] = rng_below(&t->rng, 3) ? version : 0;
		snprintf(id, sizeof(id), "%d", i);
		if (t->version[i])
			put(b, i, version);
		else
			CHECK(batch_del(b, 0, slice_str(id), &err) >= 0);
	}
	CHECK_OK(batch_commit(b, &err), err);
}

static void build_fresh(struct twin *t)
{
	struct error err = { 0 };
	struct batch *b;
	int i;

	small_open(&t->fresh, conf, NULL);
	reader_end(t->fresh.reader);
	CHECK_OK(batch_begin(&b, t->fresh.catalogue, &err), err);
	for (i = 0; i < IDS; i++)
		if (t->version[i])
			put(b, i, t->version[i]);
	CHECK_OK(batch_commit(b, &err), err);
	CHECK_OK(reader_begin(t->fresh.reader, &err), err);
	t->fresh.view = reader_view(t->fresh.reader, 0);
}

/* By id, for all that match; NAN: does not. */
static size_t run(struct small *s, const struct plan *plan, size_t k, float best[K],
	float scores[IDS])
{
	struct search_env env = { .view = s->view, .arena = s->arena };
	struct search_result found;
	struct error err = { 0 };
	size_t i;

	for (i = 0; i < IDS; i++)
		scores[i] = NAN;
	CHECK_OK(search_run(&env, plan, NULL, k, &found, &err), err);
	for (i = 0; i < found.count; i++) {
		if (i < K)
			best[i] = found.hits[i].score;
		scores[strtoul(view_id(s->view, found.hits[i].doc).ptr, NULL, 10)] =
			found.hits[i].score;
	}
	return found.count;
}

static void compare(struct twin *t, const struct plan *plan)
{
	float best[2][K] = { { 0 } }, scores[2][IDS];
	size_t n = run(&t->changed, plan, IDS, best[0], scores[0]);
	int i;

	CHECK_INT(n, run(&t->fresh, plan, IDS, best[1], scores[1]));
	for (i = 0; i < IDS; i++)
		CHECK(scores[0][i] == scores[1][i] || (isnan(scores[0][i]) && isnan(scores[1][i])));
	n = run(&t->changed, plan, K, best[0], scores[0]); /* pruned */
	CHECK_INT(n, run(&t->fresh, plan, K, best[1], scores[1]));
	CHECK(!memcmp(best[0], best[1], sizeof(best[0])));
	arena_reset(t->changed.arena);
	arena_reset(t->fresh.arena);
}

static void compare_queries(struct twin *t)
{
	struct match leaves[4], *kids[4], root = { .weight = 1, .kids = kids };
	struct filter where = { .kind = FILTER_TAG, .text = SLICE_LIT("t1") };
	struct score_term scores[2] = { { .kind = SCORE_BM25, .weight = 1 },
		{ .kind = SCORE_QUALITY, .weight = 0.5f } };
	struct plan plan = { .match = &root, .scores = scores, .score_count = 2 };
	char words[4][8], phrase[20];
	int i, q;

	where.field = schema_field(t->changed.schema, SLICE_LIT("tag"));
	for (q = 0; q < 150; q++) {
		root.kind = q % 3 ? MATCH_ANY : MATCH_ALL;
		root.kid_count = 1 + q % 4;
		for (i = 0; i < root.kid_count; i++) {
			snprintf(words[i], sizeof(words[i]), "w%d", word(&t->rng));
			leaves[i] = (struct match){ .kind = MATCH_TERM,
				.weight = 1,
				.text = slice_str(words[i]) };
			kids[i] = &leaves[i];
		}
		if (q % 7 == 0) {
			snprintf(phrase, sizeof(phrase), "%s %s", words[0], q % 2 ? "w0" : "w1");
			leaves[0].kind = MATCH_PHRASE;
			leaves[0].text = slice_str(phrase);
		}
		plan.where = q % 5 ? NULL : &where;
		plan.score_count = 1 + q % 2;
		compare(t, &plan);
	}
}

static void read_again(struct small *s)
{
	struct error err = { 0 };

	reader_end(s->reader);
	CHECK_OK(reader_begin(s->reader, &err), err);
	s->view = reader_view(s->reader, 0);
}

TEST(after_many_small_changes_scores_are_those_of_a_fresh_build)
{
	struct compacted done;
	struct error err = { 0 };
	struct twin t = { 0 };
	int round, i;

	rng_init(&t.rng, 77);
	small_open(&t.changed, conf, NULL);
	for (round = 0; round < 4; round++) {
		for (i = 0; i < 60; i++)
			change(&t, 1 + rng_below(&t.rng, 30), 1 + round * 100 + i);
		build_fresh(&t);
		read_again(&t.changed);
		CHECK(view_stats(t.changed.view)->docs > 300);
		compare_queries(&t);
		reader_end(t.changed.reader);
		CHECK_OK(catalogue_compact(t.changed.catalogue, NULL, NULL, &done, &err), err);
		CHECK_OK(reader_begin(t.changed.reader, &err), err);
		t.changed.view = reader_view(t.changed.reader, 0);
		compare_queries(&t);
		small_close(&t.fresh);
	}
	small_close(&t.changed);
}
