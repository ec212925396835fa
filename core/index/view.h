/* view.h -- a collection within a reader, as the files of this room see it. */
#ifndef INDEX_VIEW_H
#define INDEX_VIEW_H

#include "index/reader.h"
#include "index/tables.h"

#define FUZZY_MEMO 1024 /* a power of two */

/* What view_fuzzy found, as long as the state at hand is the same. */
struct fuzzy_memo {
	uint64_t key;  /* hash of group, distance and word; 0: free */
	size_t count;
	struct expansion *found; /* one block: the entries, then their bytes */
};

struct view {
	struct reader *reader;
	const struct schema *schema;
	struct txn *txn;
	uint16_t number;
	bool fresh;                  /* stats are of the state at hand */
	struct view_stats stats;
	const char **segments[COLUMNS]; /* [segment_cap]: NULL not looked up yet */
	size_t segment_cap;
	struct fuzzy_memo fuzzy[FUZZY_MEMO];
};

void view_forget_fuzzy(struct view *);

#endif
