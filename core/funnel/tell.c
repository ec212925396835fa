/* tell.c -- DECISION: what was chosen and what came of it, as JSON. */
#include <stdio.h>

#include "funnel/search.h"
#include "learn/learning.h"
#include "learn/split.h"

static void tell_chosen(const struct decision *d, struct json_out *out)
{
	int a, l;

	json_key(out, "strategies");
	json_object_open(out);
	for (a = 0; a < d->arms; a++) {
		const struct decision_arm *arm = &d->arm[a];

		json_key_slice(out, arm->name);
		json_object_open(out);
		json_kv(out, uint, "depth", d->levels.depth[arm->level]);
		json_kv(out, uint, "found", arm->drawn);
		if (d->drafted == DRAFT_POLICIES) {
			json_key(out, "teams");
			json_array_open(out);
			json_uint(out, d->levels.depth[arm->side[0].level]);
			json_uint(out, d->levels.depth[arm->side[1].level]);
			json_close(out);
		}
		json_kv(out, num, "p", arm->p);
		json_key(out, "levels");
		json_array_open(out);
		for (l = 0; l < d->levels.count; l++)
			json_num(out, arm->dist[l]);
		json_close(out);
		json_close(out);
	}
	json_close(out);
}

static const struct outcome_entity *earned(const struct outcome *o, struct slice id)
{
	int i;

	for (i = 0; i < o->entities; i++)
		if (slice_eq(o->entity[i].id, id))
			return &o->entity[i];
	return NULL;
}

static void tell_hits(const struct decision *d, const struct outcome *o, struct json_out *out)
{
	const struct outcome_entity *entity;
	int h, a;

	json_key(out, "hits");
	json_array_open(out);
	for (h = 0; h < d->hits; h++) {
		json_object_open(out);
		json_kv(out, slice, "id", d->hit[h].entity);
		json_kv(out, uint, "rank", d->hit[h].rank);
		if (d->drafted)
			json_kv(out, uint, "team", d->hit[h].team);
		json_kv(out, num_short, "score", d->hit[h].score, 6);
		json_key(out, "from");
		json_object_open(out);
		for (a = 0; a < d->arms; a++)
			if (d->hit[h].arm_rank[a]) {
				json_key_slice(out, d->arm[a].name);
				json_uint(out, d->hit[h].arm_rank[a]);
			}
		json_close(out);
		entity = earned(o, d->hit[h].entity);
		json_kv(out, num_short, "reward", entity ? entity->reward : 0, 5);
		json_close(out);
	}
	json_close(out);
}

static void tell_events(const struct outcome *o, struct json_out *out)
{
	int i, j;

	json_key(out, "events");
	json_array_open(out);
	for (i = 0; i < o->entities; i++)
		for (j = 0; j < o->entity[i].events; j++) {
			const struct outcome_event *event = &o->entity[i].event[j];

			json_object_open(out);
			json_kv(out, slice, "entity", o->entity[i].id);
			json_kv(out, slice, "event", event->name);
			json_kv(out, num, "value", event->value);
			json_kv(out, int, "at", event->at_ms);
			json_close(out);
		}
	json_close(out);
}

/* Whose order the page has: the default's where the policy's name does not say another. */
static void tell_rankings(const struct decision *d, struct json_out *out)
{
	struct split_part part;
	int i;

	json_key(out, "rankings");
	json_array_open(out);
	if (split_name(&part, d->policy, NULL) == 0)
		for (i = 0; i < 1 + split_part_paired(&part); i++)
			json_str(out, part.side[i].ranking[0] ? part.side[i].ranking : "default");
	json_close(out);
}

void tell_features(const struct feature_set *set, const float *phi, int width, struct json_out *out)
{
	int i;

	json_key(out, "features");
	json_object_open(out);
	for (i = 0; i < width; i++)
		if (phi[i] != 0)
			json_kv(out, num_short, feature_set_name(set, i), phi[i], 5);
	json_close(out);
}

static void tell_readings(const struct decision *d, struct json_out *out)
{
	int i;

	json_key(out, "readings");
	json_array_open(out);
	for (i = 0; i < d->readings; i++) {
		json_object_open(out);
		json_kv(out, slice, "text", d->reading[i].text);
		json_kv(out, num_short, "weight", d->reading[i].weight, 4);
		json_close(out);
	}
	json_close(out);
}

/* `set` is NULL where the features are other ones by now. */
static void tell(const struct decision *d, const struct outcome *o, const struct feature_set *set,
	struct json_out *out)
{
	char text[DECISION_ID_TEXT], seed[24];
	int i;

	decision_id_text(text, d->id);
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)d->seed);
	json_object_open(out);
	json_kv(out, str, "decision", text);
	json_kv(out, int, "at", d->at_ms);
	json_kv(out, slice, "collection", d->collection);
	json_kv(out, slice, "query", d->query);
	json_key(out, "context");
	if (d->context.len)
		json_raw(out, d->context);
	else
		json_null(out);
	tell_readings(d, out);
	json_key(out, "phi");
	json_array_open(out);
	for (i = 0; i < d->width; i++)
		json_num(out, d->phi[i]);
	json_close(out);
	if (set)
		tell_features(set, d->phi, d->width, out);
	tell_rankings(d, out);
	json_kv(out, slice, "policy", d->policy);
	json_kv(out, num, "share", d->share);
	json_kv(out, str, "mode", decision_modes[d->mode]);
	json_kv(out, str, "seed", seed);
	json_kv(out, num, "budget", d->budget);
	json_kv(out, num, "price", d->price);
	json_kv(out, num, "budget_us", d->budget_us);
	json_kv(out, num, "price_us", d->price_us);
	json_kv(out, num, "together", d->together);
	json_kv(out, num, "propensity", decision_propensity(d));
	json_kv(out, num, "mixture", d->mixture * decision_propensity(d));
	json_kv(out, uint, "model", d->model_version);
	tell_chosen(d, out);
	tell_hits(d, o, out);
	tell_events(o, out);
	json_kv(out, bool, "closed", o->closed);
	json_close(out);
}

/* The features in force, if the decision was made by them; else NULL. */
static const struct feature_set *features_of(struct funnel *f, const struct decision *d)
{
	const struct feature_set *set;
	const struct edition *edition;
	int i;

	for (i = 0; i < f->shared->collection_count; i++) {
		if (!slice_is(d->collection, f->shared->collections[i].schema->name))
			continue;
		if (funnel_hold(f, i, NULL) < 0)
			return NULL;
		edition = snapshot_object(f->stations[i].edition.held);
		set = edition->features;
		return feature_set_hash(set) == d->features ? set : NULL;
	}
	return NULL;
}

int funnel_decision(struct funnel *f, uint64_t id, struct arena *arena, struct buf *buf,
	struct error *err)
{
	struct outcome outcome;
	struct json_out out;
	struct decision d;
	int rc;

	rc = store_resume(f->learning, err);
	if (rc < 0)
		return rc;
	rc = learning_decision(f->learning, arena, id, &d, err);
	if (rc == 0)
		rc = learning_outcome(f->learning, arena, &d, &outcome, err);
	if (rc == 0) {
		json_begin(&out, buf);
		tell(&d, &outcome, features_of(f, &d), &out);
	}
	store_pause(f->learning);
	return rc;
}
