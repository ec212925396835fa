/* ascii.c -- comparing and suggesting short ASCII words; numbers.
 *
 * The distance is optimal string alignment: insert, delete, replace, or swap
 * two neighbours, each costs one.  Words over 64 bytes get no suggestion. */
#include "base/ascii.h"

#include <math.h>
#include <stdlib.h>

#define WORD_MAX 64

/* Not tolower: that asks the locale. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool ascii_same(struct slice a, const char *word)
{
	size_t i;

	for (i = 0; i < a.len; i++)
		if (word[i] == '\0' || lower(a.ptr[i]) != lower(word[i]))
			return false;
	return word[i] == '\0';
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int distance(struct slice a, struct slice b)
{
	int rows[3][WORD_MAX + 1];
	int *before = rows[0], *above = rows[1], *row = rows[2], *swap;
	size_t i, j;
	bool same;

	for (j = 0; j <= b.len; j++)
		above[j] = (int)j;
	for (i = 1; i <= a.len; i++) {
		row[0] = (int)i;
		for (j = 1; j <= b.len; j++) {
			same = lower(a.ptr[i - 1]) == lower(b.ptr[j - 1]);
			row[j] = least(above[j - 1] + !same, 1 + least(above[j], row[j - 1]));
			if (i > 1 && j > 1 && lower(a.ptr[i - 1]) == lower(b.ptr[j - 2]) &&
				lower(a.ptr[i - 2]) == lower(b.ptr[j - 1]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		swap = before;
		before = above;
		above = row;
		row = swap;
	}
	return above[b.len];
}

const char *ascii_nearest(struct slice word, const char *const *words)
{
	const char *nearest = NULL;
	int best, d;

	if (word.len == 0 || word.len > WORD_MAX)
		return NULL;
	best = word.len == 2 ? 2 : (int)word.len / 3 + 1;
	for (; *words; words++) {
		if (strlen(*words) > WORD_MAX)
			continue;
		d = distance(word, slice_str(*words));
		if (d < best) {
			best = d;
			nearest = *words;
		}
	}
	return nearest;
}

bool ascii_real(struct slice text, double *out)
{
	char copy[64], *end = copy;
	double value = 0;

	if (text.len && text.len < sizeof(copy)) {
		memcpy(copy, text.ptr, text.len);
		copy[text.len] = '\0';
		if (strspn(copy, "+-.0123456789eE") == text.len)
			value = strtod(copy, &end);
	}
	if (end == copy || *end || !isfinite(value))
		return false;
	*out = value;
	return true;
}
