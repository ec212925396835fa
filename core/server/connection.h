/* connection.h -- one client: its bytes in, its replies out, in order.
 *
 * Requests are executed as they come, many to one read and one write.  Some
 * replies come later, when another thread is done (a PUT's after its commit): the
 * place of such a reply is kept, what follows it waits behind it, and only
 * further writes are executed meanwhile, so the commands of one connection take
 * effect in order.
 *
 * Back-pressure: with PENDING_REPLIES_MAX replies owed by other threads, or
 * PENDING_BYTES_MAX bytes of replies unread, nothing more is read or executed
 * until there are fewer.  A client that closes its sending side still gets all
 * replies.  The worker's thread, always. */
#ifndef SERVER_CONNECTION_H
#define SERVER_CONNECTION_H

#include "base/buf.h"
#include "server/protocol.h"
#include "server/reply.h"
#include "server/worker.h"

struct deferred;

enum progress { WANTS_BYTES, WAITS_REPLIES, WAITS_SPACE, TURN_OVER };

struct connection {
	struct worker *worker;
	int fd; /* -1 once closed */
	struct event *reads, *writes;
	bool reading, writing; /* those events are added */
	struct parser parser;
	struct request held; /* waits for the replies that are owed */
	bool holds;
	struct buf out;
	size_t sent;                   /* of out */
	struct deferred *first, *last; /* replies owed, in order */
	size_t pending, pending_bytes;
	bool eof;               /* the client sends no more */
	bool closing;           /* close when all is answered: QUIT, or a broken stream */
	bool lingering;         /* all is sent, waiting for the client's end */
	enum progress progress; /* why no more was executed */
	bool resp3;
	bool authenticated;
	bool queued; /* in the worker's again list */
	struct connection *later;
	struct connection *prev, *next; /* of the worker */

	/* For CLIENT LIST, under server->lock. */
	uint64_t id;
	int64_t since_ms;
	char peer[64];
	char *name, *lib_name, *lib_version;
	_Atomic uint64_t commands;
	struct connection *prev_all, *next_all;
};

/* Takes the descriptor. */
void connection_open(struct worker *, int fd, const char *peer);
/* At once; what is owed to it is dropped as it comes. */
void connection_close(struct connection *);
/* Of all connections with something to do, at the end of a worker's turn: first
 * collect replies and execute requests, then send, wait or close (and maybe free). */
void connection_run(struct connection *);
void connection_send(struct connection *);

/* A reply that comes later.  Embed it as the first member of what a command
 * allocates with malloc:
 *
 *     deferred_init(&x->deferred, connection, reply->form, write_reply);
 *     if (hand_over(x) < 0)  free(x), answer the error;
 *     else                   deferred_link(&x->deferred);
 *
 * Whoever is done calls deferred_post, once, from any thread; then `write` is
 * called in the worker's thread, even if the client has gone, to write the reply
 * and let go of what x holds; x itself is freed by us. */
struct deferred {
	struct message message;
	struct connection *connection;
	enum reply_form form;
	void (*write)(struct deferred *, struct reply *);
	bool done;
	struct buf reply;
	struct buf after; /* replies that need not wait but stand behind it */
	struct deferred *next;
};

void deferred_init(struct deferred *, struct connection *, enum reply_form,
	void (*write)(struct deferred *, struct reply *));
void deferred_link(struct deferred *);
void deferred_post(struct deferred *);

#endif
