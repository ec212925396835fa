/* worker.c -- a thread that serves.
 *
 * A turn: wait for events, let each note what came, then work on the connections
 * that something came for: execute all, then send all.  Replies of one turn so
 * leave together, which suits a client with many connections better than a write
 * after each read.  For SPIN_US after work it looks again without sleeping (but
 * yields): to be woken costs the client that wakes us more than the look costs us.
 *
 * No event base is shared, so libevent needs no locks.  Other threads push onto
 * `inbox`, a stack of messages that carry their own links: whoever finds it
 * empty writes the eventfd, so a flood of completions costs one wake-up. */
#include "server/worker.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "index/prepare.h"
#include "server/connection.h"

#define DRAIN_MS 5000
#define SPIN_US  50

struct arrival {
	struct message message;
	int fd;
	char peer[64];
};

static void wake(struct worker *w)
{
	uint64_t one = 1;
	ssize_t n = write(w->wake_fd, &one, sizeof(one));

	assert(n == sizeof(one) || errno == EAGAIN);
}

/* The message may be the last that the worker waits for: from the push on, it is
 * `posting` alone that keeps the worker there. */
void worker_post(struct worker *w, struct message *m)
{
	struct message *head = atomic_load_explicit(&w->inbox, memory_order_relaxed);

	atomic_fetch_add(&w->posting, 1);
	do {
		m->next = head;
	} while (!atomic_compare_exchange_weak_explicit(&w->inbox, &head, m, memory_order_release,
		memory_order_relaxed));
	if (!head)
		wake(w);
	atomic_fetch_sub(&w->posting, 1);
}

void worker_later(struct worker *w, struct connection *c)
{
	if (c->queued)
		return;
	c->queued = true;
	c->later = NULL;
	*w->again_end = c;
	w->again_end = &c->later;
}

/* Those that wait now; those that come back wait for the next turn. */
static void work_again(struct worker *w)
{
	struct connection *first = w->again, *c, *next;

	w->again = NULL;
	w->again_end = &w->again;
	for (c = first; c; c = c->later)
		connection_run(c);
	for (c = first; c; c = next) {
		next = c->later;
		c->queued = false;
		connection_send(c);
	}
}

static void on_wake(evutil_socket_t fd, short what, void *data)
{
	struct worker *w = data;
	struct message *m, *next, *first = NULL;
	uint64_t count;
	ssize_t n = read(w->wake_fd, &count, sizeof(count));

	(void)n; /* before the inbox is taken: a later push wakes anew */
	m = atomic_exchange_explicit(&w->inbox, NULL, memory_order_acquire);
	for (; m; m = next) { /* oldest first */
		next = m->next;
		m->next = first;
		first = m;
	}
	for (m = first; m; m = next) {
		next = m->next;
		m->run(w, m);
	}
}

static void run_arrival(struct worker *w, struct message *m)
{
	struct arrival *arrival = (struct arrival *)m;

	if (w->draining) {
		close(arrival->fd);
		w->load--;
		w->server->clients--;
	} else {
		connection_open(w, arrival->fd, arrival->peer);
	}
	free(arrival);
}

void worker_give(struct worker *w, int fd, const char *peer)
{
	struct arrival *arrival = xcalloc(1, sizeof(*arrival));

	arrival->message.run = run_arrival;
	arrival->fd = fd;
	strncpy(arrival->peer, peer, sizeof(arrival->peer) - 1);
	w->load++;
	worker_post(w, &arrival->message);
}

static void on_deadline(evutil_socket_t fd, short what, void *data)
{
	struct worker *w = data;
	struct connection *c, *next;

	for (c = w->connections; c; c = next) {
		next = c->next;
		if (!c->lingering)
			log_warn("server", "client %s did not take its replies; closed", c->peer);
		connection_close(c);
	}
}

static void run_drain(struct worker *w, struct message *m)
{
	const struct timeval limit = { DRAIN_MS / 1000, DRAIN_MS % 1000 * 1000 };
	struct connection *c;

	free(m);
	w->draining = true;
	for (c = w->connections; c; c = c->next)
		worker_later(w, c);
	evtimer_add(w->deadline, &limit);
}

void worker_drain(struct worker *w)
{
	struct message *m = xcalloc(1, sizeof(*m));

	m->run = run_drain;
	worker_post(w, m);
}

struct refresh {
	struct message message;
	sem_t *done;
};

static void run_refresh(struct worker *w, struct message *m)
{
	const struct server_hooks *hooks = w->server->hooks;
	sem_t *done = ((struct refresh *)m)->done;

	free(m);
	reader_refresh(w->reader);
	if (hooks && hooks->worker_refresh)
		hooks->worker_refresh(w->funnel);
	sem_post(done);
}

void worker_refresh_all(struct server *server)
{
	struct refresh *r;
	sem_t done;
	int i;

	sem_init(&done, 0, 0);
	for (i = 0; i < server->worker_count; i++) {
		r = xcalloc(1, sizeof(*r));
		r->message.run = run_refresh;
		r->done = &done;
		worker_post(server->workers[i], &r->message);
	}
	for (i = 0; i < server->worker_count; i++)
		while (sem_wait(&done) < 0)
			; /* a signal */
	sem_destroy(&done);
}

const struct config *worker_config(struct worker *w)
{
	return cell_read(w->server->config, &w->config_at, NULL);
}

static void free_worker(struct worker *w)
{
	while (atomic_load(&w->posting))
		sched_yield();
	if (w->wake)
		event_free(w->wake);
	if (w->deadline)
		event_free(w->deadline);
	if (w->base)
		event_base_free(w->base);
	if (w->wake_fd >= 0)
		close(w->wake_fd);
	reader_close(w->reader);
	arena_free(w->arena);
	preparer_free(w->preparer);
	cell_reader_clear(&w->config_at);
	free(w);
}

static int open_events(struct worker *w, struct error *err)
{
	struct event_config *config = event_config_new();

	w->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (w->wake_fd < 0) {
		event_config_free(config);
		return error_set(err, ERR_IO, "eventfd: %s", strerror(errno));
	}
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	w->base = event_base_new_with_config(config);
	event_config_free(config);
	if (!w->base)
		return error_set(err, ERR_IO, "cannot make an event base");
	w->wake = event_new(w->base, w->wake_fd, EV_READ | EV_PERSIST, on_wake, w);
	w->deadline = evtimer_new(w->base, on_deadline, w);
	if (!w->wake || !w->deadline || event_add(w->wake, NULL) < 0)
		return error_set(err, ERR_IO, "cannot make events");
	return 0;
}

static void *run(void *data)
{
	struct worker *w = data;
	int64_t worked_us = 0, now_us;
	bool spinning = false;

	while (!w->draining || w->live > 0) {
		if (!w->again && !spinning) {
			event_base_loop(w->base, EVLOOP_ONCE);
		} else {
			event_base_loop(w->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
			if (!w->again)
				sched_yield();
		}
		now_us = clock_mono_us();
		if (w->again)
			worked_us = now_us;
		spinning = now_us - worked_us < SPIN_US;
		work_again(w);
	}
	return NULL;
}

int worker_start(struct worker **out, struct server *server, int index, struct error *err)
{
	struct worker *w = xcalloc(1, sizeof(*w));
	const struct server_hooks *hooks = server->hooks;
	int rc;

	w->server = server;
	w->index = index;
	w->wake_fd = -1;
	w->again_end = &w->again;
	w->arena = arena_new();
	w->preparer = preparer_new();
	rng_init(&w->rng, server->seed + (uint64_t)index);
	rc = open_events(w, err);
	if (rc < 0)
		goto fail;
	rc = reader_open(&w->reader, server->catalogue, err);
	if (rc < 0)
		goto fail;
	if (hooks && hooks->worker_open) {
		rc = hooks->worker_open(server->funnel, index, &w->funnel, err);
		if (rc < 0)
			goto fail;
	}
	rc = pthread_create(&w->thread, NULL, run, w);
	if (rc) {
		if (hooks && hooks->worker_close)
			hooks->worker_close(w->funnel);
		rc = error_set(err, ERR_IO, "worker thread: %s", strerror(rc));
		goto fail;
	}
	*out = w;
	return 0;
fail:
	free_worker(w);
	return rc;
}

void worker_join(struct worker *w)
{
	pthread_join(w->thread, NULL);
}

void worker_free(struct worker *w)
{
	const struct server_hooks *hooks = w->server->hooks;

	if (hooks && hooks->worker_close)
		hooks->worker_close(w->funnel);
	free_worker(w);
}
