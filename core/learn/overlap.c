/* overlap.c -- counts of what two arms have in common.
 *
 * Before anything is seen arms are taken to have little in common, most in the same bucket:
 * a new arm is tried beside those it may turn out to repeat. */
#include "learn/overlap.h"

#include <math.h>
#include <stdlib.h>

#define KEEP         0.998f /* of the past, at each entity: five hundred count */
#define PRIOR_WEIGHT 10
#define PRIOR_SAME   0.1f
#define PRIOR_NEXT   0.03f
#define PRIOR_FAR    0.01f
#define CHANCE_MAX   0.98f

void overlap_add(struct overlap *o, int j, int level, int bucket)
{
	int m;

	for (m = 0; m < level; m++) {
		o->seen[j][m] = KEEP * o->seen[j][m] + 1;
		o->shared[j][m] = KEEP * o->shared[j][m] + (m == bucket);
	}
}

static float prior(int j, int m)
{
	return j == m ? PRIOR_SAME : abs(j - m) == 1 ? PRIOR_NEXT : PRIOR_FAR;
}

void overlap_chances(const struct overlap *o, overlap_table out)
{
	float seen, shared, sum;
	int j, m;

	for (j = 0; j < BUCKETS_MAX; j++)
		for (out[j][0] = sum = 0, m = 0; m < BUCKETS_MAX; m++) {
			seen = o ? o->seen[j][m] : 0;
			shared = o ? o->shared[j][m] : 0;
			sum += (PRIOR_WEIGHT * prior(j, m) + shared) / (PRIOR_WEIGHT + seen);
			out[j][m + 1] = fminf(sum, CHANCE_MAX);
		}
}

void overlap_encode(const struct overlap *o, struct buf *out)
{
	int j, m;

	for (j = 0; j < BUCKETS_MAX; j++)
		for (m = 0; m < BUCKETS_MAX; m++) {
			buf_put_f32(out, o->seen[j][m]);
			buf_put_f32(out, o->shared[j][m]);
		}
}

bool overlap_decode(struct overlap *o, struct reader_bytes *in)
{
	float *seen, *shared;
	int j, m;

	for (j = 0; j < BUCKETS_MAX; j++)
		for (m = 0; m < BUCKETS_MAX; m++) {
			seen = &o->seen[j][m];
			shared = &o->shared[j][m];
			*seen = bytes_f32(in);
			*shared = bytes_f32(in);
			if (!(*shared >= 0 && *shared <= *seen && isfinite(*seen)))
				return false;
		}
	return !in->failed;
}
