/* joint.c -- levels that are drawn together.
 *
 * (1 - product of (1 - x s_a)) / x, of which 1 is sought, is summed up from the last arm on
 * without a difference of equals:
 *
 *     rest(a) = s_a + (1 - x s_a) rest(a + 1)
 *
 * It is convex and falls with x, so Newton's steps reach the root from the left, whatever
 * the first one did. */
#include "learn/joint.h"

#include <math.h>

#define STEPS_MAX 100
#define CLOSE     1e-15

double joint_solve(const double *asked, int count)
{
	double x = 1, rest, slope, sum = 0, step;
	int a, i;

	for (a = 0; a < count; a++) {
		if (asked[a] >= 1)
			return 1;
		sum += asked[a];
	}
	if (!(sum > 1))
		return 0;
	for (i = 0; i < STEPS_MAX; i++) {
		for (rest = slope = 0, a = count - 1; a >= 0; a--) {
			slope = (1 - x * asked[a]) * slope - asked[a] * rest;
			rest = asked[a] + (1 - x * asked[a]) * rest;
		}
		if (!(slope < 0))
			break;
		step = (rest - 1) / slope;
		x -= step;
		x = x > 0 ? x < 1 ? x : 1 : 0;
		if (step < CLOSE && step > -CLOSE)
			break;
	}
	return x;
}

void joint_rest(double x, const double *asked, int count, double *rest)
{
	double sum = 0;
	int a;

	for (a = 0; a < count; a++)
		sum += asked[a];
	rest[count] = x == 0 && sum < 1 ? 1 - sum : 0;
	for (a = count - 1; a >= 0; a--)
		rest[a] = asked[a] + (1 - x * asked[a]) * rest[a + 1];
}

/* ---- probabilities ---- */

struct joint joint_begin(double x)
{
	return (struct joint){ .x = x, .p = 1 };
}

void joint_add(struct joint *j, int level, double p, double idle)
{
	j->sum += 1 - idle;
	if (level == 0) {
		j->p *= joint_idle(j->x, idle);
		return;
	}
	j->p *= j->asked++ ? j->x * p : p;
}

double joint_probability(const struct joint *j)
{
	if (j->asked)
		return j->p;
	if (j->x == 0)
		return j->sum < 1 ? 1 - j->sum : 0;
	return j->x == 1 ? j->p : 0;
}

struct joint_ratio joint_ratio_begin(double x_of, double x_over)
{
	return (struct joint_ratio){ joint_begin(x_of), joint_begin(x_over), 1 };
}

void joint_ratio_add(struct joint_ratio *r, int level, const double *of, const double *over)
{
	double ratio = of[level] / over[level];

	if (level == 0)
		ratio = joint_idle(r->of.x, of[0]) / joint_idle(r->over.x, over[0]);
	else if (r->over.asked)
		ratio *= r->of.x / r->over.x;
	r->ratio = fmin(r->ratio * ratio, JOINT_RATIO_MAX);
	joint_add(&r->of, level, of[level], of[0]);
	joint_add(&r->over, level, over[level], over[0]);
}

double joint_ratio(const struct joint_ratio *r)
{
	if (r->over.asked || (r->of.x == 1 && r->over.x == 1))
		return r->ratio;
	return joint_probability(&r->of) / joint_probability(&r->over);
}

double joint_single(double x, const double *asked, int count)
{
	double none = 1, one = 0, sum = 0;
	int a;

	for (a = 0; a < count; a++) {
		one = one * (1 - x * asked[a]) + none * asked[a];
		none *= 1 - x * asked[a];
		sum += asked[a];
	}
	if (x == 1)
		return none + one;
	return x == 0 ? sum < 1 ? 1 : one : one;
}
