#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/rng.h"
#include "limits.h"

static const char *text_of(struct buf *buf)
{
	buf_putc(buf, '\0');
	return buf->failed ? NULL : buf->ptr;
}

TEST(commas_and_colons_come_by_themselves)
{
	struct buf buf = { 0 };
	struct json_out out;

	json_begin(&out, &buf);
	json_object_open(&out);
	json_kv(&out, int, "a", -1);
	json_key(&out, "b");
	json_array_open(&out);
	json_uint(&out, UINT64_MAX);
	json_object_open(&out);
	json_close(&out);
	json_bool(&out, true);
	json_null(&out);
	json_raw(&out, SLICE_LIT("{\"r\":1}"));
	json_close(&out);
	json_kv(&out, str, "c", NULL);
	json_close(&out);
	CHECK_STR(text_of(&buf), "{\"a\":-1,\"b\":[18446744073709551615,{},true,null,"
				 "{\"r\":1}],\"c\":null}");
	buf_clear(&buf);
}

TEST(strings_are_escaped_and_what_is_not_utf8_is_replaced)
{
	static const struct {
		struct slice in;
		const char *want;
	} cases[] = {
		{ { "a\"\\\n\t\r\b\f/", 9 }, "\"a\\\"\\\\\\n\\t\\r\\b\\f/\"" },
		{ { "\0\x1f\x7f", 3 }, "\"\\u0000\\u001f\x7f\"" },
		{ { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x95", 9 },
			"\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x95\"" },
		{ { "x\377y", 3 }, "\"x\xef\xbf\xbdy\"" },
		{ { "\xc3", 1 }, "\"\xef\xbf\xbd\"" },
		{ { "\xc0\x80", 2 }, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ { "\xed\xa0\x80", 3 }, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ { NULL, 0 }, "\"\"" },
	};
	struct buf buf = { 0 };
	struct json_out out;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		buf_reset(&buf);
		json_begin(&out, &buf);
		json_slice(&out, cases[i].in);
		CHECK_STR(text_of(&buf), cases[i].want);
	}
	buf_clear(&buf);
}

TEST(numbers_are_the_shortest_that_read_back)
{
	static const struct {
		double in;
		const char *want;
	} cases[] = { { 0.1, "0.1" }, { 3, "3" }, { -0.0, "0" }, { 1e15, "1000000000000000" },
		{ 1e300, "1e+300" }, { 1.0 / 3, "0.3333333333333333" }, { NAN, "null" },
		{ INFINITY, "null" }, { -2.5, "-2.5" } };
	struct buf buf = { 0 };
	struct json_out out;
	struct rng rng;
	uint64_t bits;
	double v;
	int i;

	for (i = 0; i < (int)(sizeof(cases) / sizeof(*cases)); i++) {
		buf_reset(&buf);
		json_begin(&out, &buf);
		json_num(&out, cases[i].in);
		CHECK_STR(text_of(&buf), cases[i].want);
	}
	rng_init(&rng, 1);
	for (i = 0; i < 20000; i++) {
		bits = rng_u64(&rng);
		memcpy(&v, &bits, sizeof(v));
		if (!isfinite(v))
			continue;
		buf_reset(&buf);
		json_begin(&out, &buf);
		json_num(&out, v);
		CHECK(strtod(text_of(&buf), NULL) == v);
	}
	buf_reset(&buf);
	json_begin(&out, &buf);
	json_num_short(&out, 1234.5678, 3);
	CHECK_STR(text_of(&buf), "1230");
	buf_clear(&buf);
}

TEST(what_is_parsed_is_written_back_the_same)
{
	static const char *const cases[] = { "{\"a\":[1,2.5,\"x\\u0001\",null,true,false,{}]}",
		"[]", "\"alone\"", "-7", "0.1", "{\"\":[[[[]]]]}", "9223372036854775807" };
	struct buf buf = { 0 };
	struct json_out out;
	struct error err;
	json_t *value;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CHECK_OK(json_parse(&value, slice_str(cases[i]), &err), err);
		buf_reset(&buf);
		json_begin(&out, &buf);
		json_value(&out, value);
		json_decref(value);
		CHECK_STR(text_of(&buf), cases[i]);
	}
	buf_clear(&buf);
}

TEST(bad_json_is_refused_with_its_place)
{
	static const char *const cases[] = { "", " ", "{", "[1,]", "{\"a\":1}x",
		"{\"a\":1,\"a\":2}", "nul", "\"\xff\"", "[1", "]", "1e999", "99999999999999999999",
		"\"\n\"" };
	struct error err = { 0 };
	json_t *value;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CHECK_INT(json_parse(&value, slice_str(cases[i]), &err), ERR_SYNTAX);
		CHECK(value == NULL);
	}
	json_parse(&value, SLICE_LIT("{\"a\":1,\n \"b\":?}"), &err);
	CHECK(strstr(err.text, "line 2") != NULL);
	CHECK_INT(json_parse(&value, (struct slice){ NULL, 0 }, NULL), ERR_SYNTAX);
}

TEST(json_nests_to_the_limit_and_no_further)
{
	char text[3 * JSON_DEPTH_MAX];
	struct error err = { 0 };
	json_t *value;
	int n;

	for (n = JSON_DEPTH_MAX; n <= JSON_DEPTH_MAX + 1; n++) {
		memset(text, '[', (size_t)n);
		memset(text + n, ']', (size_t)n);
		CHECK_INT(json_parse(&value, slice_of(text, 2 * (size_t)n), &err),
			n == JSON_DEPTH_MAX ? 0 : ERR_LIMIT);
		json_decref(value);
	}
	/* brackets in strings do not nest */
	memset(text, '[', sizeof(text));
	text[0] = text[sizeof(text) - 1] = '"';
	memcpy(text + 1, "\\\"", 2);
	CHECK_OK(json_parse(&value, slice_of(text, sizeof(text)), &err), err);
	json_decref(value);
}

/* ---- reading into an arena ---- */

static void write_node(struct json_out *out, const struct json_node *node)
{
	const struct json_node *item;
	uint32_t count = 0;

	switch (node->type) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		node->type == JSON_OBJECT ? json_object_open(out) : json_array_open(out);
		for (item = node->first; item; item = item->next, count++) {
			if (node->type == JSON_OBJECT)
				json_key_slice(out, item->key);
			write_node(out, item);
		}
		CHECK_INT(count, node->count);
		json_close(out);
		break;
	case JSON_STRING: json_slice(out, node->text); break;
	case JSON_INTEGER: json_int(out, node->integer); break;
	case JSON_REAL: json_num(out, node->real); break;
	case JSON_NULL: json_null(out); break;
	default: json_bool(out, node->type == JSON_TRUE);
	}
}

/* Both readers say the same of a text: true if it is JSON. */
static bool same_reading(struct arena *arena, struct slice text)
{
	struct buf ours = { 0 }, theirs = { 0 };
	struct error err = { 0 }, want = { 0 };
	struct json_node *node;
	struct json_out out;
	json_t *value;
	int rc = json_read(&node, arena, text, &err);

	CHECK_INT(rc, json_parse(&value, text, &want));
	CHECK_STR(err.text, want.text);
	if (rc < 0)
		return false;
	json_begin(&out, &ours);
	write_node(&out, node);
	json_begin(&out, &theirs);
	json_value(&out, value);
	CHECK_STR(text_of(&ours), text_of(&theirs));
	buf_clear(&ours);
	buf_clear(&theirs);
	json_decref(value);
	return true;
}

static const char *const good[] = { "{}", "[]", " [ ] ", "1", "-0", "0", "-1.5", "1e3", "1E-3",
	"0.1", "123456789012345678", "0.30000000000000004", "1.7976931348623157e308", "4.9e-324",
	"1e-400", "123456789012.345", "\"\"", "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
	"\"\\u00e9\\u20ac\\ud83d\\ude00\"", "\"\303\251\342\202\254\360\237\230\200\"",
	"\"\302\200\340\240\200\355\237\277\356\200\200\360\220\200\200\364\217\277\277\"",
	"\"\\ud7ff\\ue000\\ud800\\udc00\\udbff\\udfff\"", "true", "false", "null", "\"\x7f\"",
	"{\"a\":{\"b\":[1,2.5,\"c\",null,true]},\"\":0}",
	("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,"
	 "\"k\":1,\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"q\":1,\"r\":1}"),
	/* and, more seldom, */
	"1234567890123456789", "-9223372036854775808",
	"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]" };
#define SELDOM 3

TEST(a_text_reads_into_an_arena_as_through_jansson)
{
	static const char *const bad[] = { "", " ", "{", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}",
		"{\"a\":1,}", "{a:1}", "01", "-", "1.", ".5", "1e", "+1", "1 2", "nul", "truex",
		"\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\"",
		"\"\\ud800\\u0041\"", "\"\n\"", "\"\\", "\"\377\"", "\"\300\200\"",
		"\"\355\240\200\"", "\"\340\237\277\"", "\"\360\217\277\277\"",
		"\"\365\200\200\200\"", "\"\\udfff\"", "\"\\udbff\\ue000\"", "\"\364\220\200\200\"",
		"\"\303\"", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "12345678901234567890",
		"1e999", "NaN",
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
		("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,"
		 "\"k\":1,\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"q\":1,\"a\":1}") };
	struct arena *arena = arena_new();
	char text[256];
	struct rng rng;
	size_t i, n;
	int round, changes, accepted = 0;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		CHECK(same_reading(arena, slice_str(good[i])));
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(!same_reading(arena, slice_str(bad[i])));
	rng_init(&rng, 12);
	for (round = 0; round < 60000; round++) {
		const char *from = good[rng_below(&rng, sizeof(good) / sizeof(*good))];

		n = strlen(from);
		memcpy(text, from, n);
		for (changes = rng_below(&rng, 4); changes && n; changes--)
			text[rng_below(&rng, n)] =
				rng_below(&rng, 2) ? "\"\\{}[],:0123.eE-u tfn"[rng_below(&rng, 21)]
						   : (char)rng_below(&rng, 256);
		accepted += same_reading(arena,
			slice_of(text, rng_below(&rng, 8) ? n : rng_below(&rng, n + 1)));
		arena_reset(arena);
	}
	CHECK(accepted > 10000 && accepted < 50000);
	arena_free(arena);
}

/* Did the reader go its own way?  Jansson's strings are not borrowed from the text. */
static bool is_own(struct arena *arena, const char *text)
{
	char list[300];
	struct json_node *node;
	int n = snprintf(list, sizeof(list), "[%s,\"end\"]", text);

	CHECK_INT(json_read(&node, arena, slice_of(list, n), NULL), 0);
	return node->first->next->text.ptr == list + n - 5;
}

TEST(what_is_common_is_read_without_jansson)
{
	struct arena *arena = arena_new();
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good) - SELDOM; i++)
		CHECK(is_own(arena, good[i]));
	arena_free(arena);
}

TEST(members_are_found_by_name)
{
	struct arena *arena = arena_new();
	struct json_node *node;

	CHECK_INT(json_read(&node, arena, SLICE_LIT("{\"a\":-2,\"b\":\"x\",\"bc\":0.5}"), NULL), 0);
	CHECK_NEAR(json_number(json_member(node, "a")), -2, 0);
	CHECK_NEAR(json_number(json_member(node, "bc")), 0.5, 0);
	CHECK(json_is(json_member(node, "b"), JSON_STRING));
	CHECK(slice_is(json_member(node, "b")->text, "x"));
	CHECK(!json_member(node, "c") && !json_member(json_member(node, "b"), "a"));
	arena_free(arena);
}
