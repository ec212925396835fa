/* evaluate.c -- off-policy estimators over a stream of logged decisions.
 *
 * All estimators but snips are means of one value a decision, and snips is a ratio of two
 * such means.  So a bootstrap replicate is a handful of sums in which every decision
 * counts Poisson(1) times: as if the log had been drawn again with replacement
 * (Chamandy et al. 2012). */
#include "learn/evaluate.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "learn/joint.h"

#define REPLICATES   400
#define SWITCH_ABOVE 10
#define POISSON_MOST 8

const char *const estimator_names[ESTIMATORS + 1] = { "ips", "snips", "dr", "switch", "slate",
	"cascade", "logged", NULL };

/* What is summed; means of these are all there is. */
enum sum {
	SUM_COUNT,
	SUM_WEIGHT,
	SUM_IPS,
	SUM_DR,
	SUM_SWITCH,
	SUM_SLATE,
	SUM_CASCADE,
	SUM_REWARD,
	SUMS
};

struct evaluate {
	int replicates;
	double switch_above;
	uint64_t seed;
	struct rng rng;
	uint64_t decisions, damaged;
	double sum[SUMS], squares, slates, slate_squares, largest, reach, reach_slate;
	double *replicate[SUMS]; /* of `replicates` numbers */
	double *times;           /* how often the decision at hand counts in each */
};

/* ---- one decision ---- */

/* P(level > j). */
static double beyond(const double *dist, int levels, int j)
{
	double sum = 0;
	int l;

	for (l = j + 1; l < levels; l++)
		sum += dist[l];
	return sum;
}

/* Probability of the whole choice by what is judged over that by what served, and what
 * stands for it if each arm adds its own.
 *
 * With x the levels served would be drawn independently from p' = x p, but that what asks
 * nobody, 1 - x of all, is left out.  That earns nothing, so a mean over what was served is
 * 1 / x of the mean over independent draws.  The same goes for the judged policy with the
 * same x, and sums do not care how arms hang together: the two cancel. */
static void weigh(struct evaluate_sample *out, const struct evaluate_arm *arms, int count,
	const struct evaluate_joint *j)
{
	struct joint_ratio whole = joint_ratio_begin(j->judged, j->logged);
	const struct evaluate_arm *arm;
	double ratio;
	int a;

	out->slate = 1;
	for (a = 0; a < count; a++) {
		arm = &arms[a];
		joint_ratio_add(&whole, arm->level, arm->judged, arm->logged);
		ratio = arm->level ? arm->judged[arm->level] / arm->logged[arm->level]
				   : joint_idle(j->logged, arm->judged[0]) /
					     joint_idle(j->logged, arm->logged[0]);
		out->slate += ratio - 1;
	}
	out->weight = joint_ratio(&whole) / j->mixture;
}

/* Of two arms the judged one asks, what served asked only one. */
static double reach_of_single(const struct evaluate_arm *arms, int count, double x)
{
	double asked[ARMS_MAX];
	int a;

	for (a = 0; a < count; a++)
		asked[a] = 1 - arms[a].judged[0];
	return joint_single(x, asked, count);
}

void evaluate_arms(struct evaluate_sample *out, const struct evaluate_arm *arms, int count,
	const struct evaluate_joint *joint, double reward)
{
	double drawn, would, reach, within;
	const struct evaluate_arm *arm;
	int a, j, l;

	*out = (struct evaluate_sample){ .reward = reward,
		.reach = 1,
		.reach_slate = 1,
		.count = 1 };
	weigh(out, arms, count, joint);
	if (joint->logged == 0 && joint->mixture == 1)
		out->reach = reach_of_single(arms, count, joint->judged);
	for (a = 0; a < count; a++) {
		arm = &arms[a];
		for (reach = within = 0, l = 0; l < arm->levels; l++) {
			reach += arm->mixed[l] > 0 ? arm->judged[l] : 0;
			within += arm->logged[l] > 0 ? arm->judged[l] : 0;
		}
		out->reach *= reach < 1 ? reach : 1;
		out->reach_slate *= within < 1 ? within : 1;
		for (j = 0; j < arm->levels - 1; j++) {
			would = beyond(arm->judged, arm->levels, j);
			out->expected += would * arm->believed[j];
			if (j >= arm->level)
				continue;
			drawn = beyond(arm->mixed, arm->levels, j);
			out->believed += arm->believed[j];
			out->cascade += would / drawn * (arm->reward[j] - arm->believed[j]);
		}
	}
	out->cascade += out->expected;
}

/* ---- the stream ---- */

struct evaluate *evaluate_new(const struct evaluate_options *o)
{
	struct evaluate *e = xcalloc(1, sizeof(*e));
	int s;

	e->replicates = o->replicates ? o->replicates : REPLICATES;
	e->switch_above = o->switch_above > 0 ? o->switch_above : SWITCH_ABOVE;
	assert(e->replicates >= 2 && e->replicates <= REPLICATES_MAX);
	e->seed = o->seed;
	rng_init(&e->rng, o->seed);
	for (s = 0; s < SUMS; s++)
		e->replicate[s] = xcalloc((size_t)e->replicates, sizeof(double));
	e->times = xcalloc((size_t)e->replicates + 4, sizeof(double));
	return e;
}

void evaluate_free(struct evaluate *e)
{
	int s;

	if (!e)
		return;
	for (s = 0; s < SUMS; s++)
		free(e->replicate[s]);
	free(e->times);
	free(e);
}

/* Poisson(1) from 16 bits of luck: the sums of 1 / (e k!), in 65536ths. */
static double poisson(unsigned bits)
{
	static const unsigned below[POISSON_MOST] = { 24109, 48219, 60273, 64292, 65296, 65497,
		65531, 65535 };
	int k = 0;

	while (k < POISSON_MOST && bits >= below[k])
		k++;
	return k;
}

/* The luck of a unit is its own, so it is the same each time it comes. */
static void draw_times(struct evaluate *e, uint64_t unit)
{
	struct rng own, *rng = &e->rng;
	uint64_t luck;
	int b, i;

	if (unit) {
		rng_init(&own, e->seed ^ unit);
		rng = &own;
	}
	for (b = 0; b < e->replicates; b += 4) {
		luck = rng_u64(rng);
		for (i = 0; i < 4; i++, luck >>= 16)
			e->times[b + i] = poisson(luck & 0xffff);
	}
}

static bool usable(const struct evaluate_sample *s)
{
	return isfinite(s->reward) && isfinite(s->weight) && s->weight >= 0 && isfinite(s->slate) &&
	       isfinite(s->believed) && isfinite(s->expected) && isfinite(s->cascade) &&
	       s->reach >= 0 && s->reach_slate >= 0 && s->count > 0 && isfinite(s->count);
}

void evaluate_add(struct evaluate *e, const struct evaluate_sample *s)
{
	double value[SUMS], correction = s->weight * (s->reward - s->believed);
	int b, k;

	if (!usable(s)) {
		e->damaged++;
		return;
	}
	value[SUM_COUNT] = 1;
	value[SUM_WEIGHT] = s->weight;
	value[SUM_IPS] = s->weight * s->reward;
	value[SUM_DR] = s->expected + correction;
	value[SUM_SWITCH] = s->expected + (s->weight <= e->switch_above ? correction : 0);
	value[SUM_SLATE] = s->slate * s->reward;
	value[SUM_CASCADE] = s->cascade;
	value[SUM_REWARD] = s->reward;
	draw_times(e, s->unit);
	for (k = 0; k < SUMS; k++) {
		value[k] *= s->count;
		e->sum[k] += value[k];
		for (b = 0; b < e->replicates; b++)
			e->replicate[k][b] += e->times[b] * value[k];
	}
	e->decisions++;
	e->squares += value[SUM_WEIGHT] * value[SUM_WEIGHT];
	e->slates += s->count * s->slate;
	e->slate_squares += s->count * s->slate * s->count * s->slate;
	e->largest = fmax(e->largest, value[SUM_WEIGHT]);
	e->reach += s->count * fmin(1, s->reach);
	e->reach_slate += s->count * fmin(1, s->reach_slate);
}

/* ---- the answer ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* `over` the sum that it is a mean of: decisions, or weights for snips. */
static struct estimate estimate(const struct evaluate *e, enum sum of, enum sum over)
{
	struct estimate out = { 0 };
	double at[REPLICATES_MAX], n;
	int b, tail, good = 0;

	if (e->sum[over] > 0)
		out.value = e->sum[of] / e->sum[over];
	for (b = 0; b < e->replicates; b++) {
		n = e->replicate[over][b];
		if (n > 0)
			at[good++] = e->replicate[of][b] / n;
	}
	out.low = out.high = out.value;
	if (good < 2)
		return out;
	qsort(at, (size_t)good, sizeof(*at), by_value);
	/* `good` values part the line in good + 1 pieces, each as likely */
	tail = (int)(0.025 * (good + 1));
	tail = tail < 1 ? 1 : tail;
	out.low = at[tail - 1];
	out.high = at[good - tail];
	return out;
}

static void warn(struct evaluation *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void warn(struct evaluation *out, const char *format, ...)
{
	size_t len = strlen(out->warning);
	va_list args;

	if (len && len + 1 < sizeof(out->warning))
		out->warning[len++] = ' ';
	va_start(args, format);
	vsnprintf(out->warning + len, sizeof(out->warning) - len, format, args);
	va_end(args);
}

/* Of a mean weight of 1, where probabilities are logged as floats. */
#define ROUNDING 1e-4

/* The ways in which a log cannot answer. */
static void judge(struct evaluation *out)
{
	const struct estimate *w = &out->mean_weight;
	double n = (double)out->decisions;
	bool thin = out->effective < 100 || out->effective < n / 100;

	if (out->decisions < 100) {
		warn(out, "%llu decisions are too few to say anything.",
			(unsigned long long)out->decisions);
		return;
	}
	if (out->damaged)
		warn(out, "%llu decisions had numbers that are none and were left out.",
			(unsigned long long)out->damaged);
	if (out->reach < 0.99)
		warn(out,
			"%.2g%% of what this policy would do had no chance to be logged; the "
			"estimates know nothing of it.",
			100 * (1 - out->reach));
	if (out->reach_slate < 0.99 * out->reach)
		warn(out, "For slate it is %.2g%%: it knows each decision's own policy only.",
			100 * (1 - out->reach_slate));
	if (thin)
		warn(out,
			"For ips, snips and dr %.0f decisions are worth only %.0f: what served "
			"was too different.%s",
			n, out->effective,
			out->effective_slate >= 100 && out->effective_slate >= n / 100
				? "  Look at slate and cascade."
				: "");
	else if (out->largest_share > 0.05)
		warn(out, "One decision has %.0f%% of the weight.", 100 * out->largest_share);
	if (!thin && out->reach >= 0.99 && (w->low - 1) * (w->high - 1) > 0 &&
		fabs(w->value - 1) > 0.6 * (w->high - w->low) + ROUNDING)
		warn(out,
			"The mean weight is %.3g where 1 is expected: %sthe logged probabilities "
			"are not those of the draws.",
			w->value,
			w->value < 1 ? "most of what this policy would do was hardly ever done, "
				       "so look at switch and cascade; or "
				     : "");
}

void evaluate_result(const struct evaluate *e, struct evaluation *out)
{
	static const enum sum of[ESTIMATORS] = { SUM_IPS, SUM_IPS, SUM_DR, SUM_SWITCH, SUM_SLATE,
		SUM_CASCADE, SUM_REWARD };
	double weight = e->sum[SUM_WEIGHT];
	int k;

	memset(out, 0, sizeof(*out));
	out->decisions = e->decisions;
	out->damaged = e->damaged;
	for (k = 0; k < ESTIMATORS; k++)
		out->of[k] = estimate(e, of[k], k == ESTIMATE_SNIPS ? SUM_WEIGHT : SUM_COUNT);
	out->mean_weight = estimate(e, SUM_WEIGHT, SUM_COUNT);
	out->effective = e->squares > 0 ? weight * weight / e->squares : 0;
	out->effective_slate = e->slate_squares > 0 ? e->slates * e->slates / e->slate_squares : 0;
	out->largest = e->largest;
	out->largest_share = weight > 0 ? e->largest / weight : 0;
	if (e->sum[SUM_COUNT] > 0) {
		out->reach = e->reach / e->sum[SUM_COUNT];
		out->reach_slate = e->reach_slate / e->sum[SUM_COUNT];
	}
	judge(out);
}
