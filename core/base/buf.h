/* buf.h -- a growing run of bytes with sticky failure: append freely, check
 * once.  Zero-initialised is empty and valid.  After `failed` (memory or the
 * 2 GiB bound) appends do nothing.  One thread. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

struct buf {
	char *ptr;
	size_t len;
	size_t cap;
	bool failed;
};

void buf_clear(struct buf *); /* frees; the buf is empty and usable again */
void buf_reset(struct buf *); /* keeps the memory */

void buf_put(struct buf *, const void *bytes, size_t len);
void buf_put_slice(struct buf *, struct slice);
void buf_puts(struct buf *, const char *);
void buf_putc(struct buf *, char);
/* Append a file's bytes.  ERR_NOT_FOUND, ERR_IO, or ERR_LIMIT if it has over `most`. */
int buf_put_file(struct buf *, const char *path, size_t most, struct error *);
void buf_printf(struct buf *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for `len` more bytes at ptr + len, or NULL when failed; the caller adds
 * to len what it wrote. */
char *buf_room(struct buf *, size_t len);

/* Fixed-width little endian, and LEB128 varints (1 to 10 bytes). */
void buf_put_u8(struct buf *, uint8_t);
void buf_put_u16(struct buf *, uint16_t);
void buf_put_u32(struct buf *, uint32_t);
void buf_put_u64(struct buf *, uint64_t);
void buf_put_f32(struct buf *, float);
void buf_put_f64(struct buf *, double);
void buf_put_varint(struct buf *, uint64_t);
/* A varint length, then the bytes. */
void buf_put_bytes(struct buf *, struct slice);

/* Reading what buf wrote, bounds checked: a short or bad read sets `failed`
 * and yields zeros; check once at the end. */
struct reader_bytes {
	const char *ptr, *end;
	bool failed;
};

struct reader_bytes bytes_reader(struct slice);
uint8_t bytes_u8(struct reader_bytes *);
uint16_t bytes_u16(struct reader_bytes *);
uint32_t bytes_u32(struct reader_bytes *);
uint64_t bytes_u64(struct reader_bytes *);
float bytes_f32(struct reader_bytes *);
double bytes_f64(struct reader_bytes *);
uint64_t bytes_varint(struct reader_bytes *);
struct slice bytes_bytes(struct reader_bytes *); /* borrowed from the input */
bool bytes_done(const struct reader_bytes *);    /* all read, none failed */

static inline struct slice buf_slice(const struct buf *b)
{
	return slice_of(b->ptr, b->len);
}

#endif
