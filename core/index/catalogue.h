/* catalogue.h -- the environment of collections: entities and their index.
 *
 * Tables (all numbers in keys big endian; c is a collection's u16 number):
 *
 *   meta      "version", "collection/NAME" -> number, schema fingerprint, counts,
 *             "schema/NAME" -> what the fingerprint is of, in words
 *   ids       c id                -> u32 doc
 *   docs      c doc               -> version, id, JSON as it was put (minified)
 *   terms     c group term        -> df and friends: the dictionary (with the
 *                                    postings of a short list, or a long one's last)
 *   postings  c group term doc    -> a chunk of blocks of up to 128 postings; the
 *                                    key carries the chunk's LAST doc, so seeking
 *                                    (term, d) finds the chunk that may hold d
 *   positions c group term doc    -> where in its fields a chunk's postings stand
 *   columns   c column segment    -> 4096 values: f64 for numbers and dates,
 *                                    f32 quality (where a field has a bias), one
 *                                    length code a text field, u32 live bits
 *   quality   c ~quality doc      -> "": live documents that have one, best first
 *   free      c doc               -> "": numbers of deleted documents, reused
 *
 * A replaced document keeps its number; a deleted one's postings are removed
 * at once (its terms are found by analysing the stored JSON again), so document
 * frequencies and average lengths have no ghosts and nothing needs a merge.
 *
 * The value 'missing' in a number column is NaN. Dates are days since 1970-01-01
 * as f64 ("2008", "2008-11", "2008-11-11" and full ISO times are accepted). */
#ifndef INDEX_CATALOGUE_H
#define INDEX_CATALOGUE_H

#include "base/cell.h"
#include "base/error.h"
#include "index/schema.h"
#include "store/store.h"

#define DOC_NONE     UINT32_MAX
#define SEGMENT_DOCS 4096

struct catalogue;

/* Opens (or makes) the environment in folder `path` and the given collections:
 * `schemas` has `count` of them, borrowed until close.  A collection with
 * documents whose fingerprint differs is ERR_STATE: the text says what differs
 * and what to do. */
int catalogue_open(struct catalogue **out, const char *path, uint64_t map_bytes, bool no_sync,
	struct schema *const *schemas, int count, struct error *);
/* Would catalogue_open take what is there, if anything?  Writes nothing; another process may
 * have it open. */
int catalogue_check(const char *path, uint64_t map_bytes, struct schema *const *schemas, int count,
	struct error *);
void catalogue_close(struct catalogue *);
/* The environment at hand: while nothing is compacted, or in the writer's thread. */
struct store *catalogue_store(struct catalogue *);
/* The same in any thread, valid until the reader's next call or cell_reader_clear. */
struct store *catalogue_look(struct catalogue *, struct cell_reader *);
#define CATALOGUE_TABLES 9
#define CATALOGUE_IDS    1 /* has an entry a document */
struct table_size {
	const char *name;
	uint64_t entries, bytes; /* of all its pages */
};
int catalogue_sizes(struct catalogue *, struct table_size out[CATALOGUE_TABLES], struct error *);
/* How many documents commits have changed since it was opened.  Any thread. */
uint64_t catalogue_changes(const struct catalogue *);
int catalogue_collections(const struct catalogue *);
const struct schema *catalogue_schema(const struct catalogue *, int collection);
/* Index of a collection, or ERR_NOT_FOUND naming those there are. */
int catalogue_find(const struct catalogue *, struct slice name, struct error *);

#endif
