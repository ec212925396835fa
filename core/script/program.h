/* program.h -- scripts at work: what the funnel asks of them.
 *
 * A program is one Lua state built from a generation.  program_new runs every file
 * and every example, and succeeds with all or fails with file and line of the
 * first mistake.  Build one on the control thread to check a generation, then
 * one per worker: building is deterministic, so orders agree in all of them.
 *
 * A call runs within a time budget.  One that fails is left out by the caller of
 * that one request; the first failure of a file is logged, and the program serves on.
 *
 * One thread at a time.  Names and infos live as long as the program. */
#ifndef SCRIPT_PROGRAM_H
#define SCRIPT_PROGRAM_H

#include <jansson.h>

#include "base/arena.h"
#include "learn/features.h"
#include "learn/profile.h"
#include "query/plan.h"
#include "query/query.h"
#include "script/generation.h"

#define PROGRAM_CALL_US   5000    /* one function of a script; a usual one takes 2 */
#define PROGRAM_LOAD_US   1000000 /* one file with its examples */
#define CONTEXT_DEPTH_MAX 8
#define CONTEXT_NODES_MAX 1000

struct program;

struct program_options {
	const struct schema *schema; /* outlives the program */
	/* What a ranking may weigh (NULL-terminated): "best_rank", "rrf", "text", ...
	 * The program adds "from.STRATEGY" for every strategy and "kind.X" for every
	 * kind the ranking names.  NULL: those only. */
	const char *const *weights;
	int64_t call_us;     /* 0: PROGRAM_CALL_US */
	size_t memory_bytes; /* 0: VM_MEMORY_BYTES */
};

int program_new(struct program **out, const struct scripts *, const struct program_options *,
	struct error *);
void program_free(struct program *); /* NULL is fine */

/* Examples that need the catalogue (slots of entities and of tags) against this
 * one: for SCRIPTS CHECK, as they speak of what is in it.  0, or the first that
 * does not hold. */
int program_check(struct program *, struct view *, struct error *);

/* ---- one request ---- */

/* What scripts see of it as q.  All borrowed for the call. */
struct ask {
	const struct query *query;
	const json_t *context; /* the request's CONTEXT; NULL: none */
	struct slice user;     /* empty: not known */
	struct profile *likes; /* what he likes; NULL: nothing is known */
	int64_t now_ms;
	int offset_min; /* local time less UTC: of the user, else of the daemon */
};

/* Rewrites, slots of patterns, of entities and tags, then spelling; each kind in
 * order of file name.  `view` NULL: only what needs no catalogue.  C alone: no
 * Lua runs.  The arena is the query's. */
int program_understand(struct program *, struct view *, struct arena *, struct query *,
	struct error *);

/* What features/ declared, in order of name. */
const struct feature_spec *program_feature_list(const struct program *, int *count);
/* One value a feature; text is in the arena.  Returns how many failed; those are absent. */
int program_features(struct program *, const struct ask *, struct arena *,
	struct feature_value *values);

struct strategy {
	char name[SCRIPT_NAME_MAX + 1];
	int limit;            /* most candidates; 0: not said */
	int probe;            /* candidates to look at before the choice; 0: none */
	float floor, ceiling; /* share of requests it may have, 0..1; not said: 0, 1 */
	bool conditional;     /* has `applies` */
};

/* In order of name; at most ARMS_MAX. */
const struct strategy *program_strategies(const struct program *, int *count);
/* 1 or 0, or ERR_SCRIPT, ERR_MEMORY. */
int program_applies(struct program *, int strategy, const struct ask *, struct error *);
/* 1 and the plan in the arena, 0 if the script gave nil, or an error. */
int program_plan(struct program *, int strategy, const struct ask *, struct arena *,
	struct plan *out, struct error *);

/* What program_weights weighs, in that order: what any ranking does. */
const char *const *program_weight_names(const struct program *, int *count);
/* A ranking's number, -1 if there is none of that name.  Empty: `default`, or where none is
 * named so the first; -1: the scripts have no ranking. */
int program_ranking(const struct program *, struct slice name);
/* 1; 0 (and all 0) for ranking -1; or an error (and all 0). */
int program_weights(struct program *, int ranking, const struct ask *, float *out, struct error *);

struct rewards {
	struct {
		char name[SCRIPT_NAME_MAX + 1];
		float value; /* 0..1 */
	} events[EVENTS_NAMES_MAX];
	int count;
	int64_t window_ms; /* a decision without an event by then earned nothing */
};

/* Without rewards.lua: no events, half an hour. */
const struct rewards *program_rewards(const struct program *);

size_t program_memory(const struct program *); /* bytes of the Lua state */

#endif
