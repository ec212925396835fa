/* store.c -- LMDB environments behind our own words.
 *
 * Transactions are opened with MDB_NOTLS: a reader belongs to its transaction
 * and not to its thread, so a worker can keep one and pause it (mdb_txn_reset
 * keeps the slot in the reader table and lets go of the snapshot).
 *
 * After a failed write LMDB refuses everything else in that transaction with
 * MDB_BAD_TXN; we keep the first failure and answer that instead, so that a
 * commit after a full map says FULL and not something about the transaction.
 *
 * The map is read-only (no MDB_WRITEMAP): a stray pointer cannot reach
 * the file.  One environment must not be opened twice in one process (POSIX
 * file locks); the layers above open each once.
 *
 * Left out: growing the map while running.  It is a sparse file, so reserve
 * generously. */
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/files.h"
#include "store/key.h"

#define READERS_MAX 512 /* workers, control, copies; not connections */
#define FREE_DBI    0   /* LMDB's own table of free pages */

struct store {
	MDB_env *env;
	char *path;
	int tables;
	char **names;
	MDB_dbi *dbis;
	bool no_sync;
};

struct txn {
	struct store *store;
	MDB_txn *mdb;
	bool write, paused;
	struct error failed; /* the first failed write; code 0: none */
};

/* LMDB leaves a cursor that ran off an end on the last record; then a step back
 * would skip that one.  We remember which end. */
enum edge { EDGE_NONE, EDGE_START, EDGE_END };

struct cursor {
	struct txn *txn;
	MDB_cursor *mdb;
	int table;
	enum edge edge;
};

static int code_of(int mdb_rc)
{
	switch (mdb_rc) {
	case MDB_NOTFOUND: return ERR_NOT_FOUND;
	case MDB_KEYEXIST:
	case EEXIST: return ERR_EXISTS;
	case MDB_MAP_FULL: return ERR_FULL;
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_INCOMPATIBLE: return ERR_CORRUPT;
	case MDB_READERS_FULL:
	case MDB_DBS_FULL:
	case MDB_TXN_FULL:
	case MDB_BAD_VALSIZE: return ERR_LIMIT;
	case MDB_BAD_TXN: return ERR_STATE;
	case ENOMEM: return ERR_MEMORY;
	}
	return ERR_IO;
}

static uint64_t map_bytes(const struct store *store)
{
	MDB_envinfo info;

	mdb_env_info(store->env, &info);
	return info.me_mapsize;
}

/* `what` names the operation or the table. */
static int fail(const struct store *store, int mdb_rc, const char *what, struct error *err)
{
	int code = code_of(mdb_rc);

	if (code == ERR_FULL)
		return error_set(err, code,
			"%s: %s: the map of %llu MiB is full; delete or compact, or "
			"restart with a larger map size in the configuration",
			store->path, what, (unsigned long long)(map_bytes(store) >> 20));
	if (mdb_rc == MDB_READERS_FULL)
		return error_set(err, code, "%s: %s: all %d places for readers are taken",
			store->path, what, READERS_MAX);
	/* LMDB says EIO where a write was cut short, as it is on a full disk */
	return error_set(err, code, "%s: %s: %s%s", store->path, what, mdb_strerror(mdb_rc),
		mdb_rc == EIO ? ", or no space left on device" : "");
}

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
	code = fail(txn->store, mdb_rc, table_name(txn, table), &why);
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

static int open_tables(struct store *store, struct error *err)
{
	MDB_txn *txn = NULL;
	int i, rc;

	rc = mdb_txn_begin(store->env, NULL, 0, &txn);
	if (rc)
		return fail(store, rc, "opening", err);
	for (i = 0; i < store->tables; i++) {
		rc = mdb_dbi_open(txn, store->names[i], MDB_CREATE, &store->dbis[i]);
		if (rc) {
			mdb_txn_abort(txn);
			return fail(store, rc, store->names[i], err);
		}
	}
	rc = mdb_txn_commit(txn);
	return rc ? fail(store, rc, "opening", err) : 0;
}

/* Free pages at the end may never have been written, so a file may be shorter than its
 * number of pages.  Or it was cut: then what is missing should read as damage, and not
 * end us with SIGBUS. */
static int lengthen(struct store *store)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat st;
	off_t whole;
	int fd;

	mdb_env_info(store->env, &info);
	mdb_env_stat(store->env, &stat);
	mdb_env_get_fd(store->env, &fd);
	whole = (off_t)(info.me_last_pgno + 1) * stat.ms_psize;
	if (fstat(fd, &st) || (st.st_size < whole && ftruncate(fd, whole)))
		return errno;
	return 0;
}

/* LMDB found its own pages to be impossible, and would abort. */
static void on_damage(MDB_env *env, const char *text)
{
	const char *path = "";

	mdb_env_get_path(env, &path);
	fprintf(stderr, "tollerd: %s is damaged (%s); restore a backup\n", path, text);
	_exit(1);
}

static int open_env(struct store *store, const struct store_options *options, struct error *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes = (options->map_bytes + page - 1) / page * page;
	unsigned flags = MDB_NOTLS | (options->no_sync ? MDB_NOSYNC : 0);
	int rc, dead;

	rc = mdb_env_create(&store->env);
	if (rc)
		return error_set(err, code_of(rc), "%s: %s", options->path, mdb_strerror(rc));
	rc = mdb_env_set_maxdbs(store->env, (MDB_dbi)store->tables);
	if (!rc)
		rc = mdb_env_set_maxreaders(store->env, READERS_MAX);
	if (!rc)
		rc = mdb_env_set_mapsize(store->env, bytes);
	if (!rc)
		rc = mdb_env_set_assert(store->env, on_damage);
	if (!rc)
		rc = mdb_env_open(store->env, store->path, flags, 0600);
	if (!rc)
		rc = lengthen(store);
	/* places of readers that were killed would hold old pages for ever */
	if (!rc)
		rc = mdb_reader_check(store->env, &dead);
	return rc ? fail(store, rc, "opening", err) : 0;
}

int store_open(struct store **out, const struct store_options *options, struct error *err)
{
	struct store *store = xcalloc(1, sizeof(*store));
	int i, rc;

	store->path = xstrdup(options->path);
	store->no_sync = options->no_sync;
	while (options->tables[store->tables])
		store->tables++;
	store->dbis = xcalloc((size_t)store->tables, sizeof(*store->dbis));
	store->names = xcalloc((size_t)store->tables, sizeof(*store->names));
	for (i = 0; i < store->tables; i++)
		store->names[i] = xstrdup(options->tables[i]);
	rc = files_make_folder(options->path, err);
	if (rc < 0)
		goto out;
	rc = open_env(store, options, err);
	if (rc < 0)
		goto out;
	rc = open_tables(store, err);
	if (rc < 0)
		goto out;
	*out = store;
	store = NULL;
out:
	store_close(store);
	return rc;
}

void store_close(struct store *store)
{
	int i;

	if (!store)
		return;
	if (store->env)
		mdb_env_close(store->env);
	for (i = 0; i < store->tables; i++)
		free(store->names[i]);
	free(store->names);
	free(store->dbis);
	free(store->path);
	free(store);
}

int store_open_beside(struct store **out, const struct store *other, const char *path,
	struct error *err)
{
	const char **tables;
	struct store_options options = { path, NULL, map_bytes(other), true };
	int i, rc;

	if (files_there(path))
		return error_set(err, ERR_EXISTS, "%s/data.mdb exists; copy into a new folder",
			path);
	options.tables = tables = xcalloc(other->tables + 1, sizeof(*tables));
	for (i = 0; i < other->tables; i++)
		tables[i] = other->names[i];
	rc = store_open(out, &options, err);
	free(tables);
	return rc;
}

int store_sync(struct store *store, struct error *err)
{
	int rc = mdb_env_sync(store->env, 1);

	if (!rc)
		rc = files_sync_folder(store->path);
	return rc ? fail(store, rc, "writing", err) : 0;
}

int store_tables(const struct store *store)
{
	return store->tables;
}

const char *store_path(const struct store *store)
{
	return store->path;
}

int store_replace(struct store *next, struct store *other, struct error *err)
{
	int rc = store_sync(next, err);

	if (rc < 0)
		return rc;
	rc = files_move(next->path, other->path);
	if (rc)
		return fail(next, rc, "taking its place", err);
	free(next->path);
	next->path = xstrdup(other->path);
	next->no_sync = other->no_sync;
	if (!next->no_sync)
		mdb_env_set_flags(next->env, MDB_NOSYNC, 0);
	files_sync_folder(next->path); /* there is no way back; where this fails, commits will */
	return 0;
}

/* LMDB gives a reader the number of the last commit, then copies the roots from the page of
 * every other commit.  A reader that is held up between the two, while two more commit, has
 * a later state under the earlier number, and takes what it kept of the one for the other. */
static int settle(const struct store *store, MDB_txn *mdb)
{
	MDB_envinfo info;
	int rc = 0;

	for (mdb_env_info(store->env, &info); !rc && info.me_last_txnid > mdb_txn_id(mdb) + 1;
		mdb_env_info(store->env, &info)) {
		mdb_txn_reset(mdb);
		rc = mdb_txn_renew(mdb);
	}
	return rc;
}

int store_begin(struct txn **out, struct store *store, enum store_mode mode, struct error *err)
{
	struct txn *txn;
	MDB_txn *mdb;
	int rc;

	rc = mdb_txn_begin(store->env, NULL, mode == STORE_READ ? MDB_RDONLY : 0, &mdb);
	if (rc)
		return fail(store, rc, "beginning", err);
	if (mode == STORE_READ)
		rc = settle(store, mdb);
	if (rc) {
		mdb_txn_abort(mdb);
		return fail(store, rc, "beginning", err);
	}
	txn = xcalloc(1, sizeof(*txn));
	txn->store = store;
	txn->mdb = mdb;
	txn->write = mode == STORE_WRITE;
	*out = txn;
	return 0;
}

int store_commit(struct txn *txn, struct error *err)
{
	struct store *store = txn->store;
	struct error failed = txn->failed;
	int rc;

	assert(txn->write);
	if (failed.code) {
		store_end(txn);
		return error_set(err, failed.code, "%s", failed.text);
	}
	rc = mdb_txn_commit(txn->mdb);
	free(txn);
	return rc ? fail(store, rc, "committing", err) : 0;
}

void store_end(struct txn *txn)
{
	if (!txn)
		return;
	mdb_txn_abort(txn->mdb);
	free(txn);
}

void store_pause(struct txn *txn)
{
	assert(!txn->write);
	if (!txn->paused)
		mdb_txn_reset(txn->mdb);
	txn->paused = true;
}

int store_resume(struct txn *txn, struct error *err)
{
	int rc;

	assert(!txn->write);
	if (!txn->paused)
		return 0;
	rc = mdb_txn_renew(txn->mdb);
	if (!rc)
		rc = settle(txn->store, txn->mdb);
	if (rc)
		return fail(txn->store, rc, "resuming", err);
	txn->paused = false;
	return 0;
}

uint64_t store_version(const struct txn *txn)
{
	return mdb_txn_id(txn->mdb);
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
	out->depth = stat.ms_depth;
	out->leaf_pages = stat.ms_leaf_pages;
	out->overflow_pages = stat.ms_overflow_pages;
	out->branch_pages = stat.ms_branch_pages;
	out->bytes = (stat.ms_leaf_pages + stat.ms_overflow_pages + stat.ms_branch_pages) *
		     (uint64_t)stat.ms_psize;
	return 0;
}

/* Pages in the list of free ones: each record begins with its length. */
static uint64_t free_pages(struct store *store)
{
	MDB_cursor *cursor = NULL;
	MDB_txn *txn = NULL;
	uint64_t pages = 0;
	MDB_val k, v;
	size_t n;

	if (mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn))
		return 0;
	if (mdb_cursor_open(txn, FREE_DBI, &cursor) == 0) {
		while (mdb_cursor_get(cursor, &k, &v, MDB_NEXT) == 0) {
			memcpy(&n, v.mv_data, sizeof(n));
			pages += n;
		}
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	return pages;
}

void store_info(struct store *store, struct store_info *out)
{
	MDB_envinfo info;
	MDB_stat stat;
	uint64_t pages, unused;

	/* the free ones first: pages only grow */
	unused = free_pages(store);
	mdb_env_info(store->env, &info);
	mdb_env_stat(store->env, &stat);
	pages = info.me_last_pgno + 1;
	out->map_bytes = info.me_mapsize;
	out->file_bytes = pages * stat.ms_psize;
	out->used_bytes = (pages - unused) * stat.ms_psize;
	out->version = info.me_last_txnid;
	out->readers = info.me_numreaders;
}
