/* kernel.h -- the inner loops of the regressions, once plainly and once for AVX2 with FMA
 * where the processor has them.  For linear.c and linear_fit.c only.
 *
 * The two round differently in the last bits: what is learnt and chosen is the same to
 * the bit on one machine, not across machines. */
#ifndef LEARN_KERNEL_H
#define LEARN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limits.h"

/* A lower triangle by rows: row i has i + 1 numbers. */
static inline size_t triangle(int d)
{
	return (size_t)d * ((size_t)d + 1) / 2;
}

/* t += a x x', a triangle of d rows.  Rows of zeros in x cost nothing. */
void kernel_add(double *t, const double *x, double a, int d);

/* In place: the triangle of a symmetric matrix becomes its Cholesky factor L.  False,
 * with t spoilt, where the square of a pivot is not at least `least` (> 0). */
bool kernel_factor(double *t, double least, int d);
/* inverse = L^-1, lower triangular too. */
void kernel_invert(const double *l, double *inverse, int d);

/* Scoring: panels of 8 rows of L^-1.
 *
 *     panel p:  columns 0 .. min(8 p + 8, d) - 1, of 8 floats each (rows 8 p ..)
 */
#define PANEL      8
#define PHI_PADDED ((PHI_MAX + PANEL - 1) / PANEL * PANEL)

static inline int panel_count(int d)
{
	return (d + PANEL - 1) / PANEL;
}

static inline int panel_columns(int panel, int d)
{
	return PANEL * (panel + 1) < d ? PANEL * (panel + 1) : d;
}

/* Numbers in all panels. */
size_t panel_size(int d);
void panel_fill(float *panels, const double *inverse, int d);

/* |L^-1 x|^2.  Of x the n places that are not 0, times PANEL and rising, and what is
 * there. */
float kernel_square(const float *panels, int d, const uint16_t *at, const float *x, int n);
/* Of two vectors of PHI_PADDED numbers, zeros behind their ends. */
float kernel_dot(const float *x, const float *y);

/* Eight numbers p = 1 / (x + gap), x so that they sum to `mass` > 0.  A gap is 0 or more,
 * at least one is 0, infinity stands for a number that is not there.  x is at least
 * 1 / mass; `x` is a guess of it. */
void kernel_barrier(const double *gap, double x, double mass, double *p);

#endif
