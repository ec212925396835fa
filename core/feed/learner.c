/* learner.c -- the learner's thread.
 *
 * A round:   wait -> listen (Redis) -> take the queue -> one transaction:
 *            decisions, events, due windows, forgetting, models -> commit ->
 *            acknowledge -> publish
 *
 * Redis is listened to before the queue is taken: an event can only follow the
 * answer it speaks of, and a decision is queued before it is answered, so what is
 * heard of is in the queue or on disk. */
#include <poll.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "feed/learner_parts.h"
#include "learn/learning.h"

/* ---- waiting ---- */

static int until(int64_t us)
{
	return us <= 0 ? 0 : us > 60000000 ? 60000 : (int)(us / 1000 + 1);
}

static void wait(struct learner *l)
{
	int64_t now_us = clock_mono_us();
	struct pollfd polled[2] = { { queue_fd(l->queue), POLLIN, 0 }, { -1, 0, 0 } };
	int timeout = l->taken_count ? 0 : until(l->forget_at_us - now_us), t;
	struct subscriber_wait w;

	if (l->next_close_ms != INT64_MAX) {
		t = until((l->next_close_ms - clock_now_ms(&l->options.clock)) * 1000);
		timeout = t < timeout ? t : timeout;
	}
	if (l->unpublished) {
		t = until(l->publish_at_us - now_us);
		timeout = t < timeout ? t : timeout;
	}
	if (l->subscriber) {
		w = subscriber_wait(l->subscriber, now_us);
		polled[1] = (struct pollfd){ w.fd, w.events, 0 };
		if (w.timeout_ms >= 0 && w.timeout_ms < timeout)
			timeout = w.timeout_ms;
	}
	poll(polled, 2, timeout);
}

static void *run(void *data)
{
	struct learner *l = data;
	struct subscriber_stats redis;
	bool closing = false;

	while (!closing || queue_length(l->queue) || l->taken_count) {
		if (!closing)
			wait(l);
		learner_see_editions(l);
		reader_refresh(l->catalogue);
		if (l->subscriber) {
			subscriber_step(l->subscriber, clock_mono_us());
			subscriber_stats(l->subscriber, &redis);
			pthread_mutex_lock(&l->lock);
			l->stats.redis = redis;
			pthread_mutex_unlock(&l->lock);
		}
		closing = queue_closed(l->queue);
		l->taken_count += queue_take(l->queue, (void **)l->taken + l->taken_count,
			ROUND_MESSAGES - l->taken_count);
		if (learner_due(l))
			learner_round(l);
		if (l->unpublished && clock_mono_us() >= l->publish_at_us)
			learner_publish(l);
	}
	return NULL;
}

/* ---- opening and closing ---- */

static int first_load(struct learner *l, struct error *err)
{
	struct lesson lesson = { .arena = l->arena };
	uint64_t next, end;
	struct txn *txn;
	int i, rc;

	rc = store_begin(&txn, l->store, STORE_WRITE, err);
	if (rc < 0)
		return rc;
	lesson.txn = txn;
	for (i = 0; rc == 0 && i < l->count; i++)
		rc = learning_number(txn, l->pupils[i].name, &l->pupils[i].number, err);
	if (rc == 0)
		rc = learner_load_models(l, txn, err);
	if (rc == 0)
		rc = learning_next(txn, &next, err);
	if (rc == 0)
		rc = lesson_next_close(&lesson, &l->next_close_ms, err);
	if (rc == 0) {
		atomic_store(&l->options.ids->next, next);
		atomic_store(&l->options.ids->end, 0);
		rc = learner_reserve_ids(l, txn, &end, err);
		l->version = store_version(txn);
	}
	if (rc < 0) {
		store_end(txn);
		return rc;
	}
	rc = store_commit(txn, err);
	if (rc == 0)
		atomic_store(&l->options.ids->end, end);
	return rc;
}

static void learner_free(struct learner *l)
{
	int i;

	for (i = 0; i < l->count; i++) {
		model_free(l->pupils[i].model);
		cell_free(l->learnt[i]);
		cell_reader_clear(&l->readers[i]);
	}
	subscriber_free(l->subscriber);
	queue_free(l->queue);
	reader_close(l->catalogue);
	arena_free(l->arena);
	tally_free(l->tally);
	pthread_mutex_destroy(&l->lock);
	free(l->pupils);
	free(l->watched);
	free(l->learnt);
	free(l->editions);
	free(l->readers);
	free(l);
}

int learner_open(struct learner **out, struct store *store, const struct learner_options *options,
	const struct schema *const *schemas, struct editions *const *editions, int count,
	struct error *err)
{
	struct learner *l = xcalloc(1, sizeof(*l));
	int i, rc;

	l->store = store;
	l->options = *options;
	l->count = count;
	l->arena = arena_new();
	l->tally = tally_new();
	l->watched = xcalloc((size_t)count + 1, sizeof(*l->watched));
	l->pupils = xcalloc(count + 1, sizeof(*l->pupils));
	l->learnt = xcalloc(count + 1, sizeof(*l->learnt));
	l->editions = xcalloc(count + 1, sizeof(*l->editions));
	l->readers = xcalloc(count + 1, sizeof(*l->readers));
	pthread_mutex_init(&l->lock, NULL);
	for (i = 0; i < count; i++) {
		l->pupils[i].name = schemas[i]->name;
		l->learnt[i] = cell_new(NULL);
		l->editions[i] = editions_cell(editions[i]);
	}
	learner_see_editions(l);
	rc = queue_new(&l->queue, options->queue, err);
	if (rc == 0)
		rc = reader_open(&l->catalogue, options->catalogue, err);
	if (rc == 0 && strcmp(options->redis, "none"))
		rc = subscriber_new(&l->subscriber, options->redis, options->channel, learner_hear,
			l, err);
	if (rc == 0)
		rc = first_load(l, err);
	if (rc == 0) {
		l->stats.redis_wanted = l->subscriber != NULL;
		learner_publish(l);
		if (pthread_create(&l->thread, NULL, run, l))
			rc = error_set(err, ERR_IO, "cannot start the learner's thread");
	}
	if (rc < 0) {
		learner_free(l);
		return rc;
	}
	*out = l;
	return 0;
}

static int return_ids(struct learner *l, struct error *err)
{
	struct txn *txn;
	int rc = store_begin(&txn, l->store, STORE_WRITE, err);

	if (rc < 0)
		return rc;
	rc = learning_reserve(txn, atomic_load(&l->options.ids->next), err);
	if (rc == 0)
		return store_commit(txn, err);
	store_end(txn);
	return rc;
}

void learner_close(struct learner *l)
{
	struct error err;

	if (!l)
		return;
	queue_close(l->queue);
	pthread_join(l->thread, NULL);
	if (return_ids(l, &err) < 0)
		log_warn("learner", "unused decision ids were not given back: %s", err.text);
	learner_free(l);
}

uint16_t learner_number(const struct learner *l, int collection)
{
	return l->pupils[collection].number;
}

struct cell *learner_learnt(struct learner *l, int collection)
{
	return l->learnt[collection];
}

void learner_stats(struct learner *l, struct learner_stats *out)
{
	pthread_mutex_lock(&l->lock);
	*out = l->stats;
	pthread_mutex_unlock(&l->lock);
	out->waiting = queue_length(l->queue);
}

void learner_drift(struct learner *l, int collection, char *out, size_t size)
{
	pthread_mutex_lock(&l->lock);
	snprintf(out, size, "%s", l->watched[collection].text);
	pthread_mutex_unlock(&l->lock);
}
