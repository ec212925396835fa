/* buf.c -- a growing run of bytes, and reading back what was written.
 *
 * Numbers are little endian whatever the machine: they reach disk. */
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUF_BYTES_MAX ((size_t)2 << 30)

void buf_clear(struct buf *buf)
{
	free(buf->ptr);
	memset(buf, 0, sizeof(*buf));
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
}

char *buf_room(struct buf *buf, size_t len)
{
	size_t want, cap;
	char *grown;

	if (buf->failed)
		return NULL;
	if (buf->ptr && len <= buf->cap - buf->len)
		return buf->ptr + buf->len;
	if (len > BUF_BYTES_MAX - buf->len)
		goto failed;
	want = buf->len + len;
	cap = buf->cap ? buf->cap * 2 : 64;
	if (cap < want)
		cap = want;
	if (cap > BUF_BYTES_MAX)
		cap = BUF_BYTES_MAX;
	grown = realloc(buf->ptr, cap);
	if (!grown)
		goto failed;
	buf->ptr = grown;
	buf->cap = cap;
	return buf->ptr + buf->len;
failed:
	buf->failed = true;
	return NULL;
}

void buf_put(struct buf *buf, const void *bytes, size_t len)
{
	char *room;

	if (len == 0)
		return;
	room = buf_room(buf, len);
	if (!room)
		return;
	memcpy(room, bytes, len);
	buf->len += len;
}

void buf_put_slice(struct buf *buf, struct slice s)
{
	buf_put(buf, s.ptr, s.len);
}

void buf_puts(struct buf *buf, const char *s)
{
	buf_put(buf, s, strlen(s));
}

void buf_putc(struct buf *buf, char c)
{
	buf_put(buf, &c, 1);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	char *room = buf_room(buf, 64);
	va_list args, again;
	int len;

	if (!room)
		return;
	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(room, buf->cap - buf->len, format, args);
	if (len < 0) {
		buf->failed = true;
	} else if ((size_t)len >= buf->cap - buf->len) {
		room = buf_room(buf, (size_t)len + 1);
		if (room) {
			vsnprintf(room, (size_t)len + 1, format, again);
			buf->len += (size_t)len;
		}
	} else {
		buf->len += (size_t)len;
	}
	va_end(again);
	va_end(args);
}

int buf_put_file(struct buf *buf, const char *path, size_t most, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	size_t before = buf->len;
	ssize_t n = 1;
	char *room;

	if (fd < 0)
		return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
			strerror(errno));
	while (n > 0 && buf->len - before <= most) {
		room = buf_room(buf, 16384);
		n = room ? read(fd, room, 16384) : -1;
		buf->len += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		rc = error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	else if (buf->len - before > most)
		rc = error_set(err, ERR_LIMIT, "%s: over %zu bytes", path, most);
	close(fd);
	return rc;
}

static void put_le(struct buf *buf, uint64_t v, int bytes)
{
	char le[8];
	int i;

	for (i = 0; i < bytes; i++)
		le[i] = (char)(v >> (8 * i));
	buf_put(buf, le, (size_t)bytes);
}

void buf_put_u8(struct buf *buf, uint8_t v)
{
	put_le(buf, v, 1);
}

void buf_put_u16(struct buf *buf, uint16_t v)
{
	put_le(buf, v, 2);
}

void buf_put_u32(struct buf *buf, uint32_t v)
{
	put_le(buf, v, 4);
}

void buf_put_u64(struct buf *buf, uint64_t v)
{
	put_le(buf, v, 8);
}

void buf_put_f32(struct buf *buf, float v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof(bits));
	put_le(buf, bits, 4);
}

void buf_put_f64(struct buf *buf, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	put_le(buf, bits, 8);
}

void buf_put_varint(struct buf *buf, uint64_t v)
{
	char bytes[10];
	size_t n = 0;

	while (v >= 0x80) {
		bytes[n++] = (char)(v | 0x80);
		v >>= 7;
	}
	bytes[n++] = (char)v;
	buf_put(buf, bytes, n);
}

void buf_put_bytes(struct buf *buf, struct slice s)
{
	buf_put_varint(buf, s.len);
	buf_put_slice(buf, s);
}

struct reader_bytes bytes_reader(struct slice s)
{
	if (s.len == 0)
		s.ptr = "";
	return (struct reader_bytes){ s.ptr, s.ptr + s.len, false };
}

/* `len` bytes, or NULL and failed for good. */
static const char *take(struct reader_bytes *in, uint64_t len)
{
	const char *at = in->ptr;

	if (in->failed || len > (uint64_t)(in->end - in->ptr)) {
		in->failed = true;
		in->ptr = in->end;
		return NULL;
	}
	in->ptr += len;
	return at;
}

static uint64_t take_le(struct reader_bytes *in, int bytes)
{
	const char *at = take(in, (uint64_t)bytes);
	uint64_t v = 0;
	int i;

	for (i = 0; at && i < bytes; i++)
		v |= (uint64_t)(unsigned char)at[i] << (8 * i);
	return v;
}

uint8_t bytes_u8(struct reader_bytes *in)
{
	return (uint8_t)take_le(in, 1);
}

uint16_t bytes_u16(struct reader_bytes *in)
{
	return (uint16_t)take_le(in, 2);
}

uint32_t bytes_u32(struct reader_bytes *in)
{
	return (uint32_t)take_le(in, 4);
}

uint64_t bytes_u64(struct reader_bytes *in)
{
	return take_le(in, 8);
}

float bytes_f32(struct reader_bytes *in)
{
	uint32_t bits = (uint32_t)take_le(in, 4);
	float v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

double bytes_f64(struct reader_bytes *in)
{
	uint64_t bits = take_le(in, 8);
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

uint64_t bytes_varint(struct reader_bytes *in)
{
	uint64_t v = 0;
	unsigned char byte;
	int shift;

	for (shift = 0; shift < 70; shift += 7) {
		byte = bytes_u8(in);
		if (in->failed || (shift == 63 && byte > 1))
			break;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return v;
	}
	in->failed = true;
	in->ptr = in->end;
	return 0;
}

struct slice bytes_bytes(struct reader_bytes *in)
{
	uint64_t len = bytes_varint(in);
	const char *at = take(in, len);

	return at ? slice_of(at, (size_t)len) : slice_of("", 0);
}

bool bytes_done(const struct reader_bytes *in)
{
	return !in->failed && in->ptr == in->end;
}
