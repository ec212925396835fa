/* analyze.c -- words from fold.c, each becomes its terms.
 *
 * The folded text is one piece of memory and most terms are slices of it: a stem is
 * written over its word, the neighbours of an unspaced run lie side by side, the
 * first letters of a word are a part of it.
 *
 * Grams live in the dictionary with all other words, so they begin with GRAM_MARK,
 * three bytes that no folded text has: nothing within two edits of a word is one.
 *
 * Invariant: a term never contains NUL, is valid UTF-8 and has 1 to TERM_BYTES_MAX
 * bytes.
 *
 * Left out: dictionary segmentation. */
#include "text/analyze.h"

#include <string.h>

#include "limits.h"
#include "text/analyzer.h"
#include "text/fold.h"
#include "text/letters.h"
#include "text/stem.h"

#define GRAM_MARK      "\1\1\1"
#define MARK_BYTES     3
#define TYPED_WEIGHT   1.25f /* of a word with its accents, beside it without */
#define PART_WEIGHT    0.75f /* of "taylor", beside "taylor's" */
#define HEAD_BYTES_MAX 6

/* ---- tokens ---- */

struct run {
	const struct analyzer *analyzer;
	struct arena *arena;
	struct stemmer *stemmer;
	struct slice text;
	struct tokens *out;
	size_t cap;
	bool query;
};

static struct slice cut(const char *word, size_t len)
{
	if (len > TERM_BYTES_MAX)
		for (len = TERM_BYTES_MAX; ((unsigned char)word[len] & 0xc0) == 0x80; len--)
			;
	return slice_of(word, len);
}

static inline void emit(struct run *r, struct slice term, const struct word *w, uint32_t position,
	float weight)
{
	struct tokens *out = r->out;

	if (out->count == FIELD_TOKENS_MAX)
		return;
	if (out->count == r->cap) {
		out->items = arena_grow(r->arena, out->items, r->cap * sizeof(*out->items),
			2 * r->cap * sizeof(*out->items));
		r->cap *= 2;
	}
	out->items[out->count++] = (struct token){ term, w->start, w->end, position, weight };
}

/* Bytes of the first `letters` letters, at most all. */
static size_t bytes_of(struct slice s, size_t letters)
{
	size_t at = 0;

	for (; letters && at < s.len; letters--)
		for (at++; at < s.len && ((unsigned char)s.ptr[at] & 0xc0) == 0x80; at++)
			;
	return at;
}

/* GRAM_MARK, before, word, after. */
static struct slice marked(struct arena *arena, struct slice word, const char *around)
{
	size_t n = strlen(around);
	char *out = arena_alloc(arena, MARK_BYTES + word.len + 2 * n);

	memcpy(out, GRAM_MARK, MARK_BYTES);
	memcpy(out + MARK_BYTES, around, n);
	memcpy(out + MARK_BYTES + n, word.ptr, word.len);
	memcpy(out + MARK_BYTES + n + word.len, around, n);
	return slice_of(out + MARK_BYTES, word.len + 2 * n);
}

/* A part of what `marked` made, as a term. */
static struct slice gram(struct slice part, bool first, struct arena *arena)
{
	if (part.len + MARK_BYTES > TERM_BYTES_MAX)
		part = cut(part.ptr, TERM_BYTES_MAX - MARK_BYTES);
	if (first)
		return slice_of(part.ptr - MARK_BYTES, part.len + MARK_BYTES);
	part = marked(arena, part, "");
	return slice_of(part.ptr - MARK_BYTES, part.len + MARK_BYTES);
}

static void edge_grams(struct run *r, struct slice word, const struct word *w, uint32_t position,
	float weight)
{
	size_t from = r->analyzer->gram_min, to = r->analyzer->gram_max, n, len, before = 0;

	word = marked(r->arena, word, "");
	if (r->query)
		from = to; /* all that was typed */
	for (n = from; n <= to && before < word.len; n++, before = len) {
		len = bytes_of(word, n);
		emit(r, gram(slice_of(word.ptr, len), true, r->arena), w, position, weight);
	}
}

static void inner_grams(struct run *r, struct slice word, const struct word *w, uint32_t position,
	float weight)
{
	size_t n, at, len, step;

	word = marked(r->arena, word, " ");
	for (n = r->analyzer->gram_min; n <= r->analyzer->gram_max; n++) {
		for (at = 0; at < word.len; at += step) {
			len = bytes_of(slice_of(word.ptr + at, word.len - at), n);
			step = bytes_of(slice_of(word.ptr + at, word.len - at), 1);
			emit(r, gram(slice_of(word.ptr + at, len), !at, r->arena), w, position,
				weight);
			if (at + len >= word.len)
				break;
		}
		if (!at)
			break; /* longer ones are the whole word again */
	}
}

/* One form of a word; `plain`: less the accents its stem has. */
static inline void form(struct run *r, struct slice bytes, bool plain, const struct word *w,
	uint32_t position, float weight)
{
	struct slice word = cut(bytes.ptr, bytes.len);

	if (r->stemmer) {
		word = stem(r->stemmer, r->arena, (char *)word.ptr, word.len);
		if (plain)
			word = text_fold(r->arena, word);
		word = cut(word.ptr, word.len);
	}
	if (!r->analyzer->grams)
		emit(r, word, w, position, weight);
	else if (r->analyzer->grams == GRAMS_EDGE)
		edge_grams(r, word, w, position, weight);
	else
		inner_grams(r, word, w, position, weight);
}

/* Tokens from `first` on that are the same term are one. */
static void merge(struct tokens *out, size_t first)
{
	size_t i, j, n = first;

	for (i = first; i < out->count; i++) {
		for (j = first; j < n && !slice_eq(out->items[j].term, out->items[i].term); j++)
			;
		if (j == n)
			out->items[n++] = out->items[i];
	}
	out->count = n;
}

/* Words that lose their vowel before another, and Irish ones. */
static bool is_elided(struct slice head)
{
	static const char *const heads[] = { "l", "d", "o", "j", "m", "t", "s", "n", "c", "qu",
		"un", "gl", "all", "dal", "del", "dall", "dell", "degl", "nell", "sull", "coll",
		"sant", "jusqu", "lorsqu", "puisqu", "quoiqu", "quell", "quest", NULL };
	int i;

	for (i = 0; heads[i] && !slice_is(head, heads[i]); i++)
		;
	return heads[i];
}

/* A word as folded, and with its accents where they are asked for. */
struct spelling {
	struct slice folded, typed;
};

/* True if there are two. */
static inline bool spellings(struct run *r, const struct spelling *s, const struct word *w,
	uint32_t position, float weight)
{
	enum accents accents = r->analyzer->accents;
	bool two = s->typed.len && accents != ACCENTS_KEEP && !slice_eq(s->folded, s->typed);

	if (accents != ACCENTS_KEEP)
		form(r, s->folded, false, w, position, weight);
	if (accents == ACCENTS_KEEP)
		form(r, s->typed, false, w, position, weight);
	else if (two && accents == ACCENTS_BOTH)
		form(r, s->typed, false, w, position, weight * TYPED_WEIGHT);
	else if (two) /* "aimée" is aime, as nobody types it, and aim */
		form(r, s->typed, true, w, position, weight);
	return two;
}

/* What a possessive s takes of the word's end, and an elided word of its head. */
static size_t tail_of(const struct spelling *s, const struct word *w)
{
	size_t len = s->folded.len;

	return w->last_joint == len - 1 && s->folded.ptr[len - 1] == 's' &&
	       (!s->typed.len || s->typed.ptr[s->typed.len - 1] == 's');
}

static size_t head_of(const struct spelling *s, const struct word *w)
{
	size_t len = w->first_joint;

	/* "I'm" is not m */
	if (len > HEAD_BYTES_MAX || len + 2 > s->folded.len ||
		!is_elided(slice_of(s->folded.ptr, len)))
		return 0;
	if (s->typed.len && memcmp(s->typed.ptr, s->folded.ptr, len))
		return 0;
	return len;
}

static struct slice without(struct run *r, struct slice word, size_t head, size_t tail)
{
	if (!word.len)
		return word;
	return arena_slice(r->arena, slice_of(word.ptr + head, word.len - head - tail));
}

/* What its apostrophes set apart is the word as well: "taylor's", "l'amour". */
static void joined_forms(struct run *r, const struct spelling *s, const struct word *w,
	uint32_t position)
{
	size_t tail = tail_of(s, w), head = head_of(s, w), first = r->out->count;
	struct spelling parts[3];
	int ends, i, n = 0;

	for (ends = 1; ends < 4; ends++) {
		size_t before = ends & 2 ? head : 0, behind = ends & 1 ? tail : 0;

		if ((ends & 2 && !head) || (ends & 1 && !tail) || before + behind >= s->folded.len)
			continue;
		/* copies: a stem is written over its word */
		parts[n].folded = without(r, s->folded, before, behind);
		parts[n++].typed = without(r, s->typed, before, behind);
	}
	spellings(r, s, w, position, 1);
	for (i = 0; i < n; i++)
		if (r->out->stopped || !set_has(&r->analyzer->stop, parts[i].folded))
			spellings(r, &parts[i], w, position, PART_WEIGHT);
	merge(r->out, first);
}

/* A word's forms: without its accents, with them, without what an apostrophe joins. */
static inline void forms(struct run *r, const struct words *words, const struct word *w,
	uint32_t position)
{
	struct spelling s = { .folded = slice_of(words->folded + w->at, w->len) };
	size_t first = r->out->count;

	if (!words->typed && !w->first_joint) { /* as a rule */
		form(r, s.folded, false, w, position, 1);
		return;
	}
	if (words->typed)
		s.typed = slice_of(words->typed + w->typed_at, w->typed_len);
	if (w->first_joint) {
		joined_forms(r, &s, w, position);
		return;
	}
	if (spellings(r, &s, w, position, 1))
		merge(r->out, first);
}

/* Letters with the marks that follow them: pairs of neighbours, and each where a
 * query may ask for it alone.  Returns how many letters. */
static uint32_t neighbours(struct run *r, const struct words *words, const struct word *w,
	uint32_t position)
{
	struct slice text = slice_of(words->folded + w->at, w->len);
	/* letters that folding left alone stand in the input as they do here */
	bool same = slice_eq(text, slice_of(r->text.ptr + w->start, w->end - w->start));
	size_t at = 0, before = 0, begin, end;
	struct word part = *w;
	uint32_t n;
	int32_t c;

	for (n = 0; at < text.len; n++) {
		begin = at;
		at += letter_decode(text, at, &c);
		for (end = at; at < text.len; end = at) {
			at += letter_decode(text, at, &c);
			if (!letter_is_mark(c))
				break;
		}
		at = end;
		if (same)
			part.end = w->start + end;
		if (n)
			emit(r, cut(text.ptr + before, end - before), &part, position + n - 1, 1);
		if (same)
			part.start = w->start + begin;
		if (!r->query || (!n && end == text.len))
			emit(r, cut(text.ptr + begin, end - begin), &part, position + n, 1);
		before = begin;
	}
	return n;
}

static bool all_stop(const struct analyzer *a, const struct words *words)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		if (!set_has(&a->stop,
			    slice_of(words->folded + words->items[i].at, words->items[i].len)))
			return false;
	return words->count > 0;
}

static void whole(struct run *r, const struct words *words, struct slice text)
{
	struct word w = { .len = words->folded_len,
		.typed_len = words->typed_len,
		.end = text.len };

	r->out->positions = w.len > 0;
	if (w.len)
		forms(r, words, &w, 0);
}

static void each_word(struct run *r, const struct words *words)
{
	const struct analyzer *a = r->analyzer;
	uint32_t position = 0;
	size_t i;

	r->out->stopped = a->stop.places && all_stop(a, words);
	for (i = 0; i < words->count; i++) {
		const struct word *w = &words->items[i];

		if (a->stop.places && !r->out->stopped &&
			set_has(&a->stop, slice_of(words->folded + w->at, w->len)))
			continue;
		if (w->unspaced && !a->grams)
			position += neighbours(r, words, w, position);
		else
			forms(r, words, w, position++);
	}
	r->out->positions = position;
}

static void run(const struct analyzer *a, struct arena *arena, struct slice text, bool query,
	struct tokens *out)
{
	struct run r = { .analyzer = a, .arena = arena, .text = text, .out = out, .query = query };
	struct words words;

	fold_words(arena, text, a->marked || a->accents != ACCENTS_FOLD, FIELD_TOKENS_MAX, &words);
	if (a->kind == KIND_STEM)
		r.stemmer = stemmer_get(a->language);
	r.cap = words.count + 4;
	out->count = 0;
	out->stopped = false;
	out->items = arena_alloc(arena, r.cap * sizeof(*out->items));
	if (a->kind == KIND_KEYWORD)
		whole(&r, &words, text);
	else
		each_word(&r, &words);
}

void analyze(const struct analyzer *a, struct arena *arena, struct slice text, struct tokens *out)
{
	run(a, arena, text, false, out);
}

void analyze_query(const struct analyzer *a, struct arena *arena, struct slice text,
	struct tokens *out)
{
	run(a, arena, text, true, out);
}
