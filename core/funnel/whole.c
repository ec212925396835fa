/* whole.c -- FACETS and SORT, which speak of all that matches and not of the candidates
 * alone; and the words that HIGHLIGHT marks.
 *
 * All that matches is what the matches of the plans have, of every strategy that
 * applies, asked or not, so that it does not depend on the choice.  A plan without a
 * match has everything: it counts only where no plan has a match, or where MATCHING names
 * its strategy.  FACETS counts the candidates, too, whoever brought them, so that each
 * hit is counted. */
#include "funnel/search.h"

/* ---- what was wished for ---- */

static int parse_facets(struct search *s, struct error *err)
{
	const struct search_request *r = s->request;
	int i, rc = 0;

	s->facets = arena_calloc(s->arena, r->facet_count + 1, sizeof(*s->facets));
	s->counts = arena_calloc(s->arena, r->facet_count + 1, sizeof(*s->counts));
	if (r->facet_count > FACETS_MAX)
		return error_set(err, ERR_LIMIT, "FACETS: %d of them, limit %d", r->facet_count,
			FACETS_MAX);
	for (i = 0; rc == 0 && i < r->facet_count; i++)
		rc = facet_parse(&s->facets[i], s->collection->schema, r->facets[i], err);
	return error_prefix(err, rc, "FACETS");
}

static int parse_sort(struct search *s, struct error *err)
{
	const struct search_request *r = s->request;
	int i, rc = 0;

	if (r->sort_count && r->further)
		return error_set(err, ERR_ARG,
			"SORT: a sorted page is no decision's; its OFFSET "
			"needs no FROM");
	for (i = 0; rc == 0 && i < r->sort_count; i++)
		rc = sort_parse(&s->sort[i], s->collection->schema, r->sort[i].field,
			r->sort[i].descending, err);
	return error_prefix(err, rc, "SORT");
}

static int parse_highlight(struct search *s, struct error *err)
{
	const struct search_request *r = s->request;
	int i, rc = 0;

	if (r->mark_before.len > MARK_BYTES_MAX || r->mark_after.len > MARK_BYTES_MAX)
		return error_set(err, ERR_LIMIT, "MARKS: over %d bytes", MARK_BYTES_MAX);
	s->highlight = arena_calloc(s->arena, r->highlight_count + 1, sizeof(*s->highlight));
	for (i = 0; rc == 0 && i < r->highlight_count; i++) {
		rc = schema_need(s->collection->schema, r->highlight[i], &s->highlight[i], err);
		if (rc == 0)
			rc = highlight_check(s->highlight[i], err);
	}
	return error_prefix(err, rc, "HIGHLIGHT");
}

int step_wishes(struct search *s, struct error *err)
{
	const struct search_request *r = s->request;
	int rc = parse_facets(s, err);

	if (rc == 0)
		rc = parse_sort(s, err);
	if (rc == 0)
		rc = parse_highlight(s, err);
	if (rc == 0 && r->matching_count && !r->facet_count && !r->sort_count)
		rc = error_set(err, ERR_ARG, "MATCHING goes with FACETS or SORT");
	if (rc == 0 && (r->marks || r->html) && !r->highlight_count)
		rc = error_set(err, ERR_ARG, "%s goes with HIGHLIGHT", r->marks ? "MARKS" : "HTML");
	return rc;
}

/* ---- all that matches ---- */

static int arm_named(const struct search *s, struct slice name)
{
	int a;

	for (a = 0; a < s->arm_count; a++)
		if (slice_is(name, s->arms[a].strategy->name))
			return a;
	return -1;
}

static int unknown_matching(const struct search *s, struct slice name, struct error *err)
{
	const char *names[ARMS_MAX + 1] = { NULL };
	int i;

	for (i = 0; i < s->edition->strategy_count && i < ARMS_MAX; i++)
		names[i] = s->edition->strategies[i].name;
	for (i = 0; names[i]; i++)
		if (slice_is(name, names[i]))
			return error_set(err, ERR_ARG, "MATCHING: ONLY leaves \"%s\" out",
				names[i]);
	return error_unknown(err, ERR_ARG, "MATCHING: no strategy", name, names, NULL);
}

static bool searches(const struct arm *arm)
{
	return arm->planned && arm->plan.source == PLAN_SEARCH;
}

/* Whose matches they are. */
static int choose_counted(struct search *s, struct error *err)
{
	bool matched = false;
	int a, i;

	s->counted = arena_calloc(s->arena, s->arm_count + 1, sizeof(*s->counted));
	for (i = 0; i < s->request->matching_count; i++) {
		a = arm_named(s, s->request->matching[i]);
		if (a < 0)
			return unknown_matching(s, s->request->matching[i], err);
		s->counted[a] = searches(&s->arms[a]);
	}
	if (s->request->matching_count)
		return 0;
	for (a = 0; a < s->arm_count; a++)
		matched = matched || (searches(&s->arms[a]) && s->arms[a].plan.match);
	for (a = 0; a < s->arm_count; a++)
		s->counted[a] = searches(&s->arms[a]) && (!matched || s->arms[a].plan.match);
	return 0;
}

static int gather(struct search *s, int64_t deadline_us, struct error *err)
{
	const struct plan **plans = arena_calloc(s->arena, s->arm_count + 1, sizeof(*plans));
	int a, count = 0, rc;

	rc = choose_counted(s, err);
	if (rc < 0)
		return rc;
	for (a = 0; a < s->arm_count; a++)
		if (s->counted[a])
			plans[count++] = &s->arms[a].plan;
	rc = matches_find(&s->env, plans, count, s->where, deadline_us, &s->matches, err);
	s->complete = s->matches.done == s->matches.segments;
	return rc;
}

static void count_facets(struct search *s, int64_t deadline_us)
{
	if (!facets_count(s->view, s->arena, s->facets, s->request->facet_count, &s->matches,
		    deadline_us, s->counts))
		s->complete = false;
}

/* Half of the time is for finding what matches, where more is to do. */
static int64_t deadline(const struct search *s, int64_t start_us, int part)
{
	int64_t most = s->funnel->shared->options->gather_us;

	return most ? start_us + most / part : 0;
}

int step_count(struct search *s, struct error *err)
{
	int64_t start = clock_mono_us();
	size_t i;
	int rc;

	if (!s->request->facet_count)
		return 0;
	rc = gather(s, deadline(s, start, 2), err);
	if (rc < 0)
		return rc;
	for (i = 0; i < s->candidates.count; i++)
		matches_add(&s->matches, s->candidates.items[i].doc);
	count_facets(s, deadline(s, start, 1));
	return 0;
}

static void fill_page(struct search *s)
{
	size_t limit = s->request->limit ? s->request->limit : s->funnel->shared->options->hits;
	size_t first = s->request->offset, count, i;
	uint16_t *no_ranks = arena_calloc(s->arena, s->arm_count + 1, sizeof(*no_ranks));
	uint32_t *docs;

	count = sort_first(s->view, s->arena, s->sort, s->request->sort_count, &s->matches,
		first + limit, &docs);
	s->first = first < count ? first : count;
	s->shown = count - s->first;
	s->page = arena_calloc(s->arena, s->shown + 1, sizeof(*s->page));
	for (i = 0; i < s->shown; i++)
		s->page[i] = (struct candidate){ .doc = docs[s->first + i], .rank = no_ranks };
}

int step_sort(struct search *s, struct error *err)
{
	int64_t start = clock_mono_us();
	int rc = gather(s, deadline(s, start, s->request->facet_count ? 2 : 1), err);

	if (rc < 0)
		return rc;
	fill_page(s);
	if (s->request->facet_count)
		count_facets(s, deadline(s, start, 1));
	return 0;
}

/* ---- words to mark ---- */

static bool asked(const struct search *s, int a)
{
	if (!searches(&s->arms[a]))
		return false;
	return s->request->sort_count ? s->counted[a] : s->choice->arm[a].depth > 0;
}

void search_highlight(struct search *s)
{
	const struct interpretation *it;
	int a, i, k;

	if (!s->request->highlight_count)
		return;
	s->highlighter = highlight_new(s->view, s->arena);
	for (a = 0; a < s->arm_count; a++)
		if (asked(s, a))
			highlight_match(s->highlighter, s->arms[a].plan.match, UINT64_C(1) << a);
	/* the query's words as the likely readings have them, whoever brought the hit */
	highlight_words(s->highlighter, s->query.text, UINT64_MAX);
	for (i = 0; i < s->query.count; i++) {
		it = &s->query.items[i];
		if (2 * it->weight < s->query.items[0].weight)
			break;
		for (k = 0; k < it->word_count; k++)
			highlight_words(s->highlighter, it->words[k], UINT64_MAX);
		for (k = 0; k < it->slot_count; k++)
			if (!it->slots[k].is_number)
				highlight_words(s->highlighter, it->slots[k].value, UINT64_MAX);
	}
}
