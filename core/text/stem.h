/* stem.h -- Snowball stems; for this room only. */
#ifndef TEXT_STEM_H
#define TEXT_STEM_H

#include "base/arena.h"
#include "base/slice.h"

struct stemmer;

/* NULL-terminated: "english", "german", ... */
const char *const *stem_languages(void);

/* A name's place in the list, or -1. */
int stem_language(struct slice name);

/* This thread's stemmer of a language, which ends with the thread. */
struct stemmer *stemmer_get(int language);

/* The stem of a word, which is written over it where it is no longer. Never empty. */
struct slice stem(struct stemmer *, struct arena *, char *word, size_t len);

#endif
