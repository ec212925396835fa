/* policy_priced.c -- candidates have a price.
 *
 * For arm a, bucket j (the ranks between two levels) and level l:
 *
 *     v(a,j) = clip(mean + alpha spread, 0, 1)
 *     U(a,l) = sum over j < l of v(a,j) - price cost(a,l)
 *     p_a(l) = (1 - epsilon) softmax_l(beta U(a,l)) + epsilon q(l)
 *
 * One price for all arms is what makes them compete for the budget: it is the
 * Lagrange multiplier of "expected candidates equal the budget".  Expected cost falls
 * with the price; its derivative is -beta times the sum of the variances of the
 * costs, so Newton's step is tried first and bisection keeps it honest (some eight
 * evaluations instead of forty).  The price may be negative: where the budget is more
 * than anybody wants, it is spent all the same, on finding out.
 *
 * Left out: the cost of time.  A candidate costs the same from every arm. */
#include "learn/policy_parts.h"

#include <math.h>

#define STEPS_MAX 200

void policy_value(const struct policy_request *r, const struct choice *c, double alpha,
	policy_values value)
{
	double v;
	int a, j;

	for (a = 0; a < r->count; a++) {
		value[a][0] = 0;
		for (j = 0; j < c->arm[a].cap; j++) {
			v = c->arm[a].mean[j] + alpha * c->arm[a].spread[j];
			value[a][j + 1] = value[a][j] + (v > 0 ? v < 1 ? v : 1 : 0);
		}
	}
}

/* One arm's softmax at a price; its expected cost, and the variance of it. */
static double softmax(const struct policy_request *r, int a, int cap, const double *value,
	double beta, double price, double *dist, double *variance)
{
	double u[LEVELS_MAX], best = -INFINITY, sum = 0, mean = 0, square = 0, cost;
	int l;

	for (l = 0; l <= cap; l++) {
		u[l] = beta * (value[l] - price * arm_cost(r, a, l));
		best = fmax(best, u[l]);
	}
	for (l = 0; l <= cap; l++)
		sum += dist[l] = exp(u[l] - best);
	for (l = 0; l <= cap; l++) {
		cost = arm_cost(r, a, l);
		dist[l] /= sum;
		mean += dist[l] * cost;
		square += dist[l] * cost * cost;
	}
	*variance += square - mean * mean;
	return mean;
}

static double demand(const struct policy_request *r, struct choice *c, policy_values value,
	double beta, double price, double *slope)
{
	double sum = 0, variance = 0;
	int a;

	for (a = 0; a < r->count; a++)
		sum += softmax(r, a, c->arm[a].cap, value[a], beta, price, c->arm[a].dist,
			&variance);
	*slope = -beta * variance;
	return sum;
}

/* Leaves every dist as it is at the price it returns. */
static double solve(const struct policy_request *r, struct choice *c, policy_values value,
	double beta, double target)
{
	/* Beyond these a single candidate outweighs all values, at any temperature. */
	double high = LEVELS_MAX + 50 / beta, low = -high;
	double price = 0, over, slope, next, before = INFINITY;
	int i;

	for (i = 0; i < STEPS_MAX; i++) {
		over = demand(r, c, value, beta, price, &slope) - target;
		if (fabs(over) <= 1e-10 * fmax(1, target) || high - low < 1e-15 * high)
			break;
		if (over > 0)
			low = price;
		else
			high = price;
		next = price - over / slope;
		if (!(next > low && next < high) || fabs(over) > before / 2)
			next = low + (high - low) / 2;
		before = fabs(over);
		price = next;
	}
	return price;
}

double policy_softmax(const struct policy_request *r, struct choice *c, policy_values value,
	double beta, double epsilon, policy_values q)
{
	double target = r->budget, price;
	int a, l;

	for (a = 0; epsilon > 0 && a < r->count; a++)
		for (l = 1; l <= c->arm[a].cap; l++)
			target -= epsilon * q[a][l] * arm_cost(r, a, l);
	if (epsilon < 1)
		target /= 1 - epsilon;
	price = solve(r, c, value, beta, fmax(target, 0));
	for (a = 0; epsilon > 0 && a < r->count; a++)
		for (l = 0; l <= c->arm[a].cap; l++)
			c->arm[a].dist[l] = (1 - epsilon) * c->arm[a].dist[l] +
					    epsilon * q[a][l];
	return price;
}

/* q under each arm's cap; level 0 where the weights leave nothing. */
static void floors(const struct policy_request *r, const struct choice *c, policy_values q)
{
	double sum, w;
	int a, l;

	for (a = 0; a < r->count; a++) {
		for (sum = 0, l = 0; l <= c->arm[a].cap; l++) {
			w = r->options->floor[l];
			sum += q[a][l] = w > 0 && isfinite(w) ? w : 0;
		}
		if (!(sum > 0))
			q[a][0] = sum = 1;
		for (l = 0; l <= c->arm[a].cap; l++)
			q[a][l] /= sum;
	}
}

static void spread_priced(const struct policy_request *r, struct choice *c)
{
	policy_values value, q;

	policy_value(r, c, r->options->alpha, value);
	floors(r, c, q);
	c->price = policy_softmax(r, c, value, r->options->beta, r->options->epsilon, q);
}

const struct policy policy_priced = {
	.name = "priced",
	.about = "optimistic value of a bucket against a price that meets the budget",
	.spread = spread_priced,
};
