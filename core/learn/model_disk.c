/* model_disk.c -- how a model lies on disk.
 *
 *     key                                        value
 *     collection u16 | 0                         u8 version 2 | u64 model version |
 *                                                u64 stale | u8 sets x (u64 hash |
 *                                                u8 n | n x u64 name hash) | split
 *                                                as text, its salt
 *     collection u16 | 1 | u8 len, name          u8 version 3 | u64 decisions |
 *                                                u64 time of the last | pace (pace.c) |
 *                                                u8 pinned, f32 min, f32 max
 *     collection u16 | 2 | u8 len, name |        a regression (linear.c)
 *                          u16 from, u16 to
 *     collection u16 | 3 | u8 len, name          u8 version 1 | u8 levels x u16 depth |
 *                                                u8 ties x (u32 other arm, overlap.c)
 *
 * A bucket's key says its ranks, so other depth levels find what fits them and leave
 * the rest alone; ties of other levels are dropped.  Numbers in keys are big endian, in
 * values little endian.
 *
 * The first set on disk is the current one.  Older ones are kept because feedback for
 * decisions made under them is still to come: their phi is carried over by names.
 *
 * An arm of version 1 has neither pace nor pin, up to version 2 it has more counters, which
 * are tallied now (counts.h); the first row of version 1 has no split. */

#include "base/alloc.h"
#include "learn/model_parts.h"
#include "store/key.h"

#define MODEL_VERSION   2
#define ARM_VERSION     3
#define COUNTERS_BEFORE 6 /* of 8 bytes, in versions 1 and 2 */
#define TIES_VERSION    1

enum { ROW_META, ROW_ARM, ROW_BUCKET, ROW_TIES };

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
	struct buf b = { 0 }, text = { 0 };
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
	split_print(&m->split, &text);
	buf_put_bytes(&b, buf_slice(&text));
	buf_put_bytes(&b, slice_str(m->split.salt));
	rc = store_put(txn, table, key_slice(&k), buf_slice(&b), err);
	buf_clear(&text);
	buf_clear(&b);
	return rc;
}

static int put_arm(const struct arm *arm, struct txn *txn, int table, uint16_t collection,
	struct error *err)
{
	struct key k = key_arm(collection, ROW_ARM, slice_of(arm->name, arm->len));
	struct buf b = { 0 };
	int rc;

	buf_put_u8(&b, ARM_VERSION);
	buf_put_u64(&b, arm->decisions);
	buf_put_u64(&b, (uint64_t)arm->last_ms);
	pace_encode(&arm->pace, &b);
	buf_put_u8(&b, arm->pin.set);
	buf_put_f32(&b, arm->pin.min);
	buf_put_f32(&b, arm->pin.max);
	rc = store_put(txn, table, key_slice(&k), buf_slice(&b), err);
	buf_clear(&b);
	return rc;
}

static int put_buckets(const struct model *m, const struct arm *arm, struct txn *txn, int table,
	uint16_t collection, struct error *err)
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

static int put_ties(const struct model *m, const struct arm *arm, struct txn *txn, int table,
	uint16_t collection, struct error *err)
{
	struct key k = key_arm(collection, ROW_TIES, slice_of(arm->name, arm->len));
	const struct levels *levels = &m->options.levels;
	struct buf b = { 0 };
	int i, rc;

	buf_put_u8(&b, TIES_VERSION);
	buf_put_u8(&b, (uint8_t)levels->count);
	for (i = 0; i < levels->count; i++)
		buf_put_u16(&b, levels->depth[i]);
	buf_put_u8(&b, (uint8_t)arm->tie_count);
	for (i = 0; i < arm->tie_count; i++) {
		buf_put_u32(&b, arm->ties[i].other);
		overlap_encode(&arm->ties[i].overlap, &b);
	}
	rc = store_put(txn, table, key_slice(&k), buf_slice(&b), err);
	buf_clear(&b);
	return rc;
}

static int delete_prefix(struct txn *txn, int table, const struct key *prefix, struct error *err)
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
		for (kind = ROW_ARM; kind <= ROW_TIES && rc == 0; kind++) {
			k = key_arm(collection, kind, slice_of(g->name, g->len));
			rc = delete_prefix(txn, table, &k, err);
		}
	return rc;
}

int model_save(struct model *m, struct txn *txn, int table, uint16_t collection, struct error *err)
{
	int a, rc;

	rc = delete_gone(m, txn, table, collection, err); /* a name may be back since */
	for (a = 0; a < m->arms && rc == 0; a++) {
		if (m->arm[a]->dirty)
			rc = put_arm(m->arm[a], txn, table, collection, err);
		if (rc == 0 && m->arm[a]->dirty_buckets)
			rc = put_buckets(m, m->arm[a], txn, table, collection, err);
		if (rc == 0 && m->arm[a]->dirty_ties)
			rc = put_ties(m, m->arm[a], txn, table, collection, err);
	}
	if (rc == 0 && m->dirty)
		rc = put_meta(m, txn, table, collection, err);
	return rc;
}

void model_saved(struct model *m)
{
	int a;

	for (a = 0; a < m->arms; a++) {
		m->arm[a]->dirty = m->arm[a]->dirty_ties = false;
		m->arm[a]->dirty_buckets = 0;
	}
	model_forget_gone(m);
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

static bool read_split(struct reader_bytes *in, struct split *split)
{
	struct slice text = bytes_bytes(in), salt = bytes_bytes(in);

	return !in->failed && (!text.len || split_parse(split, text, NULL) == 0) &&
	       split_salt(split, salt, NULL) == 0;
}

static bool read_meta(struct model *m, struct slice value)
{
	struct reader_bytes in = bytes_reader(value);
	struct set now = m->set[0];
	int i, sets, version = bytes_u8(&in);

	if (version < 1 || version > MODEL_VERSION)
		return false;
	m->version = bytes_u64(&in);
	m->stale = bytes_u64(&in);
	sets = bytes_u8(&in);
	if (sets < 1 || sets > SETS_KEPT)
		return false;
	for (i = 0; i < sets; i++)
		if (!read_set(&in, &m->set[i]))
			return false;
	if (version >= 2 && !read_split(&in, &m->split))
		return false;
	m->sets = sets;
	m->changed = m->dirty = false;
	if (m->set[0].hash != now.hash)
		model_push_set(m, &now);
	return bytes_done(&in);
}

static bool read_pin(struct reader_bytes *in, struct pin *pin)
{
	int set = bytes_u8(in);

	pin->set = set;
	pin->min = bytes_f32(in);
	pin->max = bytes_f32(in);
	return set <= 1 && pin->min >= 0 && pin->min <= pin->max && pin->max <= 1;
}

static bool read_arm(struct model *m, struct slice name, struct slice value)
{
	struct reader_bytes in = bytes_reader(value);
	struct arm *arm = model_arm_add(m, name);
	int i, version = bytes_u8(&in);

	if (version < 1 || version > ARM_VERSION)
		return false;
	arm->decisions = bytes_u64(&in);
	for (i = 0; i < COUNTERS_BEFORE && version < 3; i++)
		bytes_u64(&in);
	arm->last_ms = (int64_t)bytes_u64(&in);
	if (version >= 2 && (!pace_decode(&arm->pace, &in) || !read_pin(&in, &arm->pin)))
		return false;
	return bytes_done(&in);
}

static int read_bucket(struct model *m, struct arm *arm, struct slice ranks, struct slice value,
	struct error *err)
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

static bool read_ties(struct model *m, struct arm *arm, struct slice value)
{
	struct reader_bytes in = bytes_reader(value);
	const struct levels *l = &m->options.levels;
	bool ours;
	int i, n;

	if (bytes_u8(&in) != TIES_VERSION)
		return false;
	n = bytes_u8(&in);
	for (ours = n == l->count, i = 0; i < n && !in.failed; i++)
		ours &= bytes_u16(&in) == l->depth[i < l->count ? i : 0];
	if (!ours)
		return !in.failed;
	n = bytes_u8(&in);
	if (n > ARMS_MAX)
		return false;
	arm->ties = xcalloc(ARMS_MAX, sizeof(*arm->ties));
	for (i = 0; i < n; i++) {
		arm->ties[i].other = bytes_u32(&in);
		if (!overlap_decode(&arm->ties[i].overlap, &in))
			return false;
	}
	arm->tie_count = n;
	return bytes_done(&in);
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
	arm = model_arm_find(m, name);
	if (kind == ROW_ARM && !arm && rest.len == 0 && m->arms < MODEL_ARMS_MAX)
		return read_arm(m, name, value) ? 0 : ERR_CORRUPT;
	if (kind == ROW_BUCKET && arm && rest.len == 4)
		return read_bucket(m, arm, rest, value, err);
	if (kind == ROW_TIES && arm && !arm->ties && rest.len == 0)
		return read_ties(m, arm, value) ? 0 : ERR_CORRUPT;
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
			error_prefix(err, rc, "model of collection %u", (unsigned)collection);
			break;
		}
		rc = cursor_next(cursor, &key, &value, err);
	}
	cursor_close(cursor);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

int model_load(struct model **out, struct txn *txn, int table, uint16_t collection,
	const struct model_options *options, const struct feature_set *features, struct error *err)
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
