/* edition.h -- a collection's scripts in force: one generation, checked, with what
 * the daemon derives from it.
 *
 * An edition is immutable and published through a cell; requests in flight finish on
 * theirs.  The last GENERATIONS_KEPT are kept, so that USE and ROLLBACK are instant.
 *
 * struct editions is for the control thread and for commands: it has a lock of its
 * own, which no search takes. */
#ifndef FUNNEL_EDITION_H
#define FUNNEL_EDITION_H

#include "base/cell.h"
#include "base/json.h"
#include "index/schema.h"
#include "learn/features.h"
#include "learn/reward.h"
#include "script/program.h"

struct edition {
	uint64_t number; /* 1, 2, ... since the daemon started */
	int64_t loaded_ms;
	struct scripts *scripts;
	struct feature_set *features;
	struct ladder *ladder;
	int64_t window_ms;           /* of rewards */
	struct strategy *strategies; /* in the program's order */
	int strategy_count;
	const char **rankings; /* names in order, NULL-terminated */
};

/* A program for one worker; the edition was checked, so failing means memory. */
int edition_program(const struct edition *, const struct schema *, struct program **out,
	struct error *);

struct editions;

/* Reads and checks ROOT/COLLECTION (or ROOT/default): an error if it does not load. */
int editions_open(struct editions **out, const char *root, const struct schema *, int64_t now_ms,
	struct error *);
void editions_close(struct editions *);

/* Where workers (cell_read: struct edition) and the learner see the one in force. */
struct cell *editions_cell(struct editions *);

/* Check the folder as it is now, without using it; with the examples that speak of the
 * catalogue, which loading leaves alone. */
int editions_check(struct editions *, struct view *, struct error *);
/* An edition that does not serve: of the folders under another root, or a kept generation.
 * The caller drops the snapshot (struct edition). */
int editions_read(struct editions *, const char *root, struct snapshot **out, struct error *);
int editions_kept(struct editions *, uint64_t number, struct snapshot **out, struct error *);
/* Check and use it; 1: a new generation serves, 0: nothing had changed. */
int editions_load(struct editions *, int64_t now_ms, struct error *);
/* Go to a kept generation; ERR_NOT_FOUND names those there are. */
int editions_use(struct editions *, uint64_t number, struct error *);
/* Go to the one before. */
int editions_rollback(struct editions *, struct error *);

uint64_t editions_number(struct editions *);
/* {"collection":..,"folder":..,"generation":n,"kept":[{...}],"files":[..],
 *  "error":"the last load that failed" or null} */
void editions_print(struct editions *, struct json_out *);

#endif
