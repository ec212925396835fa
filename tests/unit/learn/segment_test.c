/* segment_test.c -- of which kind a logged search was. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "learn/segment.h"

static struct feature_set *features(void)
{
	static const struct feature_spec specs[] = { { .name = "long", .kind = FEATURE_FLAG } };
	struct feature_set *set;
	struct error err = { 0 };

	CHECK_OK(feature_set_new(&set, specs, 1, &err), err);
	return set;
}

struct search {
	const char *reading, *context;
	int64_t at_ms;
};

/* The segment of a search, by what is said behind BY. */
static const char *segment(const char *by, struct search search)
{
	static const float phi[] = { 1, 0.75f };
	static char out[SEGMENT_NAME_MAX + 1];
	struct decision_reading reading = { slice_str(search.reading), 1 };
	struct decision d = { .at_ms = search.at_ms,
		.readings = 1,
		.reading = &reading,
		.context = slice_str(search.context),
		.width = 2,
		.phi = phi };
	struct feature_set *set = features();
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct segmenting s;
	struct slice text;

	CHECK_OK(segment_parse(&s, slice_str(by), set, &err), err);
	text = segment_of(&s, &d, arena);
	CHECK(text.len >= 1 && text.len <= SEGMENT_NAME_MAX);
	memcpy(out, text.ptr, text.len);
	out[text.len] = '\0';
	arena_free(arena);
	feature_set_free(set);
	return out;
}

TEST(a_search_is_of_the_type_of_its_slots)
{
	CHECK_STR(segment("type", (struct search){ "shake it off", "", 0 }), "words");
	CHECK_STR(segment("type", (struct search){ "{artist Taylor Swift} love", "", 0 }),
		"artist");
	CHECK_STR(segment("type", (struct search){ "new {genre pop} by {artist X}", "", 0 }),
		"genre+artist");
	CHECK_STR(segment("type", (struct search){ "{price max=50} shoes", "", 0 }), "price");
	CHECK_STR(segment("type", (struct search){ "{", "", 0 }), "words");
	CHECK_STR(segment("type", (struct search){ "", "", 0 }), "words");
}

TEST(a_search_is_of_the_hour_where_the_user_is)
{
	int64_t noon_ms = INT64_C(1767268800000); /* 2026-01-01 12:00 UTC */

	CHECK_STR(segment("hour", (struct search){ "", "{\"utc_offset\":0}", noon_ms }), "12-15");
	CHECK_STR(segment("hour", (struct search){ "", "{\"utc_offset\":-30}", noon_ms }), "08-11");
	CHECK_STR(segment("hour", (struct search){ "", "{\"utc_offset\":720}", noon_ms }), "00-03");
	setenv("TZ", "UTC-9", 1); /* nine hours east */
	tzset();
	CHECK_STR(segment("hour", (struct search){ "", "", noon_ms }), "20-23");
	unsetenv("TZ");
	tzset();
}

TEST(a_search_is_of_what_its_context_says)
{
	CHECK_STR(segment("context.group", (struct search){ "", "{\"group\":\"paid\"}", 0 }),
		"paid");
	CHECK_STR(segment("context.group", (struct search){ "", "{\"group\":2.5}", 0 }), "2.5");
	CHECK_STR(segment("context.group", (struct search){ "", "{\"group\":false}", 0 }), "false");
	CHECK_STR(segment("context.group", (struct search){ "", "{\"group\":\"\"}", 0 }), "none");
	CHECK_STR(segment("context.group", (struct search){ "", "{\"group\":{}}", 0 }), "none");
	CHECK_STR(segment("context.group", (struct search){ "", "{}", 0 }), "none");
	CHECK_STR(segment("context.group", (struct search){ "", "", 0 }), "none");
	/* what is too long is cut between letters */
	CHECK_STR(segment("context.x",
			  (struct search){ "",
				  "{\"x\":\"0123456789012345678901234567890123456789012345678901"
				  "2345678901\xc3\xa9\"}",
				  0 }),
		"01234567890123456789012345678901234567890123456789012345678901");
}

TEST(a_search_is_below_or_above_by_a_feature_and_others_are_told)
{
	static const char *const wrong[] = { "lomg", "context.", "contxt.group", "", "minute" };
	struct feature_set *set = features();
	struct error err = { 0 };
	struct segmenting s;
	size_t i;

	CHECK_STR(segment("long", (struct search){ "", "", 0 }), "above");
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		CHECK_INT(segment_parse(&s, slice_str(wrong[i]), set, &err), ERR_NOT_FOUND);
	CHECK_INT(segment_parse(&s, SLICE_LIT("lomg"), set, &err), ERR_NOT_FOUND);
	CHECK(strstr(err.text, "no feature 'lomg'") && strstr(err.text, "did you mean 'long'?"));
	feature_set_free(set);
}
