/* rules.c -- rewrites, patterns and slots on a query, without Lua.
 *
 * A pattern is certain of itself: the reading with its slot takes PATTERN_SHARE of the
 * weight.  Of several places the pattern that covers most words wins, then the leftmost. */
#include "script/rules.h"

#include <math.h>
#include <stdlib.h>

#include "script/program_parts.h"

#define PATTERN_SHARE 0.9f

/* ---- running: rewrites ---- */

static struct slice join(struct arena *arena, const struct slice *words, int count)
{
	size_t len = 0;
	char *text;
	int i;

	for (i = 0; i < count; i++)
		len += words[i].len + 1;
	text = arena_alloc(arena, len + 1);
	for (i = 0, len = 0; i < count; i++) {
		if (i)
			text[len++] = ' ';
		if (words[i].len)
			memcpy(text + len, words[i].ptr, words[i].len);
		len += words[i].len;
	}
	return slice_of(text, len);
}

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
	it->text = join(arena, words, n);
}

/* ---- running: patterns ---- */

static bool is_number(struct slice word, double *x)
{
	char text[32], *end;

	if (!word.len || word.len >= sizeof(text) || word.ptr[0] < '0' || word.ptr[0] > '9')
		return false;
	memcpy(text, word.ptr, word.len);
	text[word.len] = '\0';
	if (strspn(text, "0123456789.") != word.len)
		return false;
	*x = strtod(text, &end);
	return !*end && isfinite(*x);
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

static bool covered(const struct interpretation *it, int word)
{
	int i;

	for (i = 0; i < it->slot_count; i++)
		if (word >= it->slots[i].first && word < it->slots[i].first + it->slots[i].count)
			return true;
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
		if (covered(it, first + i) || !part_fits(&p->parts[i], q->words[first + i], &slot))
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

/* The interpretation with the slot, its words without those the slot covers. */
static void with_slot(const struct query *q, struct arena *arena, const struct interpretation *base,
	const struct slot *slot, struct interpretation *out)
{
	int i, word = 0;

	*out = *base;
	out->slots[out->slot_count++] = *slot;
	out->words = arena_calloc(arena, QUERY_TERMS_MAX, sizeof(*out->words));
	out->word_count = 0;
	for (i = 0; i < q->word_count && word < base->word_count; i++) {
		if (covered(base, i))
			continue;
		if (!covered(out, i))
			out->words[out->word_count++] = base->words[word];
		word++;
	}
	out->text = join(arena, out->words, out->word_count);
	out->weight = base->weight * PATTERN_SHARE;
}

static void run_patterns(const struct rule *rule, struct arena *arena, struct query *q)
{
	struct interpretation *made = arena_alloc(arena, sizeof(*made));
	int bases = q->count, i;
	struct slot slot;

	for (i = 0; i < bases; i++) {
		if (q->items[i].slot_count == SLOTS_MAX ||
			!best_place(rule, q, &q->items[i], &slot))
			continue;
		with_slot(q, arena, &q->items[i], &slot, made);
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
				return error_prefix(err, "%s", p->rules[i]->script->path);
		}
		if (kind == RULE_REWRITE && view)
			query_spaces(q, view, arena);
	}
	if (view)
		query_correct(q, view, arena);
	return 0;
}
