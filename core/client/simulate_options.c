/* simulate_options.c -- the words after `toller simulate` (simulate.h). */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "client/simulate_parts.h"

static int usage(const char *what, const char *word)
{
	fprintf(stderr, "toller simulate: %s%s; see toller --help\n", word, what);
	return 2;
}

static int take_long(const char *option, const char *word, long least, long most, long *out)
{
	char *end;

	*out = strtol(word, &end, 10);
	if (end != word && !*end && *out >= least && *out <= most)
		return 0;
	fprintf(stderr, "toller simulate: %s '%s', expected a whole number from %ld to %ld\n",
		option, word, least, most);
	return 2;
}

static int take_real(const char *option, const char *word, double most, double *out)
{
	char *end;

	*out = strtod(word, &end);
	if (end != word && !*end && *out >= 0 && *out <= most)
		return 0;
	fprintf(stderr, "toller simulate: %s '%s', expected a number from 0 to %g\n", option, word,
		most);
	return 2;
}

static int take_clicks(struct simulation *s, const char *word)
{
	for (s->clicks = 0; clicks_names[s->clicks]; s->clicks++)
		if (!strcmp(word, clicks_names[s->clicks]))
			return 0;
	fprintf(stderr, "toller simulate: --clicks '%s', expected cascade, dependent or position\n",
		word);
	return 2;
}

/* STRATEGY@AT */
static int take_arrival(struct simulation *s, char *word)
{
	char *at = strrchr(word, '@');

	if (!at || at == word)
		return usage(", expected --arrive STRATEGY@SEARCH", word);
	*at = '\0';
	s->arrive = word;
	return take_long("--arrive", at + 1, 1, INT32_MAX, &s->arrive_at);
}

static int take_option(struct simulation *s, const char *option, char *value)
{
	const struct {
		const char *name;
		const char **text;
		long *number;
		long least, most;
	} options[] = { { "--queries", &s->queries, NULL, 0, 0 },
		{ "--qrels", &s->qrels, NULL, 0, 0 }, { "--types", &s->types, NULL, 0, 0 },
		{ "--prefix", &s->prefix, NULL, 0, 0 }, { "--event", &s->event, NULL, 0, 0 },
		{ "--redis", &s->redis, NULL, 0, 0 }, { "--csv", &s->csv, NULL, 0, 0 },
		{ "--svg", &s->svg, NULL, 0, 0 }, { "--title", &s->course.title, NULL, 0, 0 },
		{ "--searches", NULL, &s->searches, 1, 100000000 },
		{ "--flip", NULL, &s->flip, 1, INT32_MAX },
		{ "--tries", NULL, &s->tries, 0, 100000 },
		{ "--first", NULL, &s->first, 0, INT32_MAX },
		{ "--batch", NULL, &s->batch, 1, BATCH_MAX },
		{ "--pace", NULL, &s->pace, 0, INT32_MAX },
		{ "--seed", NULL, &s->seed, 0, INT32_MAX } };
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (!strcmp(option, options[i].name))
			break;
	if (i == sizeof(options) / sizeof(options[0]) && strcmp(option, "--clicks") &&
		strcmp(option, "--noise") && strcmp(option, "--delay") &&
		strcmp(option, "--arrive"))
		return usage(" is unknown", option);
	if (!value)
		return usage(" needs a value", option);
	if (!strcmp(option, "--clicks"))
		return take_clicks(s, value);
	if (!strcmp(option, "--noise"))
		return take_real(option, value, 1, &s->noise);
	if (!strcmp(option, "--delay"))
		return take_real(option, value, 1e6, &s->delay);
	if (!strcmp(option, "--arrive"))
		return take_arrival(s, value);
	if (options[i].number)
		return take_long(option, value, options[i].least, options[i].most,
			options[i].number);
	*options[i].text = value;
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
static int take_lane(struct simulation *s, char *word)
{
	struct lane *lane = &s->lane[s->lane_count];
	char *colon = strchr(word, ':');
	const char *name = colon && !named(s, colon + 1) ? colon + 1 : word;

	if (s->lane_count == LANES_MAX)
		return usage(" is one lane too many", word);
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
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json")) {
			s->json = true;
		} else if (!strncmp(argv[i], "--", 2)) {
			if (take_option(s, argv[i], i + 1 < argc ? argv[i + 1] : NULL))
				return 2;
			i++;
		} else if (take_lane(s, argv[i])) {
			return 2;
		}
	}
	if (!s->lane_count || !s->queries || !s->qrels)
		return usage("expected LANE ... --queries FILE --qrels FILE", "");
	return 0;
}
