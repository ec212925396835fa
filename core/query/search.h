/* search.h -- running a plan: match, filter, score, the k best.
 *
 * Exact: equals scoring every document, ties by the smaller number.  Runs on
 * one worker, allocates from the arena only, takes no lock. */
#ifndef QUERY_SEARCH_H
#define QUERY_SEARCH_H

#include "base/arena.h"
#include "base/heap.h"
#include "base/json.h"
#include "index/memory.h"
#include "index/reader.h"
#include "query/plan.h"

struct search_env {
	struct view *view;
	struct arena *arena;
	int64_t now_ms;       /* for recency */
	struct memory memory; /* for PLAN_MEMORY; its txn NULL: nothing is remembered */
	struct rng *rng;      /* draws from it */
};

struct search_result {
	struct scored *hits; /* best first, in the arena */
	size_t count;
	uint64_t scored; /* documents whose score was computed */
};

/* At most k hits (and plan->limit). `where` (may be NULL) narrows the plan's own. */
int search_run(const struct search_env *, const struct plan *, struct filter *where, size_t k,
	struct search_result *out, struct error *);

/* As search_run but scoring every match: what the tests compare with. */
int search_exhaustive(const struct search_env *, const struct plan *, struct filter *where,
	size_t k, struct search_result *out, struct error *);

/* Scores of given documents, ascending and distinct, by a PLAN_SEARCH plan's match and
 * score (its filter is not asked): 0 for one that it does not match. */
int search_score(const struct search_env *, const struct plan *, const uint32_t *docs, size_t count,
	float *scores, struct error *);

/* Why a document has its score, matched or not, as JSON: the plan's terms, whose scores
 * add up, in their order and as doubles, to what search_run says of it; the match node
 * by node, each with what it gave; what passes of the filters.  `where` as in search_run. */
void search_explain(const struct search_env *, const struct plan *, struct filter *where,
	uint32_t doc, struct json_out *);

/* What a plan may find, from document frequencies alone (no search is run). */
struct search_estimate {
	double matches; /* documents, about; 0 for PLAN_MEMORY */
	double known;   /* share of its words that the dictionary has, 0..1; 1 without words */
};
void search_estimate(struct view *, struct arena *, const struct plan *,
	struct search_estimate *out);

/* The plan, or a filter, as one line of JSON, for EXPLAIN, the log and tests. */
void plan_print(const struct plan *, struct json_out *);
void filter_print(const struct filter *, struct json_out *);

#endif
