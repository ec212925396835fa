/* model.c -- the learner's state of one collection, and how it lies on disk.
 *
 *     key                                        value
 *     collection u16 | 0                         u8 version 1 | u64 model version |
 *                                                u64 stale | u8 sets x (u64 hash |
 *                                                u8 n | n x u64 name hash)
 *     collection u16 | 1 | u8 len, name          u8 version 1 | counters of the arm
 *     collection u16 | 2 | u8 len, name |        a regression (linear.c)
 *                          u16 from, u16 to
 *
 * A bucket's key says its ranks, so other depth levels find what fits them and leave
 * the rest alone.  Numbers in keys are big endian, in values little endian.
 *
 * The first set on disk is the current one.  Older ones are kept because feedback for
 * decisions made under them is still to come: their phi is carried over by names.
 *
 * Invariant: a bucket of an outcome is in V and b once, when its bit in `applied` is
 * set; from then on only b is raised. */
#include "learn/model.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "learn/learnt_parts.h"
#include "store/key.h"

#define MODEL_VERSION 1
#define SETS_KEPT GENERATIONS_KEPT

enum { ROW_META, ROW_ARM, ROW_BUCKET };

struct set {
	uint64_t hash;
	int n;
	uint64_t ids[PHI_MAX];
};

struct arm {
	char name[ARM_NAME_MAX];
	uint8_t len;
	struct arm_stats stats;
	struct linear *bucket[BUCKETS_MAX]; /* NULL: never observed */
	bool dirty;
	uint8_t dirty_buckets;
};

struct gone {
	char name[ARM_NAME_MAX];
	uint8_t len;
	struct gone *next;
};

struct model {
	struct model_options options;
	struct set set[SETS_KEPT]; /* [0] is the current one */
	int sets;
	struct arm *arm[MODEL_ARMS_MAX];
	int arms;
	struct gone *gone; /* pushed out; to be deleted on disk */
	uint64_t version, stale;
	bool changed; /* since the last picture */
	bool dirty;   /* the meta row */
};

/* ---- making ---- */

static struct set set_of(const struct feature_set *features)
{
	struct set s = { .hash = feature_set_hash(features), .n = feature_set_full(features) };

	memcpy(s.ids, feature_set_ids(features), (size_t)s.n * sizeof(*s.ids));
	return s;
}

int model_new(struct model **out, const struct model_options *options,
	const struct feature_set *features, struct error *err)
{
	struct model *m;

	if (!(options->lambda > 0) || !isfinite(options->lambda))
		return error_set(err, ERR_ARG, "lambda %g, expected above 0", options->lambda);
	if (!(options->gamma > 0) || !(options->gamma <= 1))
		return error_set(err, ERR_ARG, "gamma %g, expected above 0, at most 1",
			options->gamma);
	if (!levels_valid(&options->levels))
		return error_set(err, ERR_ARG,
			"levels: expected 0 and up to %d rising depths of at most %d",
			BUCKETS_MAX, DEPTH_MAX);
	m = xcalloc(1, sizeof(*m));
	m->options = *options;
	m->set[0] = set_of(features);
	m->sets = 1;
	m->changed = m->dirty = true;
	*out = m;
	return 0;
}

static void arm_free(struct arm *arm)
{
	int j;

	if (!arm)
		return;
	for (j = 0; j < BUCKETS_MAX; j++)
		linear_free(arm->bucket[j]);
	free(arm);
}

static void forget_gone(struct model *m)
{
	struct gone *next;

	for (; m->gone; m->gone = next) {
		next = m->gone->next;
		free(m->gone);
	}
}

void model_free(struct model *m)
{
	int a;

	if (!m)
		return;
	for (a = 0; a < m->arms; a++)
		arm_free(m->arm[a]);
	forget_gone(m);
	free(m);
}

uint64_t model_version(const struct model *m)
{
	return m->version + m->changed;
}

uint64_t model_stale(const struct model *m)
{
	return m->stale;
}

/* Put a set first, forgetting an older mention of it. */
static void set_push(struct model *m, const struct set *s)
{
	int i;

	for (i = 0; i < m->sets && m->set[i].hash != s->hash; i++)
		;
	if (i == m->sets) {
		if (m->sets < SETS_KEPT)
			m->sets++;
		else
			i--;
	}
	memmove(&m->set[1], &m->set[0], (size_t)i * sizeof(*m->set));
	m->set[0] = *s;
	m->changed = m->dirty = true;
}

void model_use_features(struct model *m, const struct feature_set *features)
{
	struct set next = set_of(features);
	const struct set *now = &m->set[0];
	struct linear *moved;
	int a, j;

	if (next.hash == now->hash)
		return;
	for (a = 0; a < m->arms; a++)
		for (j = 0; j < BUCKETS_MAX; j++) {
			if (!m->arm[a]->bucket[j])
				continue;
			moved = linear_remap(m->arm[a]->bucket[j], now->ids, next.ids, next.n);
			linear_free(m->arm[a]->bucket[j]);
			m->arm[a]->bucket[j] = moved;
			m->arm[a]->dirty_buckets |= (uint8_t)(1 << j);
		}
	set_push(m, &next);
}

/* ---- arms ---- */

static struct arm *arm_find(const struct model *m, struct slice name)
{
	int a;

	for (a = 0; a < m->arms; a++)
		if (slice_eq(name, slice_of(m->arm[a]->name, m->arm[a]->len)))
			return m->arm[a];
	return NULL;
}

/* Room for one more: the arm that was longest without a decision goes. */
static void push_out(struct model *m)
{
	struct gone *gone = xcalloc(1, sizeof(*gone));
	int a, oldest = 0;

	for (a = 1; a < m->arms; a++)
		if (m->arm[a]->stats.last_ms < m->arm[oldest]->stats.last_ms)
			oldest = a;
	gone->len = m->arm[oldest]->len;
	memcpy(gone->name, m->arm[oldest]->name, gone->len);
	gone->next = m->gone;
	m->gone = gone;
	arm_free(m->arm[oldest]);
	m->arm[oldest] = m->arm[--m->arms];
}

static struct arm *arm_get(struct model *m, struct slice name, int64_t now_ms)
{
	struct arm *arm = arm_find(m, name);

	assert(name.len >= 1 && name.len <= ARM_NAME_MAX);
	if (!arm) {
		if (m->arms == MODEL_ARMS_MAX)
			push_out(m);
		arm = xcalloc(1, sizeof(*arm));
		arm->len = (uint8_t)name.len;
		memcpy(arm->name, name.ptr, name.len);
		arm->stats.last_ms = now_ms;
		m->arm[m->arms++] = arm;
	}
	arm->dirty = m->changed = m->dirty = true;
	return arm;
}

void model_count(struct model *m, const struct decision *d)
{
	const struct decision_arm *drawn;
	struct arm *arm;
	int a;

	for (a = 0; a < d->arms; a++) {
		drawn = &d->arm[a];
		arm = arm_get(m, drawn->name, d->at_ms);
		arm->stats.decisions++;
		arm->stats.draws += drawn->level > 0;
		arm->stats.depth += d->levels.depth[drawn->level];
		arm->stats.candidates += drawn->drawn;
		if (d->at_ms > arm->stats.last_ms)
			arm->stats.last_ms = d->at_ms;
	}
}

/* ---- learning ---- */

/* The whole phi of an arm in a decision, in the current set's order; false if its
 * set is no longer known. */
static bool phi_of(const struct model *m, const struct decision *d,
	const struct decision_arm *arm, float phi[PHI_MAX])
{
	float was[PHI_MAX];
	const struct set *s = NULL;
	int i, j, n = phi_join(was, d->phi, d->width, arm->action);

	for (i = 0; i < m->sets && !s; i++)
		if (m->set[i].hash == d->features && m->set[i].n == n)
			s = &m->set[i];
	if (!s)
		return false;
	memset(phi, 0, PHI_MAX * sizeof(*phi));
	for (i = 0; i < m->set[0].n; i++)
		for (j = 0; j < n; j++)
			if (m->set[0].ids[i] == s->ids[j])
				phi[i] = was[j];
	return true;
}

/* Our bucket of the same ranks, -1 if the levels have changed too much. */
static int bucket_of(const struct model *m, const struct decision *d, int j)
{
	const struct levels *l = &m->options.levels;
	int i;

	for (i = 0; i < levels_buckets(l); i++)
		if (l->depth[i] == d->levels.depth[j] && l->depth[i + 1] == d->levels.depth[j + 1])
			return i;
	return -1;
}

/* One bucket of a decision learns that its reward rose from `before` to `after`, or
 * for the first time that it is `after`. */
static bool learn(struct model *m, const struct decision *d, struct outcome *o, int a, int j,
	double before, double after)
{
	int bucket = bucket_of(m, d, j);
	float phi[PHI_MAX];
	struct arm *arm;

	if (bucket < 0 || !phi_of(m, d, &d->arm[a], phi)) {
		m->stale++;
		m->changed = m->dirty = true;
		return false;
	}
	arm = arm_get(m, d->arm[a].name, d->at_ms);
	if (!arm->bucket[bucket])
		arm->bucket[bucket] = linear_new(m->set[0].n, m->options.lambda);
	if (o->applied[a] >> j & 1)
		linear_raise(arm->bucket[bucket], phi, after - before);
	else
		linear_update(arm->bucket[bucket], phi, after, m->options.gamma);
	o->applied[a] |= (uint8_t)(1 << j);
	arm->dirty_buckets |= (uint8_t)(1 << bucket);
	return true;
}

/* Give `reward` to a bucket; what it took. */
static double give(struct model *m, const struct decision *d, struct outcome *o,
	const struct credit *credit, double reward)
{
	float *have = &o->reward[credit->arm][credit->bucket];
	float next = (float)fmin(1, *have + reward);
	double given = (double)next - *have;

	if (!(given > 0) || !learn(m, d, o, credit->arm, credit->bucket, *have, next))
		return 0;
	*have = next;
	return given;
}

static void count_reward(struct model *m, const struct decision *d,
	const struct model_change *change)
{
	double delta = change->after - change->before;
	struct arm *arm;
	int i;

	for (i = 0; i < change->credits; i++) {
		arm = arm_get(m, d->arm[change->credit[i].arm].name, d->at_ms);
		arm->stats.wins += change->before == 0;
		arm->stats.reward += delta * change->credit[i].share;
		if (change->credits == 1)
			arm->stats.unique += delta;
	}
}

int model_apply(struct model *m, const struct decision *d, struct outcome *o,
	const struct ladder *ladder, struct arena *arena, struct slice entity,
	const struct outcome_event *event, struct model_change *out, struct error *err)
{
	struct model_change change = { 0 };
	struct outcome_entity *entry = NULL;
	int i, rc;

	assert(o->decision == d->id && o->arms == d->arms);
	rc = ladder_raise(ladder, event->name, event->value, 0, &change.after, err);
	if (rc < 0)
		return rc;
	rc = outcome_add(o, arena, entity, event, &entry, err);
	if (rc < 0)
		return rc;
	change.before = entry->reward;
	entry->reward = fmaxf(entry->reward, (float)change.after);
	change.after = entry->reward;
	change.shown = decision_find_hit(d, entity) != NULL;
	change.credits = credit_split(d, entity_hash(entity), change.credit);
	if (change.after > change.before && d->mode != MODE_OBSERVE) {
		for (i = 0; i < change.credits; i++)
			change.given[i] = give(m, d, o, &change.credit[i],
				(change.after - change.before) * change.credit[i].share);
		count_reward(m, d, &change);
	}
	if (out)
		*out = change;
	return 0;
}

int model_close(struct model *m, const struct decision *d, struct outcome *o)
{
	int a, j, zeros = 0;

	assert(o->decision == d->id && o->arms == d->arms);
	if (o->closed)
		return 0;
	o->closed = true;
	if (d->mode == MODE_OBSERVE)
		return 0;
	for (a = 0; a < d->arms; a++)
		for (j = 0; j < d->arm[a].level; j++)
			if (!(o->applied[a] >> j & 1))
				zeros += learn(m, d, o, a, j, 0, 0);
	return zeros;
}

/* ---- publishing ---- */

static int by_name(const void *a, const void *b)
{
	const struct arm *x = *(struct arm *const *)a, *y = *(struct arm *const *)b;

	return slice_cmp(slice_of(x->name, x->len), slice_of(y->name, y->len));
}

struct snapshot *model_publish(struct model *m)
{
	struct learnt *l =
		xcalloc(1, sizeof(*l) + (size_t)m->arms * sizeof(struct learnt_arm));
	const struct arm *arm;
	int a, j;

	m->version += m->changed;
	m->changed = false;
	/* The order of our own array is nobody's business. */
	qsort(m->arm, (size_t)m->arms, sizeof(*m->arm), by_name);
	l->version = m->version;
	l->features = m->set[0].hash;
	l->levels = m->options.levels;
	l->lambda = m->options.lambda;
	l->count = m->arms;
	for (a = 0; a < m->arms; a++) {
		arm = m->arm[a];
		memcpy(l->arm[a].name, arm->name, arm->len);
		l->arm[a].len = arm->len;
		l->arm[a].stats = arm->stats;
		for (j = 0; j < BUCKETS_MAX; j++)
			if (arm->bucket[j])
				l->arm[a].fit[j] = linear_fit(arm->bucket[j]);
	}
	return snapshot_new(l, learnt_free);
}

/* ---- disk ---- */

static struct key key_row(uint16_t collection, int kind)
{
	struct key k = { .len = 0 };

	key_u16(&k, collection);
	key_u8(&k, (uint8_t)kind);
	return k;
}

static struct key key_arm(uint16_t collection, int kind, struct slice name)
{
	struct key k = key_row(collection, kind);

	key_u8(&k, (uint8_t)name.len);
	key_raw(&k, name);
	return k;
}

static int put_meta(const struct model *m, struct txn *txn, int table, uint16_t collection,
	struct error *err)
{
	struct key k = key_row(collection, ROW_META);
	struct buf b = { 0 };
	int i, j, rc;

	buf_put_u8(&b, MODEL_VERSION);
	buf_put_u64(&b, model_version(m));
	buf_put_u64(&b, m->stale);
	buf_put_u8(&b, (uint8_t)m->sets);
	for (i = 0; i < m->sets; i++) {
		buf_put_u64(&b, m->set[i].hash);
		buf_put_u8(&b, (uint8_t)m->set[i].n);
		for (j = 0; j < m->set[i].n; j++)
			buf_put_u64(&b, m->set[i].ids[j]);
	}
	rc = store_put(txn, table, key_slice(&k), buf_slice(&b), err);
	buf_clear(&b);
	return rc;
}

static int put_arm(const struct arm *arm, struct txn *txn, int table, uint16_t collection,
	struct error *err)
{
	struct key k = key_arm(collection, ROW_ARM, slice_of(arm->name, arm->len));
	const struct arm_stats *s = &arm->stats;
	struct buf b = { 0 };
	int rc;

	buf_put_u8(&b, MODEL_VERSION);
	buf_put_u64(&b, s->decisions);
	buf_put_u64(&b, s->draws);
	buf_put_u64(&b, s->depth);
	buf_put_u64(&b, s->candidates);
	buf_put_u64(&b, s->wins);
	buf_put_f64(&b, s->reward);
	buf_put_f64(&b, s->unique);
	buf_put_u64(&b, (uint64_t)s->last_ms);
	rc = store_put(txn, table, key_slice(&k), buf_slice(&b), err);
	buf_clear(&b);
	return rc;
}

static int put_buckets(const struct model *m, const struct arm *arm, struct txn *txn,
	int table, uint16_t collection, struct error *err)
{
	const struct levels *levels = &m->options.levels;
	struct buf b = { 0 };
	struct key k;
	int j, rc = 0;

	for (j = 0; j < levels_buckets(levels) && rc == 0; j++) {
		if (!(arm->dirty_buckets >> j & 1))
			continue;
		k = key_arm(collection, ROW_BUCKET, slice_of(arm->name, arm->len));
		key_u16(&k, levels->depth[j]);
		key_u16(&k, levels->depth[j + 1]);
		buf_reset(&b);
		linear_encode(arm->bucket[j], m->set[0].ids, &b);
		rc = store_put(txn, table, key_slice(&k), buf_slice(&b), err);
	}
	buf_clear(&b);
	return rc;
}

static int delete_prefix(struct txn *txn, int table, const struct key *prefix,
	struct error *err)
{
	struct cursor *cursor = NULL;
	struct slice key, value;
	int rc = cursor_open(&cursor, txn, table, err);

	if (rc == 0)
		rc = cursor_seek(cursor, key_slice(prefix), &key, &value, err);
	while (rc == 0 && slice_starts(key, key_slice(prefix))) {
		rc = cursor_del(cursor, err);
		if (rc == 0)
			rc = cursor_next(cursor, &key, &value, err);
	}
	cursor_close(cursor);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int delete_gone(const struct model *m, struct txn *txn, int table, uint16_t collection,
	struct error *err)
{
	const struct gone *g;
	struct key k;
	int kind, rc = 0;

	for (g = m->gone; g; g = g->next)
		for (kind = ROW_ARM; kind <= ROW_BUCKET && rc == 0; kind++) {
			k = key_arm(collection, kind, slice_of(g->name, g->len));
			rc = delete_prefix(txn, table, &k, err);
		}
	return rc;
}

int model_save(struct model *m, struct txn *txn, int table, uint16_t collection,
	struct error *err)
{
	int a, rc;

	rc = delete_gone(m, txn, table, collection, err); /* a name may be back since */
	for (a = 0; a < m->arms && rc == 0; a++) {
		if (m->arm[a]->dirty)
			rc = put_arm(m->arm[a], txn, table, collection, err);
		if (rc == 0 && m->arm[a]->dirty_buckets)
			rc = put_buckets(m, m->arm[a], txn, table, collection, err);
	}
	if (rc == 0 && m->dirty)
		rc = put_meta(m, txn, table, collection, err);
	return rc;
}

void model_saved(struct model *m)
{
	int a;

	for (a = 0; a < m->arms; a++) {
		m->arm[a]->dirty = false;
		m->arm[a]->dirty_buckets = 0;
	}
	forget_gone(m);
	m->dirty = false;
}

static bool read_set(struct reader_bytes *in, struct set *s)
{
	int i;

	s->hash = bytes_u64(in);
	s->n = bytes_u8(in);
	if (s->n < 1 || s->n > PHI_MAX)
		return false;
	for (i = 0; i < s->n; i++)
		s->ids[i] = bytes_u64(in);
	return !in->failed;
}

static bool read_meta(struct model *m, struct slice value)
{
	struct reader_bytes in = bytes_reader(value);
	struct set now = m->set[0];
	int i, sets;

	if (bytes_u8(&in) != MODEL_VERSION)
		return false;
	m->version = bytes_u64(&in);
	m->stale = bytes_u64(&in);
	sets = bytes_u8(&in);
	if (sets < 1 || sets > SETS_KEPT)
		return false;
	for (i = 0; i < sets; i++)
		if (!read_set(&in, &m->set[i]))
			return false;
	m->sets = sets;
	m->changed = m->dirty = false;
	if (m->set[0].hash != now.hash)
		set_push(m, &now);
	return bytes_done(&in);
}

static bool read_arm(struct model *m, struct slice name, struct slice value)
{
	struct reader_bytes in = bytes_reader(value);
	struct arm *arm = xcalloc(1, sizeof(*arm));
	struct arm_stats *s = &arm->stats;

	m->arm[m->arms++] = arm;
	arm->len = (uint8_t)name.len;
	memcpy(arm->name, name.ptr, name.len);
	if (bytes_u8(&in) != MODEL_VERSION)
		return false;
	s->decisions = bytes_u64(&in);
	s->draws = bytes_u64(&in);
	s->depth = bytes_u64(&in);
	s->candidates = bytes_u64(&in);
	s->wins = bytes_u64(&in);
	s->reward = bytes_f64(&in);
	s->unique = bytes_f64(&in);
	s->last_ms = (int64_t)bytes_u64(&in);
	return bytes_done(&in) && isfinite(s->reward) && isfinite(s->unique);
}

static int read_bucket(struct model *m, struct arm *arm, struct slice ranks,
	struct slice value, struct error *err)
{
	const struct levels *l = &m->options.levels;
	struct key k;
	int j;

	for (j = 0; j < levels_buckets(l); j++) {
		k.len = 0;
		key_u16(&k, l->depth[j]);
		key_u16(&k, l->depth[j + 1]);
		if (slice_eq(key_slice(&k), ranks))
			return linear_decode(&arm->bucket[j], m->set[0].ids, m->set[0].n,
				m->options.lambda, value, err);
	}
	return 0; /* of other levels: kept on disk for their return */
}

/* A row after "collection": kind, then the arm's name, then a bucket's ranks. */
static int read_row(struct model *m, struct slice key, struct slice value, struct error *err)
{
	int kind = (unsigned char)key.ptr[2];
	struct slice name, rest;
	struct arm *arm;
	size_t len;

	if (kind == ROW_META)
		return read_meta(m, value) ? 0 : ERR_CORRUPT;
	len = key.len > 3 ? (unsigned char)key.ptr[3] : 0;
	if (len < 1 || len > ARM_NAME_MAX || key.len < 4 + len)
		return ERR_CORRUPT;
	name = slice_of(key.ptr + 4, len);
	rest = slice_of(key.ptr + 4 + len, key.len - 4 - len);
	arm = arm_find(m, name);
	if (kind == ROW_ARM && !arm && rest.len == 0 && m->arms < MODEL_ARMS_MAX)
		return read_arm(m, name, value) ? 0 : ERR_CORRUPT;
	if (kind == ROW_BUCKET && arm && rest.len == 4)
		return read_bucket(m, arm, rest, value, err);
	return ERR_CORRUPT;
}

static int read_rows(struct model *m, struct txn *txn, int table, uint16_t collection,
	struct error *err)
{
	struct cursor *cursor = NULL;
	struct slice key, value;
	struct key prefix = { .len = 0 };
	int rc;

	key_u16(&prefix, collection);
	rc = cursor_open(&cursor, txn, table, err);
	if (rc == 0)
		rc = cursor_seek(cursor, key_slice(&prefix), &key, &value, err);
	while (rc == 0 && key.len > 2 && slice_starts(key, key_slice(&prefix))) {
		if (err)
			err->text[0] = '\0';
		rc = read_row(m, key, value, err);
		if (rc < 0) {
			if (!err || !err->text[0])
				error_set(err, rc, "a row of %zu bytes does not read back",
					value.len);
			error_prefix(err, "model of collection %u", (unsigned)collection);
			break;
		}
		rc = cursor_next(cursor, &key, &value, err);
	}
	cursor_close(cursor);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

int model_load(struct model **out, struct txn *txn, int table, uint16_t collection,
	const struct model_options *options, const struct feature_set *features,
	struct error *err)
{
	struct model *m = NULL;
	int rc;

	rc = model_new(&m, options, features, err);
	if (rc == 0)
		rc = read_rows(m, txn, table, collection, err);
	if (rc < 0) {
		model_free(m);
		return rc;
	}
	*out = m;
	return 0;
}
