/* simulate.c -- `toller simulate`: the run, batch after batch (simulate.h). */
#include "client/simulate.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "client/simulate_parts.h"

#define STRETCHES     200
#define EXPLAIN_EVERY 16

struct batch {
	uint64_t first;
	size_t count;
	struct phase *phase;
	double oracle[BATCH_MAX];
	struct found found[BATCH_MAX];
};

static void add(struct simulation *s, const struct batch *b, int lane)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		course_add(&s->course, lane, b->first + i, b->found[i].reward, b->oracle[i],
			b->found[i].served, b->found[i].asked);
}

/* What an allotment, of the query's type or for all, is worth to the batch. */
static int measure(struct simulation *s, struct batch *b, bool by_type, struct error *err)
{
	const struct allotment *of = &b->phase->best;
	size_t i, asked;
	int rc = 0;

	for (i = 0; rc == 0 && i < b->count; i++) {
		asked = people_ask(&s->people, b->first + i);
		if (by_type)
			of = &b->phase->by_type[s->people.asked[asked].type];
		b->found[i].served = false;
		rc = allot_value(b->phase->allot, of, asked, &b->found[i].reward,
			&b->found[i].asked, err);
		if (by_type)
			b->oracle[i] = b->found[i].reward;
	}
	return rc;
}

static int run_batch(struct simulation *s, struct batch *b, struct error *err)
{
	int l, rc = 0;

	memset(b->oracle, 0, sizeof(b->oracle));
	if (s->tries) {
		rc = measure(s, b, true, err);
		if (rc == 0)
			add(s, b, s->oracle);
		if (rc == 0)
			rc = measure(s, b, false, err);
		if (rc == 0)
			add(s, b, s->fixed);
	}
	for (l = 0; rc == 0 && l <= s->lane_count; l++) {
		rc = lane_ask(&s->lanes, &s->lane[l], b->first, b->count, b->phase->flipped,
			b->phase->only, b->found, err);
		if (rc == 0)
			add(s, b, l);
	}
	for (l = 0; rc == 0 && l < s->lane_count; l++)
		rc = lane_tell(&s->lanes, &s->lane[l], b->first + b->count, err);
	return rc;
}

/* What is told is taken in before time goes on, so that windows close after it. */
static int settle(struct simulation *s, size_t count, struct error *err)
{
	int rc = lanes_settle(&s->lanes, err);

	if (rc < 0 || !s->clock)
		return rc;
	s->clock += (int64_t)count * s->pace;
	rc = lanes_clock(&s->lanes, s->clock, err);
	return rc < 0 ? rc : lanes_settle(&s->lanes, err);
}

static int run(struct simulation *s, struct error *err)
{
	uint64_t end = (uint64_t)(s->first + s->searches), most;
	struct batch b = { .first = (uint64_t)s->first };
	int p = 0, l, rc = 0;

	for (; rc == 0 && b.first < end; b.first += b.count) {
		while (p + 1 < s->phase_count && s->phases[p + 1].from <= b.first)
			p++;
		most = p + 1 < s->phase_count && s->phases[p + 1].from < end ? s->phases[p + 1].from
									     : end;
		b.phase = &s->phases[p];
		b.count = (size_t)(most - b.first < (uint64_t)s->batch ? most - b.first
								       : (uint64_t)s->batch);
		rc = run_batch(s, &b, err);
		if (rc == 0)
			rc = settle(s, b.count, err);
	}
	for (l = 0; rc == 0 && l < s->lane_count; l++)
		rc = lane_tell(&s->lanes, &s->lane[l], UINT64_MAX, err);
	return rc == 0 ? lanes_settle(&s->lanes, err) : rc;
}

/* ---- the command ---- */

static void name_lanes(struct simulation *s)
{
	struct course *c = &s->course;
	int l;

	s->lane[s->lane_count] = (struct lane){ .name = "rrf",
		.collection = s->lane[0].collection,
		.policy = "fixed",
		.fused = true };
	for (l = 0; l <= s->lane_count; l++)
		c->names[c->lanes++] = s->lane[l].name;
	c->constant[s->lane_count] = true;
	s->oracle = s->fixed = -1;
	if (s->tries) {
		s->fixed = c->lanes++;
		s->oracle = c->lanes++;
		c->names[s->fixed] = "static";
		c->names[s->oracle] = "oracle";
		c->constant[s->fixed] = c->constant[s->oracle] = true;
	}
	c->every = (uint64_t)((s->first + s->searches + STRETCHES - 1) / STRETCHES);
}

static int connect_redis(struct simulation *s, struct error *err)
{
	struct client other = { .address = s->redis };
	int rc = client_connect(&other, err);

	s->lanes.redis = other.redis;
	return rc;
}

static int prepare(struct simulation *s, struct error *err)
{
	int rc = judged_read_queries(&s->set, s->queries, err);

	if (rc == 0)
		rc = judged_read_qrels(&s->set, s->qrels, s->prefix, err);
	s->people.clicks = s->clicks;
	s->people.noise = s->noise;
	s->people.seed = (uint64_t)s->seed;
	if (rc == 0)
		rc = people_init(&s->people, &s->set, s->types, err);
	s->lanes.client = s->client;
	s->lanes.people = &s->people;
	s->lanes.event = s->event;
	s->lanes.delay = s->delay;
	s->lanes.explain_every = EXPLAIN_EVERY;
	name_lanes(s);
	if (rc == 0 && s->redis)
		rc = connect_redis(s, err);
	if (rc == 0)
		rc = simulate_ask_daemon(s, err);
	return rc == 0 ? simulate_make_phases(s, err) : rc;
}

static int simulate(struct simulation *s, struct error *err)
{
	char *strategies[PHASES_MAX][ALLOT_STRATEGIES_MAX];
	int p, rc = prepare(s, err);

	for (p = 0; rc == 0 && s->tries && p < s->phase_count; p++)
		rc = simulate_find_best(s, &s->phases[p], strategies[p], err);
	if (rc == 0)
		rc = run(s, err);
	if (rc == 0 && s->csv)
		rc = course_csv(&s->course, s->csv, err);
	if (rc == 0 && s->svg)
		rc = course_svg(&s->course, s->svg, err);
	if (rc < 0)
		return rc;
	simulate_tell(s);
	return 0;
}

static void clear(struct simulation *s)
{
	int i;

	for (i = 0; i <= s->lane_count; i++)
		lane_clear(&s->lane[i]);
	for (i = 0; i < s->lane_count; i++)
		free((char *)s->lane[i].name);
	for (i = 0; i < s->phase_count; i++) {
		allot_free(s->phases[i].allot);
		free(s->phases[i].by_type);
		free(s->phases[i].only);
	}
	for (i = 0; i < s->strategy_count; i++)
		free(s->strategies[i]);
	if (s->lanes.redis)
		redisFree(s->lanes.redis);
	free((char *)s->lanes.channel);
	course_clear(&s->course);
	people_clear(&s->people);
	judged_clear(&s->set);
}

int simulate_main(struct client *client, int argc, char **argv)
{
	struct simulation s = { .client = client,
		.json = client->raw,
		.prefix = "",
		.event = "click",
		.searches = 5000,
		.flip = -1,
		.tries = 200,
		.batch = 50,
		.pace = 1000,
		.seed = 1 };
	struct error err = { 0 };
	int rc = 0, status;

	status = simulate_options(&s, argc, argv);
	if (!status) {
		rc = simulate(&s, &err);
		status = rc == ERR_ARG ? 1 : rc < 0 ? 2 : 0;
	}
	if (rc < 0)
		fprintf(stderr, "toller simulate: %s\n", err.text);
	clear(&s);
	return status;
}
