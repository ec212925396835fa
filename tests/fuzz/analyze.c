/* analyze.c -- any bytes through every analyzer: bounded terms inside the input. */
#include <stdlib.h>

#include "limits.h"
#include "text/analyze.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *const *name;
	struct tokens tokens;
	size_t i;

	for (name = analyzer_names(); *name; name++) {
		struct arena *arena = arena_new();

		analyze(analyzer_find(slice_str(*name)), arena, slice_of(data, size), &tokens);
		for (i = 0; i < tokens.count; i++)
			if (tokens.items[i].term.len == 0 ||
				tokens.items[i].term.len > TERM_BYTES_MAX ||
				tokens.items[i].end > size ||
				tokens.items[i].start > tokens.items[i].end)
				abort();
		text_fold(arena, slice_of(data, size));
		arena_free(arena);
	}
	return 0;
}
