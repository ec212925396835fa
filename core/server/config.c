/* config.c -- the table of keys, and reading values by it.
 *
 * To add a key: its member in struct config, its line here, its paragraph in
 * conf/tollerd.conf (a test compares the two). */
#include "server/config.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "learn/decision.h"

#define VALUE_BYTES_MAX 1024
#define CONF_BYTES_MAX  (1 << 20)

static const char *const levels[] = { "debug", "info", "warn", "error", NULL };

#define AT(member) offsetof(struct config, member)

const struct config_key config_keys[] = {
	{ "listen", CONFIG_TEXT, false, AT(listen), "127.0.0.1:7700", 0, 0, NULL,
		"host:port (port 0: any free one) or unix:PATH" },
	{ "data", CONFIG_TEXT, false, AT(data), "data", 0, 0, NULL,
		"folder of the catalogue and of what was learnt" },
	{ "scripts", CONFIG_TEXT, false, AT(scripts), "scripts", 0, 0, NULL,
		"folder of scripts/COLLECTION and scripts/default" },
	{ "collections", CONFIG_TEXT, false, AT(collections), "conf", 0, 0, NULL,
		"folder of the COLLECTION.conf schemas" },
	{ "plugins", CONFIG_TEXT, false, AT(plugins), "none", 0, 0, NULL,
		"plugins and folders of them, with commas between, or none" },
	{ "redis", CONFIG_TEXT, false, AT(redis), "none", 0, 0, NULL,
		"redis://[:password@]host[:port][/db], unix:PATH or none" },
	{ "workers", CONFIG_INT, false, AT(workers), "0", 0, 256, NULL,
		"threads that serve; 0: one a core" },
	{ "seed", CONFIG_INT, false, AT(seed), "0", 0, 9007199254740992.0, NULL,
		"of all randomness; 0: a new one at each start" },
	{ "clock", CONFIG_INT, true, AT(clock), "0", 0, 9007199254740992.0, NULL,
		"time that stands still, in ms since 1970, for simulations; 0: the machine's" },
	{ "log", CONFIG_TEXT, false, AT(log), "-", 0, 0, NULL,
		"file to append to; -: standard error" },
	{ "log_level", CONFIG_CHOICE, true, AT(log_level), "info", 0, 0, levels,
		"debug, info, warn or error" },
	{ "password", CONFIG_SECRET, true, AT(password), "", 0, 0, NULL,
		"what AUTH must say; empty: no AUTH is needed" },
	{ "catalogue_map_bytes", CONFIG_BYTES, false, AT(catalogue_map_bytes), "16g", 1 << 20,
		1099511627776.0 * 16, NULL, "most the catalogue can grow to (a sparse file)" },
	{ "learning_map_bytes", CONFIG_BYTES, false, AT(learning_map_bytes), "4g", 1 << 20,
		1099511627776.0 * 16, NULL, "most the learnt can grow to (a sparse file)" },
	{ "writer_queue", CONFIG_INT, false, AT(writer_queue), "262144", 1, 1 << 24, NULL,
		"changes that may wait for their commit; more are answered -BUSY" },
	{ "compact_after", CONFIG_INT, false, AT(compact_after), "10000", 0, 1e15, NULL,
		"changes after which, if they are a quarter of the documents, a lull is used to "
		"COMPACT; 0: never" },
	{ "learner_queue", CONFIG_INT, false, AT(learner_queue), "65536", 1, 1 << 24, NULL,
		"decisions and events that may wait for the learner" },
	{ "policy", CONFIG_TEXT, false, AT(policy), "priced", 0, 0, NULL,
		"what chooses strategies and depths: priced, epsilon, linucb, lints, squarecb, "
		"uniform, fixed or a plugin's; or shares of users: priced:0.9 uniform:0.1" },
	{ "mode", CONFIG_CHOICE, true, AT(mode), "online", 0, 0, decision_modes,
		"online, apprentice (serve fixed, learn) or observe (serve fixed, log only)" },
	{ "budget", CONFIG_REAL, true, AT(budget), "100", 1, 100000, NULL,
		"candidates a search draws, expected, over all strategies" },
	{ "budget_us", CONFIG_REAL, true, AT(budget_us), "0", 0, 1e9, NULL,
		"time that strategies of a search may take, expected; 0: no bound" },
	{ "levels", CONFIG_TEXT, false, AT(levels), "0 5 10 20 40 80 160", 0, 0, NULL,
		"depths a strategy can be asked for, from 0, rising" },
	{ "alpha", CONFIG_REAL, false, AT(alpha), "0.2", 0, 100, NULL,
		"optimism of the policy, in widths of its estimates" },
	{ "beta", CONFIG_REAL, false, AT(beta), "20000", 0.001, 10000000, NULL,
		"sharpness of the policy's choice" },
	{ "epsilon", CONFIG_REAL, false, AT(epsilon), "0.003", 0, 1, NULL,
		"share of every choice that explores whatever is known" },
	{ "hits", CONFIG_INT, false, AT(hits), "10", 1, 1000, NULL,
		"hits of a SEARCH that names no LIMIT" },
	{ "gather_ms", CONFIG_INT, false, AT(gather_ms), "100", 1, 60000, NULL,
		"what FACETS and SORT may take of a search; then they say complete: false" },
	{ "channel", CONFIG_TEXT, false, AT(channel), "toller:feedback", 0, 0, NULL,
		"Redis channel on which feedback events come" },
	{ "window_ms", CONFIG_INT, false, AT(window_ms), "0", 0, 31536000000.0, NULL,
		"how long a decision waits for feedback; 0: as rewards.lua says" },
	{ "publish_ms", CONFIG_INT, false, AT(publish_ms), "200", 0, 3600000, NULL,
		"least time between two snapshots of what was learnt" },
	{ "lambda", CONFIG_REAL, false, AT(lambda), "10", 0.000001, 1000000, NULL,
		"ridge: strength of the prior, in observations" },
	{ "gamma", CONFIG_REAL, false, AT(gamma), "0.999", 0.5, 1, NULL,
		"what a bucket remembers of its past at each observation" },
	{ "log_keep_days", CONFIG_REAL, false, AT(log_keep_days), "30", 0.00001, 36500, NULL,
		"age of the oldest decision in the log" },
	{ "log_keep_decisions", CONFIG_INT, false, AT(log_keep_decisions), "1000000", 1000, 1e12,
		NULL, "decisions in the log at the most" },
	{ "memory_prior", CONFIG_REAL, false, AT(memory_prior), "0.05", 0, 1, NULL,
		"score of a remembered pair before anything is known of it" },
	{ "memory_prior_weight", CONFIG_REAL, false, AT(memory_prior_weight), "4", 0.01, 10000,
		NULL, "how many impressions that prior counts for" },
	{ "memory_half_life_days", CONFIG_REAL, false, AT(memory_half_life_days), "30", 0.001,
		36500, NULL, "after which what people did counts half" },
	{ 0 },
};

static bool is_text(const struct config_key *key)
{
	return key->type == CONFIG_TEXT || key->type == CONFIG_CHOICE || key->type == CONFIG_SECRET;
}

static char **text_of(const struct config *config, const struct config_key *key)
{
	return (char **)((char *)config + key->offset);
}

static int64_t *int_of(const struct config *config, const struct config_key *key)
{
	return (int64_t *)((char *)config + key->offset);
}

static double *real_of(const struct config *config, const struct config_key *key)
{
	return (double *)((char *)config + key->offset);
}

struct config *config_new(void)
{
	struct config *config = xcalloc(1, sizeof(*config));
	const struct config_key *key;
	struct error err = { 0 };

	for (key = config_keys; key->name; key++)
		if (config_set(config, slice_str(key->name), slice_str(key->initial), &err) < 0)
			abort(); /* a default out of its own range */
	return config;
}

struct config *config_copy(const struct config *from)
{
	struct config *config = xmalloc(sizeof(*config));
	const struct config_key *key;

	*config = *from;
	for (key = config_keys; key->name; key++)
		if (is_text(key))
			*text_of(config, key) = xstrdup(*text_of(from, key));
	return config;
}

void config_free(void *data)
{
	struct config *config = data;
	const struct config_key *key;

	if (!config)
		return;
	for (key = config_keys; key->name; key++)
		if (is_text(key))
			free(*text_of(config, key));
	free(config);
}

const struct config_key *config_find(struct slice name)
{
	const struct config_key *key;

	for (key = config_keys; key->name; key++)
		if (ascii_same(name, key->name))
			return key;
	return NULL;
}

int config_need(struct slice name, const struct config_key **out, struct error *err)
{
	const char *names[sizeof(config_keys) / sizeof(*config_keys)];
	size_t i;

	*out = config_find(name);
	if (*out)
		return 0;
	for (i = 0; config_keys[i].name; i++)
		names[i] = config_keys[i].name;
	names[i] = NULL;
	return error_unknown(err, ERR_NOT_FOUND, "no key", name, names, "CONFIG GET * lists them");
}

static int bad_value(const struct config_key *key, const char *value, struct error *err)
{
	char want[160];

	if (key->type == CONFIG_CHOICE)
		snprintf(want, sizeof(want), "%s", key->help);
	else if (key->type == CONFIG_REAL)
		snprintf(want, sizeof(want), "a number from %g to %g", key->min, key->max);
	else
		snprintf(want, sizeof(want), "a whole number from %.0f to %.0f%s", key->min,
			key->max, key->type == CONFIG_BYTES ? ", or such as 64k, 512m, 4g" : "");
	return error_set(err, ERR_ARG, "%s: expected %s, found '%.64s'", key->name, want, value);
}

static int set_choice(struct config *config, const struct config_key *key, const char *value,
	struct error *err)
{
	int i;

	for (i = 0; key->choices[i]; i++)
		if (!strcmp(key->choices[i], value))
			break;
	if (!key->choices[i])
		return bad_value(key, value, err);
	free(*text_of(config, key));
	*text_of(config, key) = xstrdup(value);
	return 0;
}

static int set_number(struct config *config, const struct config_key *key, const char *value,
	struct error *err)
{
	static const char units[] = "kmg";
	const char *unit;
	char *end;
	double v;

	v = strtod(value, &end);
	if (end == value || (*value != '-' && (*value < '0' || *value > '9')))
		return bad_value(key, value, err);
	if (key->type == CONFIG_BYTES && *end && (unit = strchr(units, *end | 0x20))) {
		v = ldexp(v, 10 * (int)(unit - units + 1));
		end++;
	}
	if (*end || !(v >= key->min && v <= key->max) ||
		(key->type != CONFIG_REAL && v != floor(v)))
		return bad_value(key, value, err);
	if (key->type == CONFIG_REAL)
		*real_of(config, key) = v;
	else
		*int_of(config, key) = (int64_t)v;
	return 0;
}

int config_set(struct config *config, struct slice name, struct slice value, struct error *err)
{
	const struct config_key *key;
	char text[VALUE_BYTES_MAX + 1];
	int rc;

	rc = config_need(name, &key, err);
	if (rc < 0)
		return rc;
	if (value.len > VALUE_BYTES_MAX)
		return error_set(err, ERR_LIMIT, "%s: a value of %zu bytes, limit %d", key->name,
			value.len, VALUE_BYTES_MAX);
	if (value.len && memchr(value.ptr, '\0', value.len))
		return error_set(err, ERR_ARG, "%s: a zero byte in its value", key->name);
	if (value.len)
		memcpy(text, value.ptr, value.len);
	text[value.len] = '\0';
	if (key->type == CONFIG_CHOICE)
		return set_choice(config, key, text, err);
	if (!is_text(key))
		return set_number(config, key, text, err);
	if (!value.len && key->type == CONFIG_TEXT)
		return error_set(err, ERR_ARG, "%s: expected %s, found nothing", key->name,
			key->help);
	free(*text_of(config, key));
	*text_of(config, key) = xstrdup(text);
	return 0;
}

int config_assign(struct config *config, const char *assignment, struct error *err)
{
	const char *equals = strchr(assignment, '=');

	if (!equals)
		return error_set(err, ERR_SYNTAX, "expected key=value, found '%.64s'", assignment);
	return config_set(config, slice_of(assignment, equals - assignment), slice_str(equals + 1),
		err);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trim(struct slice s)
{
	while (s.len && is_blank(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

static struct slice without_comment(struct slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.ptr[i] == '#' && (i == 0 || is_blank(s.ptr[i - 1])))
			return trim(slice_of(s.ptr, i));
	return trim(s);
}

int config_parse(struct config *config, struct slice text, const char *where, struct error *err)
{
	const char *at = text.ptr, *end = text.ptr + text.len, *newline, *equals;
	struct slice line;
	int number, rc;

	for (number = 1; at < end; number++, at = newline + 1) {
		newline = memchr(at, '\n', end - at);
		if (!newline)
			newline = end;
		line = without_comment(slice_of(at, newline - at));
		if (!line.len)
			continue;
		equals = memchr(line.ptr, '=', line.len);
		if (!equals)
			return error_set(err, ERR_SYNTAX,
				"%s:%d: expected key = value, found '%.*s'", where, number,
				SLICE_HEAD(line));
		rc = config_set(config, trim(slice_of(line.ptr, equals - line.ptr)),
			trim(slice_of(equals + 1, line.ptr + line.len - equals - 1)), err);
		if (rc < 0)
			return error_prefix(err, rc, "%s:%d", where, number);
	}
	return 0;
}

int config_load(struct config *config, const char *path, struct error *err)
{
	struct buf text = { 0 };
	int rc = buf_put_file(&text, path, CONF_BYTES_MAX, err);

	if (rc == 0)
		rc = config_parse(config, buf_slice(&text), path, err);
	buf_clear(&text);
	return rc;
}

void config_print(const struct config *config, const struct config_key *key, char *out, size_t size)
{
	static const char units[] = "gmk";
	int64_t v;
	int i;

	switch (key->type) {
	case CONFIG_SECRET:
		snprintf(out, size, "%s", **text_of(config, key) ? "(hidden)" : "");
		return;
	case CONFIG_TEXT:
	case CONFIG_CHOICE: snprintf(out, size, "%s", *text_of(config, key)); return;
	case CONFIG_REAL:
		snprintf(out, size, "%.17g", *real_of(config, key));
		if (strtod(out, NULL) == *real_of(config, key)) {
			char brief[32];

			snprintf(brief, sizeof(brief), "%.15g", *real_of(config, key));
			if (strtod(brief, NULL) == *real_of(config, key))
				snprintf(out, size, "%s", brief);
		}
		return;
	case CONFIG_BYTES:
		v = *int_of(config, key);
		for (i = 0; i < 3; i++)
			if (v && v % (INT64_C(1) << 10 * (3 - i)) == 0) {
				snprintf(out, size, "%" PRId64 "%c", v >> 10 * (3 - i), units[i]);
				return;
			}
		/* fall through */
	case CONFIG_INT: snprintf(out, size, "%" PRId64, *int_of(config, key));
	}
}
