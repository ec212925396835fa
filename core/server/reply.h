/* reply.h -- encoding one reply, in the form its request came in.
 *
 *                 a line            RESP2            RESP3
 *   status        +OK               +OK              +OK
 *   error         -CODE text        -CODE text       -CODE text
 *   integer       :7                :7               :7
 *   null          null              $-1              _
 *   JSON text     the text          a bulk string    a bulk string
 *   text          a JSON string     a bulk string    a bulk string
 *   array         a JSON array      *n               *n
 *   map           a JSON object     *2n              %n
 *
 * So a reply to a line is one line, always.  One thread. */
#ifndef SERVER_REPLY_H
#define SERVER_REPLY_H

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"

enum reply_form { REPLY_LINE, REPLY_LINE_CRLF, REPLY_RESP2, REPLY_RESP3 };

struct reply {
	struct buf *out;
	enum reply_form form;
	int depth;            /* open arrays and maps */
	bool failed;          /* an error was written */
	struct json_out json; /* of a line's open arrays and maps */
};

static inline void reply_init(struct reply *r, struct buf *out, enum reply_form form)
{
	r->out = out;
	r->form = form;
	r->depth = 0;
	r->failed = false;
}

static inline bool reply_is_line(const struct reply *r)
{
	return r->form <= REPLY_LINE_CRLF;
}

void reply_ok(struct reply *);
void reply_status(struct reply *, const char *word);
void reply_int(struct reply *, int64_t);
void reply_null(struct reply *);
/* `json` must be one line. */
void reply_json(struct reply *, struct slice json);
void reply_text(struct reply *, struct slice text);
void reply_str(struct reply *, const char *text);

/* Not within an open array or map.  Control bytes of the text become spaces. */
void reply_error(struct reply *, const struct error *);
void reply_fail(struct reply *, const char *code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* `count` items follow, and a reply_close; a map's are pairs, each led by
 * reply_key. */
void reply_array(struct reply *, size_t count);
void reply_map(struct reply *, size_t count);
void reply_key(struct reply *, const char *key);
void reply_close(struct reply *);

#endif
