/* analysis_test.c -- fields of every analysis, asked as queries ask. */
#include "small.h"

#include "base/rng.h"

static const char conf[] = "list noise the a feat\n"
			   "field name   text weight=2 exact=yes\n"
			   "field both   text accents=both from=name\n"
			   "field keep   text accents=keep from=name\n"
			   "field less   text stop=noise tail=noise exact=yes from=name\n"
			   "field starts text grams=edge:2-6 from=name\n"
			   "field parts  text grams=inner:3 from=name\n"
			   "field spanish text analyzer=spanish accents=both stop=noise from=name\n"
			   "field whole  text analyzer=keyword from=name\n";

static const char *const rows[] = { "cafe", "{\"name\":\"Cafe Noir\"}", "café",
	"{\"name\":\"Café Noir\"}", "who", "{\"name\":\"The Who\"}", "beatles",
	"{\"name\":\"The Beatles\"}", "taylor", "{\"name\":\"Taylor Swift\"}", "blood",
	"{\"name\":\"Bad Blood (feat. Kendrick)\"}", "tokyo", "{\"name\":\"東京事変\"}", "a",
	"{\"name\":\"Canción de la Tierra\"}", NULL };

static uint8_t mask_of(const struct small *s, const char *field)
{
	const struct field *f;

	if (!field)
		return 0;
	f = schema_field(s->schema, slice_str(field));
	CHECK(f != NULL);
	return 1u << f->text_index;
}

/* ALL or ANY of the words of a query, as a strategy would ask. */
static struct match *match_of(struct small *s, enum match_kind join, enum match_kind kind,
	const char *field, struct slice text)
{
	struct query *q = arena_alloc(s->arena, sizeof(*q));
	struct match *all = arena_calloc(s->arena, 1, sizeof(*all)), *kid;
	struct error err;
	int i;

	CHECK_OK(query_init(q, s->arena, text, &err), err);
	all->kind = join;
	all->weight = 1;
	all->kids = arena_calloc(s->arena, QUERY_TERMS_MAX, sizeof(*all->kids));
	for (i = 0; i < q->word_count; i++) {
		kid = all->kids[all->kid_count++] = arena_calloc(s->arena, 1, sizeof(*kid));
		kid->kind = kind;
		kid->text = q->words[i];
		kid->weight = 1;
		kid->fields = mask_of(s, field);
	}
	query_restore(q, s->arena, all);
	return all;
}

static const char *found(struct small *s, struct match *match)
{
	static char out[512];
	struct search_env env = { .view = s->view, .arena = s->arena };
	struct plan plan = { .match = match };
	struct search_result result;
	struct error err;
	size_t i, n = 0;

	CHECK_OK(search_run(&env, &plan, NULL, 10, &result, &err), err);
	out[0] = '\0';
	for (i = 0; i < result.count; i++)
		n += sprintf(out + n, "%s%.*s",
			i ? result.hits[i].score == result.hits[i - 1].score ? " =" : " " : "",
			SLICE_ARG(view_id(s->view, result.hits[i].doc)));
	return out;
}

#define ALL(field, text) found(&s, match_of(&s, MATCH_ALL, MATCH_TERM, field, slice_str(text)))
#define ANY(field, text) found(&s, match_of(&s, MATCH_ANY, MATCH_TERM, field, slice_str(text)))

TEST(a_querys_own_spelling_weighs_more_where_accents_are_both)
{
	struct small s;

	small_open(&s, conf, rows);
	CHECK_STR(ALL("name", "café noir"), "cafe =café");
	CHECK_STR(ALL("both", "café noir"), "café cafe");
	CHECK_STR(ALL("both", "cafe noir"), "cafe =café");
	CHECK_STR(ALL("keep", "CAFÉ"), "café");
	CHECK_STR(ALL("keep", "cafe"), "cafe");
	CHECK_STR(ALL("spanish", "cancion"), "a");
	CHECK_STR(ALL("spanish", "canciónes"), "a");
	/* over all fields */
	CHECK_STR(ALL(NULL, "café noir"), "café cafe");
	CHECK_STR(found(&s, match_of(&s, MATCH_ALL, MATCH_FUZZY, "both", SLICE_LIT("cáfe nuir"))),
		"cafe =café");
	small_close(&s);
}

TEST(a_possessive_is_found_with_its_s_and_without)
{
	static const char *const titles[] = { "version", "{\"name\":\"Style (Taylor’s Version)\"}",
		"swift", "{\"name\":\"Taylor Swift Version\"}", "plain",
		"{\"name\":\"Taylors Version x\"}", "neill", "{\"name\":\"O'Neill\"}", "oneill",
		"{\"name\":\"Oneill\"}", "dont", "{\"name\":\"Don't Stop\"}", "don",
		"{\"name\":\"Don Stop\"}", "rock", "{\"name\":\"Rock 'n' Roll\"}", "amour",
		"{\"name\":\"L’Amour\"}", NULL };
	static const char *const fields[] = { "name", "both", "keep", "spanish" };
	struct match phrase = { .kind = MATCH_PHRASE, .weight = 1 };
	struct query q;
	struct small s;
	size_t i;

	small_open(&s, conf, titles);
	for (i = 0; i < 3; i++) {
		CHECK_STR(ALL(fields[i], "taylor"), "version =swift");
		CHECK_STR(ALL(fields[i], "taylors version"), "version =plain");
		/* the word itself counts more than its part */
		CHECK_STR(ALL(fields[i], "TAYLOR'S version"), "version =plain swift");
		CHECK_STR(ALL(fields[i], "taylor’s version"), "version =plain swift");
		CHECK_STR(ALL(fields[i], "oneill"), "neill =oneill");
		CHECK_STR(ALL(fields[i], "o'neill"), "neill =oneill");
		CHECK_STR(ALL(fields[i], "neill"), "neill");
		CHECK_STR(ALL(fields[i], "don't"), "dont");
		CHECK_STR(ALL(fields[i], "dont"), "dont");
		CHECK_STR(ALL(fields[i], "don"), "don");
		CHECK_STR(ALL(fields[i], "rock n roll"), "rock");
		CHECK_STR(ALL(fields[i], "rock 'n' roll"), "rock");
		CHECK_STR(ALL(fields[i], "amour"), "amour");
		CHECK_STR(ALL(fields[i], "l'amour"), "amour");
		CHECK_STR(ALL(fields[i], "lamour"), "amour");
	}
	CHECK_STR(ALL("starts", "neil"), "neill");
	CHECK_STR(found(&s, match_of(&s, MATCH_ALL, MATCH_FUZZY, "name", SLICE_LIT("tailor's"))),
		"version =plain");
	/* in phrases */
	CHECK_OK(query_init(&q, s.arena, SLICE_LIT("taylor's version"), NULL), (struct error){ 0 });
	phrase.text = q.text;
	phrase.fields = mask_of(&s, "both");
	query_restore(&q, s.arena, &phrase);
	CHECK(slice_is(phrase.typed, "taylor's version"));
	CHECK_STR(found(&s, &phrase), "version =plain");
	phrase.typed = phrase.text = SLICE_LIT("taylor version");
	CHECK_STR(found(&s, &phrase), "version");
	small_close(&s);
}

TEST(stop_words_of_a_field_are_asked_for_only_by_themselves)
{
	struct match exact = { .kind = MATCH_EXACT, .weight = 1 };
	struct small s;

	small_open(&s, conf, rows);
	CHECK_STR(ALL("name", "the beatles"), "beatles");
	CHECK_STR(ALL("less", "the beatles"), "beatles");
	CHECK_STR(ALL("less", "a beatles"), "beatles");
	CHECK_STR(ANY("less", "the beatles"), "beatles");
	CHECK_STR(ALL("less", "the who"), "who");
	/* a value of nothing else keeps them, here "who" is none */
	CHECK_STR(ALL("less", "the"), "");
	CHECK_STR(ALL(NULL, "a beatles"), "beatles");
	CHECK_STR(found(&s, match_of(&s, MATCH_ALL, MATCH_PREFIX, "less", SLICE_LIT("the bea"))),
		"beatles");
	exact.field = schema_field(s.schema, SLICE_LIT("less"));
	exact.text = SLICE_LIT("bad blood kendrick");
	CHECK_STR(found(&s, &exact), "blood");
	exact.text = SLICE_LIT("Bad Blood feat Kendrick");
	CHECK_STR(found(&s, &exact), "blood");
	exact.text = SLICE_LIT("bad blood");
	CHECK_STR(found(&s, &exact), "blood");
	exact.text = SLICE_LIT("Bad Blood feat Kendrick");
	exact.field = schema_field(s.schema, SLICE_LIT("name"));
	CHECK_STR(found(&s, &exact), "blood");
	exact.text = SLICE_LIT("bad blood kendrick");
	CHECK_STR(found(&s, &exact), "");
	small_close(&s);
}

TEST(grams_and_neighbours_find_parts_of_words)
{
	struct match phrase = { .kind = MATCH_PHRASE, .weight = 1, .text = SLICE_LIT("京事変") };
	struct small s;

	small_open(&s, conf, rows);
	CHECK_STR(ALL("starts", "tayl sw"), "taylor");
	CHECK_STR(ALL("starts", "taylorx"), "taylor"); /* six letters are kept */
	CHECK_STR(ALL("starts", "aylor"), "");
	CHECK_STR(ALL("parts", "tailor swfit"), "taylor");
	CHECK_STR(ALL("parts", "kendirck"), "blood");
	CHECK_STR(found(&s, match_of(&s, MATCH_ALL, MATCH_PREFIX, "starts", SLICE_LIT("tay sw"))),
		"taylor");
	CHECK_STR(ALL("name", "京事"), "tokyo");
	CHECK_STR(ALL("name", "変"), "tokyo");
	phrase.fields = mask_of(&s, "name");
	CHECK_STR(found(&s, &phrase), "tokyo");
	phrase.text = SLICE_LIT("東京変");
	CHECK_STR(found(&s, &phrase), "");
	phrase.text = SLICE_LIT("cafe noir");
	phrase.fields = mask_of(&s, "both");
	CHECK_STR(found(&s, &phrase), "cafe =café");
	phrase.typed = SLICE_LIT("café noir");
	CHECK_STR(found(&s, &phrase), "café cafe");
	/* grams are parts of words: the dictionary keeps them from spelling */
	{
		struct spelling out[3];

		query_spell(s.view, s.arena, SLICE_LIT("taylo"), SLICE_LIT("taylo"), out, 3);
		CHECK(slice_is(out[0].word, "taylor"));
	}
	small_close(&s);
}

/* A word with its synonyms, joined with another by ALL. */
static const char *with_synonyms(struct small *s, const char *field, const char *word,
	struct slice *also, int count, const char *other)
{
	struct match term = { .kind = MATCH_TERM,
		.weight = 1,
		.text = slice_str(word),
		.also = also,
		.also_count = count };
	struct match beside = { .kind = MATCH_TERM, .weight = 1, .text = slice_str(other) };
	struct match *kids[2] = { &term, &beside };
	struct match all = { .kind = MATCH_ALL,
		.weight = 1,
		.kids = kids,
		.kid_count = *other ? 2 : 1 };

	term.fields = beside.fields = mask_of(s, field);
	return found(s, &all);
}

TEST(synonyms_find_what_the_word_does_not_and_count_a_little_less)
{
	static const char *const cities[] = { "a", "{\"name\":\"NYC pizza\"}", "b",
		"{\"name\":\"New York City pizza\"}", "c", "{\"name\":\"pizza city new york\"}",
		"d", "{\"name\":\"Gotham pizza\"}", "e", "{\"name\":\"pizza\"}", NULL };
	struct slice also[2] = { SLICE_LIT("gotham"), SLICE_LIT("new york city") };
	struct match exact = { .kind = MATCH_TERM, .weight = 1, .text = SLICE_LIT("nyc") };
	struct small s;

	small_open(&s, "field name text\nfield loose text positions=no from=name\n", cities);
	CHECK_STR(found(&s, &exact), "a");
	/* the one word, then its equals; a phrase is found in order */
	CHECK_STR(with_synonyms(&s, "name", "nyc", also, 1, ""), "a d");
	CHECK_STR(with_synonyms(&s, "name", "nyc", also + 1, 1, "pizza"), "b a");
	CHECK_STR(with_synonyms(&s, "name", "nyc", also, 2, "pizza"), "b a d");
	/* or anyhow, where the field does not know the order */
	CHECK_STR(with_synonyms(&s, "loose", "nyc", also + 1, 1, "pizza"), "b =c a");
	/* each field as it can: "c" is found in the loose one alone */
	CHECK_STR(with_synonyms(&s, NULL, "nyc", also + 1, 1, "york"), "b c");
	/* a phrase's own synonyms, as scripts make them */
	CHECK_STR(with_synonyms(&s, "name", "york city", also, 1, "pizza"), "b =c d");
	small_close(&s);
}

/* ---- random text, to be found by its own words in every field ---- */

static const char *const pieces[] = { " ", " ", " ", "-", "'", "a", "the", "E", "né", "ñ", "Å", "ß",
	"ø", "xy", "q1", "é", "e\xcc\x81", "й", "и\xcc\x86", "東", "京", "カ", "ｶ\xef\xbe\x9e",
	"한", "\xe1\x84\x92", "\xe1\x85\xa1", "กิน", "½", "ﬁ", "ﷺ", "\xff", "\xc2\xad", "عَر", "का",
	"run", "ning", "feat" };

static struct slice random_text(struct rng *rng, char *out)
{
	int n = 1 + rng_below(rng, 14), i;
	size_t len = 0;

	for (i = 0; i < n; i++)
		len += sprintf(out + len, "%s",
			pieces[rng_below(rng, sizeof(pieces) / sizeof(*pieces))]);
	return slice_of(out, len);
}

#define DOCS 300

TEST(every_document_is_found_by_its_own_words_in_every_field)
{
	static char texts[DOCS][256];
	struct error err;
	struct batch *batch;
	struct small s;
	struct rng rng;
	char json[1024], id[16];
	int i, f;
	size_t n, j;

	rng_init(&rng, 3);
	small_open(&s, conf, NULL);
	reader_end(s.reader);
	CHECK_OK(batch_begin(&batch, s.catalogue, &err), err);
	for (i = 0; i < DOCS; i++) {
		struct slice text = random_text(&rng, texts[i]);

		n = sprintf(json, "{\"name\":\"");
		for (j = 0; j < text.len; j++)
			if (text.ptr[j] == '\xff') /* JSON is UTF-8 */
				texts[i][j] = '~', json[n++] = '~';
			else
				json[n++] = text.ptr[j];
		sprintf(json + n, "\"}");
		sprintf(id, "d%d", i);
		CHECK_OK(batch_put(batch, 0, slice_str(id), slice_str(json), &err), err);
	}
	CHECK_OK(batch_commit(batch, &err), err);
	CHECK_OK(reader_begin(s.reader, &err), err);
	s.view = reader_view(s.reader, 0);
	for (i = 0; i < DOCS; i++) {
		sprintf(id, "d%d", i);
		for (f = 0; f < s.schema->field_count; f++) {
			struct search_env env = { .view = s.view, .arena = s.arena };
			struct plan plan = { 0 };
			struct search_result result;

			if (!strcmp(s.schema->fields[f].name, "whole"))
				continue;
			arena_reset(s.arena);
			plan.match = match_of(&s, MATCH_ALL, MATCH_TERM, s.schema->fields[f].name,
				slice_str(texts[i]));
			if (!plan.match->kid_count)
				continue;
			CHECK_OK(search_run(&env, &plan, NULL, DOCS, &result, &err), err);
			for (j = 0; j < result.count; j++)
				if (slice_is(view_id(s.view, result.hits[j].doc), id))
					break;
			if (j == result.count)
				check_fail(__FILE__, __LINE__, "\"%s\" is not found in %s",
					texts[i], s.schema->fields[f].name);
		}
	}
	/* and what is pruned is what is not */
	for (i = 0; i < 400; i++) {
		struct search_env env = { .view = s.view, .arena = s.arena };
		struct plan plan = { 0 };
		struct search_result pruned, all;

		arena_reset(s.arena);
		plan.match = match_of(&s, MATCH_ANY, MATCH_TERM,
			i % 3 ? NULL : s.schema->fields[i / 3 % 8].name,
			random_text(&rng, texts[0]));
		CHECK_OK(search_run(&env, &plan, NULL, 5, &pruned, &err), err);
		CHECK_OK(search_exhaustive(&env, &plan, NULL, 5, &all, &err), err);
		CHECK_INT(pruned.count, all.count);
		for (j = 0; j < all.count; j++) {
			CHECK_INT(pruned.hits[j].doc, all.hits[j].doc);
			CHECK(pruned.hits[j].score == all.hits[j].score);
		}
	}
	small_close(&s);
}
