/* postings.c -- walking a list.
 *
 * Two places: the decoded block, which holds the current document, and the
 * cursor's block (`ahead`), of which only the bounds have been read.  Looking
 * ahead never disturbs the current document; moving on decodes `ahead`. */
#include "index/postings.h"

#include "index/block.h"
#include "index/view.h"

struct postings *postings_open(struct view *view, struct arena *arena, int group,
	struct slice term)
{
	struct postings *p = arena_alloc(arena, sizeof(*p));
	struct key key = key_term(view->number, group, term);

	p->view = view;
	p->cursor = NULL;
	memcpy(p->prefix, key.bytes, key.len);
	p->prefix[key.len] = 0;
	p->prefix_len = key.len + 1;
	p->doc = 0;
	p->at = p->n = 0;
	p->decoded = p->ahead_valid = false;
	p->error = 0;
	p->ahead_from = 0;
	memset(&p->bounds, 0, sizeof(p->bounds));
	p->df = view_df(view, group, term);
	if (!p->df || cursor_open(&p->cursor, view->txn, TABLE_POSTINGS, NULL) < 0) {
		p->df = 0;
		p->cursor = NULL;
		p->doc = DOC_NONE;
	}
	return p;
}

void postings_close(struct postings *p)
{
	if (!p)
		return;
	cursor_close(p->cursor);
	p->cursor = NULL;
	p->doc = DOC_NONE;
}

int postings_error(const struct postings *p)
{
	return p->error;
}

static bool fail(struct postings *p, int error)
{
	if (error != ERR_NOT_FOUND)
		p->error = error;
	p->ahead_valid = false;
	return false;
}

/* Take the block under the cursor as `ahead`, if it is the list's. */
static bool ahead_take(struct postings *p, struct slice key, struct slice value,
	uint32_t from)
{
	unsigned n;

	if (key.len != p->prefix_len + 4 || memcmp(key.ptr, p->prefix, p->prefix_len))
		return fail(p, ERR_NOT_FOUND);
	if (block_bounds(value, &p->ahead, &n) < 0 ||
		p->ahead.last_doc != key_read_u32(key.ptr + p->prefix_len))
		return fail(p, ERR_CORRUPT);
	p->bytes = value;
	p->ahead_from = from;
	p->ahead_valid = true;
	return true;
}

/* Make `ahead` the block that may hold at_least. */
static bool ahead_seek(struct postings *p, uint32_t at_least)
{
	struct slice key, value;
	struct key want;
	int rc;

	if (!p->cursor || p->error)
		return false;
	if (p->ahead_valid && at_least >= p->ahead_from) {
		if (at_least <= p->ahead.last_doc)
			return true;
		rc = cursor_next(p->cursor, &key, &value, NULL);
		if (rc < 0)
			return fail(p, rc);
		if (!ahead_take(p, key, value, p->ahead.last_doc + 1))
			return false;
		if (at_least <= p->ahead.last_doc)
			return true;
	}
	want.len = 0;
	key_raw(&want, slice_of(p->prefix, p->prefix_len));
	key_u32(&want, at_least);
	rc = cursor_seek(p->cursor, key_slice(&want), &key, &value, NULL);
	if (rc < 0)
		return fail(p, rc);
	return ahead_take(p, key, value, at_least);
}

static uint32_t end(struct postings *p)
{
	p->n = p->at = 0;
	p->decoded = false;
	return p->doc = DOC_NONE;
}

uint32_t postings_seek(struct postings *p, uint32_t at_least)
{
	unsigned low, high, middle;

	if (p->doc == DOC_NONE || (p->decoded && p->doc >= at_least))
		return p->doc;
	if (!p->decoded || at_least > p->bounds.last_doc) {
		if (!ahead_seek(p, at_least))
			return end(p);
		if (block_decode(p->bytes, &p->bounds, &p->n, p->docs, p->tf) < 0) {
			p->error = ERR_CORRUPT;
			return end(p);
		}
		p->decoded = true;
		p->at = 0;
	}
	low = p->at;
	high = p->n - 1;
	if (p->docs[low] < at_least && low < high && p->docs[low + 1] >= at_least)
		low = high = low + 1;
	while (low < high) {
		middle = (low + high) / 2;
		if (p->docs[middle] < at_least)
			low = middle + 1;
		else
			high = middle;
	}
	p->at = low;
	return p->doc = p->docs[low];
}

uint32_t postings_next(struct postings *p)
{
	if (!p->decoded)
		return postings_seek(p, 0);
	if (p->at + 1 < p->n)
		return p->doc = p->docs[++p->at];
	return postings_seek(p, p->doc + 1);
}

bool postings_shallow(struct postings *p, uint32_t at_least, struct block_bounds *out)
{
	if (p->decoded && at_least <= p->bounds.last_doc) {
		*out = p->bounds;
		return true;
	}
	if (p->doc == DOC_NONE || at_least == DOC_NONE || !ahead_seek(p, at_least))
		return false;
	*out = p->ahead;
	return true;
}

void postings_list_bounds(struct postings *p, struct block_bounds *out)
{
	struct term_record record;
	struct slice value;

	memset(out, 0, sizeof(*out));
	if (!p->df || store_get(p->view->txn, TABLE_TERMS,
			      slice_of(p->prefix, p->prefix_len - 1), &value, NULL) < 0 ||
		term_decode(value, &record) < 0)
		return;
	out->last_doc = p->view->stats.doc_limit ? p->view->stats.doc_limit - 1 : 0;
	out->fields = record.fields;
	memcpy(out->max_tf, record.max_tf, sizeof(out->max_tf));
	memcpy(out->min_length, record.min_length, sizeof(out->min_length));
	out->max_quality = record.max_quality;
}
