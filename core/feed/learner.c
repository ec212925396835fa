/* learner.c -- the learner's thread.
 *
 * A round:   wait -> listen (Redis) -> take the queue -> one transaction:
 *            decisions, events, due windows, forgetting, models -> commit ->
 *            acknowledge -> publish
 *
 * Redis is listened to before the queue is taken: an event can only follow the
 * answer it speaks of, and a decision is queued before it is answered, so what is
 * heard of is in the queue or on disk.
 *
 * If the commit fails, everybody in the round is told and the models are loaded from
 * disk again: nothing is learnt that was not saved. */
#include "feed/learner.h"

#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/queue.h"
#include "feed/lesson.h"
#include "feed/watch.h"
#include "learn/learning.h"

#define ROUND_MESSAGES 4096
#define ROUND_WINDOWS 1024
#define HEARD_MAX 4096          /* events from Redis a round; more wait for the next */
#define HEARD_BYTES (4 << 20)   /* likewise, of all of them */
#define EVENT_BYTES_MAX 65536
#define FORGET_EVERY_MS 200
#define COMPLAIN_EVERY_MS 60000
#define ROOM_STEPS 64           /* of forgetting, in a full map, before a round is lost */
#define RESERVE (1 << 20)       /* decision ids reserved ahead; a crash skips them */

enum message_kind { MESSAGE_DECISION, MESSAGE_EVENT, MESSAGE_PIN, MESSAGE_SPLIT, MESSAGE_SYNC };

struct message {
	enum message_kind kind;
	int collection;
	struct buf record;
	struct event event;
	struct pin pin;  /* of the strategy named by text */
	struct split *split;
	struct buf text; /* what event's slices point into */
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
	struct tally *tally; /* of the round */
	struct watch *watched; /* by collection; changed under the lock */
	struct message *taken[ROUND_MESSAGES];
	size_t taken_count;
	struct slice heard[HEARD_MAX]; /* in the arena, as what was wrong with it: */
	const struct error *bad[HEARD_MAX]; /* NULL if nothing */
	size_t heard_count, heard_bytes;
	int64_t next_close_ms, forget_at_us, publish_at_us, watch_at_ms;
	int64_t complain_at_us;
	struct forgetting forgetting;
	bool unpublished;

	pthread_mutex_t lock; /* of stats */
	struct learner_stats stats;
};

/* ---- messages ---- */

static void message_free(struct message *m)
{
	buf_clear(&m->record);
	buf_clear(&m->text);
	free(m->split);
	free(m);
}

static int push(struct learner *l, struct message *m, struct error *err)
{
	int rc = queue_push(l->queue, m);

	if (rc == ERR_BUSY)
		error_set(err, rc, "the learner has %zu messages waiting; try again",
			queue_capacity(l->queue));
	else if (rc < 0)
		error_set(err, rc, "shutting down");
	return rc;
}

int learner_log(void *learner, int collection, struct buf *record)
{
	struct message *m = xcalloc(1, sizeof(*m));
	int rc;

	m->kind = MESSAGE_DECISION;
	m->collection = collection;
	m->record = *record;
	rc = push(learner, m, NULL);
	if (rc < 0)
		free(m);
	else
		*record = (struct buf){ 0 };
	return rc;
}

static struct slice keep(struct buf *text, struct slice s)
{
	size_t at = text->len;

	buf_put_slice(text, s);
	return slice_of((const char *)at, s.len); /* an offset until the buf is final */
}

static void settle(const struct buf *text, struct slice *s)
{
	s->ptr = text->ptr + (size_t)s->ptr;
}

int learner_feedback(struct learner *l, const struct event *e, learner_done *done, void *data,
	struct error *err)
{
	struct message *m;
	int rc = event_check(e, err);

	if (rc < 0)
		return rc;
	m = xcalloc(1, sizeof(*m));
	m->kind = MESSAGE_EVENT;
	m->done = done;
	m->data = data;
	m->event = *e;
	m->event.decision = keep(&m->text, e->decision);
	m->event.entity = keep(&m->text, e->entity);
	m->event.name = keep(&m->text, e->name);
	m->event.id = keep(&m->text, e->id);
	settle(&m->text, &m->event.decision);
	settle(&m->text, &m->event.entity);
	settle(&m->text, &m->event.name);
	settle(&m->text, &m->event.id);
	rc = push(l, m, err);
	if (rc < 0)
		message_free(m);
	return rc;
}

int learner_pin(struct learner *l, int collection, struct slice strategy, const struct pin *pin,
	learner_done *done, void *data, struct error *err)
{
	struct message *m = xcalloc(1, sizeof(*m));
	int rc;

	m->kind = MESSAGE_PIN;
	m->collection = collection;
	m->pin = *pin;
	buf_put_slice(&m->text, strategy);
	m->done = done;
	m->data = data;
	rc = push(l, m, err);
	if (rc < 0)
		message_free(m);
	return rc;
}

int learner_split(struct learner *l, int collection, const struct split *split,
	learner_done *done, void *data, struct error *err)
{
	struct message *m = xcalloc(1, sizeof(*m));
	int rc;

	m->kind = MESSAGE_SPLIT;
	m->collection = collection;
	m->split = xmalloc(sizeof(*split));
	*m->split = *split;
	m->done = done;
	m->data = data;
	rc = push(l, m, err);
	if (rc < 0)
		message_free(m);
	return rc;
}

int learner_sync(struct learner *l, learner_done *done, void *data, struct error *err)
{
	struct message *m = xcalloc(1, sizeof(*m));
	int rc;

	m->kind = MESSAGE_SYNC;
	m->done = done;
	m->data = data;
	rc = push(l, m, err);
	if (rc < 0)
		free(m);
	return rc;
}

/* ---- Redis ---- */

static void refuse(struct learner *l, const char *what, const struct error *err)
{
	pthread_mutex_lock(&l->lock);
	l->stats.refused++;
	snprintf(l->stats.refused_last, sizeof(l->stats.refused_last), "%.120s: %.100s", what,
		err->text);
	pthread_mutex_unlock(&l->lock);
}

static bool hear(void *data, struct slice text)
{
	struct learner *l = data;
	struct error err;

	if (text.len > EVENT_BYTES_MAX) {
		error_set(&err, ERR_LIMIT, "an event of %zu bytes, limit %d", text.len,
			EVENT_BYTES_MAX);
		refuse(l, "from Redis", &err);
	} else {
		l->heard[l->heard_count++] = arena_slice(l->arena, text);
		l->heard_bytes += text.len;
	}
	return l->heard_count < HEARD_MAX && l->heard_bytes < HEARD_BYTES;
}

static void learn_heard(struct learner *l, struct lesson *lesson, uint64_t *events,
	uint64_t *repeated)
{
	struct error err, *bad;
	struct event e;
	size_t i;
	int rc;

	for (i = 0; i < l->heard_count; i++) {
		err = (struct error){ 0 };
		rc = event_parse(&e, l->arena, l->heard[i], &err);
		if (rc == 0)
			rc = lesson_event(lesson, &e, &err);
		*events += rc == 1;
		*repeated += rc == 0;
		l->bad[i] = NULL;
		if (rc >= 0)
			continue;
		bad = arena_calloc(l->arena, 1, sizeof(*bad));
		*bad = err;
		l->bad[i] = bad;
	}
}

/* ---- a round ---- */

static void see_editions(struct learner *l)
{
	const struct edition *e;
	int i, changed;

	for (i = 0; i < l->count; i++) {
		changed = 0;
		e = cell_read(l->editions[i], &l->readers[i], &changed);
		if (changed && l->pupils[i].model)
			model_use_features(l->pupils[i].model, e->features);
		l->pupils[i].ladder = e->ladder;
		l->pupils[i].features = e->features;
		l->pupils[i].window_ms =
			l->options.window_ms ? l->options.window_ms : e->window_ms;
	}
}

static int load_models(struct learner *l, struct txn *txn, struct error *err)
{
	const struct edition *e;
	int i, rc;

	for (i = 0; i < l->count; i++) {
		e = cell_read(l->editions[i], &l->readers[i], NULL);
		model_free(l->pupils[i].model);
		l->pupils[i].model = NULL;
		rc = model_load(&l->pupils[i].model, txn, LEARNING_MODELS,
			l->pupils[i].number, &l->options.model,
			e->features, err);
		if (rc < 0)
			return error_prefix(err, "%s", l->pupils[i].name);
	}
	return 0;
}

static void learn_taken(struct learner *l, struct lesson *lesson, uint64_t *decisions,
	uint64_t *events, uint64_t *repeated)
{
	struct message *m;
	size_t i;

	for (i = 0; i < l->taken_count; i++) {
		m = l->taken[i];
		if (m->kind == MESSAGE_DECISION) {
			m->rc = lesson_decision(lesson, m->collection, buf_slice(&m->record),
				&m->err);
			*decisions += m->rc == 0;
			if (m->rc == ERR_CORRUPT) /* others fail the round, which says so */
				log_error("learner", "a decision was not logged: %s", m->err.text);
		} else if (m->kind == MESSAGE_EVENT) {
			m->rc = lesson_event(lesson, &m->event, &m->err);
			*events += m->rc == 1;
			*repeated += m->rc == 0;
		} else if (m->kind == MESSAGE_PIN) {
			m->rc = model_pin(l->pupils[m->collection].model, buf_slice(&m->text),
				&m->pin, lesson->now_ms, &m->err);
			l->unpublished |= m->rc == 0;
		} else if (m->kind == MESSAGE_SPLIT) {
			model_split(l->pupils[m->collection].model, m->split);
			l->unpublished = true;
		}
	}
}

/* `end` is what the ids' will be once it is committed. */
static int reserve_ids(struct learner *l, struct txn *txn, uint64_t *end, struct error *err)
{
	uint64_t next = atomic_load(&l->options.ids->next);

	*end = atomic_load(&l->options.ids->end);
	if (next + RESERVE / 2 < *end)
		return 0;
	*end = next + RESERVE;
	return learning_reserve(txn, *end, err);
}

static int watch(struct learner *l, struct lesson *lesson, struct error *err)
{
	struct watch now;
	int i, rc = 0;

	if (lesson->now_ms < l->watch_at_ms)
		return 0;
	l->watch_at_ms = lesson->now_ms + WATCH_EVERY_MS;
	for (i = 0; rc == 0 && i < l->count; i++) {
		now = l->watched[i];
		rc = watch_look(&now, lesson->txn, l->arena, l->pupils[i].name, l->pupils[i].number,
			l->pupils[i].features, lesson->now_ms, err);
		pthread_mutex_lock(&l->lock);
		l->watched[i] = now;
		pthread_mutex_unlock(&l->lock);
	}
	return rc;
}

/* What can go wrong here is the store; bad input fails alone. */
static int teach(struct learner *l, struct lesson *lesson, struct learner_stats *did,
	uint64_t *ids_end, struct error *err)
{
	int rc;

	learn_taken(l, lesson, &did->decisions, &did->events, &did->repeated);
	learn_heard(l, lesson, &did->events, &did->repeated);
	rc = lesson_close(lesson, ROUND_WINDOWS, err);
	if (rc < 0)
		return rc;
	did->closed = rc;
	if (clock_mono_us() >= l->forget_at_us) {
		rc = forget_step(&l->forgetting, &l->options.forget, lesson->txn, l->arena,
			lesson->memory, lesson->now_ms, err);
		if (rc < 0)
			return rc;
		l->forget_at_us = clock_mono_us() + (rc ? 0 : FORGET_EVERY_MS * 1000);
	}
	rc = lesson_save(lesson, err);
	if (rc == 0)
		rc = watch(l, lesson, err);
	if (rc == 0)
		rc = lesson_next_close(lesson, &l->next_close_ms, err);
	return rc < 0 ? rc : reserve_ids(l, lesson->txn, ids_end, err);
}

static void acknowledge(struct learner *l, int rc, const struct error *err)
{
	struct message *m;
	size_t i;

	for (i = 0; i < l->taken_count; i++) {
		m = l->taken[i];
		if (m->done)
			m->done(m->data, rc < 0 ? rc : m->rc, rc < 0 ? err : &m->err);
		message_free(m);
	}
	for (i = 0; i < l->heard_count; i++)
		if (rc < 0 || l->bad[i])
			refuse(l, l->heard[i].ptr, rc < 0 ? err : l->bad[i]);
	l->taken_count = l->heard_count = l->heard_bytes = 0;
}

static void publish(struct learner *l)
{
	struct snapshot *next;
	double worst = 1;
	int i;

	for (i = 0; i < l->count; i++) {
		next = model_publish(l->pupils[i].model);
		worst = fmax(worst, learnt_condition(snapshot_object(next)));
		cell_publish(l->learnt[i], next);
	}
	pthread_mutex_lock(&l->lock);
	l->stats.condition = worst;
	pthread_mutex_unlock(&l->lock);
	l->publish_at_us = clock_mono_us() + (int64_t)l->options.publish_ms * 1000;
	l->unpublished = false;
}

/* Somebody is answered only when what he did is seen by all. */
static bool wants_sync(const struct learner *l)
{
	size_t i;

	for (i = 0; i < l->taken_count; i++)
		if (l->taken[i]->kind == MESSAGE_SYNC || l->taken[i]->kind == MESSAGE_PIN ||
			l->taken[i]->kind == MESSAGE_SPLIT)
			return true;
	return false;
}

static void count(struct learner *l, const struct learner_stats *did, int rc)
{
	pthread_mutex_lock(&l->lock);
	if (rc < 0) {
		l->stats.failures++;
	} else {
		l->stats.decisions += did->decisions;
		l->stats.events += did->events;
		l->stats.repeated += did->repeated;
		l->stats.closed += did->closed;
		l->stats.commits++;
		l->stats.decisions_forgotten = l->forgetting.decisions;
		l->stats.pairs_forgotten = l->forgetting.pairs;
	}
	pthread_mutex_unlock(&l->lock);
}

static void complain(struct learner *l, const struct error *why)
{
	if (clock_mono_us() < l->complain_at_us)
		return;
	log_error("learner", "%llu rounds were not saved, what came in them is lost: %s",
		(unsigned long long)l->stats.failures + 1, why->text);
	l->complain_at_us = clock_mono_us() + COMPLAIN_EVERY_MS * 1000;
}

/* Models as they are on disk. */
static void reload(struct learner *l)
{
	struct error err;
	struct txn *txn;

	if (store_begin(&txn, l->store, STORE_READ, &err) < 0 || load_models(l, txn, &err) < 0) {
		log_error("learner", "models cannot be loaded again: %s", err.text);
		abort();
	}
	store_end(txn);
}

static void saved(struct learner *l, uint64_t ids_end)
{
	int i;

	atomic_store(&l->options.ids->end, ids_end);
	for (i = 0; i < l->count; i++)
		model_saved(l->pupils[i].model);
}

/* One transaction; nothing in it is kept, and the models may be ahead, if it fails. */
static int round_once(struct learner *l, struct learner_stats *did, struct error *err)
{
	struct lesson lesson = { .arena = l->arena, .pupils = l->pupils, .pupil_count = l->count,
		.memory = &l->options.memory, .tally = l->tally,
		.now_ms = clock_now_ms(&l->options.clock) };
	struct forgetting forgetting = l->forgetting;
	uint64_t ids_end;
	int rc;

	*did = (struct learner_stats){ 0 };
	tally_clear(l->tally);
	rc = store_begin(&lesson.txn, l->store, STORE_WRITE, err);
	if (rc < 0)
		return rc;
	rc = teach(l, &lesson, did, &ids_end, err);
	if (rc == 0)
		rc = store_commit(lesson.txn, err);
	else
		store_end(lesson.txn);
	if (rc == 0)
		saved(l, ids_end);
	else
		l->forgetting = forgetting;
	return rc;
}

static int forget_once(struct learner *l, const struct forget_limits *limits)
{
	struct forgetting forgetting = l->forgetting;
	struct txn *txn;
	struct error err;
	int rc = store_begin(&txn, l->store, STORE_WRITE, &err), more;

	if (rc < 0)
		return rc;
	more = forget_step(&l->forgetting, limits, txn, l->arena, &l->options.memory,
		clock_now_ms(&l->options.clock), &err);
	if (more >= 0)
		rc = store_commit(txn, &err);
	else
		store_end(txn);
	if (more < 0 || rc < 0)
		l->forgetting = forgetting;
	return rc < 0 ? rc : more;
}

/* In a full map: true if something was forgotten, so that trying again makes sense. */
static bool make_room(struct learner *l)
{
	struct forget_limits limits = l->options.forget;
	uint64_t before = l->forgetting.decisions + l->forgetting.pairs;
	int steps;

	limits.bytes = limits.bytes / 3 * 2;
	for (steps = 0; steps < ROOM_STEPS && forget_once(l, &limits) > 0; steps++)
		;
	return l->forgetting.decisions + l->forgetting.pairs > before;
}

static void work(struct learner *l)
{
	struct learner_stats did;
	bool sync = wants_sync(l);
	struct error err = { 0 };
	int rc = round_once(l, &did, &err);

	if (rc == ERR_FULL && make_room(l)) {
		reload(l);
		rc = round_once(l, &did, &err);
	}
	if (rc < 0) {
		complain(l, &err);
		reload(l);
	}
	count(l, &did, rc);
	l->unpublished |= did.decisions || did.events || did.closed;
	if (sync && l->unpublished)
		publish(l);
	acknowledge(l, rc, &err);
	arena_reset(l->arena);
}

/* ---- waiting ---- */

static int until(int64_t us)
{
	return us <= 0 ? 0 : us > 60000000 ? 60000 : (int)(us / 1000 + 1);
}

static void wait(struct learner *l)
{
	int64_t now_us = clock_mono_us();
	struct pollfd polled[2] = { { queue_fd(l->queue), POLLIN, 0 }, { -1, 0, 0 } };
	int timeout = until(l->forget_at_us - now_us), t;
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

static bool due(const struct learner *l)
{
	return l->taken_count || l->heard_count || clock_mono_us() >= l->forget_at_us ||
	       l->next_close_ms <= clock_now_ms(&l->options.clock);
}

static void *run(void *data)
{
	struct learner *l = data;
	struct subscriber_stats redis;
	bool closing = false;

	while (!closing || queue_length(l->queue)) {
		if (!closing)
			wait(l);
		see_editions(l);
		if (l->subscriber) {
			subscriber_step(l->subscriber, clock_mono_us());
			subscriber_stats(l->subscriber, &redis);
			pthread_mutex_lock(&l->lock);
			l->stats.redis = redis;
			pthread_mutex_unlock(&l->lock);
		}
		closing = queue_closed(l->queue);
		l->taken_count = queue_take(l->queue, (void **)l->taken, ROUND_MESSAGES);
		if (due(l))
			work(l);
		if (l->unpublished && clock_mono_us() >= l->publish_at_us)
			publish(l);
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
		rc = load_models(l, txn, err);
	if (rc == 0)
		rc = learning_next(txn, &next, err);
	if (rc == 0)
		rc = lesson_next_close(&lesson, &l->next_close_ms, err);
	if (rc == 0) {
		atomic_store(&l->options.ids->next, next);
		atomic_store(&l->options.ids->end, 0);
		rc = reserve_ids(l, txn, &end, err);
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
	see_editions(l);
	rc = queue_new(&l->queue, options->queue, err);
	if (rc == 0 && strcmp(options->redis, "none"))
		rc = subscriber_new(&l->subscriber, options->redis, options->channel, hear, l,
			err);
	if (rc == 0)
		rc = first_load(l, err);
	if (rc == 0) {
		l->stats.redis_wanted = l->subscriber != NULL;
		publish(l);
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
