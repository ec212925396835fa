/* arena.c -- memory that is freed all at once.
 *
 * A chain of blocks, the newest first; allocation moves a mark in the newest.
 * A large request gets a block of its own behind the newest, so that the room
 * left in that is not lost.  A reset leaves one block that would have held all there
 * was, up to KEPT_MOST: a server's usual request then allocates nothing, and pages do
 * not go back to the kernel only to be cleared again for the next. */
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define ALIGN       16
#define BLOCK_FIRST (32u << 10)
#define BLOCK_MOST  (1u << 20)
#define KEPT_MOST   (4u << 20)

struct block {
	struct block *next; /* older */
	size_t size, used;
	_Alignas(ALIGN) char bytes[];
};

struct arena {
	struct block *newest;
	struct block *last_block; /* of the last allocation */
	char *last;
	size_t block_size; /* of the next block */
	size_t used;
};

static size_t round_up(size_t size)
{
	if (size == 0)
		size = 1;
	return (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static struct block *block_new(size_t size)
{
	struct block *block = xmalloc(sizeof(*block) + size);

	block->next = NULL;
	block->size = size;
	block->used = 0;
	return block;
}

struct arena *arena_new(void)
{
	struct arena *arena = xcalloc(1, sizeof(*arena));

	arena->newest = block_new(BLOCK_FIRST);
	arena->block_size = BLOCK_FIRST * 2;
	return arena;
}

void arena_free(struct arena *arena)
{
	struct block *older;

	if (!arena)
		return;
	for (; arena->newest; arena->newest = older) {
		older = arena->newest->next;
		free(arena->newest);
	}
	free(arena);
}

void arena_reset(struct arena *arena)
{
	size_t size, used = arena->used;
	struct block *older;

	/* The first block is the only one without an older one. */
	while ((older = arena->newest->next)) {
		free(arena->newest);
		arena->newest = older;
	}
	size = arena->newest->size;
	while (size < used && size < KEPT_MOST)
		size *= 2;
	if (size > arena->newest->size) {
		free(arena->newest);
		arena->newest = block_new(size);
	}
	arena->newest->used = 0;
	arena->last = NULL;
	arena->last_block = NULL;
	arena->block_size = BLOCK_FIRST * 2;
	arena->used = 0;
}

static struct block *block_with_room(struct arena *arena, size_t size)
{
	struct block *newest = arena->newest;
	struct block *block;

	if (newest->size - newest->used >= size)
		return newest;
	if (size > arena->block_size / 4) {
		/* Behind the newest; but the first block stays the oldest. */
		block = block_new(size);
		if (newest->next) {
			block->next = newest->next;
			newest->next = block;
			return block;
		}
	} else {
		block = block_new(arena->block_size);
		if (arena->block_size < BLOCK_MOST)
			arena->block_size *= 2;
	}
	block->next = newest;
	arena->newest = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct block *block;

	/* a size near SIZE_MAX cannot be had: let xmalloc say so */
	if (size > SIZE_MAX / 2)
		return xmalloc(size);
	size = round_up(size);
	block = block_with_room(arena, size);
	arena->last_block = block;
	arena->last = block->bytes + block->used;
	block->used += size;
	arena->used += size;
	return arena->last;
}

void *arena_calloc(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;
	void *ptr;

	if (__builtin_mul_overflow(count, size, &bytes))
		bytes = SIZE_MAX;
	ptr = arena_alloc(arena, bytes);
	memset(ptr, 0, bytes);
	return ptr;
}

void *arena_grow(struct arena *arena, void *ptr, size_t old_size, size_t new_size)
{
	struct block *block = arena->last_block;
	size_t start, more;
	void *moved;

	if (!ptr)
		return arena_alloc(arena, new_size);
	if (new_size <= old_size)
		return ptr;
	if (ptr == arena->last && new_size <= SIZE_MAX / 2) {
		start = (size_t)(arena->last - block->bytes);
		if (block->size - start >= round_up(new_size)) {
			more = start + round_up(new_size) - block->used;
			block->used += more;
			arena->used += more;
			return ptr;
		}
	}
	moved = arena_alloc(arena, new_size);
	memcpy(moved, ptr, old_size);
	return moved;
}

char *arena_strdup(struct arena *arena, const char *s)
{
	return (char *)arena_slice(arena, slice_str(s)).ptr;
}

struct slice arena_slice(struct arena *arena, struct slice s)
{
	char *copy = arena_alloc(arena, s.len < SIZE_MAX ? s.len + 1 : s.len);

	if (s.len)
		memcpy(copy, s.ptr, s.len);
	copy[s.len] = '\0';
	return slice_of(copy, s.len);
}

struct slice arena_join(struct arena *arena, const struct slice *parts, int count, const char *by)
{
	size_t between = strlen(by), len = 0;
	char *out, *at;
	int i;

	for (i = 0; i < count; i++)
		len += parts[i].len + between;
	at = out = arena_alloc(arena, len + 1);
	for (i = 0; i < count; i++) {
		if (i)
			at = mempcpy(at, by, between);
		if (parts[i].len)
			at = mempcpy(at, parts[i].ptr, parts[i].len);
	}
	*at = '\0';
	return slice_of(out, at - out);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(len >= 0);
	text = arena_alloc(arena, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}
