/* facet_parse.c -- facets as they are asked for, and their counts as JSON. */
#include "query/facet.h"

#include <math.h>
#include <string.h>

#include "base/ascii.h"

#define VALUES 10  /* where no limit is said, */
#define STEPS  100 /* and of steps */

static const char *const units[] = { "year", "month", "day", NULL };

const char *facet_name(const struct facet *f)
{
	return f->field ? f->field->name : "kind";
}

static int take_limit(struct facet *f, struct slice s, struct error *err)
{
	double limit;

	if (!ascii_real(s, &limit) || limit != floor(limit) || limit < 1 || limit > FACET_LIMIT_MAX)
		return error_set(err, ERR_ARG,
			"%s: found \"%.*s\", expected how many values, 1 to %d", facet_name(f),
			SLICE_ARG(s), FACET_LIMIT_MAX);
	f->limit = (int)limit;
	return 0;
}

static int take_width(struct facet *f, struct slice s, struct error *err)
{
	if (!ascii_real(s, &f->width) || !(f->width > 0))
		return error_set(err, ERR_ARG,
			"%s: found \"%.*s\", expected the width of a step, "
			"above 0",
			facet_name(f), SLICE_ARG(s));
	f->by = FACET_WIDTH;
	f->limit = STEPS;
	return 0;
}

static int take_unit(struct facet *f, struct slice s, struct error *err)
{
	int i;

	for (i = 0; units[i] && !ascii_same(s, units[i]); i++)
		;
	f->by = FACET_YEAR + i;
	if (units[i])
		return 0;
	return error_prefix(err, error_unknown(err, ERR_ARG, "no step", s, units, NULL), "%s",
		facet_name(f));
}

/* The part to the next colon, which is taken; false if nothing is left. */
static bool take_part(struct slice *text, struct slice *part)
{
	const char *colon;

	if (!text->ptr)
		return false;
	colon = memchr(text->ptr, ':', text->len);
	*part = colon ? slice_of(text->ptr, colon - text->ptr) : *text;
	*text = colon ? slice_of(colon + 1, text->len - part->len - 1) : slice_of(NULL, 0);
	return true;
}

int facet_parse(struct facet *f, const struct schema *schema, struct slice text, struct error *err)
{
	struct slice part;
	int rc = 0;

	*f = (struct facet){ .limit = VALUES };
	if (!take_part(&text, &part))
		part = SLICE_LIT("");
	if (!ascii_same(part, "kind") || schema_field(schema, part))
		rc = schema_need(schema, part, &f->field, err);
	if (rc < 0)
		return rc;
	if (f->field && f->field->type == FIELD_TEXT)
		return error_set(err, ERR_ARG,
			"field %s is text; what is counted are tags, refs, "
			"numbers, dates and kind",
			f->field->name);
	if (f->field && f->field->type == FIELD_DATE) {
		f->by = FACET_YEAR;
		f->limit = STEPS;
		if (take_part(&text, &part))
			rc = take_unit(f, part, err);
	} else if (f->field && f->field->type == FIELD_NUMBER && take_part(&text, &part)) {
		rc = take_width(f, part, err);
	}
	if (rc == 0 && take_part(&text, &part))
		rc = take_limit(f, part, err);
	if (rc == 0 && take_part(&text, &part))
		rc = error_set(err, ERR_SYNTAX, "%s: found \"%.*s\", expected nothing more",
			facet_name(f), SLICE_ARG(part));
	return rc;
}

void facet_print(const struct facet *f, const struct facet_counts *counts, struct json_out *out)
{
	const struct facet_value *v;
	int i;

	json_array_open(out);
	for (i = 0; i < counts->count; i++) {
		v = &counts->values[i];
		json_object_open(out);
		if (f->by == FACET_WIDTH) {
			json_kv(out, num_short, "from", v->from, 12);
			json_kv(out, num_short, "to", v->from + f->width, 12);
		} else if (f->field && f->field->column >= 0 && f->by == FACET_VALUE) {
			json_kv(out, num, "value", v->from);
		} else {
			json_kv(out, slice, "value", v->text);
		}
		json_kv(out, uint, "count", v->count);
		json_close(out);
	}
	json_close(out);
}
