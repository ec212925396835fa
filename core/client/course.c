/* course.c -- rewards over time, as a table and as a picture (course.h). */
#include "client/course.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* ---- sums ---- */

static void reserve(struct course *c, size_t want)
{
	size_t cap;
	int l;

	for (l = 0; want > c->cap && l < c->lanes; l++) {
		cap = c->cap;
		xgrow(&c->of[l], &cap, want, sizeof(**c->of));
		memset(c->of[l] + c->cap, 0, (cap - c->cap) * sizeof(**c->of));
		if (l == c->lanes - 1)
			c->cap = cap;
	}
	if (want > c->count)
		c->count = want;
}

void course_add(struct course *c, int lane, uint64_t search, double reward, double oracle,
	bool served, double asked)
{
	size_t at = search / c->every;
	struct stretch *s;

	reserve(c, at + 1);
	s = &c->of[lane][at];
	s->n++;
	s->reward += reward;
	s->oracle += oracle;
	s->served += served;
	if (asked >= 0) {
		s->asked += asked;
		s->asked_n++;
	}
}

void course_clear(struct course *c)
{
	int l;

	for (l = 0; l < c->lanes; l++)
		free(c->of[l]);
}

struct stretch course_sum(const struct course *c, int lane, uint64_t from, uint64_t to)
{
	struct stretch sum = { 0 };
	const struct stretch *s;
	size_t i;

	for (i = from / c->every; i < c->count && i * c->every < to; i++) {
		s = &c->of[lane][i];
		sum.n += s->n;
		sum.served += s->served;
		sum.asked_n += s->asked_n;
		sum.reward += s->reward;
		sum.asked += s->asked;
		sum.oracle += s->oracle;
	}
	return sum;
}

/* ---- CSV ---- */

static int finish(FILE *file, const char *path, struct error *err)
{
	bool failed = ferror(file) != 0;

	failed |= fclose(file) != 0;
	return failed ? error_set(err, ERR_IO, "%s: cannot be written", path) : 0;
}

int course_csv(const struct course *c, const char *path, struct error *err)
{
	FILE *out = fopen(path, "w");
	const struct stretch *s;
	double regret;
	size_t i;
	int l;

	if (!out)
		return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	fputs("searches,lane,reward,served,asked,regret\n", out);
	for (l = 0; l < c->lanes; l++)
		for (regret = 0, i = 0; i < c->count; i++) {
			s = &c->of[l][i];
			if (!s->n)
				continue;
			regret += s->oracle - s->reward;
			fprintf(out, "%llu,%s,%.6g,%.6g,",
				(unsigned long long)(i * c->every + s->n), c->names[l],
				s->reward / s->n, (double)s->served / s->n);
			if (s->asked_n)
				fprintf(out, "%.4g", s->asked / s->asked_n);
			fprintf(out, ",%.6g\n", regret);
		}
	return finish(out, path, err);
}

/* ---- SVG ---- */

#define WIDTH  720
#define LEFT   56
#define RIGHT  190 /* of it the legend */
#define TOP    34
#define PANEL  200
#define GAP    40
#define HEIGHT (TOP + 2 * PANEL + GAP + 40)
#define POINTS 60 /* that a line has, about: neighbouring stretches are joined */

static const char *const colours[] = { "#222222", "#888888", "#b8860b", "#d62728", "#1f77b4",
	"#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#e377c2", "#8c564b", "#bcbd22" };

#define COLOURS (sizeof(colours) / sizeof(colours[0]))

struct panel {
	const struct course *c;
	FILE *out;
	bool regret;
	double top, low, high; /* of the picture; of the values */
	size_t step;           /* stretches in a point */
	uint64_t first, last;  /* searches */
};

static size_t first_stretch(const struct course *c)
{
	size_t i = 0;

	while (i < c->count && !c->of[0][i].n)
		i++;
	return i;
}

static double x_of(const struct panel *p, double search)
{
	double all = (double)(p->last - p->first);

	return LEFT + (WIDTH - LEFT - RIGHT) * (search - (double)p->first) / (all > 0 ? all : 1);
}

static double y_of(const struct panel *p, double value)
{
	return p->top + PANEL * (1 - (value - p->low) / (p->high - p->low));
}

/* Calls `take` with the points of a lane's line. */
static void walk(const struct panel *p, int lane,
	void (*take)(struct panel *, double x, double value, bool first, void *), void *data)
{
	size_t i = first_stretch(p->c), from = i;
	struct stretch s;
	double regret = 0;

	for (; i < p->c->count; i += p->step) {
		s = course_sum(p->c, lane, i * p->c->every, (i + p->step) * p->c->every);
		if (!s.n)
			continue;
		regret += s.oracle - s.reward;
		take((struct panel *)p,
			(double)(i * p->c->every) + (double)s.n * (p->regret ? 1 : 0.5),
			p->regret ? regret : s.reward / s.n, i == from, data);
	}
}

static void widen(struct panel *p, double x, double value, bool first, void *data)
{
	p->low = fmin(p->low, value);
	p->high = fmax(p->high, value);
}

static void draw_point(struct panel *p, double x, double value, bool first, void *data)
{
	fprintf(p->out, "%.1f,%.1f ", x_of(p, x), y_of(p, value));
}

/* A round step of the axis. */
static double tick_of(double range)
{
	double ten = pow(10, floor(log10(range / 4))), n = range / 4 / ten;

	return (n < 1.5 ? 1 : n < 3.5 ? 2 : n < 7.5 ? 5 : 10) * ten;
}

static void draw_axes(const struct panel *p, const char *name)
{
	double tick = tick_of(p->high - p->low), v, right = WIDTH - RIGHT;
	int i;

	fprintf(p->out, "<text x=\"%d\" y=\"%.0f\" font-weight=\"bold\">%s</text>\n", LEFT,
		p->top - 8, name);
	for (v = ceil(p->low / tick) * tick; v <= p->high + tick * 1e-6; v += tick)
		fprintf(p->out,
			"<line x1=\"%d\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\" "
			"stroke=\"#dddddd\"/><text x=\"%d\" y=\"%.1f\" "
			"text-anchor=\"end\">%.4g</text>\n",
			LEFT, right, y_of(p, v), y_of(p, v), LEFT - 6, y_of(p, v) + 4,
			fabs(v) < tick / 2 ? 0 : v);
	tick = tick_of((double)(p->last - p->first));
	for (v = (double)p->first; v <= (double)p->last * 1.000001; v += tick)
		fprintf(p->out, "<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%.0f</text>\n",
			x_of(p, v), p->top + PANEL + 16, v);
	for (i = 0; i < p->c->mark_count; i++)
		fprintf(p->out,
			"<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.0f\" y2=\"%.0f\" "
			"stroke=\"#999999\" stroke-dasharray=\"3 3\"/>\n",
			x_of(p, (double)p->c->marks[i]), x_of(p, (double)p->c->marks[i]), p->top,
			p->top + PANEL);
}

static void draw_panel(const struct course *c, FILE *out, bool regret)
{
	struct panel p = { c, out, regret, TOP + (regret ? PANEL + GAP : 0), INFINITY, -INFINITY,
		(c->count + POINTS - 1) / POINTS, first_stretch(c) * c->every,
		c->count * c->every };
	double margin;
	int l;

	for (l = 0; l < c->lanes; l++)
		walk(&p, l, widen, NULL);
	margin = fmax((p.high - p.low) * 0.05, 1e-6);
	p.low -= margin;
	p.high += margin;
	draw_axes(&p, regret ? "regret so far (of the oracle by type)"
			     : "reward (chance that the page serves who asks)");
	for (l = 0; l < c->lanes; l++) {
		fprintf(out,
			"<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"%s\"%s points=\"",
			colours[(size_t)l % COLOURS], c->constant[l] ? "1.2" : "2",
			c->constant[l] ? " stroke-dasharray=\"6 3\"" : "");
		walk(&p, l, draw_point, NULL);
		fputs("\"/>\n", out);
	}
}

static void print_escaped(FILE *out, const char *text)
{
	for (; *text; text++)
		if (strchr("<>&\"", *text))
			fprintf(out, "&#%d;", *text);
		else
			putc(*text, out);
}

static void draw_legend(const struct course *c, FILE *out)
{
	uint64_t late = c->count * c->every;
	struct stretch s;
	int l;

	for (l = 0; l < c->lanes; l++) {
		s = course_sum(c, l, late - late / 4, late);
		fprintf(out,
			"<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"%s\" "
			"stroke-width=\"3\"/><text x=\"%d\" y=\"%d\">",
			WIDTH - RIGHT + 12, WIDTH - RIGHT + 30, TOP + 10 + 18 * l,
			TOP + 10 + 18 * l, colours[(size_t)l % COLOURS], WIDTH - RIGHT + 36,
			TOP + 14 + 18 * l);
		print_escaped(out, c->names[l]);
		fprintf(out, " %.3f</text>\n", s.n ? s.reward / s.n : 0);
	}
}

int course_svg(const struct course *c, const char *path, struct error *err)
{
	FILE *out = fopen(path, "w");

	if (!out)
		return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
		"<text x=\"%d\" y=\"16\" font-size=\"14\">",
		WIDTH, HEIGHT, LEFT + 240);
	print_escaped(out, c->title ? c->title : "");
	fputs("</text>\n", out);
	draw_panel(c, out, false);
	draw_panel(c, out, true);
	draw_legend(c, out);
	fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">searches</text>\n</svg>\n",
		(LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4);
	return finish(out, path, err);
}
