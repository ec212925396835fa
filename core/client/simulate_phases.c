/* simulate_phases.c -- what the daemon is set to; when the world changes, and what could be
 * had in each part. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "client/simulate_parts.h"

/* ---- what the daemon says of itself ---- */

static int ask_key(struct simulation *s, const char *key, char *out, size_t size, struct error *err)
{
	redisReply *reply = redisCommand(s->client->redis, "CONFIG GET %s", key);
	int rc = 0;

	if (!reply)
		return error_set(err, ERR_IO, "%s: %s", s->client->address,
			s->client->redis->errstr);
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2)
		snprintf(out, size, "%s", reply->element[1]->str);
	else
		rc = error_set(err, ERR_ARG, "CONFIG GET %s: %s", key,
			reply->type == REDIS_REPLY_ERROR ? reply->str : "no such key");
	freeReplyObject(reply);
	return rc;
}

static void read_levels(struct simulation *s, const char *text)
{
	char *end;
	unsigned depth;

	for (; s->levels < ALLOT_LEVELS_MAX; text = end + strspn(end, " ,")) {
		depth = (unsigned)strtoul(text, &end, 10);
		if (end == text)
			break;
		s->depth[s->levels++] = depth;
	}
}

int simulate_ask_daemon(struct simulation *s, struct error *err)
{
	const char *argv[] = { "ARMS", s->lane[0].collection };
	char text[256];
	json_t *arms = NULL, *arm;
	const char *name;
	int rc;

	rc = ask_key(s, "levels", text, sizeof(text), err);
	if (rc == 0) {
		read_levels(s, text);
		rc = ask_key(s, "budget", text, sizeof(text), err);
	}
	if (rc == 0) {
		s->budget = strtod(text, NULL);
		rc = ask_key(s, "hits", text, sizeof(text), err);
	}
	if (rc == 0) {
		s->lanes.hits = atoi(text);
		rc = ask_key(s, "channel", text, sizeof(text), err);
	}
	if (rc == 0) {
		s->lanes.channel = xstrdup(text);
		rc = ask_key(s, "clock", text, sizeof(text), err);
	}
	if (rc < 0)
		return rc;
	s->clock = strtoll(text, NULL, 10);
	rc = page_command(s->client, &arms, 2, argv, err);
	json_object_foreach(arms, name, arm)
		if (s->strategy_count < ALLOT_STRATEGIES_MAX)
			s->strategies[s->strategy_count++] = xstrdup(name);
	json_decref(arms);
	return rc;
}

/* ---- phases ---- */

/* All strategies but one, with commas; NULL if it is not there. */
static char *all_but(const struct simulation *s, const char *one)
{
	struct buf out = { 0 };
	bool there = false;
	int i;

	for (i = 0; i < s->strategy_count; i++) {
		if (!strcmp(s->strategies[i], one))
			there = true;
		else
			buf_printf(&out, "%s%s", out.len ? "," : "", s->strategies[i]);
	}
	buf_putc(&out, '\0');
	if (!there) {
		buf_clear(&out);
		return NULL;
	}
	return out.ptr;
}

int simulate_make_phases(struct simulation *s, struct error *err)
{
	long at[3] = { 0, s->flip, s->arrive ? s->arrive_at : -1 }, next;
	struct phase *p;
	int i, k;

	for (next = 0; next >= 0 && s->phase_count < PHASES_MAX;) {
		p = &s->phases[s->phase_count++];
		p->from = (uint64_t)next;
		p->flipped = s->flip >= 0 && next >= s->flip;
		if (s->arrive && next < s->arrive_at) {
			p->only = all_but(s, s->arrive);
			if (!p->only)
				return error_set(err, ERR_ARG, "--arrive: no strategy '%s'",
					s->arrive);
		}
		for (k = -1, i = 1; i < 3; i++)
			if (at[i] > next && (k < 0 || at[i] < at[k]))
				k = i;
		next = k < 0 ? -1 : at[k];
		if (next >= 0)
			s->course.marks[s->course.mark_count++] = (uint64_t)next;
	}
	return 0;
}

/* The strategies that may be asked in a phase; those named in it are borrowed. */
static int strategies_of(const struct simulation *s, const struct phase *p, char **out)
{
	int i, n = 0;

	for (i = 0; i < s->strategy_count; i++)
		if (!p->only || strcmp(s->strategies[i], s->arrive))
			out[n++] = s->strategies[i];
	return n;
}

int simulate_find_best(struct simulation *s, struct phase *p, char **strategies, struct error *err)
{
	struct allot_options o = { .client = s->client,
		.people = &s->people,
		.collection = s->lane[0].collection,
		.strategies = strategies,
		.levels = s->levels,
		.budget = s->budget,
		.hits = s->lanes.hits,
		.flipped = p->flipped,
		.tries = (int)s->tries };
	size_t t;
	int rc;

	o.strategy_count = strategies_of(s, p, strategies);
	memcpy(o.depth, s->depth, sizeof(o.depth));
	p->by_type = xcalloc(s->people.type_count, sizeof(*p->by_type));
	rc = allot_new(&p->allot, &o, err);
	if (rc == 0)
		rc = allot_search(p->allot, -1, &p->best, err);
	for (t = 0; rc == 0 && t < s->people.type_count; t++)
		rc = allot_search(p->allot, (int)t, &p->by_type[t], err);
	return rc;
}
