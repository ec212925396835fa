/* search.h -- one search under way: what its steps hand to each other.
 *
 * For this room only.  All of it lives in the request's arena; slices borrow from the
 * request, the map or the arena. */
#ifndef FUNNEL_SEARCH_H
#define FUNNEL_SEARCH_H

#include "funnel/funnel.h"
#include "funnel/rank.h"
#include "funnel/unite.h"
#include "learn/history.h"
#include "query/facet.h"
#include "query/highlight.h"
#include "query/sort.h"

/* A worker's side of a collection. */
struct station {
	struct cell_reader edition, learnt;
	struct program *program; /* of the edition held */
};

struct funnel {
	struct funnel_shared *shared;
	struct reader *reader;
	struct txn *learning;
	struct station *stations; /* by collection */
};

struct arm {
	const struct strategy *strategy;
	int number; /* the program's */
	struct plan plan;
	bool planned;       /* it has a plan: may be asked */
	struct drawn drawn; /* in the end of what was chosen; before, of the probe */
	unsigned probe;     /* asked for so many before the choice; 0: not probed */
	int64_t took_us;
	const char *error; /* why it was left out; NULL if it was not */
};

struct search {
	struct funnel *funnel;
	struct funnel_collection *collection;
	const struct search_request *request;
	const struct edition *edition;
	const struct learnt *learnt; /* NULL: nothing yet */
	struct program *program;
	struct arena *arena;
	struct view *view;
	struct search_env env;
	int64_t start_us;
	enum decision_mode mode; /* these as they were when it began */
	double budget, budget_us;
	uint64_t id, seed;
	struct rng rng;  /* the choice */
	struct rng luck; /* of one strategy's retrieval */

	json_t *context;
	struct query query;
	struct ask ask;
	struct filter *where;

	float phi[FEATURES_MAX];
	int width, features_failed;
	uint64_t clipped, absent; /* as in learn/decision.h */

	struct arm *arms;
	int arm_count;
	struct policy_arm *policy_arms;
	struct history *history;                 /* by kind */
	uint64_t history_keys[HISTORY_KEYS_MAX]; /* those that were read */
	int history_count;
	struct slice policy; /* part of the split that served, also of one gone by now */
	int ranking[2];      /* the program's; the other one of a pair */
	struct choice *choice;
	const struct decision *earlier; /* FROM: that one; NULL without it */
	double share, mixture;          /* of the split, as in learn/decision.h */
	uint64_t split, unit;
	double (*mixed)[LEVELS_MAX]; /* by arm; NULL: no split */
	enum decision_draft drafted; /* two pages are interleaved */
	struct choice *side;         /* and this is what two policies chose */

	struct candidates candidates;
	const char *const *rank_names;
	float *weights[2]; /* by side */
	int rank_count;
	const char *rank_error; /* of the ranking script, or NULL */

	struct candidate *page; /* `shown` of them, the first of rank first + 1 */
	size_t first, shown;
	bool logged;

	/* FACETS and SORT: of all that matches */
	bool *counted; /* by arm: its matches are counted and sorted */
	struct matches matches;
	bool complete; /* all was looked through in time */
	struct facet *facets;
	struct facet_counts *counts;
	struct sort_key sort[SORT_KEYS_MAX];
	/* HIGHLIGHT */
	const struct field **highlight;
	struct highlighter *highlighter;
};

/* The edition in force of a collection, with this worker's program of it, into the
 * worker's station. */
int funnel_hold(struct funnel *, int collection, struct error *);
/* Features by their names, those that are not 0. */
void tell_features(const struct feature_set *, const float *phi, int width, struct json_out *);

/* Around what reads the environments; the catalogue's view is from funnel_begin on. */
int funnel_begin(struct funnel *, struct error *);
void funnel_end(struct funnel *);
/* All but the edition, its program and what was learnt; *s is zero before. */
void search_init(struct search *, struct funnel *, const struct search_request *, struct arena *);
/* When it is made: now, or the time of the one that it repeats. */
void search_time(struct search *, int64_t now_ms);

/* The steps, in order; each 0 or an error. */
int step_understand(struct search *, struct error *);
int step_profile(struct search *, struct error *); /* what the user likes */
int step_features(struct search *, struct error *);
/* What FACETS, SORT and HIGHLIGHT name. */
int step_wishes(struct search *, struct error *);
int step_plan(struct search *, struct error *);
int step_choose(struct search *, struct error *); /* after step_plan */
int step_again(struct search *, struct error *);  /* FROM: its levels, in place of choose */
int step_retrieve(struct search *, struct error *);
int step_rank(struct search *, struct error *);
int step_count(struct search *, struct error *); /* FACETS */
int step_sort(struct search *, struct error *);  /* SORT: in place of choose, retrieve, rank */
/* The page is fixed: log it, then answer. */
int step_record(struct search *, struct error *); /* unless it has NOLOG */
int step_reply(struct search *, struct buf *out, struct error *);

/* The most candidates that its script lets a planned arm bring; 0 for others. */
unsigned arm_limit(const struct arm *);

/* Makes the highlighter, where HIGHLIGHT was asked for. */
void search_highlight(struct search *);

/* Bounds of a strategy's share of searches: an operator's word (`set`) goes before the
 * script's.  `learnt` may be NULL. */
struct pin bounds_of(const struct learnt *learnt, const struct strategy *);

/* ERR_ARG, with the nearest name, for a strategy that the scripts do not have. */
int need_strategy(const struct search *, struct slice name, const char *option, struct error *);
/* A collection's memory, at that time. */
struct memory memory_at(const struct funnel *, int collection, int64_t now_ms);
/* Every arm's own features; probes those that are to be. */
void know_arms(struct search *);
/* Ask a strategy for its `depth` best; a failure is told and counted, and brings none. */
void arm_ask(struct search *, struct arm *, size_t depth);
/* By the policy or the two that are to serve: levels, and what is logged of chances. */
int choose_part(struct search *, const struct policy_request *, struct error *);
/* DEPTH: the choice as the request gives it. */
int choose_given(struct search *, struct error *);
/* Whose draw and which rankings serve, once it is known. */
void serve_part(struct search *, const struct split_part *);
/* RANKING: in place of what the part says. */
int name_rankings(const struct search *, struct split_part *, struct error *);

#endif
