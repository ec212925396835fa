/* real.c -- the lexical index on a million and a half real entities (entities.py), beside
 * Xapian and SQLite FTS5 in the same run: built, and searched by one to four words of a
 * random document in all the ways that plans have.
 *
 *     real [queries (1000)] [folder] [engines beside (xapian,fts5)] [name of a figure]
 *
 * A folder that is named is kept, and what was built in it is searched as it is.  Prints
 * "skipped" where the data sets ($TOLLER_DATA, ../shared/data) are absent. */
#include "measure.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "text/analyze.h"

static const char conf[] = "field title text weight=3\n"
			   "field text text\n"
			   "field popularity number bias=0.01\n"
			   "kind kind\n";

/* ---- reading ---- */

struct word {
	struct slice text;
	uint32_t number, count;
};

struct reading {
	struct corpus *corpus;
	uint8_t *
		stacked; /* of a document: bit 0 its title, 1 its text has several words at a place */
	struct table *words; /* to struct word */
	struct word **found;
	uint32_t word_count;
	size_t words_cap, docs_cap, terms_cap, json_cap;
	uint64_t term_count, json_bytes;
	struct arena *arena, *kept;
};

static uint32_t number_of(struct reading *r, struct slice text)
{
	struct word *word = table_get(r->words, text);

	if (!word) {
		word = arena_calloc(r->kept, 1, sizeof(*word));
		word->text = arena_slice(r->kept, text);
		word->number = r->word_count++;
		xgrow(&r->found, &r->words_cap, r->word_count, sizeof(*r->found));
		r->found[word->number] = word;
		table_put(r->words, word->text, word);
	}
	word->count++;
	return word->number;
}

/* Are several words at one place, as grams are? */
static bool add_text(struct reading *r, const struct json_node *text)
{
	struct tokens tokens;
	size_t i;

	analyze(analyzer_find(SLICE_LIT("plain")), r->arena, text->text, &tokens);
	xgrow(&r->corpus->terms, &r->terms_cap, r->term_count + tokens.count,
		sizeof(*r->corpus->terms));
	for (i = 0; i < tokens.count; i++)
		r->corpus->terms[r->term_count++] = number_of(r, tokens.items[i].term);
	return tokens.positions < tokens.count;
}

static void add_line(struct reading *r, struct slice line)
{
	struct corpus *c = r->corpus;
	struct json_node *root;
	struct error err;
	size_t cap = r->docs_cap;

	arena_reset(r->arena);
	if (json_read(&root, r->arena, line, &err) < 0)
		return;
	xgrow(&c->starts, &cap, c->docs + 2, sizeof(*c->starts));
	if (cap > r->docs_cap) {
		c->titles = xrealloc(c->titles, cap * sizeof(*c->titles));
		c->kinds = xrealloc(c->kinds, cap * sizeof(*c->kinds));
		c->ends = xrealloc(c->ends, cap * sizeof(*c->ends));
		r->stacked = xrealloc(r->stacked, cap);
		r->docs_cap = cap;
	}
	xgrow(&c->json, &r->json_cap, r->json_bytes + line.len, 1);
	memcpy(c->json + r->json_bytes, line.ptr, line.len);
	c->ends[c->docs] = r->json_bytes += line.len;
	c->kinds[c->docs] = arena_slice(r->kept, json_member(root, "kind")->text).ptr;
	c->starts[c->docs] = r->term_count;
	r->stacked[c->docs] = add_text(r, json_member(root, "title"));
	c->titles[c->docs] = r->term_count - c->starts[c->docs];
	r->stacked[c->docs] |= add_text(r, json_member(root, "text")) << 1;
	c->starts[++c->docs] = r->term_count;
}

static int by_count(const void *a, const void *b)
{
	const struct word *x = *(struct word *const *)a, *y = *(struct word *const *)b;

	return (x->count < y->count) - (x->count > y->count);
}

/* Numbers by falling frequency, as queries are drawn by. */
static void renumber(struct reading *r)
{
	uint32_t *to = xmalloc(r->word_count * sizeof(*to)), i;
	uint64_t t;

	qsort(r->found, r->word_count, sizeof(*r->found), by_count);
	r->corpus->words = xmalloc(r->word_count * sizeof(*r->corpus->words));
	for (i = 0; i < r->word_count; i++) {
		r->corpus->words[i] = r->found[i]->text.ptr;
		to[r->found[i]->number] = i;
	}
	for (t = 0; t < r->term_count; t++)
		r->corpus->terms[t] = to[r->corpus->terms[t]];
	free(to);
}

static bool read_entities(struct corpus *c, uint8_t **stacked, const char *data)
{
	struct reading r = { .corpus = c,
		.words = table_new(),
		.arena = arena_new(),
		.kept = arena_new() };
	char command[600], *line = NULL;
	size_t cap = 0;
	ssize_t len;
	FILE *in;

	snprintf(command, sizeof(command), "python3 tests/bench/entities.py %s", data);
	in = popen(command, "r");
	while (in && (len = getline(&line, &cap, in)) > 0)
		add_line(&r, slice_of(line, len - 1));
	if (in)
		pclose(in);
	free(line);
	renumber(&r);
	*stacked = r.stacked;
	return c->docs > 0;
}

/* ---- queries ---- */

struct shape {
	const char *name;
	enum ask_how how;
	bool within;  /* the kind of the document that has the words */
	bool quality; /* asked of ours alone */
};

static const struct shape shapes[] = {
	{ "any", ASK_ANY, false, false },
	{ "all", ASK_ALL, false, false },
	{ "phrase", ASK_PHRASE, false, false },
	{ "prefix", ASK_PREFIX, false, false },
	{ "fuzzy", ASK_FUZZY, false, false },
	{ "any in a kind", ASK_ANY, true, false },
	{ "any, and quality", ASK_ANY, false, true },
};

static uint32_t words_of(const struct corpus *c, uint32_t doc)
{
	return c->starts[doc + 1] - c->starts[doc];
}

/* Two or three words that follow each other in one field. */
static void draw_phrase(const struct corpus *c, const uint8_t *stacked, struct rng *rng,
	struct ask *ask)
{
	uint32_t doc, n, from, to, i;

	do {
		doc = rng_below(rng, c->docs);
		n = words_of(c, doc);
		from = n ? rng_below(rng, n) : 0;
		to = from < c->titles[doc] ? c->titles[doc] : n;
		ask->count = 2 + rng_below(rng, 2);
	} while (from + ask->count > to || stacked[doc] >> (from >= c->titles[doc]) & 1);
	for (i = 0; i < (uint32_t)ask->count; i++)
		ask->words[i] = c->words[c->terms[c->starts[doc] + from + i]];
}

static bool is_letter_start(char byte)
{
	return (byte & 0xc0) != 0x80;
}

/* Without its end: what someone has typed so far. */
static const char *unfinished(const char *word, struct rng *rng)
{
	size_t letters = 0, keep, i;

	for (i = 0; word[i]; i++)
		letters += is_letter_start(word[i]);
	keep = letters > 1 ? 1 + rng_below(rng, letters - 1) : 1;
	for (i = 0; word[i] && keep + 1; i++)
		keep -= is_letter_start(word[i + 1]);
	return xstrndup(word, i);
}

/* One letter lost, doubled, swapped or wrong, in words of four and more. */
static const char *slipped(const char *word, struct rng *rng)
{
	size_t len = strlen(word), at;
	char *out = xmalloc(len + 2);

	memcpy(out, word, len + 1);
	if (len < 4 || (word[0] & 0x80))
		return out;
	at = 1 + rng_below(rng, len - 2);
	switch (rng_below(rng, 4)) {
	case 0: memmove(out + at, word + at + 1, len - at); break;
	case 1: memcpy(out + at + 1, word + at, len - at + 1); break;
	case 2:
		out[at] = word[at + 1];
		out[at + 1] = word[at];
		break;
	default: out[at] = "aeiorst"[rng_below(rng, 7)];
	}
	return out;
}

static void draw(const struct corpus *c, const uint8_t *stacked, struct rng *rng,
	const struct shape *shape, struct ask *ask)
{
	uint32_t words[QUERY_WORDS_MAX], doc;
	int i;

	*ask = (struct ask){ .how = shape->how, .quality = shape->quality };
	if (shape->how == ASK_PHRASE) {
		draw_phrase(c, stacked, rng, ask);
		return;
	}
	do {
		doc = rng_below(rng, c->docs);
		ask->count = words_of(c, doc) ? corpus_query_of(c, rng, doc, words) : 0;
	} while (!ask->count);
	for (i = 0; i < ask->count; i++) {
		ask->words[i] = c->words[words[i]];
		if (shape->how == ASK_FUZZY)
			ask->words[i] = slipped(ask->words[i], rng);
	}
	if (shape->how == ASK_PREFIX)
		ask->words[i - 1] = unfinished(ask->words[i - 1], rng);
	if (shape->within)
		ask->tag = c->kinds[doc];
}

int main(int argc, char **argv)
{
	const char *data = getenv("TOLLER_DATA") ?: "../shared/data";
	int n = argc > 1 && atoi(argv[1]) ? atoi(argv[1]) : 1000, i;
	char temporary[] = "/tmp/toller-bench-XXXXXX", command[64];
	const char *folder = argc > 2 ? argv[2] : mkdtemp(temporary);
	struct ask *asks = calloc(n, sizeof(*asks));
	struct bench b = { 0 };
	struct corpus c = { 0 };
	uint8_t *stacked;
	struct rng rng;
	size_t s;

	if (!read_entities(&c, &stacked, data)) {
		printf("real: skipped, no scale-1m, wordnet, geonames-cities, music in %s\n", data);
		return 0;
	}
	mkdir(folder, 0777);
	printf("real: %u entities, %.1f words each\n", c.docs, (double)c.starts[c.docs] / c.docs);
	bench_open(&b, "with positions", folder, conf, argc > 3 ? argv[3] : NULL, &c);
	for (s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
		if (argc > 4 && strcmp(argv[4], shapes[s].name))
			continue;
		rng_init(&rng, 8);
		for (i = 0; i < n; i++)
			draw(&c, stacked, &rng, &shapes[s], &asks[i]);
		bench_searches(&b, shapes[s].name, asks, n, 10);
		bench_searches(&b, shapes[s].name, asks, n, 100);
	}
	bench_close(&b);
	snprintf(command, sizeof(command), "rm -rf %s", temporary);
	return argc > 2 ? 0 : system(command) != 0;
}
