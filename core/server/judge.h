/* judge.h -- one evaluation at a time in the background: a thread of low priority replays
 * the decision log in steps, each with a read transaction of its own, so that neither
 * searches nor the reuse of pages wait for it. */
#ifndef SERVER_JUDGE_H
#define SERVER_JUDGE_H

#include "learn/replay.h"

struct judge;

struct judge *judge_new(struct store *learning);
/* From now on nothing begins and what runs ends soon, with ERR_STATE. */
void judge_stop(struct judge *);
void judge_free(struct judge *); /* stops it first; NULL is fine */

/* In the judge's thread, once; `replay` is valid for the call. */
typedef void judge_done(void *data, int rc, const struct replay *, const struct error *);

/* Takes the replay if 0 is returned.  ERR_BUSY while another runs, ERR_STATE. */
int judge_start(struct judge *, struct replay *, const char *collection, const char *policy,
	judge_done *, void *data, struct error *);

struct judge_state {
	bool running;
	char collection[COLLECTION_NAME_MAX + 1], policy[64];
	double progress; /* 0 .. 1, by decision ids */
};
void judge_state(struct judge *, struct judge_state *out);

#endif
