/* retrieve.c -- asking the chosen strategies, and ordering the union.
 *
 * A strategy that fails is left out of this search, counted and named in EXPLAIN;
 * the search goes on. */
#include "base/hash.h"
#include "funnel/draft.h"
#include "funnel/search.h"

#define COINS UINT64_C(0x636f696e73)

void arm_ask(struct search *s, struct arm *arm, size_t depth)
{
	struct slice name = slice_str(arm->strategy->name);
	struct arm_counters *counters = stats_arm(&s->collection->stats, name);
	int64_t start = clock_mono_us();
	struct search_result result = { 0 };
	struct error why = { 0 };

	/* luck of its own, the same for a probe, for the search and for further pages */
	rng_init(&s->luck, hash_u64(s->seed ^ hash_bytes(name, 0)));
	if (search_run(&s->env, &arm->plan, s->where, depth, &result, &why) < 0) {
		arm->error = arena_strdup(s->arena, why.text);
		atomic_fetch_add(&counters->failed, 1);
		result.count = 0;
	}
	arm->drawn = (struct drawn){ result.hits, result.count };
	start = clock_mono_us() - start;
	arm->took_us += start;
	atomic_fetch_add(&counters->asked, 1);
	atomic_fetch_add(&counters->found, result.count);
	atomic_fetch_add(&counters->took_us, start);
}

int step_retrieve(struct search *s, struct error *err)
{
	struct drawn *drawn = arena_calloc(s->arena, s->arm_count + 1, sizeof(*drawn));
	size_t depth;
	int i;

	for (i = 0; i < s->arm_count; i++) {
		struct arm *arm = &s->arms[i];

		depth = arm->planned ? s->choice->arm[i].depth : 0;
		/* a probe that brought fewer than it was asked for brought all there are */
		if (depth > arm->probe && (!arm->probe || arm->drawn.count == arm->probe))
			arm_ask(s, arm, depth);
		if (arm->drawn.count > depth)
			arm->drawn.count = depth;
		drawn[i] = arm->drawn;
	}
	unite(s->arena, drawn, s->arm_count, &s->candidates);
	return 0;
}

/* Its weights; without a ranking script, and for one that failed, reciprocal rank fusion. */
static void weigh(struct search *s, int side)
{
	struct error why = { 0 };
	int i, rc;

	s->weights[side] = arena_calloc(s->arena, s->rank_count + 1, sizeof(**s->weights));
	rc = program_weights(s->program, s->ranking[side], &s->ask, s->weights[side], &why);
	if (rc < 0)
		s->rank_error = arena_strdup(s->arena, why.text);
	for (i = 0; rc != 1 && i < s->rank_count; i++)
		s->weights[side][i] = !strcmp(s->rank_names[i], "rrf");
}

/* How a side orders; `depth` says how deep each strategy was asked for it. */
static struct ranking ranking_of(struct search *s, int side, const unsigned *depth)
{
	const char **strategies = arena_calloc(s->arena, s->arm_count + 1, sizeof(*strategies));
	int i, asked = 0;

	for (i = 0; i < s->arm_count; i++) {
		strategies[i] = s->arms[i].strategy->name;
		asked += depth[i] > 0;
	}
	return (struct ranking){ s->rank_names, s->weights[side], s->rank_count, strategies,
		s->arm_count, asked ? asked : 1 };
}

/* What one of two policies would have shown: a strategy's shallower list is the beginning
 * of its deeper one. */
static int rank_team(struct search *s, int side, struct candidates *out, struct error *err)
{
	struct drawn *drawn = arena_calloc(s->arena, s->arm_count + 1, sizeof(*drawn));
	unsigned *depth = arena_calloc(s->arena, s->arm_count + 1, sizeof(*depth));
	struct ranking how;
	int i;

	for (i = 0; i < s->arm_count; i++) {
		depth[i] = levels_depth(&s->funnel->shared->options->levels,
			s->side[side].arm[i].level, arm_limit(&s->arms[i]));
		drawn[i] = s->arms[i].drawn;
		if (drawn[i].count > depth[i])
			drawn[i].count = depth[i];
	}
	unite(s->arena, drawn, s->arm_count, out);
	how = ranking_of(s, side, depth);
	return rank(&s->env, &s->query, &how, out, err);
}

/* All that was drawn; by the other ranking, too, where there are two. */
static int rank_all(struct search *s, struct candidates team[2], struct error *err)
{
	unsigned *depth = arena_calloc(s->arena, s->arm_count + 1, sizeof(*depth));
	struct ranking how;
	int i, rc;

	for (i = 0; i < s->arm_count; i++)
		depth[i] = s->choice->arm[i].depth;
	how = ranking_of(s, 0, depth);
	team[0] = s->candidates;
	rc = rank(&s->env, &s->query, &how, &team[0], err);
	if (rc == 0 && s->drafted) {
		how.weights = s->weights[1];
		team[1] = team[0];
		rank_anew(&s->env, &how, &team[1]);
	}
	return rc;
}

int step_rank(struct search *s, struct error *err)
{
	struct candidates team[2];
	struct rng coins;
	int rc, i;

	s->rank_names = program_weight_names(s->program, &s->rank_count);
	for (i = 0; i < (s->drafted ? 2 : 1); i++)
		weigh(s, i);
	if (s->drafted == DRAFT_POLICIES) {
		rc = rank_team(s, 0, &team[0], err);
		if (rc == 0)
			rc = rank_team(s, 1, &team[1], err);
	} else {
		rc = rank_all(s, team, err);
	}
	if (rc < 0)
		return rc;
	rng_init(&coins, hash_u64(s->seed ^ COINS)); /* a further page has the same */
	if (s->drafted)
		draft(s->arena, &s->candidates, &team[0], &team[1], &coins);
	else
		s->candidates = team[0];
	return 0;
}
