/* chunk.c -- any bytes as a record of postings, or as a word's in the dictionary: decoded
 * within bounds or ERR_CORRUPT. */
#include "index/tables.h"

#include <stdlib.h>

static void read_chunk(const struct chunk *chunk)
{
	static uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS];
	uint32_t docs[BLOCK_POSTINGS], last = 0;
	struct block_bounds bounds;
	struct block b;
	unsigned i, j;

	for (i = 0; i < chunk->count; i++) {
		chunk_block(chunk, i, &b);
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
	if (chunk_last(chunk) != last)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct term_record term;
	struct chunk chunk;

	if (chunk_read(slice_of(data, size), &chunk) == 0)
		read_chunk(&chunk);
	if (term_decode(slice_of(data, size), &term) == 0 && term.n)
		read_chunk(&term.chunk);
	return 0;
}
