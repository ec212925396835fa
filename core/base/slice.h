/* slice.h -- a borrowed run of bytes: pointer and length, no terminator.
 *
 * A slice owns nothing; whoever made it says how long it stays valid.  Bytes
 * may include NUL.  An empty slice has len 0 and any pointer. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *ptr;
	size_t len;
};

#define SLICE_LIT(s) ((struct slice){ "" s, sizeof(s) - 1 })

/* For printf's "%.*s". */
#define SLICE_ARG(s)  (int)(s).len, (s).ptr
#define SLICE_HEAD(s) (int)((s).len > 64 ? 64 : (s).len), (s).ptr /* what others sent may be long */

static inline struct slice slice_of(const void *ptr, size_t len)
{
	return (struct slice){ ptr, len };
}

static inline struct slice slice_str(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

static inline bool slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || !memcmp(a.ptr, b.ptr, a.len));
}

static inline bool slice_is(struct slice a, const char *s)
{
	return slice_eq(a, slice_str(s));
}

/* Order of bytes, a shorter prefix first. */
static inline int slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.ptr, b.ptr, n) : 0;

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

static inline bool slice_starts(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len && (prefix.len == 0 || !memcmp(s.ptr, prefix.ptr, prefix.len));
}

/* The part before the next `mark`, which is stepped over: n marks, n + 1 parts.  False at
 * the end, where rest->ptr is NULL. */
static inline bool slice_cut(struct slice *rest, char mark, struct slice *part)
{
	const char *at;

	if (!rest->ptr)
		return false;
	at = memchr(rest->ptr, mark, rest->len);
	*part = slice_of(rest->ptr, at ? (size_t)(at - rest->ptr) : rest->len);
	*rest = at ? slice_of(at + 1, rest->ptr + rest->len - at - 1) : slice_of(NULL, 0);
	return true;
}

#endif
