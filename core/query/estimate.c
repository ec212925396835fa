/* estimate.c -- what a plan may find, from document frequencies alone: a feature for
 * choosing, so it must cost microseconds and may be off. */
#include "query/search.h"

#include <math.h>

struct estimate {
	struct view *view;
	struct arena *arena;
	int words, known;
};

static double word(struct estimate *e, const struct match *m, bool *stopped)
{
	const struct schema *schema = view_schema(e->view);
	const struct analyzer *last = NULL;
	struct tokens tokens;
	uint32_t df, most = 0;
	size_t t;
	int i;

	for (i = 0; i < schema->field_count; i++) {
		const struct field *f = &schema->fields[i];

		if (f->type != FIELD_TEXT || f->analyzer == last)
			continue;
		last = f->analyzer;
		analyze_query(last, e->arena, m->typed.len ? m->typed : m->text, &tokens);
		*stopped = *stopped || tokens.stopped;
		for (t = 0; t < tokens.count && !tokens.items[t].position; t++) {
			df = view_df(e->view, GROUP_TEXT, tokens.items[t].term);
			most = df > most ? df : most;
		}
	}
	e->words++;
	e->known += most > 0;
	return most;
}

static double fact(struct estimate *e, const struct match *m)
{
	const struct schema *schema = view_schema(e->view);
	struct slice folded = text_fold(e->arena, m->text);
	double sum = 0;
	int i;

	switch (m->kind) {
	case MATCH_REF: return m->field ? view_df(e->view, m->field->group, m->text) : 0;
	case MATCH_TAG: return m->field ? view_df(e->view, m->field->group, folded) : 0;
	case MATCH_KIND: return view_df(e->view, GROUP_KIND, folded);
	default:
		for (i = 0; i < schema->field_count; i++)
			if (schema->fields[i].exact &&
				(!m->field || m->field == &schema->fields[i]))
				sum += view_df(e->view, GROUP_EXACT,
					exact_term(e->arena, &schema->fields[i], folded));
		return sum;
	}
}

static double matches(struct estimate *e, const struct match *m, bool *stopped);

/* Stop words are not asked for beside others. */
static double join(struct estimate *e, const struct match *m, bool *stopped)
{
	double none = m->kind == MATCH_ALL ? INFINITY : 0, found[2] = { none, none }, kid;
	bool any = false, stops;
	int i;

	for (i = 0; i < m->kid_count; i++) {
		if (!m->kids[i] || m->kids[i]->kind == MATCH_NOT)
			continue;
		stops = false;
		kid = matches(e, m->kids[i], &stops);
		found[stops] = m->kind == MATCH_ALL ? fmin(found[stops], kid) : found[stops] + kid;
		any = any || !stops;
	}
	*stopped = !any;
	return isfinite(found[!any]) ? found[!any] : 0;
}

static double matches(struct estimate *e, const struct match *m, bool *stopped)
{
	switch (m->kind) {
	case MATCH_PHRASE: /* by its first word */
	case MATCH_NEAR:
		if (m->kid_count && m->kids[0])
			return matches(e, m->kids[0], stopped);
		/* fall through */
	case MATCH_TERM:
	case MATCH_PREFIX:
	case MATCH_FUZZY: return word(e, m, stopped);
	case MATCH_ALL:
	case MATCH_ANY:
	case MATCH_ATLEAST: return join(e, m, stopped);
	case MATCH_NOT: return 0;
	default: return fact(e, m);
	}
}

void search_estimate(struct view *view, struct arena *arena, const struct plan *plan,
	struct search_estimate *out)
{
	struct estimate e = { view, arena, 0, 0 };
	double docs = view_stats(view)->docs;
	bool stopped = false;

	out->matches = plan->source == PLAN_IDS      ? plan->key_count
		       : plan->source == PLAN_MEMORY ? 0
		       : plan->match                 ? matches(&e, plan->match, &stopped)
						     : docs;
	if (out->matches > docs)
		out->matches = docs;
	out->known = e.words ? (double)e.known / e.words : 1;
}
