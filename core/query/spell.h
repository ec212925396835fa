/* spell.h -- what is a word, and how often the catalogue has it; for this room only. */
#ifndef QUERY_SPELL_H
#define QUERY_SPELL_H

#include "index/reader.h"

/* Of the forms that the analyzers of the text fields make of it, the commonest's. */
uint32_t spell_df(struct view *, struct arena *, struct slice word);
/* Is it one word?  A run of a script without spaces is several, and has no slips that the
 * dictionary would know. */
bool spell_is_word(struct arena *, struct slice word);

#endif
