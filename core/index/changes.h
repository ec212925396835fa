/* changes.h -- which documents commits have changed since it was asked for: what has
 * changed while the catalogue was copied is copied again.
 *
 * A bit a document number, so that it is bounded. */
#ifndef INDEX_CHANGES_H
#define INDEX_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct changes;

struct changes *changes_new(void);   /* nobody watches */
void changes_free(struct changes *); /* NULL is fine */
/* The writer commits and adds while it holds the lock, and who copies takes what was added
 * and begins to read while holding it: so what was taken is what the reader sees. */
void changes_lock(struct changes *);
void changes_unlock(struct changes *);
/* With the lock: begin with nothing, or end. */
void changes_watch(struct changes *, bool watched);
/* With the lock; nothing while nobody watches. */
void changes_add(struct changes *, int collection, uint32_t doc);
/* With the lock: what was added until now is in `out` instead, and nothing else is. */
void changes_take(struct changes *, struct changes *out);
size_t changes_count(struct changes *); /* without the lock */
/* The first of a collection from doc on, or DOC_NONE. */
uint32_t changes_next(struct changes *, int collection, uint32_t doc);

#endif
