/* plugins_test.c -- what a plugin may say of itself, and its policies as ours. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "learn/policy.h"
#include "plugin/plugins.h"

/* Remembers the last question; answers: half a chance of the lowest level. */
static struct {
	uint32_t arms, levels, width;
	double budget, alpha;
	char name[2][ARM_NAME_MAX + 1];
	char feature[2][FEATURE_NAME_MAX + 1];
	uint32_t cap[2], actions;
	double cost[2][LEVELS_MAX], us1, mean0, spread0, min, max;
	float phi1, action0;
} seen;
static int answer;      /* what spread returns */
static double too_much; /* added to a probability */

static int spread(void *data, const struct plugin_question *q, double *const *dist)
{
	const struct plugin_arm *arm;
	uint32_t a, l;

	CHECK(data == &seen);
	seen.arms = q->arms;
	seen.levels = q->levels;
	seen.width = q->width;
	seen.budget = q->budget;
	seen.alpha = q->alpha;
	seen.phi1 = q->phi[1];
	for (a = 0; a < 2; a++) {
		strcpy(seen.feature[a], q->features[a]);
		arm = q->arm[a];
		strcpy(seen.name[a], arm->name);
		seen.cap[a] = arm->cap;
		for (l = 0; l <= arm->cap; l++)
			seen.cost[a][l] = arm->cost[l];
		if (arm->cap)
			dist[a][0] = dist[a][1] = 0.5;
	}
	arm = q->arm[0];
	seen.actions = arm->actions;
	seen.action0 = arm->action[0];
	seen.us1 = arm->us[1];
	seen.mean0 = arm->mean[0];
	seen.spread0 = arm->spread[0];
	seen.min = arm->min;
	seen.max = arm->max;
	dist[0][0] += too_much;
	return answer;
}

static const struct plugin_policy halves = {
	{ PLUGIN_POLICY, sizeof(halves), "halves", "half a chance" }, &seen, spread
};
static const struct plugin_item *const items[] = { &halves.item, NULL };
static const struct plugin good = { PLUGIN_ABI, sizeof(good), "good", "for tests", NULL, NULL,
	items };

static struct plugins *none(void)
{
	struct plugins *plugins = NULL;
	struct error err = { 0 };

	CHECK_OK(plugins_open(&plugins, "none", &err), err);
	return plugins;
}

/* Refused with this code and these words; nothing of it stays. */
static void refused(const struct plugin *plugin, int code, const char *words)
{
	struct plugins *plugins = none();
	struct error err = { 0 };
	struct json_out out;
	struct buf text = { 0 };

	CHECK_INT(plugins_add(plugins, plugin, "bad.so", &err), code);
	if (!strstr(err.text, words) || !strstr(err.text, "bad.so: "))
		check_fail(__FILE__, __LINE__, "\"%s\" has no \"%s\"", err.text, words);
	CHECK(!policy_find(SLICE_LIT("halves")));
	json_begin(&out, &text);
	plugins_print(plugins, &out);
	CHECK_INT(text.len, 0);
	plugins_close(plugins);
}

static void refused_item(struct plugin_policy policy, int code, const char *words)
{
	const struct plugin_item *const list[] = { &policy.item, NULL };
	struct plugin plugin = good;

	plugin.items = list;
	refused(&plugin, code, words);
}

TEST(a_plugin_of_another_version_or_size_is_refused)
{
	struct plugin p = good;

	p.abi = PLUGIN_ABI + 1;
	refused(&p, ERR_STATE, "made for version 1.2 of plugins, this daemon takes 1.0 to 1.1");
	p.abi = PLUGIN_ABI + (1 << 16);
	refused(&p, ERR_STATE, "made for version 2.1");
	p.abi = 0;
	refused(&p, ERR_STATE, "made for version 0.0");
	p = good;
	p.size -= 8;
	refused(&p, ERR_STATE, "compiled with another plugin.h");
}

TEST(a_plugin_made_for_an_earlier_minor_version_is_taken)
{
	struct plugins *plugins = none();
	struct plugin p = good;
	struct error err = { 0 };

	p.abi = (uint32_t)PLUGIN_ABI_MAJOR << 16;
	CHECK_OK(plugins_add(plugins, &p, "old.so", &err), err);
	CHECK(policy_find(SLICE_LIT("halves")) != NULL);
	plugins_close(plugins);
}

TEST(a_plugin_needs_a_name_and_items)
{
	static const struct plugin_item *const empty[] = { NULL };
	static const char *const names[] = { NULL, "", "Good", "a-b", "a b",
		"abcdefghijklmnopqrstuvwxyz_123456" };
	struct plugin p = good;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		p.name = names[i];
		refused(&p, ERR_ARG, "a name of 1 to 31 of a-z, 0-9, _");
	}
	p = good;
	p.about = NULL;
	refused(&p, ERR_ARG, "a line `about` it");
	p = good;
	p.items = NULL;
	refused(&p, ERR_ARG, "it has no items");
	p.items = empty;
	refused(&p, ERR_ARG, "it has no items");
}

TEST(an_item_that_is_none_is_refused)
{
	const struct plugin_item *const twice[] = { &halves.item, &halves.item, NULL };
	struct plugin_policy policy = halves;
	struct plugin p = good;

	policy.item.kind = 7;
	refused_item(policy, ERR_ARG, "item 1 is of kind 7");
	policy = halves;
	policy.item.size--;
	refused_item(policy, ERR_STATE, "its struct plugin_policy has");
	policy = halves;
	policy.item.name = "ä";
	refused_item(policy, ERR_ARG, "a policy needs");
	policy = halves;
	policy.spread = NULL;
	refused_item(policy, ERR_ARG, "policy halves has no spread");
	policy = halves;
	policy.item.name = "priced";
	refused_item(policy, ERR_EXISTS, "policy priced is there already");
	p.items = twice;
	refused(&p, ERR_EXISTS, "two policies named halves");
}

static int begun, ended, begins_with;
static char told_path[64];

static int begin(const struct plugin_host *host, char *why, size_t room)
{
	begun++;
	CHECK_INT(host->abi, PLUGIN_ABI);
	CHECK_INT(host->size, sizeof(*host));
	snprintf(told_path, sizeof(told_path), "%s", host->path);
	snprintf(why, room, "no weights beside it");
	return begins_with;
}

static void end(void)
{
	ended++;
}

TEST(an_init_that_fails_is_told_and_end_answers_one_that_went_well)
{
	struct plugin p = good;
	struct plugins *plugins;
	struct error err = { 0 };

	p.init = begin;
	p.end = end;
	begun = ended = 0;
	begins_with = -1;
	refused(&p, ERR_STATE, "its init failed: no weights beside it");
	CHECK(begun == 1 && ended == 0);
	begins_with = 0;
	plugins = none();
	CHECK_OK(plugins_add(plugins, &p, "some.so", &err), err);
	CHECK_STR(told_path, "some.so");
	CHECK(policy_find(SLICE_LIT("halves")) != NULL);
	CHECK_INT(plugins_add(plugins, &p, "other.so", &err), ERR_EXISTS);
	CHECK(begun == 2 && ended == 0);
	plugins_close(plugins);
	CHECK(ended == 1 && !policy_find(SLICE_LIT("halves")));
}

/* Two arms, the second not to be asked. */
static void ask(struct choice *c)
{
	static const struct feature_spec spec = { .name = "words", .kind = FEATURE_FLAG };
	struct levels levels = { 3, { 0, 5, 10 } };
	struct policy_options options;
	struct feature_set *set = NULL;
	float phi[2] = { 1, 0.25f };
	struct policy_arm arms[2] = { { .learnt = -1,
					      .limit = 7,
					      .min = 0,
					      .max = 0.25f,
					      .action = { 0.5f },
					      .name = SLICE_LIT("first") },
		{ .learnt = -1, .limit = 0, .max = 1, .name = SLICE_LIT("second") } };
	struct policy_request r = { &levels, &options, phi, 2, 0, arms, 2, 30, 0, NULL };
	struct error err = { 0 };

	CHECK_OK(feature_set_new(&set, &spec, 1, &err), err);
	r.set = set;
	policy_options_default(&options, &levels);
	options.alpha = 0.75;
	policy_spread(policy_find(SLICE_LIT("halves")), NULL, &r, c);
	feature_set_free(set);
}

TEST(a_policy_of_a_plugin_is_asked_as_ours_are)
{
	struct plugins *plugins = none();
	struct error err = { 0 };
	struct choice c;

	CHECK_OK(plugins_add(plugins, &good, "good.so", &err), err);
	answer = 0;
	too_much = 0;
	ask(&c);
	CHECK(seen.arms == 2 && seen.levels == 3 && seen.width == 2 && seen.budget == 30);
	CHECK_NEAR(seen.alpha, 0.75, 0);
	CHECK_NEAR(seen.phi1, 0.25, 0);
	CHECK_STR(seen.name[0], "first");
	CHECK_STR(seen.name[1], "second");
	CHECK_STR(seen.feature[0], "bias");
	CHECK_STR(seen.feature[1], "words");
	CHECK(seen.cap[0] == 2 && seen.cap[1] == 0 && seen.actions == ACTION_FEATURES);
	CHECK(seen.cost[0][0] == 0 && seen.cost[0][1] == 5 && seen.cost[0][2] == 7);
	CHECK(seen.us1 == 0 && seen.mean0 == 0 && seen.spread0 > 0 && seen.action0 == 0.5f);
	CHECK(seen.min == 0 && seen.max == 0.25);
	CHECK(!c.error);
	/* its half is put within the bounds; the arm that is not to be asked is not */
	CHECK_NEAR(c.arm[0].dist[0], 0.75, 1e-12);
	CHECK_NEAR(c.arm[0].dist[1], 0.25, 1e-12);
	CHECK_NEAR(c.arm[1].dist[0], 1, 0);
	plugins_close(plugins);
}

TEST(answers_of_a_plugin_that_are_none_are_counted_with_the_reason)
{
	struct plugins *plugins = none();
	struct error err = { 0 };
	struct json_out out;
	struct buf text = { 0 };
	struct choice c;

	CHECK_OK(plugins_add(plugins, &good, "good.so", &err), err);
	too_much = 0.5;
	answer = 0;
	ask(&c);
	CHECK_STR(c.error, "the probabilities of an arm do not sum to 1");
	too_much = NAN;
	ask(&c);
	CHECK_STR(c.error, "a probability is not finite");
	too_much = 0;
	answer = 3;
	ask(&c);
	CHECK_STR(c.error, "it could not say");
	CHECK_NEAR(c.arm[0].dist[0] + c.arm[0].dist[1] + c.arm[0].dist[2], 1, 1e-12);
	answer = 0;
	ask(&c);
	json_begin(&out, &text);
	json_object_open(&out);
	plugins_print(plugins, &out);
	json_close(&out);
	buf_putc(&text, '\0');
	CHECK(strstr(text.ptr,
		      "{\"good\":{\"file\":\"good.so\",\"about\":\"for tests\",\"policies\":"
		      "{\"halves\":{\"about\":\"half a chance\",\"asked\":4,\"failed\":3,"
		      "\"error\":\"it could not say\",\"mean_us\":") == text.ptr);
	buf_clear(&text);
	plugins_close(plugins);
}
