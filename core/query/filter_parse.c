/* filter_parse.c -- the WHERE expression read: a recursive descent over the text, its
 * depth and its nodes bounded.  A date of a year or a month stands for all of its
 * days. */
#include "query/filter.h"

#include <math.h>

#include "base/ascii.h"
#include "index/date.h"

#define FILTER_DEPTH_MAX 64

struct parser {
	const struct schema *schema;
	struct arena *arena;
	struct slice text;
	size_t at;
	int depth, nodes;
	struct error *err;
};

struct value {
	struct slice text;
	size_t column;
};

static void skip_space(struct parser *p)
{
	while (p->at < p->text.len && strchr(" \t\r\n", p->text.ptr[p->at]) && p->text.ptr[p->at])
		p->at++;
}

static int unexpected(struct parser *p, const char *expected)
{
	struct slice rest;

	skip_space(p);
	if (p->at >= p->text.len)
		return error_set(p->err, ERR_SYNTAX, "column %zu: the filter ends, expected %s",
			p->at + 1, expected);
	rest = slice_of(p->text.ptr + p->at, p->text.len - p->at);
	if (rest.len > 20)
		rest.len = 20;
	return error_set(p->err, ERR_SYNTAX, "column %zu: found \"%.*s\", expected %s", p->at + 1,
		SLICE_ARG(rest), expected);
}

static bool word_char(char c)
{
	return c && !strchr(" \t\r\n()'\",=!<>", c);
}

/* The word at the cursor without taking it; `dots`: stop before "..". */
static struct slice peek_word(struct parser *p, bool dots)
{
	size_t end;

	skip_space(p);
	for (end = p->at; end < p->text.len && word_char(p->text.ptr[end]); end++)
		if (dots && p->text.ptr[end] == '.' && end + 1 < p->text.len &&
			p->text.ptr[end + 1] == '.')
			break;
	return slice_of(p->text.ptr + p->at, end - p->at);
}

static bool take_keyword(struct parser *p, const char *word)
{
	struct slice w = peek_word(p, false);

	if (!ascii_same(w, word))
		return false;
	p->at += w.len;
	return true;
}

static bool take_char(struct parser *p, char c)
{
	skip_space(p);
	if (p->at >= p->text.len || p->text.ptr[p->at] != c)
		return false;
	p->at++;
	return true;
}

static int take_value(struct parser *p, bool dots, struct value *out)
{
	struct slice w;
	const char *end;
	char quote;

	skip_space(p);
	out->column = p->at + 1;
	if (p->at < p->text.len && (p->text.ptr[p->at] == '\'' || p->text.ptr[p->at] == '"')) {
		quote = p->text.ptr[p->at];
		end = memchr(p->text.ptr + p->at + 1, quote, p->text.len - p->at - 1);
		if (!end)
			return error_set(p->err, ERR_SYNTAX, "column %zu: the quote is not closed",
				p->at + 1);
		out->text = slice_of(p->text.ptr + p->at + 1, end - (p->text.ptr + p->at + 1));
		p->at = end + 1 - p->text.ptr;
		return 0;
	}
	w = peek_word(p, dots);
	if (!w.len)
		return unexpected(p, "a value");
	p->at += w.len;
	out->text = w;
	return 0;
}

static int node_new(struct parser *p, enum filter_kind kind, struct filter **out)
{
	struct filter *f;

	if (++p->nodes > PLAN_NODES_MAX)
		return error_set(p->err, ERR_LIMIT, "a filter of over %d parts, limit %d",
			PLAN_NODES_MAX, PLAN_NODES_MAX);
	f = arena_calloc(p->arena, 1, sizeof(*f));
	f->kind = kind;
	f->low = -INFINITY;
	f->high = INFINITY;
	*out = f;
	return 0;
}

static void add_kid(struct parser *p, struct filter *f, struct filter *kid)
{
	f->kids = arena_grow(p->arena, f->kids, f->kid_count * sizeof(*f->kids),
		(f->kid_count + 1) * sizeof(*f->kids));
	f->kids[f->kid_count++] = kid;
}

/* [first, after) of a date, or the number twice. */
static int bounds_of(struct parser *p, const struct field *field, const struct value *v,
	double *first, double *after)
{
	if (field->type == FIELD_DATE) {
		if (date_period(v->text, first, after))
			return 0;
		return error_set(p->err, ERR_SYNTAX,
			"column %zu: found \"%.*s\", expected a date such as 2010, 2010-06 "
			"or 2010-06-30 for %s",
			v->column, SLICE_ARG(v->text), field->name);
	}
	if (ascii_real(v->text, first)) {
		*after = *first;
		return 0;
	}
	return error_set(p->err, ERR_SYNTAX, "column %zu: found \"%.*s\", expected a number for %s",
		v->column, SLICE_ARG(v->text), field->name);
}

static void set_low(struct filter *f, double first, double after, bool strict)
{
	/* > 2008 begins when 2008 is over */
	f->low = strict ? after : first;
	f->low_open = strict && first == after;
}

static void set_high(struct filter *f, double first, double after, bool strict)
{
	f->high = strict ? first : after;
	f->high_open = strict || first != after;
}

enum op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

static bool take_op(struct parser *p, enum op *op)
{
	bool equal;
	char c;

	skip_space(p);
	c = p->at < p->text.len ? p->text.ptr[p->at] : '\0';
	equal = p->at + 1 < p->text.len && p->text.ptr[p->at + 1] == '=';
	switch (c) {
	case '=':
		*op = OP_EQ;
		p->at += equal ? 2 : 1; /* == is said by habit */
		return true;
	case '!':
		if (!equal)
			return false;
		*op = OP_NE;
		p->at += 2;
		return true;
	case '<':
		*op = equal ? OP_LE : OP_LT;
		p->at += equal ? 2 : 1;
		return true;
	case '>':
		*op = equal ? OP_GE : OP_GT;
		p->at += equal ? 2 : 1;
		return true;
	}
	return false;
}

/* What a condition is about. */
struct subject {
	enum filter_kind kind;
	const struct field *field;
	const char *name;
};

static int take_subject(struct parser *p, struct subject *out)
{
	struct slice w = peek_word(p, true);
	struct error why = { 0 };
	size_t column = p->at + 1;

	if (!w.len)
		return unexpected(p, "a field, NOT or (");
	out->field = NULL;
	if (ascii_same(w, "id")) {
		out->kind = FILTER_ID;
		out->name = "id";
	} else if (ascii_same(w, "kind") && !schema_field(p->schema, w)) {
		out->kind = FILTER_KIND;
		out->name = "kind";
	} else {
		if (schema_need(p->schema, w, &out->field, &why) < 0)
			return error_set(p->err, why.code, "column %zu: %s", column, why.text);
		out->name = out->field->name;
		switch (out->field->type) {
		case FIELD_NUMBER:
		case FIELD_DATE: out->kind = FILTER_RANGE; break;
		case FIELD_TAGS: out->kind = FILTER_TAG; break;
		case FIELD_REF: out->kind = FILTER_REF; break;
		case FIELD_TEXT:
			return error_set(p->err, ERR_ARG,
				"column %zu: field %s is text; a filter takes numbers, dates, "
				"tags, refs, kind and id",
				column, out->name);
		}
	}
	p->at += w.len;
	return 0;
}

/* `field op value`; OP_NE as OP_EQ. */
static int value_node(struct parser *p, const struct subject *s, enum op op, const struct value *v,
	struct filter **out)
{
	double first, after;
	int rc;

	rc = node_new(p, s->kind, out);
	if (rc < 0)
		return rc;
	(*out)->field = s->field;
	(*out)->text = arena_slice(p->arena, v->text);
	if (s->kind != FILTER_RANGE)
		return 0;
	rc = bounds_of(p, s->field, v, &first, &after);
	if (rc < 0)
		return rc;
	if (op != OP_LT && op != OP_LE)
		set_low(*out, first, after, op == OP_GT);
	if (op != OP_GT && op != OP_GE)
		set_high(*out, first, after, op == OP_LT);
	return 0;
}

static int parse_in(struct parser *p, const struct subject *s, struct filter **out)
{
	struct filter *kid;
	struct value v;
	int rc;

	if (!take_char(p, '('))
		return unexpected(p, "( after IN");
	rc = node_new(p, FILTER_OR, out);
	if (rc < 0)
		return rc;
	do {
		rc = take_value(p, false, &v);
		if (rc < 0)
			return rc;
		rc = value_node(p, s, OP_EQ, &v, &kid);
		if (rc < 0)
			return rc;
		add_kid(p, *out, kid);
	} while (take_char(p, ','));
	if (!take_char(p, ')'))
		return unexpected(p, ", or )");
	return 0;
}

static int parse_span(struct parser *p, const struct subject *s, struct filter **out)
{
	struct value low, high;
	double first, after;
	int rc;

	rc = take_value(p, true, &low);
	if (rc < 0)
		return unexpected(p, "=, !=, <, <=, >, >=, IN or low..high");
	skip_space(p);
	if (p->at + 1 >= p->text.len || memcmp(p->text.ptr + p->at, "..", 2)) {
		p->at = low.column - 1;
		return unexpected(p, "=, !=, <, <=, >, >=, IN or low..high");
	}
	p->at += 2;
	if (s->kind != FILTER_RANGE)
		return error_set(p->err, ERR_SYNTAX,
			"column %zu: low..high is for numbers and dates, %s is neither", low.column,
			s->name);
	rc = take_value(p, false, &high);
	if (rc < 0)
		return rc;
	rc = value_node(p, s, OP_GE, &low, out);
	if (rc < 0)
		return rc;
	rc = bounds_of(p, s->field, &high, &first, &after);
	if (rc < 0)
		return rc;
	set_high(*out, first, after, false);
	return 0;
}

static int parse_weighed_tag(struct parser *p, const struct subject *s, enum op op, size_t column,
	struct filter **out)
{
	struct value weight, v;
	double w;
	int rc;

	if (s->kind != FILTER_TAG || op != OP_GE)
		return error_set(p->err, ERR_SYNTAX,
			"column %zu: %s takes =, !=%s and IN, no order", column, s->name,
			s->kind == FILTER_TAG ? ", >= WEIGHT VALUE" : "");
	rc = take_value(p, false, &weight);
	if (rc < 0)
		return rc;
	if (!ascii_real(weight.text, &w) || w < 0 || w > 1)
		return error_set(p->err, ERR_SYNTAX,
			"column %zu: found \"%.*s\", expected a weight from 0 to 1 and a value "
			"of %s",
			weight.column, SLICE_ARG(weight.text), s->name);
	rc = take_value(p, false, &v);
	if (rc < 0)
		return rc;
	rc = value_node(p, s, OP_EQ, &v, out);
	if (rc == 0)
		(*out)->low = w;
	return rc;
}

static int parse_condition(struct parser *p, struct filter **out)
{
	struct filter *kid;
	struct subject s;
	struct value v;
	size_t column;
	enum op op;
	int rc;

	rc = take_subject(p, &s);
	if (rc < 0)
		return rc;
	if (take_keyword(p, "IN"))
		return parse_in(p, &s, out);
	skip_space(p);
	column = p->at + 1;
	if (!take_op(p, &op))
		return parse_span(p, &s, out);
	if (s.kind != FILTER_RANGE && op != OP_EQ && op != OP_NE)
		return parse_weighed_tag(p, &s, op, column, out);
	rc = take_value(p, false, &v);
	if (rc < 0)
		return rc;
	rc = value_node(p, &s, op, &v, out);
	if (rc < 0 || op != OP_NE)
		return rc;
	kid = *out;
	rc = node_new(p, FILTER_NOT, out);
	if (rc == 0)
		add_kid(p, *out, kid);
	return rc;
}

static int parse_or(struct parser *p, struct filter **out);

static int parse_unit(struct parser *p, struct filter **out)
{
	struct filter *kid;
	int rc;

	if (p->depth >= FILTER_DEPTH_MAX)
		return error_set(p->err, ERR_LIMIT, "column %zu: nested over %d deep, limit %d",
			p->at + 1, FILTER_DEPTH_MAX, FILTER_DEPTH_MAX);
	p->depth++;
	if (take_keyword(p, "NOT")) {
		rc = parse_unit(p, &kid);
		if (rc == 0)
			rc = node_new(p, FILTER_NOT, out);
		if (rc == 0)
			add_kid(p, *out, kid);
	} else if (take_char(p, '(')) {
		rc = parse_or(p, out);
		if (rc == 0 && !take_char(p, ')'))
			rc = unexpected(p, "AND, OR or )");
	} else {
		rc = parse_condition(p, out);
	}
	p->depth--;
	return rc;
}

static int parse_list(struct parser *p, enum filter_kind kind, const char *word,
	int (*part)(struct parser *, struct filter **), struct filter **out)
{
	struct filter *list, *kid;
	int rc;

	rc = part(p, out);
	if (rc < 0 || !take_keyword(p, word))
		return rc;
	rc = node_new(p, kind, &list);
	if (rc < 0)
		return rc;
	add_kid(p, list, *out);
	do {
		rc = part(p, &kid);
		if (rc < 0)
			return rc;
		add_kid(p, list, kid);
	} while (take_keyword(p, word));
	*out = list;
	return 0;
}

static int parse_and(struct parser *p, struct filter **out)
{
	return parse_list(p, FILTER_AND, "AND", parse_unit, out);
}

static int parse_or(struct parser *p, struct filter **out)
{
	return parse_list(p, FILTER_OR, "OR", parse_and, out);
}

int filter_parse(struct filter **out, const struct schema *schema, struct slice text,
	struct arena *arena, struct error *err)
{
	struct parser p = { .schema = schema, .arena = arena, .text = text, .err = err };
	struct filter *f = NULL;
	int rc;

	rc = parse_or(&p, &f);
	if (rc < 0)
		return rc;
	skip_space(&p);
	if (p.at < text.len)
		return unexpected(&p, "AND, OR or the end");
	*out = f;
	return 0;
}

struct filter *filter_and(struct arena *arena, struct filter *a, struct filter *b)
{
	struct filter *f;

	if (!a || !b)
		return a ? a : b;
	f = arena_calloc(arena, 1, sizeof(*f));
	f->kind = FILTER_AND;
	f->low = -INFINITY;
	f->high = INFINITY;
	f->kids = arena_calloc(arena, 2, sizeof(*f->kids));
	f->kids[0] = a;
	f->kids[1] = b;
	f->kid_count = 2;
	return f;
}
