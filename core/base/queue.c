/* queue.c -- a bounded queue of pointers between threads.
 *
 * A ring under a mutex that is held for a few instructions.  The eventfd is
 * written when the ring stops being empty and cleared, under the same lock,
 * when it becomes empty: it is readable exactly while there is something to
 * take.  Once closed it stays readable, so that every wait returns. */
#include "base/queue.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

struct queue {
	pthread_mutex_t lock;
	void **ring;
	size_t capacity, first, count;
	bool closed;
	int fd;
};

int queue_new(struct queue **out, size_t capacity, struct error *err)
{
	struct queue *queue;
	int fd;

	assert(capacity > 0);
	fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (fd < 0)
		return error_set(err, ERR_IO, "eventfd: %s", strerror(errno));
	queue = xcalloc(1, sizeof(*queue));
	pthread_mutex_init(&queue->lock, NULL);
	queue->ring = xcalloc(capacity, sizeof(*queue->ring));
	queue->capacity = capacity;
	queue->fd = fd;
	*out = queue;
	return 0;
}

void queue_free(struct queue *queue)
{
	if (!queue)
		return;
	close(queue->fd);
	pthread_mutex_destroy(&queue->lock);
	free(queue->ring);
	free(queue);
}

static void fd_raise(struct queue *queue)
{
	uint64_t one = 1;
	ssize_t n = write(queue->fd, &one, sizeof(one));

	assert(n == sizeof(one) || errno == EAGAIN); /* EAGAIN: raised already */
}

static void fd_lower(struct queue *queue)
{
	uint64_t count;
	ssize_t n = read(queue->fd, &count, sizeof(count));

	assert(n == sizeof(count) || errno == EAGAIN);
}

int queue_push(struct queue *queue, void *item)
{
	int rc = 0;

	pthread_mutex_lock(&queue->lock);
	if (queue->closed) {
		rc = ERR_STATE;
	} else if (queue->count == queue->capacity) {
		rc = ERR_BUSY;
	} else {
		queue->ring[(queue->first + queue->count) % queue->capacity] = item;
		if (queue->count++ == 0)
			fd_raise(queue);
	}
	pthread_mutex_unlock(&queue->lock);
	return rc;
}

size_t queue_take(struct queue *queue, void **items, size_t max)
{
	size_t n = 0;

	pthread_mutex_lock(&queue->lock);
	while (n < max && queue->count > 0) {
		items[n++] = queue->ring[queue->first];
		queue->first = (queue->first + 1) % queue->capacity;
		queue->count--;
	}
	if (n > 0 && queue->count == 0 && !queue->closed)
		fd_lower(queue);
	pthread_mutex_unlock(&queue->lock);
	return n;
}

bool queue_wait(struct queue *queue, int timeout_ms)
{
	struct pollfd p = { .fd = queue->fd, .events = POLLIN };
	int64_t end_us = clock_mono_us() + (int64_t)timeout_ms * 1000;
	int64_t left_us = (int64_t)timeout_ms * 1000;

	while (poll(&p, 1, timeout_ms < 0 ? -1 : (int)((left_us + 999) / 1000)) < 0 &&
		errno == EINTR) {
		left_us = end_us - clock_mono_us();
		if (left_us < 0)
			left_us = 0;
	}
	return queue_length(queue) > 0;
}

void queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	if (!queue->closed) {
		queue->closed = true;
		fd_raise(queue);
	}
	pthread_mutex_unlock(&queue->lock);
}

bool queue_closed(struct queue *queue)
{
	bool closed;

	pthread_mutex_lock(&queue->lock);
	closed = queue->closed;
	pthread_mutex_unlock(&queue->lock);
	return closed;
}

size_t queue_length(struct queue *queue)
{
	size_t count;

	pthread_mutex_lock(&queue->lock);
	count = queue->count;
	pthread_mutex_unlock(&queue->lock);
	return count;
}

size_t queue_capacity(const struct queue *queue)
{
	return queue->capacity;
}

int queue_fd(const struct queue *queue)
{
	return queue->fd;
}
