/* generation.c -- reading a scripts folder. */
#include "script/generation.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"

static const char *const folders[] = {
	[SCRIPT_LIST] = "lists",
	[SCRIPT_UNDERSTANDING] = "understanding",
	[SCRIPT_FEATURES] = "features",
	[SCRIPT_STRATEGY] = "strategies",
	[SCRIPT_RANKING] = "ranking",
	NULL,
};

struct scripts *scripts_new(const char *folder)
{
	struct scripts *s = xcalloc(1, sizeof(*s));

	snprintf(s->folder, sizeof(s->folder), "%s", folder);
	return s;
}

void scripts_free(struct scripts *s)
{
	int i;

	if (!s)
		return;
	for (i = 0; i < s->count; i++) {
		free(s->items[i].path);
		free((char *)s->items[i].text.ptr);
	}
	free(s->items);
	free(s);
}

/* ---- names ---- */

static const char *ending(enum script_kind kind)
{
	return kind == SCRIPT_LIST ? ".txt" : ".lua";
}

static int parse_name(struct script *out, const char *file, struct error *err)
{
	size_t len = strlen(file), i;

	if (len < 5 || strcmp(file + len - 4, ending(out->kind)))
		return error_set(err, ERR_ARG, "expected NAME%s, found \"%.64s\"",
			ending(out->kind), file);
	len -= 4;
	if (len > SCRIPT_NAME_MAX)
		return error_set(err, ERR_LIMIT, "a name of %zu letters, limit %d", len,
			SCRIPT_NAME_MAX);
	for (i = 0; i < len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_", file[i]))
			return error_set(err, ERR_ARG,
				"found '%c' in the name, expected a-z, 0-9 and _", file[i]);
	memcpy(out->name, file, len);
	out->name[len] = '\0';
	return 0;
}

static int parse_path(struct script *out, const char *path, struct error *err)
{
	const char *slash = strchr(path, '/');
	struct slice folder;
	int i;

	if (!slash) {
		if (strcmp(path, "rewards.lua"))
			return error_set(err, ERR_ARG,
				"expected rewards.lua, or a file in lists, understanding, "
				"features, strategies or ranking");
		out->kind = SCRIPT_REWARDS;
		strcpy(out->name, "rewards");
		return 0;
	}
	folder = slice_of(path, slash - path);
	for (i = 0; folders[i] && !slice_is(folder, folders[i]); i++)
		;
	if (!folders[i])
		return error_unknown(err, ERR_ARG, "unknown folder", folder, folders, NULL);
	out->kind = i;
	return parse_name(out, slash + 1, err);
}

int scripts_add(struct scripts *s, const char *path, struct slice text, struct error *err)
{
	struct script script = { 0 };
	size_t bytes = strlen(s->folder) + strlen(path) + 2;
	int rc;

	rc = parse_path(&script, path, err);
	if (rc < 0)
		goto fail;
	if (text.len > SCRIPT_BYTES_MAX) {
		rc = error_set(err, ERR_LIMIT, "%zu bytes, limit %d", text.len, SCRIPT_BYTES_MAX);
		goto fail;
	}
	if (s->count == SCRIPTS_FILES_MAX) {
		rc = error_set(err, ERR_LIMIT, "over %d files", SCRIPTS_FILES_MAX);
		goto fail;
	}
	script.path = xmalloc(bytes);
	snprintf(script.path, bytes, "%s/%s", s->folder, path);
	script.text = slice_of(xstrndup(text.len ? text.ptr : "", text.len), text.len);
	s->items = xrealloc(s->items, (s->count + 1) * sizeof(*s->items));
	s->items[s->count++] = script;
	return 0;
fail:
	return error_prefix(err, rc, "%s/%s", s->folder, path);
}

static int by_kind_and_name(const void *a, const void *b)
{
	const struct script *x = a, *y = b;

	return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(x->name, y->name);
}

void scripts_seal(struct scripts *s)
{
	int i;

	if (s->count)
		qsort(s->items, s->count, sizeof(*s->items), by_kind_and_name);
	s->fingerprint = 1;
	for (i = 0; i < s->count; i++) {
		s->fingerprint = hash_bytes(slice_str(s->items[i].path), s->fingerprint);
		s->fingerprint = hash_bytes(s->items[i].text, s->fingerprint);
	}
}

/* ---- the folder ---- */

static int read_file(struct scripts *s, const char *full, const char *path, struct error *err)
{
	struct buf text = { 0 };
	int rc = buf_put_file(&text, full, SCRIPT_BYTES_MAX, err);

	if (rc == 0)
		rc = scripts_add(s, path, buf_slice(&text), err);
	buf_clear(&text);
	return rc;
}

static bool ends_in(const char *name, const char *ending)
{
	size_t len = strlen(name);

	return len > 4 && !strcmp(name + len - 4, ending);
}

/* `below`: "" at the top, else "strategies/". */
static int read_folder(struct scripts *s, const char *full, const char *below, struct error *err)
{
	char child[4096], path[512];
	const char *wanted = ending(strcmp(below, "lists/") ? SCRIPT_STRATEGY : SCRIPT_LIST);
	struct dirent *entry;
	struct script unused;
	struct stat st;
	DIR *dir;
	int rc = 0, n;

	dir = opendir(full);
	if (!dir)
		return error_set(err, ERR_IO, "%s: %s", full, strerror(errno));
	while (rc == 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		n = snprintf(child, sizeof(child), "%s/%s", full, entry->d_name);
		if (n >= (int)sizeof(child) || stat(child, &st) < 0)
			continue; /* gone, or a link to nothing */
		if (S_ISDIR(st.st_mode) && !*below) {
			snprintf(path, sizeof(path), "%s/x%s", entry->d_name,
				ending(strcmp(entry->d_name, "lists") ? SCRIPT_STRATEGY
								      : SCRIPT_LIST));
			rc = parse_path(&unused, path, err);
			if (rc < 0) {
				error_prefix(err, rc, "%s", full);
				break;
			}
			snprintf(path, sizeof(path), "%s/", entry->d_name);
			rc = read_folder(s, child, path, err);
		} else if (S_ISREG(st.st_mode) && ends_in(entry->d_name, wanted)) {
			snprintf(path, sizeof(path), "%s%s", below, entry->d_name);
			rc = read_file(s, child, path, err);
		}
	}
	closedir(dir);
	return rc;
}

int scripts_read(struct scripts **out, const char *root, const char *collection, struct error *err)
{
	const char *const tries[] = { collection, "default" };
	struct scripts *s;
	struct stat st;
	char full[4096];
	int i, rc;

	for (i = 0; i < 2; i++) {
		snprintf(full, sizeof(full), "%s/%s", root, tries[i]);
		if (stat(full, &st) < 0 || !S_ISDIR(st.st_mode))
			continue;
		s = scripts_new(tries[i]);
		rc = read_folder(s, full, "", err);
		if (rc < 0) {
			scripts_free(s);
			return rc;
		}
		if (s->count) {
			scripts_seal(s);
			*out = s;
			return 0;
		}
		scripts_free(s);
	}
	return error_set(err, ERR_NOT_FOUND, "no scripts in %s/%s nor in %s/default", root,
		collection, root);
}

static const char *find_quoted(struct slice text, struct slice needle, char quote)
{
	const char *at = text.ptr, *end = text.ptr + text.len;

	while ((at = memmem(at, end - at, needle.ptr, needle.len))) {
		if (at > text.ptr && at[-1] == quote && at + needle.len < end &&
			at[needle.len] == quote)
			return at;
		at++;
	}
	return NULL;
}

static bool in_word(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

static const char *find_word(struct slice text, struct slice needle)
{
	const char *at = text.ptr, *end = text.ptr + text.len;

	while ((at = memmem(at, end - at, needle.ptr, needle.len))) {
		if ((at == text.ptr || !in_word(at[-1])) &&
			(at + needle.len == end || !in_word(at[needle.len])))
			return at;
		at++;
	}
	return NULL;
}

int script_line(const struct script *s, struct slice needle)
{
	const char *at = NULL, *p;
	int line = 1;

	if (needle.len && s->text.len)
		at = find_quoted(s->text, needle, '"');
	if (!at && needle.len && s->text.len)
		at = find_quoted(s->text, needle, '\'');
	if (!at && needle.len && s->text.len)
		at = find_word(s->text, needle);
	for (p = s->text.ptr; at && p < at; p++)
		line += *p == '\n';
	return line;
}
