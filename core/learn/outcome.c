/* outcome.c -- what came of a decision, on disk.
 *
 *     u8 version 1 | u64 decision | u8 closed | u8 arms |
 *     arms x (u8 applied, f32 for each bit set in it) |
 *     varint entities x (text id, f32 reward, varint events x
 *                        (text name, u64 at_ms, f64 value)) |
 *     u64 hash_bytes of all before */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "learn/decision.h"

#define OUTCOME_VERSION 1
#define EVENT_NAME_MAX  255

static_assert(BUCKETS_MAX <= 8, "applied buckets are bits of one byte");

void outcome_init(struct outcome *o, const struct decision *d)
{
	memset(o, 0, sizeof(*o));
	o->decision = d->id;
	o->arms = d->arms;
}

static int events_of(const struct outcome *o)
{
	int i, n = 0;

	for (i = 0; i < o->entities; i++)
		n += o->entity[i].events;
	return n;
}

static struct outcome_entity *find_entity(const struct outcome *o, struct slice id)
{
	int i;

	for (i = 0; i < o->entities; i++)
		if (slice_eq(o->entity[i].id, id))
			return &o->entity[i];
	return NULL;
}

static struct outcome_entity *add_entity(struct outcome *o, struct arena *arena, struct slice id)
{
	struct outcome_entity *e;
	int cap = o->entities_cap;

	if (o->entities == cap) {
		o->entities_cap = cap ? 2 * cap : 4;
		o->entity = arena_grow(arena, o->entity, (size_t)cap * sizeof(*e),
			(size_t)o->entities_cap * sizeof(*e));
	}
	e = &o->entity[o->entities++];
	memset(e, 0, sizeof(*e));
	e->id = arena_slice(arena, id);
	return e;
}

static struct outcome_event *add_event(struct outcome_entity *e, struct arena *arena)
{
	int cap = e->events_cap;

	if (e->events == cap) {
		e->events_cap = cap ? 2 * cap : 4;
		e->event = arena_grow(arena, e->event, (size_t)cap * sizeof(*e->event),
			(size_t)e->events_cap * sizeof(*e->event));
	}
	return &e->event[e->events++];
}

int outcome_add(struct outcome *o, struct arena *arena, struct slice entity,
	const struct outcome_event *event, struct outcome_entity **entry, struct error *err)
{
	struct outcome_entity *e = find_entity(o, entity);
	struct outcome_event *place;

	if (entity.len < 1 || entity.len > ID_BYTES_MAX)
		return error_set(err, ERR_ARG, "an entity of %zu bytes, expected 1 to %d",
			entity.len, ID_BYTES_MAX);
	if (event->name.len < 1 || event->name.len > EVENT_NAME_MAX || !isfinite(event->value))
		return error_set(err, ERR_ARG,
			"an event without a name or with a value that "
			"is no number");
	if (!e && o->entities == OUTCOME_ENTITIES_MAX)
		return error_set(err, ERR_LIMIT, "decision %016" PRIx64 ": %d entities, the limit",
			o->decision, OUTCOME_ENTITIES_MAX);
	if (events_of(o) >= OUTCOME_EVENTS_MAX)
		return error_set(err, ERR_LIMIT, "decision %016" PRIx64 ": %d events, the limit",
			o->decision, OUTCOME_EVENTS_MAX);
	if (!e)
		e = add_entity(o, arena, entity);
	place = add_event(e, arena);
	*place = *event;
	place->name = arena_slice(arena, event->name);
	*entry = e;
	return 0;
}

static void put_entity(struct buf *out, const struct outcome_entity *e)
{
	int i;

	buf_put_bytes(out, e->id);
	buf_put_f32(out, e->reward);
	buf_put_varint(out, (uint64_t)e->events);
	for (i = 0; i < e->events; i++) {
		buf_put_bytes(out, e->event[i].name);
		buf_put_u64(out, (uint64_t)e->event[i].at_ms);
		buf_put_f64(out, e->event[i].value);
	}
}

int outcome_encode(const struct outcome *o, struct buf *out, struct error *err)
{
	size_t from = out->len;
	int a, j;

	buf_put_u8(out, OUTCOME_VERSION);
	buf_put_u64(out, o->decision);
	buf_put_u8(out, o->closed);
	buf_put_u8(out, (uint8_t)o->arms);
	for (a = 0; a < o->arms; a++) {
		buf_put_u8(out, o->applied[a]);
		for (j = 0; j < BUCKETS_MAX; j++)
			if (o->applied[a] >> j & 1)
				buf_put_f32(out, o->reward[a][j]);
	}
	buf_put_varint(out, (uint64_t)o->entities);
	for (a = 0; a < o->entities; a++)
		put_entity(out, &o->entity[a]);
	if (!out->failed)
		buf_put_u64(out, hash_bytes(slice_of(out->ptr + from, out->len - from), 0));
	return out->failed ? error_set(err, ERR_MEMORY, "no memory for an outcome") : 0;
}

static float get_unit(struct reader_bytes *in)
{
	float x = bytes_f32(in);

	if (!(x >= 0 && x <= 1))
		in->failed = true;
	return in->failed ? 0 : x;
}

/* As many as the rest of the record can hold. */
static int get_count(struct reader_bytes *in, int most, size_t least)
{
	uint64_t n = bytes_varint(in);

	if (n > (uint64_t)most || n * least > (uint64_t)(in->end - in->ptr))
		in->failed = true;
	return in->failed ? 0 : (int)n;
}

static struct slice get_text(struct reader_bytes *in, size_t most)
{
	struct slice s = bytes_bytes(in);

	if (s.len < 1 || s.len > most)
		in->failed = true;
	return s;
}

static void get_entity(struct reader_bytes *in, struct arena *arena, struct outcome_entity *e)
{
	int i;

	e->id = get_text(in, ID_BYTES_MAX);
	e->reward = get_unit(in);
	e->events = e->events_cap = get_count(in, OUTCOME_EVENTS_MAX, 18);
	e->event = arena_calloc(arena, (size_t)e->events + 1, sizeof(*e->event));
	for (i = 0; i < e->events; i++) {
		e->event[i].name = get_text(in, EVENT_NAME_MAX);
		e->event[i].at_ms = (int64_t)bytes_u64(in);
		e->event[i].value = bytes_f64(in);
		if (!isfinite(e->event[i].value))
			in->failed = true;
	}
}

static void get_outcome(struct reader_bytes *in, struct arena *arena, struct outcome *o)
{
	unsigned closed, arms;
	int a, j;

	o->decision = bytes_u64(in);
	closed = bytes_u8(in);
	arms = bytes_u8(in);
	if (closed > 1 || arms > ARMS_MAX) {
		in->failed = true;
		return;
	}
	o->closed = closed;
	o->arms = (int)arms;
	for (a = 0; a < o->arms; a++) {
		o->applied[a] = bytes_u8(in);
		if (o->applied[a] >> BUCKETS_MAX)
			in->failed = true;
		for (j = 0; j < BUCKETS_MAX; j++)
			if (o->applied[a] >> j & 1)
				o->reward[a][j] = get_unit(in);
	}
	o->entities = o->entities_cap = get_count(in, OUTCOME_ENTITIES_MAX, 7);
	o->entity = arena_calloc(arena, (size_t)o->entities + 1, sizeof(*o->entity));
	for (a = 0; a < o->entities && !in->failed; a++)
		get_entity(in, arena, &o->entity[a]);
}

int outcome_decode(struct outcome *out, struct arena *arena, struct slice bytes, struct error *err)
{
	struct reader_bytes in, tail;

	memset(out, 0, sizeof(*out));
	if (bytes.len < 9 || bytes.ptr[0] != OUTCOME_VERSION)
		return error_set(err, ERR_CORRUPT, "not an outcome of version %d: %zu bytes",
			OUTCOME_VERSION, bytes.len);
	bytes.len -= 8;
	tail = bytes_reader(slice_of(bytes.ptr + bytes.len, 8));
	in = bytes_reader(slice_of(bytes.ptr + 1, bytes.len - 1));
	if (bytes_u64(&tail) == hash_bytes(bytes, 0))
		get_outcome(&in, arena, out);
	else
		in.failed = true;
	if (!bytes_done(&in) || events_of(out) > OUTCOME_EVENTS_MAX) {
		memset(out, 0, sizeof(*out));
		return error_set(err, ERR_CORRUPT, "an outcome of %zu bytes does not read back",
			bytes.len);
	}
	return 0;
}
