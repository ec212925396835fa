/* ours.c -- the core as an engine, through the interface that the daemon uses: one thread
 * prepares documents, the writer's commits them; a search is search_run of a plan. */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "disk.h"
#include "index/compact.h"
#include "index/reader.h"
#include "index/writer.h"
#include "query/search.h"

#define QUEUE     131072
#define MAP_BYTES (32ul << 30)

struct engine {
	struct schema *schema;
	struct catalogue *catalogue;
	struct preparer *preparer;
	struct writer *writer;
	struct reader *reader;
	struct arena *arena;
	uint32_t count;
	bool second; /* the catalogue is another's */
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(1);
}

static void read_again(struct engine *e)
{
	struct error err;

	reader_end(e->reader);
	if (reader_begin(e->reader, &err) < 0)
		fail("reader", err.text);
}

static struct engine *ours_open(const char *folder, const char *conf)
{
	struct engine *e = calloc(1, sizeof(*e));
	struct error err;

	if (schema_parse(&e->schema, "bench", slice_str(conf), "bench", &err) < 0 ||
		catalogue_open(&e->catalogue, folder, MAP_BYTES, false, &e->schema, 1, &err) < 0 ||
		reader_open(&e->reader, e->catalogue, &err) < 0 ||
		reader_begin(e->reader, &err) < 0)
		fail("open", err.text);
	e->arena = arena_new();
	return e;
}

static uint32_t ours_docs(struct engine *e)
{
	return view_stats(reader_view(e->reader, 0))->docs;
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

void ours_change(struct engine *e, uint32_t number, const char *json, uint32_t bytes)
{
	struct mutation m = { .kind = json ? MUTATION_PUT : MUTATION_DEL };
	struct error err;
	char id[16];

	if (!e->writer) {
		e->preparer = preparer_new();
		if (writer_open(&e->writer, e->catalogue, QUEUE, &err) < 0)
			fail("writer", err.text);
	}
	m.id = slice_of(id, sprintf(id, "%u", number));
	if (json && document_prepare(&m.document, e->preparer, e->schema, m.id,
			    slice_of(json, bytes), &err) < 0)
		fail("document", err.text);
	push(e->writer, &m);
}

static void ours_add(struct engine *e, const struct entry *entry)
{
	ours_change(e, e->count++, entry->json, entry->json_bytes);
}

static void ours_commit(struct engine *e)
{
	writer_close(e->writer);
	e->writer = NULL;
	preparer_free(e->preparer);
	read_again(e);
}

static int nothing(void *data, struct error *err)
{
	return 0;
}

void ours_settle(struct engine *e)
{
	struct error err;

	if (writer_call(e->writer, nothing, NULL, &err) < 0)
		fail("writer", err.text);
	read_again(e);
}

double ours_compact(struct engine *e)
{
	struct compacted done;
	struct error err;

	reader_end(e->reader);
	if (catalogue_compact(e->catalogue, e->writer, NULL, &done, &err) < 0)
		fail("compact", err.text);
	if (reader_begin(e->reader, &err) < 0)
		fail("reader", err.text);
	return done.took_us / 1e6;
}

struct engine *ours_second(struct engine *of)
{
	struct engine *e = calloc(1, sizeof(*e));
	struct error err;

	e->second = true;
	e->catalogue = of->catalogue;
	if (reader_open(&e->reader, e->catalogue, &err) < 0 || reader_begin(e->reader, &err) < 0)
		fail("reader", err.text);
	e->arena = arena_new();
	return e;
}

static enum match_kind kind_of(const struct ask *ask, int i)
{
	if (ask->how == ASK_FUZZY)
		return MATCH_FUZZY;
	return ask->how == ASK_PREFIX && i == ask->count - 1 ? MATCH_PREFIX : MATCH_TERM;
}

static struct search_result run(struct engine *e, const struct ask *ask, int k)
{
	bool any = ask->how == ASK_ANY || ask->how == ASK_FUZZY;
	struct match leaves[ASK_WORDS_MAX], *kids[ASK_WORDS_MAX], phrase;
	struct match root = { .kind = any ? MATCH_ANY : MATCH_ALL, .weight = 1, .kids = kids };
	struct filter where = { .kind = FILTER_KIND };
	struct score_term scores[2] = { { .kind = SCORE_BM25, .weight = 1 },
		{ .kind = SCORE_QUALITY, .weight = ask->quality } };
	struct plan plan = { .match = &root,
		.scores = scores,
		.score_count = 1 + (ask->quality > 0) };
	struct search_env env = { .view = reader_view(e->reader, 0), .arena = e->arena };
	struct search_result found;
	struct error err;

	arena_reset(e->arena);
	for (; root.kid_count < ask->count; root.kid_count++) {
		kids[root.kid_count] = &leaves[root.kid_count];
		leaves[root.kid_count] = (struct match){ .kind = kind_of(ask, root.kid_count),
			.weight = 1,
			.text = slice_str(ask->words[root.kid_count]) };
	}
	if (ask->how == ASK_PHRASE) {
		phrase = (struct match){ .kind = MATCH_PHRASE,
			.weight = 1,
			.text = slice_str(arena_printf(e->arena, "%s %s %s", ask->words[0],
				ask->words[1], ask->count > 2 ? ask->words[2] : "")) };
		plan.match = &phrase;
	}
	if (ask->tag) {
		where.text = slice_str(ask->tag);
		plan.where = &where;
	}
	if (search_run(&env, &plan, NULL, k, &found, &err) < 0)
		fail("search", err.text);
	return found;
}

static int ours_search(struct engine *e, const struct ask *ask, int k, uint32_t *docs)
{
	struct search_result found = run(e, ask, k);
	size_t i;

	for (i = 0; i < found.count; i++)
		docs[i] = found.hits[i].doc; /* numbers of its own */
	return found.count;
}

int ours_scores(struct engine *e, const struct ask *ask, int k, uint32_t *ids, float *scores)
{
	struct search_result found;
	size_t i;

	if (e->second)
		read_again(e);
	found = run(e, ask, k);
	for (i = 0; i < found.count; i++) {
		struct slice id = view_id(reader_view(e->reader, 0), found.hits[i].doc);

		ids[i] = strtoul(id.ptr, NULL, 10); /* JSON is behind it */
		scores[i] = found.hits[i].score;
	}
	return found.count;
}

static void ours_close(struct engine *e)
{
	if (e->writer)
		ours_commit(e);
	reader_end(e->reader);
	reader_close(e->reader);
	if (!e->second) {
		catalogue_close(e->catalogue);
		schema_free(e->schema);
	}
	arena_free(e->arena);
	free(e);
}

double ours_index_mb(struct engine *e)
{
	struct table_size tables[CATALOGUE_TABLES];

	return catalogue_sizes(e->catalogue, tables, NULL) < 0 ? 0 : disk_index_mb(tables);
}

double ours_file_mb(struct engine *e)
{
	struct cell_reader at = { 0 };
	struct store_info info;

	store_info(catalogue_look(e->catalogue, &at), &info);
	cell_reader_clear(&at);
	return info.file_bytes / 1e6;
}

void ours_report(struct engine *e)
{
	disk_report(e->catalogue, 0);
}

const struct engine_kind engine_ours = { "toller", ours_open, ours_docs, ours_add, ours_commit,
	ours_search, ours_close };
