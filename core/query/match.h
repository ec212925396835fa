/* match.h -- a match tree made ready to run: iterators over document numbers.
 *
 * Leaves are words (a word and what it expands to, each a posting list) and
 * facts (exact value, ref, tag, kind).  Inner nodes meet (ALL, with what must
 * be absent) or join (ANY, ATLEAST) their kids.  All move forward only.
 *
 * What a document gets from the words is the sum over the leaves it matched, in
 * the order of the tree: of a joining node those kids that have it, of a meeting
 * node all or, when it does not match, none.
 *
 * In the arena; one thread; closed before reader_end. */
#ifndef QUERY_MATCH_H
#define QUERY_MATCH_H

#include "base/arena.h"
#include "base/error.h"
#include "index/postings.h"
#include "query/plan.h"
#include "text/analyze.h"

enum iter_kind {
	ITER_LEAF,
	ITER_DOC,  /* one document */
	ITER_MEET, /* all kids, and none of `nots` */
	ITER_JOIN, /* at least `least` kids */
};

/* One posting list of a leaf. */
struct leaf_list {
	struct postings *list;
	struct slice term;
	float weight; /* 1, less for an expansion, more for a word's own spelling */
	uint8_t mask; /* text fields it speaks of */
	bool check;   /* a posting may be of other fields only */
	int edits;
	double factor; /* the scorer's note */
};

/* What a meeting node asks of its kids' positions, too. */
struct phrase {
	bool near; /* in any order */
	uint32_t slop;
	uint8_t fields;                          /* in one of these */
	const uint32_t *places[TEXT_FIELDS_MAX]; /* where each kid's word stands in the words */
	/* by kid: its positions in the field at hand, their count, the one it has taken */
	uint32_t **at, *taken;
	size_t *counts;
};

struct iter {
	enum iter_kind kind;
	uint32_t doc; /* current; DOC_NONE at the end */
	bool started;
	uint64_t cost; /* about how many documents it visits */
	bool stopped;  /* of stop words only */
	/* leaf */
	enum match_kind what;
	struct slice text; /* as asked for */
	struct leaf_list *lists;
	int list_count;
	uint32_t df;   /* the largest of its lists */
	double weight; /* of the leaf, its parents' multiplied in */
	double idf;
	int index; /* place among the tree's leaves */
	/* inner */
	struct iter **kids;
	int kid_count;
	struct iter **nots;
	int not_count;
	int least;
	struct phrase *phrase; /* of a MEET of leaves; NULL: anywhere */
};

struct matcher {
	struct view *view;
	struct arena *arena;
	struct iter *root;                   /* NULL: nothing can match */
	struct iter *leaves[PLAN_NODES_MAX]; /* that can score, in the tree's order */
	int leaf_count;
	struct iter **all; /* every leaf, to close */
	int all_count;
	int nodes;
};

/* ERR_ARG for a NOT in a wrong place, ERR_LIMIT for too many nodes. */
int matcher_open(struct matcher *, struct view *, struct arena *, const struct match *,
	struct error *);
/* An iterator over a superset of what a filter passes, made from the lists it
 * requires; NULL if it requires none.  Belongs to the matcher. */
struct iter *matcher_drive(struct matcher *, const struct filter *);
void matcher_close(struct matcher *);
/* ERR_CORRUPT if a posting list was damaged. */
int matcher_error(const struct matcher *, struct error *);

uint32_t iter_next(struct iter *);
uint32_t iter_seek(struct iter *, uint32_t at_least);
/* Of a meeting node whose kids are leaves: does it match this document, to which all of them
 * may be moved? */
bool iter_meets(struct iter *, uint32_t doc);

/* The posting group and term of a TAG, REF or KIND filter. */
int filter_group(const struct filter *);
struct slice filter_term(struct arena *, const struct filter *);

#endif
