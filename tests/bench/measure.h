/* measure.h -- engines asked the same, and what is printed of it: a line a figure, with
 * ours and, of each other engine, its own and the ratio (above 1: ours is better).
 *
 * Of each query the best time of ROUNDS counts, in processor time of the thread, for the
 * machine does other things; an engine answers all queries before the next does.  One that
 * takes longer than PATIENCE_US for them is asked fewer, and ours compared by the same. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "corpus.h"
#include "engines/engine.h"

#define ROUNDS      3
#define PATIENCE_US 10e6
#define K_MAX       100
#define ENGINES     3

struct bench {
	const struct engine_kind *kinds[ENGINES]; /* ours first */
	struct engine *engines[ENGINES];
	char folders[ENGINES][128];
	int count;
	double *took[ENGINES]; /* us, query by query */
	int asked[ENGINES];    /* queries, or 0 */
};

/* ---- printing ---- */

struct figure {
	double ours, theirs, ours_then; /* ours where they were asked; theirs 0: none */
};

static void print_figure(const struct bench *b, const char *name, const char *unit,
	const struct figure *of, bool more)
{
	int e;

	printf("%-34s %10.1f %-4s", name, of[0].ours, unit);
	for (e = 1; e < b->count; e++)
		if (of[e].theirs > 0)
			printf("  %s %10.1f ratio %8.2f", b->kinds[e]->name, of[e].theirs,
				more ? of[e].ours_then / of[e].theirs
				     : of[e].theirs / of[e].ours_then);
	printf("\n");
	fflush(stdout);
}

/* ---- time ---- */

/* Of this thread alone. */
static double cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Share 1: queries a second; else that share of the sorted times. */
static double figure_of(const double *took, int n, double share)
{
	double *sorted = malloc(n * sizeof(*sorted)), out, sum = 0;
	int i;

	memcpy(sorted, took, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_value);
	for (i = 0; i < n; i++)
		sum += sorted[i];
	out = share < 1 ? sorted[(int)(n * share)] : n * 1e6 / sum;
	free(sorted);
	return out;
}

/* ---- searches ---- */

static void ask_all(struct bench *b, int e, const struct ask *asks, int n, int k)
{
	double start, us, spent = 0;
	uint32_t docs[K_MAX];
	/* words under a prefix, or near one, are kept once they were found */
	bool keeps = asks[0].how == ASK_FUZZY || asks[0].how == ASK_PREFIX;
	int i, round, rounds = keeps ? 1 : ROUNDS;

	b->asked[e] = n;
	for (round = 0; round < rounds && spent < PATIENCE_US; round++)
		for (i = 0; i < b->asked[e]; i++) {
			start = cpu_us();
			if (b->kinds[e]->search(b->engines[e], &asks[i], k, docs) < 0) {
				b->asked[e] = 0;
				return;
			}
			us = cpu_us() - start;
			spent += us;
			b->took[e][i] = round && b->took[e][i] < us ? b->took[e][i] : us;
			if (!round && spent > PATIENCE_US)
				b->asked[e] = i + 1;
		}
}

static void bench_searches(struct bench *b, const char *name, const struct ask *asks, int n, int k)
{
	static const struct {
		const char *name, *unit;
		double share;
	} lines[] = { { "queries", "1/s", 1 }, { "p50", "us", 0.5 }, { "p99", "us", 0.99 } };
	struct figure figures[ENGINES];
	char title[96];
	int e, l;

	for (e = 0; e < b->count; e++) {
		b->took[e] = realloc(b->took[e], n * sizeof(double));
		ask_all(b, e, asks, n, k);
	}
	for (l = 0; l < 3; l++) {
		for (e = 0; e < b->count; e++) {
			figures[e] =
				(struct figure){ .ours = figure_of(b->took[0], n, lines[l].share) };
			if (!e || !b->asked[e])
				continue;
			figures[e].theirs = figure_of(b->took[e], b->asked[e], lines[l].share);
			figures[e].ours_then = figure_of(b->took[0], b->asked[e], lines[l].share);
		}
		snprintf(title, sizeof(title), "%s, top %d, %s", name, k, lines[l].name);
		print_figure(b, title, lines[l].unit, figures, lines[l].share == 1);
	}
}

/* ---- building ---- */

static off_t folder_bytes;

static int add_size(const char *path, const struct stat *st, int type, struct FTW *at)
{
	folder_bytes += type == FTW_F ? st->st_blocks * 512 : 0;
	return 0;
}

static double folder_mb(const char *path)
{
	char db[140];

	folder_bytes = 0;
	nftw(path, add_size, 16, FTW_PHYS);
	snprintf(db, sizeof(db), "%s.db", path);
	nftw(db, add_size, 16, FTW_PHYS);
	return folder_bytes / 1e6;
}

/* Documents a second; 0 where it is built already. */
static double build(struct bench *b, int e, const struct corpus *c)
{
	const struct engine_kind *kind = b->kinds[e];
	const char **words = malloc(c->docs ? (1 << 20) * sizeof(*words) : 1);
	int64_t start = clock_mono_us();
	struct entry entry;
	uint64_t i;
	uint32_t d;

	for (d = 0; d < c->docs; d++) {
		entry = (struct entry){ c->json + (d ? c->ends[d - 1] : 0),
			c->ends[d] - (d ? c->ends[d - 1] : 0), words, 0,
			c->titles ? c->titles[d] : 0, c->kinds ? &c->kinds[d] : NULL, !!c->kinds };
		for (i = c->starts[d]; i < c->starts[d + 1]; i++)
			words[entry.count++] = c->words[c->terms[i]];
		kind->add(b->engines[e], &entry);
	}
	kind->commit(b->engines[e]);
	free(words);
	return c->docs / ((clock_mono_us() - start) / 1e6);
}

/* Opens the engines that `names` has (NULL: all), in a folder, and builds what is not built. */
static inline void bench_open(struct bench *b, const char *what, const char *folder,
	const char *conf, const char *names, const struct corpus *c)
{
	static const struct engine_kind *const all[ENGINES] = { &engine_ours, &engine_xapian,
		&engine_fts5 };
	struct figure rate[ENGINES] = { 0 }, mb[ENGINES] = { 0 };
	double compacting = 0;
	char title[64];
	int e;

	for (e = 0; e < ENGINES; e++)
		if (!e || !names || strstr(names, all[e]->name))
			b->kinds[b->count++] = all[e];
	for (e = 0; e < b->count; e++) {
		snprintf(b->folders[e], sizeof(b->folders[e]), "%s/%s", folder, b->kinds[e]->name);
		b->engines[e] = b->kinds[e]->open(b->folders[e], conf);
		if (b->kinds[e]->docs(b->engines[e]) != c->docs)
			rate[e].theirs = build(b, e, c);
		if (!e && rate[e].theirs > 0)
			compacting = ours_compact(b->engines[e]);
		mb[e].theirs = e ? folder_mb(b->folders[e]) : ours_index_mb(b->engines[0]);
		rate[e].ours = rate[e].ours_then = rate[0].theirs;
		mb[e].ours = mb[e].ours_then = mb[0].theirs;
	}
	snprintf(title, sizeof(title), "build %s, documents", what);
	print_figure(b, title, "1/s", rate, true);
	printf("%-34s %10.1f s\n", "then compacting in the background", compacting);
	print_figure(b, "index", "MB", mb, false);
	ours_report(b->engines[0]);
}

static void bench_close(struct bench *b)
{
	int e;

	for (e = 0; e < b->count; e++) {
		b->kinds[e]->close(b->engines[e]);
		free(b->took[e]);
	}
}

#endif
