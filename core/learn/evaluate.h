/* evaluate.h -- what a policy would have earned, judged from decisions that another one
 * made and logged with their probabilities.
 *
 * With w the probability of the logged choice under the policy judged over that under the
 * one that served, r the reward, m(.) what a model believes:
 *
 *     ips      mean of w r                                    Horvitz and Thompson 1952
 *     snips    sum of w r / sum of w                          Swaminathan, Joachims 2015
 *     dr       mean of E m + w (r - m)                        Dudik et al. 2011
 *     switch   the same without the second part where w is
 *              large: some bias for much less variance        Wang et al. 2017
 *     slate    ips with 1 + sum over arms of (w_a - 1) for w:
 *              right if each arm adds its own to the reward,
 *              and where nobody is asked nothing is earned    Swaminathan et al. 2017
 *     cascade  dr bucket by bucket: right if what a bucket
 *              earns depends on its being drawn alone         Kiyohara et al. 2022
 *
 * Where users were shared out among policies, w is over the mixture of these (split.h);
 * slate, which needs arms that were drawn independently, takes the policy that served.
 *
 * Each comes with a 95% interval by the Poisson bootstrap over users, so one pass over the
 * log is enough and memory does not grow with it.  With many arms the product of their
 * ratios leaves little to ips, snips and dr; then slate and cascade can still tell.
 *
 * One thread; plain memory; randomness by seed, so the same log gives the same answer. */
#ifndef LEARN_EVALUATE_H
#define LEARN_EVALUATE_H

#include <stdint.h>

#include "learn/levels.h"

enum estimator {
	ESTIMATE_IPS,
	ESTIMATE_SNIPS,
	ESTIMATE_DR,
	ESTIMATE_SWITCH,
	ESTIMATE_SLATE,
	ESTIMATE_CASCADE,
	ESTIMATE_LOGGED, /* the log's own mean: what served has earned */
	ESTIMATORS
};
extern const char *const estimator_names[ESTIMATORS + 1];

/* A decision as the estimators see it. */
struct evaluate_sample {
	double reward;      /* of the whole decision */
	double weight;      /* w, >= 0 */
	double slate;       /* 1 + sum of (w_a - 1), where each level is drawn by itself */
	double believed;    /* m of what was chosen */
	double expected;    /* E m over the judged policy's choice */
	double cascade;     /* its value, finished */
	double reach;       /* how much of the judged policy's choice could have been logged */
	double reach_slate; /* and by the policy that served */
	double count;       /* decisions it stands for: 1 / probability of being logged */
	/* Samples of one unit (a user) count together in every replicate of the bootstrap, as
	 * they came together; 0: it stands alone. */
	uint64_t unit;
};

/* One arm of a decision: both distributions over its levels 0 .. levels - 1, the level
 * drawn, and what each bucket earned (0 where not drawn) and was believed to be worth. */
struct evaluate_arm {
	int levels, level;
	const double *logged, *judged;
	const double *reward, *believed;
	const double *mixed; /* logged over all parts of a split (split.h); else the same */
};
/* How the levels are drawn together (x of joint.h) by what served and by what is judged, and
 * the probability of the whole choice over the split, over that of what served; 1 without
 * one. */
struct evaluate_joint {
	double logged, judged, mixture;
};
/* logged[level] > 0.  The sum of the buckets' rewards need not be `reward`. */
void evaluate_arms(struct evaluate_sample *out, const struct evaluate_arm *, int arms,
	const struct evaluate_joint *, double reward);

struct evaluate_options {
	int replicates;      /* of the bootstrap: 0 (400) or 2 .. REPLICATES_MAX */
	double switch_above; /* w from which `switch` trusts the model: 0 (10) or more */
	uint64_t seed;
};
#define REPLICATES_MAX 2000

struct evaluate;

struct evaluate *evaluate_new(const struct evaluate_options *);
void evaluate_free(struct evaluate *); /* NULL is fine */
/* A sample with a number that is not finite, or a negative weight, counts as damaged. */
void evaluate_add(struct evaluate *, const struct evaluate_sample *);

struct estimate {
	double value, low, high; /* 95% */
};

struct evaluation {
	uint64_t decisions, damaged;
	struct estimate of[ESTIMATORS];
	struct estimate mean_weight; /* 1 is expected */
	double effective;            /* decisions of weight 1 that would tell as much: by w */
	double effective_slate;      /* and by the weight of slate */
	double largest;              /* w, and the share of all weight that it has */
	double largest_share;
	double reach, reach_slate; /* means */
	char warning[640];         /* in words; empty if the log can answer */
};

/* So far; more may be added after it. */
void evaluate_result(const struct evaluate *, struct evaluation *out);

#endif
