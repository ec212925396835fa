/* rng_test.c -- moments within five standard errors; seeds are fixed, so what
 * passes once passes always. */
#include "check.h"

#include <math.h>

#include "base/rng.h"

#define DRAWS 200000

struct moments {
	double mean, variance;
};

static struct moments moments_of(double (*draw)(struct rng *, double, double), double a, double b)
{
	double sum = 0, squares = 0, x;
	struct rng rng;
	int i;

	rng_init(&rng, 7);
	for (i = 0; i < DRAWS; i++) {
		x = draw(&rng, a, b);
		sum += x;
		squares += x * x;
	}
	return (struct moments){ sum / DRAWS, squares / DRAWS - sum / DRAWS * (sum / DRAWS) };
}

static double draw_double(struct rng *rng, double a, double b)
{
	return rng_double(rng);
}

static double draw_normal(struct rng *rng, double a, double b)
{
	return rng_normal(rng);
}

TEST(xoshiro_follows_its_reference)
{
	/* state 1, 2, 3, 4: the first outputs of the authors' C code */
	struct rng rng = { { 1, 2, 3, 4 } };

	CHECK(rng_u64(&rng) == 11520);
	CHECK(rng_u64(&rng) == 0);
	CHECK(rng_u64(&rng) == 1509978240);
	CHECK(rng_u64(&rng) == 1215971899390074240);
}

TEST(uniform_and_normal_have_their_moments)
{
	struct moments m = moments_of(draw_double, 0, 0);

	CHECK_NEAR(m.mean, 0.5, 0.004);
	CHECK_NEAR(m.variance, 1.0 / 12, 0.001);
	m = moments_of(draw_normal, 0, 0);
	CHECK_NEAR(m.mean, 0, 0.012);
	CHECK_NEAR(m.variance, 1, 0.016);
}

TEST(beta_has_its_moments_and_survives_tiny_shapes)
{
	static const double cases[][2] = { { 1, 1 }, { 0.5, 0.5 }, { 2, 5 }, { 0.01, 0.03 },
		{ 100, 1 }, { 1e-4, 1e-4 }, { 1e-310, 1e-310 } };
	struct moments m;
	double a, b, variance;
	int i;

	for (i = 0; i < 7; i++) {
		a = cases[i][0];
		b = cases[i][1];
		variance = (a / (a + b)) * (b / (a + b)) / (a + b + 1);
		m = moments_of(rng_beta, a, b);
		CHECK_NEAR(m.mean, a / (a + b), 5 * sqrt(variance / DRAWS));
		CHECK_NEAR(m.variance, variance, 0.02 * variance + 1e-6);
	}
}

TEST(below_is_even_and_in_range)
{
	int counts[7] = { 0 }, i;
	struct rng rng;

	rng_init(&rng, 3);
	for (i = 0; i < 70000; i++)
		counts[rng_below(&rng, 7)]++;
	for (i = 0; i < 7; i++)
		CHECK_NEAR(counts[i], 10000, 500);
	CHECK_INT(rng_below(&rng, 1), 0);
	for (i = 0; i < 1000; i++)
		CHECK(rng_below(&rng, (UINT64_MAX >> 1) + 2) <= (UINT64_MAX >> 1) + 1);
}

TEST(the_same_seed_draws_the_same)
{
	struct rng a, b;
	int i;

	rng_init(&a, 42);
	rng_init(&b, 42);
	for (i = 0; i < 100; i++)
		CHECK(rng_u64(&a) == rng_u64(&b));
	rng_init(&b, 43);
	CHECK(rng_u64(&a) != rng_u64(&b));
}
