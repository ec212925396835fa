/* command_arms.c -- ARMS, POLICIES and FEATURES: what strategies, policies and searches do, and
 * what an operator has to say to it. */
#include <math.h>

#include "base/ascii.h"
#include "server/command.h"
#include "server/engine.h"
#include "server/told.h"

#define HOUR_MS INT64_C(3600000)

/* ---- what is told of a time ---- */

static const struct {
	const char *name;
	int hours; /* 0: all there is */
} windows[] = { { "hour", 1 }, { "day", 24 }, { "week", 168 }, { "all", 0 } };

enum window { HOUR, DAY, WEEK, ALL };

/* `coll [WINDOW word]`. */
struct telling {
	enum window usual, last; /* where none is named; of those that may be */
	int (*tell)(struct funnel *, int collection, int64_t window_ms, struct arena *,
		struct buf *, struct error *);
	/* Takes other words, or NULL. */
	int (*set)(struct command_context *, int collection, struct error *);
};

static int tell(struct command_context *ctx, const struct telling *t, struct error *err)
{
	int collection = command_collection(ctx, err);
	struct buf out = { 0 };
	enum window w = t->usual;

	if (collection < 0)
		return collection;
	if (ctx->argc > 2 && !command_word(ctx, 2, "WINDOW"))
		return t->set ? t->set(ctx, collection, err)
			      : error_set(err, ERR_SYNTAX, "usage: %s %s", ctx->command->name,
					ctx->command->usage);
	if (ctx->argc > 2)
		for (w = HOUR; w <= t->last; w++)
			if (ctx->argc == 4 && command_word(ctx, 3, windows[w].name))
				break;
	if (w > t->last)
		return error_set(err, ERR_SYNTAX, "WINDOW: expected %s",
			t->last == ALL ? "hour, day, week or all" : "hour or day");
	return command_answer(ctx, &out,
		t->tell(ctx->worker->funnel, collection, windows[w].hours * HOUR_MS, ctx->arena,
			&out, err));
}

/* SET with `least` words and more, all counted, or UNSET with just so many: 1, 0; or what is
 * wrong. */
static int sets(struct command_context *ctx, int least, int unset, struct error *err)
{
	static const char *const words[] = { "WINDOW", "SET", "UNSET", NULL };
	bool set = command_word(ctx, 2, "SET");

	if (!set && !command_word(ctx, 2, "UNSET"))
		return error_unknown(err, ERR_SYNTAX, "unexpected", ctx->argv[2], words, NULL);
	if (set ? ctx->argc < least : ctx->argc != unset)
		return error_set(err, ERR_SYNTAX, "wrong number of words; usage: %s %s",
			ctx->command->name, ctx->command->usage);
	return set;
}

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
				"unexpected '%.*s', expected min=x or max=x", SLICE_HEAD(word));
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
static int set_bounds(struct command_context *ctx, int collection, struct error *err)
{
	struct engine *engine = ctx->server->funnel;
	int set = sets(ctx, 5, 4, err), rc;
	struct pin pin = { 0 };
	struct told *told;

	if (set < 0)
		return set;
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

static int run_arms(struct command_context *ctx, struct error *err)
{
	return tell(ctx, &(struct telling){ ALL, ALL, funnel_arms, set_bounds }, err);
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
	int set = sets(ctx, 4, 3, err), rc = 0;
	struct split split = { 0 };
	struct told *told;

	if (set < 0)
		return set;
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
	return tell(ctx, &(struct telling){ ALL, ALL, funnel_policies, set_split }, err);
}

/* ---- FEATURES ---- */

static int run_features(struct command_context *ctx, struct error *err)
{
	return tell(ctx, &(struct telling){ DAY, DAY, funnel_features, NULL }, err);
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
