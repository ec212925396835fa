/* filtered.c -- searches within a WHERE, on the made-up corpus of short documents: any
 * of 1 to 4 words, the 10 best, of documents of which a given share passes.
 *
 *     filtered [documents (1000000)] [queries (300)] [folder] [name of a figure]
 *
 * A share passes by a tag (a list), by a number (a column) or by both halves of an AND.
 * Then all that matches, counted by tags and by steps of numbers, and sorted by a number.
 * Beside the tags is Xapian with a boolean term of the same documents, beside the rest
 * our own search without a filter.  A line a figure: name, ours, the other's, ratio
 * (above 1: ours is faster).  In a folder that is named the index stays and is used
 * again, without Xapian. */
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "corpus.h"
#include "index/batch.h"
#include "index/reader.h"
#include "query/facet.h"
#include "query/filter.h"
#include "query/search.h"
#include "query/sort.h"
#include "engines/engine.h"

#define BATCH 65536
#define K     10

static const char conf[] = "field text text\n"
			   "field tag tags\n"
			   "field number number\n"
			   "field popularity number bias=0.01\n";

/* One document in so many has the tag. */
static const int every[] = { 100000, 10000, 1000, 100, 10, 3, 1 };

#define SHARES (int)(sizeof(every) / sizeof(every[0]))

struct query {
	uint32_t words[QUERY_WORDS_MAX];
	int count;
};

struct bench {
	struct corpus corpus;
	struct schema *schema;
	struct catalogue *catalogue;
	struct reader *reader;
	struct engine *peer; /* Xapian */
	struct query *queries;
	int query_count;
	double *took;
	double plain; /* us of a search without a filter */
	const char *only;
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(1);
}

static bool has_tag(uint32_t doc, int share)
{
	return hash_u64((uint64_t)doc << 8 | share) % every[share] == 0;
}

static void build(struct bench *b)
{
	char text[DOC_TERMS_MAX * 20], json[sizeof(text) + 512], id[16], tag[SHARES][16];
	const char *words[DOC_TERMS_MAX], *tags[SHARES];
	struct entry entry = { .words = words, .tags = tags };
	struct batch *batch = NULL;
	struct error err;
	uint64_t i;
	uint32_t d;
	int n, s;

	for (d = 0; d < b->corpus.docs; d++) {
		if (!batch && batch_begin(&batch, b->catalogue, &err) < 0)
			fail("batch", err.text);
		corpus_text(&b->corpus, d, text);
		n = sprintf(json, "{\"text\":\"%s\",\"number\":%.9f,\"popularity\":%d,\"tag\":[",
			text, (double)(hash_u64(d) >> 11) / (1ull << 53),
			(int)(hash_u64(~d) % 100));
		entry.count = entry.tag_count = 0;
		for (i = b->corpus.starts[d]; i < b->corpus.starts[d + 1]; i++)
			words[entry.count++] = b->corpus.words[b->corpus.terms[i]];
		for (s = 0; s < SHARES; s++)
			if (has_tag(d, s)) {
				n += sprintf(json + n, "%s\"s%d\"", json[n - 1] == '[' ? "" : ",",
					every[s]);
				sprintf(tag[s], "s%d", every[s]);
				tags[entry.tag_count++] = tag[s];
			}
		n += sprintf(json + n, "]}");
		if (b->peer)
			engine_xapian.add(b->peer, &entry);
		if (batch_put(batch, 0, slice_of(id, sprintf(id, "%u", d)), slice_of(json, n),
			    &err) < 0)
			fail("put", err.text);
		if ((d + 1) % BATCH == 0 || d + 1 == b->corpus.docs) {
			if (batch_commit(batch, &err) < 0)
				fail("commit", err.text);
			batch = NULL;
		}
	}
	if (b->peer)
		engine_xapian.commit(b->peer);
}

/* Of this thread alone: what else the machine does shall not count. */
static double cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

/* Any of the words; NULL without a query. */
static struct match *any_of(const struct bench *b, const struct query *q, struct arena *arena)
{
	struct match *root = arena_calloc(arena, 1 + QUERY_WORDS_MAX, sizeof(*root)), *leaf;
	int i;

	*root = (struct match){ .kind = MATCH_ANY, .weight = 1 };
	root->kids = arena_calloc(arena, QUERY_WORDS_MAX, sizeof(*root->kids));
	for (i = 0; q && i < q->count; i++) {
		leaf = root->kids[root->kid_count++] = root + 1 + i;
		*leaf = (struct match){ .kind = MATCH_TERM,
			.weight = 1,
			.text = slice_str(b->corpus.words[q->words[i]]) };
	}
	return q ? root : NULL;
}

static double time_ours(struct bench *b, const struct query *q, const char *where,
	struct arena *arena)
{
	struct plan plan = { .match = any_of(b, q, arena) };
	struct search_env env = { .view = reader_view(b->reader, 0), .arena = arena };
	struct filter *filter = NULL;
	struct search_result found;
	struct error err = { 0 };
	double start;

	start = cpu_us();
	if (where && filter_parse(&filter, b->schema, slice_str(where), arena, &err) < 0)
		fail(where, err.text);
	if (search_run(&env, &plan, filter, K, &found, &err) < 0)
		fail("search", err.text);
	return cpu_us() - start;
}

/* All that matches: counted by a facet, or with `text` NULL the ten first by a number. */
static double time_whole(struct bench *b, const struct query *q, const char *text,
	struct arena *arena)
{
	struct plan plan = { .match = any_of(b, q, arena) };
	const struct plan *plans[] = { &plan };
	struct search_env env = { .view = reader_view(b->reader, 0), .arena = arena };
	struct facet_counts counts;
	struct matches matches;
	struct sort_key key;
	struct facet facet;
	struct error err = { 0 };
	uint32_t *docs;
	double start = cpu_us();

	if (matches_find(&env, plans, 1, NULL, 0, &matches, &err) < 0)
		fail("matches", err.text);
	if (text && facet_parse(&facet, b->schema, slice_str(text), &err) == 0)
		facets_count(env.view, arena, &facet, 1, &matches, 0, &counts);
	else if (!text && sort_parse(&key, b->schema, SLICE_LIT("number"), true, &err) == 0)
		sort_first(env.view, arena, &key, 1, &matches, K, &docs);
	else
		fail(text ? text : "sort", err.text);
	return cpu_us() - start;
}

static double time_peer(struct bench *b, const struct query *q, const char *tag)
{
	struct ask ask = { .how = ASK_ANY, .count = q->count, .tag = tag };
	uint32_t docs[K];
	double start;
	int i;

	for (i = 0; i < q->count; i++)
		ask.words[i] = b->corpus.words[q->words[i]];
	start = cpu_us();
	engine_xapian.search(b->peer, &ask, K, docs);
	return cpu_us() - start;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double mean(const double *values, int n)
{
	double total = 0;
	int i;

	for (i = 0; i < n; i++)
		total += values[i];
	return total / n;
}

/* Mean time of all queries, each a request of its own; NULL: no words. */
static double run(struct bench *b, const char *where, bool words, double *p99)
{
	struct arena *arena;
	struct error err;
	double all;
	int i;

	*p99 = 0;
	if (!where && b->only)
		return 0;
	arena = arena_new();
	for (i = 0; i < b->query_count; i++) {
		reader_end(b->reader);
		if (reader_begin(b->reader, &err) < 0)
			fail("reader", err.text);
		arena_reset(arena);
		b->took[i] = time_ours(b, words ? &b->queries[i] : NULL, where, arena);
	}
	arena_free(arena);
	all = mean(b->took, b->query_count);
	qsort(b->took, b->query_count, sizeof(double), by_value);
	*p99 = b->took[b->query_count * 99 / 100];
	return all;
}

static void line(const char *name, double ours, const char *other, double theirs)
{
	if (other)
		printf("%-30s %11.1f us     %-10s %11.1f  ratio %7.2f\n", name, ours, other, theirs,
			theirs / ours);
	else
		printf("%-30s %11.1f us\n", name, ours);
	fflush(stdout);
}

static void filtered(struct bench *b, const char *name, const char *where, bool words,
	const char *tag)
{
	double ours, p99, theirs;
	char title[64];
	int i;

	if (b->only && strcmp(b->only, name))
		return;
	ours = run(b, where, words, &p99);
	for (i = 0; i < b->query_count && b->peer && tag; i++)
		b->took[i] = time_peer(b, &b->queries[i], tag);
	theirs = b->peer && tag ? mean(b->took, b->query_count) : b->plain;
	line(name, ours, b->peer && tag ? "xapian" : "unfiltered", theirs);
	snprintf(title, sizeof(title), "%s, p99", name);
	line(title, p99, NULL, 0);
}

static void shares(struct bench *b)
{
	char where[128], name[64], tag[16];
	int s;

	for (s = 0; s < SHARES; s++) {
		sprintf(where, "tag = s%d", every[s]);
		sprintf(tag, "s%d", every[s]);
		sprintf(name, "tag of 1 in %d", every[s]);
		filtered(b, name, where, true, tag);
	}
	for (s = 0; s < SHARES; s++) {
		sprintf(where, "number < %.9f", 1.0 / every[s]);
		sprintf(name, "number of 1 in %d", every[s]);
		filtered(b, name, where, true, NULL);
	}
	for (s = 0; s < SHARES; s++) {
		sprintf(where, "tag = s3 AND number < %.9f AND NOT tag = s10", 1.0 / every[s]);
		sprintf(name, "and, not, of 1 in %d", every[s]);
		filtered(b, name, where, true, NULL);
	}
	b->plain = run(b, NULL, false, &(double){ 0 });
	line("no words", b->plain, NULL, 0);
	for (s = 0; s < SHARES; s++) {
		sprintf(where, "number < %.9f", 1.0 / every[s]);
		sprintf(name, "no words, number of 1 in %d", every[s]);
		filtered(b, name, where, false, NULL);
		sprintf(where, "tag = s%d", every[s]);
		sprintf(name, "no words, tag of 1 in %d", every[s]);
		filtered(b, name, where, false, NULL);
	}
}

static void whole(struct bench *b)
{
	static const struct {
		const char *name, *text;
	} lines[] = { { "facet of a tag", "tag" }, { "facet of a number", "number:0.1" },
		{ "sorted by a number", NULL } };
	struct arena *arena = arena_new();
	char title[64];
	size_t l;
	int i;

	for (l = 0; l < 3; l++) {
		if (b->only && strcmp(b->only, lines[l].name))
			continue;
		for (i = 0; i < b->query_count; i++) {
			arena_reset(arena);
			b->took[i] = time_whole(b, &b->queries[i], lines[l].text, arena);
		}
		line(lines[l].name, mean(b->took, b->query_count), NULL, 0);
		qsort(b->took, b->query_count, sizeof(double), by_value);
		snprintf(title, sizeof(title), "%s, p99", lines[l].name);
		line(title, b->took[b->query_count * 99 / 100], NULL, 0);
	}
	arena_free(arena);
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	uint32_t docs = argc > 1 && atoi(argv[1]) ? atoi(argv[1]) : 1000000;
	char folder[64] = "/tmp/toller-bench-XXXXXX", ours[80], theirs[80], command[100];
	double p99;
	struct rng rng;
	struct error err;
	struct stat st;
	int i;

	b.query_count = argc > 2 && atoi(argv[2]) ? atoi(argv[2]) : 300;
	b.queries = calloc(b.query_count, sizeof(*b.queries));
	b.took = calloc(b.query_count, sizeof(double));
	if (argc > 3)
		snprintf(folder, sizeof(folder), "%s", argv[3]);
	else if (!mkdtemp(folder))
		fail("folder", "mkdtemp");
	if (argc > 4)
		b.only = argv[4];
	mkdir(folder, 0777);
	snprintf(ours, sizeof(ours), "%s/ours", folder);
	snprintf(theirs, sizeof(theirs), "%s/theirs", folder);
	corpus_make(&b.corpus, docs, 7);
	printf("filtered: %u documents\n", docs);
	rng_init(&rng, 8);
	for (i = 0; i < b.query_count; i++)
		b.queries[i].count = corpus_query(&b.corpus, &rng, b.queries[i].words);
	i = stat(ours, &st);
	if (schema_parse(&b.schema, "bench", slice_str(conf), "bench", &err) < 0 ||
		catalogue_open(&b.catalogue, ours, 16ul << 30, true, &b.schema, 1, &err) < 0)
		fail("open", err.text);
	if (argc <= 3)
		b.peer = engine_xapian.open(theirs, conf);
	if (i < 0)
		build(&b);
	if (reader_open(&b.reader, b.catalogue, &err) < 0 || reader_begin(b.reader, &err) < 0)
		fail("reader", err.text);
	run(&b, NULL, true, &p99);
	b.plain = run(&b, NULL, true, &p99);
	line("unfiltered", b.plain, NULL, 0);
	line("unfiltered, p99", p99, NULL, 0);
	shares(&b);
	whole(&b);
	reader_end(b.reader);
	reader_close(b.reader);
	catalogue_close(b.catalogue);
	schema_free(b.schema);
	if (b.peer)
		engine_xapian.close(b.peer);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return argc <= 3 && system(command) != 0;
}
