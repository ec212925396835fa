/* reward.c -- the ladder of events, and credit for who brought an entity. */
#include "learn/reward.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define RUNG_NAME_MAX 64

struct ladder {
	int count;
	struct rung rung[EVENTS_NAMES_MAX]; /* names are ours */
};

static const struct rung *find(const struct ladder *ladder, struct slice event)
{
	int i;

	for (i = 0; i < ladder->count; i++)
		if (slice_is(event, ladder->rung[i].event))
			return &ladder->rung[i];
	return NULL;
}

static int check(const struct ladder *ladder, const struct rung *r, struct error *err)
{
	size_t len = strlen(r->event);

	if (ladder->count == EVENTS_NAMES_MAX)
		return error_set(err, ERR_LIMIT, "event %.80s: %d events, the limit", r->event,
			EVENTS_NAMES_MAX);
	if (len < 1 || len > RUNG_NAME_MAX)
		return error_set(err, ERR_ARG, "event '%.80s': a name has 1 to %d bytes", r->event,
			RUNG_NAME_MAX);
	if (find(ladder, slice_str(r->event)))
		return error_set(err, ERR_EXISTS, "event %s is there twice", r->event);
	if (!(r->reward >= 0 && r->reward <= 1))
		return error_set(err, ERR_ARG, "event %s: reward %g, expected 0 to 1", r->event,
			r->reward);
	return 0;
}

int ladder_new(struct ladder **out, const struct rung *rungs, int count, struct error *err)
{
	struct ladder *ladder = xcalloc(1, sizeof(*ladder));
	int i, rc = 0;

	if (count < 1)
		rc = error_set(err, ERR_ARG, "rewards: no event is named");
	for (i = 0; i < count && rc == 0; i++) {
		rc = check(ladder, &rungs[i], err);
		if (rc < 0)
			break;
		ladder->rung[ladder->count++] =
			(struct rung){ xstrdup(rungs[i].event), rungs[i].reward };
	}
	if (rc < 0) {
		ladder_free(ladder);
		return rc;
	}
	*out = ladder;
	return 0;
}

struct ladder *ladder_default(void)
{
	static const struct rung rungs[] = { { "click", 0.3 }, { "play", 0.6 }, { "like", 0.6 },
		{ "cart", 0.6 }, { "save", 0.7 }, { "purchase", 1 } };
	struct ladder *ladder = NULL;

	ladder_new(&ladder, rungs, sizeof(rungs) / sizeof(*rungs), NULL);
	return ladder;
}

void ladder_free(struct ladder *ladder)
{
	int i;

	if (!ladder)
		return;
	for (i = 0; i < ladder->count; i++)
		free((char *)ladder->rung[i].event);
	free(ladder);
}

static int unknown(const struct ladder *ladder, struct slice event, struct error *err)
{
	const char *names[EVENTS_NAMES_MAX + 1] = { NULL };
	int i;

	for (i = 0; i < ladder->count; i++)
		names[i] = ladder->rung[i].event;
	return error_unknown(err, ERR_NOT_FOUND, "no reward for event", event, names, NULL);
}

int ladder_raise(const struct ladder *ladder, struct slice event, double value, double before,
	double *after, struct error *err)
{
	const struct rung *rung = find(ladder, event);
	double reward;

	if (!rung)
		return unknown(ladder, event, err);
	reward = rung->reward * (value > 0 ? value < 1 ? value : 1 : 0);
	*after = reward > before ? reward : before;
	return 0;
}

int credit_split(const struct decision *d, uint64_t entity, struct credit out[ARMS_MAX])
{
	const struct decision_arm *arm;
	int a, i, bucket, n = 0;

	for (a = 0; a < d->arms; a++) {
		arm = &d->arm[a];
		for (i = 0; i < arm->drawn; i++)
			if (arm->candidates[i].entity == entity)
				break;
		if (i == arm->drawn)
			continue;
		bucket = levels_bucket(&d->levels, arm->candidates[i].rank);
		if (bucket >= 0 && bucket < arm->level)
			out[n++] = (struct credit){ a, bucket, 0 };
	}
	for (i = 0; i < n; i++)
		out[i].share = 1.0 / n;
	return n;
}
