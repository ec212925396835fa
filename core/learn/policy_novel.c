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
	float value[ARMS_MAX][BUCKETS_MAX];
	int level[ARMS_MAX];
	overlap_table unknown; /* of two arms of which nothing was seen */
};

/* The step that brings most for a candidate, and how much; false if none is left that can
 * be paid. */
static bool best_step(const struct walk *w, double left, int *arm, int *level, double *rate)
{
	double gain, cost, spent, best = 0;
	int a, l;

	for (a = 0; a < w->r->count; a++) {
		spent = arm_cost(w->r, a, w->level[a]);
		for (gain = 0, l = w->level[a] + 1; l <= w->c->arm[a].cap; l++) {
			gain += w->value[a][l - 1] * w->c->arm[a].novel[l - 1];
			cost = arm_cost(w->r, a, l) - spent;
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

/* Arm b goes on to a level: what the others still have to bring may be there now. */
static void take(struct walk *w, int b, int level)
{
	const overlap_table *chance;
	int a, j, before = w->level[b];
	float now;

	for (a = 0; a < w->r->count; a++) {
		if (a == b)
			continue;
		chance = w->learnt ? learnt_overlap(w->learnt, w->r->arms[a].learnt,
					     w->r->arms[b].learnt)
				   : NULL;
		if (!chance)
			chance = (const overlap_table *)&w->unknown;
		for (j = w->level[a]; j < w->c->arm[a].cap; j++) {
			now = 1 - (*chance)[j][level];
			w->c->arm[a].novel[j] *= before ? now / (1 - (*chance)[j][before]) : now;
		}
	}
	w->level[b] = level;
}

void policy_novelty(const struct learnt *learnt, const struct policy_request *r,
	struct choice *c)
{
	struct walk w = { .learnt = learnt, .r = r, .c = c };
	double left = r->budget, v;
	int a, j, level = 0;

	overlap_chances(NULL, w.unknown);
	for (a = 0; a < r->count; a++)
		for (j = 0; j < BUCKETS_MAX; j++) {
			c->arm[a].novel[j] = 1;
			v = c->arm[a].mean[j] + r->options->alpha * c->arm[a].spread[j];
			w.value[a][j] = (float)(v > 0 ? v < 1 ? v : 1 : 0);
		}
	c->critical = 0;
	while (best_step(&w, left, &a, &level, &c->critical)) {
		left -= arm_cost(r, a, level) - arm_cost(r, a, w.level[a]);
		take(&w, a, level);
	}
}
