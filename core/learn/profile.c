/* profile.c -- one row a user.
 *
 *   key    u16 collection, the user's name
 *   value  u8 version (1), i64 time of the sums in ms, f64 rewards, u8 count, then per
 *          value: field and value, each as a varint and the bytes, f64 sum
 *
 * Sums are as of the row's time and decay when they are read, so a user who stays away
 * costs nothing.  What is added with an earlier time is decayed to the row's, so the result
 * does not depend on the order of arrival. */
#include "learn/profile.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"

#define PROFILE_VERSION 1

struct value {
	struct slice field, value;
	double sum;
};

struct row {
	int64_t time_ms;
	double rewards;
	int count;
	struct value value[PROFILE_VALUES_MAX + 1]; /* one more while it is added to */
};

static double decay(int64_t from_ms, int64_t to_ms, double half_life_ms)
{
	return to_ms <= from_ms ? 1 : exp2(-(double)(to_ms - from_ms) / half_life_ms);
}

static bool row_key(struct key *out, const struct profiles *p, struct slice user)
{
	if (user.len < 1 || user.len > PROFILE_USER_MAX)
		return false;
	out->len = 0;
	key_u16(out, p->collection);
	key_raw(out, user);
	return true;
}

/* Texts borrow from the bytes. */
static int row_decode(struct slice bytes, struct row *out, struct error *err)
{
	struct reader_bytes in = bytes_reader(bytes);
	unsigned version = bytes_u8(&in);
	int i;

	out->time_ms = (int64_t)bytes_u64(&in);
	out->rewards = bytes_f64(&in);
	out->count = bytes_u8(&in);
	if (version != PROFILE_VERSION || out->count > PROFILE_VALUES_MAX)
		return error_set(err, ERR_CORRUPT, "a profile of version %u, %d values", version,
			out->count);
	for (i = 0; i < out->count && !in.failed; i++) {
		out->value[i].field = bytes_bytes(&in);
		out->value[i].value = bytes_bytes(&in);
		out->value[i].sum = bytes_f64(&in);
		if (!(out->value[i].sum >= 0 && isfinite(out->value[i].sum)))
			in.failed = true;
	}
	if (!bytes_done(&in) || !(out->rewards >= 0 && isfinite(out->rewards)))
		return error_set(err, ERR_CORRUPT, "a profile of %zu bytes does not read back",
			bytes.len);
	return 0;
}

static int row_put(const struct profiles *p, const struct key *key, const struct row *row,
	struct error *err)
{
	struct buf b = { 0 };
	int i, rc;

	buf_put_u8(&b, PROFILE_VERSION);
	buf_put_u64(&b, (uint64_t)row->time_ms);
	buf_put_f64(&b, row->rewards);
	buf_put_u8(&b, (uint8_t)row->count);
	for (i = 0; i < row->count; i++) {
		buf_put_bytes(&b, row->value[i].field);
		buf_put_bytes(&b, row->value[i].value);
		buf_put_f64(&b, row->value[i].sum);
	}
	rc = b.failed ? error_set(err, ERR_MEMORY, "no memory for a profile")
		      : store_put(p->txn, p->table, key_slice(key), buf_slice(&b), err);
	buf_clear(&b);
	return rc;
}

/* 1, or 0 and an empty row of now where there is none; texts borrow from the map. */
static int row_get(const struct profiles *p, const struct key *key, struct row *out,
	struct error *err)
{
	struct slice bytes;
	int rc = store_get(p->txn, p->table, key_slice(key), &bytes, err);

	out->time_ms = p->now_ms;
	out->rewards = 0;
	out->count = 0;
	if (rc == ERR_NOT_FOUND)
		return 0;
	if (rc == 0)
		rc = row_decode(bytes, out, err);
	return rc < 0 ? rc : 1;
}

/* ---- adding ---- */

/* The sums as of now, unless they are later. */
static void fade(struct row *row, const struct profiles *p)
{
	double d = decay(row->time_ms, p->now_ms, p->half_life_ms);
	int i;

	if (p->now_ms <= row->time_ms)
		return;
	for (i = 0; i < row->count; i++)
		row->value[i].sum *= d;
	row->rewards *= d;
	row->time_ms = p->now_ms;
}

/* Values below `least` are not there any more; how many those were. */
static int drop_faded(struct row *row, double least)
{
	int i, n;

	for (i = n = 0; i < row->count; i++)
		if (row->value[i].sum >= least)
			row->value[n++] = row->value[i];
	i = row->count - n;
	row->count = n;
	return i;
}

static void add(struct row *row, const struct profile_trait *trait, double amount)
{
	int i, worst = 0;

	for (i = 0; i < row->count; i++)
		if (slice_eq(row->value[i].field, trait->field) &&
			slice_eq(row->value[i].value, trait->value))
			break;
	if (i == row->count)
		row->value[row->count++] = (struct value){ trait->field, trait->value, 0 };
	row->value[i].sum += amount * trait->weight;
	if (row->count <= PROFILE_VALUES_MAX)
		return;
	for (i = 1; i < row->count; i++)
		if (row->value[i].sum < row->value[worst].sum)
			worst = i;
	row->value[worst] = row->value[--row->count];
}

int profile_add(const struct profiles *p, struct slice user, const struct profile_trait *traits,
	int count, double reward, struct error *err)
{
	struct row row;
	struct key key;
	int i, rc;

	if (!row_key(&key, p, user) || !(reward > 0))
		return 0;
	rc = row_get(p, &key, &row, err);
	if (rc == ERR_CORRUPT) /* it begins anew */
		row = (struct row){ .time_ms = p->now_ms };
	else if (rc < 0)
		return rc;
	fade(&row, p);
	drop_faded(&row, PROFILE_FADED);
	reward *= decay(p->now_ms, row.time_ms, p->half_life_ms);
	row.rewards += reward;
	for (i = 0; i < count; i++)
		if (traits[i].value.len <= PROFILE_VALUE_BYTES)
			add(&row, &traits[i], reward);
	return row_put(p, &key, &row, err);
}

/* ---- reading ---- */

static int by_field(const void *a, const void *b)
{
	const struct profile_like *x = a, *y = b;
	int order = slice_cmp(x->field, y->field);

	if (order)
		return order;
	if (x->share != y->share)
		return x->share > y->share ? -1 : 1;
	return slice_cmp(x->value, y->value);
}

int profile_read(const struct profiles *p, struct slice user, struct arena *arena,
	struct profile **out, struct error *err)
{
	struct profile *made;
	struct row row;
	struct key key;
	int i, rc;

	*out = NULL;
	if (!row_key(&key, p, user))
		return 0;
	rc = row_get(p, &key, &row, err);
	if (rc <= 0)
		return rc;
	fade(&row, p);
	drop_faded(&row, PROFILE_FADED);
	*out = made = arena_calloc(arena, 1, sizeof(*made));
	made->rewards = row.rewards;
	made->count = row.count;
	for (i = 0; i < row.count; i++)
		made->like[i] = (struct profile_like){ arena_slice(arena, row.value[i].field),
			arena_slice(arena, row.value[i].value),
			row.value[i].sum / (row.rewards + PROFILE_WEIGHT) };
	qsort(made->like, made->count, sizeof(*made->like), by_field);
	return 0;
}

/* ---- forgetting ---- */

int profile_drop(const struct profiles *p, struct slice user, struct error *err)
{
	struct key key;
	int rc = row_key(&key, p, user) ? store_del(p->txn, p->table, key_slice(&key), err) : 0;

	return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* The row is left, or goes, or has less; how many values went. */
static int thin(const struct profiles *p, const struct key *key, struct slice bytes, double least,
	struct error *err)
{
	struct row row = { 0 };
	int dropped = 0, rc = 0;

	if (row_decode(bytes, &row, NULL) == 0) {
		least /= decay(row.time_ms, p->now_ms, p->half_life_ms);
		dropped = drop_faded(&row, least);
	} else {
		row.count = 0;
	}
	if (!row.count)
		rc = store_del(p->txn, p->table, key_slice(key), err);
	else if (dropped)
		rc = row_put(p, key, &row, err);
	return rc < 0 ? rc : dropped;
}

int profile_forget(const struct profiles *p, struct key *at, int rows, double least,
	struct error *err)
{
	struct slice key, bytes;
	int dropped = 0, rc;

	while (rows-- > 0) { /* as memory_forget */
		rc = store_seek(p->txn, p->table, key_slice(at), &key, &bytes, err);
		at->len = 0;
		if (rc < 0)
			return rc == ERR_NOT_FOUND ? dropped : rc;
		key_raw(at, key);
		rc = thin(p, at, bytes, least, err);
		if (rc < 0)
			return rc;
		dropped += rc;
		key_u8(at, 0); /* the least key above it */
	}
	return dropped;
}
