/* synthetic.c -- the lexical index on a made-up corpus of short documents, beside
 * Xapian in the same run (left out with --alone): how fast it is built, how large it
 * is, and any or all of 1 to 4 words, the 10 and the 100 best, on one thread.  It is built
 * by two: one prepares documents, the writer's commits them, durable at the end; once
 * without positions, as Xapian's is, and once with them.
 *
 *     synthetic [documents (1000000)] [queries (1000)] [folder] [--alone]
 *
 * A folder that is named is kept, and what was built in it is searched as it is.
 *
 * A line a figure: name, ours, the peer's, ratio (above 1: we are faster or smaller). */
#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "corpus.h"
#include "disk.h"
#include "index/reader.h"
#include "index/writer.h"
#include "query/search.h"
#include "xapian.h"

#define QUEUE 131072
#define K_MAX 100
#define PLACED_DOCS 1000000 /* with positions, too, if there are no more */
#define ROUNDS 3 /* of each query the best time: the machine may do other things */

static const char plain[] = "field text text positions=no\n", placed[] = "field text text\n";

struct query {
	uint32_t words[QUERY_WORDS_MAX];
	int count;
};

struct bench {
	struct corpus corpus;
	struct schema *schema;
	struct catalogue *catalogue;
	struct reader *reader;
	struct peer *peer;
	struct query *queries;
	int query_count;
	double *ours, *theirs;
	char folder[64];
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(1);
}

static off_t folder_bytes;

static int add_size(const char *path, const struct stat *st, int type, struct FTW *at)
{
	folder_bytes += type == FTW_F ? st->st_blocks * 512 : 0;
	return 0;
}

static double folder_mb(const char *path)
{
	folder_bytes = 0;
	nftw(path, add_size, 16, FTW_PHYS);
	return folder_bytes / 1e6;
}

/* The documents as JSON, one after the other. */
static char *make_json(const struct corpus *c, size_t **ends)
{
	size_t room = 0, len = 0, *end = *ends = malloc((c->docs + 1) * sizeof(*end));
	char *out = NULL;
	uint32_t d;

	for (d = 0; d < c->docs; d++) {
		if (room - len < DOC_TERMS_MAX * 20 + 16)
			out = realloc(out, room = 2 * room + (1 << 20));
		len += sprintf(out + len, "{\"text\":\"");
		len += corpus_text(c, d, out + len);
		len += sprintf(out + len, "\"}");
		end[d] = len;
	}
	return out;
}

static void push(struct writer *writer, struct mutation *m)
{
	const struct timespec wait = { 0, 1000000 };
	struct error err;
	int rc;

	while ((rc = writer_push(writer, m, &err)) == ERR_BUSY)
		nanosleep(&wait, NULL);
	if (rc < 0)
		fail("push", err.text);
}

/* As in the daemon: this thread prepares, the writer's commits. */
static double rate_ours(struct bench *b)
{
	struct preparer *preparer = preparer_new();
	struct mutation m = { .kind = MUTATION_PUT };
	struct writer *writer;
	struct error err;
	size_t *ends, from;
	int64_t start_us;
	uint32_t d;
	char *json, id[16];

	json = make_json(&b->corpus, &ends);
	start_us = clock_mono_us();
	if (writer_open(&writer, b->catalogue, QUEUE, &err) < 0)
		fail("writer", err.text);
	for (d = 0, from = 0; d < b->corpus.docs; from = ends[d++]) {
		if (document_prepare(&m.document, preparer, b->schema,
			    slice_of(id, sprintf(id, "%u", d)),
			    slice_of(json + from, ends[d] - from), &err) < 0)
			fail("document", err.text);
		push(writer, &m);
	}
	writer_close(writer);
	start_us = clock_mono_us() - start_us;
	preparer_free(preparer);
	free(json);
	free(ends);
	return b->corpus.docs / (start_us / 1e6);
}

static double rate_peer(struct bench *b)
{
	const char *words[DOC_TERMS_MAX];
	int64_t start = clock_mono_us();
	uint64_t i;
	uint32_t d;
	int n;

	for (d = 0; d < b->corpus.docs; d++) {
		for (n = 0, i = b->corpus.starts[d]; i < b->corpus.starts[d + 1]; i++)
			words[n++] = b->corpus.words[b->corpus.terms[i]];
		peer_add(b->peer, words, n);
	}
	peer_commit(b->peer);
	return b->corpus.docs / ((clock_mono_us() - start) / 1e6);
}

/* Of this thread alone: what else the machine does shall not count. */
static double cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static double time_ours(struct bench *b, const struct query *q, bool all, int k,
	struct arena *arena, struct search_result *out)
{
	struct match leaves[QUERY_WORDS_MAX], *kids[QUERY_WORDS_MAX];
	struct match root = { .kind = all ? MATCH_ALL : MATCH_ANY, .weight = 1, .kids = kids };
	struct plan plan = { .match = &root };
	struct search_env env = { .view = reader_view(b->reader, 0), .arena = arena };
	struct error err;
	double start;

	for (root.kid_count = 0; root.kid_count < q->count; root.kid_count++) {
		leaves[root.kid_count] = (struct match){ .kind = MATCH_TERM, .weight = 1,
			.text = slice_str(b->corpus.words[q->words[root.kid_count]]) };
		kids[root.kid_count] = &leaves[root.kid_count];
	}
	start = cpu_us();
	if (search_run(&env, &plan, NULL, k, out, &err) < 0)
		fail("search", err.text);
	return cpu_us() - start;
}

static double time_peer(struct bench *b, const struct query *q, bool all, int k)
{
	const char *words[QUERY_WORDS_MAX];
	uint32_t docs[K_MAX];
	double start;
	int i;

	for (i = 0; i < q->count; i++)
		words[i] = b->corpus.words[q->words[i]];
	start = cpu_us();
	peer_search(b->peer, words, q->count, all, k, docs);
	return cpu_us() - start;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void line(const char *name, double ours, const char *unit, double theirs, bool more)
{
	if (theirs > 0)
		printf("%-30s %11.1f %-6s xapian %11.1f  ratio %7.2f\n", name, ours, unit, theirs,
			more ? ours / theirs : theirs / ours);
	else
		printf("%-30s %11.1f %-6s\n", name, ours, unit);
}

static double sum(const double *values, int n)
{
	double total = 0;

	while (n)
		total += values[--n];
	return total;
}

/* Of each query the best time: one engine after the other, as either would be used. */
static void run(struct bench *b, bool peer, bool all, int k, double *took)
{
	struct arena *arena = arena_new();
	struct search_result found;
	int i, round;
	double us;

	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < b->query_count; i++) {
			arena_reset(arena);
			us = peer ? time_peer(b, &b->queries[i], all, k)
				  : time_ours(b, &b->queries[i], all, k, arena, &found);
			took[i] = round && took[i] < us ? took[i] : us;
		}
	qsort(took, b->query_count, sizeof(*took), by_value);
	arena_free(arena);
}

static void searches(struct bench *b, bool all, int k)
{
	int n = b->query_count;
	char name[64];

	run(b, false, all, k, b->ours);
	if (b->peer)
		run(b, true, all, k, b->theirs);
	snprintf(name, sizeof(name), "%s, top %d, queries", all ? "all" : "any", k);
	line(name, n * 1e6 / sum(b->ours, n), "1/s", b->peer ? n * 1e6 / sum(b->theirs, n) : 0, true);
	snprintf(name, sizeof(name), "%s, top %d, p50", all ? "all" : "any", k);
	line(name, b->ours[n / 2], "us", b->theirs[n / 2], false);
	snprintf(name, sizeof(name), "%s, top %d, p99", all ? "all" : "any", k);
	line(name, b->ours[n * 99 / 100], "us", b->theirs[n * 99 / 100], false);
	fflush(stdout);
}

static void open_ours(struct bench *b, const char *conf, const char *name)
{
	char path[80];
	struct error err;

	snprintf(path, sizeof(path), "%s/%s", b->folder, name);
	if (schema_parse(&b->schema, "bench", slice_str(conf), "bench", &err) < 0 ||
		catalogue_open(&b->catalogue, path, 64ul << 30, false, &b->schema, 1, &err) < 0 ||
		reader_open(&b->reader, b->catalogue, &err) < 0 ||
		reader_begin(b->reader, &err) < 0)
		fail("open", err.text);
}

static void close_ours(struct bench *b)
{
	reader_end(b->reader);
	reader_close(b->reader);
	catalogue_close(b->catalogue);
	schema_free(b->schema);
}

/* The folder's index as it is, or built and measured, `peer` beside it. */
static void build(struct bench *b, const char *what, bool peer)
{
	double rate, size = 0, theirs;
	struct error err;
	char name[64];

	if (view_stats(reader_view(b->reader, 0))->docs == b->corpus.docs)
		return;
	reader_end(b->reader);
	rate = rate_ours(b);
	theirs = peer && !peer_docs(b->peer) ? rate_peer(b) : 0;
	snprintf(name, sizeof(name), "build %s, documents", what);
	line(name, rate, "1/s", theirs, true);
	if (peer) {
		snprintf(name, sizeof(name), "%s/theirs", b->folder);
		size = folder_mb(name);
	}
	disk_report(b->catalogue, size);
	if (reader_begin(b->reader, &err) < 0)
		fail("reader", err.text);
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	const char *kept = argc > 3 && argv[3][0] != '-' ? argv[3] : NULL;
	bool alone = argc > 1 && !strcmp(argv[argc - 1], "--alone");
	uint32_t docs = argc > 1 && atoi(argv[1]) ? atoi(argv[1]) : 1000000;
	char path[100];
	struct rng rng;
	int i;

	b.query_count = argc > 2 && atoi(argv[2]) ? atoi(argv[2]) : 1000;
	b.queries = calloc(b.query_count, sizeof(*b.queries));
	b.ours = calloc(b.query_count, sizeof(double));
	b.theirs = calloc(b.query_count, sizeof(double));
	strcpy(b.folder, "/tmp/toller-bench-XXXXXX");
	if (kept && (!mkdir(kept, 0777) || errno == EEXIST))
		snprintf(b.folder, sizeof(b.folder), "%s", kept);
	else if (!mkdtemp(b.folder))
		fail("folder", "mkdtemp");
	corpus_make(&b.corpus, docs, 7);
	printf("synthetic: %u documents, %.1f words each\n", docs,
		(double)b.corpus.count / docs);
	rng_init(&rng, 8);
	for (i = 0; i < b.query_count; i++)
		b.queries[i].count = corpus_query(&b.corpus, &rng, b.queries[i].words);
	if (docs <= PLACED_DOCS) {
		open_ours(&b, placed, "placed");
		build(&b, "with positions", false);
		close_ours(&b);
	}
	snprintf(path, sizeof(path), "%s/theirs", b.folder);
	if (!alone)
		b.peer = peer_open(path);
	open_ours(&b, plain, "plain");
	build(&b, "without", !alone);
	searches(&b, false, 10);
	searches(&b, true, 10);
	searches(&b, false, 100);
	searches(&b, true, 100);
	close_ours(&b);
	if (b.peer)
		peer_close(b.peer);
	corpus_free(&b.corpus);
	snprintf(path, sizeof(path), "rm -rf %s", b.folder);
	return kept ? 0 : system(path) != 0;
}
