/* funnel.h -- one search, from the words to the page.
 *
 *     understand -> features -> choose -> retrieve -> unite -> rank -> reply, log
 *
 * struct funnel_shared is the daemon's: what all workers read.  struct funnel is one
 * worker's: a reader, a read transaction on what is learnt, a Lua program per
 * collection.  A search runs on one worker, takes no lock and waits for nobody. */
#ifndef FUNNEL_FUNNEL_H
#define FUNNEL_FUNNEL_H

#include <stdatomic.h>

#include "base/cell.h"
#include "base/clock.h"
#include "funnel/edition.h"
#include "funnel/stats.h"
#include "index/memory.h"
#include "index/reader.h"
#include "learn/decision.h"
#include "learn/policy.h"
#include "learn/split.h"

struct funnel_collection {
	const struct schema *schema;
	struct editions *editions;
	struct cell *learnt; /* struct learnt; may hold nothing yet */
	uint16_t number;     /* in the learning environment */
	struct funnel_stats stats;
};

struct funnel_options {
	struct levels levels;
	/* these three may change while it serves; a search reads them once */
	_Atomic int mode;         /* enum decision_mode */
	_Atomic double budget;    /* candidates a search, over all strategies */
	_Atomic double budget_us; /* their time, expected at most; 0: no bound */
	struct policy_options policy;
	/* Of policies, what serves in MODE_ONLINE; a collection may have its own
	 * (learnt_split). */
	struct split split;
	uint64_t seed;
	int hits;          /* LIMIT where none is said */
	int64_t gather_us; /* what FACETS and SORT may take; 0: no bound */
	struct memory_options memory;
};

/* Numbers of decisions.  The learner keeps `end` on disk before it stands here, so a
 * number that was told to a client is never given out again, whatever happens. */
struct decision_ids {
	atomic_ullong next; /* free from here */
	atomic_ullong end;  /* those below may be logged */
};

struct funnel_shared {
	struct catalogue *catalogue;
	struct store *learning;
	struct funnel_collection *collections; /* in the catalogue's order */
	int collection_count;
	const struct funnel_options *options;
	struct clock clock;
	struct decision_ids ids;
	atomic_ullong unlogged; /* searches with NOLOG, which take no id */
	/* Hand a decision's bytes to the learner; ERR_BUSY: it is not logged.  Takes
	 * the buf's memory if 0 is returned. */
	int (*log)(void *data, int collection, struct buf *record);
	void *log_data;
};

struct funnel;

int funnel_open(struct funnel **out, struct funnel_shared *, struct error *);
void funnel_close(struct funnel *);
/* Go over to the catalogue's latest file; between requests. */
void funnel_refresh(struct funnel *);

/* SORT field [DESC] */
struct sort_asked {
	struct slice field;
	bool descending;
};

struct search_request {
	int collection;
	struct slice query;   /* empty: RECOMMEND */
	int limit, offset;    /* limit 0: the default; checked against HITS_MAX */
	struct slice context; /* JSON object, or empty */
	struct slice where;   /* filter expression, or empty */
	struct slice *fields; /* members of documents to return; count 0: all */
	int field_count;
	struct slice *only; /* strategies; count 0: all */
	int only_count;
	struct slice *depths; /* "strategy=depth", in place of a policy; count 0: not */
	int depth_count;
	struct slice policy;  /* a part of a split, or empty */
	struct slice ranking; /* name, or "a+b", or empty */
	bool has_seed, unlogged, explain;
	uint64_t seed;
	bool further; /* a further page of the decision `from` */
	uint64_t from;
	/* of all that matches (query/matches.h), not of the candidates alone */
	struct slice *facets; /* as in query/facet.h; count 0: none */
	int facet_count;
	struct sort_asked sort[SORT_KEYS_MAX];
	int sort_count;         /* 0: the ranking's order */
	struct slice *matching; /* strategies whose matches they are; count 0: all */
	int matching_count;
	struct slice *highlight; /* text fields; count 0: none */
	int highlight_count;
	struct slice mark_before, mark_after; /* `marks`: else <em>, </em> */
	bool marks, html;
};

/* Appends the reply, one JSON text, to `out`; errors say what in the request was
 * wrong.  The arena is the request's. */
int funnel_search(struct funnel *, const struct search_request *, struct arena *, struct buf *out,
	struct error *);

/* The weighted interpretations, as JSON. */
int funnel_understand(struct funnel *, int collection, struct slice query, struct arena *,
	struct buf *out, struct error *);

/* What each strategy drew, cost and earned in decisions of the last window_ms, at most
 * TALLY_KEEP_MS less a day; 0: ever. */
int funnel_arms(struct funnel *, int collection, int64_t window_ms, struct arena *, struct buf *out,
	struct error *);

/* What the features of searches were like in the last window_ms, beside the days before. */
int funnel_features(struct funnel *, int collection, int64_t window_ms, struct arena *,
	struct buf *out, struct error *);

/* The split in force: the collection's own, or, where it has none or one of its policies or
 * rankings is gone (then why says so), tollerd.conf's.  `learnt` may be NULL. */
const struct split *funnel_split(const struct learnt *, const struct edition *,
	const struct funnel_options *, struct error *why);
/* ERR_NOT_FOUND, with the nearest name, for one that the scripts in force do not have. */
int funnel_split_known(struct funnel *, int collection, const struct split *, struct error *);

/* How the traffic is shared out among policies, and what each earned since it is so; in the
 * last window_ms, as funnel_arms. */
int funnel_policies(struct funnel *, int collection, int64_t window_ms, struct arena *,
	struct buf *out, struct error *);

/* The bounds of a strategy's share that are in force; ERR_NOT_FOUND for one that the scripts
 * do not have. */
int funnel_bounds(struct funnel *, int collection, struct slice strategy, struct pin *out,
	struct error *);

/* A logged decision with its outcome. */
int funnel_decision(struct funnel *, uint64_t id, struct arena *, struct buf *out, struct error *);

/* What a user likes, by field and value. */
int funnel_profile(struct funnel *, int collection, struct slice user, struct arena *,
	struct buf *out, struct error *);

/* Rows of the memory index under a key (a bare query is looked up as "q:..."). */
int funnel_memory(struct funnel *, int collection, struct slice key, struct arena *,
	struct buf *out, struct error *);

#endif
