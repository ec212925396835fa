/* drift.c -- features counted by time, and what is said of them.
 *
 *     row     COUNT_FEATURE, name: the feature's | kind u8 | places u8
 *             present, absent, outside, then one sum for each number of phi that the
 *             feature has, and for a number or flag the sum of squares
 *
 * Numbers are summed in their own unit, so a wider range of the script does not move them.
 * Another kind, or another number of places, is another row. */
#include "learn/drift.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "learn/counts.h"
#include "store/key.h"

#define ENOUGH           100 /* searches in each period, to say anything */
#define ENOUGH_TO_SPREAD 400
#define OUTSIDE          0.01 /* of searches, and so many */
#define OUTSIDE_LEAST    10
#define SHARE            0.1  /* of searches, of absence, flags and places */
#define MOVED            0.5  /* sds */
#define MOVED_MOST       1e6  /* what had none before */
#define SPREAD           2.0  /* times */
#define SURE             5.0  /* standard errors */
#define DEAD             1000 /* searches without any change */

enum { PRESENT, ABSENT, OUT, SUMS };
#define PLACES_MAX (TALLY_NUMBERS_MAX - SUMS)

static int places_of(const struct feature_spec *s)
{
	int n = s->kind == FEATURE_CATEGORY ? (int)s->buckets : s->kind == FEATURE_CYCLE ? 2 : 1;

	return n < PLACES_MAX ? n : PLACES_MAX;
}

static bool is_plain(enum feature_kind kind)
{
	return kind == FEATURE_NUMBER || kind == FEATURE_FLAG;
}

static struct slice row_name(const struct feature_spec *s, struct key *room)
{
	room->len = 0;
	key_raw(room, slice_str(s->name));
	key_u8(room, (uint8_t)s->kind);
	key_u8(room, (uint8_t)places_of(s));
	return key_slice(room);
}

/* ---- counting ---- */

static void count_one(const struct feature_spec *s, const float *phi, bool absent, bool outside,
	double *row)
{
	int i, places = places_of(s);
	double x;

	row[absent ? ABSENT : PRESENT]++;
	row[OUT] += outside;
	for (i = 0; i < places && !absent; i++) {
		x = phi[i];
		if (s->kind == FEATURE_NUMBER)
			x = s->lo + x * (s->hi - s->lo);
		row[SUMS + i] += x;
		if (is_plain(s->kind))
			row[SUMS + 1] += x * x;
	}
}

void drift_count(struct tally *t, uint16_t collection, const struct feature_set *set,
	const struct decision *d, int64_t oldest_ms)
{
	const struct feature_spec *s;
	struct key room;
	int i, at = 1; /* behind the bias */

	if (d->features != feature_set_hash(set) || d->width != feature_set_width(set))
		return;
	for (i = 0; i < feature_set_count(set); i++) {
		s = feature_set_spec(set, i);
		if (s->kind != FEATURE_PRODUCT)
			count_one(s, d->phi + at,
				s->kind != FEATURE_FLAG && d->absent >> i & 1, /* nil is no */
				d->clipped >> i & 1,
				tally_row(t, collection, COUNT_FEATURE,
					d->at_ms < oldest_ms ? 0 : d->at_ms, row_name(s, &room),
					SUMS + places_of(s) + is_plain(s->kind)));
		at += (int)feature_numbers(s);
	}
}

/* ---- judging ---- */

static void say(struct drift *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct drift *d, const char *format, ...)
{
	size_t len = strlen(d->says);
	va_list args;

	if (len && len + 2 < sizeof(d->says))
		len += (size_t)snprintf(d->says + len, sizeof(d->says) - len, "; ");
	va_start(args, format);
	vsnprintf(d->says + len, sizeof(d->says) - len, format, args);
	va_end(args);
}

/* Two shares that differ by much, and not by chance. */
static bool differs(const double share[PERIODS], const double n[PERIODS], double least)
{
	double by = fabs(share[NOW] - share[BEFORE]), all, error;

	all = (share[NOW] * n[NOW] + share[BEFORE] * n[BEFORE]) / (n[NOW] + n[BEFORE]);
	error = sqrt(all * (1 - all) * (1 / n[NOW] + 1 / n[BEFORE]));
	return by >= least && by > SURE * error;
}

/* Whether it never changes. */
static bool judge_dead(struct drift *d, const double n[PERIODS])
{
	if (d->sd[NOW] > 0 || d->sd[BEFORE] > 0 || d->mean[NOW] != d->mean[BEFORE])
		return false;
	if (n[NOW] + n[BEFORE] >= DEAD)
		say(d, "always %.3g: it tells nothing", d->mean[NOW]);
	return true;
}

static void judge_number(struct drift *d, const double n[PERIODS])
{
	double by = fabs(d->mean[NOW] - d->mean[BEFORE]), error, spread;

	error = sqrt(d->sd[NOW] * d->sd[NOW] / n[NOW] + d->sd[BEFORE] * d->sd[BEFORE] / n[BEFORE]);
	d->moved = d->sd[BEFORE] > 0 ? by / d->sd[BEFORE] : MOVED_MOST;
	if (d->moved >= MOVED && by > SURE * error) {
		if (d->sd[BEFORE] > 0)
			say(d, "moved by %.2g sd: %.3g, %.3g before", d->moved, d->mean[NOW],
				d->mean[BEFORE]);
		else
			say(d, "%.3g, always %.3g before", d->mean[NOW], d->mean[BEFORE]);
	}
	spread = d->sd[NOW] / d->sd[BEFORE];
	if (d->sd[BEFORE] > 0 && n[NOW] >= ENOUGH_TO_SPREAD &&
		(spread >= SPREAD || spread <= 1 / SPREAD))
		say(d, "spread by %.2g: sd %.3g, %.3g before", spread, d->sd[NOW], d->sd[BEFORE]);
}

/* Half of what the shares of places differ by: of so many searches they are others. */
static void judge_places(struct drift *d, const double *before, const double *now, int places,
	const double n[PERIODS])
{
	int i;

	for (i = 0; i < places; i++)
		d->moved += fabs(now[SUMS + i] / n[NOW] - before[SUMS + i] / n[BEFORE]) / 2;
	if (d->moved >= SHARE + sqrt(places / fmin(n[NOW], n[BEFORE])))
		say(d, "the places of %.0f%% of searches are others than before", 100 * d->moved);
}

static void judge(struct drift *d, const struct feature_spec *s, const double *before,
	const double *now)
{
	const double n[PERIODS] = { before[PRESENT], now[PRESENT] };

	if (d->searches[NOW] < ENOUGH)
		return;
	if (d->outside[NOW] >= OUTSIDE && now[OUT] >= OUTSIDE_LEAST)
		say(d, "out of range in %.2g%% of searches (%.2g%% before)", 100 * d->outside[NOW],
			100 * d->outside[BEFORE]);
	if (d->searches[BEFORE] < ENOUGH)
		return;
	if (differs(d->absent, d->searches, SHARE))
		say(d, "absent in %.0f%% of searches (%.0f%% before)", 100 * d->absent[NOW],
			100 * d->absent[BEFORE]);
	if (n[NOW] < ENOUGH || n[BEFORE] < ENOUGH)
		return;
	if (s->kind == FEATURE_CATEGORY)
		judge_places(d, before, now, places_of(s), n);
	if (!is_plain(s->kind) || judge_dead(d, n))
		return;
	if (s->kind == FEATURE_NUMBER)
		judge_number(d, n);
	else if (differs(d->mean, n, SHARE))
		say(d, "true in %.0f%% of searches (%.0f%% before)", 100 * d->mean[NOW],
			100 * d->mean[BEFORE]);
}

/* ---- reading ---- */

static const double *find(const struct tally_sum *sums, int count, struct slice name)
{
	static const double none[TALLY_NUMBERS_MAX];
	int i;

	for (i = 0; i < count; i++)
		if (slice_eq(sums[i].name, name))
			return sums[i].at;
	return none;
}

static void describe(struct drift *d, int period, const double *row)
{
	double n = row[PRESENT], variance;

	d->searches[period] = n + row[ABSENT];
	if (d->searches[period] > 0) {
		d->absent[period] = row[ABSENT] / d->searches[period];
		d->outside[period] = row[OUT] / d->searches[period];
	}
	if (!is_plain(d->kind) || !(n > 0))
		return;
	d->mean[period] = row[SUMS] / n;
	variance = row[SUMS + 1] / n - d->mean[period] * d->mean[period];
	/* sums of floats leave crumbs where nothing varies */
	if (variance > 1e-9 * d->mean[period] * d->mean[period])
		d->sd[period] = sqrt(variance);
}

int drift_read(const struct tally_rows *rows, const struct feature_set *set, int64_t now_ms,
	int64_t window_ms, struct drift **out, struct error *err)
{
	int64_t split_ms = tally_recent(now_ms - window_ms);
	struct tally_sum *sums[PERIODS];
	const double *row[PERIODS];
	const struct feature_spec *s;
	struct drift *d;
	struct key room;
	int i, n[PERIODS], count = 0;

	n[BEFORE] = tally_read(rows, COUNT_FEATURE, tally_recent(now_ms - TALLY_KEEP_MS), split_ms,
		&sums[BEFORE], err);
	if (n[BEFORE] < 0)
		return n[BEFORE];
	n[NOW] = tally_read(rows, COUNT_FEATURE, split_ms, INT64_MAX, &sums[NOW], err);
	if (n[NOW] < 0)
		return n[NOW];
	*out = arena_calloc(rows->arena, (size_t)feature_set_count(set) + 1, sizeof(**out));
	for (i = 0; i < feature_set_count(set); i++) {
		s = feature_set_spec(set, i);
		if (s->kind == FEATURE_PRODUCT)
			continue;
		d = &(*out)[count++];
		d->name = s->name;
		d->kind = s->kind;
		row[BEFORE] = find(sums[BEFORE], n[BEFORE], row_name(s, &room));
		row[NOW] = find(sums[NOW], n[NOW], row_name(s, &room));
		describe(d, BEFORE, row[BEFORE]);
		describe(d, NOW, row[NOW]);
		judge(d, s, row[BEFORE], row[NOW]);
	}
	return count;
}
