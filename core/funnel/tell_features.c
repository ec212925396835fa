/* tell_features.c -- FEATURES: what searches are like of late, beside the days before. */
#include <stdio.h>

#include "funnel/search.h"
#include "learn/drift.h"
#include "learn/learning.h"

static void tell_pair(const char *name, const double value[PERIODS], struct json_out *out)
{
	char before[32];

	snprintf(before, sizeof(before), "%s_before", name);
	json_kv(out, num_short, name, value[NOW], 4);
	json_kv(out, num_short, before, value[BEFORE], 4);
}

static void tell_feature(const struct drift *d, struct json_out *out)
{
	static const char *const kinds[] = { "number", "flag", "cycle", "category", "product" };

	json_key(out, d->name);
	json_object_open(out);
	json_kv(out, str, "kind", kinds[d->kind]);
	tell_pair("searches", d->searches, out);
	tell_pair("mean", d->mean, out);
	tell_pair("sd", d->sd, out);
	tell_pair("absent", d->absent, out);
	tell_pair("outside", d->outside, out);
	json_kv(out, num_short, "moved", d->moved, 3);
	json_kv(out, str, "says", d->says[0] ? d->says : NULL);
	json_close(out);
}

int funnel_features(struct funnel *f, int collection, int64_t window_ms, struct arena *arena,
	struct buf *buf, struct error *err)
{
	struct funnel_collection *c = &f->shared->collections[collection];
	struct tally_rows rows = { f->learning, LEARNING_TALLIES, c->number, arena };
	struct cell_reader at = { 0 };
	const struct edition *edition = cell_read(editions_cell(c->editions), &at, NULL);
	struct drift *list = NULL;
	struct json_out out;
	int i, count = store_resume(f->learning, err);

	if (count == 0) {
		count = drift_read(&rows, edition->features, clock_now_ms(&f->shared->clock),
			window_ms, &list, err);
		store_pause(f->learning);
	}
	json_begin(&out, buf);
	json_object_open(&out);
	for (i = 0; i < count; i++)
		tell_feature(&list[i], &out);
	json_close(&out);
	cell_reader_clear(&at);
	return count < 0 ? count : 0;
}
