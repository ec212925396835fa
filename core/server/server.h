/* server.h -- what the threads that serve have in common.
 *
 * main.c fills it bottom up, before the first worker starts; from then on only
 * the members that say so change.  Above this room nothing is known: a room that
 * serves more (searching, learning) hangs its state on `funnel`, gives each
 * worker its own through `hooks`, and adds a family of commands (command.h). */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/cell.h"
#include "base/clock.h"
#include "base/json.h"
#include "index/catalogue.h"
#include "index/writer.h"
#include "plugin/plugins.h"
#include "server/chores.h"
#include "server/config.h"

#define TOLLER_VERSION "0.1.0"
#define WORKERS_MAX    256

struct worker;
struct connection;

/* Any may be NULL. */
struct server_hooks {
	/* A worker's own state: opened before its thread starts, closed after it
	 * has ended, in the control thread. */
	int (*worker_open)(void *funnel, int worker, void **state, struct error *);
	void (*worker_close)(void *state);
	/* In the worker's thread, between requests: the catalogue has another file. */
	void (*worker_refresh)(void *state);
	/* INFO: members of the object that is open, each a section: "name":{...}. */
	void (*info)(void *funnel, struct json_out *);
	/* CONFIG SET: live keys may have changed. */
	void (*configured)(void *funnel, const struct config *);
};

struct server {
	struct cell *config; /* of struct config */
	struct catalogue *catalogue;
	struct writer *writer;
	struct plugins *plugins;
	const struct clock *clock;
	struct clock standing;     /* of the key `clock`: this is the clock then */
	_Atomic int64_t stands_at; /* ms */
	uint64_t seed;             /* never 0 */
	const struct server_hooks *hooks;
	void *funnel;

	struct chores *chores;
	struct worker *workers[WORKERS_MAX];
	int worker_count;
	int stop_fd; /* an eventfd the control thread waits on */
	int64_t started_ms;
	char address[128]; /* as the ready line says it */

	_Atomic uint64_t accepted, refused, next_id;
	_Atomic int clients;                        /* connected now */
	_Atomic uint64_t compactions, compacted_at; /* catalogue_changes at the last one's begin */

	/* Taken when a connection comes, goes or is listed, and by CONFIG SET:
	 * never in the path of other requests. */
	pthread_mutex_t lock;
	struct connection *connections;
};

int server_init(struct server *, struct config *, struct error *); /* takes the config */
void server_clear(struct server *);
/* Any thread: end in order, as SIGTERM does. */
void server_stop(struct server *);

#endif
