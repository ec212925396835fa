/* decision.c -- any bytes as a decision and as an outcome: usable or ERR_CORRUPT.
 * The checksum is put right, or nothing behind it would ever be reached. */
#include <stdlib.h>

#include "base/hash.h"
#include "learn/reward.h"

static struct buf sealed(const uint8_t *data, size_t size, uint8_t version)
{
	struct buf b = { 0 };

	buf_put_u8(&b, version);
	buf_put(&b, data, size);
	buf_put_u64(&b, hash_bytes(buf_slice(&b), 0));
	return b;
}

static void try_decision(struct arena *arena, struct slice bytes)
{
	struct credit credit[ARMS_MAX];
	struct buf again = { 0 };
	struct decision d;
	int i;

	if (decision_decode(&d, arena, bytes, NULL) < 0)
		return;
	if (decision_encode(&d, &again, NULL) < 0)
		abort();
	for (i = 0; i < d.hits; i++)
		if (credit_split(&d, entity_hash(d.hit[i].entity), credit) > d.arms)
			abort();
	if (!(decision_propensity(&d) >= 0))
		abort();
	buf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf bytes = { 0 }, again = { 0 };
	struct arena *arena = arena_new();
	struct outcome o;
	uint8_t version;

	for (version = 1; version <= 7; version++) { /* all that decisions have had */
		bytes = sealed(data, size, version);
		try_decision(arena, buf_slice(&bytes));
		if (version == 1 && outcome_decode(&o, arena, buf_slice(&bytes), NULL) == 0 &&
			outcome_encode(&o, &again, NULL) < 0)
			abort();
		buf_clear(&bytes);
	}
	buf_clear(&again);
	arena_free(arena);
	return 0;
}
