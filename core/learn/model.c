/* model.c -- the learner's state of one collection: what decisions, events and closed
 * windows do to it, and the pictures of it that searches read.
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
#include "learn/model_parts.h"

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
			"levels: expected 0 and up to %d rising depths of at most %d", BUCKETS_MAX,
			DEPTH_MAX);
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
	free(arm->ties);
	free(arm);
}

void model_forget_gone(struct model *m)
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
	model_forget_gone(m);
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

void model_push_set(struct model *m, const struct set *s)
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
	model_push_set(m, &next);
}

/* ---- arms ---- */

/* Where a name stands or would stand. */
static int arm_place(const struct model *m, struct slice name, bool *there)
{
	int low = 0, high = m->arms, middle, order;

	while (low < high) {
		middle = (low + high) / 2;
		order = slice_cmp(name, slice_of(m->arm[middle]->name, m->arm[middle]->len));
		if (order == 0) {
			*there = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*there = false;
	return low;
}

struct arm *model_arm_find(const struct model *m, struct slice name)
{
	bool there;
	int at = arm_place(m, name, &there);

	return there ? m->arm[at] : NULL;
}

struct arm *model_arm_add(struct model *m, struct slice name)
{
	struct arm *arm = xcalloc(1, sizeof(*arm));
	bool there;
	int at = arm_place(m, name, &there);

	assert(!there && m->arms < MODEL_ARMS_MAX);
	assert(name.len >= 1 && name.len <= ARM_NAME_MAX);
	arm->len = (uint8_t)name.len;
	memcpy(arm->name, name.ptr, name.len);
	memmove(&m->arm[at + 1], &m->arm[at], (size_t)(m->arms - at) * sizeof(*m->arm));
	m->arm[at] = arm;
	m->arms++;
	return arm;
}

/* Pinned ones go last: an operator has spoken of them. */
static bool goes_before(const struct arm *a, const struct arm *b)
{
	return a->pin.set != b->pin.set ? b->pin.set : a->last_ms < b->last_ms;
}

/* Room for one more: the arm that was longest without a decision goes. */
static void push_out(struct model *m)
{
	struct gone *gone = xcalloc(1, sizeof(*gone));
	int a, oldest = 0;

	for (a = 1; a < m->arms; a++)
		if (goes_before(m->arm[a], m->arm[oldest]))
			oldest = a;
	gone->len = m->arm[oldest]->len;
	memcpy(gone->name, m->arm[oldest]->name, gone->len);
	gone->next = m->gone;
	m->gone = gone;
	arm_free(m->arm[oldest]);
	m->arms--;
	memmove(&m->arm[oldest], &m->arm[oldest + 1], (size_t)(m->arms - oldest) * sizeof(*m->arm));
}

static struct arm *arm_get(struct model *m, struct slice name, int64_t now_ms)
{
	struct arm *arm = model_arm_find(m, name);

	if (!arm) {
		if (m->arms == MODEL_ARMS_MAX)
			push_out(m);
		arm = model_arm_add(m, name);
		arm->last_ms = now_ms;
	}
	arm->dirty = m->changed = m->dirty = true;
	return arm;
}

int model_pin(struct model *m, struct slice name, const struct pin *pin, int64_t now_ms,
	struct error *err)
{
	if (name.len < 1 || name.len > ARM_NAME_MAX)
		return error_set(err, ERR_ARG, "a strategy's name of %zu bytes, expected 1 to %d",
			name.len, ARM_NAME_MAX);
	if (!(pin->min >= 0) || !(pin->min <= pin->max) || !(pin->max <= 1))
		return error_set(err, ERR_ARG, "min %g, max %g: expected 0 <= min <= max <= 1",
			pin->min, pin->max);
	arm_get(m, name, now_ms)->pin = *pin;
	return 0;
}

void model_split(struct model *m, const struct split *split)
{
	m->split = *split;
	m->changed = m->dirty = true;
}

/* ---- decisions ---- */

void model_count(struct model *m, const struct decision *d)
{
	const struct decision_arm *drawn;
	struct arm *arm;
	int a;

	for (a = 0; a < d->arms; a++) {
		drawn = &d->arm[a];
		arm = arm_get(m, drawn->name, d->at_ms);
		if (arm->decisions++ == 0)
			model_warm_start(m, arm);
		if (drawn->level > 0)
			pace_add(&arm->pace, d->levels.depth[drawn->level], drawn->took_us);
		if (d->at_ms > arm->last_ms)
			arm->last_ms = d->at_ms;
	}
}

/* ---- learning ---- */

/* The whole phi of an arm in a decision, in the current set's order; false if its
 * set is no longer known. */
static bool phi_of(const struct model *m, const struct decision *d, const struct decision_arm *arm,
	float phi[PHI_MAX])
{
	float was[PHI_MAX];
	const struct set *s = NULL;
	int i, j, n = phi_join(was, d->phi, d->width, arm->action);

	/* arms had fewer features of their own once: those stand first */
	for (i = 0; i < m->sets && !s; i++)
		if (m->set[i].hash == d->features && m->set[i].n <= n)
			s = &m->set[i];
	if (!s)
		return false;
	n = s->n;
	memset(phi, 0, PHI_MAX * sizeof(*phi));
	for (i = 0; i < m->set[0].n; i++)
		for (j = 0; j < n; j++)
			if (m->set[0].ids[i] == s->ids[j])
				phi[i] = was[j];
	return true;
}

int model_bucket_of(const struct model *m, const struct decision *d, int j)
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
	int bucket = model_bucket_of(m, d, j);
	float phi[PHI_MAX];
	struct arm *arm;

	if (bucket < 0 || !phi_of(m, d, &d->arm[a], phi)) {
		m->stale++;
		m->changed = m->dirty = true;
		return false;
	}
	arm = arm_get(m, d->arm[a].name, d->at_ms);
	if (!arm->bucket[bucket])
		arm->bucket[bucket] = linear_new(m->set[0].n, m->options.lambda, NULL);
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
			change.given[i] =
				give(m, d, o, &change.credit[i], change.after - change.before);
		if (change.before == 0)
			model_tie(m, d, change.credit, change.credits);
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

void model_replay(struct model *m, const struct decision *d, const struct outcome *earned)
{
	double reward[ARMS_MAX][BUCKETS_MAX] = { 0 };
	struct credit credit[ARMS_MAX];
	struct outcome o;
	int a, e, i, j, n;

	for (e = 0; e < earned->entities; e++) {
		if (!(earned->entity[e].reward > 0))
			continue;
		n = credit_split(d, entity_hash(earned->entity[e].id), credit);
		for (i = 0; i < n; i++)
			reward[credit[i].arm][credit[i].bucket] += (double)earned->entity[e].reward;
		model_tie(m, d, credit, n);
	}
	outcome_init(&o, d);
	for (a = 0; a < d->arms; a++)
		for (j = 0; j < d->arm[a].level; j++)
			learn(m, d, &o, a, j, 0, fmin(reward[a][j], 1));
}

/* ---- publishing ---- */

/* Expected times of each arm; of an arm never measured, the mean of the others'. */
static void publish_us(const struct model *m, struct learnt *l)
{
	int a, i, known = 0;

	for (a = 0; a < m->arms; a++) {
		if (!pace_us(&m->arm[a]->pace, &m->options.levels, l->arm[a].us))
			continue;
		known++;
		for (i = 0; i < LEVELS_MAX; i++)
			l->us[i] += (l->arm[a].us[i] - l->us[i]) / (float)known;
	}
	for (a = 0; a < m->arms; a++)
		if (!(m->arm[a]->pace.n > 0))
			memcpy(l->arm[a].us, l->us, sizeof(l->us));
}

/* The arms that an arm has ties with. */
static void publish_ties(const struct model *m, struct learnt *l, int a)
{
	const struct arm *arm = m->arm[a];
	struct learnt_arm *out = &l->arm[a];
	int i, b;

	memset(out->tie_with, -1, sizeof(out->tie_with));
	out->ties = arm->tie_count ? xcalloc((size_t)arm->tie_count, sizeof(*out->ties)) : NULL;
	for (i = 0; i < arm->tie_count; i++) {
		overlap_chances(&arm->ties[i].overlap, out->ties[i]);
		for (b = 0; b < m->arms; b++)
			if (l->arm[b].id == arm->ties[i].other)
				out->tie_with[b] = (int8_t)i;
	}
}

struct snapshot *model_publish(struct model *m)
{
	struct learnt *l = xcalloc(1, sizeof(*l) + (size_t)m->arms * sizeof(struct learnt_arm));
	const struct arm *arm;
	int a, j;

	m->version += m->changed;
	m->changed = false;
	l->version = m->version;
	l->features = m->set[0].hash;
	l->lambda = m->options.lambda;
	l->condition = 1;
	l->split = m->split;
	l->count = m->arms;
	for (a = 0; a < m->arms; a++) {
		arm = m->arm[a];
		memcpy(l->arm[a].name, arm->name, arm->len);
		l->arm[a].len = arm->len;
		l->arm[a].pin = arm->pin;
		l->arm[a].id = model_arm_id(slice_of(arm->name, arm->len));
		for (j = 0; j < BUCKETS_MAX; j++)
			if (arm->bucket[j]) {
				l->arm[a].fit[j] = linear_fit(arm->bucket[j]);
				l->condition =
					fmax(l->condition, linear_fit_condition(l->arm[a].fit[j]));
			}
	}
	for (a = 0; a < m->arms; a++)
		publish_ties(m, l, a);
	publish_us(m, l);
	return snapshot_new(l, learnt_free);
}
