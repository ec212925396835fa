/* gather.h -- what a batch holds in memory; between prepare.c and batch.c, which gather,
 * invert.c, which turns documents into lists of terms, and merge.c and rows.c, which
 * write.
 *
 * A posting on its way, behind a prepared term and in a list of edits:
 *
 *   u8 mask of fields   u8 tf for each of them   its positions (positions.h) */
#ifndef INDEX_GATHER_H
#define INDEX_GATHER_H

#include "base/buf.h"
#include "index/document.h"
#include "index/prepare.h"
#include "index/tables.h"

#define PREPARED_TERM  4 /* bytes before the term (prepare.c draws them) */
#define PREPARED_SLACK 8 /* a term may be read eight bytes at a time */

struct prepared {
	size_t bytes;
	struct slice id, row; /* id within the row of TABLE_DOCS */
	const double *numbers;
	const uint32_t *hashes;     /* of the terms, with their groups */
	const unsigned char *terms; /* term_count of them */
	uint32_t term_count;
	float quality;
	uint32_t lengths[TEXT_FIELDS_MAX];
};

static inline unsigned get_u16(const unsigned char *p)
{
	return p[0] | p[1] << 8;
}

/* A document the batch changes; one for each id, however often it is put. */
struct pending {
	int collection;
	uint32_t doc, hash;
	bool stored;                /* was there before the batch, as `old` */
	bool present;               /* is there after it, as `now` */
	struct prepared *old, *now; /* owned; NULL: never was */
	float old_quality, quality;
};

static inline struct slice pending_id(const struct pending *p)
{
	return p->now ? p->now->id : p->old->id;
}

/* Read in place as long as it is not changed: nothing writes to the table of columns before
 * batch_write_columns, so what is in the map stays there. */
struct segment {
	const unsigned char *values; /* NULL: not looked up yet */
	unsigned char *own;          /* NULL: `values` are not ours */
	bool dirty;
};

struct column_cache {
	struct segment *segments;
	size_t cap;
};

struct gathered {
	bool loaded, changed;
	struct collection_record rec;
	uint32_t free_at; /* free numbers below it are taken */
	bool free_done;
	struct column_cache columns[COLUMNS];
};

struct batch {
	struct catalogue *catalogue;
	struct txn *txn;
	struct cursor *ids;
	struct preparer *preparer;
	struct gathered collections[COLLECTIONS_MAX];
	struct pending *pending;
	size_t pending_count, pending_cap;
	uint32_t *pending_slots; /* index + 1, or 0 */
	size_t pending_slot_count;
	size_t bytes, segment_bytes;
};

/* Values of the segment that holds doc, for changing, and for reading. */
int batch_segment(struct batch *, int collection, int column, uint32_t doc, unsigned char **out,
	struct error *);
int batch_look(struct batch *, int collection, int column, uint32_t doc, const unsigned char **out,
	struct error *);
static inline int batch_values(struct batch *b, int collection, int column, uint32_t doc,
	const unsigned char **out, struct error *err)
{
	const struct column_cache *cache = &b->collections[collection].columns[column];
	size_t at = doc / SEGMENT_DOCS;

	if (at >= cache->cap || !cache->segments[at].values)
		return batch_look(b, collection, column, doc, out, err);
	*out = cache->segments[at].values;
	return 0;
}

/* Of documents in order of collection and number: docs, ids, quality, free, and the
 * columns, which stay in memory until batch_write_columns. */
int batch_write_rows(struct batch *, const struct pending *const *docs, size_t count,
	struct error *);
int batch_write_columns(struct batch *, int collection, struct error *);

/* A term and its edits, by document; those of a document that takes itself away come
 * first, without bytes:
 *
 *   u32 document   u16 bytes of the posting (0: none)   the posting */
#define EDIT_BYTES 6 /* before the posting */
struct term_edits {
	struct slice term;
	uint8_t collection, group;
	const unsigned char *at, *end;
};

struct inverted {
	struct term_edits *terms; /* in the order of the tables */
	size_t count;
	unsigned char *edits;
	struct buf names;
};

/* `docs` in order of collection and number. */
int batch_invert(struct inverted *out, const struct pending *const *docs, size_t count,
	struct error *);
void inverted_clear(struct inverted *);
/* Writes all postings and the dictionary. */
int batch_merge(struct batch *, const struct inverted *, struct error *);

/* Loads the collection's record, if it is not yet. */
int batch_collection(struct batch *, int collection, struct error *);

#endif
