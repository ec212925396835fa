/* reader.c -- one read transaction, paused between requests, and per collection
 * the pointers to column segments already looked up.
 *
 * Values in LMDB's map do not move while the version is the same, so a column
 * read is two array accesses after the first time. A segment that is absent or
 * damaged is remembered as `absent` and reads as missing. */
#include "index/reader.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "index/view.h"

struct reader {
	struct catalogue *catalogue;
	struct cell_reader file;
	struct txn *txn; /* of the file at hand; NULL before the first begin */
	bool begun;
	uint64_t version;
	struct view views[COLLECTIONS_MAX];
};

static const char absent[1];
static const uint8_t no_lengths[SEGMENT_DOCS * TEXT_FIELDS_MAX];

int reader_open(struct reader **out, struct catalogue *catalogue, struct error *err)
{
	struct reader *r = xcalloc(1, sizeof(*r));
	int i;

	r->catalogue = catalogue;
	for (i = 0; i < catalogue->count; i++) {
		r->views[i].reader = r;
		r->views[i].schema = catalogue->schemas[i];
		r->views[i].number = catalogue->numbers[i];
	}
	*out = r;
	return 0;
}

static void view_forget(struct view *v)
{
	int k;

	v->fresh = false;
	view_forget_words(v);
	view_forget_kept(v);
	for (k = 0; k < COLUMNS; k++) {
		free(v->segments[k]);
		v->segments[k] = NULL;
	}
}

void reader_close(struct reader *r)
{
	int i;

	if (!r)
		return;
	for (i = 0; i < r->catalogue->count; i++)
		view_forget(&r->views[i]);
	store_end(r->txn);
	cell_reader_clear(&r->file);
	free(r);
}

void reader_refresh(struct reader *r)
{
	if (r->begun || !cell_changed(r->catalogue->files, &r->file))
		return;
	store_end(r->txn); /* before the file is let go of */
	r->txn = NULL;
	cell_reader_clear(&r->file);
}

int reader_begin(struct reader *r, struct error *err)
{
	const struct catalogue_file *file;
	uint64_t version;
	int rc, i;

	if (r->begun)
		return error_set(err, ERR_STATE, "reader_begin within reader_begin");
	reader_refresh(r);
	/* a file that is published from here on is for the next request */
	file = r->txn ? snapshot_object(r->file.held)
		      : cell_read(r->catalogue->files, &r->file, NULL);
	rc = r->txn ? store_resume(r->txn, err)
		    : store_begin(&r->txn, file->store, STORE_READ, err);
	if (rc < 0)
		return rc;
	r->begun = true;
	version = file->base + store_version(r->txn);
	for (i = 0; i < r->catalogue->count; i++) {
		r->views[i].txn = r->txn;
		r->views[i].turn++;
		if (version != r->version)
			view_forget(&r->views[i]);
	}
	r->version = version;
	return 0;
}

void reader_end(struct reader *r)
{
	if (r->begun)
		store_pause(r->txn);
	r->begun = false;
}

uint64_t reader_version(const struct reader *r)
{
	return r->version;
}

static void view_load(struct view *v)
{
	struct key key = key_of(v->number);
	struct collection_record rec;
	struct slice found, value;
	uint32_t bits;
	int f;

	memset(&v->stats, 0, sizeof(v->stats));
	v->fresh = true;
	v->segment_cap = 0;
	if (collection_read(v->txn, v->schema->name, &rec, NULL) < 0)
		return;
	v->stats.docs = rec.docs;
	v->stats.doc_limit = rec.doc_limit;
	v->segment_cap = rec.doc_limit / SEGMENT_DOCS + 1;
	for (f = 0; f < TEXT_FIELDS_MAX; f++)
		if (rec.having[f])
			v->stats.average_length[f] = (double)rec.tokens[f] / rec.having[f];
	if (store_seek(v->txn, TABLE_QUALITY, key_slice(&key), &found, &value, NULL) == 0 &&
		found.len == 10 && slice_starts(found, key_slice(&key))) {
		bits = ~key_read_u32(found.ptr + 2);
		memcpy(&v->stats.quality_max, &bits, 4);
	}
}

struct view *reader_view(struct reader *r, int collection)
{
	struct view *v = &r->views[collection];

	if (!v->fresh)
		view_load(v);
	return v;
}

const struct schema *view_schema(const struct view *v)
{
	return v->schema;
}

const struct view_stats *view_stats(const struct view *v)
{
	return &v->stats;
}

uint32_t view_doc(struct view *v, struct slice id)
{
	struct key key = key_of(v->number);
	struct slice value;

	if (!id.len || id.len > ID_BYTES_MAX)
		return DOC_NONE;
	key_raw(&key, id);
	if (store_get(v->txn, TABLE_IDS, key_slice(&key), &value, NULL) < 0 || value.len != 4)
		return DOC_NONE;
	return key_read_u32(value.ptr);
}

uint32_t view_id_next(struct view *v, struct slice after, struct slice *id)
{
	struct key all = key_of(v->number), from = all;
	struct slice key, value;

	key_raw(&from, after);
	if (after.len)
		key_u8(&from, 0); /* the least that comes after it */
	if (store_seek(v->txn, TABLE_IDS, key_slice(&from), &key, &value, NULL) < 0 ||
		!slice_starts(key, key_slice(&all)) || value.len != 4)
		return DOC_NONE;
	*id = slice_of(key.ptr + all.len, key.len - all.len);
	return key_read_u32(value.ptr);
}

static bool view_row(struct view *v, uint32_t doc, struct slice *id, struct slice *json)
{
	struct key key = key_doc(v->number, doc);
	struct reader_bytes r;
	struct slice value;

	if (store_get(v->txn, TABLE_DOCS, key_slice(&key), &value, NULL) < 0)
		return false;
	r = bytes_reader(value);
	if (bytes_u8(&r) != DOC_VERSION)
		return false;
	*id = bytes_bytes(&r);
	if (r.failed)
		return false;
	*json = slice_of(r.ptr, r.end - r.ptr);
	return true;
}

struct slice view_id(struct view *v, uint32_t doc)
{
	struct slice id, json;

	return view_row(v, doc, &id, &json) ? id : slice_of("", 0);
}

struct slice view_json(struct view *v, uint32_t doc)
{
	struct slice id, json;

	return view_row(v, doc, &id, &json) ? json : slice_of("", 0);
}

static const char *segment_find(struct view *v, int column, size_t at)
{
	struct key key = key_column(v->number, column, at);
	struct slice value;

	if (!v->segments[column])
		v->segments[column] = xcalloc(v->segment_cap, sizeof(char *));
	if (store_get(v->txn, TABLE_COLUMNS, key_slice(&key), &value, NULL) < 0 ||
		value.len != COLUMN_HEADER + column_bytes(v->schema, column) ||
		value.ptr[0] != COLUMN_VERSION)
		v->segments[column][at] = absent;
	else
		v->segments[column][at] = value.ptr + COLUMN_HEADER;
	return v->segments[column][at];
}

/* The segment's values, or `absent`. */
static inline const char *segment(struct view *v, int column, uint32_t doc)
{
	size_t at = doc / SEGMENT_DOCS;
	const char *found;

	if (doc >= v->stats.doc_limit)
		return absent;
	found = v->segments[column] ? v->segments[column][at] : NULL;
	return found ? found : segment_find(v, column, at);
}

double view_number(struct view *v, int column, uint32_t doc)
{
	const char *values = segment(v, column, doc);
	double number;

	if (values == absent)
		return NAN;
	memcpy(&number, values + doc % SEGMENT_DOCS * 8, 8);
	return number;
}

const char *view_numbers(struct view *v, int column, uint32_t doc)
{
	const char *values = segment(v, column, doc);

	return values == absent ? NULL : values;
}

void view_live(struct view *v, uint32_t doc, uint64_t bits[SEGMENT_DOCS / 64])
{
	const char *values = segment(v, COLUMN_LIVE, doc);
	int i, k;

	memset(bits, 0, SEGMENT_DOCS / 8);
	for (i = 0; values != absent && i < SEGMENT_DOCS / 64; i++)
		for (k = 0; k < 8; k++) /* document 0 is the lowest bit of the first byte */
			bits[i] |= (uint64_t)(unsigned char)values[8 * i + k] << 8 * k;
}

float view_quality(struct view *v, uint32_t doc)
{
	const char *values = segment(v, COLUMN_QUALITY, doc);
	float quality;

	if (values == absent)
		return 0;
	memcpy(&quality, values + doc % SEGMENT_DOCS * 4, 4);
	return quality;
}

const uint8_t *view_lengths(struct view *v, uint32_t doc)
{
	const char *values = segment(v, COLUMN_LENGTHS, doc);

	if (values == absent)
		return no_lengths;
	return (const uint8_t *)values + (size_t)(doc % SEGMENT_DOCS) * v->schema->text_count;
}

/* Those without a quality have no row. */
static uint32_t next_zero(struct view *v, struct quality_walk *at)
{
	uint64_t *word;
	uint32_t doc;

	at->zeros = true;
	for (; at->doc < v->stats.doc_limit; at->doc += 64 - at->doc % 64) {
		if (at->doc % SEGMENT_DOCS == 0)
			view_live(v, at->doc, at->bits);
		word = &at->bits[at->doc % SEGMENT_DOCS / 64];
		while (*word) {
			doc = at->doc - at->doc % 64 + __builtin_ctzll(*word);
			*word &= *word - 1;
			if (view_quality(v, doc) > 0)
				continue;
			at->doc = doc + 1;
			return doc;
		}
	}
	at->done = true;
	return DOC_NONE;
}

/* A row the cursor found, or did not. */
static uint32_t quality_row(struct view *v, struct quality_walk *at, int rc, struct slice found)
{
	struct key key = key_of(v->number);

	if (rc < 0 || found.len != 10 || !slice_starts(found, key_slice(&key)))
		return next_zero(v, at);
	return key_read_u32(found.ptr + 6);
}

uint32_t view_quality_next(struct view *v, struct quality_walk *at)
{
	struct key key = key_of(v->number);
	struct slice found = { 0 }, value;
	int rc;

	if (at->done)
		return DOC_NONE;
	if (at->zeros)
		return next_zero(v, at);
	if (at->cursor) {
		rc = cursor_next(at->cursor, &found, &value, NULL);
	} else {
		rc = cursor_open(&at->cursor, v->txn, TABLE_QUALITY, NULL);
		if (rc == 0)
			rc = cursor_seek(at->cursor, key_slice(&key), &found, &value, NULL);
	}
	return quality_row(v, at, rc, found);
}

uint32_t view_quality_skip(struct view *v, struct quality_walk *at, float quality)
{
	struct key key = key_quality(v->number, quality, DOC_NONE);
	struct slice found, value;
	int rc;

	at->done = at->done || at->zeros;
	if (at->done)
		return DOC_NONE;
	rc = cursor_seek(at->cursor, key_slice(&key), &found, &value, NULL);
	return quality_row(v, at, rc, found);
}

void view_quality_end(struct quality_walk *at)
{
	cursor_close(at->cursor);
	at->cursor = NULL;
	at->done = true;
}

uint32_t view_df(struct view *v, int group, struct slice term)
{
	struct key key = key_term(v->number, group, term);
	struct slice value;

	if (store_get(v->txn, TABLE_TERMS, key_slice(&key), &value, NULL) < 0)
		return 0;
	return term_df(value);
}
