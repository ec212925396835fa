/* view.h -- a collection within a reader, as the files of this room see it. */
#ifndef INDEX_VIEW_H
#define INDEX_VIEW_H

#include "index/kept.h"
#include "index/reader.h"
#include "index/tables.h"

#define WORDS_MEMO 1024 /* a power of two */
#define KEPT_SETS  64

/* What view_prefix or view_fuzzy found, as long as the state at hand is the same. */
struct words_memo {
	uint64_t key; /* hash of group, distance and word; 0: free */
	size_t count;
	struct expansion *found; /* one block: the entries, then their bytes */
};

/* A set of documents (kept.h) and where it is in its turn to go. */
struct kept_slot {
	uint64_t hash; /* of the key; 0: free */
	uint64_t turn; /* of the request that last asked for it */
	size_t bytes;
	struct slice key;
	struct kept set;
};

struct view {
	struct reader *reader;
	const struct schema *schema;
	struct txn *txn;
	uint16_t number;
	bool fresh; /* stats are of the state at hand */
	struct view_stats stats;
	const char **segments[COLUMNS]; /* [segment_cap]: NULL not looked up yet */
	size_t segment_cap;
	struct words_memo words[WORDS_MEMO];
	uint64_t turn; /* of the request */
	struct kept_slot kept[KEPT_SETS];
	size_t kept_bytes;
};

void view_forget_words(struct view *);
void view_forget_kept(struct view *);

#endif
