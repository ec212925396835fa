/* batch.h -- changing the catalogue: mutations gathered, inverted in memory and
 * merged into the postings in key order, in one write transaction.
 *
 * The writer thread only.  A bad document fails alone: batch_put returns its
 * error and the batch goes on without it. */
#ifndef INDEX_BATCH_H
#define INDEX_BATCH_H

#include "index/catalogue.h"
#include "index/prepare.h"

struct batch;

int batch_begin(struct batch **out, struct catalogue *, struct error *);
/* Insert or replace. `json` must be an object of at most DOC_BYTES_MAX; errors
 * name the field and what was found there. Later puts and deletes in a batch see
 * earlier ones.  What is stored already, to the letter, costs no write. */
int batch_put(struct batch *, int collection, struct slice id, struct slice json, struct error *);
/* The same of a document prepared by the collection's schema; taken over in any case. */
int batch_put_prepared(struct batch *, int collection, struct prepared *, struct error *);
/* 1 if it was there, 0 if not, or an error. */
int batch_del(struct batch *, int collection, struct slice id, struct error *);
/* Bytes held in memory: the caller commits before it grows past its bound. */
size_t batch_bytes(const struct batch *);
/* Merge and commit, durable on return; the batch is gone either way. */
int batch_commit(struct batch *, struct error *);
void batch_abort(struct batch *);

#endif
