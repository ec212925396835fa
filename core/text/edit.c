/* edit.c -- optimal string alignment by rows, and the walk over a dictionary.
 *
 * Row i of the programme holds the distances of the first i letters of the term
 * to every prefix of the word.  The walk keeps it as bits (Wu and Manber 1992): for
 * each number of edits the prefixes within it.  Terms come sorted, so states of the
 * prefix shared with the term before are kept.  One without bits is dead: a
 * transposition reaching over it would need a bit of the state before with an edit
 * less, and then a deletion would have kept this one alive.
 *
 * From an alive state that has no edit left only letters of the word can follow,
 * so the next place worth looking at is known exactly (as in Schulz and Mihov's
 * automata, computed as it goes) and the cursor jumps there. */
#include "text/edit.h"

#include <string.h>

#include "limits.h"
#include "text/letters.h"

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
static int row_fill(uint8_t *row, const uint8_t *up1, const uint8_t *up2, int32_t c, int32_t before,
	const int32_t *word, size_t n, int cap)
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
		if (up2 && j > 1 && word[j - 2] == c && word[j - 1] == before && up2[j - 2] + 1 < v)
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

/* ---- the walk ---- */

#define EDITS_MAX 2

/* Bit j of reached[e]: the letters so far are within e edits of the word's first j. */
struct state {
	uint64_t reached[EDITS_MAX + 1];
};

/* Where a letter is in the word. */
struct place {
	int32_t letter;
	uint64_t at;
};

struct edit_walk {
	int max;
	size_t n;
	uint64_t all;                          /* the n + 1 bits */
	uint64_t ascii[128];                   /* where a letter is in the word */
	struct place places[EDIT_LETTERS_MAX]; /* the same of its letters, ascending */
	size_t place_count;
	bool spaced;  /* the word has no letter of a script without spaces */
	size_t depth; /* letters of the last term that have states */
	int32_t letters[EDIT_LETTERS_MAX + EDITS_MAX + 2];
	size_t ends[EDIT_LETTERS_MAX + EDITS_MAX + 3]; /* bytes up to letter i, ends[0] = 0 */
	int least[EDIT_LETTERS_MAX + EDITS_MAX + 3];   /* edits there are already */
	struct state states[EDIT_LETTERS_MAX + EDITS_MAX + 3];
	char term[TERM_BYTES_MAX + 8];
	size_t term_len; /* bytes the states stand for */
};

static void add_place(struct edit_walk *w, int32_t letter, size_t at)
{
	size_t i = w->place_count;

	while (i > 0 && w->places[i - 1].letter > letter)
		i--;
	if (!i || w->places[i - 1].letter != letter) {
		memmove(&w->places[i + 1], &w->places[i],
			(w->place_count++ - i) * sizeof(*w->places));
		w->places[i++] = (struct place){ letter, 0 };
	}
	w->places[i - 1].at |= UINT64_C(1) << at;
	if (letter < 128)
		w->ascii[letter] = w->places[i - 1].at;
	w->spaced = w->spaced && !letter_is_unspaced(letter);
}

static uint64_t places_of(const struct edit_walk *w, int32_t letter)
{
	size_t i;

	if (letter < 128)
		return w->ascii[letter];
	for (i = 0; i < w->place_count; i++)
		if (w->places[i].letter == letter)
			return w->places[i].at;
	return 0;
}

struct edit_walk *edit_walk_new(struct arena *arena, struct slice word, int max)
{
	struct edit_walk *w = arena_calloc(arena, 1, sizeof(*w));
	int32_t letters[EDIT_LETTERS_MAX];
	size_t j;
	int e;

	w->max = max;
	w->spaced = true;
	w->n = decode_all(word, letters, EDIT_LETTERS_MAX);
	w->all = (UINT64_C(2) << w->n) - 1;
	for (j = 0; j < w->n; j++)
		add_place(w, letters[j], j);
	for (e = 0; e <= max; e++)
		w->states[0].reached[e] = (UINT64_C(2) << e) - 1;
	return w;
}

/* The state after letter d of the term; the edits there are. */
static int step(struct edit_walk *w, size_t d)
{
	const struct state *up = &w->states[d], *up2 = d ? up - 1 : NULL;
	struct state *to = &w->states[d + 1];
	uint64_t here = places_of(w, w->letters[d]), swapped;
	int e, least;

	swapped = d ? here & places_of(w, w->letters[d - 1]) >> 1 : 0;
	if (w->spaced && letter_is_unspaced(w->letters[d]))
		return w->max + 1;
	to->reached[0] = (up->reached[0] & here) << 1;
	least = to->reached[0] ? 0 : 1;
	for (e = 1; e <= w->max; e++) {
		to->reached[e] = (up->reached[e] & here) << 1 | up->reached[e - 1] |
				 up->reached[e - 1] << 1 | to->reached[e - 1] << 1;
		if (swapped)
			to->reached[e] |= (up2->reached[e - 1] & swapped) << 2;
		to->reached[e] &= w->all;
		least += least == e && !to->reached[e];
	}
	return least;
}

static int distance_at(const struct edit_walk *w, size_t d)
{
	int e;

	for (e = 0; e <= w->max && !(w->states[d].reached[e] >> w->n & 1); e++)
		;
	return e;
}

int edit_walk_term(struct edit_walk *w, struct slice term, size_t *dead)
{
	size_t shared = 0, d = w->depth, at;

	*dead = 0;
	if (term.len > sizeof(w->term))
		term.len = sizeof(w->term);
	while (shared < w->term_len && shared < term.len && w->term[shared] == term.ptr[shared])
		shared++;
	while (d > 0 && w->ends[d] > shared)
		d--;
	at = w->ends[d];
	memcpy(w->term + at, term.ptr + at, term.len - at);
	while (w->least[d] <= w->max && at < term.len) {
		at += decode(term, at, &w->letters[d]);
		w->least[d + 1] = step(w, d);
		w->ends[++d] = at;
	}
	w->depth = d;
	w->term_len = w->ends[d];
	if (w->least[d] > w->max) {
		*dead = w->ends[d];
		return w->max + 1;
	}
	return distance_at(w, d);
}

/* The smallest letter above c that keeps the state after depth d alive, where only
 * letters of the word can; 0 if none. */
static int32_t next_letter(const struct edit_walk *w, size_t d, int32_t c)
{
	uint64_t match = w->states[d].reached[w->max], swap = 0;
	size_t i;

	if (d)
		swap = w->states[d - 1].reached[w->max - 1] & places_of(w, w->letters[d - 1]) >> 1;
	for (i = 0; i < w->place_count; i++)
		if (w->places[i].letter > c && w->places[i].at & (match | swap))
			return w->places[i].letter;
	return 0;
}

/* The smallest above c that any slip may put there. */
static int32_t any_letter(const struct edit_walk *w, int32_t c)
{
	c = c == 0xd7ff ? 0xe000 : c + 1;
	return w->spaced && letter_is_unspaced(c) ? letter_past_unspaced(c) : c;
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
		next = w->least[d] < w->max ? any_letter(w, c) : next_letter(w, d, c);
		if (next <= 0 || next >= BAD)
			continue;
		*len = w->ends[d] + encode(next, out + w->ends[d]);
		return true;
	}
	return false;
}
