/* protocol.h -- from bytes to requests, a piece at a time.  No sockets.
 *
 * A request is words, in one of two forms, told apart by the first byte:
 *
 *   a line    SEARCH music "tayler love" LIMIT 10      ends with \n or \r\n
 *   an array  *2\r\n$4\r\nECHO\r\n$5\r\nhello\r\n      RESP, what Redis clients send
 *
 * Words of a line are quoted as in redis-cli: "..." with \n \r \t \b \a \xHH and
 * \" \\, '...' with \' only; a closing quote ends its word.  Besides, a word that
 * begins with { or [ goes on to its matching bracket, so that JSON needs no
 * quoting: PUT shop 7 {"title":"red shoes"}.  An empty line is nothing.
 *
 * Limits: LINE_BYTES_MAX a line, ARGS_MAX words, BULK_BYTES_MAX a word (less
 * before AUTH) and, all words together, BULK_BYTES_MAX + LINE_BYTES_MAX.
 *
 *     for (;;) {
 *             room = parser_room(p, &len);
 *             parser_filled(p, read(fd, room, len));
 *             while ((rc = parser_next(p, &request, &err)) != 0) ...
 *     }
 *
 * One thread. */
#ifndef SERVER_PROTOCOL_H
#define SERVER_PROTOCOL_H

#include "base/error.h"
#include "base/slice.h"

struct parser {
	char *bytes;
	size_t cap;
	size_t start, end; /* what is not yet a request stands in [start, end) */
	size_t at;         /* seen so far, start <= at <= end */
	enum { PARSE_START, PARSE_LINE, PARSE_WORD, PARSE_BYTES, PARSE_SKIP } state;
	size_t words;      /* still to come of the array */
	size_t word_bytes; /* of the word at hand */
	size_t word_max;   /* 0: BULK_BYTES_MAX */
	struct slice *argv;
	size_t argc, argv_cap;
	bool broken;
};

struct request {
	struct slice *argv; /* the bytes are writable and belong to the parser */
	size_t argc;        /* at least 1 */
	bool line;          /* came as a line */
	bool crlf;          /* ... that ended with \r\n: its reply should, too */
};

/* Zero-initialised is ready. */
void parser_clear(struct parser *);

/* Room for the next read; `*len` is at least 1.  What was returned before by
 * parser_next is gone. */
char *parser_room(struct parser *, size_t *len);
void parser_filled(struct parser *, size_t len);

/* 1: a request, valid until the next call of parser_next or parser_room.
 * 0: more bytes are needed.
 * ERR_SYNTAX, ERR_LIMIT: not a request.  A bad line is passed over and reading can
 * go on; after a bad array `broken` is set, nothing that follows can be trusted
 * and each further call fails alike. */
int parser_next(struct parser *, struct request *, struct error *);

/* Bytes received that are not yet a request. */
static inline size_t parser_left(const struct parser *p)
{
	return p->end - p->start;
}

#endif
