/* learnt.c -- reading an immutable picture of a model. */
#include "learn/learnt_parts.h"

#include <stdlib.h>
#include <string.h>

const struct split *learnt_split(const struct learnt *l)
{
	return l->split.count ? &l->split : NULL;
}

uint64_t learnt_version(const struct learnt *l)
{
	return l->version;
}

uint64_t learnt_features(const struct learnt *l)
{
	return l->features;
}

double learnt_lambda(const struct learnt *l)
{
	return l->lambda;
}

double learnt_condition(const struct learnt *l)
{
	return l->condition;
}

int learnt_arms(const struct learnt *l)
{
	return l->count;
}

int learnt_find(const struct learnt *l, struct slice name)
{
	int low = 0, high = l->count, middle, order;

	while (low < high) {
		middle = (low + high) / 2;
		order = slice_cmp(name, slice_of(l->arm[middle].name, l->arm[middle].len));
		if (order == 0)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

const struct pin *learnt_pin(const struct learnt *l, int arm)
{
	return &l->arm[arm].pin;
}

void learnt_us(const struct learnt *l, int arm, float out[LEVELS_MAX])
{
	memcpy(out, arm < 0 ? l->us : l->arm[arm].us, sizeof(l->us));
}

const struct linear_fit *learnt_fit(const struct learnt *l, int arm, int bucket)
{
	return l->arm[arm].fit[bucket];
}

const overlap_table *learnt_overlap(const struct learnt *l, int arm, int other)
{
	int tie = arm >= 0 && other >= 0 ? l->arm[arm].tie_with[other] : -1;

	return tie >= 0 ? &l->arm[arm].ties[tie] : NULL;
}

void learnt_free(void *object)
{
	struct learnt *l = object;
	int a, j;

	if (!l)
		return;
	for (a = 0; a < l->count; a++) {
		for (j = 0; j < BUCKETS_MAX; j++)
			linear_fit_drop(l->arm[a].fit[j]);
		free(l->arm[a].ties);
	}
	free(l);
}
