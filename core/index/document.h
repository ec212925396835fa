/* document.h -- from a JSON object to terms and column values, by the schema.
 *
 * The same reading inverts a document and, when it is replaced or deleted,
 * finds the postings to take away. */
#ifndef INDEX_DOCUMENT_H
#define INDEX_DOCUMENT_H

#include "base/json.h"
#include "index/schema.h"

struct document {
	double numbers[FIELDS_MAX];        /* by column; NaN: missing */
	uint32_t lengths[TEXT_FIELDS_MAX]; /* words */
	float quality;
};

/* Positions left empty between two values of one text field, so that no phrase
 * reaches from one into the next. */
#define POSITION_GAP 100

/* Told each term: field is the text field for GROUP_TEXT (amount 1, to be added
 * up), else 0 (amount is the weight; the largest counts). The term is borrowed.
 *
 * `word`, if there is one, is told the terms of text fields instead, each with its
 * position: field by field, positions do not fall, several terms may stand at one (a
 * word with and without its accents, the grams of a word).  A field's length is how
 * many positions are taken, at most FIELD_TOKENS_MAX; later words are left out. */
struct document_sink {
	void (*term)(void *data, int group, int field, struct slice term, uint8_t amount);
	void *data;
	void (*word)(void *data, int field, struct slice term, uint32_t position);
};

/* Errors name the field and what was found; terms may have been told by then. */
int document_read(const struct schema *, const struct json_node *object, struct arena *scratch,
	struct document *out, const struct document_sink *, struct error *);

/* Told each value of a field of tags or refs, with `field` NULL of the kind: as it is
 * written (of a ref: its term) and as its term, both for the call, with its weight, 0..1.
 * What does not fit the schema is passed over. */
void document_values(const struct schema *, const struct field *, const struct json_node *object,
	struct arena *scratch,
	void (*told)(void *data, struct slice written, struct slice term, double weight),
	void *data);

#endif
