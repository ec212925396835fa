/* joint.h -- how the arms of one search draw their levels together.
 *
 * A search that asks nobody is of no use to anybody, so levels are drawn so that somebody is
 * asked, and each arm's level still has exactly its own distribution.  With s_a the chance
 * that arm a is asked at all, x is the solution in [0, 1] of
 *
 *     1 - x = product over all arms of (1 - x s_a)
 *
 * Every arm is asked with x s_a, independently, and what asks nobody is drawn again: that
 * happens in 1 - x of the draws, so afterwards a is asked with s_a.  Then
 *
 *     P(choice)            = product over the asked of x p_a(level)
 *                            * product over the others of (1 - x s_a) / x
 *     P(a at l and b at m) = x p_a(l) p_b(m)
 *
 * x is 1 where an arm is always asked: all draw independently.  It falls as the sum of s
 * falls; at a sum of 1 it is 0 and exactly one arm is asked.  With a sum below 1 nobody has
 * to be asked sometimes: one arm or none, none with what is missing to 1.
 *
 * Any thread. */
#ifndef LEARN_JOINT_H
#define LEARN_JOINT_H

/* x, for the shares s of `count` arms, each in [0, 1].  0 if they sum to 1 or less. */
double joint_solve(const double *asked, int count);

/* Chance that an independent draw leaves an arm out whose level 0 has probability `idle`. */
static inline double joint_idle(double x, double idle)
{
	return 1 - x + x * idle;
}

/* The probability of a choice, an arm after the other.  With x = 1 it is the product of all
 * the levels' probabilities, also where nobody is asked: what independent draws have. */
struct joint {
	double x, p, sum;
	int asked;
};
struct joint joint_begin(double x);
/* An arm of which the level drawn has probability p, level 0 probability `idle`. */
void joint_add(struct joint *, int level, double p, double idle);
double joint_probability(const struct joint *);

/* The probability of a choice by one way of drawing over that by another, which made it; the
 * single probabilities may be too small for a product.  At most JOINT_RATIO_MAX. */
struct joint_ratio {
	struct joint of, over;
	double ratio;
};
#define JOINT_RATIO_MAX 1e250
struct joint_ratio joint_ratio_begin(double x_of, double x_over);
void joint_ratio_add(struct joint_ratio *, int level, const double *of, const double *over);
double joint_ratio(const struct joint_ratio *);

/* Chance that not more than one arm is asked. */
double joint_single(double x, const double *asked, int count);

/* For drawing one arm after the other: while nobody has been asked, arm a is asked at level l
 * with p_a(l) / rest[a], after that with x p_a(l).  rest[count] is the chance that nobody
 * is. */
void joint_rest(double x, const double *asked, int count, double *rest);

#endif
