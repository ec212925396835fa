#include "check.h"

#include <string.h>

#include "feed/event.h"

TEST(an_event_has_its_members_and_defaults)
{
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct event e;

	CHECK_OK(event_parse(&e, arena,
			 SLICE_LIT("{\"decision\":\"a1\",\"entity\":\"track:1\",\"event\":\"like\","
				   "\"value\":2.5,\"id\":\"x\",\"at\":1764000000000}"),
			 &err),
		err);
	CHECK(slice_is(e.decision, "a1"));
	CHECK(slice_is(e.entity, "track:1"));
	CHECK(slice_is(e.name, "like"));
	CHECK(slice_is(e.id, "x"));
	CHECK_NEAR(e.value, 2.5, 0);
	CHECK_INT(e.at_ms, 1764000000000);
	CHECK_OK(event_parse(&e, arena,
			 SLICE_LIT("{\"decision\":\"a1\",\"entity\":\"t\",\"event\":\"click\"}"),
			 &err),
		err);
	CHECK_INT(e.id.len, 0);
	CHECK_NEAR(e.value, 1, 0);
	CHECK_INT(e.at_ms, -1);
	arena_free(arena);
}

TEST(a_bad_event_says_which_member_and_what_was_expected)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "[]", "expected a JSON object" },
		{ "{", "line 1" },
		{ "{\"entity\":\"t\",\"event\":\"click\"}", "\"decision\" is missing" },
		{ "{\"decision\":7,\"entity\":\"t\",\"event\":\"click\"}",
			"\"decision\" is not a string" },
		{ "{\"decision\":\"a\",\"entity\":\"\",\"event\":\"click\"}", "entity of 0 bytes" },
		{ "{\"decision\":\"a\",\"entity\":\"t\",\"event\":\"click\",\"valeu\":1}",
			"did you mean 'value'" },
		{ "{\"decision\":\"a\",\"entity\":\"t\",\"event\":\"click\",\"value\":\"1\"}",
			"\"value\" is not a number" },
		{ "{\"decision\":\"a\",\"entity\":\"t\",\"event\":\"click\",\"at\":-5}",
			"expected milliseconds" },
	};
	struct arena *arena = arena_new();
	struct error err;
	struct event e;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		err = (struct error){ 0 };
		CHECK(event_parse(&e, arena, slice_str(cases[i].text), &err) < 0);
		if (!strstr(err.text, cases[i].says))
			check_fail(__FILE__, __LINE__, "%s says: %s", cases[i].text, err.text);
	}
	arena_free(arena);
}
