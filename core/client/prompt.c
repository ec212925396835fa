/* prompt.c -- the interactive prompt on libedit: history kept in
 * ~/.toller_history, commands completed by TAB, quoting as in redis-cli. */
#include <editline/readline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "client/client.h"

#define WORDS_MAX 256

static const char *const commands[] = { "ARMS", "AUTH", "BACKUP", "CLIENT", "COMMAND",
	"COMPACT", "CONFIG", "COUNT", "DECISION", "DEL", "ECHO", "EVALUATE", "FEEDBACK",
	"GET", "HELLO", "INFO", "MEMORY", "MONITOR", "PING", "PROFILE", "PUT", "QUIT",
	"RECOMMEND", "SCRIPTS", "SEARCH", "SELECT", "SHUTDOWN", "UNDERSTAND", NULL };

static char *command_next(const char *text, int state)
{
	static size_t at;

	if (state == 0)
		at = 0;
	while (commands[at])
		if (!strncasecmp(commands[at++], text, strlen(text)))
			return xstrdup(commands[at - 1]);
	return NULL;
}

static char **complete(const char *text, int start, int end)
{
	rl_attempted_completion_over = 1;
	return start == 0 ? rl_completion_matches(text, command_next) : NULL;
}

/* Words of `line`, in place.  "..." takes \n \t \\ \", '...' takes \'.  The
 * count, or -1: a quote is open, or too many words. */
static int split(char *line, const char **words)
{
	char *in = line, *out = line, quote;
	int count = 0;

	for (;;) {
		while (*in == ' ' || *in == '\t')
			in++;
		if (!*in)
			return count;
		if (count == WORDS_MAX)
			return -1;
		words[count++] = out;
		while (*in && *in != ' ' && *in != '\t') {
			if (*in != '"' && *in != '\'') {
				*out++ = *in++;
				continue;
			}
			for (quote = *in++; *in != quote; in++) {
				if (!*in)
					return -1;
				if (*in == '\\' && in[1] &&
					(quote == '"' || in[1] == quote)) {
					in++;
					*out++ = *in == 'n' && quote == '"'   ? '\n'
						 : *in == 't' && quote == '"' ? '\t'
									      : *in;
				} else {
					*out++ = *in;
				}
			}
			in++;
		}
		if (*in)
			in++; /* before the NUL lands on it */
		*out++ = '\0';
	}
}

/* False at the end: QUIT. */
static bool run_line(struct client *client, char *line, int *status)
{
	const char *words[WORDS_MAX];
	struct error err = { 0 };
	int count = split(line, words);

	if (count < 0)
		fputs("error: a quote is not closed, or there are too many words\n",
			stderr);
	if (count <= 0)
		return true;
	if (!strcasecmp(words[0], "quit") || !strcasecmp(words[0], "exit"))
		return false;
	if (!strcmp(words[0], "load"))
		*status = load_main(client, count, (char **)words);
	else
		*status = client_command(client, count, words);
	if (*status == 2 && client->redis->err && client_connect(client, &err) < 0) {
		fprintf(stderr, "toller: %s\n", err.text);
		return false;
	}
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
	if (getenv("HOME"))
		snprintf(path, sizeof(path), "%s/.toller_history", getenv("HOME"));
	rl_readline_name = "toller";
	rl_attempted_completion_function = complete;
	using_history();
	stifle_history(1000);
	read_history(path);
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
