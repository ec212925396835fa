/* policy.c -- what surrounds every policy: beliefs before, checks after.
 *
 * A policy only writes distributions; the draw is made in one place (policy_draw.c), so
 * what is logged as p is what happened.  One that writes what is no distribution (a plugin's
 * mistake) has `uniform` in its place for that search: mending what it wrote would serve
 * something that nobody meant. */
#include "learn/policy_parts.h"

#include <assert.h>
#include <math.h>
#include <string.h>

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
	bool known = learnt && r->arms[a].learnt >= 0 && learnt_features(learnt) == r->features;

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

static void decide(const struct policy *policy, const struct policy_request *r, struct choice *out)
{
	int a;

	out->policy = policy;
	out->error = NULL;
	out->price = out->price_us = 0;
	ask(policy, r, out);
	for (a = 0; a < r->count; a++)
		settle(&out->arm[a], &r->arms[a]);
	policy_ask_somebody(r, out);
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
	const char *names[POLICIES_MAX + 1] = { NULL };
	int i;

	*out = policy_find(name);
	if (*out)
		return 0;
	for (i = 0; policy_at(i); i++)
		names[i] = policy_at(i)->name;
	return error_unknown(err, ERR_NOT_FOUND, "no policy", name, names, NULL);
}

int policy_add(const struct policy *policy, struct error *err)
{
	int i = 0;

	if (policy_find(slice_str(policy->name)))
		return error_set(err, ERR_EXISTS, "policy %s is there already", policy->name);
	while (policy_at(i))
		i++;
	if (i == POLICIES_MAX)
		return error_set(err, ERR_LIMIT, "policy %s: there are %d, the limit", policy->name,
			POLICIES_MAX);
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
