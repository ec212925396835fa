/* command_client.c -- the commands about the connection itself, in the shapes that Redis
 * clients know: HELLO, AUTH, CLIENT. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "server/command.h"

#define NAME_BYTES_MAX 128

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

static int set_name(struct command_context *ctx, char **to, struct slice name, const char *what,
	struct error *err)
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

/* The words after HELLO 3.  1: it is answered already, with a refusal. */
static int take_hello(struct command_context *ctx, struct error *err)
{
	struct connection *c = ctx->connection;
	int i, rc;

	for (i = 2; i < ctx->argc; i++) {
		if (command_word(ctx, i, "AUTH") && i + 2 < ctx->argc) {
			if (!authenticate(ctx, ctx->argv[i + 1], ctx->argv[i + 2]))
				return 1;
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
	return 0;
}

static int run_hello(struct command_context *ctx, struct error *err)
{
	struct connection *c = ctx->connection;
	struct reply *r = ctx->reply;
	bool resp3 = ctx->argc > 1 ? slice_is(ctx->argv[1], "3") : c->resp3;
	int rc;

	if (ctx->argc > 1 && !resp3 && !slice_is(ctx->argv[1], "2")) {
		reply_fail(r, "NOPROTO", "unsupported protocol version; there are 2 and 3");
		return 0;
	}
	rc = take_hello(ctx, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
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

const struct command commands_client[] = {
	{ "HELLO", -1, COMMAND_NOAUTH | COMMAND_FAST,
		"[2|3 [AUTH default password] [SETNAME name]]",
		"Choose the version of RESP; what this daemon is.", run_hello, NULL },
	{ "AUTH", -2, COMMAND_NOAUTH | COMMAND_FAST, "[default] password", "Say the password.",
		run_auth, NULL },
	{ "CLIENT", -2, 0, "SETNAME|GETNAME|ID|SETINFO|INFO|LIST", "About connections.", NULL,
		client_subcommands },
	{ 0 },
};
