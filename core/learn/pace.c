/* pace.c -- time an arm takes, by level.
 *
 * On disk:  f64 n, x, xx, t, xt | u8 levels x (u16 depth | f64 n | f64 us)
 *
 * Levels are kept by their depth, so other levels find what fits them. */
#include "learn/pace.h"

#include <math.h>
#include <string.h>

#define KEEP        0.99  /* of a level's past at each observation of it */
#define KEEP_LINE   0.995 /* of the line's, at each observation */
#define LINE_WEIGHT 3     /* observations of a level that the line counts for */
#define STALL       8     /* times the expected: more is taken for a stall */
#define STALL_AFTER 5     /* observations before anything is */

static double line(const struct pace *p, double depth)
{
	double mean_x = p->x / p->n, mean_t = p->t / p->n;
	double variance = p->xx / p->n - mean_x * mean_x, slope = 0;

	if (variance > 1e-9 * mean_x * mean_x)
		slope = fmax(0, (p->xt / p->n - mean_x * mean_t) / variance);
	/* no time below zero at depth zero: then it is proportional to depth */
	if (mean_t - slope * mean_x < 0)
		slope = mean_t / mean_x;
	return mean_t + slope * (depth - mean_x);
}

/* The level of a depth, -1 if there is none. */
static int find(const struct pace *p, unsigned depth)
{
	int i;

	for (i = 0; i < LEVELS_MAX; i++)
		if (p->level[i].depth == depth)
			return i;
	return -1;
}

/* Where a new depth goes: a free place, or that of the level least observed. */
static int place(struct pace *p, unsigned depth)
{
	int i, least = 0;

	for (i = 0; i < LEVELS_MAX; i++) {
		if (p->level[i].depth == 0) {
			least = i;
			break;
		}
		if (p->level[i].n < p->level[least].n)
			least = i;
	}
	memset(&p->level[least], 0, sizeof(p->level[least]));
	p->level[least].depth = (uint16_t)depth;
	return least;
}

static double expected(const struct pace *p, unsigned depth)
{
	double us = line(p, depth);
	int i = find(p, depth);

	if (i >= 0)
		us = (p->level[i].n * p->level[i].us + LINE_WEIGHT * us) /
		     (p->level[i].n + LINE_WEIGHT);
	return us;
}

void pace_add(struct pace *p, unsigned depth, double us)
{
	int i = find(p, depth);

	if (!(us >= 0) || !isfinite(us) || depth == 0)
		return;
	if (p->n >= STALL_AFTER)
		us = fmin(us, STALL * fmax(1, expected(p, depth)));
	if (i < 0)
		i = place(p, depth);
	p->level[i].n = KEEP * p->level[i].n + 1;
	p->level[i].us += (us - p->level[i].us) / p->level[i].n;
	p->n = KEEP_LINE * p->n + 1;
	p->x = KEEP_LINE * p->x + depth;
	p->xx = KEEP_LINE * p->xx + (double)depth * depth;
	p->t = KEEP_LINE * p->t + us;
	p->xt = KEEP_LINE * p->xt + depth * us;
}

bool pace_us(const struct pace *p, const struct levels *levels, float out[LEVELS_MAX])
{
	int l;

	memset(out, 0, LEVELS_MAX * sizeof(*out));
	if (!(p->n > 0))
		return false;
	for (l = 1; l < levels->count; l++)
		out[l] = fmaxf(out[l - 1], (float)expected(p, levels->depth[l]));
	return true;
}

void pace_encode(const struct pace *p, struct buf *out)
{
	int i;

	buf_put_f64(out, p->n);
	buf_put_f64(out, p->x);
	buf_put_f64(out, p->xx);
	buf_put_f64(out, p->t);
	buf_put_f64(out, p->xt);
	buf_put_u8(out, LEVELS_MAX);
	for (i = 0; i < LEVELS_MAX; i++) {
		buf_put_u16(out, p->level[i].depth);
		buf_put_f64(out, p->level[i].n);
		buf_put_f64(out, p->level[i].us);
	}
}

static double positive(struct reader_bytes *in)
{
	double x = bytes_f64(in);

	if (!(x >= 0) || !isfinite(x))
		in->failed = true;
	return in->failed ? 0 : x;
}

bool pace_decode(struct pace *p, struct reader_bytes *in)
{
	int i, count;

	memset(p, 0, sizeof(*p));
	p->n = positive(in);
	p->x = positive(in);
	p->xx = positive(in);
	p->t = positive(in);
	p->xt = positive(in);
	count = bytes_u8(in);
	if (count > LEVELS_MAX)
		in->failed = true;
	for (i = 0; i < count && !in->failed; i++) {
		p->level[i].depth = bytes_u16(in);
		p->level[i].n = positive(in);
		p->level[i].us = positive(in);
	}
	if (p->n > 0 && !(p->x > 0)) /* depths are above 0 */
		in->failed = true;
	return !in->failed;
}
