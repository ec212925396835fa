#include "index/writer.h"

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
		m.id = slice_str(id);
		m.kind = i % 3 == 2 && i % 2 ? MUTATION_DEL : MUTATION_PUT;
		m.json = i % 3 == 1 ? SLICE_LIT("{\"t\":1}") : SLICE_LIT("{\"t\":\"a b\"}");
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
}
