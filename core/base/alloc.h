/* alloc.h -- heap memory that either comes or ends the process.
 *
 * For allocations whose size we bound ourselves (limits.h), running out means
 * the machine is lost: these abort with a line that says the size.  Sizes that
 * outside bytes decide are checked against a limit first. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size); /* zeroed; overflow aborts */
void *xrealloc(void *ptr, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n); /* n bytes and a NUL */

/* Grow `*array` of items of `size` bytes to hold at least `want`; `*cap` is in
 * items and at least doubles. */
void xgrow(void *array_ptr, size_t *cap, size_t want, size_t size);

#endif
