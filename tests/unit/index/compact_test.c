/* compact_test.c -- the catalogue written anew, at rest and while it is changed and read. */
#include "index/compact.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rng.h"
#include "check.h"
#include "index/batch.h"
#include "index/postings.h"
#include "index/tables.h"

#define IDS     6000
#define CHANGES 30000
#define WORDS   200

static const char conf[] =
	"field t text\nfield pop number bias=1\nfield u text positions=no exact=yes\n"
	"field g tags\nfield d date\nfield r ref\nkind kind\n";

struct world {
	char folder[300];
	struct schema *schema;
	struct catalogue *catalogue;
	struct writer *writer;
	struct rng rng;
	int version[IDS]; /* of each id's document; 0: none */
	atomic_bool over; /* or something is wrong */
	/* of threads */
	atomic_int compactions, requests, told;
	uint64_t again;
	char wrong[600], seen[100];
};

static size_t make(char json[256], int id, int version)
{
	size_t n = sprintf(json, "{\"t\":\"all w%d w%d of %d %s\",\"pop\":%d", version % WORDS,
		id % WORDS, version, version % 3 ? "" : "long long tail of words", version % 50);

	if (version % 5)
		n += sprintf(json + n, ",\"u\":\"other w%d\",\"d\":\"2008-11-%02d\"", version % 7,
			1 + version % 30);
	return n + sprintf(json + n, ",\"g\":{\"g%d\":0.%d},\"r\":\"%d\",\"kind\":\"k%d\"}",
			   version % 9, 1 + version % 9, id / 2, id % 3);
}

static void open_world(struct world *w, const char *folder)
{
	struct error err = { 0 };

	memset(w, 0, sizeof(*w));
	snprintf(w->folder, sizeof(w->folder), "%s", folder);
	rng_init(&w->rng, 31);
	CHECK_OK(schema_parse(&w->schema, "t", slice_str(conf), "t.conf", &err), err);
	CHECK_OK(catalogue_open(&w->catalogue, folder, 1 << 30, true, &w->schema, 1, &err), err);
}

static void close_world(struct world *w)
{
	catalogue_close(w->catalogue);
	schema_free(w->schema);
}

/* The same documents in a catalogue that knows no others. */
static void build_fresh(struct world *fresh, const struct world *w)
{
	struct error err = { 0 };
	struct batch *b;
	char id[16], json[256];
	int i;

	open_world(fresh, test_folder());
	CHECK_OK(batch_begin(&b, fresh->catalogue, &err), err);
	for (i = 0; i < IDS; i++) {
		if (!w->version[i])
			continue;
		snprintf(id, sizeof(id), "%d", i);
		make(json, i, w->version[i]);
		CHECK_OK(batch_put(b, 0, slice_str(id), slice_str(json), &err), err);
	}
	CHECK_OK(batch_commit(b, &err), err);
}

static void same_terms(struct view *v, struct view *fv)
{
	struct slice term, fresh_term;
	uint32_t df, fresh_df;
	int group;

	for (group = 0; group < GROUP_FIELDS + 6; group++) {
		struct term_walk at = { 0 }, fresh_at = { 0 };

		while (view_term_next(fv, group, &fresh_at, &fresh_term, &fresh_df)) {
			CHECK(view_term_next(v, group, &at, &term, &df));
			CHECK(slice_eq(term, fresh_term));
			CHECK_INT(df, fresh_df);
		}
		CHECK(!view_term_next(v, group, &at, &term, &df));
		view_term_end(&at);
		view_term_end(&fresh_at);
	}
}

/* What a list says of a document. */
static void same_posting(struct view *v, uint32_t doc, struct view *fv, uint32_t fresh_doc,
	int group, const char *term)
{
	uint32_t places[2][256];
	struct arena *arena = arena_new();
	struct postings *p = postings_open(v, arena, group, slice_str(term));
	struct postings *fp = postings_open(fv, arena, group, slice_str(term));
	bool there = postings_seek(p, doc) == doc;
	size_t n;
	int f;

	CHECK_INT(there, postings_seek(fp, fresh_doc) == fresh_doc);
	for (f = 0; there && f < 2; f++) {
		CHECK_INT(postings_tf(p, f), postings_tf(fp, f));
		n = postings_positions(p, f, places[0]);
		CHECK_INT(n, postings_positions(fp, f, places[1]));
		CHECK(!memcmp(places[0], places[1], n * sizeof(uint32_t)));
	}
	CHECK(!postings_error(p) && !postings_error(fp));
	postings_close(p);
	postings_close(fp);
	arena_free(arena);
}

static void same_document(struct view *v, uint32_t doc, struct view *fv, uint32_t fresh_doc, int i)
{
	double number, fresh_number;
	char word[16];
	int k;

	for (k = 0; k < 2; k++) {
		number = view_number(v, k, doc);
		fresh_number = view_number(fv, k, fresh_doc);
		CHECK(number == fresh_number || (isnan(number) && isnan(fresh_number)));
	}
	CHECK(!memcmp(view_lengths(v, doc), view_lengths(fv, fresh_doc), 2));
	CHECK_NEAR(view_quality(v, doc), view_quality(fv, fresh_doc), 0);
	if (i % 10)
		return;
	same_posting(v, doc, fv, fresh_doc, GROUP_TEXT, "all");
	same_posting(v, doc, fv, fresh_doc, GROUP_TEXT, "long");
	same_posting(v, doc, fv, fresh_doc, GROUP_TEXT, "w5");
	same_posting(v, doc, fv, fresh_doc, GROUP_KIND, "k1");
	snprintf(word, sizeof(word), "%d", i / 2);
	same_posting(v, doc, fv, fresh_doc, GROUP_FIELDS + 5, word);
	same_posting(v, doc, fv, fresh_doc, GROUP_FIELDS + 3, "g4");
}

/* All that scores depend on: frequencies, average lengths, the documents themselves. */
static void same_as_fresh(struct world *w)
{
	struct reader *r, *fr;
	struct error err = { 0 };
	uint32_t doc;
	struct world fresh;
	struct view *v, *fv;
	char id[16], json[256];
	int i;

	build_fresh(&fresh, w);
	CHECK_OK(reader_open(&r, w->catalogue, &err), err);
	CHECK_OK(reader_open(&fr, fresh.catalogue, &err), err);
	CHECK_OK(reader_begin(r, &err), err);
	CHECK_OK(reader_begin(fr, &err), err);
	v = reader_view(r, 0);
	fv = reader_view(fr, 0);
	CHECK_INT(view_stats(v)->docs, view_stats(fv)->docs);
	CHECK_NEAR(view_stats(v)->average_length[0], view_stats(fv)->average_length[0], 0);
	CHECK_NEAR(view_stats(v)->quality_max, view_stats(fv)->quality_max, 0);
	same_terms(v, fv);
	for (i = 0; i < IDS; i++) {
		snprintf(id, sizeof(id), "%d", i);
		doc = view_doc(v, slice_str(id));
		CHECK_INT(doc != DOC_NONE, w->version[i] > 0);
		if (doc == DOC_NONE)
			continue;
		make(json, i, w->version[i]);
		CHECK(slice_eq(view_json(v, doc), slice_str(json)));
		CHECK_NEAR(view_quality(v, doc), w->version[i] % 50, 0);
		same_document(v, doc, fv, view_doc(fv, slice_str(id)), i);
	}
	reader_end(r);
	reader_end(fr);
	reader_close(r);
	reader_close(fr);
	close_world(&fresh);
}

static void change_some(struct world *w, int count, int version)
{
	struct error err = { 0 };
	struct batch *b;
	char id[16], json[256];
	int i, n;

	CHECK_OK(batch_begin(&b, w->catalogue, &err), err);
	for (n = 0; n < count; n++) {
		i = rng_below(&w->rng, IDS);
		snprintf(id, sizeof(id), "%d", i);
		if (n % 4 == 3) {
			CHECK_INT(batch_del(b, 0, slice_str(id), &err), w->version[i] > 0);
			w->version[i] = 0;
			continue;
		}
		w->version[i] = ++version;
		make(json, i, version);
		CHECK_OK(batch_put(b, 0, slice_str(id), slice_str(json), &err), err);
	}
	CHECK_OK(batch_commit(b, &err), err);
}

TEST(a_catalogue_written_anew_is_smaller_and_holds_what_it_did)
{
	struct compacted done;
	struct error err = { 0 };
	struct reader *r;
	struct world w;
	uint64_t version, first;
	struct view *v;
	char path[400];
	int i;

	open_world(&w, test_folder());
	for (i = 0; i < 60; i++)
		change_some(&w, 500, 1000 * i);
	CHECK_OK(reader_open(&r, w.catalogue, &err), err);
	CHECK_OK(reader_begin(r, &err), err);
	first = version = reader_version(r);
	reader_end(r);
	CHECK_OK(catalogue_compact(w.catalogue, NULL, NULL, &done, &err), err);
	CHECK(done.after_bytes < done.before_bytes / 2);
	CHECK_INT(done.again, 0);
	same_as_fresh(&w);
	CHECK_OK(reader_begin(r, &err), err);
	CHECK(reader_version(r) > version);
	version = reader_version(r);
	v = reader_view(r, 0);
	CHECK_INT(view_stats(v)->doc_limit, view_stats(v)->docs);
	reader_end(r);
	change_some(&w, 500, 100000);
	same_as_fresh(&w);
	CHECK_OK(reader_begin(r, &err), err);
	CHECK(reader_version(r) > version && version > first);
	reader_end(r);
	reader_close(r);
	snprintf(path, sizeof(path), "%s/" COMPACT_FOLDER, w.folder);
	CHECK(access(path, F_OK) < 0);
	/* what comes after it is where it is looked for */
	catalogue_close(w.catalogue);
	CHECK_OK(catalogue_open(&w.catalogue, w.folder, 1 << 30, true, &w.schema, 1, &err), err);
	same_as_fresh(&w);
	close_world(&w);
}

TEST(half_a_copy_is_removed_and_a_stopped_one_leaves_all_as_it_was)
{
	struct compacted done;
	struct error err = { 0 };
	const atomic_bool stop = true;
	struct world w;
	char path[400];
	FILE *file;

	open_world(&w, test_folder());
	change_some(&w, 3000, 0);
	catalogue_close(w.catalogue);
	snprintf(path, sizeof(path), "%s/" COMPACT_FOLDER, w.folder);
	CHECK(mkdir(path, 0700) == 0);
	snprintf(path, sizeof(path), "%s/" COMPACT_FOLDER "/data.mdb", w.folder);
	file = fopen(path, "w");
	fputs("half", file);
	fclose(file);
	CHECK_OK(catalogue_open(&w.catalogue, w.folder, 1 << 30, true, &w.schema, 1, &err), err);
	snprintf(path, sizeof(path), "%s/" COMPACT_FOLDER, w.folder);
	CHECK(access(path, F_OK) < 0);
	CHECK_INT(catalogue_compact(w.catalogue, NULL, &stop, &done, &err), ERR_STATE);
	CHECK(access(path, F_OK) < 0);
	same_as_fresh(&w);
	change_some(&w, 500, 100000);
	same_as_fresh(&w);
	close_world(&w);
}

TEST(long_lists_come_in_portions_and_the_best_documents_first)
{
	const int docs = 300000;
	struct compacted done;
	struct error err = { 0 };
	struct arena *arena = arena_new();
	struct postings *p;
	struct reader *r;
	struct world w;
	struct batch *b;
	struct view *v;
	char id[16], json[64];
	float last = 1e9;
	uint32_t doc;
	int i;

	open_world(&w, test_folder());
	CHECK_OK(batch_begin(&b, w.catalogue, &err), err);
	for (i = 0; i < docs; i++) {
		snprintf(id, sizeof(id), "%d", i);
		sprintf(json, "{\"t\":\"%sall\",\"pop\":%d}", i % 2 ? "w " : "",
			i % 1000 * 7919 % 1000);
		CHECK_OK(batch_put(b, 0, slice_str(id), slice_str(json), &err), err);
	}
	CHECK_OK(batch_commit(b, &err), err);
	CHECK_OK(catalogue_compact(w.catalogue, NULL, NULL, &done, &err), err);
	CHECK_OK(reader_open(&r, w.catalogue, &err), err);
	CHECK_OK(reader_begin(r, &err), err);
	v = reader_view(r, 0);
	p = postings_open(v, arena, GROUP_TEXT, SLICE_LIT("all"));
	CHECK_INT(p->df, docs);
	for (doc = 0; doc < (uint32_t)docs; doc++) {
		uint32_t place;
		struct slice name = view_id(v, doc);

		i = strtol(name.ptr, NULL, 10);
		CHECK_INT(postings_next(p), doc);
		CHECK_INT(postings_positions(p, 0, &place), 1);
		CHECK_INT(place, i % 2);
		CHECK_NEAR(view_quality(v, doc), i % 1000 * 7919 % 1000, 0);
		CHECK(view_quality(v, doc) <= last);
		last = view_quality(v, doc);
	}
	CHECK(postings_next(p) == DOC_NONE && !postings_error(p));
	postings_close(p);
	reader_end(r);
	reader_close(r);
	arena_free(arena);
	close_world(&w);
}

/* ---- while it is changed and read ---- */

static void *compact_again(void *data)
{
	struct world *w = data;
	struct compacted done;
	struct error err = { 0 };
	int rc;

	while (!w->over) {
		rc = catalogue_compact(w->catalogue, w->writer, NULL, &done, &err);
		if (rc < 0 && rc != ERR_BUSY) {
			snprintf(w->wrong, sizeof(w->wrong), "compact: %s", err.text);
			w->over = true;
		}
		w->compactions += rc == 0;
		w->again += done.again;
	}
	return NULL;
}

/* Every document has the word: each state that is seen is whole. */
static void *read_again(void *data)
{
	struct world *w = data;
	struct arena *arena = arena_new();
	uint64_t version = 0;
	struct postings *p;
	struct reader *r;
	struct view *v;
	uint32_t docs;

	if (reader_open(&r, w->catalogue, NULL) < 0)
		return NULL;
	while (!w->over && reader_begin(r, NULL) == 0) {
		v = reader_view(r, 0);
		arena_reset(arena);
		p = postings_open(v, arena, GROUP_TEXT, SLICE_LIT("all"));
		for (docs = 0; postings_next(p) != DOC_NONE; docs++)
			;
		if (docs != view_stats(v)->docs || docs != p->df || postings_error(p) ||
			reader_version(r) < version) {
			snprintf(w->seen, sizeof(w->seen), "%u documents of %u, version %llu", docs,
				view_stats(v)->docs, (unsigned long long)reader_version(r));
			w->over = true;
		}
		version = reader_version(r);
		postings_close(p);
		reader_end(r);
		w->requests++;
	}
	reader_close(r);
	arena_free(arena);
	return NULL;
}

static void count_told(void *data, int rc, const struct error *err)
{
	struct world *w = data;

	w->told += rc >= 0;
}

static void push(struct world *w, struct preparer *preparer, int version)
{
	struct mutation m = { .kind = MUTATION_PUT, .done = count_told, .data = w };
	int i = rng_below(&w->rng, IDS);
	char id[16], json[256];
	struct error err = { 0 };

	snprintf(id, sizeof(id), "%d", i);
	m.id = slice_str(id);
	w->version[i] = rng_below(&w->rng, 4) ? version : 0;
	if (w->version[i]) {
		make(json, i, version);
		CHECK_OK(document_prepare(&m.document, preparer, w->schema, m.id, slice_str(json),
				 &err),
			err);
	} else {
		m.kind = MUTATION_DEL;
	}
	while (writer_push(w->writer, &m, NULL) == ERR_BUSY)
		sched_yield();
}

TEST(what_changes_while_it_is_written_anew_is_in_it)
{
	struct preparer *preparer = preparer_new();
	pthread_t compacting, reading;
	struct error err = { 0 };
	struct world w;
	int i;

	open_world(&w, test_folder());
	CHECK_OK(writer_open(&w.writer, w.catalogue, 500, &err), err);
	CHECK_INT(pthread_create(&compacting, NULL, compact_again, &w), 0);
	CHECK_INT(pthread_create(&reading, NULL, read_again, &w), 0);
	for (i = 0; i < CHANGES || (w.compactions < 5 && !w.over); i++) {
		push(&w, preparer, i + 1);
		if (i % (CHANGES / 8))
			continue;
		while (w.told < i + 1)
			sched_yield();
		same_as_fresh(&w);
	}
	w.over = true;
	pthread_join(compacting, NULL);
	pthread_join(reading, NULL);
	writer_close(w.writer);
	preparer_free(preparer);
	CHECK_STR(w.wrong, "");
	CHECK_STR(w.seen, "");
	CHECK(w.again > 0 && w.requests > 0);
	same_as_fresh(&w);
	close_world(&w);
}

TEST(a_collection_without_a_schema_is_copied_as_it_is)
{
	struct schema *schemas[2];
	struct compacted done;
	struct error err = { 0 };
	struct catalogue *c;
	struct reader *r;
	struct batch *b;
	const char *folder = test_folder();
	char id[16], json[256];
	int i, k;

	CHECK_OK(schema_parse(&schemas[0], "a", slice_str(conf), "a.conf", &err), err);
	CHECK_OK(schema_parse(&schemas[1], "b", slice_str(conf), "b.conf", &err), err);
	CHECK_OK(catalogue_open(&c, folder, 1 << 30, true, schemas, 2, &err), err);
	for (k = 0; k < 2; k++) {
		CHECK_OK(batch_begin(&b, c, &err), err);
		for (i = 0; i < 3000; i++) {
			snprintf(id, sizeof(id), "%d", i);
			make(json, i, i + k);
			CHECK_OK(batch_put(b, k, slice_str(id), slice_str(json), &err), err);
		}
		for (i = 0; i < 3000; i += 7) {
			snprintf(id, sizeof(id), "%d", i);
			CHECK_INT(batch_del(b, k, slice_str(id), &err), 1);
		}
		CHECK_OK(batch_commit(b, &err), err);
	}
	catalogue_close(c);
	for (k = 0; k < 2; k++) { /* now the one, now the other is known */
		CHECK_OK(catalogue_open(&c, folder, 1 << 30, true, schemas + k, 1, &err), err);
		CHECK_OK(catalogue_compact(c, NULL, NULL, &done, &err), err);
		catalogue_close(c);
	}
	CHECK_OK(catalogue_open(&c, folder, 1 << 30, true, schemas, 2, &err), err);
	CHECK_OK(reader_open(&r, c, &err), err);
	CHECK_OK(reader_begin(r, &err), err);
	for (k = 0; k < 2; k++) {
		struct view *v = reader_view(r, k);

		CHECK_INT(view_stats(v)->docs, 3000 - 429);
		CHECK_INT(view_stats(v)->doc_limit, view_stats(v)->docs);
		CHECK_INT(view_df(v, GROUP_TEXT, SLICE_LIT("all")), 3000 - 429);
		for (i = 0; i < 3000; i++) {
			snprintf(id, sizeof(id), "%d", i);
			make(json, i, i + k);
			CHECK(i % 7 ? slice_eq(view_json(v, view_doc(v, slice_str(id))),
					      slice_str(json))
				    : view_doc(v, slice_str(id)) == DOC_NONE);
			if (i % 7)
				same_posting(v, view_doc(v, slice_str(id)), v,
					view_doc(v, slice_str(id)), GROUP_TEXT, "all");
		}
	}
	reader_end(r);
	reader_close(r);
	catalogue_close(c);
	schema_free(schemas[0]);
	schema_free(schemas[1]);
}
