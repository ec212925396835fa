/* command.c -- finding a command and running it.
 *
 * Names are found by a hash of their upper-case bytes in a table made once. */
#include "server/command.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <strings.h>

#include "base/ascii.h"

/* In the order in which HELP lists them: what most people come for is first. */
static const struct command *const families[] = {
	commands_search,
	commands_feedback,
	commands_catalogue,
	commands_arms,
	commands_scripts,
	commands_evaluate,
	commands_user,
	commands_info,
	commands_files,
	commands_server,
	commands_client,
	commands_docs,
};

#define NAME_BYTES 32
#define SLOTS      256 /* a power of two, several times COMMANDS_MAX */

static const struct command *all[COMMANDS_MAX + 1];
static const char *names[COMMANDS_MAX + 1];
static size_t all_count;
static unsigned char slots[SLOTS]; /* index + 1, 0: free */

static unsigned slot_of(struct slice name)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < name.len; i++)
		h = (h ^ ((unsigned char)name.ptr[i] & ~0x20u)) * 16777619u;
	return (h ^ h >> 15) & (SLOTS - 1);
}

void command_init(void)
{
	const struct command *c;
	size_t f;
	unsigned at;

	if (all_count)
		return;
	for (f = 0; f < sizeof(families) / sizeof(*families); f++)
		for (c = families[f]; c->name; c++) {
			assert(all_count < COMMANDS_MAX);
			names[all_count] = c->name;
			all[all_count++] = c;
			for (at = slot_of(slice_str(c->name)); slots[at]; at = (at + 1) % SLOTS)
				assert(strcasecmp(all[slots[at] - 1]->name, c->name));
			slots[at] = (unsigned char)all_count;
		}
}

int command_find(struct slice name)
{
	unsigned at;

	if (name.len > NAME_BYTES)
		return -1;
	for (at = slot_of(name); slots[at]; at = (at + 1) % SLOTS)
		if (ascii_same(name, names[slots[at] - 1]))
			return slots[at] - 1;
	return -1;
}

const struct command *command_at(int number)
{
	return number >= 0 && number < (int)all_count ? all[number] : NULL;
}

static int unknown(struct command_context *ctx, struct error *err)
{
	struct slice name = ctx->argv[0];

	/* A browser that was led here must not be able to issue commands. */
	if (ascii_same(name, "POST") || ascii_same(name, "Host:"))
		ctx->connection->closing = true;
	if (ascii_same(name, "MULTI") || ascii_same(name, "EXEC"))
		return error_set(err, ERR_SYNTAX,
			"%.*s: there are no transactions; send the commands without "
			"(redis-py: pipeline(transaction=False))",
			SLICE_ARG(name));
	return error_unknown(err, ERR_SYNTAX, "unknown command", name, names,
		"COMMAND LIST lists them");
}

static int check_arity(const struct command_context *ctx, const struct command *parent,
	struct error *err)
{
	const struct command *c = ctx->command;
	bool fits = c->arity < 0 ? ctx->argc >= -c->arity : ctx->argc == c->arity;

	if (fits)
		return 0;
	return error_set(err, ERR_SYNTAX, "wrong number of words; usage: %s%s%s%s%s",
		parent ? parent->name : "", parent ? " " : "", c->name, *c->usage ? " " : "",
		c->usage);
}

static int find_subcommand(struct command_context *ctx, struct error *err)
{
	const struct command *parent = ctx->command, *c;
	const char *known[COMMANDS_MAX + 1];
	size_t n = 0;

	for (c = parent->subcommands; c->name; c++) {
		if (ascii_same(ctx->argv[1], c->name)) {
			ctx->command = c;
			return check_arity(ctx, parent, err);
		}
		known[n++] = c->name;
	}
	known[n] = NULL;
	return error_prefix(err,
		error_unknown(err, ERR_SYNTAX, "unknown subcommand", ctx->argv[1], known, NULL),
		"%s", parent->name);
}

static int run(struct command_context *ctx, struct error *err)
{
	int rc;

	if (!ctx->command)
		return unknown(ctx, err);
	if (!(ctx->command->flags & COMMAND_NOAUTH) && !ctx->connection->authenticated &&
		*worker_config(ctx->worker)->password)
		return error_set(err, ERR_AUTH, "Authentication required: AUTH password");
	rc = check_arity(ctx, NULL, err);
	if (rc < 0)
		return rc;
	if (ctx->command->subcommands && (!ctx->command->run || ctx->argc > 1)) {
		rc = find_subcommand(ctx, err);
		if (rc < 0)
			return rc;
	}
	return ctx->command->run(ctx, err);
}

void command_run(int number, struct connection *c, const struct request *request,
	struct reply *reply)
{
	struct worker *w = c->worker;
	struct command_context ctx = {
		.server = w->server,
		.worker = w,
		.connection = c,
		.command = command_at(number),
		.argv = request->argv,
		.argc = (int)request->argc,
		.reply = reply,
		.arena = w->arena,
	};
	struct error err;

	err.code = 0;
	err.text[0] = '\0';
	if (run(&ctx, &err) < 0)
		reply_error(reply, &err);
	assert(reply->depth == 0);
	if (ctx.reading)
		reader_end(w->reader);
	if (arena_used(w->arena))
		arena_reset(w->arena);
	counter_add(&w->commands, 1);
	if (reply->failed)
		counter_add(&w->errors, 1);
	if (number >= 0)
		counter_add(&w->calls[number], 1);
}

int command_reader(struct command_context *ctx, struct reader **out, struct error *err)
{
	int rc;

	if (!ctx->reading) {
		rc = reader_begin(ctx->worker->reader, err);
		if (rc < 0)
			return rc;
		ctx->reading = true;
	}
	*out = ctx->worker->reader;
	return 0;
}

int command_collection(const struct command_context *ctx, struct error *err)
{
	return catalogue_find(ctx->server->catalogue, ctx->argv[1], err);
}

int command_view(struct command_context *ctx, struct slice collection, struct view **out,
	struct error *err)
{
	struct reader *reader;
	int index, rc;

	index = catalogue_find(ctx->server->catalogue, collection, err);
	if (index < 0)
		return index;
	rc = command_reader(ctx, &reader, err);
	if (rc < 0)
		return rc;
	*out = reader_view(reader, index);
	return 0;
}

int command_number(struct slice text, const char *what, uint64_t least, uint64_t most,
	uint64_t *out, struct error *err)
{
	uint64_t value = 0;
	size_t i;
	bool fits = text.len > 0;

	for (i = 0; fits && i < text.len; i++)
		fits = text.ptr[i] >= '0' && text.ptr[i] <= '9' &&
		       !__builtin_mul_overflow(value, 10, &value) &&
		       !__builtin_add_overflow(value, text.ptr[i] - '0', &value);
	if (fits && value >= least && value <= most) {
		*out = value;
		return 0;
	}
	return error_set(err, ERR_ARG,
		"%s: expected a whole number from %" PRIu64 " to %" PRIu64 ", found '%.*s'", what,
		least, most, SLICE_HEAD(text));
}

int command_real(struct slice text, const char *what, double least, double most, double *out,
	struct error *err)
{
	char range[64] = "";

	if (ascii_real(text, out) && *out >= least && *out <= most)
		return 0;
	if (isfinite(least))
		snprintf(range, sizeof(range), " from %g to %g", least, most);
	return error_set(err, ERR_ARG, "%s: expected a number%s, found '%.*s'", what, range,
		SLICE_HEAD(text));
}

int command_answer(struct command_context *ctx, struct buf *out, int rc)
{
	if (rc >= 0)
		reply_json(ctx->reply, buf_slice(out));
	buf_clear(out);
	return rc < 0 ? rc : 0;
}

int command_tell(struct command_context *ctx,
	int (*tell)(struct funnel *, int collection, struct slice of, struct arena *, struct buf *,
		struct error *),
	struct error *err)
{
	int collection = command_collection(ctx, err);
	struct buf out = { 0 };

	if (collection < 0)
		return collection;
	return command_answer(ctx, &out,
		tell(ctx->worker->funnel, collection, ctx->argv[2], ctx->arena, &out, err));
}

bool command_word(const struct command_context *ctx, int i, const char *word)
{
	return i < ctx->argc && ascii_same(ctx->argv[i], word);
}

int command_option(const struct command_context *ctx, int i, const char *const *options,
	struct error *err)
{
	int o;

	for (o = 0; options[o] && !command_word(ctx, i, options[o]); o++)
		;
	if (!options[o])
		return error_unknown(err, ERR_SYNTAX, "unexpected", ctx->argv[i], options, NULL);
	if (i + 1 == ctx->argc)
		return error_set(err, ERR_SYNTAX, "%s: its value is missing", options[o]);
	return o;
}
