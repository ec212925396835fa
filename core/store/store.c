/* store.c -- LMDB environments behind our own words; table.c has what is in them.
 *
 * Transactions are opened with MDB_NOTLS: a reader belongs to its transaction
 * and not to its thread, so a worker can keep one and pause it (mdb_txn_reset
 * keeps the slot in the reader table and lets go of the snapshot).
 *
 * The map is read-only (no MDB_WRITEMAP): a stray pointer cannot reach
 * the file.  One environment must not be opened twice in one process (POSIX
 * file locks); the layers above open each once.
 *
 * Left out: growing the map while running.  It is a sparse file, so reserve
 * generously. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/files.h"
#include "store/store_parts.h"

#define READERS_MAX 512 /* workers, control, copies; not connections */
#define FREE_DBI    0   /* LMDB's own table of free pages */

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

int store_fail(const struct store *store, int mdb_rc, const char *what, struct error *err)
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

static int open_tables(struct store *store, bool read_only, struct error *err)
{
	MDB_txn *txn = NULL;
	int i, rc;

	rc = mdb_txn_begin(store->env, NULL, read_only ? MDB_RDONLY : 0, &txn);
	if (rc)
		return store_fail(store, rc, "opening", err);
	for (i = 0; i < store->tables; i++) {
		rc = mdb_dbi_open(txn, store->names[i], read_only ? 0 : MDB_CREATE,
			&store->dbis[i]);
		if (rc) {
			mdb_txn_abort(txn);
			return store_fail(store, rc, store->names[i], err);
		}
	}
	rc = mdb_txn_commit(txn);
	return rc ? store_fail(store, rc, "opening", err) : 0;
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
	unsigned flags = MDB_NOTLS | (options->no_sync ? MDB_NOSYNC : 0) |
			 (options->read_only ? MDB_RDONLY : 0);
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
	if (!rc && !options->read_only)
		rc = lengthen(store);
	/* places of readers that were killed would hold old pages for ever */
	if (!rc)
		rc = mdb_reader_check(store->env, &dead);
	return rc ? store_fail(store, rc, "opening", err) : 0;
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
	rc = options->read_only ? 0 : files_make_folder(options->path, err);
	if (rc < 0)
		goto out;
	rc = open_env(store, options, err);
	if (rc < 0)
		goto out;
	rc = open_tables(store, options->read_only, err);
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
	struct store_options options = { path, NULL, map_bytes(other), true, false };
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
	return rc ? store_fail(store, rc, "writing", err) : 0;
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
		return store_fail(next, rc, "taking its place", err);
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
		return store_fail(store, rc, "beginning", err);
	if (mode == STORE_READ)
		rc = settle(store, mdb);
	if (rc) {
		mdb_txn_abort(mdb);
		return store_fail(store, rc, "beginning", err);
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
	return rc ? store_fail(store, rc, "committing", err) : 0;
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
		return store_fail(txn->store, rc, "resuming", err);
	txn->paused = false;
	return 0;
}

uint64_t store_version(const struct txn *txn)
{
	return mdb_txn_id(txn->mdb);
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
