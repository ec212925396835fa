#include "index/writer.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "check.h"
#include "index/reader.h"

static int results[1000], count;

static void note(void *data, int rc, const struct error *err)
{
	int i = (int)(intptr_t)data;

	results[i] = i == count ? rc : -99; /* in order */
	count++;
}

TEST(each_mutation_gets_its_own_result_in_order)
{
	struct preparer *preparer = preparer_new();
	struct error err = { 0 };
	struct catalogue *c;
	struct schema *s;
	struct writer *w;
	struct reader *r;
	struct mutation m = { .done = note };
	char id[16];
	intptr_t i;

	count = 0;
	CHECK_OK(schema_parse(&s, "x", SLICE_LIT("field t text"), "x", &err), err);
	CHECK_OK(catalogue_open(&c, test_folder(), 64 << 20, true, &s, 1, &err), err);
	CHECK_OK(writer_open(&w, c, 2000, &err), err);
	for (i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "%d", (int)i / 3);
		m.id = i % 3 == 1 ? SLICE_LIT("") : slice_str(id); /* no id: refused alone */
		m.kind = i % 3 == 1 || (i % 3 == 2 && i % 2) ? MUTATION_DEL : MUTATION_PUT;
		if (m.kind == MUTATION_PUT)
			CHECK_OK(document_prepare(&m.document, preparer, s, m.id,
					 SLICE_LIT("{\"t\":\"a b\"}"), &err),
				err);
		m.data = (void *)i;
		CHECK_OK(writer_push(w, &m, &err), err);
	}
	writer_close(w);
	CHECK_INT(count, 1000);
	for (i = 0; i < 1000; i++)
		CHECK_INT(results[i], i % 3 == 1 ? ERR_ARG : i % 3 == 2 && i % 2 ? 1 : 0);
	CHECK_OK(reader_open(&r, c, &err), err);
	CHECK_OK(reader_begin(r, &err), err);
	CHECK_INT(view_stats(reader_view(r, 0))->docs, 334 - 166);
	reader_end(r);
	reader_close(r);
	catalogue_close(c);
	schema_free(s);
	preparer_free(preparer);
}

/* ---- several threads bring documents ---- */

#define BRINGERS 3
#define BROUGHT  4000

struct bringer {
	struct writer *writer;
	struct schema *schema;
	int number;
	_Atomic int done;
};

static void count_done(void *data, int rc, const struct error *err)
{
	struct bringer *b = data;

	b->done += rc == 0;
}

static void *bring(void *data)
{
	struct bringer *b = data;
	struct preparer *preparer = preparer_new();
	struct mutation m = { .kind = MUTATION_PUT, .done = count_done, .data = b };
	char id[16], json[64];
	int i;

	for (i = 0; i < BROUGHT; i++) {
		snprintf(id, sizeof(id), "%d.%d", b->number, i);
		snprintf(json, sizeof(json), "{\"t\":\"all mine%d n%d\"}", b->number, i);
		if (document_prepare(&m.document, preparer, b->schema, slice_str(id),
			    slice_str(json), NULL) < 0)
			break;
		while (writer_push(b->writer, &m, NULL) == ERR_BUSY)
			sched_yield();
	}
	preparer_free(preparer);
	return NULL;
}

TEST(documents_of_several_threads_all_arrive_while_the_queue_is_short)
{
	struct bringer bringers[BRINGERS];
	pthread_t threads[BRINGERS];
	struct error err = { 0 };
	struct catalogue *c;
	struct schema *s;
	struct writer *w;
	struct reader *r;
	struct view *v;
	char word[16];
	int i;

	CHECK_OK(schema_parse(&s, "x", SLICE_LIT("field t text"), "x", &err), err);
	CHECK_OK(catalogue_open(&c, test_folder(), 64 << 20, true, &s, 1, &err), err);
	CHECK_OK(writer_open(&w, c, 500, &err), err);
	for (i = 0; i < BRINGERS; i++) {
		bringers[i] = (struct bringer){ .writer = w, .schema = s, .number = i };
		CHECK(!pthread_create(&threads[i], NULL, bring, &bringers[i]));
	}
	for (i = 0; i < BRINGERS; i++)
		pthread_join(threads[i], NULL);
	writer_close(w);
	CHECK_OK(reader_open(&r, c, &err), err);
	CHECK_OK(reader_begin(r, &err), err);
	v = reader_view(r, 0);
	CHECK_INT(view_stats(v)->docs, BRINGERS * BROUGHT);
	CHECK_INT(view_df(v, GROUP_TEXT, SLICE_LIT("all")), BRINGERS * BROUGHT);
	for (i = 0; i < BRINGERS; i++) {
		CHECK_INT(bringers[i].done, BROUGHT);
		snprintf(word, sizeof(word), "mine%d", i);
		CHECK_INT(view_df(v, GROUP_TEXT, slice_str(word)), BROUGHT);
	}
	snprintf(word, sizeof(word), "n%d", BROUGHT - 1);
	CHECK_INT(view_df(v, GROUP_TEXT, slice_str(word)), BRINGERS);
	reader_end(r);
	reader_close(r);
	catalogue_close(c);
	schema_free(s);
}
