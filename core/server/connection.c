/* connection.c -- one client.
 *
 * All goes through connection_run and connection_send, whatever has happened:
 * bytes came, a reply that was owed is there, the socket takes bytes again, a
 * turn was used up.
 *
 * Invariant: out holds replies in order up to the first that is owed; that and
 * all later ones stand in the list `first`.  A held request keeps its words in
 * the parser's buffer, so nothing is read while there is one. */
#include "server/connection.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "limits.h"
#include "server/command.h"

#define TURN_US            5000        /* then the other connections of the worker */
#define TURN_CHECK         16          /* requests between looks at the clock */
#define KEEP_BYTES         (256 << 10) /* larger buffers are given back when empty */
#define LINGER_MS          2000
#define LINGER_DRAINING_MS 300
#define WORD_BEFORE_AUTH   4096

static size_t unsent(const struct connection *c)
{
	return c->out.len - c->sent + c->pending_bytes;
}

static void set_event(struct event *event, bool *is, bool want)
{
	if (*is == want)
		return;
	*is = want;
	if (want)
		event_add(event, NULL);
	else
		event_del(event);
}

static void free_connection(struct connection *c)
{
	c->worker->live--;
	free(c);
}

void connection_close(struct connection *c)
{
	struct worker *w = c->worker;
	struct server *server = w->server;

	if (c->fd < 0)
		return;
	event_free(c->reads);
	event_free(c->writes);
	close(c->fd);
	c->fd = -1;
	parser_clear(&c->parser);
	buf_clear(&c->out);
	if (c->prev)
		c->prev->next = c->next;
	else
		w->connections = c->next;
	if (c->next)
		c->next->prev = c->prev;
	pthread_mutex_lock(&server->lock);
	if (c->prev_all)
		c->prev_all->next_all = c->next_all;
	else
		server->connections = c->next_all;
	if (c->next_all)
		c->next_all->prev_all = c->prev_all;
	pthread_mutex_unlock(&server->lock);
	free(c->name);
	free(c->lib_name);
	free(c->lib_version);
	w->load--;
	server->clients--;
	if (!c->pending && !c->queued)
		free_connection(c);
}

/* Replies that are there move to out, up to the first that is still owed. */
static void collect(struct connection *c)
{
	struct deferred *d;

	while ((d = c->first) && d->done) {
		c->first = d->next;
		if (!c->first)
			c->last = NULL;
		c->pending--;
		c->pending_bytes -= d->reply.len + d->after.len;
		if (c->fd >= 0) {
			buf_put_slice(&c->out, buf_slice(&d->reply));
			buf_put_slice(&c->out, buf_slice(&d->after));
		}
		buf_clear(&d->reply);
		buf_clear(&d->after);
		free(d);
	}
}

static enum reply_form form_of(const struct connection *c, const struct request *r)
{
	if (r->line)
		return r->crlf ? REPLY_LINE_CRLF : REPLY_LINE;
	return c->resp3 ? REPLY_RESP3 : REPLY_RESP2;
}

/* Where a reply that is ready now belongs. */
static struct buf *reply_place(struct connection *c)
{
	return c->last ? &c->last->after : &c->out;
}

static void answer_refused(struct connection *c, const struct request *request,
	const struct error *err)
{
	struct buf *place = reply_place(c);
	size_t before = place->len;
	struct reply reply;

	reply_init(&reply, place, form_of(c, request));
	reply_error(&reply, err);
	if (place != &c->out)
		c->pending_bytes += place->len - before;
	counter_add(&c->worker->errors, 1);
	if (c->parser.broken)
		c->closing = true;
}

static void run_request(struct connection *c, int command, struct request *request)
{
	struct buf *place = reply_place(c);
	size_t before = place->len;
	struct reply reply;

	reply_init(&reply, place, form_of(c, request));
	command_run(command, c, request, &reply);
	if (place != &c->out)
		c->pending_bytes += place->len - before;
	counter_add(&c->commands, 1);
}

static enum progress execute(struct connection *c)
{
	struct request request;
	struct error err;
	int64_t start_us = 0;
	int command, rc, n;

	for (n = 0; !c->closing; n++) {
		if (unsent(c) > PENDING_BYTES_MAX)
			return WAITS_SPACE;
		if (c->pending >= PENDING_REPLIES_MAX)
			return WAITS_REPLIES;
		if (n % TURN_CHECK == TURN_CHECK - 1) {
			if (!start_us)
				start_us = clock_mono_us();
			else if (clock_mono_us() - start_us > TURN_US)
				return TURN_OVER;
		}
		if (c->holds) {
			request = c->held;
		} else {
			rc = parser_next(&c->parser, &request, &err);
			if (rc == 0)
				return WANTS_BYTES;
			if (rc < 0) {
				answer_refused(c, &request, &err);
				continue;
			}
		}
		command = command_find(request.argv[0]);
		if (c->pending && command >= 0 && !(command_at(command)->flags & COMMAND_WRITE)) {
			c->held = request;
			c->holds = true;
			return WAITS_REPLIES;
		}
		c->holds = false;
		run_request(c, command, &request);
	}
	return WANTS_BYTES;
}

/* False when the connection is of no use any more. */
static bool flush(struct connection *c)
{
	ssize_t n;

	if (c->out.failed)
		return false;
	while (c->sent < c->out.len) {
		n = send(c->fd, c->out.ptr + c->sent, c->out.len - c->sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return true;
		if (n < 0)
			return false;
		c->sent += n;
		counter_add(&c->worker->bytes_out, n);
	}
	c->sent = 0;
	if (c->out.cap > KEEP_BYTES)
		buf_clear(&c->out);
	else
		buf_reset(&c->out);
	return true;
}

/* Closing with unread bytes would reset the connection and could take the last
 * replies away from the client: so tell the end and wait for the client's. */
static void linger(struct connection *c)
{
	int ms = c->worker->draining ? LINGER_DRAINING_MS : LINGER_MS;
	const struct timeval limit = { ms / 1000, ms % 1000 * 1000 };

	c->lingering = true;
	shutdown(c->fd, SHUT_WR);
	set_event(c->writes, &c->writing, false);
	c->reading = true;
	event_add(c->reads, &limit);
}

void connection_run(struct connection *c)
{
	collect(c);
	c->progress = WANTS_BYTES;
	if (c->fd >= 0 && !c->lingering && !c->worker->draining)
		c->progress = execute(c);
}

void connection_send(struct connection *c)
{
	bool over, draining = c->worker->draining;

	if (c->fd < 0) {
		if (!c->pending && !c->queued)
			free_connection(c);
		return;
	}
	if (c->lingering)
		return;
	if (!flush(c)) {
		connection_close(c);
		return;
	}
	over = c->closing || draining || (c->eof && c->progress == WANTS_BYTES);
	if (over && !c->pending && !unsent(c)) {
		if (!c->eof)
			linger(c);
		else
			connection_close(c);
		return;
	}
	set_event(c->reads, &c->reading, c->progress == WANTS_BYTES && !over && !c->eof);
	set_event(c->writes, &c->writing, c->sent < c->out.len);
	if (c->progress == TURN_OVER ||
		(c->progress == WAITS_SPACE && unsent(c) <= PENDING_BYTES_MAX / 2))
		worker_later(c->worker, c);
}

/* The client's bytes no longer matter, its end does. */
static void read_lingering(struct connection *c, short what)
{
	char bytes[4096];
	ssize_t n;

	if (what & EV_TIMEOUT) {
		connection_close(c);
		return;
	}
	n = read(c->fd, bytes, sizeof(bytes));
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		connection_close(c);
}

static void on_read(evutil_socket_t fd, short what, void *data)
{
	struct connection *c = data;
	size_t room;
	char *to;
	ssize_t n;

	if (c->lingering) {
		read_lingering(c, what);
		return;
	}
	assert(!c->holds);
	c->parser.word_max =
		c->authenticated || !*worker_config(c->worker)->password ? 0 : WORD_BEFORE_AUTH;
	to = parser_room(&c->parser, &room);
	n = read(c->fd, to, room);
	if (n > 0) {
		parser_filled(&c->parser, n);
		counter_add(&c->worker->bytes_in, n);
	} else if (n == 0) {
		c->eof = true;
	} else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
		return;
	} else {
		connection_close(c);
		return;
	}
	worker_later(c->worker, c);
}

static void on_write(evutil_socket_t fd, short what, void *data)
{
	struct connection *c = data;

	worker_later(c->worker, c);
}

void connection_open(struct worker *w, int fd, const char *peer)
{
	struct connection *c = xcalloc(1, sizeof(*c));
	struct server *server = w->server;

	c->worker = w;
	c->fd = fd;
	c->since_ms = clock_now_ms(server->clock);
	memcpy(c->peer, peer,
		sizeof(c->peer) - 1 < strlen(peer) ? sizeof(c->peer) - 1 : strlen(peer));
	c->reads = event_new(w->base, fd, EV_READ | EV_PERSIST, on_read, c);
	c->writes = event_new(w->base, fd, EV_WRITE | EV_PERSIST, on_write, c);
	w->live++;
	c->next = w->connections;
	if (c->next)
		c->next->prev = c;
	w->connections = c;
	c->id = server->next_id++;
	pthread_mutex_lock(&server->lock);
	c->next_all = server->connections;
	if (c->next_all)
		c->next_all->prev_all = c;
	server->connections = c;
	pthread_mutex_unlock(&server->lock);
	set_event(c->reads, &c->reading, true);
}

static void run_deferred(struct worker *w, struct message *message)
{
	struct deferred *d = (struct deferred *)message;
	struct connection *c = d->connection;
	struct reply reply;

	reply_init(&reply, &d->reply, d->form);
	d->write(d, &reply);
	counter_add(&w->errors, reply.failed);
	d->done = true;
	c->pending_bytes += d->reply.len;
	worker_later(w, c);
}

void deferred_init(struct deferred *d, struct connection *c, enum reply_form form,
	void (*write)(struct deferred *, struct reply *))
{
	memset(d, 0, sizeof(*d));
	d->message.run = run_deferred;
	d->connection = c;
	d->form = form;
	d->write = write;
}

void deferred_link(struct deferred *d)
{
	struct connection *c = d->connection;

	if (c->last)
		c->last->next = d;
	else
		c->first = d;
	c->last = d;
	c->pending++;
}

void deferred_post(struct deferred *d)
{
	worker_post(d->connection->worker, &d->message);
}
