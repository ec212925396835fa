/* erase.c -- by key what stands under the user; decision by decision the log. */
#include "feed/erase.h"

#include "feed/likes.h"
#include "learn/history.h"
#include "learn/learning.h"

#define DECISIONS_STEP 1024 /* looked at in a round */

static int erase_keys(struct lesson *l, const struct pupil *p, struct slice user, struct error *err)
{
	struct slice key = slice_str(arena_printf(l->arena, "user:%.*s", SLICE_ARG(user)));
	struct memory memory = lesson_memory(l, p);
	struct profiles profiles = learning_profiles(&memory);
	int rc = profile_drop(&profiles, user, err);

	if (rc == 0 && key.len <= MEMORY_KEY_MAX)
		rc = memory_drop(&memory, key, err);
	if (rc == 0)
		rc = history_drop(l->txn, LEARNING_HISTORY, p->number,
			history_key(HISTORY_USER, user), err);
	return rc;
}

static bool is_of(struct lesson *l, const struct pupil *p, struct slice record, struct slice user)
{
	struct decision d;

	return decision_decode(&d, l->arena, record, NULL) == 0 &&
	       slice_is(d.collection, p->name) && slice_eq(likes_user(l->arena, &d), user);
}

/* The user's among the next decisions; 1, or 0 after the last one. */
static int find(struct lesson *l, const struct pupil *p, struct slice user, struct key *at,
	struct slice found[DECISIONS_STEP], int *count, struct error *err)
{
	struct slice key, record;
	struct cursor *cursor;
	int i, rc;

	rc = cursor_open(&cursor, l->txn, LEARNING_DECISIONS, err);
	if (rc < 0)
		return rc;
	rc = cursor_seek(cursor, key_slice(at), &key, &record, err);
	for (*count = i = 0; rc == 0 && i < DECISIONS_STEP; i++) {
		if (is_of(l, p, record, user))
			found[(*count)++] = arena_slice(l->arena, key);
		at->len = 0;
		key_raw(at, key);
		rc = cursor_next(cursor, &key, &record, err);
	}
	key_u8(at, 0); /* the least key above it */
	cursor_close(cursor);
	return rc == ERR_NOT_FOUND ? 0 : rc < 0 ? rc : 1;
}

int erase_user(struct lesson *l, int pupil, struct slice user, struct key *at, struct error *err)
{
	struct slice found[DECISIONS_STEP];
	const struct pupil *p = &l->pupils[pupil];
	/* in each step, since what he did with older pages may come meanwhile */
	int count = 0, i, rc = erase_keys(l, p, user, err), more;

	if (rc < 0)
		return rc;
	more = find(l, p, user, at, found, &count, err);
	for (i = 0; more >= 0 && rc == 0 && i < count; i++)
		rc = learning_drop(l->txn, found[i], err);
	return rc < 0 ? rc : more;
}
