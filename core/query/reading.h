/* reading.h -- runs of a query's words that may be a slot; for this room only. */
#ifndef QUERY_READING_H
#define QUERY_READING_H

#include "query/query.h"

struct reading {
	int first, count;           /* words of the query */
	int edits;                  /* corrections of spelling among them */
	double weight;              /* where the words as they are have 1 */
	uint32_t doc;               /* the entity meant, if it is one */
	struct slice value, entity; /* of the slot; see `name` */
	int named;                  /* 0: not asked yet, 1: it has them, -1: it has none */
};

#define READINGS_MAX 24

/* The likeliest readings as one slot. */
struct readings {
	struct slice slot; /* its name */
	double untouched;  /* what an interpretation keeps of its weight beside them */
	/* Tells a reading's value and entity, if it comes so far; false: it has none.  NULL:
	 * they were given. */
	bool (*name)(void *data, struct reading *);
	void *data;
	struct reading items[READINGS_MAX];
	int count;
};

/* The heavier of two for the same run and meaning stays. */
void readings_add(struct readings *, struct reading);
/* Every interpretation with every reading that fits, the best kept. */
void readings_apply(struct readings *, struct query *, struct arena *);

#endif
