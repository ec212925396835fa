/* json.h -- writing JSON into a buf, and reading it with our limits (depth, size, no
 * duplicate keys): through jansson, or into an arena.
 *
 * Writer: commas and colons come by themselves.
 *
 *     struct json_out out;
 *     json_begin(&out, &buf);
 *     json_object_open(&out); json_kv(&out, int, "hits", 3); json_close(&out);
 *
 * Output is one line, UTF-8; bytes that are not UTF-8 become U+FFFD; a number
 * that is not finite becomes null. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

/* jansson has a json_null() of its own: in our files the word means ours. */
#define json_null json_out_null

#define JSON_OUT_DEPTH 64

struct json_out {
	struct buf *buf;
	int depth;
	bool after_key;
	bool filled[JSON_OUT_DEPTH]; /* something stands at this depth */
	char close[JSON_OUT_DEPTH];
};

void json_begin(struct json_out *, struct buf *);
void json_object_open(struct json_out *);
void json_array_open(struct json_out *);
void json_close(struct json_out *); /* the innermost object or array */
void json_key(struct json_out *, const char *);
void json_key_slice(struct json_out *, struct slice);
void json_slice(struct json_out *, struct slice);
void json_str(struct json_out *, const char *); /* NULL writes null */
void json_int(struct json_out *, int64_t);
void json_uint(struct json_out *, uint64_t);
/* Shortest text that reads back as the same double (%.17g at the worst). */
void json_num(struct json_out *, double);
/* As json_num but at most `digits` significant digits: for people. */
void json_num_short(struct json_out *, double, int digits);
void json_bool(struct json_out *, bool);
void json_null(struct json_out *);
void json_raw(struct json_out *, struct slice json); /* spliced, must be JSON */
void json_value(struct json_out *, const json_t *);

/* key + value in one go, the usual case */
#define json_kv(out, type, key, ...) (json_key(out, key), json_##type(out, __VA_ARGS__))

/* Parse one JSON text (whole input, else ERR_SYNTAX with line and column).
 * Depth over JSON_DEPTH_MAX of limits.h is ERR_LIMIT.  The caller decrefs. */
int json_parse(json_t **out, struct slice text, struct error *);

/* A value of a text that was read into an arena. */
struct json_node {
	json_type type;         /* jansson's */
	uint32_t count;         /* items or members */
	struct slice key;       /* of a member */
	struct json_node *next; /* item or member */
	union {
		struct slice text; /* a string */
		long long integer;
		double real;
		struct json_node *first; /* item or member, in the order of the text */
	};
};

/* As json_parse, some times faster, for texts that come by the thousand.  Strings may be
 * borrowed from the text, all else is in the arena. */
int json_read(struct json_node **out, struct arena *, struct slice text, struct error *);
/* NULL if the object has no such member. */
const struct json_node *json_member(const struct json_node *object, const char *name);
/* Of an integer or a real. */
double json_number(const struct json_node *);

static inline bool json_is(const struct json_node *node, json_type type)
{
	return node && node->type == type;
}

#endif
