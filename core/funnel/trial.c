#include "funnel/trial.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "funnel/search.h"
#include "learn/learning.h"
#include "store/key.h"

#define ENTITIES_MAX 64 /* of one search that earned something; more do not count */

/* What one strategy, or all together, would have reached. */
struct reached {
	uint64_t asked, failed;
	int64_t took_us;
	double sum[LEVELS_MAX]; /* reward by level */
	double squares, cross;  /* of the deepest: sums of x * x and x * y over searches */
	double alone;           /* reward of what no other of the set found */
	bool left_out;          /* it asks the memory */
};

struct side {
	struct snapshot *held;
	const struct edition *edition;
	struct program *program;
	struct reached arm[ARMS_MAX], all;
	uint64_t failed; /* searches */
};

/* A wanted entity, and how deep it stands; 0: nowhere. */
struct wanted {
	uint32_t doc;
	double reward;
	unsigned rank, best, finders;
};

struct trial {
	struct funnel *funnel;
	struct funnel_collection collection; /* counters are this trial's own */
	struct arena *arena;
	struct side side[2]; /* in force, on trial */
	struct levels levels;
	int number;       /* of the collection */
	struct key below; /* outcomes to look at are below; none yet: empty */
	uint64_t last, done, gone;
	double reward, squares; /* sums of y and y * y over searches */
	bool over;
};

/* ---- opening ---- */

static int open_side(struct side *side, struct snapshot *held, const struct schema *schema,
	struct error *err)
{
	side->held = held;
	side->edition = snapshot_object(held);
	return edition_program(side->edition, schema, &side->program, err);
}

int trial_new(struct trial **out, struct funnel_shared *shared, int collection,
	struct snapshot *edition, uint64_t last, struct error *err)
{
	struct funnel_collection *c = &shared->collections[collection];
	struct trial *t = xcalloc(1, sizeof(*t));
	struct cell_reader now = { 0 };
	int rc;

	t->collection.schema = c->schema;
	t->collection.editions = c->editions;
	t->collection.learnt = c->learnt;
	t->collection.number = c->number;
	t->arena = arena_new();
	t->levels = shared->options->levels;
	t->number = collection;
	t->last = last;
	cell_read(editions_cell(c->editions), &now, NULL);
	rc = open_side(&t->side[1], edition, c->schema, err);
	if (rc == 0)
		rc = open_side(&t->side[0], snapshot_hold(now.held), c->schema, err);
	cell_reader_clear(&now);
	if (rc == 0)
		rc = funnel_open(&t->funnel, shared, err);
	if (rc < 0) {
		trial_free(t);
		return rc;
	}
	*out = t;
	return 0;
}

void trial_free(struct trial *t)
{
	int i;

	if (!t)
		return;
	for (i = 0; i < 2; i++) {
		program_free(t->side[i].program);
		snapshot_drop(t->side[i].held);
	}
	funnel_close(t->funnel);
	arena_free(t->arena);
	free(t);
}

/* ---- one search ---- */

static void count_arm(struct trial *t, struct reached *r, const struct wanted *wanted, int count,
	double y)
{
	double x = 0;
	int i, l;

	for (i = 0; i < count; i++) {
		if (!wanted[i].rank)
			continue;
		x += wanted[i].reward;
		for (l = 1; l < t->levels.count; l++)
			if (wanted[i].rank <= t->levels.depth[l])
				r->sum[l] += wanted[i].reward;
	}
	r->squares += x * x;
	r->cross += x * y;
}

static void find(const struct drawn *drawn, struct wanted *wanted, int count)
{
	size_t h;
	int i;

	for (i = 0; i < count; i++) {
		wanted[i].rank = 0;
		for (h = 0; h < drawn->count && !wanted[i].rank; h++)
			if (drawn->hits[h].doc == wanted[i].doc)
				wanted[i].rank = (unsigned)h + 1;
		if (!wanted[i].rank)
			continue;
		wanted[i].finders++;
		if (!wanted[i].best || wanted[i].rank < wanted[i].best)
			wanted[i].best = wanted[i].rank;
	}
}

static void ask_arm(struct trial *t, struct side *side, struct search *s, int a,
	struct wanted *wanted, int count, double y)
{
	struct reached *r = &side->arm[a];
	struct arm *arm = &s->arms[a];
	unsigned depth = t->levels.depth[t->levels.count - 1];

	if (arm->planned && arm->plan.source == PLAN_MEMORY)
		r->left_out = true;
	if (arm->planned && !r->left_out) {
		depth = depth < arm_limit(arm) ? depth : arm_limit(arm);
		arm_ask(s, arm, depth);
		r->asked++;
		r->took_us += arm->took_us;
		find(&arm->drawn, wanted, count);
		count_arm(t, r, wanted, count, y);
	}
	r->failed += arm->error != NULL;
}

/* Who brought what nobody else did: asked again of the hits that are still there. */
static void count_alone(struct side *side, const struct search *s, struct wanted *wanted, int count)
{
	struct wanted one;
	int a, i;

	for (i = 0; i < count; i++)
		for (a = 0; a < s->arm_count && wanted[i].finders == 1; a++) {
			one = wanted[i];
			find(&s->arms[a].drawn, &one, 1);
			if (one.rank)
				side->arm[a].alone += one.reward;
		}
}

static void play(struct trial *t, struct side *side, const struct decision *d,
	struct wanted *wanted, int count, double y)
{
	struct search_request request = { .collection = t->number,
		.query = d->query,
		.context = d->context,
		.unlogged = true };
	struct search *s = arena_calloc(t->arena, 1, sizeof(*s));
	struct error why;
	int a, i;

	search_init(s, t->funnel, &request, t->arena);
	s->collection = &t->collection;
	s->edition = side->edition;
	s->program = side->program;
	search_time(s, d->at_ms);
	s->seed = d->seed;
	for (i = 0; i < count; i++)
		wanted[i].best = wanted[i].finders = 0;
	if (step_understand(s, &why) < 0 || step_plan(s, &why) < 0) {
		side->failed++;
	} else {
		for (a = 0; a < s->arm_count; a++)
			ask_arm(t, side, s, a, wanted, count, y);
		count_alone(side, s, wanted, count);
		for (i = 0; i < count; i++)
			wanted[i].rank = wanted[i].best;
		count_arm(t, &side->all, wanted, count, y);
	}
	json_decref(s->context);
}

static int find_wanted(struct trial *t, const struct outcome *o, struct wanted *wanted, double *y)
{
	struct view *view = reader_view(t->funnel->reader, t->number);
	uint32_t doc;
	int i, n = 0;

	for (i = 0; i < o->entities && n < ENTITIES_MAX; i++) {
		if (!(o->entity[i].reward > 0))
			continue;
		doc = view_doc(view, o->entity[i].id);
		if (doc == DOC_NONE) {
			t->gone++;
			continue;
		}
		wanted[n++] = (struct wanted){ .doc = doc, .reward = o->entity[i].reward };
		*y += o->entity[i].reward;
	}
	return n;
}

static int look_at(struct trial *t, const struct decision *d, const struct outcome *o)
{
	struct wanted wanted[ENTITIES_MAX];
	double y = 0;
	int count = find_wanted(t, o, wanted, &y), i;

	if (!count)
		return 0;
	t->reward += y;
	t->squares += y * y;
	for (i = 0; i < 2; i++)
		play(t, &t->side[i], d, wanted, count, y);
	return 1;
}

/* ---- the pass, from the newest ---- */

/* The next outcome below: 1, or 0 when there is none. */
static int next(struct trial *t, struct slice *bytes, struct error *err)
{
	struct cursor *cursor;
	struct slice key;
	int rc = cursor_open(&cursor, t->funnel->learning, LEARNING_OUTCOMES, err);

	if (rc < 0)
		return rc;
	if (!t->below.len) {
		rc = cursor_last(cursor, &key, bytes, err);
	} else {
		rc = cursor_seek(cursor, key_slice(&t->below), &key, bytes, err);
		rc = rc == ERR_NOT_FOUND ? cursor_last(cursor, &key, bytes, err)
		     : rc == 0           ? cursor_prev(cursor, &key, bytes, err)
					 : rc;
	}
	cursor_close(cursor);
	if (rc < 0)
		return rc == ERR_NOT_FOUND ? 0 : rc;
	t->below.len = 0;
	key_raw(&t->below, key);
	return 1;
}

static int one(struct trial *t, struct error *err)
{
	struct outcome outcome;
	struct decision d;
	struct slice bytes;
	struct error damaged;
	int rc = next(t, &bytes, err);

	if (rc <= 0) {
		t->over = rc == 0;
		return rc;
	}
	if (outcome_decode(&outcome, t->arena, bytes, &damaged) < 0 || !outcome.entities ||
		learning_decision(t->funnel->learning, t->arena, outcome.decision, &d, &damaged) <
			0 ||
		!slice_is(d.collection, t->collection.schema->name))
		return 0;
	t->done += (uint64_t)look_at(t, &d, &outcome);
	t->over = t->done == t->last;
	return 0;
}

int trial_step(struct trial *t, int most, struct error *err)
{
	int rc = funnel_begin(t->funnel, err), i;

	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < most && !t->over; i++) {
		rc = one(t, err);
		arena_reset(t->arena);
	}
	funnel_end(t->funnel);
	return rc < 0 ? rc : t->over;
}

double trial_progress(const struct trial *t)
{
	return t->over ? 1 : (double)t->done / (double)t->last;
}

/* ---- what came of it ---- */

static void print_reached(const struct trial *t, const struct reached *r, struct json_out *out)
{
	double share = t->reward > 0 ? r->sum[t->levels.count - 1] / t->reward : 0, error;
	char name[16];
	int l;

	for (l = 1; l < t->levels.count; l++) {
		snprintf(name, sizeof(name), "at_%u", t->levels.depth[l]);
		json_kv(out, num_short, name, t->reward > 0 ? r->sum[l] / t->reward : 0, 4);
	}
	/* of a ratio of sums over searches */
	error = r->squares - 2 * share * r->cross + share * share * t->squares;
	json_kv(out, num_short, "plus_minus",
		t->reward > 0 ? 1.96 * sqrt(fmax(error, 0)) / t->reward : 0, 3);
}

static void print_side(const struct trial *t, const struct side *side, struct json_out *out)
{
	const struct reached *r;
	int a;

	json_object_open(out);
	json_kv(out, uint, "failed", side->failed);
	json_key(out, "all");
	json_object_open(out);
	print_reached(t, &side->all, out);
	json_close(out);
	json_key(out, "strategies");
	json_object_open(out);
	for (a = 0; a < side->edition->strategy_count; a++) {
		r = &side->arm[a];
		if (r->left_out)
			continue;
		json_key(out, side->edition->strategies[a].name);
		json_object_open(out);
		json_kv(out, uint, "asked", r->asked);
		print_reached(t, r, out);
		json_kv(out, num_short, "alone", t->reward > 0 ? r->alone / t->reward : 0, 4);
		json_kv(out, num_short, "took_us",
			r->asked ? (double)r->took_us / (double)r->asked : 0, 4);
		json_kv(out, uint, "failed", r->failed);
		json_close(out);
	}
	json_close(out);
	json_key(out, "left_out");
	json_array_open(out);
	for (a = 0; a < side->edition->strategy_count; a++)
		if (side->arm[a].left_out)
			json_str(out, side->edition->strategies[a].name);
	json_close(out);
	json_close(out);
}

void trial_print(const struct trial *t, struct json_out *out)
{
	json_kv(out, uint, "searches", t->done);
	json_kv(out, num_short, "reward", t->reward, 6);
	json_kv(out, uint, "gone", t->gone);
	json_key(out, "in_force");
	print_side(t, &t->side[0], out);
	json_key(out, "on_trial");
	print_side(t, &t->side[1], out);
}
