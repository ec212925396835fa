/* rng.c -- xoshiro256** (Blackman and Vigna 2018) and draws made from it.
 *
 * Bounded integers by multiplication with rejection (Lemire 2019); normals by
 * Marsaglia's polar method, its second value thrown away so that a state is
 * four words and nothing else; gammas by Marsaglia and Tsang 2000. */
#include "base/rng.h"

#include <assert.h>
#include <math.h>

static uint64_t splitmix(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static uint64_t rotl(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

void rng_init(struct rng *rng, uint64_t seed)
{
	int i;

	for (i = 0; i < 4; i++)
		rng->s[i] = splitmix(&seed);
}

uint64_t rng_u64(struct rng *rng)
{
	uint64_t *s = rng->s;
	uint64_t out = rotl(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return out;
}

double rng_double(struct rng *rng)
{
	return (double)(rng_u64(rng) >> 11) * 0x1p-53;
}

uint64_t rng_below(struct rng *rng, uint64_t n)
{
	unsigned __int128 m;
	uint64_t least;

	assert(n >= 1);
	m = (unsigned __int128)rng_u64(rng) * n;
	if ((uint64_t)m < n) {
		least = -n % n;
		while ((uint64_t)m < least)
			m = (unsigned __int128)rng_u64(rng) * n;
	}
	return (uint64_t)(m >> 64);
}

double rng_normal(struct rng *rng)
{
	double u, v, s;

	do {
		u = 2 * rng_double(rng) - 1;
		v = 2 * rng_double(rng) - 1;
		s = u * u + v * v;
	} while (s >= 1 || s == 0);
	return u * sqrt(-2 * log(s) / s);
}

/* In (0, 1]: its logarithm is finite. */
static double open_unit(struct rng *rng)
{
	return 1 - rng_double(rng);
}

/* shape >= 1 */
static double gamma_large(struct rng *rng, double shape)
{
	double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
	double x, v;

	for (;;) {
		x = rng_normal(rng);
		v = 1 + c * x;
		if (v <= 0)
			continue;
		v = v * v * v;
		if (log(open_unit(rng)) < 0.5 * x * x + d - d * v + d * log(v))
			return d * v;
	}
}

/* The logarithm of a gamma draw: small shapes underflow otherwise. */
static double gamma_log(struct rng *rng, double shape)
{
	assert(shape > 0);
	if (shape >= 1)
		return log(gamma_large(rng, shape));
	return log(gamma_large(rng, shape + 1)) + log(open_unit(rng)) / shape;
}

double rng_beta(struct rng *rng, double a, double b)
{
	double x = gamma_log(rng, a), y = gamma_log(rng, b);

	/* Both shapes near zero: all the mass is at the two ends. */
	if (isinf(x) && isinf(y))
		return rng_double(rng) * (a + b) < a ? 1 : 0;
	return 1 / (1 + exp(y - x));
}
