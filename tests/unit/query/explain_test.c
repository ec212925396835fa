/* explain_test.c -- what is told of a hit adds up to its score, whatever was asked. */
#include "small.h"

#include <math.h>

#include "base/rng.h"
#include "index/postings.h"

static const char conf[] = "field title text weight=3 accents=both exact=yes\n"
			   "field body  text analyzer=english\n"
			   "field start text grams=edge:1-4 from=title weight=0.5\n"
			   "field genre tags\n"
			   "field maker ref prefix=m:\n"
			   "field popularity number bias=0.02\n"
			   "field released date\n"
			   "kind kind\n";

#define DOCS 1500

static const char *const vocabulary[] = { "running", "runs", "run", "café", "cafe's", "love",
	"loves", "loving", "story", "stories", "red", "rid", "rod", "taylor's", "tayler",
	"東京事変", "blue" };

#define WORDS (sizeof(vocabulary) / sizeof(*vocabulary))

static const char *word(struct rng *rng)
{
	size_t n = WORDS * rng_double(rng) * rng_double(rng);

	return vocabulary[n];
}

static char *words(struct arena *arena, struct rng *rng, int n)
{
	char *text = arena_strdup(arena, word(rng));

	for (; n > 1; n--)
		text = arena_printf(arena, "%s %s", text, word(rng));
	return text;
}

static void fill(struct small *s, struct rng *rng)
{
	struct error err = { 0 };
	struct batch *batch;
	int d;

	reader_end(s->reader);
	CHECK_OK(batch_begin(&batch, s->catalogue, &err), err);
	for (d = 0; d < DOCS; d++) {
		char *title = words(s->arena, rng, 1 + rng_below(rng, 5));
		char *body = words(s->arena, rng, 1 + rng_below(rng, 30));
		char *id = arena_printf(s->arena, "d%d", d);
		char *json = arena_printf(s->arena,
			"{\"title\":\"%s\",\"body\":\"%s\",\"genre\":{\"g%d\":%g},\"maker\":\"%d\","
			"\"popularity\":%d,\"kind\":\"k%d\"%s}",
			title, body, (int)rng_below(rng, 4), 0.25 * (1 + rng_below(rng, 4)),
			(int)rng_below(rng, 5), (int)rng_below(rng, 100), (int)rng_below(rng, 3),
			rng_below(rng, 3) ? arena_printf(s->arena, ",\"released\":\"20%02d\"",
						    (int)rng_below(rng, 24))
					  : "");

		CHECK_OK(batch_put(batch, 0, slice_str(id), slice_str(json), &err), err);
	}
	CHECK_OK(batch_commit(batch, &err), err);
	CHECK_OK(reader_begin(s->reader, &err), err);
	s->view = reader_view(s->reader, 0);
}

/* ---- random plans ---- */

static struct match *node(struct small *s, struct rng *rng, enum match_kind kind)
{
	struct match *m = arena_calloc(s->arena, 1, sizeof(*m));

	m->kind = kind;
	m->weight = 0.25f * (1 + rng_below(rng, 8));
	m->kids = arena_calloc(s->arena, 6, sizeof(*m->kids));
	return m;
}

static struct match *leaf(struct small *s, struct rng *rng)
{
	enum match_kind kind = rng_below(rng, MATCH_ALL);
	struct match *m = node(s, rng, kind);

	m->text =
		slice_str(words(s->arena, rng, kind == MATCH_PHRASE || kind == MATCH_NEAR ? 2 : 1));
	m->fields = rng_below(rng, 2) ? 0 : 1 + rng_below(rng, 7);
	switch (kind) {
	case MATCH_TERM:
		if (rng_below(rng, 3))
			break;
		m->also = arena_calloc(s->arena, 2, sizeof(*m->also));
		m->also[m->also_count++] = slice_str(word(rng));
		m->also[m->also_count++] = slice_str(words(s->arena, rng, 2));
		break;
	case MATCH_PREFIX: m->text = slice_of(m->text.ptr, 1 + rng_below(rng, 3)); break;
	case MATCH_FUZZY: m->edits = rng_below(rng, 3); break;
	case MATCH_PHRASE:
	case MATCH_NEAR:
		m->slop = rng_below(rng, 5);
		if (rng_below(rng, 2))
			break;
		m->text = SLICE_LIT("");
		m->kids[m->kid_count++] = node(s, rng, MATCH_FUZZY);
		m->kids[m->kid_count++] = node(s, rng, MATCH_TERM);
		m->kids[0]->text = slice_str(word(rng));
		m->kids[1]->text = slice_str(word(rng));
		break;
	case MATCH_EXACT: break;
	case MATCH_REF:
		m->field = schema_field(s->schema, SLICE_LIT("maker"));
		m->text = slice_str(arena_printf(s->arena, "m:%d", (int)rng_below(rng, 5)));
		break;
	case MATCH_TAG:
		m->field = schema_field(s->schema, SLICE_LIT("genre"));
		m->text = slice_str(arena_printf(s->arena, "g%d", (int)rng_below(rng, 4)));
		break;
	default: m->text = slice_str(arena_printf(s->arena, "k%d", (int)rng_below(rng, 3)));
	}
	return m;
}

static struct match *tree(struct small *s, struct rng *rng, int depth)
{
	struct match *m, *not ;
	int n, i;

	if (!depth || rng_below(rng, 4) == 0)
		return leaf(s, rng);
	m = node(s, rng, MATCH_ALL + rng_below(rng, 3));
	n = 1 + rng_below(rng, 4);
	for (i = 0; i < n; i++)
		m->kids[m->kid_count++] = tree(s, rng, depth - 1);
	m->least = 1 + rng_below(rng, n);
	if (m->kind == MATCH_ALL && rng_below(rng, 2)) {
		not = node(s, rng, MATCH_NOT);
		not ->kids[not ->kid_count++] = tree(s, rng, depth - 1);
		m->kids[m->kid_count++] = not ;
	}
	return m;
}

static struct filter *filter(struct small *s, struct rng *rng)
{
	static const char *const texts[] = { "kind = k1", "popularity >= 50 AND NOT genre = g1",
		"genre >= 0.5 g2 OR maker = m:3", "released < 2012", "kind IN (k0, k2)" };
	struct error err = { 0 };
	struct filter *f = NULL;

	if (rng_below(rng, 3) == 0)
		CHECK_OK(filter_parse(&f, s->schema, slice_str(texts[rng_below(rng, 5)]), s->arena,
				 &err),
			err);
	return f;
}

static int scores(struct small *s, struct rng *rng, struct score_term *t)
{
	const struct field *popularity = schema_field(s->schema, SLICE_LIT("popularity"));
	const struct field *released = schema_field(s->schema, SLICE_LIT("released"));
	struct filter *f = filter(s, rng);
	int n = 0, most = 1 + rng_below(rng, 4), kind;

	while (n < most) {
		kind = rng_below(rng, SCORE_CONST + 1);
		t[n] = (struct score_term){ .kind = kind,
			.weight = 0.3f * (1 + rng_below(rng, 5)) };
		if (kind == SCORE_IS && !f)
			continue;
		t[n].filter = kind == SCORE_IS ? f : NULL;
		if (kind == SCORE_COLUMN || kind == SCORE_LOG1P)
			t[n].field = popularity;
		if (kind == SCORE_RECENCY) {
			t[n].field = released;
			t[n].half_life_days = 300;
		}
		if (kind == SCORE_BM25 && rng_below(rng, 2)) {
			t[n].k1 = 0.5f * (1 + rng_below(rng, 4));
			t[n].b = 0.5f;
			t[n].field_weight[0] = 2;
			t[n].field_weight[1] = rng_below(rng, 2);
		}
		n++;
	}
	return n;
}

/* ---- what is told ---- */

static double number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_number(value))
		check_fail(__FILE__, __LINE__, "no number \"%s\"", key);
	return json_number_value(value);
}

/* Of a list of a word: its score from the numbers beside it. */
static void check_list(const json_t *l, const json_t *of, const json_t *bm, int round)
{
	double k1 = number(bm, "k1"), b = number(bm, "b"), tf = 0, want;
	const char *name;
	json_t *f;

	json_object_foreach(json_object_get(l, "fields"), name, f)
		tf += number(f, "weight") * number(f, "tf") /
		      (1 - b + b * number(f, "length") / number(f, "average"));
	CHECK_NEAR(number(l, "frequency"), tf, 1e-5 * (1 + tf));
	want = number(bm, "weight") * number(of, "weight") * number(of, "idf") *
	       number(l, "weight");
	want *= tf > 0 ? tf * (k1 + 1) / (tf + k1) : 0;
	if (fabs(number(l, "score") - want) > number(bm, "unit") + 1e-6 * want)
		check_fail(__FILE__, __LINE__, "round %d: %.9g, not %.9g", round,
			number(l, "score"), want);
}

/* What a node gives is the sum of what its parts give, a leaf the best of its lists. */
static double check_node(const json_t *node, const json_t *bm, int round)
{
	static const char *const joins[] = { "all", "any", "atleast", "phrase", "near" };
	const json_t *kids = NULL, *lists = json_object_get(node, "terms"), *item;
	bool matched = json_is_true(json_object_get(node, "matched"));
	double sum = 0, score = number(node, "score");
	size_t i;
	int j, n = 0;

	for (j = 0; j < 5 && !json_is_array(kids); j++)
		kids = json_object_get(node, joins[j]);
	json_array_foreach(kids, i, item) {
		n += json_is_true(json_object_get(item, "matched"));
		sum += check_node(item, bm, round);
	}
	json_array_foreach(json_object_get(node, "none_of"), i, item) {
		check_node(item, bm, round);
		CHECK(!matched || !json_is_true(json_object_get(item, "matched")));
	}
	json_array_foreach(lists, i, item) {
		if (json_object_get(item, "fields") && bm)
			check_list(item, node, bm, round);
		sum = fmax(sum, number(item, "score"));
	}
	if (matched && !lists)
		CHECK(n >= 1 && (j > 1 || n == (int)json_array_size(kids)));
	if (score != (matched ? sum : 0))
		check_fail(__FILE__, __LINE__, "round %d: %.17g, not %.17g", round, score, sum);
	return score;
}

static json_t *explained(struct small *s, const struct plan *plan, struct filter *where,
	uint32_t doc)
{
	struct search_env env = { .view = s->view, .arena = s->arena, .now_ms = 1700000000000 };
	struct error err = { 0 };
	struct buf buf = { 0 };
	struct json_out out;
	json_t *root;

	json_begin(&out, &buf);
	search_explain(&env, plan, where, doc, &out);
	CHECK_OK(json_parse(&root, buf_slice(&buf), &err), err);
	buf_clear(&buf);
	return root;
}

static void check_hit(struct small *s, const struct plan *plan, struct filter *where,
	struct scored hit, int round)
{
	json_t *root = explained(s, plan, where, hit.doc), *terms = json_object_get(root, "terms");
	json_t *term, *bm = NULL, *filters = json_object_get(root, "where");
	double sum = 0, words = 0;
	int bm25 = 0;
	size_t i;

	CHECK(json_is_true(json_object_get(root, "matched")));
	CHECK(!filters || json_is_true(json_object_get(filters, "passes")));
	CHECK((float)number(root, "score") == hit.score);
	json_array_foreach(terms, i, term)
		if (!strcmp(json_string_value(json_object_get(term, "term")), "bm25")) {
			words += number(term, "score");
			bm = term;
			bm25++;
		} else {
			sum += number(term, "score");
		}
	if ((float)(words + sum) != hit.score)
		check_fail(__FILE__, __LINE__, "round %d: terms give %.9g, the search %.9g", round,
			words + sum, hit.score);
	if (plan->match)
		CHECK(check_node(json_object_get(root, "match"), bm25 == 1 ? bm : NULL, round) ==
			words);
	json_decref(root);
}

TEST(what_is_explained_adds_up_to_the_score)
{
	struct error err = { 0 };
	struct small s;
	struct rng rng;
	const char *many = getenv("TOLLER_ROUNDS");
	int round, rounds = many ? atoi(many) : 2000, hits = 0;
	size_t i;

	rng_init(&rng, 12);
	small_open(&s, conf, NULL);
	fill(&s, &rng);
	for (round = 0; round < rounds; round++) {
		struct search_env env = { .view = s.view,
			.arena = s.arena,
			.now_ms = 1700000000000 };
		struct score_term terms[8];
		struct plan plan = { 0 };
		struct search_result got;
		struct filter *where = filter(&s, &rng);
		json_t *other;
		uint32_t doc;
		bool found = false;

		plan.match = rng_below(&rng, 10) ? tree(&s, &rng, rng_below(&rng, 4)) : NULL;
		plan.where = filter(&s, &rng);
		plan.scores = terms;
		plan.score_count = rng_below(&rng, 4) ? scores(&s, &rng, terms) : 0;
		CHECK_OK(search_run(&env, &plan, where, 1000, &got, &err), err);
		for (i = 0; i < got.count; i += 1 + rng_below(&rng, 1 + got.count / 4), hits++)
			check_hit(&s, &plan, where, got.hits[i], round);
		/* and one that may not be among them */
		doc = rng_below(&rng, DOCS);
		for (i = 0; i < got.count; i++)
			found = found || got.hits[i].doc == doc;
		other = explained(&s, &plan, where, doc);
		if (got.count < 1000)
			CHECK_INT(json_is_true(json_object_get(other, "matched")) &&
					  !json_is_false(
						  json_object_get(json_object_get(other, "where"),
							  "passes")),
				found);
		json_decref(other);
		arena_reset(s.arena);
	}
	CHECK(hits > rounds);
	small_close(&s);
}

TEST(an_explanation_names_words_nodes_and_filters)
{
	static const char *const rows[] = { "1",
		"{\"title\":\"red shoes\",\"popularity\":50,\"kind\":\"k\"}", NULL };
	struct match red = { .kind = MATCH_TERM,
		.text = SLICE_LIT("red"),
		.weight = 1,
		.fields = 1 };
	struct match blue = { .kind = MATCH_TERM,
		.text = SLICE_LIT("blue"),
		.weight = 1,
		.fields = 1 };
	struct match *nots[] = { &blue };
	struct match not = { .kind = MATCH_NOT, .kids = nots, .kid_count = 1, .weight = 1 };
	struct match near = { .kind = MATCH_NEAR,
		.text = SLICE_LIT("shoes red"),
		.weight = 1,
		.slop = 1,
		.fields = 1 };
	struct match *kids[] = { &red, &near, &not };
	struct match all = { .kind = MATCH_ALL, .kids = kids, .kid_count = 3, .weight = 1 };
	struct score_term terms[] = { { .kind = SCORE_BM25, .weight = 1 },
		{ .kind = SCORE_QUALITY, .weight = 2 } };
	struct plan plan = { .match = &all, .scores = terms, .score_count = 2 };
	struct error err = { 0 };
	struct small s;
	json_t *root, *match;
	char *text;

	small_open(&s, conf, rows);
	CHECK_OK(filter_parse(&plan.where, s.schema, SLICE_LIT("kind = k AND NOT popularity > 60"),
			 s.arena, &err),
		err);
	root = explained(&s, &plan, NULL, 0);
	match = json_object_get(root, "match");
	CHECK_INT(json_array_size(json_object_get(match, "all")), 2);
	CHECK_INT(json_array_size(json_object_get(match, "none_of")), 1);
	match = json_array_get(json_object_get(match, "all"), 1);
	CHECK_NEAR(number(match, "within"), 1, 0);
	CHECK_STR(json_string_value(
			  json_object_get(json_array_get(json_object_get(match, "near"), 0),
				  "term")),
		"shoes");
	text = json_dumps(json_object_get(root, "where"), JSON_COMPACT);
	CHECK_STR(text,
		"{\"passes\":true,\"and\":[{\"passes\":true,\"is\":{\"kind\":\"k\"}},"
		"{\"passes\":true,\"not\":[{\"passes\":false,\"is\":{\"range\":\"popularity\",\">\":60}}]}]}");
	free(text);
	json_decref(root);
	small_close(&s);
}

TEST(a_plan_is_told_as_it_was_asked)
{
	struct match word = { .kind = MATCH_TERM, .text = SLICE_LIT("running"), .weight = 1 };
	struct score_term terms[2] = { { .kind = SCORE_BM25, .weight = 1 },
		{ .kind = SCORE_QUALITY, .weight = 1 } };
	struct plan plan = { .match = &word, .scores = terms, .score_count = 2 };
	struct buf buf = { 0 };
	struct json_out out;

	json_begin(&out, &buf);
	plan_print(&plan, &out);
	buf_putc(&buf, '\0');
	CHECK_STR(buf.ptr,
		"{\"source\":\"search\",\"match\":{\"term\":\"running\"},\"score\":"
		"[{\"score\":\"bm25\",\"weight\":1},{\"score\":\"quality\",\"weight\":1}]}");
	buf_clear(&buf);
}
