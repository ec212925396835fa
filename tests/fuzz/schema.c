/* schema.c -- any bytes as a COLLECTION.conf: a schema or an error with its line. */
#include <stdlib.h>

#include "index/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct schema *schema = NULL;
	struct error err = { 0 };

	if (schema_parse(&schema, "fuzz", slice_of(data, size), "fuzz.conf", &err) < 0) {
		if (!err.text[0])
			abort();
		return 0;
	}
	schema_free(schema);
	return 0;
}
