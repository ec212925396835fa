/* quality.c -- any or all of 1 to 4 words, the ten best, where popularity is a part of the
 * score: once the catalogue is compacted, which numbers documents by falling quality, beside
 * the same in the order of its making, which has nothing to do with it.
 *
 *     quality [documents (500000)] [queries (1000)] */
#include "measure.h"

static const char conf[] = "field text text positions=no\nfield pop number bias=log1p:1\n";

/* Few are popular: by Pareto's law. */
static struct engine *build_one(const struct corpus *c, const char *folder)
{
	struct engine *e = engine_ours.open(folder, conf);
	char text[DOC_TERMS_MAX * WORD_BYTES], json[sizeof(text) + 64];
	struct rng rng;
	uint32_t d;

	rng_init(&rng, 5);
	for (d = 0; d < c->docs; d++) {
		corpus_text(c, d, text);
		ours_change(e, d, json,
			sprintf(json, "{\"text\":\"%s\",\"pop\":%.0f}", text,
				1 / (1 - rng_double(&rng) * 0.999999) - 1));
	}
	ours_settle(e);
	return e;
}

static void searches(struct bench *b, struct ask *asks, int n, enum ask_how how, float quality)
{
	char name[64];
	int i;

	for (i = 0; i < n; i++) {
		asks[i].how = how;
		asks[i].quality = quality;
	}
	snprintf(name, sizeof(name), "%s, quality %.1f", how == ASK_ALL ? "all" : "any", quality);
	bench_searches(b, name, asks, n, 10);
}

int main(int argc, char **argv)
{
	static const float weights[] = { 0, 0.1f, 0.5f, 2 };
	uint32_t docs = argc > 1 && atoi(argv[1]) > 0 ? atoi(argv[1]) : 500000;
	int n = argc > 2 && atoi(argv[2]) > 0 ? atoi(argv[2]) : 1000, i, j;
	struct engine_kind compacted = engine_ours, made = engine_ours;
	struct bench b = { .kinds = { &compacted, &made }, .count = 2 };
	char folder[] = "/tmp/toller-bench-XXXXXX", path[64];
	struct ask *asks = calloc(n, sizeof(*asks));
	uint32_t words[QUERY_WORDS_MAX];
	struct corpus c;
	struct rng rng;

	compacted.name = "compacted";
	made.name = "as it came";
	corpus_make(&c, docs, 7);
	rng_init(&rng, 8);
	for (i = 0; i < n; i++) {
		asks[i].count = corpus_query(&c, &rng, words);
		for (j = 0; j < asks[i].count; j++)
			asks[i].words[j] = c.words[words[j]];
	}
	printf("quality: %u documents\n", docs);
	snprintf(path, sizeof(path), "%s/compacted", mkdtemp(folder));
	b.engines[0] = build_one(&c, path);
	ours_compact(b.engines[0]);
	snprintf(path, sizeof(path), "%s/made", folder);
	b.engines[1] = build_one(&c, path);
	for (i = 0; i < 4; i++) {
		searches(&b, asks, n, ASK_ANY, weights[i]);
		searches(&b, asks, n, ASK_ALL, weights[i]);
	}
	bench_close(&b);
	snprintf(path, sizeof(path), "rm -rf %s", folder);
	return system(path) != 0;
}
