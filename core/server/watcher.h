/* watcher.h -- the scripts folder under inotify: an edited file is a new generation.
 *
 * In the control thread's event base.  Changes within SETTLE_MS are one; what does not
 * load is logged and leaves the generation in force where it is. */
#ifndef SERVER_WATCHER_H
#define SERVER_WATCHER_H

#include "server/engine.h"

struct event_base;
struct watcher;

int watcher_open(struct watcher **out, struct event_base *, struct engine *, const char *scripts,
	const struct clock *, struct error *);
void watcher_close(struct watcher *); /* NULL is fine */

#endif
