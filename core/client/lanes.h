/* lanes.h -- the same people searching in several collections at once.
 *
 * A lane is a collection of the daemon, with what it has learnt, and the policy that
 * chooses in it: the daemon's, or one that each search names.  A batch of people asks; then
 * the clicks that are due are told as feedback, and what was told is waited for.  So what a
 * lane learns does not depend on the speed of the machine.  One thread. */
#ifndef CLIENT_LANES_H
#define CLIENT_LANES_H

#include "client/page.h"
#include "client/people.h"

#define BATCH_MAX 500 /* people; the daemon closes about a thousand windows at a time */

struct click {        /* on its way */
	uint64_t due; /* told before the person of this number asks */
	char decision[20];
	char *entity;
};

struct lane {
	const char *name, *collection, *policy; /* policy NULL: the daemon's */
	bool fused; /* nothing is learnt; the page is in the order of the fusion */
	struct click *clicks;
	size_t click_count, click_cap;
};

struct lanes {
	struct client *client;
	const struct people *people;
	redisContext *redis; /* feedback goes there; NULL: by FEEDBACK */
	const char *channel, *event;
	double delay; /* of a click: mean, in people */
	int hits, explain_every;
	uint64_t told; /* events, by Redis */
};

/* What came of one person's search. */
struct found {
	double reward; /* chance that the page serves those who ask it */
	bool served;   /* it served this one */
	double asked;  /* candidates asked for, -1 where it was not looked at */
};

/* People from `first` on, their searches in one lane; `context` and `only` as phases have
 * them. */
int lane_ask(struct lanes *, struct lane *, uint64_t first, size_t count, bool flipped,
	const char *only, struct found *out, struct error *);
/* Tell the clicks that are due before person `now` asks; UINT64_MAX: all. */
int lane_tell(struct lanes *, struct lane *, uint64_t now, struct error *);
void lane_clear(struct lane *);

/* Until the daemon has taken in what it was told, and chooses by it. */
int lanes_settle(struct lanes *, struct error *);
/* Move the daemon's clock on to `ms`. */
int lanes_clock(struct lanes *, int64_t ms, struct error *);

#endif
