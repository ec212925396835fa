/* plan.h -- what a strategy asks for, described: C executes it (search.h).
 *
 * Everything in a plan is in the request's arena.  nil is NULL: an absent match
 * constrains nothing (the source then walks by static quality), an absent score
 * adds nothing. */
#ifndef QUERY_PLAN_H
#define QUERY_PLAN_H

#include "base/slice.h"
#include "index/schema.h"

/* ---- match: which documents, by words ---- */

enum match_kind {
	MATCH_TERM,   /* a word, analysed by each field's analyzer */
	MATCH_PREFIX, /* words that begin so */
	MATCH_FUZZY,  /* words within `edits` edits */
	/* The words of the text, or the kids (TERM, PREFIX, FUZZY, ANY of these), in a field: */
	MATCH_PHRASE,  /* one after the other, `slop` others between */
	MATCH_NEAR,    /* in any order, first and last at most `slop` words apart */
	MATCH_EXACT,   /* a text field's whole folded value is `text` */
	MATCH_REF,     /* ref field `field` names the entity `text` (an id) */
	MATCH_TAG,     /* tags field `field` has `text` */
	MATCH_KIND,    /* the kind is `text` */
	MATCH_ALL,     /* every kid */
	MATCH_ANY,     /* at least one kid */
	MATCH_ATLEAST, /* at least `least` kids */
	MATCH_NOT,     /* not kid 0 (only inside ALL, beside something positive) */
};

struct match {
	enum match_kind kind;
	struct slice text;
	struct slice typed; /* TERM to NEAR: text with accents and apostrophes, or empty */
	struct slice *also; /* TERM: synonyms, words or phrases, which count a little less */
	int also_count;
	const struct field *field; /* EXACT, REF, TAG; NULL for EXACT: any exact field */
	uint8_t fields;            /* TERM to NEAR: text fields mask, 0 = all */
	float weight;              /* multiplies the score; 1 is usual */
	int slop;                  /* PHRASE, NEAR; fields without positions never match */
	int edits; /* FUZZY: 1 or 2; 0 = by length (>=4: 1, >=8: 2 where 1 finds none) */
	int least;
	struct match **kids;
	int kid_count;
};

/* ---- where: filters ---- */

enum filter_kind {
	FILTER_RANGE, /* number or date column within [low, high] */
	FILTER_TAG,   /* tags field has `text` with weight >= low */
	FILTER_REF,
	FILTER_KIND,
	FILTER_ID, /* the entity `text` itself */
	FILTER_AND,
	FILTER_OR,
	FILTER_NOT,
};

struct filter {
	enum filter_kind kind;
	const struct field *field;
	struct slice text;
	double low, high;         /* -INFINITY, INFINITY: open; a missing value never passes */
	bool low_open, high_open; /* strict */
	struct filter **kids;
	int kid_count;
};

/* ---- score: a sum of weighted terms ---- */

enum score_kind {
	SCORE_BM25,    /* BM25F over the match's words */
	SCORE_QUALITY, /* static quality */
	SCORE_IS,      /* 1 where `filter` passes */
	SCORE_COLUMN,  /* the number itself; missing is 0 */
	SCORE_LOG1P,   /* log(1 + number) */
	SCORE_RECENCY, /* 2^(-age / half_life_days) of a date; missing is 0 */
	SCORE_CONST,
};

struct score_term {
	enum score_kind kind;
	float weight;
	const struct field *field;
	struct filter *filter;
	float half_life_days;
	/* BM25: */
	float k1, b;                         /* 1.2, 0.75 by default */
	float field_weight[TEXT_FIELDS_MAX]; /* schema's weights by default */
};

enum plan_source {
	PLAN_SEARCH, /* match, where, score */
	PLAN_MEMORY, /* entities remembered under `keys` */
	PLAN_IDS,    /* the entities `keys`, in that order, where the filter passes */
};

struct plan {
	enum plan_source source;
	struct match *match;
	struct filter *where;
	struct score_term *scores;
	int score_count; /* 0: SCORE_BM25 with defaults + 0 */
	struct slice *keys;
	int key_count;
	int limit;          /* most candidates this plan can give; 0: DEPTH_MAX */
	bool has_min_score; /* SEARCH: what scores less is no candidate */
	float min_score;
};

/* May the kids of a PHRASE or NEAR be such? */
bool match_is_phrase(const struct match *);

/* Words for EXPLAIN: "term", "bm25", ... */
const char *match_name(enum match_kind);
const char *score_name(enum score_kind);

#endif
