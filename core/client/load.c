/* load.c -- `toller load`: files of documents into a collection.
 *
 * A window of PUTs is in flight; when it is full, half of it is drained, so
 * that a write carries many documents.  Each one is kept until its answer: a
 * -BUSY one is sent again behind the others, hence of two documents with the
 * same id in one window the earlier may win.  zlib reads plain files too.
 *
 * The first document is waited for, and a beginning of nothing but bad lines ends
 * the load: it is the wrong file, or there is no such collection. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "client/client.h"
#include "client/options.h"
#include "limits.h"

#define SETS_MAX     32
#define BUSY_WAIT_US 2000
#define TOLD_MAX     50
#define HOPELESS     10 /* bad lines, and not a good one */

struct put {
	char *id, *json;
	const char *file;
	long line;
};

struct load {
	struct client *client;
	const char *collection, *id, *doc, *prefix, *sets[SETS_MAX];
	int set_count, file_count;
	char **files;
	json_t *set;         /* the sets as an object, */
	char *set_text;      /* and its text without the brackets */
	struct arena *arena; /* of the line at hand */
	bool strict, all_tsv, stop, lost, hopeless;
	struct put *ring; /* in flight, oldest at `first` */
	size_t window, first, count;
	long stored, bad, busy;
	/* the file being read */
	const char *file;
	long line;
	gzFile in;
	off_t size; /* of the file, compressed; 0 if unknown */
	json_t *header;
	bool tty;
	int64_t started_us, shown_us;
};

static void show_progress(struct load *load, bool last)
{
	int64_t now = clock_mono_us();
	double seconds = (double)(now - load->started_us) / 1e6, part = 0;
	int filled;

	if (!load->tty || (!last && now - load->shown_us < 100000))
		return;
	load->shown_us = now;
	if (load->size > 0 && load->in)
		part = (double)gzoffset(load->in) / (double)load->size;
	part = last ? 1 : part < 0 ? 0 : part > 1 ? 1 : part;
	filled = (int)(part * 30);
	fprintf(stderr, "\r[%.*s%*s] %3.0f%% %ld stored, %.0f/s", filled,
		"##############################", 30 - filled, "", part * 100, load->stored,
		seconds > 0 ? (double)load->stored / seconds : 0.0);
	if (!last && part > 0.01)
		fprintf(stderr, ", %.0f s left", seconds / part * (1 - part));
	fprintf(stderr, "\033[K%s", last ? "\n" : "");
}

static void bad_line(struct load *load, const char *file, long line, const char *why)
{
	load->bad++;
	if (load->hopeless || load->bad > TOLD_MAX)
		return;
	fputs(load->tty ? "\r\033[K" : "", stderr);
	if (line)
		fprintf(stderr, "%s:%ld: %s\n", file, line, why);
	else
		fprintf(stderr, "%s: %s\n", file, why);
	if (load->bad == TOLD_MAX)
		fprintf(stderr, "toller load: further bad lines are only counted\n");
	load->hopeless = line && load->bad >= HOPELESS && !load->stored && !load->count;
	if (load->hopeless)
		fprintf(stderr, "toller load: not one line was good so far: given up\n");
	if (load->strict || load->hopeless)
		load->stop = true;
}

static void send_put(struct load *load, struct put put)
{
	const char *argv[] = { "PUT", load->collection, put.id, put.json };

	load->ring[(load->first + load->count++) % load->window] = put;
	if (redisAppendCommandArgv(load->client->redis, 4, argv, NULL) != REDIS_OK)
		load->lost = load->stop = true;
}

/* Take answers until at most `most` are in flight. */
static void drain(struct load *load, size_t most)
{
	redisReply *reply;
	struct put put;

	while (load->count > most && !load->lost) {
		if (redisGetReply(load->client->redis, (void **)&reply) != REDIS_OK) {
			load->lost = load->stop = true;
			return;
		}
		put = load->ring[load->first];
		load->first = (load->first + 1) % load->window;
		load->count--;
		if (reply->type == REDIS_REPLY_ERROR && !strncmp(reply->str, "BUSY", 4)) {
			load->busy++;
			usleep(BUSY_WAIT_US);
			send_put(load, put);
			freeReplyObject(reply);
			continue;
		}
		if (reply->type == REDIS_REPLY_ERROR)
			bad_line(load, put.file, put.line, reply->str);
		else
			load->stored++;
		free(put.id);
		free(put.json);
		freeReplyObject(reply);
		show_progress(load, false);
	}
}

/* A value that reads as JSON number, array or object is one; else text. */
static json_t *typed_value(const char *text, size_t len)
{
	json_t *value = NULL;

	if (len && strchr("-0123456789[{", text[0]))
		value = json_loadb(text, len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	return value ? value : json_stringn(text, len);
}

/* The header is kept and gives no document; NULL with `err` for a bad row. */
static json_t *tsv_row(struct load *load, char *line, struct error *err)
{
	json_t *doc = json_object(), *value;
	bool first = !load->header;
	const char *name;
	size_t at = 0, len;

	if (first)
		load->header = json_array();
	for (;; line += len + 1, at++) {
		len = strcspn(line, "\t");
		if (first) {
			json_array_append_new(load->header, json_stringn(line, len));
		} else if (at >= json_array_size(load->header)) {
			error_set(err, ERR_SYNTAX, "more cells than the header's %zu", at);
			break;
		} else if (len) {
			name = json_string_value(json_array_get(load->header, at));
			value = name && !strcmp(name, load->id) ? json_stringn(line, len)
								: typed_value(line, len);
			if (!name || json_object_set_new(doc, name, value) < 0) {
				error_set(err, ERR_SYNTAX, "column %zu is not UTF-8", at + 1);
				break;
			}
		}
		if (!line[len])
			break;
	}
	if (!first && !err->code)
		return doc;
	json_decref(doc);
	return NULL;
}

/* `id` is the document's, a string or a whole number; the json is ours. */
static void send_json(struct load *load, const char *id, char *json)
{
	struct put put = { .file = load->file, .line = load->line, .json = json };
	struct buf name = { 0 };

	buf_puts(&name, load->prefix);
	buf_puts(&name, id);
	buf_putc(&name, '\0');
	put.id = name.ptr;
	if (load->count == load->window)
		drain(load, load->window / 2);
	if (load->lost || !put.json) {
		free(put.id);
		free(put.json);
		return;
	}
	send_put(load, put);
	if (!load->stored)
		drain(load, 0);
}

static void no_id(struct load *load)
{
	struct buf why = { 0 };

	buf_printf(&why, "no text or whole number under '%s'", load->id);
	buf_putc(&why, '\0');
	bad_line(load, load->file, load->line, why.ptr);
	buf_clear(&why);
}

/* Its text, for free(); NULL without memory.  jansson's own would make 19.99 a
 * 19.989999999999998. */
static char *text_of(const json_t *value)
{
	struct json_out out;
	struct buf text = { 0 };

	json_begin(&out, &text);
	json_value(&out, value);
	buf_putc(&text, '\0');
	if (text.failed)
		buf_clear(&text);
	return text.ptr;
}

static void send_doc(struct load *load, json_t *row)
{
	json_t *id = json_incref(json_object_get(row, load->id)); /* it may be set anew */
	json_t *doc = load->doc ? json_object_get(row, load->doc) : row;
	char number[32], why[128];

	snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(id));
	if (!json_is_string(id) && !json_is_integer(id)) {
		no_id(load);
	} else if (!json_is_object(doc)) {
		snprintf(why, sizeof(why), "no object under '%.80s'", load->doc);
		bad_line(load, load->file, load->line, why);
	} else {
		json_object_update(doc, load->set);
		send_json(load, json_is_string(id) ? json_string_value(id) : number, text_of(doc));
	}
	json_decref(id);
}

/* Is there a member that is to be set? */
static bool has_set(const struct load *load, const struct json_node *doc)
{
	const char *name;
	json_t *value;

	json_object_foreach(load->set, name, value)
		if (json_member(doc, name))
			return true;
	return false;
}

/* The line as it is, with the sets before its last bracket. */
static void send_line(struct load *load, struct slice line, const struct json_node *doc)
{
	const struct json_node *id = json_member(doc, load->id);
	struct buf json = { 0 };
	char number[32];

	if (!json_is(id, JSON_STRING) && !json_is(id, JSON_INTEGER)) {
		no_id(load);
		return;
	}
	while (line.ptr[line.len - 1] != '}') /* spaces */
		line.len--;
	buf_put(&json, line.ptr, line.len - 1);
	if (*load->set_text)
		buf_printf(&json, "%s%s", doc->count ? "," : "", load->set_text);
	buf_put(&json, "}", 2);
	snprintf(number, sizeof(number), "%lld", id->type == JSON_INTEGER ? id->integer : 0);
	send_json(load,
		id->type == JSON_INTEGER ? number : (char *)arena_slice(load->arena, id->text).ptr,
		json.failed ? NULL : json.ptr);
}

/* A line of a dump, in which a document may nest to the limit by itself. */
static json_t *loaded(const char *line, size_t len, struct error *err)
{
	json_error_t why;
	json_t *row = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);

	if (!row)
		error_set(err, ERR_SYNTAX, "JSON column %d: %s", why.column, why.text);
	else if (!json_is_object(row))
		error_set(err, ERR_SYNTAX, "expected a JSON object");
	return row;
}

static void load_line(struct load *load, char *line, size_t len, bool tsv)
{
	struct error err = { 0 };
	struct json_node *node = NULL;
	json_t *doc = NULL;

	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		line[--len] = '\0';
	if (len == 0)
		return;
	if (strlen(line) != len)
		error_set(&err, ERR_SYNTAX, "a NUL byte in the line");
	else if (tsv)
		doc = tsv_row(load, line, &err);
	else if (load->doc)
		doc = loaded(line, len, &err);
	else if (json_read(&node, load->arena, slice_of(line, len), &err) == 0 &&
		 node->type != JSON_OBJECT)
		error_set(&err, ERR_SYNTAX, "expected a JSON object");
	else if (!err.code && has_set(load, node))
		json_parse(&doc, slice_of(line, len), &err);
	if (err.code)
		bad_line(load, load->file, load->line, err.text);
	else if (doc)
		send_doc(load, doc);
	else if (node)
		send_line(load, slice_of(line, len), node);
	json_decref(doc);
	arena_reset(load->arena);
}

static bool ends(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n >= m && !strcmp(s + n - m, tail);
}

static void load_file(struct load *load, const char *path)
{
	bool tsv = load->all_tsv || ends(path, ".tsv") || ends(path, ".tsv.gz");
	struct buf line = { 0 };
	struct stat st;
	char *room;
	int zerr;

	load->file = path;
	load->line = 0;
	load->size = stat(path, &st) == 0 ? st.st_size : 0;
	if (load->size && S_ISDIR(st.st_mode)) {
		bad_line(load, path, 0, strerror(EISDIR));
		return;
	}
	load->in = strcmp(path, "-") ? gzopen(path, "rb") : gzdopen(dup(0), "rb");
	if (!load->in) {
		bad_line(load, path, 0, strerror(errno));
		return;
	}
	gzbuffer(load->in, 1 << 17);
	while (!load->stop) {
		room = buf_room(&line, 1 << 16);
		if (!room || line.len > BULK_BYTES_MAX) {
			bad_line(load, path, load->line + 1, "line too long; file left");
			break;
		}
		room[0] = '\0';
		if (!gzgets(load->in, room, 1 << 16)) {
			if (line.len) {
				load->line++;
				load_line(load, line.ptr, line.len, tsv);
			}
			break;
		}
		line.len += strlen(room);
		if (line.len == 0 || line.ptr[line.len - 1] != '\n')
			continue;
		load->line++;
		load_line(load, line.ptr, line.len, tsv);
		buf_reset(&line);
	}
	gzerror(load->in, &zerr);
	if (zerr != Z_OK && zerr != Z_STREAM_END)
		bad_line(load, path, load->line + 1, "cannot be read further: damaged or cut");
	gzclose(load->in);
	load->in = NULL;
	json_decref(load->header);
	load->header = NULL;
	buf_clear(&line);
}

static int take_set(void *data, char *value)
{
	struct load *load = data;

	if (!strchr(value, '='))
		return options_wrong("load", "--set '%s', expected NAME=VALUE", value);
	if (load->set_count == SETS_MAX)
		return options_wrong("load", "--set '%s' is one too many, limit %d", value,
			SETS_MAX);
	load->sets[load->set_count++] = value;
	return 0;
}

/* Files move to the front of the words: options may stand anywhere. */
static int take_word(void *data, char *word)
{
	struct load *load = data;

	if (load->collection)
		load->files[load->file_count++] = word;
	else
		load->collection = word;
	return 0;
}

static int options(struct load *load, int argc, char **argv)
{
	long window = 131072;
	const struct option options[] = { { "--id", .text = &load->id },
		{ "--doc", .text = &load->doc }, { "--prefix", .text = &load->prefix },
		{ "--set", .take = take_set },
		{ "--window", .whole = &window, .least = 1, .most = 262144 },
		{ "--tsv", .flag = &load->all_tsv }, { "--strict", .flag = &load->strict }, { 0 } };
	int rc;

	load->files = argv + 1;
	rc = options_take(options, argc, argv, take_word, load);
	load->window = (size_t)window;
	if (rc == 0 && !load->file_count)
		rc = options_wrong("load", "expected COLLECTION FILE...");
	return rc;
}

static void make_set(struct load *load)
{
	const char *equals;
	char *key;
	int i;

	load->set = json_object();
	for (i = 0; i < load->set_count; i++) {
		equals = strchr(load->sets[i], '=');
		key = xstrndup(load->sets[i], (size_t)(equals - load->sets[i]));
		json_object_set_new(load->set, key, typed_value(equals + 1, strlen(equals + 1)));
		free(key);
	}
	load->set_text = text_of(load->set);
	memmove(load->set_text, load->set_text + 1, strlen(load->set_text));
	load->set_text[strlen(load->set_text) - 1] = '\0';
}

int load_main(struct client *client, int argc, char **argv)
{
	struct load load = { .client = client, .id = "id", .prefix = "" };
	int i;

	if (options(&load, argc, argv))
		return 2;
	load.tty = isatty(STDERR_FILENO);
	make_set(&load);
	load.arena = arena_new();
	load.ring = xcalloc(load.window, sizeof(*load.ring));
	load.started_us = clock_mono_us();
	for (i = 0; i < load.file_count && !load.stop; i++)
		load_file(&load, load.files[i]);
	drain(&load, 0);
	show_progress(&load, true);
	for (; load.count; load.count--, load.first = (load.first + 1) % load.window) {
		free(load.ring[load.first].id);
		free(load.ring[load.first].json);
	}
	free(load.ring);
	arena_free(load.arena);
	json_decref(load.set);
	free(load.set_text);
	if (load.lost)
		fprintf(stderr, "toller: %s: %s\n", client->address, client->redis->errstr);
	printf("%ld stored, %ld bad", load.stored, load.bad);
	if (load.busy)
		printf(", %ld sent again", load.busy);
	putchar('\n');
	return load.lost ? 2 : load.bad ? 1 : 0;
}
