/* judge.c -- evaluations in the background.
 *
 * The lock is held to begin, to end and to look; never during a step. */
#include "server/judge.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/alloc.h"

#define NICE 10

struct judge {
	pthread_mutex_t lock;
	pthread_t thread;
	bool started; /* the thread is to be joined */
	struct judge_state state;
	atomic_bool stop;
	struct judging judging;
};

struct judge *judge_new(void)
{
	struct judge *j = xcalloc(1, sizeof(*j));

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
	pthread_mutex_destroy(&j->lock);
	free(j);
}

static void *run(void *data)
{
	struct error err = { 0 };
	struct judge *j = data;
	struct judging judging = j->judging; /* soon that of the next */
	double progress = 0;
	int rc = 0;

	setpriority(PRIO_PROCESS, 0, NICE); /* on Linux: of this thread */
	while (rc == 0) {
		rc = judging.step(judging.data, &progress, &err);
		pthread_mutex_lock(&j->lock);
		j->state.progress = progress;
		pthread_mutex_unlock(&j->lock);
		if (rc == 0 && atomic_load(&j->stop))
			rc = error_set(&err, ERR_STATE, "shutting down");
	}
	/* whoever is answered may ask for the next at once */
	pthread_mutex_lock(&j->lock);
	j->state.running = false;
	pthread_mutex_unlock(&j->lock);
	judging.done(judging.data, rc < 0 ? rc : 0, &err);
	return NULL;
}

static int begin(struct judge *j, const struct judging *judging, struct error *err)
{
	if (atomic_load(&j->stop))
		return error_set(err, ERR_STATE, "shutting down");
	if (j->state.running)
		return error_set(err, ERR_BUSY, "%s is being judged for %s, %.0f%% done",
			j->state.what, j->state.collection, 100 * j->state.progress);
	if (j->started) /* it is at its end: nothing but its answer is left */
		pthread_join(j->thread, NULL);
	j->judging = *judging;
	j->state = (struct judge_state){ .running = true };
	snprintf(j->state.collection, sizeof(j->state.collection), "%s", judging->collection);
	snprintf(j->state.what, sizeof(j->state.what), "%s", judging->what);
	j->started = !pthread_create(&j->thread, NULL, run, j);
	if (j->started)
		return 0;
	j->state.running = false;
	return error_set(err, ERR_IO, "cannot start a thread");
}

int judge_start(struct judge *j, const struct judging *judging, struct error *err)
{
	int rc;

	pthread_mutex_lock(&j->lock);
	rc = begin(j, judging, err);
	pthread_mutex_unlock(&j->lock);
	return rc;
}

void judge_state(struct judge *j, struct judge_state *out)
{
	pthread_mutex_lock(&j->lock);
	*out = j->state;
	pthread_mutex_unlock(&j->lock);
}
