/* judged.h -- queries with judgements, and what a ranking is worth by them.
 *
 * A judgement gives an entity a grade for a query: a whole number from -1000 to 1000,
 * 1 and more is relevant, 0 and less is not.  What was not judged is not relevant.  Of
 * a ranking r[1], r[2], ...:
 *
 *     nDCG@10     DCG / the DCG of the best order of all that was judged, both over
 *                 ten ranks; DCG = sum of gain(r[i]) / log2(i + 1).  The linear gain is
 *                 the grade, as in trec_eval's ndcg_cut; the exponential 2^grade - 1.
 *                 They differ where grades above 1 are given.
 *     AP          average precision: the sum, over the ranks i where a relevant one
 *                 stands, of the share of relevant ones among the first i; divided by
 *                 the number of relevant judgements.  MAP is its mean over queries.
 *     recall@100  relevant ones among the first hundred / all judged relevant
 *     RR@10       1 / the rank of the first relevant one, 0 if none is among ten
 *
 * All are 0 to 1.  A query without a relevant judgement has no such value.  One
 * thread. */
#ifndef CLIENT_JUDGED_H
#define CLIENT_JUDGED_H

#include "base/error.h"
#include "base/hash.h"

struct judgement {
	char *entity;
	int grade;
	long line; /* of the file it came from */
};

struct judged {
	char *id, *text;
	struct judgement *judgements; /* in the order of entities */
	size_t count, cap, relevant;
};

struct judged_set {
	struct judged *queries; /* in the order of the file */
	size_t count, cap;
	struct table *by_id; /* place among `queries`, from 1 */
	long strays;         /* judgements of queries that are not here */
};

/* Both read plain and gzip files, skip empty lines, and stop at the first bad one:
 * ERR_SYNTAX with file and line.  ERR_IO for a file that cannot be read.  After an
 * error the set can only be cleared.
 *
 * Queries are lines of `id<TAB>text`, or JSON objects with "id" (or "_id") and
 * "text"; an id twice is an error. */
int judged_read_queries(struct judged_set *, const char *path, struct error *);
/* Judgements are lines of `query entity grade` or, as TREC has them, `query 0 entity
 * grade`, parted by tabs (entities may have blanks, then) or by blanks; a heading that
 * begins with "query-id" is skipped.  `prefix` goes before every entity.  The queries
 * come first; a pair judged twice is an error. */
int judged_read_qrels(struct judged_set *, const char *path, const char *prefix, struct error *);
void judged_clear(struct judged_set *);

/* 0 for what is not relevant or was not judged. */
int judged_grade(const struct judged *, const char *entity);

/* The lines of a plain or gzip file, without their ends and without empty ones; `take` may
 * write into a line, and ends the reading with an error. */
int judged_read_lines(const char *path,
	int (*take)(void *data, char *line, const char *path, long number, struct error *),
	void *data, struct error *);

struct measures {
	double ndcg_10, ap, recall_100, rr_10;
};

enum gain { GAIN_LINEAR, GAIN_EXPONENTIAL };

/* What a ranking, best first, is worth for a query with relevant judgements. */
void judged_measure(const struct judged *, const char *const *entities, size_t count, enum gain,
	struct measures *out);

#endif
