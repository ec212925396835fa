/* compact_parts.h -- between compact.c and compact_copy.c. */
#ifndef INDEX_COMPACT_PARTS_H
#define INDEX_COMPACT_PARTS_H

#include "index/reader.h"

/* What the reader, which was begun, sees, into the empty environment of `to`. */
int compact_copy(struct reader *from, struct catalogue *to, const atomic_bool *stop,
	struct error *);

#endif
