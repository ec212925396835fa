/* subscriber.c -- a small state machine over hiredis' blocking-free calls.
 *
 *     IDLE -> CONNECTING -> ASKING (AUTH, SELECT, SUBSCRIBE sent) -> LISTENING
 *       ^________________________ any failure _______________________|
 *
 * A server that is up but silent for PING_US is asked PING; no answer within
 * another PING_US is a failure, so a half-open connection is noticed. */
#include "feed/subscriber.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/log.h"

#define RETRY_FIRST_US 100000
#define RETRY_MOST_US  5000000
#define CONNECT_US     3000000
#define PING_US        15000000

enum state { IDLE, CONNECTING, ASKING, LISTENING };

struct subscriber {
	char host[256], password[128], channel[128], shown[300];
	bool is_unix;
	int port, db;
	subscriber_message *message;
	void *data;
	redisContext *redis;
	enum state state;
	bool writing, said_gone, pinged;
	bool enough; /* the owner wants no more this step */
	int64_t retry_at_us, retry_us, since_us;
	struct subscriber_stats stats;
};

static int parse_url(struct subscriber *s, const char *url, struct error *err)
{
	const char *rest = url, *at;
	char *colon, *slash;

	s->port = 6379;
	if (!strncmp(url, "unix:", 5)) {
		s->is_unix = true;
		rest = url + 5;
		if (!strncmp(rest, "//", 2))
			rest += 2;
		if (!*rest || strlen(rest) >= sizeof(s->host))
			return error_set(err, ERR_ARG, "redis: \"%s\" names no socket", url);
		strcpy(s->host, rest);
		return 0;
	}
	if (!strncmp(url, "redis://", 8))
		rest = url + 8;
	at = strrchr(rest, '@');
	if (at) {
		colon = memchr(rest, ':', at - rest);
		if (!colon || (size_t)(at - colon) > sizeof(s->password))
			return error_set(err, ERR_ARG,
				"redis: expected redis://:password@host[:port], found no or an overlong password");
		memcpy(s->password, colon + 1, at - colon - 1);
		rest = at + 1;
	}
	if (!*rest || strlen(rest) >= sizeof(s->host))
		return error_set(err, ERR_ARG, "redis: \"%s\" names no host", url);
	strcpy(s->host, rest);
	slash = strchr(s->host, '/');
	if (slash) {
		*slash = '\0';
		s->db = atoi(slash + 1);
	}
	colon = strrchr(s->host, ':');
	if (colon) {
		*colon = '\0';
		s->port = atoi(colon + 1);
	}
	if (!s->host[0] || s->port < 1 || s->port > 65535)
		return error_set(err, ERR_ARG,
			"redis: expected redis://[:password@]host[:port][/db] or unix:PATH, found "
			"\"%s\"",
			rest);
	return 0;
}

int subscriber_new(struct subscriber **out, const char *url, const char *channel,
	subscriber_message *message, void *data, struct error *err)
{
	struct subscriber *s = xcalloc(1, sizeof(*s));
	int rc;

	s->message = message;
	s->data = data;
	s->retry_us = RETRY_FIRST_US;
	rc = parse_url(s, url, err);
	if (rc == 0 && strlen(channel) >= sizeof(s->channel))
		rc = error_set(err, ERR_LIMIT, "redis: a channel name of over %zu bytes",
			sizeof(s->channel) - 1);
	if (rc < 0) {
		free(s);
		return rc;
	}
	strcpy(s->channel, channel);
	if (s->is_unix)
		snprintf(s->shown, sizeof(s->shown), "unix:%s", s->host);
	else
		snprintf(s->shown, sizeof(s->shown), "%s:%d", s->host, s->port);
	*out = s;
	return 0;
}

void subscriber_free(struct subscriber *s)
{
	if (!s)
		return;
	if (s->redis)
		redisFree(s->redis);
	free(s);
}

static void failed(struct subscriber *s, int64_t now_us, const char *why)
{
	snprintf(s->stats.error, sizeof(s->stats.error), "%s", why);
	if (!s->said_gone)
		log_warn("feed", "redis %s: %s; trying again until it is back", s->shown, why);
	s->said_gone = true;
	s->stats.failures++;
	s->stats.connected = false;
	if (s->redis)
		redisFree(s->redis);
	s->redis = NULL;
	s->state = IDLE;
	s->retry_at_us = now_us + s->retry_us;
	s->retry_us = s->retry_us * 2 > RETRY_MOST_US ? RETRY_MOST_US : s->retry_us * 2;
}

static void start(struct subscriber *s, int64_t now_us)
{
	s->redis = s->is_unix ? redisConnectUnixNonBlock(s->host)
			      : redisConnectNonBlock(s->host, s->port);
	if (!s->redis || s->redis->err) {
		failed(s, now_us, s->redis ? s->redis->errstr : "out of memory");
		return;
	}
	s->state = CONNECTING;
	s->since_us = now_us;
}

/* True once the socket is connected; calls failed() if it will not be. */
static bool connected(struct subscriber *s, int64_t now_us)
{
	struct pollfd p = { s->redis->fd, POLLOUT, 0 };
	socklen_t len = sizeof(int);
	int error = 0;

	if (poll(&p, 1, 0) == 0) {
		if (now_us - s->since_us > CONNECT_US)
			failed(s, now_us, "no answer to connecting within 3 s");
		return false;
	}
	if (getsockopt(s->redis->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error) {
		failed(s, now_us, strerror(error));
		return false;
	}
	return true;
}

static void ask(struct subscriber *s, int64_t now_us)
{
	s->redis->flags |= REDIS_CONNECTED;
	if (s->password[0])
		redisAppendCommand(s->redis, "AUTH %s", s->password);
	if (s->db)
		redisAppendCommand(s->redis, "SELECT %d", s->db);
	redisAppendCommand(s->redis, "SUBSCRIBE %s", s->channel);
	s->state = ASKING;
	s->since_us = now_us;
	s->writing = true;
	s->pinged = false;
}

static bool is_word(const redisReply *r, const char *word)
{
	return r->type == REDIS_REPLY_STRING && !strcmp(r->str, word);
}

/* False after a failure. */
static bool take(struct subscriber *s, const redisReply *r, int64_t now_us)
{
	if (r->type == REDIS_REPLY_ERROR) {
		failed(s, now_us, r->str);
		return false;
	}
	if (r->type != REDIS_REPLY_ARRAY || r->elements < 2)
		return true; /* +OK of AUTH and SELECT */
	if (is_word(r->element[0], "subscribe")) {
		if (s->said_gone || !s->stats.connects)
			log_info("feed", "redis %s: listening on %s", s->shown, s->channel);
		s->state = LISTENING;
		s->said_gone = false;
		s->retry_us = RETRY_FIRST_US;
		s->stats.connects++;
		s->stats.connected = true;
		s->stats.error[0] = '\0';
	} else if (is_word(r->element[0], "message") && r->elements == 3 &&
		   r->element[2]->type == REDIS_REPLY_STRING) {
		s->stats.messages++;
		s->enough = !s->message(s->data, slice_of(r->element[2]->str, r->element[2]->len));
	}
	return true;
}

/* What has been read; false after a failure. */
static bool take_replies(struct subscriber *s, int64_t now_us)
{
	bool fine = true;
	void *reply;

	while (fine && !s->enough) {
		if (redisGetReplyFromReader(s->redis, &reply) != REDIS_OK) {
			failed(s, now_us, s->redis->errstr);
			return false;
		}
		if (!reply)
			return true;
		fine = take(s, reply, now_us);
		freeReplyObject(reply);
	}
	return fine;
}

static void read_replies(struct subscriber *s, int64_t now_us)
{
	struct pollfd p = { s->redis->fd, POLLIN, 0 };

	s->enough = false;
	while (take_replies(s, now_us) && !s->enough && poll(&p, 1, 0) > 0) {
		if (redisBufferRead(s->redis) != REDIS_OK) {
			failed(s, now_us, s->redis->errstr);
			return;
		}
		s->since_us = now_us;
		s->pinged = false;
	}
}

static void write_out(struct subscriber *s, int64_t now_us)
{
	int done = 0;

	if (redisBufferWrite(s->redis, &done) != REDIS_OK) {
		failed(s, now_us, s->redis->errstr);
		return;
	}
	s->writing = !done;
}

static void watch(struct subscriber *s, int64_t now_us)
{
	if (now_us - s->since_us < PING_US)
		return;
	if (s->state == ASKING || s->pinged) {
		failed(s, now_us, "no answer within 15 s");
		return;
	}
	redisAppendCommand(s->redis, "PING");
	s->pinged = true;
	s->writing = true;
	s->since_us = now_us;
}

void subscriber_step(struct subscriber *s, int64_t now_us)
{
	if (s->state == IDLE && now_us >= s->retry_at_us)
		start(s, now_us);
	if (s->state == CONNECTING && connected(s, now_us))
		ask(s, now_us);
	if (s->state >= ASKING && s->writing)
		write_out(s, now_us);
	if (s->state >= ASKING)
		read_replies(s, now_us);
	if (s->state >= ASKING)
		watch(s, now_us);
}

struct subscriber_wait subscriber_wait(const struct subscriber *s, int64_t now_us)
{
	struct subscriber_wait w = { -1, 0, -1 };
	int64_t until;

	switch (s->state) {
	case IDLE: until = s->retry_at_us - now_us; break;
	case CONNECTING:
		w.fd = s->redis->fd;
		w.events = POLLOUT;
		until = s->since_us + CONNECT_US - now_us;
		break;
	default:
		w.fd = s->redis->fd;
		w.events = POLLIN | (s->writing ? POLLOUT : 0);
		until = s->enough ? 0 : s->since_us + PING_US - now_us;
	}
	w.timeout_ms = until <= 0 ? 0 : (int)(until / 1000 + 1);
	return w;
}

void subscriber_stats(const struct subscriber *s, struct subscriber_stats *out)
{
	*out = s->stats;
}
