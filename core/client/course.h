/* course.h -- how lanes fare over time: sums by stretches of searches, told as CSV and
 * drawn as SVG.  One thread. */
#ifndef CLIENT_COURSE_H
#define CLIENT_COURSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define COURSE_LANES_MAX 24

struct stretch {
	uint64_t n, served, asked_n;
	double reward, asked, oracle; /* sums */
};

struct course {
	const char *title;
	const char *names[COURSE_LANES_MAX];
	bool constant[COURSE_LANES_MAX]; /* lanes that learn nothing: drawn thin */
	int lanes;
	uint64_t every; /* searches in a stretch */
	struct stretch *of[COURSE_LANES_MAX];
	size_t count, cap;
	uint64_t marks[4]; /* searches at which the world changes */
	int mark_count;
};

/* One search of a lane; `oracle` is the oracle's reward for the same one. */
void course_add(struct course *, int lane, uint64_t search, double reward, double oracle,
	bool served, double asked);
void course_clear(struct course *);

/* Sums of the stretches that lie in [from, to) searches. */
struct stretch course_sum(const struct course *, int lane, uint64_t from, uint64_t to);

/* A line a stretch and lane: searches (at its end), lane, reward (mean), served (share),
 * asked (candidates a search; empty where none was looked at), regret (sum so far).
 * ERR_IO. */
int course_csv(const struct course *, const char *path, struct error *);
/* Reward above, regret below. */
int course_svg(const struct course *, const char *path, struct error *);

#endif
