/* evaluate.h -- `toller evaluate`: how well a collection answers judged queries.
 *
 *     toller evaluate COLLECTION --queries FILE --qrels FILE
 *         [--strategy NAME[,NAME]] [--policy NAME] [--depth N] [--seed N]
 *         [--prefix TEXT] [--gain linear|exponential] [--run OUT] [--by-query] [--json]
 *
 * Asks every query that has a relevant judgement, `SEARCH COLLECTION text LIMIT depth
 * NOLOG SEED seed + place`, and prints the means of nDCG@10, AP (so MAP), recall@100
 * and RR@10 (so MRR@10), all defined in judged.h with the formats of the two files.
 * Nothing is logged or learnt, and with the same seed and state a second run answers
 * the same.
 *
 *   strategy  only these, united, as SEARCH's ONLY; without: all, as the daemon serves
 *   policy    the policy that chooses depths; without: the daemon's
 *   depth     hits asked for, 1 to 1000 (100): MAP and recall see no further, nor
 *             deeper than the policy lets strategies dig (see the column `hits`)
 *   seed      of the first query, 0 or more (1)
 *   prefix    goes before every judged entity, as with `load`
 *   gain      of nDCG (linear)
 *   run       a TREC run file, parted by tabs: query Q0 entity rank score toller, the
 *             score being depth + 1 - rank, so that trec_eval keeps the order
 *   by-query  a row for each query, too
 *
 * Told beside the means: queries without a relevant judgement (left out), without a
 * hit (`unanswered`; they count as 0), refused by the daemon (unanswered, too), the
 * mean number of hits, judgements of queries that the file of queries lacks, and
 * judged entities that the collection lacks (they count as not found).
 *
 * The exit status: 0, 1 when a query was refused, 2 for bad usage, a file that
 * cannot be read or has a bad line, or a lost connection. */
#ifndef CLIENT_EVALUATE_H
#define CLIENT_EVALUATE_H

#include "client/client.h"

/* argv[0] is "evaluate". */
int evaluate_main(struct client *, int argc, char **argv);

#endif
