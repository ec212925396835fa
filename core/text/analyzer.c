/* analyzer.c -- making analyzers from their options, and what they know of whole values. */
#include "text/analyzer.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "text/stem.h"

#define BASES_MAX 64

static struct analyzer *bases[BASES_MAX];
static const char *names[BASES_MAX + 1];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int set_make(struct word_set *set, struct arena *memory, const struct slice *words,
	int count, const char *what, struct error *err)
{
	struct slice word;
	size_t at;
	int i;

	if (!count)
		return 0;
	if (count > STOP_WORDS_MAX)
		return error_set(err, ERR_LIMIT, "%d %s words, limit %d", count, what,
			STOP_WORDS_MAX);
	for (set->places = 16; set->places < 2 * (size_t)count; set->places *= 2)
		;
	set->words = arena_calloc(memory, set->places, sizeof(*set->words));
	for (i = 0; i < count; i++) {
		word = text_fold(memory, words[i]);
		if (!word.len || memchr(word.ptr, ' ', word.len))
			return error_set(err, ERR_ARG, "a %s word is one word, found '%.*s'", what,
				SLICE_HEAD(words[i]));
		if (set_has(set, word))
			continue;
		for (at = hash_bytes(word, 0) & (set->places - 1); set->words[at].len;
			at = (at + 1) & (set->places - 1))
			;
		set->words[at] = word;
	}
	return 0;
}

static void set_describe(const struct word_set *set, const char *what, struct buf *out)
{
	uint64_t words = 0;
	size_t i;

	for (i = 0; i < set->places; i++) /* in whatever order */
		words += set->words[i].len ? hash_bytes(set->words[i], 1) : 0;
	if (set->places)
		buf_printf(out, " %s=%016llx", what, (unsigned long long)words);
}

static const char *describe(const struct analyzer *a, struct slice base)
{
	static const char *const accents[] = { "", " accents=keep", " accents=both" };
	struct buf text = { 0 };
	const char *out;

	buf_put_slice(&text, base);
	buf_puts(&text, accents[a->accents]);
	if (a->grams)
		buf_printf(&text, " grams=%s:%u-%u", a->grams == GRAMS_EDGE ? "edge" : "inner",
			a->gram_min, a->gram_max);
	set_describe(&a->stop, "stop", &text);
	set_describe(&a->tail, "tail", &text);
	out = arena_slice(a->memory, buf_slice(&text)).ptr;
	buf_clear(&text);
	return out;
}

static int find_base(struct analyzer *a, struct slice name)
{
	a->language = -1;
	if (slice_is(name, "plain")) {
		a->kind = KIND_PLAIN;
	} else if (slice_is(name, "keyword")) {
		a->kind = KIND_KEYWORD;
	} else {
		a->kind = KIND_STEM;
		a->language = stem_language(name);
		a->marked = !slice_is(name, "english") && !slice_is(name, "porter");
	}
	return a->kind == KIND_STEM && a->language < 0 ? -1 : 0;
}

int analyzer_new(struct analyzer **out, const struct analyzer_options *o, struct error *err)
{
	struct analyzer *a = xcalloc(1, sizeof(*a));
	int rc = 0;

	a->memory = arena_new();
	a->accents = o->accents;
	a->grams = o->grams;
	a->gram_min = o->gram_min;
	a->gram_max = o->gram_max;
	if (find_base(a, o->base) < 0) {
		rc = error_unknown(err, ERR_ARG, "unknown analyzer", o->base, analyzer_names(),
			NULL);
	} else if (a->grams &&
		   (o->gram_min < 1 || o->gram_max < o->gram_min || o->gram_max > GRAM_MAX)) {
		rc = error_set(err, ERR_ARG, "grams of %d to %d letters, expected 1 to %d",
			o->gram_min, o->gram_max, GRAM_MAX);
	} else if (o->stop_count && a->kind == KIND_KEYWORD) {
		rc = error_set(err, ERR_ARG, "a keyword is not split, so it has no stop words");
	} else {
		rc = set_make(&a->stop, a->memory, o->stop, o->stop_count, "stop", err);
		if (rc == 0)
			rc = set_make(&a->tail, a->memory, o->tail, o->tail_count, "tail", err);
	}
	if (rc < 0) {
		analyzer_free(a);
		return rc;
	}
	a->text = describe(a, o->base);
	*out = a;
	return 0;
}

void analyzer_free(struct analyzer *a)
{
	if (!a)
		return;
	arena_free(a->memory);
	free(a);
}

static void bases_make(void)
{
	const char *const *languages = stem_languages();
	struct analyzer_options options = { 0 };
	int i, n = 0;

	names[n++] = "plain";
	names[n++] = "keyword";
	for (i = 0; languages[i] && n < BASES_MAX; i++)
		names[n++] = languages[i];
	for (i = 0; i < n; i++) {
		options.base = slice_str(names[i]);
		if (analyzer_new(&bases[i], &options, NULL) < 0)
			abort(); /* it is in the list */
	}
}

const struct analyzer *analyzer_find(struct slice name)
{
	int i;

	for (i = 0; analyzer_names()[i]; i++)
		if (slice_is(name, names[i]))
			return bases[i];
	return NULL;
}

const char *const *analyzer_names(void)
{
	pthread_once(&once, bases_make);
	return names;
}

const char *analyzer_text(const struct analyzer *a)
{
	return a->text;
}

enum grams analyzer_grams(const struct analyzer *a)
{
	return a->grams;
}

/* ---- whole values ---- */

/* The word of a folded value at `at`, without the space behind. */
static struct slice word_at(struct slice folded, size_t at)
{
	const char *space = memchr(folded.ptr + at, ' ', folded.len - at);

	return slice_of(folded.ptr + at,
		space ? (size_t)(space - folded.ptr) - at : folded.len - at);
}

struct slice analyzer_whole(const struct analyzer *a, struct arena *arena, struct slice folded)
{
	struct slice word;
	size_t at, len = 0;
	char *out;

	if (!a->stop.places)
		return folded;
	out = arena_alloc(arena, folded.len + 1);
	for (at = 0; at < folded.len; at += word.len + 1) {
		word = word_at(folded, at);
		if (set_has(&a->stop, word))
			continue;
		if (len)
			out[len++] = ' ';
		memcpy(out + len, word.ptr, word.len);
		len += word.len;
	}
	return len ? slice_of(out, len) : folded;
}

struct slice analyzer_head(const struct analyzer *a, struct slice folded)
{
	struct slice word;
	size_t at;

	for (at = 0; a->tail.places && at < folded.len; at += word.len + 1) {
		word = word_at(folded, at);
		if (at && set_has(&a->tail, word))
			return slice_of(folded.ptr, at - 1);
	}
	return slice_of(folded.ptr, 0);
}
