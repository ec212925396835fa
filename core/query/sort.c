/* sort.c -- a heap of the first so many, its last at the top. */
#include "query/sort.h"

#include <math.h>
#include <string.h>

struct entry {
	double values[SORT_KEYS_MAX]; /* turned so that less comes first */
	float quality;
	uint32_t doc;
};

struct sorter {
	struct view *view;
	const struct sort_key *keys;
	int count;
	struct entry *heap;
	size_t n, most;
};

int sort_parse(struct sort_key *key, const struct schema *schema, struct slice field,
	bool descending, struct error *err)
{
	int rc = schema_need(schema, field, &key->field, err);

	if (rc < 0)
		return rc;
	key->descending = descending;
	if (key->field->column >= 0)
		return 0;
	return error_set(err, ERR_ARG, "field %s is neither a number nor a date", key->field->name);
}

static int compare(const struct sorter *s, const struct entry *a, const struct entry *b)
{
	int k;

	for (k = 0; k < s->count; k++)
		if (a->values[k] != b->values[k])
			return a->values[k] < b->values[k] ? -1 : 1;
	if (a->quality != b->quality)
		return a->quality > b->quality ? -1 : 1;
	return (a->doc > b->doc) - (a->doc < b->doc);
}

/* The entry goes down from the top to where it belongs. */
static void sink(struct sorter *s, struct entry e, size_t n)
{
	size_t at = 0, kid;

	while ((kid = 2 * at + 1) < n) {
		if (kid + 1 < n && compare(s, &s->heap[kid + 1], &s->heap[kid]) > 0)
			kid++;
		if (compare(s, &s->heap[kid], &e) <= 0)
			break;
		s->heap[at] = s->heap[kid];
		at = kid;
	}
	s->heap[at] = e;
}

static void rise(struct sorter *s, struct entry e)
{
	size_t at = s->n++, parent;

	for (; at; at = parent) {
		parent = (at - 1) / 2;
		if (compare(s, &s->heap[parent], &e) >= 0)
			break;
		s->heap[at] = s->heap[parent];
	}
	s->heap[at] = e;
}

static double turned(const struct sort_key *key, double x)
{
	return isnan(x) ? INFINITY : key->descending ? -x : x;
}

static void offer(struct sorter *s, uint32_t doc, double first)
{
	struct entry e = { .doc = doc, .values[0] = first };
	int k;

	if (s->n == s->most && first > s->heap[0].values[0])
		return;
	for (k = 1; k < s->count; k++)
		e.values[k] =
			turned(&s->keys[k], view_number(s->view, s->keys[k].field->column, doc));
	e.quality = view_quality(s->view, doc);
	if (s->n < s->most)
		rise(s, e);
	else if (compare(s, &e, &s->heap[0]) < 0)
		sink(s, e, s->n);
}

static void offer_segment(struct sorter *s, uint32_t low, const uint64_t *bits)
{
	const char *values = view_numbers(s->view, s->keys[0].field->column, low);
	uint64_t word;
	double x = NAN;
	int i, at;

	for (i = 0; i < SEGMENT_WORDS; i++)
		for (word = bits[i]; word; word &= word - 1) {
			at = i * 64 + __builtin_ctzll(word);
			if (values)
				memcpy(&x, values + at * sizeof(x), sizeof(x));
			offer(s, low + at, turned(&s->keys[0], x));
		}
}

size_t sort_first(struct view *view, struct arena *arena, const struct sort_key *keys, int count,
	const struct matches *m, size_t most, uint32_t **docs)
{
	struct sorter s = { .view = view, .keys = keys, .count = count };
	uint32_t segment;
	size_t n;

	s.most = most < m->count ? most : m->count;
	*docs = arena_alloc(arena, s.most * sizeof(**docs));
	if (!s.most)
		return 0;
	s.heap = arena_alloc(arena, s.most * sizeof(*s.heap));
	for (segment = 0; segment < m->segments; segment++)
		offer_segment(&s, segment * SEGMENT_DOCS,
			m->bits + (size_t)segment * SEGMENT_WORDS);
	for (n = s.n; n--; sink(&s, s.heap[n], n))
		(*docs)[n] = s.heap[0].doc;
	return s.n;
}
