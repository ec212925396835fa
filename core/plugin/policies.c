/* policies.c -- our question in a plugin's words, its answer in ours.
 *
 * policy.c checks the answer, as that of every policy; here stays the count of what
 * failed, with the last reason. */
#include "plugin/policies.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "learn/policy.h"

struct plugged {
	struct policy policy; /* its data is the whole */
	const struct plugin_policy *of;
	atomic_ullong asked, failed, took_us;
	_Atomic(const char *) why; /* a constant of ours */
};

/* All that a question points to. */
struct question {
	struct plugin_question q;
	struct plugin_arm arm[ARMS_MAX];
	const struct plugin_arm *arms[ARMS_MAX];
	char name[ARMS_MAX][ARM_NAME_MAX + 1];
	double cost[ARMS_MAX][LEVELS_MAX], us[ARMS_MAX][LEVELS_MAX];
	double mean[ARMS_MAX][BUCKETS_MAX], spread[ARMS_MAX][BUCKETS_MAX];
	double novel[ARMS_MAX][BUCKETS_MAX];
	const char *features[FEATURES_MAX];
	double *dist[ARMS_MAX];
};

static void put_arm(struct question *to, const struct policy_request *r, struct choice *c, int a)
{
	const struct policy_arm *arm = &r->arms[a];
	const struct choice_arm *chosen = &c->arm[a];
	size_t len = arm->name.len < ARM_NAME_MAX ? arm->name.len : ARM_NAME_MAX;
	int l;

	if (len)
		memcpy(to->name[a], arm->name.ptr, len);
	to->name[a][len] = '\0';
	for (l = 0; l <= chosen->cap; l++) {
		to->cost[a][l] = levels_depth(r->levels, l, arm->limit);
		to->us[a][l] = chosen->us[l];
	}
	for (l = 0; l < chosen->cap; l++) {
		to->mean[a][l] = chosen->mean[l];
		to->spread[a][l] = chosen->spread[l];
		to->novel[a][l] = chosen->novel[l];
	}
	to->arm[a] = (struct plugin_arm){ .name = to->name[a],
		.cap = chosen->cap,
		.actions = ACTION_FEATURES,
		.min = arm->min,
		.max = arm->max,
		.cost = to->cost[a],
		.us = to->us[a],
		.mean = to->mean[a],
		.spread = to->spread[a],
		.action = arm->action,
		.novel = to->novel[a] };
	to->arms[a] = &to->arm[a];
	to->dist[a] = c->arm[a].dist;
}

static void put_question(struct question *to, const struct policy_request *r, struct choice *c)
{
	int i;

	for (i = 0; i < r->width; i++)
		to->features[i] = r->set ? feature_set_name(r->set, i) : "";
	for (i = 0; i < r->count; i++)
		put_arm(to, r, c, i);
	to->q = (struct plugin_question){ .budget = r->budget,
		.budget_us = r->budget_us,
		.alpha = r->options->alpha,
		.beta = r->options->beta,
		.epsilon = r->options->epsilon,
		.levels = r->levels->count,
		.width = r->width,
		.phi = r->phi,
		.features = to->features,
		.arms = r->count,
		.arm = to->arms };
}

static void spread(const struct policy_request *r, struct choice *c)
{
	struct plugged *p = c->policy->data;
	struct question question;
	int64_t start = clock_mono_us();
	int a;

	put_question(&question, r, c);
	if (p->of->spread(p->of->data, &question.q, question.dist))
		c->error = "it could not say";
	for (a = 0; a < c->count; a++)
		if (c->arm[a].cap == 0)
			c->arm[a].dist[0] = 1;
	atomic_fetch_add_explicit(&p->asked, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&p->took_us, clock_mono_us() - start, memory_order_relaxed);
}

static void failed(const struct policy *policy, const char *why)
{
	struct plugged *p = policy->data;

	atomic_fetch_add(&p->failed, 1);
	atomic_store(&p->why, why);
}

int plugged_add(struct plugged **out, const struct plugin_policy *of, struct error *err)
{
	struct plugged *p = xcalloc(1, sizeof(*p));
	int rc;

	p->policy = (struct policy){ of->item.name, of->item.about, spread, failed, p };
	p->of = of;
	rc = policy_add(&p->policy, err);
	if (rc < 0) {
		free(p);
		return rc;
	}
	*out = p;
	return 0;
}

void plugged_remove(struct plugged *p)
{
	if (!p)
		return;
	policy_remove(&p->policy);
	free(p);
}

void plugged_print(const struct plugged *p, struct json_out *out)
{
	uint64_t asked = atomic_load(&p->asked);

	json_key(out, p->policy.name);
	json_object_open(out);
	json_kv(out, str, "about", p->policy.about);
	json_kv(out, uint, "asked", asked);
	json_kv(out, uint, "failed", atomic_load(&p->failed));
	json_kv(out, str, "error", atomic_load(&p->why));
	json_kv(out, num_short, "mean_us",
		asked ? (double)atomic_load(&p->took_us) / (double)asked : 0, 3);
	json_close(out);
}
