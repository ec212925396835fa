/* learner.h -- the learner: a thread that owns the learning environment's writes, the
 * Redis connection and the models.
 *
 * Workers hand it decisions and feedback through a bounded queue; it groups what is
 * waiting, with events from Redis and windows that are due, into one transaction,
 * acknowledges after the commit, and publishes new model snapshots. */
#ifndef FEED_LEARNER_H
#define FEED_LEARNER_H

#include <stdatomic.h>

#include "base/clock.h"
#include "feed/event.h"
#include "feed/forget.h"
#include "feed/subscriber.h"
#include "funnel/funnel.h"
#include "index/memory.h"
#include "learn/model.h"

struct learner;

struct learner_options {
	const char *redis;   /* URL; "none": no connection */
	const char *channel; /* "toller:feedback" */
	struct model_options model;
	struct memory_options memory;
	int64_t window_ms; /* of all collections; 0: as their rewards.lua says */
	int publish_ms;    /* least time between two snapshots */
	struct forget_limits forget;
	size_t queue;                /* messages that may wait */
	struct decision_ids *ids;    /* set at opening, then kept ahead */
	struct catalogue *catalogue; /* what users like is read there; outlives the learner */
	struct clock clock;
};

/* `editions` by collection; all borrowed until close.  Models are loaded and a first
 * snapshot is published before it returns. */
int learner_open(struct learner **out, struct store *, const struct learner_options *,
	const struct schema *const *schemas, struct editions *const *editions, int count,
	struct error *);
/* Works off what is queued, saves (what was reserved of ids and not used is free again)
 * and ends the thread. */
void learner_close(struct learner *);

struct cell *learner_learnt(struct learner *, int collection);
/* What learning_number says of it. */
uint16_t learner_number(const struct learner *, int collection);

/* Any thread.  `done` runs in the learner's thread after the commit; err is valid for
 * the call. */
typedef void learner_done(void *data, int rc, const struct error *err);

/* For funnel_shared.log: takes the record's memory on success; ERR_BUSY, ERR_STATE. */
int learner_log(void *learner, int collection, struct buf *record);
int learner_feedback(struct learner *, const struct event *, learner_done *, void *data,
	struct error *);
/* An operator's bounds of a strategy's share, in force in every search that begins after
 * `done`.  The name is copied. */
int learner_pin(struct learner *, int collection, struct slice strategy, const struct pin *,
	learner_done *, void *data, struct error *);
/* How the collection's traffic is shared out from then on; count 0: as tollerd.conf says. */
int learner_split(struct learner *, int collection, const struct split *, learner_done *,
	void *data, struct error *);
/* All that is kept of a user goes (erase.h); `done` when it has.  The name is copied. */
int learner_erase(struct learner *, int collection, struct slice user, learner_done *, void *data,
	struct error *);
/* `done` once all that was handed over before is committed and published. */
int learner_sync(struct learner *, learner_done *, void *data, struct error *);

struct learner_stats {
	uint64_t decisions, events, repeated, refused, closed, failures;
	uint64_t commits; /* that wrote something */
	uint64_t decisions_forgotten, pairs_forgotten, likes_forgotten;
	size_t waiting;
	double condition; /* the worst of all regressions: learnt_condition */
	bool redis_wanted;
	struct subscriber_stats redis;
	char refused_last[256]; /* the last event from Redis that was refused, and why */
};
void learner_stats(struct learner *, struct learner_stats *);
/* What is to be said of the collection's features (watch.h); empty: nothing.  Any thread. */
void learner_drift(struct learner *, int collection, char *out, size_t size);

#endif
