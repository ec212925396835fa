/* explain.c -- why a document has its score, in numbers that add up.
 *
 * The tree of the match is told node by node: whether it matched and what it gave.  The
 * scores of a node's parts that matched add up to its own, those of the plan's terms, in
 * their order, to the document's, to the bit: words count in units (score.h), whose sums
 * are exact, and nothing is shortened.  What a word is worth follows from the numbers
 * beside it, to a unit.
 *
 * Each leaf is moved by itself: an inner iterator may step over what its parts have. */
#include "query/search.h"

#include "query/match_parts.h"
#include "query/score.h"

struct explain {
	const struct search_env *env;
	struct scorer *scorer;
	const uint8_t *lengths;
	uint32_t doc;
	struct json_out *out;
};

/* ---- words ---- */

static void explain_fields(const struct explain *x, const struct leaf_list *l)
{
	const struct schema *schema = view_schema(x->env->view);
	const struct bm25 *bm = x->scorer->bm25;
	struct json_out *out = x->out;
	double frequency = 0;
	int i, f;

	json_key(out, "fields");
	json_object_open(out);
	for (i = 0; i < schema->field_count; i++) {
		f = schema->fields[i].text_index;
		if (f < 0 || !(l->mask & 1 << f) || !postings_tf(l->list, f))
			continue;
		json_key(out, schema->fields[i].name);
		json_object_open(out);
		json_kv(out, int, "tf", postings_tf(l->list, f));
		json_kv(out, uint, "length", length_decode(x->lengths[f]));
		json_kv(out, num, "average", view_stats(x->env->view)->average_length[f]);
		if (x->scorer->bm25_count) {
			json_kv(out, num, "weight", bm->field_weight[f]);
			frequency += (double)postings_tf(l->list, f) * bm->norm[f][x->lengths[f]];
		}
		json_close(out);
	}
	json_close(out);
	if (x->scorer->bm25_count)
		json_kv(out, num, "frequency", frequency);
}

static void explain_list(const struct explain *x, const struct iter *leaf,
	const struct leaf_list *l)
{
	struct spot at = { postings_fields(l->list), l->list->at,
		(const uint8_t(*)[BLOCK_POSTINGS])l->list->tf };
	struct json_out *out = x->out;

	json_object_open(out);
	json_kv(out, slice, "term", l->term);
	json_kv(out, num, "score",
		x->scorer->unit * scorer_list(x->scorer, leaf, l, &at, x->lengths));
	json_kv(out, uint, "df", l->list->df);
	json_kv(out, num, "weight", l->weight);
	if (l->edits)
		json_kv(out, int, "edits", l->edits);
	if (leaf->what <= MATCH_FUZZY)
		explain_fields(x, l);
	else if (leaf->what == MATCH_TAG)
		json_kv(out, num, "tag", l->list->tf[0][l->list->at] / 255.0);
	json_close(out);
}

static void explain_leaf(const struct explain *x, const struct iter *leaf)
{
	struct json_out *out = x->out;
	const struct leaf_list *l;

	json_kv(out, num, "weight", leaf->weight);
	json_kv(out, num, "idf", leaf->idf);
	json_kv(out, uint, "df", leaf->df);
	json_key(out, "terms"); /* the best counts */
	json_array_open(out);
	for (l = leaf->lists; l < leaf->lists + leaf->list_count; l++)
		if (l->list->doc == x->doc && postings_fields(l->list))
			explain_list(x, leaf, l);
	json_close(out);
}

/* ---- the tree ---- */

static bool holds(const struct explain *x, struct iter *it)
{
	int i, n = 0;

	if (it->kind == ITER_LEAF)
		return it->doc == x->doc;
	for (i = 0; i < it->kid_count; i++)
		n += holds(x, it->kids[i]);
	for (i = 0; i < it->not_count; i++)
		if (holds(x, it->nots[i]))
			return false;
	if (it->kind == ITER_JOIN)
		return n >= it->least;
	return n == it->kid_count && (!it->phrase || phrase_holds(it));
}

static double worth(const struct explain *x, struct iter *it)
{
	double sum = 0;
	int i;

	if (!holds(x, it))
		return 0;
	if (it->kind == ITER_LEAF)
		return x->scorer->unit * scorer_leaf(x->scorer, it, x->doc, x->lengths);
	for (i = 0; i < it->kid_count; i++)
		sum += worth(x, it->kids[i]);
	return sum;
}

static void explain_node(const struct explain *x, struct iter *it);

static void explain_nodes(const struct explain *x, const char *name, struct iter **nodes, int count)
{
	int i;

	json_key(x->out, name);
	json_array_open(x->out);
	for (i = 0; i < count; i++)
		explain_node(x, nodes[i]);
	json_close(x->out);
}

static const char *name_of(const struct iter *it)
{
	if (it->kind == ITER_JOIN)
		return it->least > 1 ? "atleast" : "any";
	return !it->phrase ? "all" : match_name(it->phrase->near ? MATCH_NEAR : MATCH_PHRASE);
}

static void explain_node(const struct explain *x, struct iter *it)
{
	struct json_out *out = x->out;

	json_object_open(out);
	if (it->kind == ITER_LEAF)
		json_kv(out, slice, match_name(it->what), it->text);
	json_kv(out, bool, "matched", holds(x, it));
	json_kv(out, num, "score", worth(x, it));
	if (it->kind == ITER_LEAF) {
		explain_leaf(x, it);
	} else {
		if (it->kind == ITER_JOIN && it->least > 1)
			json_kv(out, int, "least", it->least);
		if (it->phrase)
			json_kv(out, uint, it->phrase->near ? "within" : "slop", it->phrase->slop);
		explain_nodes(x, name_of(it), it->kids, it->kid_count);
		if (it->not_count)
			explain_nodes(x, "none_of", it->nots, it->not_count);
	}
	json_close(out);
}

/* ---- the plan's terms ---- */

/* What the term's weight multiplies; BM25 has its parameters. */
static void explain_value(const struct explain *x, const struct score_term *t,
	const struct bm25 *bm)
{
	struct view *view = x->env->view;
	struct json_out *out = x->out;

	switch (t->kind) {
	case SCORE_BM25:
		json_kv(out, num, "k1", bm->k1);
		json_kv(out, num, "b", bm->b);
		json_kv(out, num, "unit", x->scorer->unit);
		break;
	case SCORE_QUALITY: json_kv(out, num, "value", view_quality(view, x->doc)); break;
	case SCORE_RECENCY:
		json_kv(out, num, "today", x->scorer->today);
		json_kv(out, num, "half_life_days", t->half_life_days);
		/* fall through */
	case SCORE_COLUMN:
	case SCORE_LOG1P: /* null: it has none */
		json_kv(out, num, "value", view_number(view, t->field->column, x->doc));
		break;
	case SCORE_IS:
	case SCORE_CONST: break;
	}
}

static void explain_terms(const struct explain *x, double words)
{
	struct json_out *out = x->out;
	struct scorer *s = x->scorer;
	int i, bm25 = 0;

	json_key(out, "terms");
	json_array_open(out);
	for (i = 0; i < s->term_count; i++) {
		const struct score_term *t = &s->terms[i];

		json_object_open(out);
		json_kv(out, str, "term", score_name(t->kind));
		if (t->field)
			json_kv(out, str, "field", t->field->name);
		json_kv(out, num, "weight", t->weight);
		/* words are worth one sum: of several BM25 it stands with the first */
		if (t->kind != SCORE_BM25)
			json_kv(out, num, "score", scorer_term(s, i, x->doc));
		else
			json_kv(out, num, "score", bm25 ? 0 : words);
		explain_value(x, t, &s->bm25[bm25]);
		bm25 += t->kind == SCORE_BM25;
		json_close(out);
	}
	json_close(out);
}

static void explain_search(const struct search_env *env, const struct plan *plan, uint32_t doc,
	struct json_out *out)
{
	struct matcher *m = arena_calloc(env->arena, 1, sizeof(*m));
	struct scorer scorer;
	struct explain x = { env, &scorer, view_lengths(env->view, doc), doc, out };
	struct error err = { 0 };
	bool matched;
	double words = 0;
	int i;

	if (matcher_open(m, env->view, env->arena, plan->match, &err) < 0) {
		json_kv(out, str, "error", err.text);
		return;
	}
	for (i = 0; i < m->all_count; i++)
		iter_seek(m->all[i], doc);
	scorer_open(&scorer, env, plan, m);
	matched = !plan->match || (m->root && holds(&x, m->root));
	if (matched && m->root)
		words = worth(&x, m->root);
	json_kv(out, bool, "matched", matched);
	json_kv(out, num, "score", (float)(words + scorer_rest(&scorer, doc)));
	explain_terms(&x, words);
	if (m->root) {
		json_key(out, "match");
		explain_node(&x, m->root);
	}
	scorer_close(&scorer);
	matcher_close(m);
}

/* ---- filters ---- */

static bool passes(const struct search_env *env, const struct filter *f, uint32_t doc)
{
	struct filter_run *run = filter_open(env->view, env->arena, f);
	bool pass = filter_pass(run, doc);

	filter_close(run);
	return pass;
}

static void explain_filter(const struct search_env *env, const struct filter *f, uint32_t doc,
	struct json_out *out)
{
	int i;

	json_object_open(out);
	json_kv(out, bool, "passes", passes(env, f, doc));
	if (f->kind < FILTER_AND) {
		json_key(out, "is");
		filter_print(f, out);
	} else {
		json_key(out, f->kind == FILTER_AND ? "and" : f->kind == FILTER_OR ? "or" : "not");
		json_array_open(out);
		for (i = 0; i < f->kid_count; i++)
			if (f->kids[i])
				explain_filter(env, f->kids[i], doc, out);
		json_close(out);
	}
	json_close(out);
}

void search_explain(const struct search_env *env, const struct plan *plan, struct filter *where,
	uint32_t doc, struct json_out *out)
{
	const struct filter *both = filter_and(env->arena, plan->where, where);

	json_object_open(out);
	if (plan->source == PLAN_SEARCH)
		explain_search(env, plan, doc, out);
	else
		json_kv(out, str, "source", plan->source == PLAN_MEMORY ? "memory" : "ids");
	if (both) {
		json_key(out, "where");
		explain_filter(env, both, doc, out);
	}
	json_close(out);
}
