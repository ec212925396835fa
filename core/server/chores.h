/* chores.h -- what takes long and touches files: BACKUP and COMPACT, one at a time, on a
 * thread of low priority of its own, which ends early when the daemon does. */
#ifndef SERVER_CHORES_H
#define SERVER_CHORES_H

#include <stdatomic.h>

#include "base/error.h"

struct chores;

/* Both in the chore's thread. */
struct chore {
	const char *name;
	void (*run)(void *data, const atomic_bool *stop); /* when *stop becomes true it ends soon */
	void (*done)(void *data); /* behind it, when another may be started */
};

struct chores *chores_new(void);
/* Any thread.  ERR_BUSY while another runs, ERR_STATE after chores_stop; then `data` is
 * still the caller's. */
int chores_start(struct chores *, const struct chore *, void *data, struct error *);
/* Waits for the end of what runs; nothing begins any more. */
void chores_stop(struct chores *); /* NULL is fine */
void chores_free(struct chores *); /* likewise */

#endif
