/* prepare.c -- from JSON to what a batch takes, in one piece of memory.
 *
 *   struct prepared   numbers   hashes of the terms   terms   row of table docs
 *
 * and a term, behind the others in the order in which they were met:
 *
 *   u8 group   u8 length   u16 bytes of the posting   the term   the posting
 *
 * gather.h draws the posting.  The terms of a document are few, so they are found by a
 * table that is emptied for each and grows with it. */
#include "index/prepare.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "index/gather.h"
#include "index/positions.h"

#define SLOTS_FIRST 128

/* A step from the position before, in the order in which an entry's are met: by field,
 * ascending. */
struct place {
	uint32_t step, next; /* index + 1, or 0 */
};

struct entry {
	struct slice term;
	uint32_t hash;
	uint8_t group, fields;
	uint8_t tf[TEXT_FIELDS_MAX];
	uint32_t first, last; /* places: index + 1, or 0 */
	uint32_t position;    /* the last one, of `field` */
	uint8_t field;
	uint16_t place_bytes;
};

struct preparer {
	struct arena *scratch;
	struct entry *entries;
	size_t count, cap;
	uint32_t *slots; /* index + 1, or 0 */
	size_t slot_count, slot_cap;
	struct place *places;
	size_t place_count, place_cap;
	uint8_t positions; /* mask of the fields that keep them */
	struct document document;
};

struct preparer *preparer_new(void)
{
	struct preparer *p = xcalloc(1, sizeof(*p));

	p->scratch = arena_new();
	return p;
}

void preparer_free(struct preparer *p)
{
	if (!p)
		return;
	arena_free(p->scratch);
	free(p->entries);
	free(p->slots);
	free(p->places);
	free(p);
}

/* ---- terms ---- */

static void slots_make(struct preparer *p, size_t count)
{
	size_t mask = count - 1, i, at;

	xgrow(&p->slots, &p->slot_cap, count, sizeof(*p->slots));
	p->slot_count = count;
	memset(p->slots, 0, count * sizeof(*p->slots));
	for (i = 0; i < p->count; i++) {
		for (at = p->entries[i].hash & mask; p->slots[at]; at = (at + 1) & mask)
			;
		p->slots[at] = i + 1;
	}
}

static struct entry *entry_of(struct preparer *p, int group, struct slice term)
{
	uint32_t hash = hash_bytes(term, group);
	struct entry *e;
	size_t at;

	if (p->count * 2 >= p->slot_count)
		slots_make(p, p->slot_count * 2);
	for (at = hash & (p->slot_count - 1); p->slots[at]; at = (at + 1) & (p->slot_count - 1)) {
		e = &p->entries[p->slots[at] - 1];
		if (e->hash == hash && e->group == group && slice_eq(e->term, term))
			return e;
	}
	xgrow(&p->entries, &p->cap, p->count + 1, sizeof(*e));
	e = &p->entries[p->count];
	memset(e, 0, sizeof(*e));
	e->term = term;
	e->hash = hash;
	e->group = group;
	p->slots[at] = ++p->count;
	return e;
}

static void count_term(void *data, int group, int field, struct slice term, uint8_t amount)
{
	struct entry *e = entry_of(data, group, term);

	if (amount > e->tf[field])
		e->tf[field] = amount;
	e->fields |= 1 << field;
}

static unsigned step_bytes(uint32_t step)
{
	return step < 1 << 7 ? 1 : step < 1 << 14 ? 2 : step < 1 << 21 ? 3 : step < 1 << 28 ? 4 : 5;
}

static void add_place(struct preparer *p, struct entry *e, int field, uint32_t position)
{
	struct place *place;

	xgrow(&p->places, &p->place_cap, p->place_count + 1, sizeof(*place));
	place = &p->places[p->place_count++];
	place->step = e->last && e->field == field ? position - e->position : position;
	place->next = 0;
	*(e->last ? &p->places[e->last - 1].next : &e->first) = p->place_count;
	e->last = p->place_count;
	e->field = field;
	e->position = position;
	e->place_bytes += step_bytes(place->step);
}

static void count_word(void *data, int field, struct slice term, uint32_t position)
{
	struct preparer *p = data;
	struct entry *e = entry_of(p, GROUP_TEXT, term);

	if (e->tf[field] == 255)
		return;
	e->tf[field]++;
	e->fields |= 1 << field;
	if (p->positions >> field & 1)
		add_place(p, e, field, position);
}

static size_t posting_bytes(const struct entry *e)
{
	return 1 + __builtin_popcount(e->fields) + e->place_bytes;
}

static unsigned char *put_term(const struct preparer *p, unsigned char *at, const struct entry *e)
{
	size_t bytes = posting_bytes(e);
	unsigned fields;
	uint32_t i;

	at[0] = e->group;
	at[1] = e->term.len;
	at[2] = bytes;
	at[3] = bytes >> 8;
	memcpy(at + PREPARED_TERM, e->term.ptr, e->term.len);
	at += PREPARED_TERM + e->term.len;
	*at++ = e->fields;
	for (fields = e->fields; fields; fields &= fields - 1)
		*at++ = e->tf[__builtin_ctz(fields)];
	for (i = e->first; i; i = p->places[i - 1].next)
		at = positions_put(at, p->places[i - 1].step);
	return at;
}

/* ---- the piece of memory ---- */

/* JSON without the spaces between its tokens; it has been parsed, so is sound. */
static size_t minify(char *out, struct slice json)
{
	bool inside = false;
	size_t i, n = 0;

	for (i = 0; i < json.len; i++) {
		char c = json.ptr[i];

		if (inside) {
			if (c == '\\' && i + 1 < json.len)
				out[n++] = json.ptr[i++];
			else if (c == '"')
				inside = false;
			out[n++] = json.ptr[i];
			continue;
		}
		if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
			continue;
		inside = c == '"';
		out[n++] = c;
	}
	return n;
}

static char *put_row(struct prepared *d, char *at, struct slice id, struct slice json)
{
	char *row = at;

	*at++ = DOC_VERSION;
	*at++ = id.len >= 128 ? id.len | 128 : id.len; /* a varint: ids are short */
	if (id.len >= 128)
		*at++ = id.len >> 7;
	memcpy(at, id.ptr, id.len);
	d->id = slice_of(at, id.len);
	at += id.len;
	at += minify(at, json);
	d->row = slice_of(row, at - row);
	return at;
}

static struct prepared *pack(const struct preparer *p, const struct schema *schema, struct slice id,
	struct slice json)
{
	size_t columns = schema->column_count * sizeof(double), i;
	size_t bytes = sizeof(struct prepared) + columns + p->count * sizeof(uint32_t) +
		       PREPARED_SLACK + 3 + id.len + json.len;
	struct prepared *d;
	unsigned char *at;
	uint32_t *hashes;

	for (i = 0; i < p->count; i++)
		bytes += PREPARED_TERM + p->entries[i].term.len + posting_bytes(&p->entries[i]);
	d = xmalloc(bytes);
	d->bytes = bytes;
	d->quality = p->document.quality;
	memcpy(d->lengths, p->document.lengths, sizeof(d->lengths));
	memcpy(d + 1, p->document.numbers, columns);
	d->numbers = (double *)(d + 1);
	hashes = (uint32_t *)((char *)(d + 1) + columns);
	for (i = 0; i < p->count; i++)
		hashes[i] = p->entries[i].hash;
	d->hashes = hashes;
	d->term_count = p->count;
	at = (unsigned char *)(hashes + p->count);
	d->terms = at;
	for (i = 0; i < p->count; i++)
		at = put_term(p, at, &p->entries[i]);
	put_row(d, (char *)at, id, json);
	return d;
}

int document_prepare(struct prepared **out, struct preparer *p, const struct schema *schema,
	struct slice id, struct slice json, struct error *err)
{
	struct document_sink sink = { .term = count_term, .data = p, .word = count_word };
	struct json_node *root;
	int rc;

	if (id.len < 1 || id.len > ID_BYTES_MAX)
		return error_set(err, ERR_ARG, "an id has 1 to %d bytes, this one %zu",
			ID_BYTES_MAX, id.len);
	if (json.len > DOC_BYTES_MAX)
		return error_set(err, ERR_LIMIT, "a document of %zu bytes, limit %d", json.len,
			DOC_BYTES_MAX);
	rc = json_read(&root, p->scratch, json, err);
	if (rc < 0)
		goto out;
	p->count = p->place_count = 0;
	p->positions = schema->positions;
	slots_make(p, SLOTS_FIRST);
	if (root->type != JSON_OBJECT)
		rc = error_set(err, ERR_ARG, "a document is a JSON object");
	else
		rc = document_read(schema, root, p->scratch, &p->document, &sink, err);
	if (rc >= 0)
		*out = pack(p, schema, id, json);
out:
	arena_reset(p->scratch);
	return rc < 0 ? rc : 0;
}

void prepared_free(struct prepared *d)
{
	free(d);
}

size_t prepared_bytes(const struct prepared *d)
{
	return d->bytes;
}
