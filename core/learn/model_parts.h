/* model_parts.h -- the inside of a model, for model.c that teaches it and model_disk.c
 * that keeps it. */
#ifndef LEARN_MODEL_PARTS_H
#define LEARN_MODEL_PARTS_H

#include "learn/model.h"
#include "learn/overlap.h"
#include "learn/pace.h"

#define SETS_KEPT GENERATIONS_KEPT

/* A feature set by name hashes. */
struct set {
	uint64_t hash;
	int n;
	uint64_t ids[PHI_MAX];
};

/* What an arm has in common with another. */
struct tie {
	uint32_t other; /* model_arm_id */
	struct overlap overlap;
};

struct arm {
	char name[ARM_NAME_MAX];
	uint8_t len;
	uint64_t decisions; /* with it */
	int64_t last_ms;    /* of the last of them */
	struct pace pace;
	struct pin pin;
	struct linear *bucket[BUCKETS_MAX]; /* NULL: never observed */
	struct tie *ties;                   /* at most ARMS_MAX of them */
	int tie_count;
	bool dirty, dirty_ties;
	uint8_t dirty_buckets;
};

struct gone {
	char name[ARM_NAME_MAX];
	uint8_t len;
	struct gone *next;
};

struct model {
	struct model_options options;
	struct set set[SETS_KEPT]; /* [0] is the current one */
	int sets;
	/* By name: what is summed over arms does not depend on who came first. */
	struct arm *arm[MODEL_ARMS_MAX];
	int arms;
	struct gone *gone; /* pushed out; to be deleted on disk */
	struct split split;
	uint64_t version, stale;
	bool changed; /* since the last picture */
	bool dirty;   /* the meta row */
};

struct arm *model_arm_find(const struct model *, struct slice name);
/* A new one; there is none of this name, and room. */
struct arm *model_arm_add(struct model *, struct slice name);
uint32_t model_arm_id(struct slice name);
/* Our bucket of the same ranks, -1 if the levels have changed too much. */
int model_bucket_of(const struct model *, const struct decision *, int bucket);
/* An entity that earned something for the first time, and who brought it. */
void model_tie(struct model *, const struct decision *, const struct credit *, int credits);
/* Put a set first, forgetting an older mention of it. */
void model_push_set(struct model *, const struct set *);
void model_forget_gone(struct model *);
/* A new arm's buckets start where those of arms like it stand. */
void model_warm_start(struct model *, struct arm *);

#endif
