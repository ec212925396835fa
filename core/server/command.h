/* command.h -- the commands, as tables of families.
 *
 * A family is one file with a table that ends with a NULL name; adding one is a
 * line in `families` of command.c.  A command runs in a worker's thread, writes
 * one reply or returns a negative ERR_ code with its error, which is then the
 * reply. */
#ifndef SERVER_COMMAND_H
#define SERVER_COMMAND_H

#include "server/connection.h"

struct funnel;

enum {
	COMMAND_WRITE = 1,  /* may be executed while earlier writes wait for their commit */
	COMMAND_READ = 2,   /* reads the catalogue */
	COMMAND_NOAUTH = 4, /* before AUTH, too */
	COMMAND_ADMIN = 8,
	COMMAND_FAST = 16,
};

struct command_context;

struct command {
	const char *name;
	int arity; /* words, the name (of a subcommand: both) counted; -n: n or more */
	unsigned flags;
	const char *usage; /* what follows the name: "coll id json" */
	const char *summary;
	int (*run)(struct command_context *, struct error *);
	const struct command *subcommands; /* instead of run */
};

struct command_context {
	struct server *server;
	struct worker *worker; /* worker->funnel: the state hooks->worker_open made */
	struct connection *connection;
	const struct command *command;
	struct slice *argv;
	int argc;
	struct reply *reply;
	struct arena *arena; /* emptied after the reply */
	bool reading;        /* the reader was begun */
	bool again;          /* run a second time, after the learner has caught up */
};

extern const struct command commands_server[], commands_client[], commands_docs[], commands_info[],
	commands_catalogue[], commands_search[], commands_feedback[], commands_scripts[],
	commands_arms[], commands_evaluate[], commands_files[], commands_user[];

/* Before the first worker starts. */
void command_init(void);
/* The number of a command, that of worker->calls, too; -1 if there is none.  Case
 * does not matter. */
int command_find(struct slice name);
/* Numbers go from 0 in the order of the families; NULL outside of them. */
const struct command *command_at(int number);
/* -1 is answered, too. */
void command_run(int number, struct connection *, const struct request *, struct reply *);

/* The collection that argv[1] names. */
int command_collection(const struct command_context *, struct error *);
/* The worker's reader, begun at the first call and ended after the command. */
int command_reader(struct command_context *, struct reader **out, struct error *);
/* A collection of it by name. */
int command_view(struct command_context *, struct slice collection, struct view **out,
	struct error *);
/* The JSON in `out` is the answer where rc is no error; clears `out`.  0 or the error. */
int command_answer(struct command_context *, struct buf *out, int rc);
/* Answers with what `tell` says of argv[2] in the collection argv[1]. */
int command_tell(struct command_context *,
	int (*tell)(struct funnel *, int collection, struct slice of, struct arena *, struct buf *,
		struct error *),
	struct error *);
/* "LIMIT", "7" ...: is argv[i] this word, in any case? */
bool command_word(const struct command_context *, int i, const char *word);
/* Which of `options` (NULL ends them) argv[i] is; its value is behind it.  ERR_SYNTAX. */
int command_option(const struct command_context *, int i, const char *const *options,
	struct error *);
/* A whole number in digits alone; `what` names it in the error. */
int command_number(struct slice text, const char *what, uint64_t least, uint64_t most,
	uint64_t *out, struct error *);
/* Decimal digits: no hexadecimal, infinity or nan. */
int command_real(struct slice text, const char *what, double least, double most, double *out,
	struct error *);

#endif
