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

static const char *found_name(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT: return "an object";
	case JSON_ARRAY: return "an array";
	case JSON_STRING: return "a string";
	case JSON_TRUE: case JSON_FALSE: return "a boolean";
	case JSON_NULL: return "null";
	default: return "a number";
	}
}

static int wrong(struct read *r, const char *field, const char *expected, const json_t *found)
{
	return error_set(r->err, ERR_ARG, "field %s: expected %s, found %s", field, expected,
		found_name(found));
}

static struct slice string_of(const json_t *value)
{
	return slice_of(json_string_value(value), json_string_length(value));
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

static int read_text(struct read *r, const struct field *f, const json_t *value)
{
	json_t *item;
	size_t i;

	r->position = 0;
	if (json_is_string(value)) {
		read_string(r, f, string_of(value));
		return 0;
	}
	if (!json_is_array(value))
		return wrong(r, f->name, "a string or an array of strings", value);
	json_array_foreach (value, i, item) {
		if (!json_is_string(item))
			return wrong(r, f->name, "an array of strings", item);
		read_string(r, f, string_of(item));
	}
	return 0;
}

static int read_tag(struct read *r, const struct field *f, struct slice name, double weight)
{
	long amount;

	if (!(weight > 0 && weight <= 1))
		return error_set(r->err, ERR_ARG, "field %s: weight %g of '%.*s' is not in (0, 1]",
			f->name, weight, (int)(name.len > 64 ? 64 : name.len), name.ptr);
	amount = lround(weight * 255);
	tell(r, f->group, 0, text_fold(r->scratch, name), amount < 1 ? 1 : amount);
	return 0;
}

static int read_tags(struct read *r, const struct field *f, const json_t *value)
{
	const char *name;
	json_t *item;
	int rc = 0;
	size_t i;

	if (json_is_string(value))
		return read_tag(r, f, string_of(value), 1);
	if (!json_is_array(value) && !json_is_object(value))
		return wrong(r, f->name, "a string, an array of strings or an object of weights", value);
	i = json_is_array(value) ? json_array_size(value) : json_object_size(value);
	if (i > TAGS_MAX)
		return error_set(r->err, ERR_LIMIT, "field %s: %zu tags, limit %d", f->name, i, TAGS_MAX);
	json_array_foreach (value, i, item) {
		if (!json_is_string(item))
			return wrong(r, f->name, "an array of strings", item);
		rc = read_tag(r, f, string_of(item), 1);
		if (rc < 0)
			return rc;
	}
	if (!json_is_object(value))
		return 0;
	json_object_foreach ((json_t *)value, name, item) {
		if (!json_is_number(item))
			return wrong(r, f->name, "a weight", item);
		rc = read_tag(r, f, slice_str(name), json_number_value(item));
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int read_one_ref(struct read *r, const struct field *f, const json_t *value)
{
	size_t prefix = strlen(f->prefix);
	struct slice id;
	char *term;

	if (!json_is_string(value))
		return wrong(r, f->name, "a string or an array of strings", value);
	id = string_of(value);
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

static int read_ref(struct read *r, const struct field *f, const json_t *value)
{
	json_t *item;
	size_t i;
	int rc;

	if (!json_is_array(value))
		return read_one_ref(r, f, value);
	json_array_foreach (value, i, item) {
		rc = read_one_ref(r, f, item);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int read_number(struct read *r, const struct field *f, const json_t *value)
{
	double v;

	if (json_is_boolean(value))
		v = json_is_true(value);
	else if (json_is_number(value))
		v = json_number_value(value);
	else
		return wrong(r, f->name, "a number", value);
	r->out->numbers[f->column] = v;
	if (f->bias == BIAS_LINEAR)
		r->out->quality += f->bias_weight * v;
	if (f->bias == BIAS_LOG1P)
		r->out->quality += f->bias_weight * log1p(v > 0 ? v : 0);
	return 0;
}

static int read_date(struct read *r, const struct field *f, const json_t *value)
{
	struct slice text;

	if (json_is_integer(value) && json_integer_value(value) >= 0 &&
		json_integer_value(value) <= 9999) {
		r->out->numbers[f->column] = date_days(json_integer_value(value), 1, 1);
		return 0;
	}
	if (!json_is_string(value))
		return wrong(r, f->name, "a date as \"2008\", \"2008-11\" or \"2008-11-11\"", value);
	text = string_of(value);
	if (text.len && !date_parse(text, &r->out->numbers[f->column]))
		return error_set(r->err, ERR_ARG,
			"field %s: expected a date as \"2008\", \"2008-11\" or \"2008-11-11\", "
			"found \"%.*s\"",
			f->name, (int)(text.len > 64 ? 64 : text.len), text.ptr);
	return 0;
}

static int read_kind(struct read *r, const json_t *object)
{
	const char *member = r->schema->kind_member;
	const json_t *value = *member ? json_object_get(object, member) : NULL;

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_string(value))
		return wrong(r, member, "a string", value);
	tell(r, GROUP_KIND, 0, text_fold(r->scratch, string_of(value)), 1);
	return 0;
}

static int read_field(struct read *r, const struct field *f, const json_t *value)
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

const json_t *document_member(const struct field *f, const json_t *object)
{
	const json_t *value = NULL;
	int i;

	for (i = 0; f->from[i] && (!value || json_is_null(value)); i++)
		value = json_object_get(object, f->from[i]);
	return value && !json_is_null(value) ? value : NULL;
}

int document_read(const struct schema *schema, const json_t *object, struct arena *scratch,
	struct document *out, const struct document_sink *sink, struct error *err)
{
	struct read r = { schema, scratch, out, sink, err, 0 };
	const json_t *value;
	int i, rc;

	memset(out->lengths, 0, sizeof(out->lengths));
	for (i = 0; i < schema->column_count; i++)
		out->numbers[i] = NAN;
	out->quality = 0;
	for (i = 0; i < schema->field_count; i++) {
		const struct field *f = &schema->fields[i];

		value = document_member(f, object);
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
	void (*told)(void *data, struct slice written, struct slice term);
	void *data;
};

static void tell_value(struct values *v, struct slice written)
{
	struct slice term;

	if (v->field && v->field->type == FIELD_REF)
		term = written = slice_str(arena_printf(v->scratch, "%s%.*s", v->field->prefix,
			SLICE_ARG(written)));
	else
		term = text_fold(v->scratch, written);
	term = term_cut(term);
	if (term.len && written.len)
		v->told(v->data, written, term);
}

void document_values(const struct schema *schema, const struct field *field, const json_t *object,
	struct arena *scratch, void (*told)(void *data, struct slice written, struct slice term),
	void *data)
{
	struct values v = { field, scratch, told, data };
	const json_t *value;
	const char *name;
	json_t *item;
	size_t i;

	value = field ? document_member(field, object)
		      : json_object_get(object, schema->kind_member);
	if (json_is_string(value))
		tell_value(&v, string_of(value));
	json_array_foreach (value, i, item)
		if (json_is_string(item))
			tell_value(&v, string_of(item));
	if (field && field->type == FIELD_TAGS && json_is_object(value))
		json_object_foreach ((json_t *)value, name, item)
			tell_value(&v, slice_str(name));
}
