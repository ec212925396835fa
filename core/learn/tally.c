/* tally.c -- rows of sums, by slots of time.
 *
 *     key     collection u16 | kind u8 | slot u32 | name
 *     value   u8 version 1 | u8 n | n x f64
 *
 * Within a slot rows stand in order of their names, so summing slots is a walk through the
 * table beside a sorted list. */
#include "learn/tally.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "store/key.h"

#define TALLY_VERSION 1
#define PREFIX        3 /* bytes of collection and kind */
#define HEAD          7 /* and slot */

struct row {
	struct key key; /* of the slot */
	int numbers;
	double at[TALLY_NUMBERS_MAX];
};

struct tally {
	struct row **row;
	size_t count, cap;
	uint32_t *place; /* by hash: number of a row + 1 */
	size_t places;   /* a power of two, more than twice `count` */
};

struct tally *tally_new(void)
{
	struct tally *t = xcalloc(1, sizeof(*t));

	t->places = 64;
	t->place = xcalloc(t->places, sizeof(*t->place));
	return t;
}

void tally_clear(struct tally *t)
{
	while (t->count)
		free(t->row[--t->count]);
	memset(t->place, 0, t->places * sizeof(*t->place));
}

void tally_free(struct tally *t)
{
	if (!t)
		return;
	tally_clear(t);
	free(t->row);
	free(t->place);
	free(t);
}

/* ---- adding ---- */

static uint32_t slot_of(int64_t ms)
{
	int64_t slot = ms > 0 ? ms / TALLY_SLOT_MS : 0;

	return slot < UINT32_MAX ? (uint32_t)slot : UINT32_MAX;
}

static void put_head(struct key *k, uint16_t collection, uint8_t kind, uint32_t slot)
{
	k->len = 0;
	key_u16(k, collection);
	key_u8(k, kind);
	key_u32(k, slot);
}

/* Where the key stands or would stand. */
static uint32_t *find_place(const struct tally *t, const struct key *key)
{
	size_t at = hash_bytes(key_slice(key), 0) & (t->places - 1);

	while (t->place[at] && !slice_eq(key_slice(&t->row[t->place[at] - 1]->key), key_slice(key)))
		at = (at + 1) & (t->places - 1);
	return &t->place[at];
}

static void widen(struct tally *t)
{
	size_t i;

	free(t->place);
	t->places *= 2;
	t->place = xcalloc(t->places, sizeof(*t->place));
	for (i = 0; i < t->count; i++)
		*find_place(t, &t->row[i]->key) = (uint32_t)i + 1;
}

double *tally_row(struct tally *t, uint16_t collection, uint8_t kind, int64_t at_ms,
	struct slice name, int numbers)
{
	struct row *row;
	uint32_t *place;
	struct key key;

	assert(numbers >= 1 && numbers <= TALLY_NUMBERS_MAX && name.len <= TALLY_NAME_MAX);
	put_head(&key, collection, kind, slot_of(at_ms));
	key_raw(&key, name);
	place = find_place(t, &key);
	if (*place)
		return t->row[*place - 1]->at;
	if (2 * (t->count + 1) >= t->places) {
		widen(t);
		place = find_place(t, &key);
	}
	row = xcalloc(1, sizeof(*row));
	row->key = key;
	row->numbers = numbers;
	xgrow(&t->row, &t->cap, t->count + 1, sizeof(*t->row));
	t->row[t->count++] = row;
	*place = (uint32_t)t->count;
	return row->at;
}

/* ---- rows on disk ---- */

/* Adds what stands there; false if it does not read back. */
static bool add_row(struct slice value, double *at, int *numbers)
{
	struct reader_bytes in = bytes_reader(value);
	double x;
	int i, n;

	if (bytes_u8(&in) != TALLY_VERSION)
		return false;
	n = bytes_u8(&in);
	if (n < 1 || n > TALLY_NUMBERS_MAX || value.len != 2 + 8 * (size_t)n)
		return false;
	for (i = 0; i < n; i++) {
		x = bytes_f64(&in);
		at[i] += isfinite(x) ? x : 0;
	}
	if (*numbers < n)
		*numbers = n;
	return true;
}

static int save_row(const struct row *row, const struct key *key, struct txn *txn, int table,
	struct error *err)
{
	double at[TALLY_NUMBERS_MAX];
	int i, n = row->numbers, rc;
	struct buf out = { 0 };
	struct slice value;

	memcpy(at, row->at, sizeof(at));
	rc = store_get(txn, table, key_slice(key), &value, err);
	if (rc == 0)
		add_row(value, at, &n);
	else if (rc != ERR_NOT_FOUND)
		return rc;
	buf_put_u8(&out, TALLY_VERSION);
	buf_put_u8(&out, (uint8_t)n);
	for (i = 0; i < n; i++)
		buf_put_f64(&out, at[i]);
	rc = store_put(txn, table, key_slice(key), buf_slice(&out), err);
	buf_clear(&out);
	return rc;
}

int tally_save(const struct tally *t, struct txn *txn, int table, struct error *err)
{
	struct key all;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < t->count; i++) {
		all = t->row[i]->key;
		memset(all.bytes + PREFIX, 0, HEAD - PREFIX);
		rc = save_row(t->row[i], &t->row[i]->key, txn, table, err);
		if (rc == 0 && !slice_eq(key_slice(&all), key_slice(&t->row[i]->key)))
			rc = save_row(t->row[i], &all, txn, table, err);
	}
	return rc;
}

/* ---- reading ---- */

struct sums {
	struct arena *arena;
	struct tally_sum *list;
	int count, cap;
};

/* By name from `at` on, where it stands or is put. */
static int find_sum(struct sums *s, struct slice name, int at)
{
	while (at < s->count && slice_cmp(s->list[at].name, name) < 0)
		at++;
	if (at < s->count && slice_eq(s->list[at].name, name))
		return at;
	if (s->count == s->cap) {
		s->list = arena_grow(s->arena, s->list, (size_t)s->cap * sizeof(*s->list),
			(size_t)(s->cap + 64) * sizeof(*s->list));
		s->cap += 64;
	}
	memmove(&s->list[at + 1], &s->list[at], (size_t)(s->count - at) * sizeof(*s->list));
	memset(&s->list[at], 0, sizeof(*s->list));
	s->list[at].name = arena_slice(s->arena, name);
	s->count++;
	return at;
}

int tally_read(const struct tally_rows *rows, uint8_t kind, int64_t from_ms, int64_t to_ms,
	struct tally_sum **out, struct error *err)
{
	uint32_t from = slot_of(from_ms), end = from ? slot_of(to_ms) : 1, slot, before = 0;
	struct sums sums = { .arena = rows->arena };
	struct cursor *cursor = NULL;
	struct slice key, value;
	struct key head;
	int at = 0, n = 0, rc;

	put_head(&head, rows->collection, kind, from);
	rc = cursor_open(&cursor, rows->txn, rows->table, err);
	if (rc == 0)
		rc = cursor_seek(cursor, key_slice(&head), &key, &value, err);
	while (rc == 0 && key.len >= HEAD && !memcmp(key.ptr, head.bytes, PREFIX)) {
		slot = key_read_u32(key.ptr + PREFIX);
		if (slot >= end)
			break;
		at = find_sum(&sums, slice_of(key.ptr + HEAD, key.len - HEAD),
			slot == before ? at : 0);
		before = slot;
		add_row(value, sums.list[at].at, &n);
		rc = cursor_next(cursor, &key, &value, err);
	}
	cursor_close(cursor);
	*out = sums.list;
	return rc < 0 && rc != ERR_NOT_FOUND ? rc : sums.count;
}

/* The slots of one kind that are too old, from the head's on. */
static int forget_kind(struct cursor *cursor, struct key *head, uint32_t before, int most,
	struct error *err)
{
	struct slice key, value;
	int n = 0, rc = cursor_seek(cursor, key_slice(head), &key, &value, err);

	while (rc == 0 && n < most && key.len >= HEAD && !memcmp(key.ptr, head->bytes, PREFIX) &&
		key_read_u32(key.ptr + PREFIX) < before) {
		rc = cursor_del(cursor, err);
		n += rc == 0;
		if (rc == 0)
			rc = cursor_next(cursor, &key, &value, err);
	}
	return rc < 0 && rc != ERR_NOT_FOUND ? rc : n;
}

int tally_forget(struct txn *txn, int table, int64_t now_ms, int most, struct error *err)
{
	uint32_t before = slot_of(now_ms - TALLY_KEEP_MS);
	struct cursor *cursor = NULL;
	struct slice key, value;
	struct key head = { .len = 0 };
	int n = 0, rc, did;

	rc = cursor_open(&cursor, txn, table, err);
	while (rc == 0 && n < most) {
		rc = cursor_seek(cursor, key_slice(&head), &key, &value, err);
		if (rc < 0 || key.len < HEAD)
			break;
		head.len = 0;
		key_raw(&head, slice_of(key.ptr, PREFIX));
		key_u32(&head, 1);
		did = forget_kind(cursor, &head, before, most - n, err);
		if (did < 0)
			rc = did;
		else
			n += did;
		head.len = PREFIX; /* and on behind the last slot of this kind */
		key_u32(&head, UINT32_MAX);
		key_u8(&head, UINT8_MAX);
	}
	cursor_close(cursor);
	return rc < 0 && rc != ERR_NOT_FOUND ? rc : n;
}
