/* schema_text.c -- a text field's analysis, as its line says it.
 *
 *     accents=fold | keep | both
 *     grams=edge:MIN-MAX | inner:MIN-MAX | inner:N
 *     stop=LIST[,LIST ...]   tail=LIST[,LIST ...]          list LIST word ... */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "index/schema_parts.h"

/* ---- lists ---- */

static struct word_list *find_list(struct parse *p, struct slice name)
{
	int i;

	for (i = 0; i < p->list_count; i++)
		if (slice_eq(p->lists[i].name, name))
			return &p->lists[i];
	return NULL;
}

int parse_list(struct parse *p, const struct slice *words, int count)
{
	struct word_list *list;
	int i;

	if (count < 3)
		return error_set(p->err, ERR_SYNTAX, "%s:%d: expected: list NAME WORD ...",
			p->where, p->line);
	if (words[1].len > FIELD_NAME_MAX || memchr(words[1].ptr, ',', words[1].len))
		return parse_complain(p,
			"not a list's name (at most 32 letters, no comma):", words[1], NULL);
	list = find_list(p, words[1]);
	if (!list && p->list_count == WORD_LISTS_MAX)
		return error_set(p->err, ERR_LIMIT, "%s:%d: more than %d lists", p->where, p->line,
			WORD_LISTS_MAX);
	if (!list) {
		list = &p->lists[p->list_count++];
		list->name = words[1];
	}
	for (i = 2; i < count; i++) {
		xgrow(&list->words, &list->cap, list->count + 1, sizeof(*list->words));
		list->words[list->count++] = words[i];
	}
	return 0;
}

void parse_clear(struct parse *p)
{
	int i;

	for (i = 0; i < p->list_count; i++)
		free(p->lists[i].words);
}

/* ---- keys ---- */

static int parse_accents(struct parse *p, struct text_options *o, struct slice value)
{
	static const char *const known[] = { "fold", "keep", "both", NULL };
	int i;

	for (i = 0; known[i] && !slice_is(value, known[i]); i++)
		;
	if (!known[i])
		return parse_complain(p, "unknown accents", value, known);
	o->accents = i;
	return 0;
}

static int parse_grams(struct parse *p, struct text_options *o, struct slice value)
{
	static const char *const known[] = { "edge", "inner", NULL };
	const char *colon = memchr(value.ptr, ':', value.len);
	struct slice kind = slice_of(value.ptr, colon ? (size_t)(colon - value.ptr) : value.len);
	char text[32] = "";
	int end = 0, i;

	for (i = 0; known[i] && !slice_is(kind, known[i]); i++)
		;
	if (!known[i])
		return parse_complain(p, "unknown grams", kind, known);
	o->grams = GRAMS_EDGE + i;
	snprintf(text, sizeof(text), "%.*s", (int)(value.len - kind.len), value.ptr + kind.len);
	if (sscanf(text, ":%2d-%2d%n", &o->gram_min, &o->gram_max, &end) < 2 || text[end]) {
		if (sscanf(text, ":%2d%n", &o->gram_min, &end) < 1 || text[end])
			return parse_complain(p, "expected grams=edge:2-10 or grams=inner:3, found",
				value, NULL);
		o->gram_max = o->gram_min;
	}
	return 0;
}

int parse_text_key(struct parse *p, struct text_options *o, struct slice key, struct slice value)
{
	if (slice_is(key, "accents"))
		return parse_accents(p, o, value);
	if (slice_is(key, "grams"))
		return parse_grams(p, o, value);
	if (slice_is(key, "stop")) {
		o->stop = value;
		return 0;
	}
	if (slice_is(key, "tail")) {
		o->tail = value;
		return 0;
	}
	if (!slice_is(key, "analyzer"))
		return 1;
	o->base = value;
	return analyzer_find(value)
		       ? 0
		       : parse_complain(p, "unknown analyzer", value, analyzer_names());
}

/* ---- analyzers ---- */

static int no_list(struct parse *p, struct slice name)
{
	char names[WORD_LISTS_MAX][FIELD_NAME_MAX + 1];
	const char *known[WORD_LISTS_MAX + 1];
	int i;

	for (i = 0; i < p->list_count; i++) {
		snprintf(names[i], sizeof(names[i]), "%.*s", SLICE_ARG(p->lists[i].name));
		known[i] = names[i];
	}
	known[i] = NULL;
	return parse_complain(p, "no list", name, known);
}

/* The words of the lists a field names, in `words`. */
static int gather(struct parse *p, struct slice names, struct word_list *words)
{
	const char *at = names.ptr, *end, *comma;
	const struct word_list *list;
	struct slice name;
	size_t i;

	if (!at)
		return 0;
	for (end = at + names.len; at <= end; at = comma + 1) {
		comma = at < end ? memchr(at, ',', end - at) : NULL;
		comma = comma ? comma : end;
		name = slice_of(at, comma - at);
		list = find_list(p, name);
		if (!list)
			return no_list(p, name);
		for (i = 0; i < list->count; i++) {
			xgrow(&words->words, &words->cap, words->count + 1, sizeof(*words->words));
			words->words[words->count++] = list->words[i];
		}
	}
	return 0;
}

static int make(struct parse *p, const struct text_options *o, struct analyzer **out)
{
	struct analyzer_options options = { .base = o->base,
		.accents = o->accents,
		.grams = o->grams,
		.gram_min = o->gram_min,
		.gram_max = o->gram_max };
	struct word_list stop = { 0 }, tail = { 0 };
	int rc;

	p->line = o->line;
	rc = gather(p, o->stop, &stop);
	if (rc == 0)
		rc = gather(p, o->tail, &tail);
	if (rc == 0) {
		options.stop = stop.words;
		options.stop_count = stop.count;
		options.tail = tail.words;
		options.tail_count = tail.count;
		rc = analyzer_new(out, &options, p->err);
		error_prefix(p->err, rc, "%s:%d", p->where, p->line);
	}
	free(stop.words);
	free(tail.words);
	return rc;
}

int parse_analyzers(struct parse *p)
{
	struct schema *s = p->schema;
	struct analyzer *made;
	int i, j, rc;

	for (i = 0; i < s->field_count; i++) {
		struct field *f = &s->fields[i];

		if (f->type != FIELD_TEXT)
			continue;
		rc = make(p, &p->texts[f->text_index], &made);
		if (rc < 0)
			return rc;
		for (j = 0; j < s->analyzer_count; j++)
			if (!strcmp(analyzer_text(s->analyzers[j]), analyzer_text(made)))
				break;
		if (j < s->analyzer_count)
			analyzer_free(made);
		else
			s->analyzers[s->analyzer_count++] = made;
		f->analyzer = s->analyzers[j];
	}
	return 0;
}
