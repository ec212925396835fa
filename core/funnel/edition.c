/* edition.c -- loading scripts as editions, all or nothing.
 *
 * A load that fails leaves the edition in force where it is and is remembered, so
 * that an operator sees it in SCRIPTS LIST and in the log. */
#include "funnel/edition.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "funnel/rank.h"

struct editions {
	pthread_mutex_t lock;
	const struct schema *schema;
	char *root;
	struct cell *cell;
	struct snapshot *kept[GENERATIONS_KEPT]; /* oldest first */
	int count;
	int current; /* place in kept */
	uint64_t next;
	char error[sizeof(((struct error *)0)->text)];
};

static void edition_free(void *object)
{
	struct edition *e = object;

	if (!e)
		return;
	scripts_free(e->scripts);
	feature_set_free(e->features);
	ladder_free(e->ladder);
	free(e->strategies);
	free(e->rankings);
	free(e);
}

int edition_program(const struct edition *e, const struct schema *schema, struct program **out,
	struct error *err)
{
	struct program_options options = { .schema = schema, .weights = rank_names };

	return program_new(out, e->scripts, &options, err);
}

static int take_features(struct edition *e, struct program *program, struct error *err)
{
	int count;
	const struct feature_spec *list = program_feature_list(program, &count);

	return feature_set_new(&e->features, list, count, err);
}

static int take_rewards(struct edition *e, struct program *program, struct error *err)
{
	const struct rewards *rewards = program_rewards(program);
	struct rung rungs[EVENTS_NAMES_MAX];
	int i;

	e->window_ms = rewards->window_ms;
	if (!rewards->count) {
		e->ladder = ladder_default();
		return 0;
	}
	for (i = 0; i < rewards->count; i++)
		rungs[i] = (struct rung){ rewards->events[i].name, rewards->events[i].value };
	return ladder_new(&e->ladder, rungs, rewards->count, err);
}

static void take_strategies(struct edition *e, struct program *program)
{
	const struct strategy *list = program_strategies(program, &e->strategy_count);

	e->strategies = xcalloc(e->strategy_count + 1, sizeof(*list));
	memcpy(e->strategies, list, e->strategy_count * sizeof(*list));
}

/* The names are those of files, which the edition has. */
static void take_rankings(struct edition *e)
{
	int i, count = 0;

	e->rankings = xcalloc(e->scripts->count + 1, sizeof(*e->rankings));
	for (i = 0; i < e->scripts->count; i++)
		if (e->scripts->items[i].kind == SCRIPT_RANKING)
			e->rankings[count++] = e->scripts->items[i].name;
}

static int edition_read(struct edition **out, const char *root, const struct schema *schema,
	struct error *err)
{
	struct edition *e = xcalloc(1, sizeof(*e));
	struct program *program = NULL;
	int rc;

	rc = scripts_read(&e->scripts, root, schema->name, err);
	if (rc < 0)
		goto out;
	rc = edition_program(e, schema, &program, err);
	if (rc < 0)
		goto out;
	rc = take_features(e, program, err);
	if (rc < 0)
		goto out;
	rc = take_rewards(e, program, err);
	if (rc < 0)
		goto out;
	take_strategies(e, program);
	take_rankings(e);
	*out = e;
	e = NULL;
out:
	program_free(program);
	edition_free(e);
	return rc;
}

/* ---- the history ---- */

static struct edition *at(const struct editions *all, int i)
{
	return snapshot_object(all->kept[i]);
}

static void publish(struct editions *all, int i)
{
	all->current = i;
	cell_publish(all->cell, snapshot_hold(all->kept[i]));
}

static void keep(struct editions *all, struct edition *e)
{
	int drop;

	if (all->count == GENERATIONS_KEPT) {
		drop = all->current == 0; /* never the one that serves */
		snapshot_drop(all->kept[drop]);
		memmove(all->kept + drop, all->kept + drop + 1,
			(all->count - drop - 1) * sizeof(all->kept[0]));
		all->count--;
	}
	e->number = all->next++;
	all->kept[all->count++] = snapshot_new(e, edition_free);
	publish(all, all->count - 1);
}

static void remember(struct editions *all, const struct error *err)
{
	if (strcmp(all->error, err->text))
		log_warn("scripts", "%s: %s; generation %llu goes on serving", all->schema->name,
			err->text, (unsigned long long)at(all, all->current)->number);
	snprintf(all->error, sizeof(all->error), "%s", err->text);
}

int editions_open(struct editions **out, const char *root, const struct schema *schema,
	int64_t now_ms, struct error *err)
{
	struct editions *all;
	struct edition *first;
	int rc;

	rc = edition_read(&first, root, schema, err);
	if (rc < 0)
		return rc;
	all = xcalloc(1, sizeof(*all));
	pthread_mutex_init(&all->lock, NULL);
	all->schema = schema;
	all->root = xstrdup(root);
	all->next = 1;
	all->cell = cell_new(NULL);
	first->loaded_ms = now_ms;
	keep(all, first);
	*out = all;
	return 0;
}

void editions_close(struct editions *all)
{
	if (!all)
		return;
	cell_free(all->cell);
	while (all->count)
		snapshot_drop(all->kept[--all->count]);
	pthread_mutex_destroy(&all->lock);
	free(all->root);
	free(all);
}

struct cell *editions_cell(struct editions *all)
{
	return all->cell;
}

int editions_check(struct editions *all, struct view *view, struct error *err)
{
	struct program *program = NULL;
	struct edition *e = NULL;
	int rc;

	rc = edition_read(&e, all->root, all->schema, err);
	if (rc == 0)
		rc = edition_program(e, all->schema, &program, err);
	if (rc == 0)
		rc = program_check(program, view, err);
	program_free(program);
	edition_free(e);
	return rc;
}

int editions_load(struct editions *all, int64_t now_ms, struct error *err)
{
	struct error why = { 0 };
	struct edition *e;
	int rc;

	pthread_mutex_lock(&all->lock);
	rc = edition_read(&e, all->root, all->schema, &why);
	if (rc < 0) {
		remember(all, &why);
		if (err)
			*err = why;
	} else if (e->scripts->fingerprint == at(all, all->current)->scripts->fingerprint) {
		all->error[0] = '\0';
		edition_free(e);
	} else {
		all->error[0] = '\0';
		e->loaded_ms = now_ms;
		keep(all, e);
		log_info("scripts", "%s: generation %llu serves, %d strategies", all->schema->name,
			(unsigned long long)e->number, e->strategy_count);
		rc = 1;
	}
	pthread_mutex_unlock(&all->lock);
	return rc;
}

/* Its place, or an error; the lock is held. */
static int find_kept(struct editions *all, uint64_t number, struct error *err)
{
	int i;

	for (i = 0; i < all->count; i++)
		if (at(all, i)->number == number)
			return i;
	return error_set(err, ERR_NOT_FOUND, "no generation %llu, kept are %llu to %llu",
		(unsigned long long)number, (unsigned long long)at(all, 0)->number,
		(unsigned long long)at(all, all->count - 1)->number);
}

int editions_use(struct editions *all, uint64_t number, struct error *err)
{
	int i;

	pthread_mutex_lock(&all->lock);
	i = find_kept(all, number, err);
	if (i >= 0)
		publish(all, i);
	pthread_mutex_unlock(&all->lock);
	return i < 0 ? i : 0;
}

int editions_kept(struct editions *all, uint64_t number, struct snapshot **out, struct error *err)
{
	int i;

	pthread_mutex_lock(&all->lock);
	i = find_kept(all, number, err);
	if (i >= 0)
		*out = snapshot_hold(all->kept[i]);
	pthread_mutex_unlock(&all->lock);
	return i < 0 ? i : 0;
}

int editions_read(struct editions *all, const char *root, struct snapshot **out, struct error *err)
{
	struct edition *e;
	int rc = edition_read(&e, root, all->schema, err);

	if (rc == 0)
		*out = snapshot_new(e, edition_free);
	return rc;
}

int editions_rollback(struct editions *all, struct error *err)
{
	int rc = 0;

	pthread_mutex_lock(&all->lock);
	if (all->current > 0)
		publish(all, all->current - 1);
	else
		rc = error_set(err, ERR_NOT_FOUND, "there is no generation before %llu",
			(unsigned long long)at(all, 0)->number);
	pthread_mutex_unlock(&all->lock);
	return rc;
}

uint64_t editions_number(struct editions *all)
{
	uint64_t number;

	pthread_mutex_lock(&all->lock);
	number = at(all, all->current)->number;
	pthread_mutex_unlock(&all->lock);
	return number;
}

void editions_print(struct editions *all, struct json_out *out)
{
	const struct edition *e;
	int i;

	pthread_mutex_lock(&all->lock);
	e = at(all, all->current);
	json_object_open(out);
	json_kv(out, str, "collection", all->schema->name);
	json_kv(out, str, "folder", e->scripts->folder);
	json_kv(out, uint, "generation", e->number);
	json_kv(out, str, "error", all->error[0] ? all->error : NULL);
	json_key(out, "kept");
	json_array_open(out);
	for (i = 0; i < all->count; i++) {
		json_object_open(out);
		json_kv(out, uint, "generation", at(all, i)->number);
		json_kv(out, int, "loaded_ms", at(all, i)->loaded_ms);
		json_kv(out, int, "files", at(all, i)->scripts->count);
		json_close(out);
	}
	json_close(out);
	json_key(out, "files");
	json_array_open(out);
	for (i = 0; i < e->scripts->count; i++)
		json_str(out, e->scripts->items[i].path);
	json_close(out);
	json_close(out);
	pthread_mutex_unlock(&all->lock);
}
