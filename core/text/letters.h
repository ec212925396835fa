/* letters.h -- what a code point is to a word, and what it is folded to; for this room
 * only. */
#ifndef TEXT_LETTERS_H
#define TEXT_LETTERS_H

#include "base/slice.h"

enum letter_class {
	LETTER_BREAK,    /* no part of a word */
	LETTER_SKIP,     /* left out within one: apostrophes, soft hyphens, joiners */
	LETTER_ACCENT,   /* a mark that is dropped */
	LETTER_WORD,     /* letters, digits, marks that spell vowels */
	LETTER_UNSPACED, /* of a script without spaces between words */
};

#define LETTER_PARTS_MAX 32

/* One code point at `at`; c is -1 for a byte that is not UTF-8.  Its length. */
size_t letter_decode(struct slice text, size_t at, int32_t *c);
enum letter_class letter_class(int32_t c); /* -1 breaks */
bool letter_is_unspaced(int32_t c);
/* The first above such a letter that is none. */
int32_t letter_past_unspaced(int32_t c);
bool letter_is_accent(int32_t c);
bool letter_is_apostrophe(int32_t c);
/* A mark that belongs to the letter before it. */
bool letter_is_mark(int32_t c);
/* No digit, no mark. */
bool letter_is_letter(int32_t c);
/* Punctuation or a symbol. */
bool letter_is_symbol(int32_t c);

/* Decomposed, in small letters, digits as those of ASCII; how many there are. */
int letter_decompose(int32_t c, int32_t out[LETTER_PARTS_MAX]);
/* What a small letter without a decomposition becomes where accents are dropped: "o" of
 * one with a stroke; NULL: it stays. */
const char *letter_plain(int32_t c);

#endif
