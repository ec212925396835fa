/* error.h -- what went wrong, said once, where it is known.
 *
 * Functions that can fail return 0 or a negative ERR_ code and take a `struct
 * error *` last, which they fill with a sentence: what was found, what was
 * expected, where.  A NULL error is allowed: only the code is told. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/slice.h"

enum error_code {
	ERR_SYNTAX = -1,    /* input that does not parse */
	ERR_ARG = -2,       /* parses, but a value is out of its range */
	ERR_NOT_FOUND = -3, /* no such key, document, collection, ... */
	ERR_EXISTS = -4,    /* is there already */
	ERR_LIMIT = -5,     /* a limit of limits.h was passed */
	ERR_BUSY = -6,      /* a bounded queue is full: try again */
	ERR_MEMORY = -7,    /* allocation failed, or a capped heap is full */
	ERR_IO = -8,        /* the operating system, LMDB or a peer failed */
	ERR_CORRUPT = -9,   /* bytes on disk that cannot be what we wrote */
	ERR_SCRIPT = -10,   /* a Lua script failed or spent its budget */
	ERR_STATE = -11,    /* not possible now (shutting down, wrong mode) */
	ERR_AUTH = -12,     /* not allowed */
	ERR_FULL = -13,     /* the map of an environment is full */
};

struct error {
	int code; /* an ERR_ code, 0 before the first failure */
	char text[512];
};

/* Fill `err` (NULL is fine) and return `code`.  Overlong text is cut. */
int error_set(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Where rc is an error, put "where: " before its text as it travels up.  Returns rc. */
int error_prefix(struct error *err, int rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Of a word that is none of `known` (ends with NULL; NULL: not told): "WHAT 'word'; did you
 * mean 'near'?"; where none is near, `otherwise` after the ;, or if that is NULL what there
 * is.  Returns `code`. */
int error_unknown(struct error *err, int code, const char *what, struct slice word,
	const char *const *known, const char *otherwise);

/* The word the protocol sends after '-': "SYNTAX", "NOTFOUND", "BUSY", ... */
const char *error_name(int code);

#endif
