/* protocol.c -- from bytes to requests.
 *
 * Words are slices of the receive buffer: nothing is copied but what a partial
 * request leaves at its end, and what was seen once is not looked at again
 * (`at`), so a request that comes byte by byte costs no more than one that
 * comes whole.  The buffer doubles with what has really come, never with what a
 * header claims is to come. */
#include "server/protocol.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "limits.h"

#define READ_BYTES        16384      /* room offered to a read, at least a quarter of it */
#define KEEP_BYTES        (64 << 10) /* a larger buffer is given back once it is empty */
#define HEADER_DIGITS     16         /* of "$16777216\r\n", and more than any limit has */
#define REQUEST_BYTES_MAX ((size_t)BULK_BYTES_MAX + LINE_BYTES_MAX)

void parser_clear(struct parser *p)
{
	free(p->bytes);
	free(p->argv);
	memset(p, 0, sizeof(*p));
}

/* Words found so far follow the bytes to their new place. */
static void move_words(struct parser *p, const char *from, char *to)
{
	size_t i;

	for (i = 0; i < p->argc; i++)
		p->argv[i].ptr = to + (p->argv[i].ptr - from);
}

char *parser_room(struct parser *p, size_t *len)
{
	size_t used = p->end - p->start;
	char *bytes;

	if (p->state == PARSE_START || p->state == PARSE_LINE || p->state == PARSE_SKIP)
		p->argc = 0;
	if (used == 0)
		p->start = p->at = p->end = 0;
	if (used == 0 && p->cap > KEEP_BYTES) {
		free(p->bytes);
		p->bytes = NULL;
		p->cap = 0;
	}
	if (p->cap - p->end < READ_BYTES / 4 && p->start > 0) {
		move_words(p, p->bytes + p->start, p->bytes);
		memmove(p->bytes, p->bytes + p->start, used);
		p->at -= p->start;
		p->end = used;
		p->start = 0;
	}
	if (p->cap - p->end < READ_BYTES / 4) {
		size_t cap = p->cap ? p->cap * 2 : READ_BYTES;

		bytes = xmalloc(cap);
		if (used)
			memcpy(bytes + p->start, p->bytes + p->start, used);
		move_words(p, p->bytes, bytes);
		free(p->bytes);
		p->bytes = bytes;
		p->cap = cap;
	}
	*len = p->cap - p->end;
	return p->bytes + p->end;
}

void parser_filled(struct parser *p, size_t len)
{
	p->end += len;
}

static void add_word(struct parser *p, char *ptr, size_t len)
{
	xgrow(&p->argv, &p->argv_cap, p->argc + 1, sizeof(*p->argv));
	p->argv[p->argc++] = slice_of(ptr, len);
}

static int broken(struct parser *p)
{
	p->broken = true;
	p->argc = 0;
	return 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What stands after a backslash within "..."; advances *in past it. */
static char unescape(const char **in, const char *end)
{
	const char *s = *in;
	int high, low;

	*in = s + 1;
	switch (*s) {
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	case 'b': return '\b';
	case 'a': return '\a';
	case 'x':
		if (end - s > 2 && (high = hex(s[1])) >= 0 && (low = hex(s[2])) >= 0) {
			*in = s + 3;
			return (char)(high << 4 | low);
		}
	}
	return *s;
}

/* *in stands after the opening quote; the text is written at *out. */
static int take_quoted(char quote, const char **in, const char *end, char **out, struct error *err)
{
	const char *s = *in;

	while (s < end && *s != quote) {
		if (*s == '\\' && s + 1 < end && quote == '"') {
			s++;
			*(*out)++ = unescape(&s, end);
		} else if (*s == '\\' && s + 1 < end && s[1] == quote) {
			*(*out)++ = quote;
			s += 2;
		} else {
			*(*out)++ = *s++;
		}
	}
	if (s == end)
		return error_set(err, ERR_SYNTAX, "unbalanced quotes: a %c is not closed", quote);
	s++;
	if (s < end && !is_space(*s))
		return error_set(err, ERR_SYNTAX,
			"a closing %c must be followed by a space, found '%c'", quote,
			*s > ' ' && *s < 127 ? *s : '?');
	*in = s;
	return 0;
}

/* A word that begins with a bracket: as it is, up to the matching one. */
static int take_brackets(const char **in, const char *end, char **out, struct error *err)
{
	const char *s = *in;
	bool string = false;
	size_t depth = 0;
	char first = *s;

	for (; s < end && (depth || s == *in || !is_space(*s)); s++) {
		if (string && *s == '\\' && s + 1 < end)
			*(*out)++ = *s++;
		else if (*s == '"')
			string = !string && depth;
		else if (!string && (*s == '{' || *s == '['))
			depth++;
		else if (!string && (*s == '}' || *s == ']') && depth)
			depth--;
		*(*out)++ = *s;
	}
	if (depth)
		return error_set(err, ERR_SYNTAX,
			"a word that begins with %c goes on to its matching bracket, and there "
			"is none; quote it if it is not JSON",
			first);
	*in = s;
	return 0;
}

/* Split a line in place.  The number of words, at most `max`, or an error. */
static int split(char *line, size_t len, struct slice *words, size_t max, struct error *err)
{
	const char *in = line, *end = line + len;
	char *out = line, *word, quote;
	size_t n = 0;
	int rc = 0;

	for (;;) {
		while (in < end && is_space(*in))
			in++;
		if (in == end)
			return (int)n;
		if (n == max)
			return error_set(err, ERR_LIMIT, "more than %zu words in a line", max);
		word = out;
		if (*in == '{' || *in == '[') {
			rc = take_brackets(&in, end, &out, err);
		} else {
			while (in < end && !is_space(*in) && rc == 0) {
				if (*in == '"' || *in == '\'') {
					quote = *in++;
					rc = take_quoted(quote, &in, end, &out, err);
				} else {
					*out++ = *in++;
				}
			}
		}
		if (rc < 0)
			return rc;
		words[n++] = slice_of(word, out - word);
	}
}

/* A whole line without its newline.  1, 0 (nothing in it) or an error. */
static int take_line(struct parser *p, char *line, size_t len, struct request *out,
	struct error *err)
{
	int n;

	out->line = true;
	out->crlf = len > 0 && line[len - 1] == '\r';
	len -= out->crlf;
	if (len > LINE_BYTES_MAX)
		return error_set(err, ERR_LIMIT,
			"a line of %zu bytes, limit %d; send large words as a RESP array", len,
			LINE_BYTES_MAX);
	/* a word takes two bytes at least, its space among them */
	xgrow(&p->argv, &p->argv_cap, len / 2 < ARGS_MAX ? len / 2 + 1 : ARGS_MAX,
		sizeof(*p->argv));
	n = split(line, len, p->argv, ARGS_MAX, err);
	if (n <= 0)
		return n;
	out->argv = p->argv;
	out->argc = n;
	return 1;
}

static int next_line(struct parser *p, struct request *out, struct error *err)
{
	char *newline = memchr(p->bytes + p->at, '\n', p->end - p->at);
	char *line = p->bytes + p->start;

	if (!newline) {
		p->at = p->end;
		if (p->end - p->start <= LINE_BYTES_MAX + 1)
			return 0;
		p->state = PARSE_SKIP;
		p->start = p->end;
		out->line = true;
		return error_set(err, ERR_LIMIT,
			"a line of more than %d bytes; send large words as a RESP array",
			LINE_BYTES_MAX);
	}
	p->start = p->at = newline + 1 - p->bytes;
	p->state = PARSE_START;
	return take_line(p, line, newline - line, out, err);
}

/* The rest of a line whose beginning was refused. */
static bool skip_line(struct parser *p)
{
	char *newline = memchr(p->bytes + p->start, '\n', p->end - p->start);

	p->start = newline ? (size_t)(newline + 1 - p->bytes) : p->end;
	p->at = p->start;
	if (newline)
		p->state = PARSE_START;
	return newline != NULL;
}

/* A header such as "$12\r\n" at p->at: 1 with its number, 0 if not all is there. */
static int take_header(struct parser *p, char kind, long long *out, struct error *err)
{
	const char *s = p->bytes + p->at, *end = p->bytes + p->end, *at = s + 1;
	bool minus = false;
	long long v = 0;

	if (s == end)
		return 0;
	if (*s != kind) {
		broken(p);
		return error_set(err, ERR_SYNTAX, "expected '%c' in a RESP request, found '%c'",
			kind, *s > ' ' && *s < 127 ? *s : '?');
	}
	if (at < end && *at == '-') {
		minus = true;
		at++;
	}
	while (at < end && *at >= '0' && *at <= '9' && at - s <= HEADER_DIGITS)
		v = v * 10 + (*at++ - '0');
	if (at == end || (*at == '\r' && at + 1 == end))
		return 0;
	if (at[0] == '\r' && at[1] == '\n' && at - s > 1 + minus) {
		*out = minus ? -v : v;
		p->at = at + 2 - p->bytes;
		return 1;
	}
	broken(p);
	return error_set(err, ERR_SYNTAX,
		"expected a number and \\r\\n after '%c' in a RESP request", kind);
}

static int begin_array(struct parser *p, struct error *err)
{
	long long n;
	int rc = take_header(p, '*', &n, err);

	if (rc <= 0)
		return rc;
	if (n > ARGS_MAX) {
		broken(p);
		return error_set(err, ERR_LIMIT, "a request of %lld words, limit %d", n, ARGS_MAX);
	}
	p->argc = 0;
	p->words = n > 0 ? n : 0; /* an empty one and a null are nothing */
	p->state = PARSE_WORD;
	return 1;
}

static int begin_word(struct parser *p, struct error *err)
{
	size_t max = p->word_max ? p->word_max : BULK_BYTES_MAX;
	long long n;
	int rc = take_header(p, '$', &n, err);

	if (rc <= 0)
		return rc;
	if (n < 0) {
		broken(p);
		return error_set(err, ERR_SYNTAX, "a word of %lld bytes in a RESP request", n);
	}
	if ((size_t)n > max) {
		broken(p);
		return error_set(err, ERR_LIMIT, "a word of %lld bytes, limit %zu%s", n, max,
			p->word_max ? " before AUTH" : "");
	}
	if (p->at - p->start + n > REQUEST_BYTES_MAX) {
		broken(p);
		return error_set(err, ERR_LIMIT, "a request of more than %zu bytes",
			REQUEST_BYTES_MAX);
	}
	p->word_bytes = n;
	p->state = PARSE_BYTES;
	return 1;
}

static int take_word(struct parser *p, struct error *err)
{
	char *word = p->bytes + p->at;

	if (p->end - p->at < p->word_bytes + 2)
		return 0;
	if (word[p->word_bytes] != '\r' || word[p->word_bytes + 1] != '\n') {
		broken(p);
		return error_set(err, ERR_SYNTAX, "a word of %zu bytes is not followed by \\r\\n",
			p->word_bytes);
	}
	add_word(p, word, p->word_bytes);
	p->at += p->word_bytes + 2;
	p->words--;
	p->state = PARSE_WORD;
	return 1;
}

int parser_next(struct parser *p, struct request *out, struct error *err)
{
	int rc;

	if (p->broken)
		return error_set(err, ERR_SYNTAX, "the request before could not be read");
	for (;;) {
		out->line = out->crlf = false; /* an empty line may have set them */
		switch (p->state) {
		case PARSE_SKIP:
			if (!skip_line(p))
				return 0;
			break;
		case PARSE_START:
			p->argc = 0;
			if (p->start == p->end) {
				p->start = p->at = p->end = 0;
				return 0;
			}
			if (p->bytes[p->start] != '*') {
				p->state = PARSE_LINE;
				break;
			}
			rc = begin_array(p, err);
			if (rc <= 0)
				return rc;
			break;
		case PARSE_LINE:
			rc = next_line(p, out, err);
			if (rc != 0 || p->state == PARSE_LINE)
				return rc;
			break; /* an empty line */
		case PARSE_WORD:
			if (p->words == 0) {
				p->start = p->at;
				p->state = PARSE_START;
				if (p->argc == 0)
					break;
				out->argv = p->argv;
				out->argc = p->argc;
				return 1;
			}
			rc = begin_word(p, err);
			if (rc <= 0)
				return rc;
			break;
		case PARSE_BYTES:
			rc = take_word(p, err);
			if (rc <= 0)
				return rc;
			break;
		}
	}
}
