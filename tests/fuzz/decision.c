/* decision.c -- any bytes as a decision and as an outcome: usable or ERR_CORRUPT.
 * The checksum is put right, or nothing behind it would ever be reached. */
#include <stdlib.h>

#include "base/hash.h"
#include "learn/reward.h"

#define VERSIONS 9 /* of decisions, and one that is none yet */

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
	struct buf bytes, again = { 0 };
	struct arena *arena = arena_new();
	struct outcome o;

	bytes = sealed(data, size, size ? (uint8_t)(1 + data[size - 1] % VERSIONS) : 1);
	try_decision(arena, buf_slice(&bytes));
	buf_clear(&bytes);
	bytes = sealed(data, size, 1);
	try_decision(arena, buf_slice(&bytes));
	if (outcome_decode(&o, arena, buf_slice(&bytes), NULL) == 0 &&
		outcome_encode(&o, &again, NULL) < 0)
		abort();
	buf_clear(&again);
	buf_clear(&bytes);
	arena_free(arena);
	return 0;
}
