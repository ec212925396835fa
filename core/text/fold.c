/* fold.c -- see fold.h.
 *
 * ASCII goes byte by byte through a table; Latin, Greek, Cyrillic and what else has
 * two bytes through a second, made once by the long way (fold_long.c).
 *
 * Invariant: the output is UTF-8 without NUL, and folding it gives it again. */
#include "text/fold_parts.h"

#include <pthread.h>
#include <utf8proc.h>

#include "text/analyze.h"
#include "text/letters.h"

#define PAIRS_FIRST 0x80
#define PAIRS_END   0x600
#define SHORT_MAX   6
#define SYMBOLS_MAX 32

/* What a byte is: a letter (its small form), or one of these. */
enum { BYTE_BREAK, BYTE_SKIP, BYTE_OTHER, BYTE_LETTER };

/* clang-format off */
#define LETTER(c) [c] = c, [(c) - 32] = c
#define DIGIT(c) [c] = c
static const unsigned char bytes[256] = {
	LETTER('a'), LETTER('b'), LETTER('c'), LETTER('d'), LETTER('e'), LETTER('f'),
	LETTER('g'), LETTER('h'), LETTER('i'), LETTER('j'), LETTER('k'), LETTER('l'),
	LETTER('m'), LETTER('n'), LETTER('o'), LETTER('p'), LETTER('q'), LETTER('r'),
	LETTER('s'), LETTER('t'), LETTER('u'), LETTER('v'), LETTER('w'), LETTER('x'),
	LETTER('y'), LETTER('z'), DIGIT('0'), DIGIT('1'), DIGIT('2'), DIGIT('3'), DIGIT('4'),
	DIGIT('5'), DIGIT('6'), DIGIT('7'), DIGIT('8'), DIGIT('9'), ['\''] = BYTE_SKIP,
	['`'] = BYTE_SKIP, [0x80 ... 0xff] = BYTE_OTHER,
};
/* clang-format on */

/* Letters of two bytes whose folded form is short; len 0: the long way. */
static struct {
	bool same; /* with accents it is no other */
	unsigned char len;
	char bytes[SHORT_MAX];
} pairs[PAIRS_END - PAIRS_FIRST];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* ---- words ---- */

static void word_close(struct scan *s)
{
	struct words *w = s->words;

	if (!s->open)
		return;
	s->open = s->joint = false;
	if (s->accented)
		compose_typed(s);
	s->accented = false;
	if (!w)
		return;
	s->word.len = s->folded.len - s->word.at;
	s->word.typed_len = s->typed.len - s->word.typed_at;
	if (w->count == s->cap) {
		w->items = arena_grow(s->arena, w->items, s->cap * sizeof(*w->items),
			2 * s->cap * sizeof(*w->items));
		s->cap *= 2;
	}
	w->items[w->count++] = s->word;
}

void word_joint(struct scan *s)
{
	s->joint = s->joint || (s->open && !s->word.unspaced);
}

/* The word goes on behind an apostrophe. */
static void word_go_on(struct scan *s)
{
	s->joint = false;
	s->word.last_joint = s->folded.len - s->word.at;
	if (!s->word.first_joint)
		s->word.first_joint = s->word.last_joint;
	if (s->apostrophes)
		s->typed.ptr[s->typed.len++] = '\'';
}

void word_open(struct scan *s, size_t start, bool unspaced)
{
	if (!s->open) {
		word_begin(s, start, unspaced);
	} else if (s->word.unspaced != unspaced) {
		word_close(s);
		word_begin(s, start, unspaced);
	} else if (s->joint) {
		word_go_on(s);
	}
}

void word_apart(struct scan *s)
{
	word_close(s);
	s->apart = true;
}

/* ---- short ways ---- */

static void scan_open(struct scan *s, struct arena *arena, size_t len, bool accents)
{
	memset(s, 0, sizeof(*s));
	s->arena = arena;
	s->accents = accents;
	s->most = SIZE_MAX;
	s->folded.cap = s->typed.cap = len + 16;
	s->folded.ptr = arena_alloc(arena, s->folded.cap);
	if (accents)
		s->typed.ptr = arena_alloc(arena, s->typed.cap);
}

static bool separates(int32_t c)
{
	int32_t parts[LETTER_PARTS_MAX];
	int i, n = letter_decompose(c, parts);

	for (i = 0; i < n && letter_class(parts[i]) != LETTER_BREAK; i++)
		;
	return i < n;
}

static void pairs_make(void)
{
	struct arena *arena = arena_new();
	struct scan s;
	int32_t c;

	for (c = PAIRS_FIRST; c < PAIRS_END; c++) {
		if (separates(c) || letter_is_mark(c))
			continue;
		scan_open(&s, arena, 2, true);
		add_long(&s, c, 0, 2, 0);
		if (s.open && s.folded.len <= SHORT_MAX) {
			pairs[c - PAIRS_FIRST].len = s.folded.len;
			memcpy(pairs[c - PAIRS_FIRST].bytes, s.folded.ptr, s.folded.len);
			pairs[c - PAIRS_FIRST].same =
				!s.accented && s.typed.len == s.folded.len &&
				!memcmp(s.typed.ptr, s.folded.ptr, s.folded.len);
		}
		arena_reset(arena);
	}
	arena_free(arena);
}

/* A letter of two bytes by the table; false: the long way. */
static bool add_pair(struct scan *s, struct slice text, size_t at)
{
	unsigned char a = text.ptr[at], b;
	int32_t c;

	if (a < 0xc2 || a >= 0xd8 || at + 1 >= text.len)
		return false;
	b = text.ptr[at + 1];
	c = (a & 0x1f) << 6 | (b & 0x3f);
	if ((b & 0xc0) != 0x80 || !pairs[c - PAIRS_FIRST].len ||
		(s->accents && !pairs[c - PAIRS_FIRST].same))
		return false;
	out_room(s, &s->folded, SHORT_MAX, text.len - at);
	word_open(s, at, false);
	out_put(&s->folded, pairs[c - PAIRS_FIRST].bytes, pairs[c - PAIRS_FIRST].len);
	if (s->accents) {
		out_room(s, &s->typed, SHORT_MAX, text.len - at);
		out_put(&s->typed, pairs[c - PAIRS_FIRST].bytes, pairs[c - PAIRS_FIRST].len);
	}
	s->word.end = at + 2;
	return true;
}

/* Han, composed kana and Hangul of three bytes stay as they are. */
static bool add_triple(struct scan *s, struct slice text, size_t at)
{
	const unsigned char *p = (const unsigned char *)text.ptr + at;
	int32_t c;

	if (p[0] < 0xe3 || p[0] > 0xed || at + 2 >= text.len || (p[1] & 0xc0) != 0x80 ||
		(p[2] & 0xc0) != 0x80)
		return false;
	c = (p[0] & 0xf) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f);
	if (!((c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3041 && c <= 0x3096) ||
		    (c >= 0x30a1 && c <= 0x30fa) || (c >= 0xac00 && c <= 0xd7a3)))
		return false;
	out_room(s, &s->folded, 3, text.len - at);
	word_open(s, at, true);
	out_put(&s->folded, text.ptr + at, 3);
	if (s->accents) {
		out_room(s, &s->typed, 3, text.len - at);
		out_put(&s->typed, text.ptr + at, 3);
	}
	s->word.end = at + 3;
	return true;
}

/* From a letter of ASCII to behind the last in a row. */
static size_t add_ascii(struct scan *s, struct slice text, size_t at)
{
	const unsigned char *p = (const unsigned char *)text.ptr;
	size_t len;
	char *out;

	if (!s->open)
		word_begin(s, at, false);
	else
		word_open(s, at, false);
	out = s->folded.ptr + s->folded.len;
	do
		*out++ = bytes[p[at++]];
	while (at < text.len && bytes[p[at]] >= BYTE_LETTER);
	len = out - (s->folded.ptr + s->folded.len);
	if (s->accents)
		out_put(&s->typed, out - len, len);
	s->folded.len += len;
	s->word.end = at;
	return at;
}

/* One letter from `at` on, with its accents; where it ends, or 0. */
static size_t one_letter(struct slice text, size_t at)
{
	size_t end, n;
	int32_t c;

	if (at >= text.len)
		return 0;
	at += letter_decode(text, at, &c);
	if (!letter_is_letter(c))
		return 0;
	for (end = at; at < text.len; end = at += n) {
		n = letter_decode(text, at, &c);
		if (letter_class(c) != LETTER_ACCENT)
			break;
	}
	return end;
}

/* Is the dot at `at` one of initials, "R.E.M."?  One letter before it, one behind. */
static bool joins_initials(const struct scan *s, struct slice text, size_t at)
{
	size_t end;
	int32_t c;

	if (!s->open || s->word.unspaced || one_letter(text, s->initial) != at)
		return false;
	end = one_letter(text, at + 1);
	if (!end || end == text.len)
		return end > 0;
	letter_decode(text, end, &c);
	return letter_class(c) == LETTER_BREAK || letter_class(c) == LETTER_SKIP;
}

/* A text without a letter is what it has instead: "!!!" is a name. */
static void scan_symbols(struct scan *s, struct slice text)
{
	int32_t c, parts[LETTER_PARTS_MAX];
	size_t at, next, count = 0;
	char bytes[4];
	int i, n;

	for (at = 0; at < text.len && count < SYMBOLS_MAX; at = next) {
		next = at + letter_decode(text, at, &c);
		n = c < 0 ? 0 : letter_decompose(c, parts);
		for (i = 0; i < n; i++) {
			if (!letter_is_symbol(parts[i]))
				continue;
			out_room(s, &s->folded, sizeof(bytes), 0);
			word_open(s, at, false);
			out_put(&s->folded, bytes,
				utf8proc_encode_char(parts[i], (uint8_t *)bytes));
			s->word.end = next;
			count++;
		}
	}
	if (s->accents) {
		out_room(s, &s->typed, s->folded.len, 0);
		out_put(&s->typed, s->folded.ptr, s->folded.len);
	}
	word_close(s);
}

static void scan_text(struct scan *s, struct slice text)
{
	size_t at = 0, n;
	int32_t c;

	pthread_once(&once, pairs_make);
	while (at < text.len) {
		unsigned char b = bytes[(unsigned char)text.ptr[at]];

		if (b >= BYTE_LETTER) {
			at = add_ascii(s, text, at);
			continue;
		}
		if (b == BYTE_OTHER) {
			n = 2;
			if (!add_pair(s, text, at)) {
				n = 3;
				if (!add_triple(s, text, at)) {
					n = letter_decode(text, at, &c);
					add_long(s, c, at, at + n, text.len - at);
				}
			}
			at += n;
			continue;
		}
		if (b == BYTE_BREAK && text.ptr[at] == '.' && joins_initials(s, text, at)) {
			s->initial = at + 1;
		} else if (b == BYTE_BREAK) {
			word_apart(s);
			if (s->words && s->words->count >= s->most)
				break;
		} else {
			word_joint(s);
		}
		at++;
	}
	word_close(s);
	if (!s->folded.len)
		scan_symbols(s, text);
}

struct slice text_fold(struct arena *arena, struct slice text)
{
	struct scan s;

	scan_open(&s, arena, text.len, false);
	scan_text(&s, text);
	s.folded.ptr[s.folded.len] = '\0';
	return slice_of(s.folded.ptr, s.folded.len);
}

struct slice text_fold_typed(struct arena *arena, struct slice text, struct slice *typed)
{
	struct scan s;

	scan_open(&s, arena, text.len, true);
	s.apostrophes = true;
	scan_text(&s, text);
	s.folded.ptr[s.folded.len] = '\0';
	s.typed.ptr[s.typed.len] = '\0';
	*typed = slice_of(s.typed.ptr, s.typed.len);
	return slice_of(s.folded.ptr, s.folded.len);
}

bool text_valid(struct slice s)
{
	int32_t c = 0;
	size_t at = 0;

	while (at < s.len && c >= 0)
		at += letter_decode(s, at, &c);
	return c >= 0;
}

size_t text_length(struct slice s)
{
	size_t i, n = 0;

	for (i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
	return n;
}

void fold_words(struct arena *arena, struct slice text, bool accents, size_t most,
	struct words *out)
{
	struct scan s;

	scan_open(&s, arena, text.len, accents);
	s.words = out;
	s.most = most;
	s.cap = text.len / 6 + 8;
	out->count = 0;
	out->items = arena_alloc(arena, s.cap * sizeof(*out->items));
	scan_text(&s, text);
	if (out->count > most)
		out->count = most;
	out->folded = s.folded.ptr;
	out->folded_len = s.folded.len;
	out->typed = s.typed.ptr;
	out->typed_len = s.typed.len;
	out->folded[out->folded_len] = '\0';
	if (accents)
		out->typed[out->typed_len] = '\0';
}
