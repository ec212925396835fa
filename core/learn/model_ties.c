/* model_ties.c -- who has what others have: pairs of arms, taught by what people wanted.
 *
 * An arm's ties are with those it was asked together with.  Beyond ARMS_MAX the one that
 * tells least makes room: it was with an arm that is gone, or hardly ever asked. */
#include "learn/model_parts.h"

#include "base/alloc.h"
#include "base/hash.h"

uint32_t model_arm_id(struct slice name)
{
	return (uint32_t)hash_bytes(name, 0);
}

static float told(const struct tie *tie)
{
	float sum = 0;
	int j;

	for (j = 0; j < BUCKETS_MAX; j++)
		sum += tie->overlap.seen[j][0];
	return sum;
}

static struct overlap *tie_with(struct arm *arm, uint32_t other)
{
	struct tie *tie, *least;
	int i;

	for (i = 0; i < arm->tie_count; i++)
		if (arm->ties[i].other == other)
			return &arm->ties[i].overlap;
	if (!arm->ties)
		arm->ties = xcalloc(ARMS_MAX, sizeof(*arm->ties));
	if (arm->tie_count < ARMS_MAX) {
		least = &arm->ties[arm->tie_count++];
	} else {
		least = arm->ties;
		for (tie = arm->ties; tie < arm->ties + ARMS_MAX; tie++)
			if (told(tie) < told(least))
				least = tie;
	}
	*least = (struct tie){ .other = other };
	return &least->overlap;
}

/* Where arm `a` had it, -1. */
static int bucket_in(const struct credit *credit, int credits, int a)
{
	int i;

	for (i = 0; i < credits; i++)
		if (credit[i].arm == a)
			return credit[i].bucket;
	return -1;
}

void model_tie(struct model *m, const struct decision *d, const struct credit *credit, int credits)
{
	struct arm *arm;
	int i, a, j;

	for (i = 0; i < credits; i++) {
		arm = model_arm_find(m, d->arm[credit[i].arm].name);
		j = credit[i].bucket;
		if (!arm || model_bucket_of(m, d, j) != j)
			continue; /* of other levels: their buckets are not ours */
		for (a = 0; a < d->arms; a++)
			if (a != credit[i].arm && d->arm[a].level > 0)
				overlap_add(tie_with(arm, model_arm_id(d->arm[a].name)), j,
					d->arm[a].level, bucket_in(credit, credits, a));
		arm->dirty_ties = true;
	}
}
