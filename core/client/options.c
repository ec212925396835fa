/* options.c -- see options.h. */
#include "client/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int options_wrong(const char *command, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "toller %s: ", command);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("; see toller --help\n", stderr);
	return 2;
}

static int take_number(const char *command, const struct option *o, const char *value)
{
	double number;
	char *end;

	number = o->whole ? (double)strtol(value, &end, 10) : strtod(value, &end);
	if (end == value || *end || !(number >= o->least && number <= o->most))
		return options_wrong(command, "%s '%s', expected a %snumber from %.10g to %.10g",
			o->name, value, o->whole ? "whole " : "", o->least, o->most);
	if (o->whole)
		*o->whole = (long)number;
	else
		*o->real = number;
	return 0;
}

static int take(const char *command, const struct option *o, char *value, void *data)
{
	if (!value)
		return options_wrong(command, "%s needs a value", o->name);
	if (o->take)
		return o->take(data, value);
	if (!o->text)
		return take_number(command, o, value);
	*o->text = value;
	return 0;
}

int options_take(const struct option *options, int argc, char **argv,
	int (*word)(void *data, char *word), void *data)
{
	const struct option *o;
	int i, rc = 0;

	for (i = 1; i < argc && rc == 0; i++) {
		if (strncmp(argv[i], "--", 2)) {
			rc = word(data, argv[i]);
			continue;
		}
		for (o = options; o->name && strcmp(argv[i], o->name); o++)
			;
		if (!o->name)
			rc = options_wrong(argv[0], "%s is unknown", argv[i]);
		else if (o->flag)
			*o->flag = true;
		else
			rc = take(argv[0], o, i + 1 < argc ? argv[++i] : NULL, data);
	}
	return rc;
}
