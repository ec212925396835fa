/* threads_test.c -- queue, cell, log: what threads share. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cell.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/queue.h"

#define PRODUCERS 4
#define EACH      20000

struct producer {
	struct queue *queue;
	uintptr_t number;
};

static void *produce(void *data)
{
	struct producer *me = data;
	uintptr_t i;

	for (i = 0; i < EACH; i++)
		while (queue_push(me->queue, (void *)(me->number << 32 | i)) == ERR_BUSY)
			sched_yield();
	return NULL;
}

TEST(a_queue_keeps_every_item_and_each_producers_order)
{
	struct producer producers[PRODUCERS];
	pthread_t threads[PRODUCERS];
	uintptr_t next[PRODUCERS] = { 0 };
	struct error err;
	struct queue *queue = NULL;
	size_t total = 0, n, k, disorder = 0;
	void *items[50];
	uintptr_t i;

	CHECK_OK(queue_new(&queue, 64, &err), err);
	for (i = 0; i < PRODUCERS; i++) {
		producers[i] = (struct producer){ queue, i };
		pthread_create(&threads[i], NULL, produce, &producers[i]);
	}
	while (total < PRODUCERS * EACH && queue_wait(queue, 10000)) {
		n = queue_take(queue, items, 50);
		for (k = 0; k < n; k++) {
			i = (uintptr_t)items[k] >> 32;
			disorder += ((uintptr_t)items[k] & 0xffffffff) != next[i]++;
		}
		total += n;
	}
	for (i = 0; i < PRODUCERS; i++)
		pthread_join(threads[i], NULL);
	CHECK_INT(total, PRODUCERS * EACH);
	CHECK_INT(disorder, 0);
	CHECK_INT(queue_length(queue), 0);
	queue_free(queue);
}

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

TEST(a_full_queue_is_busy_and_its_descriptor_follows_it)
{
	struct queue *queue = NULL;
	void *items[4];
	int a;

	CHECK_INT(queue_new(&queue, 2, NULL), 0);
	CHECK(!readable(queue_fd(queue)));
	CHECK(!queue_wait(queue, 0));
	CHECK_INT(queue_push(queue, &a), 0);
	CHECK_INT(queue_push(queue, &a), 0);
	CHECK_INT(queue_push(queue, &a), ERR_BUSY);
	CHECK_INT(queue_take(queue, items, 1), 1);
	CHECK(readable(queue_fd(queue)));
	CHECK_INT(queue_take(queue, items, 4), 1);
	CHECK(!readable(queue_fd(queue)));
	CHECK_INT(queue_push(queue, &a), 0);
	queue_close(queue);
	CHECK_INT(queue_push(queue, &a), ERR_STATE);
	CHECK(queue_wait(queue, -1)); /* what was pushed can still be taken */
	CHECK_INT(queue_take(queue, items, 4), 1);
	CHECK(!queue_wait(queue, -1));
	CHECK(queue_closed(queue));
	CHECK_INT(queue_capacity(queue), 2);
	queue_free(queue);
}

static atomic_int alive;

static void free_pair(void *object)
{
	int *pair = object;

	pair[0] = pair[1] = -1;
	free(pair);
	atomic_fetch_sub(&alive, 1);
}

static struct snapshot *pair_of(int v)
{
	int *pair = malloc(2 * sizeof(*pair));

	pair[0] = pair[1] = v;
	atomic_fetch_add(&alive, 1);
	return snapshot_new(pair, free_pair);
}

static void *read_until_last(void *data)
{
	struct cell_reader reader = { 0 };
	uintptr_t wrong = 0;
	int last = 0, *pair;

	do {
		pair = cell_read(data, &reader, NULL);
		wrong += pair[0] != pair[1] || pair[0] < last;
		last = pair[0];
	} while (last < 5000);
	cell_reader_clear(&reader);
	return (void *)wrong;
}

TEST(readers_see_whole_snapshots_in_order_and_all_are_freed)
{
	struct cell *cell = cell_new(pair_of(0));
	pthread_t threads[4];
	uintptr_t wrong = 0;
	void *result;
	int i;

	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, read_until_last, cell);
	for (i = 1; i <= 5000; i++)
		cell_publish(cell, pair_of(i));
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		wrong += (uintptr_t)result;
	}
	cell_free(cell);
	CHECK_INT(wrong, 0);
	CHECK_INT(atomic_load(&alive), 0);
}

TEST(a_reader_is_told_of_a_change_once)
{
	struct cell *cell = cell_new(NULL);
	struct cell_reader reader = { 0 };
	int changed = 1, *pair;

	CHECK(cell_read(cell, &reader, &changed) == NULL);
	CHECK_INT(changed, 0);
	cell_publish(cell, pair_of(1));
	pair = cell_read(cell, &reader, &changed);
	CHECK_INT(changed, 1);
	cell_publish(cell, NULL);
	CHECK_INT(pair[0], 1); /* still held */
	CHECK(cell_read(cell, &reader, &changed) == NULL);
	CHECK_INT(changed, 1);
	cell_read(cell, &reader, &changed);
	CHECK_INT(changed, 0);
	cell_reader_clear(&reader);
	cell_free(cell);
	CHECK_INT(atomic_load(&alive), 0);
}

TEST(a_logged_line_is_one_line_without_control_bytes)
{
	char path[300], text[8192];
	struct error err = { 0 };
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/log", test_folder());
	CHECK_OK(log_open(path, LOG_WARN, &err), err);
	log_info("test", "too quiet");
	log_warn("test", "a\nb\x1b[31m\xc2\x9b"
			 "c \xc3\xa4");
	log_warn("test", "%03000d", 1);
	CHECK_OK(log_open(NULL, LOG_INFO, &err), err);
	fd = open(path, O_RDONLY);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	CHECK(n > 40);
	text[n] = '\0';
	CHECK_STR(strtok(text + 24, "\n"), " warn  test: a\\nb\\x1b[31m\\xc2\\x9bc \xc3\xa4");
	CHECK(strtok(NULL, "\n") && !strtok(NULL, "\n"));
	CHECK_INT(log_open("/nowhere/at/all", LOG_INFO, &err), ERR_IO);
	CHECK_INT(log_level_parse("error"), LOG_ERROR);
	CHECK_INT(log_level_parse("loud"), ERR_ARG);
}

TEST(clocks_run_forward)
{
	int64_t a = clock_mono_ns();

	CHECK(clock_mono_ns() >= a);
	CHECK(clock_now_ms(&clock_real) > 1600000000000);
}
