/* command_server.c -- the commands about the daemon and the connection itself.
 *
 * HELLO, CLIENT, COMMAND and CONFIG answer in the shapes Redis clients know. */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/log.h"
#include "limits.h"
#include "server/command.h"

#define NAME_BYTES_MAX 128

static int run_ping(struct command_context *ctx, struct error *err)
{
	if (ctx->argc > 2)
		return error_set(err, ERR_SYNTAX, "wrong number of words; usage: PING [text]");
	if (ctx->argc == 2)
		reply_text(ctx->reply, ctx->argv[1]);
	else
		reply_status(ctx->reply, "PONG");
	return 0;
}

static int run_echo(struct command_context *ctx, struct error *err)
{
	reply_text(ctx->reply, ctx->argv[1]);
	return 0;
}

static int run_select(struct command_context *ctx, struct error *err)
{
	if (!slice_is(ctx->argv[1], "0"))
		return error_set(err, ERR_ARG, "there is one database, 0; collections are named "
			"in the commands");
	reply_ok(ctx->reply);
	return 0;
}

static int run_quit(struct command_context *ctx, struct error *err)
{
	ctx->connection->closing = true;
	reply_ok(ctx->reply);
	return 0;
}

static int run_shutdown(struct command_context *ctx, struct error *err)
{
	log_info("server", "SHUTDOWN from %s", ctx->connection->peer);
	server_stop(ctx->server);
	reply_ok(ctx->reply);
	return 0;
}

/* Takes as long whatever the guess has in common with the password. */
static bool same_secret(struct slice guess, const char *secret)
{
	size_t len = strlen(secret), i;
	unsigned char differ = guess.len != len;

	for (i = 0; i < guess.len; i++)
		differ |= (unsigned char)(guess.ptr[i] ^ secret[len ? i % len : 0]);
	return !differ;
}

/* False when a reply was written. */
static bool authenticate(struct command_context *ctx, struct slice user, struct slice word)
{
	const char *password = worker_config(ctx->worker)->password;

	if (!*password) {
		reply_fail(ctx->reply, "ERR",
			"AUTH, but this daemon has no password; its key is `password`");
		return false;
	}
	if (!slice_is(user, "default") || !same_secret(word, password)) {
		log_warn("server", "a wrong password from %s", ctx->connection->peer);
		reply_fail(ctx->reply, "WRONGPASS", "invalid username-password pair");
		return false;
	}
	ctx->connection->authenticated = true;
	return true;
}

static int run_auth(struct command_context *ctx, struct error *err)
{
	bool named = ctx->argc == 3;

	if (ctx->argc > 3)
		return error_set(err, ERR_SYNTAX, "usage: AUTH [default] password");
	if (authenticate(ctx, named ? ctx->argv[1] : SLICE_LIT("default"), ctx->argv[1 + named]))
		reply_ok(ctx->reply);
	return 0;
}

/* Names are listed unquoted, so they have no spaces nor control bytes. */
static int check_name(struct slice name, const char *what, struct error *err)
{
	size_t i;

	if (name.len > NAME_BYTES_MAX)
		return error_set(err, ERR_LIMIT, "a %s of %zu bytes, limit %d", what, name.len,
			NAME_BYTES_MAX);
	for (i = 0; i < name.len; i++)
		if (name.ptr[i] < '!' || name.ptr[i] > '~')
			return error_set(err, ERR_ARG,
				"a %s has printable ASCII letters and no spaces", what);
	return 0;
}

static int set_name(struct command_context *ctx, char **to, struct slice name,
	const char *what, struct error *err)
{
	int rc = check_name(name, what, err);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&ctx->server->lock);
	free(*to);
	*to = xstrndup(name.ptr, name.len);
	pthread_mutex_unlock(&ctx->server->lock);
	return 0;
}

static int run_hello(struct command_context *ctx, struct error *err)
{
	struct connection *c = ctx->connection;
	struct reply *r = ctx->reply;
	bool resp3 = c->resp3;
	int i, rc;

	if (ctx->argc > 1) {
		if (!slice_is(ctx->argv[1], "2") && !slice_is(ctx->argv[1], "3")) {
			reply_fail(r, "NOPROTO", "unsupported protocol version; there are 2 and 3");
			return 0;
		}
		resp3 = slice_is(ctx->argv[1], "3");
	}
	for (i = 2; i < ctx->argc; i++) {
		if (command_word(ctx, i, "AUTH") && i + 2 < ctx->argc) {
			if (!authenticate(ctx, ctx->argv[i + 1], ctx->argv[i + 2]))
				return 0;
			i += 2;
		} else if (command_word(ctx, i, "SETNAME") && i + 1 < ctx->argc) {
			rc = set_name(ctx, &c->name, ctx->argv[++i], "client's name", err);
			if (rc < 0)
				return rc;
		} else {
			return error_set(err, ERR_SYNTAX,
				"usage: HELLO [2|3 [AUTH default password] [SETNAME name]]");
		}
	}
	if (!c->authenticated && *worker_config(ctx->worker)->password)
		return error_set(err, ERR_AUTH,
			"Authentication required: HELLO 3 AUTH default password");
	c->resp3 = resp3;
	if (!reply_is_line(r))
		r->form = resp3 ? REPLY_RESP3 : REPLY_RESP2;
	reply_map(r, 7);
	reply_key(r, "server");
	reply_str(r, "toller");
	reply_key(r, "version");
	reply_str(r, TOLLER_VERSION);
	reply_key(r, "proto");
	reply_int(r, resp3 ? 3 : 2);
	reply_key(r, "id");
	reply_int(r, c->id);
	reply_key(r, "mode");
	reply_str(r, "standalone");
	reply_key(r, "role");
	reply_str(r, "master");
	reply_key(r, "modules");
	reply_array(r, 0);
	reply_close(r);
	reply_close(r);
	return 0;
}

/* CLIENT */

static int run_client_setname(struct command_context *ctx, struct error *err)
{
	int rc = set_name(ctx, &ctx->connection->name, ctx->argv[2], "client's name", err);

	if (rc == 0)
		reply_ok(ctx->reply);
	return rc;
}

static int run_client_getname(struct command_context *ctx, struct error *err)
{
	const char *name = ctx->connection->name;

	if (name && *name)
		reply_str(ctx->reply, name);
	else
		reply_null(ctx->reply);
	return 0;
}

static int run_client_id(struct command_context *ctx, struct error *err)
{
	reply_int(ctx->reply, ctx->connection->id);
	return 0;
}

static int run_client_setinfo(struct command_context *ctx, struct error *err)
{
	struct connection *c = ctx->connection;
	int rc;

	if (command_word(ctx, 2, "LIB-NAME"))
		rc = set_name(ctx, &c->lib_name, ctx->argv[3], "library's name", err);
	else if (command_word(ctx, 2, "LIB-VER"))
		rc = set_name(ctx, &c->lib_version, ctx->argv[3], "library's version", err);
	else
		rc = error_set(err, ERR_ARG, "CLIENT SETINFO knows LIB-NAME and LIB-VER");
	if (rc == 0)
		reply_ok(ctx->reply);
	return rc;
}

/* In the words of Redis, so that its libraries can read it. */
static void print_client(struct buf *out, const struct connection *c, int64_t now_ms)
{
	buf_printf(out,
		"id=%" PRIu64 " addr=%s name=%s age=%" PRId64 " worker=%d cmds=%" PRIu64
		" lib-name=%s lib-ver=%s",
		c->id, c->peer, c->name ? c->name : "", (now_ms - c->since_ms) / 1000,
		c->worker->index, c->commands, c->lib_name ? c->lib_name : "",
		c->lib_version ? c->lib_version : "");
}

static void write_client(struct json_out *out, const struct connection *c, int64_t now_ms)
{
	json_object_open(out);
	json_kv(out, uint, "id", c->id);
	json_kv(out, str, "addr", c->peer);
	json_kv(out, str, "name", c->name ? c->name : "");
	json_kv(out, int, "age_s", (now_ms - c->since_ms) / 1000);
	json_kv(out, int, "worker", c->worker->index);
	json_kv(out, uint, "commands", c->commands);
	json_kv(out, str, "lib_name", c->lib_name ? c->lib_name : "");
	json_kv(out, str, "lib_version", c->lib_version ? c->lib_version : "");
	json_close(out);
}

static void reply_clients(struct command_context *ctx, const struct connection *only)
{
	int64_t now_ms = clock_now_ms(ctx->server->clock);
	bool line = reply_is_line(ctx->reply);
	const struct connection *c;
	struct buf text = { 0 };
	struct json_out out;

	json_begin(&out, &text);
	if (line && !only)
		json_array_open(&out);
	pthread_mutex_lock(&ctx->server->lock);
	for (c = only ? only : ctx->server->connections; c; c = only ? NULL : c->next_all) {
		if (line) {
			write_client(&out, c, now_ms);
		} else {
			print_client(&text, c, now_ms);
			buf_putc(&text, '\n');
		}
	}
	pthread_mutex_unlock(&ctx->server->lock);
	if (line && !only)
		json_close(&out);
	if (line)
		reply_json(ctx->reply, buf_slice(&text));
	else
		reply_text(ctx->reply, buf_slice(&text));
	buf_clear(&text);
}

static int run_client_info(struct command_context *ctx, struct error *err)
{
	reply_clients(ctx, ctx->connection);
	return 0;
}

static int run_client_list(struct command_context *ctx, struct error *err)
{
	reply_clients(ctx, NULL);
	return 0;
}

static const struct command client_subcommands[] = {
	{ "SETNAME", 3, 0, "name", "Name this connection.", run_client_setname, NULL },
	{ "GETNAME", 2, 0, "", "The name of this connection, or null.", run_client_getname, NULL },
	{ "ID", 2, 0, "", "The number of this connection.", run_client_id, NULL },
	{ "SETINFO", 4, 0, "LIB-NAME|LIB-VER text", "What library the client uses.",
		run_client_setinfo, NULL },
	{ "INFO", 2, 0, "", "This connection.", run_client_info, NULL },
	{ "LIST", -2, 0, "", "All connections.", run_client_list, NULL },
	{ 0 },
};

/* COMMAND */

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

/* CONFIG */

static bool key_matches(struct command_context *ctx, const struct config_key *key)
{
	char pattern[64];
	int i;

	for (i = 2; i < ctx->argc; i++) {
		snprintf(pattern, sizeof(pattern), "%.*s", (int)(ctx->argv[i].len & 0xffff),
			ctx->argv[i].ptr);
		if (!fnmatch(pattern, key->name, FNM_CASEFOLD))
			return true;
	}
	return false;
}

static int run_config_get(struct command_context *ctx, struct error *err)
{
	const struct config *config = worker_config(ctx->worker);
	const struct config_key *key;
	char value[2048];
	size_t n = 0;

	for (key = config_keys; key->name; key++)
		n += key_matches(ctx, key);
	reply_map(ctx->reply, n);
	for (key = config_keys; key->name; key++) {
		if (!key_matches(ctx, key))
			continue;
		config_print(config, key, value, sizeof(value));
		reply_key(ctx->reply, key->name);
		reply_str(ctx->reply, value);
	}
	reply_close(ctx->reply);
	return 0;
}

/* All pairs or none. */
static int change(struct command_context *ctx, struct config *next, struct error *err)
{
	const struct config_key *key;
	int i, rc;

	for (i = 2; i < ctx->argc; i += 2) {
		rc = config_need(ctx->argv[i], &key, err);
		if (rc < 0)
			return rc;
		if (!key->live)
			return error_set(err, ERR_STATE,
				"%s cannot change while serving; set it and restart", key->name);
		rc = config_set(next, ctx->argv[i], ctx->argv[i + 1], err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int move_clock(struct server *s, const struct config *was, const struct config *next,
	struct error *err)
{
	if (next->clock == was->clock)
		return 0;
	if (!was->clock)
		return error_set(err, ERR_STATE, "clock: the time is the machine's");
	if (next->clock < was->clock)
		return error_set(err, ERR_ARG, "clock: it is %lld, and only goes on",
			(long long)was->clock);
	atomic_store(&s->stands_at, next->clock);
	return 0;
}

static int run_config_set(struct command_context *ctx, struct error *err)
{
	struct config *next;
	int rc;

	if (ctx->argc % 2)
		return error_set(err, ERR_SYNTAX, "usage: CONFIG SET key value [key value ...]");
	pthread_mutex_lock(&ctx->server->lock);
	next = config_copy(worker_config(ctx->worker));
	rc = change(ctx, next, err);
	if (rc == 0)
		rc = move_clock(ctx->server, worker_config(ctx->worker), next, err);
	if (rc < 0) {
		config_free(next);
	} else {
		log_set_level(log_level_parse(next->log_level));
		cell_publish(ctx->server->config, snapshot_new(next, config_free));
	}
	pthread_mutex_unlock(&ctx->server->lock);
	if (rc < 0)
		return rc;
	/* Who could change the password has shown that they may be here. */
	ctx->connection->authenticated = true;
	reply_ok(ctx->reply);
	return 0;
}

static int run_config_help(struct command_context *ctx, struct error *err)
{
	const struct config_key *key;
	char line[512];
	size_t n = 0;

	for (key = config_keys; key->name; key++)
		n++;
	reply_map(ctx->reply, n);
	for (key = config_keys; key->name; key++) {
		snprintf(line, sizeof(line), "%s (default %s%s)", key->help,
			*key->initial ? key->initial : "empty", key->live ? ", live" : "");
		reply_key(ctx->reply, key->name);
		reply_str(ctx->reply, line);
	}
	reply_close(ctx->reply);
	return 0;
}

static const struct command config_subcommands[] = {
	{ "GET", -3, 0, "pattern [pattern ...]", "Keys and their values.", run_config_get, NULL },
	{ "SET", -4, 0, "key value [key value ...]", "Change live keys, all or none.",
		run_config_set, NULL },
	{ "HELP", 2, 0, "", "What each key is for.", run_config_help, NULL },
	{ 0 },
};

/* INFO */

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
	const char *names[32], *name, *near;
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
		near = ascii_nearest(ctx->argv[1], names);
		rc = error_set(err, ERR_NOT_FOUND, "no section '%.*s'%s%s",
			(int)(ctx->argv[1].len > 64 ? 64 : ctx->argv[1].len), ctx->argv[1].ptr,
			near ? "; did you mean " : "; INFO shows them all", near ? near : "");
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

const struct command commands_server[] = {
	{ "PING", -1, COMMAND_FAST, "[text]", "PONG, or the text.", run_ping, NULL },
	{ "ECHO", 2, COMMAND_FAST, "text", "The text.", run_echo, NULL },
	{ "HELLO", -1, COMMAND_NOAUTH | COMMAND_FAST,
		"[2|3 [AUTH default password] [SETNAME name]]",
		"Choose the version of RESP; what this daemon is.", run_hello, NULL },
	{ "AUTH", -2, COMMAND_NOAUTH | COMMAND_FAST, "[default] password",
		"Say the password.", run_auth, NULL },
	{ "SELECT", 2, COMMAND_FAST, "0", "For Redis clients that ask.", run_select, NULL },
	{ "QUIT", -1, COMMAND_NOAUTH | COMMAND_FAST, "", "Close the connection.", run_quit, NULL },
	{ "CLIENT", -2, 0, "SETNAME|GETNAME|ID|SETINFO|INFO|LIST", "About connections.", NULL,
		client_subcommands },
	{ "COMMAND", -1, 0, "[COUNT|LIST|INFO|DOCS]", "About the commands.", run_command,
		command_subcommands },
	{ "CONFIG", -2, COMMAND_ADMIN, "GET|SET|HELP", "About the keys of tollerd.conf.", NULL,
		config_subcommands },
	{ "INFO", -1, COMMAND_READ, "[section]", "How the daemon is doing.", run_info, NULL },
	{ "SHUTDOWN", -1, COMMAND_ADMIN, "", "End the daemon in order.", run_shutdown, NULL },
	{ 0 },
};
