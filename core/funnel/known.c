/* known.c -- what is known of every strategy before it is asked: its own part of phi
 * (enum action in learn/features.h), from its plan, from what was learnt, and from a probe.
 *
 * Plans are made first, for every strategy that applies: a plan costs microseconds and tells
 * what the bandit should know before it spends candidates.  A strategy whose script says so
 * is probed: it is asked for its first few, for all that is chosen afterwards, and what
 * that shows decides with the rest how deep to go.  What a probe brought is a candidate
 * only if the strategy is then asked.
 *
 * Recent latency is told only where time is bounded: elsewhere it would make decisions
 * depend on how busy the machine was. */
#include <math.h>

#include "funnel/search.h"
#include "learn/learning.h"

#define SEEN_HALF  5  /* times that count for half of all that could be known */
#define SCORE_HALF 10 /* score of a probe's best that counts 0.5 */
#define US_MOST    1e6

static float seen(double n)
{
	return (float)(n / (n + SEEN_HALF));
}

/* ---- the plan ---- */

static void know_memory(struct search *s, const struct plan *plan, float *action)
{
	struct memory_row *rows;
	int k, i, count, known = 0;

	for (k = 0; k < plan->key_count; k++) {
		count = memory_get(&s->env.memory, plan->keys[k], NULL, s->arena, &rows, NULL);
		for (i = 0; i < count; i++)
			action[ACTION_MEMORY] = fmaxf(action[ACTION_MEMORY], rows[i].score);
		known += count > 0 ? count : 0;
	}
	action[ACTION_REMEMBERED] = seen(known);
}

/* Share of documents that a filter's kinds leave; what else it asks is not looked at. */
static double kind_share(const struct search *s, const struct filter *f)
{
	double share = f && f->kind == FILTER_OR ? 0 : 1, docs = view_stats(s->view)->docs;
	int i;

	if (!f || !docs)
		return 1;
	if (f->kind == FILTER_KIND)
		return view_df(s->view, GROUP_KIND, text_fold(s->arena, f->text)) / docs;
	for (i = 0; i < f->kid_count; i++) {
		if (f->kind == FILTER_AND)
			share = fmin(share, kind_share(s, f->kids[i]));
		else if (f->kind == FILTER_OR)
			share = fmin(1, share + kind_share(s, f->kids[i]));
	}
	return fmin(share, 1);
}

static void know_plan(struct search *s, const struct arm *arm, float *action)
{
	struct search_estimate estimate;

	search_estimate(s->view, s->arena, &arm->plan, &estimate);
	if (arm->plan.source == PLAN_MEMORY)
		know_memory(s, &arm->plan, action);
	action[ACTION_KNOWN] = estimate.known;
	action[ACTION_MATCHES] = log1p(estimate.matches) / log1p(view_stats(s->view)->docs + 1);
	action[ACTION_SOURCE] = arm->plan.source != PLAN_SEARCH;
	action[ACTION_KIND] = kind_share(s, arm->plan.where);
}

/* ---- what was learnt ---- */

static void read_history(struct search *s, enum history_kind kind, struct slice text)
{
	uint64_t key = history_key(kind, text);

	s->history_keys[s->history_count++] = key;
	/* damaged or not, the search goes on */
	history_read(s->funnel->learning, LEARNING_HISTORY, s->env.memory.collection, key,
		&s->history[kind], NULL);
}

static void know_histories(struct search *s)
{
	struct buf reading = { 0 };

	s->history = arena_calloc(s->arena, HISTORY_KEYS_MAX, sizeof(*s->history));
	read_history(s, HISTORY_ALL, SLICE_LIT(""));
	if (s->query.text.len)
		read_history(s, HISTORY_QUERY, s->query.text);
	if (s->query.word_count) {
		interpretation_print(&s->query.items[0], &reading);
		read_history(s, HISTORY_READING, buf_slice(&reading));
		buf_clear(&reading);
	}
	if (s->ask.user.len)
		read_history(s, HISTORY_USER, s->ask.user);
}

static void know_learnt(struct search *s, const struct arm *arm, int learnt, float *action)
{
	const struct history *h = s->history;
	struct slice name = slice_str(arm->strategy->name);
	float us[LEVELS_MAX], all = history_mean(&h[HISTORY_ALL], name, 0);

	action[ACTION_QUERY] = history_mean(&h[HISTORY_QUERY], name, all);
	action[ACTION_SEEN] = seen(history_times(&h[HISTORY_QUERY], name));
	action[ACTION_READING] = history_mean(&h[HISTORY_READING], name, all);
	action[ACTION_USER] = history_mean(&h[HISTORY_USER], name, all);
	if (s->learnt && s->budget_us > 0) {
		learnt_us(s->learnt, learnt, us);
		action[ACTION_PACE] = fmin(log1p(us[1]) / log1p(US_MOST), 1);
	}
}

/* ---- probes ---- */

/* Asks for the first few and keeps them. */
static void probe(struct search *s, struct arm *arm, unsigned limit)
{
	unsigned depth = (unsigned)arm->strategy->probe;

	arm->probe = depth < limit ? depth : limit;
	if (arm->probe)
		arm_ask(s, arm, arm->probe);
}

static void know_scores(const struct arm *arm, float *action)
{
	const struct drawn *d = &arm->drawn;
	float best, last;

	action[ACTION_PROBED] = 1;
	action[ACTION_FOUND] = (float)d->count / (float)arm->probe;
	if (!d->count)
		return;
	best = fmaxf(d->hits[0].score, 0);
	last = fmaxf(d->hits[d->count - 1].score, 0);
	action[ACTION_BEST] = best / (best + SCORE_HALF);
	action[ACTION_GAP] = best > 0 ? (best - last) / best : 0;
}

static bool has(const struct arm *arm, uint32_t doc)
{
	size_t i;

	for (i = 0; i < arm->drawn.count; i++)
		if (arm->drawn.hits[i].doc == doc)
			return true;
	return false;
}

static void know_overlap(const struct search *s, const struct arm *arm, float *action)
{
	size_t i, shared = 0;
	int b;

	for (i = 0; i < arm->drawn.count; i++) {
		for (b = 0; b < s->arm_count; b++)
			if (&s->arms[b] != arm && has(&s->arms[b], arm->drawn.hits[i].doc))
				break;
		shared += b < s->arm_count;
	}
	if (arm->drawn.count)
		action[ACTION_OVERLAP] = (float)shared / (float)arm->drawn.count;
}

void know_arms(struct search *s)
{
	struct policy_arm *p;
	int a;

	know_histories(s);
	for (a = 0; a < s->arm_count; a++)
		if (s->policy_arms[a].limit && s->policy_arms[a].max > 0)
			probe(s, &s->arms[a], s->policy_arms[a].limit);
	for (a = 0; a < s->arm_count; a++) {
		p = &s->policy_arms[a];
		if (!p->limit)
			continue;
		know_plan(s, &s->arms[a], p->action);
		know_learnt(s, &s->arms[a], p->learnt, p->action);
		if (!s->arms[a].probe)
			continue;
		know_scores(&s->arms[a], p->action);
		know_overlap(s, &s->arms[a], p->action);
	}
}
