/* invert.c -- from a batch's documents to its terms, each with its edits in the order of
 * documents: a counting sort by term.
 *
 * Three walks over the prepared documents: each term gets a number (a table of hashes),
 * and the bytes of its edits are added up; the terms are sorted, so that the edits of each
 * get their place; the edits are copied there.  The terms of a document lie anywhere in
 * the tables, so what the next document will touch is fetched while one is worked on. */
#include <endian.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "index/gather.h"

#define SLOTS_FIRST     64
#define COLLECTION_HASH 0x9e3779b1u

/* Terms of a document to take away or to add. */
struct list {
	const struct prepared *terms;
	uint32_t doc;
	uint8_t collection;
	bool away;
};

struct term {
	uint64_t first; /* bytes of the term, zeros behind it */
	size_t bytes;   /* of its edits */
	uint32_t at;    /* where all of it stands among the names */
	uint8_t length, group, collection;
};

struct slot {
	uint32_t hash, number; /* of the term, + 1; 0: free */
};

struct inversion {
	struct list *lists;
	size_t list_count;
	struct term *terms;
	size_t term_count, term_cap;
	struct buf *names; /* the terms' bytes: those of documents lie far apart */
	struct slot *slots;
	size_t mask;
	uint32_t *numbers; /* of the lists' terms, one after the other */
	size_t *places;    /* by number: where the next edit goes */
};

static struct slice name_of(const struct inversion *in, const struct term *t)
{
	return slice_of(in->names->ptr + t->at, t->length);
}

static const unsigned char *next_term(const unsigned char *record)
{
	return record + PREPARED_TERM + record[1] + get_u16(record + 2);
}

/* A term has no NUL, so equal ones of up to eight bytes are equal here. */
static uint64_t first_bytes(const unsigned char *record)
{
	uint64_t first;

	memcpy(&first, record + PREPARED_TERM, 8);
	first = be64toh(first);
	return record[1] < 8 ? first & ~(UINT64_MAX >> 8 * record[1]) : first;
}

static bool same(const struct inversion *in, const struct term *t, const unsigned char *record,
	uint64_t first, int collection)
{
	return t->first == first && t->group == record[0] && t->length == record[1] &&
	       t->collection == collection &&
	       (record[1] <= 8 ||
		       slice_eq(name_of(in, t), slice_of(record + PREPARED_TERM, record[1])));
}

static uint32_t hash_of(const struct list *list, size_t i)
{
	return list->terms->hashes[i] ^ list->collection * COLLECTION_HASH;
}

static void slots_grow(struct inversion *in)
{
	struct slot *old = in->slots;
	size_t count = in->mask + 1, i, at;

	in->mask = 2 * count - 1;
	in->slots = xcalloc(2 * count, sizeof(*in->slots));
	for (i = 0; i < count; i++) {
		if (!old[i].number)
			continue;
		for (at = old[i].hash & in->mask; in->slots[at].number; at = (at + 1) & in->mask)
			;
		in->slots[at] = old[i];
	}
	free(old);
}

/* The term's number. */
static uint32_t intern(struct inversion *in, const struct list *list, size_t i,
	const unsigned char *record)
{
	uint64_t first = first_bytes(record);
	uint32_t hash = hash_of(list, i);
	struct term *t;
	size_t at;

	for (at = hash & in->mask; in->slots[at].number; at = (at + 1) & in->mask)
		if (in->slots[at].hash == hash && same(in, &in->terms[in->slots[at].number - 1],
							  record, first, list->collection))
			return in->slots[at].number - 1;
	xgrow(&in->terms, &in->term_cap, in->term_count + 1, sizeof(*t));
	t = &in->terms[in->term_count++];
	*t = (struct term){ .first = first,
		.at = in->names->len,
		.length = record[1],
		.group = record[0],
		.collection = list->collection };
	buf_put(in->names, record + PREPARED_TERM, record[1]);
	in->slots[at] = (struct slot){ hash, in->term_count };
	if (in->term_count * 2 > in->mask)
		slots_grow(in);
	return in->term_count - 1;
}

static void prefetch_slots(const struct inversion *in, const struct list *list)
{
	size_t i;

	for (i = 0; i < list->terms->term_count; i++)
		__builtin_prefetch(&in->slots[hash_of(list, i) & in->mask]);
}

static void prefetch_terms(const struct inversion *in, const struct list *list)
{
	uint32_t number;
	size_t i;

	for (i = 0; i < list->terms->term_count; i++) {
		number = in->slots[hash_of(list, i) & in->mask].number;
		if (number)
			__builtin_prefetch(&in->terms[number - 1]);
	}
}

static void number_terms(struct inversion *in)
{
	const unsigned char *record;
	uint32_t *next = in->numbers;
	struct list *list;
	size_t i, j;

	for (i = 0; i < in->list_count; i++) {
		list = &in->lists[i];
		if (i + 2 < in->list_count)
			prefetch_slots(in, list + 2);
		if (i + 1 < in->list_count)
			prefetch_terms(in, list + 1);
		for (j = 0, record = list->terms->terms; j < list->terms->term_count;
			j++, record = next_term(record)) {
			*next = intern(in, list, j, record);
			in->terms[*next++].bytes +=
				EDIT_BYTES + (list->away ? 0 : get_u16(record + 2));
		}
	}
}

/* Sorted, and each told where its edits are. */
static void place_terms(struct inversion *in, struct inverted *out)
{
	struct sorted *order = xmalloc((in->term_count + 1) * sizeof(*order));
	struct term_edits *edits;
	struct term *t;
	size_t i, at = 0;

	for (i = 0; i < in->term_count; i++) {
		t = &in->terms[i];
		order[i] = (struct sorted){ t->collection << 8 | t->group, i, name_of(in, t), 0 };
	}
	sort_strings(order, in->term_count);
	out->count = in->term_count;
	out->terms = xmalloc((in->term_count + 1) * sizeof(*out->terms));
	for (i = 0; i < in->term_count; i++)
		at += in->terms[i].bytes;
	out->edits = xmalloc(at + 1);
	for (i = 0, at = 0; i < in->term_count; i++) {
		t = &in->terms[order[i].index];
		edits = &out->terms[i];
		edits->term = name_of(in, t);
		edits->collection = t->collection;
		edits->group = t->group;
		edits->at = out->edits + at;
		edits->end = edits->at + t->bytes;
		in->places[order[i].index] = at;
		at += t->bytes;
	}
	free(order);
}

/* Few bytes are copied in place. */
static void copy(unsigned char *to, const unsigned char *from, size_t n)
{
	if (n > 8) {
		memcpy(to, from, n);
	} else if (n >= 4) {
		memcpy(to, from, 4);
		memcpy(to + n - 4, from + n - 4, 4);
	} else if (n >= 2) {
		memcpy(to, from, 2);
		memcpy(to + n - 2, from + n - 2, 2);
	} else if (n) {
		*to = *from;
	}
}

static unsigned char *put_edit(unsigned char *to, const struct list *list,
	const unsigned char *record)
{
	size_t bytes = list->away ? 0 : get_u16(record + 2);

	memcpy(to, &list->doc, 4);
	to[4] = bytes;
	to[5] = bytes >> 8;
	copy(to + EDIT_BYTES, record + PREPARED_TERM + record[1], bytes);
	return to + EDIT_BYTES + bytes;
}

static void place_edits(struct inversion *in, unsigned char *edits)
{
	const uint32_t *next = in->numbers, *ahead = in->numbers;
	const unsigned char *record;
	const struct list *list;
	size_t i, j, *place;

	if (in->list_count)
		ahead += in->lists[0].terms->term_count;
	for (i = 0; i < in->list_count; i++) {
		list = &in->lists[i];
		if (i + 1 < in->list_count)
			for (j = list[1].terms->term_count; j; j--)
				__builtin_prefetch(&in->places[*ahead++]);
		for (j = 0; j < list->terms->term_count; j++)
			__builtin_prefetch(edits + in->places[next[j]], 1);
		for (j = 0, record = list->terms->terms; j < list->terms->term_count;
			j++, record = next_term(record)) {
			place = &in->places[*next++];
			*place = put_edit(edits + *place, list, record) - edits;
		}
	}
}

static void list_add(struct inversion *in, const struct pending *p, const struct prepared *terms,
	bool away, size_t *total)
{
	in->lists[in->list_count++] = (struct list){ terms, p->doc, p->collection, away };
	*total += terms->term_count;
}

int batch_invert(struct inverted *out, const struct pending *const *docs, size_t count,
	struct error *err)
{
	struct inversion in = { .mask = SLOTS_FIRST - 1, .names = &out->names };
	size_t i, total = 0;

	memset(out, 0, sizeof(*out));
	in.lists = xmalloc((2 * count + 1) * sizeof(*in.lists));
	for (i = 0; i < count; i++) {
		if (docs[i]->stored)
			list_add(&in, docs[i], docs[i]->old, true, &total);
		if (docs[i]->present)
			list_add(&in, docs[i], docs[i]->now, false, &total);
	}
	while (in.mask < total / 4) /* most terms are met again and again */
		in.mask = 2 * in.mask + 1;
	in.slots = xcalloc(in.mask + 1, sizeof(*in.slots));
	in.numbers = xmalloc((total + 1) * sizeof(*in.numbers));
	number_terms(&in);
	in.places = xmalloc((in.term_count + 1) * sizeof(*in.places));
	if (!out->names.failed) {
		place_terms(&in, out);
		place_edits(&in, out->edits);
	}
	free(in.lists);
	free(in.terms);
	free(in.slots);
	free(in.numbers);
	free(in.places);
	return out->names.failed ? error_set(err, ERR_MEMORY, "the terms of a batch") : 0;
}

void inverted_clear(struct inverted *inverted)
{
	free(inverted->terms);
	free(inverted->edits);
	buf_clear(&inverted->names);
}
