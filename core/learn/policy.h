/* policy.h -- choosing how deep to dig in every strategy.
 *
 * A policy turns what is believed of each arm's buckets into a distribution over that
 * arm's levels; then levels are drawn so that each has exactly its distribution and somebody
 * is asked (joint.h).  So the propensity of bucket j is the sum of p[l] over l > j, and
 * that of the whole choice is known as well: nothing is trimmed afterwards.  Without
 * propensities no later comparison of policies is honest.
 *
 * Policies are ops structs; built in are
 *
 *     priced    optimism, a price for candidates and time, inverse gaps, a floor
 *     epsilon   the best split by the means; with probability epsilon, uniform
 *     linucb    the best split by optimistic values
 *     lints     the same by values drawn from the posterior (Thompson sampling)
 *     squarecb  inverse gap weighting of the means
 *     uniform   the most even distribution that meets the budget, nothing learnt
 *     fixed     equal shares of the budget, between the two nearest levels
 *
 * All meet the budget in expectation, keep the expected time within its own, and every
 * arm's share of the searches, P(level > 0), within its bounds.  Where these contradict
 * each other the bounds win, then the time.
 *
 * Any thread, no state, no allocation, cannot fail: it runs once a search. */
#ifndef LEARN_POLICY_H
#define LEARN_POLICY_H

#include "base/rng.h"
#include "learn/features.h"
#include "learn/learnt.h"
#include "learn/levels.h"

struct policy_options {
	double alpha;             /* optimism in widths, >= 0 */
	double beta;              /* how sharply gaps count, > 0 */
	double epsilon;           /* 0 .. 1: how much of every choice is the floor (or uniform) */
	double floor[LEVELS_MAX]; /* q, weights over levels; renormalised under a cap */
};

/* alpha, beta and epsilon as tuned in the world of simulation_test.c; the floor is half
 * on level 0, the rest in proportion to 1 / depth. */
void policy_options_default(struct policy_options *, const struct levels *);

struct policy_arm {
	int learnt; /* learnt_find(name), of the same snapshot; -1: unknown */
	/* Candidates it can bring; caps its level (levels_cap), and what it costs.
	 * DEPTH_MAX: no limit; 0: not to be asked. */
	unsigned limit;
	/* Bounds of its share, 0 <= min <= max <= 1; of the searches in which it may be asked. */
	float min, max;
	float action[ACTION_FEATURES]; /* its own values for this search, [0, 1] */
	struct slice name;
};

/* All borrowed for the call. */
struct policy_request {
	const struct levels *levels;
	const struct policy_options *options;
	const float *phi; /* the context's part, feature_set_width numbers in [0, 1] */
	int width;
	uint64_t features; /* feature_set_hash of the set that filled phi */
	const struct policy_arm *arms;
	int count;                     /* 0 .. ARMS_MAX */
	double budget;                 /* candidates to expect in all, > 0 */
	double budget_us;              /* time to expect at most in all; 0: no bound */
	const struct feature_set *set; /* names of phi; NULL: they are not known */
};

struct choice_arm {
	uint8_t cap;               /* highest level it could get; 0 if its max is 0 */
	uint8_t level;             /* drawn: 0 .. cap */
	uint16_t depth;            /* candidates to ask for: 0, or up to its limit */
	double p;                  /* dist[level], > 0 */
	double dist[LEVELS_MAX];   /* sums to 1; 0 above cap */
	float mean[BUCKETS_MAX];   /* what is believed of each bucket */
	float spread[BUCKETS_MAX]; /* and how surely: sqrt(phi' V^-1 phi) */
	/* Chance that what it brings is not there already, from arms that are asked before
	 * this one (policy_novel.c). */
	float novel[BUCKETS_MAX];
	float us[LEVELS_MAX]; /* time it is expected to take at each level */
};

struct choice {
	const struct policy *policy;
	const char *error; /* why `uniform` serves in its place; NULL: it does not */
	int count;
	double price;       /* of one candidate, in reward; 0 where a policy has none */
	double price_us;    /* of one microsecond; 0 while time is not short */
	double expected;    /* candidates, over the draw: the budget where it can be met */
	double expected_us; /* time */
	double together;    /* x of joint.h: how the levels are drawn together */
	/* What the last candidate brings that the budget pays for, where arms are taken
	 * greedily (policy_novel.c): where a price may be. */
	double critical;
	struct choice_arm arm[ARMS_MAX];
};

struct policy {
	const char *name, *about;
	/* cap, mean, spread and us of every arm are filled; write each arm's dist
	 * (zeros so far), and prices if there are any.  A pure function: evaluation
	 * asks it what it would have done.  Each dist is checked after it: where one is
	 * no distribution over 0 .. cap (finite, not negative, sum 1 within 1e-6), or
	 * the policy has set choice->error, all arms are served by `uniform`.  A share
	 * out of bounds is put right by scaling the levels above 0; and where nobody
	 * might be asked though the budgets allow it, the arm that is asked most is
	 * asked more. */
	void (*spread)(const struct policy_request *, struct choice *);
	void (*failed)(const struct policy *, const char *why); /* may be NULL; counts it */
	void *data;                                             /* the policy's own */
};

/* `out` without a draw: level, depth and p are 0.  `learnt` may be NULL. */
void policy_spread(const struct policy *, const struct learnt *, const struct policy_request *,
	struct choice *out);
/* The same where another policy's choice in this search has the beliefs already. */
void policy_spread_like(const struct policy *, const struct policy_request *,
	const struct choice *like, struct choice *out);
/* And with one: a single rng_double an arm, in the order of the request.  Nobody is asked
 * only where a budget hardly pays for the first level of one arm, or bounds forbid it. */
void policy_choose(const struct policy *, const struct learnt *, const struct policy_request *,
	struct rng *, struct choice *out);

/* The draw alone, for a choice already spread: again and again if need be. */
void policy_draw(const struct policy_request *, struct rng *, struct choice *);

/* By name, NULL if there is none; `i` from 0 until NULL, for listings. */
const struct policy *policy_find(struct slice name);
/* As policy_find, or ERR_NOT_FOUND with the nearest name. */
int policy_need(struct slice name, const struct policy **out, struct error *);
const struct policy *policy_at(int i);
/* At the start, before threads: a plugin's.  ERR_EXISTS, ERR_LIMIT (POLICIES_MAX). */
int policy_add(const struct policy *, struct error *);
/* At the end, after threads. */
void policy_remove(const struct policy *);
#define POLICIES_MAX 32

extern const struct policy policy_priced, policy_epsilon, policy_linucb, policy_lints,
	policy_squarecb, policy_uniform, policy_fixed;

#endif
