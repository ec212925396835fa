/* simulate.c -- `toller simulate`: options, the phases of a world, the run (simulate.h). */
#include "client/simulate.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "client/allot.h"
#include "client/course.h"
#include "client/lanes.h"

#define LANES_MAX     (COURSE_LANES_MAX - 3)
#define PHASES_MAX    4
#define STRETCHES     200
#define EXPLAIN_EVERY 16

/* Between two changes of the world. */
struct phase {
	uint64_t from;
	bool flipped;
	char *only; /* NULL: all strategies */
	struct allot *allot;
	struct allotment best;
	struct allotment *by_type;
};

struct simulation {
	struct client *client;
	const char *queries, *qrels, *types, *prefix, *event, *redis, *csv, *svg, *arrive;
	long searches, flip, arrive_at, tries, first, batch, pace, seed;
	double noise, delay;
	int clicks;
	bool json;

	struct judged_set set;
	struct people people;
	struct lanes lanes;
	struct lane lane[LANES_MAX + 1];
	int lane_count;           /* of those that were named; behind them rrf */
	int oracle, fixed;        /* their places in the course, -1 */
	char *strategies[ALLOT_STRATEGIES_MAX];
	int strategy_count;
	unsigned depth[ALLOT_LEVELS_MAX];
	int levels;
	double budget;
	int64_t clock;            /* 0: the daemon's is the machine's */
	struct phase phases[PHASES_MAX];
	int phase_count;
	struct course course;
};

/* ---- what the daemon says of itself ---- */

static int ask_key(struct simulation *s, const char *key, char *out, size_t size,
	struct error *err)
{
	redisReply *reply = redisCommand(s->client->redis, "CONFIG GET %s", key);
	int rc = 0;

	if (!reply)
		return error_set(err, ERR_IO, "%s: %s", s->client->address,
			s->client->redis->errstr);
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2)
		snprintf(out, size, "%s", reply->element[1]->str);
	else
		rc = error_set(err, ERR_ARG, "CONFIG GET %s: %s", key,
			reply->type == REDIS_REPLY_ERROR ? reply->str : "no such key");
	freeReplyObject(reply);
	return rc;
}

static void read_levels(struct simulation *s, const char *text)
{
	char *end;
	unsigned depth;

	for (; s->levels < ALLOT_LEVELS_MAX; text = end + strspn(end, " ,")) {
		depth = (unsigned)strtoul(text, &end, 10);
		if (end == text)
			break;
		s->depth[s->levels++] = depth;
	}
}

static int ask_daemon(struct simulation *s, struct error *err)
{
	const char *argv[] = { "ARMS", s->lane[0].collection };
	char text[256];
	json_t *arms = NULL, *arm;
	const char *name;
	int rc;

	rc = ask_key(s, "levels", text, sizeof(text), err);
	if (rc == 0) {
		read_levels(s, text);
		rc = ask_key(s, "budget", text, sizeof(text), err);
	}
	if (rc == 0) {
		s->budget = strtod(text, NULL);
		rc = ask_key(s, "hits", text, sizeof(text), err);
	}
	if (rc == 0) {
		s->lanes.hits = atoi(text);
		rc = ask_key(s, "channel", text, sizeof(text), err);
	}
	if (rc == 0) {
		s->lanes.channel = xstrdup(text);
		rc = ask_key(s, "clock", text, sizeof(text), err);
	}
	if (rc < 0)
		return rc;
	s->clock = strtoll(text, NULL, 10);
	rc = page_command(s->client, &arms, 2, argv, err);
	json_object_foreach(arms, name, arm)
		if (s->strategy_count < ALLOT_STRATEGIES_MAX)
			s->strategies[s->strategy_count++] = xstrdup(name);
	json_decref(arms);
	return rc;
}

/* ---- phases ---- */

/* All strategies but one, with commas; NULL if it is not there. */
static char *all_but(const struct simulation *s, const char *one)
{
	struct buf out = { 0 };
	bool there = false;
	int i;

	for (i = 0; i < s->strategy_count; i++) {
		if (!strcmp(s->strategies[i], one))
			there = true;
		else
			buf_printf(&out, "%s%s", out.len ? "," : "", s->strategies[i]);
	}
	buf_putc(&out, '\0');
	if (!there) {
		buf_clear(&out);
		return NULL;
	}
	return out.ptr;
}

static int make_phases(struct simulation *s, struct error *err)
{
	long at[3] = { 0, s->flip, s->arrive ? s->arrive_at : -1 }, next;
	struct phase *p;
	int i, k;

	for (next = 0; next >= 0 && s->phase_count < PHASES_MAX;) {
		p = &s->phases[s->phase_count++];
		p->from = (uint64_t)next;
		p->flipped = s->flip >= 0 && next >= s->flip;
		if (s->arrive && next < s->arrive_at) {
			p->only = all_but(s, s->arrive);
			if (!p->only)
				return error_set(err, ERR_ARG, "--arrive: no strategy '%s'",
					s->arrive);
		}
		for (k = -1, i = 1; i < 3; i++)
			if (at[i] > next && (k < 0 || at[i] < at[k]))
				k = i;
		next = k < 0 ? -1 : at[k];
		if (next >= 0)
			s->course.marks[s->course.mark_count++] = (uint64_t)next;
	}
	return 0;
}

/* The strategies that may be asked in a phase; those named in it are borrowed. */
static int strategies_of(const struct simulation *s, const struct phase *p, char **out)
{
	int i, n = 0;

	for (i = 0; i < s->strategy_count; i++)
		if (!p->only || strcmp(s->strategies[i], s->arrive))
			out[n++] = s->strategies[i];
	return n;
}

static int find_best(struct simulation *s, struct phase *p, char **strategies,
	struct error *err)
{
	struct allot_options o = { .client = s->client, .people = &s->people,
		.collection = s->lane[0].collection, .strategies = strategies,
		.levels = s->levels, .budget = s->budget, .hits = s->lanes.hits,
		.flipped = p->flipped, .tries = (int)s->tries };
	size_t t;
	int rc;

	o.strategy_count = strategies_of(s, p, strategies);
	memcpy(o.depth, s->depth, sizeof(o.depth));
	p->by_type = xcalloc(s->people.type_count, sizeof(*p->by_type));
	rc = allot_new(&p->allot, &o, err);
	if (rc == 0)
		rc = allot_search(p->allot, -1, &p->best, err);
	for (t = 0; rc == 0 && t < s->people.type_count; t++)
		rc = allot_search(p->allot, (int)t, &p->by_type[t], err);
	return rc;
}

/* ---- the run ---- */

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
		most = p + 1 < s->phase_count && s->phases[p + 1].from < end
			       ? s->phases[p + 1].from
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

/* ---- telling ---- */

struct figures {
	double early, late, of_oracle, served, asked, regret;
};

static void measure_lane(const struct simulation *s, int lane, struct figures *f)
{
	uint64_t first = (uint64_t)s->first, end = first + (uint64_t)s->searches;
	struct stretch early = course_sum(&s->course, lane, first,
		first + (uint64_t)s->searches / 10);
	struct stretch late = course_sum(&s->course, lane, end - (uint64_t)s->searches / 4, end);
	struct stretch all = course_sum(&s->course, lane, first, end);

	*f = (struct figures){ early.n ? early.reward / early.n : 0,
		late.n ? late.reward / late.n : 0, late.oracle > 0 ? late.reward / late.oracle : 0,
		all.n ? (double)all.served / all.n : 0,
		late.asked_n ? late.asked / late.asked_n : 0, all.oracle - all.reward };
}

/* A number, or a dash as wide. */
static void print_cell(bool known, const char *format, double x)
{
	char text[40];
	size_t n;

	snprintf(text, sizeof(text), format, x);
	for (n = 0; !known && text[n]; n++)
		if (text[n] != ' ' && text[n] != '\n')
			text[n] = strchr(" \n", text[n + 1]) ? '-' : ' ';
	fputs(text, stdout);
}

static void print_table(const struct simulation *s)
{
	int l, width = 6, len;
	struct figures f;

	for (l = 0; l < s->course.lanes; l++) {
		len = (int)strlen(s->course.names[l]);
		width = len > width ? len : width;
	}
	printf("%-*s   early    late  of oracle  served  asked   regret\n", width, "lane");
	for (l = 0; l < s->course.lanes; l++) {
		measure_lane(s, l, &f);
		printf("%-*s  %6.4f  %6.4f  ", width, s->course.names[l], f.early, f.late);
		print_cell(s->tries, "%9.3f  ", f.of_oracle);
		print_cell(l <= s->lane_count, "%6.4f", f.served);
		printf("  %5.1f", f.asked);
		print_cell(s->tries, "  %7.1f\n", f.regret);
	}
}

static void print_allotments(const struct simulation *s)
{
	struct buf text = { 0 };
	size_t t;
	int p;

	for (p = 0; p < s->phase_count; p++) {
		buf_printf(&text, "from search %llu: static: ",
			(unsigned long long)s->phases[p].from);
		allot_print(s->phases[p].allot, &s->phases[p].best, &text);
		for (t = 0; t < s->people.type_count; t++) {
			buf_printf(&text, "\n  oracle, %s: ", s->people.types[t]);
			allot_print(s->phases[p].allot, &s->phases[p].by_type[t], &text);
		}
		buf_putc(&text, '\n');
	}
	printf("%.*s", SLICE_ARG(buf_slice(&text)));
	buf_clear(&text);
}

static void print_json(const struct simulation *s)
{
	struct buf text = { 0 };
	struct json_out out;
	struct figures f;
	int l;

	json_begin(&out, &text);
	json_object_open(&out);
	json_kv(&out, int, "searches", s->searches);
	json_kv(&out, uint, "queries", s->people.count);
	json_key(&out, "lanes");
	json_object_open(&out);
	for (l = 0; l < s->course.lanes; l++) {
		measure_lane(s, l, &f);
		json_key(&out, s->course.names[l]);
		json_object_open(&out);
		json_kv(&out, num_short, "early", f.early, 6);
		json_kv(&out, num_short, "late", f.late, 6);
		json_kv(&out, num_short, "of_oracle", f.of_oracle, 6);
		json_kv(&out, num_short, "served", f.served, 6);
		json_kv(&out, num_short, "asked", f.asked, 6);
		json_kv(&out, num_short, "regret", f.regret, 6);
		json_close(&out);
	}
	json_close(&out);
	json_close(&out);
	printf("%.*s\n", SLICE_ARG(buf_slice(&text)));
	buf_clear(&text);
}

/* ---- options ---- */

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
	fprintf(stderr, "toller simulate: %s '%s', expected a number from 0 to %g\n", option,
		word, most);
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
		strcmp(option, "--noise") && strcmp(option, "--delay") && strcmp(option, "--arrive"))
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

static int take_lane(struct simulation *s, char *word)
{
	struct lane *lane = &s->lane[s->lane_count];
	char *colon;

	if (s->lane_count == LANES_MAX)
		return usage(" is one lane too many", word);
	lane->name = xstrdup(word);
	lane->collection = word;
	colon = strchr(word, ':');
	if (colon) {
		*colon = '\0';
		lane->policy = colon + 1;
	}
	s->lane_count++;
	return 0;
}

static int options(struct simulation *s, int argc, char **argv)
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

/* ---- the command ---- */

static void name_lanes(struct simulation *s)
{
	struct course *c = &s->course;
	int l;

	s->lane[s->lane_count] = (struct lane){ .name = "rrf",
		.collection = s->lane[0].collection, .policy = "fixed", .fused = true };
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
		rc = ask_daemon(s, err);
	return rc == 0 ? make_phases(s, err) : rc;
}

static int simulate(struct simulation *s, struct error *err)
{
	char *strategies[PHASES_MAX][ALLOT_STRATEGIES_MAX];
	int p, rc = prepare(s, err);

	for (p = 0; rc == 0 && s->tries && p < s->phase_count; p++)
		rc = find_best(s, &s->phases[p], strategies[p], err);
	if (rc == 0)
		rc = run(s, err);
	if (rc == 0 && s->csv)
		rc = course_csv(&s->course, s->csv, err);
	if (rc == 0 && s->svg)
		rc = course_svg(&s->course, s->svg, err);
	if (rc < 0)
		return rc;
	if (s->json)
		print_json(s);
	else
		print_table(s);
	if (s->tries && !s->json)
		print_allotments(s);
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
	struct simulation s = { .client = client, .json = client->raw, .prefix = "",
		.event = "click", .searches = 5000, .flip = -1, .tries = 200, .batch = 50,
		.pace = 1000, .seed = 1 };
	struct error err = { 0 };
	int rc = 0, status;

	status = options(&s, argc, argv);
	if (!status) {
		rc = simulate(&s, &err);
		status = rc == ERR_ARG ? 1 : rc < 0 ? 2 : 0;
	}
	if (rc < 0)
		fprintf(stderr, "toller simulate: %s\n", err.text);
	clear(&s);
	return status;
}
