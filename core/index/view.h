/* view.h -- a collection within a reader, as the files of this room see it. */
#ifndef INDEX_VIEW_H
#define INDEX_VIEW_H

#include "index/reader.h"
#include "index/tables.h"

struct view {
	struct reader *reader;
	const struct schema *schema;
	struct txn *txn;
	uint16_t number;
	bool fresh;                  /* stats are of the state at hand */
	struct view_stats stats;
	const char **segments[COLUMNS]; /* [segment_cap]: NULL not looked up yet */
	size_t segment_cap;
};

#endif
