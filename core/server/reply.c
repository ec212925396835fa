/* reply.c -- encoding one reply.
 *
 * Within an array or map a line goes through the JSON writer, which knows where
 * commas belong; RESP says counts ahead and needs no memory of them. */
#include "server/reply.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

static void end_line(struct reply *r)
{
	if (r->form == REPLY_LINE)
		buf_putc(r->out, '\n');
	else
		buf_put(r->out, "\r\n", 2);
}

static void put_header(struct reply *r, char kind, int64_t n)
{
	char text[32];
	int len;

	if (n >= 0 && n < 10) { /* the usual ones, without printf */
		text[0] = kind;
		text[1] = '0' + (char)n;
		memcpy(text + 2, "\r\n", 2);
		len = 4;
	} else {
		len = snprintf(text, sizeof(text), "%c%" PRId64 "\r\n", kind, n);
	}
	buf_put(r->out, text, len);
}

static bool inside_json(const struct reply *r)
{
	return r->depth > 0 && reply_is_line(r);
}

void reply_status(struct reply *r, const char *word)
{
	if (inside_json(r)) {
		json_str(&r->json, word);
		return;
	}
	buf_putc(r->out, '+');
	buf_puts(r->out, word);
	end_line(r);
}

void reply_ok(struct reply *r)
{
	reply_status(r, "OK");
}

void reply_int(struct reply *r, int64_t n)
{
	if (inside_json(r)) {
		json_int(&r->json, n);
	} else if (reply_is_line(r)) {
		buf_printf(r->out, ":%" PRId64, n);
		end_line(r);
	} else {
		put_header(r, ':', n);
	}
}

void reply_null(struct reply *r)
{
	if (inside_json(r)) {
		json_out_null(&r->json);
	} else if (reply_is_line(r)) {
		buf_puts(r->out, "null");
		end_line(r);
	} else {
		buf_puts(r->out, r->form == REPLY_RESP3 ? "_\r\n" : "$-1\r\n");
	}
}

static void put_bulk(struct reply *r, struct slice bytes)
{
	put_header(r, '$', bytes.len);
	buf_put_slice(r->out, bytes);
	buf_put(r->out, "\r\n", 2);
}

void reply_json(struct reply *r, struct slice json)
{
	if (inside_json(r)) {
		json_raw(&r->json, json);
	} else if (reply_is_line(r)) {
		buf_put_slice(r->out, json);
		end_line(r);
	} else {
		put_bulk(r, json);
	}
}

void reply_text(struct reply *r, struct slice text)
{
	if (inside_json(r)) {
		json_slice(&r->json, text);
	} else if (reply_is_line(r)) {
		json_begin(&r->json, r->out);
		json_slice(&r->json, text);
		end_line(r);
	} else {
		put_bulk(r, text);
	}
}

void reply_str(struct reply *r, const char *text)
{
	reply_text(r, slice_str(text));
}

static void put_error(struct reply *r, const char *code, const char *text)
{
	const char *s;

	assert(r->depth == 0);
	r->failed = true;
	buf_putc(r->out, '-');
	buf_puts(r->out, code);
	buf_putc(r->out, ' ');
	for (s = text; *s; s++)
		buf_putc(r->out, (unsigned char)*s < ' ' || *s == 127 ? ' ' : *s);
	end_line(r);
}

void reply_error(struct reply *r, const struct error *err)
{
	put_error(r, error_name(err->code), err->text);
}

void reply_fail(struct reply *r, const char *code, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	put_error(r, code, text);
}

static void open_level(struct reply *r)
{
	if (reply_is_line(r) && r->depth == 0)
		json_begin(&r->json, r->out);
	r->depth++;
}

void reply_array(struct reply *r, size_t count)
{
	open_level(r);
	if (reply_is_line(r))
		json_array_open(&r->json);
	else
		put_header(r, '*', count);
}

void reply_map(struct reply *r, size_t count)
{
	open_level(r);
	if (reply_is_line(r))
		json_object_open(&r->json);
	else if (r->form == REPLY_RESP3)
		put_header(r, '%', count);
	else
		put_header(r, '*', count * 2);
}

void reply_key(struct reply *r, const char *key)
{
	assert(r->depth > 0);
	if (reply_is_line(r))
		json_key(&r->json, key);
	else
		put_bulk(r, slice_str(key));
}

void reply_close(struct reply *r)
{
	assert(r->depth > 0);
	r->depth--;
	if (!reply_is_line(r))
		return;
	json_close(&r->json);
	if (r->depth == 0)
		end_line(r);
}
