/* judge.c -- a policy judged in the background.
 *
 * The lock is held to begin, to end and to look; never during a step. */
#include "server/judge.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/alloc.h"

#define STEP 200 /* decisions, some milliseconds */
#define NICE 10

struct judge {
	struct store *learning;
	pthread_mutex_t lock;
	pthread_t thread;
	bool started; /* the thread is to be joined */
	struct judge_state state;
	atomic_bool stop;
	struct replay *replay;
	judge_done *done;
	void *data;
};

struct judge *judge_new(struct store *learning)
{
	struct judge *j = xcalloc(1, sizeof(*j));

	j->learning = learning;
	pthread_mutex_init(&j->lock, NULL);
	atomic_init(&j->stop, false);
	return j;
}

void judge_stop(struct judge *j)
{
	atomic_store(&j->stop, true);
}

void judge_free(struct judge *j)
{
	if (!j)
		return;
	judge_stop(j);
	if (j->started)
		pthread_join(j->thread, NULL);
	replay_free(j->replay);
	pthread_mutex_destroy(&j->lock);
	free(j);
}

static int step(struct judge *j, struct replay_progress *p, struct error *err)
{
	struct txn *txn;
	int rc = store_begin(&txn, j->learning, STORE_READ, err);

	if (rc < 0)
		return rc;
	rc = replay_step(j->replay, txn, STEP, err);
	store_end(txn);
	replay_progress(j->replay, p);
	pthread_mutex_lock(&j->lock);
	if (p->last > p->first)
		j->state.progress =
			(double)(p->at - p->first) / (double)(p->last - p->first + 1);
	pthread_mutex_unlock(&j->lock);
	return rc;
}

static void *run(void *data)
{
	struct replay_progress progress = { 0 };
	struct error err = { 0 };
	struct judge *j = data;
	judge_done *done = j->done; /* soon those of the next */
	void *whose = j->data;
	int rc = 0;

	setpriority(PRIO_PROCESS, 0, NICE); /* on Linux: of this thread */
	while (rc == 0 && !progress.done) {
		rc = step(j, &progress, &err);
		if (rc == 0 && !progress.done && atomic_load(&j->stop))
			rc = error_set(&err, ERR_STATE, "shutting down");
	}
	/* whoever is answered may ask for the next at once */
	pthread_mutex_lock(&j->lock);
	j->state.running = false;
	pthread_mutex_unlock(&j->lock);
	done(whose, rc, j->replay, &err);
	return NULL;
}

static int begin(struct judge *j, struct replay *replay, struct error *err)
{
	if (atomic_load(&j->stop))
		return error_set(err, ERR_STATE, "shutting down");
	if (j->state.running)
		return error_set(err, ERR_BUSY, "%s is being judged for %s, %.0f%% done",
			j->state.policy, j->state.collection, 100 * j->state.progress);
	if (j->started) /* it is at its end: nothing but its answer is left */
		pthread_join(j->thread, NULL);
	j->started = false;
	replay_free(j->replay);
	j->replay = replay;
	return 0;
}

int judge_start(struct judge *j, struct replay *replay, const char *collection,
	const char *policy, judge_done *done, void *data, struct error *err)
{
	int rc;

	pthread_mutex_lock(&j->lock);
	rc = begin(j, replay, err);
	if (rc == 0) {
		j->done = done;
		j->data = data;
		j->state = (struct judge_state){ .running = true };
		snprintf(j->state.collection, sizeof(j->state.collection), "%s", collection);
		snprintf(j->state.policy, sizeof(j->state.policy), "%s", policy);
		j->started = !pthread_create(&j->thread, NULL, run, j);
	}
	if (rc == 0 && !j->started) {
		j->state.running = false;
		j->replay = NULL;
		rc = error_set(err, ERR_IO, "cannot start a thread");
	}
	pthread_mutex_unlock(&j->lock);
	return rc;
}

void judge_state(struct judge *j, struct judge_state *out)
{
	pthread_mutex_lock(&j->lock);
	*out = j->state;
	pthread_mutex_unlock(&j->lock);
}
