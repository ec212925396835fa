/* analyze.h -- from text to terms, the same on the document's side and the
 * query's.
 *
 * Analyzers by name: "plain" (NFKC, case folding, accents folded, words split
 * at what is not a letter, digit or apostrophe inside a word; "'s" and
 * apostrophes dropped; Han, Hiragana, Katakana and Hangul runs become
 * bigrams), "keyword" (the whole value, folded, one term), and the Snowball
 * languages ("english", "german", ...: plain, then stemmed).  An analyzer is
 * immutable; any thread. */
#ifndef TEXT_ANALYZE_H
#define TEXT_ANALYZE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

struct analyzer;

/* Shared, never freed; NULL if there is none by that name (see
 * analyzer_names).  Call from one thread at a time (at start and reload). */
const struct analyzer *analyzer_find(struct slice name);
const char *const *analyzer_names(void); /* NULL-terminated */

struct token {
	struct slice term;   /* at most TERM_BYTES_MAX bytes, in the arena */
	uint32_t start, end; /* bytes of the input it came from */
	uint32_t position;   /* 0, 1, 2, ... */
};

struct tokens {
	struct token *items;
	size_t count;
};

/* Never fails: bytes that are not UTF-8 separate words.  At most
 * FIELD_TOKENS_MAX tokens; the rest is dropped. */
void analyze(const struct analyzer *, struct arena *, struct slice text,
	struct tokens *out);

/* Folded text for comparing whole values: NFKC, lower case, no accents, no
 * apostrophes, other punctuation as single spaces, trimmed. */
struct slice text_fold(struct arena *, struct slice text);

/* Is every byte well-formed UTF-8? */
bool text_valid(struct slice);
/* Letters (code points) in s. */
size_t text_length(struct slice s);

#endif
