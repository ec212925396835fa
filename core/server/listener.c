/* listener.c -- accepting connections.
 *
 * When descriptors run out accepting rests a moment: the socket would be
 * readable for ever. */
#include "server/listener.h"

#include <errno.h>
#include <event2/event.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "limits.h"
#include "server/worker.h"

#define BACKLOG        511
#define REST_MS        100
#define ACCEPTS_A_TURN 64

struct listener {
	struct server *server;
	int fd;
	struct event *accepts, *rest;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* to remove, or "" */
	int next;
};

static int fail(int fd, const char *address, const char *what, struct error *err)
{
	int code = error_set(err, ERR_IO, "listen %s: %s%s%s", address, what, errno ? ": " : "",
		errno ? strerror(errno) : "");

	if (fd >= 0)
		close(fd);
	return code;
}

/* Is there a daemon behind this socket file? */
static bool answers(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0;

	if (fd >= 0)
		close(fd);
	return yes;
}

static int open_unix(struct listener *l, const char *address, struct error *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const char *path = address + strlen("unix:");
	struct stat st;

	errno = 0;
	if (!*path || strlen(path) >= sizeof(at.sun_path))
		return fail(-1, address, "the path is empty or too long", err);
	strcpy(at.sun_path, path);
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
		if (answers(&at)) {
			errno = EADDRINUSE;
			return fail(-1, address, "another daemon serves there", err);
		}
		unlink(path);
	}
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return fail(-1, address, "socket", err);
	if (bind(l->fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return fail(l->fd, address, "bind", err);
	strcpy(l->path, path);
	return 0;
}

static int open_tcp(struct listener *l, const char *address, struct error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
	const char *colon = strrchr(address, ':');
	struct addrinfo *found = NULL, *at;
	char host[256];
	size_t len;
	int one = 1, rc;

	errno = 0;
	if (!colon || colon - address >= (long)sizeof(host))
		return fail(-1, address, "expected host:port or unix:PATH", err);
	len = colon - address;
	if (len >= 2 && address[0] == '[' && address[len - 1] == ']')
		snprintf(host, sizeof(host), "%.*s", (int)len - 2, address + 1);
	else
		snprintf(host, sizeof(host), "%.*s", (int)len, address);
	rc = getaddrinfo(*host ? host : NULL, colon + 1, &hints, &found);
	if (rc) {
		errno = 0;
		return fail(-1, address, gai_strerror(rc), err);
	}
	l->fd = -1;
	for (at = found; at && l->fd < 0; at = at->ai_next) {
		l->fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (l->fd < 0)
			continue;
		setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		if (bind(l->fd, at->ai_addr, at->ai_addrlen) < 0) {
			rc = errno;
			close(l->fd);
			l->fd = -1;
			errno = rc;
		}
	}
	freeaddrinfo(found);
	return l->fd < 0 ? fail(-1, address, "bind", err) : 0;
}

static void print_peer(char *out, size_t size, const struct sockaddr_storage *at, socklen_t len)
{
	char host[INET6_ADDRSTRLEN + 8], port[16];

	if (at->ss_family == AF_UNIX ||
		getnameinfo((const struct sockaddr *)at, len, host, sizeof(host), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(out, size, "unix");
	else
		snprintf(out, size, at->ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static struct worker *least_loaded(struct listener *l)
{
	struct server *s = l->server;
	struct worker *best = NULL, *w;
	int i;

	l->next = (l->next + 1) % s->worker_count; /* equals take turns */
	for (i = 0; i < s->worker_count; i++) {
		w = s->workers[(l->next + i) % s->worker_count];
		if (!best || w->load < best->load)
			best = w;
	}
	return best;
}

static void take(struct listener *l, int fd, const struct sockaddr_storage *at, socklen_t len)
{
	struct server *s = l->server;
	char peer[64], text[96];
	int one = 1, n;
	ssize_t sent;

	if (s->clients >= CLIENTS_MAX) {
		n = snprintf(text, sizeof(text), "-LIMIT %d clients are connected, limit %d\r\n",
			s->clients, CLIENTS_MAX);
		sent = send(fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		(void)sent; /* as good as it gets */
		s->refused++;
		close(fd);
		return;
	}
	if (at->ss_family != AF_UNIX) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	}
	print_peer(peer, sizeof(peer), at, len);
	s->accepted++;
	s->clients++;
	worker_give(least_loaded(l), fd, peer);
}

static void on_accept(evutil_socket_t listening, short what, void *data)
{
	const struct timeval rest = { 0, REST_MS * 1000 };
	struct listener *l = data;
	struct sockaddr_storage at;
	socklen_t len;
	int fd, i;

	for (i = 0; i < ACCEPTS_A_TURN; i++) {
		len = sizeof(at);
		at.ss_family = AF_UNIX;
		fd = accept4(l->fd, (struct sockaddr *)&at, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			take(l, fd, &at, len);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			log_warn("server", "cannot accept: %s", strerror(errno));
			event_del(l->accepts);
			evtimer_add(l->rest, &rest);
		}
		return;
	}
}

static void on_rested(evutil_socket_t fd, short what, void *data)
{
	struct listener *l = data;

	event_add(l->accepts, NULL);
}

static void say_address(struct listener *l)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);
	struct server *s = l->server;

	if (*l->path)
		snprintf(s->address, sizeof(s->address), "unix:%s", l->path);
	else if (getsockname(l->fd, (struct sockaddr *)&at, &len) == 0)
		print_peer(s->address, sizeof(s->address), &at, len);
}

int listener_open(struct listener **out, struct event_base *base, struct server *server,
	const char *address, struct error *err)
{
	struct listener *l = xcalloc(1, sizeof(*l));
	int rc;

	l->server = server;
	rc = strncmp(address, "unix:", 5) ? open_tcp(l, address, err) : open_unix(l, address, err);
	if (rc < 0) {
		free(l);
		return rc;
	}
	l->accepts = event_new(base, l->fd, EV_READ | EV_PERSIST, on_accept, l);
	l->rest = evtimer_new(base, on_rested, l);
	if (listen(l->fd, BACKLOG) < 0 || event_add(l->accepts, NULL) < 0) {
		rc = error_set(err, ERR_IO, "listen %s: %s", address, strerror(errno));
		listener_close(l);
		return rc;
	}
	say_address(l);
	*out = l;
	return 0;
}

void listener_close(struct listener *l)
{
	if (!l)
		return;
	event_free(l->accepts);
	event_free(l->rest);
	close(l->fd);
	if (*l->path)
		unlink(l->path);
	free(l);
}
