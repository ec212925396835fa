/* positions.c -- any bytes as a record of positions: read within bounds, ascending, or
 * refused. */
#include "index/positions.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned count = size ? data[0] % 20 + 1 : 1, i;
	uint32_t out[255];
	struct slice block;
	const unsigned char *at, *end, *next;
	size_t n;

	if (!size)
		return 0;
	for (i = 0; i < count; i++) {
		if (positions_block(slice_of(data + 1, size - 1), count, i, &block) < 0)
			continue;
		at = (const unsigned char *)block.ptr;
		end = at + block.len;
		n = size % 255 + 1;
		next = positions_read(at, end, n, out);
		if (next && (next > end || next != positions_skip(at, end, n)))
			abort();
	}
	return 0;
}
