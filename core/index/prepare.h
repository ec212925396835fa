/* prepare.h -- a document made ready for a batch, by whoever brings it: what needs no
 * transaction is done in the bringer's thread (JSON, schema, analysis, the terms counted),
 * so that the one thread that may write has less to do. */
#ifndef INDEX_PREPARE_H
#define INDEX_PREPARE_H

#include "index/schema.h"

/* A thread's scratch memory; one thread at a time. */
struct preparer;

struct preparer *preparer_new(void);
void preparer_free(struct preparer *); /* NULL is fine */

/* Immutable, and no thread's. */
struct prepared;

/* `json` must be an object of at most DOC_BYTES_MAX; errors name the field and what was
 * found there.  Nothing is borrowed. */
int document_prepare(struct prepared **out, struct preparer *, const struct schema *,
	struct slice id, struct slice json, struct error *);
void prepared_free(struct prepared *);          /* NULL is fine */
size_t prepared_bytes(const struct prepared *); /* of memory */

#endif
