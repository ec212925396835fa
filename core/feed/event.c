/* event.c -- reading feedback events; every error names the member. */
#include "feed/event.h"

#include <math.h>

#include "limits.h"

static const char *const members[] = { "decision", "entity", "event", "value", "id", "at", NULL };

static int member_string(struct slice *out, struct arena *arena, const json_t *root,
	const char *name, bool needed, struct error *err)
{
	const json_t *value = json_object_get(root, name);

	*out = SLICE_LIT("");
	if (!value && !needed)
		return 0;
	if (!json_is_string(value))
		return error_set(err, ERR_ARG, "event: \"%s\" is %s, expected a string", name,
			value ? "not a string" : "missing");
	*out = arena_slice(arena, slice_of(json_string_value(value), json_string_length(value)));
	return 0;
}

static int member_number(double *out, const json_t *root, const char *name, double absent,
	struct error *err)
{
	const json_t *value = json_object_get(root, name);

	*out = value ? json_number_value(value) : absent;
	if (value && !json_is_number(value))
		return error_set(err, ERR_ARG, "event: \"%s\" is not a number", name);
	return 0;
}

static int known_members(json_t *root, struct error *err)
{
	const char *name;
	json_t *value;
	int i;

	json_object_foreach(root, name, value) {
		for (i = 0; members[i] && strcmp(members[i], name); i++)
			;
		if (!members[i])
			return error_unknown(err, ERR_ARG, "event: unknown member", slice_str(name),
				members, NULL);
	}
	return 0;
}

int event_check(const struct event *e, struct error *err)
{
	if (!e->entity.len || e->entity.len > ID_BYTES_MAX)
		return error_set(err, ERR_ARG, "event: an entity of %zu bytes, expected 1 to %d",
			e->entity.len, ID_BYTES_MAX);
	if (!e->name.len || e->name.len > FIELD_NAME_MAX)
		return error_set(err, ERR_ARG, "event: a name of %zu bytes, expected 1 to %d",
			e->name.len, FIELD_NAME_MAX);
	if (e->id.len > EVENT_ID_MAX)
		return error_set(err, ERR_LIMIT, "event: an id of %zu bytes, limit %d", e->id.len,
			EVENT_ID_MAX);
	if (!isfinite(e->value))
		return error_set(err, ERR_ARG, "event: the value is not a finite number");
	return 0;
}

int event_parse(struct event *out, struct arena *arena, struct slice text, struct error *err)
{
	json_t *root = NULL;
	double at;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = json_parse(&root, text, err);
	if (rc < 0)
		return rc;
	if (!json_is_object(root)) {
		rc = error_set(err, ERR_ARG, "event: expected a JSON object");
		goto out;
	}
	rc = known_members(root, err);
	if (rc < 0)
		goto out;
	rc = member_string(&out->decision, arena, root, "decision", true, err);
	if (rc < 0)
		goto out;
	rc = member_string(&out->entity, arena, root, "entity", true, err);
	if (rc < 0)
		goto out;
	rc = member_string(&out->name, arena, root, "event", true, err);
	if (rc < 0)
		goto out;
	rc = member_string(&out->id, arena, root, "id", false, err);
	if (rc < 0)
		goto out;
	rc = member_number(&out->value, root, "value", 1, err);
	if (rc < 0)
		goto out;
	rc = member_number(&at, root, "at", -1, err);
	if (rc < 0)
		goto out;
	if (at < -1 || at > 9007199254740992.0) {
		rc = error_set(err, ERR_ARG,
			"event: \"at\" is %.17g, expected milliseconds since 1970", at);
		goto out;
	}
	out->at_ms = (int64_t)at;
	rc = event_check(out, err);
out:
	json_decref(root);
	return rc;
}
