/* listener.h -- accepting connections in the control thread. */
#ifndef SERVER_LISTENER_H
#define SERVER_LISTENER_H

#include "server/server.h"

struct event_base;
struct listener;

/* `address` is host:port, [v6]:port, :port (every interface) or unix:PATH; a dead
 * socket file in the way is removed.  Each connection goes to the worker with the
 * fewest; above CLIENTS_MAX it is told so and closed.  server->address is set to
 * the address it really has. */
int listener_open(struct listener **out, struct event_base *, struct server *, const char *address,
	struct error *);
void listener_close(struct listener *); /* NULL is fine */

#endif
