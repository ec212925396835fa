/* chunk.c -- any bytes as a record of postings: decoded within bounds or ERR_CORRUPT. */
#include "index/chunk.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS];
	uint32_t docs[BLOCK_POSTINGS], last = 0;
	struct block_bounds bounds;
	struct chunk chunk;
	struct block b;
	unsigned i, j;

	if (chunk_read(slice_of(data, size), &chunk) < 0)
		return 0;
	for (i = 0; i < chunk.count; i++) {
		chunk_block(&chunk, i, &b);
		if (b.n < 1 || b.n > BLOCK_POSTINGS || (i && b.last <= last))
			abort();
		last = b.last;
		block_bounds(&b, &bounds);
		if (!(bounds.max_quality >= 0))
			abort();
		if (block_docs(&b, docs) < 0 || block_tfs(&b, tf) < 0)
			continue;
		if (docs[b.n - 1] != b.last)
			abort();
		for (j = 1; j < b.n; j++)
			if (docs[j] <= docs[j - 1])
				abort();
	}
	return 0;
}
