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

/* No ranking script, or one that failed: reciprocal rank fusion. */
static void weigh_by_rrf(struct search *s)
{
	int i;

	for (i = 0; i < s->rank_count; i++)
		s->weights[i] = !strcmp(s->rank_names[i], "rrf");
}

/* Order candidates; `depth` says how deep each strategy was asked for them. */
static int rank_these(struct search *s, struct candidates *all, const unsigned *depth,
	struct error *err)
{
	const char **strategies = arena_calloc(s->arena, s->arm_count + 1, sizeof(*strategies));
	struct ranking how;
	int i, asked = 0;

	for (i = 0; i < s->arm_count; i++) {
		strategies[i] = s->arms[i].strategy->name;
		asked += depth[i] > 0;
	}
	how = (struct ranking){ s->rank_names, s->weights, s->rank_count, strategies, s->arm_count,
		asked ? asked : 1 };
	return rank(&s->env, &s->query, &how, all, err);
}

/* What one of two policies would have shown: a strategy's shallower list is the beginning
 * of its deeper one. */
static int rank_team(struct search *s, const struct choice *side, struct candidates *out,
	struct error *err)
{
	struct drawn *drawn = arena_calloc(s->arena, s->arm_count + 1, sizeof(*drawn));
	unsigned *depth = arena_calloc(s->arena, s->arm_count + 1, sizeof(*depth));
	int i;

	for (i = 0; i < s->arm_count; i++) {
		depth[i] = levels_depth(&s->funnel->shared->options->levels, side->arm[i].level,
			arm_limit(&s->arms[i]));
		drawn[i] = s->arms[i].drawn;
		if (drawn[i].count > depth[i])
			drawn[i].count = depth[i];
	}
	unite(s->arena, drawn, s->arm_count, out);
	return rank_these(s, out, depth, err);
}

static int rank_draft(struct search *s, struct error *err)
{
	struct candidates team[2];
	struct rng coins;
	int rc;

	rng_init(&coins, hash_u64(s->seed ^ COINS)); /* a further page has the same */
	rc = rank_team(s, &s->side[0], &team[0], err);
	if (rc == 0)
		rc = rank_team(s, &s->side[1], &team[1], err);
	if (rc == 0)
		draft(s->arena, &s->candidates, &team[0], &team[1], &coins);
	return rc;
}

int step_rank(struct search *s, struct error *err)
{
	unsigned *depth = arena_calloc(s->arena, s->arm_count + 1, sizeof(*depth));
	struct error why = { 0 };
	int ranked, i;

	s->rank_names = program_weight_names(s->program, &s->rank_count);
	s->weights = arena_calloc(s->arena, s->rank_count + 1, sizeof(*s->weights));
	ranked = program_weights(s->program, &s->ask, s->weights, &why);
	if (ranked < 0)
		s->rank_error = arena_strdup(s->arena, why.text);
	if (ranked != 1)
		weigh_by_rrf(s);
	if (s->drafted)
		return rank_draft(s, err);
	for (i = 0; i < s->arm_count; i++)
		depth[i] = s->choice->arm[i].depth;
	return rank_these(s, &s->candidates, depth, err);
}
