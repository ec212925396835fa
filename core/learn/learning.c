/* learning.c -- opening the learning environment, its small records. */
#include "learn/learning.h"

#include <stdio.h>

#include "limits.h"
#include "store/key.h"

#define LEARNING_VERSION 1

static const char *const tables[] = { "meta", "decisions", "outcomes", "windows", "events", "seen",
	"models", "memory", "history", "tallies", "profiles", NULL };

static int check_version(struct store *store, struct error *err)
{
	const unsigned char version = LEARNING_VERSION;
	struct txn *txn;
	struct slice value;
	int rc;

	rc = store_begin(&txn, store, STORE_WRITE, err);
	if (rc < 0)
		return rc;
	rc = store_get(txn, LEARNING_META, SLICE_LIT("version"), &value, err);
	if (rc == ERR_NOT_FOUND)
		rc = store_put(txn, LEARNING_META, SLICE_LIT("version"), slice_of(&version, 1),
			err);
	else if (rc == 0 && !slice_eq(value, slice_of(&version, 1)))
		rc = error_set(err, ERR_STATE,
			"the learning folder has another version than %d, which this daemon reads",
			LEARNING_VERSION);
	if (rc < 0) {
		store_end(txn);
		return rc;
	}
	return store_commit(txn, err);
}

int learning_open(struct store **out, const char *path, uint64_t map_bytes, bool no_sync,
	struct error *err)
{
	struct store_options options = { path, tables, map_bytes, no_sync, false };
	struct store *store;
	int rc;

	rc = store_open(&store, &options, err);
	if (rc < 0)
		return rc;
	rc = check_version(store, err);
	if (rc < 0) {
		store_close(store);
		return rc;
	}
	*out = store;
	return 0;
}

int learning_decision(struct txn *txn, struct arena *arena, uint64_t id, struct decision *out,
	struct error *err)
{
	struct key key = { 0 };
	struct slice bytes;
	int rc;

	key_u64(&key, id);
	rc = store_get(txn, LEARNING_DECISIONS, key_slice(&key), &bytes, err);
	if (rc == ERR_NOT_FOUND) {
		char text[DECISION_ID_TEXT];

		decision_id_text(text, id);
		return error_set(err, rc, "no decision %s in the log", text);
	}
	return rc < 0 ? rc : decision_decode(out, arena, bytes, err);
}

int learning_outcome(struct txn *txn, struct arena *arena, const struct decision *d,
	struct outcome *out, struct error *err)
{
	struct key key = { 0 };
	struct slice bytes;
	int rc;

	key_u64(&key, d->id);
	rc = store_get(txn, LEARNING_OUTCOMES, key_slice(&key), &bytes, err);
	if (rc == ERR_NOT_FOUND) {
		outcome_init(out, d);
		return 0;
	}
	return rc < 0 ? rc : outcome_decode(out, arena, bytes, err);
}

int learning_put_outcome(struct txn *txn, const struct outcome *outcome, struct error *err)
{
	struct key key = { 0 };
	struct buf bytes = { 0 };
	int rc;

	key_u64(&key, outcome->decision);
	rc = outcome_encode(outcome, &bytes, err);
	if (rc == 0)
		rc = store_put(txn, LEARNING_OUTCOMES, key_slice(&key), buf_slice(&bytes), err);
	buf_clear(&bytes);
	return rc;
}

int learning_drop(struct txn *txn, struct slice key, struct error *err)
{
	int rc = store_del(txn, LEARNING_DECISIONS, key, err);

	if (rc == 0 || rc == ERR_NOT_FOUND)
		rc = store_del(txn, LEARNING_OUTCOMES, key, err);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

int learning_next(struct txn *txn, uint64_t *next, struct error *err)
{
	struct slice value;
	int rc;

	*next = 1;
	rc = store_get(txn, LEARNING_META, SLICE_LIT("next"), &value, err);
	if (rc == ERR_NOT_FOUND)
		return 0;
	if (rc < 0)
		return rc;
	if (value.len != 8)
		return error_set(err, ERR_CORRUPT, "learning: \"next\" has %zu bytes, not 8",
			value.len);
	*next = key_read_u64(value.ptr);
	return 0;
}

int learning_reserve(struct txn *txn, uint64_t next, struct error *err)
{
	struct key value = { 0 };

	key_u64(&value, next);
	return store_put(txn, LEARNING_META, SLICE_LIT("next"), key_slice(&value), err);
}

/* Above the numbers there are. */
static int next_number(struct txn *txn, uint64_t *out, struct error *err)
{
	const struct slice prefix = SLICE_LIT("collection/");
	struct slice key, value;
	struct cursor *cursor;
	int rc;

	*out = 0;
	rc = cursor_open(&cursor, txn, LEARNING_META, err);
	if (rc < 0)
		return rc;
	rc = cursor_seek(cursor, prefix, &key, &value, err);
	while (rc == 0 && slice_starts(key, prefix)) {
		if (value.len == 8 && key_read_u64(value.ptr) >= *out)
			*out = key_read_u64(value.ptr) + 1;
		rc = cursor_next(cursor, &key, &value, err);
	}
	cursor_close(cursor);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

int learning_number(struct txn *txn, const char *collection, uint16_t *out, struct error *err)
{
	char text[32 + COLLECTION_NAME_MAX];
	struct key number = { 0 };
	struct slice value;
	uint64_t next;
	int rc;

	snprintf(text, sizeof(text), "collection/%s", collection);
	rc = store_get(txn, LEARNING_META, slice_str(text), &value, err);
	if (rc == 0 && (value.len != 8 || key_read_u64(value.ptr) > UINT16_MAX))
		return error_set(err, ERR_CORRUPT, "learning: \"%s\" is no number", text);
	if (rc == 0)
		*out = key_read_u64(value.ptr);
	if (rc != ERR_NOT_FOUND)
		return rc;
	rc = next_number(txn, &next, err);
	if (rc == 0 && next > UINT16_MAX)
		rc = error_set(err, ERR_LIMIT, "learning: no collection number is free");
	if (rc < 0)
		return rc;
	*out = next;
	key_u64(&number, next);
	return store_put(txn, LEARNING_META, slice_str(text), key_slice(&number), err);
}

struct profiles learning_profiles(const struct memory *m)
{
	return (struct profiles){ m->txn, LEARNING_PROFILES, m->collection, m->now_ms,
		m->options->half_life_ms };
}
