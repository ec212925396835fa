/* ascii.h -- comparing and suggesting short ASCII words (commands, options,
 * field names): case-insensitive equality and the nearest known word; numbers. */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include "base/slice.h"

bool ascii_same(struct slice a, const char *word); /* ignoring case */

/* The nearest of `words` (NULL-terminated) by edit distance with
 * transpositions, ignoring case, if at most a third of its letters differ (of two,
 * one); else NULL. */
const char *ascii_nearest(struct slice word, const char *const *words);

/* A finite decimal number and nothing else: no hexadecimal, infinity or nan. */
bool ascii_real(struct slice text, double *out);

#endif
