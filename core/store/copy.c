/* copy.c -- tables of one environment written anew into another, record after record in
 * the order of keys.
 *
 * Appended so, pages are full, which they are not where records came in any order; and
 * there are no free ones.  LMDB's own copying keeps pages as they are, and cannot be
 * stopped. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/store.h"

struct copy {
	struct txn *from, *to;
	struct store *target;
	const atomic_bool *stop;
	size_t bytes; /* of the step */
};

/* What a step wrote goes to the disk at its end, so that the last has not all of it to
 * wait for. */
static int end_step(struct copy *c, struct error *err)
{
	int rc = store_commit(c->to, err);

	c->to = NULL;
	return rc < 0 ? rc : store_sync(c->target, err);
}

static int next_step(struct copy *c, struct error *err)
{
	int rc = end_step(c, err);

	c->bytes = 0;
	if (rc >= 0 && c->stop && *c->stop)
		return error_set(err, ERR_STATE, "stopped before the copy was whole");
	return rc < 0 ? rc : store_begin(&c->to, c->target, STORE_WRITE, err);
}

static int copy_table(struct copy *c, int table, struct error *err)
{
	struct cursor *cursor = NULL;
	struct slice key, value;
	int rc;

	rc = cursor_open(&cursor, c->from, table, err);
	if (rc < 0)
		return rc;
	for (rc = cursor_seek(cursor, slice_of("", 0), &key, &value, err); rc >= 0;
		rc = cursor_next(cursor, &key, &value, err)) {
		rc = store_append(c->to, table, key, value, err);
		c->bytes += key.len + value.len;
		if (rc >= 0 && c->bytes >= COPY_STEP)
			rc = next_step(c, err);
		if (rc < 0)
			break;
	}
	cursor_close(cursor);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

int store_copy(struct txn *from, struct store *to, uint32_t mask, const atomic_bool *stop,
	struct error *err)
{
	struct copy c = { .from = from, .target = to, .stop = stop };
	int table, rc;

	rc = store_begin(&c.to, to, STORE_WRITE, err);
	for (table = 0; mask >> table && rc >= 0; table++)
		if (mask >> table & 1)
			rc = copy_table(&c, table, err);
	if (rc >= 0)
		rc = end_step(&c, err);
	store_end(c.to);
	return rc;
}

static int copy_all(struct store *store, struct store *to, const atomic_bool *stop,
	struct error *err)
{
	struct txn *txn;
	int rc = store_begin(&txn, store, STORE_READ, err);

	if (rc < 0)
		return rc;
	rc = store_copy(txn, to, (1u << store_tables(store)) - 1, stop, err);
	store_end(txn);
	return rc;
}

int store_backup(struct store *store, const char *folder, const atomic_bool *stop,
	struct error *err)
{
	struct store *to = NULL;
	char *lock;
	int rc;

	rc = store_open_beside(&to, store, folder, err);
	if (rc == ERR_EXISTS)
		return rc;
	if (rc >= 0)
		rc = copy_all(store, to, stop, err);
	store_close(to);
	if (rc < 0) {
		store_remove(folder); /* half a copy is worse than none */
	} else if (asprintf(&lock, "%s/lock.mdb", folder) >= 0) {
		unlink(lock); /* of no use but to a process */
		free(lock);
	}
	return rc;
}
