/* memory.c -- one row a key, holding its pairs (Q2E).
 *
 *   key    u16 collection, key bytes
 *   value  u8 version (1), u16 count, then per pair: varint-prefixed entity,
 *          f64 reward, f64 impressions, i64 time of the sums in ms
 *
 * Sums are kept as of their own time and decayed when read, so a pair nobody
 * touches costs nothing. An event older than the sums is decayed to their time
 * before it is added: the result does not depend on the order of arrival. */
#include "index/memory.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "limits.h"
#include "store/key.h"

#define MEMORY_VERSION 1
#define DRAW_LEAST     1e-3 /* a Beta needs parameters above 0 */

struct pair {
	struct slice entity;
	double reward, impressions;
	int64_t time_ms;
};

static double decay(int64_t from_ms, int64_t to_ms, const struct memory_options *o)
{
	return to_ms <= from_ms ? 1 : exp2(-(double)(to_ms - from_ms) / o->half_life_ms);
}

static double mean(const struct memory *m, const struct pair *p)
{
	const struct memory_options *o = m->options;
	double d = decay(p->time_ms, m->now_ms, o);
	double v = (o->prior_weight * o->prior + d * p->reward) /
		   (o->prior_weight + d * p->impressions);

	return v > 1 ? 1 : v > 0 ? v : 0;
}

static int row_key(struct key *out, const struct memory *m, struct slice key, struct error *err)
{
	if (key.len < 1 || key.len > MEMORY_KEY_MAX)
		return error_set(err, ERR_LIMIT, "a memory key has 1 to %d bytes, this one %zu",
			MEMORY_KEY_MAX, key.len);
	out->len = 0;
	key_u16(out, m->collection);
	key_raw(out, key);
	return 0;
}

static double evidence(const struct memory *m, const struct pair *p)
{
	return decay(p->time_ms, m->now_ms, m->options) * (p->reward + p->impressions);
}

/* Pairs of a row, entities borrowed from it. */
static int row_decode(struct slice value, struct pair *out, size_t *count, struct error *err)
{
	struct reader_bytes r = bytes_reader(value);
	unsigned version = bytes_u8(&r), n = bytes_u16(&r), i;

	if (version != MEMORY_VERSION || n > MEMORY_ENTITIES_MAX)
		return error_set(err, ERR_CORRUPT, "memory row: version %u, %u pairs", version, n);
	for (i = 0; i < n && !r.failed; i++) {
		out[i].entity = bytes_bytes(&r);
		out[i].reward = bytes_f64(&r);
		out[i].impressions = bytes_f64(&r);
		out[i].time_ms = bytes_u64(&r);
		if (!(out[i].reward >= 0 && out[i].impressions >= 0))
			r.failed = true;
	}
	if (!bytes_done(&r))
		return error_set(err, ERR_CORRUPT, "memory row: %zu bytes do not add up",
			value.len);
	*count = n;
	return 0;
}

static void row_encode(struct buf *out, const struct pair *pairs, size_t count)
{
	size_t i;

	buf_put_u8(out, MEMORY_VERSION);
	buf_put_u16(out, count);
	for (i = 0; i < count; i++) {
		buf_put_bytes(out, pairs[i].entity);
		buf_put_f64(out, pairs[i].reward);
		buf_put_f64(out, pairs[i].impressions);
		buf_put_u64(out, pairs[i].time_ms);
	}
}

static int row_put(const struct memory *m, const struct key *key, const struct pair *pairs,
	size_t count, struct error *err)
{
	struct buf row = { 0 };
	int rc;

	row_encode(&row, pairs, count);
	rc = row.failed ? error_set(err, ERR_MEMORY, "memory row")
			: store_put(m->txn, m->table, key_slice(key), buf_slice(&row), err);
	buf_clear(&row);
	return rc;
}

/* What is left of the pairs, in their order. */
static size_t without_faded(const struct memory *m, struct pair *pairs, size_t count, double least)
{
	size_t i, n;

	for (i = n = 0; i < count; i++)
		if (evidence(m, &pairs[i]) >= least)
			pairs[n++] = pairs[i];
	return n;
}

/* The sums stay as of the later of both times. */
static void pair_add(struct pair *p, double reward, double impressions, const struct memory *m)
{
	double d;

	if (m->now_ms >= p->time_ms) {
		d = decay(p->time_ms, m->now_ms, m->options);
		p->reward = p->reward * d + reward;
		p->impressions = p->impressions * d + impressions;
		p->time_ms = m->now_ms;
	} else {
		d = decay(m->now_ms, p->time_ms, m->options);
		p->reward += reward * d;
		p->impressions += impressions * d;
	}
}

int memory_add(const struct memory *m, struct slice key, struct slice entity, double reward,
	double impressions, struct error *err)
{
	struct pair pairs[MEMORY_ENTITIES_MAX + 1];
	size_t count = 0, i, worst = 0;
	struct slice value;
	struct key at;
	int rc;

	if (!(reward >= 0 && impressions >= 0 && reward < 1e12 && impressions < 1e12))
		return error_set(err, ERR_ARG, "memory: reward %g, impressions %g", reward,
			impressions);
	if (entity.len < 1 || entity.len > ID_BYTES_MAX)
		return error_set(err, ERR_ARG, "memory: an entity of %zu bytes", entity.len);
	rc = row_key(&at, m, key, err);
	if (rc < 0)
		return rc;
	rc = store_get(m->txn, m->table, key_slice(&at), &value, err);
	if (rc == 0)
		rc = row_decode(value, pairs, &count, err);
	if (rc < 0 && rc != ERR_NOT_FOUND)
		return rc;
	count = without_faded(m, pairs, count, MEMORY_FADED);
	for (i = 0; i < count && !slice_eq(pairs[i].entity, entity); i++)
		;
	if (i == count)
		pairs[count++] = (struct pair){ entity, 0, 0, m->now_ms };
	pair_add(&pairs[i], reward, impressions, m);
	if (count > MEMORY_ENTITIES_MAX) {
		for (i = 1; i < count; i++)
			if (mean(m, &pairs[i]) < mean(m, &pairs[worst]))
				worst = i;
		pairs[worst] = pairs[--count];
	}
	return row_put(m, &at, pairs, count, err);
}

static int by_draw(const void *a, const void *b)
{
	const struct memory_row *x = a, *y = b;

	if (x->draw != y->draw)
		return x->draw > y->draw ? -1 : 1;
	return slice_cmp(x->entity, y->entity);
}

static void row_fill(struct memory_row *row, const struct pair *p, const struct memory *m,
	struct rng *rng)
{
	const struct memory_options *o = m->options;
	double d = decay(p->time_ms, m->now_ms, o), a, b;

	row->reward = d * p->reward;
	row->impressions = d * p->impressions;
	row->score = row->draw = mean(m, p);
	if (!rng)
		return;
	a = o->prior_weight * o->prior + d * p->reward;
	b = o->prior_weight + d * p->impressions - a;
	row->draw = rng_beta(rng, fmax(a, DRAW_LEAST), fmax(b, DRAW_LEAST));
}

int memory_get(const struct memory *m, struct slice key, struct rng *rng, struct arena *arena,
	struct memory_row **out, struct error *err)
{
	struct pair pairs[MEMORY_ENTITIES_MAX];
	struct memory_row *rows;
	struct slice value;
	struct key at;
	size_t i, n = 0;
	int rc;

	*out = NULL;
	rc = row_key(&at, m, key, err);
	if (rc < 0)
		return rc;
	rc = store_get(m->txn, m->table, key_slice(&at), &value, err);
	if (rc == ERR_NOT_FOUND)
		return 0;
	if (rc == 0)
		rc = row_decode(value, pairs, &n, err);
	if (rc < 0)
		return rc;
	n = without_faded(m, pairs, n, MEMORY_FADED);
	rows = arena_calloc(arena, n + 1, sizeof(*rows));
	for (i = 0; i < n; i++) {
		rows[i].entity = arena_slice(arena, pairs[i].entity);
		row_fill(&rows[i], &pairs[i], m, rng);
	}
	qsort(rows, n, sizeof(*rows), by_draw);
	*out = rows;
	return (int)n;
}

int memory_drop(const struct memory *m, struct slice key, struct error *err)
{
	struct key at;
	int rc = row_key(&at, m, key, err);

	if (rc < 0)
		return rc;
	rc = store_del(m->txn, m->table, key_slice(&at), err);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* Sought row by row, so that no cursor stands on what changes. */
int memory_forget(const struct memory *m, struct key *at, int rows, double least, struct error *err)
{
	struct pair pairs[MEMORY_ENTITIES_MAX];
	struct slice key, value;
	size_t count, left;
	int dropped = 0, rc;

	while (rows-- > 0) {
		rc = store_seek(m->txn, m->table, key_slice(at), &key, &value, err);
		at->len = 0;
		if (rc < 0)
			return rc == ERR_NOT_FOUND ? dropped : rc;
		key_raw(at, key);
		count = left = 0;
		if (row_decode(value, pairs, &count, err) == 0)
			left = without_faded(m, pairs, count, least);
		if (left == 0)
			rc = store_del(m->txn, m->table, key_slice(at), err);
		else if (left < count)
			rc = row_put(m, at, pairs, left, err);
		if (rc < 0)
			return rc;
		dropped += count - left;
		key_u8(at, 0); /* the least key above it */
	}
	return dropped;
}
