/* gather.h -- what a batch holds in memory; between batch.c, which gathers, and
 * merge.c, which writes. */
#ifndef INDEX_GATHER_H
#define INDEX_GATHER_H

#include "base/arena.h"
#include "base/buf.h"
#include "index/document.h"
#include "index/tables.h"

/* A document the batch changes; one for each id, however often it is put. */
struct pending {
	int collection;
	uint32_t doc;
	struct slice id, json;
	bool stored;       /* was there before the batch */
	bool present;      /* is there after it */
	uint32_t version;  /* of its postings; 0: none */
	float old_quality;
	float quality;
	double *numbers;
	uint32_t old_lengths[TEXT_FIELDS_MAX], lengths[TEXT_FIELDS_MAX];
};

struct gather_term {
	struct slice bytes;
	uint64_t order;    /* collection, group, first six bytes: for sorting */
	uint64_t hash;
	uint8_t collection, group;
	uint32_t version, op; /* the last document that had it, and its operation */
	uint32_t count, first;
};

/* A posting to add (version != 0) or to take away. */
struct op {
	uint32_t term, pending, version;
	uint8_t fields;
	uint8_t tf[TEXT_FIELDS_MAX];
	uint16_t position_bytes;
	size_t positions; /* in batch->positions */
};

/* A word of the document being read. */
struct place {
	uint32_t op, position;
	uint8_t field;
};

struct segment {
	unsigned char *values; /* NULL: not read yet */
	bool dirty;
};

struct column_cache {
	struct segment *segments;
	size_t cap;
};

struct gathered {
	bool loaded, changed;
	struct collection_record rec;
	uint32_t free_at;  /* free numbers below it are taken */
	bool free_done;
	struct column_cache columns[COLUMNS];
};

struct batch {
	struct catalogue *catalogue;
	struct txn *txn;
	struct arena *arena, *scratch;
	struct gathered collections[COLLECTIONS_MAX];
	struct pending **pending;
	size_t pending_count, pending_cap;
	uint32_t *pending_slots, *term_slots; /* index + 1, or 0 */
	size_t pending_slot_count, term_slot_count;
	struct gather_term *terms;
	size_t term_count, term_cap;
	struct op *ops;
	size_t op_count, op_cap;
	struct place *places;
	size_t place_count, place_cap;
	struct buf positions;
	uint32_t versions;
	size_t segment_bytes;
};

/* Values of the segment that holds doc, for reading or (dirty) changing. */
int batch_segment(struct batch *, int collection, int column, uint32_t doc, bool dirty,
	unsigned char **out, struct error *);
/* Writes all postings and the dictionary. */
int batch_merge(struct batch *, struct error *);

#endif
