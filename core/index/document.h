/* document.h -- from a JSON object to terms and column values, by the schema.
 *
 * The same reading inverts a document and, when it is replaced or deleted,
 * finds the postings to take away. */
#ifndef INDEX_DOCUMENT_H
#define INDEX_DOCUMENT_H

#include <jansson.h>

#include "base/arena.h"
#include "index/schema.h"

/* Between the values of a list, so that no phrase crosses them. */
#define POSITION_GAP 100

struct document {
	double numbers[FIELDS_MAX];         /* by column; NaN: missing */
	uint32_t lengths[TEXT_FIELDS_MAX];  /* tokens */
	float quality;
};

/* Told each term: field is the text field for GROUP_TEXT (amount 1, to be added
 * up; with its position there, which does not fall while the field is read), else 0
 * (amount is the weight; the largest counts; position 0). The term is borrowed. */
struct document_sink {
	void (*term)(void *data, int group, int field, struct slice term, uint8_t amount,
		uint32_t position);
	void *data;
};

/* Errors name the field and what was found; terms may have been told by then. */
int document_read(const struct schema *, const json_t *object, struct arena *scratch,
	struct document *out, const struct document_sink *, struct error *);

#endif
