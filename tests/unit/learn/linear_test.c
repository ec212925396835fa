#include "check.h"

#include <string.h>

#include "base/rng.h"
#include "learn/linear.h"

#define N 8

static void draw(struct rng *rng, float *phi)
{
	int i;

	phi[0] = 1;
	for (i = 1; i < N; i++)
		phi[i] = (float)rng_double(rng);
}

/* a x = b by Gauss with pivots, in place: slow, and knows nothing of Cholesky. */
static void solve_plainly(double a[N][N], double *b)
{
	double t;
	int i, j, k, p;

	for (i = 0; i < N; i++) {
		for (p = i, j = i + 1; j < N; j++)
			if (fabs(a[j][i]) > fabs(a[p][i]))
				p = j;
		for (k = 0; k < N; k++) {
			t = a[i][k];
			a[i][k] = a[p][k];
			a[p][k] = t;
		}
		t = b[i];
		b[i] = b[p];
		b[p] = t;
		for (j = 0; j < N; j++) {
			if (j == i)
				continue;
			t = a[j][i] / a[i][i];
			for (k = 0; k < N; k++)
				a[j][k] -= t * a[i][k];
			b[j] -= t * b[i];
		}
	}
	for (i = 0; i < N; i++)
		b[i] /= a[i][i];
}

static void score(struct linear *m, const float *phi, double *mean, double *width)
{
	struct linear_fit *fit = linear_fit(m);
	struct linear_point point;

	linear_point_set(&point, phi, linear_width(m));
	linear_score(fit, &point, mean, width);
	linear_fit_drop(fit);
}

TEST(the_fit_is_the_discounted_ridge_solution)
{
	const double lambda = 0.7, gamma = 0.98;
	double v[N][N] = { { 0 } }, b[N] = { 0 }, copy[N][N], x[N], want, mean, width, r;
	struct linear *m = linear_new(N, lambda, NULL);
	struct rng rng;
	float phi[N];
	int t, i, j;

	rng_init(&rng, 5);
	for (i = 0; i < N; i++)
		v[i][i] = lambda;
	for (t = 0; t < 400; t++) {
		draw(&rng, phi);
		r = rng_double(&rng);
		linear_update(m, phi, r, gamma);
		for (i = 0; i < N; i++) {
			for (j = 0; j < N; j++)
				v[i][j] = gamma * v[i][j] + (double)phi[i] * phi[j] +
					  (i == j ? (1 - gamma) * lambda : 0);
			b[i] = gamma * b[i] + r * phi[i];
		}
		if (t % 7 == 0) {
			linear_raise(m, phi, 0.25);
			for (i = 0; i < N; i++)
				b[i] += 0.25 * phi[i];
		}
		if (t % 50)
			continue;
		draw(&rng, phi);
		score(m, phi, &mean, &width);
		memcpy(copy, v, sizeof(v));
		memcpy(x, b, sizeof(b));
		solve_plainly(copy, x);
		for (want = 0, i = 0; i < N; i++)
			want += x[i] * phi[i];
		CHECK_NEAR(mean, want, 1e-5);
		memcpy(copy, v, sizeof(v));
		for (i = 0; i < N; i++)
			x[i] = phi[i];
		solve_plainly(copy, x);
		for (want = 0, i = 0; i < N; i++)
			want += x[i] * phi[i];
		CHECK_NEAR(width, sqrt(want), 1e-5);
	}
	linear_free(m);
}

TEST(silent_collinear_and_broken_features_stay_finite)
{
	struct linear *m = linear_new(6, 1, NULL);
	double mean, width;
	struct rng rng;
	float phi[6];
	int t;

	rng_init(&rng, 6);
	for (t = 0; t < 100000; t++) {
		phi[0] = 1;
		phi[1] = (float)rng_double(&rng);
		phi[2] = phi[1];
		phi[3] = t < 1000; /* then silent */
		phi[4] = 1;
		phi[5] = t % 100 ? 0.1f : t % 200 ? INFINITY : NAN;
		linear_update(m, phi, t % 300 ? t % 2 : NAN, 0.99);
		linear_raise(m, phi, t % 300 ? 0 : INFINITY);
	}
	for (t = 0; t < 6; t++) {
		memset(phi, 0, sizeof(phi));
		phi[t] = 1;
		score(m, phi, &mean, &width);
		CHECK(isfinite(mean) && isfinite(width) && width >= 0);
		if (t == 3)
			CHECK_NEAR(width, 1, 1e-3); /* the prior's, and never more */
	}
	linear_free(m);
}

/* Any width of vectors and any number of features that are not 0. */
TEST(scores_of_every_width_are_those_of_the_plain_formula)
{
	double v[PHI_MAX][PHI_MAX], x[PHI_MAX], mean, width, want, sum;
	float phi[PHI_MAX];
	struct linear *m;
	struct rng rng;
	int d, t, i, j, k;

	rng_init(&rng, 9);
	for (d = 1; d <= PHI_MAX; d++) {
		m = linear_new(d, 0.5, NULL);
		memset(v, 0, sizeof(v));
		for (i = 0; i < d; i++)
			v[i][i] = 0.5;
		for (t = 0; t < 3 * d; t++) {
			for (i = 0; i < d; i++)
				phi[i] = rng_below(&rng, 3) ? (float)rng_double(&rng) - 0.3f : 0;
			linear_update(m, phi, 0.5, 1);
			for (i = 0; i < d; i++)
				for (j = 0; j < d; j++)
					v[i][j] += (double)phi[i] * phi[j];
		}
		for (i = 0; i < d; i++)
			phi[i] = rng_below(&rng, 2) ? (float)rng_double(&rng) : 0;
		score(m, phi, &mean, &width);
		/* x = V^-1 phi by Gauss: V is positive definite, so no pivots */
		for (i = 0; i < d; i++)
			x[i] = phi[i];
		for (k = 0; k < d; k++)
			for (i = k + 1; i < d; i++) {
				sum = v[i][k] / v[k][k];
				for (j = k; j < d; j++)
					v[i][j] -= sum * v[k][j];
				x[i] -= sum * x[k];
			}
		for (want = 0, i = d - 1; i >= 0; i--) {
			for (j = i + 1; j < d; j++)
				x[i] -= v[i][j] * x[j];
			x[i] /= v[i][i];
			want += x[i] * phi[i];
		}
		CHECK_NEAR(width, sqrt(want), 1e-5);
		linear_free(m);
	}
}

/* Few features keep it to seconds; which are troublesome is what matters, not how many. */
TEST(ten_million_updates_leave_everything_finite_and_bounded)
{
	static const double gammas[] = { 0.999, 1 };
	double mean, width, worst = 0;
	struct linear_fit *fit;
	struct linear *m;
	float phi[6], one[6];
	struct rng rng;
	int g, t, i;

	rng_init(&rng, 10);
	for (g = 0; g < 2; g++) {
		m = linear_new(6, 1e-3, NULL);
		for (t = 0; t < 5000000; t++) {
			phi[0] = 1; /* constant */
			phi[1] = (float)(t & 1023) / 1023;
			phi[2] = phi[1];                    /* collinear */
			phi[3] = t < 100000;                /* silent from then on */
			phi[4] = t % 1000 ? 1e30f : -1e30f; /* huge */
			phi[5] = 1 - phi[1];                /* a sum that is constant */
			linear_update(m, phi, phi[1] > 0.5f, gammas[g]);
			if (t % 250000)
				continue;
			fit = linear_fit(m);
			CHECK(isfinite(linear_fit_condition(fit)));
			worst = fmax(worst, linear_fit_condition(fit));
			linear_fit_drop(fit);
			for (i = 0; i < 6; i++) {
				memset(one, 0, sizeof(one));
				one[i] = 1;
				score(m, one, &mean, &width);
				CHECK(isfinite(mean) && fabs(mean) < 100);
				CHECK(width >= 0 && width <= 1 / sqrt(1e-3) + 1e-6);
				score(m, phi, &mean, &width);
				CHECK(mean > -0.5 && mean < 1.5);
			}
		}
		memset(one, 0, sizeof(one));
		one[3] = 1;
		score(m, one, &mean, &width);
		if (g == 0)
			CHECK_NEAR(width, 1 / sqrt(1e-3), 1e-3); /* silent: the prior's again */
		linear_free(m);
	}
	CHECK(worst > 1e5); /* and the condition says that something is wrong here */
}

TEST(the_condition_is_that_of_the_matrix_or_less)
{
	const float first[2] = { 1, 0 }, both[2] = { 1, 1 };
	struct linear *m = linear_new(2, 1, NULL);
	struct linear_fit *fit = linear_fit(m);
	int t;

	CHECK_NEAR(linear_fit_condition(fit), 1, 1e-12);
	linear_fit_drop(fit);
	for (t = 0; t < 99; t++)
		linear_update(m, first, 1, 1);
	fit = linear_fit(m);
	CHECK_NEAR(linear_fit_condition(fit), 100, 1e-9);
	linear_fit_drop(fit);
	linear_free(m);
	m = linear_new(2, 1, NULL);
	for (t = 0; t < 1000; t++)
		linear_update(m, both, 1, 1);
	fit = linear_fit(m); /* eigenvalues 2001 and 1 */
	CHECK(linear_fit_condition(fit) <= 2001 && linear_fit_condition(fit) >= 2001 / 4.0);
	linear_fit_drop(fit);
	linear_free(m);
}

TEST(an_arm_unobserved_goes_back_to_its_prior)
{
	const double prior[2] = { 0.2, 0.3 };
	const float both[2] = { 1, 1 }, first[2] = { 1, 0 };
	struct linear *m = linear_new(2, 1, prior);
	double mean, width;
	int t;

	for (t = 0; t < 3000; t++)
		linear_update(m, both, 1, 0.99);
	score(m, both, &mean, &width);
	CHECK_NEAR(mean, 1, 0.01);
	for (t = 0; t < 3000; t++)
		linear_update(m, first, 0, 0.99);
	score(m, first, &mean, &width);
	CHECK_NEAR(mean, 0, 0.01);
	score(m, (float[2]){ 0, 1 }, &mean, &width);
	CHECK_NEAR(mean, 0.3, 0.01);
	CHECK_NEAR(width, 1, 0.01);
	linear_free(m);
}

TEST(a_regression_of_the_first_version_reads_as_it_was_meant)
{
	static const uint64_t ids[2] = { 10, 11 };
	const float phi[2] = { 1, 0.5f };
	struct linear *m = linear_new(2, 2, NULL), *back = NULL;
	double mean[2], width[2];
	struct buf bytes = { 0 };
	struct error err = { 0 };

	linear_update(m, phi, 1, 1);
	score(m, phi, &mean[0], &width[0]);
	buf_put_u8(&bytes, 1);
	buf_put_u8(&bytes, 2);
	buf_put_f64(&bytes, 2); /* lambda */
	buf_put_f64(&bytes, 1); /* weight */
	buf_put_u64(&bytes, 10);
	buf_put_u64(&bytes, 11);
	buf_put_f64(&bytes, 1); /* b */
	buf_put_f64(&bytes, 0.5);
	buf_put_f64(&bytes, 3); /* V */
	buf_put_f64(&bytes, 0.5);
	buf_put_f64(&bytes, 2.25);
	CHECK_OK(linear_decode(&back, ids, 2, 2, buf_slice(&bytes), &err), err);
	score(back, phi, &mean[1], &width[1]);
	CHECK_NEAR(mean[0], mean[1], 1e-12);
	CHECK_NEAR(width[0], width[1], 1e-12);
	buf_clear(&bytes);
	linear_free(m);
	linear_free(back);
}

TEST(without_observations_the_prior_is_scored)
{
	const float phi[3] = { 1, 0.5f, 0 };
	const double prior[3] = { 0.3, 0.2, 7 };
	struct linear *m = linear_new(3, 4, NULL);
	double mean, width, prior_mean, prior_width;
	struct linear_point point;

	linear_point_set(&point, phi, 3);
	score(m, phi, &mean, &width);
	linear_score_prior(4, NULL, &point, &prior_mean, &prior_width);
	CHECK_NEAR(mean, prior_mean, 0);
	CHECK_NEAR(width, prior_width, 1e-6);
	CHECK_NEAR(width, sqrt(1.25) / 2, 1e-6);
	linear_free(m);
	m = linear_new(3, 4, prior);
	score(m, phi, &mean, &width);
	linear_score_prior(4, prior, &point, &prior_mean, &prior_width);
	CHECK_NEAR(mean, 0.4, 1e-6);
	CHECK_NEAR(prior_mean, 0.4, 1e-6);
	CHECK_NEAR(width, prior_width, 1e-6);
	linear_free(m);
}

TEST(a_fit_outlives_later_updates)
{
	const float phi[2] = { 1, 1 };
	struct linear *m = linear_new(2, 1, NULL);
	struct linear_fit *before = linear_fit(m), *same = linear_fit(m);
	struct linear_point point;
	double mean, width;

	CHECK(before == same);
	linear_fit_drop(same);
	linear_update(m, phi, 1, 1);
	linear_point_set(&point, phi, 2);
	linear_score(before, &point, &mean, &width);
	CHECK_NEAR(mean, 0, 0);
	linear_free(m);
	linear_score(before, &point, &mean, &width);
	CHECK_NEAR(width, sqrt(2), 1e-6);
	linear_fit_drop(before);
}

TEST(reloading_by_name_keeps_what_has_the_same_name)
{
	/* ids stand for names: 10 bias, 11 words, 12 gone, 13 hour, 14 new */
	static const uint64_t was[4] = { 10, 11, 12, 13 }, now[4] = { 13, 14, 10, 11 };
	struct linear *a = linear_new(4, 1, NULL), *c = linear_new(4, 1, NULL), *b = NULL, *e;
	double mean[3], width[3];
	struct buf bytes = { 0 };
	struct error err = { 0 };
	float phi[N], moved[4];
	struct rng rng;
	int t;

	rng_init(&rng, 7);
	for (t = 0; t < 200; t++) {
		draw(&rng, phi);
		phi[2] = 0; /* nothing was learnt of the one that goes */
		moved[0] = phi[3];
		moved[1] = 0;
		moved[2] = phi[0];
		moved[3] = phi[1];
		linear_update(a, phi, phi[1], 0.99);
		linear_update(c, moved, phi[1], 0.99);
	}
	linear_encode(a, was, &bytes);
	CHECK_OK(linear_decode(&b, now, 4, 1, buf_slice(&bytes), &err), err);
	e = linear_remap(a, was, now, 4);
	moved[1] = 0.5f;
	score(b, moved, &mean[0], &width[0]);
	score(c, moved, &mean[1], &width[1]);
	score(e, moved, &mean[2], &width[2]);
	CHECK_NEAR(mean[0], mean[1], 1e-6);
	CHECK_NEAR(width[0], width[1], 1e-6);
	CHECK(mean[0] == mean[2] && width[0] == width[2]);
	CHECK_NEAR(linear_weight(b), linear_weight(c), 1e-12);
	linear_free(b);
	/* another lambda is another prior under the same observations */
	CHECK_OK(linear_decode(&b, was, 4, 3, buf_slice(&bytes), &err), err);
	linear_free(c);
	c = linear_new(4, 3, NULL);
	rng_init(&rng, 7);
	for (t = 0; t < 200; t++) {
		draw(&rng, phi);
		phi[2] = 0;
		linear_update(c, phi, phi[1], 0.99);
	}
	score(b, phi, &mean[0], &width[0]);
	score(c, phi, &mean[1], &width[1]);
	CHECK_NEAR(mean[0], mean[1], 1e-5);
	CHECK_NEAR(width[0], width[1], 1e-5);
	buf_clear(&bytes);
	linear_free(a);
	linear_free(b);
	linear_free(c);
	linear_free(e);
}

TEST(damaged_regressions_are_refused_or_finite)
{
	static const uint64_t ids[N] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct linear *m = linear_new(N, 1, NULL), *back;
	double mean, width;
	struct buf bytes = { 0 };
	struct error err = { 0 };
	struct rng rng;
	float phi[N];
	size_t at;
	char kept;
	int t;

	rng_init(&rng, 8);
	for (t = 0; t < 100; t++) {
		draw(&rng, phi);
		linear_update(m, phi, phi[1], 1);
	}
	linear_encode(m, ids, &bytes);
	for (at = 0; at < bytes.len; at++)
		CHECK_INT(linear_decode(&back, ids, N, 1, slice_of(bytes.ptr, at), &err),
			ERR_CORRUPT);
	for (t = 0; t < 10000; t++) {
		at = rng_below(&rng, bytes.len);
		kept = bytes.ptr[at];
		bytes.ptr[at] = (char)rng_u64(&rng);
		back = NULL;
		if (linear_decode(&back, ids, N, 1, buf_slice(&bytes), &err) == 0) {
			score(back, phi, &mean, &width);
			CHECK(isfinite(mean) && isfinite(width));
		}
		linear_free(back);
		bytes.ptr[at] = kept;
	}
	buf_clear(&bytes);
	linear_free(m);
}
