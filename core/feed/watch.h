/* watch.h -- an eye on the features of a collection: what learn/drift.h has to say of the
 * last day is told in INFO, and in the log when it is new.
 *
 * The learner's thread, in its transaction; a look costs some milliseconds, so it is taken
 * every WATCH_EVERY_MS. */
#ifndef FEED_WATCH_H
#define FEED_WATCH_H

#include "learn/features.h"
#include "learn/tally.h"
#include "limits.h"

#define WATCH_EVERY_MS  600000
#define WATCH_WINDOW_MS INT64_C(86400000)

/* Zeros at first. */
struct watch {
	int count;
	uint64_t said[FEATURES_MAX]; /* of what something was said, by name */
	char text[512];              /* "words moved by 3.1 sd: 6.4, 2.1 before; ..." */
};

/* 0, or what the store says; damaged rows say nothing. */
int watch_look(struct watch *, const struct tally_rows *, const char *collection,
	const struct feature_set *, int64_t now_ms, struct error *);

#endif
