/* policy_novel.c -- what an arm adds to others.
 *
 *     novel(a, j) = product over the arms b asked before of 1 - P(b has it, too | a, j)
 *
 * Who is asked before whom: arms are taken greedily, always the step deeper that brings most
 * for each candidate beside what is there already, until the budget is spent (the greedy
 * rule for a monotone submodular function under a knapsack; Nemhauser 1978, Sviridenko
 * 2004).  What is taken early is discounted by little, what repeats it by much, so that of
 * arms that bring the same one is asked, and as deep as one should be.  Whether an arm is
 * asked is still drawn for each by itself: novelty is only part of what it is worth.
 *
 * The pairs' chances are taken to be independent of each other. */
#include "learn/policy_parts.h"

struct walk {
	const struct learnt *learnt;
	const struct policy_request *r;
	struct choice *c;
	float value[ARMS_MAX][BUCKETS_MAX], cost[ARMS_MAX][LEVELS_MAX];
	int level[ARMS_MAX];
	overlap_table unknown; /* of two arms of which nothing was seen, once it is asked for */
	bool filled;
};

/* The step that brings most for a candidate, and how much; false if none is left that can
 * be paid. */
static bool best_step(const struct walk *w, double left, int *arm, int *level, double *rate)
{
	float gain, cost, spent, best = 0;
	const struct choice_arm *one;
	int a, l;

	for (a = 0; a < w->r->count; a++) {
		one = &w->c->arm[a];
		spent = w->cost[a][w->level[a]];
		for (gain = 0, l = w->level[a] + 1; l <= one->cap; l++) {
			gain += w->value[a][l - 1] * one->novel[l - 1];
			cost = w->cost[a][l] - spent;
			if (cost > left)
				break;
			if (gain > best * cost) {
				best = gain / cost;
				*arm = a;
				*level = l;
			}
		}
	}
	if (best > 0)
		*rate = best;
	return best > 0;
}

/* That b has what a has. */
static const overlap_table *chances(struct walk *w, int a, int b)
{
	const overlap_table *known = NULL;

	if (w->learnt)
		known = learnt_overlap(w->learnt, w->r->arms[a].learnt, w->r->arms[b].learnt);
	if (known)
		return known;
	if (!w->filled)
		overlap_chances(NULL, w->unknown);
	w->filled = true;
	return (const overlap_table *)&w->unknown;
}

/* Arm b goes on to a level: what the others still have to bring may be there now. */
static void take(struct walk *w, int b, int level)
{
	const overlap_table *chance;
	struct choice_arm *arm;
	int a, j, before = w->level[b];

	for (a = 0; a < w->r->count; a++) {
		if (a == b)
			continue;
		arm = &w->c->arm[a];
		chance = chances(w, a, b);
		for (j = w->level[a]; j < arm->cap; j++)
			arm->novel[j] *= 1 - (*chance)[j][level];
		for (j = w->level[a]; before && j < arm->cap; j++)
			arm->novel[j] /= 1 - (*chance)[j][before];
	}
	w->level[b] = level;
}

void policy_novelty(const struct learnt *learnt, const struct policy_request *r, struct choice *c)
{
	double left = r->budget;
	struct walk w;
	float v, alpha = (float)r->options->alpha;
	int a, j, level = 0;

	w.learnt = learnt;
	w.r = r;
	w.c = c;
	w.filled = false;
	for (a = 0; a < r->count; a++) {
		w.level[a] = 0;
		for (j = 0; j < BUCKETS_MAX; j++) {
			c->arm[a].novel[j] = 1;
			v = c->arm[a].mean[j] + alpha * c->arm[a].spread[j];
			w.value[a][j] = v > 0 ? v < 1 ? v : 1 : 0;
		}
		for (j = 0; j <= c->arm[a].cap; j++)
			w.cost[a][j] = (float)arm_cost(r, a, j);
	}
	c->critical = 0;
	while (best_step(&w, left, &a, &level, &c->critical)) {
		left -= (double)(w.cost[a][level] - w.cost[a][w.level[a]]);
		take(&w, a, level);
	}
}
