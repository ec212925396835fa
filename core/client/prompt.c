/* prompt.c -- the interactive prompt on libedit: history kept in
 * ~/.toller_history, quoting as in the line protocol.
 *
 * TAB completes commands, subcommands and options as the daemon names them
 * (help.h), collections as INFO counts them, and the files of `load`. */
#include <editline/readline.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/json.h"
#include "client/client.h"
#include "client/help.h"

#define WORDS_MAX 256

/* ---- completion; libedit has no place for a pointer of ours ---- */

static struct client *typist;
static char **found; /* what fits, NULL-terminated; handed out one by one */
static size_t found_count, found_cap;

static void offer(const char *text, const char *word, size_t len)
{
	if (len < strlen(text) || strncasecmp(word, text, strlen(text)))
		return;
	xgrow(&found, &found_cap, found_count + 1, sizeof(*found));
	found[found_count++] = xstrndup(word, len);
}

/* "coll query [LIMIT n]" offers LIMIT, "LIST|CHECK [coll]" LIST and CHECK. */
static void offer_capitals(const char *text, const char *usage)
{
	size_t len;

	for (; usage && *usage; usage += len ? len : 1) {
		len = strspn(usage, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-");
		if (len > 1)
			offer(text, usage, len);
	}
}

static void offer_collections(const char *text)
{
	redisReply *reply = redisCommand(typist->redis, "INFO catalogue");
	json_t *info = NULL, *count;
	const char *name;

	if (reply && reply->type == REDIS_REPLY_STRING)
		json_parse(&info, slice_of(reply->str, reply->len), NULL);
	json_object_foreach(json_object_get(info, "collections"), name, count)
		offer(text, name, strlen(name));
	json_decref(info);
	if (reply)
		freeReplyObject(reply);
}

static void offer_commands(const char *text)
{
	static const char *const own[] = { "HELP", "QUIT", "load", "evaluate", NULL };
	const char *name;
	int i;

	for (i = 0; (name = help_name(typist, NULL, i)); i++)
		if (strcasecmp(name, "QUIT"))
			offer(text, name, strlen(name));
	for (i = 0; own[i]; i++)
		offer(text, own[i], strlen(own[i]));
}

/* The word `text` after `count` others. */
static void offer_words(const char *text, int count, char *const *words)
{
	const char *usage, *sub = count > 1 ? words[1] : NULL, *name;
	bool below;
	int i;

	if (count == 0 || (count == 1 && !strcasecmp(words[0], "HELP"))) {
		offer_commands(text);
		return;
	}
	if (!strcmp(words[0], "load") || !strcmp(words[0], "evaluate")) {
		if (count == 1)
			offer_collections(text);
		return;
	}
	if (count == 1 && help_name(typist, words[0], 0)) {
		for (i = 0; (name = help_name(typist, words[0], i)); i++)
			offer(text, name, strlen(name));
		return;
	}
	usage = help_usage(typist, words[0], sub);
	below = sub && help_name(typist, words[0], 0);
	if (usage && count == 1 + below && !strncmp(usage + (*usage == '['), "coll", 4))
		offer_collections(text);
	else
		offer_capitals(text, usage);
}

static char *next_found(const char *text, int state)
{
	static size_t at;

	if (state == 0)
		at = 0;
	return at < found_count ? found[at++] : NULL;
}

static char **complete(const char *text, int start, int end)
{
	char *line = xstrndup(rl_line_buffer, (size_t)start), *words[WORDS_MAX], *rest, *word;
	int count = 0;

	for (word = strtok_r(line, " \t", &rest); word && count < WORDS_MAX;
		word = strtok_r(NULL, " \t", &rest))
		words[count++] = word;
	found_count = 0;
	/* libedit completes names of files where we do not say that it is over */
	rl_attempted_completion_over =
		count < 2 || (strcmp(words[0], "load") && strcmp(words[0], "evaluate"));
	if (typist->redis && !typist->redis->err)
		offer_words(text, count, words);
	free(line);
	return found_count ? rl_completion_matches(text, next_found) : NULL;
}

/* ---- words ---- */

/* A word that begins with { or [ goes on to its matching bracket, so that JSON needs
 * no quotes.  False if there is none. */
static bool take_brackets(char **in, char **out)
{
	bool string = false;
	int depth = 0;

	do {
		if (string && **in == '\\' && (*in)[1])
			*(*out)++ = *(*in)++;
		else if (**in == '"')
			string = !string && depth;
		else if (!string)
			depth += (**in == '{' || **in == '[') - (**in == '}' || **in == ']');
		*(*out)++ = *(*in)++;
	} while (**in && (depth > 0 || (**in != ' ' && **in != '\t')));
	return depth <= 0;
}

/* "..." takes \n \t \\ \", '...' takes \'.  False if it is not closed. */
static bool take_quoted(char **in, char **out)
{
	char quote = *(*in)++, c;

	for (; **in != quote; (*in)++) {
		if (!**in)
			return false;
		c = **in;
		if (c == '\\' && (*in)[1] && (quote == '"' || (*in)[1] == quote)) {
			c = *++(*in);
			if (quote == '"' && (c == 'n' || c == 't'))
				c = c == 'n' ? '\n' : '\t';
		}
		*(*out)++ = c;
	}
	(*in)++;
	return true;
}

/* Words of `line`, in place.  The count, or -1 and why not. */
static int split(char *line, const char **words, const char **why)
{
	char *in = line, *out = line;
	int count = 0;

	for (;;) {
		while (*in == ' ' || *in == '\t')
			in++;
		if (!*in)
			return count;
		*why = "there are too many words";
		if (count == WORDS_MAX)
			return -1;
		words[count++] = out;
		*why = "a word that begins with a bracket has no matching one; quote it";
		if ((*in == '{' || *in == '[') && !take_brackets(&in, &out))
			return -1;
		*why = "a quote is not closed";
		while (*in && *in != ' ' && *in != '\t') {
			if (*in != '"' && *in != '\'')
				*out++ = *in++;
			else if (!take_quoted(&in, &out))
				return -1;
		}
		if (*in)
			in++; /* before the NUL lands on it */
		*out++ = '\0';
	}
}

/* ---- lines ---- */

static bool reconnect(struct client *client, int *status)
{
	struct error err = { 0 };

	if (client->redis && !client->redis->err)
		return true;
	if (client_connect(client, &err) == 0)
		return true;
	fprintf(stderr, "toller: %s\n", err.text);
	*status = 2;
	return false;
}

/* False at the end: QUIT. */
static bool run_line(struct client *client, char *line, int *status)
{
	const char *words[WORDS_MAX], *why;
	int count = split(line, words, &why);

	if (count < 0) {
		fprintf(stderr, "error: %s\n", why);
		*status = 1;
	}
	if (count <= 0)
		return true;
	if (!strcasecmp(words[0], "quit") || !strcasecmp(words[0], "exit"))
		return false;
	if (!reconnect(client, status))
		return true;
	*status = client_run(client, count, (char **)words);
	return true;
}

/* Without a terminal: one command a line. */
static int run_pipe(struct client *client)
{
	char *line = NULL;
	size_t cap = 0;
	int status = 0, worst = 0;
	bool more = true;

	while (more && getline(&line, &cap, stdin) >= 0) {
		line[strcspn(line, "\r\n")] = '\0';
		more = run_line(client, line, &status);
		worst = status > worst ? status : worst;
	}
	free(line);
	return worst;
}

int prompt_run(struct client *client)
{
	char path[4096] = "", *line;
	int status = 0;
	bool more = true;

	if (!isatty(STDIN_FILENO))
		return run_pipe(client);
	setlocale(LC_CTYPE, ""); /* or libedit knows ASCII only */
	typist = client;
	if (getenv("HOME"))
		snprintf(path, sizeof(path), "%s/.toller_history", getenv("HOME"));
	rl_readline_name = "toller";
	rl_attempted_completion_function = complete;
	using_history();
	stifle_history(1000);
	read_history(path);
	printf("%s; HELP lists the commands, TAB completes, QUIT ends\n", client->address);
	while (more && (line = readline("toller> "))) {
		/* AUTH carries a secret: not into a file */
		if (*line && strncasecmp(line, "auth", 4))
			add_history(line);
		more = run_line(client, line, &status);
		free(line);
	}
	if (*path)
		write_history(path);
	return status;
}
