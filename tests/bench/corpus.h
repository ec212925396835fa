/* corpus.h -- documents as numbers of words, and queries drawn from them; and a made-up
 * corpus of short documents.
 *
 * Made up, words follow Zipf's law.  A document has a topic; half of its words come from the
 * topic's own words, again by Zipf, so that some words go together as they do in
 * real text.  Words are made of syllables, the commonest the shortest.  Word 0 is the
 * commonest in any corpus.
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

#define CORPUS_WORDS    400000
#define CORPUS_TOPICS   2000
#define TOPIC_WORDS     400
#define WORD_BYTES      20
#define DOC_TERMS_MIN   5
#define DOC_TERMS_MAX   60
#define QUERY_WORDS_MAX 4

struct corpus {
	const char **words;
	uint32_t docs;
	uint64_t *starts; /* [docs + 1] into terms */
	uint32_t *terms;
	uint32_t *titles; /* how many of a document's are its title's; NULL: none */
	const char **kinds;
	char *json;     /* the documents, one after the other, */
	uint64_t *ends; /* until here */
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

static char *make_word(uint32_t n)
{
	static const char *const syllables[] = { "ba", "co", "di", "fu", "ga", "he", "jo", "ka",
		"le", "mi", "no", "pu", "ra", "se", "ti", "vo", "wa", "xe", "yo", "zu" };
	char *out = malloc(WORD_BYTES);
	size_t len = 0;

	for (n += 20; n; n /= 20)
		len += sprintf(out + len, "%s", syllables[n % 20]);
	return out;
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

/* Cumulative weights of a draw. */
static double *make_zipf(uint32_t n, double add, double power)
{
	double *out = malloc(n * sizeof(*out)), sum = 0;
	uint32_t i;

	for (i = 0; i < n; i++)
		out[i] = sum += 1 / pow(i + add, power);
	return out;
}

static inline void corpus_make(struct corpus *c, uint32_t docs, uint64_t seed)
{
	double *zipf = make_zipf(CORPUS_WORDS, 2.7, 1.05),
	       *topic_zipf = make_zipf(TOPIC_WORDS, 1, 1);
	uint32_t d, i, n, topic;
	uint64_t count = 0;
	struct rng rng;

	*c = (struct corpus){ .docs = docs };
	rng_init(&rng, seed);
	c->words = malloc(CORPUS_WORDS * sizeof(*c->words));
	c->starts = malloc(((size_t)docs + 1) * sizeof(*c->starts));
	c->terms = malloc((size_t)docs * DOC_TERMS_MAX * sizeof(*c->terms));
	for (i = 0; i < CORPUS_WORDS; i++)
		c->words[i] = make_word(i);
	for (d = 0; d < docs; d++) {
		c->starts[d] = count;
		n = DOC_TERMS_MIN + rng_below(&rng, DOC_TERMS_MAX - DOC_TERMS_MIN + 1);
		topic = rng_below(&rng, CORPUS_TOPICS);
		for (i = 0; i < n; i++)
			c->terms[count++] = rng_below(&rng, 2)
						    ? zipf_draw(zipf, CORPUS_WORDS, &rng)
						    : topic_word(topic, zipf_draw(topic_zipf,
										TOPIC_WORDS, &rng));
	}
	c->starts[docs] = count;
	free(zipf);
	free(topic_zipf);
}

/* For engines that read JSON. */
static inline void corpus_make_json(struct corpus *c)
{
	size_t room = 0, len = 0;
	uint32_t d;

	c->ends = malloc((c->docs + 1) * sizeof(*c->ends));
	for (d = 0; d < c->docs; d++) {
		if (room - len < DOC_TERMS_MAX * WORD_BYTES + 16)
			c->json = realloc(c->json, room = 2 * room + (1 << 20));
		len += sprintf(c->json + len, "{\"text\":\"");
		len += corpus_text(c, d, c->json + len);
		len += sprintf(c->json + len, "\"}");
		c->ends[d] = len;
	}
}

/* Distinct words of a query, of a document that has words; their count. */
static inline int corpus_query_of(const struct corpus *c, struct rng *rng, uint32_t doc,
	uint32_t out[QUERY_WORDS_MAX])
{
	uint32_t n = c->starts[doc + 1] - c->starts[doc], tries, w;
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

static inline int corpus_query(const struct corpus *c, struct rng *rng,
	uint32_t out[QUERY_WORDS_MAX])
{
	return corpus_query_of(c, rng, rng_below(rng, c->docs), out);
}

#endif
