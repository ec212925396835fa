/* policy_price.c -- the prices at which all arms together spend the budgets.
 *
 *     u_a(l) = value(a, l) - price candidates(a, l) - price_us us(a, l)
 *     p_a    = answer(u_a)
 *
 * A price is the Lagrange multiplier of "expected spending equals the budget"; since an
 * answer maximises a concave function, spending falls with the price, and its slope is
 * known, so Newton's step is tried first and bisection keeps it honest (some eight
 * evaluations instead of forty).  The price of candidates may be negative: where the
 * budget is more than anybody wants, it is spent all the same, on finding out.
 *
 * Time has a bound and not a target.  While the bound is not felt its price is 0.  Else
 * time alone may decide (the price of candidates is 0: they are within their budget by
 * then), or both do, and the price of time is searched around that of candidates.
 *
 * An arm's share is bounded within its answer: with the multiplier of such a bound all
 * levels above 0 gain or lose the same, so their proportions are those without level 0. */
#include "learn/policy_parts.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "learn/kernel.h"

#define STEPS_MAX    200
#define STEPS_US_MAX 60
#define TOLERANCE    1e-9
#define TOLERANCE_US 1e-7

enum axis { CANDIDATES, TIME };

struct market {
	const struct policy_request *r;
	struct choice *c;
	double (*value)[LEVELS_MAX];
	policy_answer *answer;
	double sharpness;
	policy_table cost[2];
	double share[ARMS_MAX][2]; /* bounds */
	double price[2], target[2];
	double unit_us; /* shortest time of any arm: what time is counted in */
};

static double clip(double x, double low, double high)
{
	return x > low ? x < high ? x : high : low;
}

void policy_bound(double *dist, int cap, double min, double max)
{
	double sum = 0, want;
	int l;

	for (l = 1; l <= cap; l++)
		sum += dist[l];
	want = clip(sum, min, max);
	if (want == sum)
		return;
	for (l = 1; l <= cap; l++)
		dist[l] *= sum > 0 ? want / sum : 0;
	if (!(sum > 0))
		dist[1] = want;
	dist[0] = 1 - want;
}

void policy_share(const struct policy_arm *arm, double epsilon, double *q, int cap, double share[2])
{
	double of_q = 0;
	int l;

	share[0] = arm->min;
	share[1] = arm->max;
	if (!q || cap == 0 || !(epsilon > 0))
		return;
	policy_bound(q, cap, clip((arm->min - (1 - epsilon)) / epsilon, 0, 1),
		clip(arm->max / epsilon, 0, 1));
	for (l = 1; l <= cap; l++)
		of_q += q[l];
	for (l = 0; l < 2; l++)
		share[l] =
			epsilon < 1 ? clip((share[l] - epsilon * of_q) / (1 - epsilon), 0, 1) : 0;
}

/* ---- answers ---- */

double policy_softmax(const double *u, const double *cost, int cap, double sharpness,
	const double share[2], double *dist, double *slope)
{
	double best = u[1], sum = 0, mean = 0, square = 0, free, asked;
	int l;

	for (l = 2; l <= cap; l++)
		best = u[l] > best ? u[l] : best;
	for (l = 1; l <= cap; l++) {
		dist[l] = exp(sharpness * (u[l] - best));
		sum += dist[l];
		mean += dist[l] * cost[l];
		square += dist[l] * cost[l] * cost[l];
	}
	free = 1 / (1 + exp(sharpness * (u[0] - best)) / sum);
	asked = clip(free, share[0], share[1]);
	for (l = 1; l <= cap; l++)
		dist[l] *= asked / sum;
	dist[0] = 1 - asked;
	mean *= asked / sum;
	square *= asked / sum;
	if (asked == free)
		*slope += sharpness * (square - mean * mean);
	else if (asked > 0)
		*slope += sharpness * (square - mean * mean / asked);
	return mean;
}

/* p(l) = 1 / (sharpness (nu - u(l))) for the levels first .. cap, of sum `mass` > 0.  In units
 * of 1 / sharpness, from the best level down: nu is x above it and u(l) is gap[l] below.
 * What stands in p is taken for a first guess: at a price nearby it was the answer. */
static void barrier(const double *u, int first, int cap, double sharpness, double mass, double *p)
{
	double gap[LEVELS_MAX];
	int l, best = first;

	static_assert(LEVELS_MAX == 8, "kernel_barrier takes eight");
	for (l = first + 1; l <= cap; l++)
		best = u[l] > u[best] ? l : best;
	for (l = 0; l < LEVELS_MAX; l++)
		gap[l] = l >= first && l <= cap ? sharpness * (u[best] - u[l]) : INFINITY;
	kernel_barrier(gap, p[best] > 0 ? 1 / p[best] : 0, mass, p);
}

double policy_barrier(const double *u, const double *cost, int cap, double sharpness,
	const double share[2], double *dist, double *slope)
{
	double mean = 0, p, one = 0, c = 0, cc = 0, asked;
	int l, first = 0;

	barrier(u, 0, cap, sharpness, 1, dist);
	asked = clip(1 - dist[0], share[0], share[1]);
	if (asked != 1 - dist[0]) {
		first = 1;
		if (asked > 0)
			barrier(u, 1, cap, sharpness, asked, dist);
		else
			memset(dist, 0, sizeof(*dist) * LEVELS_MAX);
		dist[0] = 1 - asked;
	}
	for (l = first; l <= cap; l++) {
		p = dist[l] * dist[l];
		mean += dist[l] * cost[l];
		one += p;
		c += p * cost[l];
		cc += p * cost[l] * cost[l];
	}
	if (one > 0)
		*slope += sharpness * (cc - c * c / one);
	return mean;
}

/* ---- one price ---- */

/* Expected spending at the prices; leaves every dist as it is there. */
static double demand(struct market *m, enum axis axis, double *slope)
{
	double u[LEVELS_MAX], sum = 0;
	struct choice_arm *arm;
	int a, l;

	*slope = 0;
	for (a = 0; a < m->r->count; a++) {
		arm = &m->c->arm[a];
		if (arm->cap == 0) {
			arm->dist[0] = 1;
			continue;
		}
		for (l = 0; l <= arm->cap; l++)
			u[l] = m->value[a][l] - m->price[CANDIDATES] * m->cost[CANDIDATES][a][l] -
			       m->price[TIME] * m->cost[TIME][a][l];
		sum += m->answer(u, m->cost[axis][a], arm->cap, m->sharpness, m->share[a],
			arm->dist, slope);
	}
	return sum;
}

/* What one unit is worth to all arms asked as deep as can be: where a price may lie. */
static double guess(const struct market *m, enum axis axis)
{
	double value = 0, cost = 0;
	int a, cap;

	for (a = 0; a < m->r->count; a++) {
		cap = m->c->arm[a].cap;
		value += m->value[a][cap];
		cost += m->cost[axis][a][cap];
	}
	return cost > 0 ? value / cost : 0;
}

/* Set the price of one axis so that its target is spent, the other's as it stands.
 * Starts from the price that stands, or from a guess.  While the root has been seen from
 * one side only a step may be four times the one before. */
static void solve(struct market *m, enum axis axis)
{
	/* Beyond these a single candidate, or unit of time, outweighs all values. */
	double limit =
		(LEVELS_MAX + 1 + 50 / m->sharpness) * (m->answer == policy_barrier ? 1e6 : 1);
	double low = axis == TIME ? 0 : -limit, high = limit, least = low;
	double over, slope, next, before = INFINITY, *price = &m->price[axis], reach;
	int i;

	if (*price == 0)
		*price = guess(m, axis);
	*price = clip(*price, low, high);
	reach = fmax(fabs(*price), 1e-3);
	for (i = 0; i < STEPS_MAX; i++) {
		over = demand(m, axis, &slope) - m->target[axis];
		if (fabs(over) <= TOLERANCE * fmax(1, m->target[axis]) ||
			high - low < 1e-15 * limit)
			break;
		if (over > 0)
			low = *price;
		else
			high = *price;
		next = *price + over / slope; /* infinite where nothing gives way */
		if (low > least && high < limit) {
			if (!(next > low && next < high) || fabs(over) > before / 2)
				next = low + (high - low) / 2;
		} else {
			if (!(fabs(next - *price) <= reach))
				next = *price + (over > 0 ? reach : -reach);
			reach *= 4;
			if (next >= high || next <= low)
				next = low + (high - low) / 2;
		}
		before = fabs(over);
		*price = next;
	}
}

static double spent(const struct market *m, enum axis axis)
{
	double sum = 0;
	int a, l;

	for (a = 0; a < m->r->count; a++)
		for (l = 1; l <= m->c->arm[a].cap; l++)
			sum += m->c->arm[a].dist[l] * m->cost[axis][a][l];
	return sum;
}

/* ---- both ---- */

/* The price of time between 0 (too slow) and the one that meets its bound without a
 * price of candidates (too many candidates), by false position (Illinois). */
static void solve_both(struct market *m)
{
	double low = 0, high = m->price[TIME], over_low, over_high, over;
	int i, side = 0;

	solve(m, CANDIDATES);
	over_high = spent(m, TIME) - m->target[TIME];
	m->price[TIME] = 0;
	solve(m, CANDIDATES);
	over_low = spent(m, TIME) - m->target[TIME];
	for (i = 0; i < STEPS_US_MAX && over_high < 0 && over_low > 0; i++) {
		m->price[TIME] = (low * over_high - high * over_low) / (over_high - over_low);
		solve(m, CANDIDATES);
		over = spent(m, TIME) - m->target[TIME];
		if (fabs(over) <= TOLERANCE_US * m->target[TIME])
			return;
		if (over > 0) {
			low = m->price[TIME];
			over_low = over;
			over_high /= side == 1 ? 2 : 1;
			side = 1;
		} else {
			high = m->price[TIME];
			over_high = over;
			over_low /= side == -1 ? 2 : 1;
			side = -1;
		}
	}
	m->price[TIME] = high; /* within the bound, if barely */
	solve(m, CANDIDATES);
}

static void find_prices(struct market *m)
{
	solve(m, CANDIDATES);
	if (!(m->target[TIME] < INFINITY) || spent(m, TIME) <= m->target[TIME] * (1 + TOLERANCE_US))
		return;
	m->price[CANDIDATES] = 0;
	solve(m, TIME);
	if (spent(m, CANDIDATES) > m->target[CANDIDATES] * (1 + TOLERANCE_US))
		solve_both(m);
}

static void count_costs(struct market *m)
{
	const struct policy_request *r = m->r;
	double us;
	int a, l;

	m->unit_us = INFINITY;
	for (a = 0; a < r->count; a++)
		for (l = 0; l <= m->c->arm[a].cap; l++) {
			us = m->c->arm[a].us[l];
			m->cost[CANDIDATES][a][l] = arm_cost(r, a, l);
			m->cost[TIME][a][l] = us;
			if (us > 0 && us < m->unit_us)
				m->unit_us = us;
		}
	m->target[CANDIDATES] = r->budget;
	m->target[TIME] = INFINITY;
	if (!(r->budget_us > 0) || !(m->unit_us < INFINITY))
		return;
	m->target[TIME] = r->budget_us / m->unit_us;
	for (a = 0; a < r->count; a++)
		for (l = 0; l <= m->c->arm[a].cap; l++)
			m->cost[TIME][a][l] /= m->unit_us;
}

void policy_price(const struct policy_request *r, struct choice *c, policy_table value,
	policy_answer *answer, double sharpness, double epsilon, policy_table q)
{
	struct market m;
	double *dist;
	int a, l, axis;

	m.r = r;
	m.c = c;
	m.value = value;
	m.answer = answer;
	m.sharpness = sharpness;
	m.price[CANDIDATES] = c->critical;
	m.price[TIME] = 0;
	count_costs(&m);
	for (a = 0; a < r->count; a++)
		policy_share(&r->arms[a], epsilon, q ? q[a] : NULL, c->arm[a].cap, m.share[a]);
	for (axis = CANDIDATES; axis <= TIME; axis++) {
		for (a = 0; epsilon > 0 && a < r->count; a++)
			for (l = 1; l <= c->arm[a].cap; l++)
				m.target[axis] -= epsilon * q[a][l] * m.cost[axis][a][l];
		if (epsilon < 1)
			m.target[axis] /= 1 - epsilon;
		m.target[axis] = fmax(m.target[axis], 0);
	}
	find_prices(&m);
	c->price = m.price[CANDIDATES];
	c->price_us = m.target[TIME] < INFINITY ? m.price[TIME] / m.unit_us : 0;
	for (a = 0; epsilon > 0 && a < r->count; a++) {
		dist = c->arm[a].dist;
		for (l = 0; l <= c->arm[a].cap; l++)
			dist[l] = (1 - epsilon) * dist[l] + epsilon * q[a][l];
	}
}

void policy_value(const struct policy_request *r, const struct choice *c, double alpha,
	policy_table value)
{
	int a, j;

	for (a = 0; a < r->count; a++) {
		value[a][0] = 0;
		for (j = 0; j < c->arm[a].cap; j++)
			value[a][j + 1] =
				value[a][j] +
				clip(c->arm[a].mean[j] + alpha * c->arm[a].spread[j], 0, 1) *
					c->arm[a].novel[j];
	}
}

void policy_hurry(const struct policy_request *r, struct choice *c)
{
	double us = 0, least = 0, mix;
	struct choice_arm *arm;
	int a, l;

	for (a = 0; a < r->count; a++) {
		arm = &c->arm[a];
		for (l = 1; l <= arm->cap; l++)
			us += arm->dist[l] * arm->us[l];
		if (arm->cap > 0)
			least += r->arms[a].min * (double)arm->us[1];
	}
	if (!(r->budget_us > 0) || us <= r->budget_us)
		return;
	mix = us > least ? clip((r->budget_us - least) / (us - least), 0, 1) : 0;
	for (a = 0; a < r->count; a++) {
		arm = &c->arm[a];
		for (l = 0; l <= arm->cap; l++)
			arm->dist[l] *= mix;
		arm->dist[0] += (1 - mix) * (arm->cap > 0 ? 1 - (double)r->arms[a].min : 1);
		if (arm->cap > 0)
			arm->dist[1] += (1 - mix) * r->arms[a].min;
	}
}
