/* writing.h -- the script that a text is written in. */
#ifndef TEXT_WRITING_H
#define TEXT_WRITING_H

#include "base/slice.h"

/* The script of most of its letters: "latin", "greek", "cyrillic", "hebrew", "arabic",
 * "indic", "thai", "kana", "hangul", "han", "other"; "" without letters.  Bytes that are not
 * UTF-8 are passed over.  Static. */
const char *text_writing(struct slice);

/* Code points of a text. */
size_t text_characters(struct slice);

#endif
