/* stem.c -- Snowball stemmers, one a thread, since each has state.
 *
 * Stemming a word takes 100 to 200 ns and text repeats its words, so each stemmer
 * remembers: a table of CACHE places, a word in the place its hash gives it, the
 * last one stays. */
#include "text/stem.h"

#include <libstemmer.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"

#define LANGUAGES_MAX  64
#define CACHE          4096
#define CACHE_WORD_MAX 30

struct entry {
	char word[CACHE_WORD_MAX], stem[CACHE_WORD_MAX];
	unsigned char len, stem_len; /* len 0: nothing */
};

struct stemmer {
	struct sb_stemmer *snowball;
	struct entry cache[CACHE];
};

const char *const *stem_languages(void)
{
	return (const char *const *)sb_stemmer_list();
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t own_key;

static void own_free(void *ptr)
{
	struct stemmer **own = ptr;
	int i;

	for (i = 0; i < LANGUAGES_MAX; i++)
		if (own[i]) {
			sb_stemmer_delete(own[i]->snowball);
			free(own[i]);
		}
	free(own);
}

static void key_make(void)
{
	pthread_key_create(&own_key, own_free);
}

int stem_language(struct slice name)
{
	const char *const *list = stem_languages();
	int i;

	for (i = 0; list[i] && i < LANGUAGES_MAX; i++)
		if (slice_is(name, list[i]))
			return i;
	return -1;
}

struct stemmer *stemmer_get(int language)
{
	struct stemmer **own, *made;

	pthread_once(&once, key_make);
	own = pthread_getspecific(own_key);
	if (!own) {
		own = xcalloc(LANGUAGES_MAX, sizeof(*own));
		pthread_setspecific(own_key, own);
	}
	if (own[language])
		return own[language];
	made = xcalloc(1, sizeof(*made));
	made->snowball = sb_stemmer_new(stem_languages()[language], NULL);
	if (!made->snowball)
		abort(); /* no memory: as xcalloc */
	return own[language] = made;
}

static struct slice take(struct arena *arena, char *word, size_t len, const char *stem,
	size_t stem_len)
{
	if (!stem_len)
		return slice_of(word, len);
	if (stem_len > len)
		return arena_slice(arena, slice_of(stem, stem_len));
	memcpy(word, stem, stem_len);
	return slice_of(word, stem_len);
}

struct slice stem(struct stemmer *s, struct arena *arena, char *word, size_t len)
{
	bool keep = len <= CACHE_WORD_MAX;
	struct entry *e = NULL;
	const char *got;
	size_t got_len;

	if (keep) {
		e = &s->cache[hash_bytes(slice_of(word, len), 0) % CACHE];
		if (e->len == len && !memcmp(e->word, word, len))
			return take(arena, word, len, e->stem, e->stem_len);
	}
	got = (const char *)sb_stemmer_stem(s->snowball, (const sb_symbol *)word, len);
	got_len = got ? sb_stemmer_length(s->snowball) : 0;
	if (keep && got && got_len <= CACHE_WORD_MAX) {
		e->len = len;
		e->stem_len = got_len;
		memcpy(e->word, word, len);
		memcpy(e->stem, got, got_len);
	}
	return take(arena, word, len, got, got_len);
}
