/* part.c -- which policy serves a search, and with which probability.
 *
 * The request may name one; the mode may want `fixed`; else it is the part of the split
 * that the user falls on (learn/split.h).  Two policies at once, "priced+uniform", each
 * choose, and their pages are interleaved (draft.h).  Then a strategy is asked as deep as
 * the deeper of its two draws; they are independent, so the probability of that is exact.
 *
 * An interleaved page is what neither policy would have shown, so the mixture over a
 * split is one over its other parts, and a decision of a pair has none. */
#include "funnel/search.h"
#include "learn/joint.h"

const struct split *funnel_split(const struct learnt *learnt, const struct funnel_options *o,
	struct error *why)
{
	const struct split *own = learnt ? learnt_split(learnt) : NULL;

	return own && split_known(own, why) == 0 ? own : &o->split;
}

/* The part, and the split that it is of; NULL: of none. */
static int find_part(struct search *s, const struct split **split, struct split_part *out,
	struct error *err)
{
	const struct funnel_options *o = s->funnel->shared->options;
	const struct split *in_force = funnel_split(s->learnt, o, NULL);
	struct split named = { 0 };
	int rc;

	s->unit = split_unit(in_force, slice_str(s->collection->schema->name), s->ask.user, s->id);
	*split = NULL;
	if (s->request->policy.len) {
		rc = split_name(&named, s->request->policy, err);
		if (rc == 0)
			rc = split_known(&named, err);
		if (rc < 0)
			return error_prefix(err, rc, "POLICY");
		*out = named.part[0];
	} else if (o->mode != MODE_ONLINE) {
		*out = (struct split_part){ .policy = "fixed", .share = 1 };
	} else {
		*split = in_force;
		*out = in_force->part[split_find(in_force, s->unit)];
		s->split = split_id(in_force);
		s->share = out->share;
	}
	return 0;
}

/* What the plain parts would have done, each by its share among them. */
static void mix(struct search *s, const struct policy_request *r, const struct split *split)
{
	struct choice *other = arena_calloc(s->arena, 1, sizeof(*other));
	const struct choice_arm *a, *b;
	struct joint_ratio ratio;
	double plain = 0, share;
	int k, i, l;

	for (k = 0; k < split->count; k++)
		plain += split->part[k].rival[0] ? 0 : split->part[k].share;
	s->mixture = 0;
	s->mixed = arena_calloc(s->arena, r->count + 1, sizeof(*s->mixed));
	for (k = 0; k < split->count; k++) {
		if (split->part[k].rival[0])
			continue;
		share = split->part[k].share / plain;
		policy_spread_like(policy_find(slice_str(split->part[k].policy)), r, s->choice,
			other);
		ratio = joint_ratio_begin(other->together, s->choice->together);
		for (i = 0; i < r->count; i++) {
			a = &s->choice->arm[i];
			b = &other->arm[i];
			joint_ratio_add(&ratio, a->level, b->dist, a->dist);
			for (l = 0; l <= a->cap; l++)
				s->mixed[i][l] += share * b->dist[l];
		}
		s->mixture += share * joint_ratio(&ratio);
	}
}

/* The deeper of two independent draws: P(max = l) = a(l) P(b <= l) + P(a < l) b(l). */
static void join(const struct choice_arm *a, const struct choice_arm *b, struct choice_arm *out)
{
	double below_a = 0, upto_b = 0;
	int l;

	*out = a->level >= b->level ? *a : *b;
	for (l = 0; l <= a->cap; l++) {
		upto_b += b->dist[l];
		out->dist[l] = a->dist[l] * upto_b + below_a * b->dist[l];
		below_a += a->dist[l];
	}
	out->p = out->dist[out->level];
}

/* Both choose; what is asked is what the deeper one wants. */
static void choose_both(struct search *s, const struct policy_request *r,
	const struct split_part *part)
{
	struct choice *both = arena_calloc(s->arena, 2, sizeof(*both));
	int i;

	policy_choose(policy_find(slice_str(part->policy)), s->learnt, r, &s->rng, &both[0]);
	policy_spread_like(policy_find(slice_str(part->rival)), r, &both[0], &both[1]);
	policy_draw(r, &s->rng, &both[1]);
	*s->choice = both[0];
	s->choice->together = 1;
	s->choice->expected = s->choice->expected_us = 0;
	if (!s->choice->error)
		s->choice->error = both[1].error;
	for (i = 0; i < r->count; i++)
		join(&both[0].arm[i], &both[1].arm[i], &s->choice->arm[i]);
	s->drafted = true;
	s->side = both;
}

int choose_part(struct search *s, const struct policy_request *r, struct error *err)
{
	const struct split *split;
	struct split_part part;
	int rc = find_part(s, &split, &part, err);

	if (rc < 0)
		return rc;
	if (part.rival[0]) {
		s->policy = slice_str(arena_printf(s->arena, "%s+%s", part.policy, part.rival));
		choose_both(s, r, &part);
		return 0;
	}
	s->policy = slice_str(policy_find(slice_str(part.policy))->name);
	policy_choose(policy_find(slice_str(part.policy)), s->learnt, r, &s->rng, s->choice);
	if (split && split->count > 1)
		mix(s, r, split);
	return 0;
}
