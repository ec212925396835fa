/* subscriber.h -- a Redis subscription that is allowed to be absent.
 *
 * Never blocks: the owner polls the descriptor and calls subscriber_step, which
 * connects, authenticates, subscribes, reads and, after a failure, waits (0.1 s,
 * doubling to 5 s) and begins anew.  The log says once that Redis is gone and once
 * that it is back.  One thread.
 *
 * URL: redis://[:password@]host[:port][/db], unix:PATH, or host:port. */
#ifndef FEED_SUBSCRIBER_H
#define FEED_SUBSCRIBER_H

#include "base/error.h"
#include "base/slice.h"

struct subscriber;

/* `message` is called for each message, with bytes borrowed for the call; false: that
 * is enough for this step, what is left waits for the next. */
typedef bool subscriber_message(void *data, struct slice text);

int subscriber_new(struct subscriber **out, const char *url, const char *channel,
	subscriber_message *, void *data, struct error *);
void subscriber_free(struct subscriber *);

/* Do what can be done at once. */
void subscriber_step(struct subscriber *, int64_t mono_us);

/* For poll(2): descriptor (-1: none now), events to wait for, and milliseconds until
 * step wants to be called in any case (-1: no limit). */
struct subscriber_wait {
	int fd;
	short events;
	int timeout_ms;
};
struct subscriber_wait subscriber_wait(const struct subscriber *, int64_t mono_us);

struct subscriber_stats {
	bool connected; /* and subscribed */
	uint64_t messages, connects, failures;
	char error[128]; /* the last failure, "" if none since the last connect */
};
void subscriber_stats(const struct subscriber *, struct subscriber_stats *);

#endif
