/* log.h -- lines an operator reads: time, level, where, what.
 *
 *     2026-11-24T10:15:02.123Z warn  feed: redis 127.0.0.1:6379 refused; trying again every 1 s
 *
 * Any thread; one write(2) a line, so lines never mix.  Control bytes in what
 * is logged are escaped. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/error.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* `path` NULL or "-": standard error.  Called once, before threads. */
int log_open(const char *path, enum log_level least, struct error *);
/* What follows goes to the file of that name: the one before was moved away.  Any thread may
 * log meanwhile; on an error it goes on where it was. */
int log_reopen(const char *path, struct error *);
void log_set_level(enum log_level least);
int log_level_parse(const char *name); /* a level, or ERR_ARG */

void log_write(enum log_level, const char *where, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_debug(where, ...) log_write(LOG_DEBUG, where, __VA_ARGS__)
#define log_info(where, ...)  log_write(LOG_INFO, where, __VA_ARGS__)
#define log_warn(where, ...)  log_write(LOG_WARN, where, __VA_ARGS__)
#define log_error(where, ...) log_write(LOG_ERROR, where, __VA_ARGS__)

#endif
