/* sort.h -- many byte strings in order, faster than qsort with memcmp. */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stdint.h>

#include "base/slice.h"

struct sorted {
	uint32_t class; /* comes before the bytes */
	uint32_t index; /* the caller's */
	struct slice bytes;
	uint64_t head; /* for sort.c alone */
};

/* As class, then memcmp, then the shorter first; equal ones in any order. */
void sort_strings(struct sorted *, size_t count);

#endif
