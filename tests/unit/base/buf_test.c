#include "check.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

TEST(numbers_read_back_as_they_were_written)
{
	static const uint64_t cases[] = { 0, 1, 127, 128, 255, 16383, 16384, UINT32_MAX,
		UINT64_MAX >> 1, UINT64_MAX };
	struct buf buf = { 0 };
	struct reader_bytes in;
	size_t i;

	for (i = 0; i < 10; i++)
		buf_put_varint(&buf, cases[i]);
	buf_put_u8(&buf, 0xfe);
	buf_put_u16(&buf, 0x1234);
	buf_put_u32(&buf, 0xdeadbeef);
	buf_put_u64(&buf, UINT64_MAX - 1);
	buf_put_f32(&buf, -1.5f);
	buf_put_f64(&buf, 0.1);
	buf_put_bytes(&buf, SLICE_LIT("a\0b"));
	buf_put_bytes(&buf, SLICE_LIT(""));
	CHECK(!buf.failed);
	in = bytes_reader(buf_slice(&buf));
	for (i = 0; i < 10; i++)
		CHECK(bytes_varint(&in) == cases[i]);
	CHECK_INT(bytes_u8(&in), 0xfe);
	CHECK_INT(bytes_u16(&in), 0x1234);
	CHECK_INT(bytes_u32(&in), 0xdeadbeef);
	CHECK(bytes_u64(&in) == UINT64_MAX - 1);
	CHECK(bytes_f32(&in) == -1.5f);
	CHECK(bytes_f64(&in) == 0.1);
	CHECK(slice_eq(bytes_bytes(&in), SLICE_LIT("a\0b")));
	CHECK(!bytes_done(&in));
	CHECK_INT(bytes_bytes(&in).len, 0);
	CHECK(bytes_done(&in));
	buf_clear(&buf);
}

TEST(every_cut_input_fails_and_reads_zeros)
{
	struct buf buf = { 0 };
	struct reader_bytes in;
	size_t len;

	buf_put_varint(&buf, UINT64_MAX);
	buf_put_bytes(&buf, SLICE_LIT("twelve bytes"));
	buf_put_u32(&buf, 7);
	for (len = 0; len < buf.len; len++) {
		in = bytes_reader(slice_of(buf.ptr, len));
		bytes_varint(&in);
		bytes_bytes(&in);
		CHECK_INT(bytes_u32(&in), 0);
		CHECK(in.failed && !bytes_done(&in));
		CHECK_INT(bytes_u8(&in), 0);
	}
	buf_clear(&buf);
}

TEST(varints_over_64_bits_and_lengths_over_the_input_are_refused)
{
	struct reader_bytes in;

	in = bytes_reader(SLICE_LIT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"));
	CHECK_INT(bytes_varint(&in), 0);
	CHECK(in.failed);
	in = bytes_reader(SLICE_LIT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
	bytes_varint(&in);
	CHECK(in.failed);
	in = bytes_reader(SLICE_LIT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01xyz"));
	CHECK_INT(bytes_bytes(&in).len, 0);
	CHECK(in.failed);
	in = bytes_reader((struct slice){ NULL, 0 });
	CHECK(bytes_done(&in));
}

TEST(printed_text_grows_the_buf)
{
	struct buf buf = { 0 };
	int i;

	for (i = 0; i < 1000; i++)
		buf_printf(&buf, "%0*d", i % 200 + 1, 7);
	CHECK_INT(buf.len, 5 * (200 * 201 / 2));
	CHECK_INT(buf.ptr[buf.len - 1], '7');
	buf_clear(&buf);
	CHECK(buf.ptr == NULL);
}

TEST(failure_sticks_until_reset)
{
	struct buf buf = { 0 };

	buf_puts(&buf, "kept");
	CHECK(!buf_room(&buf, (size_t)3 << 30));
	buf_puts(&buf, "dropped");
	CHECK(buf.failed);
	CHECK_INT(buf.len, 4);
	buf_reset(&buf);
	buf_putc(&buf, 'x');
	CHECK(!buf.failed);
	CHECK_INT(buf.len, 1);
	buf_clear(&buf);
}
