#include "small.h"

#include <stdlib.h>

#include "base/rng.h"
#include "query/sort.h"

static const char conf[] = "field title text\n"
			   "field price number\n"
			   "field stars number bias=1\n"
			   "field released date\n"
			   "field genre tags\n";

#define DOCS 6000

struct known {
	int price, stars, day; /* below 0: none */
	uint32_t doc;
};

static struct known known[DOCS];
static const struct sort_key *keys;
static int key_count;

static int value(const struct known *d, const struct field *f)
{
	return !strcmp(f->name, "price") ? d->price : !strcmp(f->name, "stars") ? d->stars : d->day;
}

static int by_keys(const void *a, const void *b)
{
	const struct known *x = *(struct known *const *)a, *y = *(struct known *const *)b;
	int k, v, w;

	for (k = 0; k < key_count; k++) {
		v = value(x, keys[k].field);
		w = value(y, keys[k].field);
		if (v == w)
			continue;
		if (v < 0 || w < 0)
			return v < 0 ? 1 : -1;
		return (v < w) == keys[k].descending ? 1 : -1;
	}
	v = x->stars < 0 ? 0 : x->stars;
	w = y->stars < 0 ? 0 : y->stars;
	return v != w ? w - v : x->doc < y->doc ? -1 : 1;
}

static void load(struct small *s, struct rng *rng)
{
	struct error err = { 0 };
	struct batch *batch;
	char json[256], id[16];
	int i, n;

	small_open(s, conf, NULL);
	reader_end(s->reader);
	CHECK_OK(batch_begin(&batch, s->catalogue, &err), err);
	for (i = 0; i < DOCS; i++) {
		known[i].price = rng_below(rng, 5) ? (int)rng_below(rng, 50) : -1;
		known[i].stars = rng_below(rng, 5) ? (int)rng_below(rng, 6) : -1;
		known[i].day = rng_below(rng, 5) ? (int)rng_below(rng, 28) : -1;
		n = sprintf(json, "{\"title\":\"t\"");
		if (known[i].price >= 0)
			n += sprintf(json + n, ",\"price\":%d", known[i].price);
		if (known[i].stars >= 0)
			n += sprintf(json + n, ",\"stars\":%d", known[i].stars);
		if (known[i].day >= 0)
			n += sprintf(json + n, ",\"released\":\"2020-02-%02d\"", known[i].day + 1);
		strcpy(json + n, "}");
		sprintf(id, "d%d", i);
		CHECK_OK(batch_put(batch, 0, slice_str(id), slice_str(json), &err), err);
	}
	CHECK_OK(batch_commit(batch, &err), err);
	CHECK_OK(reader_begin(s->reader, &err), err);
	s->view = reader_view(s->reader, 0);
	for (i = 0; i < DOCS; i++) {
		sprintf(id, "d%d", i);
		known[i].doc = view_doc(s->view, slice_str(id));
	}
}

TEST(sorted_documents_are_those_of_sorting_all)
{
	static const char *const names[] = { "price", "stars", "released" };
	struct known **all = calloc(DOCS, sizeof(*all));
	struct error err = { 0 };
	struct sort_key drawn[3];
	struct matches m;
	struct small s;
	struct rng rng;
	uint32_t *docs;
	size_t n, got, most, j;
	int i, round, share;

	rng_init(&rng, 5);
	load(&s, &rng);
	keys = drawn;
	for (round = 0; round < 60; round++) {
		struct search_env env = { .view = s.view, .arena = s.arena };

		share = 1 + rng_below(&rng, rng_below(&rng, 2) ? 3 : 2000);
		key_count = 1 + rng_below(&rng, 3);
		for (i = 0; i < key_count; i++)
			CHECK_OK(sort_parse(&drawn[i], s.schema,
					 slice_str(names[rng_below(&rng, 3)]), rng_below(&rng, 2),
					 &err),
				err);
		CHECK_OK(matches_find(&env, NULL, 0, NULL, 0, &m, &err), err);
		for (i = 0, n = 0; i < DOCS; i++)
			if (rng_below(&rng, share) == 0) {
				matches_add(&m, known[i].doc);
				all[n++] = &known[i];
			}
		qsort(all, n, sizeof(*all), by_keys);
		most = 1 + rng_below(&rng, 200);
		got = sort_first(s.view, s.arena, drawn, key_count, &m, most, &docs);
		CHECK_INT(got, n < most ? n : most);
		for (j = 0; j < got; j++)
			CHECK_INT(docs[j], all[j]->doc);
		arena_reset(s.arena);
	}
	free(all);
	small_close(&s);
}

TEST(sorting_is_by_numbers_and_dates)
{
	struct error err = { 0 };
	struct sort_key key;
	struct small s;

	small_open(&s, conf, NULL);
	CHECK_INT(sort_parse(&key, s.schema, SLICE_LIT("pirce"), false, &err), ERR_ARG);
	CHECK(strstr(err.text, "did you mean 'price'") != NULL);
	CHECK_INT(sort_parse(&key, s.schema, SLICE_LIT("genre"), false, &err), ERR_ARG);
	CHECK_STR(err.text, "field genre is neither a number nor a date");
	CHECK_INT(sort_parse(&key, s.schema, SLICE_LIT("title"), true, &err), ERR_ARG);
	small_close(&s);
}
