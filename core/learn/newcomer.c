/* newcomer.c -- where an arm starts that nobody has seen before.
 *
 * An operator adds a strategy and it has to earn its place.  It starts where those like
 * it stand, as unsure as any: the others' theta is its prior mean, the prior's width is
 * unchanged, so it is still asked by optimism, and a wrong start is forgotten like any
 * old observation. */
#include <string.h>

#include "learn/model_parts.h"

#define STRANGER 0.05 /* what an arm of quite another name counts, of one of the same */
#define SHRINK   50   /* observations of nothing that the mean is taken over */

/* How alike two names are, 0 .. 1: the share of their pairs of neighbouring bytes that
 * they have in common (Dice).  An arm made from another mostly keeps its name: "fuzzy",
 * "fuzzy_title". */
static double likeness(struct slice a, struct slice b)
{
	bool taken[ARM_NAME_MAX] = { false };
	size_t i, j;
	int same = 0;

	for (i = 0; i + 1 < a.len; i++)
		for (j = 0; j + 1 < b.len; j++)
			if (!taken[j] && !memcmp(a.ptr + i, b.ptr + j, 2)) {
				taken[j] = true;
				same++;
				break;
			}
	return a.len + b.len > 2 ? 2.0 * same / (double)(a.len + b.len - 2) : 0;
}

/* What theta of bucket j is for arms like this one: the mean of the others', by how alike
 * the names are and by what each has seen, shrunk to 0 while they have seen little.
 * False if they have seen nothing. */
static bool expect(const struct model *m, const struct arm *arm, int j, double prior[PHI_MAX])
{
	struct slice name = slice_of(arm->name, arm->len);
	double weight, alike, sum = 0;
	struct linear_fit *fit;
	const struct arm *other;
	int a, i;

	memset(prior, 0, PHI_MAX * sizeof(*prior));
	for (a = 0; a < m->arms; a++) {
		other = m->arm[a];
		if (other == arm || !other->bucket[j] || !(linear_weight(other->bucket[j]) > 0))
			continue;
		alike = likeness(name, slice_of(other->name, other->len));
		weight = linear_weight(other->bucket[j]) * (STRANGER + alike * alike);
		fit = linear_fit(other->bucket[j]);
		for (i = 0; i < m->set[0].n; i++)
			prior[i] += weight * linear_fit_theta(fit)[i];
		linear_fit_drop(fit);
		sum += weight;
	}
	for (i = 0; i < m->set[0].n; i++)
		prior[i] /= sum + SHRINK;
	return sum > 0;
}

void model_warm_start(struct model *m, struct arm *arm)
{
	double prior[PHI_MAX];
	int j;

	for (j = 0; j < levels_buckets(&m->options.levels); j++)
		if (!arm->bucket[j] && expect(m, arm, j, prior)) {
			arm->bucket[j] = linear_new(m->set[0].n, m->options.lambda, prior);
			arm->dirty_buckets |= (uint8_t)(1 << j);
		}
}
