/* lesson.c -- decisions, events and windows in the learning environment.
 *
 * The memory index is taught by the same events: a pair (key, entity) enters it with
 * the first reward, and from then on counts the impressions that somebody may have
 * looked at: every hit down to the deepest one that earned something, and below that
 * with falling chance (1 / places below). */
#include "feed/lesson.h"

#include "base/hash.h"
#include "feed/likes.h"
#include "learn/history.h"
#include "learn/learning.h"
#include "store/key.h"

static struct pupil *find_pupil(struct lesson *l, struct slice name)
{
	int i;

	for (i = 0; i < l->pupil_count; i++)
		if (slice_is(name, l->pupils[i].name))
			return &l->pupils[i];
	return NULL;
}

static struct key id_key(uint64_t id)
{
	struct key key;

	key.len = 0;
	key_u64(&key, id);
	return key;
}

static struct key time_key(int64_t ms, uint64_t id)
{
	struct key key = id_key((uint64_t)ms);

	key_u64(&key, id);
	return key;
}

int lesson_decision(struct lesson *l, int pupil, struct slice record, struct error *err)
{
	struct pupil *p = &l->pupils[pupil];
	struct key key, window;
	struct decision d;
	int rc;

	rc = decision_decode(&d, l->arena, record, err);
	if (rc < 0)
		return rc;
	key = id_key(d.id);
	rc = store_put(l->txn, LEARNING_DECISIONS, key_slice(&key), record, err);
	if (rc < 0)
		return rc;
	window = time_key(d.at_ms + p->window_ms, d.id);
	rc = store_put(l->txn, LEARNING_WINDOWS, key_slice(&window), SLICE_LIT(""), err);
	if (rc < 0)
		return rc;
	model_count(p->model, &d);
	count_decision(l->tally, p->number, &d, l->arena, l->now_ms - TALLY_KEEP_MS);
	drift_count(l->tally, p->number, p->features, &d, l->now_ms - TALLY_KEEP_MS);
	return 0;
}

/* ---- events ---- */

/* 1 if the event's id has counted. */
static int heard_before(struct lesson *l, const struct event *e, struct error *err)
{
	struct key key = id_key(hash_bytes(e->id, 0));
	struct slice value;
	int rc;

	if (!e->id.len)
		return 0;
	rc = store_get(l->txn, LEARNING_EVENTS, key_slice(&key), &value, err);
	return rc == ERR_NOT_FOUND ? 0 : rc < 0 ? rc : 1;
}

static int remember_id(struct lesson *l, const struct event *e, struct error *err)
{
	uint64_t hash = hash_bytes(e->id, 0);
	struct key key = id_key(hash), at = time_key(l->now_ms, hash), value = id_key(l->now_ms);
	int rc;

	if (!e->id.len)
		return 0;
	rc = store_put(l->txn, LEARNING_EVENTS, key_slice(&key), key_slice(&value), err);
	if (rc < 0)
		return rc;
	return store_put(l->txn, LEARNING_SEEN, key_slice(&at), SLICE_LIT(""), err);
}

struct memory lesson_memory(const struct lesson *l, const struct pupil *p)
{
	return (struct memory){ l->txn, LEARNING_MEMORY, p->number, l->now_ms, l->memory };
}

static int teach_memory(struct lesson *l, const struct pupil *p, const struct decision *d,
	struct slice entity, double reward, struct error *err)
{
	struct memory memory = lesson_memory(l, p);
	int i, rc = 0;

	for (i = 0; rc == 0 && i < d->memory_keys; i++)
		rc = memory_add(&memory, d->memory_key[i], entity, reward, 0, err);
	return rc;
}

static int teach_profile(struct lesson *l, const struct pupil *p, const struct decision *d,
	struct slice entity, double reward, struct error *err)
{
	struct slice user = likes_user(l->arena, d);
	struct memory memory = lesson_memory(l, p);
	struct profiles profiles = learning_profiles(&memory);
	struct profile_trait traits[TRAITS_MAX];
	int count, rc;

	if (!user.len)
		return 0;
	if (!l->reading) {
		rc = reader_begin(l->catalogue, err);
		if (rc < 0)
			return rc;
		l->reading = true;
	}
	count = likes_traits(reader_view(l->catalogue, (int)(p - l->pupils)), entity, l->arena,
		traits);
	return count ? profile_add(&profiles, user, traits, count, reward, err) : 0;
}

static int apply(struct lesson *l, struct pupil *p, const struct decision *d, const struct event *e,
	struct error *err)
{
	struct outcome_event event = { e->name, e->at_ms < 0 ? l->now_ms : e->at_ms, e->value };
	struct earned before, after;
	struct model_change change;
	struct outcome outcome;
	int rc;

	rc = learning_outcome(l->txn, l->arena, d, &outcome, err);
	if (rc < 0)
		return rc;
	earned_of(&before, d, &outcome);
	rc = model_apply(p->model, d, &outcome, p->ladder, l->arena, e->entity, &event, &change,
		err);
	if (rc < 0)
		return rc;
	rc = learning_put_outcome(l->txn, &outcome, err);
	if (rc < 0 || d->mode == MODE_OBSERVE || !(change.after > change.before))
		return rc;
	earned_of(&after, d, &outcome);
	count_earned(l->tally, p->number, d, &before, &after, l->now_ms - TALLY_KEEP_MS);
	rc = teach_memory(l, p, d, e->entity, change.after - change.before, err);
	if (rc < 0)
		return rc;
	return teach_profile(l, p, d, e->entity, change.after - change.before, err);
}

int lesson_event(struct lesson *l, const struct event *e, struct error *err)
{
	struct decision d;
	struct pupil *p;
	uint64_t id;
	int rc;

	rc = event_check(e, err);
	if (rc == 0)
		rc = decision_id_parse(&id, e->decision, err);
	if (rc < 0)
		return rc;
	rc = heard_before(l, e, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = learning_decision(l->txn, l->arena, id, &d, err);
	if (rc < 0)
		return rc;
	p = find_pupil(l, d.collection);
	if (!p)
		return error_set(err, ERR_NOT_FOUND, "the decision's collection \"%.*s\" is gone",
			SLICE_ARG(d.collection));
	rc = apply(l, p, &d, e, err);
	if (rc == 0)
		rc = remember_id(l, e, err);
	return rc < 0 ? rc : 1;
}

/* ---- windows ---- */

static double reward_of(const struct outcome *o, struct slice entity)
{
	int i;

	for (i = 0; i < o->entities; i++)
		if (slice_eq(o->entity[i].id, entity))
			return o->entity[i].reward;
	return 0;
}

static bool remembered(const struct memory_row *rows, int count, struct slice entity)
{
	int i;

	for (i = 0; i < count; i++)
		if (slice_eq(rows[i].entity, entity))
			return true;
	return false;
}

static int count_impressions(struct lesson *l, const struct pupil *p, const struct decision *d,
	const struct outcome *o, struct error *err)
{
	struct memory memory = lesson_memory(l, p);
	struct memory_row *rows;
	int h, k, count, deepest = 0, rc = 0;
	double chance;

	for (h = 0; h < d->hits; h++)
		if (reward_of(o, d->hit[h].entity) > 0 && d->hit[h].rank > deepest)
			deepest = d->hit[h].rank;
	for (k = 0; rc == 0 && k < d->memory_keys; k++) {
		count = memory_get(&memory, d->memory_key[k], NULL, l->arena, &rows, err);
		rc = count < 0 ? count : 0;
		for (h = 0; rc == 0 && count > 0 && h < d->hits; h++) {
			if (!remembered(rows, count, d->hit[h].entity))
				continue;
			chance = d->hit[h].rank <= deepest ? 1.0 : 1.0 / (d->hit[h].rank - deepest);
			rc = memory_add(&memory, d->memory_key[k], d->hit[h].entity, 0, chance,
				err);
		}
	}
	return rc;
}

static int close_one(struct lesson *l, uint64_t id, struct error *err)
{
	struct outcome outcome;
	struct decision d;
	struct pupil *p;
	int rc;

	rc = learning_decision(l->txn, l->arena, id, &d, err);
	if (rc == ERR_NOT_FOUND)
		return 0; /* forgotten before its window closed */
	if (rc == 0)
		rc = learning_outcome(l->txn, l->arena, &d, &outcome, err);
	if (rc < 0)
		return rc;
	p = find_pupil(l, d.collection);
	if (!p || outcome.closed)
		return 0;
	model_close(p->model, &d, &outcome);
	rc = learning_put_outcome(l->txn, &outcome, err);
	if (rc == 0 && d.mode != MODE_OBSERVE)
		rc = history_add(l->txn, LEARNING_HISTORY, p->number, &d, &outcome, err);
	if (rc == 0 && d.mode != MODE_OBSERVE)
		rc = count_impressions(l, p, &d, &outcome, err);
	return rc;
}

static int first_window(struct lesson *l, int64_t *when_ms, uint64_t *id, struct error *err)
{
	struct slice key, value;
	int rc = store_seek(l->txn, LEARNING_WINDOWS, SLICE_LIT(""), &key, &value, err);

	*when_ms = INT64_MAX;
	if (rc == 0 && key.len == 16) {
		*when_ms = (int64_t)key_read_u64(key.ptr);
		*id = key_read_u64(key.ptr + 8);
	} else if (rc == 0) {
		rc = error_set(err, ERR_CORRUPT, "a window's key has %zu bytes, not 16", key.len);
	}
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

int lesson_next_close(struct lesson *l, int64_t *when_ms, struct error *err)
{
	uint64_t id;

	return first_window(l, when_ms, &id, err);
}

int lesson_close(struct lesson *l, int most, struct error *err)
{
	struct key key;
	int64_t when;
	uint64_t id;
	int closed, rc;

	for (closed = 0; closed < most; closed++) {
		rc = first_window(l, &when, &id, err);
		if (rc < 0)
			return rc;
		if (when > l->now_ms)
			break;
		rc = close_one(l, id, err);
		if (rc == ERR_CORRUPT) /* one bad record must not stop the others */
			rc = 0;
		key = time_key(when, id);
		if (rc == 0)
			rc = store_del(l->txn, LEARNING_WINDOWS, key_slice(&key), err);
		if (rc < 0)
			return rc;
	}
	return closed;
}

int lesson_save(struct lesson *l, struct error *err)
{
	int i, rc = 0;

	for (i = 0; rc == 0 && i < l->pupil_count; i++)
		rc = model_save(l->pupils[i].model, l->txn, LEARNING_MODELS, l->pupils[i].number,
			err);
	return rc < 0 ? rc : tally_save(l->tally, l->txn, LEARNING_TALLIES, err);
}
