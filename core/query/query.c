/* query.c -- a query's words and its slot notation.
 *
 *     notation := (word | "{" name value? "}")*      value := (name "=" number)+ | text
 *
 * "\" before "{", "}" or "\" in a value takes it as it is.  A slot covers as many
 * words of the query as its value has; printing puts each slot where its first
 * word stood and the uncovered words, in order, around them. */
#include "query/query.h"

#include <math.h>
#include <stdio.h>

#include "base/ascii.h"
#include "query/plan.h"

/* The first QUERY_TERMS_MAX words of a folded text; returns how many it has. */
static int split(struct slice text, struct slice words[QUERY_TERMS_MAX])
{
	size_t i = 0, start;
	int n = 0;

	for (;;) {
		while (i < text.len && text.ptr[i] == ' ')
			i++;
		if (i >= text.len)
			return n;
		for (start = i; i < text.len && text.ptr[i] != ' '; i++)
			;
		if (n < QUERY_TERMS_MAX)
			words[n] = slice_of(text.ptr + start, i - start);
		n++;
	}
}

static int check_bytes(struct slice raw, struct error *err)
{
	if (raw.len > QUERY_BYTES_MAX)
		return error_set(err, ERR_LIMIT, "a query of %zu bytes, limit %d", raw.len,
			QUERY_BYTES_MAX);
	return 0;
}

static void find_typed(struct query *q, struct arena *arena, struct slice typed)
{
	struct slice words[QUERY_TERMS_MAX];
	int i;

	if (slice_eq(typed, q->text))
		return;
	split(typed, words); /* word for word those of the text */
	q->typed = arena_alloc(arena, q->word_count * sizeof(*q->typed));
	for (i = 0; i < q->word_count; i++)
		if (!slice_eq(words[i], q->words[i]))
			q->typed[q->typed_count++] = (struct typed){ q->words[i], words[i] };
}

static struct slice typed_word(const struct query *q, struct slice word)
{
	int i;

	for (i = 0; i < q->typed_count; i++)
		if (slice_eq(word, q->typed[i].word))
			return q->typed[i].typed;
	return word;
}

struct slice query_typed(const struct query *q, struct arena *arena, struct slice text)
{
	struct slice words[QUERY_TERMS_MAX];
	int n, i;

	if (!q->typed_count || !memchr(text.ptr, ' ', text.len))
		return typed_word(q, text);
	n = split(text, words);
	if (n > QUERY_TERMS_MAX)
		return text;
	for (i = 0; i < n; i++)
		words[i] = typed_word(q, words[i]);
	return arena_join(arena, words, n, " ");
}

void query_restore(const struct query *q, struct arena *arena, struct match *m)
{
	int i;

	if (!m || !q->typed_count)
		return;
	if (m->kind < MATCH_EXACT)
		m->typed = query_typed(q, arena, m->text);
	for (i = 0; i < m->kid_count; i++)
		query_restore(q, arena, m->kids[i]);
}

int query_init(struct query *q, struct arena *arena, struct slice raw, struct error *err)
{
	struct interpretation *first = &q->items[0];
	struct slice typed;
	int n, rc;

	memset(q, 0, sizeof(*q));
	rc = check_bytes(raw, err);
	if (rc < 0)
		return rc;
	q->raw = arena_slice(arena, raw);
	q->text = text_fold_typed(arena, raw, &typed);
	q->words = arena_calloc(arena, QUERY_TERMS_MAX, sizeof(*q->words));
	n = split(q->text, q->words);
	q->word_count = n < QUERY_TERMS_MAX ? n : QUERY_TERMS_MAX;
	q->left_out = n - q->word_count;
	find_typed(q, arena, typed);
	first->weight = 1;
	first->words = q->words;
	first->word_count = q->word_count;
	first->text = q->left_out ? arena_join(arena, q->words, q->word_count, " ") : q->text;
	q->count = 1;
	return 0;
}

/* ---- slot notation, read ---- */

/* "min=10 max=20", either one */
static bool read_numbers(struct slice value, double number[2])
{
	size_t i = 0, start;
	struct slice part;
	int which, n = 0;

	number[0] = number[1] = NAN;
	for (; i < value.len; n++) {
		while (i < value.len && value.ptr[i] == ' ')
			i++;
		if (i == value.len)
			break;
		for (start = i; i < value.len && value.ptr[i] != ' '; i++)
			;
		part = slice_of(value.ptr + start, i - start);
		if (slice_starts(part, SLICE_LIT("min=")))
			which = 0;
		else if (slice_starts(part, SLICE_LIT("max=")))
			which = 1;
		else
			return false;
		if (!ascii_real(slice_of(part.ptr + 4, part.len - 4), &number[which]))
			return false;
	}
	return n > 0;
}

/* From '{' at *at to behind its '}'. */
static int read_slot(struct slice text, size_t *at, struct arena *arena, struct slot *out,
	struct error *err)
{
	char *value = arena_alloc(arena, text.len + 1);
	size_t i = *at + 1, start, len = 0;

	memset(out, 0, sizeof(*out));
	while (i < text.len && text.ptr[i] == ' ')
		i++;
	for (start = i; i < text.len && !strchr(" {}", text.ptr[i]); i++)
		;
	out->name = arena_slice(arena, slice_of(text.ptr + start, i - start));
	if (!out->name.len)
		return error_set(err, ERR_SYNTAX, "column %zu: a slot has no name", *at + 1);
	while (i < text.len && text.ptr[i] == ' ')
		i++;
	for (; i < text.len && text.ptr[i] != '}'; i++) {
		if (text.ptr[i] == '{')
			return error_set(err, ERR_SYNTAX, "column %zu: { inside a slot, expected }",
				i + 1);
		if (text.ptr[i] == '\\' && i + 1 < text.len)
			i++;
		value[len++] = text.ptr[i];
	}
	if (i >= text.len)
		return error_set(err, ERR_SYNTAX, "column %zu: the slot is not closed", *at + 1);
	while (len && value[len - 1] == ' ')
		len--;
	out->value = slice_of(value, len);
	out->is_number = read_numbers(out->value, out->number);
	*at = i + 1;
	return 0;
}

static int add_words(struct query *q, struct interpretation *it, struct slice *room,
	struct slice text, bool covered, struct arena *arena, struct error *err)
{
	struct slice words[QUERY_TERMS_MAX];
	int n = split(text_fold(arena, text), words), i;

	if (q->word_count + n > QUERY_TERMS_MAX)
		return error_set(err, ERR_LIMIT, "a query of over %d words, limit %d",
			QUERY_TERMS_MAX, QUERY_TERMS_MAX);
	for (i = 0; i < n; i++) {
		q->words[q->word_count++] = words[i];
		if (!covered)
			room[it->word_count++] = words[i];
	}
	return n;
}

int query_parse(struct query *q, struct arena *arena, struct slice notation, struct error *err)
{
	struct interpretation *it = &q->items[0];
	struct slice *free_words = arena_calloc(arena, QUERY_TERMS_MAX, sizeof(*free_words));
	struct slot *slot;
	size_t i = 0, start;
	int rc;

	memset(q, 0, sizeof(*q));
	rc = check_bytes(notation, err);
	if (rc < 0)
		return rc;
	q->words = arena_calloc(arena, QUERY_TERMS_MAX, sizeof(*q->words));
	while (i < notation.len) {
		if (notation.ptr[i] == '}')
			return error_set(err, ERR_SYNTAX, "column %zu: } without {", i + 1);
		if (notation.ptr[i] != '{') {
			for (start = i; i < notation.len && notation.ptr[i] != '{' &&
					notation.ptr[i] != '}';
				i++)
				;
			rc = add_words(q, it, free_words, slice_of(notation.ptr + start, i - start),
				false, arena, err);
			if (rc < 0)
				return rc;
			continue;
		}
		if (it->slot_count == SLOTS_MAX)
			return error_set(err, ERR_LIMIT, "a query of over %d slots, limit %d",
				SLOTS_MAX, SLOTS_MAX);
		slot = &it->slots[it->slot_count];
		rc = read_slot(notation, &i, arena, slot, err);
		if (rc < 0)
			return rc;
		slot->first = q->word_count;
		rc = add_words(q, it, free_words, slot->value, true, arena, err);
		if (rc < 0)
			return rc;
		slot->count = rc;
		it->slot_count++;
	}
	q->raw = arena_slice(arena, notation);
	q->text = arena_join(arena, q->words, q->word_count, " ");
	it->words = free_words;
	it->text = arena_join(arena, it->words, it->word_count, " ");
	it->weight = 1;
	q->count = 1;
	return 0;
}

/* ---- slot notation, written ---- */

static void print_number(struct buf *out, const char *name, double x)
{
	if (!isnan(x))
		buf_printf(out, " %s=%.15g", name, x);
}

static void print_slot(const struct slot *s, struct buf *out)
{
	size_t i;

	buf_putc(out, '{');
	buf_put_slice(out, s->name);
	if (s->is_number) {
		print_number(out, "min", s->number[0]);
		print_number(out, "max", s->number[1]);
	} else if (s->value.len) {
		buf_putc(out, ' ');
		for (i = 0; i < s->value.len; i++) {
			if (strchr("{}\\", s->value.ptr[i]) && s->value.ptr[i])
				buf_putc(out, '\\');
			buf_putc(out, s->value.ptr[i]);
		}
	}
	buf_putc(out, '}');
}

void interpretation_print(const struct interpretation *it, struct buf *out)
{
	bool done[SLOTS_MAX] = { false };
	int left = it->slot_count, position = 0, word = 0, i, next;
	const char *gap = "";

	while (left || word < it->word_count) {
		next = -1;
		for (i = 0; i < it->slot_count; i++)
			if (!done[i] && (next < 0 || it->slots[i].first < it->slots[next].first))
				next = i;
		buf_puts(out, gap);
		gap = " ";
		if (next >= 0 && (it->slots[next].first <= position || word == it->word_count)) {
			print_slot(&it->slots[next], out);
			position += it->slots[next].count;
			done[next] = true;
			left--;
		} else {
			buf_put_slice(out, it->words[word++]);
			position++;
		}
	}
}

static void print_slots(const struct interpretation *it, struct json_out *out)
{
	const struct slot *s;
	int i, j;

	json_key(out, "slots");
	json_object_open(out);
	for (i = 0; i < it->slot_count; i++) {
		s = &it->slots[i];
		for (j = 0; j < i && !slice_eq(it->slots[j].name, s->name); j++)
			;
		if (j < i)
			continue; /* a key once: the first of a name */
		json_key_slice(out, s->name);
		json_object_open(out);
		if (s->is_number) {
			if (!isnan(s->number[0]))
				json_kv(out, num, "min", s->number[0]);
			if (!isnan(s->number[1]))
				json_kv(out, num, "max", s->number[1]);
		} else {
			json_kv(out, slice, "value", s->value);
		}
		if (s->entity.len)
			json_kv(out, slice, "entity", s->entity);
		json_close(out);
	}
	json_close(out);
}

void query_print(const struct query *q, struct json_out *out)
{
	struct buf text = { 0 };
	int i;

	json_object_open(out);
	json_kv(out, slice, "query", q->raw);
	if (q->left_out)
		json_kv(out, int, "left_out", q->left_out);
	json_key(out, "interpretations");
	json_array_open(out);
	for (i = 0; i < q->count; i++) {
		buf_reset(&text);
		interpretation_print(&q->items[i], &text);
		json_object_open(out);
		json_kv(out, num_short, "weight", q->items[i].weight, 4);
		json_kv(out, slice, "text", buf_slice(&text));
		print_slots(&q->items[i], out);
		if (q->items[i].edits)
			json_kv(out, int, "edits", q->items[i].edits);
		json_close(out);
	}
	json_close(out);
	json_close(out);
	buf_clear(&text);
}
