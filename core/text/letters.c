/* letters.c -- see letters.h.  Beside what Unicode says are letters that are typed in
 * place of each other: those with a stroke or a hook, small capitals, Arabic ones that
 * keyboards of other languages have twice. */
#include "text/letters.h"

#include <utf8proc.h>

/* Scripts without spaces between words, the commonest first. */
static const struct {
	int32_t first, last;
} unspaced[] = { { 0x4e00, 0x9fff }, { 0x3041, 0x3096 }, { 0x30a1, 0x30fa }, { 0x30fc, 0x30ff },
	{ 0xac00, 0xd7a3 }, { 0xe00, 0xeff }, { 0x3400, 0x4dbf }, { 0x31f0, 0x31ff },
	{ 0x1100, 0x11ff }, { 0xf900, 0xfaff }, { 0x20000, 0x3ffff }, { 0x3005, 0x3005 },
	{ 0x1000, 0x109f }, { 0x1780, 0x17ff } };

#define UNSPACED (sizeof(unspaced) / sizeof(unspaced[0]))

bool letter_is_unspaced(int32_t c)
{
	size_t i;

	if (c < 0xe00)
		return false;
	for (i = 0; i < UNSPACED; i++)
		if (c >= unspaced[i].first && c <= unspaced[i].last)
			return true;
	return false;
}

int32_t letter_past_unspaced(int32_t c)
{
	size_t i;

	for (i = 0; i < UNSPACED; i++)
		if (c >= unspaced[i].first && c <= unspaced[i].last) {
			c = unspaced[i].last + 1;
			i = -1; /* another may follow it at once */
		}
	return c;
}

bool letter_is_accent(int32_t c)
{
	if (c < 0x300)
		return false;
	return c <= 0x36f || (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) ||
	       (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe20 && c <= 0xfe2f) ||
	       (c >= 0x64b && c <= 0x65f) || c == 0x670 || (c >= 0x591 && c <= 0x5bd) ||
	       c == 0x5bf || c == 0x5c1 || c == 0x5c2 || c == 0x3099 || c == 0x309a;
}

/* And what is typed, or was scanned, in their place: accents that stand alone, primes,
 * the half rings and okinas of transliterations. */
bool letter_is_apostrophe(int32_t c)
{
	return c == '\'' || c == '`' || c == 0xb4 || (c >= 0x2b9 && c <= 0x2bf) || c == 0x2c8 ||
	       c == 0x384 || c == 0x55a || c == 0x5f3 || c == 0x2018 || c == 0x2019 ||
	       c == 0x201b || c == 0x2032 || c == 0xa78c || c == 0xff07;
}

/* Soft hyphens, joiners, selectors of glyphs, directions; the dot in Catalan l.l, the
 * stroke that draws Arabic words out. */
static bool is_skipped(int32_t c)
{
	return letter_is_apostrophe(c) || c == 0xad || c == 0xb7 || c == 0x2027 || c == 0x640 ||
	       c == 0x61c || (c >= 0x200c && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	       c == 0x2060 || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || c == 0x34f ||
	       (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
}

enum letter_class letter_class(int32_t c)
{
	utf8proc_category_t category;

	if (c < 0)
		return LETTER_BREAK;
	if (is_skipped(c))
		return LETTER_SKIP;
	if (letter_is_accent(c))
		return LETTER_ACCENT;
	category = utf8proc_category(c);
	if (category < UTF8PROC_CATEGORY_LU || category > UTF8PROC_CATEGORY_NO)
		return LETTER_BREAK;
	return letter_is_unspaced(c) ? LETTER_UNSPACED : LETTER_WORD;
}

bool letter_is_mark(int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

bool letter_is_letter(int32_t c)
{
	return letter_class(c) == LETTER_WORD && utf8proc_category(c) <= UTF8PROC_CATEGORY_LO;
}

bool letter_is_symbol(int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_SO;
}

const char *letter_plain(int32_t c)
{
	switch (c) {
	/* clang-format off */
	case 0x250: case 0x251: case 0x1d00: return "a";
	case 0xe6: case 0x1d01: return "ae";
	case 0x180: case 0x253: case 0x299: return "b";
	case 0x188: case 0x1d04: return "c";
	case 0x111: case 0xf0: case 0x256: case 0x257: case 0x1d05: return "d";
	case 0x1dd: case 0x259: case 0x25b: case 0x1d07: return "e";
	case 0x192: case 0xa730: return "f";
	case 0x1e5: case 0x260: case 0x262: return "g";
	case 0x127: case 0x29c: return "h";
	case 0x131: case 0x268: case 0x26a: return "i";
	case 0x249: case 0x1d0a: return "j";
	case 0x138: case 0x199: case 0x1d0b: return "k";
	case 0x142: case 0x19a: case 0x29f: return "l";
	case 0x1d0d: return "m";
	case 0x14b: case 0x19e: case 0x272: case 0x274: return "n";
	case 0xf8: case 0x254: case 0x275: case 0x1d0f: return "o";
	case 0x153: case 0x276: return "oe";
	case 0x1a5: case 0x1d18: return "p";
	case 0x24d: case 0x280: return "r";
	case 0x283: case 0xa731: return "s";
	case 0x167: case 0x1ad: case 0x288: case 0x1d1b: return "t";
	case 0xfe: return "th";
	case 0x289: case 0x28a: case 0x1d1c: return "u";
	case 0x28b: case 0x28c: case 0x1d20: return "v";
	case 0x1d21: return "w";
	case 0x1b4: case 0x28f: return "y";
	case 0x1b6: case 0x1d22: return "z";
	case 0x629: case 0x6c1: return "\u0647"; /* teh marbuta, heh goal */
	case 0x649: case 0x6cc: return "\u064a"; /* alef maksura, Persian yeh */
	case 0x6a9: return "\u0643";             /* Persian kaf */
		/* clang-format on */
	}
	return NULL;
}

/* The same digit of ASCII. */
static int32_t plain_digit(int32_t c)
{
	static const int32_t zeros[] = { 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66,
		0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0,
		0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
		0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0 };
	size_t i;

	if (c < 0x660 || utf8proc_category(c) != UTF8PROC_CATEGORY_ND)
		return c;
	for (i = 0; i < sizeof(zeros) / sizeof(*zeros); i++)
		if (c >= zeros[i] && c < zeros[i] + 10)
			return '0' + c - zeros[i];
	return c;
}

int letter_decompose(int32_t c, int32_t out[LETTER_PARTS_MAX])
{
	int last = 0;
	utf8proc_ssize_t n, i;

	if (c < 128) {
		out[0] = c >= 'A' && c <= 'Z' ? c | 32 : c;
		return 1;
	}
	n = utf8proc_decompose_char(c, out, LETTER_PARTS_MAX,
		UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, &last);
	if (n < 0 || n > LETTER_PARTS_MAX) {
		out[0] = c;
		n = 1;
	}
	for (i = 0; i < n; i++)
		out[i] = plain_digit(out[i]);
	return n;
}

size_t letter_decode(struct slice text, size_t at, int32_t *c)
{
	unsigned char b = text.ptr[at];
	utf8proc_ssize_t n;

	if (b < 128) {
		*c = b;
		return 1;
	}
	n = utf8proc_iterate((const uint8_t *)text.ptr + at, text.len - at, c);
	if (n > 0)
		return n;
	*c = -1;
	return 1;
}
