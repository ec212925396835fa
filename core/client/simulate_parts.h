/* simulate_parts.h -- one simulation, for the files of simulate: its options
 * (simulate_options.c), the world and its phases (simulate_phases.c), the run (simulate.c)
 * and what is told of it (simulate_tell.c). */
#ifndef CLIENT_SIMULATE_PARTS_H
#define CLIENT_SIMULATE_PARTS_H

#include "client/allot.h"
#include "client/course.h"
#include "client/lanes.h"

#define LANES_MAX  (COURSE_LANES_MAX - 3)
#define PHASES_MAX 4

/* Between two changes of the world. */
struct phase {
	uint64_t from;
	bool flipped;
	char *only; /* NULL: all strategies */
	struct allot *allot;
	struct allotment best;
	struct allotment *by_type;
};

struct simulation {
	struct client *client;
	const char *queries, *qrels, *types, *prefix, *event, *redis, *csv, *svg, *arrive;
	long searches, flip, arrive_at, tries, first, batch, pace, seed;
	double noise, delay;
	int clicks;
	bool json;

	struct judged_set set;
	struct people people;
	struct lanes lanes;
	struct lane lane[LANES_MAX + 1];
	int lane_count;    /* of those that were named; behind them rrf */
	int oracle, fixed; /* their places in the course, -1 */
	char *strategies[ALLOT_STRATEGIES_MAX];
	int strategy_count;
	unsigned depth[ALLOT_LEVELS_MAX];
	int levels;
	double budget;
	int64_t clock; /* 0: the daemon's is the machine's */
	struct phase phases[PHASES_MAX];
	int phase_count;
	struct course course;
};

/* Of the command line; the words stay where they are.  0, or 2 and it is said what is
 * wrong. */
int simulate_options(struct simulation *, int argc, char **argv);
/* What the daemon is set to, and when the world changes. */
int simulate_ask_daemon(struct simulation *, struct error *);
int simulate_make_phases(struct simulation *, struct error *);
/* The best depths in a phase; the names of its strategies are kept in `strategies`. */
int simulate_find_best(struct simulation *, struct phase *, char **strategies, struct error *);
void simulate_tell(const struct simulation *);

#endif
