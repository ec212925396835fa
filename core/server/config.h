/* config.h -- what the daemon is told: one table of keys.
 *
 * conf/tollerd.conf has lines `key = value`; '#' at the start of a line or after
 * a space begins a comment.  --set key=value comes after the file and wins.
 * CONFIG SET changes the keys that are `live`; the others need a restart.
 *
 * A struct config is filled by one thread and then published: from there on it
 * is immutable, and a change is a changed copy. */
#ifndef SERVER_CONFIG_H
#define SERVER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

enum config_type {
	CONFIG_TEXT,
	CONFIG_CHOICE, /* one of `choices` */
	CONFIG_INT,    /* min .. max */
	CONFIG_BYTES,  /* as an int, with k, m or g after it: powers of 1024 */
	CONFIG_REAL,   /* min .. max */
	CONFIG_SECRET, /* text that CONFIG GET and errors do not show */
};

struct config {
	char *listen, *data, *scripts, *collections, *plugins, *redis;
	int64_t workers, seed, clock;
	char *log, *log_level, *password;
	int64_t catalogue_map_bytes, learning_map_bytes;
	int64_t writer_queue, compact_after, learner_queue;
	/* choosing */
	char *policy, *mode, *levels;
	double budget, budget_us, alpha, beta, epsilon;
	int64_t hits, gather_ms;
	/* learning */
	char *channel;
	int64_t window_ms, publish_ms, log_keep_decisions;
	double lambda, gamma, log_keep_days;
	double memory_prior, memory_prior_weight, memory_half_life_days;
};

struct config_key {
	const char *name;
	enum config_type type;
	bool live;
	size_t offset;       /* in struct config: char *, int64_t or double */
	const char *initial; /* as it would stand in the file */
	double min, max;
	const char *const *choices;
	const char *help;
};

/* Ends with a NULL name. */
extern const struct config_key config_keys[];

struct config *config_new(void); /* the defaults */
struct config *config_copy(const struct config *);
void config_free(void *config); /* NULL is fine */

/* NULL if there is no such key. */
const struct config_key *config_find(struct slice name);
/* As config_find, or ERR_NOT_FOUND with the nearest key. */
int config_need(struct slice name, const struct config_key **out, struct error *);

int config_set(struct config *, struct slice name, struct slice value, struct error *);
/* "key=value" */
int config_assign(struct config *, const char *assignment, struct error *);
int config_parse(struct config *, struct slice text, const char *where, struct error *);
int config_load(struct config *, const char *path, struct error *);

/* The value as it would stand in the file. */
void config_print(const struct config *, const struct config_key *, char *out, size_t size);

#endif
