/* schema.c -- reading conf/COLLECTION.conf.
 *
 * The fingerprint hashes what decides the bytes on disk: the version of analysis,
 * fields in order with type, analysis with the words of its lists, exact, positions, bias, from
 * and prefix, and the kind's member; not the weights, which are only defaults of the
 * query. */
#include "index/schema.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/hash.h"
#include "index/schema_parts.h"

#define WORDS_MAX      64
#define CONF_BYTES_MAX (1 << 20)

static const char *const types[] = { "text", "tags", "number", "date", "ref", NULL };
static const char *const keys[] = { "weight", "analyzer", "accents", "grams", "stop", "exact",
	"tail", "positions", "from", "bias", "prefix", NULL };
static const char *const text_keys[] = { "analyzer", "accents", "grams", "stop", "tail", NULL };

int parse_complain(struct parse *p, const char *what, struct slice word, const char *const *known)
{
	return error_prefix(p->err, error_unknown(p->err, ERR_SYNTAX, what, word, known, NULL),
		"%s:%d", p->where, p->line);
}

static int parse_float(struct parse *p, struct slice word, float *out)
{
	double v;

	if (!ascii_real(word, &v) || !(v >= 0 && v <= 1e9))
		return parse_complain(p, "expected a number of 0 or more, found", word, NULL);
	*out = v;
	return 0;
}

static int parse_from(struct parse *p, struct field *field, struct slice value)
{
	const char *at = value.ptr, *end = value.ptr + value.len, *comma;
	int n = 0;

	while (at < end) {
		comma = memchr(at, ',', end - at);
		if (!comma)
			comma = end;
		if (n == 7)
			return parse_complain(p, "more than 7 members in from:", value, NULL);
		if (comma == at)
			return parse_complain(p, "an empty name in from:", value, NULL);
		field->from[n++] = xstrndup(at, comma - at);
		at = comma + 1;
	}
	return n ? 0 : parse_complain(p, "an empty from:", value, NULL);
}

static int parse_bias(struct parse *p, struct field *field, struct slice value)
{
	if (field->type != FIELD_NUMBER)
		return parse_complain(p, "only numbers take a bias, not", slice_str(field->name),
			NULL);
	field->bias = BIAS_LINEAR;
	field->bias_weight = 1;
	if (!slice_starts(value, SLICE_LIT("log1p")))
		return parse_float(p, value, &field->bias_weight);
	field->bias = BIAS_LOG1P;
	value.ptr += 5;
	value.len -= 5;
	if (!value.len)
		return 0;
	if (*value.ptr != ':')
		return parse_complain(p, "expected log1p:WEIGHT, found 'log1p' and", value, NULL);
	return parse_float(p, slice_of(value.ptr + 1, value.len - 1), &field->bias_weight);
}

static int text_only(struct parse *p, const struct field *field, const char *key)
{
	if (field->type == FIELD_TEXT)
		return 0;
	return parse_complain(p, "only text fields take the key", slice_str(key), NULL);
}

static int parse_switch(struct parse *p, const struct field *field, const char *key,
	struct slice value, const char *expected, bool *out)
{
	int rc = text_only(p, field, key);

	if (rc < 0)
		return rc;
	*out = slice_is(value, "yes");
	return *out || slice_is(value, "no") ? 0 : parse_complain(p, expected, value, NULL);
}

static int parse_key(struct parse *p, struct field *field, struct slice word)
{
	const char *eq = memchr(word.ptr, '=', word.len);
	struct slice key, value;
	int i, rc;

	if (!eq)
		return parse_complain(p, "expected key=value, found", word, keys);
	key = slice_of(word.ptr, eq - word.ptr);
	value = slice_of(eq + 1, word.len - key.len - 1);
	if (slice_is(key, "from"))
		return parse_from(p, field, value);
	if (slice_is(key, "bias"))
		return parse_bias(p, field, value);
	if (slice_is(key, "weight")) {
		rc = text_only(p, field, "weight");
		return rc < 0 ? rc : parse_float(p, value, &field->weight);
	}
	for (i = 0; text_keys[i]; i++)
		if (slice_is(key, text_keys[i])) {
			rc = text_only(p, field, text_keys[i]);
			return rc < 0 ? rc
				      : parse_text_key(p, &p->texts[field->text_index], key, value);
		}
	if (slice_is(key, "exact"))
		return parse_switch(p, field, "exact", value,
			"expected exact=yes or exact=no, found", &field->exact);
	if (slice_is(key, "positions")) {
		p->texts[field->type == FIELD_TEXT ? field->text_index : 0].placed = true;
		return parse_switch(p, field, "positions", value,
			"expected positions=yes or positions=no, found", &field->positions);
	}
	if (slice_is(key, "prefix")) {
		if (field->type != FIELD_REF)
			return parse_complain(p, "only ref fields take the key", key, NULL);
		if (value.len >= sizeof(field->prefix))
			return parse_complain(p, "prefix longer than 31 bytes:", value, NULL);
		memcpy(field->prefix, value.ptr, value.len);
		return 0;
	}
	return parse_complain(p, "unknown key", key, keys);
}

static bool good_name(struct slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
			    (i && ((c >= '0' && c <= '9') || c == '-'))))
			return false;
	}
	return s.len >= 1 && s.len <= FIELD_NAME_MAX;
}

/* What comes with a type before its keys are read. */
static int parse_type(struct parse *p, struct field *field, struct slice word)
{
	struct schema *schema = p->schema;
	struct text_options *text;
	int i;

	for (i = 0; types[i] && !slice_is(word, types[i]); i++)
		;
	if (!types[i])
		return parse_complain(p, "unknown type", word, types);
	field->type = i;
	field->weight = 1;
	field->text_index = field->column = -1;
	field->group = GROUP_FIELDS + schema->field_count - 1;
	if (field->type == FIELD_NUMBER || field->type == FIELD_DATE)
		field->column = schema->column_count++;
	if (field->type != FIELD_TEXT)
		return 0;
	if (schema->text_count == TEXT_FIELDS_MAX)
		return error_set(p->err, ERR_LIMIT, "%s:%d: more than %d text fields", p->where,
			p->line, TEXT_FIELDS_MAX);
	field->text_index = schema->text_count++;
	field->group = GROUP_TEXT;
	field->positions = true;
	text = &p->texts[field->text_index];
	text->line = p->line;
	text->base = SLICE_LIT("plain");
	return 0;
}

static int parse_field(struct parse *p, const struct slice *words, int count)
{
	struct schema *schema = p->schema;
	const struct text_options *text;
	struct field *field;
	int i, rc;

	if (count < 3)
		return error_set(p->err, ERR_SYNTAX,
			"%s:%d: expected: field NAME TYPE [key=value ...]", p->where, p->line);
	if (!good_name(words[1]))
		return parse_complain(p,
			"not a field name (letters, digits, '_', at most 32):", words[1], NULL);
	if (slice_is(words[1], "id") || schema_field(schema, words[1]))
		return parse_complain(p, "there is already a field", words[1], NULL);
	if (schema->field_count == FIELDS_MAX)
		return error_set(p->err, ERR_LIMIT, "%s:%d: more than %d fields", p->where, p->line,
			FIELDS_MAX);
	field = &schema->fields[schema->field_count++];
	memcpy(field->name, words[1].ptr, words[1].len);
	rc = parse_type(p, field, words[2]);
	if (rc < 0)
		return rc;
	for (i = 3; i < count; i++) {
		rc = parse_key(p, field, words[i]);
		if (rc < 0)
			return rc;
	}
	text = field->type == FIELD_TEXT ? &p->texts[field->text_index] : NULL;
	if (text && text->grams && !text->placed)
		field->positions = false; /* of a word's grams they say nothing */
	if (field->positions)
		schema->positions |= 1u << field->text_index;
	schema->biased = schema->biased || field->bias != BIAS_NONE;
	if (!field->from[0])
		field->from[0] = xstrdup(field->name);
	return 0;
}

static int parse_line(struct parse *p, struct slice line)
{
	static const char *const verbs[] = { "field", "list", "kind", NULL };
	struct slice words[WORDS_MAX];
	size_t at = 0, start;
	int count = 0;

	while (at < line.len && line.ptr[at] != '#') {
		if (strchr(" \t\r", line.ptr[at])) {
			at++;
			continue;
		}
		start = at;
		while (at < line.len && !strchr(" \t\r", line.ptr[at]))
			at++;
		if (count == WORDS_MAX)
			return error_set(p->err, ERR_LIMIT, "%s:%d: more than %d words", p->where,
				p->line, WORDS_MAX);
		words[count++] = slice_of(line.ptr + start, at - start);
	}
	if (!count)
		return 0;
	if (slice_is(words[0], "field"))
		return parse_field(p, words, count);
	if (slice_is(words[0], "list"))
		return parse_list(p, words, count);
	if (!slice_is(words[0], "kind"))
		return parse_complain(p, "unknown word", words[0], verbs);
	if (count != 2 || words[1].len > FIELD_NAME_MAX)
		return error_set(p->err, ERR_SYNTAX, "%s:%d: expected: kind MEMBER", p->where,
			p->line);
	if (p->schema->kind_member[0])
		return error_set(p->err, ERR_SYNTAX, "%s:%d: a second kind", p->where, p->line);
	memcpy(p->schema->kind_member, words[1].ptr, words[1].len);
	return 0;
}

static void fingerprint(struct schema *schema)
{
	struct buf b = { 0 };
	int i, j;

	buf_printf(&b, "%d kind=%s\n", ANALYSIS_VERSION, schema->kind_member);
	for (i = 0; i < schema->field_count; i++) {
		const struct field *f = &schema->fields[i];

		buf_printf(&b, "%s %s %s %d %d %d %.9g %s", f->name, types[f->type],
			f->analyzer ? analyzer_text(f->analyzer) : "", f->exact, f->positions,
			f->bias, f->bias_weight, f->prefix);
		for (j = 0; f->from[j]; j++)
			buf_printf(&b, " %s", f->from[j]);
		buf_putc(&b, '\n');
	}
	schema->fingerprint = hash_bytes(buf_slice(&b), 1);
	buf_putc(&b, '\0');
	schema->form = b.failed ? xstrdup("") : b.ptr;
}

/* The line of a form that begins with `name` (as long as its first word); empty if none does. */
static struct slice form_line(struct slice form, struct slice name)
{
	const char *end;
	struct slice line;

	for (; form.len; form = slice_of(line.ptr + line.len, form.len - line.len)) {
		end = memchr(form.ptr, '\n', form.len);
		line = slice_of(form.ptr, end ? (size_t)(end - form.ptr) + 1 : form.len);
		if (slice_starts(line, name) && line.len > name.len && line.ptr[name.len] == ' ')
			return line;
	}
	return SLICE_LIT("");
}

/* Is each line of `now` in `before`?  Else the first that is not, in words. */
static bool form_within(struct slice now, struct slice before, const char *missing, char *out,
	size_t size)
{
	struct slice line, name, other;
	const char *end;

	for (; now.len; now = slice_of(line.ptr + line.len, now.len - line.len)) {
		end = memchr(now.ptr, '\n', now.len);
		line = slice_of(now.ptr, end ? (size_t)(end - now.ptr) + 1 : now.len);
		end = memchr(line.ptr, ' ', line.len);
		name = slice_of(line.ptr, end ? (size_t)(end - line.ptr) : line.len);
		other = form_line(before, name);
		if (slice_eq(other, line))
			continue;
		if (name.len && name.ptr[0] <= '9') /* of ANALYSIS_VERSION and the kind */
			snprintf(out, size,
				other.len ? "another kind" : "an analysis of another version");
		else
			snprintf(out, size, "field %.*s is %s", SLICE_ARG(name),
				other.len ? "indexed otherwise" : missing);
		return false;
	}
	return true;
}

void schema_difference(const struct schema *schema, struct slice form, char *out, size_t size)
{
	if (form_within(slice_str(schema->form), form, "new", out, size) &&
		form_within(form, slice_str(schema->form), "gone", out, size))
		snprintf(out, size, "fields in another order");
}

int schema_parse(struct schema **out, const char *name, struct slice text, const char *where,
	struct error *err)
{
	struct parse p = { .where = where, .err = err };
	const char *at = text.ptr, *end = text.ptr + text.len, *eol;
	int rc = 0;

	if (!*name || strlen(name) > COLLECTION_NAME_MAX)
		return error_set(err, ERR_ARG,
			"%s: collection name '%.40s' has not 1 to %d letters", where, name,
			COLLECTION_NAME_MAX);
	p.schema = xcalloc(1, sizeof(*p.schema));
	strcpy(p.schema->name, name);
	while (at < end && rc >= 0) {
		eol = memchr(at, '\n', end - at);
		if (!eol)
			eol = end;
		p.line++;
		rc = parse_line(&p, slice_of(at, eol - at));
		at = eol + 1;
	}
	if (rc >= 0 && !p.schema->field_count)
		rc = error_set(err, ERR_SYNTAX, "%s: no fields", where);
	if (rc >= 0)
		rc = parse_analyzers(&p);
	parse_clear(&p);
	if (rc < 0) {
		schema_free(p.schema);
		return rc;
	}
	fingerprint(p.schema);
	*out = p.schema;
	return 0;
}

int schema_load(struct schema **out, const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	char *name = xstrndup(base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
	struct buf text = { 0 };
	int rc = buf_put_file(&text, path, CONF_BYTES_MAX, err);

	if (rc == 0)
		rc = schema_parse(out, name, buf_slice(&text), path, err);
	free(name);
	buf_clear(&text);
	return rc;
}

void schema_free(struct schema *schema)
{
	int i, j;

	if (!schema)
		return;
	for (i = 0; i < schema->field_count; i++)
		for (j = 0; j < 8; j++)
			free(schema->fields[i].from[j]);
	for (i = 0; i < schema->analyzer_count; i++)
		analyzer_free(schema->analyzers[i]);
	free(schema->form);
	free(schema);
}

const struct field *schema_field(const struct schema *schema, struct slice name)
{
	int i;

	for (i = 0; i < schema->field_count; i++)
		if (slice_is(name, schema->fields[i].name))
			return &schema->fields[i];
	return NULL;
}

int schema_need(const struct schema *schema, struct slice name, const struct field **out,
	struct error *err)
{
	const char *known[FIELDS_MAX + 1] = { NULL };
	int i;

	*out = schema_field(schema, name);
	if (*out)
		return 0;
	for (i = 0; i < schema->field_count; i++)
		known[i] = schema->fields[i].name;
	return error_unknown(err, ERR_ARG, "no field", name, known, NULL);
}

struct slice exact_term(struct arena *arena, const struct field *field, struct slice folded)
{
	char *term;

	if (!folded.len)
		return folded;
	folded = analyzer_whole(field->analyzer, arena, folded);
	term = arena_alloc(arena, folded.len + 1);
	term[0] = (char)(1 + field->text_index);
	memcpy(term + 1, folded.ptr, folded.len);
	return slice_of(term, folded.len + 1);
}
