/* decision.h -- a decision and its outcome, as they are logged.
 *
 * A decision is all the daemon knew and chose for one search, with its exact
 * probabilities, written once.  Its outcome is what came of it, rewritten as events
 * arrive until the window closes.
 *
 * Encoding appends to a buf; decoding checks every bound and range and a checksum
 * and answers ERR_CORRUPT for anything not ours.  Decoded arrays are in the arena,
 * decoded slices borrow from the bytes.  Plain data, no locks: any thread. */
#ifndef LEARN_DECISION_H
#define LEARN_DECISION_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "learn/levels.h"

#define CONTEXT_BYTES_MAX    (16 << 10)            /* JSON of CONTEXT; a line holds 64 KiB */
#define READING_BYTES_MAX    (2 * QUERY_BYTES_MAX) /* {slot ...} notation adds to a query */
#define MEMORY_KEYS_MAX      16                    /* keys one search read */
#define HISTORY_KEYS_MAX     4                     /* history.h */
#define DECISION_POLICY_MAX  160                   /* PART_NAME_MAX of split.h, and some */
#define OUTCOME_ENTITIES_MAX HITS_MAX
#define OUTCOME_EVENTS_MAX   4096 /* of one decision; the rest are refused */

enum decision_mode {
	MODE_ONLINE,     /* serve the policy and learn */
	MODE_APPRENTICE, /* serve the fixed policy, learn as if */
	MODE_OBSERVE     /* log only */
};
extern const char *const decision_modes[]; /* their names; NULL ends them */

/* An interleaved page (funnel/draft.h). */
enum decision_draft {
	DRAFT_NONE,     /* it is none */
	DRAFT_POLICIES, /* of two, each of which drew */
	DRAFT_RANKINGS  /* of two, of what one policy drew */
};

/* The name of an entity in candidate lists. */
uint64_t entity_hash(struct slice id);

struct decision_reading {
	struct slice text; /* {name value} notation */
	float weight;      /* 0..1 */
};

struct decision_candidate {
	uint64_t entity; /* entity_hash */
	uint16_t rank;   /* the arm's own: 1 is its best; rising along the list */
};

struct decision_arm {
	struct slice name;             /* 1 .. ARM_NAME_MAX bytes */
	uint8_t level;                 /* drawn */
	double p;                      /* dist[level], exactly */
	double dist[LEVELS_MAX];       /* over all its levels, sums to 1 */
	float action[ACTION_FEATURES]; /* its part of phi, 0..1 */
	uint16_t limit;                /* candidates it could bring; 0: not to be asked */
	float min, max;                /* bounds of its share in force, min <= max */
	uint32_t took_us;              /* by the arm, when it was asked */
	uint16_t drawn;                /* candidates it brought: 0 .. DEPTH_MAX */
	/* `drawn` of them; also those that were not shown may earn. */
	const struct decision_candidate *candidates;
	double mixed[LEVELS_MAX]; /* as dist, over all parts of a split (split.h) */
	struct {
		uint8_t level; /* the deeper one is the arm's */
		double dist[LEVELS_MAX];
	} side[2]; /* DRAFT_POLICIES: each policy's own draw */
};

struct decision_hit {
	struct slice entity;      /* id */
	float score;              /* the ranker's, finite */
	uint16_t rank;            /* on the page and overall: 1 is the first */
	const uint16_t *arm_rank; /* one an arm, 0: that arm did not bring it */
	const float *features;    /* ranking_features of them, as served; finite */
	uint8_t team;             /* of an interleaved page: 1 or 2, whose ranking it is of */
};

struct decision {
	uint64_t id;
	int64_t at_ms;
	struct slice collection; /* name */
	struct slice query;      /* as typed; empty for RECOMMEND */
	struct slice context;    /* JSON or empty */
	int readings;            /* 0 .. INTERPRETATIONS_MAX */
	const struct decision_reading *reading;

	uint64_t features; /* feature_set_hash */
	int width;         /* 1 .. FEATURES_MAX */
	const float *phi;  /* the context's part, 0..1 */
	/* Bit i: feature i of the set was out of its range, or not there. */
	uint64_t clipped, absent;

	struct levels levels;
	double budget, price;       /* of candidates */
	double budget_us, price_us; /* of time; 0, 0: no bound */
	int arms;                   /* 0 .. ARMS_MAX */
	const struct decision_arm *arm;

	/* joint.h: how the levels were drawn together; 1: each by itself. */
	double together;
	uint64_t seed;
	enum decision_mode mode;
	/* The part of the split (split.h): "policy", "policy/ranking" where it is not the
	 * default, two of them, "a+b", of an interleaved page. */
	struct slice policy;
	/* DRAFT_POLICIES: an arm's level is the deeper of its two, its dist that of the
	 * deeper. */
	enum decision_draft drafted;
	double side_together[2]; /* and each policy's own `together` */
	/* Probability that this policy was the one, (0, 1]; where it is 1, without a split,
	 * the arms' `mixed` and `mixture` are not written, and read as what they are: dist
	 * and 1. */
	double share;
	/* Probability of this choice over all parts of the split, over that within this one:
	 * > 0. */
	double mixture;
	uint64_t split;         /* split_id; 0: the request named the policy, or the mode */
	uint64_t unit;          /* whom the split drew (split_unit): a user; 0: not known */
	uint64_t model_version; /* learnt_version */
	uint64_t generation;    /* of the scripts */
	double sampled;         /* probability that this decision was logged, (0, 1] */

	int ranking_features; /* 0 .. RANKING_FEATURES_MAX */
	int hits;             /* 0 .. HITS_MAX */
	const struct decision_hit *hit;
	int history_keys; /* 0 .. HISTORY_KEYS_MAX, history_key of each; not 0 */
	uint64_t history_key[HISTORY_KEYS_MAX];
	int memory_keys;                /* 0 .. MEMORY_KEYS_MAX */
	const struct slice *memory_key; /* at most MEMORY_KEY_MAX bytes each */
};

/* ERR_LIMIT or ERR_ARG, and nothing appended, for a decision that could not be read
 * back; ERR_MEMORY when the buf failed. */
int decision_encode(const struct decision *, struct buf *, struct error *);
int decision_decode(struct decision *out, struct arena *, struct slice bytes, struct error *);

/* A member of its CONTEXT, in the arena; NULL: there is none. */
const struct json_node *decision_context(const struct decision *, const char *name, struct arena *);
/* The arm's draw: 0 .. level - 1 are the buckets it drew. */
const struct decision_hit *decision_find_hit(const struct decision *, struct slice entity);
/* Of the levels of all arms; of both draws where two policies chose. */
double decision_propensity(const struct decision *);

/* Text form: 16 hex digits, lower case; parsing takes upper case too. */
#define DECISION_ID_TEXT 17 /* with the NUL */
void decision_id_text(char out[DECISION_ID_TEXT], uint64_t id);
int decision_id_parse(uint64_t *out, struct slice text, struct error *); /* ERR_SYNTAX */

struct outcome_event {
	struct slice name; /* 1 .. 255 bytes */
	int64_t at_ms;
	double value; /* as given, finite */
};

struct outcome_entity {
	struct slice id;
	float reward; /* so far, 0..1: only rises */
	int events, events_cap;
	struct outcome_event *event;
};

struct outcome {
	uint64_t decision;
	bool closed;                         /* zeros are in; later events still raise */
	int arms;                            /* as the decision's */
	uint8_t applied[ARMS_MAX];           /* bit j: bucket j is in V and b */
	float reward[ARMS_MAX][BUCKETS_MAX]; /* that it was given so far, 0..1 */
	int entities, entities_cap;
	struct outcome_entity *entity;
};

/* Nothing came of it yet. */
void outcome_init(struct outcome *, const struct decision *);
/* Append an event (strings copied to the arena) and find its entity's entry.
 * ERR_LIMIT past the limits above. */
int outcome_add(struct outcome *, struct arena *, struct slice entity, const struct outcome_event *,
	struct outcome_entity **entry, struct error *);
int outcome_encode(const struct outcome *, struct buf *, struct error *);
int outcome_decode(struct outcome *out, struct arena *, struct slice bytes, struct error *);

#endif
