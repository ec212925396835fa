/* reader.h -- reading the catalogue: one per worker, reused request by request.
 *
 * Between reader_begin and reader_end all that is read is one consistent state;
 * slices are borrowed from the map until reader_end.  Pointers to column
 * segments are kept over requests while no commit has happened.  One thread. */
#ifndef INDEX_READER_H
#define INDEX_READER_H

#include "base/arena.h"
#include "index/catalogue.h"

struct reader;

int reader_open(struct reader **out, struct catalogue *, struct error *);
void reader_close(struct reader *);
int reader_begin(struct reader *, struct error *);
void reader_end(struct reader *);
/* Between requests: lets go of files that were compacted since, which else are kept until
 * the next request. */
void reader_refresh(struct reader *);
uint64_t reader_version(const struct reader *); /* of the state it sees */

/* A collection within the reader: what a search works on. Valid until
 * reader_end; borrowed. */
struct view;
struct view *reader_view(struct reader *, int collection);
const struct schema *view_schema(const struct view *);

struct view_stats {
	uint32_t docs;                          /* live */
	uint32_t doc_limit;                     /* all numbers are below this */
	double average_length[TEXT_FIELDS_MAX]; /* tokens, of live documents having the field */
	float quality_max;
};
const struct view_stats *view_stats(const struct view *);

/* DOC_NONE if absent. */
uint32_t view_doc(struct view *, struct slice id);
/* The document whose id comes next after `after` in order of bytes ("": the first), and that
 * id; DOC_NONE at the end. */
uint32_t view_id_next(struct view *, struct slice after, struct slice *id);
/* Empty slices if there is no such document. */
struct slice view_id(struct view *, uint32_t doc);
struct slice view_json(struct view *, uint32_t doc);

/* Columns, read in place. NaN where missing. */
double view_number(struct view *, int column, uint32_t doc);
/* The SEGMENT_DOCS doubles of the segment that `doc` is in, which need not be
 * aligned; NULL where all are missing. */
const char *view_numbers(struct view *, int column, uint32_t doc);
/* Which numbers of its segment stand for a document. */
void view_live(struct view *, uint32_t doc, uint64_t bits[SEGMENT_DOCS / 64]);
/* Static quality, >= 0: the sum of the schema's biases. */
float view_quality(struct view *, uint32_t doc);
/* One length code a text field (length_decode), text_count bytes. */
const uint8_t *view_lengths(struct view *, uint32_t doc);

/* Documents best quality first: start with *at = {0}. DOC_NONE at the end. */
struct quality_walk {
	struct cursor *cursor;
	bool zeros;                       /* all that have a quality are behind us */
	uint32_t doc;                     /* then: where to go on, */
	uint64_t bits[SEGMENT_DOCS / 64]; /* and what is left of its segment */
	bool done;
};
uint32_t view_quality_next(struct view *, struct quality_walk *);
/* The same, leaving out the others of this quality, which the last one has. */
uint32_t view_quality_skip(struct view *, struct quality_walk *, float quality);
void view_quality_end(struct quality_walk *);

/* The dictionary: document frequency, 0 if the term is unknown. */
uint32_t view_df(struct view *, int group, struct slice term);

/* The terms of a group in order of their bytes, with their document frequencies: start
 * with *at = {0}; false at the end.  Terms are borrowed until reader_end. */
struct term_walk {
	struct cursor *cursor;
	bool done;
};
bool view_term_next(struct view *, int group, struct term_walk *, struct slice *term, uint32_t *df);
void view_term_end(struct term_walk *);

/* Words of GROUP_TEXT near or under a word, most frequent first. */
struct expansion {
	struct slice term; /* in the arena */
	uint32_t df;
	int distance; /* edits; 0 for prefixes */
};
/* Terms that begin so, the most frequent first, at most `max`.  The count. */
size_t view_prefix(struct view *, struct arena *, int group, struct slice prefix,
	struct expansion *out, size_t max);
/* Terms within `distance` (1 or 2) edits, the term itself included, nearest and
 * then most frequent first. */
size_t view_fuzzy(struct view *, struct arena *, int group, struct slice word, int distance,
	struct expansion *out, size_t max);

#endif
