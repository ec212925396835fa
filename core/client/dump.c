/* dump.c -- `toller dump`: all entities of a collection into a file, as lines
 *
 *   {"id":"track:1","doc":{...}}
 *
 * in the order of ids, which `toller load --doc doc` puts back: into another schema, another
 * version of the format, another daemon.  Pages of EXPORT, one after the other; what changes
 * meanwhile is in it or not.  zlib writes plain files too. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "client/client.h"
#include "client/options.h"

static gzFile open_out(const char *path)
{
	size_t len = strlen(path);

	if (!strcmp(path, "-"))
		return gzdopen(dup(STDOUT_FILENO), "wbT");
	return gzopen(path, len > 3 && !strcmp(path + len - 3, ".gz") ? "wb" : "wbT");
}

/* A page as JSON; NULL, after saying why, without one. */
static json_t *ask(struct client *client, const char *collection, const char *after, int *status)
{
	const char *argv[] = { "EXPORT", collection, "LIMIT", "1000", "AFTER", after };
	redisReply *reply = redisCommandArgv(client->redis, after ? 6 : 4, argv, NULL);
	json_error_t why;
	json_t *page = NULL;

	*status = reply ? 1 : 2;
	if (!reply)
		fprintf(stderr, "toller: %s: %s\n", client->address, client->redis->errstr);
	else if (reply->type != REDIS_REPLY_STRING)
		fprintf(stderr, "toller: %s\n", reply->str ? reply->str : "no page");
	else /* a document may nest to the limit by itself, so no limit here */
		page = json_loadb(reply->str, reply->len, 0, &why);
	if (reply && reply->type == REDIS_REPLY_STRING && !page)
		fprintf(stderr, "toller dump: %s\n", why.text);
	freeReplyObject(reply);
	return page;
}

static bool write_page(gzFile out, json_t *page, long *count)
{
	struct json_out line;
	struct buf buf = { 0 };
	json_t *entity;
	bool fine;
	size_t i;

	json_array_foreach(json_object_get(page, "entities"), i, entity) {
		json_begin(&line, &buf);
		json_value(&line, entity);
		buf_putc(&buf, '\n');
		++*count;
	}
	fine = !buf.failed && (!buf.len || gzwrite(out, buf.ptr, (unsigned)buf.len) > 0);
	buf_clear(&buf);
	return fine;
}

int dump_main(struct client *client, int argc, char **argv)
{
	const char *path = argc > 2 ? argv[2] : "-", *after = NULL;
	json_t *page = NULL, *next;
	int status = 0, zerr = Z_OK;
	long count = 0;
	gzFile out;

	if (argc < 2 || argc > 3 || argv[1][0] == '-')
		return options_wrong("dump", "expected COLLECTION [FILE]");
	next = ask(client, argv[1], NULL, &status);
	if (!next)
		return status; /* and a file that is there stays */
	out = open_out(path);
	if (!out)
		fprintf(stderr, "toller dump: %s: %s\n", path, strerror(errno));
	while (out && next) {
		json_decref(page);
		page = next;
		if (!write_page(out, page, &count))
			break;
		after = json_string_value(json_object_get(page, "next"));
		status = 0;
		if (!after)
			break;
		next = ask(client, argv[1], after, &status);
	}
	json_decref(page);
	if (out)
		zerr = gzclose(out);
	if (out && zerr != Z_OK)
		fprintf(stderr, "toller dump: %s: %s\n", path, strerror(errno));
	status = !out || zerr != Z_OK ? 1 : status;
	fprintf(stderr, "%ld written%s\n", count, status ? ", not all" : "");
	return status;
}
