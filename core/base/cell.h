/* cell.h -- publishing an immutable, reference-counted snapshot to threads.
 *
 * The publisher replaces; a reader keeps its own reference and, per request,
 * pays one atomic load to see that nothing changed.  Only after a change does
 * it take the cell's lock once.  The object's own free is called by whoever
 * lets go last, in whatever thread that is. */
#ifndef BASE_CELL_H
#define BASE_CELL_H

#include <stdbool.h>
#include <stdint.h>

struct snapshot; /* a counted pointer */
struct cell;

/* Wraps `object` with one reference. */
struct snapshot *snapshot_new(void *object, void (*free_object)(void *));
struct snapshot *snapshot_hold(struct snapshot *);
void snapshot_drop(struct snapshot *); /* NULL is fine */
void *snapshot_object(const struct snapshot *);

struct cell *cell_new(struct snapshot *first); /* takes the reference; may be NULL */
void cell_free(struct cell *);
void cell_publish(struct cell *, struct snapshot *next); /* takes the reference */

/* A reader's place, one per thread and cell; zero-initialise. */
struct cell_reader {
	struct snapshot *held;
	uint64_t version;
};

/* The current object (NULL if none), valid until this reader's next call of
 * cell_read or cell_reader_clear.  *changed (may be NULL) tells a new one. */
void *cell_read(struct cell *, struct cell_reader *, int *changed);
void cell_reader_clear(struct cell_reader *);
/* Would cell_read give another one?  For readers with something to let go of before. */
bool cell_changed(const struct cell *, const struct cell_reader *);

#endif
