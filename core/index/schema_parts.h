/* schema_parts.h -- between schema.c, which reads lines, and schema_text.c, which makes
 * the analyzers of text fields of them. */
#ifndef INDEX_SCHEMA_PARTS_H
#define INDEX_SCHEMA_PARTS_H

#include "index/schema.h"

#define WORD_LISTS_MAX 16

/* "list NAME word ...", which may be said in several lines. */
struct word_list {
	struct slice name;
	struct slice *words;
	size_t count, cap;
};

/* What a text field says of its analysis; the analyzer is made when all is read. */
struct text_options {
	int line;
	struct slice base, stop, tail; /* stop, tail: names of lists with commas */
	bool placed;                   /* it says whether it keeps positions */
	enum accents accents;
	enum grams grams;
	int gram_min, gram_max;
};

struct parse {
	struct schema *schema;
	const char *where;
	int line;
	struct error *err;
	struct word_list lists[WORD_LISTS_MAX];
	int list_count;
	struct text_options texts[TEXT_FIELDS_MAX]; /* by text_index */
};

/* ERR_SYNTAX with file and line: what, the word, and the nearest of those known. */
int parse_complain(struct parse *, const char *what, struct slice word, const char *const *known);

int parse_list(struct parse *, const struct slice *words, int count);
/* analyzer, accents, grams, stop and tail: 1 if the key is none of these. */
int parse_text_key(struct parse *, struct text_options *, struct slice key, struct slice value);
/* The analyzers of all text fields; equal ones are one. */
int parse_analyzers(struct parse *);
void parse_clear(struct parse *);

#endif
