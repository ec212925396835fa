/* Lists that are partly in chunks and partly in the dictionary, against a model. */
#include <stdio.h>

#include "base/rng.h"
#include "check.h"
#include "index/batch.h"
#include "index/compact.h"
#include "index/positions.h"
#include "index/postings.h"
#include "index/view.h"

#define DOCS  4000
#define WORDS 6

/* By document, as numbered; word w is in where bit w is set, behind `pad` others. */
struct model {
	bool present[DOCS];
	uint8_t words[DOCS], pad[DOCS], pop[DOCS];
	uint32_t limit;
};

struct world {
	struct schema *schema;
	struct catalogue *catalogue;
	struct model model;
	struct rng rng;
	int tails, grown, shrunk; /* states of lists that were met */
	bool had_chunks[WORDS];
};

static void put_one(struct world *w, struct batch *b, uint32_t doc)
{
	struct model *m = &w->model;
	struct error err = { 0 };
	char id[16], json[256];
	size_t n;
	int i;

	m->present[doc] = true;
	m->words[doc] = 1u << rng_below(&w->rng, WORDS) | 1u << rng_below(&w->rng, WORDS);
	m->pad[doc] = rng_below(&w->rng, 4);
	m->pop[doc] = rng_below(&w->rng, 200);
	n = snprintf(json, sizeof(json), "{\"t\":\"");
	for (i = 0; i < m->pad[doc]; i++)
		n += snprintf(json + n, sizeof(json) - n, "p%d ", i);
	for (i = 0; i < WORDS; i++)
		if (m->words[doc] >> i & 1)
			n += snprintf(json + n, sizeof(json) - n, "w%d w%d ", i, i);
	snprintf(json + n, sizeof(json) - n, "\",\"pop\":%d}", m->pop[doc]);
	snprintf(id, sizeof(id), "%u", doc);
	CHECK_OK(batch_put(b, 0, slice_str(id), slice_str(json), &err), err);
}

static void del_one(struct world *w, struct batch *b, uint32_t doc)
{
	struct error err = { 0 };
	char id[16];

	snprintf(id, sizeof(id), "%u", doc);
	CHECK_INT(batch_del(b, 0, slice_str(id), &err), w->model.present[doc]);
	w->model.present[doc] = false;
}

/* Numbers go up as long as no deleted one is free: so all are put before any goes. */
static void change(struct world *w, int round)
{
	struct error err = { 0 };
	struct batch *b;
	uint32_t n, i, doc;

	CHECK_OK(batch_begin(&b, w->catalogue, &err), err);
	if (w->model.limit < DOCS) {
		n = 1 + rng_below(&w->rng, round % 7 ? 40 : 400);
		for (i = 0; i < n && w->model.limit < DOCS; i++)
			put_one(w, b, w->model.limit++);
		for (i = rng_below(&w->rng, 6); i; i--) /* replaced, some of them new */
			put_one(w, b,
				w->model.limit - 1 -
					rng_below(&w->rng, round % 3             ? w->model.limit
							   : w->model.limit < 60 ? w->model.limit
										 : 60));
	} else {
		n = 1 + rng_below(&w->rng, 500);
		for (i = 0; i < n; i++) {
			doc = rng_below(&w->rng, DOCS);
			if (w->model.present[doc])
				del_one(w, b, doc);
		}
		if (round % 5 == 0) /* a word's chunks go, or all its end */
			for (doc = 0; doc < DOCS; doc++)
				if (w->model.present[doc] && (doc < DOCS - 40) == round % 2 &&
					w->model.words[doc] & 1)
					del_one(w, b, doc);
	}
	CHECK_OK(batch_commit(b, &err), err);
}

static void check_record(struct world *w, struct view *v, int word)
{
	struct error err = { 0 };
	struct term_record record;
	struct slice value;
	struct txn *txn;
	struct key key;
	char name[16];

	snprintf(name, sizeof(name), "w%d", word);
	key = key_term(w->catalogue->numbers[0], GROUP_TEXT, slice_str(name));
	CHECK_OK(store_begin(&txn, catalogue_store(w->catalogue), STORE_READ, &err), err);
	if (store_get(txn, TABLE_TERMS, key_slice(&key), &value, NULL) == 0) {
		CHECK_INT(term_decode(value, &record), 0);
		w->tails += record.chunked && record.n;
		w->grown += record.chunked && !w->had_chunks[word];
		w->shrunk += !record.chunked && w->had_chunks[word];
		w->had_chunks[word] = record.chunked;
	}
	store_end(txn);
}

/* A block that is read stands where it is in the map: it is never copied. */
static bool is_in_place(struct world *w, struct view *v, const struct postings *p, const char *name)
{
	struct key key = key_term(w->catalogue->numbers[0], GROUP_TEXT, slice_str(name));
	const char *from = (const char *)p->block.entry, *to = (const char *)p->block.body;
	struct slice value;

	if (!p->at_tail) {
		key_u8(&key, 0);
		key_u32(&key, chunk_last(&p->chunk));
	}
	return store_get(v->txn, p->at_tail ? TABLE_TERMS : TABLE_POSTINGS, key_slice(&key), &value,
		       NULL) == 0 &&
	       from >= value.ptr && to + p->block.body_bytes <= value.ptr + value.len;
}

/* The documents there are, in the order of their numbers; how many. */
static uint32_t in_order(const struct model *m, struct view *v, uint32_t *order)
{
	uint32_t limit = view_stats(v)->doc_limit, doc, number, n = 0;
	static uint32_t at[DOCS];
	char id[16];

	CHECK(limit <= DOCS);
	memset(at, 0xff, sizeof(at));
	for (doc = 0; doc < m->limit; doc++) {
		snprintf(id, sizeof(id), "%u", doc);
		number = view_doc(v, slice_str(id));
		CHECK_INT(number != DOC_NONE, m->present[doc]);
		if (number != DOC_NONE)
			at[number] = doc;
	}
	for (number = 0; number < limit; number++)
		if (at[number] != DOC_NONE)
			order[n++] = at[number];
	return n;
}

static void compare(struct world *w)
{
	static uint32_t order[DOCS], numbers[DOCS];
	const struct model *m = &w->model;
	struct arena *arena = arena_new();
	struct error err = { 0 };
	uint32_t doc, want, positions[256], place, df, n, k, limit;
	struct block_bounds bounds;
	struct postings *p;
	struct reader *reader;
	struct view *v;
	char name[16], id[16];
	int word, i;

	CHECK_OK(reader_open(&reader, w->catalogue, &err), err);
	CHECK_OK(reader_begin(reader, &err), err);
	v = reader_view(reader, 0);
	n = in_order(m, v, order);
	limit = view_stats(v)->doc_limit;
	for (word = 0; word < WORDS; word++) {
		check_record(w, v, word);
		snprintf(name, sizeof(name), "w%d", word);
		p = postings_open(v, arena, GROUP_TEXT, slice_str(name));
		for (k = df = 0; k < n; k++) {
			want = order[k];
			if (!(m->words[want] >> word & 1))
				continue;
			snprintf(id, sizeof(id), "%u", want);
			doc = numbers[df++] = postings_next(p);
			CHECK_INT(doc, view_doc(v, slice_str(id)));
			CHECK(is_in_place(w, v, p, name));
			CHECK_INT(postings_tf(p, 0), 2);
			CHECK_INT(postings_positions(p, 0, positions), 2);
			for (place = m->pad[want], i = 0; i < word; i++)
				place += 2 * (m->words[want] >> i & 1);
			CHECK_INT(positions[0], place);
			CHECK_INT(positions[1], place + 1);
			block_bounds(&p->block, &bounds);
			CHECK_INT(bounds_tf(&bounds, 0, 1), 2);
			CHECK(bounds.min_length[0][1] <= view_lengths(v, doc)[0]);
			CHECK(p->bounds.min_length[0][1] <= view_lengths(v, doc)[0]);
			CHECK(bounds.max_quality >= m->pop[want]);
			CHECK(p->bounds.max_quality >= m->pop[want]);
		}
		CHECK(postings_next(p) == DOC_NONE);
		CHECK_INT(postings_error(p), 0);
		CHECK_INT(p->df, df);
		/* a jump finds the document or the next */
		for (doc = rng_below(&w->rng, 50), k = 0; doc < limit;
			doc += 1 + rng_below(&w->rng, 300)) {
			struct postings *q = postings_again(p, arena);

			while (k < df && numbers[k] < doc)
				k++;
			CHECK_INT(postings_seek(q, doc), k < df ? numbers[k] : DOC_NONE);
			postings_close(q);
		}
		postings_close(p);
	}
	reader_end(reader);
	reader_close(reader);
	arena_free(arena);
}

TEST(lists_partly_in_the_dictionary_match_a_model)
{
	struct world w = { 0 };
	struct compacted done;
	struct error err = { 0 };
	int round;

	rng_init(&w.rng, 21);
	CHECK_OK(schema_parse(&w.schema, "t", SLICE_LIT("field t text\nfield pop number bias=1"),
			 "t.conf", &err),
		err);
	CHECK_OK(catalogue_open(&w.catalogue, test_folder(), 1 << 30, true, &w.schema, 1, &err),
		err);
	for (round = 0; round < 160; round++) {
		change(&w, round);
		compare(&w);
		if (round % 6 == 5) {
			CHECK_OK(catalogue_compact(w.catalogue, NULL, NULL, &done, &err), err);
			compare(&w);
		}
	}
	CHECK(w.model.limit == DOCS && w.tails > 50 && w.grown >= WORDS && w.shrunk > 0);
	catalogue_close(w.catalogue);
	schema_free(w.schema);
}
