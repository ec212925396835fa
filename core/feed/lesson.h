/* lesson.h -- what a decision, an event and a closing window do to what is learnt, in
 * one transaction of the learning environment.
 *
 * The learner's thread only (learner.h). Models are ahead of the disk until the
 * transaction commits; if it does not, the learner loads them again. */
#ifndef FEED_LESSON_H
#define FEED_LESSON_H

#include "base/arena.h"
#include "base/cell.h"
#include "feed/event.h"
#include "index/memory.h"
#include "index/reader.h"
#include "learn/counts.h"
#include "learn/drift.h"
#include "learn/model.h"
#include "store/store.h"

struct pupil {
	const char *name; /* of the collection */
	uint16_t number;
	struct model *model;
	const struct ladder *ladder; /* of the edition in force */
	const struct feature_set *features;
	int64_t window_ms;
};

struct lesson {
	struct txn *txn;
	struct arena *arena;
	struct pupil *pupils;
	int pupil_count;
	const struct memory_options *memory;
	struct tally *tally; /* of this transaction */
	int64_t now_ms;
	struct reader *catalogue; /* for what users like; begun when it is needed */
	bool reading;
};

/* The memory of a collection within the transaction. */
struct memory lesson_memory(const struct lesson *, const struct pupil *);
/* Log a decision's record and open its window. */
int lesson_decision(struct lesson *, int pupil, struct slice record, struct error *);
/* 1: it counted; 0: its id had counted before; or an error, and nothing changed but
 * the event being unheard: ERR_NOT_FOUND (decision, event name), ERR_SYNTAX, ... */
int lesson_event(struct lesson *, const struct event *, struct error *);
/* Close windows that are due, at most `most`; the count, or an error. */
int lesson_close(struct lesson *, int most, struct error *);
/* When the next window closes; INT64_MAX if none is open. */
int lesson_next_close(struct lesson *, int64_t *when_ms, struct error *);
/* Save changed models and what was tallied. */
int lesson_save(struct lesson *, struct error *);

#endif
