#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "learn/evaluate.h"

#define KINDS   4
#define ARMS    3
#define LEVELS  3
#define BUCKETS (LEVELS - 1)

/* A small world in which everything is known: what each bucket earns for each kind of
 * query, what served, what is judged, and a model that is wrong. */
struct world {
	double chance[KINDS][ARMS][BUCKETS], model[KINDS][ARMS][BUCKETS];
	double logged[KINDS][ARMS][LEVELS], judged[KINDS][ARMS][LEVELS];
};

/* A choice of one among n: a plain bandit's.  logged[chosen] > 0. */
static void pick(struct evaluate_sample *out, const double *logged, const double *judged,
	const double *believed, int n, int chosen, double reward)
{
	int i;

	*out = (struct evaluate_sample){ .reward = reward,
		.count = 1,
		.weight = judged[chosen] / logged[chosen],
		.believed = believed[chosen] };
	for (i = 0; i < n; i++) {
		out->expected += judged[i] * believed[i];
		out->reach += logged[i] > 0 ? judged[i] : 0;
	}
	out->slate = out->weight;
	out->reach_slate = out->reach;
	out->cascade = out->expected + out->weight * (reward - out->believed);
}

static void distribution(struct rng *rng, double least, double *out)
{
	double sum = 0;
	int l;

	for (l = 0; l < LEVELS; l++)
		sum += out[l] = least + rng_double(rng);
	for (l = 0; l < LEVELS; l++)
		out[l] /= sum;
}

static void world_init(struct world *w, uint64_t seed)
{
	struct rng rng;
	int k, a, j;

	rng_init(&rng, seed);
	for (k = 0; k < KINDS; k++)
		for (a = 0; a < ARMS; a++) {
			distribution(&rng, 0.5, w->logged[k][a]);
			distribution(&rng, 0.05, w->judged[k][a]);
			for (j = 0; j < BUCKETS; j++) {
				w->chance[k][a][j] = 0.5 * rng_double(&rng);
				w->model[k][a][j] = w->chance[k][a][j] * (0.5 + rng_double(&rng));
			}
		}
}

static double beyond(const double *dist, int j)
{
	double sum = 0;
	int l;

	for (l = j + 1; l < LEVELS; l++)
		sum += dist[l];
	return sum;
}

/* What a policy earns: rewards of buckets add up, kinds are as likely. */
static double worth(const struct world *w, double (*dist)[ARMS][LEVELS])
{
	double sum = 0;
	int k, a, j;

	for (k = 0; k < KINDS; k++)
		for (a = 0; a < ARMS; a++)
			for (j = 0; j < BUCKETS; j++)
				sum += beyond(dist[k][a], j) * w->chance[k][a][j] / KINDS;
	return sum;
}

static int draw(struct rng *rng, const double *dist, int n)
{
	double u = rng_double(rng);
	int l;

	for (l = 0; l < n - 1 && (u -= dist[l]) >= 0; l++)
		;
	return l;
}

struct row {
	int kind, level[ARMS];
	double reward[ARMS][BUCKETS], sum;
};

static struct row serve(const struct world *w, struct rng *rng)
{
	struct row row = { .kind = (int)rng_below(rng, KINDS) };
	int a, j;

	for (a = 0; a < ARMS; a++) {
		row.level[a] = draw(rng, w->logged[row.kind][a], LEVELS);
		for (j = 0; j < row.level[a]; j++)
			row.sum += row.reward[a][j] = rng_double(rng) < w->chance[row.kind][a][j];
	}
	return row;
}

static void sample_of(const struct world *w, const struct row *row, struct evaluate_sample *s)
{
	struct evaluate_arm arms[ARMS];
	int a;

	for (a = 0; a < ARMS; a++)
		arms[a] = (struct evaluate_arm){ LEVELS, row->level[a], w->logged[row->kind][a],
			w->judged[row->kind][a], row->reward[a], w->model[row->kind][a],
			w->logged[row->kind][a] };
	evaluate_arms(s, arms, ARMS, &(struct evaluate_joint){ 1, 1, 1 }, row->sum);
}

TEST(intervals_cover_the_true_value_in_95_of_100_logs)
{
	enum { LOGS = 1000, DECISIONS = 1000 };
	int covered[ESTIMATORS] = { 0 }, log, t, k;
	double judged, logged, want;
	struct evaluate_sample s;
	struct evaluation result;
	struct evaluate *e;
	struct world w;
	struct row row;
	struct rng rng;

	world_init(&w, 2);
	judged = worth(&w, w.judged);
	logged = worth(&w, w.logged);
	CHECK(fabs(judged - logged) > 0.02);
	rng_init(&rng, 51);
	for (log = 0; log < LOGS; log++) {
		e = evaluate_new(
			&(struct evaluate_options){ .seed = (uint64_t)log, .switch_above = 50 });
		for (t = 0; t < DECISIONS; t++) {
			row = serve(&w, &rng);
			sample_of(&w, &row, &s);
			evaluate_add(e, &s);
		}
		evaluate_result(e, &result);
		for (k = 0; k < ESTIMATORS; k++) {
			want = k == ESTIMATE_LOGGED ? logged : judged;
			covered[k] += result.of[k].low <= want && want <= result.of[k].high;
		}
		evaluate_free(e);
	}
	for (k = 0; k < ESTIMATORS; k++)
		CHECK(covered[k] >= 930 && covered[k] <= 970);
}

/* ---- the formulas, plainly, over all samples at once ---- */

struct plain {
	double of[ESTIMATORS], error[ESTIMATORS]; /* and the standard error of a mean */
	double effective, mean_weight;
};

static double mean_of(const double *x, size_t n, double *error)
{
	double sum = 0, square = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += x[i];
	for (i = 0; i < n; i++)
		square += (x[i] - sum / (double)n) * (x[i] - sum / (double)n);
	*error = sqrt(square / (double)(n - 1) / (double)n);
	return sum / (double)n;
}

static struct plain plainly(const struct evaluate_sample *s, size_t n, double above)
{
	double *x = malloc(n * sizeof(*x)), weights = 0, squares = 0, earned = 0, unused;
	struct plain out;
	size_t i;
	int k;

	for (k = 0; k < ESTIMATORS; k++) {
		for (i = 0; i < n; i++) {
			double w = s[i].weight, r = s[i].reward, m = s[i].believed;

			x[i] = k == ESTIMATE_IPS                    ? w * r
			       : k == ESTIMATE_DR                   ? s[i].expected + w * (r - m)
			       : k == ESTIMATE_SWITCH && w <= above ? s[i].expected + w * (r - m)
			       : k == ESTIMATE_SWITCH               ? s[i].expected
			       : k == ESTIMATE_SLATE                ? s[i].slate * r
			       : k == ESTIMATE_CASCADE              ? s[i].cascade
								    : r;
		}
		out.of[k] = mean_of(x, n, &out.error[k]);
	}
	for (i = 0; i < n; i++) {
		weights += x[i] = s[i].weight;
		squares += s[i].weight * s[i].weight;
		earned += s[i].weight * s[i].reward;
	}
	out.of[ESTIMATE_SNIPS] = earned / weights;
	out.error[ESTIMATE_SNIPS] = NAN;
	out.effective = weights * weights / squares;
	out.mean_weight = mean_of(x, n, &unused);
	free(x);
	return out;
}

static void check_agrees(const struct evaluation *got, const struct plain *want)
{
	int k;

	for (k = 0; k < ESTIMATORS; k++) {
		CHECK_NEAR(got->of[k].value, want->of[k], 1e-12 * (1 + fabs(want->of[k])));
		CHECK(got->of[k].low <= got->of[k].value && got->of[k].value <= got->of[k].high);
		/* twice 1.96 standard errors, if the mean is near enough to normal */
		if (k != ESTIMATE_SNIPS)
			CHECK_NEAR(got->of[k].high - got->of[k].low, 3.92 * want->error[k],
				0.25 * 3.92 * want->error[k] + 1e-12);
	}
	CHECK_NEAR(got->effective, want->effective, 1e-9 * want->effective);
	CHECK_NEAR(got->mean_weight.value, want->mean_weight, 1e-9);
}

TEST(estimates_are_those_of_the_formulas)
{
	enum { N = 20000 };
	struct evaluate_sample *s = calloc(N, sizeof(*s));
	struct evaluate *e = evaluate_new(&(struct evaluate_options){ .switch_above = 1.5 });
	struct evaluation result, again;
	struct world w;
	struct plain want;
	struct row row;
	struct rng rng;
	int t, a, j, above = 0;
	double ratio, value;

	world_init(&w, 3);
	rng_init(&rng, 52);
	for (t = 0; t < N; t++) {
		row = serve(&w, &rng);
		sample_of(&w, &row, &s[t]);
		evaluate_add(e, &s[t]);
		above += s[t].weight > 1.5;
		/* the sample itself, by its definition */
		for (ratio = 1, value = 0, a = 0; a < ARMS; a++) {
			ratio *= w.judged[row.kind][a][row.level[a]] /
				 w.logged[row.kind][a][row.level[a]];
			for (j = 0; j < row.level[a]; j++)
				value += w.model[row.kind][a][j];
		}
		CHECK_NEAR(s[t].weight, ratio, 1e-12 * ratio);
		CHECK_NEAR(s[t].believed, value, 1e-12);
		CHECK_NEAR(s[t].reach, 1, 1e-12);
	}
	CHECK(above > 100);
	want = plainly(s, N, 1.5);
	evaluate_result(e, &result);
	check_agrees(&result, &want);
	CHECK_STR(result.warning, "");
	evaluate_free(e);
	/* the same log, the same answer, to the bit */
	e = evaluate_new(&(struct evaluate_options){ .switch_above = 1.5 });
	for (t = 0; t < N; t++)
		evaluate_add(e, &s[t]);
	evaluate_result(e, &again);
	CHECK(!memcmp(&result, &again, sizeof(result)));
	evaluate_free(e);
	free(s);
}

/* The public logs of a shop: who was shown what, with what probability, and clicked. */
static size_t read_log(const char *data, const char *name, struct evaluate_sample *out, size_t most,
	int items, const double *model)
{
	double logged[64], judged[64], p;
	char command[700], *line = NULL;
	size_t cap = 0, n = 0;
	int item, position, click, i;
	FILE *in;

	snprintf(command, sizeof(command), "zcat %s/open-bandit/%s.tsv.gz", data, name);
	in = popen(command, "r");
	while (in && n < most && getline(&line, &cap, in) > 0) {
		if (sscanf(line, "%*[^\t]\t%d\t%d\t%d\t%lf", &item, &position, &click, &p) != 4)
			continue; /* the header */
		for (i = 0; i < items; i++) {
			judged[i] = 1.0 / items;
			logged[i] = 1; /* of those not shown only that they could have been */
		}
		logged[item] = p;
		pick(&out[n++], logged, judged, model, items, item, click);
	}
	free(line);
	if (in)
		pclose(in);
	return n;
}

TEST(a_public_log_is_judged_as_the_formulas_judge_it)
{
	enum { MOST = 20000, ITEMS = 34 };
	struct evaluate_sample *s[2];
	struct evaluation result[2];
	double model[ITEMS];
	const char *data = test_data();
	struct evaluate *e;
	struct plain want;
	size_t n[2], i;
	int k;

	if (!data)
		check_skip("no data sets");
	for (k = 0; k < ITEMS; k++)
		model[k] = 0.003 + 0.0001 * k; /* any will do */
	for (k = 0; k < 2; k++) {
		s[k] = calloc(MOST, sizeof(**s));
		n[k] = read_log(data, k ? "bts-men" : "random-men", s[k], MOST, ITEMS, model);
		if (n[k] == 0)
			check_skip("no open-bandit");
		e = evaluate_new(&(struct evaluate_options){ .seed = 4 });
		for (i = 0; i < n[k]; i++)
			evaluate_add(e, &s[k][i]);
		evaluate_result(e, &result[k]);
		want = plainly(s[k], n[k], 10);
		CHECK_INT(result[k].decisions, n[k]);
		for (i = 0; i < ESTIMATORS; i++)
			CHECK_NEAR(result[k].of[i].value, want.of[i], 1e-12);
		if (k == 0)
			check_agrees(&result[k], &want);
		evaluate_free(e);
		free(s[k]);
	}
	/* a choice among items that served itself is worth what it earned */
	CHECK_NEAR(result[0].of[ESTIMATE_IPS].value, result[0].of[ESTIMATE_LOGGED].value, 1e-9);
	CHECK_NEAR(result[0].effective, (double)n[0], 1e-3);
	CHECK_STR(result[0].warning, "");
	/* and judged from the other log it is worth the same, as far as that can tell */
	CHECK(result[1].of[ESTIMATE_SNIPS].low <= result[0].of[ESTIMATE_LOGGED].high);
	CHECK(result[1].of[ESTIMATE_SNIPS].high >= result[0].of[ESTIMATE_LOGGED].low);
	CHECK(result[1].effective < (double)n[1] / 2);
}

TEST(many_arms_leave_little_to_products_but_slate_and_cascade_can_tell)
{
	enum { MANY = 24, N = 5000 };
	static const double logged[2] = { 0.7, 0.3 }, judged[2] = { 0.3, 0.7 };
	double reward[MANY][1], believed[1] = { 0.02 }, sum;
	struct evaluate_arm arms[MANY];
	struct evaluate_sample s;
	struct evaluation r;
	struct evaluate *e = evaluate_new(&(struct evaluate_options){ 0 });
	struct rng rng;
	int t, a;

	rng_init(&rng, 53);
	for (t = 0; t < N; t++) {
		for (sum = a = 0; a < MANY; a++) {
			arms[a] = (struct evaluate_arm){ 2, rng_double(&rng) < 0.3, logged, judged,
				reward[a], believed, logged };
			reward[a][0] = arms[a].level && rng_double(&rng) < 0.03;
			sum += reward[a][0];
		}
		evaluate_arms(&s, arms, MANY, &(struct evaluate_joint){ 1, 1, 1 }, sum);
		evaluate_add(e, &s);
	}
	evaluate_result(e, &r);
	CHECK(r.effective < 50 && r.effective_slate > 50);
	CHECK(strstr(r.warning, "too different"));
	CHECK_NEAR(r.of[ESTIMATE_CASCADE].value, MANY * 0.7 * 0.03, 0.05);
	CHECK(r.of[ESTIMATE_SLATE].low < MANY * 0.7 * 0.03);
	CHECK(r.of[ESTIMATE_SLATE].high > MANY * 0.7 * 0.03);
	CHECK(r.of[ESTIMATE_CASCADE].high - r.of[ESTIMATE_CASCADE].low <
		0.7 * (r.of[ESTIMATE_SLATE].high - r.of[ESTIMATE_SLATE].low));
	evaluate_free(e);
}

/* `n` picks of one of two: 0 is logged with p and judged with q, earns 0.5. */
static struct evaluation two(int n, double p, double drawn, double q, double never)
{
	double logged[3] = { p, 1 - p, 0 }, judged[3] = { q, 1 - q - never, never };
	static const double believed[3] = { 0 };
	struct evaluate *e = evaluate_new(&(struct evaluate_options){ 0 });
	struct evaluate_sample s;
	struct evaluation r;
	struct rng rng;
	int t;

	rng_init(&rng, 54);
	for (t = 0; t < n; t++) {
		pick(&s, logged, judged, believed, 3, rng_double(&rng) >= drawn,
			rng_double(&rng) < 0.5);
		evaluate_add(e, &s);
	}
	evaluate_result(e, &r);
	evaluate_free(e);
	return r;
}

TEST(a_log_that_cannot_answer_says_so_in_words)
{
	CHECK_STR(two(5000, 0.5, 0.5, 0.6, 0).warning, "");
	CHECK(strstr(two(20, 0.5, 0.5, 0.6, 0).warning, "too few"));
	CHECK(strstr(two(5000, 0.5, 0.5, 0.3, 0.4).warning, "no chance to be logged"));
	CHECK_NEAR(two(5000, 0.5, 0.5, 0.3, 0.4).reach, 0.6, 1e-9);
	CHECK(strstr(two(5000, 0.002, 0.002, 1, 0).warning, "too different"));
	CHECK(strstr(two(5000, 0.5, 0.7, 0.8, 0).warning, "expected: the logged probabilities"));
	CHECK(strstr(two(5000, 0.5, 0.3, 0.8, 0).warning, "was hardly ever done"));
	/* what served, judged by a log that keeps its probabilities as floats */
	CHECK_STR(two(5000, 0.9999999, 1, 1, 0).warning, "");
}

TEST(damaged_samples_are_counted_and_a_sampled_log_counts_in_full)
{
	struct evaluate *e = evaluate_new(&(struct evaluate_options){ 0 });
	struct evaluate_sample s = { .reward = 1,
		.weight = 1,
		.slate = 1,
		.cascade = 1,
		.reach = 1,
		.count = 4 };
	struct evaluation r;
	int t;

	for (t = 0; t < 200; t++) {
		evaluate_add(e, &s); /* one in four was logged */
		evaluate_add(e, &(struct evaluate_sample){ .weight = 1,
					.slate = 1,
					.reach = 1,
					.count = 1 });
	}
	s.weight = NAN;
	evaluate_add(e, &s);
	s.weight = -1;
	evaluate_add(e, &s);
	s.weight = INFINITY;
	evaluate_add(e, &s);
	evaluate_result(e, &r);
	CHECK_INT(r.decisions, 400);
	CHECK_INT(r.damaged, 3);
	CHECK_NEAR(r.of[ESTIMATE_IPS].value, 0.8, 1e-12);
	CHECK_NEAR(r.of[ESTIMATE_LOGGED].value, 0.8, 1e-12);
	CHECK(strstr(r.warning, "3 decisions"));
	evaluate_free(e);
	e = evaluate_new(&(struct evaluate_options){ 0 });
	evaluate_result(e, &r);
	CHECK(r.of[ESTIMATE_SNIPS].value == 0 && strstr(r.warning, "too few"));
	evaluate_free(e);
}
