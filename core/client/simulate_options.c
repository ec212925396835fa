/* simulate_options.c -- the words after `toller simulate` (simulate.h). */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "client/options.h"
#include "client/simulate_parts.h"

static int take_clicks(void *data, char *value)
{
	struct simulation *s = data;

	for (s->clicks = 0; clicks_names[s->clicks]; s->clicks++)
		if (!strcmp(value, clicks_names[s->clicks]))
			return 0;
	return options_wrong("simulate", "--clicks '%s', expected cascade, dependent or position",
		value);
}

/* STRATEGY@AT */
static int take_arrival(void *data, char *value)
{
	struct simulation *s = data;
	char *at = strrchr(value, '@'), *end;

	s->arrive_at = at && at > value ? strtol(at + 1, &end, 10) : 0;
	if (s->arrive_at < 1 || s->arrive_at > INT32_MAX || *end)
		return options_wrong("simulate",
			"--arrive '%s', expected STRATEGY@SEARCH, from search 1 to %d", value,
			INT32_MAX);
	*at = '\0';
	s->arrive = value;
	return 0;
}

static bool named(const struct simulation *s, const char *name)
{
	int l;

	for (l = 0; l < s->lane_count; l++)
		if (!strcmp(s->lane[l].name, name))
			return true;
	return false;
}

/* COLLECTION or COLLECTION:POLICY; told by the policy's name where that is enough. */
static int take_lane(void *data, char *word)
{
	struct simulation *s = data;
	struct lane *lane = &s->lane[s->lane_count];
	char *colon = strchr(word, ':');
	const char *name = colon && !named(s, colon + 1) ? colon + 1 : word;

	if (s->lane_count == LANES_MAX)
		return options_wrong("simulate", "%s is one lane too many", word);
	lane->name = xstrdup(name);
	lane->collection = word;
	if (colon) {
		*colon = '\0';
		lane->policy = colon + 1;
	}
	s->lane_count++;
	return 0;
}

int simulate_options(struct simulation *s, int argc, char **argv)
{
	const struct option options[] = { { "--queries", .text = &s->queries },
		{ "--qrels", .text = &s->qrels }, { "--types", .text = &s->types },
		{ "--prefix", .text = &s->prefix }, { "--event", .text = &s->event },
		{ "--redis", .text = &s->redis }, { "--csv", .text = &s->csv },
		{ "--svg", .text = &s->svg }, { "--title", .text = &s->course.title },
		{ "--searches", .whole = &s->searches, .least = 1, .most = 1e8 },
		{ "--flip", .whole = &s->flip, .least = 1, .most = INT32_MAX },
		{ "--tries", .whole = &s->tries, .most = 1e5 },
		{ "--first", .whole = &s->first, .most = INT32_MAX },
		{ "--batch", .whole = &s->batch, .least = 1, .most = BATCH_MAX },
		{ "--pace", .whole = &s->pace, .most = INT32_MAX },
		{ "--seed", .whole = &s->seed, .most = INT32_MAX },
		{ "--noise", .real = &s->noise, .most = 1 },
		{ "--delay", .real = &s->delay, .most = 1e6 }, { "--clicks", .take = take_clicks },
		{ "--arrive", .take = take_arrival }, { "--json", .flag = &s->json }, { 0 } };
	int rc = options_take(options, argc, argv, take_lane, s);

	if (rc == 0 && (!s->lane_count || !s->queries || !s->qrels))
		rc = options_wrong("simulate", "expected LANE ... --queries FILE --qrels FILE");
	return rc;
}
