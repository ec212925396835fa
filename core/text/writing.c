/* writing.c -- by ranges of code points, which are wide and rarely change. */
#include "text/writing.h"

#include <utf8proc.h>

enum writing {
	OTHER,
	LATIN,
	GREEK,
	CYRILLIC,
	HEBREW,
	ARABIC,
	INDIC,
	THAI,
	KANA,
	HANGUL,
	HAN,
	WRITINGS,
};

static const char *const names[WRITINGS] = { "other", "latin", "greek", "cyrillic", "hebrew",
	"arabic", "indic", "thai", "kana", "hangul", "han" };

static const struct {
	utf8proc_int32_t first, last;
	enum writing writing;
} ranges[] = {
	{ 0x0041, 0x024f, LATIN },
	{ 0x0370, 0x03ff, GREEK },
	{ 0x0400, 0x052f, CYRILLIC },
	{ 0x0590, 0x05ff, HEBREW },
	{ 0x0600, 0x077f, ARABIC },
	{ 0x08a0, 0x08ff, ARABIC },
	{ 0x0900, 0x0dff, INDIC },
	{ 0x0e00, 0x0e7f, THAI },
	{ 0x1100, 0x11ff, HANGUL },
	{ 0x1e00, 0x1eff, LATIN },
	{ 0x1f00, 0x1fff, GREEK },
	{ 0x2c60, 0x2c7f, LATIN },
	{ 0x3040, 0x30ff, KANA },
	{ 0x3130, 0x318f, HANGUL },
	{ 0x31f0, 0x31ff, KANA },
	{ 0x3400, 0x4dbf, HAN },
	{ 0x4e00, 0x9fff, HAN },
	{ 0xac00, 0xd7af, HANGUL },
	{ 0xf900, 0xfaff, HAN },
	{ 0xfb1d, 0xfb4f, HEBREW },
	{ 0xfb50, 0xfdff, ARABIC },
	{ 0xfe70, 0xfeff, ARABIC },
	{ 0xff21, 0xff5a, LATIN },
	{ 0xff66, 0xff9d, KANA },
	{ 0x20000, 0x323af, HAN },
};

static enum writing writing_of(utf8proc_int32_t c)
{
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return ranges[i].writing;
	return OTHER;
}

static bool is_letter(utf8proc_int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

/* The next code point, or -1 where the bytes are none; moves on in any case. */
static utf8proc_int32_t next(const char **at, const char *end)
{
	utf8proc_int32_t c = -1;
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)*at, end - *at, &c);

	*at += n > 0 ? n : 1;
	return n > 0 ? c : -1;
}

const char *text_writing(struct slice text)
{
	const char *at = text.ptr, *end = text.ptr + text.len;
	unsigned count[WRITINGS] = { 0 };
	int i, most = OTHER;

	while (at < end) {
		utf8proc_int32_t c = next(&at, end);

		if (c >= 0 && is_letter(c))
			count[writing_of(c)]++;
	}
	for (i = 0; i < WRITINGS; i++)
		if (count[i] > count[most])
			most = i;
	return count[most] ? names[most] : "";
}

size_t text_characters(struct slice text)
{
	const char *at = text.ptr, *end = text.ptr + text.len;
	size_t n = 0;

	while (at < end)
		n += next(&at, end) >= 0;
	return n;
}
