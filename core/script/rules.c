/* rules.c -- rewrites, patterns and slots on a query, without Lua.
 *
 * A pattern is certain of itself: the reading with its slot takes PATTERN_SHARE of the
 * weight.  Of several places the pattern that covers most words wins, then the leftmost. */
#include "script/rules.h"

#include "base/ascii.h"
#include "script/program_parts.h"

#define PATTERN_SHARE 0.9f

/* ---- running: rewrites ---- */

static bool words_at(const struct slice *words, int left, const struct rewrite *r)
{
	int i;

	if (r->from_count > left)
		return false;
	for (i = 0; i < r->from_count; i++)
		if (!slice_eq(words[i], r->from[i]))
			return false;
	return true;
}

static void run_rewrites(const struct rule *rule, struct arena *arena, struct query *q)
{
	struct slice *words = arena_calloc(arena, QUERY_TERMS_MAX, sizeof(*words));
	struct interpretation *it = &q->items[0];
	int n = 0, i, j, r;
	bool changed = false;

	for (i = 0; i < q->word_count;) {
		for (r = 0; r < rule->count; r++)
			if (words_at(q->words + i, q->word_count - i, &rule->rewrites[r]))
				break;
		if (r == rule->count) {
			if (n == QUERY_TERMS_MAX)
				return;
			words[n++] = q->words[i++];
			continue;
		}
		if (n + rule->rewrites[r].to_count > QUERY_TERMS_MAX)
			return;
		for (j = 0; j < rule->rewrites[r].to_count; j++)
			words[n++] = rule->rewrites[r].to[j];
		i += rule->rewrites[r].from_count;
		changed = true;
	}
	if (!changed || !n)
		return; /* a query of nothing but dropped words stays */
	q->words = it->words = words;
	q->word_count = it->word_count = n;
	it->text = arena_join(arena, words, n, " ");
}

/* ---- running: patterns ---- */

/* Of digits and a point. */
static bool is_number(struct slice word, double *x)
{
	size_t i;

	for (i = 0; i < word.len; i++)
		if ((word.ptr[i] < '0' || word.ptr[i] > '9') && (word.ptr[i] != '.' || !i))
			return false;
	return ascii_real(word, x);
}

static bool part_fits(const struct part *part, struct slice word, struct slot *slot)
{
	double x;
	int i;

	switch (part->kind) {
	case PART_WORDS:
		for (i = 0; i < part->word_count; i++)
			if (slice_eq(part->words[i], word))
				return true;
		return false;
	case PART_MIN:
	case PART_MAX:
		if (!is_number(word, &x))
			return false;
		slot->is_number = true;
		slot->number[part->kind == PART_MAX] = x;
		return true;
	case PART_VALUE_NUMBER:
		if (!is_number(word, &x))
			return false;
		/* fall through */
	case PART_VALUE_WORD: slot->value = word; return true;
	}
	return false;
}

static bool pattern_at(const struct pattern *p, const struct query *q,
	const struct interpretation *it, int first, struct slot *out)
{
	struct slot slot = p->gives;
	int i;

	if (first + p->count > q->word_count)
		return false;
	slot.first = first;
	slot.count = p->count;
	for (i = 0; i < p->count; i++)
		if (interpretation_covers(it, first + i) ||
			!part_fits(&p->parts[i], q->words[first + i], &slot))
			return false;
	*out = slot;
	return true;
}

static bool best_place(const struct rule *rule, const struct query *q,
	const struct interpretation *it, struct slot *best)
{
	struct slot slot;
	int i, first;

	best->count = 0;
	for (first = 0; first < q->word_count; first++)
		for (i = 0; i < rule->count; i++)
			if (rule->patterns[i].count > best->count &&
				pattern_at(&rule->patterns[i], q, it, first, &slot))
				*best = slot;
	best->name = rule->name;
	return best->count > 0;
}

static void run_patterns(const struct rule *rule, struct arena *arena, struct query *q)
{
	struct interpretation *made = arena_alloc(arena, sizeof(*made));
	int bases = q->count, i;
	struct slot slot;

	for (i = 0; i < bases; i++) {
		if (!best_place(rule, q, &q->items[i], &slot) ||
			!interpretation_add(q, arena, &q->items[i], &slot, made))
			continue;
		made->weight *= PATTERN_SHARE;
		if (query_add(q, made))
			q->items[i].weight *= 1 - PATTERN_SHARE;
		else
			q->items[i] = *made; /* full: the surer reading takes the place */
	}
	query_normalise(q);
}

/* ---- running ---- */

int rule_run(const struct rule *rule, struct view *view, struct arena *arena, struct query *q,
	struct error *err)
{
	switch (rule->kind) {
	case RULE_REWRITE: run_rewrites(rule, arena, q); return 0;
	case RULE_PATTERNS: run_patterns(rule, arena, q); return 0;
	case RULE_ENTITIES:
		return query_slot_entities(q, view, arena, rule->name, rule->entity_kind,
			rule->field, err);
	case RULE_TAGS: return query_slot_tags(q, view, arena, rule->name, rule->field, err);
	}
	return 0;
}

int program_understand(struct program *p, struct view *view, struct arena *arena, struct query *q,
	struct error *err)
{
	enum rule_kind kind;
	int i, rc;

	for (kind = RULE_REWRITE; kind <= (view ? RULE_TAGS : RULE_PATTERNS); kind++) {
		for (i = 0; i < p->rule_count; i++) {
			if (p->rules[i]->kind != kind)
				continue;
			rc = rule_run(p->rules[i], view, arena, q, err);
			if (rc < 0)
				return error_prefix(err, rc, "%s", p->rules[i]->file->path);
		}
		if (kind == RULE_REWRITE && view)
			query_spaces(q, view, arena);
	}
	if (view)
		query_correct(q, view, arena);
	return 0;
}
