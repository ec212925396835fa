/* list.c -- any bytes as a list: read or refused, and looked up in. */
#include <stdlib.h>

#include "text/list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice words[4] = { { "a", 1 }, { "b", 1 }, { "c", 1 }, { "d", 1 } };
	const struct list_entry *e;
	struct error err = { 0 };
	struct list *list;
	int i;

	if (list_new(&list, slice_of(data, size), "x", &err) < 0)
		return err.text[0] ? 0 : (abort(), 0);
	for (i = 0; i < 4; i++) {
		e = list_find(list, words + i, 4 - i);
		if (e && (e->from.count < 1 || e->from.count > 4 - i ||
				 !slice_eq(e->from.words[0], words[i])))
			abort();
	}
	list_free(list);
	return 0;
}
