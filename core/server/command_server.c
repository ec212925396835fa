/* command_server.c -- the commands about the daemon: PING to SHUTDOWN, and its keys. */
#include <fnmatch.h>
#include <stdio.h>

#include "base/log.h"
#include "server/command.h"

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
		return error_set(err, ERR_ARG,
			"there is one database, 0; collections are named "
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
		if (ctx->server->hooks && ctx->server->hooks->configured)
			ctx->server->hooks->configured(ctx->server->funnel, next);
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

const struct command commands_server[] = {
	{ "PING", -1, COMMAND_FAST, "[text]", "PONG, or the text.", run_ping, NULL },
	{ "ECHO", 2, COMMAND_FAST, "text", "The text.", run_echo, NULL },
	{ "SELECT", 2, COMMAND_FAST, "0", "For Redis clients that ask.", run_select, NULL },
	{ "QUIT", -1, COMMAND_NOAUTH | COMMAND_FAST, "", "Close the connection.", run_quit, NULL },
	{ "CONFIG", -2, COMMAND_ADMIN, "GET|SET|HELP", "About the keys of tollerd.conf.", NULL,
		config_subcommands },
	{ "SHUTDOWN", -1, COMMAND_ADMIN, "", "End the daemon in order.", run_shutdown, NULL },
	{ 0 },
};
