/* tell_arms.c -- ARMS and POLICIES: what strategies and policies did, as JSON. */
#include <math.h>

#include "base/ascii.h"
#include "funnel/search.h"

/* ---- ARMS ---- */

static void tell_learnt(const struct arm_stats *stats, struct json_out *out)
{
	double draws = stats->draws, mean = draws ? stats->reward / draws : 0;

	json_kv(out, uint, "decisions", stats->decisions);
	json_kv(out, uint, "draws", stats->draws);
	json_kv(out, num_short, "depth", draws ? stats->depth / draws : 0, 4);
	json_kv(out, num_short, "candidates", draws ? stats->candidates / draws : 0, 4);
	json_kv(out, num_short, "reward", stats->reward, 6);
	json_kv(out, num_short, "reward_per_draw", mean, 4);
	/* a reward lies in 0..1, so its variance is at most mean (1 - mean) */
	json_kv(out, num_short, "plus_minus",
		draws ? 1.96 * sqrt(fmax(mean * (1 - mean), 0) / draws) : 0, 3);
	json_kv(out, num_short, "unique", stats->unique, 6);
	json_kv(out, uint, "wins", stats->wins);
}

static void tell_bounds(struct pin bounds, struct json_out *out)
{
	json_kv(out, num_short, "min", bounds.min, 4);
	json_kv(out, num_short, "max", bounds.max, 4);
	json_kv(out, bool, "pinned", bounds.set);
}

static void tell_arm(struct funnel_collection *c, const struct learnt *learnt,
	const struct strategy *strategy, struct json_out *out)
{
	struct arm_counters *counters = stats_arm(&c->stats, slice_str(strategy->name));
	int found = learnt ? learnt_find(learnt, slice_str(strategy->name)) : -1;
	static const struct arm_stats none;
	uint64_t asked = atomic_load(&counters->asked);

	json_key(out, strategy->name);
	json_object_open(out);
	tell_learnt(found >= 0 ? learnt_stats(learnt, found) : &none, out);
	json_kv(out, uint, "failed", atomic_load(&counters->failed));
	json_kv(out, num_short, "took_us",
		asked ? (double)atomic_load(&counters->took_us) / asked : 0, 4);
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
	const char *names[ARMS_MAX + 1] = { NULL }, *near;
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
	near = ascii_nearest(name, names);
	return error_set(err, ERR_NOT_FOUND, "no strategy '%.*s'%s%s%s",
		(int)(name.len > 64 ? 64 : name.len), name.ptr, near ? "; did you mean '" : "",
		near ? near : "", near ? "'?" : "");
}

int funnel_arms(struct funnel *f, int collection, struct arena *arena, struct buf *buf,
	struct error *err)
{
	struct funnel_collection *c = &f->shared->collections[collection];
	struct station *station = &f->stations[collection];
	const struct edition *edition =
		cell_read(editions_cell(c->editions), &station->edition, NULL);
	const struct learnt *learnt = cell_read(c->learnt, &station->learnt, NULL);
	struct json_out out;
	int i;

	/* the program may be of the edition before: the next search makes it anew */
	program_free(station->program);
	station->program = NULL;
	json_begin(&out, buf);
	json_object_open(&out);
	for (i = 0; i < edition->strategy_count; i++)
		tell_arm(c, learnt, &edition->strategies[i], &out);
	json_close(&out);
	return 0;
}

/* ---- POLICIES ---- */

int funnel_policies(struct funnel *f, int collection, struct arena *arena, struct buf *buf,
	struct error *err)
{
	struct funnel_collection *c = &f->shared->collections[collection];
	struct station *station = &f->stations[collection];
	const struct learnt *learnt = cell_read(c->learnt, &station->learnt, NULL);
	struct error why = { 0 };
	const struct split *split = funnel_split(learnt, f->shared->options, &why);
	struct buf text = { 0 };
	struct json_out out;
	int i;

	split_print(split, &text);
	json_begin(&out, buf);
	json_object_open(&out);
	json_kv(&out, slice, "split", buf_slice(&text));
	json_kv(&out, str, "salt", split->salt);
	json_kv(&out, bool, "set", learnt && learnt_split(learnt));
	json_kv(&out, str, "error", why.code ? why.text : NULL);
	json_key(&out, "policies");
	json_object_open(&out);
	for (i = 0; i < split->count; i++) {
		json_key(&out, split->part[i].policy);
		json_object_open(&out);
		json_kv(&out, num_short, "share", split->part[i].share, 6);
		json_close(&out);
	}
	json_close(&out);
	json_close(&out);
	buf_clear(&text);
	return 0;
}
