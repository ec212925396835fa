/* analyzer.h -- an analyzer as the two files that make it and run it know it; for this
 * room only. */
#ifndef TEXT_ANALYZER_H
#define TEXT_ANALYZER_H

#include "base/hash.h"
#include "text/analyze.h"

enum kind { KIND_PLAIN, KIND_KEYWORD, KIND_STEM };

/* A hash table; empty slices are free places. */
struct word_set {
	struct slice *words;
	size_t places;
};

struct analyzer {
	enum kind kind;
	int language;
	bool marked; /* the stemmer goes by accents */
	enum accents accents;
	enum grams grams;
	unsigned gram_min, gram_max;
	struct word_set stop, tail;
	struct arena *memory;
	const char *text;
};

static inline bool set_has(const struct word_set *set, struct slice word)
{
	size_t at;

	if (!set->places)
		return false;
	for (at = hash_bytes(word, 0) & (set->places - 1); set->words[at].len;
		at = (at + 1) & (set->places - 1))
		if (slice_eq(set->words[at], word))
			return true;
	return false;
}

#endif
