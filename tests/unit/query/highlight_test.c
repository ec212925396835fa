#include "small.h"

#include <stdlib.h>

#include "base/rng.h"
#include "query/highlight.h"

static const char conf[] = "field title text exact=yes from=title,titles\n"
			   "field body text analyzer=english\n"
			   "field genre tags\n";

static const char *const rows[] = {
	"a",
	"{\"title\":\"Café Running\",\"body\":\"He ran, running runs.\"}",
	"b",
	"{\"title\":\"Runing late\",\"body\":\"lately\"}",
	"c",
	"{\"title\":\"東京タワー\"}",
	NULL,
};

static const struct highlight_style plain = { SLICE_LIT("["), SLICE_LIT("]"), false };

/* What is printed of a document, as text; its matches and words have source 1. */
static void marked(struct small *s, const struct match *m, const char *words, const char *field,
	const char *json, const struct highlight_style *style, char *out, size_t room)
{
	struct highlighter *h = highlight_new(s->view, s->arena);
	const struct field *f = schema_field(s->schema, slice_str(field));
	struct buf buf = { 0 };
	struct json_out printed;
	struct error err = { 0 };
	json_t *root;

	highlight_match(h, m, 1);
	if (words)
		highlight_words(h, slice_str(words), 1);
	CHECK_OK(json_parse(&root, slice_str(json), &err), err);
	json_begin(&printed, &buf);
	json_object_open(&printed);
	highlight_print(h, f, root, 1, style, &printed);
	json_close(&printed);
	snprintf(out, room, "%.*s", SLICE_ARG(buf_slice(&buf)));
	buf_clear(&buf);
	json_decref(root);
	highlight_free(h);
}

static void check_marked(struct small *s, const struct match *m, const char *words,
	const char *field, const char *json, const char *want)
{
	char got[2048];

	marked(s, m, words, field, json, &plain, got, sizeof(got));
	CHECK_STR(got, want);
}

TEST(words_are_marked_where_they_stand)
{
	struct match cafe = { .kind = MATCH_TERM, .text = SLICE_LIT("CAFE"), .weight = 1 };
	struct match run = { .kind = MATCH_TERM, .text = SLICE_LIT("running"), .weight = 1 };
	struct match slip = { .kind = MATCH_FUZZY, .text = SLICE_LIT("running"), .weight = 1 };
	struct match begun = { .kind = MATCH_PREFIX,
		.text = SLICE_LIT("la"),
		.weight = 1,
		.fields = 1 };
	struct match whole = { .kind = MATCH_EXACT, .text = SLICE_LIT("runing late"), .weight = 1 };
	struct match none = { .kind = MATCH_NOT,
		.weight = 1,
		.kids = (struct match *[]){ &cafe },
		.kid_count = 1 };
	struct match all = { .kind = MATCH_ALL,
		.weight = 1,
		.kid_count = 2,
		.kids = (struct match *[]){ &run, &none } };
	struct match tokyo = { .kind = MATCH_TERM, .text = SLICE_LIT("東京タ"), .weight = 1 };
	struct small s;

	small_open(&s, conf, rows);
	check_marked(&s, &cafe, NULL, "title", rows[1], "{\"title\":[\"[Café] Running\"]}");
	check_marked(&s, &cafe, NULL, "body", rows[1], "{}");
	/* stems where the field has them */
	check_marked(&s, &run, NULL, "body", rows[1], "{\"body\":[\"He ran, [running] [runs].\"]}");
	check_marked(&s, &run, NULL, "title", rows[3], "{}");
	check_marked(&s, &slip, NULL, "title", rows[3], "{\"title\":[\"[Runing] late\"]}");
	check_marked(&s, &begun, NULL, "title", rows[3], "{\"title\":[\"Runing [late]\"]}");
	check_marked(&s, &begun, NULL, "body", rows[3], "{}");
	check_marked(&s, &whole, NULL, "title", rows[3], "{\"title\":[\"[Runing] [late]\"]}");
	/* what is excluded is not marked */
	check_marked(&s, &all, NULL, "title", rows[1], "{\"title\":[\"Café [Running]\"]}");
	/* letters of scripts without spaces overlap in their bigrams */
	check_marked(&s, &tokyo, NULL, "title", rows[5], "{\"title\":[\"[東京タ]ワー\"]}");
	check_marked(&s, NULL, "late café", "title", rows[1], "{\"title\":[\"[Café] Running\"]}");
	check_marked(&s, NULL, NULL, "title", rows[1], "{}");
	/* the whole word, of which a part was asked for; initials */
	check_marked(&s, NULL, "taylor amour", "title", "{\"title\":\"Taylor’s R.E.M. L'amour\"}",
		"{\"title\":[\"[Taylor’s] R.E.M. [L'amour]\"]}");
	check_marked(&s, NULL, "rem", "title", "{\"title\":\"Taylor’s R.E.M. L'amour\"}",
		"{\"title\":[\"Taylor’s [R.E.M]. L'amour\"]}");
	check_marked(&s, NULL, "!!!", "title", "{\"title\":\" !!!\"}", "{\"title\":[\" [!!!]\"]}");
	/* each value of several, those without a word left out; null and numbers too */
	check_marked(&s, &cafe, NULL, "title",
		"{\"title\":null,\"titles\":[\"a café\",\"no\",\"Cafe\"]}",
		"{\"title\":[\"a [café]\",\"[Cafe]\"]}");
	check_marked(&s, &cafe, NULL, "title", "{\"title\":7}", "{}");
	check_marked(&s, &cafe, NULL, "title", "{}", "{}");
	small_close(&s);
}

TEST(text_is_escaped_where_that_is_asked_for)
{
	struct highlight_style html = { SLICE_LIT("<b class=\"x\">"), SLICE_LIT("</b>"), true };
	struct small s;
	char got[512];

	small_open(&s, conf, rows);
	marked(&s, NULL, "cafe", "title", "{\"title\":\"<i>'a' & \\\"café\\\"</i>\"}", &html, got,
		sizeof(got));
	CHECK_STR(got, "{\"title\":[\"&lt;i&gt;&#39;a&#39; &amp; &quot;<b class=\\\"x\\\">café</b>"
		       "&quot;&lt;/i&gt;\"]}");
	html.escape = false;
	marked(&s, NULL, "cafe", "title", "{\"title\":\"<i>café</i>\"}", &html, got, sizeof(got));
	CHECK_STR(got, "{\"title\":[\"<i><b class=\\\"x\\\">café</b></i>\"]}");
	small_close(&s);
}

TEST(a_document_is_marked_with_the_words_of_those_that_found_it)
{
	struct small s;
	struct highlighter *h;
	struct buf buf = { 0 };
	struct json_out out;
	struct error err = { 0 };
	json_t *root;

	small_open(&s, conf, rows);
	h = highlight_new(s.view, s.arena);
	highlight_words(h, SLICE_LIT("cafe"), 1);
	highlight_words(h, SLICE_LIT("running"), UINT64_C(1) << 63);
	CHECK_OK(json_parse(&root, slice_str(rows[1]), &err), err);
	json_begin(&out, &buf);
	json_object_open(&out);
	highlight_print(h, schema_field(s.schema, SLICE_LIT("title")), root, 1, &plain, &out);
	highlight_print(h, schema_field(s.schema, SLICE_LIT("body")), root, UINT64_C(1) << 63,
		&plain, &out);
	highlight_print(h, schema_field(s.schema, SLICE_LIT("title")), root, 2, &plain, &out);
	json_close(&out);
	buf_putc(&buf, '\0');
	CHECK_STR(buf.ptr,
		"{\"title\":[\"[Café] Running\"],\"body\":[\"He ran, [running] [runs].\"]}");
	CHECK_INT(highlight_check(schema_field(s.schema, SLICE_LIT("genre")), &err), ERR_ARG);
	CHECK_STR(err.text, "field genre is not text");
	json_decref(root);
	buf_clear(&buf);
	highlight_free(h);
	small_close(&s);
}

/* A long text of words w0..w9 and punctuation; fragments without their marks. */
static json_t *draw(struct rng *rng, char *text)
{
	static const char *const ends[] = { " ", ", ", ". ", " — ", "\n" };
	int words = rng_below(rng, 400), i, n = 0;
	json_t *root = json_object();

	for (i = 0; i < words; i++) {
		int common = rng_below(rng, 30);

		n += common ? sprintf(text + n, "%s", common % 2 ? "other" : "größer")
			    : sprintf(text + n, "w%d", (int)rng_below(rng, 10));
		n += sprintf(text + n, "%s", ends[rng_below(rng, 5)]);
	}
	text[n] = '\0';
	json_object_set_new(root, "title", json_string(text));
	return root;
}

TEST(fragments_are_parts_of_the_text_short_and_apart)
{
	static char text[16384], bare[4096];
	struct highlighter *h;
	struct buf buf = { 0 };
	struct json_out out;
	struct error err = { 0 };
	struct small s;
	struct rng rng;
	json_t *root, *reply, *fragment;
	const char *at, *from;
	size_t i, n;
	int round;

	rng_init(&rng, 11);
	small_open(&s, conf, rows);
	h = highlight_new(s.view, s.arena);
	highlight_words(h, SLICE_LIT("w0 w1 w2 w3 w4 w5 w6 w7 w8 w9"), 1);
	for (round = 0; round < 300; round++) {
		root = draw(&rng, text);
		buf_reset(&buf);
		json_begin(&out, &buf);
		json_object_open(&out);
		highlight_print(h, schema_field(s.schema, SLICE_LIT("title")), root, 1, &plain,
			&out);
		json_close(&out);
		CHECK_OK(json_parse(&reply, buf_slice(&buf), &err), err);
		CHECK_INT(json_object_get(reply, "title") != NULL, strchr(text, 'w') != NULL);
		from = text;
		json_array_foreach(json_object_get(reply, "title"), i, fragment) {
			CHECK(i < 3 && strchr(json_string_value(fragment), '['));
			for (n = 0, at = json_string_value(fragment); *at; at++)
				if (*at == 'w' && at[1] != 'w')
					CHECK(at[-1] == '[' && at[2] == ']'); /* every one */
				else if (*at != '[' && *at != ']')
					bare[n++] = *at;
				else if (*at == '[')
					CHECK(at[1] == 'w');
			bare[n] = '\0';
			CHECK(n <= 200);
			for (n = 0, at = json_string_value(fragment); *at; at++)
				if (*at != '[' && *at != ']')
					bare[n++] = *at;
			bare[n] = '\0';
			from = strstr(from, bare);
			CHECK(from != NULL);
			from += n;
		}
		json_decref(reply);
		json_decref(root);
	}
	buf_clear(&buf);
	highlight_free(h);
	small_close(&s);
}
