/* likes.c -- from an entity to what of it may be liked. */
#include "feed/likes.h"

#include "base/json.h"
#include "index/document.h"

struct slice likes_user(struct arena *arena, const struct decision *d)
{
	const struct json_node *user = decision_context(d, "user", arena);

	return user && user->type == JSON_STRING ? user->text : SLICE_LIT("");
}

struct traits {
	struct arena *arena;
	struct slice field;
	struct profile_trait *out;
	int count;
};

static void take(void *data, struct slice written, struct slice term, double weight)
{
	struct traits *t = data;

	if (t->count < TRAITS_MAX && weight > 0)
		t->out[t->count++] =
			(struct profile_trait){ t->field, arena_slice(t->arena, term), weight };
}

int likes_traits(struct view *view, struct slice entity, struct arena *arena,
	struct profile_trait out[TRAITS_MAX])
{
	struct slice json = view_json(view, view_doc(view, entity));
	const struct schema *schema = view_schema(view);
	struct traits t = { arena, SLICE_LIT("kind"), out, 0 };
	struct json_node *root;
	int i;

	if (!json.len || json_read(&root, arena, json, NULL) < 0)
		return 0;
	document_values(schema, NULL, root, arena, take, &t);
	for (i = 0; i < schema->field_count; i++) {
		if (schema->fields[i].type != FIELD_TAGS)
			continue;
		t.field = slice_str(schema->fields[i].name);
		document_values(schema, &schema->fields[i], root, arena, take, &t);
	}
	return t.count;
}
