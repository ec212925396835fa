/* synthetic.c -- the lexical index on a made-up corpus of short documents, beside Xapian
 * and SQLite FTS5 in the same run: how fast it is built, how large it is, and any or all of
 * 1 to 4 words, the 10 and the 100 best, on one thread.  Ours is built once more with
 * positions, to be measured.  Last, any of 4 words of a few documents, as most collections
 * have: what a search costs at least.
 *
 *     synthetic [documents (1000000)] [queries (1000)] [folder] [engines beside (xapian,fts5)]
 *
 * A folder that is named is kept, and what was built in it is searched as it is. */
#include "measure.h"

#define PLACED_DOCS 1000000 /* with positions, too, if there are no more */
#define FEW_DOCS    2000

static const char plain[] = "field text text positions=no\n", placed[] = "field text text\n";

/* Of `least` words and more. */
static void make_asks(const struct corpus *c, struct ask *asks, int n, int least)
{
	uint32_t words[QUERY_WORDS_MAX];
	struct rng rng;
	int i, j;

	rng_init(&rng, 8);
	for (i = 0; i < n; i++) {
		do
			asks[i].count = corpus_query(c, &rng, words);
		while (asks[i].count < least);
		for (j = 0; j < asks[i].count; j++)
			asks[i].words[j] = c->words[words[j]];
	}
}

static void searches(struct bench *b, const char *name, struct ask *asks, int n, enum ask_how how,
	int k)
{
	int i;

	for (i = 0; i < n; i++)
		asks[i].how = how;
	bench_searches(b, name, asks, n, k);
}

static void search_few(const char *folder, const char *names, struct ask *asks, int n)
{
	struct bench b = { 0 };
	struct corpus c;
	char text[256];

	snprintf(text, sizeof(text), "%s/few", folder);
	mkdir(text, 0777);
	corpus_make(&c, FEW_DOCS, 7);
	corpus_make_json(&c);
	printf("synthetic: %u documents\n", c.docs);
	make_asks(&c, asks, n, QUERY_WORDS_MAX);
	bench_open(&b, "of few", text, plain, names, &c);
	searches(&b, "any of 4, of 2,000", asks, n, ASK_ANY, 10);
	bench_close(&b);
}

int main(int argc, char **argv)
{
	uint32_t docs = argc > 1 && atoi(argv[1]) ? atoi(argv[1]) : 1000000;
	int n = argc > 2 && atoi(argv[2]) ? atoi(argv[2]) : 1000;
	char temporary[] = "/tmp/toller-bench-XXXXXX", text[256];
	const char *folder = argc > 3 ? argv[3] : mkdtemp(temporary);
	struct ask *asks = calloc(n, sizeof(*asks));
	struct bench b = { 0 }, with_places = { 0 };
	struct corpus c;

	mkdir(folder, 0777);
	corpus_make(&c, docs, 7);
	corpus_make_json(&c);
	printf("synthetic: %u documents, %.1f words each\n", docs, (double)c.starts[docs] / docs);
	make_asks(&c, asks, n, 1);
	if (docs <= PLACED_DOCS) {
		snprintf(text, sizeof(text), "%s/placed", folder);
		mkdir(text, 0777);
		bench_open(&with_places, "with positions", text, placed, "none", &c);
		bench_close(&with_places);
	}
	bench_open(&b, "without positions", folder, plain, argc > 4 ? argv[4] : NULL, &c);
	searches(&b, "any", asks, n, ASK_ANY, 10);
	searches(&b, "all", asks, n, ASK_ALL, 10);
	searches(&b, "any", asks, n, ASK_ANY, 100);
	searches(&b, "all", asks, n, ASK_ALL, 100);
	bench_close(&b);
	search_few(folder, argc > 4 ? argv[4] : NULL, asks, n);
	snprintf(text, sizeof(text), "rm -rf %s", temporary);
	return argc > 3 ? 0 : system(text) != 0;
}
