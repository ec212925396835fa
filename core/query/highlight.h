/* highlight.h -- what a query matched, marked where it stands in a document's text.
 *
 * Words are the terms of match trees, with what prefixes and misspellings expanded to,
 * and the words of texts; a field's text is analysed as it was when it was indexed, so
 * that stems, folded letters and all that marks a word there.  Where a value is long,
 * fragments of it are chosen that have the most different words.
 *
 * Sources are up to 64 groups of words, told by a bit each: a document is marked with
 * the words of those that found it.  One thread; valid until reader_end. */
#ifndef QUERY_HIGHLIGHT_H
#define QUERY_HIGHLIGHT_H

#include <jansson.h>

#include "base/json.h"
#include "index/reader.h"
#include "query/plan.h"

struct highlighter;

struct highlighter *highlight_new(struct view *, struct arena *);
void highlight_free(struct highlighter *);

/* The words of a tree; none of those it excludes, nor of a tree that search_run would
 * refuse. */
void highlight_match(struct highlighter *, const struct match *, uint64_t sources);
/* The words of a text, as each field's analyzer has them. */
void highlight_words(struct highlighter *, struct slice text, uint64_t sources);

struct highlight_style {
	struct slice before, after; /* put around each word */
	bool escape;                /* &, <, >, " and ' of the text as HTML has them */
};

/* ERR_ARG if the field is not text. */
int highlight_check(const struct field *, struct error *);

/* `"field":["fragment", ...]` into the object that is open, or nothing where nothing is
 * marked. */
void highlight_print(struct highlighter *, const struct field *, const json_t *document,
	uint64_t sources, const struct highlight_style *, struct json_out *);

#endif
