#include "feed/forget.h"

#include <math.h>

#include "learn/learning.h"
#include "learn/tally.h"
#include "limits.h"

#define DECISIONS_STEP 256
#define IDS_STEP       1024
#define IDS_SLACK_MS   60000 /* clocks of workers, and steps of the clock */
#define TALLIES_STEP   1024
#define MEMORY_STEP    256 /* rows looked at */

/* 1 and its first record, or 0 from an empty table. */
static int first(struct txn *txn, int table, struct key *key, struct slice *value,
	struct error *err)
{
	struct cursor *cursor;
	struct slice at;
	int rc = cursor_open(&cursor, txn, table, err);

	if (rc < 0)
		return rc;
	rc = cursor_seek(cursor, SLICE_LIT(""), &at, value, err);
	cursor_close(cursor);
	if (rc < 0)
		return rc == ERR_NOT_FOUND ? 0 : rc;
	key->len = 0;
	key_raw(key, at);
	return 1;
}

static int drop(struct txn *txn, int table, struct slice key, struct error *err)
{
	int rc = store_del(txn, table, key, err);

	return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* ---- decisions ---- */

static int used_bytes(struct txn *txn, uint64_t *out, struct error *err)
{
	struct store_stat stat;
	int table, rc;

	for (*out = 0, table = LEARNING_META; table < LEARNING_TABLES; table++) {
		rc = store_stat(txn, table, &stat, err);
		if (rc < 0)
			return rc;
		*out += stat.bytes;
	}
	return 0;
}

/* Is the oldest, made at at_ms, one too many? */
static int too_many(const struct forget_limits *limits, struct txn *txn, int64_t at_ms,
	int64_t now_ms, struct error *err)
{
	struct store_stat stat;
	uint64_t used;
	int rc;

	if (at_ms < now_ms - limits->keep_ms)
		return 1;
	rc = store_stat(txn, LEARNING_DECISIONS, &stat, err);
	if (rc < 0)
		return rc;
	if (stat.entries > limits->keep_decisions)
		return 1;
	rc = used_bytes(txn, &used, err);
	return rc < 0 ? rc : used > limits->bytes;
}

/* No decision that stays is older than `oldest_ms`; INT64_MAX if none does. */
static int forget_decisions(struct forgetting *f, const struct forget_limits *limits,
	struct txn *txn, struct arena *arena, int64_t now_ms, int64_t *oldest_ms, struct error *err)
{
	struct slice record;
	struct decision d;
	struct key id;
	int rc, n;

	for (n = 0; n < DECISIONS_STEP; n++) {
		*oldest_ms = INT64_MAX;
		rc = first(txn, LEARNING_DECISIONS, &id, &record, err);
		if (rc <= 0)
			return rc;
		if (decision_decode(&d, arena, record, err) == 0) { /* damaged ones go */
			*oldest_ms = d.at_ms;
			rc = too_many(limits, txn, d.at_ms, now_ms, err);
			if (rc <= 0)
				return rc;
		}
		rc = drop(txn, LEARNING_DECISIONS, key_slice(&id), err);
		if (rc == 0)
			rc = drop(txn, LEARNING_OUTCOMES, key_slice(&id), err);
		if (rc < 0)
			return rc;
		f->decisions++;
	}
	return 1;
}

/* ---- ids of events ---- */

/* An event is heard after its decision was made. */
static int forget_ids(struct txn *txn, int64_t before_ms, struct error *err)
{
	struct slice nothing;
	struct key seen;
	int rc, n;

	for (n = 0; n < IDS_STEP; n++) {
		rc = first(txn, LEARNING_SEEN, &seen, &nothing, err);
		if (rc <= 0)
			return rc;
		if (seen.len == 16 &&
			(int64_t)key_read_u64((char *)seen.bytes) >= before_ms - IDS_SLACK_MS)
			return 0;
		rc = drop(txn, LEARNING_SEEN, key_slice(&seen), err);
		if (rc == 0 && seen.len == 16)
			rc = drop(txn, LEARNING_EVENTS, slice_of(seen.bytes + 8, 8), err);
		if (rc < 0)
			return rc;
	}
	return 1;
}

/* ---- memory ---- */

static int forget_memory(struct forgetting *f, const struct forget_limits *limits,
	const struct memory *memory, struct error *err)
{
	struct store_stat stat;
	int rc;

	f->faded = fmax(f->faded, MEMORY_FADED);
	rc = memory_forget(memory, &f->memory_at, MEMORY_STEP, f->faded, err);
	if (rc < 0)
		return rc;
	f->pairs += rc;
	rc = store_stat(memory->txn, LEARNING_MEMORY, &stat, err);
	if (rc < 0)
		return rc;
	if (stat.bytes <= limits->bytes / 3 * 2) {
		f->faded = MEMORY_FADED;
		return 0;
	}
	if (!f->memory_at.len) /* gone through, and still too much */
		f->faded *= 2;
	return 1;
}

int forget_step(struct forgetting *f, const struct forget_limits *limits,
	const struct memory *memory, struct arena *arena, struct error *err)
{
	struct txn *txn = memory->txn;
	int64_t oldest_ms, now_ms = memory->now_ms;
	int decisions, ids, pairs, tallies;

	decisions = forget_decisions(f, limits, txn, arena, now_ms, &oldest_ms, err);
	if (decisions < 0)
		return decisions;
	ids = forget_ids(txn, oldest_ms, err);
	if (ids < 0)
		return ids;
	tallies = tally_forget(txn, LEARNING_TALLIES, now_ms, TALLIES_STEP, err);
	if (tallies < 0)
		return tallies;
	pairs = forget_memory(f, limits, memory, err);
	return pairs < 0 ? pairs : decisions || ids || pairs || tallies == TALLIES_STEP;
}
