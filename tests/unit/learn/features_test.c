#include "check.h"

#include <string.h>

#include "learn/features.h"

static const struct feature_spec some[] = {
	{ .name = "words", .kind = FEATURE_NUMBER, .lo = 2, .hi = 12 },
	{ .name = "has_brand", .kind = FEATURE_FLAG },
	{ .name = "hour", .kind = FEATURE_CYCLE, .period = 24 },
	{ .name = "genre", .kind = FEATURE_CATEGORY, .buckets = 3 },
};

static struct feature_set *set_of(const struct feature_spec *specs, int count)
{
	struct feature_set *set = NULL;
	struct error err = { 0 };

	CHECK_OK(feature_set_new(&set, specs, count, &err), err);
	return set;
}

static struct feature_value number(double x)
{
	return (struct feature_value){ true, x, SLICE_LIT("") };
}

TEST(values_become_numbers_from_0_to_1_under_names)
{
	struct feature_set *set = set_of(some, 4);
	struct feature_value v[4] = { number(7), number(1), number(6),
		{ true, 0, SLICE_LIT("pop") } };
	float phi[FEATURES_MAX];
	int i;

	CHECK_INT(feature_set_width(set), 1 + 1 + 1 + 2 + 3);
	CHECK_INT(feature_set_full(set), 8 + ACTION_FEATURES);
	CHECK_STR(feature_set_name(set, 0), "bias");
	CHECK_STR(feature_set_name(set, 3), "hour.sin");
	CHECK_STR(feature_set_name(set, 7), "genre.2/3");
	CHECK_STR(feature_set_name(set, 8), "arm.memory");
	CHECK_INT(feature_set_find(set, SLICE_LIT("hour")), 2);
	CHECK_INT(feature_set_find(set, SLICE_LIT("hours")), -1);
	CHECK_INT(feature_set_fill(set, v, phi), 0);
	CHECK_NEAR(phi[0], 1, 0);
	CHECK_NEAR(phi[1], 0.5, 1e-7);
	CHECK_NEAR(phi[2], 1, 0);
	CHECK_NEAR(phi[3], 1, 1e-7);
	CHECK_NEAR(phi[4], 0.5, 1e-7);
	CHECK_NEAR(phi[5] + phi[6] + phi[7], 1, 0);
	v[2] = number(-18); /* the same hour */
	feature_set_fill(set, v, phi);
	CHECK_NEAR(phi[3], 1, 1e-6);
	for (i = 0; i < 8; i++)
		CHECK(phi[i] >= 0 && phi[i] <= 1);
	feature_set_free(set);
}

TEST(what_is_out_of_range_is_clipped_and_told_and_what_is_absent_is_0)
{
	struct feature_set *set = set_of(some, 4);
	struct feature_value v[4] = { number(1e300), number(NAN), number(INFINITY), { 0 } };
	float phi[FEATURES_MAX];
	int i;

	CHECK_INT(feature_set_fill(set, v, phi), 1);
	CHECK_NEAR(phi[1], 1, 0);
	for (i = 2; i < 8; i++)
		CHECK_NEAR(phi[i], 0, 0);
	v[0] = number(-INFINITY);
	CHECK_INT(feature_set_fill(set, v, phi), 1);
	CHECK_NEAR(phi[1], 0, 0);
	feature_set_free(set);
}

TEST(a_product_is_that_of_two_numbers_of_phi_wherever_they_stand)
{
	static const struct feature_spec specs[] = {
		{ .name = "branded", .kind = FEATURE_PRODUCT, .of = { "words", "has_brand" } },
		{ .name = "has_brand", .kind = FEATURE_FLAG },
		{ .name = "squared", .kind = FEATURE_PRODUCT, .of = { "words", "words" } },
		{ .name = "words", .kind = FEATURE_NUMBER, .lo = 2, .hi = 12 },
	};
	struct feature_set *set = set_of(specs, 4);
	struct feature_value v[4] = { { 0 }, number(1), { 0 }, number(7) };
	float phi[FEATURES_MAX];

	CHECK_INT(feature_set_width(set), 5);
	CHECK_STR(feature_set_name(set, 1), "branded");
	CHECK_INT(feature_set_fill(set, v, phi), 0);
	CHECK_NEAR(phi[1], 0.5, 1e-7);
	CHECK_NEAR(phi[3], 0.25, 1e-7);
	v[1] = number(0);
	v[3] = number(100);
	CHECK_INT(feature_set_fill(set, v, phi), 8);
	CHECK_NEAR(phi[1], 0, 0);
	CHECK_NEAR(phi[3], 1, 0);
	feature_set_free(set);
}

TEST(an_arms_own_values_follow_clipped)
{
	const float phi[2] = { 1, 0.25f }, action[ACTION_FEATURES] = { 2, -1, NAN, 0.5f };
	float full[PHI_MAX];

	CHECK_INT(phi_join(full, phi, 2, action), 2 + ACTION_FEATURES);
	CHECK_NEAR(full[1], 0.25, 0);
	CHECK_NEAR(full[2], 1, 0);
	CHECK_NEAR(full[3], 0, 0);
	CHECK_NEAR(full[4], 0, 0);
	CHECK_NEAR(full[5], 0.5, 0);
}

TEST(the_hash_tells_sets_apart_by_order_and_range_too)
{
	struct feature_spec other[4];
	struct feature_set *a = set_of(some, 4), *b;

	memcpy(other, some, sizeof(other));
	b = set_of(other, 4);
	CHECK(feature_set_hash(a) == feature_set_hash(b));
	feature_set_free(b);
	other[0].hi = 13;
	b = set_of(other, 4);
	CHECK(feature_set_hash(a) != feature_set_hash(b));
	CHECK(feature_set_ids(a)[1] == feature_set_ids(b)[1]);
	feature_set_free(b);
	other[0] = some[1];
	other[1] = some[0];
	b = set_of(other, 4);
	CHECK(feature_set_hash(a) != feature_set_hash(b));
	CHECK(feature_set_ids(a)[1] == feature_set_ids(b)[2]);
	feature_set_free(b);
	feature_set_free(a);
}

TEST(a_feature_that_cannot_be_is_named)
{
	static const struct {
		struct feature_spec spec;
		int code;
	} bad[] = {
		{ { .name = "x", .kind = FEATURE_NUMBER, .lo = 3, .hi = 3 }, ERR_ARG },
		{ { .name = "x", .kind = FEATURE_NUMBER, .lo = 0, .hi = INFINITY }, ERR_ARG },
		{ { .name = "x", .kind = FEATURE_CYCLE }, ERR_ARG },
		{ { .name = "x", .kind = FEATURE_CATEGORY, .buckets = 1 }, ERR_ARG },
		{ { .name = "x", .kind = FEATURE_CATEGORY, .buckets = 4000000000u }, ERR_LIMIT },
		{ { .name = "words", .kind = FEATURE_FLAG }, ERR_EXISTS },
		{ { .name = "bias", .kind = FEATURE_FLAG }, ERR_EXISTS },
		{ { .name = "x", .kind = FEATURE_PRODUCT }, ERR_ARG },
		{ { .name = "x", .kind = FEATURE_PRODUCT, .of = { "words", "word" } }, ERR_ARG },
		{ { .name = "x", .kind = FEATURE_PRODUCT, .of = { "words", "x" } }, ERR_ARG },
		{ { .name = "", .kind = FEATURE_FLAG }, ERR_ARG },
	};
	struct feature_spec two[2] = { some[0] };
	struct feature_set *set = NULL;
	struct error err = { 0 };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		two[1] = bad[i].spec;
		CHECK_INT(feature_set_new(&set, two, 2, &err), bad[i].code);
		CHECK(strstr(err.text, two[1].name));
		CHECK(!set);
	}
}
