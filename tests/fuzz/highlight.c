/* highlight.c -- any bytes as the words of a query and, behind a zero, as a field's text
 * to mark them in: without their marks, fragments are parts of the text, in its order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index/reader.h"
#include "query/highlight.h"

static struct schema *schema;
static struct reader *reader;

static void open_catalogue(void)
{
	static const char text[] = "field title text\nfield body text analyzer=english\n";
	char folder[] = "/tmp/toller-fuzz-XXXXXX";
	char command[64];
	struct catalogue *catalogue;
	struct error err = { 0 };

	if (!mkdtemp(folder) ||
		schema_parse(&schema, "fuzz", slice_str(text), "fuzz.conf", &err) < 0 ||
		catalogue_open(&catalogue, folder, 1 << 20, true, &schema, 1, &err) < 0 ||
		reader_open(&reader, catalogue, &err) < 0 || reader_begin(reader, &err) < 0)
		abort();
	snprintf(command, sizeof(command), "rm -rf %s", folder); /* what is open stays */
	if (system(command))
		abort();
}

/* The fragment without marks, in the text from *at on, which goes behind it. */
static void check_fragment(const json_t *fragment, const char *text, size_t len, size_t *at)
{
	const char *from = json_string_value(fragment), *found;
	size_t n = json_string_length(fragment), i, bare = 0;
	char *copy = malloc(n + 1);
	int depth = 0;

	for (i = 0; i < n; i++)
		if (from[i] == 1 || from[i] == 2) {
			depth += from[i] == 1 ? 1 : -1;
			if (depth < 0 || depth > 1)
				abort();
		} else {
			copy[bare++] = from[i];
		}
	found = memmem(text + *at, len - *at, copy, bare);
	if (depth || !found)
		abort();
	*at = found - text + bare;
	free(copy);
}

static void check_field(struct highlighter *h, const char *name, const json_t *document)
{
	struct highlight_style style = { SLICE_LIT("\x01"), SLICE_LIT("\x02"), false };
	const json_t *value = json_object_get(document, name);
	struct buf buf = { 0 };
	struct json_out out;
	struct error err = { 0 };
	json_t *root, *fragment;
	size_t i, at = 0;

	json_begin(&out, &buf);
	json_object_open(&out);
	highlight_print(h, schema_field(schema, slice_str(name)), document, 1, &style, &out);
	json_close(&out);
	if (json_parse(&root, buf_slice(&buf), &err) < 0)
		abort();
	json_array_foreach(json_object_get(root, name), i, fragment)
		check_fragment(fragment, json_string_value(value), json_string_length(value), &at);
	json_decref(root);
	buf_clear(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
	struct highlighter *h;
	struct arena *arena;
	json_t *document, *text;
	size_t words, i;

	if (!reader)
		open_catalogue();
	if (!zero)
		return 0;
	words = zero - data;
	/* 1 and 2 are the marks; no document has a 0 */
	for (i = words + 1; i < size; i++)
		if (data[i] <= 2)
			return 0;
	text = json_stringn((const char *)zero + 1, size - words - 1);
	if (!text)
		return 0;
	document = json_object();
	json_object_set(document, "title", text);
	json_object_set_new(document, "body", text);
	arena = arena_new();
	h = highlight_new(reader_view(reader, 0), arena);
	highlight_words(h, slice_of(data, words), 1);
	check_field(h, "title", document);
	check_field(h, "body", document);
	highlight_free(h);
	arena_free(arena);
	json_decref(document);
	return 0;
}
