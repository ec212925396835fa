/* plugin.h -- what a plugin gives to tollerd, and all that its author includes.
 *
 * A plugin is a shared library that links to nothing of the daemon and exports one symbol:
 *
 *     const struct plugin toller_plugin = {
 *             PLUGIN_ABI, sizeof(toller_plugin), "mine", "what it is for", NULL, NULL, items,
 *     };
 *
 * Its items, up to a NULL, are what it adds; each begins with a struct plugin_item that
 * says which kind it is of.  The kind there is so far: policies.  plugins/example.c is the
 * smallest complete plugin, plugins/README.md a page on writing one.
 *
 * Whose memory: all that a plugin hands over stays its own and lasts as long as the
 * daemon; all that it is handed is valid for the call, unless said otherwise.
 *
 * Threads: init and end are called in one, before and after all else.  Everything else
 * is called by many at once, so it keeps no state but what init left and locks nothing.
 * A crash is the daemon's: there is no wall between them.
 *
 * Versions: a daemon takes plugins of its own major version, up to its minor one.
 *
 *     1.0  policies
 *     1.1  plugin_arm.novel
 *
 * A new kind, or a member added at the end of a struct, raises the minor; `size` tells the
 * daemon which members a plugin knows, and structs it is handed come by pointer, so they
 * may be longer than it knows.  Anything else raises the major. */
#ifndef TOLLER_PLUGIN_H
#define TOLLER_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PLUGIN_ABI_MAJOR 1
#define PLUGIN_ABI_MINOR 1
#define PLUGIN_ABI       ((uint32_t)PLUGIN_ABI_MAJOR << 16 | PLUGIN_ABI_MINOR)

/* What the daemon offers; lasts as long as it does. */
struct plugin_host {
	uint32_t abi, size; /* the daemon's */
	const char *path;   /* the plugin's file: what it needs may lie beside it */
	/* A line of the daemon's log.  Any thread. */
	void (*log)(const char *text);
};

enum plugin_kind { PLUGIN_POLICY = 1 };

/* How every item begins. */
struct plugin_item {
	uint32_t kind, size; /* size: of the whole item */
	const char *name;    /* 1 to 31 of a-z, 0-9 and _; one in the daemon for each kind */
	const char *about;   /* a line */
};

struct plugin {
	uint32_t abi, size; /* PLUGIN_ABI, sizeof(struct plugin) */
	const char *name;   /* as an item's */
	const char *about;
	/* May be NULL.  0, or the daemon does not start, and says what is in `why`, a
	 * text of `room` bytes. */
	int (*init)(const struct plugin_host *, char *why, size_t room);
	void (*end)(void); /* may be NULL; only after an init that went well */
	const struct plugin_item *const *items;
};

/* ---- policies: how deep to ask each strategy for candidates ---- */

/* One strategy, an arm.  A level is a depth: level l asks for cost[l] candidates and so
 * draws the buckets of ranks 0 .. l - 1. */
struct plugin_arm {
	const char *name;
	uint32_t cap;       /* the highest level it can get; 0: it is not to be asked */
	uint32_t actions;   /* numbers in `action` */
	double min, max;    /* bounds of its share, 1 - dist[0]: 0 <= min <= max <= 1 */
	const double *cost; /* [0 .. cap]: candidates; cost[0] is 0, then rising */
	const double *us;   /* [0 .. cap]: microseconds expected; 0: not known yet */
	/* [0 .. cap - 1]: what the daemon believes that the bucket brings, in reward (0 to 1,
	 * and a little beyond). */
	const double *mean;
	const double *spread; /* and how surely: the width of the estimate, as mean, > 0 */
	const float *action;  /* what is known of it in this search, [0, 1] */
	/* [0 .. cap - 1]: chance that what the bucket brings is not there already, from arms
	 * that bring more; 0 to 1. */
	const double *novel;
};

/* One search. */
struct plugin_question {
	double budget;               /* candidates to expect over all arms, > 0 */
	double budget_us;            /* time to expect at most; 0: no bound */
	double alpha;                /* the operator's tuning: optimism in widths, >= 0 */
	double beta;                 /* sharpness, > 0 */
	double epsilon;              /* share of exploring, 0 to 1 */
	uint32_t levels;             /* 2 to 8, level 0 among them */
	uint32_t width;              /* numbers in phi */
	const float *phi;            /* features of query, user and moment, [0, 1] */
	const char *const *features; /* their names ("bias", "words", "hour.sin") */
	uint32_t arms;               /* 0 to 64 */
	const struct plugin_arm *const *arm;
};

struct plugin_policy {
	struct plugin_item item; /* PLUGIN_POLICY, sizeof(struct plugin_policy) */
	void *data;              /* handed to spread */
	/* Write for every arm a the distribution over its levels, dist[a][0 .. cap], which
	 * are 0 so far; that of an arm with cap 0 is looked after.  Each is to be finite,
	 * not negative, and to sum to 1 (within 1e-6).  The daemon puts shares that are
	 * out of their bounds right, draws levels so that somebody is asked and each arm
	 * has its distribution, and logs the probabilities.  Keeping within the budget is
	 * the policy's work.
	 *
	 * It is a pure function of the question: no luck, no clock, nothing remembered.
	 * EVALUATE asks it what it would have done, and what is logged is what it would
	 * say again.  It runs once a search: microseconds, no allocation, no waiting.
	 *
	 * 0; or other than 0 if it cannot say.  Then, and after a distribution that is
	 * none, that one search is served by `uniform`, and it is counted. */
	int (*spread)(void *data, const struct plugin_question *, double *const *dist);
};

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
extern const struct plugin toller_plugin;

#ifdef __cplusplus
}
#endif

#endif
