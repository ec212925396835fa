/* What one document tells: its words with their places, lengths, whole values. */
#include "index/document.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/json.h"
#include "check.h"

struct told {
	struct buf words, terms;
	uint32_t last;
};

static void take_word(void *data, int field, struct slice term, uint32_t position)
{
	struct told *t = data;

	buf_printf(&t->words, "%d:%.*s@%u ", field, SLICE_ARG(term), position);
	CHECK(position >= t->last || position == 0);
	t->last = position;
}

static void take_term(void *data, int group, int field, struct slice term, uint8_t amount)
{
	struct told *t = data;

	if (group == GROUP_TEXT)
		CHECK_INT(amount, 1);
	buf_printf(&t->terms, "%d/%d:%.*s ", group, field, SLICE_ARG(term));
}

static struct document read(const char *conf, const char *json, struct told *t, bool words)
{
	struct document_sink sink = { .term = take_term,
		.data = t,
		.word = words ? take_word : NULL };
	struct arena *arena = arena_new();
	struct document d;
	struct schema *schema;
	struct error err;
	struct json_node *root;

	memset(t, 0, sizeof(*t));
	CHECK_OK(schema_parse(&schema, "x", slice_str(conf), "x", &err), err);
	CHECK_OK(json_read(&root, arena, slice_str(json), &err), err);
	CHECK_OK(document_read(schema, root, arena, &d, &sink, &err), err);
	buf_putc(&t->words, '\0');
	buf_putc(&t->terms, '\0');
	schema_free(schema);
	arena_free(arena);
	return d;
}

static void clear(struct told *t)
{
	buf_clear(&t->words);
	buf_clear(&t->terms);
}

TEST(words_have_places_and_values_stand_apart)
{
	struct document d;
	struct told t;

	d = read("field a text\nfield b text\nfield g tags\n",
		"{\"a\":[\"One two\", \"\", \"one 東京\"], \"b\":\"x\", \"g\":\"pop\"}", &t, true);
	CHECK_STR(t.words.ptr, "0:one@0 0:two@1 0:one@102 0:東@103 0:東京@103 0:京@104 1:x@0 ");
	CHECK_STR(t.terms.ptr, "5/0:pop ");
	CHECK_INT(d.lengths[0], 5);
	CHECK_INT(d.lengths[1], 1);
	clear(&t);
	/* who has no use for places is told the same as terms */
	d = read("field a text\n", "{\"a\":\"One two one\"}", &t, false);
	CHECK_STR(t.terms.ptr, "0/0:one 0/0:two 0/0:one ");
	CHECK_INT(d.lengths[0], 3);
	clear(&t);
}

TEST(whole_values_do_without_stop_words_and_tails)
{
	struct told t;

	read("list n feat ft\nfield a text exact=yes stop=n tail=n positions=no\n",
		"{\"a\":[\"Love Story (feat. X) ft. Y\", \"Feat\", \"Ft. Z\"]}", &t, true);
	/* 1/0: the exact values; their field stands in the first byte */
	CHECK_STR(t.terms.ptr, "1/0:\1love story x y 1/0:\1love story 1/0:\1feat 1/0:\1z ");
	clear(&t);
}

TEST(a_field_of_too_many_words_is_cut)
{
	struct buf json = { 0 };
	struct document d;
	struct told t;
	int i, v;

	buf_puts(&json, "{\"a\":[");
	for (v = 0; v < 3; v++) {
		buf_puts(&json, v ? ",\"" : "\"");
		for (i = 0; i < 30000; i++)
			buf_printf(&json, "w%d ", v);
		buf_puts(&json, "\"");
	}
	buf_puts(&json, "]}");
	buf_putc(&json, '\0');
	d = read("field a text\n", json.ptr, &t, true);
	CHECK_INT(d.lengths[0], FIELD_TOKENS_MAX);
	CHECK_INT(t.last, FIELD_TOKENS_MAX - 1 + 2 * POSITION_GAP);
	clear(&t);
	buf_clear(&json);
}
