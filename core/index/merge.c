/* merge.c -- a batch's operations into the postings, in key order.
 *
 * Terms are sorted as the table is.  For each, its edits (sorted by document)
 * are applied block by block: the block that may hold the first edit is found by
 * seeking (term, document), decoded, merged with all edits up to its last
 * document (with all that are left, if it is the last), and written back as one
 * block or, past 128 postings, as several.
 *
 * Invariant: a block's bounds are those of its documents as they are now.  A
 * document that changes adds all its postings anew, so each of its blocks is
 * written again; and lengths and qualities come from the columns. */
#include <stdlib.h>

#include "base/alloc.h"
#include "index/block.h"
#include "index/gather.h"

struct edit {
	uint32_t doc;
	const struct op *op; /* version 0: take away */
};

struct merge {
	struct batch *batch;
	struct cursor *cursor;
	struct error *err;
	struct edit *edits;
	size_t edit_cap;
	struct posting *old, *merged;
	size_t merged_cap;
	/* of the term at hand */
	const struct gather_term *term;
	struct key prefix;
	struct term_record record;
	int64_t df;
	struct term_record fresh; /* bounds of the blocks written */
};

static int corrupt(struct merge *m, const char *what)
{
	return error_set(m->err, ERR_CORRUPT, "postings of '%.*s': %s",
		(int)(m->term->bytes.len > 64 ? 64 : m->term->bytes.len), m->term->bytes.ptr,
		what);
}

static int by_term(const void *a, const void *b, void *terms)
{
	const struct gather_term *x = (const struct gather_term *)terms + *(const uint32_t *)a;
	const struct gather_term *y = (const struct gather_term *)terms + *(const uint32_t *)b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return slice_cmp(x->bytes, y->bytes);
}

static int by_edit(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;

	if (x->doc != y->doc)
		return x->doc < y->doc ? -1 : 1;
	return (x->op->version < y->op->version) - (x->op->version > y->op->version);
}

/* The term's edits, sorted, one a document; their count. */
static size_t edits_collect(struct merge *m, const uint32_t *ops, size_t count)
{
	struct batch *b = m->batch;
	bool sorted = true;
	size_t i, n = 0, kept = 0;

	xgrow(&m->edits, &m->edit_cap, count, sizeof(*m->edits));
	for (i = 0; i < count; i++) {
		const struct op *op = &b->ops[ops[i]];
		const struct pending *p = b->pending[op->pending];

		if (op->version ? op->version != p->version : p->present && !p->version)
			continue;
		m->edits[n] = (struct edit){ p->doc, op };
		sorted = sorted && (!n || m->edits[n - 1].doc < p->doc);
		n++;
	}
	if (sorted)
		return n;
	qsort(m->edits, n, sizeof(*m->edits), by_edit);
	for (i = 0; i < n; i++)
		if (!kept || m->edits[kept - 1].doc != m->edits[i].doc)
			m->edits[kept++] = m->edits[i];
	return kept;
}

static void posting_of(struct posting *out, const struct edit *edit)
{
	out->doc = edit->doc;
	out->fields = edit->op->fields;
	memcpy(out->tf, edit->op->tf, sizeof(out->tf));
}

/* Block bounds from the columns: shortest lengths and largest quality. */
static int bounds_of(struct merge *m, const struct posting *list, unsigned n,
	struct block_bounds *bounds)
{
	int collection = m->term->collection, f, rc;
	int texts = m->batch->catalogue->schemas[collection]->text_count;
	unsigned char *values = NULL, *lengths = NULL;
	uint32_t segment = UINT32_MAX, at;
	float quality;
	unsigned i;

	bounds->max_quality = 0;
	memset(bounds->min_length, 255, sizeof(bounds->min_length));
	for (i = 0; i < n; i++) {
		if (list[i].doc / SEGMENT_DOCS != segment) {
			segment = list[i].doc / SEGMENT_DOCS;
			rc = batch_segment(m->batch, collection, COLUMN_QUALITY, list[i].doc,
				false, &values, m->err);
			if (rc >= 0 && m->term->group == GROUP_TEXT)
				rc = batch_segment(m->batch, collection, COLUMN_LENGTHS,
					list[i].doc, false, &lengths, m->err);
			if (rc < 0)
				return rc;
		}
		at = list[i].doc % SEGMENT_DOCS;
		memcpy(&quality, values + at * 4, 4);
		if (quality > bounds->max_quality)
			bounds->max_quality = quality;
		for (f = 0; list[i].fields >> f; f++) {
			if (!(list[i].fields >> f & 1))
				continue;
			if (m->term->group != GROUP_TEXT || f >= texts)
				bounds->min_length[f] = 0;
			else if (lengths[at * texts + f] < bounds->min_length[f])
				bounds->min_length[f] = lengths[at * texts + f];
		}
	}
	return 0;
}

static void record_widen(struct term_record *t, const struct block_bounds *b)
{
	int f;

	for (f = 0; b->fields >> f; f++) {
		if (!(b->fields >> f & 1))
			continue;
		if (!(t->fields >> f & 1) || b->min_length[f] < t->min_length[f])
			t->min_length[f] = b->min_length[f];
		if (!(t->fields >> f & 1) || b->max_tf[f] > t->max_tf[f])
			t->max_tf[f] = b->max_tf[f];
	}
	t->fields |= b->fields;
	if (b->max_quality > t->max_quality)
		t->max_quality = b->max_quality;
}

static int write_block(struct merge *m, const struct posting *list, unsigned n)
{
	unsigned char bytes[BLOCK_BYTES_MAX];
	struct key key = m->prefix;
	struct block_bounds bounds;
	size_t len;
	int rc;

	rc = bounds_of(m, list, n, &bounds);
	if (rc < 0)
		return rc;
	len = block_encode(bytes, list, n, &bounds);
	record_widen(&m->record, &bounds);
	record_widen(&m->fresh, &bounds);
	key_u32(&key, bounds.last_doc);
	return store_put(m->batch->txn, TABLE_POSTINGS, key_slice(&key), slice_of(bytes, len),
		m->err);
}

/* n postings as blocks: full ones where the list grows at its end (`tail`), else
 * of about equal size, so that there is room for more. */
static int write_blocks(struct merge *m, size_t n, bool tail)
{
	size_t blocks = (n + BLOCK_POSTINGS - 1) / BLOCK_POSTINGS, i, at = 0, size;
	int rc = 0;

	for (i = 0; i < blocks && rc >= 0; i++) {
		size = (n - at + blocks - i - 1) / (blocks - i);
		if (tail)
			size = n - at < BLOCK_POSTINGS ? n - at : BLOCK_POSTINGS;
		rc = write_block(m, m->merged + at, size);
		at += size;
	}
	return rc;
}

/* Merge old[0..n) with edits[0..count) into merged; the new count. */
static size_t merge_lists(struct merge *m, size_t n, const struct edit *edits, size_t count,
	bool *tail)
{
	size_t i = 0, j = 0, out = 0;

	xgrow(&m->merged, &m->merged_cap, n + count, sizeof(*m->merged));
	*tail = !n || (count && edits[0].doc > m->old[n - 1].doc);
	while (i < n || j < count) {
		if (j == count || (i < n && m->old[i].doc < edits[j].doc)) {
			m->merged[out++] = m->old[i++];
			continue;
		}
		if (i < n && m->old[i].doc == edits[j].doc) {
			i++;
			m->df--;
		}
		if (edits[j].op->version) {
			posting_of(&m->merged[out++], &edits[j]);
			m->df++;
		}
		j++;
	}
	return out;
}

static int read_old(struct merge *m, struct slice key, struct slice value, unsigned *n)
{
	uint32_t docs[BLOCK_POSTINGS];
	uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS];
	struct block_bounds bounds;
	unsigned i;
	int f;

	if (block_decode(value, &bounds, n, docs, tf) < 0 ||
		bounds.last_doc != key_read_u32(key.ptr + m->prefix.len))
		return corrupt(m, "a damaged block");
	if (bounds.last_doc >= m->batch->collections[m->term->collection].rec.doc_limit)
		return corrupt(m, "a document past the limit");
	for (i = 0; i < *n; i++) {
		m->old[i].doc = docs[i];
		m->old[i].fields = 0;
		for (f = 0; f < TEXT_FIELDS_MAX; f++) {
			m->old[i].tf[f] = bounds.fields >> f & 1 ? tf[f][i] : 0;
			m->old[i].fields |= (m->old[i].tf[f] > 0) << f;
		}
		if (!m->old[i].fields)
			return corrupt(m, "a posting in no field");
	}
	return 0;
}

static bool in_list(const struct merge *m, struct slice key)
{
	return key.len == m->prefix.len + 4 && slice_starts(key, key_slice(&m->prefix));
}

/* The block that may hold doc, or the list's last: its key and postings.
 * *is_last only when doc is behind every block. */
static int find_block(struct merge *m, uint32_t doc, struct key *key, unsigned *n,
	bool *is_last)
{
	struct key want = m->prefix;
	struct slice found, value;
	int rc;

	*n = 0;
	*is_last = false;
	key_u32(&want, doc);
	rc = cursor_seek(m->cursor, key_slice(&want), &found, &value, m->err);
	if (rc < 0 && rc != ERR_NOT_FOUND)
		return rc;
	if (rc == ERR_NOT_FOUND || !in_list(m, found)) {
		*is_last = true;
		rc = rc == ERR_NOT_FOUND ? cursor_last(m->cursor, &found, &value, m->err)
					 : cursor_prev(m->cursor, &found, &value, m->err);
		if (rc == ERR_NOT_FOUND || (rc == 0 && !in_list(m, found)))
			return 0; /* no block at all */
		if (rc < 0)
			return rc;
	}
	rc = read_old(m, found, value, n);
	if (rc < 0)
		return rc;
	key->len = 0;
	key_raw(key, found);
	if (*is_last && *n == BLOCK_POSTINGS)
		*n = 0; /* full: leave it, begin a new one */
	return 0;
}

/* Apply edits[0..count) to a term that has blocks. */
static int merge_known(struct merge *m, size_t count)
{
	size_t at = 0, take, n;
	unsigned had;
	struct key key;
	bool is_last, tail;
	int rc;

	while (at < count) {
		rc = find_block(m, m->edits[at].doc, &key, &had, &is_last);
		if (rc < 0)
			return rc;
		for (take = 1; at + take < count; take++)
			if (!is_last && m->edits[at + take].doc > m->old[had - 1].doc)
				break;
		n = merge_lists(m, had, m->edits + at, take, &tail);
		if (had && (!n || m->merged[n - 1].doc != m->old[had - 1].doc)) {
			rc = store_del(m->batch->txn, TABLE_POSTINGS, key_slice(&key), m->err);
			if (rc < 0)
				return rc == ERR_NOT_FOUND ? corrupt(m, "a block is gone") : rc;
		}
		rc = write_blocks(m, n, tail);
		if (rc < 0)
			return rc;
		if (take == count && m->df == (int64_t)n) /* that was the whole list */
			m->record = m->fresh;
		at += take;
	}
	return 0;
}

static int merge_term(struct merge *m, size_t count)
{
	const struct gather_term *term = m->term;
	uint16_t number = m->batch->catalogue->numbers[term->collection];
	unsigned char bytes[TERM_RECORD_MAX];
	struct key key = key_term(number, term->group, term->bytes);
	struct slice value;
	bool tail;
	int rc;

	m->prefix = key;
	key_u8(&m->prefix, 0);
	m->df = 0;
	memset(&m->record, 0, sizeof(m->record));
	memset(&m->fresh, 0, sizeof(m->fresh));
	rc = store_get(m->batch->txn, TABLE_TERMS, key_slice(&key), &value, m->err);
	if (rc == ERR_NOT_FOUND) {
		rc = write_blocks(m, merge_lists(m, 0, m->edits, count, &tail), true);
	} else if (rc == 0) {
		if (term_decode(value, &m->record) < 0)
			return corrupt(m, "a damaged dictionary record");
		m->df = m->record.df;
		rc = merge_known(m, count);
	}
	if (rc < 0)
		return rc;
	if (m->df < 0 || m->df > UINT32_MAX)
		return corrupt(m, "document frequency does not add up");
	m->record.df = m->df;
	if (m->df == 0) {
		rc = store_del(m->batch->txn, TABLE_TERMS, key_slice(&key), m->err);
		return rc == ERR_NOT_FOUND ? 0 : rc;
	}
	return store_put(m->batch->txn, TABLE_TERMS, key_slice(&key),
		slice_of(bytes, term_encode(bytes, &m->record)), m->err);
}

int batch_merge(struct batch *b, struct error *err)
{
	struct merge m = { .batch = b, .err = err };
	uint32_t *order = NULL, *ops = NULL, first = 0;
	size_t i, count;
	int rc;

	order = xmalloc((b->term_count + 1) * sizeof(*order));
	ops = xmalloc((b->op_count + 1) * sizeof(*ops));
	m.old = xmalloc(BLOCK_POSTINGS * sizeof(*m.old));
	rc = cursor_open(&m.cursor, b->txn, TABLE_POSTINGS, err);
	if (rc < 0)
		goto out;
	for (i = 0; i < b->op_count; i++)
		b->terms[b->ops[i].term].count++;
	for (i = 0; i < b->term_count; i++) {
		order[i] = i;
		b->terms[i].first = first;
		first += b->terms[i].count;
		b->terms[i].count = 0;
	}
	for (i = 0; i < b->op_count; i++) {
		struct gather_term *t = &b->terms[b->ops[i].term];

		ops[t->first + t->count++] = i;
	}
	qsort_r(order, b->term_count, sizeof(*order), by_term, b->terms);
	for (i = 0; i < b->term_count && rc >= 0; i++) {
		m.term = &b->terms[order[i]];
		count = edits_collect(&m, ops + m.term->first, m.term->count);
		if (count)
			rc = merge_term(&m, count);
	}
out:
	cursor_close(m.cursor);
	free(order);
	free(ops);
	free(m.old);
	free(m.merged);
	free(m.edits);
	return rc;
}
