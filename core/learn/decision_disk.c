/* decision_disk.c -- the decision record on disk.
 *
 *     u8 version 9 | body, little endian, in the order of struct decision |
 *     u64 hash_bytes of all before
 *
 * Version 1 has no limit, bounds and time of an arm, no budget and price of time and no
 * share of the policy; versions 1 and 2 have four features of an arm and no keys of its
 * history; up to version 3 there is no split, version 4 does not say which; up to version
 * 5 no feature is out of its range or absent, up to version 6 each level was drawn by itself,
 * up to version 7 no page was interleaved, in version 8 only those of two policies.  They read
 * as what they meant.
 *
 * Texts are a varint and the bytes; counts are varints.  A hit's provenance is the
 * arms that brought it (count, then arm and rank each), candidates are a u64 and the
 * step of the rank.  Everything read is checked for its range as well: a record that
 * decodes can be used without another look.  The invariant a reader leans on: p is
 * dist[level], the distribution sums to 1, ranks rise. */
#include "learn/decision_parts.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"

#define DECISION_VERSION       9
#define ACTION_FEATURES_BEFORE 4 /* before version 3 */

/* ---- writing ---- */

static void put_arm(struct buf *out, const struct decision_arm *arm, const struct levels *levels)
{
	unsigned before = 0;
	int i;

	buf_put_bytes(out, arm->name);
	buf_put_u8(out, arm->level);
	for (i = 0; i < levels->count; i++)
		buf_put_f64(out, arm->dist[i]);
	for (i = 0; i < ACTION_FEATURES; i++)
		buf_put_f32(out, arm->action[i]);
	buf_put_varint(out, arm->limit);
	buf_put_f32(out, arm->min);
	buf_put_f32(out, arm->max);
	buf_put_varint(out, arm->took_us);
	buf_put_varint(out, arm->drawn);
	for (i = 0; i < arm->drawn; i++) {
		buf_put_u64(out, arm->candidates[i].entity);
		buf_put_varint(out, arm->candidates[i].rank - before);
		before = arm->candidates[i].rank;
	}
}

static void put_draft(struct buf *out, const struct decision *d)
{
	int a, i, l;

	buf_put_u8(out, (uint8_t)d->drafted);
	for (i = 0; i < 2 && d->drafted == DRAFT_POLICIES; i++) {
		buf_put_f64(out, d->side_together[i]);
		for (a = 0; a < d->arms; a++) {
			buf_put_u8(out, d->arm[a].side[i].level);
			for (l = 0; l < d->levels.count; l++)
				buf_put_f64(out, d->arm[a].side[i].dist[l]);
		}
	}
}

/* Without a split it is all known. */
static void put_split(struct buf *out, const struct decision *d)
{
	int a, l;

	buf_put_f64(out, d->share);
	buf_put_u64(out, d->split);
	buf_put_u64(out, d->unit);
	if (d->share == 1)
		return;
	buf_put_f64(out, d->mixture);
	for (a = 0; a < d->arms; a++)
		for (l = 0; l < d->levels.count; l++)
			buf_put_f64(out, d->arm[a].mixed[l]);
}

static void put_hit(struct buf *out, const struct decision_hit *hit, const struct decision *d)
{
	int i, n = 0;

	buf_put_bytes(out, hit->entity);
	buf_put_f32(out, hit->score);
	buf_put_varint(out, hit->rank);
	if (d->drafted)
		buf_put_u8(out, hit->team);
	for (i = 0; i < d->arms; i++)
		n += hit->arm_rank[i] > 0;
	buf_put_u8(out, (uint8_t)n);
	for (i = 0; i < d->arms; i++)
		if (hit->arm_rank[i]) {
			buf_put_u8(out, (uint8_t)i);
			buf_put_varint(out, hit->arm_rank[i]);
		}
	for (i = 0; i < d->ranking_features; i++)
		buf_put_f32(out, hit->features[i]);
}

static void put_body(struct buf *out, const struct decision *d)
{
	int i;

	buf_put_u64(out, d->id);
	buf_put_u64(out, (uint64_t)d->at_ms);
	buf_put_bytes(out, d->collection);
	buf_put_bytes(out, d->query);
	buf_put_bytes(out, d->context);
	buf_put_u8(out, (uint8_t)d->readings);
	for (i = 0; i < d->readings; i++) {
		buf_put_bytes(out, d->reading[i].text);
		buf_put_f32(out, d->reading[i].weight);
	}
	buf_put_u64(out, d->features);
	buf_put_u8(out, (uint8_t)d->width);
	for (i = 0; i < d->width; i++)
		buf_put_f32(out, d->phi[i]);
	buf_put_u64(out, d->clipped);
	buf_put_u64(out, d->absent);
	buf_put_u8(out, (uint8_t)d->levels.count);
	for (i = 0; i < d->levels.count; i++)
		buf_put_u16(out, d->levels.depth[i]);
	buf_put_f64(out, d->budget);
	buf_put_f64(out, d->price);
	buf_put_f64(out, d->budget_us);
	buf_put_f64(out, d->price_us);
	buf_put_u8(out, (uint8_t)d->arms);
	for (i = 0; i < d->arms; i++)
		put_arm(out, &d->arm[i], &d->levels);
	buf_put_f64(out, d->together);
	buf_put_u64(out, d->seed);
	buf_put_u8(out, (uint8_t)d->mode);
	buf_put_bytes(out, d->policy);
	put_split(out, d);
	put_draft(out, d);
	buf_put_u64(out, d->model_version);
	buf_put_u64(out, d->generation);
	buf_put_f64(out, d->sampled);
	buf_put_u8(out, (uint8_t)d->ranking_features);
	buf_put_varint(out, (uint64_t)d->hits);
	for (i = 0; i < d->hits; i++)
		put_hit(out, &d->hit[i], d);
	buf_put_u8(out, (uint8_t)d->memory_keys);
	for (i = 0; i < d->memory_keys; i++)
		buf_put_bytes(out, d->memory_key[i]);
	buf_put_u8(out, (uint8_t)d->history_keys);
	for (i = 0; i < d->history_keys; i++)
		buf_put_u64(out, d->history_key[i]);
}

int decision_encode(const struct decision *d, struct buf *out, struct error *err)
{
	const char *fault = decision_head_fault(d);
	size_t from = out->len;

	if (!fault)
		fault = decision_body_fault(d);
	if (fault)
		return error_set(err, ERR_ARG, "decision %016" PRIx64 ": %s is out of range", d->id,
			fault);
	buf_put_u8(out, DECISION_VERSION);
	put_body(out, d);
	if (!out->failed)
		buf_put_u64(out, hash_bytes(slice_of(out->ptr + from, out->len - from), 0));
	return out->failed ? error_set(err, ERR_MEMORY, "no memory for a decision") : 0;
}

/* ---- reading ---- */

/* A count of things that take at least `least` bytes each: a damaged one cannot ask
 * for more memory than the record is long. */
static int get_count(struct reader_bytes *in, uint64_t most, size_t least)
{
	uint64_t n = bytes_varint(in);

	if (in->failed || n > most || n * least > (uint64_t)(in->end - in->ptr)) {
		in->failed = true;
		return 0;
	}
	return (int)n;
}

static int get_small(struct reader_bytes *in, unsigned most)
{
	unsigned n = bytes_u8(in);

	if (n > most)
		in->failed = true;
	return in->failed ? 0 : (int)n;
}

static uint16_t get_rank(struct reader_bytes *in)
{
	uint64_t n = bytes_varint(in);

	if (n < 1 || n > UINT16_MAX)
		in->failed = true;
	return in->failed ? 0 : (uint16_t)n;
}

static const float *get_floats(struct reader_bytes *in, struct arena *arena, int n)
{
	float *out = arena_calloc(arena, (size_t)n + 1, sizeof(*out));
	int i;

	for (i = 0; i < n; i++)
		out[i] = bytes_f32(in);
	return out;
}

static uint64_t get_most(struct reader_bytes *in, uint64_t most)
{
	uint64_t n = bytes_varint(in);

	if (n > most)
		in->failed = true;
	return in->failed ? 0 : n;
}

static void get_bounds(struct reader_bytes *in, int version, struct decision_arm *arm)
{
	arm->limit = DEPTH_MAX;
	arm->max = 1;
	if (version < 2)
		return;
	arm->limit = (uint16_t)get_most(in, DEPTH_MAX);
	arm->min = bytes_f32(in);
	arm->max = bytes_f32(in);
	arm->took_us = (uint32_t)get_most(in, UINT32_MAX);
}

static void get_arm(struct reader_bytes *in, struct arena *arena, int version,
	const struct levels *levels, struct decision_arm *arm)
{
	struct decision_candidate *list;
	unsigned rank = 0;
	int i;

	arm->name = bytes_bytes(in);
	arm->level = (uint8_t)get_small(in, (unsigned)levels->count - 1);
	for (i = 0; i < levels->count; i++)
		arm->dist[i] = bytes_f64(in);
	arm->p = arm->dist[arm->level];
	for (i = 0; i < (version < 3 ? ACTION_FEATURES_BEFORE : ACTION_FEATURES); i++)
		arm->action[i] = bytes_f32(in);
	get_bounds(in, version, arm);
	arm->drawn = (uint16_t)get_count(in, DEPTH_MAX, 9);
	list = arena_calloc(arena, arm->drawn + 1u, sizeof(*list));
	for (i = 0; i < arm->drawn; i++) {
		list[i].entity = bytes_u64(in);
		rank += get_rank(in);
		if (rank > UINT16_MAX)
			in->failed = true;
		list[i].rank = (uint16_t)rank;
	}
	arm->candidates = list;
}

static void get_hit(struct reader_bytes *in, struct arena *arena, const struct decision *d,
	struct decision_hit *hit)
{
	uint16_t *rank = arena_calloc(arena, (size_t)d->arms + 1, sizeof(*rank));
	int i, n, at, before = -1;

	hit->entity = bytes_bytes(in);
	hit->score = bytes_f32(in);
	hit->rank = get_rank(in);
	hit->team = d->drafted ? (uint8_t)get_small(in, 2) : 0;
	n = get_small(in, (unsigned)d->arms);
	for (i = 0; i < n; i++) {
		at = get_small(in, UINT8_MAX);
		if (at <= before || at >= d->arms) {
			in->failed = true;
			return;
		}
		rank[at] = get_rank(in);
		before = at;
	}
	hit->arm_rank = rank;
	hit->features = get_floats(in, arena, d->ranking_features);
}

static void get_hits(struct reader_bytes *in, struct arena *arena, struct decision *d)
{
	struct decision_hit *hit;
	int i;

	d->ranking_features = get_small(in, RANKING_FEATURES_MAX);
	d->hits = get_count(in, HITS_MAX, 7 + 4 * (size_t)d->ranking_features);
	d->hit = hit = arena_calloc(arena, (size_t)d->hits + 1, sizeof(*hit));
	for (i = 0; i < d->hits && !in->failed; i++)
		get_hit(in, arena, d, &hit[i]);
}

static void get_choice(struct reader_bytes *in, struct arena *arena, int version,
	struct decision *d)
{
	struct decision_arm *arm;
	int i;

	d->features = bytes_u64(in);
	d->width = get_small(in, FEATURES_MAX);
	d->phi = get_floats(in, arena, d->width);
	if (version >= 6) {
		d->clipped = bytes_u64(in);
		d->absent = bytes_u64(in);
	}
	d->levels.count = get_small(in, LEVELS_MAX);
	for (i = 0; i < d->levels.count; i++)
		d->levels.depth[i] = bytes_u16(in);
	if (!levels_valid(&d->levels)) {
		in->failed = true;
		return;
	}
	d->budget = bytes_f64(in);
	d->price = bytes_f64(in);
	if (version >= 2) {
		d->budget_us = bytes_f64(in);
		d->price_us = bytes_f64(in);
	}
	d->arms = get_small(in, ARMS_MAX);
	d->arm = arm = arena_calloc(arena, (size_t)d->arms + 1, sizeof(*arm));
	for (i = 0; i < d->arms && !in->failed; i++)
		get_arm(in, arena, version, &d->levels, &arm[i]);
}

static void get_split(struct reader_bytes *in, int version, struct decision *d)
{
	struct decision_arm *arm = (struct decision_arm *)d->arm; /* it is ours still */
	int a, l;

	d->share = version >= 2 ? bytes_f64(in) : 1;
	d->split = version >= 5 ? bytes_u64(in) : 0;
	d->unit = version >= 4 ? bytes_u64(in) : 0;
	d->mixture = 1;
	if (version >= 4 && d->share != 1)
		d->mixture = bytes_f64(in);
	for (a = 0; a < d->arms; a++) {
		memcpy(arm[a].mixed, arm[a].dist, sizeof(arm[a].mixed));
		for (l = 0; l < d->levels.count && version >= 4 && d->share != 1; l++)
			arm[a].mixed[l] = bytes_f64(in);
	}
}

static void get_draft(struct reader_bytes *in, struct decision *d)
{
	struct decision_arm *arm = (struct decision_arm *)d->arm; /* ours, as in get_split */
	int a, i, l;

	d->drafted = (enum decision_draft)get_small(in, DRAFT_RANKINGS);
	for (i = 0; i < 2 && d->drafted == DRAFT_POLICIES; i++) {
		d->side_together[i] = bytes_f64(in);
		for (a = 0; a < d->arms; a++) {
			arm[a].side[i].level =
				(uint8_t)get_small(in, (unsigned)d->levels.count - 1);
			for (l = 0; l < d->levels.count; l++)
				arm[a].side[i].dist[l] = bytes_f64(in);
		}
	}
}

static void get_body(struct reader_bytes *in, struct arena *arena, int version, struct decision *d)
{
	struct decision_reading *reading;
	struct slice *key;
	int i;

	d->id = bytes_u64(in);
	d->at_ms = (int64_t)bytes_u64(in);
	d->collection = bytes_bytes(in);
	d->query = bytes_bytes(in);
	d->context = bytes_bytes(in);
	d->readings = get_small(in, INTERPRETATIONS_MAX);
	d->reading = reading = arena_calloc(arena, (size_t)d->readings + 1, sizeof(*reading));
	for (i = 0; i < d->readings; i++) {
		reading[i].text = bytes_bytes(in);
		reading[i].weight = bytes_f32(in);
	}
	get_choice(in, arena, version, d);
	if (in->failed)
		return;
	d->together = version >= 7 ? bytes_f64(in) : 1;
	d->seed = bytes_u64(in);
	d->mode = (enum decision_mode)get_small(in, MODE_OBSERVE);
	d->policy = bytes_bytes(in);
	get_split(in, version, d);
	if (version >= 8)
		get_draft(in, d);
	d->model_version = bytes_u64(in);
	d->generation = bytes_u64(in);
	d->sampled = bytes_f64(in);
	get_hits(in, arena, d);
	if (in->failed)
		return;
	d->memory_keys = get_small(in, MEMORY_KEYS_MAX);
	d->memory_key = key = arena_calloc(arena, (size_t)d->memory_keys + 1, sizeof(*key));
	for (i = 0; i < d->memory_keys; i++)
		key[i] = bytes_bytes(in);
	d->history_keys = version < 3 ? 0 : get_small(in, HISTORY_KEYS_MAX);
	for (i = 0; i < d->history_keys; i++)
		d->history_key[i] = bytes_u64(in);
}

int decision_decode(struct decision *out, struct arena *arena, struct slice bytes,
	struct error *err)
{
	struct decision d = { 0 };
	struct reader_bytes in, tail;

	if (bytes.len < 9 || bytes.ptr[0] < 1 || bytes.ptr[0] > DECISION_VERSION)
		return error_set(err, ERR_CORRUPT, "not a decision of version 1 to %d: %zu bytes",
			DECISION_VERSION, bytes.len);
	bytes.len -= 8;
	tail = bytes_reader(slice_of(bytes.ptr + bytes.len, 8));
	if (bytes_u64(&tail) != hash_bytes(bytes, 0))
		return error_set(err, ERR_CORRUPT, "a decision of %zu bytes is damaged", bytes.len);
	in = bytes_reader(slice_of(bytes.ptr + 1, bytes.len - 1));
	get_body(&in, arena, bytes.ptr[0], &d);
	if (!bytes_done(&in) || decision_head_fault(&d) || decision_body_fault(&d))
		return error_set(err, ERR_CORRUPT, "a decision of %zu bytes does not read back",
			bytes.len);
	*out = d;
	return 0;
}
