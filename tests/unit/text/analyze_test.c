#include "text/analyze.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/rng.h"
#include "check.h"
#include "limits.h"

/* The terms joined by '|'; those after the first at one position by '+'. */
static const char *joined(const struct tokens *tokens)
{
	static char out[4096];
	size_t i, n = 0;

	out[0] = '\0';
	for (i = 0; i < tokens->count; i++)
		n += snprintf(out + n, sizeof(out) - n, "%s%.*s",
			!i                                                           ? ""
			: tokens->items[i].position == tokens->items[i - 1].position ? "+"
										     : "|",
			SLICE_ARG(tokens->items[i].term));
	for (i = n = 0; out[i]; i++) /* marks of grams */
		if (out[i] != '\1')
			out[n++] = out[i];
	out[n] = '\0';
	return out;
}

static const char *terms(const char *analyzer, const char *text)
{
	struct arena *arena = arena_new();
	struct tokens tokens;
	const char *out;

	analyze(analyzer_find(slice_str(analyzer)), arena, slice_str(text), &tokens);
	out = joined(&tokens);
	arena_free(arena);
	return out;
}

static struct analyzer *make(struct analyzer_options options)
{
	struct analyzer *a;
	struct error err;

	CHECK_OK(analyzer_new(&a, &options, &err), err);
	return a;
}

/* Of an analyzer, which is freed. */
static const char *made(struct analyzer *a, bool query, const char *text)
{
	struct arena *arena = arena_new();
	struct tokens tokens;
	const char *out;

	(query ? analyze_query : analyze)(a, arena, slice_str(text), &tokens);
	out = joined(&tokens);
	arena_free(arena);
	analyzer_free(a);
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
		{ "Taylor Swift's \"Love Story\" (Taylor’s Version)",
			"taylor|swifts+swift|love|story|taylors+taylor|version" },
		{ "Don't stop, James' rock 'n' roll, it's", "dont|stop|james|rock|n|roll|its+it" },
		{ "Beyoncé BEYONCE\xcc\x81", "beyonce|beyonce" },
		{ "Møtley Crüe Æon Straße Ǣ", "motley|crue|aeon|strasse|ae" },
		{ "ＡＢ ﬁre ½", "ab|fire|1|2" },
		{ "Чайковский Чайковскии\xcc\x86 ёж", "чайковский|чайковский|еж" },
		{ "co\xc2\xadop a\xe2\x80\x8d"
		  "b",
			"coop|ab" },
		{ "a\xff"
		  "b\xc3",
			"a|b" },
		{ "", "" },
		{ " \x01 \xff", "" },
		{ "Winter´s d`or I′m Hawaiʻi C΄est", "winters+winter|dor+or|im|hawaii|cest+est" },
		{ "coŀlecció col·lecció E·mo·tion", "colleccio|colleccio|emotion" },
		{ "\xe2\x80\x8etemp\xe2\x80\x8f"
		  "er zero\xe2\x80\x8bwidth",
			"temper|zero|width" },
		{ "ᴅʀᴇᴀᴍ Əhmədbəyli miƶu Ɓaule ŋ", "dream|ehmedbeyli|mizu|baule|n" },
		{ "محـــمد على علی ۲۰۲۰ ٢٠", "محمد|علي|علي|2020|20" },
		{ "๑๒ ပ၁", "12|ပ|1" },
		{ "AC/DC 4x4 24K", "ac|dc|4x4|24k" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CHECK_STR(terms("plain", cases[i][0]), cases[i][1]);
}

TEST(a_text_of_symbols_alone_is_one_word)
{
	static const char *const cases[][2] = {
		{ " -- !!! ", "--!!!" },
		{ "÷", "÷" },
		{ "+ - =", "+-=" },
		{ "！…", "!..." },
		{ "'", "'" },
		{ "(?)", "(?)" },
		{ "☆ \xff", "☆" },
		{ "!a!", "a" },
	};
	struct arena *arena = arena_new();
	struct tokens tokens;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CHECK_STR(terms("plain", cases[i][0]), cases[i][1]);
	analyze(analyzer_find(SLICE_LIT("plain")), arena, SLICE_LIT(" -- ! "), &tokens);
	CHECK_INT(tokens.positions, 1);
	CHECK_INT(tokens.items[0].start, 1);
	CHECK_INT(tokens.items[0].end, 5);
	arena_free(arena);
}

TEST(initials_with_dots_are_one_word)
{
	static const char *const cases[][2] = {
		{ "R.E.M. r.e.m REM", "rem|rem|rem" },
		{ "N.W.A, U.S.A.; e.g. 3 a.m.", "nwa|usa|eg|3|am" },
		{ "J.R.R. Tolkien J.R.Ewing Mr.T", "jrr|tolkien|jr|ewing|mr|t" },
		{ "will.i.am v.2 1.0.1 a.b.com", "will|i|am|v|2|1|0|1|ab|com" },
		{ "É.U. e\xcc\x81.u. С.С.С.Р.", "eu|eu|ссср" },
		{ "a..b a. b .c.d. D.A.N.C.E's", "a|b|a|b|cd|dances+dance" },
		{ "東.京 a.東", "東|京|a|東" },
	};
	struct arena *arena = arena_new();
	struct tokens tokens;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CHECK_STR(terms("plain", cases[i][0]), cases[i][1]);
	analyze(analyzer_find(SLICE_LIT("plain")), arena, SLICE_LIT("by R.E.M. x"), &tokens);
	CHECK_INT(tokens.items[1].start, 3);
	CHECK_INT(tokens.items[1].end, 8);
	CHECK_STR(folded("Losing by R.E.M."), "losing by rem");
	arena_free(arena);
}

/* The possessive s, and what a vowel cut short. */
TEST(what_an_apostrophe_joins_is_also_found_by_its_part)
{
	static const char *const cases[][2] = {
		{ "Taylor's TAYLOR\xe2\x80\x99S Taylor\xca\xbcs",
			"taylors+taylor|taylors+taylor|taylors+taylor" },
		{ "L'Amour d'Or Sant'Angelo", "lamour+amour|dor+or|santangelo+angelo" },
		{ "Côte d’Ivoire, aujourd'hui qu'elle",
			"cote|divoire+ivoire|aujourdhui|quelle+elle" },
		{ "O'Neill's", "oneills+oneill+neills+neill" },
		{ "don't I'm y'all 'tis 's x's", "dont|im|yall|tis|s|xs+x" },
		{ "rock'n'roll R'n'B", "rocknroll|rnb" },
		{ "Beyonc\xc3\xa9's", "beyonces+beyonce" },
		{ "東's", "東|s" }, /* another script is another word */
	};
	struct analyzer_options o = { .base = SLICE_LIT("plain"), .accents = ACCENTS_BOTH };
	struct slice stop[] = { SLICE_LIT("it"), SLICE_LIT("lets") };
	struct arena *arena = arena_new();
	struct tokens tokens;
	struct slice typed;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CHECK_STR(terms("plain", cases[i][0]), cases[i][1]);
	CHECK_STR(terms("english", "Taylor's boss's Happy's"), "taylor|bosss+boss|happi");
	CHECK_STR(terms("french", "l'étoile"), "letoil+etoil");
	CHECK_STR(terms("keyword", "Taylor's"), "taylors");
	CHECK_STR(made(make(o), false, "Beyoncé's d'Été"),
		"beyonces+beyoncés+beyonce+beyoncé|dete+dété+ete+été");
	o.accents = ACCENTS_KEEP;
	CHECK_STR(made(make(o), false, "Beyoncé's"), "beyoncés+beyoncé");
	o.accents = ACCENTS_FOLD;
	o.stop = stop; /* the word is what stops; a part that does is left away */
	o.stop_count = 2;
	CHECK_STR(made(make(o), false, "Let's it's"), "its");
	o.grams = GRAMS_EDGE;
	o.stop_count = 0;
	o.gram_min = 2;
	o.gram_max = 9;
	CHECK_STR(made(make(o), true, "O'Neill"), "oneill+neill");
	/* the word itself counts more */
	analyze_query(analyzer_find(SLICE_LIT("plain")), arena, SLICE_LIT("Taylor's"), &tokens);
	CHECK_NEAR(tokens.items[0].weight, 1, 0);
	CHECK(tokens.items[1].weight < 1);
	CHECK_INT(tokens.positions, 1);
	/* a query's words keep it, where there is something on both sides */
	CHECK(slice_is(text_fold_typed(arena, SLICE_LIT("'Taylor’s' d'Été''s"), &typed),
		"taylors detes"));
	CHECK(slice_is(typed, "taylor's d'été's"));
	arena_free(arena);
}

TEST(scripts_without_spaces_become_pairs_and_letters)
{
	static const char *const cases[][2] = {
		{ "東京事変 x", "東+東京|京+京事|事+事変|変|x" },
		{ "愛", "愛" },
		{ "x東京", "x|東+東京|京" },
		/* kana in parts and half width, Hangul in parts */
		{ "ガ", "ガ" },
		{ "カ\xe3\x82\x99", "ガ" },
		{ "ｶﾞ", "ガ" },
		{ "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "한" },
		/* Thai: a letter with its vowel signs is one */
		{ "กินข้าว", "กิ+กิน|น+นข้|ข้+ข้า|า+าว|ว" },
	};
	struct arena *arena = arena_new();
	struct tokens tokens;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CHECK_STR(terms("plain", cases[i][0]), cases[i][1]);
	CHECK_STR(made(make((struct analyzer_options){ .base = SLICE_LIT("plain") }), true,
			  "東京事 愛"),
		"東京|京事|愛");
	/* positions go on alike on both sides, and each pair knows its place */
	analyze_query(analyzer_find(SLICE_LIT("plain")), arena, SLICE_LIT("東京事変 x"), &tokens);
	CHECK_INT(tokens.items[3].position, 4);
	CHECK_INT(tokens.items[1].start, 3);
	CHECK_INT(tokens.items[1].end, 9);
	analyze(analyzer_find(SLICE_LIT("plain")), arena, SLICE_LIT("東京事変 x"), &tokens);
	CHECK_INT(tokens.items[7].position, 4);
	CHECK_INT(tokens.positions, 5);
	arena_free(arena);
}

TEST(stemmed_and_keyword_analyzers)
{
	CHECK_STR(terms("english", "Running shoes, Taylor's"), "run|shoe|taylor");
	CHECK_STR(terms("english", "running running"), "run|run"); /* remembered */
	/* stems that hang on accents, which not everybody types */
	CHECK_STR(terms("french", "aimée aimee aimer"), "aime+aim|aime|aim");
	CHECK_STR(terms("spanish", "comerán comer"), "comer+com|com");
	CHECK_STR(terms("portuguese", "falarão"), "falara+fal");
	CHECK_STR(terms("keyword", "  Hip-Hop & R'n'B "), "hip hop rnb");
	CHECK_STR(terms("keyword", " !"), "!");
	CHECK(analyzer_find(SLICE_LIT("klingon")) == NULL);
	CHECK_STR(folded("The Étoile…  d’Or!"), "the etoile dor");
	CHECK(text_valid(SLICE_LIT("é")) && !text_valid(SLICE_LIT("x\xc3")));
	CHECK(text_valid(SLICE_LIT("")));
}

TEST(accents_are_folded_kept_or_both)
{
	struct analyzer_options o = { .base = SLICE_LIT("plain"), .accents = ACCENTS_KEEP };
	struct arena *arena = arena_new();
	struct tokens tokens;
	struct analyzer *a;

	CHECK_STR(made(make(o), false, "Café CAFE\xcc\x81 cafe Ødegård"), "café|café|cafe|ødegård");
	o.base = SLICE_LIT("french");
	CHECK_STR(made(make(o), false, "étaient"), "étaient");
	o.base = SLICE_LIT("plain");
	o.accents = ACCENTS_BOTH;
	CHECK_STR(made(make(o), false, "Café noir Æon"), "cafe+café|noir|aeon+æon");
	a = make(o);
	analyze_query(a, arena, SLICE_LIT("café noir"), &tokens);
	CHECK_INT(tokens.positions, 2);
	CHECK_NEAR(tokens.items[0].weight, 1, 0);
	CHECK(tokens.items[1].weight > 1);
	CHECK_NEAR(tokens.items[2].weight, 1, 0);
	CHECK_STR(analyzer_text(a), "plain accents=both");
	analyzer_free(a);
	/* both spellings have one stem */
	o.base = SLICE_LIT("spanish");
	CHECK_STR(made(make(o), false, "canción"), &"cancion+cancion"[8]);
	arena_free(arena);
}

TEST(grams_find_what_is_typed_so_far_and_what_is_misspelt)
{
	struct analyzer_options o = { .base = SLICE_LIT("plain"),
		.grams = GRAMS_EDGE,
		.gram_min = 2,
		.gram_max = 4 };

	CHECK_STR(made(make(o), false, "Taylor a éé"), "ta+tay+tayl|a|ee");
	CHECK_STR(made(make(o), true, "tay Taylor a"), "tay|tayl|a");
	o.base = SLICE_LIT("keyword");
	CHECK_STR(made(make(o), false, "a bc"), "a +a b+a bc");
	o.base = SLICE_LIT("plain");
	o.grams = GRAMS_INNER;
	o.gram_min = o.gram_max = 3;
	CHECK_STR(made(make(o), false, "love a"), " lo+lov+ove+ve | a ");
	CHECK_STR(made(make(o), true, "love"), " lo+lov+ove+ve ");
	o.gram_min = 2;
	CHECK_STR(made(make(o), false, "ab"), " a+ab+b + ab+ab ");
}

TEST(stop_words_are_dropped_unless_there_are_no_others)
{
	struct slice stop[] = { SLICE_LIT("The"), SLICE_LIT("who"), SLICE_LIT("feat"),
		SLICE_LIT("the") };
	struct analyzer_options o = { .base = SLICE_LIT("english"), .stop = stop, .stop_count = 4 };
	struct arena *arena = arena_new();
	struct analyzer *a = make(o), *same;
	struct slice whole;
	struct tokens tokens;

	analyze(a, arena, SLICE_LIT("Who let the dogs out (feat. X)"), &tokens);
	CHECK_STR(joined(&tokens), "let|dog|out|x");
	CHECK(!tokens.stopped && tokens.positions == 4);
	analyze(a, arena, SLICE_LIT("The Who"), &tokens);
	CHECK_STR(joined(&tokens), "the|who");
	CHECK(tokens.stopped);
	whole = analyzer_whole(a, arena, SLICE_LIT("love story feat the x"));
	CHECK(slice_is(whole, "love story x"));
	whole = analyzer_whole(a, arena, SLICE_LIT("the who"));
	CHECK(slice_is(whole, "the who"));
	/* the list counts, not its order */
	stop[0] = SLICE_LIT("feat");
	stop[2] = SLICE_LIT("THE");
	same = make(o);
	CHECK_STR(analyzer_text(a), analyzer_text(same));
	analyzer_free(same);
	o.stop_count = 1;
	same = make(o);
	CHECK(strcmp(analyzer_text(a), analyzer_text(same)) != 0);
	analyzer_free(same);
	analyzer_free(a);
	arena_free(arena);
}

TEST(options_that_make_no_analyzer_are_told)
{
	struct slice two = SLICE_LIT("of the"), the = SLICE_LIT("the");
	struct analyzer_options cases[] = {
		{ .base = SLICE_LIT("englich") },
		{ .base = SLICE_LIT("plain"), .grams = GRAMS_EDGE, .gram_min = 3, .gram_max = 2 },
		{ .base = SLICE_LIT("plain"), .grams = GRAMS_INNER, .gram_min = 1, .gram_max = 21 },
		{ .base = SLICE_LIT("plain"), .stop = &two, .stop_count = 1 },
		{ .base = SLICE_LIT("keyword"), .stop = &the, .stop_count = 1 },
	};
	static const char *const told[] = { "did you mean 'english'?", "grams of 3 to 2", "1 to 20",
		"is one word, found 'of the'", "a keyword is not split" };
	struct analyzer *a;
	struct error err;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CHECK_INT(analyzer_new(&a, &cases[i], &err), ERR_ARG);
		if (!strstr(err.text, told[i]))
			CHECK_STR(err.text, told[i]);
	}
}

TEST(terms_and_tokens_have_their_limits)
{
	struct arena *arena = arena_new();
	struct buf text = { 0 };
	struct tokens tokens;
	int i;

	for (i = 0; i < 300; i++)
		buf_puts(&text, "ñक");
	for (i = 0; i < 70000; i++)
		buf_puts(&text, " a");
	analyze(analyzer_find(SLICE_LIT("plain")), arena, buf_slice(&text), &tokens);
	CHECK_INT(tokens.count, FIELD_TOKENS_MAX);
	CHECK(tokens.items[0].term.len <= TERM_BYTES_MAX && text_valid(tokens.items[0].term));
	CHECK(tokens.items[0].term.len > TERM_BYTES_MAX - 4);
	buf_clear(&text);
	arena_free(arena);
}

/* ---- properties, over text that is hard to read ---- */

static const int32_t nasty[] = { ' ', ' ', '\'', 0x2019, '.', '.', '-', 'a', 'e', 'S', 's', 'Z',
	'7', 0xe9, 0xc9, 0xf8, 0xdf, 0x1e9e, 0xe6, 0x1e3, 0x1fc, 0x130, 0x131, 0x149, 0xbd, 0xb2,
	0xb5, 0xa8, 0xad, 0x37a, 0x300, 0x301, 0x306, 0x308, 0x323, 0x345, 0x34f, 0x3b1, 0x3c3,
	0x3c2, 0x1f80, 0x1fb3, 0x390, 0x418, 0x438, 0x439, 0x451, 0x5d0, 0x5bc, 0x627, 0x623, 0x654,
	0x64b, 0xfdfa, 0xfefb, 0x915, 0x93c, 0x93f, 0x958, 0xe01, 0xe34, 0xe33, 0xe40, 0xe3f,
	0x1780, 0x17b6, 0x17d2, 0x1000, 0x102d, 0x1100, 0x1161, 0x11a8, 0x110f, 0x314b, 0x314f,
	0xac00, 0xac01, 0x304b, 0x3099, 0x309a, 0x30ab, 0x30ac, 0x30fb, 0x30fc, 0xff76, 0xff9e,
	0xff9f, 0xff21, 0xff07, 0x3005, 0x4e00, 0x6771, 0xf900, 0x20000, 0x2f800, 0xfe0f, 0xe0101,
	0x200b, 0x200c, 0x200d, 0x200e, 0x2122, 0x2460, 0x212b, 0xfb01, 0x1f600, 0x1d400, 0x10400,
	0x110bb, 0xd7a3, 0xffff, 0x10ffff, 0x0, 0x1, 0x7f };

static size_t encode(int32_t c, char *out)
{
	if (c < 0x80)
		return out[0] = c, 1;
	if (c < 0x800)
		return out[0] = 0xc0 | c >> 6, out[1] = 0x80 | (c & 63), 2;
	if (c < 0x10000)
		return out[0] = 0xe0 | c >> 12, out[1] = 0x80 | (c >> 6 & 63),
		       out[2] = 0x80 | (c & 63), 3;
	out[0] = 0xf0 | c >> 18, out[1] = 0x80 | (c >> 12 & 63), out[2] = 0x80 | (c >> 6 & 63);
	return out[3] = 0x80 | (c & 63), 4;
}

#define TEXT_MAX 400

static struct slice nasty_text(struct rng *rng, char out[TEXT_MAX])
{
	size_t letters = rng_below(rng, 12), i, n = 0;

	if (rng_below(rng, 50) == 0)
		letters = 90; /* over the longest term */
	for (i = 0; i < letters; i++) {
		switch (rng_below(rng, 16)) {
		case 0: /* any at all */ n += encode(rng_below(rng, 0xd800), out + n); break;
		case 1: /* no UTF-8 */ out[n++] = 0x80 | rng_below(rng, 0x80); break;
		default:
			n += encode(nasty[rng_below(rng, sizeof(nasty) / sizeof(*nasty))], out + n);
		}
	}
	return slice_of(out, n);
}

static void fail(const char *what, const struct analyzer *a, struct slice text)
{
	struct buf hex = { 0 };
	size_t i;

	for (i = 0; i < text.len; i++)
		buf_printf(&hex, "%02x", (unsigned char)text.ptr[i]);
	buf_putc(&hex, '\0');
	check_fail(__FILE__, __LINE__, "%s, %s: %s", what, a ? analyzer_text(a) : "fold", hex.ptr);
}

static bool has(const struct tokens *tokens, const struct token *t, bool anywhere)
{
	size_t i;

	for (i = 0; i < tokens->count; i++)
		if (slice_eq(tokens->items[i].term, t->term) &&
			(anywhere || tokens->items[i].position == t->position))
			return true;
	return false;
}

static void check_tokens(const struct analyzer *a, struct slice text, const struct tokens *tokens)
{
	uint32_t last = 0;
	size_t i;

	for (i = 0; i < tokens->count; i++) {
		const struct token *t = &tokens->items[i];

		if (!t->term.len || t->term.len > TERM_BYTES_MAX || !text_valid(t->term) ||
			memchr(t->term.ptr, 0, t->term.len))
			fail("no term", a, text);
		if (t->start >= t->end || t->end > text.len)
			fail("not in the text", a, text);
		if (t->position < last || t->position >= tokens->positions)
			fail("positions", a, text);
		last = t->position;
	}
}

/* Words of `folded` by themselves, as queries have them. */
static void check_words(const struct analyzer *a, struct arena *arena, struct slice text,
	struct slice folded, const struct tokens *of_document)
{
	size_t at, next, i;
	struct tokens of_word;

	for (at = 0; at < folded.len; at = next + 1) {
		const char *space = memchr(folded.ptr + at, ' ', folded.len - at);

		next = space ? (size_t)(space - folded.ptr) : folded.len;
		analyze_query(a, arena, slice_of(folded.ptr + at, next - at), &of_word);
		if (!of_word.count)
			fail("a word vanished", a, text);
		for (i = 0; !of_word.stopped && i < of_word.count; i++)
			if (!has(of_document, &of_word.items[i], true))
				fail("a word of the query is not the document's", a, text);
	}
}

static void check_folding(struct arena *arena, struct slice text)
{
	struct slice folded, typed, again, typed_again;
	size_t i, spaces = 0, typed_spaces = 0;

	folded = text_fold_typed(arena, text, &typed);
	if (!slice_eq(folded, text_fold(arena, text)))
		fail("two foldings", NULL, text);
	if (!slice_eq(folded, text_fold(arena, folded)))
		fail("folding again", NULL, text);
	again = text_fold_typed(arena, typed, &typed_again);
	if (!slice_eq(folded, again) || !slice_eq(typed, typed_again))
		fail("folding again what was typed", NULL, text);
	for (i = 0; i < folded.len; i++)
		spaces += folded.ptr[i] == ' ';
	for (i = 0; i < typed.len; i++)
		typed_spaces += typed.ptr[i] == ' ';
	if (spaces != typed_spaces)
		fail("words differ in number", NULL, text);
	if (!text_valid(folded) || !text_valid(typed) || memchr(folded.ptr, 1, folded.len))
		fail("folded is no text", NULL, text);
}

static void check_sides(const struct analyzer *a, struct arena *arena, struct slice text)
{
	struct tokens of_document, of_query;
	struct slice folded, typed;
	size_t i;

	check_folding(arena, text);

	analyze(a, arena, text, &of_document);
	analyze_query(a, arena, text, &of_query);
	check_tokens(a, text, &of_document);
	check_tokens(a, text, &of_query);
	if (of_document.positions != of_query.positions)
		fail("lengths differ", a, text);
	for (i = 0; i < of_query.count; i++)
		if (!has(&of_document, &of_query.items[i], false))
			fail("the query has what the document has not", a, text);
	folded = text_fold_typed(arena, text, &typed);
	analyze_query(a, arena, typed, &of_query); /* folded before, as queries are */
	for (i = 0; i < of_query.count; i++)
		if (!has(&of_document, &of_query.items[i], false))
			fail("the folded query has what the document has not", a, text);
	if (!strncmp(analyzer_text(a), "keyword", 7))
		return;
	check_words(a, arena, text, typed, &of_document);
	if (!strstr(analyzer_text(a), "accents=keep"))
		check_words(a, arena, text, folded, &of_document);
}

TEST(folding_every_letter_twice_is_folding_it_once)
{
	struct arena *arena = arena_new();
	char text[16];
	int32_t c;
	size_t n;

	for (c = 0; c < 0x110000; c++) {
		if (c >= 0xd800 && c < 0xe000)
			continue;
		n = encode(c, text);
		check_folding(arena, slice_of(text, n));
		text[n++] = 'e'; /* with neighbours it may make one letter with */
		n += encode(0x301, text + n);
		n += encode(0x306, text + n);
		n += encode(c, text + n);
		check_folding(arena, slice_of(text, n));
		arena_reset(arena);
	}
	arena_free(arena);
}

TEST(what_a_query_asks_for_the_document_has)
{
	struct slice stop[] = { SLICE_LIT("a"), SLICE_LIT("es"), SLICE_LIT("7") };
	struct analyzer_options o = { .stop = stop };
	struct arena *arena = arena_new();
	const char *const *name;
	char text[TEXT_MAX];
	struct rng rng;
	int i, n = 0;

	rng_init(&rng, 11);
	for (i = 0; i < 20000; i++) {
		check_folding(arena, nasty_text(&rng, text));
		arena_reset(arena);
	}
	for (name = analyzer_names(); *name; name++) {
		o.base = slice_str(*name);
		for (o.accents = ACCENTS_FOLD; o.accents <= ACCENTS_BOTH; o.accents++)
			for (n = 0; n < 4; n++) {
				static const struct {
					enum grams grams;
					int min, max;
				} grams[] = { { GRAMS_NONE, 0, 0 }, { GRAMS_EDGE, 1, 5 },
					{ GRAMS_EDGE, 3, 20 }, { GRAMS_INNER, 2, 3 } };
				struct analyzer *a;

				o.grams = grams[n].grams;
				o.gram_min = grams[n].min;
				o.gram_max = grams[n].max;
				o.stop_count = strcmp(*name, "keyword") ? n % 2 * 3 : 0;
				a = make(o);
				for (i = 0; i < 200; i++) {
					check_sides(a, arena, nasty_text(&rng, text));
					arena_reset(arena);
				}
				analyzer_free(a);
			}
	}
	arena_free(arena);
}
