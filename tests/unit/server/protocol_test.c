/* protocol_test.c -- every way a request can come in pieces, and every refusal. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "limits.h"
#include "server/protocol.h"

static void feed(struct parser *p, const char *bytes, size_t len)
{
	size_t room, n;
	char *to;

	while (len > 0) {
		to = parser_room(p, &room);
		n = len < room ? len : room;
		memcpy(to, bytes, n);
		parser_filled(p, n);
		bytes += n;
		len -= n;
	}
}

/* Words as <a><b>, a request a line, errors as !CODE; ends after `broken`. */
static void drain(struct parser *p, struct buf *out)
{
	struct request request;
	struct error err = { 0 };
	size_t i;
	int rc;

	while ((rc = parser_next(p, &request, &err)) != 0) {
		if (rc < 0) {
			buf_printf(out, "!%s\n", error_name(rc));
			if (p->broken)
				return;
			continue;
		}
		for (i = 0; i < request.argc; i++)
			buf_printf(out, "<%.*s>", SLICE_ARG(request.argv[i]));
		buf_puts(out, request.line ? "\n" : "*\n");
	}
}

/* The same bytes in up to three pieces, cut at a and b. */
static void check_cuts(struct slice in, const char *want, size_t a, size_t b)
{
	struct parser p = { 0 };
	struct buf out = { 0 };
	bool same;

	feed(&p, in.ptr, a);
	drain(&p, &out);
	feed(&p, in.ptr + a, p.broken ? 0 : b - a);
	if (!p.broken)
		drain(&p, &out);
	feed(&p, in.ptr + b, p.broken ? 0 : in.len - b);
	if (!p.broken)
		drain(&p, &out);
	buf_putc(&out, '\0');
	same = !strcmp(out.ptr, want);
	if (!same)
		printf("  cut at %zu, %zu: %s", a, b, out.ptr);
	buf_clear(&out);
	parser_clear(&p);
	CHECK(same);
}

static void check_all(struct slice in, const char *want)
{
	size_t a, b;

	for (a = 0; a <= in.len; a++)
		for (b = a; b <= in.len; b++)
			check_cuts(in, want, a, b);
}

TEST(lines_come_in_any_pieces)
{
	check_all(SLICE_LIT("PING\r\n\r\n\n  \nECHO  hi\tthere \nGET a b\r\n"),
		"<PING>\n<ECHO><hi><there>\n<GET><a><b>\n");
}

TEST(arrays_come_in_any_pieces)
{
	check_all(SLICE_LIT("*1\r\n$4\r\nPING\r\n*0\r\n*-1\r\n"
			    "*3\r\n$3\r\nPUT\r\n$0\r\n\r\n$4\r\n\r\n*1\r\nPING\r\n\r\n"
			    "*1\r\n$1\r\nx\r\n"),
		"<PING>*\n<PUT><><\r\n*1>*\n<PING>\n<x>*\n");
}

TEST(words_of_a_line_are_quoted_as_in_redis_cli)
{
	check_all(SLICE_LIT("a \"b c\" 'd \\n \\'e' \"\\x41\\n\\t\\\"\\\\\\q\" f\"g h\" \"\"\n"),
		"<a><b c><d \\n 'e><A\n\t\"\\q><fg h><>\n");
}

TEST(a_word_that_begins_with_a_bracket_is_json)
{
	check_all(SLICE_LIT("PUT c i {\"a\":\"b } \\\" c\", \"d\":[1, {}]} x\n[1, \"]\"]\n{}\n"),
		"<PUT><c><i><{\"a\":\"b } \\\" c\", \"d\":[1, {}]}><x>\n<[1, \"]\"]>\n<{}>\n");
}

TEST(a_bad_line_is_refused_alone)
{
	check_all(SLICE_LIT("\"open\n'open\n{open\n[1 \"]\n\"a\"b\nPING\n"),
		"!SYNTAX\n!SYNTAX\n!SYNTAX\n!SYNTAX\n!SYNTAX\n<PING>\n");
}

TEST(a_bad_array_breaks_the_stream)
{
	static const struct {
		struct slice in;
		const char *want;
	} cases[] = {
		{ SLICE_LIT("*x\r\nPING\r\n"), "!SYNTAX\n" },
		{ SLICE_LIT("*\r\n"), "!SYNTAX\n" },
		{ SLICE_LIT("*1\n$4\r\n"), "!SYNTAX\n" },
		{ SLICE_LIT("*1\r\nPING\r\n"), "!SYNTAX\n" },
		{ SLICE_LIT("*1\r\n$-1\r\n"), "!SYNTAX\n" },
		{ SLICE_LIT("*1\r\n$4\r\nPINGx\r\n"), "!SYNTAX\n" },
		{ SLICE_LIT("*99999999999999999999999\r\n"), "!SYNTAX\n" },
		{ SLICE_LIT("*1025\r\n"), "!LIMIT\n" },
		{ SLICE_LIT("*9999999999\r\n"), "!LIMIT\n" },
		{ SLICE_LIT("*2\r\n$16777217\r\n"), "!LIMIT\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_all(cases[i].in, cases[i].want);
}

TEST(a_line_over_the_limit_is_passed_over)
{
	struct parser p = { 0 };
	struct buf in = { 0 }, out = { 0 };
	size_t step, at, n;

	while (in.len < LINE_BYTES_MAX)
		buf_puts(&in, "12345678");
	buf_puts(&in, "\nPING\n");
	buf_puts(&in, "more ");
	while (in.len < 3 * LINE_BYTES_MAX)
		buf_puts(&in, "word wor");
	buf_puts(&in, "\nPING\n");
	for (step = 1000; step < in.len * 2; step *= 3) {
		buf_reset(&out);
		for (at = 0; at < in.len; at += n) {
			n = in.len - at < step ? in.len - at : step;
			feed(&p, in.ptr + at, n);
			drain(&p, &out);
		}
		buf_putc(&out, '\0');
		CHECK(strlen(out.ptr) > LINE_BYTES_MAX);
		CHECK_STR(out.ptr + LINE_BYTES_MAX, "8>\n<PING>\n!LIMIT\n<PING>\n");
	}
	buf_clear(&in);
	buf_clear(&out);
	parser_clear(&p);
}

TEST(the_words_of_a_line_are_counted)
{
	struct parser p = { 0 };
	struct buf in = { 0 }, out = { 0 };
	struct request request;
	struct error err = { 0 };
	int i;

	for (i = 0; i < ARGS_MAX; i++)
		buf_puts(&in, "a ");
	buf_puts(&in, "\n");
	feed(&p, in.ptr, in.len);
	CHECK_INT(parser_next(&p, &request, &err), 1);
	CHECK_INT(request.argc, ARGS_MAX);
	feed(&p, "a ", 2);
	feed(&p, in.ptr, in.len);
	CHECK_INT(parser_next(&p, &request, &err), ERR_LIMIT);
	buf_clear(&in);
	buf_clear(&out);
	parser_clear(&p);
}

TEST(a_large_word_comes_whole_and_its_memory_goes)
{
	struct parser p = { 0 };
	struct request request;
	struct error err = { 0 };
	char *word = xmalloc(BULK_BYTES_MAX + 2);
	size_t room;

	memset(word, 'x', BULK_BYTES_MAX);
	memcpy(word + BULK_BYTES_MAX, "\r\n", 2);
	feed(&p, "*2\r\n$4\r\nECHO\r\n$16777216\r\n", 25);
	CHECK_INT(parser_next(&p, &request, &err), 0);
	feed(&p, word, BULK_BYTES_MAX + 1);
	CHECK_INT(parser_next(&p, &request, &err), 0);
	feed(&p, "\n", 1);
	CHECK_INT(parser_next(&p, &request, &err), 1);
	CHECK(slice_is(request.argv[0], "ECHO"));
	CHECK(slice_eq(request.argv[1], slice_of(word, BULK_BYTES_MAX)));
	CHECK_INT(parser_next(&p, &request, &err), 0);
	parser_room(&p, &room);
	CHECK(p.cap <= 1 << 16);
	feed(&p, "*2\r\n$16777216\r\n", 15);
	feed(&p, word, BULK_BYTES_MAX + 2);
	feed(&p, "$70000\r\n", 8);
	CHECK_INT(parser_next(&p, &request, &err), ERR_LIMIT);
	free(word);
	parser_clear(&p);
}

TEST(words_are_small_before_auth)
{
	struct parser p = { .word_max = 1000 };
	struct request request;
	struct error err = { 0 };

	feed(&p, "*1\r\n$1001\r\n", 11);
	CHECK_INT(parser_next(&p, &request, &err), ERR_LIMIT);
	CHECK(strstr(err.text, "before AUTH"));
	parser_clear(&p);
}

TEST(a_line_knows_how_it_ended)
{
	struct parser p = { 0 };
	struct request request;
	struct error err = { 0 };

	feed(&p, "PING\r\nPING\n", 11);
	CHECK_INT(parser_next(&p, &request, &err), 1);
	CHECK(request.line && request.crlf);
	CHECK_INT(parser_next(&p, &request, &err), 1);
	CHECK(request.line && !request.crlf);
	parser_clear(&p);
}
