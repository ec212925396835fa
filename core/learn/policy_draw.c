/* policy_draw.c -- from distributions to levels: somebody is asked (joint.h).
 *
 * Where all shares together are less than 1 that cannot be in every search.  Then the arm
 * that is asked most is asked more, at its first level, and less deep where the budget would
 * not pay for it. */
#include "learn/policy_parts.h"

#include <math.h>

#include "learn/joint.h"

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
void policy_ask_somebody(const struct policy_request *r, struct choice *c)
{
	double asked[ARMS_MAX], sum = shares(c, asked);
	int a, most = -1;

	expect(r, c);
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
