/* stats.c -- finding a strategy's counters. */
#include "funnel/stats.h"

#include "base/hash.h"

struct arm_counters *stats_arm(struct funnel_stats *stats, struct slice name)
{
	unsigned long long want = hash_bytes(name, 0) | 1, seen;
	size_t at = want % STATS_SLOTS, tries;

	for (tries = 0; tries < STATS_SLOTS; tries++, at = (at + 1) % STATS_SLOTS) {
		seen = 0;
		if (atomic_compare_exchange_strong(&stats->arms[at].name, &seen, want) ||
			seen == want)
			return &stats->arms[at];
	}
	return &stats->arms[STATS_SLOTS - 1];
}
