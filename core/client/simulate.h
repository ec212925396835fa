/* simulate.h -- `toller simulate`: made-up people search, click and teach a running daemon.
 *
 *     toller simulate LANE [LANE ...] --queries FILE --qrels FILE
 *         [--types FILE] [--searches N] [--clicks cascade|dependent|position] [--noise X]
 *         [--delay N] [--flip AT] [--arrive STRATEGY@AT] [--tries N] [--event NAME]
 *         [--redis ADDRESS] [--first N] [--batch N] [--pace MS] [--prefix TEXT] [--seed N]
 *         [--title TEXT] [--csv FILE] [--svg FILE] [--json]
 *
 * A lane is COLLECTION or COLLECTION:POLICY.  Every lane meets the same people with the
 * same luck (people.h says how they ask and click, lanes.h how they teach), so the lanes
 * are compared search by search.  Each should have a collection of its own: what one
 * teaches the others would know.
 *
 * Beside them stand those that learn nothing, in the first lane's collection, at the
 * budget that the daemon has:
 *
 *     oracle   for each type of query its own best depths (allot.h)
 *     static   the best depths for all queries
 *     rrf      all strategies in equal shares, the page by reciprocal rank fusion
 *
 *   queries, qrels, prefix   as of `toller evaluate`
 *   types     of queries, their weights and contexts (people.h); without: all of one type
 *   searches  people (5000)
 *   clicks, noise  the click model (cascade), the chance of a click on what is not liked (0)
 *   delay     mean of further people that search before a click is told (0)
 *   flip      from this search on contexts have "flip":true, for scripts that change by it
 *   arrive    this strategy may be asked only from that search on
 *   tries     random allotments looked at for the oracle and the static one (200); 0: these
 *             lanes are left out, and so is regret
 *   event     what a click is told as (click)
 *   redis     host:port or unix:PATH, to publish clicks there; else by FEEDBACK
 *   first     number of the first person (0), to go on where an earlier run ended
 *   batch     people between two lessons (50); the daemon should publish no oftener
 *   pace      where the daemon's clock stands still: ms from one search to the next (1000)
 *   csv, svg  course.h; title stands in the picture
 *
 * Printed: for each lane its reward (chance that a page serves who asks) in the first tenth
 * and in the last quarter, the share of the oracle's that this is, the share of people who
 * were served, candidates asked for, and regret.  The exit status: 0; 1 when the daemon
 * said no; 2 for bad usage, a bad file or a lost connection. */
#ifndef CLIENT_SIMULATE_H
#define CLIENT_SIMULATE_H

#include "client/client.h"

/* argv[0] is "simulate". */
int simulate_main(struct client *, int argc, char **argv);

#endif
