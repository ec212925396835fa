/* edit.c -- optimal string alignment by rows, and the walk over a dictionary.
 *
 * Row i of the programme holds the distances of the first i letters of the term
 * to every prefix of the word.  Terms come sorted, so rows of the prefix shared
 * with the term before are kept.  A row whose minimum is above max is dead: a
 * transposition reaching over it would need a cell of the row before below max,
 * and then a deletion would have kept this row alive.
 *
 * From an alive row whose minimum equals max only letters of the word can follow,
 * so the next place worth looking at is known exactly (as in Schulz and Mihov's
 * automata, computed as it goes) and the cursor jumps there. */
#include "text/edit.h"

#include <string.h>

#include "limits.h"

#define BAD 0x110000 /* + byte: not UTF-8 */

static size_t decode(struct slice s, size_t at, int32_t *c)
{
	const unsigned char *p = (const unsigned char *)s.ptr + at;
	size_t left = s.len - at, n, i;
	int32_t v;

	if (p[0] < 0x80) {
		*c = p[0];
		return 1;
	}
	n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
	*c = BAD + p[0];
	if (!n || n > left || p[0] > 0xf4)
		return 1;
	v = p[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 1;
		v = v << 6 | (p[i] & 0x3f);
	}
	if (v > 0x10ffff)
		return 1;
	*c = v;
	return n;
}

static size_t encode(int32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = 0xc0 | c >> 6;
		out[1] = 0x80 | (c & 0x3f);
		return 2;
	}
	if (c < 0x10000) {
		out[0] = 0xe0 | c >> 12;
		out[1] = 0x80 | (c >> 6 & 0x3f);
		out[2] = 0x80 | (c & 0x3f);
		return 3;
	}
	out[0] = 0xf0 | c >> 18;
	out[1] = 0x80 | (c >> 12 & 0x3f);
	out[2] = 0x80 | (c >> 6 & 0x3f);
	out[3] = 0x80 | (c & 0x3f);
	return 4;
}

static size_t decode_all(struct slice s, int32_t *out, size_t room)
{
	size_t at = 0, n = 0;

	while (at < s.len && n < room)
		at += decode(s, at, &out[n++]);
	return n;
}

/* Row `row` of letter c (before: the letter before, or -1), from the rows up1 and
 * up2 above. Returns its minimum. Values are cut at cap. */
static int row_fill(uint8_t *row, const uint8_t *up1, const uint8_t *up2, int32_t c,
	int32_t before, const int32_t *word, size_t n, int cap)
{
	int least, v;
	size_t j;

	v = up1[0] + 1;
	row[0] = v > cap ? cap : v;
	least = row[0];
	for (j = 1; j <= n; j++) {
		v = up1[j - 1] + (word[j - 1] != c);
		if (up1[j] + 1 < v)
			v = up1[j] + 1;
		if (row[j - 1] + 1 < v)
			v = row[j - 1] + 1;
		if (up2 && j > 1 && word[j - 2] == c && word[j - 1] == before &&
			up2[j - 2] + 1 < v)
			v = up2[j - 2] + 1;
		row[j] = v > cap ? cap : v;
		if (row[j] < least)
			least = row[j];
	}
	return least;
}

#define LETTERS_MAX 1024

int edit_distance(struct slice a, struct slice b, int max)
{
	int32_t x[LETTERS_MAX], y[LETTERS_MAX];
	uint8_t room[3][LETTERS_MAX + 1], *up2 = NULL, *up1 = room[0], *row;
	size_t n, m, i, j;

	if (slice_eq(a, b))
		return 0;
	n = decode_all(a, x, LETTERS_MAX);
	m = decode_all(b, y, LETTERS_MAX);
	if ((n > m ? n - m : m - n) > (size_t)max)
		return max + 1;
	for (j = 0; j <= m; j++)
		up1[j] = j > (size_t)max ? (size_t)max + 1 : j;
	for (i = 0; i < n; i++) {
		row = room[(i + 1) % 3];
		if (row_fill(row, up1, up2, x[i], i ? x[i - 1] : -1, y, m, max + 1) > max)
			return max + 1;
		up2 = up1;
		up1 = row;
	}
	return up1[m];
}

struct edit_walk {
	int max;
	size_t n, rows_max;
	int32_t word[TERM_BYTES_MAX];
	size_t depth;        /* letters of the last term that have rows */
	int32_t *letters;    /* [rows_max] */
	size_t *ends;        /* bytes up to letter i, ends[0] = 0 */
	int *least;          /* minimum of each row */
	uint8_t *rows;       /* [rows_max][n + 1] */
	char term[TERM_BYTES_MAX + 8];
	size_t term_len;     /* bytes the rows stand for */
};

struct edit_walk *edit_walk_new(struct arena *arena, struct slice word, int max)
{
	struct edit_walk *w = arena_alloc(arena, sizeof(*w));
	size_t j;

	w->max = max;
	w->n = decode_all(word, w->word, TERM_BYTES_MAX);
	w->rows_max = w->n + max + 3;
	w->letters = arena_alloc(arena, w->rows_max * sizeof(int32_t));
	w->ends = arena_alloc(arena, w->rows_max * sizeof(size_t));
	w->least = arena_alloc(arena, w->rows_max * sizeof(int));
	w->rows = arena_alloc(arena, w->rows_max * (w->n + 1));
	for (j = 0; j <= w->n; j++)
		w->rows[j] = j > (size_t)max ? (size_t)max + 1 : j;
	w->ends[0] = 0;
	w->least[0] = 0;
	w->depth = 0;
	w->term_len = 0;
	return w;
}

static uint8_t *row_at(struct edit_walk *w, size_t i)
{
	return w->rows + i * (w->n + 1);
}

int edit_walk_term(struct edit_walk *w, struct slice term, size_t *dead)
{
	size_t shared = 0, d = w->depth, at;
	int32_t c;

	*dead = 0;
	if (term.len > sizeof(w->term))
		term.len = sizeof(w->term);
	while (shared < w->term_len && shared < term.len &&
		w->term[shared] == term.ptr[shared])
		shared++;
	while (d > 0 && w->ends[d] > shared)
		d--;
	at = w->ends[d];
	memcpy(w->term + at, term.ptr + at, term.len - at);
	while (w->least[d] <= w->max && at < term.len) {
		at += decode(term, at, &c);
		w->letters[d] = c;
		w->least[d + 1] = row_fill(row_at(w, d + 1), row_at(w, d),
			d ? row_at(w, d - 1) : NULL, c, d ? w->letters[d - 1] : -1,
			w->word, w->n, w->max + 1);
		w->ends[++d] = at;
	}
	w->depth = d;
	w->term_len = w->ends[d];
	if (w->least[d] > w->max) {
		*dead = w->ends[d];
		return w->max + 1;
	}
	return row_at(w, d)[w->n];
}

/* The smallest letter above c that keeps the row after depth d alive, where only
 * letters of the word can; 0 if none. */
static int32_t next_letter(struct edit_walk *w, size_t d, int32_t c)
{
	const uint8_t *row = row_at(w, d), *up = d ? row_at(w, d - 1) : NULL;
	int32_t best = 0;
	size_t j;

	for (j = 0; j < w->n; j++) {
		int32_t x = w->word[j];

		if (x <= c || (best && x >= best))
			continue;
		if (row[j] <= w->max || (up && j + 1 < w->n && up[j] + 1 <= w->max &&
						w->word[j + 1] == w->letters[d - 1]))
			best = x;
	}
	return best;
}

bool edit_walk_next(struct edit_walk *w, char *out, size_t *len)
{
	size_t d = w->depth;
	int32_t c, next;

	while (d-- > 0) {
		c = w->letters[d];
		memcpy(out, w->term, w->ends[d]);
		if (c >= BAD) { /* not UTF-8: step by bytes */
			unsigned char b = w->term[w->ends[d]];

			if (b == 0xff)
				continue;
			out[w->ends[d]] = b + 1;
			*len = w->ends[d] + 1;
			return true;
		}
		if (w->least[d] < w->max)
			next = c == 0xd7ff ? 0xe000 : c + 1;
		else
			next = next_letter(w, d, c);
		if (next <= 0 || next >= BAD)
			continue;
		*len = w->ends[d] + encode(next, out + w->ends[d]);
		return true;
	}
	return false;
}
