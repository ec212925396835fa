/* sort.c -- strings compared eight bytes at a time.
 *
 * The next eight bytes of each stand beside it as a number, so a comparison touches no
 * string.  Runs that are equal there are sorted by the eight bytes after those.  A string
 * that ends counts as going on with zeros; where that makes it equal to one that really
 * goes on, it is that one's beginning and comes first.  (After the multikey quicksort
 * of Bentley and Sedgewick, with cached keys; the sort itself is by digits of a byte,
 * lowest first, which needs no luck.) */
#include "base/sort.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define FEW 24 /* sorted by insertion */

static uint64_t head_of(struct slice s, size_t depth)
{
	uint64_t head = 0;

	if (depth < s.len)
		memcpy(&head, s.ptr + depth, s.len - depth < 8 ? s.len - depth : 8);
	return be64toh(head);
}

static void insertion(struct sorted *a, size_t n)
{
	struct sorted moved;
	size_t i, j;

	for (i = 1; i < n; i++) {
		moved = a[i];
		for (j = i; j && a[j - 1].head > moved.head; j--)
			a[j] = a[j - 1];
		a[j] = moved;
	}
}

/* Stable, by a digit; digits that are all the same cost a count. */
static void by_digits(struct sorted *a, struct sorted *other, size_t n)
{
	struct sorted *from = a, *to = other, *swap;
	size_t counts[256], at, i, c;
	unsigned shift;

	for (shift = 0; shift < 64; shift += 8) {
		memset(counts, 0, sizeof(counts));
		for (i = 0; i < n; i++)
			counts[from[i].head >> shift & 255]++;
		if (counts[from[0].head >> shift & 255] == n)
			continue;
		for (c = 0, at = 0; c < 256; c++) {
			i = counts[c];
			counts[c] = at;
			at += i;
		}
		for (i = 0; i < n; i++)
			to[counts[from[i].head >> shift & 255]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	if (from != a)
		memcpy(a, from, n * sizeof(*a));
}

static void by_head(struct sorted *a, struct sorted *other, size_t n)
{
	if (n <= FEW)
		insertion(a, n);
	else
		by_digits(a, other, n);
}

static void sort_from(struct sorted *a, struct sorted *other, size_t n, size_t depth);

/* n with the same head: those that end there first, by length, then the rest. */
static void sort_equal(struct sorted *a, struct sorted *other, size_t n, size_t depth)
{
	size_t i, ended = 0;
	struct sorted swap;

	for (i = 0; i < n; i++) {
		if (a[i].bytes.len > depth + 8)
			continue;
		swap = a[i];
		a[i] = a[ended];
		a[ended] = swap;
		a[ended++].head = swap.bytes.len;
	}
	by_head(a, other, ended);
	sort_from(a + ended, other, n - ended, depth + 8);
}

static void sort_from(struct sorted *a, struct sorted *other, size_t n, size_t depth)
{
	size_t i, from;

	if (n < 2)
		return;
	for (i = 0; i < n; i++)
		a[i].head = head_of(a[i].bytes, depth);
	by_head(a, other, n);
	for (from = 0; from < n; from = i) {
		for (i = from + 1; i < n && a[i].head == a[from].head; i++)
			;
		if (i - from > 1)
			sort_equal(a + from, other, i - from, depth);
	}
}

void sort_strings(struct sorted *a, size_t n)
{
	struct sorted *other = xmalloc((n + 1) * sizeof(*other));
	size_t i, from;

	for (i = 0; i < n; i++)
		a[i].head = a[i].class;
	by_head(a, other, n);
	for (from = 0; from < n; from = i) {
		for (i = from + 1; i < n && a[i].class == a[from].class; i++)
			;
		sort_from(a + from, other, i - from, 0);
	}
	free(other);
}
