/* document.c -- reading one entity by its schema. */
#include "index/document.h"

#include <math.h>

#include "index/date.h"
#include "index/tables.h"

struct read {
	const struct schema *schema;
	struct arena *scratch;
	struct document *out;
	const struct document_sink *sink;
	struct error *err;
	uint32_t position; /* of the next value's first word, in the text field at hand */
};

static const char *found_name(const struct json_node *value)
{
	switch (value->type) {
	case JSON_OBJECT: return "an object";
	case JSON_ARRAY: return "an array";
	case JSON_STRING: return "a string";
	case JSON_TRUE:
	case JSON_FALSE: return "a boolean";
	case JSON_NULL: return "null";
	default: return "a number";
	}
}

static int wrong(struct read *r, const char *field, const char *expected,
	const struct json_node *found)
{
	return error_set(r->err, ERR_ARG, "field %s: expected %s, found %s", field, expected,
		found_name(found));
}

static void tell(struct read *r, int group, int field, struct slice term, uint8_t amount)
{
	term = term_cut(term);
	if (term.len && !memchr(term.ptr, '\0', term.len))
		r->sink->term(r->sink->data, group, field, term, amount);
}

static void tell_word(struct read *r, int field, const struct token *t)
{
	if (r->sink->word)
		r->sink->word(r->sink->data, field, t->term, r->position + t->position);
	else
		r->sink->term(r->sink->data, GROUP_TEXT, field, t->term, 1);
}

static void tell_exact(struct read *r, const struct field *f, struct slice folded)
{
	struct slice head = analyzer_head(f->analyzer, folded);

	tell(r, GROUP_EXACT, 0, exact_term(r->scratch, f, folded), 1);
	if (head.len)
		tell(r, GROUP_EXACT, 0, exact_term(r->scratch, f, head), 1);
}

/* A string, or a number as it is written: a table's title "1984", an id that is a number. */
static bool text_of(struct arena *arena, const struct json_node *value, struct slice *out)
{
	struct json_out number;
	struct buf digits = { 0 };

	if (value->type == JSON_STRING) {
		*out = value->text;
		return true;
	}
	if (value->type != JSON_INTEGER && value->type != JSON_REAL)
		return false;
	json_begin(&number, &digits);
	if (value->type == JSON_INTEGER)
		json_int(&number, value->integer);
	else
		json_num(&number, value->real);
	*out = arena_slice(arena, buf_slice(&digits));
	buf_clear(&digits);
	return true;
}

static void read_string(struct read *r, const struct field *f, struct slice text)
{
	uint32_t *length = &r->out->lengths[f->text_index], room = FIELD_TOKENS_MAX - *length;
	struct tokens tokens;
	size_t i;

	analyze(f->analyzer, r->scratch, text, &tokens);
	for (i = 0; i < tokens.count && tokens.items[i].position < room; i++)
		tell_word(r, f->text_index, &tokens.items[i]);
	*length += tokens.positions < room ? tokens.positions : room;
	if (tokens.positions)
		r->position += tokens.positions + POSITION_GAP;
	if (f->exact)
		tell_exact(r, f, text_fold(r->scratch, text));
}

static int read_text(struct read *r, const struct field *f, const struct json_node *value)
{
	const struct json_node *item;
	struct slice text;

	r->position = 0;
	if (text_of(r->scratch, value, &text)) {
		read_string(r, f, text);
		return 0;
	}
	if (value->type != JSON_ARRAY)
		return wrong(r, f->name, "a string or an array of strings", value);
	for (item = value->first; item; item = item->next) {
		if (!text_of(r->scratch, item, &text))
			return wrong(r, f->name, "an array of strings", item);
		read_string(r, f, text);
	}
	return 0;
}

static int read_tag(struct read *r, const struct field *f, struct slice name, double weight)
{
	long amount;

	if (!(weight > 0 && weight <= 1))
		return error_set(r->err, ERR_ARG, "field %s: weight %g of '%.*s' is not in (0, 1]",
			f->name, weight, SLICE_HEAD(name));
	amount = lround(weight * 255);
	tell(r, f->group, 0, text_fold(r->scratch, name), amount < 1 ? 1 : amount);
	return 0;
}

static int read_tags(struct read *r, const struct field *f, const struct json_node *value)
{
	bool weights = value->type == JSON_OBJECT;
	const struct json_node *item;
	struct slice text;
	int rc;

	if (text_of(r->scratch, value, &text))
		return read_tag(r, f, text, 1);
	if (value->type != JSON_ARRAY && !weights)
		return wrong(r, f->name, "a string, an array of strings or an object of weights",
			value);
	if (value->count > TAGS_MAX)
		return error_set(r->err, ERR_LIMIT, "field %s: %u tags, limit %d", f->name,
			value->count, TAGS_MAX);
	for (item = value->first; item; item = item->next) {
		if (weights && item->type != JSON_INTEGER && item->type != JSON_REAL)
			return wrong(r, f->name, "a weight", item);
		if (!weights && !text_of(r->scratch, item, &text))
			return wrong(r, f->name, "an array of strings", item);
		rc = weights ? read_tag(r, f, item->key, json_number(item))
			     : read_tag(r, f, text, 1);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int read_one_ref(struct read *r, const struct field *f, const struct json_node *value)
{
	size_t prefix = strlen(f->prefix);
	struct slice id;
	char *term;

	if (!text_of(r->scratch, value, &id))
		return wrong(r, f->name, "a string or an array of strings", value);
	if (!id.len)
		return 0;
	if (prefix + id.len > TERM_BYTES_MAX)
		return error_set(r->err, ERR_LIMIT, "field %s: a reference of %zu bytes, limit %d",
			f->name, prefix + id.len, TERM_BYTES_MAX);
	term = arena_alloc(r->scratch, prefix + id.len);
	memcpy(term, f->prefix, prefix);
	memcpy(term + prefix, id.ptr, id.len);
	tell(r, f->group, 0, slice_of(term, prefix + id.len), 1);
	return 0;
}

static int read_ref(struct read *r, const struct field *f, const struct json_node *value)
{
	const struct json_node *item;
	int rc;

	if (value->type != JSON_ARRAY)
		return read_one_ref(r, f, value);
	for (item = value->first; item; item = item->next) {
		rc = read_one_ref(r, f, item);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int read_number(struct read *r, const struct field *f, const struct json_node *value)
{
	double v;

	if (value->type == JSON_TRUE || value->type == JSON_FALSE)
		v = value->type == JSON_TRUE;
	else if (value->type == JSON_INTEGER || value->type == JSON_REAL)
		v = json_number(value);
	else
		return wrong(r, f->name, "a number", value);
	r->out->numbers[f->column] = v;
	if (f->bias == BIAS_LINEAR)
		r->out->quality += f->bias_weight * v;
	if (f->bias == BIAS_LOG1P)
		r->out->quality += f->bias_weight * log1p(v > 0 ? v : 0);
	return 0;
}

static int read_date(struct read *r, const struct field *f, const struct json_node *value)
{
	struct slice text;

	if (value->type == JSON_INTEGER && value->integer >= 0 && value->integer <= 9999) {
		r->out->numbers[f->column] = date_days(value->integer, 1, 1);
		return 0;
	}
	if (value->type != JSON_STRING)
		return wrong(r, f->name, "a date as \"2008\", \"2008-11\" or \"2008-11-11\"",
			value);
	text = value->text;
	if (text.len && !date_parse(text, &r->out->numbers[f->column]))
		return error_set(r->err, ERR_ARG,
			"field %s: expected a date as \"2008\", \"2008-11\" or \"2008-11-11\", "
			"found \"%.*s\"",
			f->name, SLICE_HEAD(text));
	return 0;
}

static int read_kind(struct read *r, const struct json_node *object)
{
	const char *member = r->schema->kind_member;
	const struct json_node *value = *member ? json_member(object, member) : NULL;

	if (!value || value->type == JSON_NULL)
		return 0;
	if (value->type != JSON_STRING)
		return wrong(r, member, "a string", value);
	tell(r, GROUP_KIND, 0, text_fold(r->scratch, value->text), 1);
	return 0;
}

static int read_field(struct read *r, const struct field *f, const struct json_node *value)
{
	switch (f->type) {
	case FIELD_TEXT: return read_text(r, f, value);
	case FIELD_TAGS: return read_tags(r, f, value);
	case FIELD_NUMBER: return read_number(r, f, value);
	case FIELD_DATE: return read_date(r, f, value);
	case FIELD_REF: return read_ref(r, f, value);
	}
	return 0;
}

static const struct json_node *member_of(const struct field *f, const struct json_node *object)
{
	const struct json_node *value = NULL;
	int i;

	for (i = 0; f->from[i] && (!value || value->type == JSON_NULL); i++)
		value = json_member(object, f->from[i]);
	return value && value->type != JSON_NULL ? value : NULL;
}

int document_read(const struct schema *schema, const struct json_node *object,
	struct arena *scratch, struct document *out, const struct document_sink *sink,
	struct error *err)
{
	struct read r = { schema, scratch, out, sink, err, 0 };
	const struct json_node *value;
	int i, rc;

	memset(out->lengths, 0, sizeof(out->lengths));
	for (i = 0; i < schema->column_count; i++)
		out->numbers[i] = NAN;
	out->quality = 0;
	for (i = 0; i < schema->field_count; i++) {
		const struct field *f = &schema->fields[i];

		value = member_of(f, object);
		if (!value)
			continue;
		rc = read_field(&r, f, value);
		if (rc < 0)
			return rc;
	}
	rc = read_kind(&r, object);
	if (!(out->quality > 0))
		out->quality = 0; /* negative, NaN and -0 */
	if (out->quality > 1e30f)
		out->quality = 1e30f;
	return rc;
}

/* ---- one field's values ---- */

struct values {
	const struct field *field;
	struct arena *scratch;
	void (*told)(void *data, struct slice written, struct slice term, double weight);
	void *data;
};

static void tell_value(struct values *v, struct slice written, double weight)
{
	struct slice term;

	if (v->field && v->field->type == FIELD_REF)
		term = written = slice_str(
			arena_printf(v->scratch, "%s%.*s", v->field->prefix, SLICE_ARG(written)));
	else
		term = text_fold(v->scratch, written);
	term = term_cut(term);
	if (term.len && written.len)
		v->told(v->data, written, term, weight);
}

static double tag_weight(const struct json_node *value)
{
	double weight =
		value->type == JSON_INTEGER || value->type == JSON_REAL ? json_number(value) : 0;

	return weight > 0 ? fmin(weight, 1) : 0;
}

void document_values(const struct schema *schema, const struct field *field,
	const struct json_node *object, struct arena *scratch,
	void (*told)(void *data, struct slice written, struct slice term, double weight),
	void *data)
{
	struct values v = { field, scratch, told, data };
	const struct json_node *value, *item;
	struct slice text;

	value = field ? member_of(field, object) : json_member(object, schema->kind_member);
	if (!value)
		return;
	if (text_of(scratch, value, &text))
		tell_value(&v, text, 1);
	if (value->type == JSON_ARRAY)
		for (item = value->first; item; item = item->next)
			if (text_of(scratch, item, &text))
				tell_value(&v, text, 1);
	if (field && field->type == FIELD_TAGS && value->type == JSON_OBJECT)
		for (item = value->first; item; item = item->next)
			tell_value(&v, item->key, tag_weight(item));
}
