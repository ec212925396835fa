#include "feed/forget.h"

#include <math.h>

#include "learn/learning.h"
#include "learn/tally.h"
#include "limits.h"

#define DECISIONS_STEP 256
#define IDS_STEP       1024
#define IDS_SLACK_MS   60000 /* clocks of workers, and steps of the clock */
#define TALLIES_STEP   1024
#define FADING_STEP    256 /* rows looked at */

/* 1 and its first record, or 0 from an empty table. */
static int first(struct txn *txn, int table, struct key *key, struct slice *value,
	struct error *err)
{
	struct slice at;
	int rc = store_seek(txn, table, SLICE_LIT(""), &at, value, err);

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
		rc = learning_drop(txn, key_slice(&id), err);
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

/* ---- what fades ---- */

/* Once a table is gone through and still larger than its room, more is as good as faded. */
static int raise_least(struct txn *txn, int table, uint64_t room, struct fading *f, double least,
	struct error *err)
{
	struct store_stat stat;
	int rc = store_stat(txn, table, &stat, err);

	if (rc < 0)
		return rc;
	if (stat.bytes <= room) {
		f->least = least;
		return 0;
	}
	if (!f->at.len)
		f->least *= 2;
	return 1;
}

static int forget_memory(struct forgetting *f, const struct forget_limits *limits,
	const struct memory *memory, struct error *err)
{
	int rc;

	f->memory.least = fmax(f->memory.least, MEMORY_FADED);
	rc = memory_forget(memory, &f->memory.at, FADING_STEP, f->memory.least, err);
	if (rc < 0)
		return rc;
	f->pairs += rc;
	return raise_least(memory->txn, LEARNING_MEMORY, limits->bytes / 3 * 2, &f->memory,
		MEMORY_FADED, err);
}

static int forget_profiles(struct forgetting *f, const struct forget_limits *limits,
	const struct memory *memory, struct error *err)
{
	struct profiles profiles = learning_profiles(memory);
	int rc;

	f->profiles.least = fmax(f->profiles.least, PROFILE_FADED);
	rc = profile_forget(&profiles, &f->profiles.at, FADING_STEP, f->profiles.least, err);
	if (rc < 0)
		return rc;
	f->likes += rc;
	return raise_least(memory->txn, LEARNING_PROFILES, limits->bytes / 6, &f->profiles,
		PROFILE_FADED, err);
}

int forget_step(struct forgetting *f, const struct forget_limits *limits,
	const struct memory *memory, struct arena *arena, struct error *err)
{
	struct txn *txn = memory->txn;
	int64_t oldest_ms, now_ms = memory->now_ms;
	int decisions, ids, pairs, likes, tallies;

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
	if (pairs < 0)
		return pairs;
	likes = forget_profiles(f, limits, memory, err);
	return likes < 0 ? likes : decisions || ids || pairs || likes || tallies == TALLIES_STEP;
}
