/* table.c -- records of an environment's tables: read, written, and walked by cursors.
 *
 * After a failed write LMDB refuses everything else in that transaction with MDB_BAD_TXN;
 * we keep the first failure and answer that instead, so that a commit after a full map says
 * FULL and not something about the transaction. */
#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "store/key.h"
#include "store/store_parts.h"

/* LMDB leaves a cursor that ran off an end on the last record; then a step back
 * would skip that one.  We remember which end. */
enum edge { EDGE_NONE, EDGE_START, EDGE_END };

struct cursor {
	struct txn *txn;
	MDB_cursor *mdb;
	int table;
	enum edge edge;
};

static const char *table_name(const struct txn *txn, int table)
{
	return txn->store->names[table];
}

/* A failure of one operation; failed writes poison the transaction. */
static int fail_in(struct txn *txn, int mdb_rc, int table, bool write, struct error *err)
{
	struct error why;
	int code;

	if (mdb_rc == MDB_BAD_TXN && txn->failed.code)
		return error_set(err, txn->failed.code, "%s", txn->failed.text);
	code = store_fail(txn->store, mdb_rc, table_name(txn, table), &why);
	if (write && !txn->failed.code && mdb_rc != MDB_KEYEXIST && mdb_rc != MDB_BAD_VALSIZE)
		txn->failed = why;
	if (err)
		*err = why;
	return code;
}

static void check_use(const struct txn *txn, int table, bool write)
{
	assert(table >= 0 && table < txn->store->tables);
	assert(!txn->paused && (txn->write || !write));
}

static int check_key(const struct txn *txn, int table, struct slice key, struct error *err)
{
	if (key.len >= 1 && key.len <= KEY_BYTES_MAX)
		return 0;
	return error_set(err, ERR_LIMIT, "%s: %s: key of %zu bytes, must be 1 to %d",
		txn->store->path, table_name(txn, table), key.len, KEY_BYTES_MAX);
}

static MDB_val val_of(struct slice s)
{
	return (MDB_val){ s.len, (void *)s.ptr };
}

static struct slice slice_of_val(MDB_val v)
{
	return slice_of(v.mv_data, v.mv_size);
}

int store_get(struct txn *txn, int table, struct slice key, struct slice *value, struct error *err)
{
	MDB_val k = val_of(key), v;
	int rc;

	check_use(txn, table, false);
	rc = check_key(txn, table, key, err);
	if (rc < 0)
		return rc;
	rc = mdb_get(txn->mdb, txn->store->dbis[table], &k, &v);
	if (rc == MDB_NOTFOUND)
		return ERR_NOT_FOUND;
	if (rc)
		return fail_in(txn, rc, table, false, err);
	*value = slice_of_val(v);
	return 0;
}

static int put(struct txn *txn, int table, struct slice key, MDB_val *value, unsigned flags,
	struct error *err)
{
	MDB_val k = val_of(key);
	int rc;

	check_use(txn, table, true);
	rc = check_key(txn, table, key, err);
	if (rc < 0)
		return rc;
	rc = mdb_put(txn->mdb, txn->store->dbis[table], &k, value, flags);
	if (rc == MDB_KEYEXIST && (flags & MDB_APPEND))
		return error_set(err, ERR_EXISTS, "%s: %s: appended key is not above the last one",
			txn->store->path, table_name(txn, table));
	return rc ? fail_in(txn, rc, table, true, err) : 0;
}

int store_put(struct txn *txn, int table, struct slice key, struct slice value, struct error *err)
{
	MDB_val v = val_of(value);

	return put(txn, table, key, &v, 0, err);
}

int store_append(struct txn *txn, int table, struct slice key, struct slice value,
	struct error *err)
{
	MDB_val v = val_of(value);

	return put(txn, table, key, &v, MDB_APPEND, err);
}

int store_reserve(struct txn *txn, int table, struct slice key, size_t len, void **room,
	struct error *err)
{
	MDB_val v = { len, NULL };
	int rc;

	rc = put(txn, table, key, &v, MDB_RESERVE, err);
	if (rc == 0)
		*room = v.mv_data;
	return rc;
}

int store_del(struct txn *txn, int table, struct slice key, struct error *err)
{
	MDB_val k = val_of(key);
	int rc;

	check_use(txn, table, true);
	rc = check_key(txn, table, key, err);
	if (rc < 0)
		return rc;
	rc = mdb_del(txn->mdb, txn->store->dbis[table], &k, NULL);
	if (rc == MDB_NOTFOUND)
		return ERR_NOT_FOUND;
	return rc ? fail_in(txn, rc, table, true, err) : 0;
}

int cursor_open(struct cursor **out, struct txn *txn, int table, struct error *err)
{
	struct cursor *cursor;
	MDB_cursor *mdb;
	int rc;

	check_use(txn, table, false);
	rc = mdb_cursor_open(txn->mdb, txn->store->dbis[table], &mdb);
	if (rc)
		return fail_in(txn, rc, table, false, err);
	cursor = xcalloc(1, sizeof(*cursor));
	cursor->txn = txn;
	cursor->mdb = mdb;
	cursor->table = table;
	*out = cursor;
	return 0;
}

void cursor_close(struct cursor *cursor)
{
	if (!cursor)
		return;
	mdb_cursor_close(cursor->mdb);
	free(cursor);
}

/* `edge` is where the cursor is when there is nothing. */
static int move(struct cursor *cursor, MDB_cursor_op op, struct slice at_least, enum edge edge,
	struct slice *key, struct slice *value, struct error *err)
{
	MDB_val k = val_of(at_least), v;
	int rc;

	check_use(cursor->txn, cursor->table, false);
	rc = mdb_cursor_get(cursor->mdb, &k, &v, op);
	cursor->edge = rc == MDB_NOTFOUND ? edge : EDGE_NONE;
	if (rc == MDB_NOTFOUND)
		return ERR_NOT_FOUND;
	if (rc)
		return fail_in(cursor->txn, rc, cursor->table, false, err);
	if (key)
		*key = slice_of_val(k);
	if (value)
		*value = slice_of_val(v);
	return 0;
}

int cursor_seek(struct cursor *cursor, struct slice at_least, struct slice *key,
	struct slice *value, struct error *err)
{
	int rc;

	if (at_least.len == 0) /* every key is at least the empty one */
		return move(cursor, MDB_FIRST, at_least, EDGE_END, key, value, err);
	rc = check_key(cursor->txn, cursor->table, at_least, err);
	if (rc < 0)
		return rc;
	return move(cursor, MDB_SET_RANGE, at_least, EDGE_END, key, value, err);
}

int store_seek(struct txn *txn, int table, struct slice at_least, struct slice *key,
	struct slice *value, struct error *err)
{
	struct cursor *cursor;
	int rc = cursor_open(&cursor, txn, table, err);

	if (rc < 0)
		return rc;
	rc = cursor_seek(cursor, at_least, key, value, err);
	cursor_close(cursor);
	return rc;
}

int cursor_next(struct cursor *cursor, struct slice *key, struct slice *value, struct error *err)
{
	MDB_cursor_op op = cursor->edge == EDGE_START ? MDB_FIRST : MDB_NEXT;

	if (cursor->edge == EDGE_END)
		return ERR_NOT_FOUND;
	return move(cursor, op, slice_of(NULL, 0), EDGE_END, key, value, err);
}

int cursor_prev(struct cursor *cursor, struct slice *key, struct slice *value, struct error *err)
{
	MDB_cursor_op op = cursor->edge == EDGE_END ? MDB_LAST : MDB_PREV;

	if (cursor->edge == EDGE_START)
		return ERR_NOT_FOUND;
	return move(cursor, op, slice_of(NULL, 0), EDGE_START, key, value, err);
}

int cursor_last(struct cursor *cursor, struct slice *key, struct slice *value, struct error *err)
{
	return move(cursor, MDB_LAST, slice_of(NULL, 0), EDGE_END, key, value, err);
}

static int cursor_write(struct cursor *cursor, struct slice key, struct slice value, unsigned flags,
	struct error *err)
{
	MDB_val k = val_of(key), v = val_of(value);
	int rc;

	check_use(cursor->txn, cursor->table, true);
	rc = check_key(cursor->txn, cursor->table, key, err);
	if (rc < 0)
		return rc;
	cursor->edge = EDGE_NONE;
	rc = mdb_cursor_put(cursor->mdb, &k, &v, flags);
	if (rc == MDB_KEYEXIST)
		return ERR_EXISTS;
	return rc ? fail_in(cursor->txn, rc, cursor->table, true, err) : 0;
}

int cursor_put(struct cursor *cursor, struct slice key, struct slice value, struct error *err)
{
	return cursor_write(cursor, key, value, 0, err);
}

int cursor_append(struct cursor *cursor, struct slice key, struct slice value, struct error *err)
{
	return cursor_write(cursor, key, value, MDB_APPEND, err);
}

int cursor_del(struct cursor *cursor, struct error *err)
{
	int rc;

	check_use(cursor->txn, cursor->table, true);
	assert(cursor->edge == EDGE_NONE);
	rc = mdb_cursor_del(cursor->mdb, 0);
	return rc ? fail_in(cursor->txn, rc, cursor->table, true, err) : 0;
}

int store_stat(struct txn *txn, int table, struct store_stat *out, struct error *err)
{
	MDB_stat stat;
	int rc;

	check_use(txn, table, false);
	rc = mdb_stat(txn->mdb, txn->store->dbis[table], &stat);
	if (rc)
		return fail_in(txn, rc, table, false, err);
	out->entries = stat.ms_entries;
	out->bytes = (stat.ms_leaf_pages + stat.ms_overflow_pages + stat.ms_branch_pages) *
		     (uint64_t)stat.ms_psize;
	return 0;
}
