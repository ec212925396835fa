/* client.c -- the connection to the daemon, and one command.
 *
 * Words are sent as they were typed, as a RESP array: the client knows no
 * command but HELP, so it never lags behind the daemon.
 * What it knows of the others the daemon tells (help.h). */
#include "client/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/evaluate.h"
#include "client/help.h"
#include "client/simulate.h"

static int authenticate(struct client *client, struct error *err)
{
	const char *password = getenv("TOLLER_PASSWORD");
	redisReply *reply;
	int rc = 0;

	if (!password || !*password)
		return 0;
	reply = redisCommand(client->redis, "AUTH %s", password);
	if (!reply)
		return error_set(err, ERR_IO, "%s: %s", client->address, client->redis->errstr);
	/* a daemon that wants no password is fine */
	if (reply->type == REDIS_REPLY_ERROR && !strncmp(reply->str, "WRONGPASS", 9))
		rc = error_set(err, ERR_AUTH, "%s: $TOLLER_PASSWORD: %s", client->address,
			reply->str);
	freeReplyObject(reply);
	return rc;
}

int client_connect(struct client *client, struct error *err)
{
	const char *address = client->address, *colon;
	char host[256], *end;
	long port;

	if (client->redis)
		redisFree(client->redis);
	client->redis = NULL;
	if (!strncmp(address, "unix:", 5)) {
		client->redis = redisConnectUnix(address + 5);
	} else {
		colon = strrchr(address, ':');
		port = colon ? strtol(colon + 1, &end, 10) : 0;
		if (!colon || colon == address || *end || port < 1 || port > 65535 ||
			(size_t)(colon - address) >= sizeof(host))
			return error_set(err, ERR_ARG,
				"address '%s': expected host:port or unix:PATH", address);
		memcpy(host, address, (size_t)(colon - address));
		host[colon - address] = '\0';
		client->redis = redisConnect(host, (int)port);
	}
	if (!client->redis)
		return error_set(err, ERR_MEMORY, "no memory for a connection");
	if (client->redis->err)
		return error_set(err, ERR_IO, "%s: %s%s", address, client->redis->errstr,
			errno == ECONNREFUSED || errno == ENOENT
				? "; is tollerd running?  -s or $TOLLER names another address"
				: "");
	return authenticate(client, err);
}

/* Errors inside an array included. */
static void print_raw(const redisReply *reply)
{
	size_t i;

	switch (reply->type) {
	case REDIS_REPLY_INTEGER: printf("%lld\n", reply->integer); break;
	case REDIS_REPLY_NIL: puts("null"); break;
	case REDIS_REPLY_ARRAY:
		for (i = 0; i < reply->elements; i++)
			print_raw(reply->element[i]);
		break;
	default: fwrite(reply->str, 1, (size_t)reply->len, stdout); putchar('\n');
	}
}

static int print_reply(const struct client *client, const redisReply *reply, bool pairs)
{
	if (reply->type == REDIS_REPLY_ERROR) {
		fprintf(stderr, "error: %s\n", reply->str);
		return 1;
	}
	if (client->raw)
		print_raw(reply);
	else if (pairs)
		table_print_pairs(reply);
	else
		table_print_reply(reply);
	fflush(stdout);
	return 0;
}

static int command(struct client *client, int argc, const char **argv)
{
	bool monitor = !strcasecmp(argv[0], "MONITOR");
	bool pairs = !strcasecmp(argv[0], "CONFIG"); /* flat, as Redis has it */
	redisReply *reply;
	int status;

	if (!strcasecmp(argv[0], "HELP"))
		return help_main(client, argc, argv);
	argc = help_join_query(client, argc, argv);
	if (redisAppendCommandArgv(client->redis, argc, argv, NULL) != REDIS_OK)
		goto lost;
	do {
		if (redisGetReply(client->redis, (void **)&reply) != REDIS_OK)
			goto lost;
		status = print_reply(client, reply, pairs);
		freeReplyObject(reply);
	} while (monitor && status == 0);
	return status;
lost:
	fprintf(stderr, "toller: %s: %s\n", client->address, client->redis->errstr);
	return 2;
}

int client_run(struct client *client, int argc, char **argv)
{
	if (!strcmp(argv[0], "load"))
		return load_main(client, argc, argv);
	if (!strcmp(argv[0], "dump"))
		return dump_main(client, argc, argv);
	if (!strcmp(argv[0], "simulate"))
		return simulate_main(client, argc, argv);
	/* EVALUATE collection policy is the daemon's; files of judged queries are ours */
	if (!strcmp(argv[0], "evaluate") && (argc < 3 || argv[2][0] == '-'))
		return evaluate_main(client, argc, argv);
	return command(client, argc, (const char **)argv);
}
