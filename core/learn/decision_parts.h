/* decision_parts.h -- what makes a record, for decision_disk.c that writes and reads it. */
#ifndef LEARN_DECISION_PARTS_H
#define LEARN_DECISION_PARTS_H

#include "learn/decision.h"

/* What of it is out of range, in words; NULL: nothing.  Counts first, before arrays of that
 * size are made; then what stands in these. */
const char *decision_head_fault(const struct decision *);
const char *decision_body_fault(const struct decision *);

#endif
