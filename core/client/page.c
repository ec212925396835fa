/* page.c -- asking for pages and reading them (page.h). */
#include "client/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define WORDS_MAX 24
#define FUSION    60 /* k of reciprocal rank fusion; Cormack et al. 2009 */

static int lost(struct client *client, struct error *err)
{
	return error_set(err, ERR_IO, "%s: %s", client->address, client->redis->errstr);
}

int page_send(struct client *client, const struct question *q, struct error *err)
{
	char limit[24], seed[24];
	const char *argv[WORDS_MAX] = { "SEARCH", q->collection, q->text, "LIMIT", limit, "SEED",
		seed, "FIELDS", "id" };
	const struct {
		const char *name, *value;
	} options[] = { { "CONTEXT", q->context }, { "ONLY", q->only }, { "DEPTH", q->depth },
		{ "POLICY", q->policy } };
	int argc = 9;
	size_t i;

	snprintf(limit, sizeof(limit), "%d", q->limit);
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)q->seed);
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].value) {
			argv[argc++] = options[i].name;
			argv[argc++] = options[i].value;
		}
	if (!q->logged)
		argv[argc++] = "NOLOG";
	if (q->explained)
		argv[argc++] = "EXPLAIN";
	return redisAppendCommandArgv(client->redis, argc, argv, NULL) == REDIS_OK
		       ? 0
		       : lost(client, err);
}

/* An answer that is JSON. */
static int receive(struct client *client, json_t **out, struct error *err)
{
	redisReply *reply;
	int rc;

	if (redisGetReply(client->redis, (void **)&reply) != REDIS_OK)
		return lost(client, err);
	if (reply->type == REDIS_REPLY_STRING)
		rc = json_parse(out, slice_of(reply->str, reply->len), err);
	else
		rc = error_set(err, ERR_ARG, "%s",
			reply->str ? reply->str : "an answer that is no text");
	freeReplyObject(reply);
	return rc;
}

int page_receive(struct client *client, struct page *page, struct error *err)
{
	json_t *hits, *hit;
	const char *id;
	size_t i;
	int rc;

	*page = (struct page){ 0 };
	rc = receive(client, &page->json, err);
	if (rc < 0)
		return rc;
	page->decision = json_string_value(json_object_get(page->json, "decision"));
	hits = json_object_get(page->json, "hits");
	page->ids = xcalloc(json_array_size(hits) + 1, sizeof(*page->ids));
	json_array_foreach(hits, i, hit) {
		id = json_string_value(json_object_get(hit, "id"));
		if (id)
			page->ids[page->count++] = id;
	}
	return 0;
}

void page_clear(struct page *page)
{
	json_decref(page->json);
	free(page->ids);
	*page = (struct page){ 0 };
}

/* ---- fusion ---- */

struct fused {
	const char *id;
	double score;
	size_t place;
};

static int by_score(const void *a, const void *b)
{
	const struct fused *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return (x->place > y->place) - (x->place < y->place);
}

void page_fuse(struct page *page, size_t most)
{
	json_t *hits = json_object_get(page->json, "hits"), *rank;
	struct fused *all = xcalloc(page->count + 1, sizeof(*all));
	const char *name;
	size_t i;

	for (i = 0; i < page->count; i++) {
		all[i] = (struct fused){ page->ids[i], 0, i };
		json_object_foreach(json_object_get(json_array_get(hits, i), "from"), name, rank)
			all[i].score += 1.0 / (FUSION + json_number_value(rank));
	}
	qsort(all, page->count, sizeof(*all), by_score);
	page->count = page->count < most ? page->count : most;
	for (i = 0; i < page->count; i++)
		page->ids[i] = all[i].id;
	free(all);
}

/* ---- explained ---- */

static json_t *strategies_of(const struct page *page)
{
	return json_object_get(json_object_get(page->json, "explain"), "strategies");
}

double page_asked(const struct page *page)
{
	const char *name;
	double sum = 0;
	json_t *one;

	json_object_foreach(strategies_of(page), name, one)
		sum += json_number_value(json_object_get(one, "depth"));
	return sum;
}

int page_command(struct client *client, json_t **out, int argc, const char **argv,
	struct error *err)
{
	if (redisAppendCommandArgv(client->redis, argc, argv, NULL) != REDIS_OK)
		return lost(client, err);
	return receive(client, out, err);
}
