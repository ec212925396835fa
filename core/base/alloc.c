/* alloc.c -- heap memory that either comes or ends the process. */
#include "base/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void out_of_memory(size_t count, size_t size)
{
	fprintf(stderr, "out of memory: %zu * %zu bytes\n", count, size);
	abort();
}

void *xmalloc(size_t size)
{
	void *ptr = malloc(size ? size : 1);

	if (!ptr)
		out_of_memory(1, size);
	return ptr;
}

void *xcalloc(size_t count, size_t size)
{
	void *ptr = calloc(count ? count : 1, size ? size : 1);

	if (!ptr)
		out_of_memory(count, size);
	return ptr;
}

void *xrealloc(void *ptr, size_t size)
{
	void *grown = realloc(ptr, size ? size : 1);

	if (!grown)
		out_of_memory(1, size);
	return grown;
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *xstrndup(const char *s, size_t n)
{
	char *copy;

	if (n == SIZE_MAX)
		out_of_memory(1, n);
	copy = xmalloc(n + 1);
	if (n)
		memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

void xgrow(void *array_ptr, size_t *cap, size_t want, size_t size)
{
	void *array;
	size_t items;

	if (want <= *cap)
		return;
	items = *cap > SIZE_MAX / 2 ? want : *cap * 2;
	if (items < want)
		items = want;
	if (items < 8)
		items = 8;
	if (size && items > SIZE_MAX / size)
		out_of_memory(items, size);
	/* memcpy: array_ptr is a pointer to any kind of pointer */
	memcpy(&array, array_ptr, sizeof(array));
	array = xrealloc(array, items * size);
	memcpy(array_ptr, &array, sizeof(array));
	*cap = items;
}
