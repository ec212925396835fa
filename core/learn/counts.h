/* counts.h -- what of decisions and their outcomes is tallied (tally.h), and what the sums
 * mean.
 *
 * A strategy is counted in the decisions in which it could be asked.  What an entity earns
 * is shared among the strategies that brought it (credit_split); `unique` is what it earns
 * where only one did.  Sums of squares are over the decisions in which it was asked, so
 * that means a draw have intervals.
 *
 * A policy is counted in the decisions that it made as a part of a split, by users in
 * groups, since a user is drawn once and comes again.
 *
 * A pair of policies or rankings whose pages were interleaved is counted by whose hits earned
 * more.
 *
 * Plain memory; the learner's thread counts, anybody reads sums. */
#ifndef LEARN_COUNTS_H
#define LEARN_COUNTS_H

#include "learn/decision.h"
#include "learn/tally.h"
#include "store/key.h"

enum count_kind { COUNT_ARM = 1, COUNT_POLICY, COUNT_FEATURE /* drift.h */, COUNT_PAIR };

#define TIME_BINS 20 /* of a strategy's time: below 2 us, 4 us, .. , and the rest */

/* A row of COUNT_ARM; its name is the strategy's. */
enum {
	ARM_DECISIONS,  /* could be asked */
	ARM_DRAWS,      /* was asked */
	ARM_DEPTH,      /* asked for */
	ARM_CANDIDATES, /* brought */
	ARM_SHARED,     /* of these, what another one brought as well */
	ARM_WINS,       /* entities it brought that earned something */
	ARM_REWARD,
	ARM_REWARD_SQUARES,
	ARM_UNIQUE,
	ARM_UNIQUE_SQUARES,
	ARM_US,
	ARM_US_SQUARES,
	ARM_TIMES, /* TIME_BINS counts of draws */
	ARM_NUMBERS = ARM_TIMES + TIME_BINS
};

#define USER_GROUPS 24

/* A row of COUNT_POLICY; its name is count_policy_name. */
enum {
	POLICY_CANDIDATES,                              /* all its strategies brought */
	POLICY_US,                                      /* and took */
	POLICY_DECISIONS,                               /* USER_GROUPS of them */
	POLICY_REWARD = POLICY_DECISIONS + USER_GROUPS, /* and of these */
	POLICY_NUMBERS = POLICY_REWARD + USER_GROUPS
};
/* A row of COUNT_PAIR; its name is that of the split's part, "a+b". */
enum {
	PAIR_DECISIONS,
	PAIR_FIRST,
	PAIR_SECOND,
	PAIR_TIES, /* a's hits earned more, b's, both the same */
	PAIR_REWARD_FIRST,
	PAIR_REWARD_SECOND,
	PAIR_JUDGED,                          /* in which any did, by USER_GROUPS */
	PAIR_WON = PAIR_JUDGED + USER_GROUPS, /* by the first, ties half */
	PAIR_NUMBERS = PAIR_WON + USER_GROUPS
};
/* How likely so uneven a count of heads and tails is, where both are as likely. */
double count_sign_test(double heads, double tails);

/* "policy", and which split it is part of. */
struct slice count_policy_name(struct key *room, struct slice policy, uint64_t split);

/* A decision is logged.  Of a time before `oldest_ms`: only in all time. */
void count_decision(struct tally *, uint16_t collection, const struct decision *, struct arena *,
	int64_t oldest_ms);

/* What a decision has earned, by what its outcome says now. */
struct earned {
	double reward[ARMS_MAX], unique[ARMS_MAX];
	int wins[ARMS_MAX];
	double total;   /* of the page */
	double team[2]; /* of hits of an interleaved one */
};
void earned_of(struct earned *, const struct decision *, const struct outcome *);
/* It was this, and is that now. */
void count_earned(struct tally *, uint16_t collection, const struct decision *,
	const struct earned *before, const struct earned *after, int64_t oldest_ms);

/* The half width of a 95% interval of a mean from sums over n: one more observation of 0 and
 * one of 1 stand for what was not seen yet, so few draws do not look sure.  NaN if n is 0. */
double count_plus_minus(double n, double sum, double squares);
/* A ratio of sums over groups of users, sum / n, and the half width of its 95% interval by
 * leaving out one group after the other (the jackknife), with Student's t for so few.
 * NaN where fewer than two groups have come. */
struct mean {
	double n, value, plus_minus;
};
struct mean count_mean(const double n[USER_GROUPS], const double sum[USER_GROUPS]);
/* How much more b is than a, where no user is in both. */
struct mean count_gain(const struct mean *a, const struct mean *b);
/* The time below which a share of the draws stayed, in us. */
double count_time(const double *times, double share);

#endif
