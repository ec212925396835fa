/* policy.c -- what surrounds every policy: beliefs before, checks and the draw after.
 *
 * A policy only writes distributions; the draw is made here, in one place, so what
 * is logged as p is what happened.  One that writes what is no distribution (a plugin's
 * mistake) has `uniform` in its place for that search: mending what it wrote would serve
 * something that nobody meant. */
#include "learn/joint.h"
#include "learn/policy_parts.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/ascii.h"

#define SUM_WITHIN 1e-6

static const struct policy *policies[POLICIES_MAX] = { &policy_priced, &policy_epsilon,
	&policy_linucb, &policy_lints, &policy_squarecb, &policy_uniform, &policy_fixed };

void policy_options_default(struct policy_options *o, const struct levels *levels)
{
	double sum = 0;
	int l;

	memset(o, 0, sizeof(*o));
	o->alpha = 0.2;
	o->beta = 20000;
	o->epsilon = 0.003;
	for (l = 1; l < levels->count; l++)
		sum += 1.0 / levels->depth[l];
	o->floor[0] = 0.5;
	for (l = 1; l < levels->count; l++)
		o->floor[l] = 0.5 / levels->depth[l] / sum;
}

/* What is believed of arm a: mean and spread of its buckets, time of its levels. */
static void believe(const struct learnt *learnt, const struct policy_request *r, int a,
	const struct linear_point *context, struct choice_arm *out)
{
	struct linear_point point = *context;
	const struct linear_fit *fit;
	double mean, spread, prior_mean, prior_spread;
	int i, j;
	bool known = learnt && r->arms[a].learnt >= 0 &&
		     learnt_features(learnt) == r->features;

	for (i = 0; i < ACTION_FEATURES; i++)
		linear_point_add(&point, r->arms[a].action[i]);
	linear_score_prior(learnt ? learnt_lambda(learnt) : LAMBDA_DEFAULT, NULL, &point,
		&prior_mean, &prior_spread);
	for (j = 0; j < levels_buckets(r->levels); j++) {
		mean = prior_mean;
		spread = prior_spread;
		fit = known ? learnt_fit(learnt, r->arms[a].learnt, j) : NULL;
		if (fit)
			linear_score(fit, &point, &mean, &spread);
		out->mean[j] = (float)mean;
		out->spread[j] = (float)spread;
	}
	if (learnt)
		learnt_us(learnt, r->arms[a].learnt, out->us);
}

/* What is wrong with what was written, in words; NULL: nothing. */
static const char *check(const struct choice *c)
{
	const struct choice_arm *arm;
	double sum;
	int a, l;

	for (a = 0; a < c->count; a++) {
		arm = &c->arm[a];
		for (sum = 0, l = 0; l < LEVELS_MAX; l++) {
			if (!isfinite(arm->dist[l]))
				return "a probability is not finite";
			if (arm->dist[l] < 0)
				return "a probability is negative";
			if (l > arm->cap && arm->dist[l] > 0)
				return "a level above an arm's cap has a probability";
			sum += arm->dist[l];
		}
		if (fabs(sum - 1) > SUM_WITHIN)
			return "the probabilities of an arm do not sum to 1";
	}
	return NULL;
}

static void settle(struct choice_arm *arm, const struct policy_arm *of)
{
	double sum = 0;
	int l;

	for (l = 0; l <= arm->cap; l++)
		sum += arm->dist[l];
	for (l = 0; l <= arm->cap; l++)
		arm->dist[l] /= sum;
	if (arm->cap > 0)
		policy_bound(arm->dist, arm->cap, of->min, of->max);
}

static void ask(const struct policy *policy, const struct policy_request *r, struct choice *c)
{
	int a;

	policy->spread(r, c);
	if (!c->error)
		c->error = check(c);
	if (!c->error)
		return;
	if (policy->failed)
		policy->failed(policy, c->error);
	for (a = 0; a < c->count; a++)
		memset(c->arm[a].dist, 0, sizeof(c->arm[a].dist));
	c->price = c->price_us = 0;
	policy_uniform.spread(r, c);
}

static void expect(const struct policy_request *r, struct choice *c)
{
	int a, l;

	c->expected = c->expected_us = 0;
	for (a = 0; a < r->count; a++)
		for (l = 1; l <= c->arm[a].cap; l++) {
			c->expected += c->arm[a].dist[l] * arm_cost(r, a, l);
			c->expected_us += c->arm[a].dist[l] * c->arm[a].us[l];
		}
}

/* Each arm's chance to be asked; the sum. */
static double shares(const struct choice *c, double asked[ARMS_MAX])
{
	double sum = 0;
	int a, l;

	for (a = 0; a < c->count; a++) {
		for (asked[a] = 0, l = 1; l <= c->arm[a].cap; l++)
			asked[a] += c->arm[a].dist[l];
		if (c->arm[a].dist[0] == 0)
			asked[a] = 1;
		sum += asked[a];
	}
	return sum;
}

/* An arm is asked by `more` oftener, at its first level, and less deep where that is over
 * the budget; less than `more` if that does not suffice. */
static void ask_more(const struct policy_request *r, struct choice *c, int a, double more)
{
	struct choice_arm *arm = &c->arm[a];
	double first = arm_cost(r, a, 1), over, moved;
	int l;

	if (r->budget_us > 0 && arm->us[1] > 0)
		more = fmin(more, fmax(0, r->budget_us - c->expected_us) / (double)arm->us[1]);
	over = c->expected + more * first - r->budget;
	for (l = arm->cap; l > 1 && over > 0; l--) {
		moved = fmin(arm->dist[l], over / (arm_cost(r, a, l) - first));
		arm->dist[l] -= moved;
		arm->dist[1] += moved;
		over -= moved * (arm_cost(r, a, l) - first);
	}
	if (over > 0)
		more = fmax(0, more - over / first);
	arm->dist[1] += more;
	arm->dist[0] = fmax(0, arm->dist[0] - more);
}

/* Shares that sum to less than 1 cannot always ask somebody. */
static void ask_somebody(const struct policy_request *r, struct choice *c)
{
	double asked[ARMS_MAX], sum = shares(c, asked);
	int a, most = -1;

	for (a = 0; a < c->count; a++)
		if (c->arm[a].cap > 0 && asked[a] < (double)r->arms[a].max &&
			(most < 0 || asked[a] > asked[most]))
			most = a;
	if (sum < 1 && most >= 0) {
		ask_more(r, c, most, fmin(1 - sum, (double)r->arms[most].max - asked[most]));
		expect(r, c);
		shares(c, asked);
	}
	c->together = joint_solve(asked, c->count);
}

static void decide(const struct policy *policy, const struct policy_request *r,
	struct choice *out)
{
	int a;

	out->policy = policy;
	out->error = NULL;
	out->price = out->price_us = 0;
	ask(policy, r, out);
	for (a = 0; a < r->count; a++)
		settle(&out->arm[a], &r->arms[a]);
	expect(r, out);
	ask_somebody(r, out);
}

void policy_spread(const struct policy *policy, const struct learnt *learnt,
	const struct policy_request *r, struct choice *out)
{
	struct linear_point context;
	int a;

	assert(r->count >= 0 && r->count <= ARMS_MAX);
	assert(r->width >= 1 && r->width <= FEATURES_MAX);
	assert(levels_valid(r->levels) && r->budget > 0);
	linear_point_set(&context, r->phi, r->width);
	out->count = r->count;
	for (a = 0; a < r->count; a++) {
		assert(r->arms[a].min >= 0 && r->arms[a].min <= r->arms[a].max);
		assert(r->arms[a].max <= 1);
		memset(&out->arm[a], 0, sizeof(out->arm[a]));
		if (r->arms[a].max > 0)
			out->arm[a].cap = (uint8_t)levels_cap(r->levels, r->arms[a].limit);
		believe(learnt, r, a, &context, &out->arm[a]);
	}
	policy_novelty(learnt, r, out);
	decide(policy, r, out);
}

void policy_spread_like(const struct policy *policy, const struct policy_request *r,
	const struct choice *like, struct choice *out)
{
	int a;

	assert(like->count == r->count);
	out->count = r->count;
	out->critical = like->critical;
	for (a = 0; a < r->count; a++) {
		out->arm[a] = like->arm[a];
		out->arm[a].level = 0;
		out->arm[a].depth = 0;
		out->arm[a].p = 0;
		memset(out->arm[a].dist, 0, sizeof(out->arm[a].dist));
	}
	decide(policy, r, out);
}

/* `scale` times the levels above 0 have their probabilities; the rest is level 0, and what
 * rounding leaves of it where it has none goes to the last. */
static int draw(const struct choice_arm *arm, double scale, bool idle, struct rng *rng)
{
	double u = rng_double(rng);
	int l, last = 0;

	for (l = 1; l <= arm->cap; l++) {
		if (!(arm->dist[l] > 0))
			continue;
		last = l;
		u -= scale * arm->dist[l];
		if (u < 0)
			return l;
	}
	return idle ? 0 : last;
}

void policy_draw(const struct policy_request *r, struct rng *rng, struct choice *out)
{
	double asked[ARMS_MAX], rest[ARMS_MAX + 1];
	struct choice_arm *arm;
	bool any = false, must;
	int a;

	shares(out, asked);
	joint_rest(out->together, asked, out->count, rest);
	for (a = 0; a < r->count; a++) {
		arm = &out->arm[a];
		must = arm->dist[0] == 0 || (!any && rest[a + 1] == 0);
		arm->level = (uint8_t)draw(arm, any ? out->together : 1 / rest[a],
			!(must && asked[a] > 0), rng);
		any = any || arm->level > 0;
		arm->p = arm->dist[arm->level];
		arm->depth = (uint16_t)levels_depth(r->levels, arm->level, r->arms[a].limit);
	}
}

void policy_choose(const struct policy *policy, const struct learnt *learnt,
	const struct policy_request *r, struct rng *rng, struct choice *out)
{
	policy_spread(policy, learnt, r, out);
	policy_draw(r, rng, out);
}

const struct policy *policy_at(int i)
{
	return i >= 0 && i < POLICIES_MAX ? policies[i] : NULL;
}

const struct policy *policy_find(struct slice name)
{
	int i;

	for (i = 0; policy_at(i); i++)
		if (slice_is(name, policies[i]->name))
			return policies[i];
	return NULL;
}

int policy_need(struct slice name, const struct policy **out, struct error *err)
{
	const char *names[POLICIES_MAX + 1] = { NULL }, *near;
	int i;

	*out = policy_find(name);
	if (*out)
		return 0;
	for (i = 0; policy_at(i); i++)
		names[i] = policy_at(i)->name;
	near = ascii_nearest(name, names);
	return error_set(err, ERR_NOT_FOUND, "no policy '%.*s'%s%s%s",
		(int)(name.len > 32 ? 32 : name.len), name.ptr, near ? "; did you mean '" : "",
		near ? near : "", near ? "'?" : "");
}

int policy_add(const struct policy *policy, struct error *err)
{
	int i = 0;

	if (policy_find(slice_str(policy->name)))
		return error_set(err, ERR_EXISTS, "policy %s is there already", policy->name);
	while (policy_at(i))
		i++;
	if (i == POLICIES_MAX)
		return error_set(err, ERR_LIMIT, "policy %s: there are %d, the limit",
			policy->name, POLICIES_MAX);
	policies[i] = policy;
	return 0;
}

void policy_remove(const struct policy *policy)
{
	int i;

	for (i = 0; policies[i] != policy; i++)
		assert(policies[i]);
	for (; i + 1 < POLICIES_MAX; i++)
		policies[i] = policies[i + 1];
	policies[i] = NULL;
}
