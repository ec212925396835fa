/* learner_round.c -- a round: one transaction with decisions, events, due windows,
 * forgetting and models; then everybody is answered.
 *
 * If the commit fails, everybody in the round is told and the models are loaded from
 * disk again: nothing is learnt that was not saved. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "feed/erase.h"
#include "feed/learner_parts.h"
#include "learn/learning.h"

#define ROUND_WINDOWS     1024
#define HEARD_BYTES       (4 << 20) /* of all events from Redis in a round */
#define EVENT_BYTES_MAX   65536
#define FORGET_EVERY_MS   200
#define COMPLAIN_EVERY_MS 60000
#define ROOM_STEPS        64        /* of forgetting, in a full map, before a round is lost */
#define RESERVE           (1 << 20) /* decision ids reserved ahead; a crash skips them */

/* ---- Redis ---- */

static void refuse(struct learner *l, const char *what, const struct error *err)
{
	pthread_mutex_lock(&l->lock);
	l->stats.refused++;
	snprintf(l->stats.refused_last, sizeof(l->stats.refused_last), "%.120s: %.100s", what,
		err->text);
	pthread_mutex_unlock(&l->lock);
}

bool learner_hear(void *data, struct slice text)
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

void learner_see_editions(struct learner *l)
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
		l->pupils[i].window_ms = l->options.window_ms ? l->options.window_ms : e->window_ms;
	}
}

int learner_load_models(struct learner *l, struct txn *txn, struct error *err)
{
	const struct edition *e;
	int i, rc;

	for (i = 0; i < l->count; i++) {
		e = cell_read(l->editions[i], &l->readers[i], NULL);
		model_free(l->pupils[i].model);
		l->pupils[i].model = NULL;
		rc = model_load(&l->pupils[i].model, txn, LEARNING_MODELS, l->pupils[i].number,
			&l->options.model, e->features, err);
		if (rc < 0)
			return error_prefix(err, rc, "%s", l->pupils[i].name);
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
		} else if (m->kind == MESSAGE_ERASE) {
			m->at = m->from;
			m->rc = erase_user(lesson, m->collection, buf_slice(&m->text), &m->at,
				&m->err);
			m->more = m->rc == 1;
		}
	}
}

int learner_reserve_ids(struct learner *l, struct txn *txn, uint64_t *end, struct error *err)
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
	struct tally_rows rows = { lesson->txn, LEARNING_TALLIES, 0, l->arena };
	struct watch now;
	int i, rc = 0;

	if (lesson->now_ms < l->watch_at_ms)
		return 0;
	l->watch_at_ms = lesson->now_ms + WATCH_EVERY_MS;
	for (i = 0; rc == 0 && i < l->count; i++) {
		now = l->watched[i];
		rows.collection = l->pupils[i].number;
		rc = watch_look(&now, &rows, l->pupils[i].name, l->pupils[i].features,
			lesson->now_ms, err);
		pthread_mutex_lock(&l->lock);
		l->watched[i] = now;
		pthread_mutex_unlock(&l->lock);
	}
	return rc;
}

static int forget(struct learner *l, const struct forget_limits *limits, struct txn *txn,
	int64_t now_ms, struct error *err)
{
	struct memory memory = { txn, LEARNING_MEMORY, 0, now_ms, &l->options.memory };

	return forget_step(&l->forgetting, limits, &memory, l->arena, err);
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
		rc = forget(l, &l->options.forget, lesson->txn, lesson->now_ms, err);
		if (rc < 0)
			return rc;
		l->forget_at_us = clock_mono_us() + (rc ? 0 : FORGET_EVERY_MS * 1000);
	}
	rc = lesson_save(lesson, err);
	if (rc == 0)
		rc = watch(l, lesson, err);
	if (rc == 0)
		rc = lesson_next_close(lesson, &l->next_close_ms, err);
	return rc < 0 ? rc : learner_reserve_ids(l, lesson->txn, ids_end, err);
}

static void acknowledge(struct learner *l, int rc, const struct error *err)
{
	struct message *m;
	size_t i, kept = 0;

	for (i = 0; i < l->taken_count; i++) {
		m = l->taken[i];
		if (rc >= 0 && m->more) {
			m->from = m->at;
			l->taken[kept++] = m;
			continue;
		}
		if (m->done)
			m->done(m->data, rc < 0 ? rc : m->rc, rc < 0 ? err : &m->err);
		message_free(m);
	}
	for (i = 0; i < l->heard_count; i++)
		if (rc < 0 || l->bad[i])
			refuse(l, l->heard[i].ptr, rc < 0 ? err : l->bad[i]);
	l->taken_count = kept;
	l->heard_count = l->heard_bytes = 0;
}

void learner_publish(struct learner *l)
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
		l->stats.commits += did->commits;
		l->stats.decisions_forgotten = l->forgetting.decisions;
		l->stats.pairs_forgotten = l->forgetting.pairs;
		l->stats.likes_forgotten = l->forgetting.likes;
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

	if (store_begin(&txn, l->store, STORE_READ, &err) < 0 ||
		learner_load_models(l, txn, &err) < 0) {
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
	struct lesson lesson = { .arena = l->arena,
		.pupils = l->pupils,
		.pupil_count = l->count,
		.memory = &l->options.memory,
		.tally = l->tally,
		.now_ms = clock_now_ms(&l->options.clock),
		.catalogue = l->catalogue };
	struct forgetting forgetting = l->forgetting;
	uint64_t ids_end;
	int rc;

	*did = (struct learner_stats){ 0 };
	tally_clear(l->tally);
	rc = store_begin(&lesson.txn, l->store, STORE_WRITE, err);
	if (rc < 0)
		return rc;
	did->commits = store_version(lesson.txn) - l->version;
	l->version = store_version(lesson.txn);
	rc = teach(l, &lesson, did, &ids_end, err);
	reader_end(l->catalogue);
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
	more = forget(l, limits, txn, clock_now_ms(&l->options.clock), &err);
	if (more >= 0)
		rc = store_commit(txn, &err);
	else
		store_end(txn);
	if (more < 0 || rc < 0)
		l->forgetting = forgetting;
	return rc < 0 ? rc : more;
}

static uint64_t forgotten(const struct learner *l)
{
	return l->forgetting.decisions + l->forgetting.pairs + l->forgetting.likes;
}

/* In a full map: true if something was forgotten, so that trying again makes sense. */
static bool make_room(struct learner *l)
{
	struct forget_limits limits = l->options.forget;
	uint64_t before = forgotten(l);
	int steps;

	limits.bytes = limits.bytes / 3 * 2;
	for (steps = 0; steps < ROOM_STEPS && forget_once(l, &limits) > 0; steps++)
		;
	return forgotten(l) > before;
}

void learner_round(struct learner *l)
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
		learner_publish(l);
	acknowledge(l, rc, &err);
	arena_reset(l->arena);
}

bool learner_due(const struct learner *l)
{
	return l->taken_count || l->heard_count || clock_mono_us() >= l->forget_at_us ||
	       l->next_close_ms <= clock_now_ms(&l->options.clock);
}
