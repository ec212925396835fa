/* likes.c -- what the user likes (learn/profile.h): for the scripts of a search, and PROFILE. */
#include "funnel/search.h"
#include "learn/learning.h"
#include "learn/profile.h"

int step_profile(struct search *s, struct error *err)
{
	struct profiles profiles = learning_profiles(&s->env.memory);
	struct error damaged;
	int rc = profile_read(&profiles, s->ask.user, s->arena, &s->ask.likes, &damaged);

	return rc == ERR_CORRUPT || rc == 0 ? 0 : error_set(err, rc, "%s", damaged.text);
}

int funnel_profile(struct funnel *f, int collection, struct slice user, struct arena *arena,
	struct buf *out, struct error *err)
{
	struct memory memory = memory_at(f, collection, clock_now_ms(&f->shared->clock));
	struct profiles profiles = learning_profiles(&memory);
	struct profile *p = NULL;
	struct json_out json;
	int i, rc;

	if (user.len < 1 || user.len > PROFILE_USER_MAX)
		return error_set(err, ERR_LIMIT, "a user's name of %zu bytes, expected 1 to %d",
			user.len, PROFILE_USER_MAX);
	rc = store_resume(f->learning, err);
	if (rc < 0)
		return rc;
	rc = profile_read(&profiles, user, arena, &p, err);
	store_pause(f->learning);
	if (rc < 0)
		return rc;
	json_begin(&json, out);
	json_object_open(&json);
	json_kv(&json, slice, "user", user);
	json_kv(&json, num_short, "rewards", p ? p->rewards : 0, 5);
	json_key(&json, "likes");
	json_array_open(&json);
	for (i = 0; p && i < p->count; i++) {
		json_object_open(&json);
		json_kv(&json, slice, "field", p->like[i].field);
		json_kv(&json, slice, "value", p->like[i].value);
		json_kv(&json, num_short, "share", p->like[i].share, 4);
		json_close(&json);
	}
	json_close(&json);
	json_close(&json);
	return 0;
}
