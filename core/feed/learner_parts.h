/* learner_parts.h -- what the files behind learner.h share; for this room only.
 *
 *   learner.c        the thread: opening, waiting, closing
 *   learner_queue.c  what other threads hand over
 *   learner_round.c  one round: what came, in one transaction */
#ifndef FEED_LEARNER_PARTS_H
#define FEED_LEARNER_PARTS_H

#include <pthread.h>

#include "base/queue.h"
#include "feed/learner.h"
#include "feed/lesson.h"
#include "feed/watch.h"

#define ROUND_MESSAGES 4096
#define HEARD_MAX      4096 /* events from Redis a round; more wait for the next */

enum message_kind {
	MESSAGE_DECISION,
	MESSAGE_EVENT,
	MESSAGE_PIN,
	MESSAGE_SPLIT,
	MESSAGE_ERASE,
	MESSAGE_SYNC
};

struct message {
	enum message_kind kind;
	int collection;
	struct buf record;
	struct event event;
	struct pin pin; /* of the strategy named by text */
	struct split *split;
	struct buf text;     /* what event's slices point into */
	struct key from, at; /* MESSAGE_ERASE: how far the log is looked through */
	bool more;           /* and it goes on in the next round */
	learner_done *done;
	void *data;
	int rc;
	struct error err;
};

struct learner {
	struct store *store;
	struct learner_options options;
	struct pupil *pupils;
	struct cell **learnt;
	struct cell **editions;
	struct cell_reader *readers;
	const struct schema *const *schemas;
	int count;

	struct queue *queue;
	struct subscriber *subscriber;
	pthread_t thread;
	struct arena *arena;
	struct reader *catalogue;
	struct tally *tally;   /* of the round */
	struct watch *watched; /* by collection; changed under the lock */
	struct message *taken[ROUND_MESSAGES];
	size_t taken_count;                 /* those that go on come first */
	struct slice heard[HEARD_MAX];      /* in the arena, as what was wrong with it: */
	const struct error *bad[HEARD_MAX]; /* NULL if nothing */
	size_t heard_count, heard_bytes;
	int64_t next_close_ms, forget_at_us, publish_at_us, watch_at_ms;
	int64_t complain_at_us;
	struct forgetting forgetting;
	uint64_t
		version; /* store_version of the last round: one that writes nothing has no number */
	bool unpublished;

	pthread_mutex_t lock; /* of stats */
	struct learner_stats stats;
};

void message_free(struct message *);

/* From Redis, while it is listened to; false when the round has enough. */
bool learner_hear(void *learner, struct slice text);
/* What came, in one transaction; everybody is answered. */
void learner_round(struct learner *);
/* Is there anything to do? */
bool learner_due(const struct learner *);
/* Pictures of the models, for the searches that begin from now on. */
void learner_publish(struct learner *);
/* Editions in force: their features, ladders and windows. */
void learner_see_editions(struct learner *);
int learner_load_models(struct learner *, struct txn *, struct error *);
/* `end` is what the ids' will be once it is committed. */
int learner_reserve_ids(struct learner *, struct txn *, uint64_t *end, struct error *);

#endif
