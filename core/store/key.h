/* key.h -- building ordered keys on the stack: big-endian numbers and raw
 * bytes, in the order of comparison. */
#ifndef STORE_KEY_H
#define STORE_KEY_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"

#define KEY_BYTES_MAX 511

struct key {
	size_t len;
	unsigned char bytes[KEY_BYTES_MAX];
};

static inline void key_u8(struct key *k, uint8_t v)
{
	assert(k->len + 1 <= KEY_BYTES_MAX);
	k->bytes[k->len++] = v;
}

static inline void key_u16(struct key *k, uint16_t v)
{
	key_u8(k, v >> 8);
	key_u8(k, v & 0xff);
}

static inline void key_u32(struct key *k, uint32_t v)
{
	key_u16(k, v >> 16);
	key_u16(k, v & 0xffff);
}

static inline void key_u64(struct key *k, uint64_t v)
{
	key_u32(k, v >> 32);
	key_u32(k, v & 0xffffffff);
}

static inline void key_raw(struct key *k, struct slice s)
{
	assert(k->len + s.len <= KEY_BYTES_MAX);
	if (s.len)
		memcpy(k->bytes + k->len, s.ptr, s.len);
	k->len += s.len;
}

static inline struct slice key_slice(const struct key *k)
{
	return slice_of(k->bytes, k->len);
}

static inline uint16_t key_read_u16(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	return b[0] << 8 | b[1];
}

static inline uint32_t key_read_u32(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	return (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

static inline uint64_t key_read_u64(const char *p)
{
	return (uint64_t)key_read_u32(p) << 32 | key_read_u32(p + 4);
}

#endif
