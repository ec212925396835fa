/* analyze.c -- from text to terms: 32 words a text, some hundreds of different texts.
 *
 * Beside it what the libraries take for a part of the same work: utf8proc folding the
 * text (without finding words), and Snowball stemming the words (already found).
 *
 * A line a figure: name, value, unit, the peer's value, ratio (above 1: we are
 * faster). */
#include <libstemmer.h>
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rng.h"
#include "text/analyze.h"

#define TEXTS  500
#define WORDS  32
#define ROUNDS 40

static const char *const ascii[] = { "light", "run", "open", "garden", "quick", "paint", "sing",
	"river", "market", "strong", "travel", "dream", "window", "listen", "simple", "record",
	"summer", "night", "follow", "connect", "deep", "heart", "measure", "gentle", "search",
	"rain", "dance", "silver", "engine", "report", "clear", "story", "build", "winter",
	"question", "answer", "load", "cold", "station", "letter" };
static const char *const ends[] = { "", "s", "ed", "ing", "er", "ly", "ness", "able", "'s" };
static const char *const accented[] = { "été", "forêt", "déjà", "garçon", "über", "straße", "señor",
	"corazón", "œuvre", "naïve", "Ångström", "dvořák", "smörgås", "façade", "cité", "mañana",
	"café", "hôtel", "Zürich", "crème", "rue", "amour", "nacht", "noche", "vie" };
static const char *const unspaced[] = { "東京タワー", "愛している", "中華人民", "音楽の夜",
	"北京大学", "さくら", "サクラ大戦", "한국어", "서울의", "夜に駆ける" };

struct sample {
	struct slice texts[TEXTS];
	struct slice words[TEXTS][WORDS]; /* folded */
	size_t bytes;
};

/* The n-th of a list, the first ones the more often. */
static uint64_t draw(struct rng *rng, uint64_t n)
{
	double x = rng_double(rng);

	return (uint64_t)(x * x * n);
}

static void make(struct sample *s, struct arena *arena, const char *const *list, size_t count,
	bool with_ends)
{
	struct rng rng;
	int t, w;

	rng_init(&rng, 1);
	s->bytes = 0;
	for (t = 0; t < TEXTS; t++) {
		char *text = arena_alloc(arena, WORDS * 40), *at = text;

		for (w = 0; w < WORDS; w++) {
			char *word = at;

			at += sprintf(at, "%s%s", list[draw(&rng, count)],
				with_ends ? ends[draw(&rng, sizeof(ends) / sizeof(*ends))] : "");
			s->words[t][w] = text_fold(arena, slice_of(word, at - word));
			if (*word >= 'a' && *word <= 'z' && rng_below(&rng, 8) == 0)
				*word -= 32;
			at += sprintf(at, "%s", rng_below(&rng, 10) ? " " : ", ");
		}
		s->texts[t] = slice_of(text, at - text);
		s->bytes += at - text;
	}
}

/* Microseconds a text: the best of some rounds, as others run beside us. */
static double best_of(void (*run)(const struct sample *, void *), const struct sample *s,
	void *data)
{
	double best = 1e9, us;
	int64_t start;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		start = clock_mono_ns();
		run(s, data);
		us = (clock_mono_ns() - start) / 1e3 / TEXTS;
		best = us < best ? us : best;
	}
	return best;
}

static struct arena *scratch;
static size_t tokens_seen;

static void run_analyze(const struct sample *s, void *analyzer)
{
	struct tokens tokens;
	int t;

	for (t = 0; t < TEXTS; t++) {
		arena_reset(scratch);
		analyze(analyzer, scratch, s->texts[t], &tokens);
		tokens_seen += tokens.count;
	}
}

static void run_fold(const struct sample *s, void *unused)
{
	int t;

	for (t = 0; t < TEXTS; t++) {
		arena_reset(scratch);
		tokens_seen += text_fold(scratch, s->texts[t]).len;
	}
}

static void run_utf8proc(const struct sample *s, void *unused)
{
	utf8proc_uint8_t *folded;
	int t;

	for (t = 0; t < TEXTS; t++) {
		tokens_seen +=
			utf8proc_map((const uint8_t *)s->texts[t].ptr, s->texts[t].len, &folded,
				UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
					UTF8PROC_STRIPMARK);
		free(folded);
	}
}

static void run_snowball(const struct sample *s, void *stemmer)
{
	int t, w;

	for (t = 0; t < TEXTS; t++)
		for (w = 0; w < WORDS; w++)
			tokens_seen += *sb_stemmer_stem(stemmer,
				(const sb_symbol *)s->words[t][w].ptr, s->words[t][w].len);
}

static void line(const char *name, double value, const char *peer, double theirs)
{
	printf("%-28s %10.2f %-8s %s %8.2f  ratio %6.2f\n", name, value, "us", peer, theirs,
		theirs / value);
}

int main(void)
{
	struct sample *s = malloc(sizeof(*s));
	struct arena *arena = arena_new();
	struct sb_stemmer *stemmer = sb_stemmer_new("english", NULL);
	void *plain = (void *)analyzer_find(SLICE_LIT("plain"));
	void *english = (void *)analyzer_find(SLICE_LIT("english"));

	scratch = arena_new();
	make(s, arena, ascii, sizeof(ascii) / sizeof(*ascii), true);
	line("32 words, plain", best_of(run_analyze, s, plain), "utf8proc",
		best_of(run_utf8proc, s, NULL));
	line("32 words, folded", best_of(run_fold, s, NULL), "utf8proc",
		best_of(run_utf8proc, s, NULL));
	line("32 words, english", best_of(run_analyze, s, english), "snowball",
		best_of(run_snowball, s, stemmer));
	make(s, arena, accented, sizeof(accented) / sizeof(*accented), false);
	line("32 words, accented", best_of(run_analyze, s, plain), "utf8proc",
		best_of(run_utf8proc, s, NULL));
	make(s, arena, unspaced, sizeof(unspaced) / sizeof(*unspaced), false);
	line("32 words, unspaced", best_of(run_analyze, s, plain), "utf8proc",
		best_of(run_utf8proc, s, NULL));
	sb_stemmer_delete(stemmer);
	arena_free(scratch);
	arena_free(arena);
	free(s);
	return tokens_seen == 0;
}
