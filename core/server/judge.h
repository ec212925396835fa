/* judge.h -- one evaluation at a time in the background: a thread of low priority that
 * works in steps, each with transactions of its own, so that neither searches nor the
 * reuse of pages wait for it. */
#ifndef SERVER_JUDGE_H
#define SERVER_JUDGE_H

#include <stdbool.h>

#include "base/error.h"
#include "limits.h"

struct judge;

struct judge *judge_new(void);
/* From now on nothing begins and what runs ends soon, with ERR_STATE. */
void judge_stop(struct judge *);
void judge_free(struct judge *); /* stops it first; NULL is fine */

/* What is done, in the judge's thread: steps of some milliseconds until one returns 1 or
 * an error, with the share that is done, 0 to 1; then `done`, once. */
struct judging {
	int (*step)(void *data, double *progress, struct error *);
	void (*done)(void *data, int rc, const struct error *);
	void *data;
	const char *collection, *what; /* for the operator; borrowed for the call */
};

/* ERR_BUSY while another runs, ERR_STATE; then neither function is called. */
int judge_start(struct judge *, const struct judging *, struct error *);

struct judge_state {
	bool running;
	char collection[COLLECTION_NAME_MAX + 1], what[128];
	double progress; /* 0 .. 1 */
};
void judge_state(struct judge *, struct judge_state *out);

#endif
