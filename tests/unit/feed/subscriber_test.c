/* subscriber_test.c -- against a real redis-server on a unix socket. */
#include "check.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "feed/subscriber.h"

struct heard {
	int count;
	bool one_a_step;
	char last[64];
};

static bool hear(void *data, struct slice text)
{
	struct heard *heard = data;

	heard->count++;
	snprintf(heard->last, sizeof(heard->last), "%.*s", SLICE_ARG(text));
	return !heard->one_a_step;
}

static pid_t redis_start(const char *folder, const char *password)
{
	char socket[128];
	pid_t pid = fork();

	snprintf(socket, sizeof(socket), "%s/redis.sock", folder);
	if (pid == 0) {
		if (!freopen("/dev/null", "w", stdout))
			_exit(1);
		execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket,
			"--save", "", "--dir", folder, password ? "--requirepass" : NULL, password,
			NULL);
		_exit(127);
	}
	return pid;
}

static void redis_stop(pid_t pid)
{
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

/* Run the subscriber as its owner would until it heard `count` messages (or, with
 * count < 0, is connected as -count - 1 says), 20 s at the most. */
static bool until(struct subscriber *s, struct heard *heard, int count)
{
	int64_t end = clock_mono_us() + 20000000;
	struct subscriber_stats stats;
	struct subscriber_wait w;
	struct pollfd p;

	while (clock_mono_us() < end) {
		subscriber_step(s, clock_mono_us());
		subscriber_stats(s, &stats);
		if (count >= 0 ? heard->count >= count : stats.connected == (count == -2))
			return true;
		w = subscriber_wait(s, clock_mono_us());
		p = (struct pollfd){ w.fd, w.events, 0 };
		poll(&p, w.fd >= 0, w.timeout_ms < 0 || w.timeout_ms > 50 ? 50 : w.timeout_ms);
	}
	return false;
}

#define CONNECTED -2
#define GONE      -1

static void publish(const char *folder, const char *password, const char *text)
{
	redisContext *redis;
	char socket[128];

	snprintf(socket, sizeof(socket), "%s/redis.sock", folder);
	redis = redisConnectUnix(socket);
	CHECK(redis && !redis->err);
	if (password)
		freeReplyObject(redisCommand(redis, "AUTH %s", password));
	freeReplyObject(redisCommand(redis, "PUBLISH toller:feedback %s", text));
	redisFree(redis);
}

TEST(a_subscriber_hears_and_outlives_a_restart_of_redis)
{
	const char *folder = test_folder();
	struct subscriber_stats stats;
	struct heard heard = { 0 };
	struct subscriber *s;
	struct error err = { 0 };
	char url[140];
	pid_t redis;

	snprintf(url, sizeof(url), "unix:%s/redis.sock", folder);
	CHECK_OK(subscriber_new(&s, url, "toller:feedback", hear, &heard, &err), err);
	subscriber_step(s, clock_mono_us());
	subscriber_stats(s, &stats);
	CHECK(!stats.connected && stats.failures == 1 && stats.error[0]);
	redis = redis_start(folder, NULL);
	CHECK(until(s, &heard, CONNECTED));
	publish(folder, NULL, "one");
	publish(folder, NULL, "two");
	CHECK(until(s, &heard, 2));
	CHECK_STR(heard.last, "two");
	redis_stop(redis);
	CHECK(until(s, &heard, GONE));
	redis = redis_start(folder, NULL);
	CHECK(until(s, &heard, CONNECTED));
	publish(folder, NULL, "three");
	CHECK(until(s, &heard, 3));
	subscriber_stats(s, &stats);
	CHECK_INT(stats.connects, 2);
	CHECK_INT(stats.messages, 3);
	redis_stop(redis);
	subscriber_free(s);
}

TEST(what_is_not_wanted_in_one_step_comes_in_the_next)
{
	const char *folder = test_folder();
	struct heard heard = { .one_a_step = true };
	struct subscriber *s;
	struct error err = { 0 };
	char url[140];
	pid_t redis = redis_start(folder, NULL);
	int i;

	snprintf(url, sizeof(url), "unix:%s/redis.sock", folder);
	CHECK_OK(subscriber_new(&s, url, "toller:feedback", hear, &heard, &err), err);
	CHECK(until(s, &heard, CONNECTED));
	for (i = 0; i < 20; i++)
		publish(folder, NULL, i < 19 ? "early" : "last");
	for (i = 1; i <= 20; i++) {
		CHECK(until(s, &heard, i));
		CHECK_INT(heard.count, i);
	}
	CHECK_STR(heard.last, "last");
	redis_stop(redis);
	subscriber_free(s);
}

/* A Redis of our own that says what it is told to, in a time of our own. */
struct mute {
	int listening, fd;
	struct subscriber *s;
	struct heard heard;
	int64_t now_us;
};

static void mute_open(struct mute *m)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct error err = { 0 };
	char url[140];

	memset(m, 0, sizeof(*m));
	snprintf(at.sun_path, sizeof(at.sun_path), "%.80s/mute.sock", test_folder());
	m->listening = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(bind(m->listening, (struct sockaddr *)&at, sizeof(at)) == 0);
	CHECK(listen(m->listening, 8) == 0);
	snprintf(url, sizeof(url), "unix:%s", at.sun_path);
	CHECK_OK(subscriber_new(&m->s, url, "c", hear, &m->heard, &err), err);
	m->now_us = 1;
	subscriber_step(m->s, m->now_us);
	m->fd = accept(m->listening, NULL, NULL);
	CHECK(m->fd >= 0);
}

static void mute_close(struct mute *m)
{
	subscriber_free(m->s);
	close(m->fd);
	close(m->listening);
}

static void mute_say(struct mute *m, const char *text)
{
	CHECK(write(m->fd, text, strlen(text)) == (ssize_t)strlen(text));
	subscriber_step(m->s, m->now_us);
}

static bool mute_asked(struct mute *m, const char *word)
{
	char text[512];
	ssize_t n = recv(m->fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return strstr(text, word) != NULL;
}

static struct subscriber_stats mute_later(struct mute *m, int64_t us)
{
	struct subscriber_stats stats;

	m->now_us += us;
	subscriber_step(m->s, m->now_us);
	subscriber_stats(m->s, &stats);
	return stats;
}

#define SECOND     INT64_C(1000000)
#define SUBSCRIBED "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"

TEST(a_redis_that_does_not_answer_is_left_and_tried_again)
{
	struct subscriber_stats stats;
	struct mute m;

	mute_open(&m);
	CHECK(mute_asked(&m, "SUBSCRIBE"));
	stats = mute_later(&m, 14 * SECOND);
	CHECK_INT(stats.failures, 0);
	stats = mute_later(&m, 2 * SECOND);
	CHECK_INT(stats.failures, 1);
	CHECK_STR(stats.error, "no answer within 15 s");
	CHECK_INT(subscriber_wait(m.s, m.now_us).fd, -1);
	mute_later(&m, SECOND);
	close(m.fd);
	m.fd = accept(m.listening, NULL, NULL);
	CHECK(mute_asked(&m, "SUBSCRIBE"));
	mute_say(&m, SUBSCRIBED);
	CHECK(mute_later(&m, 0).connected);
	mute_close(&m);
}

TEST(a_silent_connection_is_asked_whether_it_lives)
{
	struct mute m;

	mute_open(&m);
	mute_say(&m, SUBSCRIBED);
	CHECK(mute_asked(&m, "SUBSCRIBE"));
	CHECK(mute_later(&m, 16 * SECOND).connected);
	mute_later(&m, 0);
	CHECK(mute_asked(&m, "PING"));
	mute_say(&m, "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
	CHECK(mute_later(&m, 16 * SECOND).connected); /* and is asked again */
	CHECK(!mute_later(&m, 16 * SECOND).connected);
	mute_close(&m);
}

TEST(replies_that_no_redis_would_give_end_the_connection_or_are_passed_over)
{
	static const char *const harmless[] = { "+OK\r\n", ":7\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n",
		"*1\r\n$7\r\nmessage\r\n", "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n:7\r\n",
		"*2\r\n*1\r\n:1\r\n*1\r\n:2\r\n", "*3\r\n$-1\r\n$-1\r\n$-1\r\n" };
	static const char *const fatal[] = { "what?\r\n", "-LOADING soon\r\n", "*1\r\n$x\r\n" };
	struct mute m;
	size_t i;

	mute_open(&m);
	mute_say(&m, SUBSCRIBED);
	for (i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
		mute_say(&m, harmless[i]);
		CHECK(mute_later(&m, 0).connected);
	}
	mute_say(&m, "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n");
	CHECK_INT(m.heard.count, 1);
	mute_close(&m);
	for (i = 0; i < sizeof(fatal) / sizeof(*fatal); i++) {
		mute_open(&m);
		mute_say(&m, SUBSCRIBED);
		mute_say(&m, fatal[i]);
		CHECK(!mute_later(&m, 0).connected);
		mute_close(&m);
	}
}

TEST(a_wrong_address_of_redis_is_an_error_that_says_what_was_expected)
{
	static const char *const urls[] = { "unix:", "redis://", "host:0", "host:99999",
		"redis://secret@host" };
	struct subscriber *s;
	struct error err;
	size_t i;

	for (i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		CHECK_INT(subscriber_new(&s, urls[i], "c", hear, NULL, &err), ERR_ARG);
		CHECK(strstr(err.text, "redis: "));
	}
}
