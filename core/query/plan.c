/* plan.c -- what a plan may be made of; a plan as one line of JSON: only what was said, in a
 * fixed order. */
#include "query/search.h"

#include <math.h>

static const char *const match_names[] = {
	[MATCH_TERM] = "term",
	[MATCH_PREFIX] = "prefix",
	[MATCH_FUZZY] = "fuzzy",
	[MATCH_PHRASE] = "phrase",
	[MATCH_NEAR] = "near",
	[MATCH_EXACT] = "exact",
	[MATCH_REF] = "ref",
	[MATCH_TAG] = "tag",
	[MATCH_KIND] = "kind",
	[MATCH_ALL] = "all",
	[MATCH_ANY] = "any",
	[MATCH_ATLEAST] = "atleast",
	[MATCH_NOT] = "not",
};

static const char *const filter_names[] = {
	[FILTER_RANGE] = "range",
	[FILTER_TAG] = "tag",
	[FILTER_REF] = "ref",
	[FILTER_KIND] = "kind",
	[FILTER_ID] = "id",
	[FILTER_AND] = "and",
	[FILTER_OR] = "or",
	[FILTER_NOT] = "not",
};

static const char *const score_names[] = {
	[SCORE_BM25] = "bm25",
	[SCORE_QUALITY] = "quality",
	[SCORE_IS] = "is",
	[SCORE_COLUMN] = "column",
	[SCORE_LOG1P] = "log1p",
	[SCORE_RECENCY] = "recency",
	[SCORE_CONST] = "const",
};

static const char *const source_names[] = {
	[PLAN_SEARCH] = "search",
	[PLAN_MEMORY] = "memory",
	[PLAN_IDS] = "ids",
};

const char *match_name(enum match_kind kind)
{
	return match_names[kind];
}

const char *score_name(enum score_kind kind)
{
	return score_names[kind];
}

static bool is_word(const struct match *m)
{
	return m && (m->kind == MATCH_TERM || m->kind == MATCH_PREFIX || m->kind == MATCH_FUZZY);
}

bool match_is_phrase(const struct match *m)
{
	const struct match *kid;
	int i, j;

	for (i = 0; i < m->kid_count; i++) {
		kid = m->kids[i];
		if (!kid || is_word(kid))
			continue;
		for (j = 0; kid->kind == MATCH_ANY && j < kid->kid_count && is_word(kid->kids[j]);
			j++)
			;
		if (kid->kind != MATCH_ANY || j < kid->kid_count)
			return false;
	}
	return true;
}

static void print_match(const struct match *m, struct json_out *out)
{
	int i;

	if (!m) {
		json_null(out);
		return;
	}
	json_object_open(out);
	if (m->kind >= MATCH_ALL || m->kid_count) {
		json_key(out, match_names[m->kind]);
		json_array_open(out);
		for (i = 0; i < m->kid_count; i++)
			if (m->kids[i])
				print_match(m->kids[i], out);
		json_close(out);
	} else {
		json_kv(out, slice, match_names[m->kind], m->text);
	}
	if (m->also_count) {
		json_key(out, "also");
		json_array_open(out);
		for (i = 0; i < m->also_count; i++)
			json_slice(out, m->also[i]);
		json_close(out);
	}
	if (m->kind == MATCH_ATLEAST)
		json_kv(out, int, "least", m->least);
	if (m->field)
		json_kv(out, str, "field", m->field->name);
	if (m->fields)
		json_kv(out, int, "fields", m->fields);
	if (m->edits)
		json_kv(out, int, "edits", m->edits);
	if (m->slop)
		json_kv(out, int, m->kind == MATCH_NEAR ? "within" : "slop", m->slop);
	if (m->weight != 1)
		json_kv(out, num_short, "weight", m->weight, 6);
	json_close(out);
}

void filter_print(const struct filter *f, struct json_out *out)
{
	int i;

	if (!f) {
		json_null(out);
		return;
	}
	json_object_open(out);
	switch (f->kind) {
	case FILTER_AND:
	case FILTER_OR:
	case FILTER_NOT:
		json_key(out, filter_names[f->kind]);
		json_array_open(out);
		for (i = 0; i < f->kid_count; i++)
			filter_print(f->kids[i], out);
		json_close(out);
		break;
	case FILTER_RANGE:
		json_kv(out, str, "range", f->field->name);
		if (f->low > -INFINITY)
			json_kv(out, num, f->low_open ? ">" : ">=", f->low);
		if (f->high < INFINITY)
			json_kv(out, num, f->high_open ? "<" : "<=", f->high);
		break;
	default:
		json_kv(out, slice, filter_names[f->kind], f->text);
		if (f->field)
			json_kv(out, str, "field", f->field->name);
		if (f->kind == FILTER_TAG && f->low > 0)
			json_kv(out, num_short, ">=", f->low, 6);
		break;
	}
	json_close(out);
}

static void print_score(const struct score_term *t, struct json_out *out)
{
	json_object_open(out);
	json_kv(out, str, "score", score_names[t->kind]);
	json_kv(out, num_short, "weight", t->weight, 6);
	if (t->field)
		json_kv(out, str, "field", t->field->name);
	if (t->filter) {
		json_key(out, "where");
		filter_print(t->filter, out);
	}
	if (t->kind == SCORE_RECENCY)
		json_kv(out, num_short, "half_life_days", t->half_life_days, 6);
	json_close(out);
}

void plan_print(const struct plan *p, struct json_out *out)
{
	int i;

	json_object_open(out);
	json_kv(out, str, "source", source_names[p->source]);
	if (p->match) {
		json_key(out, "match");
		print_match(p->match, out);
	}
	if (p->where) {
		json_key(out, "where");
		filter_print(p->where, out);
	}
	if (p->score_count) {
		json_key(out, "score");
		json_array_open(out);
		for (i = 0; i < p->score_count; i++)
			print_score(&p->scores[i], out);
		json_close(out);
	}
	if (p->key_count) {
		json_key(out, "keys");
		json_array_open(out);
		for (i = 0; i < p->key_count; i++)
			json_slice(out, p->keys[i]);
		json_close(out);
	}
	if (p->has_min_score)
		json_kv(out, num_short, "min_score", p->min_score, 6);
	if (p->limit)
		json_kv(out, int, "limit", p->limit);
	json_close(out);
}
