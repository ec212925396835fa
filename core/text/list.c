/* list.c -- reading lists, and looking words up in them.
 *
 * Entries that begin with the same word are a chain, the longest first; the heads
 * are in a hash table of first words. */
#include "text/list.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/hash.h"
#include "text/analyze.h"

struct node {
	struct list_entry entry;
	struct node *next; /* the same first word, no longer */
};

struct list {
	struct arena *memory;
	struct table *first; /* struct node */
	bool words, synonyms;
	int count;
};

struct lists {
	const char *names[LISTS_MAX + 1];
	struct list *items[LISTS_MAX];
	int count;
};

struct parse {
	struct list *list;
	const char *where;
	int line;
	struct error *err;
};

/* ---- entries ---- */

static struct node *find(const struct list *l, struct phrase_words p)
{
	struct node *n = table_get(l->first, p.words[0]);
	int i;

	for (; n; n = n->next) {
		for (i = 0; i < p.count && n->entry.from.count == p.count; i++)
			if (!slice_eq(n->entry.from.words[i], p.words[i]))
				break;
		if (i == p.count)
			return n;
	}
	return NULL;
}

static int need(struct parse *p, struct phrase_words from, struct node **out)
{
	struct list *l = p->list;
	struct node *n = find(l, from), *head, **at;

	*out = n;
	if (n)
		return 0;
	if (l->count++ == LIST_ENTRIES_MAX)
		return error_set(p->err, ERR_LIMIT, "%s:%d: over %d entries", p->where, p->line,
			LIST_ENTRIES_MAX);
	n = arena_calloc(l->memory, 1, sizeof(*n));
	n->entry.from = from;
	head = table_get(l->first, from.words[0]);
	for (at = &head; *at && (*at)->entry.from.count >= from.count; at = &(*at)->next)
		;
	n->next = *at;
	*at = n;
	table_put(l->first, from.words[0], head);
	*out = n;
	return 0;
}

static bool same(struct phrase_words a, struct phrase_words b)
{
	int i;

	for (i = 0; a.count == b.count && i < a.count; i++)
		if (!slice_eq(a.words[i], b.words[i]))
			return false;
	return a.count == b.count;
}

static int lead(struct parse *p, struct phrase_words from, struct phrase_words to)
{
	struct list_entry *e;
	struct node *n;
	int i, rc;

	if (same(from, to))
		return 0;
	rc = need(p, from, &n);
	if (rc < 0)
		return rc;
	e = &n->entry;
	for (i = 0; i < e->to_count; i++)
		if (same(e->to[i], to))
			return 0;
	if (e->to_count == LIST_SYNONYMS_MAX)
		return error_set(p->err, ERR_LIMIT, "%s:%d: '%.*s' has over %d synonyms", p->where,
			p->line, SLICE_ARG(from.words[0]), LIST_SYNONYMS_MAX);
	e->to = arena_grow(p->list->memory, e->to, e->to_count * sizeof(*e->to),
		(e->to_count + 1) * sizeof(*e->to));
	e->to[e->to_count++] = to;
	return 0;
}

/* ---- reading ---- */

static int read_phrase(struct parse *p, struct slice text, struct phrase_words *out)
{
	struct slice rest = text_fold(p->list->memory, text);

	out->words = arena_alloc(p->list->memory, LIST_PHRASE_MAX * sizeof(*out->words));
	for (out->count = 0; rest.len; out->count++) {
		if (out->count == LIST_PHRASE_MAX)
			return error_set(p->err, ERR_LIMIT, "%s:%d: '%.*s' has over %d words",
				p->where, p->line, SLICE_HEAD(text), LIST_PHRASE_MAX);
		slice_cut(&rest, ' ', &out->words[out->count]);
	}
	return 0;
}

static int read_words(struct parse *p, struct slice line)
{
	struct phrase_words phrase;
	struct slice part;
	struct node *unused;
	int rc;

	while (slice_cut(&line, ',', &part)) {
		rc = read_phrase(p, part, &phrase);
		if (rc < 0)
			return rc;
		if (!phrase.count)
			continue;
		rc = need(p, phrase, &unused);
		if (rc < 0)
			return rc;
		p->list->words = true;
	}
	return 0;
}

static int read_synonyms(struct parse *p, struct slice line, bool one_way)
{
	struct phrase_words all[LIST_SYNONYMS_MAX + 1];
	struct slice part;
	int n = 0, i, j, rc;

	while (slice_cut(&line, '=', &part)) {
		if (n == LIST_SYNONYMS_MAX + 1)
			return error_set(p->err, ERR_LIMIT, "%s:%d: over %d synonyms", p->where,
				p->line, LIST_SYNONYMS_MAX);
		if (n == 1 && one_way) { /* the '>' of '=>' */
			part.ptr++;
			part.len--;
		}
		rc = read_phrase(p, part, &all[n]);
		if (rc < 0)
			return rc;
		if (!all[n++].count || memchr(part.ptr, '>', part.len))
			return error_set(p->err, ERR_SYNTAX,
				"%s:%d: expected words = words or "
				"words => words, found '%.*s'",
				p->where, p->line, SLICE_HEAD(part));
	}
	for (i = 0; i < (one_way ? 1 : n); i++)
		for (j = 0; j < n; j++) {
			rc = lead(p, all[i], all[j]);
			if (rc < 0)
				return rc;
		}
	p->list->synonyms = true;
	return 0;
}

static int read_line(struct parse *p, struct slice line)
{
	const char *hash = memchr(line.ptr, '#', line.len), *equals;
	int rc;

	if (hash)
		line.len = hash - line.ptr;
	equals = line.len ? memchr(line.ptr, '=', line.len) : NULL;
	if (equals)
		rc = read_synonyms(p, line, equals + 1 < line.ptr + line.len && equals[1] == '>');
	else
		rc = read_words(p, line);
	if (rc == 0 && p->list->words && p->list->synonyms)
		return error_set(p->err, ERR_SYNTAX, "%s:%d: found %s, but the lines before are %s",
			p->where, p->line, equals ? "synonyms" : "words",
			equals ? "words" : "synonyms");
	return rc;
}

int list_new(struct list **out, struct slice text, const char *where, struct error *err)
{
	struct list *l = xcalloc(1, sizeof(*l));
	struct parse p = { .list = l, .where = where, .err = err };
	struct slice line;
	int rc = 0;

	l->memory = arena_new();
	l->first = table_new();
	while (rc == 0 && slice_cut(&text, '\n', &line)) {
		p.line++;
		rc = read_line(&p, line);
	}
	if (rc < 0) {
		list_free(l);
		return rc;
	}
	*out = l;
	return 0;
}

void list_free(struct list *l)
{
	if (!l)
		return;
	table_free(l->first);
	arena_free(l->memory);
	free(l);
}

bool list_has_synonyms(const struct list *l)
{
	return l->synonyms;
}

const struct list_entry *list_find(const struct list *l, const struct slice *words, int count)
{
	const struct node *n = count > 0 ? table_get(l->first, words[0]) : NULL;
	int i;

	for (; n; n = n->next) {
		for (i = 0; i < n->entry.from.count && i < count; i++)
			if (!slice_eq(n->entry.from.words[i], words[i]))
				break;
		if (i == n->entry.from.count)
			return &n->entry;
	}
	return NULL;
}

/* ---- by name ---- */

struct lists *lists_new(void)
{
	return xcalloc(1, sizeof(struct lists));
}

void lists_free(struct lists *all)
{
	int i;

	if (!all)
		return;
	for (i = 0; i < all->count; i++) {
		free((char *)all->names[i]);
		list_free(all->items[i]);
	}
	free(all);
}

int lists_add(struct lists *all, const char *name, struct list *list, struct error *err)
{
	if (all->count == LISTS_MAX) {
		list_free(list);
		return error_set(err, ERR_LIMIT, "over %d lists", LISTS_MAX);
	}
	all->names[all->count] = xstrdup(name);
	all->items[all->count++] = list;
	return 0;
}

const struct list *lists_find(const struct lists *all, struct slice name)
{
	int i;

	for (i = 0; i < all->count; i++)
		if (slice_is(name, all->names[i]))
			return all->items[i];
	return NULL;
}

const char *const *lists_names(const struct lists *all)
{
	return all->names;
}
