/* config.c -- any bytes as lines of tollerd.conf: an error with its line, or keys that are
 * within their ranges and read back from what is printed. */
#include <stdlib.h>

#include "server/config.h"

static void check_key(const struct config *c, const struct config_key *key)
{
	char text[2048], again[2048];
	struct config *copy;

	if (key->type == CONFIG_SECRET)
		return;
	config_print(c, key, text, sizeof(text));
	copy = config_copy(c);
	if (config_set(copy, slice_str(key->name), slice_str(text), NULL) < 0)
		abort();
	config_print(copy, key, again, sizeof(again));
	if (strcmp(text, again))
		abort();
	config_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *c = config_new();
	struct error err = { 0 };
	const struct config_key *key;

	if (config_parse(c, slice_of(data, size), "fuzz.conf", &err) < 0 &&
		strncmp(err.text, "fuzz.conf:", 10))
		abort();
	for (key = config_keys; key->name; key++)
		check_key(c, key);
	config_free(c);
	return 0;
}
