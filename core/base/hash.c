/* hash.c -- 64-bit hashing after wyhash (Wang Yi), and a table of names.
 *
 * hash_bytes reads little endian whatever the machine, since its values reach
 * disk: changing it is a change of every format that holds one.
 *
 * The table is open addressing with linear probing, at most 3/4 full; removal
 * shifts the followers back, so there are no tombstones. */
#include "base/hash.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static const uint64_t secret[4] = { 0xa0761d6478bd642f, 0xe7037ed1a0b428db, 0x8ebc6af09c88c6e3,
	0x589965cc75374cc3 };

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static uint64_t read8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static uint64_t read4(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

/* 1 to 3 bytes */
static uint64_t read3(const char *p, size_t len)
{
	const unsigned char *b = (const unsigned char *)p;

	return (uint64_t)b[0] << 16 | (uint64_t)b[len >> 1] << 8 | b[len - 1];
}

uint64_t hash_bytes(struct slice s, uint64_t seed)
{
	const char *p = s.ptr;
	size_t left = s.len;
	uint64_t a, b;

	seed ^= secret[0];
	if (left > 16) {
		for (; left > 16; left -= 16, p += 16)
			seed = mix(read8(p) ^ secret[1], read8(p + 8) ^ seed);
		/* the last 16 bytes, overlapping what was read */
		a = read8(p + left - 16);
		b = read8(p + left - 8);
	} else if (left >= 8) {
		a = read8(p);
		b = read8(p + left - 8);
	} else if (left >= 4) {
		a = read4(p);
		b = read4(p + left - 4);
	} else {
		a = left ? read3(p, left) : 0;
		b = 0;
	}
	return mix(secret[1] ^ s.len, mix(a ^ secret[1], b ^ seed));
}

uint64_t hash_u64(uint64_t v)
{
	v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9;
	v = (v ^ (v >> 27)) * 0x94d049bb133111eb;
	return v ^ (v >> 31);
}

struct entry {
	char *key; /* NULL: free place */
	size_t len;
	uint64_t hash;
	void *value;
};

struct table {
	struct entry *entries;
	size_t cap; /* a power of two */
	size_t count;
};

struct table *table_new(void)
{
	struct table *table = xcalloc(1, sizeof(*table));

	table->cap = 16;
	table->entries = xcalloc(table->cap, sizeof(*table->entries));
	return table;
}

void table_free(struct table *table)
{
	size_t i;

	if (!table)
		return;
	for (i = 0; i < table->cap; i++)
		free(table->entries[i].key);
	free(table->entries);
	free(table);
}

/* The key's place, or the free one where it would go. */
static size_t place(const struct table *table, struct slice key, uint64_t hash)
{
	size_t i = hash & (table->cap - 1);
	const struct entry *e;

	for (;; i = (i + 1) & (table->cap - 1)) {
		e = &table->entries[i];
		if (!e->key)
			return i;
		if (e->hash == hash && slice_eq(slice_of(e->key, e->len), key))
			return i;
	}
}

void *table_get(const struct table *table, struct slice key)
{
	return table->entries[place(table, key, hash_bytes(key, 0))].value;
}

static void grow(struct table *table)
{
	struct entry *old = table->entries;
	size_t i, at, cap = table->cap;

	table->cap *= 2;
	table->entries = xcalloc(table->cap, sizeof(*table->entries));
	for (i = 0; i < cap; i++) {
		if (!old[i].key)
			continue;
		at = place(table, slice_of(old[i].key, old[i].len), old[i].hash);
		table->entries[at] = old[i];
	}
	free(old);
}

void *table_put(struct table *table, struct slice key, void *value)
{
	uint64_t hash = hash_bytes(key, 0);
	struct entry *e;
	void *former;

	if ((table->count + 1) * 4 > table->cap * 3)
		grow(table);
	e = &table->entries[place(table, key, hash)];
	former = e->value;
	if (!e->key) {
		e->key = xstrndup(key.ptr, key.len);
		e->len = key.len;
		e->hash = hash;
		table->count++;
	}
	e->value = value;
	return former;
}

bool table_next(const struct table *table, size_t *at, struct slice *key, void **value)
{
	const struct entry *e;

	while (*at < table->cap) {
		e = &table->entries[(*at)++];
		if (!e->key)
			continue;
		if (key)
			*key = slice_of(e->key, e->len);
		if (value)
			*value = e->value;
		return true;
	}
	return false;
}
