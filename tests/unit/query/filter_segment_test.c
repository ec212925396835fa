/* Filters on many documents at once, against what the test knows of each. */
#include "small.h"

#include <stdlib.h>

#include "base/rng.h"

#define DOCS  10000 /* three segments, the last in part */
#define DEPTH 3

static const char conf[] = "field title text\n"
			   "field genre tags\n"
			   "field popularity number\n"
			   "field released date\n"
			   "field maker ref\n"
			   "kind kind\n";

struct known {
	uint32_t doc;                             /* DOC_NONE: deleted */
	int genre, kind, maker, popularity, year; /* below 0: it has none */
	int weight;                               /* of the genre, in 1/255 */
};

struct world {
	struct small s;
	struct rng rng;
	struct known docs[DOCS];
	int of[DOCS + SEGMENT_DOCS]; /* by number: 1 + its place in docs */
};

/* Genre 0 has most of them, genre 9 a handful; makers have a few each. */
static void put(struct world *w, struct batch *batch, int i)
{
	struct known *d = &w->docs[i];
	struct error err = { 0 };
	char json[512], id[16];
	double u = rng_double(&w->rng);
	int n = 0;

	d->genre = rng_below(&w->rng, 10) ? (int)(10 * u * u * u) : -1;
	d->weight = 1 + rng_below(&w->rng, 255);
	d->kind = rng_below(&w->rng, 20) ? rng_below(&w->rng, 2) : 2;
	d->maker = rng_below(&w->rng, 3) ? (int)rng_below(&w->rng, 300) : -1;
	d->popularity = rng_below(&w->rng, 6) ? (int)rng_below(&w->rng, 100) : -1;
	d->year = rng_below(&w->rng, 6) ? 1960 + i * 60 / DOCS : -1; /* as they came */
	n += sprintf(json + n, "{\"title\":\"t\",\"kind\":\"k%d\"", d->kind);
	if (d->genre >= 0)
		n += sprintf(json + n, ",\"genre\":{\"g%d\":%.17g}", d->genre, d->weight / 255.0);
	if (d->maker >= 0)
		n += sprintf(json + n, ",\"maker\":\"m%d\"", d->maker);
	if (d->popularity >= 0)
		n += sprintf(json + n, ",\"popularity\":%d", d->popularity);
	if (d->year >= 0)
		n += sprintf(json + n, ",\"released\":\"%d-05-05\"", d->year);
	strcpy(json + n, "}");
	sprintf(id, "d%d", i);
	CHECK_OK(batch_put(batch, 0, slice_str(id), slice_str(json), &err), err);
}

/* Replace and delete some, in a commit of their own. */
static void change(struct world *w, int share)
{
	struct error err = { 0 };
	struct batch *batch;
	char id[16];
	int i;

	reader_end(w->s.reader);
	CHECK_OK(batch_begin(&batch, w->s.catalogue, &err), err);
	for (i = 0; i < DOCS; i++) {
		if (rng_below(&w->rng, share))
			continue;
		if (rng_below(&w->rng, 2)) {
			put(w, batch, i);
			continue;
		}
		sprintf(id, "d%d", i);
		CHECK(batch_del(batch, 0, slice_str(id), &err) >= 0);
	}
	CHECK_OK(batch_commit(batch, &err), err);
	CHECK_OK(reader_begin(w->s.reader, &err), err);
	w->s.view = reader_view(w->s.reader, 0);
	memset(w->of, 0, sizeof(w->of));
	for (i = 0; i < DOCS; i++) {
		sprintf(id, "d%d", i);
		w->docs[i].doc = view_doc(w->s.view, slice_str(id));
		if (w->docs[i].doc != DOC_NONE)
			w->of[w->docs[i].doc] = 1 + i;
	}
}

static void world_open(struct world *w, uint64_t seed)
{
	struct error err = { 0 };
	struct batch *batch;
	int i;

	rng_init(&w->rng, seed);
	small_open(&w->s, conf, NULL);
	CHECK_OK(batch_begin(&batch, w->s.catalogue, &err), err);
	for (i = 0; i < DOCS; i++)
		put(w, batch, i);
	CHECK_OK(batch_commit(batch, &err), err);
	change(w, 4);
}

/* ---- a filter as the test understands it ---- */

struct meant {
	enum filter_kind kind;
	int field; /* 0 genre, 1 kind, 2 maker; 3 popularity, 4 year */
	int low, high;
	struct meant *kids[4];
	int count;
};

static struct meant *draw(struct world *w, int depth, struct buf *text)
{
	struct meant *m = arena_calloc(w->s.arena, 1, sizeof(*m));
	int i;

	if (depth && rng_below(&w->rng, 3)) {
		m->kind = FILTER_AND + rng_below(&w->rng, 3);
		m->count = m->kind == FILTER_NOT ? 1 : 1 + rng_below(&w->rng, 4);
		buf_puts(text, m->kind == FILTER_NOT ? "NOT (" : "(");
		for (i = 0; i < m->count; i++) {
			if (i)
				buf_puts(text, m->kind == FILTER_AND ? " AND " : " OR ");
			m->kids[i] = draw(w, depth - 1, text);
		}
		buf_puts(text, ")");
		return m;
	}
	switch (rng_below(&w->rng, 6)) {
	case 0:
		m->kind = FILTER_TAG;
		m->low = rng_below(&w->rng, 2) ? rng_below(&w->rng, 256) : 0;
		m->high = rng_below(&w->rng, 11); /* there is no g10 */
		if (m->low)
			buf_printf(text, "genre >= %.17g g%d", m->low / 255.0, m->high);
		else
			buf_printf(text, "genre = g%d", m->high);
		return m;
	case 1:
		m->kind = FILTER_KIND;
		m->low = rng_below(&w->rng, 3);
		buf_printf(text, "kind = k%d", m->low);
		return m;
	case 2:
		m->kind = FILTER_REF;
		m->low = rng_below(&w->rng, 300);
		buf_printf(text, "maker = m%d", m->low);
		return m;
	case 3:
		m->kind = FILTER_ID;
		m->low = rng_below(&w->rng, DOCS);
		buf_printf(text, "id = d%d", m->low);
		return m;
	case 4:
		m->kind = FILTER_RANGE;
		m->low = (int)rng_below(&w->rng, 120) - 10;
		m->high = m->low + rng_below(&w->rng, rng_below(&w->rng, 2) ? 3 : 100);
		buf_printf(text, "popularity %d..%d", m->low, m->high);
		return m;
	}
	m->kind = FILTER_RANGE;
	m->field = 1;
	m->low = 1960 + rng_below(&w->rng, 60);
	m->high = m->low + rng_below(&w->rng, 10);
	buf_printf(text, "released %d..%d", m->low, m->high);
	return m;
}

static bool passes(const struct meant *m, const struct known *d, int place)
{
	int i;

	switch (m->kind) {
	case FILTER_TAG: return d->genre == m->high && d->weight >= m->low;
	case FILTER_KIND: return d->kind == m->low;
	case FILTER_REF: return d->maker == m->low;
	case FILTER_ID: return place == m->low;
	case FILTER_RANGE:
		i = m->field ? d->year : d->popularity;
		return i >= 0 && i >= m->low && i <= m->high;
	case FILTER_AND:
		for (i = 0; i < m->count; i++)
			if (!passes(m->kids[i], d, place))
				return false;
		return true;
	case FILTER_OR:
		for (i = 0; i < m->count; i++)
			if (passes(m->kids[i], d, place))
				return true;
		return false;
	case FILTER_NOT: return !passes(m->kids[0], d, place);
	}
	return false;
}

/* Segments in any order, each as the test understands the filter. */
static void check_segments(struct world *w, const struct meant *m, struct filter_run *run,
	const char *text)
{
	uint32_t limit = view_stats(w->s.view)->doc_limit, low, doc;
	uint64_t bits[SEGMENT_WORDS];
	bool any, got, found;
	int round, i;

	for (round = 0; round < 4; round++) {
		low = rng_below(&w->rng, limit / SEGMENT_DOCS + 1) * SEGMENT_DOCS;
		any = filter_segment(run, low, bits);
		for (found = false, doc = low; doc < low + SEGMENT_DOCS; doc++) {
			i = doc < limit ? w->of[doc] : 0;
			got = bits[doc % SEGMENT_DOCS / 64] >> doc % 64 & 1;
			found = found || got;
			if (got != (i && passes(m, &w->docs[i - 1], i - 1)))
				check_fail(__FILE__, __LINE__, "%s: document %u %s", text, doc,
					got ? "passes" : "does not pass");
		}
		CHECK_INT(any, found);
	}
}

/* Documents one by one, and what filter_seek says of those between. */
static void check_documents(struct world *w, const struct meant *m, struct filter_run *run,
	const char *text)
{
	uint32_t doc = 0, at, limit = view_stats(w->s.view)->doc_limit;
	bool ascending = rng_below(&w->rng, 2);
	int round, i;

	for (round = 0; round < 300; round++) {
		doc = ascending ? doc + rng_below(&w->rng, 60) : rng_below(&w->rng, limit);
		if (doc >= limit)
			break;
		at = rng_below(&w->rng, 4) ? doc : filter_seek(run, doc);
		if (at < doc)
			check_fail(__FILE__, __LINE__, "%s: seeks %u for %u", text, at, doc);
		for (; doc < at && doc < limit; doc++) {
			i = w->of[doc];
			if (i && passes(m, &w->docs[i - 1], i - 1))
				check_fail(__FILE__, __LINE__, "%s: %u was passed over", text, doc);
		}
		i = doc < limit ? w->of[doc] : 0;
		if (i && filter_pass(run, doc) != passes(m, &w->docs[i - 1], i - 1))
			check_fail(__FILE__, __LINE__, "%s: document %u", text, doc);
	}
}

TEST(segments_and_documents_pass_as_is_meant)
{
	struct world *w = calloc(1, sizeof(*w));
	struct error err = { 0 };
	struct buf text = { 0 };
	struct filter_run *run;
	struct filter *f;
	struct meant *m;
	uint64_t seed;
	int round, part;

	for (seed = 1; seed <= 3; seed++) {
		world_open(w, seed);
		for (round = 0; round < 200; round++) {
			if (round % 50 == 49) /* what was kept is not true any more */
				change(w, 8);
			reader_end(w->s.reader);
			CHECK_OK(reader_begin(w->s.reader, &err), err);
			buf_reset(&text);
			m = draw(w, DEPTH, &text);
			CHECK_OK(filter_parse(&f, w->s.schema, buf_slice(&text), w->s.arena, &err),
				err);
			buf_putc(&text, '\0');
			run = filter_open(w->s.view, w->s.arena, f);
			for (part = 0; part < 3; part++)
				if (rng_below(&w->rng, 2))
					check_segments(w, m, run, text.ptr);
				else
					check_documents(w, m, run, text.ptr);
			CHECK_INT(filter_error(run), 0);
			filter_close(run);
			arena_reset(w->s.arena);
		}
		small_close(&w->s);
	}
	buf_clear(&text);
	free(w);
}

TEST(the_share_of_a_filter_is_about_what_passes)
{
	static const char *const texts[] = { "kind = k0", "genre = g0", "genre = g9",
		"popularity >= 50", "popularity 40..49", "kind != k0", "kind = k0 AND genre = g0",
		"kind = k0 OR genre = g0", "maker = m7", "genre = g10", "popularity > 1000" };
	struct world *w = calloc(1, sizeof(*w));
	struct error err = { 0 };
	struct filter_run *run;
	struct filter *f;
	double passed, share;
	size_t i;
	int j;

	world_open(w, 7);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CHECK_OK(filter_parse(&f, w->s.schema, slice_str(texts[i]), w->s.arena, &err), err);
		run = filter_open(w->s.view, w->s.arena, f);
		for (passed = j = 0; j < DOCS; j++)
			if (w->docs[j].doc != DOC_NONE)
				passed += filter_pass(run, w->docs[j].doc);
		passed /= view_stats(w->s.view)->docs;
		share = filter_share(run);
		if (!(share >= 0 && share <= 1 && fabs(share - passed) < 0.15))
			check_fail(__FILE__, __LINE__, "%s: share %g, passed %g", texts[i], share,
				passed);
		filter_close(run);
	}
	CHECK_NEAR(filter_share(NULL), 1, 0);
	small_close(&w->s);
	free(w);
}
