/* counts.c -- decisions and outcomes, told to the tally. */
#include "learn/counts.h"

#include <math.h>

#include "base/hash.h"
#include "learn/reward.h"
#include "learn/split.h"

static double *arm_row(struct tally *t, uint16_t collection, const struct decision *d, int a,
	int64_t oldest_ms)
{
	return tally_row(t, collection, COUNT_ARM, d->at_ms < oldest_ms ? 0 : d->at_ms,
		d->arm[a].name, ARM_NUMBERS);
}

/* ---- who brought the same ---- */

struct seen {
	uint64_t entity;
	int arms; /* that brought it; 0: free */
};

static struct seen *find_seen(struct seen *table, size_t size, uint64_t entity)
{
	size_t at = hash_u64(entity) & (size - 1);

	while (table[at].arms && table[at].entity != entity)
		at = (at + 1) & (size - 1);
	return &table[at];
}

/* Candidates of each arm that another one brought as well. */
static void count_shared(const struct decision *d, struct arena *arena, int shared[ARMS_MAX])
{
	size_t size = 16, total = 0;
	struct seen *table, *seen;
	int a, i;

	for (a = 0; a < d->arms; a++)
		total += d->arm[a].drawn;
	while (size < 2 * total)
		size *= 2;
	table = arena_calloc(arena, size, sizeof(*table));
	for (a = 0; a < d->arms; a++)
		for (i = 0; i < d->arm[a].drawn; i++) {
			seen = find_seen(table, size, d->arm[a].candidates[i].entity);
			seen->entity = d->arm[a].candidates[i].entity;
			seen->arms++;
		}
	for (a = 0; a < d->arms; a++)
		for (shared[a] = i = 0; i < d->arm[a].drawn; i++)
			shared[a] +=
				find_seen(table, size, d->arm[a].candidates[i].entity)->arms > 1;
}

/* ---- policies ---- */

struct slice count_policy_name(struct key *room, struct slice policy, uint64_t split)
{
	room->len = 0;
	key_raw(room, policy);
	key_u8(room, 0);
	key_u64(room, split);
	return key_slice(room);
}

/* NULL: no part of a split made it. */
static double *policy_row(struct tally *t, uint16_t collection, const struct decision *d,
	int64_t oldest_ms)
{
	struct key name;

	if (!d->split)
		return NULL;
	return tally_row(t, collection, COUNT_POLICY, d->at_ms < oldest_ms ? 0 : d->at_ms,
		count_policy_name(&name, d->policy, d->split), POLICY_NUMBERS);
}

static int group_of(const struct decision *d)
{
	return (int)(hash_u64(d->unit ^ d->split) % USER_GROUPS);
}

static void count_policy(struct tally *t, uint16_t collection, const struct decision *d,
	int64_t oldest_ms)
{
	double *row = policy_row(t, collection, d, oldest_ms);
	int a;

	if (!row)
		return;
	for (a = 0; a < d->arms; a++) {
		row[POLICY_CANDIDATES] += d->arm[a].drawn;
		row[POLICY_US] += d->arm[a].took_us;
	}
	row[POLICY_DECISIONS + group_of(d)]++;
}

/* ---- pairs ---- */

static double *pair_row(struct tally *t, uint16_t collection, const struct decision *d,
	int64_t oldest_ms)
{
	return tally_row(t, collection, COUNT_PAIR, d->at_ms < oldest_ms ? 0 : d->at_ms, d->policy,
		PAIR_NUMBERS);
}

/* Who won, counted so often: 1, or -1 to take it back. */
static void count_verdict(double *row, const struct decision *d, const struct earned *e,
	double times)
{
	int group = group_of(d);

	row[PAIR_REWARD_FIRST] += times * e->team[0];
	row[PAIR_REWARD_SECOND] += times * e->team[1];
	if (!(e->team[0] + e->team[1] > 0))
		return;
	row[PAIR_JUDGED + group] += times;
	if (e->team[0] > e->team[1]) {
		row[PAIR_FIRST] += times;
		row[PAIR_WON + group] += times;
	} else if (e->team[0] < e->team[1]) {
		row[PAIR_SECOND] += times;
	} else {
		row[PAIR_TIES] += times;
		row[PAIR_WON + group] += times / 2;
	}
}

double count_sign_test(double heads, double tails)
{
	double n = heads + tails, most = fmax(heads, tails), p = 0, k;

	if (n > 5000) /* the normal distribution is as good */
		return erfc(fmax(2 * most - n - 1, 0) / sqrt(n) / sqrt(2));
	for (k = most; k <= n; k++)
		p += exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2));
	return fmin(2 * p, 1);
}

/* ---- decisions ---- */

static int time_bin(double us)
{
	int bin = 0;

	for (us /= 2; us >= 1 && bin < TIME_BINS - 1; us /= 2)
		bin++;
	return bin;
}

void count_decision(struct tally *t, uint16_t collection, const struct decision *d,
	struct arena *arena, int64_t oldest_ms)
{
	const struct decision_arm *arm;
	int a, shared[ARMS_MAX];
	double *row;

	count_policy(t, collection, d, oldest_ms);
	if (d->drafted)
		pair_row(t, collection, d, oldest_ms)[PAIR_DECISIONS]++;
	count_shared(d, arena, shared);
	for (a = 0; a < d->arms; a++) {
		arm = &d->arm[a];
		if (!arm->limit)
			continue;
		row = arm_row(t, collection, d, a, oldest_ms);
		row[ARM_DECISIONS]++;
		if (!arm->level)
			continue;
		row[ARM_DRAWS]++;
		row[ARM_DEPTH] += levels_depth(&d->levels, arm->level, arm->limit);
		row[ARM_CANDIDATES] += arm->drawn;
		row[ARM_SHARED] += shared[a];
		row[ARM_US] += arm->took_us;
		row[ARM_US_SQUARES] += (double)arm->took_us * arm->took_us;
		row[ARM_TIMES + time_bin(arm->took_us)]++;
	}
}

/* ---- outcomes ---- */

void earned_of(struct earned *out, const struct decision *d, const struct outcome *o)
{
	struct credit credit[ARMS_MAX];
	const struct decision_hit *hit;
	double reward;
	int e, i, n;

	memset(out, 0, sizeof(*out));
	for (e = 0; e < o->entities; e++) {
		reward = o->entity[e].reward;
		if (!(reward > 0))
			continue;
		out->total += reward;
		hit = d->drafted ? decision_find_hit(d, o->entity[e].id) : NULL;
		if (hit)
			out->team[hit->team - 1] += reward;
		n = credit_split(d, entity_hash(o->entity[e].id), credit);
		for (i = 0; i < n; i++) {
			out->wins[credit[i].arm]++;
			out->reward[credit[i].arm] += credit[i].share * reward;
		}
		if (n == 1)
			out->unique[credit[0].arm] += reward;
	}
}

void count_earned(struct tally *t, uint16_t collection, const struct decision *d,
	const struct earned *was, const struct earned *is, int64_t oldest_ms)
{
	double *row = policy_row(t, collection, d, oldest_ms);
	int a;

	if (row)
		row[POLICY_REWARD + group_of(d)] += is->total - was->total;
	if (d->drafted) {
		row = pair_row(t, collection, d, oldest_ms);
		count_verdict(row, d, was, -1);
		count_verdict(row, d, is, 1);
	}
	for (a = 0; a < d->arms; a++) {
		if (was->reward[a] == is->reward[a] && was->wins[a] == is->wins[a])
			continue;
		row = arm_row(t, collection, d, a, oldest_ms);
		row[ARM_WINS] += is->wins[a] - was->wins[a];
		row[ARM_REWARD] += is->reward[a] - was->reward[a];
		row[ARM_REWARD_SQUARES] +=
			is->reward[a] * is->reward[a] - was->reward[a] * was->reward[a];
		row[ARM_UNIQUE] += is->unique[a] - was->unique[a];
		row[ARM_UNIQUE_SQUARES] +=
			is->unique[a] * is->unique[a] - was->unique[a] * was->unique[a];
	}
}

/* ---- reading ---- */

double count_plus_minus(double n, double sum, double squares)
{
	double mean = (sum + 1) / (n + 2), variance = (squares + 1) / (n + 2) - mean * mean;

	return n > 0 ? 1.96 * sqrt(fmax(variance, 0) / n) : NAN;
}

/* Student's t, 97.5%, by degrees of freedom. */
static double student(int degrees)
{
	static const double t[USER_GROUPS] = { NAN, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447,
		2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101,
		2.093, 2.086, 2.080, 2.074, 2.069 };

	return t[degrees];
}

struct mean count_mean(const double n[USER_GROUPS], const double sum[USER_GROUPS])
{
	struct mean out = { 0, 0, NAN };
	double total = 0, without, squares = 0;
	int g, groups = 0;

	for (g = 0; g < USER_GROUPS; g++) {
		out.n += n[g];
		total += sum[g];
		groups += n[g] > 0;
	}
	if (out.n > 0)
		out.value = total / out.n;
	if (groups < 2)
		return out;
	for (g = 0; g < USER_GROUPS; g++) {
		if (!(n[g] > 0))
			continue;
		without = (total - sum[g]) / (out.n - n[g]);
		squares += (without - out.value) * (without - out.value);
	}
	out.plus_minus = student(groups - 1) * sqrt(squares * (groups - 1) / groups);
	return out;
}

struct mean count_gain(const struct mean *a, const struct mean *b)
{
	return (struct mean){ a->n + b->n, b->value - a->value,
		sqrt(a->plus_minus * a->plus_minus + b->plus_minus * b->plus_minus) };
}

double count_time(const double *times, double share)
{
	double total = 0, below = 0, low;
	int b;

	for (b = 0; b < TIME_BINS; b++)
		total += times[b];
	for (b = 0; b < TIME_BINS; b++) {
		if (below + times[b] >= share * total && times[b] > 0)
			break;
		below += times[b];
	}
	if (b == TIME_BINS)
		return 0;
	low = b ? ldexp(1, b) : 0;
	return low + (ldexp(2, b) - low) * (share * total - below) / times[b];
}
