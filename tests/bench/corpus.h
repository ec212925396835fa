/* corpus.h -- a made-up corpus of short documents, the same for every engine.
 *
 * Words follow Zipf's law.  A document has a topic; half of its words come from the
 * topic's own words, again by Zipf, so that some words go together as they do in
 * real text.  Words are made of syllables, the commonest the shortest.
 *
 * A query takes 1 to 4 words of one document, of each the class drawn first: head
 * (the 500 commonest), torso (to 20,000) or tail; where the document has none of the
 * class, any of its words. */
#ifndef BENCH_CORPUS_H
#define BENCH_CORPUS_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

#define CORPUS_WORDS 400000
#define CORPUS_TOPICS 2000
#define TOPIC_WORDS 400
#define DOC_TERMS_MIN 5
#define DOC_TERMS_MAX 60
#define QUERY_WORDS_MAX 4

struct corpus {
	char (*words)[20];
	double *zipf; /* cumulative, of all words and of a topic's */
	double topic_zipf[TOPIC_WORDS];
	uint32_t docs;
	uint64_t *starts; /* [docs + 1] into terms */
	uint32_t *terms;
	uint64_t count;
};

static uint32_t zipf_draw(const double *cumulative, uint32_t n, struct rng *rng)
{
	double x = rng_double(rng) * cumulative[n - 1];
	uint32_t low = 0, high = n - 1, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (cumulative[middle] <= x)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void make_word(char out[20], uint32_t n)
{
	static const char *const syllables[] = { "ba", "co", "di", "fu", "ga", "he", "jo", "ka",
		"le", "mi", "no", "pu", "ra", "se", "ti", "vo", "wa", "xe", "yo", "zu" };
	size_t len = 0;

	for (n += 20; n; n /= 20)
		len += sprintf(out + len, "%s", syllables[n % 20]);
}

static uint32_t topic_word(uint32_t topic, uint32_t rank)
{
	uint64_t x = (uint64_t)topic << 32 | rank;

	x = (x ^ x >> 31) * 0x7fb5d329728ea185u;
	x = (x ^ x >> 27) * 0x81dadef4bc2dd44du;
	x ^= x >> 33;
	/* a topic's words are of the middle: neither "the" nor typing errors */
	return 200 + x % (CORPUS_WORDS / 4);
}

static inline void corpus_make(struct corpus *c, uint32_t docs, uint64_t seed)
{
	struct rng rng;
	uint32_t d, i, n, topic;
	double sum = 0;

	memset(c, 0, sizeof(*c));
	rng_init(&rng, seed);
	c->docs = docs;
	c->words = malloc(CORPUS_WORDS * sizeof(*c->words));
	c->zipf = malloc(CORPUS_WORDS * sizeof(*c->zipf));
	c->starts = malloc(((size_t)docs + 1) * sizeof(*c->starts));
	c->terms = malloc((size_t)docs * DOC_TERMS_MAX * sizeof(*c->terms));
	for (i = 0; i < CORPUS_WORDS; i++) {
		make_word(c->words[i], i);
		c->zipf[i] = sum += 1 / pow(i + 2.7, 1.05);
	}
	for (i = 0, sum = 0; i < TOPIC_WORDS; i++)
		c->topic_zipf[i] = sum += 1.0 / (i + 1);
	for (d = 0; d < docs; d++) {
		c->starts[d] = c->count;
		n = DOC_TERMS_MIN + rng_below(&rng, DOC_TERMS_MAX - DOC_TERMS_MIN + 1);
		topic = rng_below(&rng, CORPUS_TOPICS);
		for (i = 0; i < n; i++)
			c->terms[c->count++] = rng_below(&rng, 2)
				? zipf_draw(c->zipf, CORPUS_WORDS, &rng)
				: topic_word(topic, zipf_draw(c->topic_zipf, TOPIC_WORDS, &rng));
	}
	c->starts[docs] = c->count;
}

static inline void corpus_free(struct corpus *c)
{
	free(c->words);
	free(c->zipf);
	free(c->starts);
	free(c->terms);
}

/* The document's text, its words with spaces between; its length. */
static inline size_t corpus_text(const struct corpus *c, uint32_t doc, char *out)
{
	size_t len = 0, n;
	uint64_t i;

	for (i = c->starts[doc]; i < c->starts[doc + 1]; i++) {
		n = strlen(c->words[c->terms[i]]);
		memcpy(out + len, c->words[c->terms[i]], n);
		len += n;
		out[len++] = ' ';
	}
	out[len ? --len : 0] = '\0';
	return len;
}

/* Distinct words of a query; their count. */
static inline int corpus_query(const struct corpus *c, struct rng *rng, uint32_t out[QUERY_WORDS_MAX])
{
	uint32_t doc = rng_below(rng, c->docs), n = c->starts[doc + 1] - c->starts[doc], tries, w;
	int want = 1 + rng_below(rng, QUERY_WORDS_MAX), count = 0, class, i;

	while (count < want) {
		class = rng_below(rng, 3);
		for (tries = 0; tries < 200; tries++) {
			w = c->terms[c->starts[doc] + rng_below(rng, n)];
			for (i = 0; i < count && out[i] != w; i++)
				;
			if (i < count)
				continue;
			if (tries > 60 || class == (w < 500 ? 0 : w < 20000 ? 1 : 2))
				break;
		}
		if (tries == 200)
			break;
		out[count++] = w;
	}
	return count;
}

#endif
