/* told.h -- a command whose answer waits until the learner has committed it: +OK, or why
 * not.
 *
 *     told = told_new(ctx);
 *     return told_end(told, learner_feedback(learner, &event, told_done, told, err)); */
#ifndef SERVER_TOLD_H
#define SERVER_TOLD_H

#include "server/command.h"

struct told;

struct told *told_new(struct command_context *);
/* For the learner, in its thread: a learner_done. */
void told_done(void *told, int rc, const struct error *);
/* The learner has taken it (rc 0): the answer keeps its place.  Else it is freed.  rc. */
int told_end(struct told *, int rc);

#endif
