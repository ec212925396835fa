/* engine.h -- search engines in one shape, so that a benchmark asks each the same.
 *
 * Documents come with their words cut and folded, so that all have the same dictionary;
 * ours takes the JSON they came from and cuts it itself. */
#ifndef BENCH_ENGINE_H
#define BENCH_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ASK_WORDS_MAX 4

/* Documents are numbered from 0 in the order they are added. */
struct entry {
	const char *json;
	uint32_t json_bytes;
	const char *const *words; /* of a title, then of a text */
	int count, title;
	const char *const *tags;
	int tag_count;
};

enum ask_how {
	ASK_ANY,
	ASK_ALL,
	ASK_PHRASE,
	ASK_PREFIX, /* all, the last unfinished */
	ASK_FUZZY,  /* any, each within one slip */
};

struct ask {
	enum ask_how how;
	const char *words[ASK_WORDS_MAX];
	int count;
	const char *tag; /* that it must have; NULL: none */
	float quality;   /* ours alone: what a document's own counts in the score */
};

struct engine; /* what each makes of it */

struct engine_kind {
	const char *name;
	/* What is in the folder, or new; `conf` is our schema, in whose manner the others are
	 * set up: they keep positions where it does. */
	struct engine *(*open)(const char *folder, const char *conf);
	uint32_t (*docs)(struct engine *);
	void (*add)(struct engine *, const struct entry *);
	void (*commit)(struct engine *); /* all is added: durable, and ready to be asked */
	/* The k best by BM25; how many were found, -1 where it cannot. */
	int (*search)(struct engine *, const struct ask *, int k, uint32_t *docs);
	void (*close)(struct engine *);
};

extern const struct engine_kind engine_ours, engine_xapian, engine_fts5;

/* Of ours, whose folder keeps the documents besides: what searching reads; and a line a
 * table of it. */
double ours_index_mb(struct engine *);
double ours_file_mb(struct engine *);
void ours_report(struct engine *);
/* As COMPACT does; seconds. */
double ours_compact(struct engine *);
/* A document is put under an id, or with NULL deleted; committed some time later. */
void ours_change(struct engine *, uint32_t id, const char *json, uint32_t bytes);
/* All changes are committed, and searches see them. */
void ours_settle(struct engine *);
/* The same index for another thread; closed before it. */
struct engine *ours_second(struct engine *);
/* As search, with ids and scores. */
int ours_scores(struct engine *, const struct ask *, int k, uint32_t *ids, float *scores);

#ifdef __cplusplus
}
#endif
#endif
