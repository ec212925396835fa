/* record.c -- the decision as it is logged.
 *
 * The record goes to the learner's queue.  A full queue is not waited for, nor is the
 * learner where it is behind with numbers for decisions: the answer then carries no
 * decision id, so nobody can teach what was not logged. */
#include <stdlib.h>

#include "funnel/search.h"

/* Keys of the memory index that this search reads and will teach. */
static int memory_keys(struct search *s, struct slice *keys, int most)
{
	int count = 0, i, k, j;

	if (s->query.text.len && s->query.text.len + 2 <= MEMORY_KEY_MAX)
		keys[count++] =
			slice_str(arena_printf(s->arena, "q:%.*s", SLICE_ARG(s->query.text)));
	for (i = 0; i < s->arm_count; i++)
		for (k = 0; s->arms[i].planned && s->arms[i].plan.source == PLAN_MEMORY &&
			    k < s->arms[i].plan.key_count;
			k++) {
			struct slice key = s->arms[i].plan.keys[k];

			for (j = 0; j < count && !slice_eq(keys[j], key); j++)
				;
			if (j == count && count < most && key.len && key.len <= MEMORY_KEY_MAX)
				keys[count++] = key;
		}
	return count;
}

static struct decision_arm *record_arms(struct search *s)
{
	struct decision_arm *arms = arena_calloc(s->arena, s->arm_count + 1, sizeof(*arms));
	struct decision_candidate *list;
	size_t c;
	int i, k;

	for (i = 0; i < s->arm_count; i++) {
		const struct choice_arm *chosen = &s->choice->arm[i];
		const struct drawn *drawn = &s->arms[i].drawn;

		list = arena_calloc(s->arena, drawn->count + 1, sizeof(*list));
		for (c = 0; c < drawn->count; c++)
			list[c] = (struct decision_candidate){
				entity_hash(view_id(s->view, drawn->hits[c].doc)), c + 1
			};
		arms[i] = (struct decision_arm){ .name = slice_str(s->arms[i].strategy->name),
			.level = chosen->level,
			.p = chosen->p,
			.drawn = drawn->count,
			.candidates = list,
			.limit = s->policy_arms[i].limit,
			.min = s->policy_arms[i].min,
			.max = s->policy_arms[i].max,
			.took_us = s->arms[i].took_us };
		memcpy(arms[i].dist, chosen->dist, sizeof(arms[i].dist));
		memcpy(arms[i].mixed, s->mixed ? s->mixed[i] : chosen->dist, sizeof(arms[i].mixed));
		for (k = 0; k < 2 && s->drafted == DRAFT_POLICIES; k++) {
			arms[i].side[k].level = s->side[k].arm[i].level;
			memcpy(arms[i].side[k].dist, s->side[k].arm[i].dist,
				sizeof(arms[i].side[k].dist));
		}
		memcpy(arms[i].action, s->policy_arms[i].action, sizeof(arms[i].action));
	}
	return arms;
}

static struct decision_hit *record_hits(struct search *s)
{
	struct decision_hit *hits = arena_calloc(s->arena, s->shown + 1, sizeof(*hits));
	size_t i;

	for (i = 0; i < s->shown; i++) {
		const struct candidate *c = &s->page[i];

		hits[i] = (struct decision_hit){ .entity = view_id(s->view, c->doc),
			.score = c->score,
			.rank = s->first + i + 1,
			.arm_rank = c->rank,
			.features = c->features,
			.team = c->team };
	}
	return hits;
}

static struct decision_reading *record_readings(struct search *s)
{
	struct decision_reading *readings =
		arena_calloc(s->arena, s->query.count + 1, sizeof(*readings));
	struct buf text = { 0 };
	int i;

	for (i = 0; i < s->query.count; i++) {
		buf_reset(&text);
		interpretation_print(&s->query.items[i], &text);
		readings[i].text = arena_slice(s->arena, buf_slice(&text));
		readings[i].weight = s->query.items[i].weight;
	}
	buf_clear(&text);
	return readings;
}

static int record(struct search *s, struct error *err)
{
	struct funnel_shared *shared = s->funnel->shared;
	struct slice keys[MEMORY_KEYS_MAX];
	struct buf bytes = { 0 };
	struct decision d = {
		.id = s->id,
		.at_ms = s->env.now_ms,
		.collection = slice_str(s->collection->schema->name),
		.query = s->request->query,
		.context = s->request->context,
		.readings = s->query.count,
		.reading = record_readings(s),
		.features = feature_set_hash(s->edition->features),
		.width = s->width,
		.phi = s->phi,
		.clipped = s->clipped,
		.absent = s->absent,
		.levels = shared->options->levels,
		.budget = s->budget,
		.budget_us = s->budget_us,
		.price = s->choice->price,
		.price_us = s->choice->price_us,
		.arms = s->arm_count,
		.arm = record_arms(s),
		.together = s->choice->together,
		.seed = s->seed,
		.mode = s->mode,
		.policy = s->policy,
		.drafted = s->drafted,
		.side_together = { 1, 1 },
		.share = s->share,
		.mixture = s->mixture,
		.split = s->split,
		.unit = s->unit,
		.model_version = s->learnt ? learnt_version(s->learnt) : 0,
		.generation = s->edition->scripts->fingerprint,
		.sampled = 1,
		.ranking_features = s->rank_count,
		.hits = s->shown,
		.hit = record_hits(s),
		.memory_key = keys,
		.history_keys = s->history_count,
	};
	int i, rc;

	for (i = 0; i < 2 && s->drafted == DRAFT_POLICIES; i++)
		d.side_together[i] = s->side[i].together;
	memcpy(d.history_key, s->history_keys, sizeof(d.history_key));
	d.memory_keys = memory_keys(s, keys, MEMORY_KEYS_MAX);
	rc = decision_encode(&d, &bytes, err);
	if (rc == 0)
		rc = shared->log(shared->log_data, s->collection - shared->collections, &bytes);
	buf_clear(&bytes);
	return rc;
}

int step_record(struct search *s, struct error *err)
{
	int rc = ERR_BUSY;

	if (s->request->unlogged)
		return 0;
	if (s->id < atomic_load(&s->funnel->shared->ids.end))
		rc = record(s, err);
	s->logged = rc == 0;
	if (rc == ERR_BUSY || rc == ERR_STATE) {
		atomic_fetch_add(&s->collection->stats.unlogged, 1);
		rc = 0;
	}
	return rc;
}
