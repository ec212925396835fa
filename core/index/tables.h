/* tables.h -- keys and small records of the catalogue's tables, shared by the
 * files of this room (catalogue.h draws the tables). */
#ifndef INDEX_TABLES_H
#define INDEX_TABLES_H

#include <stdatomic.h>

#include "base/cell.h"
#include "index/catalogue.h"
#include "index/changes.h"
#include "index/lone.h"
#include "store/key.h"

#define CATALOGUE_VERSION 5
#define COMPACT_FOLDER    "compacting" /* in the catalogue's, for the time of it */
#define COLUMN_VERSION    1
#define COLUMN_HEADER     8 /* version and padding, so that values can be aligned */
#define DOC_VERSION       1

enum {
	TABLE_META,
	TABLE_IDS,
	TABLE_DOCS,
	TABLE_TERMS,
	TABLE_POSTINGS,
	TABLE_POSITIONS,
	TABLE_COLUMNS,
	TABLE_QUALITY,
	TABLE_FREE
};

/* Columns 0 .. FIELDS_MAX - 1 are numbers and dates. */
enum { COLUMN_QUALITY = FIELDS_MAX, COLUMN_LENGTHS, COLUMN_LIVE, COLUMNS };

struct collection_record {
	uint16_t number;
	uint64_t fingerprint;
	uint32_t docs, doc_limit;
	uint64_t tokens[TEXT_FIELDS_MAX];
	uint32_t having[TEXT_FIELDS_MAX]; /* documents that have the field */
};

/* The environment of a time: another takes its place when the catalogue is compacted. */
struct catalogue_file {
	struct store *store;
	uint64_t base; /* what its commits are numbered from: later ones have larger numbers */
};

struct catalogue {
	struct store *store; /* the latest; the writer's thread */
	struct cell *files;  /* for all others */
	struct schema *const *schemas;
	int count;
	uint16_t numbers[COLLECTIONS_MAX];
	struct changes *changes;
	_Atomic uint64_t changed; /* documents, since it was opened */
	atomic_bool compacting;
};

/* Takes the place of the catalogue's environment; the writer's thread. */
void catalogue_publish(struct catalogue *, struct store *next);

int collection_read(struct txn *, const char *name, struct collection_record *,
	struct error *); /* ERR_NOT_FOUND leaves err untouched */
int collection_write(struct txn *, const char *name, const struct collection_record *,
	struct error *);

/* Dictionary record: document frequency, bounds over the whole list (upper bounds:
 * removals do not tighten them), and a block of postings: all of a short list, of a
 * longer one those behind its chunks, so that a chunk need not be made again for each
 * posting that is added. */
struct term_record {
	uint32_t df;
	bool chunked;
	uint32_t last; /* chunked: none has a later document, and `inside` no earlier one */
	struct block_bounds bounds;
	unsigned n;             /* postings inside, */
	struct slice inside;    /* their lone block; */
	struct chunk chunk;     /* if n, the same, read */
	struct slice positions; /* empty: none are kept */
};
#define INSIDE_BYTES    200 /* of the block, and of the positions */
#define TERM_RECORD_MAX (10 + BOUNDS_BYTES + 2 * INSIDE_BYTES)

size_t term_encode(unsigned char out[TERM_RECORD_MAX], const struct term_record *);
/* `inside` and `positions` are borrowed from the bytes. */
int term_decode(struct slice, struct term_record *);
/* The frequency alone; 0: damaged. */
uint32_t term_df(struct slice);

/* A term as it is keyed: at most TERM_BYTES_MAX bytes, cut between letters. */
struct slice term_cut(struct slice);

/* Does a collection have the column? */
static inline bool schema_column(const struct schema *schema, int column)
{
	return column < schema->column_count || column > COLUMN_QUALITY ||
	       (column == COLUMN_QUALITY && schema->biased);
}
/* Bytes of the values of one segment of a column. */
size_t column_bytes(const struct schema *, int column);

static inline struct key key_of(uint16_t number)
{
	struct key k;

	k.len = 0;
	key_u16(&k, number);
	return k;
}

static inline struct key key_term(uint16_t number, int group, struct slice term)
{
	struct key k = key_of(number);

	key_u8(&k, group);
	key_raw(&k, term_cut(term));
	return k;
}

static inline struct key key_doc(uint16_t number, uint32_t doc)
{
	struct key k = key_of(number);

	key_u32(&k, doc);
	return k;
}

static inline struct key key_column(uint16_t number, int column, uint32_t segment)
{
	struct key k = key_of(number);

	key_u8(&k, column);
	key_u32(&k, segment);
	return k;
}

/* Quality is at least 0, so its bits order as it does; inverted: best first. */
static inline struct key key_quality(uint16_t number, float quality, uint32_t doc)
{
	struct key k = key_of(number);
	uint32_t bits;

	memcpy(&bits, &quality, 4);
	key_u32(&k, ~bits);
	key_u32(&k, doc);
	return k;
}

#endif
