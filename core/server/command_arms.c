/* command_arms.c -- ARMS, POLICIES and FEATURES: what strategies, policies and searches do, and
 * what an operator has to say to it. */
#include <math.h>

#include "base/ascii.h"
#include "server/command.h"
#include "server/engine.h"
#include "server/told.h"

#define HOUR_MS INT64_C(3600000)

/* ---- ARMS ---- */

/* "min=0.1" and "max=0.5" over what is in force. */
static int read_bounds(struct command_context *ctx, struct pin *pin, struct error *err)
{
	static const char *const names[] = { "min=", "max=" };
	struct slice word;
	double value;
	int i, which, rc;

	for (i = 4; i < ctx->argc; i++) {
		word = ctx->argv[i];
		for (which = 0; which < 2; which++)
			if (word.len >= 4 && ascii_same(slice_of(word.ptr, 4), names[which]))
				break;
		if (which == 2)
			return error_set(err, ERR_SYNTAX,
				"unexpected '%.*s', expected min=x or max=x",
				(int)(word.len > 32 ? 32 : word.len), word.ptr);
		rc = command_real(slice_of(word.ptr + 4, word.len - 4), which ? "max" : "min",
			-INFINITY, INFINITY, &value, err);
		if (rc < 0)
			return rc;
		*(which ? &pin->max : &pin->min) = (float)value;
	}
	pin->set = true;
	if (!(pin->min >= 0 && pin->min <= pin->max && pin->max <= 1))
		return error_set(err, ERR_ARG, "min %g, max %g: expected 0 <= min <= max <= 1",
			(double)pin->min, (double)pin->max);
	return 0;
}

/* ARMS coll SET strategy min=x max=x, ARMS coll UNSET strategy: answered when every search
 * that begins then obeys. */
static int pin(struct command_context *ctx, int collection, struct error *err)
{
	struct engine *engine = ctx->server->funnel;
	bool set = command_word(ctx, 2, "SET");
	struct pin pin = { 0 };
	struct told *told;
	int rc;

	if (!set && !command_word(ctx, 2, "UNSET"))
		return error_set(err, ERR_SYNTAX,
			"unexpected '%.*s', expected WINDOW, SET or UNSET",
			(int)(ctx->argv[2].len > 32 ? 32 : ctx->argv[2].len), ctx->argv[2].ptr);
	if (set ? ctx->argc < 5 : ctx->argc != 4)
		return error_set(err, ERR_SYNTAX, "wrong number of words; usage: ARMS %s",
			ctx->command->usage);
	rc = funnel_bounds(ctx->worker->funnel, collection, ctx->argv[3], &pin, err);
	if (rc == 0 && set)
		rc = read_bounds(ctx, &pin, err);
	if (rc < 0)
		return rc;
	if (!set)
		pin = (struct pin){ 0 };
	told = told_new(ctx);
	return told_end(told,
		learner_pin(engine->learner, collection, ctx->argv[3], &pin, told_done, told, err));
}

/* ARMS coll WINDOW word */
static int read_window(struct command_context *ctx, int64_t *out, struct error *err)
{
	static const char *const names[] = { "hour", "day", "week", "all", NULL };
	static const int64_t hours[] = { 1, 24, 168, 0 };
	int i;

	*out = 0;
	if (ctx->argc == 2)
		return 0;
	for (i = 0; ctx->argc == 4 && names[i]; i++)
		if (command_word(ctx, 3, names[i])) {
			*out = hours[i] * HOUR_MS;
			return 0;
		}
	return error_set(err, ERR_SYNTAX, "WINDOW: expected hour, day, week or all");
}

static int run_arms(struct command_context *ctx, struct error *err)
{
	int rc = catalogue_find(ctx->server->catalogue, ctx->argv[1], err), collection = rc;
	struct buf out = { 0 };
	int64_t window_ms;

	if (rc < 0)
		return rc;
	if (ctx->argc > 2 && !command_word(ctx, 2, "WINDOW"))
		return pin(ctx, collection, err);
	rc = read_window(ctx, &window_ms, err);
	if (rc < 0)
		return rc;
	rc = funnel_arms(ctx->worker->funnel, collection, window_ms, ctx->arena, &out, err);
	if (rc == 0)
		reply_json(ctx->reply, buf_slice(&out));
	buf_clear(&out);
	return rc;
}

/* ---- POLICIES ---- */

/* The words after SET: parts, then perhaps SALT and one. */
static int read_split(struct command_context *ctx, int collection, struct split *split,
	struct error *err)
{
	struct buf text = { 0 };
	int i, rc = 0;

	for (i = 3; i < ctx->argc && !command_word(ctx, i, "SALT"); i++) {
		buf_put_slice(&text, ctx->argv[i]);
		buf_putc(&text, ' ');
	}
	if (i < ctx->argc && i + 2 != ctx->argc)
		rc = error_set(err, ERR_SYNTAX, "SALT: one word is expected after it, the last");
	if (rc == 0 && i < ctx->argc)
		rc = split_salt(split, ctx->argv[i + 1], err);
	if (rc == 0)
		rc = split_parse(split, buf_slice(&text), err);
	if (rc == 0)
		rc = funnel_split_known(ctx->worker->funnel, collection, split, err);
	buf_clear(&text);
	return rc;
}

/* Answered when every search that begins then obeys. */
static int set_split(struct command_context *ctx, int collection, struct error *err)
{
	struct engine *engine = ctx->server->funnel;
	bool set = command_word(ctx, 2, "SET");
	struct split split = { 0 };
	struct told *told;
	int rc = 0;

	if (!set && !command_word(ctx, 2, "UNSET"))
		return error_set(err, ERR_SYNTAX,
			"unexpected '%.*s', expected WINDOW, SET or UNSET",
			(int)(ctx->argv[2].len > 32 ? 32 : ctx->argv[2].len), ctx->argv[2].ptr);
	if (set ? ctx->argc < 4 : ctx->argc != 3)
		return error_set(err, ERR_SYNTAX, "wrong number of words; usage: POLICIES %s",
			ctx->command->usage);
	if (set)
		rc = read_split(ctx, collection, &split, err);
	if (rc < 0)
		return rc;
	told = told_new(ctx);
	return told_end(told,
		learner_split(engine->learner, collection, &split, told_done, told, err));
}

static int run_policies(struct command_context *ctx, struct error *err)
{
	int rc = catalogue_find(ctx->server->catalogue, ctx->argv[1], err), collection = rc;
	struct buf out = { 0 };
	int64_t window_ms;

	if (rc < 0)
		return rc;
	if (ctx->argc > 2 && !command_word(ctx, 2, "WINDOW"))
		return set_split(ctx, collection, err);
	rc = read_window(ctx, &window_ms, err);
	if (rc < 0)
		return rc;
	rc = funnel_policies(ctx->worker->funnel, collection, window_ms, ctx->arena, &out, err);
	if (rc == 0)
		reply_json(ctx->reply, buf_slice(&out));
	buf_clear(&out);
	return rc;
}

/* ---- FEATURES ---- */

static int run_features(struct command_context *ctx, struct error *err)
{
	int rc = catalogue_find(ctx->server->catalogue, ctx->argv[1], err), collection = rc;
	int64_t window_ms = 24 * HOUR_MS;
	struct buf out = { 0 };

	if (rc < 0)
		return rc;
	if (ctx->argc > 2 &&
		(ctx->argc != 4 || !command_word(ctx, 2, "WINDOW") ||
			(!command_word(ctx, 3, "hour") && !command_word(ctx, 3, "day"))))
		return error_set(err, ERR_SYNTAX, "usage: FEATURES %s", ctx->command->usage);
	if (ctx->argc > 2 && command_word(ctx, 3, "hour"))
		window_ms = HOUR_MS;
	rc = funnel_features(ctx->worker->funnel, collection, window_ms, ctx->arena, &out, err);
	if (rc == 0)
		reply_json(ctx->reply, buf_slice(&out));
	buf_clear(&out);
	return rc;
}

const struct command commands_arms[] = {
	{ "ARMS", -2, COMMAND_READ,
		"coll [WINDOW hour|day|week|all | SET strategy [min=x] [max=x] | UNSET strategy]",
		"What each strategy drew, cost and earned; bounds of its share of searches.",
		run_arms, NULL },
	{ "POLICIES", -2, COMMAND_READ,
		"coll [WINDOW hour|day|week|all | SET name:share ... [SALT word] | UNSET]",
		"How the users are shared out among policies, and what each earns.", run_policies,
		NULL },
	{ "FEATURES", -2, COMMAND_READ, "coll [WINDOW hour|day]",
		"What searches are like of late, and whether it is another than before.",
		run_features, NULL },
	{ 0 },
};
