/* chores.c -- see chores.h. */
#include "server/chores.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/alloc.h"

#define NICE 10

struct chores {
	pthread_mutex_t lock; /* of what follows, but stop */
	pthread_t thread;
	bool started; /* the thread is to be joined */
	bool running;
	const struct chore *chore;
	void *data;
	atomic_bool stop;
};

struct chores *chores_new(void)
{
	struct chores *c = xcalloc(1, sizeof(*c));

	pthread_mutex_init(&c->lock, NULL);
	return c;
}

static void *run(void *of)
{
	struct chores *c = of;
	const struct chore *chore = c->chore; /* soon those of the next */
	void *data = c->data;

	setpriority(PRIO_PROCESS, 0, NICE); /* on Linux: of this thread */
	chore->run(data, &c->stop);
	/* whoever is answered may ask for the next at once */
	pthread_mutex_lock(&c->lock);
	c->running = false;
	pthread_mutex_unlock(&c->lock);
	chore->done(data);
	return NULL;
}

static int begin(struct chores *c, const struct chore *chore, void *data, struct error *err)
{
	if (c->stop)
		return error_set(err, ERR_STATE, "shutting down");
	if (c->running)
		return error_set(err, ERR_BUSY, "%s is under way; try again", c->chore->name);
	if (c->started) /* it is at its end: nothing but its answer is left */
		pthread_join(c->thread, NULL);
	c->chore = chore;
	c->data = data;
	c->running = c->started = !pthread_create(&c->thread, NULL, run, c);
	return c->started ? 0 : error_set(err, ERR_IO, "cannot start a thread");
}

int chores_start(struct chores *c, const struct chore *chore, void *data, struct error *err)
{
	int rc;

	pthread_mutex_lock(&c->lock);
	rc = begin(c, chore, data, err);
	pthread_mutex_unlock(&c->lock);
	return rc;
}

void chores_stop(struct chores *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_mutex_unlock(&c->lock);
	if (c->started)
		pthread_join(c->thread, NULL);
	c->started = false;
}

void chores_free(struct chores *c)
{
	if (!c)
		return;
	chores_stop(c);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
