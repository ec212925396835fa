/* help.h -- what the daemon says of its commands, for people: HELP, completion,
 * and queries without quotes.  It is asked once (COMMAND DOCS); where it does not
 * answer, nothing is known and words are sent as typed.  One thread. */
#ifndef CLIENT_HELP_H
#define CLIENT_HELP_H

#include "client/client.h"

/* HELP [COMMAND [SUBCOMMAND]], argv[0] being "HELP".  The exit status. */
int help_main(struct client *, int argc, const char **argv);

/* Name of command `i`, or of the subcommand `i` of `parent`, counted from 0 in the
 * daemon's order; NULL after the last.  Borrowed from the client. */
const char *help_name(struct client *, const char *parent, int i);

/* What follows the name of a command ("coll query [LIMIT n]"), of its subcommand if
 * `sub` is one; NULL if it is not known.  Case means nothing. */
const char *help_usage(struct client *, const char *name, const char *sub);

/* Where a command takes a collection and a query, or the key of one: put the words
 * typed without quotes together, up to the first option: in capitals, or in small letters
 * where only options and their values follow.  Left alone is a query followed
 * by a word in capitals that is no option: the daemon has a better answer to it.
 * The new argc; a joined word is owned by the client until the next call. */
int help_join_query(struct client *, int argc, const char **argv);

#endif
