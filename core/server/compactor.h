/* compactor.h -- compacting the catalogue: when somebody says COMPACT, and by itself in a
 * lull, when much has changed since the last time. */
#ifndef SERVER_COMPACTOR_H
#define SERVER_COMPACTOR_H

#include "index/compact.h"
#include "server/server.h"

struct event_base;
struct compactor;

/* The control thread's.  `after`: fewer changes than that are left alone; 0: all are. */
int compactor_open(struct compactor **out, struct event_base *, struct server *, uint64_t after,
	struct error *);
void compactor_close(struct compactor *); /* after chores_stop; NULL is fine */

/* A chore's thread: catalogue_compact; workers then go over to the new file. */
int compactor_run(struct server *, const atomic_bool *stop, struct compacted *, struct error *);

#endif
