/* retrieve.c -- asking the chosen strategies, and ordering the union.
 *
 * A strategy that fails is left out of this search, counted and named in EXPLAIN;
 * the search goes on. */
#include "base/hash.h"
#include "funnel/search.h"

void arm_ask(struct search *s, struct arm *arm, size_t depth)
{
	struct slice name = slice_str(arm->strategy->name);
	struct arm_counters *counters =
		stats_arm(&s->collection->stats, name);
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

int step_rank(struct search *s, struct error *err)
{
	const char **strategies = arena_calloc(s->arena, s->arm_count + 1, sizeof(*strategies));
	struct ranking how;
	int i, asked = 0;

	s->rank_names = program_weight_names(s->program, &s->rank_count);
	s->weights = arena_calloc(s->arena, s->rank_count + 1, sizeof(*s->weights));
	if (program_weights(s->program, &s->ask, s->weights, NULL) != 1)
		weigh_by_rrf(s);
	for (i = 0; i < s->arm_count; i++) {
		strategies[i] = s->arms[i].strategy->name;
		asked += s->choice->arm[i].depth > 0;
	}
	how = (struct ranking){ s->rank_names, s->weights, s->rank_count, strategies,
		s->arm_count, asked ? asked : 1 };
	return rank(&s->env, &s->query, &how, &s->candidates, err);
}
