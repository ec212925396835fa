/* analyze.c -- one scan over the text: decode, fold, split, emit.
 *
 * ASCII goes through a table byte by byte; anything else is decoded and folded
 * with utf8proc (compatibility decomposition and case folding), after which the
 * combining marks that are accents are dropped.  Marks that spell vowels (Indic
 * scripts, Thai) stay.  Kana and Hangul syllables are kept composed.
 *
 * Invariant: a term never contains NUL, is valid UTF-8 and at most
 * TERM_BYTES_MAX bytes.
 *
 * Left out: composing kana with separate voicing marks; dictionary segmentation. */
#include "text/analyze.h"

#include <libstemmer.h>
#include <pthread.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "limits.h"

#define STEMMERS_MAX 64
#define FOLD_MAX 32

enum kind { KIND_PLAIN, KIND_KEYWORD, KIND_STEM };

struct analyzer {
	const char *name;
	enum kind kind;
	int stemmer;
};

static struct analyzer analyzers[STEMMERS_MAX + 2];
static const char *names[STEMMERS_MAX + 3];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t stemmers_key;

/* ---- analyzers and their stemmers ---- */

static void stemmers_free(void *ptr)
{
	struct sb_stemmer **own = ptr;
	int i;

	for (i = 0; i < STEMMERS_MAX; i++)
		if (own[i])
			sb_stemmer_delete(own[i]);
	free(own);
}

static void analyzers_make(void)
{
	const char **list = sb_stemmer_list();
	int i, n = 2;

	pthread_key_create(&stemmers_key, stemmers_free);
	analyzers[0] = (struct analyzer){ "plain", KIND_PLAIN, -1 };
	analyzers[1] = (struct analyzer){ "keyword", KIND_KEYWORD, -1 };
	for (i = 0; list[i] && i < STEMMERS_MAX; i++, n++)
		analyzers[n] = (struct analyzer){ list[i], KIND_STEM, i };
	for (i = 0; i < n; i++)
		names[i] = analyzers[i].name;
}

/* A Snowball stemmer has state, so each thread makes its own. */
static struct sb_stemmer *stemmer_of(const struct analyzer *analyzer)
{
	struct sb_stemmer **own = pthread_getspecific(stemmers_key);

	if (!own) {
		own = calloc(STEMMERS_MAX, sizeof(struct sb_stemmer *));
		if (!own)
			return NULL;
		pthread_setspecific(stemmers_key, own);
	}
	if (!own[analyzer->stemmer])
		own[analyzer->stemmer] = sb_stemmer_new(analyzer->name, NULL);
	return own[analyzer->stemmer];
}

const struct analyzer *analyzer_find(struct slice name)
{
	int i;

	pthread_once(&once, analyzers_make);
	for (i = 0; names[i]; i++)
		if (slice_is(name, names[i]))
			return &analyzers[i];
	return NULL;
}

const char *const *analyzer_names(void)
{
	pthread_once(&once, analyzers_make);
	return names;
}

/* ---- code points ---- */

enum class { CLASS_BREAK, CLASS_WORD, CLASS_CJK, CLASS_APOSTROPHE, CLASS_NONE };

static bool is_cjk(int32_t c)
{
	return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3041 && c <= 0x3096) ||
	       (c >= 0x30a1 && c <= 0x30fa) || (c >= 0x30fc && c <= 0x30ff) ||
	       (c >= 0xac00 && c <= 0xd7a3) || (c >= 0x3400 && c <= 0x4dbf) ||
	       (c >= 0x31f0 && c <= 0x31ff) || (c >= 0x1100 && c <= 0x11ff) ||
	       (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff) ||
	       c == 0x3005;
}

static bool is_accent(int32_t c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0x1ab0 && c <= 0x1aff) ||
	       (c >= 0x1dc0 && c <= 0x1dff) || (c >= 0x20d0 && c <= 0x20ff) ||
	       (c >= 0xfe20 && c <= 0xfe2f) || (c >= 0x64b && c <= 0x65f) ||
	       c == 0x670 || (c >= 0x591 && c <= 0x5bd) || c == 0x5bf || c == 0x5c1 ||
	       c == 0x5c2 || c == 0x3099 || c == 0x309a ||
	       (c >= 0xfe00 && c <= 0xfe0f);
}

static enum class class_of(int32_t c)
{
	utf8proc_category_t category;

	if (c < 128) {
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			(c >= 'A' && c <= 'Z'))
			return CLASS_WORD;
		return c == '\'' ? CLASS_APOSTROPHE : CLASS_BREAK;
	}
	if (c == 0x2019 || c == 0x2018 || c == 0x2bc || c == 0xff07)
		return CLASS_APOSTROPHE;
	if (is_accent(c) || c == 0xad || c == 0x200c || c == 0x200d || c == 0x2060 ||
		c == 0xfeff)
		return CLASS_NONE;
	if (is_cjk(c))
		return CLASS_CJK;
	category = utf8proc_category(c);
	return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO
		       ? CLASS_WORD
		       : CLASS_BREAK;
}

/* Letters whose stroke or ligature has no decomposition. */
static const char *fold_special(int32_t c)
{
	switch (c) {
	case 0xd8: case 0xf8: return "o";
	case 0x110: case 0x111: case 0xd0: case 0xf0: return "d";
	case 0x141: case 0x142: return "l";
	case 0xc6: case 0xe6: return "ae";
	case 0x152: case 0x153: return "oe";
	case 0xde: case 0xfe: return "th";
	case 0x126: case 0x127: return "h";
	case 0x131: return "i";
	case 0x166: case 0x167: return "t";
	case 0x1e9e: return "ss";
	}
	return NULL;
}

/* Folded code points of c, which is not ASCII. */
static int fold(int32_t c, int32_t out[FOLD_MAX])
{
	const char *special = fold_special(c);
	int last = 0, i, n = 0;
	utf8proc_ssize_t got;

	if (special) {
		for (; *special; special++)
			out[n++] = *special;
		return n;
	}
	if ((c >= 0x3041 && c <= 0x30ff) || (c >= 0xac00 && c <= 0xd7a3)) {
		out[0] = c;
		return 1;
	}
	got = utf8proc_decompose_char(c, out, FOLD_MAX,
		UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, &last);
	if (got < 0 || got > FOLD_MAX) {
		out[0] = c;
		return 1;
	}
	for (i = 0; i < got; i++) {
		special = fold_special(out[i]);
		if (special)
			out[n++] = special[0];
		else if (!is_accent(out[i]))
			out[n++] = out[i];
	}
	return n;
}

/* One code point at `at`; c is -1 for a byte that is not UTF-8. Its length. */
static size_t decode(struct slice text, size_t at, int32_t *c)
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

/* ---- words ---- */

struct scan {
	const struct analyzer *analyzer;
	struct arena *arena;
	struct tokens *out;
	size_t cap;
	char word[TERM_BYTES_MAX + 8];
	size_t len, start, end;
	bool full;
	char run[4]; /* the CJK letter before, for bigrams */
	size_t run_len, run_start, run_end, run_count;
};

static void emit(struct scan *s, const char *word, size_t len, size_t start, size_t end)
{
	struct tokens *out = s->out;
	struct sb_stemmer *stemmer;
	const sb_symbol *stem;
	struct token *token;

	if (!len || out->count >= FIELD_TOKENS_MAX)
		return;
	if (s->analyzer->kind == KIND_STEM && (stemmer = stemmer_of(s->analyzer))) {
		stem = sb_stemmer_stem(stemmer, (const sb_symbol *)word, len);
		if (stem && sb_stemmer_length(stemmer) > 0) {
			word = (const char *)stem;
			len = sb_stemmer_length(stemmer);
			if (len > TERM_BYTES_MAX)
				len = TERM_BYTES_MAX;
		}
	}
	if (out->count == s->cap) {
		out->items = arena_grow(s->arena, out->items, s->cap * sizeof(*token),
			2 * s->cap * sizeof(*token));
		s->cap *= 2;
	}
	token = &out->items[out->count];
	token->term = arena_slice(s->arena, slice_of(word, len));
	token->start = start;
	token->end = end;
	token->position = out->count++;
}

static void word_end(struct scan *s)
{
	emit(s, s->word, s->len, s->start, s->end);
	s->len = 0;
	s->full = false;
}

static void run_end(struct scan *s)
{
	if (s->run_count == 1)
		emit(s, s->run, s->run_len, s->run_start, s->run_end);
	s->run_count = 0;
}

static void word_add(struct scan *s, int32_t c, size_t start, size_t end)
{
	char bytes[4];
	size_t n = utf8proc_encode_char(c, (uint8_t *)bytes);

	if (s->run_count)
		run_end(s);
	if (!s->len)
		s->start = start;
	if (s->full || s->len + n > TERM_BYTES_MAX) {
		s->full = true;
	} else {
		memcpy(s->word + s->len, bytes, n);
		s->len += n;
	}
	s->end = end;
}

static void cjk_add(struct scan *s, int32_t c, size_t start, size_t end)
{
	char bytes[4], pair[8];
	size_t n = utf8proc_encode_char(c, (uint8_t *)bytes);

	if (s->len)
		word_end(s);
	if (s->run_count) {
		memcpy(pair, s->run, s->run_len);
		memcpy(pair + s->run_len, bytes, n);
		emit(s, pair, s->run_len + n, s->run_start, end);
	}
	memcpy(s->run, bytes, n);
	s->run_len = n;
	s->run_start = start;
	s->run_end = end;
	s->run_count++;
}

static bool word_at(struct slice text, size_t at)
{
	int32_t c;

	if (at >= text.len)
		return false;
	decode(text, at, &c);
	return c >= 0 && class_of(c) == CLASS_WORD;
}

/* After an apostrophe inside a word: how many bytes to skip; *ends if the word
 * is over ("swift's" is "swift"). */
static size_t apostrophe(struct slice text, size_t at, bool *ends)
{
	*ends = false;
	if (at < text.len && (text.ptr[at] | 32) == 's' && !word_at(text, at + 1)) {
		*ends = true;
		return 1;
	}
	if (!word_at(text, at))
		*ends = true;
	return 0;
}

static void add_folded(struct scan *s, int32_t c, size_t start, size_t end)
{
	int32_t folded[FOLD_MAX];
	int i, n = fold(c, folded);

	for (i = 0; i < n; i++) {
		switch (class_of(folded[i])) {
		case CLASS_WORD:
			word_add(s, folded[i], start, end);
			break;
		case CLASS_CJK:
			cjk_add(s, folded[i], start, end);
			break;
		case CLASS_BREAK:
			word_end(s);
			run_end(s);
			break;
		default:
			break;
		}
	}
}

static void analyze_words(struct scan *s, struct slice text)
{
	size_t at = 0, n;
	bool ends;
	int32_t c;

	while (at < text.len) {
		unsigned char b = text.ptr[at];

		if ((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') ||
			(b >= 'A' && b <= 'Z')) {
			if (s->run_count)
				run_end(s);
			if (!s->len)
				s->start = at;
			if (s->len < TERM_BYTES_MAX && !s->full)
				s->word[s->len++] = b >= 'A' && b <= 'Z' ? b | 32 : b;
			s->end = ++at;
			continue;
		}
		n = decode(text, at, &c);
		switch (c < 0 ? CLASS_BREAK : class_of(c)) {
		case CLASS_APOSTROPHE:
			run_end(s);
			if (s->len) {
				n += apostrophe(text, at + n, &ends);
				if (ends)
					word_end(s);
			}
			break;
		case CLASS_NONE:
			break;
		case CLASS_BREAK:
			/* some symbols fold to letters: the fractions, for one */
			if (c < 128) {
				word_end(s);
				run_end(s);
				break;
			}
			/* fall through */
		default:
			add_folded(s, c, at, at + n);
		}
		at += n;
	}
	word_end(s);
	run_end(s);
}

void analyze(const struct analyzer *analyzer, struct arena *arena, struct slice text,
	struct tokens *out)
{
	struct scan s;
	struct slice whole;
	size_t n;

	s.analyzer = analyzer;
	s.arena = arena;
	s.out = out;
	s.len = s.run_count = 0;
	s.full = false;
	s.cap = 16;
	out->count = 0;
	out->items = arena_alloc(arena, s.cap * sizeof(struct token));
	if (analyzer->kind != KIND_KEYWORD) {
		analyze_words(&s, text);
		return;
	}
	whole = text_fold(arena, text);
	n = whole.len < TERM_BYTES_MAX ? whole.len : TERM_BYTES_MAX;
	while (n < whole.len && n > 0 && ((unsigned char)whole.ptr[n] & 0xc0) == 0x80)
		n--;
	emit(&s, whole.ptr, n, 0, text.len);
}

/* ---- whole values ---- */

struct slice text_fold(struct arena *arena, struct slice text)
{
	size_t at, n, len = 0, cap = text.len + 64;
	char *out = arena_alloc(arena, cap);
	int32_t c, folded[FOLD_MAX];
	bool space = false;
	int i, count;

	for (at = 0; at < text.len; at += n) {
		n = decode(text, at, &c);
		count = 1;
		folded[0] = c;
		if (c >= 'A' && c <= 'Z')
			folded[0] = c | 32;
		else if (c >= 128 && class_of(c) != CLASS_APOSTROPHE)
			count = fold(c, folded);
		for (i = 0; i < count; i++) {
			enum class class = folded[i] < 0 ? CLASS_BREAK
							 : class_of(folded[i]);

			if (class == CLASS_BREAK)
				space = true;
			if (class != CLASS_WORD && class != CLASS_CJK)
				continue;
			if (len + 8 > cap) {
				out = arena_grow(arena, out, cap, 2 * cap);
				cap *= 2;
			}
			if (space && len)
				out[len++] = ' ';
			space = false;
			len += utf8proc_encode_char(folded[i], (uint8_t *)out + len);
		}
	}
	out[len] = '\0';
	return slice_of(out, len);
}

bool text_valid(struct slice s)
{
	int32_t c = 0;
	size_t at = 0;

	while (at < s.len && c >= 0)
		at += decode(s, at, &c);
	return c >= 0;
}

size_t text_length(struct slice s)
{
	size_t i, n = 0;

	for (i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
	return n;
}
