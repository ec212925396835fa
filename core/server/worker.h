/* worker.h -- a thread that serves: an event base and its connections.
 *
 * A connection stays with its worker, a request runs on it from words to reply
 * and takes no lock.  All members belong to the worker's thread but those that
 * say otherwise. */
#ifndef SERVER_WORKER_H
#define SERVER_WORKER_H

#include "base/arena.h"
#include "base/rng.h"
#include "index/reader.h"
#include "server/server.h"

#define COMMANDS_MAX 64

/* What another thread tells a worker: embedded in something that was allocated
 * before, so that telling cannot fail and nothing is ever lost. */
struct message {
	struct message *next;
	void (*run)(struct worker *, struct message *); /* in the worker's thread */
};

struct worker {
	struct server *server;
	int index;
	pthread_t thread;
	struct event_base *base;
	struct event *wake, *deadline;
	int wake_fd;
	_Atomic(struct message *) inbox; /* any thread, newest first */
	_Atomic int posting;             /* threads within worker_post */

	struct arena *arena; /* of the request at hand */
	struct reader *reader;
	struct preparer *preparer; /* of documents that are put */
	struct rng rng;
	struct cell_reader config_at;
	void *funnel; /* its own part of server->funnel, by hooks->worker_open */

	struct connection *connections;
	size_t live; /* connections, and closed ones that replies are still owed to */
	struct connection *again, **again_end; /* to be worked on this turn */
	bool draining;

	/* Written here, read anywhere. */
	_Atomic int load; /* connections given to it */
	_Atomic uint64_t commands, errors, bytes_in, bytes_out;
	_Atomic uint64_t calls[COMMANDS_MAX];
};

int worker_start(struct worker **out, struct server *, int index, struct error *);
/* Waits for the thread's end, which worker_drain brings about. */
void worker_join(struct worker *);
/* When all are joined: until then any may look at another's counters.  Waits for
 * whoever is still on the way out of worker_post. */
void worker_free(struct worker *);

/* Any thread. */
void worker_post(struct worker *, struct message *);
void worker_give(struct worker *, int fd, const char *peer); /* a new connection */
/* Answer what was begun, close everything, end; forced after DRAIN_MS. */
void worker_drain(struct worker *);

/* Waits until all workers, which go on serving, have let go of the file that the catalogue
 * had before: not for a worker's thread. */
void worker_refresh_all(struct server *);

/* The worker's thread: go on with the connection at the end of this turn. */
void worker_later(struct worker *, struct connection *);
const struct config *worker_config(struct worker *);

/* A counter has one writer, so that adding needs no locked instruction. */
static inline void counter_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
		memory_order_relaxed);
}

#endif
