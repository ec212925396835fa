/* help.c -- COMMAND DOCS read for people.
 *
 * The reply is a map, flat in an array: name, { "summary", ..., "usage", ...,
 * "subcommands", { "PARENT|NAME", { ... }, ... } }. */
#include "client/help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

#define LINE_WIDTH 79

static const redisReply *docs_of(struct client *client)
{
	redisReply *reply;

	if (client->docs || client->docs_asked || !client->redis || client->redis->err)
		return client->docs;
	client->docs_asked = true;
	reply = redisCommand(client->redis, "COMMAND DOCS");
	if (reply && reply->type == REDIS_REPLY_ARRAY)
		client->docs = reply;
	else if (reply)
		freeReplyObject(reply);
	return client->docs;
}

static const char *text_of(const redisReply *reply)
{
	return reply && reply->type == REDIS_REPLY_STRING ? reply->str : "";
}

static const redisReply *member(const redisReply *map, const char *key)
{
	size_t i;

	for (i = 0; map && i + 1 < map->elements; i += 2)
		if (!strcasecmp(text_of(map->element[i]), key))
			return map->element[i + 1];
	return NULL;
}

/* "SCRIPTS|LIST" -> "LIST" */
static const char *own_name(const redisReply *key)
{
	const char *text = text_of(key), *bar = strchr(text, '|');

	return bar ? bar + 1 : text;
}

static const redisReply *subcommand(const redisReply *command, const char *name)
{
	const redisReply *subs = member(command, "subcommands");
	size_t i;

	for (i = 0; subs && i + 1 < subs->elements; i += 2)
		if (!strcasecmp(own_name(subs->element[i]), name))
			return subs->element[i + 1];
	return NULL;
}

const char *help_name(struct client *client, const char *parent, int i)
{
	const redisReply *map = docs_of(client);

	if (parent)
		map = member(member(map, parent), "subcommands");
	return map && (size_t)i * 2 + 1 < map->elements ? own_name(map->element[i * 2]) : NULL;
}

const char *help_usage(struct client *client, const char *name, const char *sub)
{
	const redisReply *command = member(docs_of(client), name);
	const redisReply *below = sub ? subcommand(command, sub) : NULL;

	return command ? text_of(member(below ? below : command, "usage")) : NULL;
}

/* ---- HELP ---- */

/* End of the piece that begins at `text`: a word, or all between brackets. */
static const char *piece_end(const char *text)
{
	int depth = 0;

	for (; *text && (depth || *text != ' '); text++)
		depth += (*text == '[') - (*text == ']');
	return text;
}

/* `head` and its usage, broken between pieces; later lines are indented. */
static void print_usage(const char *indent, const char *head, const char *usage)
{
	int at = printf("%s%s", indent, head), len;
	const char *end;

	for (; *usage; usage = *end ? end + 1 : end) {
		end = piece_end(usage);
		len = (int)(end - usage);
		if (at + 1 + len > LINE_WIDTH)
			at = printf("\n%s       ", indent) - 1;
		at += printf(" %.*s", len, usage);
	}
	putchar('\n');
}

static void print_command(const char *name, const redisReply *docs, const char *indent)
{
	const redisReply *subs = member(docs, "subcommands");
	char below[64];
	size_t i;

	print_usage(indent, name, text_of(member(docs, "usage")));
	printf("%s    %s\n", indent, text_of(member(docs, "summary")));
	for (i = 0; subs && i + 1 < subs->elements; i += 2) {
		snprintf(below, sizeof(below), "%s %s", name, own_name(subs->element[i]));
		print_command(below, subs->element[i + 1], "    ");
	}
}

static int help_one(const redisReply *docs, int argc, const char **argv)
{
	const redisReply *command = member(docs, argv[1]), *sub;
	char name[64];

	if (!command) {
		fprintf(stderr, "error: no command '%s'; HELP lists them\n", argv[1]);
		return 1;
	}
	snprintf(name, sizeof(name), "%s", argv[1]);
	if (argc > 2) {
		sub = subcommand(command, argv[2]);
		if (!sub) {
			fprintf(stderr, "error: no subcommand '%s' of %s; there is %s\n", argv[2],
				argv[1], text_of(member(command, "usage")));
			return 1;
		}
		snprintf(name, sizeof(name), "%s %s", argv[1], argv[2]);
		command = sub;
	}
	for (char *c = name; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c -= 'a' - 'A';
	print_command(name, command, "");
	return 0;
}

int help_main(struct client *client, int argc, const char **argv)
{
	const redisReply *docs = docs_of(client);
	size_t i;

	if (!docs) {
		fputs("error: the daemon does not say what commands it has (a password? AUTH "
		      "first)\n",
			stderr);
		client->docs_asked = false;
		return 1;
	}
	if (argc > 1)
		return help_one(docs, argc, argv);
	for (i = 0; i + 1 < docs->elements; i += 2)
		print_command(text_of(docs->element[i]), docs->element[i + 1], "");
	puts("\nUpper and lower case are the same.  HELP COMMAND shows one of them.  Of this\n"
	     "program, not of the daemon: load, evaluate of files and simulate (see toller\n"
	     "--help), QUIT.");
	return 0;
}

/* ---- queries without quotes ---- */

/* What follows the option's name in the usage, " n]"; NULL: it is no option. */
static const char *find_option(const char *usage, const char *word)
{
	size_t len = strlen(word);
	const char *at;

	for (at = strchr(usage, '['); len && at; at = strchr(at + 1, '['))
		if (!strncasecmp(at + 1, word, len) && strchr(" ]", at[1 + len]) && at[1 + len])
			return at + 1 + len;
	return NULL;
}

/* Is the word one of "[asc|desc]"? */
static bool may_follow(const char *choices, const char *word)
{
	size_t len = strlen(word);
	const char *at;

	for (at = choices; *at && *at != ']'; at++)
		if (strchr("[|", *at) && !strncasecmp(at + 1, word, len) &&
			strchr("|]", at[1 + len]))
			return true;
	return false;
}

/* How many of the words, the first an option's, the option takes; 0 if it wants more. */
static int option_words(const char *option, int argc, const char **argv)
{
	int n = 1;

	for (; *option && *option != ']'; option++)
		if (*option == ' ' && option[1] != '[')
			n++;
		else if (*option == '[')
			break;
	if (*option == '[' && n < argc && may_follow(option, argv[n]))
		n++;
	return n <= argc ? n : 0;
}

/* Are the words options, each with its values, to the end? */
static bool are_options(const char *usage, int argc, const char **argv)
{
	const char *option;
	int i = 0, n;

	while (i < argc) {
		option = find_option(usage, argv[i]);
		n = option ? option_words(option, argc - i, argv + i) : 0;
		if (!n)
			return false;
		i += n;
	}
	return true;
}

static bool in_capitals(const char *word)
{
	size_t len = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return len > 1 && !word[len];
}

/* An option in capitals, or one that words of a query would not happen to be: "over the
 * rainbow" is none. */
static bool is_option(const char *usage, int argc, const char **argv)
{
	return find_option(usage, argv[0]) &&
	       (in_capitals(argv[0]) || are_options(usage, argc, argv));
}

int help_join_query(struct client *client, int argc, const char **argv)
{
	struct buf query = { 0 };
	const char *usage;
	int i, end;

	if (argc < 4)
		return argc;
	usage = help_usage(client, argv[0], NULL);
	if (!usage || (strncmp(usage, "coll query", 10) && strcmp(usage, "coll key")))
		return argc;
	for (end = 3; end < argc && !is_option(usage, argc - end, argv + end); end++)
		if (in_capitals(argv[end]))
			return argc;
	if (end == 3)
		return argc;
	for (i = 2; i < end; i++)
		buf_printf(&query, "%s%s", i > 2 ? " " : "", argv[i]);
	buf_putc(&query, '\0');
	free(client->query);
	argv[2] = client->query = query.ptr;
	for (i = end; i < argc; i++)
		argv[3 + i - end] = argv[i];
	return argc - (end - 3);
}
