/* segment.h -- searches told apart, to judge a policy for each kind of them.
 *
 *     type           the slots of the likeliest reading, as "artist+genre"; "words" without
 *     hour           the time of day where the user is, in sixths: "00-03", "04-07", ...
 *     context.NAME   what that member of CONTEXT says: text, a number, true or false;
 *                    "none" where it is not there
 *     FEATURE        a number of phi: "below" 0.5, or "above"
 *
 * A feature of such a name goes first.  Plain values; any thread. */
#ifndef LEARN_SEGMENT_H
#define LEARN_SEGMENT_H

#include "learn/decision.h"
#include "learn/features.h"

#define SEGMENT_NAME_MAX 63 /* bytes; longer ones are cut */

enum segment_kind { SEGMENT_NONE, SEGMENT_FEATURE, SEGMENT_TYPE, SEGMENT_HOUR, SEGMENT_CONTEXT };

struct segmenting {
	enum segment_kind kind;
	int feature;
	char name[SEGMENT_NAME_MAX + 1]; /* as it was said; of CONTEXT, behind the dot the member */
};

/* ERR_NOT_FOUND, with the nearest there is. */
int segment_parse(struct segmenting *, struct slice text, const struct feature_set *,
	struct error *);
/* Which segment the decision is of, as text, at most SEGMENT_NAME_MAX bytes and never empty;
 * in the arena. */
struct slice segment_of(const struct segmenting *, const struct decision *, struct arena *);

#endif
