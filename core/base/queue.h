/* queue.h -- a bounded queue of pointers between threads (many producers, one
 * consumer) with a file descriptor the consumer can wait on.
 *
 * Never blocks a producer: a full queue is ERR_BUSY at once. */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct queue;

int queue_new(struct queue **out, size_t capacity, struct error *);
void queue_free(struct queue *); /* must be empty, or items leak */

/* 0, ERR_BUSY (full) or ERR_STATE (closed). */
int queue_push(struct queue *, void *item);
/* Takes up to `max` items in order; returns the count.  Clears the descriptor
 * when it leaves the queue empty. */
size_t queue_take(struct queue *, void **items, size_t max);
/* Sleeps until there is an item, it is closed, or timeout_ms passed (-1: no
 * limit). True if there is an item. */
bool queue_wait(struct queue *, int timeout_ms);
/* No more pushes; queue_wait returns. */
void queue_close(struct queue *);
bool queue_closed(struct queue *);
size_t queue_length(struct queue *);
size_t queue_capacity(const struct queue *);
int queue_fd(const struct queue *); /* eventfd, readable while not empty */

#endif
