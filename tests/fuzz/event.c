/* event.c -- any bytes as a feedback event from Redis: within its limits, or an error that
 * says what it is about; and the same again when it is written down and read. */
#include <math.h>
#include <stdlib.h>

#include "feed/event.h"
#include "limits.h"

static void write_event(struct buf *buf, const struct event *e)
{
	struct json_out out;

	json_begin(&out, buf);
	json_object_open(&out);
	json_kv(&out, slice, "decision", e->decision);
	json_kv(&out, slice, "entity", e->entity);
	json_kv(&out, slice, "event", e->name);
	json_kv(&out, slice, "id", e->id);
	json_kv(&out, num, "value", e->value);
	json_kv(&out, int, "at", e->at_ms);
	json_close(&out);
}

static void check(const struct event *e)
{
	if (e->entity.len < 1 || e->entity.len > ID_BYTES_MAX || e->name.len < 1 ||
		e->name.len > FIELD_NAME_MAX || e->id.len > EVENT_ID_MAX || !isfinite(e->value) ||
		e->at_ms < -1 || e->at_ms > INT64_C(9007199254740992))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct buf text = { 0 };
	struct event e, again;

	if (event_parse(&e, arena, slice_of(data, size), &err) < 0) {
		if (!err.text[0])
			abort();
	} else {
		check(&e);
		write_event(&text, &e);
		if (event_parse(&again, arena, buf_slice(&text), &err) < 0 ||
			!slice_eq(e.decision, again.decision) ||
			!slice_eq(e.entity, again.entity) || !slice_eq(e.name, again.name) ||
			!slice_eq(e.id, again.id) || e.value != again.value ||
			e.at_ms != again.at_ms)
			abort();
	}
	buf_clear(&text);
	arena_free(arena);
	return 0;
}
