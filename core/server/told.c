/* told.c -- answers that wait for the learner. */
#include "server/told.h"

#include <stdlib.h>

#include "base/alloc.h"

struct told {
	struct deferred deferred; /* first: freed as this */
	int rc;
	struct error err;
};

static void write_told(struct deferred *deferred, struct reply *reply)
{
	struct told *told = (struct told *)deferred;

	if (told->rc < 0)
		reply_error(reply, &told->err);
	else
		reply_ok(reply);
}

struct told *told_new(struct command_context *ctx)
{
	struct told *told = xcalloc(1, sizeof(*told));

	deferred_init(&told->deferred, ctx->connection, ctx->reply->form, write_told);
	return told;
}

void told_done(void *data, int rc, const struct error *err)
{
	struct told *told = data;

	told->rc = rc;
	if (rc < 0) {
		told->err = *err;
		told->err.code = rc;
	}
	deferred_post(&told->deferred);
}

int told_end(struct told *told, int rc)
{
	if (rc < 0)
		free(told);
	else
		deferred_link(&told->deferred);
	return rc;
}
