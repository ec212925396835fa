/* json.c -- writing JSON into a buf, and reading it through jansson.
 *
 * Writing is our own: a reply is one pass over a buf with no tree in between.
 * Reading scans the depth first, without recursion, since jansson's own bound
 * is far above ours.  Numbers are written with the fewest of 15, 16 or 17
 * digits that read back as the same double, whole ones without an exponent. */
#include "base/json.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"

static_assert(JSON_OUT_DEPTH > JSON_DEPTH_MAX, "what was parsed can be written");

void json_begin(struct json_out *out, struct buf *buf)
{
	memset(out, 0, sizeof(*out));
	out->buf = buf;
}

/* The comma that is due before the next key or value. */
static void separate(struct json_out *out)
{
	if (out->after_key)
		out->after_key = false;
	else if (out->depth > 0 && out->filled[out->depth - 1])
		buf_putc(out->buf, ',');
	if (out->depth > 0)
		out->filled[out->depth - 1] = true;
}

static void open_level(struct json_out *out, char open, char close)
{
	assert(out->depth < JSON_OUT_DEPTH);
	separate(out);
	buf_putc(out->buf, open);
	out->filled[out->depth] = false;
	out->close[out->depth++] = close;
}

void json_object_open(struct json_out *out)
{
	open_level(out, '{', '}');
}

void json_array_open(struct json_out *out)
{
	open_level(out, '[', ']');
}

void json_close(struct json_out *out)
{
	assert(out->depth > 0 && !out->after_key);
	buf_putc(out->buf, out->close[--out->depth]);
}

/* Bytes of the valid UTF-8 character at s, 0 if there is none (RFC 3629). */
static size_t utf8_length(const unsigned char *s, size_t left)
{
	size_t n, i;

	if (s[0] < 0x80)
		return 1;
	n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || n > left)
		return 0;
	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
		(s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static void put_escaped(struct buf *buf, unsigned char c)
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	const char *p;

	for (p = letters; *p; p += 2)
		if ((unsigned char)*p == c) {
			buf_putc(buf, '\\');
			buf_putc(buf, p[1]);
			return;
		}
	buf_printf(buf, "\\u%04x", c);
}

static void put_string(struct buf *buf, struct slice s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	size_t i = 0, run = 0, n;

	buf_putc(buf, '"');
	while (i < s.len) {
		n = utf8_length(p + i, s.len - i);
		if (n > 0 && p[i] >= 0x20 && p[i] != '"' && p[i] != '\\') {
			i += n;
			continue;
		}
		buf_put(buf, p + run, i - run);
		if (n == 0)
			buf_puts(buf, "\xef\xbf\xbd");
		else
			put_escaped(buf, p[i]);
		run = ++i;
	}
	if (i > run)
		buf_put(buf, p + run, i - run);
	buf_putc(buf, '"');
}

void json_key(struct json_out *out, const char *key)
{
	json_key_slice(out, slice_str(key));
}

void json_key_slice(struct json_out *out, struct slice key)
{
	assert(out->depth > 0 && out->close[out->depth - 1] == '}' && !out->after_key);
	separate(out);
	put_string(out->buf, key);
	buf_putc(out->buf, ':');
	out->after_key = true;
}

void json_slice(struct json_out *out, struct slice s)
{
	separate(out);
	put_string(out->buf, s);
}

void json_str(struct json_out *out, const char *s)
{
	if (s)
		json_slice(out, slice_str(s));
	else
		json_null(out);
}

void json_int(struct json_out *out, int64_t v)
{
	separate(out);
	buf_printf(out->buf, "%lld", (long long)v);
}

void json_uint(struct json_out *out, uint64_t v)
{
	separate(out);
	buf_printf(out->buf, "%llu", (unsigned long long)v);
}

void json_num(struct json_out *out, double v)
{
	char text[40];
	int digits;

	if (!isfinite(v)) {
		json_null(out);
		return;
	}
	separate(out);
	if (v == 0)
		v = 0; /* -0 reads back as an integer without its sign anyway */
	if (fabs(v) < 0x1p53 && v == trunc(v)) {
		snprintf(text, sizeof(text), "%.0f", v);
	} else {
		for (digits = 15; digits <= 17; digits++) {
			snprintf(text, sizeof(text), "%.*g", digits, v);
			if (strtod(text, NULL) == v)
				break;
		}
	}
	buf_puts(out->buf, text);
}

void json_num_short(struct json_out *out, double v, int digits)
{
	char text[40];

	if (isfinite(v)) {
		digits = digits < 1 ? 1 : digits > 17 ? 17 : digits;
		snprintf(text, sizeof(text), "%.*g", digits, v);
		v = strtod(text, NULL);
	}
	json_num(out, v);
}

void json_bool(struct json_out *out, bool v)
{
	separate(out);
	buf_puts(out->buf, v ? "true" : "false");
}

void json_null(struct json_out *out)
{
	separate(out);
	buf_puts(out->buf, "null");
}

void json_raw(struct json_out *out, struct slice json)
{
	separate(out);
	buf_put_slice(out->buf, json);
}

static void put_object(struct json_out *out, const json_t *v)
{
	json_t *object = (json_t *)v; /* jansson's iterators take no const */
	void *at;

	json_object_open(out);
	for (at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
		json_key(out, json_object_iter_key(at));
		json_value(out, json_object_iter_value(at));
	}
	json_close(out);
}

static void put_array(struct json_out *out, const json_t *v)
{
	size_t i;

	json_array_open(out);
	for (i = 0; i < json_array_size(v); i++)
		json_value(out, json_array_get(v, i));
	json_close(out);
}

void json_value(struct json_out *out, const json_t *v)
{
	bool deep = out->depth >= JSON_OUT_DEPTH;

	if (json_is_object(v) && !deep)
		put_object(out, v);
	else if (json_is_array(v) && !deep)
		put_array(out, v);
	else if (json_is_string(v))
		json_slice(out, slice_of(json_string_value(v), json_string_length(v)));
	else if (json_is_integer(v))
		json_int(out, json_integer_value(v));
	else if (json_is_real(v))
		json_num(out, json_real_value(v));
	else if (json_is_boolean(v))
		json_bool(out, json_is_true(v));
	else
		json_null(out);
}

/* The deepest nesting, brackets inside strings aside. */
static int nesting(struct slice text)
{
	int depth = 0, most = 0;
	bool quoted = false;
	size_t i;

	for (i = 0; i < text.len; i++) {
		switch (text.ptr[i]) {
		case '\\': i += quoted; break;
		case '"': quoted = !quoted; break;
		case '{':
		case '[':
			if (!quoted && ++depth > most)
				most = depth;
			break;
		case '}':
		case ']': depth -= !quoted; break;
		}
	}
	return most;
}

int json_parse(json_t **out, struct slice text, struct error *err)
{
	json_error_t failed;
	int depth;

	*out = NULL;
	if (text.len > BULK_BYTES_MAX)
		return error_set(err, ERR_LIMIT, "JSON of %zu bytes, limit %d", text.len,
			BULK_BYTES_MAX);
	depth = nesting(text);
	if (depth > JSON_DEPTH_MAX)
		return error_set(err, ERR_LIMIT, "JSON nests %d deep, limit %d", depth,
			JSON_DEPTH_MAX);
	*out = json_loadb(text.len ? text.ptr : "", text.len,
		JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &failed);
	if (*out)
		return 0;
	if (json_error_code(&failed) == json_error_out_of_memory)
		return error_set(err, ERR_MEMORY, "no memory for JSON of %zu bytes", text.len);
	return error_set(err, ERR_SYNTAX, "JSON line %d column %d: %s", failed.line, failed.column,
		failed.text);
}
