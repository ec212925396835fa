/* lexical.c -- building and searching the lexical index, beside SQLite FTS5 in the
 * same run: the real music tracks, any of the words, the ten best.
 *
 * A line a figure: name, value, unit, the peer's value, ratio (above 1: we are
 * faster).  Prints "skipped" where the data sets are absent. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/rng.h"
#include "index/batch.h"
#include "index/reader.h"
#include "query/search.h"

#define QUERIES 2000
#define BATCH 10000

struct tracks {
	struct slice *ids, *jsons;
	char **names, **artists;
	size_t count, cap;
};

static const char conf[] = "field name text weight=3 exact=yes\n"
			   "field artists text weight=2\nfield popularity number bias=0.02\n";

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(1);
}

static void add(struct tracks *t, const char *line, size_t len)
{
	struct error err;
	size_t cap = t->cap;
	json_t *root;

	if (json_parse(&root, slice_of(line, len), &err) < 0)
		return;
	if (t->count == cap) {
		t->cap = cap ? 2 * cap : 1 << 14;
		t->ids = xrealloc(t->ids, t->cap * sizeof(*t->ids));
		t->jsons = xrealloc(t->jsons, t->cap * sizeof(*t->jsons));
		t->names = xrealloc(t->names, t->cap * sizeof(*t->names));
		t->artists = xrealloc(t->artists, t->cap * sizeof(*t->artists));
	}
	t->ids[t->count] = slice_str(xstrdup(json_string_value(json_object_get(root, "id"))));
	t->jsons[t->count] = slice_of(xstrndup(line, len), len);
	t->names[t->count] = xstrdup(json_string_value(json_object_get(root, "name")));
	t->artists[t->count] = xstrdup(
		json_string_value(json_array_get(json_object_get(root, "artists"), 0)) ?: "");
	t->count++;
	json_decref(root);
}

static bool read_tracks(struct tracks *t, const char *data)
{
	char command[600], *line = NULL;
	size_t cap = 0;
	ssize_t len;
	FILE *in;

	snprintf(command, sizeof(command), "zcat %s/music/tracks.jsonl.gz 2>/dev/null", data);
	in = popen(command, "r");
	while (in && (len = getline(&line, &cap, in)) > 0)
		add(t, line, len);
	if (in)
		pclose(in);
	free(line);
	return t->count > 0;
}

static double build_ours(struct catalogue *catalogue, const struct tracks *t)
{
	int64_t start = clock_mono_us();
	struct batch *batch = NULL;
	struct error err;
	size_t i;

	for (i = 0; i < t->count; i++) {
		if (!batch && batch_begin(&batch, catalogue, &err) < 0)
			fail("batch", err.text);
		batch_put(batch, 0, t->ids[i], t->jsons[i], &err);
		if ((i + 1) % BATCH == 0 || i + 1 == t->count) {
			if (batch_commit(batch, &err) < 0)
				fail("commit", err.text);
			batch = NULL;
		}
	}
	return t->count / ((clock_mono_us() - start) / 1e6);
}

static double build_fts(sqlite3 *db, const struct tracks *t)
{
	int64_t start = clock_mono_us();
	sqlite3_stmt *put;
	size_t i;

	sqlite3_exec(db, "create virtual table t using fts5(name, artists, json unindexed)", 0,
		0, 0);
	if (sqlite3_prepare_v2(db, "insert into t values(?,?,?)", -1, &put, 0))
		fail("sqlite", sqlite3_errmsg(db));
	for (i = 0; i < t->count; i++) {
		if (i % BATCH == 0)
			sqlite3_exec(db, i ? "commit; begin" : "begin", 0, 0, 0);
		sqlite3_bind_text(put, 1, t->names[i], -1, SQLITE_STATIC);
		sqlite3_bind_text(put, 2, t->artists[i], -1, SQLITE_STATIC);
		sqlite3_bind_text(put, 3, t->jsons[i].ptr, t->jsons[i].len, SQLITE_STATIC);
		sqlite3_step(put);
		sqlite3_reset(put);
	}
	sqlite3_exec(db, "commit", 0, 0, 0);
	sqlite3_finalize(put);
	return t->count / ((clock_mono_us() - start) / 1e6);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double search_ours(struct view *view, struct slice *words, int count)
{
	struct arena *arena = arena_new();
	struct match leaves[4], *kids[4], any = { .kind = MATCH_ANY, .weight = 1, .kids = kids };
	struct score_term scores[2] = { { .kind = SCORE_BM25, .weight = 1 },
		{ .kind = SCORE_QUALITY, .weight = 0.5 } };
	struct plan plan = { .match = &any, .scores = scores, .score_count = 2 };
	struct search_env env = { .view = view, .arena = arena };
	struct search_result result;
	struct error err;
	int64_t start;
	double us;

	for (any.kid_count = 0; any.kid_count < count; any.kid_count++) {
		leaves[any.kid_count] = (struct match){ .kind = MATCH_TERM, .weight = 1,
			.text = words[any.kid_count] };
		kids[any.kid_count] = &leaves[any.kid_count];
	}
	start = clock_mono_ns();
	if (search_run(&env, &plan, NULL, 10, &result, &err) < 0)
		fail("search", err.text);
	us = (clock_mono_ns() - start) / 1e3;
	arena_free(arena);
	return us;
}

static double search_fts(sqlite3_stmt *find, struct slice *words, int count)
{
	struct buf text = { 0 };
	int64_t start;
	int i;

	for (i = 0; i < count; i++)
		buf_printf(&text, "%s\"%.*s\"", i ? " OR " : "", SLICE_ARG(words[i]));
	start = clock_mono_ns();
	sqlite3_bind_text(find, 1, text.ptr, text.len, SQLITE_STATIC);
	while (sqlite3_step(find) == SQLITE_ROW)
		;
	sqlite3_reset(find);
	buf_clear(&text);
	return (clock_mono_ns() - start) / 1e3;
}

/* 1 to `most` words of a random track's name, folded. */
static int pick_words(const struct tracks *t, struct rng *rng, struct arena *arena,
	struct slice words[4])
{
	struct tokens tokens;
	int n = 0, most = 1 + rng_below(rng, 4);

	do {
		const char *name = t->names[rng_below(rng, t->count)];

		analyze(analyzer_find(SLICE_LIT("plain")), arena, slice_str(name), &tokens);
	} while (!tokens.count);
	for (; n < most && (size_t)n < tokens.count; n++)
		words[n] = tokens.items[n].term;
	return n;
}

static void line(const char *name, double value, const char *unit, double peer, double ratio)
{
	printf("%-28s %10.1f %-8s fts5 %10.1f  ratio %6.2f\n", name, value, unit, peer, ratio);
}

int main(int argc, char **argv)
{
	static double ours[QUERIES], theirs[QUERIES];
	const char *data = getenv("TOLLER_DATA") ?: "../shared/data";
	char folder[] = "/tmp/toller-bench-XXXXXX", path[64];
	struct tracks tracks = { 0 };
	struct catalogue *catalogue;
	struct schema *schema;
	struct reader *reader;
	struct arena *arena = arena_new();
	struct slice words[4];
	struct rng rng;
	struct error err;
	sqlite3_stmt *find;
	sqlite3 *db;
	double a, b;
	int i, n;

	if (!read_tracks(&tracks, data)) {
		printf("lexical: skipped, no %s/music\n", data);
		return 0;
	}
	if (!mkdtemp(folder) ||
		schema_parse(&schema, "bench", slice_str(conf), "bench", &err) < 0 ||
		catalogue_open(&catalogue, folder, 4ul << 30, false, &schema, 1, &err) < 0)
		fail("open", err.text);
	snprintf(path, sizeof(path), "%s/fts.db", folder);
	sqlite3_open(path, &db);
	a = build_ours(catalogue, &tracks);
	b = build_fts(db, &tracks);
	line("build, documents", a, "1/s", b, a / b);
	if (reader_open(&reader, catalogue, &err) < 0 || reader_begin(reader, &err) < 0)
		fail("reader", err.text);
	if (sqlite3_prepare_v2(db, "select rowid from t where t match ? order by rank limit 10",
		    -1, &find, 0))
		fail("sqlite", sqlite3_errmsg(db));
	rng_init(&rng, 1);
	for (i = 0; i < QUERIES; i++) {
		arena_reset(arena);
		n = pick_words(&tracks, &rng, arena, words);
		ours[i] = search_ours(reader_view(reader, 0), words, n);
		theirs[i] = search_fts(find, words, n);
	}
	qsort(ours, QUERIES, sizeof(*ours), by_value);
	qsort(theirs, QUERIES, sizeof(*theirs), by_value);
	a = ours[QUERIES / 2], b = theirs[QUERIES / 2];
	line("any of 1-4 words, p50", a, "us", b, b / a);
	a = ours[QUERIES * 99 / 100], b = theirs[QUERIES * 99 / 100];
	line("any of 1-4 words, p99", a, "us", b, b / a);
	sqlite3_finalize(find);
	sqlite3_close(db);
	reader_end(reader);
	reader_close(reader);
	catalogue_close(catalogue);
	schema_free(schema);
	snprintf(path, sizeof(path), "rm -rf %.40s", folder);
	return system(path) != 0;
}
