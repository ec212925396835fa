/* command_feedback.c -- FEEDBACK: answered after the commit that holds it. */
#include <math.h>

#include "server/command.h"
#include "server/engine.h"
#include "server/told.h"

#define AT_MOST_MS 9007199254740992 /* 2^53: what JSON can say exactly, too */

static int read_event(struct command_context *ctx, struct event *e, struct error *err)
{
	static const char *const options[] = { "VALUE", "ID", "AT", NULL };
	enum { VALUE, ID };
	uint64_t at = 0;
	int i, o, rc = 0;

	*e = (struct event){ .decision = ctx->argv[1],
		.entity = ctx->argv[2],
		.name = ctx->argv[3],
		.value = 1,
		.at_ms = -1 };
	for (i = 4; rc == 0 && i < ctx->argc; i += 2) {
		o = command_option(ctx, i, options, err);
		if (o < 0)
			return o;
		if (o == VALUE) {
			rc = command_real(ctx->argv[i + 1], options[o], -INFINITY, INFINITY,
				&e->value, err);
		} else if (o == ID) {
			e->id = ctx->argv[i + 1];
		} else {
			rc = command_number(ctx->argv[i + 1], "AT (ms since 1970)", 0, AT_MOST_MS,
				&at, err);
			e->at_ms = rc == 0 ? (int64_t)at : -1;
		}
	}
	return rc;
}

static int run_feedback(struct command_context *ctx, struct error *err)
{
	struct engine *engine = ctx->server->funnel;
	struct told *told;
	struct event e;
	int rc;

	rc = read_event(ctx, &e, err);
	if (rc < 0)
		return rc;
	told = told_new(ctx);
	return told_end(told, learner_feedback(engine->learner, &e, told_done, told, err));
}

const struct command commands_feedback[] = {
	{ "FEEDBACK", -4, COMMAND_WRITE, "decision entity event [VALUE x] [ID event-id] [AT ms]",
		"What a user did with a hit; answered when it is on disk.", run_feedback, NULL },
	{ 0 },
};
