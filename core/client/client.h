/* client.h -- the parts of the `toller` program.  One thread. */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "base/error.h"

struct client {
	redisContext *redis;
	const char *address; /* host:port or unix:PATH */
	bool raw;            /* --json: replies as they came */
	redisReply *docs;    /* help.h: what the daemon says of its commands */
	bool docs_asked;
	char *query; /* help.h: words put together */
};

/* 0 or ERR_ARG, ERR_IO, ERR_AUTH.  Replaces a former connection.  Says the password
 * of $TOLLER_PASSWORD if there is one. */
int client_connect(struct client *, struct error *);

/* Runs load, evaluate or simulate, or sends one command and prints its reply; HELP is
 * answered here.  May put other words into argv.  The exit status: theirs; or 0, 1 for an
 * error of the daemon, 2 when the connection is gone. */
int client_run(struct client *, int argc, char **argv);

/* `toller load ...`, argv[0] being "load".  The exit status: 0 when every line
 * was stored, 1 when some were not, 2 for bad usage or a lost connection. */
int load_main(struct client *, int argc, char **argv);

/* `toller dump ...`, argv[0] being "dump"; the exit status likewise. */
int dump_main(struct client *, int argc, char **argv);

/* The interactive prompt, until QUIT or end of input. */
int prompt_run(struct client *);

/* Prints a reply for people: tables where its shape allows, else indented. */
void table_print_reply(const redisReply *);
/* The same of a list key, value, key, value, ...: a line for each key. */
void table_print_pairs(const redisReply *);

#endif
