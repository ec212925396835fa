#include "text/writing.h"

#include "check.h"

TEST(a_text_is_in_the_script_of_most_of_its_letters)
{
	static const char *const texts[][2] = {
		{ "Love Story (Taylor\u2019s Version)", "latin" },
		{ "\u00c5ngstr\u00f6m \u0151 \u1ea1", "latin" },
		{ "\u039a\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1 abc", "greek" },
		{ "\u041c\u043e\u0441\u043a\u0432\u0430", "cyrillic" },
		{ "\u05e9\u05dc\u05d5\u05dd", "hebrew" },
		{ "\u0645\u0631\u062d\u0628\u0627", "arabic" },
		{ "\u0928\u092e\u0938\u094d\u0924\u0947", "indic" },
		{ "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35", "thai" },
		{ "\u3053\u3093\u306b\u3061\u306f\u4e16\u754c", "kana" },
		{ "\u4e16\u754c\u4f60\u597d", "han" },
		{ "\uc548\ub155", "hangul" },
		{ "\u10d2\u10d0\u10db\u10d0\u10e0\u10ef\u10dd\u10d1\u10d0", "other" },
		{ "1989!", "" },
		{ "", "" },
		{ "\xff\xfe", "" },
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		CHECK_STR(text_writing(slice_str(texts[i][0])), texts[i][1]);
}

TEST(characters_are_code_points_and_bytes_that_are_none_do_not_count)
{
	CHECK_INT(text_characters(SLICE_LIT("")), 0);
	CHECK_INT(text_characters(SLICE_LIT("a\u00e9\u4e16")), 3);
	CHECK_INT(text_characters(SLICE_LIT("a\xff"
					    "b\xe4\xb8")),
		2);
}
