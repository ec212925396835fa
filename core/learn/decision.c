/* decision.c -- what may stand in a decision, and what can be asked of one. */
#include "learn/decision_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/hash.h"
#include "learn/joint.h"

#define SUM_TOLERANCE 1e-6

uint64_t entity_hash(struct slice id)
{
	return hash_bytes(id, 0);
}

const char *const decision_modes[] = { "online", "apprentice", "observe", NULL };

/* ---- what may stand in a record: asked before writing and after reading ---- */

static bool sized(struct slice s, size_t least, size_t most)
{
	return s.len >= least && s.len <= most;
}

static bool unit(double x)
{
	return x >= 0 && x <= 1; /* NaN is not */
}

static bool dist_valid(const double *dist, int levels)
{
	double sum = 0;
	int l;

	for (l = 0; l < levels; l++) {
		if (!unit(dist[l]))
			return false;
		sum += dist[l];
	}
	return fabs(sum - 1) <= SUM_TOLERANCE;
}

static bool arm_valid(const struct decision_arm *arm, const struct levels *levels, bool split,
	bool two_draws)
{
	int i;

	if (!sized(arm->name, 1, ARM_NAME_MAX) || arm->level >= levels->count ||
		arm->drawn > DEPTH_MAX || arm->limit > DEPTH_MAX || !unit(arm->min) ||
		!unit(arm->max) || arm->min > arm->max)
		return false;
	if (!dist_valid(arm->dist, levels->count) || arm->p != arm->dist[arm->level] ||
		!(arm->p > 0))
		return false;
	for (i = 0; i < 2 && two_draws; i++)
		if (arm->side[i].level > arm->level ||
			!dist_valid(arm->side[i].dist, levels->count) ||
			!(arm->side[i].dist[arm->side[i].level] > 0))
			return false;
	if (split && (!dist_valid(arm->mixed, levels->count) || !(arm->mixed[arm->level] > 0)))
		return false;
	for (i = 0; i < ACTION_FEATURES; i++)
		if (!unit(arm->action[i]))
			return false;
	for (i = 0; i < arm->drawn; i++)
		if (arm->candidates[i].rank <= (i ? arm->candidates[i - 1].rank : 0))
			return false;
	return true;
}

static bool hit_valid(const struct decision_hit *hit, const struct decision *d)
{
	int i;

	if (!sized(hit->entity, 1, ID_BYTES_MAX) || !isfinite(hit->score) || hit->rank < 1 ||
		hit->team > 2 || (d->drafted != DRAFT_NONE) != (hit->team > 0))
		return false;
	for (i = 0; i < d->ranking_features; i++)
		if (!isfinite(hit->features[i]))
			return false;
	return true;
}

/* Counts, before arrays of that size are made; the sizes of single texts too. */
const char *decision_head_fault(const struct decision *d)
{
	if (!sized(d->collection, 1, COLLECTION_NAME_MAX))
		return "the collection's name";
	if (!sized(d->query, 0, QUERY_BYTES_MAX))
		return "the query's length";
	if (!sized(d->context, 0, CONTEXT_BYTES_MAX))
		return "the context's length";
	if (d->readings < 0 || d->readings > INTERPRETATIONS_MAX)
		return "the number of readings";
	if (d->width < 1 || d->width > FEATURES_MAX)
		return "the number of features";
	if (!levels_valid(&d->levels))
		return "the levels";
	if (!isfinite(d->budget) || d->budget < 0 || !isfinite(d->price))
		return "the budget or price";
	if (!isfinite(d->budget_us) || d->budget_us < 0 || !isfinite(d->price_us))
		return "the budget or price of time";
	if (d->arms < 0 || d->arms > ARMS_MAX)
		return "the number of arms";
	if (!unit(d->together) || !unit(d->side_together[0]) || !unit(d->side_together[1]))
		return "how the levels were drawn together";
	if (d->mode < MODE_ONLINE || d->mode > MODE_OBSERVE)
		return "the mode";
	if (d->drafted < DRAFT_NONE || d->drafted > DRAFT_RANKINGS)
		return "the kind of page";
	if (!sized(d->policy, 1, DECISION_POLICY_MAX))
		return "the policy's name";
	if (!unit(d->share) || d->share == 0)
		return "the policy's share";
	if (d->share < 1 && (!(d->mixture > 0) || !isfinite(d->mixture)))
		return "the probability over the split";
	if (!unit(d->sampled) || d->sampled == 0)
		return "the probability of being logged";
	if (d->ranking_features < 0 || d->ranking_features > RANKING_FEATURES_MAX)
		return "the number of ranking features";
	if (d->hits < 0 || d->hits > HITS_MAX)
		return "the number of hits";
	if (d->memory_keys < 0 || d->memory_keys > MEMORY_KEYS_MAX)
		return "the number of memory keys";
	if (d->history_keys < 0 || d->history_keys > HISTORY_KEYS_MAX)
		return "the number of history keys";
	return NULL;
}

const char *decision_body_fault(const struct decision *d)
{
	int i;

	for (i = 0; i < d->readings; i++)
		if (!unit(d->reading[i].weight) || !sized(d->reading[i].text, 0, READING_BYTES_MAX))
			return "a reading";
	for (i = 0; i < d->width; i++)
		if (!unit(d->phi[i]))
			return "a feature";
	for (i = 0; i < d->arms; i++)
		if (!arm_valid(&d->arm[i], &d->levels, d->share < 1, d->drafted == DRAFT_POLICIES))
			return "an arm";
	for (i = 0; i < d->hits; i++)
		if (!hit_valid(&d->hit[i], d))
			return "a hit";
	for (i = 0; i < d->memory_keys; i++)
		if (!sized(d->memory_key[i], 1, MEMORY_KEY_MAX))
			return "a memory key";
	for (i = 0; i < d->history_keys; i++)
		if (!d->history_key[i])
			return "a history key";
	return NULL;
}

/* ---- questions ---- */

const struct json_node *decision_context(const struct decision *d, const char *name,
	struct arena *arena)
{
	struct json_node *root;

	if (!d->context.len || json_read(&root, arena, d->context, NULL) < 0 ||
		root->type != JSON_OBJECT)
		return NULL;
	return json_member(root, name);
}

const struct decision_hit *decision_find_hit(const struct decision *d, struct slice entity)
{
	int i;

	for (i = 0; i < d->hits; i++)
		if (slice_eq(d->hit[i].entity, entity))
			return &d->hit[i];
	return NULL;
}

static double side_propensity(const struct decision *d, int side)
{
	struct joint joint = joint_begin(d->side_together[side]);
	int a, level;

	for (a = 0; a < d->arms; a++) {
		level = d->arm[a].side[side].level;
		joint_add(&joint, level, d->arm[a].side[side].dist[level],
			d->arm[a].side[side].dist[0]);
	}
	return joint_probability(&joint);
}

double decision_propensity(const struct decision *d)
{
	struct joint joint = joint_begin(d->together);
	int a;

	if (d->drafted == DRAFT_POLICIES)
		return side_propensity(d, 0) * side_propensity(d, 1);
	for (a = 0; a < d->arms; a++)
		joint_add(&joint, d->arm[a].level, d->arm[a].p, d->arm[a].dist[0]);
	return joint_probability(&joint);
}

void decision_id_text(char out[DECISION_ID_TEXT], uint64_t id)
{
	snprintf(out, DECISION_ID_TEXT, "%016" PRIx64, id);
}

int decision_id_parse(uint64_t *out, struct slice text, struct error *err)
{
	uint64_t id = 0;
	size_t i;
	char c;

	for (i = 0; i < text.len && text.len == DECISION_ID_TEXT - 1; i++) {
		c = text.ptr[i];
		if (c >= '0' && c <= '9')
			id = id << 4 | (uint64_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			id = id << 4 | (uint64_t)((c | 32) - 'a' + 10);
		else
			break;
	}
	if (i != DECISION_ID_TEXT - 1)
		return error_set(err, ERR_SYNTAX,
			"'%.*s' is not a decision: 16 hex digits expected", SLICE_HEAD(text));
	*out = id;
	return 0;
}
