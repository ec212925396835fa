/* log.c -- lines an operator reads.
 *
 * A line is made on the stack and leaves in one write(2) to a descriptor opened
 * for append, so lines of several threads never mix.  What is longer than the
 * stack's room is cut, with "..." to say so.  A write that fails is dropped:
 * there is nowhere left to tell. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define TEXT_BYTES 2048
#define LINE_BYTES (TEXT_BYTES * 2)

static const char *const names[] = { "debug", "info", "warn", "error" };
static int log_fd = STDERR_FILENO;
static atomic_int log_least = LOG_INFO;

static int open_file(const char *path, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);

	return fd < 0 ? error_set(err, ERR_IO, "log file %s: %s", path, strerror(errno)) : fd;
}

int log_reopen(const char *path, struct error *err)
{
	int fd = open_file(path, err);

	if (fd < 0)
		return fd;
	dup3(fd, log_fd, O_CLOEXEC); /* at once, for the threads that log */
	close(fd);
	return 0;
}

int log_open(const char *path, enum log_level least, struct error *err)
{
	int fd = STDERR_FILENO;

	if (path && strcmp(path, "-")) {
		fd = open_file(path, err);
		if (fd < 0)
			return fd;
	}
	if (log_fd != STDERR_FILENO)
		close(log_fd);
	log_fd = fd;
	log_set_level(least);
	return 0;
}

void log_set_level(enum log_level least)
{
	atomic_store_explicit(&log_least, (int)least, memory_order_relaxed);
}

int log_level_parse(const char *name)
{
	int i;

	for (i = 0; i < 4; i++)
		if (!strcmp(name, names[i]))
			return i;
	return ERR_ARG;
}

/* Copies with control bytes (the C1 range of UTF-8 too) as \n or \xNN. */
static size_t escape(char *to, size_t room, const char *from)
{
	const unsigned char *s = (const unsigned char *)from;
	size_t len = 0;
	bool control;

	for (; *s; s++) {
		control = *s < 0x20 || *s == 0x7f || (*s == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0);
		if (len + 8 > room) {
			memcpy(to + len, "...", 3);
			return len + 3;
		}
		if (*s == '\n') {
			memcpy(to + len, "\\n", 2);
			len += 2;
		} else if (control) {
			len += (size_t)snprintf(to + len, 5, "\\x%02x", *s);
			if (*s == 0xc2) /* its second byte is harmless only with it */
				len += (size_t)snprintf(to + len, 5, "\\x%02x", *++s);
		} else {
			to[len++] = (char)*s;
		}
	}
	return len;
}

void log_write(enum log_level level, const char *where, const char *format, ...)
{
	char text[TEXT_BYTES], head[160], line[LINE_BYTES];
	int64_t now_ms;
	size_t len;
	time_t seconds;
	struct tm tm;
	va_list args;
	ssize_t ignored;
	int saved = errno;

	if ((int)level < atomic_load_explicit(&log_least, memory_order_relaxed))
		return;
	now_ms = clock_now_ms(&clock_real);
	seconds = (time_t)(now_ms / 1000);
	gmtime_r(&seconds, &tm);
	len = strftime(line, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	len += (size_t)snprintf(line + len, 32, ".%03dZ %-5s ", (int)(now_ms % 1000), names[level]);
	snprintf(head, sizeof(head), "%.150s: ", where);
	len += escape(line + len, 400, head);
	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		strcpy(text, "(unprintable)");
	va_end(args);
	len += escape(line + len, sizeof(line) - len - 1, text);
	line[len++] = '\n';
	ignored = write(log_fd, line, len);
	(void)ignored; /* nowhere left to tell */
	errno = saved;
}
