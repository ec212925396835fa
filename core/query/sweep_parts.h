/* sweep_parts.h -- between the files that sweep (sweep.h has the method): sweep.c goes over
 * the segments, sweep_lane.c moves lists and reads their bounds, sweep_values.c says what
 * postings give, sweep_sums.c adds them up, sweep_ask.c scores what the sums chose,
 * sweep_merge.c does without segments.
 *
 * A swept leaf's lists are walked by lanes, block by block; a leaf that is asked only
 * seeks in them.
 *
 * Invariant: between segments sums[], best[] and, where leaves are counted, hits[] are 0;
 * within one, sums[] is what the leaves added so far give a document, at least 1 if one of
 * them has it. */
#ifndef QUERY_SWEEP_PARTS_H
#define QUERY_SWEEP_PARTS_H

#include <math.h>

#include "query/sweep.h"

#define STRETCH       256
#define STRETCHES     (SEGMENT_DOCS / STRETCH)
#define ALL_STRETCHES ((1u << STRETCHES) - 1)
#define ASKING        32 /* times what it costs to ask of a document that to sweep a posting does */

/* A block that reaches into the segment. */
struct reach {
	struct block block;
	struct block_bounds bounds;
	double bound;       /* most its list adds there */
	unsigned stretches; /* mask of those it may have documents in */
};

/* A list being swept. */
struct lane {
	struct swept *of;
	const struct leaf_list *l;
	double bound; /* most it adds to any document */
	struct postings *list;
	uint32_t next; /* it has no document from the segment's first to before this */
	struct reach *reach;
	int count, cap;
	bool is_word;
	const unsigned char *decoded; /* entry of the block in docs and tf; NULL: none */
	unsigned n, at;               /* of it; postings before `at` are behind us */
	int fields;
	uint32_t docs[BLOCK_POSTINGS];
	uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS];
	int32_t values[BLOCK_POSTINGS]; /* what each posting gives; 0: is in none of the fields */
	uint32_t doc;                   /* where lists are merged */
};

struct swept {
	struct iter *leaf;
	double bound;             /* most it can add to any document */
	double *bounds;           /* by each of its lists */
	struct lane *lanes, **on; /* NULL: not yet; those that may still matter */
	int count;                /* of on[] */
	double postings;          /* that they have */
};

struct sweep {
	const struct sweep_env *env;
	struct swept *leaves; /* in the tree's order */
	struct swept **order; /* any: by bound, ascending; all: the rarest last */
	double *below;        /* sum of the bounds of the first i */
	int count, first;     /* order[first..] are swept */
	bool all;             /* each leaf must have the document */
	int least;            /* else as many must */
	double segments;
	double rest;     /* most a document gets beside words */
	float above;     /* a score must be, to enter; -INFINITY: any does */
	bool unordered;  /* documents are offered in any order: one that equals may enter */
	float threshold; /* that first and the lanes are set by */
	float quality;   /* best there is */
	int ahead;       /* leaves that are swept although others lead */
	unsigned segments_swept;
	uint64_t scored;
	int error;

	/* the segment */
	uint32_t low;
	struct lane **active; /* lanes that may be in it, leaf by leaf */
	int active_count;
	int leading;      /* of them: of leaves without one of which nothing can enter */
	unsigned live;    /* stretches that may hold something */
	uint64_t touched; /* words with sums; else only what is marked has one */
	unsigned added;   /* postings */
	bool crowded;     /* most of the last segment's were marked */
	uint64_t marks[SEGMENT_WORDS], marked; /* documents that may enter; words not 0 */
	int32_t sums[SEGMENT_DOCS];
	int32_t best[SEGMENT_DOCS]; /* of the leaf being added, where it has several lists */
	uint8_t hits[SEGMENT_DOCS]; /* leaves, where several are needed */
	uint16_t found[SEGMENT_DOCS];
	bool few;                        /* so few that only they get sums */
	bool selective;                  /* few pass the filter: `passing` is the segment's */
	uint64_t passing[SEGMENT_WORDS]; /* else all */
};

/* Could a score of at most `bound` enter? */
static inline bool beats(const struct sweep *w, double bound)
{
	return (float)(bound + fabs(bound) * 1e-9) > w->above;
}

/* Leaves that must have a document, of those swept. */
static inline int needed(const struct sweep *w)
{
	return w->all ? w->count - w->first : w->least;
}

static inline bool counted(const struct sweep *w)
{
	return w->all || w->least > 1;
}

/* ---- sweep.c ---- */

/* Leaves that cannot bring a document in by themselves are asked from now on, and lists of
 * a leaf with which it could not are left. */
void sweep_set_first(struct sweep *);
/* After the heap has changed. */
void sweep_set_above(struct sweep *);

/* ---- sweep_lane.c ---- */

void lanes_open(struct sweep *, struct swept *);
/* At their beginnings. */
void lanes_restart(struct swept *);
/* Leaves lists out: a document that gets the most of its leaf from one of them cannot
 * enter, and what another gives them is not less for it. */
void lanes_drop(const struct sweep *, struct swept *);
bool lane_decode(struct sweep *, struct lane *, const struct block *);
/* The first document from `low` on that the lane may have; where a block is wide, that
 * it has. */
uint32_t lane_next(struct sweep *, struct lane *, uint32_t low);
/* The blocks that reach into the segment. */
void lane_reach(struct sweep *, struct lane *);
/* Mask of the stretches in which something may enter. */
unsigned lanes_may_hold(const struct sweep *);

/* ---- sweep_values.c ---- */

/* Fills in the values of the decoded block's postings from .. to - 1. */
void lane_value(struct sweep *, struct lane *, unsigned from, unsigned to);
/* Of its posting i alone, in the segment, whose documents' lengths these are. */
int32_t lane_value_one(struct sweep *, struct lane *, unsigned i, const uint8_t *lengths);

/* ---- sweep_sums.c ---- */

/* Add the active lanes' blocks that reach into live stretches, and mark what may enter. */
void sums_add(struct sweep *);
/* Add a leaf's active lanes, of which much is marked or not, to what is marked: of that
 * stays so what still may enter. */
void sums_add_more(struct sweep *, bool much);
/* The segment's sums back to 0. */
void sums_wipe(struct sweep *);

/* ---- sweep_marks.c ---- */

/* A sum must be above this, in a document of at most this quality. */
int32_t marks_limit(const struct sweep *, float quality);
static inline void mark(struct sweep *w, unsigned at)
{
	w->marks[at / 64] |= UINT64_C(1) << at % 64;
	w->marked |= UINT64_C(1) << at / 64;
}

/* How many documents are marked, and pass. */
unsigned marks_count(const struct sweep *);
/* Marks those that pass the filter, in live stretches. */
void marks_passing(struct sweep *);
/* Marks those of touched words that are above the limit. */
void marks_find(struct sweep *);
/* Takes the marks from those that are not above the limit any more, or do not pass. */
void marks_again(struct sweep *);
/* Of the marked those whose sums may do, ascending, into found[]; their count. */
unsigned marks_pick(struct sweep *);

/* ---- sweep_ask.c ---- */

/* Score a document to the end, to which the swept leaves add `sum`. */
void ask_rest(struct sweep *, uint32_t doc, int64_t sum);
/* Of the first n of found[]; the limit rises as they enter. */
void ask_picked(struct sweep *, unsigned n);
/* Is it cheaper to ask of so many documents of a segment than to go through its
 * postings? */
bool pays_to_ask(const struct sweep *, double docs, double postings);
/* Of each that passes in this segment? */
bool few_pass(const struct sweep *);
void ask_passing(struct sweep *, uint32_t low);

/* ---- sweep_merge.c ---- */

/* Are postings few, from here on? */
bool may_merge(const struct sweep *);
/* All that is left, from `low` on. */
void merge_lanes(struct sweep *, uint32_t low);
/* Before all else: where the strongest leaves have few postings and the rest many, what
 * looks best of these few is scored, and the k-th of it has to be reached from then on.
 * True: nothing else can enter, all is done. */
bool merge_first(struct sweep *);

#endif
