/* block.c -- any bytes as a postings block: decoded within bounds or ERR_CORRUPT. */
#include <stdlib.h>

#include "index/block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS];
	uint32_t docs[BLOCK_POSTINGS];
	struct block_bounds bounds;
	unsigned n = 0, i;

	if (block_decode(slice_of(data, size), &bounds, &n, docs, tf) < 0)
		return 0;
	if (n < 1 || n > BLOCK_POSTINGS || docs[n - 1] != bounds.last_doc)
		abort();
	for (i = 1; i < n; i++)
		if (docs[i] <= docs[i - 1])
			abort();
	return 0;
}
