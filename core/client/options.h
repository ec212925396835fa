/* options.h -- the words after `toller load`, `dump`, `evaluate` and `simulate`, by a table. */
#ifndef CLIENT_OPTIONS_H
#define CLIENT_OPTIONS_H

#include <stdbool.h>

/* One of the places is set: it says what kind of value the option has. */
struct option {
	const char *name; /* "--depth"; NULL ends a table */
	bool *flag;       /* no value */
	const char **text;
	long *whole;
	double *real;
	double least, most; /* of numbers */
	/* Takes the value itself: 0, or what options_wrong returns. */
	int (*take)(void *data, char *value);
};

/* argv[0] is the command; `word` is given what is no option, in order.  Values stay where
 * they are in argv.  0, or 2, the exit status, when standard error has been told what is
 * wrong. */
int options_take(const struct option *, int argc, char **argv, int (*word)(void *data, char *word),
	void *data);

/* "toller COMMAND: ...; see toller --help".  Returns 2. */
int options_wrong(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
