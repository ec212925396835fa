/* analyze.h -- from text to terms, the same on the document's side and the
 * query's.
 *
 * An analyzer is a base with options:
 *
 *   base     "plain": words as fold.h makes them (small letters, compatibility
 *            forms folded, split at what is no letter, digit or apostrophe).  Runs
 *            of Han, kana, Hangul, Thai, Lao, Khmer and Myanmar letters become
 *            pairs of neighbours, and in documents single letters too.
 *            A Snowball language ("english", "german", ...): plain, then stemmed; a
 *            word with accents also by the stem that these give it, less what is left
 *            of them.
 *            "keyword": the whole value, folded, is one term.
 *   accents  folded away ("café" is "cafe"), kept ("café" is another word), or
 *            both: a word with accents is two terms at one position, and its own
 *            spelling weighs more.
 *   grams    edge: the first 1, 2, ... letters of each word, so that what is typed
 *            so far finds it.  inner: every run of so many letters, so that some of
 *            a misspelt word's are right.  Of a word whose stem or accents are
 *            dropped, the grams are of what is left.
 *   stop     words that are dropped, unless a value has no other.
 *   tail     words that begin what a whole value may do without.
 *
 * A word that an apostrophe joins has its part at the same position: "taylor's" is
 * taylors and taylor, "l'amour" is lamour and amour.  It weighs less.
 *
 * What a query asks for, the document has: of one text, the query's terms are among
 * the document's, at the same positions; and so are those of each of its folded
 * words by itself, but for stop words.
 *
 * An analyzer is immutable; any thread. */
#ifndef TEXT_ANALYZE_H
#define TEXT_ANALYZE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

/* Of what analysis makes of a text: what has a larger one reads stored documents
 * otherwise, so it is part of a schema's fingerprint. */
#define ANALYSIS_VERSION 5
#define GRAM_MAX         20
#define STOP_WORDS_MAX   2000

struct analyzer;

enum accents { ACCENTS_FOLD, ACCENTS_KEEP, ACCENTS_BOTH };
enum grams { GRAMS_NONE, GRAMS_EDGE, GRAMS_INNER };

struct analyzer_options {
	struct slice base;
	enum accents accents;
	enum grams grams;
	int gram_min, gram_max; /* letters, 1 to GRAM_MAX */
	const struct slice *stop, *tail;
	int stop_count, tail_count;
};

/* ERR_ARG for an unknown base, a range of grams that is none, or a stop word that is
 * not one word; ERR_LIMIT.  Everything is copied. */
int analyzer_new(struct analyzer **out, const struct analyzer_options *, struct error *);
void analyzer_free(struct analyzer *); /* NULL is fine */

/* Shared, never freed; a base without options; NULL if there is none by that name. */
const struct analyzer *analyzer_find(struct slice name);
/* The bases, NULL-terminated. */
const char *const *analyzer_names(void);
/* All that decides its terms, in text: "english accents=both". */
const char *analyzer_text(const struct analyzer *);
enum grams analyzer_grams(const struct analyzer *);

struct token {
	struct slice term;   /* at most TERM_BYTES_MAX bytes, in the arena */
	uint32_t start, end; /* bytes of the input it came from */
	uint32_t position;   /* 0, 1, 2, ...; does not fall */
	/* 1, more for a word's own spelling with accents, less for a part that an apostrophe
	 * joins. */
	float weight;
};

struct tokens {
	struct token *items;
	size_t count;
	uint32_t positions; /* places they take: the text's length in words */
	bool stopped;       /* all words are stop words, kept for want of others */
};

/* Of a document's value.  Never fails: bytes that are not UTF-8 separate words.  At
 * most FIELD_TOKENS_MAX tokens; the rest is dropped. */
void analyze(const struct analyzer *, struct arena *, struct slice text, struct tokens *out);

/* Of a query's words.  Tokens at one position are forms of one word; with inner grams
 * they are its parts, of which a third should be found (analyzer_least). */
void analyze_query(const struct analyzer *, struct arena *, struct slice text, struct tokens *out);
static inline int analyzer_least(int grams)
{
	return grams < 6 ? 1 : grams / 3;
}

/* A folded value without the stop words, unless it has no others: what a whole value
 * is compared by. */
struct slice analyzer_whole(const struct analyzer *, struct arena *, struct slice folded);

/* A folded value before its first tail word, unless it begins with that; empty if it
 * has none.  Documents are found by it as by the whole. */
struct slice analyzer_head(const struct analyzer *, struct slice folded);

/* Folded text for comparing whole values: NFKC, lower case, no accents, no
 * apostrophes, other punctuation as single spaces, trimmed. */
struct slice text_fold(struct arena *, struct slice text);
/* The same, and in `typed` with its accents and the apostrophes inside of words: word
 * for word. */
struct slice text_fold_typed(struct arena *, struct slice text, struct slice *typed);

/* Is every byte well-formed UTF-8? */
bool text_valid(struct slice);
/* Letters (code points) in s. */
size_t text_length(struct slice s);

#endif
