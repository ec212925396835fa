/* explain.c -- why a document has its score.
 *
 * The words' part is what search gives: only those of subtrees that match count
 * ("counted"), the others are shown with what they would bring. */
#include "query/search.h"

#include "query/score.h"

struct run_explain {
	const struct search_env *env;
	struct scorer *scorer;
	const uint8_t *lengths;
	uint32_t doc;
	struct json_out *out;
};

static void explain_fields(const struct run_explain *x, const struct leaf_list *l)
{
	const struct schema *schema = view_schema(x->env->view);
	struct postings *p = l->list;
	int i, f;

	json_key(x->out, "fields");
	json_object_open(x->out);
	for (i = 0; i < schema->field_count; i++) {
		f = schema->fields[i].text_index;
		if (f < 0 || !(l->mask & 1 << f) || !postings_tf(p, f))
			continue;
		json_key(x->out, schema->fields[i].name);
		json_object_open(x->out);
		json_kv(x->out, int, "tf", postings_tf(p, f));
		json_kv(x->out, uint, "length", length_decode(x->lengths[f]));
		json_close(x->out);
	}
	json_close(x->out);
}

static void explain_leaf(const struct run_explain *x, struct iter *leaf, bool counted)
{
	bool word = leaf->what <= MATCH_FUZZY;
	struct json_out *out = x->out;
	struct leaf_list *l;
	double score = 0;
	int i;

	if (leaf->doc == x->doc)
		score = scorer_leaf(x->scorer, leaf, x->doc, x->lengths) * x->scorer->unit;
	json_object_open(out);
	json_kv(out, slice, match_name(leaf->what), leaf->text);
	json_kv(out, bool, "counted", counted);
	json_kv(out, num_short, "score", score, 6);
	json_kv(out, num_short, "weight", leaf->weight, 6);
	json_kv(out, num_short, "idf", leaf->idf, 6);
	json_kv(out, uint, "df", leaf->df);
	json_key(out, "terms");
	json_array_open(out);
	for (i = 0; i < leaf->list_count; i++) {
		l = &leaf->lists[i];
		if (l->list->doc != x->doc)
			continue;
		json_object_open(out);
		json_kv(out, slice, "term", l->term);
		json_kv(out, uint, "df", l->list->df);
		if (l->edits)
			json_kv(out, int, "edits", l->edits);
		if (l->weight != 1)
			json_kv(out, num_short, "weight", l->weight, 6);
		if (word)
			explain_fields(x, l);
		json_close(out);
	}
	json_close(out);
	json_close(out);
}

/* Marks the leaves whose contribution counts. */
static void count_leaves(const struct iter *it, uint32_t doc, bool *counted)
{
	int i;

	if (!it || it->doc != doc)
		return;
	if (it->kind == ITER_LEAF)
		counted[it->index] = true;
	for (i = 0; i < it->kid_count; i++)
		count_leaves(it->kids[i], doc, counted);
}

static void explain_terms(const struct run_explain *x, double words)
{
	struct json_out *out = x->out;
	struct scorer *s = x->scorer;
	bool told = false;
	int i;

	json_key(out, "terms");
	json_array_open(out);
	for (i = 0; i < s->term_count; i++) {
		if (s->terms[i].kind == SCORE_BM25 && told)
			continue; /* several are told as one sum */
		json_object_open(out);
		json_kv(out, str, "term", score_name(s->terms[i].kind));
		if (s->terms[i].field)
			json_kv(out, str, "field", s->terms[i].field->name);
		json_kv(out, num_short, "weight", s->terms[i].weight, 6);
		json_kv(out, num_short, "score",
			s->terms[i].kind == SCORE_BM25 ? words : scorer_term(s, i, x->doc), 6);
		json_close(out);
		told = told || s->terms[i].kind == SCORE_BM25;
	}
	json_close(out);
}

static void explain_search(const struct search_env *env, const struct plan *plan, uint32_t doc,
	struct json_out *out)
{
	struct matcher *match = arena_calloc(env->arena, 1, sizeof(*match));
	struct matcher *words = arena_calloc(env->arena, 1, sizeof(*words));
	bool *counted = arena_calloc(env->arena, PLAN_NODES_MAX, sizeof(bool));
	struct scorer scorer;
	struct run_explain x = { env, &scorer, view_lengths(env->view, doc), doc, out };
	struct error err = { 0 };
	bool matched;
	double sum = 0;
	int i;

	/* two of them: a tree may step over what its leaves have (an ALL that fails) */
	if (matcher_open(match, env->view, env->arena, plan->match, &err) < 0 ||
		matcher_open(words, env->view, env->arena, plan->match, &err) < 0) {
		matcher_close(match);
		json_kv(out, str, "error", err.text);
		return;
	}
	scorer_open(&scorer, env, plan, match);
	matched = !plan->match || (match->root && iter_seek(match->root, doc) == doc);
	if (matched && match->root) {
		count_leaves(match->root, doc, counted);
		sum = scorer_words(&scorer, match->root, doc, x.lengths) * scorer.unit;
	}
	json_kv(out, bool, "matched", matched);
	json_kv(out, num_short, "score", sum + scorer_rest(&scorer, doc), 8);
	explain_terms(&x, sum);
	if (plan->match) {
		json_key(out, "words");
		json_array_open(out);
		for (i = 0; i < words->leaf_count; i++) {
			iter_seek(words->leaves[i], doc);
			explain_leaf(&x, words->leaves[i], counted[i]);
		}
		json_close(out);
	}
	scorer_close(&scorer);
	matcher_close(match);
	matcher_close(words);
}

void search_explain(const struct search_env *env, const struct plan *plan, uint32_t doc,
	struct json_out *out)
{
	struct filter_run *filter;

	json_object_open(out);
	json_kv(out, slice, "id", view_id(env->view, doc));
	if (plan->where) {
		filter = filter_open(env->view, env->arena, plan->where);
		json_kv(out, bool, "where", filter_pass(filter, doc));
		filter_close(filter);
	}
	if (plan->source == PLAN_SEARCH)
		explain_search(env, plan, doc, out);
	else
		json_kv(out, str, "source", plan->source == PLAN_MEMORY ? "memory" : "ids");
	json_close(out);
}
