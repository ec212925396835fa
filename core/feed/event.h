/* event.h -- a feedback event as it comes from outside: what a user did with an
 * entity of a decision.
 *
 *     {"decision":"0000000000000a1f", "entity":"track:42", "event":"click",
 *      "value":1, "id":"evt-991", "at":1764000000000}
 *
 * decision, entity and event are needed; value (a number, default 1), id (the
 * producer's own, at most EVENT_ID_MAX bytes: the same id twice counts once) and at
 * (milliseconds since 1970, default now) may be absent.  Other members are errors
 * with a suggestion, so that a misspelt one is not silently lost. */
#ifndef FEED_EVENT_H
#define FEED_EVENT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"

struct event {
	struct slice decision, entity, name, id; /* id may be empty */
	double value;
	int64_t at_ms; /* -1: not said */
};

/* Slices are copied into the arena. */
int event_parse(struct event *out, struct arena *, struct slice text, struct error *);

/* Check lengths and ranges of an event whichever way it came. */
int event_check(const struct event *, struct error *);

#endif
