/* catalogue.c -- opening the environment, and its small records.
 *
 *   meta "version"           u32 CATALOGUE_VERSION
 *   meta "schema/NAME"       schema->form, text
 *   meta "collection/NAME"   u8 1, u16 number, u64 fingerprint, u32 docs,
 *                            u32 doc limit, 8 x (u64 tokens, u32 documents) */
#include "index/catalogue.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "index/tables.h"

static const char *const table_names[] = { "meta", "ids", "docs", "terms", "postings", "positions",
	"columns", "quality", "free", NULL };

static struct buf collection_key(const char *name)
{
	struct buf b = { 0 };

	buf_printf(&b, "collection/%s", name);
	return b;
}

int collection_read(struct txn *txn, const char *name, struct collection_record *out,
	struct error *err)
{
	struct buf key = collection_key(name);
	struct reader_bytes r;
	struct slice value;
	int rc, f, version;

	rc = store_get(txn, TABLE_META, buf_slice(&key), &value, err);
	buf_clear(&key);
	if (rc < 0)
		return rc;
	r = bytes_reader(value);
	version = bytes_u8(&r);
	out->number = bytes_u16(&r);
	out->fingerprint = bytes_u64(&r);
	out->docs = bytes_u32(&r);
	out->doc_limit = bytes_u32(&r);
	for (f = 0; f < TEXT_FIELDS_MAX; f++) {
		out->tokens[f] = bytes_u64(&r);
		out->having[f] = bytes_u32(&r);
	}
	if (version != 1 || !bytes_done(&r))
		return error_set(err, ERR_CORRUPT, "meta collection/%s: %zu bytes, version %d",
			name, value.len, version);
	return 0;
}

int collection_write(struct txn *txn, const char *name, const struct collection_record *rec,
	struct error *err)
{
	struct buf key = collection_key(name), b = { 0 };
	int rc, f;

	buf_put_u8(&b, 1);
	buf_put_u16(&b, rec->number);
	buf_put_u64(&b, rec->fingerprint);
	buf_put_u32(&b, rec->docs);
	buf_put_u32(&b, rec->doc_limit);
	for (f = 0; f < TEXT_FIELDS_MAX; f++) {
		buf_put_u64(&b, rec->tokens[f]);
		buf_put_u32(&b, rec->having[f]);
	}
	rc = store_put(txn, TABLE_META, buf_slice(&key), buf_slice(&b), err);
	buf_clear(&key);
	buf_clear(&b);
	return rc;
}

size_t column_bytes(const struct schema *schema, int column)
{
	switch (column) {
	case COLUMN_QUALITY: return SEGMENT_DOCS * sizeof(float);
	case COLUMN_LENGTHS: return (size_t)SEGMENT_DOCS * schema->text_count;
	case COLUMN_LIVE: return SEGMENT_DOCS / 8;
	}
	return SEGMENT_DOCS * sizeof(double);
}

/* ERR_NOT_FOUND: there is none yet. */
static int check_version(struct txn *txn, struct error *err)
{
	struct reader_bytes r;
	struct slice value;
	uint32_t version;
	int rc;

	rc = store_get(txn, TABLE_META, SLICE_LIT("version"), &value, err);
	if (rc < 0)
		return rc;
	r = bytes_reader(value);
	version = bytes_u32(&r);
	if (!bytes_done(&r) || version != CATALOGUE_VERSION)
		return error_set(err, ERR_STATE, "catalogue has version %u, this program reads %d",
			version, CATALOGUE_VERSION);
	return 0;
}

static int put_version(struct txn *txn, struct error *err)
{
	struct buf b = { 0 };
	int rc;

	buf_put_u32(&b, CATALOGUE_VERSION);
	rc = store_put(txn, TABLE_META, SLICE_LIT("version"), buf_slice(&b), err);
	buf_clear(&b);
	return rc;
}

/* The smallest number no collection has, those without a schema included. */
static int free_number(struct txn *txn, uint16_t *out, struct error *err)
{
	struct cursor *cursor = NULL;
	struct slice key, value;
	struct reader_bytes r;
	int rc, most = 0, number;

	rc = cursor_open(&cursor, txn, TABLE_META, err);
	if (rc < 0)
		return rc;
	rc = cursor_seek(cursor, SLICE_LIT("collection/"), &key, &value, err);
	while (rc == 0 && slice_starts(key, SLICE_LIT("collection/"))) {
		r = bytes_reader(value);
		bytes_u8(&r);
		number = bytes_u16(&r);
		if (number > most)
			most = number;
		rc = cursor_next(cursor, &key, &value, err);
	}
	cursor_close(cursor);
	if (rc < 0 && rc != ERR_NOT_FOUND)
		return rc;
	if (most >= UINT16_MAX)
		return error_set(err, ERR_LIMIT, "no collection number is free");
	*out = most + 1;
	return 0;
}

/* "schema/NAME" is the form that the collection was indexed by, so that another one can be
 * told in words.  Catalogues of before it have none. */
static int form_keep(struct txn *txn, const struct schema *schema, struct error *err)
{
	struct buf key = { 0 };
	struct slice form;
	int rc;

	buf_printf(&key, "schema/%s", schema->name);
	rc = store_get(txn, TABLE_META, buf_slice(&key), &form, err);
	if (rc == ERR_NOT_FOUND || (rc == 0 && !slice_is(form, schema->form)))
		rc = store_put(txn, TABLE_META, buf_slice(&key), slice_str(schema->form), err);
	buf_clear(&key);
	return rc;
}

static bool other_schema(const struct collection_record *rec, const struct schema *schema)
{
	return rec->docs && rec->fingerprint != schema->fingerprint;
}

static int refuse(struct txn *txn, const struct schema *schema, uint32_t docs, struct error *err)
{
	struct buf key = { 0 };
	char what[128] = "";
	struct slice form;

	buf_printf(&key, "schema/%s", schema->name);
	if (store_get(txn, TABLE_META, buf_slice(&key), &form, NULL) == 0)
		schema_difference(schema, form, what, sizeof(what));
	buf_clear(&key);
	return error_set(err, ERR_STATE,
		"collection %s has %u documents made with another schema%s%s%s; with the old one, "
		"`toller dump %s FILE`, then load it into a new data folder",
		schema->name, docs, *what ? " (now " : "", what, *what ? ")" : "", schema->name);
}

static int collection_open(struct txn *txn, const struct schema *schema, uint16_t *number,
	struct error *err)
{
	struct collection_record rec = { 0 };
	int rc;

	rc = collection_read(txn, schema->name, &rec, err);
	if (rc == ERR_NOT_FOUND) {
		memset(&rec, 0, sizeof(rec));
		rc = free_number(txn, &rec.number, err);
	}
	if (rc < 0)
		return rc;
	if (other_schema(&rec, schema))
		return refuse(txn, schema, rec.docs, err);
	*number = rec.number;
	rc = form_keep(txn, schema, err);
	if (rc < 0)
		return rc;
	if (rec.fingerprint == schema->fingerprint)
		return 0;
	if (rec.doc_limit) /* emptied under another schema: its columns are no use */
		rec.number = 0;
	if (!rec.number) {
		memset(&rec, 0, sizeof(rec));
		rc = free_number(txn, &rec.number, err);
		if (rc < 0)
			return rc;
		*number = rec.number;
	}
	rec.fingerprint = schema->fingerprint;
	return collection_write(txn, schema->name, &rec, err);
}

static void file_free(void *object)
{
	struct catalogue_file *file = object;

	store_close(file->store);
	free(file);
}

static struct snapshot *file_new(struct store *store, uint64_t base)
{
	struct catalogue_file *file = xmalloc(sizeof(*file));

	*file = (struct catalogue_file){ store, base };
	return snapshot_new(file, file_free);
}

/* What a process that ended while it compacted has left. */
static void remove_compacted(const char *path)
{
	char *left;

	if (asprintf(&left, "%s/" COMPACT_FOLDER, path) < 0)
		return;
	store_remove(left);
	free(left);
}

int catalogue_check(const char *path, uint64_t map_bytes, struct schema *const *schemas, int count,
	struct error *err)
{
	struct store_options options = { path, table_names, map_bytes, .read_only = true };
	struct collection_record rec;
	struct store *store = NULL;
	struct txn *txn = NULL;
	char *file;
	int rc, i;

	if (asprintf(&file, "%s/data.mdb", path) < 0)
		return error_set(err, ERR_MEMORY, "%s", path);
	rc = access(file, R_OK) == 0;
	free(file);
	if (!rc)
		return 0;
	rc = store_open(&store, &options, err);
	if (rc == 0)
		rc = store_begin(&txn, store, STORE_READ, err);
	if (rc == 0)
		rc = check_version(txn, err);
	for (i = 0; i < count && rc == 0; i++) {
		rc = collection_read(txn, schemas[i]->name, &rec, err);
		if (rc == ERR_NOT_FOUND)
			rc = 0;
		else if (rc == 0 && other_schema(&rec, schemas[i]))
			rc = refuse(txn, schemas[i], rec.docs, err);
	}
	store_end(txn);
	store_close(store);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

int catalogue_open(struct catalogue **out, const char *path, uint64_t map_bytes, bool no_sync,
	struct schema *const *schemas, int count, struct error *err)
{
	struct store_options options = { path, table_names, map_bytes, no_sync, false };
	struct catalogue *c = NULL;
	struct txn *txn = NULL;
	int rc, i;

	remove_compacted(path);
	if (count > COLLECTIONS_MAX)
		return error_set(err, ERR_LIMIT, "%d collections, limit %d", count,
			COLLECTIONS_MAX);
	c = xcalloc(1, sizeof(*c));
	c->schemas = schemas;
	c->count = count;
	c->changes = changes_new();
	rc = store_open(&c->store, &options, err);
	if (rc < 0)
		goto out;
	rc = store_begin(&txn, c->store, STORE_WRITE, err);
	if (rc < 0)
		goto out;
	rc = check_version(txn, err);
	if (rc == ERR_NOT_FOUND)
		rc = put_version(txn, err);
	for (i = 0; i < count && rc >= 0; i++)
		rc = collection_open(txn, schemas[i], &c->numbers[i], err);
	if (rc < 0)
		goto out;
	rc = store_commit(txn, err);
	txn = NULL;
	if (rc < 0)
		goto out;
	c->files = cell_new(file_new(c->store, 0));
	*out = c;
	c = NULL;
out:
	store_end(txn);
	catalogue_close(c);
	return rc;
}

void catalogue_close(struct catalogue *c)
{
	if (!c)
		return;
	changes_free(c->changes);
	if (c->files)
		cell_free(c->files);
	else
		store_close(c->store);
	free(c);
}

struct store *catalogue_store(struct catalogue *c)
{
	return c->store;
}

struct store *catalogue_look(struct catalogue *c, struct cell_reader *at)
{
	return ((struct catalogue_file *)cell_read(c->files, at, NULL))->store;
}

void catalogue_publish(struct catalogue *c, struct store *next)
{
	struct cell_reader at = { 0 };
	const struct catalogue_file *file = cell_read(c->files, &at, NULL);
	struct store_info info;

	store_info(file->store, &info);
	c->store = next;
	cell_publish(c->files, file_new(next, file->base + info.version));
	cell_reader_clear(&at);
}

int catalogue_sizes(struct catalogue *c, struct table_size out[CATALOGUE_TABLES], struct error *err)
{
	struct cell_reader at = { 0 };
	struct store_stat stat = { 0 };
	struct txn *txn = NULL;
	int i, rc;

	static_assert(TABLE_FREE + 1 == CATALOGUE_TABLES && TABLE_IDS == CATALOGUE_IDS,
		"tables are those of catalogue.h");
	rc = store_begin(&txn, catalogue_look(c, &at), STORE_READ, err);
	for (i = 0; i < CATALOGUE_TABLES && rc >= 0; i++) {
		rc = store_stat(txn, i, &stat, err);
		out[i] = (struct table_size){ table_names[i], stat.entries, stat.bytes };
	}
	store_end(txn);
	cell_reader_clear(&at);
	return rc;
}

uint64_t catalogue_changes(const struct catalogue *c)
{
	return c->changed;
}

int catalogue_collections(const struct catalogue *c)
{
	return c->count;
}

const struct schema *catalogue_schema(const struct catalogue *c, int collection)
{
	return c->schemas[collection];
}

static int no_collection(const struct catalogue *c, struct slice name, struct error *err)
{
	const char *known[COLLECTIONS_MAX + 1] = { NULL };
	int i;

	for (i = 0; i < c->count; i++)
		known[i] = c->schemas[i]->name;
	return error_unknown(err, ERR_NOT_FOUND, "no collection", name, known, NULL);
}

int catalogue_find(const struct catalogue *c, struct slice name, struct error *err)
{
	int i;

	for (i = 0; i < c->count; i++)
		if (slice_is(name, c->schemas[i]->name))
			return i;
	return no_collection(c, name, err);
}
