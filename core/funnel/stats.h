/* stats.h -- counters of strategies by name, by all workers, without a lock: a slot is
 * claimed once by compare-and-swap on the name's hash. */
#ifndef FUNNEL_STATS_H
#define FUNNEL_STATS_H

#include <stdatomic.h>

#include "base/slice.h"

#define STATS_SLOTS 256 /* names seen since the start; more share the last one */

struct arm_counters {
	atomic_ullong name; /* hash; 0: free */
	atomic_ullong asked, failed, found, took_us;
};

struct funnel_stats {
	atomic_ullong searches, failed, unlogged, took_us;
	struct arm_counters arms[STATS_SLOTS];
};

struct arm_counters *stats_arm(struct funnel_stats *, struct slice name);

#endif
