/* error.c -- filling struct error.
 *
 * Text is made aside first, so that an error's own text may be an argument.
 * Overlong text is cut between UTF-8 characters, never inside one. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"

/* Copy at most size - 1 bytes of `from` and end with whole characters. */
static void copy_cut(char *to, size_t size, const char *from)
{
	size_t len = strlen(from);

	if (len >= size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)from[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(to, from, len);
	to[len] = '\0';
}

int error_set(struct error *err, int code, const char *format, ...)
{
	char text[sizeof(err->text) * 2];
	va_list args;

	if (!err)
		return code;
	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	err->code = code;
	copy_cut(err->text, sizeof(err->text), text);
	return code;
}

int error_prefix(struct error *err, int rc, const char *format, ...)
{
	char text[sizeof(err->text) * 2 + 4];
	va_list args;
	size_t len;

	if (!err || rc >= 0)
		return rc;
	va_start(args, format);
	if (vsnprintf(text, sizeof(err->text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	len = strlen(text);
	memcpy(text + len, ": ", 2);
	memcpy(text + len + 2, err->text, strnlen(err->text, sizeof(err->text) - 1));
	text[len + 2 + strnlen(err->text, sizeof(err->text) - 1)] = '\0';
	copy_cut(err->text, sizeof(err->text), text);
	return rc;
}

int error_unknown(struct error *err, int code, const char *what, struct slice word,
	const char *const *known, const char *otherwise)
{
	const char *near = known ? ascii_nearest(word, known) : NULL;
	char list[sizeof(err->text)] = "; there are ";
	size_t len = strlen(list);
	int i;

	if (near)
		return error_set(err, code, "%s '%.*s'; did you mean '%s'?", what, SLICE_HEAD(word),
			near);
	if (otherwise)
		return error_set(err, code, "%s '%.*s'; %s", what, SLICE_HEAD(word), otherwise);
	for (i = 0; known && known[i] && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
			known[i]);
	return error_set(err, code, "%s '%.*s'%s", what, SLICE_HEAD(word), i ? list : "");
}

const char *error_name(int code)
{
	switch (code) {
	case ERR_SYNTAX: return "SYNTAX";
	case ERR_ARG: return "ARG";
	case ERR_NOT_FOUND: return "NOTFOUND";
	case ERR_EXISTS: return "EXISTS";
	case ERR_LIMIT: return "LIMIT";
	case ERR_BUSY: return "BUSY";
	case ERR_MEMORY: return "MEMORY";
	case ERR_IO: return "IO";
	case ERR_CORRUPT: return "CORRUPT";
	case ERR_SCRIPT: return "SCRIPT";
	case ERR_STATE: return "STATE";
	case ERR_AUTH: return "NOAUTH"; /* the word Redis clients know */
	case ERR_FULL: return "FULL";
	}
	return "ERR";
}
