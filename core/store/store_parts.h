/* store_parts.h -- the inside of an environment, for store.c that opens it and table.c that
 * reads and writes in it. */
#ifndef STORE_STORE_PARTS_H
#define STORE_STORE_PARTS_H

#include <lmdb.h>

#include "store/store.h"

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

/* What LMDB answered, with the path and `what`, the operation or the table, as an error of
 * ours.  Returns its code. */
int store_fail(const struct store *, int mdb_rc, const char *what, struct error *);

#endif
