/* replay.h -- judging a policy by the decision log of a collection: in one pass, oldest
 * first, in steps, so that it can run beside the daemon's work.
 *
 * The policy that is judged learns on the way, as it would have: before each decision it
 * is asked what it would have chosen, by a model that has seen only the decisions before
 * (feedback comes at once), and the same model's beliefs serve the estimators.  So no
 * outcome is used to predict itself.
 *
 * A decision's reward is what its entities earned, shared among the buckets that brought
 * them as credit_split says: what nobody brought does not count.
 *
 * One thread; memory is that of a model. */
#ifndef LEARN_REPLAY_H
#define LEARN_REPLAY_H

#include "learn/evaluate.h"
#include "learn/model.h"
#include "learn/policy.h"
#include "learn/segment.h"

struct replay;

struct replay_options {
	const struct policy *policy;
	struct policy_options tuning; /* of the policy judged */
	double budget, budget_us;     /* 0: as each decision had it */
	struct model_options model;   /* its levels are those decisions must have */
	int publish_every;            /* decisions between two pictures; 0: 100 */
	struct segmenting by;         /* judged apart, too; kind 0: all together */
	struct evaluate_options evaluate;
};

/* What the pass has met. */
struct replay_progress {
	uint64_t first, at, last; /* decision ids: where it began, stands, will end */
	uint64_t judged;
	uint64_t open;        /* their window is not over: left out */
	uint64_t stale;       /* of other features or levels: left out */
	uint64_t damaged;     /* that do not read back */
	uint64_t interleaved; /* pages of two policies: learnt from, not judged by */
	/* Of the judged: the policy said nothing of use, as when serving `uniform` stands in
	 * its place. */
	uint64_t failed;
	bool done;
};

/* `features` is borrowed for the call, `collection` copied.  ERR_ARG for bad options. */
int replay_new(struct replay **out, const struct replay_options *, const char *collection,
	const struct feature_set *features, struct error *);
void replay_free(struct replay *); /* NULL is fine */

/* Look at up to `most` further decisions through a read transaction of the learning
 * environment, which need not be the one of the step before.  0, or an error of the
 * store. */
int replay_step(struct replay *, struct txn *, int most, struct error *);
void replay_progress(const struct replay *, struct replay_progress *out);

/* Part 0 is all; with `by`, one a segment follows, in the order in which they came, and where
 * more than REPLAY_PARTS - 2 came the last is what all the others have. */
#define REPLAY_PARTS 17
int replay_parts(const struct replay *);
const char *replay_part_name(const struct replay *, int part);
void replay_result(const struct replay *, int part, struct evaluation *out);

#endif
