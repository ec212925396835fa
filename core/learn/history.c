/* history.c -- what strategies earned, by key.
 *
 *     key     collection u16 | slot u32
 *     value   u8 version 1 | u64 key | u8 life | u8 rows x (u32 arm, f32 n, f32 reward)
 *
 * `life` grows with each coming of the key, to LIFE_MAX, and falls with each of another
 * that falls on its slot; at 0 that one moves in.  So what comes often stays, and the one
 * that came once does not keep it out (as in Metwally's space saving).
 *
 * Left out: forgetting by age.  It is by number: what a strategy did when it was last asked
 * for this. */
#include "learn/history.h"

#include <math.h>

#include "base/hash.h"
#include "store/key.h"

#define HISTORY_VERSION 1
#define LIFE_MAX        16
#define KEEP            0.95  /* of the past, each time an arm is asked: twenty times count */
#define KEEP_ALL        0.998 /* the same for HISTORY_ALL */

uint64_t history_key(enum history_kind kind, struct slice text)
{
	uint64_t key = hash_bytes(text, (uint64_t)kind + 1);

	return key ? key : 1;
}

static uint32_t arm_id(struct slice name)
{
	return (uint32_t)hash_bytes(name, 0);
}

static struct key slot_key(uint16_t collection, uint64_t key)
{
	struct key k = { .len = 0 };

	key_u16(&k, collection);
	key_u32(&k, (uint32_t)(key % HISTORY_SLOTS));
	return k;
}

/* What stands in the slot, whosever it is. */
struct slot {
	uint64_t key;
	int life;
	struct history history;
};

static int read_slot(struct txn *txn, int table, struct key *k, struct slot *out, struct error *err)
{
	struct reader_bytes in;
	struct slice value;
	int i, rc;

	out->key = 0;
	out->life = out->history.count = 0;
	rc = store_get(txn, table, key_slice(k), &value, err);
	if (rc < 0)
		return rc == ERR_NOT_FOUND ? 0 : rc;
	in = bytes_reader(value);
	if (bytes_u8(&in) != HISTORY_VERSION)
		return error_set(err, ERR_CORRUPT, "history: not of version %d", HISTORY_VERSION);
	out->key = bytes_u64(&in);
	out->life = bytes_u8(&in);
	out->history.count = bytes_u8(&in);
	for (i = 0; i < out->history.count && i < ARMS_MAX; i++) {
		struct history_row *row = &out->history.row[i];

		row->arm = bytes_u32(&in);
		row->n = bytes_f32(&in);
		row->reward = bytes_f32(&in);
		if (!(row->n >= 0) || !(row->reward >= 0) || !isfinite(row->n + row->reward))
			in.failed = true;
	}
	if (i < out->history.count || !bytes_done(&in)) {
		out->history.count = 0;
		return error_set(err, ERR_CORRUPT, "history: %zu bytes do not read back",
			value.len);
	}
	return 0;
}

int history_read(struct txn *txn, int table, uint16_t collection, uint64_t key, struct history *out,
	struct error *err)
{
	struct key k = slot_key(collection, key);
	struct slot slot;
	int rc = read_slot(txn, table, &k, &slot, err);

	out->count = 0;
	if (rc == 0 && slot.key == key)
		*out = slot.history;
	return rc;
}

static struct history_row *find(struct history *h, uint32_t arm)
{
	int i;

	for (i = 0; i < h->count; i++)
		if (h->row[i].arm == arm)
			return &h->row[i];
	return NULL;
}

float history_mean(const struct history *h, struct slice arm, float prior)
{
	const struct history_row *row = find((struct history *)h, arm_id(arm));
	float mean;

	if (!row)
		return prior;
	mean = (HISTORY_WEIGHT * prior + row->reward) / (HISTORY_WEIGHT + row->n);
	return mean < 1 ? mean : 1;
}

float history_times(const struct history *h, struct slice arm)
{
	const struct history_row *row = find((struct history *)h, arm_id(arm));

	return row ? row->n : 0;
}

/* Of arms no longer there the one that was asked least makes room. */
static struct history_row *place(struct history *h, uint32_t arm)
{
	struct history_row *row = find(h, arm);
	int i;

	if (row)
		return row;
	if (h->count < ARMS_MAX) {
		row = &h->row[h->count++];
	} else {
		for (row = &h->row[0], i = 1; i < h->count; i++)
			if (h->row[i].n < row->n)
				row = &h->row[i];
	}
	*row = (struct history_row){ .arm = arm };
	return row;
}

static void add(struct history *h, const struct decision *d, const struct outcome *o, float keep)
{
	struct history_row *row;
	float earned;
	int a, j;

	for (a = 0; a < d->arms; a++) {
		if (d->arm[a].level == 0)
			continue;
		for (earned = 0, j = 0; j < d->arm[a].level; j++)
			earned += o->reward[a][j];
		row = place(h, arm_id(d->arm[a].name));
		row->n = keep * row->n + 1;
		row->reward = keep * row->reward + (earned < 1 ? earned : 1);
	}
}

static int write_slot(struct txn *txn, int table, struct key *k, const struct slot *slot,
	struct error *err)
{
	struct buf b = { 0 };
	int i, rc;

	buf_put_u8(&b, HISTORY_VERSION);
	buf_put_u64(&b, slot->key);
	buf_put_u8(&b, (uint8_t)slot->life);
	buf_put_u8(&b, (uint8_t)slot->history.count);
	for (i = 0; i < slot->history.count; i++) {
		buf_put_u32(&b, slot->history.row[i].arm);
		buf_put_f32(&b, slot->history.row[i].n);
		buf_put_f32(&b, slot->history.row[i].reward);
	}
	rc = b.failed ? error_set(err, ERR_MEMORY, "no memory for history")
		      : store_put(txn, table, key_slice(k), buf_slice(&b), err);
	buf_clear(&b);
	return rc;
}

int history_add(struct txn *txn, int table, uint16_t collection, const struct decision *d,
	const struct outcome *o, struct error *err)
{
	struct slot slot;
	struct key k;
	int i, rc = 0;

	for (i = 0; rc == 0 && i < d->history_keys; i++) {
		k = slot_key(collection, d->history_key[i]);
		rc = read_slot(txn, table, &k, &slot, err);
		if (rc == ERR_CORRUPT) /* one bad slot must not stop what is learnt */
			rc = 0;
		if (rc < 0)
			break;
		if (slot.key == d->history_key[i]) {
			slot.life += slot.life < LIFE_MAX;
		} else if (slot.life > 0) {
			slot.life--;
		} else {
			slot = (struct slot){ .key = d->history_key[i], .life = 1 };
		}
		if (slot.key == d->history_key[i])
			add(&slot.history, d, o, i ? KEEP : KEEP_ALL);
		rc = write_slot(txn, table, &k, &slot, err);
	}
	return rc;
}

int history_drop(struct txn *txn, int table, uint16_t collection, uint64_t key, struct error *err)
{
	struct key k = slot_key(collection, key);
	struct slot slot;
	int rc = read_slot(txn, table, &k, &slot, err);

	if (rc == 0 && slot.key == key)
		rc = store_del(txn, table, key_slice(&k), err);
	return rc;
}
