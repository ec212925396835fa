/* highlight.c -- a table of (field, term), and a window over what it marks.
 *
 * A word's mark is the bytes its token came from; marks that overlap, as those of
 * letters of scripts without spaces do, are one.  A fragment begins and ends with a
 * token, so it never cuts a letter or a word. */
#include "query/highlight.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "query/match.h"

#define FRAGMENT_BYTES 200 /* about; a value up to this length is shown whole */
#define FRAGMENTS      3   /* of a value, */
#define FRAGMENTS_MAX  10  /* of a field */

struct word {
	struct slice term;
	uint64_t sources; /* 0: a free place */
	int field;        /* text index */
};

struct highlighter {
	struct view *view;
	struct arena *arena;
	struct arena *scratch; /* of one value */
	struct word *words;
	size_t mask, used;
};

struct highlighter *highlight_new(struct view *view, struct arena *arena)
{
	struct highlighter *h = arena_calloc(arena, 1, sizeof(*h));

	h->view = view;
	h->arena = arena;
	h->scratch = arena_new();
	return h;
}

void highlight_free(struct highlighter *h)
{
	if (h)
		arena_free(h->scratch);
}

int highlight_check(const struct field *f, struct error *err)
{
	if (f->type == FIELD_TEXT)
		return 0;
	return error_set(err, ERR_ARG, "field %s is not text", f->name);
}

/* ---- words ---- */

/* The word's place, or the free one where it would be. */
static struct word *place(struct word *words, size_t mask, int field, struct slice term)
{
	size_t at = hash_bytes(term, field) & mask;

	while (words[at].sources && (words[at].field != field || !slice_eq(words[at].term, term)))
		at = (at + 1) & mask;
	return &words[at];
}

static void grow(struct highlighter *h)
{
	size_t mask = h->words ? 2 * h->mask + 1 : 255, i;
	struct word *words = arena_calloc(h->arena, mask + 1, sizeof(*words));

	for (i = 0; h->words && i <= h->mask; i++)
		if (h->words[i].sources)
			*place(words, mask, h->words[i].field, h->words[i].term) = h->words[i];
	h->words = words;
	h->mask = mask;
}

static void add(struct highlighter *h, int field, struct slice term, uint64_t sources)
{
	struct word *word;

	if (!h->words || h->used > h->mask / 2)
		grow(h);
	word = place(h->words, h->mask, field, term);
	if (!word->sources) {
		h->used++;
		word->term = arena_slice(h->arena, term);
		word->field = field;
	}
	word->sources |= sources;
}

/* As the analyzers of the fields in the mask have it. */
static void add_text(struct highlighter *h, struct slice text, unsigned fields, uint64_t sources)
{
	const struct schema *schema = view_schema(h->view);
	const struct field *f;
	struct tokens tokens;
	size_t t;
	int i;

	for (i = 0; i < schema->field_count; i++) {
		f = &schema->fields[i];
		if (f->text_index < 0 || !(fields >> f->text_index & 1))
			continue;
		analyze_query(f->analyzer, h->scratch, text, &tokens);
		for (t = 0; t < tokens.count; t++)
			add(h, f->text_index, tokens.items[t].term, sources);
	}
	arena_reset(h->scratch);
}

static void add_leaf(struct highlighter *h, const struct iter *leaf, uint64_t sources)
{
	const struct leaf_list *l;
	unsigned mask;
	int i;

	if (leaf->what == MATCH_EXACT)
		add_text(h, leaf->text, ~0u, sources);
	for (i = 0; i < leaf->list_count && leaf->what <= MATCH_FUZZY; i++) {
		l = &leaf->lists[i];
		for (mask = l->mask; mask; mask &= mask - 1)
			add(h, __builtin_ctz(mask), l->term, sources);
	}
}

static void add_tree(struct highlighter *h, const struct iter *it, uint64_t sources)
{
	int i;

	if (it->kind == ITER_LEAF)
		add_leaf(h, it, sources);
	for (i = 0; i < it->kid_count; i++)
		add_tree(h, it->kids[i], sources);
}

void highlight_match(struct highlighter *h, const struct match *match, uint64_t sources)
{
	struct matcher *m = arena_calloc(h->arena, 1, sizeof(*m));
	struct error why = { 0 };

	if (!match || matcher_open(m, h->view, h->arena, match, &why) < 0)
		return;
	if (m->root)
		add_tree(h, m->root, sources);
	matcher_close(m);
}

void highlight_words(struct highlighter *h, struct slice text, uint64_t sources)
{
	add_text(h, text, ~0u, sources);
}

/* ---- marks ---- */

struct mark {
	uint32_t start, end; /* bytes of the value */
	uint32_t word;       /* which: its place in the table */
};

struct value {
	struct slice text;
	struct tokens tokens;
	struct mark *marks;
	size_t count;
};

static bool find_marks(struct highlighter *h, const struct field *f, uint64_t sources,
	struct value *v)
{
	const struct token *token;
	struct word *word;
	size_t i;

	analyze(f->analyzer, h->scratch, v->text, &v->tokens);
	v->marks = arena_alloc(h->scratch, v->tokens.count * sizeof(*v->marks));
	v->count = 0;
	for (i = 0; h->words && i < v->tokens.count; i++) {
		token = &v->tokens.items[i];
		word = place(h->words, h->mask, f->text_index, token->term);
		if (!(word->sources & sources))
			continue;
		if (v->count && token->start < v->marks[v->count - 1].end) {
			if (token->end > v->marks[v->count - 1].end)
				v->marks[v->count - 1].end = token->end;
			continue;
		}
		v->marks[v->count++] = (struct mark){ token->start, token->end, word - h->words };
	}
	return v->count;
}

/* ---- fragments ---- */

/* Marks [from, to) and the bytes that are shown. */
struct fragment {
	size_t from, to;
	uint32_t start, end;
	unsigned words; /* different ones */
};

/* The fragment whose first mark is `from`: it begins some tokens before, not before
 * `after`, and takes in what fits.  *token, 0 at first, only goes forward. */
static struct fragment fragment_at(const struct value *v, size_t from, uint32_t after,
	size_t *token)
{
	uint32_t first = v->marks[from].start, low;
	const struct token *t = v->tokens.items;
	struct fragment f = { from, from + 1, first, v->marks[from].end, 0 };
	size_t at, n = v->tokens.count;

	low = first > FRAGMENT_BYTES / 4 ? first - FRAGMENT_BYTES / 4 : 0;
	if (low < after)
		low = after;
	for (at = *token; at < n && t[at].start < low; at++)
		;
	*token = at;
	if (at < n && t[at].start < first)
		f.start = t[at].start;
	if (low == 0)
		f.start = 0;
	while (f.to < v->count && v->marks[f.to].end - f.start <= FRAGMENT_BYTES)
		f.end = v->marks[f.to++].end;
	for (; at < n && t[at].end - f.start <= FRAGMENT_BYTES; at++)
		if (t[at].end > f.end && (f.to == v->count || t[at].end <= v->marks[f.to].start))
			f.end = t[at].end;
	if (f.to == v->count && v->text.len - f.start <= FRAGMENT_BYTES)
		f.end = v->text.len; /* the full stop, too */
	return f;
}

static bool better(const struct fragment *a, const struct fragment *b)
{
	if (a->words != b->words)
		return a->words > b->words;
	return a->to - a->from > b->to - b->from;
}

static void keep_best(struct fragment out[FRAGMENTS], size_t *n, const struct fragment *f)
{
	size_t worst = 0, i;

	for (i = 1; i < *n; i++)
		if (!better(&out[i], &out[worst]))
			worst = i;
	if (*n < FRAGMENTS) {
		out[(*n)++] = *f;
	} else if (better(f, &out[worst])) {
		memmove(out + worst, out + worst + 1, (*n - worst - 1) * sizeof(*out));
		out[*n - 1] = *f; /* they stay in the order of the text */
	}
}

/* Those with the most different words, then the most marks, then the first. */
static size_t choose(struct highlighter *h, const struct value *v, struct fragment out[FRAGMENTS])
{
	uint32_t *seen, stamp = 0, after = 0;
	size_t from, i, n = 0, token = 0;
	struct fragment f;

	if (v->text.len <= FRAGMENT_BYTES) {
		out[0] = (struct fragment){ 0, v->count, 0, v->text.len, 0 };
		return 1;
	}
	seen = arena_calloc(h->scratch, h->mask + 1, sizeof(*seen));
	for (from = 0; from < v->count; from = f.to, after = f.end) {
		f = fragment_at(v, from, after, &token);
		for (i = f.from, stamp++; i < f.to; i++)
			if (seen[v->marks[i].word] != stamp) {
				seen[v->marks[i].word] = stamp;
				f.words++;
			}
		keep_best(out, &n, &f);
	}
	return n;
}

/* ---- writing ---- */

static void put_text(struct buf *buf, struct slice s, bool escape)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		switch (escape ? s.ptr[i] : 0) {
		case '&': buf_puts(buf, "&amp;"); break;
		case '<': buf_puts(buf, "&lt;"); break;
		case '>': buf_puts(buf, "&gt;"); break;
		case '"': buf_puts(buf, "&quot;"); break;
		case '\'': buf_puts(buf, "&#39;"); break;
		default: buf_putc(buf, s.ptr[i]);
		}
}

static void put_fragment(struct buf *buf, const struct value *v, const struct fragment *f,
	const struct highlight_style *style)
{
	const struct mark *m;
	uint32_t at = f->start;
	size_t i;

	for (i = f->from; i < f->to; i++) {
		m = &v->marks[i];
		put_text(buf, slice_of(v->text.ptr + at, m->start - at), style->escape);
		buf_put(buf, style->before.ptr, style->before.len);
		put_text(buf, slice_of(v->text.ptr + m->start, m->end - m->start), style->escape);
		buf_put(buf, style->after.ptr, style->after.len);
		at = m->end;
	}
	put_text(buf, slice_of(v->text.ptr + at, f->end - at), style->escape);
}

struct printing {
	struct highlighter *h;
	const struct field *field;
	uint64_t sources;
	const struct highlight_style *style;
	struct json_out *out;
	struct buf fragment;
	size_t count; /* fragments so far */
};

/* So much of a value as is looked through, cut between letters. */
static struct slice cut(struct slice text)
{
	size_t n = HIGHLIGHT_BYTES_MAX;

	if (text.len <= n)
		return text;
	while (n > 0 && ((unsigned char)text.ptr[n] & 0xc0) == 0x80)
		n--;
	return slice_of(text.ptr, n);
}

static void print_value(struct printing *p, const json_t *value)
{
	struct fragment found[FRAGMENTS];
	struct value v = { 0 };
	size_t i, n;

	if (!json_is_string(value) || p->count >= FRAGMENTS_MAX)
		return;
	v.text = cut(slice_of(json_string_value(value), json_string_length(value)));
	if (find_marks(p->h, p->field, p->sources, &v)) {
		n = choose(p->h, &v, found);
		for (i = 0; i < n && p->count < FRAGMENTS_MAX; i++) {
			if (!p->count++) {
				json_key(p->out, p->field->name);
				json_array_open(p->out);
			}
			buf_reset(&p->fragment);
			put_fragment(&p->fragment, &v, &found[i], p->style);
			json_slice(p->out, buf_slice(&p->fragment));
		}
	}
	arena_reset(p->h->scratch);
}

/* The first of the field's members that the document has and that is not null. */
static const json_t *member_of(const struct field *f, const json_t *document)
{
	const json_t *value = NULL;
	int i;

	for (i = 0; f->from[i] && (!value || json_is_null(value)); i++)
		value = json_object_get(document, f->from[i]);
	return value;
}

void highlight_print(struct highlighter *h, const struct field *field, const json_t *document,
	uint64_t sources, const struct highlight_style *style, struct json_out *out)
{
	struct printing p = { h, field, sources, style, out, { 0 }, 0 };
	const json_t *value = member_of(field, document);
	json_t *item;
	size_t i;

	print_value(&p, value);
	json_array_foreach(value, i, item)
		print_value(&p, item);
	if (p.count)
		json_close(out);
	buf_clear(&p.fragment);
}
