/* engine.h -- what searches and learns, put together: scripts, the learning
 * environment, the learner and what the funnel shares.
 *
 * Opened by main after the catalogue and closed after the last worker has ended.  Each
 * worker's own part (worker->funnel) is a struct funnel. */
#ifndef SERVER_ENGINE_H
#define SERVER_ENGINE_H

#include "feed/learner.h"
#include "funnel/funnel.h"
#include "server/judge.h"
#include "server/server.h"

struct engine {
	struct funnel_shared shared;
	struct funnel_options options;
	struct store *learning;
	struct learner *learner;
	struct judge *judge;
	struct editions *editions[COLLECTIONS_MAX];
	int count;
};

/* Fills server->funnel and server->hooks. */
int engine_open(struct engine **out, struct server *, const struct config *,
	struct schema *const *schemas, int count, struct error *);
/* Work in the background comes to its end, its answers too: before workers are drained. */
void engine_stop(struct engine *);  /* NULL is fine */
void engine_close(struct engine *); /* NULL is fine */

/* For --check: every collection's scripts load and their examples hold. */
int engine_check(const struct config *, struct schema *const *schemas, int count, struct error *);

#endif
