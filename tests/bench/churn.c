/* churn.c -- a catalogue of which a random half is replaced and a quarter deleted, a few
 * documents a commit, while it is searched; beside one that is built of what is left: how
 * fast it is searched and how large it is, as it comes to be and after it was compacted, and
 * whether scores are the same.
 *
 *     churn [documents (100000)] [changes a commit (100)] [queries (1000)] */
#include <pthread.h>
#include <stdatomic.h>

#include "measure.h"

#define LOAD_MAX 1000000 /* searches under load that are kept */

static const char conf[] = "field text text\n";
static struct engine_kind churned_kind, fresh_kind;

struct churn {
	uint32_t docs;
	struct corpus corpus; /* half as many again: what replaces */
	uint32_t *text;       /* of each id, its document in the corpus; UINT32_MAX: deleted */
	struct bench bench;   /* churned, fresh */
	struct ask *asks;
	int ask_count;
	atomic_bool over;
	double *load_us;
	int load_count;
};

static void change(struct engine *e, const struct churn *c, uint32_t id)
{
	uint32_t d = c->text[id];
	size_t from = d && d != UINT32_MAX ? c->corpus.ends[d - 1] : 0;

	if (d == UINT32_MAX)
		ours_change(e, id, NULL, 0);
	else
		ours_change(e, id, c->corpus.json + from, c->corpus.ends[d] - from);
}

static struct engine *put_all(const struct churn *c, const char *folder)
{
	struct engine *e = engine_ours.open(folder, conf);
	uint32_t id;

	for (id = 0; id < c->docs; id++)
		if (c->text[id] != UINT32_MAX)
			change(e, c, id);
	ours_settle(e);
	return e;
}

/* Some other thread's searches, meanwhile. */
static void *search(void *data)
{
	struct churn *c = data;
	struct engine *e = ours_second(c->bench.engines[0]);
	float scores[10];
	uint32_t ids[10];
	int64_t start;

	while (!c->over && c->load_count < LOAD_MAX) {
		start = clock_mono_us();
		ours_scores(e, &c->asks[c->load_count % c->ask_count], 10, ids, scores);
		c->load_us[c->load_count++] = clock_mono_us() - start;
	}
	engine_ours.close(e);
	return NULL;
}

static void churn(struct churn *c, uint32_t batch)
{
	struct engine *e = c->bench.engines[0];
	uint32_t *order = malloc(c->docs * sizeof(*order)), i, at, swap;
	int64_t start = clock_mono_us();
	pthread_t thread;
	struct rng rng;

	rng_init(&rng, 3);
	for (i = 0; i < c->docs; i++)
		order[i] = i;
	pthread_create(&thread, NULL, search, c);
	for (i = 0; i < c->docs / 4 * 3; i++) {
		at = i + rng_below(&rng, c->docs - i);
		swap = order[i];
		order[i] = order[at];
		order[at] = swap;
		c->text[order[i]] = i % 3 == 2 ? UINT32_MAX : c->docs + i / 3 * 2 + i % 3;
		change(e, c, order[i]);
		if (i % batch == batch - 1)
			ours_settle(e);
	}
	ours_settle(e);
	start = clock_mono_us() - start;
	c->over = true;
	pthread_join(thread, NULL);
	printf("%-34s %10.1f 1/s\n", "changes, replaced or deleted", i / (start / 1e6));
	printf("%-34s %10.1f us\n", "searches meanwhile, p50",
		figure_of(c->load_us, c->load_count, 0.5));
	printf("%-34s %10.1f us\n", "searches meanwhile, p99",
		figure_of(c->load_us, c->load_count, 0.99));
	free(order);
}

/* Queries whose hundred best have other scores, or ids where scores are not equal. */
static int differences(struct churn *c)
{
	float scores[2][K_MAX];
	uint32_t ids[2][K_MAX];
	int i, j, k, n[2], e, wrong = 0;

	for (i = 0; i < c->ask_count; i++) {
		for (e = 0; e < 2; e++)
			n[e] = ours_scores(c->bench.engines[e], &c->asks[i], K_MAX, ids[e],
				scores[e]);
		for (j = 0; j < n[0] && n[0] == n[1] && scores[0][j] == scores[1][j]; j++) {
			if (scores[0][j] == scores[0][n[0] - 1])
				continue; /* of the last score others may be beside them */
			for (k = 0; k < n[1] && ids[1][k] != ids[0][j]; k++)
				;
			if (k == n[1] || scores[1][k] != scores[0][j])
				break;
		}
		wrong += n[0] != n[1] || j < n[0];
	}
	return wrong;
}

static void compare(struct churn *c, const char *when)
{
	struct figure index[2], file[2];
	struct engine **e = c->bench.engines;
	char name[64];

	index[0].ours = ours_index_mb(e[0]);
	index[1] = (struct figure){ .ours_then = index[0].ours, .theirs = ours_index_mb(e[1]) };
	file[0].ours = ours_file_mb(e[0]);
	file[1] = (struct figure){ .ours_then = file[0].ours, .theirs = ours_file_mb(e[1]) };
	snprintf(name, sizeof(name), "index, %s", when);
	print_figure(&c->bench, name, "MB", index, false);
	snprintf(name, sizeof(name), "file, %s", when);
	print_figure(&c->bench, name, "MB", file, false);
	snprintf(name, sizeof(name), "any, %s", when);
	bench_searches(&c->bench, name, c->asks, c->ask_count, 10);
	printf("%-34s %10d of %d\n", "queries with other scores", differences(c), c->ask_count);
}

static void make_asks(struct churn *c)
{
	uint32_t words[QUERY_WORDS_MAX];
	struct rng rng;
	int i, j;

	c->asks = calloc(c->ask_count, sizeof(*c->asks));
	rng_init(&rng, 8);
	for (i = 0; i < c->ask_count; i++) {
		c->asks[i].count = corpus_query(&c->corpus, &rng, words);
		for (j = 0; j < c->asks[i].count; j++)
			c->asks[i].words[j] = c->corpus.words[words[j]];
	}
}

int main(int argc, char **argv)
{
	uint32_t batch = argc > 2 && atoi(argv[2]) > 0 ? atoi(argv[2]) : 100, i;
	char folder[] = "/tmp/toller-bench-XXXXXX", path[64];
	struct churn *c = calloc(1, sizeof(*c));
	struct bench *b = &c->bench;

	c->docs = argc > 1 && atoi(argv[1]) > 0 ? atoi(argv[1]) : 100000;
	c->ask_count = argc > 3 && atoi(argv[3]) > 0 ? atoi(argv[3]) : 1000;
	c->load_us = malloc(LOAD_MAX * sizeof(*c->load_us));
	c->text = malloc(c->docs * sizeof(*c->text));
	for (i = 0; i < c->docs; i++)
		c->text[i] = i;
	corpus_make(&c->corpus, c->docs / 2 * 3 + 3, 7);
	corpus_make_json(&c->corpus);
	make_asks(c);
	churned_kind = fresh_kind = engine_ours;
	churned_kind.name = "churned";
	fresh_kind.name = "fresh";
	b->kinds[0] = &churned_kind;
	b->kinds[1] = &fresh_kind;
	b->count = 2;
	printf("churn: %u documents, %u changes a commit\n", c->docs, batch);
	snprintf(path, sizeof(path), "%s/churned", mkdtemp(folder));
	b->engines[0] = put_all(c, path);
	churn(c, batch);
	snprintf(path, sizeof(path), "%s/fresh", folder);
	b->engines[1] = put_all(c, path);
	compare(c, "as it is");
	printf("%-34s %10.2f s\n", "compacting both",
		ours_compact(b->engines[0]) + ours_compact(b->engines[1]));
	compare(c, "compacted");
	bench_close(b);
	snprintf(path, sizeof(path), "rm -rf %s", folder);
	return system(path) != 0;
}
