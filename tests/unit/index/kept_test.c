#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "index/batch.h"
#include "index/kept.h"

struct world {
	struct schema *schema;
	struct catalogue *catalogue;
	struct reader *reader;
	struct view *view;
};

static void put(struct world *w, int from, int to)
{
	struct error err = { 0 };
	struct batch *batch;
	char id[16];
	int i;

	CHECK_OK(batch_begin(&batch, w->catalogue, &err), err);
	for (i = from; i < to; i++) {
		sprintf(id, "d%d", i);
		CHECK_OK(batch_put(batch, 0, slice_str(id), SLICE_LIT("{}"), &err), err);
	}
	CHECK_OK(batch_commit(batch, &err), err);
}

static void next(struct world *w)
{
	struct error err = { 0 };

	reader_end(w->reader);
	CHECK_OK(reader_begin(w->reader, &err), err);
	w->view = reader_view(w->reader, 0);
}

static void world_open(struct world *w, int docs)
{
	struct error err = { 0 };

	CHECK_OK(schema_parse(&w->schema, "few", SLICE_LIT("field title text\n"), "few.conf", &err),
		err);
	CHECK_OK(catalogue_open(&w->catalogue, test_folder(), 256 << 20, true, &w->schema, 1, &err),
		err);
	put(w, 0, docs);
	CHECK_OK(reader_open(&w->reader, w->catalogue, &err), err);
	next(w);
}

static void world_close(struct world *w)
{
	reader_end(w->reader);
	reader_close(w->reader);
	catalogue_close(w->catalogue);
	schema_free(w->schema);
}

TEST(a_kept_set_is_there_again_until_a_commit)
{
	struct world w;
	struct kept *kept;

	world_open(&w, 5000);
	kept = view_keep(w.view, SLICE_LIT("one"));
	CHECK(!kept_knows(kept, 0) && !kept_knows(kept, 4999) && isnan(kept->share));
	kept->bits[SEGMENT_WORDS] = 6;
	kept->known[0] |= 2;
	kept->share = 0.5;
	CHECK(!kept_knows(view_keep(w.view, SLICE_LIT("two")), 4999));
	next(&w);
	kept = view_keep(w.view, SLICE_LIT("one"));
	CHECK(kept_knows(kept, 4999) && !kept_knows(kept, 0));
	CHECK(!kept_has(kept, 4096) && kept_has(kept, 4097) && kept_has(kept, 4098));
	CHECK_NEAR(kept->share, 0.5, 0);
	put(&w, 5000, 5001);
	next(&w);
	CHECK(!kept_knows(view_keep(w.view, SLICE_LIT("one")), 4999));
	world_close(&w);
}

TEST(the_set_unused_for_longest_makes_room_but_none_of_this_request)
{
	struct kept *first, *kept;
	struct world w;
	char key[16];
	int i, n;

	world_open(&w, 1);
	first = view_keep(w.view, SLICE_LIT("k0"));
	first->known[0] = 1;
	for (n = 1; n < 1000; n++) {
		sprintf(key, "k%d", n);
		kept = view_keep(w.view, slice_str(key));
		if (!kept)
			break;
		kept->known[0] = 1;
	}
	CHECK(n > 10 && n < 1000); /* all are of this request: one has no room */
	next(&w);
	CHECK(kept_knows(view_keep(w.view, SLICE_LIT("k0")), 0));
	next(&w);
	for (i = 0; i < n - 1; i++) { /* others, not k0: it was used last */
		sprintf(key, "new%d", i);
		CHECK(view_keep(w.view, slice_str(key)) != NULL);
	}
	CHECK(kept_knows(view_keep(w.view, SLICE_LIT("k0")), 0));
	CHECK(!view_keep(w.view, SLICE_LIT("k1")));
	world_close(&w);
}
