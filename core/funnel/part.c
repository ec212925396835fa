/* part.c -- which policy and which ranking serve a search, and with which probability.
 *
 * The request may name them; the mode may want `fixed`; else it is the part of the split
 * that the user falls on (learn/split.h).  Two policies at once, "priced+uniform", each
 * choose, and their pages are interleaved (draft.h).  Then a strategy is asked as deep as
 * the deeper of its two draws; they are independent, so the probability of that is exact.
 * Two rankings of one policy, "priced+priced/new", order what it drew, once.
 *
 * A page of two policies is what neither would have shown, so the mixture over a split is
 * one over its other parts, and a decision of such a pair has none.  Rankings do not change
 * what is drawn: parts that differ in these alone mix as what they are, one policy. */
#include "funnel/search.h"
#include "learn/joint.h"

const struct split *funnel_split(const struct learnt *learnt, const struct edition *edition,
	const struct funnel_options *o, struct error *why)
{
	const struct split *own = learnt ? learnt_split(learnt) : NULL;

	return own && split_known(own, edition->rankings, why) == 0 ? own : &o->split;
}

int name_rankings(const struct search *s, struct split_part *part, struct error *err)
{
	struct slice name = s->request->ranking;
	const char *plus = memchr(name.ptr, '+', name.len);
	size_t len = plus ? (size_t)(plus - name.ptr) : name.len;
	struct split_side *side = part->side;
	int rc;

	side[1] = plus ? side[0] : (struct split_side){ 0 };
	rc = split_ranking(&side[0], slice_of(name.ptr, len), err);
	if (rc == 0)
		rc = split_ranking_known(&side[0], s->edition->rankings, err);
	if (rc == 0 && plus)
		rc = split_ranking(&side[1], slice_of(plus + 1, name.len - len - 1), err);
	if (rc == 0)
		rc = split_ranking_known(&side[1], s->edition->rankings, err);
	return error_prefix(err, rc, "RANKING");
}

void serve_part(struct search *s, const struct split_part *part)
{
	struct buf name = { 0 };
	int i;

	split_part_print(part, &name);
	s->policy = arena_slice(s->arena, buf_slice(&name));
	buf_clear(&name);
	s->drafted = split_part_rivals(part)   ? DRAFT_POLICIES
		     : split_part_paired(part) ? DRAFT_RANKINGS
					       : DRAFT_NONE;
	for (i = 0; i < 2; i++) {
		s->ranking[i] = program_ranking(s->program, slice_str(part->side[i].ranking));
		if (s->ranking[i] < 0) /* a further page, of a ranking that is gone */
			s->ranking[i] = program_ranking(s->program, SLICE_LIT(""));
	}
}

static int named_part(const struct search *s, struct split_part *out, struct error *err)
{
	int rc = split_name(out, s->request->policy, err);

	if (rc == 0)
		rc = split_part_known(out, s->edition->rankings, err);
	if (rc == 0 && s->request->ranking.len && split_part_paired(out))
		rc = error_set(err, ERR_ARG, "RANKING goes with one policy, found '%.*s'",
			SLICE_ARG(s->request->policy));
	return error_prefix(err, rc, "POLICY");
}

/* The part, and the split that it is of; NULL: of none. */
static int find_part(struct search *s, const struct split **split, struct split_part *out,
	struct error *err)
{
	const struct funnel_options *o = s->funnel->shared->options;
	const struct split *in_force = funnel_split(s->learnt, s->edition, o, NULL);
	int rc = 0;

	s->unit = split_unit(in_force, slice_str(s->collection->schema->name), s->ask.user, s->id);
	*split = NULL;
	if (s->request->policy.len) {
		rc = named_part(s, out, err);
	} else if (s->mode != MODE_ONLINE) {
		*out = (struct split_part){ { { "fixed", "" } }, 1 };
	} else {
		*out = in_force->part[split_find(in_force, s->unit)];
		if (!s->request->ranking.len)
			*split = in_force;
	}
	if (rc == 0 && s->request->ranking.len)
		rc = name_rankings(s, out, err);
	if (rc == 0 && *split) {
		s->split = split_id(in_force);
		s->share = out->share;
	}
	return rc;
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
		plain += split_part_rivals(&split->part[k]) ? 0 : split->part[k].share;
	s->mixture = 0;
	s->mixed = arena_calloc(s->arena, r->count + 1, sizeof(*s->mixed));
	for (k = 0; k < split->count; k++) {
		if (split_part_rivals(&split->part[k]))
			continue;
		share = split->part[k].share / plain;
		policy_spread_like(policy_find(slice_str(split->part[k].side[0].policy)), r,
			s->choice, other);
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

	policy_choose(policy_find(slice_str(part->side[0].policy)), s->learnt, r, &s->rng,
		&both[0]);
	policy_spread_like(policy_find(slice_str(part->side[1].policy)), r, &both[0], &both[1]);
	policy_draw(r, &s->rng, &both[1]);
	*s->choice = both[0];
	s->choice->together = 1;
	s->choice->expected = s->choice->expected_us = 0;
	if (!s->choice->error)
		s->choice->error = both[1].error;
	for (i = 0; i < r->count; i++)
		join(&both[0].arm[i], &both[1].arm[i], &s->choice->arm[i]);
	s->side = both;
}

int choose_part(struct search *s, const struct policy_request *r, struct error *err)
{
	const struct split *split;
	struct split_part part;
	int rc = find_part(s, &split, &part, err);

	if (rc < 0)
		return rc;
	serve_part(s, &part);
	if (s->drafted == DRAFT_POLICIES) {
		choose_both(s, r, &part);
		return 0;
	}
	policy_choose(policy_find(slice_str(part.side[0].policy)), s->learnt, r, &s->rng,
		s->choice);
	if (split && split->count > 1)
		mix(s, r, split);
	return 0;
}
