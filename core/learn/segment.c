/* segment.c -- of which kind a logged search was. */
#include "learn/segment.h"

#include <string.h>
#include <time.h>

#define CONTEXT_PREFIX "context."
#define HOURS          4 /* of a segment of the day */

static const char *const words[] = { [SEGMENT_TYPE] = "type", [SEGMENT_HOUR] = "hour" };

static int unknown(struct slice text, const struct feature_set *set, struct error *err)
{
	const char *names[FEATURES_MAX + 4] = { words[SEGMENT_TYPE], words[SEGMENT_HOUR],
		CONTEXT_PREFIX "NAME" };
	int i;

	for (i = 0; i < feature_set_width(set); i++)
		names[3 + i] = feature_set_name(set, i);
	return error_unknown(err, ERR_NOT_FOUND, "no feature", text, names,
		"else there are type, hour and context.NAME");
}

int segment_parse(struct segmenting *s, struct slice text, const struct feature_set *set,
	struct error *err)
{
	int i;

	*s = (struct segmenting){ 0 };
	if (text.len > SEGMENT_NAME_MAX)
		return unknown(text, set, err);
	memcpy(s->name, text.ptr, text.len);
	for (i = 0; i < feature_set_width(set); i++)
		if (slice_is(text, feature_set_name(set, i))) {
			s->kind = SEGMENT_FEATURE;
			s->feature = i;
			return 0;
		}
	if (slice_is(text, words[SEGMENT_TYPE]))
		s->kind = SEGMENT_TYPE;
	else if (slice_is(text, words[SEGMENT_HOUR]))
		s->kind = SEGMENT_HOUR;
	else if (slice_starts(text, SLICE_LIT(CONTEXT_PREFIX)) && text.len > strlen(CONTEXT_PREFIX))
		s->kind = SEGMENT_CONTEXT;
	return s->kind ? 0 : unknown(text, set, err);
}

/* ---- by kind ---- */

/* "{artist Taylor Swift} {genre pop} love": artist+genre. */
static struct slice type_of(const struct decision *d, struct arena *arena)
{
	struct slice text = d->readings ? d->reading[0].text : SLICE_LIT("");
	char *out = arena_alloc(arena, text.len + 1);
	size_t i, len = 0;

	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] != '{')
			continue;
		if (len)
			out[len++] = '+';
		for (i++; i < text.len && text.ptr[i] != ' ' && text.ptr[i] != '}'; i++)
			out[len++] = text.ptr[i];
	}
	return len ? slice_of(out, len) : SLICE_LIT("words");
}

/* As a search has it: CONTEXT's utc_offset, else the daemon's zone. */
static struct slice hour_of(const struct decision *d, struct arena *arena)
{
	const struct json_node *said = decision_context(d, "utc_offset", arena);
	time_t at = (time_t)(d->at_ms / 1000);
	struct tm tm = { 0 };
	int hour;

	if (said && (said->type == JSON_INTEGER || said->type == JSON_REAL)) {
		at += (time_t)json_number(said) * 60;
		gmtime_r(&at, &tm);
	} else {
		localtime_r(&at, &tm);
	}
	hour = tm.tm_hour / HOURS * HOURS;
	return slice_str(arena_printf(arena, "%02d-%02d", hour, hour + HOURS - 1));
}

static struct slice context_of(const struct segmenting *s, const struct decision *d,
	struct arena *arena)
{
	const struct json_node *said = decision_context(d, s->name + strlen(CONTEXT_PREFIX), arena);

	if (said && said->type == JSON_STRING && said->text.len)
		return said->text;
	if (said && (said->type == JSON_INTEGER || said->type == JSON_REAL))
		return slice_str(arena_printf(arena, "%.12g", json_number(said)));
	if (said && (said->type == JSON_TRUE || said->type == JSON_FALSE))
		return said->type == JSON_TRUE ? SLICE_LIT("true") : SLICE_LIT("false");
	return SLICE_LIT("none");
}

/* A whole letter less where it would be cut. */
static struct slice cut(struct slice text)
{
	size_t len = text.len;

	if (len > SEGMENT_NAME_MAX)
		for (len = SEGMENT_NAME_MAX; len > 1 && (text.ptr[len] & 0xc0) == 0x80; len--)
			;
	return slice_of(text.ptr, len);
}

struct slice segment_of(const struct segmenting *s, const struct decision *d, struct arena *arena)
{
	struct slice out = SLICE_LIT("all");

	switch (s->kind) {
	case SEGMENT_NONE: break;
	case SEGMENT_FEATURE:
		out = d->phi[s->feature] >= 0.5f ? SLICE_LIT("above") : SLICE_LIT("below");
		break;
	case SEGMENT_TYPE: out = type_of(d, arena); break;
	case SEGMENT_HOUR: out = hour_of(d, arena); break;
	case SEGMENT_CONTEXT: out = context_of(s, d, arena); break;
	}
	return cut(out);
}
