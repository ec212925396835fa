/* tally.h -- what was drawn, spent and earned, by time: rows of sums.
 *
 * A row stands under a kind, a name and a slot of SLOT_MS, that of the decision's time: so
 * a reward that comes later stands beside what it was spent on.  Slot 0 is all time.  A
 * row is so many numbers, and every number a sum: rows add up, over slots and rounds.
 *
 * The learner adds to a tally in memory and saves it in its transaction, every row once;
 * whether the commit came or failed, the tally is emptied after it.  Readers sum slots in
 * a transaction of their own.  Rows of slots that are older than TALLY_KEEP_MS go.
 *
 * What the numbers are is said where they are added (counts.h). */
#ifndef LEARN_TALLY_H
#define LEARN_TALLY_H

#include "base/arena.h"
#include "base/error.h"
#include "store/store.h"

#define TALLY_SLOT_MS     600000
#define TALLY_KEEP_MS     (8 * INT64_C(86400000)) /* a week, and the day that it began in */
#define TALLY_NUMBERS_MAX 64
#define TALLY_NAME_MAX    160 /* bytes */

struct tally;

struct tally *tally_new(void);
void tally_free(struct tally *); /* NULL is fine */

/* The additions to a row of `numbers` numbers, zeros at first; valid until the next call. */
double *tally_row(struct tally *, uint16_t collection, uint8_t kind, int64_t at_ms,
	struct slice name, int numbers);
/* Add all of it to what stands in the table.  A row that had fewer numbers grows, one of
 * another version starts anew. */
int tally_save(const struct tally *, struct txn *, int table, struct error *);
void tally_clear(struct tally *);

/* A collection's rows, to be read. */
struct tally_rows {
	struct txn *txn;
	int table;
	uint16_t collection;
	struct arena *arena; /* for what is read */
};

/* Sums by name. */
struct tally_sum {
	struct slice name;
	double at[TALLY_NUMBERS_MAX];
};

/* A time to read from, of which no other is meant than itself: never all time. */
static inline int64_t tally_recent(int64_t ms)
{
	return ms > TALLY_SLOT_MS ? ms : TALLY_SLOT_MS;
}

/* Over the slots from that of from_ms to the one before that of to_ms (INT64_MAX: all that
 * follow), or, from_ms 0, over all time; in order of the names; in the arena.  Rows that do
 * not read back are left out.  How many. */
int tally_read(const struct tally_rows *, uint8_t kind, int64_t from_ms, int64_t to_ms,
	struct tally_sum **out, struct error *);

/* Forget slots from before now - TALLY_KEEP_MS, of all collections, at most `most` rows; the
 * count. */
int tally_forget(struct txn *, int table, int64_t now_ms, int most, struct error *);

#endif
