/* spell.h -- how often the catalogue has a word; for this room only. */
#ifndef QUERY_SPELL_H
#define QUERY_SPELL_H

#include "index/reader.h"

/* Of the forms that the analyzers of the text fields make of it, the commonest's. */
uint32_t spell_df(struct view *, struct arena *, struct slice word);

#endif
