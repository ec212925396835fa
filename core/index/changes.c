/* changes.c -- see changes.h. */
#include "index/changes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "index/catalogue.h"

struct bits {
	uint64_t *words;
	size_t cap;
};

struct changes {
	pthread_mutex_t lock;
	bool watched;
	struct bits of[COLLECTIONS_MAX];
	size_t count;
};

struct changes *changes_new(void)
{
	struct changes *c = xcalloc(1, sizeof(*c));

	pthread_mutex_init(&c->lock, NULL);
	return c;
}

static void clear(struct changes *c)
{
	int i;

	for (i = 0; i < COLLECTIONS_MAX; i++) {
		free(c->of[i].words);
		c->of[i] = (struct bits){ 0 };
	}
	c->count = 0;
}

void changes_free(struct changes *c)
{
	if (!c)
		return;
	clear(c);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

void changes_lock(struct changes *c)
{
	pthread_mutex_lock(&c->lock);
}

void changes_unlock(struct changes *c)
{
	pthread_mutex_unlock(&c->lock);
}

void changes_watch(struct changes *c, bool watched)
{
	clear(c);
	c->watched = watched;
}

void changes_add(struct changes *c, int collection, uint32_t doc)
{
	struct bits *b = &c->of[collection];
	size_t had = b->cap, at = doc / 64;

	if (!c->watched)
		return;
	if (at >= had) {
		xgrow(&b->words, &b->cap, at + 1, sizeof(*b->words));
		memset(b->words + had, 0, (b->cap - had) * sizeof(*b->words));
	}
	c->count += !(b->words[at] >> doc % 64 & 1);
	b->words[at] |= 1ull << doc % 64;
}

void changes_take(struct changes *c, struct changes *out)
{
	clear(out);
	memcpy(out->of, c->of, sizeof(out->of));
	out->count = c->count;
	memset(c->of, 0, sizeof(c->of));
	c->count = 0;
}

size_t changes_count(struct changes *c)
{
	size_t count;

	pthread_mutex_lock(&c->lock);
	count = c->count;
	pthread_mutex_unlock(&c->lock);
	return count;
}

uint32_t changes_next(struct changes *c, int collection, uint32_t doc)
{
	const struct bits *b = &c->of[collection];
	size_t at = doc / 64;
	uint64_t word;

	if (at >= b->cap)
		return DOC_NONE;
	word = b->words[at] & UINT64_MAX << doc % 64;
	while (!word && ++at < b->cap)
		word = b->words[at];
	return word ? at * 64 + __builtin_ctzll(word) : DOC_NONE;
}
