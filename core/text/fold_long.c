/* fold_long.c -- the long way from a code point to the word: decompose and fold case, drop
 * the marks that are accents, keep those that spell vowels.  Kana with separate voicing
 * marks, Hangul in parts, and Cyrillic short i are composed again: they are letters. */
#include "text/fold_parts.h"

#include <utf8proc.h>

#include "text/letters.h"

/* Composed and in canonical order. */
void compose_typed(struct scan *s)
{
	char *word = s->typed.ptr + s->word.typed_at;
	size_t len = s->typed.len - s->word.typed_at;
	int32_t *points = arena_alloc(s->arena, (len + 1) * sizeof(*points));
	utf8proc_ssize_t n;

	n = utf8proc_decompose((const uint8_t *)word, len, points, len + 1, UTF8PROC_DECOMPOSE);
	if (n < 0 || (size_t)n > len)
		return; /* cannot be: it is decomposed already */
	n = utf8proc_reencode(points, n, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (n <= 0 || (size_t)n > len)
		return;
	memcpy(word, points, n);
	s->typed.len = s->word.typed_at + n;
}

/* The last code point of the open word, and where it begins. */
static int32_t last_of(const struct out *o, size_t begin, size_t *at)
{
	int32_t c = -1;

	*at = o->len;
	while (*at > begin && ((unsigned char)o->ptr[--*at] & 0xc0) == 0x80)
		;
	if (*at < o->len)
		letter_decode(slice_of(o->ptr, o->len), *at, &c);
	return c;
}

/* c and the code point before as one; false if they are not one letter. */
static bool compose(struct out *o, size_t begin, int32_t c)
{
	int32_t pair[2];
	size_t at;

	pair[0] = last_of(o, begin, &at);
	pair[1] = c;
	if (pair[0] < 0 ||
		utf8proc_normalize_utf32(pair, 2, UTF8PROC_STABLE | UTF8PROC_COMPOSE) != 1)
		return false;
	o->len = at + utf8proc_encode_char(pair[0], (uint8_t *)o->ptr + at);
	return true;
}

/* The letter that the marks at the end of the open word belong to becomes a short i,
 * if it is an i. */
static bool shorten(struct out *o, size_t begin)
{
	struct out before = *o;
	size_t at;
	int32_t c;

	do {
		c = last_of(&before, begin, &at);
		before.len = at;
	} while (c >= 0 && (letter_is_mark(c) || letter_is_accent(c)) && at > begin);
	if (c != 0x438)
		return false;
	o->ptr[at + 1]++; /* from 0x438 to 0x439 */
	return true;
}

/* Marks and parts that make another letter of the one before. */
static bool makes_letters(int32_t c)
{
	return c == 0x3099 || c == 0x309a || (c >= 0x1161 && c <= 0x1175) ||
	       (c >= 0x11a8 && c <= 0x11c2);
}

static void add_accent(struct scan *s, int32_t c)
{
	char mark[4];

	if (!s->open)
		return;
	if (makes_letters(c) && compose(&s->folded, s->word.at, c) &&
		(!s->accents || compose(&s->typed, s->word.typed_at, c)))
		return;
	if (c == 0x306 && shorten(&s->folded, s->word.at)) {
		if (s->accents)
			shorten(&s->typed, s->word.typed_at);
		return;
	}
	if (!s->accents || s->word.unspaced || s->baseless)
		return;
	out_put(&s->typed, mark, utf8proc_encode_char(c, (uint8_t *)mark));
	s->accented = true;
}

static int combining(int32_t c)
{
	return c < 0 ? 0 : utf8proc_get_property(c)->combining_class;
}

/* A letter, or a mark in canonical order: before those of a higher class. */
static void put_letter(struct out *o, size_t begin, int32_t c)
{
	char letter[4];
	size_t n = utf8proc_encode_char(c, (uint8_t *)letter), at = o->len, before = at;
	struct out head = *o;

	while (combining(c) && at > begin &&
		combining(last_of(&head, begin, &before)) > combining(c))
		head.len = at = before;
	memmove(o->ptr + at + n, o->ptr + at, o->len - at);
	memcpy(o->ptr + at, letter, n);
	o->len += n;
}

static void add_letter(struct scan *s, int32_t c, size_t start)
{
	const char *special = letter_plain(c);
	bool unspaced = letter_is_unspaced(c);

	word_open(s, start, unspaced);
	if (s->accents && s->folded.len == s->word.at)
		s->baseless = letter_is_mark(c);
	if (unspaced && makes_letters(c) && compose(&s->folded, s->word.at, c)) {
		if (s->accents)
			compose(&s->typed, s->word.typed_at, c);
		return;
	}
	if (special)
		out_put(&s->folded, special, strlen(special));
	else
		put_letter(&s->folded, s->word.at, c);
	if (s->accents)
		put_letter(&s->typed, s->word.typed_at, c);
}

void add_long(struct scan *s, int32_t c, size_t start, size_t end, size_t left)
{
	int32_t parts[LETTER_PARTS_MAX];
	int i, n;

	if (c < 0) {
		word_apart(s);
		return;
	}
	if (letter_class(c) == LETTER_SKIP) {
		if (letter_is_apostrophe(c))
			word_joint(s);
		return;
	}
	n = letter_decompose(c, parts);
	out_room(s, &s->folded, 5 * n, left);
	if (s->accents)
		out_room(s, &s->typed, 5 * n, left);
	for (i = 0; i < n; i++) {
		switch (letter_class(parts[i])) {
		case LETTER_WORD:
		case LETTER_UNSPACED: add_letter(s, parts[i], start); break;
		case LETTER_ACCENT: add_accent(s, parts[i]); break;
		case LETTER_BREAK: word_apart(s); break;
		case LETTER_SKIP:
			if (letter_is_apostrophe(parts[i]))
				word_joint(s);
			break;
		}
		if (s->open)
			s->word.end = end;
	}
}
