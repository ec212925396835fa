/* json.c -- any bytes: an error, or a value whose text reads back to the same text, and
 * the same of both readers.  (Texts are compared, not values: 4.0 is written as 4, which
 * reads as an integer.) */
#include <stdlib.h>

#include "base/json.h"

static void write_value(struct buf *buf, const json_t *value)
{
	struct json_out out;

	json_begin(&out, buf);
	json_value(&out, value);
}

static void write_node(struct json_out *out, const struct json_node *node)
{
	const struct json_node *item;

	switch (node->type) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		node->type == JSON_OBJECT ? json_object_open(out) : json_array_open(out);
		for (item = node->first; item; item = item->next) {
			if (node->type == JSON_OBJECT)
				json_key_slice(out, item->key);
			write_node(out, item);
		}
		json_close(out);
		break;
	case JSON_STRING: json_slice(out, node->text); break;
	case JSON_INTEGER: json_int(out, node->integer); break;
	case JSON_REAL: json_num(out, node->real); break;
	case JSON_NULL: json_null(out); break;
	default: json_bool(out, node->type == JSON_TRUE);
	}
}

/* json_read's value is the same as `text` says; NULL: it refuses as well. */
static void compare(const uint8_t *data, size_t size, const struct buf *text)
{
	struct arena *arena = arena_new();
	struct buf written = { 0 };
	struct json_node *node;
	struct json_out out;
	struct error err;

	if ((json_read(&node, arena, slice_of(data, size), &err) < 0) != !text)
		abort();
	if (text) {
		json_begin(&out, &written);
		write_node(&out, node);
		if (!slice_eq(buf_slice(&written), buf_slice(text)))
			abort();
	}
	buf_clear(&written);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err;
	struct buf first = { 0 }, second = { 0 };
	json_t *value, *again;

	if (json_parse(&value, slice_of(data, size), &err) < 0) {
		compare(data, size, NULL);
		return 0;
	}
	write_value(&first, value);
	compare(data, size, &first);
	if (json_parse(&again, buf_slice(&first), &err) < 0)
		abort();
	write_value(&second, again);
	if (!slice_eq(buf_slice(&first), buf_slice(&second)))
		abort();
	json_decref(value);
	json_decref(again);
	buf_clear(&first);
	buf_clear(&second);
	return 0;
}
