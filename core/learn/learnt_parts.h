/* learnt_parts.h -- the inside of a picture, for model.c that draws it. */
#ifndef LEARN_LEARNT_PARTS_H
#define LEARN_LEARNT_PARTS_H

#include "learn/learnt.h"
#include "learn/model.h"

struct learnt_arm {
	char name[ARM_NAME_MAX];
	uint8_t len;
	struct pin pin;
	float us[LEVELS_MAX];
	struct linear_fit *fit[BUCKETS_MAX]; /* a reference each, or NULL */
	uint32_t id;
	overlap_table *ties;
	int8_t tie_with[MODEL_ARMS_MAX]; /* its place in `ties` by arm, or -1 */
};

struct learnt {
	uint64_t version, features;
	double lambda, condition;
	struct split split;   /* count 0: none */
	float us[LEVELS_MAX]; /* mean over the arms */
	int count;
	struct learnt_arm arm[]; /* in order of the names */
};

void learnt_free(void *learnt); /* as snapshot_new wants it */

#endif
