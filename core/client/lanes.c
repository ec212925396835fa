/* lanes.c -- batches of people in every lane (lanes.h). */
#include "client/lanes.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "client/allot.h"

#define FUSED_LIMIT 1000 /* hits asked for where the client orders them */
#define WAIT_US     2000
#define WAITS_MAX   15000

static int send(struct lanes *l, const struct lane *lane, uint64_t n, bool flipped,
	const char *only, struct error *err)
{
	const struct asked *asked = &l->people->asked[people_ask(l->people, n)];
	char *context = allot_context(asked->context, flipped);
	struct question q = { .collection = lane->collection,
		.text = asked->judged->text,
		.context = context,
		.only = only,
		.policy = lane->policy,
		.seed = hash_u64(l->people->seed ^ hash_u64(n)) >> 1,
		.limit = lane->fused ? FUSED_LIMIT : l->hits,
		.logged = !lane->fused,
		.explained = n % (uint64_t)l->explain_every == 0 };
	int rc = page_send(l->client, &q, err);

	free(context);
	return rc;
}

static void keep_clicks(struct lanes *l, struct lane *lane, uint64_t n, const struct page *page,
	const size_t *ranks, size_t count)
{
	struct click *c;
	size_t i;

	for (i = 0; page->decision && i < count; i++) {
		xgrow(&lane->clicks, &lane->click_cap, lane->click_count + 1,
			sizeof(*lane->clicks));
		c = &lane->clicks[lane->click_count++];
		c->due = n + 1 + people_delay(l->people, n, ranks[i], l->delay);
		snprintf(c->decision, sizeof(c->decision), "%s", page->decision);
		c->entity = xstrdup(page->ids[ranks[i]]);
	}
}

static int take(struct lanes *l, struct lane *lane, uint64_t n, struct found *out,
	struct error *err)
{
	size_t ranks[FUSED_LIMIT], clicks, asked = people_ask(l->people, n);
	struct page page;
	int rc = page_receive(l->client, &page, err);

	if (rc < 0)
		return rc;
	if (lane->fused)
		page_fuse(&page, (size_t)l->hits);
	out->reward = people_served(l->people, asked, page.ids, page.count);
	clicks = people_click(l->people, n, asked, page.ids, page.count, ranks, &out->served);
	out->asked = json_object_get(page.json, "explain") ? page_asked(&page) : -1;
	keep_clicks(l, lane, n, &page, ranks, clicks);
	page_clear(&page);
	return 0;
}

int lane_ask(struct lanes *l, struct lane *lane, uint64_t first, size_t count, bool flipped,
	const char *only, struct found *out, struct error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < count; i++)
		rc = send(l, lane, first + i, flipped, only, err);
	for (i = 0; rc == 0 && i < count; i++)
		rc = take(l, lane, first + i, &out[i], err);
	return rc;
}

/* ---- telling ---- */

static int publish(struct lanes *l, const struct click *c, struct error *err)
{
	struct buf text = { 0 };
	struct json_out out;
	int rc;

	json_begin(&out, &text);
	json_object_open(&out);
	json_kv(&out, str, "decision", c->decision);
	json_kv(&out, str, "entity", c->entity);
	json_kv(&out, str, "event", l->event);
	json_close(&out);
	rc = redisAppendCommand(l->redis, "PUBLISH %s %b", l->channel, text.ptr, text.len);
	buf_clear(&text);
	l->told++;
	return rc == REDIS_OK ? 0 : error_set(err, ERR_IO, "redis: %s", l->redis->errstr);
}

static int say(struct lanes *l, const struct click *c, struct error *err)
{
	if (l->redis)
		return publish(l, c, err);
	if (redisAppendCommand(l->client->redis, "FEEDBACK %s %s %s", c->decision, c->entity,
		    l->event) == REDIS_OK)
		return 0;
	return error_set(err, ERR_IO, "%s: %s", l->client->address, l->client->redis->errstr);
}

static int hear(redisContext *from, const char *whose, struct error *err)
{
	redisReply *reply;
	int rc = 0;

	if (redisGetReply(from, (void **)&reply) != REDIS_OK)
		return error_set(err, ERR_IO, "%s: %s", whose, from->errstr);
	if (reply->type == REDIS_REPLY_ERROR)
		rc = error_set(err, ERR_ARG, "%s", reply->str);
	freeReplyObject(reply);
	return rc;
}

int lane_tell(struct lanes *l, struct lane *lane, uint64_t now, struct error *err)
{
	size_t i, left = 0, said = 0;
	struct click *c;
	int rc = 0;

	for (i = 0; i < lane->click_count; i++) {
		c = &lane->clicks[i];
		if (rc < 0 || c->due > now) {
			lane->clicks[left++] = *c;
			continue;
		}
		rc = say(l, c, err);
		said += rc == 0;
		free(c->entity);
	}
	lane->click_count = left;
	for (i = 0; rc == 0 && i < said; i++)
		rc = hear(l->redis ? l->redis : l->client->redis,
			l->redis ? "redis" : l->client->address, err);
	return rc;
}

void lane_clear(struct lane *lane)
{
	size_t i;

	for (i = 0; i < lane->click_count; i++)
		free(lane->clicks[i].entity);
	free(lane->clicks);
}

/* ---- waiting ---- */

/* Events that came by Redis, and that the learner is done with. */
static int heard(struct lanes *l, uint64_t *out, struct error *err)
{
	const char *argv[] = { "INFO", "learning" };
	json_t *info = NULL;
	int rc = page_command(l->client, &info, 2, argv, err);

	*out = (uint64_t)(json_integer_value(json_object_get(info, "events")) +
			  json_integer_value(json_object_get(info, "repeated")) +
			  json_integer_value(json_object_get(info, "refused")));
	json_decref(info);
	return rc;
}

static int wait_for_redis(struct lanes *l, struct error *err)
{
	uint64_t got = 0;
	int i, rc = 0;

	for (i = 0; rc == 0 && i < WAITS_MAX; i++) {
		rc = heard(l, &got, err);
		if (rc < 0 || got >= l->told)
			return rc;
		usleep(WAIT_US);
	}
	return error_set(err, ERR_IO, "of %llu events by Redis the daemon has heard %llu",
		(unsigned long long)l->told, (unsigned long long)got);
}

int lanes_settle(struct lanes *l, struct error *err)
{
	redisReply *reply;
	int rc = l->redis ? wait_for_redis(l, err) : 0;

	if (rc < 0)
		return rc;
	/* a decision that is not there is looked for behind all that is queued */
	reply = redisCommand(l->client->redis, "DECISION 0000000000000000");
	if (!reply)
		return error_set(err, ERR_IO, "%s: %s", l->client->address,
			l->client->redis->errstr);
	freeReplyObject(reply);
	return 0;
}

int lanes_clock(struct lanes *l, int64_t ms, struct error *err)
{
	if (redisAppendCommand(l->client->redis, "CONFIG SET clock %lld", (long long)ms) !=
		REDIS_OK)
		return error_set(err, ERR_IO, "%s: %s", l->client->address,
			l->client->redis->errstr);
	return hear(l->client->redis, l->client->address, err);
}
