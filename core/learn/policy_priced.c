/* policy_priced.c -- candidates and time have a price.
 *
 *     v(a,j) = clip(mean + alpha spread, 0, 1)
 *     U(a,l) = sum over j < l of v(a,j) - price candidates(a,l) - price_us us(a,l)
 *     p_a(l) = (1 - epsilon) / (beta (nu_a - U(a,l))) + epsilon q(l)
 *
 * nu_a makes it a distribution: inverse gap weighting (Abe and Long 1999; SquareCB, Foster
 * and Rakhlin 2020), the answer that maximises expected utility plus the sum of log p_a(l)
 * over beta.  Against a softmax it costs less to explore with: what is clearly worse is
 * still seen now and then, at a rate that falls with what that costs.
 *
 * One price for all arms is what makes them compete for the budget (policy_price.c finds
 * it).  The floor q keeps every level of every arm under observation. */
#include "learn/policy_parts.h"

#include <math.h>

/* q under each arm's cap; level 0 where the weights leave nothing. */
static void floors(const struct policy_request *r, const struct choice *c, policy_table q)
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
	policy_table value, q;

	policy_value(r, c, r->options->alpha, value);
	floors(r, c, q);
	policy_price(r, c, value, policy_barrier, r->options->beta, r->options->epsilon, q);
}

const struct policy policy_priced = {
	.name = "priced",
	.about = "optimistic value of a bucket against a price that meets the budget",
	.spread = spread_priced,
};

static void spread_squarecb(const struct policy_request *r, struct choice *c)
{
	policy_table value;

	policy_value(r, c, 0, value);
	policy_price(r, c, value, policy_barrier, r->options->beta, 0, NULL);
}

const struct policy policy_squarecb = {
	.name = "squarecb",
	.about = "inverse gap weighting of the means, at a price that meets the budget",
	.spread = spread_squarecb,
};
