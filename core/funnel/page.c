/* page.c -- the answer to a SEARCH, one JSON text.
 *
 *     {"decision":"..","took_us":n,"generation":n,"candidates":n,
 *      "hits":[{"id":..,"score":..,"from":{"strategy":rank,..},"doc":{..}},..]}
 *
 * and with EXPLAIN what every step saw: readings, phi, each strategy's plan, level,
 * probabilities, and each hit's ranking features and why it has its scores. */
#include <stdio.h>

#include "funnel/search.h"

/* `root` is the parsed `json`, NULL if nobody needed it. */
static void print_doc(const struct search *s, struct slice json, const json_t *root,
	struct json_out *out)
{
	struct slice name;
	json_t *value;
	int i;

	if (!s->request->field_count || !root) {
		json_raw(out, json);
		return;
	}
	json_object_open(out);
	for (i = 0; i < s->request->field_count; i++) {
		name = s->request->fields[i];
		value = json_object_getn(root, name.ptr, name.len);
		if (value) {
			json_key_slice(out, name);
			json_value(out, value);
		}
	}
	json_close(out);
}

/* With the words of the strategies that brought it; where none did, of those it
 * matched with. */
static void print_highlights(const struct search *s, const struct candidate *c, const json_t *root,
	struct json_out *out)
{
	static const struct highlight_style usual = { SLICE_LIT("<em>"), SLICE_LIT("</em>"),
		false };
	struct highlight_style style = usual;
	uint64_t sources = 0;
	int i;

	if (s->request->marks) {
		style.before = s->request->mark_before;
		style.after = s->request->mark_after;
	}
	style.escape = s->request->html;
	for (i = 0; i < s->arm_count; i++)
		if (c->arms ? c->rank[i] > 0 : s->counted && s->counted[i])
			sources |= UINT64_C(1) << i;
	json_key(out, "highlights");
	json_object_open(out);
	for (i = 0; i < s->request->highlight_count; i++)
		highlight_print(s->highlighter, s->highlight[i], root, sources, &style, out);
	json_close(out);
}

static void print_from(const struct search *s, const struct candidate *c, struct json_out *out)
{
	int a;

	json_object_open(out);
	for (a = 0; a < s->arm_count; a++)
		if (c->rank[a])
			json_kv(out, uint, s->arms[a].strategy->name, c->rank[a]);
	json_close(out);
}

static void print_features(const struct search *s, const struct candidate *c, struct json_out *out)
{
	int f;

	json_key(out, "features");
	json_object_open(out);
	for (f = 0; f < s->rank_count; f++)
		if (c->features[f] != 0)
			json_kv(out, num_short, s->rank_names[f], c->features[f], 5);
	json_close(out);
}

/* By each strategy that brought it: where its score there comes from. */
static void print_why(const struct search *s, const struct candidate *c, struct json_out *out)
{
	int a;

	json_key(out, "why");
	json_object_open(out);
	for (a = 0; a < s->arm_count; a++) {
		if (!c->rank[a] || !s->arms[a].planned)
			continue;
		json_key(out, s->arms[a].strategy->name);
		search_explain(&s->env, &s->arms[a].plan, s->where, c->doc, out);
	}
	json_close(out);
}

static void print_hit(const struct search *s, const struct candidate *c, struct json_out *out)
{
	struct slice json = view_json(s->view, c->doc);
	json_t *root = NULL;

	if ((s->request->field_count || s->highlighter) && json_parse(&root, json, NULL) < 0)
		root = NULL;
	json_object_open(out);
	json_kv(out, slice, "id", view_id(s->view, c->doc));
	if (s->drafted && s->request->explain)
		json_kv(out, uint, "team", c->team);
	json_key(out, "score");
	if (s->request->sort_count)
		json_null(out);
	else
		json_num_short(out, c->score, 6);
	json_key(out, "from");
	print_from(s, c, out);
	if (s->request->explain) {
		print_features(s, c, out);
		if (c->arms)
			print_why(s, c, out);
	}
	if (s->highlighter)
		print_highlights(s, c, root, out);
	json_key(out, "doc");
	print_doc(s, json, root, out);
	json_close(out);
	json_decref(root);
}

/* What was counted and sorted: how many there are, by whose matches. */
static void print_matched(const struct search *s, struct json_out *out)
{
	int i;

	json_key(out, "matched");
	json_object_open(out);
	json_kv(out, uint, "count", s->matches.count);
	json_kv(out, bool, "complete", s->complete);
	json_key(out, "by");
	json_array_open(out);
	for (i = 0; i < s->arm_count; i++)
		if (s->counted[i])
			json_str(out, s->arms[i].strategy->name);
	json_close(out);
	json_close(out);
}

static void print_facets(const struct search *s, struct json_out *out)
{
	int i;

	json_key(out, "facets");
	json_object_open(out);
	for (i = 0; i < s->request->facet_count; i++) {
		json_key(out, facet_name(&s->facets[i]));
		facet_print(&s->facets[i], &s->counts[i], out);
	}
	json_close(out);
}

static void print_hits(const struct search *s, struct json_out *out)
{
	size_t i;

	json_key(out, "hits");
	json_array_open(out);
	for (i = 0; i < s->shown; i++)
		print_hit(s, &s->page[i], out);
	json_close(out);
}

static void print_dist(const struct search *s, const struct choice_arm *a, struct json_out *out)
{
	const struct levels *levels = &s->funnel->shared->options->levels;
	int l;

	json_key(out, "p");
	json_object_open(out);
	for (l = 0; l <= a->cap && l < levels->count; l++) {
		char depth[8];

		snprintf(depth, sizeof(depth), "%u", levels->depth[l]);
		json_kv(out, num_short, depth, a->dist[l], 5);
	}
	json_close(out);
	json_key(out, "value");
	json_array_open(out);
	for (l = 0; l < a->cap; l++) {
		json_array_open(out);
		json_num_short(out, a->mean[l], 4);
		json_num_short(out, a->spread[l], 4);
		json_num_short(out, a->novel[l], 4);
		json_close(out);
	}
	json_close(out);
}

/* What was known of it beforehand, without what is 0. */
static void print_known(const struct search *s, int a, struct json_out *out)
{
	const struct feature_set *set = s->edition->features;
	int i;

	json_key(out, "known");
	json_object_open(out);
	for (i = 0; i < ACTION_FEATURES; i++)
		if (s->policy_arms[a].action[i] != 0)
			json_kv(out, num_short,
				feature_set_name(set, s->width + i) + strlen("arm."),
				s->policy_arms[a].action[i], 4);
	json_close(out);
}

/* How deep each of two policies asked for it. */
static void print_teams(const struct search *s, int a, struct json_out *out)
{
	const struct levels *levels = &s->funnel->shared->options->levels;
	int i;

	json_key(out, "teams");
	json_array_open(out);
	for (i = 0; i < 2; i++)
		json_uint(out,
			levels_depth(levels, s->side[i].arm[a].level, arm_limit(&s->arms[a])));
	json_close(out);
}

static void print_arm(const struct search *s, int a, struct json_out *out)
{
	const struct arm *arm = &s->arms[a];
	const struct choice_arm *chosen = &s->choice->arm[a];

	json_key(out, arm->strategy->name);
	json_object_open(out);
	json_kv(out, bool, "applies", arm->planned || arm->error);
	if (arm->error)
		json_kv(out, str, "error", arm->error);
	if (arm->planned) {
		json_kv(out, uint, "depth", chosen->depth);
		if (s->drafted == DRAFT_POLICIES)
			print_teams(s, a, out);
		json_kv(out, uint, "found", arm->drawn.count);
		json_kv(out, int, "took_us", arm->took_us);
		if (s->policy.len) {
			print_known(s, a, out);
			print_dist(s, chosen, out);
		}
		json_key(out, "plan");
		plan_print(&arm->plan, out);
	}
	json_close(out);
}

/* By the ranking's name. */
static void print_weights(const struct search *s, struct json_out *out)
{
	int i, f;

	json_key(out, "ranking");
	json_object_open(out);
	for (i = 0; i < (s->drafted ? 2 : 1); i++) {
		if (i && s->ranking[1] == s->ranking[0])
			continue;
		json_key(out, s->ranking[i] < 0 ? "rrf" : s->edition->rankings[s->ranking[i]]);
		json_object_open(out);
		for (f = 0; f < s->rank_count; f++)
			if (s->weights[i][f] != 0)
				json_kv(out, num_short, s->rank_names[f], s->weights[i][f], 5);
		json_close(out);
	}
	json_close(out);
}

static void print_explain(const struct search *s, struct json_out *out)
{
	char seed[24];
	int a;

	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)s->seed);
	json_key(out, "explain");
	json_object_open(out);
	json_key(out, "understood");
	query_print(&s->query, out);
	tell_features(s->edition->features, s->phi, s->width, out);
	if (s->features_failed)
		json_kv(out, int, "features_failed", s->features_failed);
	json_key(out, "policy");
	if (s->policy.len)
		json_slice(out, s->policy);
	else
		json_null(out);
	if (s->choice->error)
		json_kv(out, str, "policy_error", s->choice->error);
	json_kv(out, str, "seed", seed); /* as text: 64 bits pass through any client */
	json_kv(out, num_short, "price", s->choice->price, 5);
	json_kv(out, num_short, "expected", s->choice->expected, 5);
	json_kv(out, num, "together", s->choice->together);
	json_kv(out, num_short, "price_us", s->choice->price_us, 5);
	json_kv(out, num_short, "expected_us", s->choice->expected_us, 5);
	json_kv(out, uint, "model", s->learnt ? learnt_version(s->learnt) : 0);
	json_key(out, "strategies");
	json_object_open(out);
	for (a = 0; a < s->arm_count; a++)
		print_arm(s, a, out);
	json_close(out);
	print_weights(s, out);
	if (s->rank_error)
		json_kv(out, str, "ranking_error", s->rank_error);
	json_close(out);
}

int step_reply(struct search *s, struct buf *buf, struct error *err)
{
	char id[DECISION_ID_TEXT];
	struct json_out out;

	search_highlight(s);
	decision_id_text(id, s->id);
	json_begin(&out, buf);
	json_object_open(&out);
	json_kv(&out, str, "decision", s->logged ? id : NULL);
	json_kv(&out, int, "took_us", clock_mono_us() - s->start_us);
	json_kv(&out, uint, "generation", s->edition->number);
	json_kv(&out, uint, "candidates", s->candidates.count);
	if (s->counted)
		print_matched(s, &out);
	if (s->request->facet_count)
		print_facets(s, &out);
	print_hits(s, &out);
	if (s->request->explain)
		print_explain(s, &out);
	json_close(&out);
	return buf->failed ? error_set(err, ERR_MEMORY, "the answer is too large") : 0;
}
