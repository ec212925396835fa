/* command_info.c -- INFO: how the daemon is doing, a section for each part. */
#include <unistd.h>

#include "base/ascii.h"
#include "limits.h"
#include "server/command.h"

static void info_server(struct command_context *ctx, struct json_out *out)
{
	struct server *s = ctx->server;

	json_kv(out, str, "version", TOLLER_VERSION);
	json_kv(out, int, "pid", getpid());
	json_kv(out, str, "address", s->address);
	json_kv(out, int, "workers", s->worker_count);
	json_kv(out, int, "uptime_s", (clock_now_ms(s->clock) - s->started_ms) / 1000);
}

static void info_clients(struct command_context *ctx, struct json_out *out)
{
	json_kv(out, int, "connected", ctx->server->clients);
	json_kv(out, int, "limit", CLIENTS_MAX);
	json_kv(out, uint, "accepted", ctx->server->accepted);
	json_kv(out, uint, "refused", ctx->server->refused);
}

static void info_traffic(struct command_context *ctx, struct json_out *out)
{
	uint64_t commands = 0, errors = 0, in = 0, sent = 0;
	struct worker *w;
	int i;

	for (i = 0; i < ctx->server->worker_count; i++) {
		w = ctx->server->workers[i];
		commands += w->commands;
		errors += w->errors;
		in += w->bytes_in;
		sent += w->bytes_out;
	}
	json_kv(out, uint, "commands", commands);
	json_kv(out, uint, "errors", errors);
	json_kv(out, uint, "bytes_in", in);
	json_kv(out, uint, "bytes_out", sent);
}

static void info_catalogue(struct command_context *ctx, struct json_out *out)
{
	struct catalogue *catalogue = ctx->server->catalogue;
	struct reader *reader;
	struct table_size sizes[CATALOGUE_TABLES];
	struct cell_reader at = { 0 };
	struct store_info info;
	int i;

	store_info(catalogue_look(catalogue, &at), &info);
	cell_reader_clear(&at);
	json_kv(out, uint, "map_bytes", info.map_bytes);
	json_kv(out, uint, "file_bytes", info.file_bytes);
	json_kv(out, uint, "used_bytes", info.used_bytes);
	json_kv(out, uint, "compactions", ctx->server->compactions);
	json_key(out, "tables");
	json_object_open(out);
	if (catalogue_sizes(catalogue, sizes, NULL) == 0)
		for (i = 0; i < CATALOGUE_TABLES; i++)
			json_kv(out, uint, sizes[i].name, sizes[i].bytes);
	json_close(out);
	json_key(out, "collections");
	json_object_open(out);
	if (command_reader(ctx, &reader, NULL) == 0)
		for (i = 0; i < catalogue_collections(catalogue); i++)
			json_kv(out, uint, catalogue_schema(catalogue, i)->name,
				view_stats(reader_view(reader, i))->docs);
	json_close(out);
}

static void info_writer(struct command_context *ctx, struct json_out *out)
{
	struct writer_stats stats;

	writer_stats(ctx->server->writer, &stats);
	json_kv(out, uint, "commits", stats.commits);
	json_kv(out, uint, "changes", stats.documents);
	json_kv(out, uint, "failed", stats.failed);
	json_kv(out, uint, "queued", stats.queued);
	json_kv(out, uint, "last_commit_us", stats.last_commit_us);
}

static void info_plugins(struct command_context *ctx, struct json_out *out)
{
	plugins_print(ctx->server->plugins, out);
}

static void info_commands(struct command_context *ctx, struct json_out *out)
{
	const struct command *c;
	uint64_t calls;
	int i, w;

	for (i = 0; (c = command_at(i)); i++) {
		calls = 0;
		for (w = 0; w < ctx->server->worker_count; w++)
			calls += ctx->server->workers[w]->calls[i];
		if (calls)
			json_kv(out, uint, c->name, calls);
	}
}

static const struct {
	const char *name;
	void (*write)(struct command_context *, struct json_out *);
} sections[] = {
	{ "server", info_server },
	{ "clients", info_clients },
	{ "traffic", info_traffic },
	{ "catalogue", info_catalogue },
	{ "writer", info_writer },
	{ "plugins", info_plugins },
	{ "commands", info_commands },
};

/* The one section of the whole that was asked for. */
static int reply_section(struct command_context *ctx, struct slice whole, struct error *err)
{
	json_t *all = NULL, *section, *one;
	const char *names[32], *name;
	struct buf text = { 0 };
	struct json_out out;
	size_t n = 0;
	int rc;

	rc = json_parse(&all, whole, err);
	if (rc < 0)
		return rc;
	one = NULL;
	json_object_foreach(all, name, section) {
		if (n < 31)
			names[n++] = name;
		if (ascii_same(ctx->argv[1], name))
			one = section;
	}
	names[n] = NULL;
	if (one) {
		json_begin(&out, &text);
		json_value(&out, one);
		reply_json(ctx->reply, buf_slice(&text));
		buf_clear(&text);
	} else {
		rc = error_unknown(err, ERR_NOT_FOUND, "no section", ctx->argv[1], names, NULL);
	}
	json_decref(all);
	return rc;
}

static int run_info(struct command_context *ctx, struct error *err)
{
	const struct server_hooks *hooks = ctx->server->hooks;
	struct buf text = { 0 };
	struct json_out out;
	size_t i;
	int rc = 0;

	if (ctx->argc > 2)
		return error_set(err, ERR_SYNTAX, "usage: INFO [section]");
	json_begin(&out, &text);
	json_object_open(&out);
	for (i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		json_key(&out, sections[i].name);
		json_object_open(&out);
		sections[i].write(ctx, &out);
		json_close(&out);
	}
	if (hooks && hooks->info)
		hooks->info(ctx->server->funnel, &out);
	json_close(&out);
	if (ctx->argc == 2)
		rc = reply_section(ctx, buf_slice(&text), err);
	else
		reply_json(ctx->reply, buf_slice(&text));
	buf_clear(&text);
	return rc;
}

const struct command commands_info[] = {
	{ "INFO", -1, COMMAND_READ, "[section]", "How the daemon is doing.", run_info, NULL },
	{ 0 },
};
