/* command_user.c -- PROFILE and FORGET: what is known of one user. */
#include "server/command.h"
#include "server/engine.h"
#include "server/told.h"

static int run_profile(struct command_context *ctx, struct error *err)
{
	return command_tell(ctx, funnel_profile, err);
}

/* Answered when nothing of him is left. */
static int run_forget(struct command_context *ctx, struct error *err)
{
	struct engine *engine = ctx->server->funnel;
	int rc = command_collection(ctx, err), collection = rc;
	struct told *told;

	if (rc < 0)
		return rc;
	if (!ctx->argv[2].len)
		return error_set(err, ERR_ARG, "a user's name is expected, found nothing");
	told = told_new(ctx);
	return told_end(told,
		learner_erase(engine->learner, collection, ctx->argv[2], told_done, told, err));
}

const struct command commands_user[] = {
	{ "PROFILE", 3, COMMAND_READ, "coll user",
		"What a user likes, by what came of the pages shown to him.", run_profile, NULL },
	{ "FORGET", 3, COMMAND_WRITE, "coll user",
		"Forget a user: what he likes, his memory, his decisions.", run_forget, NULL },
	{ 0 },
};
