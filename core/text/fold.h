/* fold.h -- one scan from text to folded words, the same for documents and queries;
 * for this room only.
 *
 * Folded is: compatibility forms and case folded (NFKC), accents dropped.  A word is
 * a run of letters, digits and marks.  Apostrophes join ("it's" is "its"), soft
 * hyphens and joiners too, dots between initials ("R.E.M."); what else is no letter
 * separates, as do bytes that are not UTF-8.  A text of nothing but symbols is one word.  A
 * run of letters of a script without spaces between words (Han, kana, Hangul, Thai, Lao,
 * Khmer, Myanmar) is one unspaced word.
 *
 * Folding is idempotent, and separates in the same places with accents and without. */
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H

#include "base/arena.h"
#include "base/slice.h"

struct word {
	uint32_t at, len;             /* in words.folded */
	uint32_t typed_at, typed_len; /* in words.typed */
	uint32_t start, end;          /* bytes of the input */
	/* bytes of `folded` before the first apostrophe inside the word, and before the
	 * last; 0: there is none */
	uint32_t first_joint, last_joint;
	bool unspaced;
};

struct words {
	struct word *items;
	size_t count;
	/* The words, with single spaces where they were apart; NUL behind.  The caller
	 * may write over it. */
	char *folded;
	size_t folded_len;
	/* The same with accents, composed; NULL where not asked for. */
	char *typed;
	size_t typed_len;
};

/* Never fails.  At most `most` words; what follows is left out. */
void fold_words(struct arena *, struct slice text, bool accents, size_t most, struct words *out);

#endif
