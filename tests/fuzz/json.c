/* json.c -- any bytes: an error, or a value whose text reads back to the same text.
 * (Texts are compared, not values: 4.0 is written as 4, which reads as an integer.) */
#include <stdlib.h>

#include "base/json.h"

static void write_value(struct buf *buf, const json_t *value)
{
	struct json_out out;

	json_begin(&out, buf);
	json_value(&out, value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err;
	struct buf first = { 0 }, second = { 0 };
	json_t *value, *again;

	if (json_parse(&value, slice_of(data, size), &err) < 0)
		return 0;
	write_value(&first, value);
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
