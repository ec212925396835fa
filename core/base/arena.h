/* arena.h -- memory that is freed all at once.
 *
 * A request has one arena, emptied when its answer is sent; nothing in it
 * outlives the answer.  One thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/slice.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *);

/* Forget everything; what was used, up to 4 MB, is kept for the next request. */
void arena_reset(struct arena *);

/* 16-byte aligned, not cleared; never NULL (aborts as xmalloc does). */
void *arena_alloc(struct arena *, size_t size);
void *arena_calloc(struct arena *, size_t count, size_t size);

/* Grow an array made in this arena: the old content is copied, in place where
 * it was the last allocation. */
void *arena_grow(struct arena *, void *ptr, size_t old_size, size_t new_size);

char *arena_strdup(struct arena *, const char *s);
/* A NUL-terminated copy; the slice's length stays without the NUL. */
struct slice arena_slice(struct arena *, struct slice s);
/* These with `by` between each two, as arena_slice makes it. */
struct slice arena_join(struct arena *, const struct slice *, int count, const char *by);
char *arena_printf(struct arena *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *);

#endif
