/* example.c -- the smallest complete plugin: a policy named `rates`.
 *
 * Asks every strategy in proportion to what a candidate of it is believed to bring, so
 * each level l of an arm has the weight
 *
 *     w(l) = sum over its buckets of novel (mean + alpha spread) / cost(l)
 *
 * and the probability s w(l) / (1 + s sum of w), where the one number s, the same for all
 * arms, is found by bisection so that the expected number of candidates is the budget. */
#include "plugin.h"

#define LEVELS 8
#define ARMS   64

/* Weights of the levels above 0, at least a little, so that everything is tried. */
static void weigh(const struct plugin_question *q, const struct plugin_arm *arm, double *w)
{
	double value = 0, v;
	uint32_t l;

	for (l = 1; l <= arm->cap; l++) {
		v = arm->mean[l - 1] + q->alpha * arm->spread[l - 1];
		value += (v > 0 ? v < 1 ? v : 1 : 0) * arm->novel[l - 1];
		w[l] = (value + 0.001) / arm->cost[l];
	}
}

/* Writes dist at this s; the candidates to expect. */
static double write(const struct plugin_arm *arm, const double *w, double s, double *dist)
{
	double sum = 1, cost = 0;
	uint32_t l;

	for (l = 1; l <= arm->cap; l++)
		sum += s * w[l];
	dist[0] = 1 / sum;
	for (l = 1; l <= arm->cap; l++) {
		dist[l] = s * w[l] / sum;
		cost += dist[l] * arm->cost[l];
	}
	return cost;
}

static int spread(void *data, const struct plugin_question *q, double *const *dist)
{
	double w[ARMS][LEVELS], low = 0, high = 1e9, s, cost;
	uint32_t a;
	int i;

	if (q->levels > LEVELS || q->arms > ARMS)
		return -1; /* a daemon that is larger than this code */
	for (a = 0; a < q->arms; a++)
		weigh(q, q->arm[a], w[a]);
	for (i = 0; i < 60; i++) {
		s = (low + high) / 2;
		for (cost = 0, a = 0; a < q->arms; a++)
			cost += write(q->arm[a], w[a], s, dist[a]);
		if (cost > q->budget)
			high = s;
		else
			low = s;
	}
	return 0;
}

static const struct plugin_policy rates = {
	{ PLUGIN_POLICY, sizeof(rates), "rates", "asks in proportion to what a candidate brings" },
	NULL,
	spread,
};

static const struct plugin_item *const items[] = { &rates.item, NULL };

const struct plugin toller_plugin = {
	PLUGIN_ABI,
	sizeof(toller_plugin),
	"example",
	"the smallest complete plugin",
	NULL,
	NULL,
	items,
};
