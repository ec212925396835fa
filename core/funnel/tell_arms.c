/* tell_arms.c -- ARMS and POLICIES: what strategies and policies did, as JSON. */
#include <math.h>

#include "funnel/search.h"
#include "learn/counts.h"
#include "learn/learning.h"

/* ---- ARMS ---- */

struct window {
	struct tally_sum *sums; /* by name */
	int count;
	double candidates; /* of all arms */
};

/* What was counted of a kind since the window began; window_ms 0: ever. */
static int read_window(struct funnel *f, const struct funnel_collection *c, uint8_t kind,
	int64_t window_ms, struct arena *arena, struct window *out, struct error *err)
{
	struct tally_rows rows = { f->learning, LEARNING_TALLIES, c->number, arena };
	int64_t from_ms = window_ms ? tally_recent(clock_now_ms(&f->shared->clock) - window_ms) : 0;
	int rc = store_resume(f->learning, err);

	memset(out, 0, sizeof(*out));
	if (rc < 0)
		return rc;
	out->count = tally_read(&rows, kind, from_ms, INT64_MAX, &out->sums, err);
	store_pause(f->learning);
	return out->count < 0 ? out->count : 0;
}

static const double *sums_of(const struct window *w, struct slice name)
{
	static const double none[TALLY_NUMBERS_MAX];
	int i;

	for (i = 0; i < w->count; i++)
		if (slice_eq(w->sums[i].name, name))
			return w->sums[i].at;
	return none;
}

static double ratio(double a, double b)
{
	return b > 0 ? a / b : 0;
}

/* NaN and infinity: nothing can be said. */
static void tell_number(const char *name, double x, int digits, struct json_out *out)
{
	json_key(out, name);
	if (isfinite(x))
		json_num_short(out, x, digits);
	else
		json_null(out);
}

static void tell_counts(const double *n, double candidates, struct json_out *out)
{
	double draws = n[ARM_DRAWS], us = ratio(n[ARM_US], draws);

	json_kv(out, uint, "decisions", (uint64_t)n[ARM_DECISIONS]);
	json_kv(out, uint, "draws", (uint64_t)draws);
	json_kv(out, num_short, "depth", ratio(n[ARM_DEPTH], draws), 4);
	json_kv(out, num_short, "candidates", ratio(n[ARM_CANDIDATES], draws), 4);
	json_kv(out, num_short, "cost", ratio(n[ARM_CANDIDATES], candidates), 4);
	json_kv(out, num_short, "overlap", ratio(n[ARM_SHARED], n[ARM_CANDIDATES]), 4);
	json_kv(out, num_short, "reward", n[ARM_REWARD], 6);
	json_kv(out, num_short, "reward_per_draw", ratio(n[ARM_REWARD], draws), 4);
	tell_number("plus_minus", count_plus_minus(draws, n[ARM_REWARD], n[ARM_REWARD_SQUARES]), 3,
		out);
	json_kv(out, num_short, "unique", n[ARM_UNIQUE], 6);
	json_kv(out, num_short, "unique_per_draw", ratio(n[ARM_UNIQUE], draws), 4);
	tell_number("unique_plus_minus",
		count_plus_minus(draws, n[ARM_UNIQUE], n[ARM_UNIQUE_SQUARES]), 3, out);
	json_kv(out, uint, "wins", (uint64_t)n[ARM_WINS]);
	json_kv(out, num_short, "took_us", us, 4);
	tell_number("took_plus_minus",
		draws < 2 ? NAN
			  : 1.96 * sqrt(fmax(n[ARM_US_SQUARES] / draws - us * us, 0) / (draws - 1)),
		3, out);
	json_kv(out, num_short, "p95_us", count_time(n + ARM_TIMES, 0.95), 3);
}

static void tell_bounds(struct pin bounds, struct json_out *out)
{
	json_kv(out, num_short, "min", bounds.min, 4);
	json_kv(out, num_short, "max", bounds.max, 4);
	json_kv(out, bool, "pinned", bounds.set);
}

static void tell_arm(struct funnel_collection *c, const struct learnt *learnt,
	const struct strategy *strategy, const struct window *window, struct json_out *out)
{
	struct arm_counters *counters = stats_arm(&c->stats, slice_str(strategy->name));

	json_key(out, strategy->name);
	json_object_open(out);
	tell_counts(sums_of(window, slice_str(strategy->name)), window->candidates, out);
	json_kv(out, uint, "failed", atomic_load(&counters->failed));
	tell_bounds(bounds_of(learnt, strategy), out);
	json_close(out);
}

int funnel_bounds(struct funnel *f, int collection, struct slice name, struct pin *out,
	struct error *err)
{
	struct funnel_collection *c = &f->shared->collections[collection];
	struct station *station = &f->stations[collection];
	const struct edition *edition =
		cell_read(editions_cell(c->editions), &station->edition, NULL);
	const char *names[ARMS_MAX + 1] = { NULL };
	int i;

	program_free(station->program); /* as in funnel_arms */
	station->program = NULL;
	for (i = 0; i < edition->strategy_count && i < ARMS_MAX; i++) {
		names[i] = edition->strategies[i].name;
		if (!slice_is(name, names[i]))
			continue;
		*out = bounds_of(cell_read(c->learnt, &station->learnt, NULL),
			&edition->strategies[i]);
		return 0;
	}
	return error_unknown(err, ERR_NOT_FOUND, "no strategy", name, names, NULL);
}

int funnel_arms(struct funnel *f, int collection, int64_t window_ms, struct arena *arena,
	struct buf *buf, struct error *err)
{
	struct funnel_collection *c = &f->shared->collections[collection];
	struct station *station = &f->stations[collection];
	const struct edition *edition =
		cell_read(editions_cell(c->editions), &station->edition, NULL);
	const struct learnt *learnt = cell_read(c->learnt, &station->learnt, NULL);
	struct window window;
	struct json_out out;
	int i, rc;

	rc = read_window(f, c, COUNT_ARM, window_ms, arena, &window, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < edition->strategy_count; i++)
		window.candidates +=
			sums_of(&window, slice_str(edition->strategies[i].name))[ARM_CANDIDATES];
	/* the program may be of the edition before: the next search makes it anew */
	program_free(station->program);
	station->program = NULL;
	json_begin(&out, buf);
	json_object_open(&out);
	for (i = 0; i < edition->strategy_count; i++)
		tell_arm(c, learnt, &edition->strategies[i], &window, &out);
	json_close(&out);
	return 0;
}

/* ---- POLICIES ---- */

/* A policy of the split, and what it gained over the first. */
static void tell_policy(const struct window *w, struct slice name, double share, uint64_t split,
	struct mean *first, struct json_out *out)
{
	struct key room;
	const double *n = sums_of(w, count_policy_name(&room, name, split));
	struct mean mean = count_mean(n + POLICY_DECISIONS, n + POLICY_REWARD);
	struct mean gain = { 0, NAN, NAN };

	json_key_slice(out, name);
	json_object_open(out);
	json_kv(out, num_short, "share", share, 6);
	json_kv(out, uint, "decisions", (uint64_t)mean.n);
	json_kv(out, num_short, "reward_per_search", mean.value, 4);
	tell_number("plus_minus", mean.plus_minus, 3, out);
	if (first->n >= 0)
		gain = count_gain(first, &mean);
	else
		*first = mean;
	tell_number("gain", gain.value, 4, out);
	tell_number("gain_plus_minus", gain.plus_minus, 3, out);
	json_kv(out, num_short, "candidates", ratio(n[POLICY_CANDIDATES], mean.n), 4);
	json_kv(out, num_short, "took_us", ratio(n[POLICY_US], mean.n), 4);
	json_close(out);
}

/* Interleaved pages: whose hits people chose. */
static void tell_pair(struct slice name, const double *n, struct json_out *out)
{
	struct mean won = count_mean(n + PAIR_JUDGED, n + PAIR_WON);
	double decided = n[PAIR_FIRST] + n[PAIR_SECOND];

	json_key_slice(out, name);
	json_object_open(out);
	json_kv(out, uint, "decisions", (uint64_t)n[PAIR_DECISIONS]);
	json_kv(out, uint, "first", (uint64_t)n[PAIR_FIRST]);
	json_kv(out, uint, "second", (uint64_t)n[PAIR_SECOND]);
	json_kv(out, uint, "ties", (uint64_t)n[PAIR_TIES]);
	tell_number("preference", won.n > 0 ? won.value : NAN, 4, out);
	tell_number("plus_minus", won.plus_minus, 3, out);
	tell_number("sign_test", decided > 0 ? count_sign_test(n[PAIR_FIRST], n[PAIR_SECOND]) : NAN,
		3, out);
	json_kv(out, num_short, "reward_first", n[PAIR_REWARD_FIRST], 6);
	json_kv(out, num_short, "reward_second", n[PAIR_REWARD_SECOND], 6);
	json_kv(out, str, "says",
		!(fabs(won.value - 0.5) > won.plus_minus) ? "no difference shown"
		: won.value > 0.5                         ? "the first is better"
							  : "the second is better");
	json_close(out);
}

static void tell_policies(const struct window *w, const struct split *split, struct json_out *out)
{
	struct mean first = { .n = -1 };
	struct buf name = { 0 };
	int i;

	json_key(out, "policies");
	json_object_open(out);
	for (i = 0; i < split->count; i++) {
		buf_reset(&name);
		split_part_print(&split->part[i], &name);
		tell_policy(w, buf_slice(&name), split->part[i].share, split_id(split), &first,
			out);
	}
	json_close(out);
	buf_clear(&name);
}

int funnel_split_known(struct funnel *f, int collection, const struct split *split,
	struct error *err)
{
	const struct edition *edition;
	int rc = funnel_hold(f, collection, err);

	if (rc < 0)
		return rc;
	edition = snapshot_object(f->stations[collection].edition.held);
	return split_known(split, edition->rankings, err);
}

int funnel_policies(struct funnel *f, int collection, int64_t window_ms, struct arena *arena,
	struct buf *buf, struct error *err)
{
	struct funnel_collection *c = &f->shared->collections[collection];
	struct station *station = &f->stations[collection];
	const struct learnt *learnt = cell_read(c->learnt, &station->learnt, NULL);
	struct error why = { 0 };
	const struct split *split;
	struct window policies, pairs;
	struct buf text = { 0 };
	struct json_out out;
	int i, rc;

	rc = funnel_hold(f, collection, err);
	if (rc == 0)
		rc = read_window(f, c, COUNT_POLICY, window_ms, arena, &policies, err);
	if (rc == 0)
		rc = read_window(f, c, COUNT_PAIR, window_ms, arena, &pairs, err);
	if (rc < 0)
		return rc;
	split = funnel_split(learnt, snapshot_object(station->edition.held), f->shared->options,
		&why);
	split_print(split, &text);
	json_begin(&out, buf);
	json_object_open(&out);
	json_kv(&out, slice, "split", buf_slice(&text));
	json_kv(&out, str, "salt", split->salt);
	json_kv(&out, bool, "set", (learnt && learnt_split(learnt)));
	json_kv(&out, str, "error", why.code ? why.text : NULL);
	tell_policies(&policies, split, &out);
	json_key(&out, "interleaved");
	json_object_open(&out);
	for (i = 0; i < pairs.count; i++)
		tell_pair(pairs.sums[i].name, pairs.sums[i].at, &out);
	json_close(&out);
	json_close(&out);
	buf_clear(&text);
	return 0;
}
