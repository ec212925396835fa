/* rng.h -- a small, fast, seedable random source (xoshiro256**; Blackman and
 * Vigna 2018), seeded through splitmix64.  Not for secrets.  One thread. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t s[4];
};

void rng_init(struct rng *, uint64_t seed);
uint64_t rng_u64(struct rng *);
/* Uniform in [0, 1), 53 bits. */
double rng_double(struct rng *);
/* Uniform in [0, n), without bias; n >= 1. */
uint64_t rng_below(struct rng *, uint64_t n);
double rng_normal(struct rng *);                   /* mean 0, variance 1 */
double rng_beta(struct rng *, double a, double b); /* a, b > 0 */

#endif
