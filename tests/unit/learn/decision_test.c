#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "learn/decision.h"

/* A decision with something in every place. */
static const struct decision *sample(void)
{
	static const struct decision_reading readings[] = {
		{ { "{artist Taylor Swift} love", 26 }, 0.75f }, { { "tayler love", 11 }, 0.25f }
	};
	static const float phi[] = { 1, 0.5f, 0 }, features[] = { 1.5f, -2, 0, 3 };
	static const struct decision_candidate candidates[] = { { 0xfedcba9876543210, 1 },
		{ 42, 2 }, { 43, 200 } };
	static const uint16_t first[] = { 1, 0, 0 }, second[] = { 0, 3, 200 };
	static const struct decision_arm arms[] = {
		{ { "lexical", 7 }, 2, 0.2, { 0.1, 0.7, 0.2 }, { 1, 0, 0.5f, 0 }, 160, 0.25f, 0.9f,
			2500, 3, candidates, { 0.2, 0.5, 0.3 },
			{ { 1, { 0.2, 0.5, 0.3 } }, { 2, { 0.5, 0.25, 0.25 } } } },
		{ { "memory", 6 }, 0, 1.0 / 3, { 1.0 / 3, 1.0 / 3, 1.0 / 3 }, { 0 }, 12, 0, 1, 0, 0,
			NULL, { 0.5, 0.25, 0.25 }, { { 0, { 1, 0, 0 } }, { 0, { 0.5, 0.5, 0 } } } },
		{ { "top", 3 }, 1, 1, { 0, 1, 0 }, { 0 }, DEPTH_MAX, 0, 1, 7, 1, candidates,
			{ 0.4, 0.6, 0 }, { { 1, { 0, 1, 0 } }, { 0, { 0.25, 0.75, 0 } } } },
	};
	static const struct decision_hit hits[] = { { { "track:1", 7 }, 2.5f, 1, first, features,
							    2 },
		{ { "track:2", 7 }, -1e30f, 2, second, features + 2, 1 } };
	static const struct slice keys[] = { { "q:tayler love", 13 }, { "user:7", 6 } };
	static const struct decision d = { .id = 0xa1f,
		.at_ms = 1764000000000,
		.collection = { "music", 5 },
		.query = { "tayler love", 11 },
		.context = { "{\"user\":7}", 10 },
		.readings = 2,
		.reading = readings,
		.features = 77,
		.width = 3,
		.phi = phi,
		.clipped = 2,
		.absent = 5,
		.levels = { 3, { 0, 5, 160 } },
		.budget = 30,
		.price = -0.001,
		.budget_us = 900,
		.price_us = 1e-5,
		.arms = 3,
		.arm = arms,
		.together = 0.5,
		.seed = UINT64_MAX,
		.mode = MODE_APPRENTICE,
		.policy = { "priced+fixed", 12 },
		.drafted = DRAFT_POLICIES,
		.side_together = { 1, 0.5 },
		.share = 0.75,
		.mixture = 0.875,
		.split = 98,
		.unit = 99,
		.model_version = 12,
		.generation = 3,
		.sampled = 0.5,
		.ranking_features = 2,
		.hits = 2,
		.hit = hits,
		.memory_keys = 2,
		.memory_key = keys,
		.history_keys = 2,
		.history_key = { 7, 9 } };

	return &d;
}

static struct outcome *sample_outcome(struct arena *arena)
{
	static const struct outcome_event click = { { "click", 5 }, 10, 1 },
					  buy = { { "purchase", 8 }, -5, 49.9 };
	struct outcome *o = calloc(1, sizeof(*o));
	struct outcome_entity *entry = NULL;
	struct error err = { 0 };
	int i;

	outcome_init(o, sample());
	for (i = 0; i < 6; i++)
		CHECK_OK(outcome_add(o, arena, SLICE_LIT("track:1"), &click, &entry, &err), err);
	CHECK_OK(outcome_add(o, arena, SLICE_LIT("track:2"), &buy, &entry, &err), err);
	entry->reward = 1;
	o->applied[0] = 2;
	o->reward[0][1] = 0.5f;
	o->closed = true;
	return o;
}

TEST(a_decision_reads_back_as_it_was_written)
{
	struct arena *arena = arena_new();
	struct buf bytes = { 0 }, again = { 0 };
	struct error err = { 0 };
	struct decision d;

	CHECK_OK(decision_encode(sample(), &bytes, &err), err);
	CHECK_OK(decision_decode(&d, arena, buf_slice(&bytes), &err), err);
	CHECK(d.id == 0xa1f && d.seed == UINT64_MAX && d.mode == MODE_APPRENTICE);
	CHECK(slice_is(d.context, "{\"user\":7}"));
	CHECK(slice_is(d.reading[0].text, "{artist Taylor Swift} love"));
	CHECK(d.arm[1].p == 1.0 / 3 && d.arm[1].dist[2] == 1.0 / 3);
	CHECK_INT(d.arm[0].candidates[2].rank, 200);
	CHECK(d.arm[0].limit == 160 && d.arm[0].min == 0.25f && d.arm[0].max == 0.9f);
	CHECK_INT(d.arm[0].took_us, 2500);
	CHECK(d.history_keys == 2 && d.history_key[0] == 7 && d.history_key[1] == 9);
	CHECK(d.clipped == 2 && d.absent == 5);
	CHECK(d.drafted == DRAFT_POLICIES && d.arm[0].side[1].level == 2 && d.hit[0].team == 2);
	CHECK(d.mixture == 0.875 && d.split == 98 && d.unit == 99 && d.arm[0].mixed[1] == 0.5);
	CHECK(d.share == 0.75 && d.budget_us == 900 && d.price_us == 1e-5);
	CHECK(d.arm[0].candidates[0].entity == 0xfedcba9876543210);
	CHECK_INT(d.hit[1].arm_rank[2], 200);
	CHECK_INT(d.hit[1].arm_rank[0], 0);
	CHECK_NEAR(d.hit[1].features[1], 3, 0);
	CHECK(slice_is(d.memory_key[1], "user:7"));
	CHECK_OK(decision_encode(&d, &again, &err), err);
	CHECK(slice_eq(buf_slice(&bytes), buf_slice(&again)));
	CHECK(decision_find_hit(&d, SLICE_LIT("track:2")) == &d.hit[1]);
	CHECK(!decision_find_hit(&d, SLICE_LIT("track:3")));
	CHECK(d.together == 0.5);
	/* of two that chose: the first by itself, the second as its `together` says */
	CHECK_NEAR(decision_propensity(&d), 0.5 * (0.25 * 0.75 * 0.625), 1e-15);
	d.drafted = DRAFT_RANKINGS; /* of one draw */
	/* two of three are asked, the second of them with half its own chance */
	CHECK_NEAR(decision_propensity(&d), 0.2 * 0.5 * (1 - 0.5 * 2 / 3), 1e-15);
	buf_clear(&bytes);
	buf_clear(&again);
	arena_free(arena);
}

/* As the first version wrote it: without what came later. */
static void put_first_version(struct buf *b)
{
	static const double dist[2] = { 0.25, 0.75 };
	int i;

	buf_put_u8(b, 1);
	buf_put_u64(b, 5);    /* id */
	buf_put_u64(b, 1000); /* at_ms */
	buf_put_bytes(b, SLICE_LIT("music"));
	buf_put_bytes(b, SLICE_LIT("love"));
	buf_put_bytes(b, SLICE_LIT("")); /* context */
	buf_put_u8(b, 0);                /* readings */
	buf_put_u64(b, 77);              /* features */
	buf_put_u8(b, 1);
	buf_put_f32(b, 1);
	buf_put_u8(b, 2); /* levels */
	buf_put_u16(b, 0);
	buf_put_u16(b, 5);
	buf_put_f64(b, 30);
	buf_put_f64(b, 0.5);
	buf_put_u8(b, 1); /* arms */
	buf_put_bytes(b, SLICE_LIT("top"));
	buf_put_u8(b, 1);
	for (i = 0; i < 2; i++)
		buf_put_f64(b, dist[i]);
	for (i = 0; i < 4; i++) /* of its own */
		buf_put_f32(b, 0.5f);
	buf_put_varint(b, 0); /* candidates */
	buf_put_u64(b, 9);    /* seed */
	buf_put_u8(b, MODE_ONLINE);
	buf_put_bytes(b, SLICE_LIT("priced"));
	buf_put_u64(b, 3); /* model */
	buf_put_u64(b, 4); /* generation */
	buf_put_f64(b, 1); /* sampled */
	buf_put_u8(b, 0);  /* ranking features, hits, memory keys */
	buf_put_varint(b, 0);
	buf_put_u8(b, 0);
	buf_put_u64(b, hash_bytes(buf_slice(b), 0));
}

TEST(a_decision_of_the_first_version_means_no_bounds)
{
	struct arena *arena = arena_new();
	struct buf bytes = { 0 };
	struct error err = { 0 };
	struct decision d;

	put_first_version(&bytes);
	CHECK_OK(decision_decode(&d, arena, buf_slice(&bytes), &err), err);
	CHECK(d.arm[0].p == 0.75 && d.generation == 4);
	CHECK(d.arm[0].limit == DEPTH_MAX && d.arm[0].min == 0 && d.arm[0].max == 1);
	CHECK(!d.drafted && d.mixture == 1 && d.unit == 0 && d.arm[0].mixed[1] == 0.75);
	CHECK(d.together == 1 && decision_propensity(&d) == 0.75);
	CHECK(d.share == 1 && d.budget_us == 0 && d.history_keys == 0);
	CHECK(d.arm[0].action[3] == 0.5f && d.arm[0].action[4] == 0);
	buf_clear(&bytes);
	arena_free(arena);
}

TEST(a_decision_that_could_not_be_read_back_is_not_written)
{
	struct decision_arm arm = sample()->arm[0];
	struct buf bytes = { 0 };
	struct error err = { 0 };
	struct decision d;
	int i;

	for (i = 0; i < 19; i++) {
		d = *sample();
		arm = sample()->arm[0];
		d.arm = &arm;
		d.arms = 1;
		d.hits = 0;
		switch (i) {
		case 0: d.sampled = 0; break;
		case 1: d.levels.depth[1] = 0; break;
		case 2: d.collection = SLICE_LIT(""); break;
		case 3: arm.p = 0.3; break;
		case 4: arm.dist[0] = 0.2; break;
		case 5: arm.dist[0] = NAN; break;
		case 6: arm.level = 3; break;
		case 7: d.budget = INFINITY; break;
		case 8: d.width = 0; break;
		case 9: d.share = 0; break;
		case 10: arm.max = 0.2f; break;
		case 11: arm.min = NAN; break;
		case 12: d.price_us = NAN; break;
		case 13: d.mixture = 0; break;
		case 16:
			arm.side[1].level = 1;
			arm.level = 0;
			arm.p = arm.dist[0];
			break;
		case 17:
			d.hits = 1;
			d.drafted = DRAFT_NONE;
			break; /* teams without a draft */
		case 14: arm.mixed[0] = 0.3; break;
		case 15:
			arm.mixed[1] += arm.mixed[2];
			arm.mixed[2] = 0;
			break; /* the drawn one */
		case 18: d.together = 1.5; break;
		}
		CHECK_INT(decision_encode(&d, &bytes, &err), ERR_ARG);
		CHECK_INT(bytes.len, 0);
	}
	buf_clear(&bytes);
}

/* Damage with a repaired checksum, so that the checks behind it are tried. */
static void sign(struct buf *b)
{
	uint64_t sum;
	int i;

	if (b->len < 9)
		return;
	sum = hash_bytes(slice_of(b->ptr, b->len - 8), 0);
	for (i = 0; i < 8; i++)
		b->ptr[b->len - 8 + (size_t)i] = (char)(sum >> (8 * i));
}

static void damage(const struct buf *good, struct buf *bad, struct rng *rng)
{
	int i, n = 1 + (int)rng_below(rng, 4);

	buf_reset(bad);
	buf_put_slice(bad, buf_slice(good));
	if (rng_below(rng, 4) == 0)
		bad->len = rng_below(rng, good->len);
	for (i = 0; i < n && bad->len; i++)
		bad->ptr[rng_below(rng, bad->len)] = (char)rng_u64(rng);
}

TEST(ten_thousand_damages_of_a_decision_are_refused)
{
	struct arena *arena = arena_new();
	struct buf good = { 0 }, bad = { 0 }, again = { 0 };
	struct error err = { 0 };
	struct decision d;
	struct rng rng;
	int t, accepted = 0;

	rng_init(&rng, 31);
	CHECK_OK(decision_encode(sample(), &good, &err), err);
	for (t = 0; t < 20000; t++) {
		damage(&good, &bad, &rng);
		if (slice_eq(buf_slice(&good), buf_slice(&bad)))
			continue;
		if (t % 2 == 0) { /* as disks do it */
			CHECK_INT(decision_decode(&d, arena, buf_slice(&bad), &err), ERR_CORRUPT);
			continue;
		}
		sign(&bad); /* as an enemy would: then whatever decodes must be usable */
		if (decision_decode(&d, arena, buf_slice(&bad), &err) == 0) {
			accepted++;
			buf_reset(&again);
			CHECK_OK(decision_encode(&d, &again, &err), err);
		}
		arena_reset(arena);
	}
	CHECK(accepted > 100);
	buf_clear(&good);
	buf_clear(&bad);
	buf_clear(&again);
	arena_free(arena);
}

TEST(an_outcome_reads_back_and_its_damages_are_refused)
{
	struct arena *arena = arena_new(), *other = arena_new();
	struct outcome *o = sample_outcome(arena), *back = calloc(1, sizeof(*back));
	struct buf good = { 0 }, bad = { 0 };
	struct error err = { 0 };
	struct rng rng;
	int t;

	rng_init(&rng, 32);
	CHECK_OK(outcome_encode(o, &good, &err), err);
	CHECK_OK(outcome_decode(back, other, buf_slice(&good), &err), err);
	CHECK(back->closed && back->decision == 0xa1f);
	CHECK_INT(back->applied[0], 2);
	CHECK_NEAR(back->reward[0][1], 0.5, 0);
	CHECK_INT(back->entities, 2);
	CHECK_INT(back->entity[0].events, 6);
	CHECK(slice_is(back->entity[1].event[0].name, "purchase"));
	CHECK_INT(back->entity[1].event[0].at_ms, -5);
	CHECK_NEAR(back->entity[1].reward, 1, 0);
	for (t = 0; t < 20000; t++) {
		damage(&good, &bad, &rng);
		if (slice_eq(buf_slice(&good), buf_slice(&bad)))
			continue;
		if (t % 2)
			sign(&bad);
		if (outcome_decode(back, other, buf_slice(&bad), &err) < 0)
			CHECK_INT(err.code, ERR_CORRUPT);
		else
			CHECK(t % 2);
		arena_reset(other);
	}
	buf_clear(&good);
	buf_clear(&bad);
	arena_free(arena);
	arena_free(other);
	free(o);
	free(back);
}

TEST(an_outcome_takes_so_many_events_and_no_more)
{
	const struct outcome_event click = { SLICE_LIT("click"), 1, 1 },
				   wild = { SLICE_LIT("click"), 1, NAN };
	struct arena *arena = arena_new();
	struct outcome *o = calloc(1, sizeof(*o));
	struct outcome_entity *entry = NULL;
	struct error err = { 0 };
	int i;

	outcome_init(o, sample());
	for (i = 0; i < OUTCOME_EVENTS_MAX; i++)
		CHECK_OK(outcome_add(o, arena, SLICE_LIT("x"), &click, &entry, &err), err);
	CHECK_INT(outcome_add(o, arena, SLICE_LIT("y"), &click, &entry, &err), ERR_LIMIT);
	CHECK_INT(outcome_add(o, arena, SLICE_LIT("x"), &wild, &entry, &err), ERR_ARG);
	CHECK_INT(outcome_add(o, arena, SLICE_LIT(""), &click, &entry, &err), ERR_ARG);
	CHECK_INT(o->entities, 1);
	free(o);
	arena_free(arena);
}

TEST(a_decisions_id_is_sixteen_hex_digits)
{
	static const char *const bad[] = { "", "a1f", "0000000000000a1g", "00000000000000a1f",
		"0x00000000000a1f", " 000000000000a1f", "-000000000000a1f" };
	char text[DECISION_ID_TEXT];
	struct error err = { 0 };
	uint64_t id = 1;
	size_t i;

	decision_id_text(text, 0xa1f);
	CHECK_STR(text, "0000000000000a1f");
	CHECK_OK(decision_id_parse(&id, slice_str(text), &err), err);
	CHECK(id == 0xa1f);
	CHECK_OK(decision_id_parse(&id, SLICE_LIT("FEDCBA9876543210"), &err), err);
	CHECK(id == 0xfedcba9876543210);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK_INT(decision_id_parse(&id, slice_str(bad[i]), &err), ERR_SYNTAX);
}
