/* command_docs.c -- the commands about commands: what Redis clients ask when they begin,
 * and what the prompt's HELP and completion come from. */
#include <stdio.h>

#include "server/command.h"

static const struct {
	unsigned flag;
	const char *name;
} flag_names[] = {
	{ COMMAND_WRITE, "write" },
	{ COMMAND_READ, "readonly" },
	{ COMMAND_NOAUTH, "no_auth" },
	{ COMMAND_ADMIN, "admin" },
	{ COMMAND_FAST, "fast" },
};

static int command_count(void)
{
	int n = 0;

	while (command_at(n))
		n++;
	return n;
}

static void reply_lower(struct reply *r, const char *name)
{
	char text[64];
	size_t i;

	for (i = 0; name[i] && i < sizeof(text) - 1; i++)
		text[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] | 0x20) : name[i];
	reply_text(r, slice_of(text, i));
}

static void reply_command(struct reply *r, const struct command *c)
{
	size_t i, n = 0;

	if (!c) {
		reply_null(r);
		return;
	}
	for (i = 0; i < sizeof(flag_names) / sizeof(*flag_names); i++)
		n += (c->flags & flag_names[i].flag) != 0;
	reply_array(r, 6);
	reply_lower(r, c->name);
	reply_int(r, c->arity);
	reply_array(r, n);
	for (i = 0; i < sizeof(flag_names) / sizeof(*flag_names); i++)
		if (c->flags & flag_names[i].flag)
			reply_status(r, flag_names[i].name);
	reply_close(r);
	for (i = 0; i < 3; i++) /* no word is a key of Redis */
		reply_int(r, 0);
	reply_close(r);
}

static int run_command(struct command_context *ctx, struct error *err)
{
	int i, n = command_count();

	reply_array(ctx->reply, n);
	for (i = 0; i < n; i++)
		reply_command(ctx->reply, command_at(i));
	reply_close(ctx->reply);
	return 0;
}

static int run_command_count(struct command_context *ctx, struct error *err)
{
	reply_int(ctx->reply, command_count());
	return 0;
}

static int run_command_list(struct command_context *ctx, struct error *err)
{
	int i, n = command_count();

	reply_array(ctx->reply, n);
	for (i = 0; i < n; i++)
		reply_lower(ctx->reply, command_at(i)->name);
	reply_close(ctx->reply);
	return 0;
}

static int run_command_info(struct command_context *ctx, struct error *err)
{
	int i;

	if (ctx->argc == 2)
		return run_command(ctx, err);
	reply_array(ctx->reply, ctx->argc - 2);
	for (i = 2; i < ctx->argc; i++)
		reply_command(ctx->reply, command_at(command_find(ctx->argv[i])));
	reply_close(ctx->reply);
	return 0;
}

static void reply_docs(struct reply *r, const struct command *c, const char *parent)
{
	const struct command *sub;
	char name[80];
	size_t n = 0;

	for (sub = c->subcommands; sub && sub->name; sub++)
		n++;
	snprintf(name, sizeof(name), "%s%s%s", parent, *parent ? "|" : "", c->name);
	reply_key(r, name);
	reply_map(r, n ? 5 : 4);
	reply_key(r, "summary");
	reply_str(r, c->summary);
	reply_key(r, "since");
	reply_str(r, TOLLER_VERSION);
	reply_key(r, "group");
	reply_str(r, "toller");
	reply_key(r, "usage");
	reply_str(r, c->usage);
	if (n) {
		reply_key(r, "subcommands");
		reply_map(r, n);
		for (sub = c->subcommands; sub->name; sub++)
			reply_docs(r, sub, c->name);
		reply_close(r);
	}
	reply_close(r);
}

static int run_command_docs(struct command_context *ctx, struct error *err)
{
	const struct command *c;
	int i, n = 0;

	for (i = 2; i < ctx->argc; i++)
		n += command_find(ctx->argv[i]) >= 0;
	reply_map(ctx->reply, ctx->argc == 2 ? command_count() : n);
	for (i = 2; i < ctx->argc; i++)
		if ((c = command_at(command_find(ctx->argv[i]))))
			reply_docs(ctx->reply, c, "");
	for (i = 0; ctx->argc == 2 && (c = command_at(i)); i++)
		reply_docs(ctx->reply, c, "");
	reply_close(ctx->reply);
	return 0;
}

static const struct command command_subcommands[] = {
	{ "COUNT", 2, 0, "", "How many commands there are.", run_command_count, NULL },
	{ "LIST", 2, 0, "", "Their names.", run_command_list, NULL },
	{ "INFO", -2, 0, "[name ...]", "Name, arity and flags.", run_command_info, NULL },
	{ "DOCS", -2, 0, "[name ...]", "What they are for.", run_command_docs, NULL },
	{ 0 },
};

const struct command commands_docs[] = {
	{ "COMMAND", -1, 0, "[COUNT|LIST|INFO|DOCS]", "About the commands.", run_command,
		command_subcommands },
	{ 0 },
};
