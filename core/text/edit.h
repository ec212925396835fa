/* edit.h -- edit distance over code points, with transpositions of neighbours
 * counted as one edit (optimal string alignment), bounded.
 *
 * The automaton form (edit_walk) checks terms in sorted order and shares the
 * work of common prefixes: its states are kept per prefix, so walking a dictionary
 * can skip every term behind a hopeless prefix.  There a letter of a script without
 * spaces is no slip in a word of another: such terms are beyond max. */
#ifndef TEXT_EDIT_H
#define TEXT_EDIT_H

#include "base/arena.h"
#include "base/slice.h"

/* The distance, or max + 1 if it is more than max (max 0 to 3). */
int edit_distance(struct slice a, struct slice b, int max);

struct edit_walk;

#define EDIT_LETTERS_MAX 63

/* A word of 1 to EDIT_LETTERS_MAX letters; max is 1 or 2. */
struct edit_walk *edit_walk_new(struct arena *, struct slice word, int max);
/* Distance of the next term (terms come in ascending byte order), or max + 1.
 * *dead is the number of leading bytes of `term` after which no continuation
 * can be within max (0 if none is dead): the caller may seek past that prefix. */
int edit_walk_term(struct edit_walk *, struct slice term, size_t *dead);

/* After a term with a dead prefix: writes the smallest string above that prefix
 * that can still begin a term within max, where a cursor should seek next (`out`
 * has room for TERM_BYTES_MAX + 8 bytes).  False if there is none. */
bool edit_walk_next(struct edit_walk *, char *out, size_t *len);

#endif
