/* cell.c -- publishing an immutable, reference-counted snapshot to threads.
 *
 * A reader compares its version with the cell's: one acquire load.  Only when
 * they differ does it lock, to take a reference that the publisher cannot drop
 * in between.  Versions start at 1, so a zeroed reader always looks once. */
#include "base/cell.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/alloc.h"

struct snapshot {
	atomic_size_t references;
	void *object;
	void (*free_object)(void *);
};

struct cell {
	atomic_uint_fast64_t version;
	pthread_mutex_t lock; /* of `current` */
	struct snapshot *current;
};

struct snapshot *snapshot_new(void *object, void (*free_object)(void *))
{
	struct snapshot *snapshot = xmalloc(sizeof(*snapshot));

	atomic_init(&snapshot->references, 1);
	snapshot->object = object;
	snapshot->free_object = free_object;
	return snapshot;
}

struct snapshot *snapshot_hold(struct snapshot *snapshot)
{
	if (snapshot)
		atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
	return snapshot;
}

void snapshot_drop(struct snapshot *snapshot)
{
	if (!snapshot ||
		atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) != 1)
		return;
	if (snapshot->free_object)
		snapshot->free_object(snapshot->object);
	free(snapshot);
}

void *snapshot_object(const struct snapshot *snapshot)
{
	return snapshot ? snapshot->object : NULL;
}

struct cell *cell_new(struct snapshot *first)
{
	struct cell *cell = xcalloc(1, sizeof(*cell));

	atomic_init(&cell->version, 1);
	pthread_mutex_init(&cell->lock, NULL);
	cell->current = first;
	return cell;
}

void cell_free(struct cell *cell)
{
	if (!cell)
		return;
	snapshot_drop(cell->current);
	pthread_mutex_destroy(&cell->lock);
	free(cell);
}

void cell_publish(struct cell *cell, struct snapshot *next)
{
	struct snapshot *former;

	pthread_mutex_lock(&cell->lock);
	former = cell->current;
	cell->current = next;
	atomic_fetch_add_explicit(&cell->version, 1, memory_order_release);
	pthread_mutex_unlock(&cell->lock);
	snapshot_drop(former); /* its free may be long: not under the lock */
}

bool cell_changed(const struct cell *cell, const struct cell_reader *reader)
{
	return atomic_load_explicit(&cell->version, memory_order_acquire) != reader->version;
}

void *cell_read(struct cell *cell, struct cell_reader *reader, int *changed)
{
	struct snapshot *former = reader->held;

	if (changed)
		*changed = 0;
	if (!cell_changed(cell, reader))
		return snapshot_object(reader->held);
	pthread_mutex_lock(&cell->lock);
	reader->held = snapshot_hold(cell->current);
	reader->version = atomic_load_explicit(&cell->version, memory_order_relaxed);
	pthread_mutex_unlock(&cell->lock);
	if (changed)
		*changed = reader->held != former;
	snapshot_drop(former);
	return snapshot_object(reader->held);
}

void cell_reader_clear(struct cell_reader *reader)
{
	snapshot_drop(reader->held);
	reader->held = NULL;
	reader->version = 0;
}
