/* server.c -- what the threads that serve have in common. */
#include "server/server.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

static int64_t stands_at(void *server)
{
	return atomic_load(&((struct server *)server)->stands_at);
}

int server_init(struct server *s, struct config *config, struct error *err)
{
	memset(s, 0, sizeof(*s));
	pthread_mutex_init(&s->lock, NULL);
	s->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	s->standing = (struct clock){ stands_at, s };
	s->stands_at = config->clock;
	s->clock = config->clock ? &s->standing : &clock_real;
	s->started_ms = clock_now_ms(s->clock);
	s->seed = config->seed;
	s->next_id = 1;
	while (s->seed == 0)
		if (getrandom(&s->seed, sizeof(s->seed), 0) != sizeof(s->seed))
			s->seed = (uint64_t)clock_mono_ns() ^ (uint64_t)getpid() << 32;
	s->chores = chores_new();
	s->config = cell_new(snapshot_new(config, config_free));
	if (s->stop_fd < 0)
		return error_set(err, ERR_IO, "eventfd: %s", strerror(errno));
	return 0;
}

void server_clear(struct server *s)
{
	if (!s->config)
		return;
	cell_free(s->config);
	s->config = NULL;
	chores_free(s->chores);
	if (s->stop_fd >= 0)
		close(s->stop_fd);
	pthread_mutex_destroy(&s->lock);
}

void server_stop(struct server *s)
{
	uint64_t one = 1;
	ssize_t n = write(s->stop_fd, &one, sizeof(one));

	(void)n; /* full: it is stopping already */
}
