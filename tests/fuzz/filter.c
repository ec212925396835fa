/* filter.c -- any bytes as a WHERE expression, as a facet, and as a query in slot
 * notation. */
#include <stdlib.h>

#include "query/facet.h"
#include "query/filter.h"
#include "query/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char text[] = "field title text exact=yes\nfield genre tags\n"
				   "field popularity number\nfield released date\n"
				   "field artist_id ref prefix=artist:\nkind kind\n";
	static struct schema *schema;
	struct arena *arena = arena_new();
	struct filter *filter = NULL;
	struct facet facet;
	struct query query;
	struct error err = { 0 };

	if (!schema && schema_parse(&schema, "fuzz", slice_str(text), "fuzz.conf", &err) < 0)
		abort();
	if (filter_parse(&filter, schema, slice_of(data, size), arena, &err) < 0 && !err.text[0])
		abort();
	err.text[0] = 0;
	if (facet_parse(&facet, schema, slice_of(data, size), &err) < 0 && !err.text[0])
		abort();
	err.text[0] = 0;
	if (query_init(&query, arena, slice_of(data, size), &err) < 0 && !err.text[0])
		abort();
	if (query_parse(&query, arena, slice_of(data, size), &err) == 0) {
		struct buf buf = { 0 };

		interpretation_print(&query.items[0], &buf);
		buf_clear(&buf);
	}
	arena_free(arena);
	return 0;
}
