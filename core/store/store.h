/* store.h -- LMDB environments: what is remembered.
 *
 * An environment is a folder.  Tables are named databases, opened at the start
 * and kept.  Keys are ordered byte strings of at most 511 bytes; numbers in
 * keys are big endian so that order is numeric.  Values read are borrowed from
 * the map: valid until the transaction ends (or, in a write transaction, until
 * the next write).  A value read has at least the alignment of 2.
 *
 * Threads: one write transaction at a time per environment, always by the same
 * thread; any number of read transactions, each used by one thread.  Readers
 * never wait. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

struct store;
struct txn;
struct cursor;

enum store_mode { STORE_READ, STORE_WRITE };

struct store_options {
	const char *path;          /* made if absent (0700) */
	const char *const *tables; /* NULL-terminated; table number = index */
	uint64_t map_bytes;        /* address space reserved; a sparse file */
	bool no_sync;              /* commits do not wait for the disk (tests, rebuildable data) */
	bool read_only;            /* it is there, and another process may have it open, too */
};

int store_open(struct store **out, const struct store_options *, struct error *);
void store_close(struct store *); /* every transaction must have ended */
/* A new one at `path` with the tables and map of another (ERR_EXISTS: there is one already);
 * commits do not wait for the disk until it takes the other's place. */
int store_open_beside(struct store **out, const struct store *other, const char *path,
	struct error *);
/* All that is committed is on the disk on return. */
int store_sync(struct store *, struct error *);
/* What the other has on disk becomes `next`, at once: an end of the process at any instant
 * leaves the one or the other.  The other can still be read until it is closed. */
int store_replace(struct store *next, struct store *other, struct error *);
/* The files of an environment nobody has open, and its folder. */
void store_remove(const char *path);
const char *store_path(const struct store *);
int store_tables(const struct store *); /* how many, 32 at most */

int store_begin(struct txn **out, struct store *, enum store_mode, struct error *);
/* Commit a write transaction (durable on return); txn is gone either way. */
int store_commit(struct txn *, struct error *);
/* Abort a write, or end a read, transaction; NULL is fine. */
void store_end(struct txn *);
/* A reader that is kept: pause after a request, resume at the next one. */
void store_pause(struct txn *);
int store_resume(struct txn *, struct error *);
/* Number of the last commit this transaction sees; equal numbers see equal
 * data, so pointers into the map stay good over pause and resume. */
uint64_t store_version(const struct txn *);

int store_get(struct txn *, int table, struct slice key, struct slice *value,
	struct error *); /* ERR_NOT_FOUND leaves err untouched */
int store_put(struct txn *, int table, struct slice key, struct slice value,
	struct error *); /* ERR_FULL when the map is */
/* The first record of a key at or above `at_least`, as a cursor that is not kept finds it. */
int store_seek(struct txn *, int table, struct slice at_least, struct slice *key,
	struct slice *value, struct error *);
/* As store_put for a key above every key in the table (bulk, no search). */
int store_append(struct txn *, int table, struct slice key, struct slice value, struct error *);
/* Room of `len` bytes for the caller to fill before the next write. */
int store_reserve(struct txn *, int table, struct slice key, size_t len, void **room,
	struct error *);
int store_del(struct txn *, int table, struct slice key, struct error *);

int cursor_open(struct cursor **out, struct txn *, int table, struct error *);
void cursor_close(struct cursor *); /* before the transaction ends; NULL is fine */
/* Each returns 0 or ERR_NOT_FOUND (err untouched) or a failure. */
int cursor_seek(struct cursor *, struct slice at_least, struct slice *key, struct slice *value,
	struct error *);
int cursor_next(struct cursor *, struct slice *key, struct slice *value, struct error *);
int cursor_prev(struct cursor *, struct slice *key, struct slice *value, struct error *);
int cursor_last(struct cursor *, struct slice *key, struct slice *value, struct error *);
int cursor_put(struct cursor *, struct slice key, struct slice value, struct error *);
/* As cursor_put of a key above every key in the table, which fills pages; ERR_EXISTS if it
 * is not. */
int cursor_append(struct cursor *, struct slice key, struct slice value, struct error *);
int cursor_del(struct cursor *, struct error *); /* the record it stands on */

/* Copies the tables of `mask` behind the transaction to another environment, in which they
 * are empty: in full pages, in steps of its own commits, each of COPY_STEP bytes or few more.
 * ERR_STATE when *stop (may be NULL) becomes true. */
#define COPY_STEP (16 << 20)
int store_copy(struct txn *from, struct store *to, uint32_t mask, const atomic_bool *stop,
	struct error *);
/* A consistent copy of all in a new folder, while serving; on the disk on return. */
int store_backup(struct store *, const char *folder, const atomic_bool *stop, struct error *);

struct store_stat {
	uint64_t entries;
	uint64_t bytes; /* of all its pages */
};
int store_stat(struct txn *, int table, struct store_stat *, struct error *);

struct store_info {
	uint64_t map_bytes, file_bytes, used_bytes; /* the file's other pages are free */
	uint64_t version, readers;
};
void store_info(struct store *, struct store_info *);

#endif
