#include "text/analyze.h"

#include <stdio.h>

#include "base/buf.h"
#include "check.h"
#include "limits.h"

/* The terms joined by '|'. */
static const char *terms(const char *analyzer, const char *text)
{
	static char out[4096];
	struct arena *arena = arena_new();
	struct tokens tokens;
	size_t i, n = 0;

	analyze(analyzer_find(slice_str(analyzer)), arena, slice_str(text), &tokens);
	out[0] = '\0';
	for (i = 0; i < tokens.count; i++)
		n += snprintf(out + n, sizeof(out) - n, "%s%.*s", i ? "|" : "",
			SLICE_ARG(tokens.items[i].term));
	arena_free(arena);
	return out;
}

static const char *folded(const char *text)
{
	static char out[4096];
	struct arena *arena = arena_new();
	struct slice s = text_fold(arena, slice_str(text));

	snprintf(out, sizeof(out), "%.*s", SLICE_ARG(s));
	arena_free(arena);
	return out;
}

TEST(words_are_folded_and_split)
{
	static const char *const cases[][2] = {
		{ "Hello, World", "hello|world" },
		{ "Taylor Swift's \"Love Story\" (Taylor\xe2\x80\x99s Version)",
			"taylor|swift|love|story|taylor|version" },
		{ "Don't stop, James' rock 'n' roll", "dont|stop|james|rock|n|roll" },
		{ "Beyonc\xc3\xa9 BEYONCE\xcc\x81", "beyonce|beyonce" },
		{ "M\xc3\xb8tley Cr\xc3\xbc" "e \xc3\x86on Stra\xc3\x9f" "e", "motley|crue|aeon|strasse" },
		{ "\xef\xbc\xa1\xef\xbc\xa2 \xef\xac\x81re", "ab|fire" },
		{ "\xe6\x9d\xb1\xe4\xba\xac\xe4\xba\x8b\xe5\xa4\x89 x",
			"\xe6\x9d\xb1\xe4\xba\xac|\xe4\xba\xac\xe4\xba\x8b|\xe4\xba\x8b\xe5\xa4\x89|x" },
		{ "\xe6\x84\x9b", "\xe6\x84\x9b" },
		{ "a\xff" "b\xc3", "a|b" },
		{ "", "" },
		{ " -- !!! ", "" },
		{ "AC/DC 4x4 24K", "ac|dc|4x4|24k" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CHECK_STR(terms("plain", cases[i][0]), cases[i][1]);
}

TEST(stemmed_and_keyword_analyzers)
{
	CHECK_STR(terms("english", "Running shoes"), "run|shoe");
	CHECK_STR(terms("keyword", "  Hip-Hop & R'n'B "), "hip hop rnb");
	CHECK(analyzer_find(SLICE_LIT("klingon")) == NULL);
	CHECK_STR(folded("The \xc3\x89toile\xe2\x80\xa6  d\xe2\x80\x99Or!"), "the etoile dor");
	CHECK(text_valid(SLICE_LIT("\xc3\xa9")) && !text_valid(SLICE_LIT("x\xc3")));
	CHECK(text_valid(SLICE_LIT("")));
}

TEST(terms_and_tokens_have_their_limits)
{
	struct arena *arena = arena_new();
	struct buf text = { 0 };
	struct tokens tokens;
	int i;

	for (i = 0; i < 300; i++)
		buf_puts(&text, "\xc3\xb1\xe0\xa4\x95");
	for (i = 0; i < 70000; i++)
		buf_puts(&text, " a");
	analyze(analyzer_find(SLICE_LIT("plain")), arena, buf_slice(&text), &tokens);
	CHECK_INT(tokens.count, FIELD_TOKENS_MAX);
	CHECK(tokens.items[0].term.len <= TERM_BYTES_MAX && text_valid(tokens.items[0].term));
	buf_clear(&text);
	arena_free(arena);
}

TEST(any_bytes_can_be_analyzed)
{
	struct arena *arena = arena_new();
	uint32_t seed = 7;
	char text[64];
	struct tokens tokens;
	int i, j;
	size_t k;

	for (i = 0; i < 20000; i++) {
		for (j = 0; j < 64; j++) {
			seed = seed * 1664525 + 1013904223;
			text[j] = seed >> 24;
			if (seed & 0x10000)
				text[j] = "\xe3\x81\xc3' s\xf0\x9f"[seed >> 20 & 7];
		}
		analyze(analyzer_find(SLICE_LIT("plain")), arena, slice_of(text, 64), &tokens);
		for (k = 0; k < tokens.count; k++) {
			CHECK(text_valid(tokens.items[k].term));
			CHECK(!memchr(tokens.items[k].term.ptr, 0, tokens.items[k].term.len));
			CHECK(tokens.items[k].end <= 64);
		}
		text_fold(arena, slice_of(text, 64));
		arena_reset(arena);
	}
	arena_free(arena);
}
