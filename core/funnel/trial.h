/* trial.h -- scripts tried on what people did: searches of the log that earned something
 * are understood, planned and retrieved anew, by the scripts on trial and by those in
 * force, over the catalogue as it is now.
 *
 *     reach of a strategy at depth k = reward of entities among its first k
 *                                      / reward of all entities that are still there
 *
 * Of each set the union of all its strategies is told, too.  People could only choose what
 * they were shown, so what the scripts in force never showed cannot count for the others:
 * the comparison leans towards those in force.  WHERE is not in the log; searches that had
 * one are tried without.  Strategies that ask the memory are left out: it remembers the
 * very answers.
 *
 * One thread at a time; between steps nothing of the environments is held. */
#ifndef FUNNEL_TRIAL_H
#define FUNNEL_TRIAL_H

#include "funnel/funnel.h"

struct trial;

/* Takes the snapshot of the edition on trial, also if it fails.  `last`: searches that
 * earned something to look at, from the newest. */
int trial_new(struct trial **out, struct funnel_shared *, int collection, struct snapshot *edition,
	uint64_t last, struct error *);
void trial_free(struct trial *); /* NULL is fine */

/* Up to `most` further searches.  1 when all are done, 0, or what a store says. */
int trial_step(struct trial *, int most, struct error *);
double trial_progress(const struct trial *); /* 0 .. 1 */

/* Members of an open object. */
void trial_print(const struct trial *, struct json_out *);

#endif
