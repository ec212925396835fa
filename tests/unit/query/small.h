/* small.h -- a small catalogue for the tests of this folder. */
#ifndef UNIT_QUERY_SMALL_H
#define UNIT_QUERY_SMALL_H

#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "index/batch.h"
#include "index/reader.h"
#include "query/filter.h"
#include "query/query.h"
#include "query/search.h"

struct small {
	struct schema *schema;
	struct catalogue *catalogue;
	struct reader *reader;
	struct view *view;
	struct arena *arena;
};

/* rows: id, JSON, id, JSON, ..., NULL */
static inline void small_open(struct small *s, const char *conf, const char *const *rows)
{
	struct error err = { 0 };
	struct batch *batch;

	CHECK_OK(schema_parse(&s->schema, "small", slice_str(conf), "small.conf", &err), err);
	CHECK_OK(catalogue_open(&s->catalogue, test_folder(), 64 << 20, true, &s->schema, 1, &err),
		err);
	CHECK_OK(batch_begin(&batch, s->catalogue, &err), err);
	for (; rows && *rows; rows += 2)
		CHECK_OK(batch_put(batch, 0, slice_str(rows[0]), slice_str(rows[1]), &err), err);
	CHECK_OK(batch_commit(batch, &err), err);
	CHECK_OK(reader_open(&s->reader, s->catalogue, &err), err);
	CHECK_OK(reader_begin(s->reader, &err), err);
	s->view = reader_view(s->reader, 0);
	s->arena = arena_new();
}

static inline void small_close(struct small *s)
{
	reader_end(s->reader);
	reader_close(s->reader);
	catalogue_close(s->catalogue);
	schema_free(s->schema);
	arena_free(s->arena);
}

#endif
