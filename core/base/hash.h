/* hash.h -- 64-bit hashing of bytes (wyhash-like, not for secrets), stable
 * over versions and machines: its values reach disk. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/slice.h"

uint64_t hash_bytes(struct slice, uint64_t seed);
uint64_t hash_u64(uint64_t);

/* A hash table from byte strings to pointers, for names; not thread-safe.
 * Keys are copied. */
struct table;

struct table *table_new(void);
void table_free(struct table *); /* not the values */
void *table_get(const struct table *, struct slice key);
/* Returns the former value or NULL. */
void *table_put(struct table *, struct slice key, void *value);
/* Walk: start with *at = 0; false at the end. Not while changing the table. */
bool table_next(const struct table *, size_t *at, struct slice *key, void **value);

#endif
