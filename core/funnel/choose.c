/* choose.c -- before retrieval: what may be asked, by which policy, how deep. */
#include <math.h>

#include "funnel/search.h"

int step_features(struct search *s, struct error *err)
{
	struct feature_value values[FEATURES_MAX];

	s->features_failed = program_features(s->program, &s->ask, s->arena, values);
	s->clipped = feature_set_fill(s->edition->features, values, s->phi);
	s->absent = feature_set_absent(s->edition->features, values);
	s->width = feature_set_width(s->edition->features);
	return 0;
}

static bool wanted(const struct search *s, const char *name)
{
	int i;

	for (i = 0; i < s->request->only_count; i++)
		if (slice_is(s->request->only[i], name))
			return true;
	return s->request->only_count == 0;
}

int need_strategy(const struct search *s, struct slice name, const char *option, struct error *err)
{
	const char *names[ARMS_MAX + 1] = { NULL };
	int i;

	for (i = 0; i < s->edition->strategy_count && i < ARMS_MAX; i++) {
		names[i] = s->edition->strategies[i].name;
		if (slice_is(name, names[i]))
			return 0;
	}
	return error_prefix(err, error_unknown(err, ERR_ARG, "no strategy", name, names, NULL),
		"%s", option);
}

static int check_only(struct search *s, struct error *err)
{
	int i, rc = 0;

	for (i = 0; rc == 0 && i < s->request->only_count; i++)
		rc = need_strategy(s, s->request->only[i], "ONLY", err);
	return rc;
}

static void leave_out(struct search *s, struct arm *arm, const struct error *why)
{
	arm->error = arena_strdup(s->arena, why->text);
	arm->planned = false;
	atomic_fetch_add(&stats_arm(&s->collection->stats, slice_str(arm->strategy->name))->failed,
		1);
}

static void plan(struct search *s, struct arm *arm)
{
	struct error why = { 0 };
	int rc = 1;

	if (arm->strategy->conditional)
		rc = program_applies(s->program, arm->number, &s->ask, &why);
	if (rc == 1)
		rc = program_plan(s->program, arm->number, &s->ask, s->arena, &arm->plan, &why);
	arm->planned = rc == 1;
	if (rc < 0)
		leave_out(s, arm, &why);
}

unsigned arm_limit(const struct arm *arm)
{
	unsigned limit = DEPTH_MAX;

	if (!arm->planned)
		return 0;
	if (arm->strategy->limit > 0 && (unsigned)arm->strategy->limit < limit)
		limit = arm->strategy->limit;
	if (arm->plan.limit > 0 && (unsigned)arm->plan.limit < limit)
		limit = arm->plan.limit;
	return limit;
}

struct pin bounds_of(const struct learnt *learnt, const struct strategy *strategy)
{
	int found = learnt ? learnt_find(learnt, slice_str(strategy->name)) : -1;

	if (found >= 0 && learnt_pin(learnt, found)->set)
		return *learnt_pin(learnt, found);
	return (struct pin){ false, strategy->floor, strategy->ceiling };
}

int step_plan(struct search *s, struct error *err)
{
	int i, rc = check_only(s, err);

	if (rc < 0)
		return rc;
	s->arms = arena_calloc(s->arena, ARMS_MAX, sizeof(*s->arms));
	s->policy_arms = arena_calloc(s->arena, ARMS_MAX, sizeof(*s->policy_arms));
	s->choice = arena_calloc(s->arena, 1, sizeof(*s->choice));
	for (i = 0; i < s->edition->strategy_count && s->arm_count < ARMS_MAX; i++) {
		struct arm *arm = &s->arms[s->arm_count];

		arm->strategy = &s->edition->strategies[i];
		if (!wanted(s, arm->strategy->name))
			continue;
		arm->number = i;
		plan(s, arm);
		s->arm_count++;
	}
	return 0;
}

int step_choose(struct search *s, struct error *err)
{
	const struct funnel_options *o = s->funnel->shared->options;
	struct policy_request r;
	struct pin bounds;
	int i;

	for (i = 0; i < s->arm_count; i++) {
		struct policy_arm *p = &s->policy_arms[i];
		struct slice name = slice_str(s->arms[i].strategy->name);

		p->name = name;
		p->learnt = s->learnt ? learnt_find(s->learnt, name) : -1;
		p->limit = arm_limit(&s->arms[i]);
		bounds = bounds_of(s->learnt, s->arms[i].strategy);
		p->min = bounds.min;
		p->max = bounds.max;
	}
	know_arms(s);
	if (s->request->depth_count)
		return choose_given(s, err);
	r = (struct policy_request){ .levels = &o->levels,
		.options = &o->policy,
		.phi = s->phi,
		.width = s->width,
		.features = feature_set_hash(s->edition->features),
		.arms = s->policy_arms,
		.count = s->arm_count,
		.budget = s->budget,
		.budget_us = s->budget_us,
		.set = s->edition->features };
	return choose_part(s, &r, err);
}

int step_again(struct search *s, struct error *err)
{
	const struct decision *d = s->earlier;
	struct split_part part;
	int i, j, rc;

	rc = split_name(&part, d->policy, err);
	if (rc < 0)
		return error_prefix(err, rc, "FROM");
	serve_part(s, &part);
	s->drafted = d->drafted;
	s->side = arena_calloc(s->arena, 2, sizeof(*s->side));
	s->choice->count = s->arm_count;
	for (i = 0; i < s->arm_count; i++)
		for (j = 0; j < d->arms; j++)
			if (s->arms[i].planned &&
				slice_is(d->arm[j].name, s->arms[i].strategy->name)) {
				s->choice->arm[i].level = d->arm[j].level;
				s->choice->arm[i].depth = levels_depth(&d->levels, d->arm[j].level,
					arm_limit(&s->arms[i]));
				s->choice->arm[i].p = d->arm[j].p;
				s->side[0].arm[i].level = d->arm[j].side[0].level;
				s->side[1].arm[i].level = d->arm[j].side[1].level;
			}
	return 0;
}
