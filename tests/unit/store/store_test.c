#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/key.h"
#include "store/store.h"

enum { NAMES, NUMBERS };

static const char *const tables[] = { "names", "numbers", NULL };

static struct store *open_at(const char *path, uint64_t map_bytes)
{
	struct store_options options = { path, tables, map_bytes, true, false };
	struct store *store = NULL;
	struct error err;

	CHECK_OK(store_open(&store, &options, &err), err);
	return store;
}

static struct slice number_key(struct key *key, uint32_t n)
{
	key->len = 0;
	key_u32(key, n);
	return key_slice(key);
}

/* Put n under n for n in [from, to), by `step`. */
static void fill(struct store *store, uint32_t from, uint32_t to, uint32_t step)
{
	struct txn *txn = NULL;
	struct error err;
	struct key key;
	uint32_t n;

	CHECK_OK(store_begin(&txn, store, STORE_WRITE, &err), err);
	for (n = from; n < to; n += step)
		CHECK_OK(store_put(txn, NUMBERS, number_key(&key, n), slice_of(&n, sizeof(n)),
				 &err),
			err);
	CHECK_OK(store_commit(txn, &err), err);
}

TEST(what_was_put_is_got_until_deleted)
{
	struct store *store = open_at(test_folder(), 1 << 20);
	struct txn *txn = NULL;
	struct error err = { 0 };
	struct slice value;
	void *room;

	CHECK_OK(store_begin(&txn, store, STORE_WRITE, &err), err);
	CHECK_OK(store_put(txn, NAMES, SLICE_LIT("a"), SLICE_LIT("one"), &err), err);
	CHECK_OK(store_put(txn, NAMES, SLICE_LIT("b"), SLICE_LIT(""), &err), err);
	CHECK_OK(store_put(txn, NAMES, SLICE_LIT("a"), SLICE_LIT("two"), &err), err);
	CHECK_OK(store_reserve(txn, NAMES, SLICE_LIT("c"), 5, &room, &err), err);
	memcpy(room, "three", 5);
	CHECK_OK(store_commit(txn, &err), err);

	CHECK_OK(store_begin(&txn, store, STORE_READ, &err), err);
	CHECK_OK(store_get(txn, NAMES, SLICE_LIT("a"), &value, &err), err);
	CHECK(slice_is(value, "two"));
	CHECK_OK(store_get(txn, NAMES, SLICE_LIT("b"), &value, &err), err);
	CHECK_INT(value.len, 0);
	CHECK_OK(store_get(txn, NAMES, SLICE_LIT("c"), &value, &err), err);
	CHECK(slice_is(value, "three"));
	CHECK_INT(store_get(txn, NUMBERS, SLICE_LIT("a"), &value, &err), ERR_NOT_FOUND);
	CHECK_INT(err.code, 0);
	store_end(txn);

	CHECK_OK(store_begin(&txn, store, STORE_WRITE, &err), err);
	CHECK_OK(store_del(txn, NAMES, SLICE_LIT("a"), &err), err);
	CHECK_INT(store_del(txn, NAMES, SLICE_LIT("a"), &err), ERR_NOT_FOUND);
	store_end(txn); /* aborted */
	CHECK_OK(store_begin(&txn, store, STORE_READ, &err), err);
	CHECK_OK(store_get(txn, NAMES, SLICE_LIT("a"), &value, &err), err);
	store_end(txn);
	store_end(NULL);
	store_close(store);
}

TEST(keys_are_1_to_511_bytes)
{
	struct store *store = open_at(test_folder(), 1 << 20);
	struct txn *txn = NULL;
	struct error err = { 0 };
	char bytes[512] = { 0 };
	struct slice value;

	CHECK_OK(store_begin(&txn, store, STORE_WRITE, &err), err);
	CHECK_INT(store_put(txn, NAMES, slice_of(bytes, 512), SLICE_LIT(""), &err), ERR_LIMIT);
	CHECK(strstr(err.text, "512") && strstr(err.text, "names"));
	CHECK_INT(store_get(txn, NAMES, slice_of(bytes, 0), &value, &err), ERR_LIMIT);
	CHECK_OK(store_put(txn, NAMES, slice_of(bytes, 511), SLICE_LIT(""), &err), err);
	CHECK_OK(store_append(txn, NAMES, SLICE_LIT("z"), SLICE_LIT(""), &err), err);
	CHECK_INT(store_append(txn, NAMES, SLICE_LIT("y"), SLICE_LIT(""), &err), ERR_EXISTS);
	CHECK_OK(store_commit(txn, &err), err); /* refusals do not spoil the rest */
	store_close(store);
}

TEST(a_cursor_walks_in_order_of_numbers_and_turns_at_both_ends)
{
	struct store *store = open_at(test_folder(), 4 << 20);
	struct cursor *cursor = NULL;
	struct txn *txn = NULL;
	struct slice k, v;
	struct error err = { 0 };
	struct key key;
	uint32_t n;

	fill(store, 0, 5000, 5);
	CHECK_OK(store_begin(&txn, store, STORE_READ, &err), err);
	CHECK_OK(cursor_open(&cursor, txn, NUMBERS, &err), err);
	for (n = 0; cursor_next(cursor, &k, &v, &err) == 0; n += 5)
		CHECK_INT(key_read_u32(k.ptr), n);
	CHECK_INT(n, 5000);
	CHECK_INT(cursor_next(cursor, &k, &v, &err), ERR_NOT_FOUND);
	CHECK_OK(cursor_prev(cursor, &k, &v, &err), err);
	CHECK_INT(key_read_u32(k.ptr), 4995);
	CHECK_OK(cursor_seek(cursor, number_key(&key, 501), &k, &v, &err), err);
	CHECK_INT(key_read_u32(k.ptr), 505);
	CHECK_OK(cursor_prev(cursor, &k, &v, &err), err);
	CHECK_INT(key_read_u32(k.ptr), 500);
	CHECK_INT(cursor_seek(cursor, number_key(&key, 4996), &k, &v, &err), ERR_NOT_FOUND);
	CHECK_OK(cursor_prev(cursor, &k, &v, &err), err);
	CHECK_INT(key_read_u32(k.ptr), 4995);
	CHECK_OK(cursor_seek(cursor, slice_of(NULL, 0), &k, &v, &err), err);
	CHECK_INT(key_read_u32(k.ptr), 0);
	CHECK_INT(cursor_prev(cursor, &k, &v, &err), ERR_NOT_FOUND);
	CHECK_OK(cursor_next(cursor, &k, &v, &err), err);
	CHECK_INT(key_read_u32(k.ptr), 0);
	CHECK_OK(cursor_last(cursor, &k, &v, &err), err);
	CHECK_INT(key_read_u32(k.ptr), 4995);
	CHECK_INT(err.code, 0);
	cursor_close(cursor);
	store_end(txn);
	store_close(store);
}

TEST(deleting_under_a_cursor_steps_to_the_following_record)
{
	struct store *store = open_at(test_folder(), 4 << 20);
	struct cursor *cursor = NULL;
	struct store_stat table;
	struct txn *txn = NULL;
	struct slice k, v;
	struct error err = { 0 };
	struct key key;
	uint32_t n = 0;

	fill(store, 0, 3000, 1);
	CHECK_OK(store_begin(&txn, store, STORE_WRITE, &err), err);
	CHECK_OK(cursor_open(&cursor, txn, NUMBERS, &err), err);
	while (cursor_next(cursor, &k, &v, &err) == 0) {
		CHECK_INT(key_read_u32(k.ptr), n);
		if (n++ % 3)
			CHECK_OK(cursor_del(cursor, &err), err);
	}
	CHECK_INT(n, 3000);
	CHECK_OK(cursor_put(cursor, number_key(&key, 1), SLICE_LIT("x"), &err), err);
	cursor_close(cursor);
	CHECK_OK(store_stat(txn, NUMBERS, &table, &err), err);
	CHECK_INT(table.entries, 1001);
	CHECK_OK(store_commit(txn, &err), err);
	store_close(store);
}

TEST(a_paused_reader_resumes_at_the_newest_commit)
{
	struct store *store = open_at(test_folder(), 4 << 20);
	struct cursor *cursor = NULL;
	struct txn *reader = NULL;
	struct slice k, v;
	struct error err = { 0 };
	struct key key;
	uint64_t version;

	fill(store, 0, 10, 1);
	CHECK_OK(store_begin(&reader, store, STORE_READ, &err), err);
	version = store_version(reader);
	fill(store, 10, 20, 1);
	CHECK_INT(store_get(reader, NUMBERS, number_key(&key, 10), &v, &err), ERR_NOT_FOUND);
	store_pause(reader);
	CHECK_OK(store_resume(reader, &err), err);
	CHECK(store_version(reader) == version + 1);
	CHECK_OK(cursor_open(&cursor, reader, NUMBERS, &err), err);
	CHECK_OK(cursor_last(cursor, &k, &v, &err), err);
	CHECK_INT(key_read_u32(k.ptr), 19);
	version = store_version(reader);
	store_pause(reader);
	store_pause(reader);
	CHECK_OK(store_resume(reader, &err), err);
	CHECK(store_version(reader) == version);
	cursor_close(cursor);
	store_pause(reader);
	store_end(reader); /* paused is fine */
	store_close(store);
}

/* The child: commits 0..999, puts more without commit, says so, waits. */
static void write_and_wait(const char *path, int fd)
{
	struct store_options options = { path, tables, 8 << 20, false, false };
	struct store *store;
	struct txn *txn;
	struct key key;
	uint32_t n, round;

	if (store_open(&store, &options, NULL) < 0)
		_exit(1);
	for (round = 0; round < 2; round++) {
		if (store_begin(&txn, store, STORE_WRITE, NULL) < 0)
			_exit(1);
		for (n = round * 1000; n < round * 1000 + 1000; n++)
			if (store_put(txn, NUMBERS, number_key(&key, n), slice_of(&n, sizeof(n)),
				    NULL) < 0)
				_exit(1);
		if (round == 0 && store_commit(txn, NULL) < 0)
			_exit(1);
	}
	if (write(fd, "x", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

/* ---- commits that come while readers begin ---- */

#define READERS 6
#define COMMITS 30000 /* one in some thousands hits a reader that is held up */

struct hurry {
	struct store *store;
	atomic_bool over;
	atomic_int wrong;
};

/* Under "n" stands the number of the commit that put it there. */
static void *read_number(void *data)
{
	struct hurry *h = data;
	struct txn *txn = NULL;
	struct slice value;
	uint64_t n;

	while (!h->over) {
		if ((txn ? store_resume(txn, NULL)
			 : store_begin(&txn, h->store, STORE_READ, NULL)) < 0)
			h->wrong++;
		if (store_get(txn, NAMES, SLICE_LIT("n"), &value, NULL) == 0) {
			memcpy(&n, value.ptr, sizeof(n));
			h->wrong += n != store_version(txn);
		}
		store_pause(txn);
	}
	store_end(txn);
	return NULL;
}

TEST(a_reader_sees_the_state_of_its_version_however_fast_commits_come)
{
	struct hurry h = { .store = open_at(test_folder(), 1 << 30) };
	pthread_t threads[READERS];
	struct error err = { 0 };
	struct txn *txn;
	uint64_t n;
	int i;

	for (i = 0; i < READERS; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, read_number, &h), 0);
	for (i = 0; i < COMMITS; i++) {
		CHECK_OK(store_begin(&txn, h.store, STORE_WRITE, &err), err);
		n = store_version(txn);
		CHECK_OK(store_put(txn, NAMES, SLICE_LIT("n"), slice_of(&n, sizeof(n)), &err), err);
		CHECK_OK(store_commit(txn, &err), err);
	}
	h.over = true;
	for (i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	CHECK_INT(h.wrong, 0);
	store_close(h.store);
}

TEST(kill_9_leaves_exactly_what_was_committed)
{
	const char *path = test_folder();
	struct store_stat table;
	struct store *store;
	struct txn *txn = NULL;
	struct error err;
	int fds[2], status;
	pid_t child;
	char byte;

	CHECK(pipe(fds) == 0);
	child = fork();
	CHECK(child >= 0);
	if (child == 0)
		write_and_wait(path, fds[1]);
	close(fds[1]);
	CHECK_INT(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	store = open_at(path, 8 << 20);
	CHECK_OK(store_begin(&txn, store, STORE_WRITE, &err), err); /* lock is free */
	CHECK_OK(store_stat(txn, NUMBERS, &table, &err), err);
	CHECK_INT(table.entries, 1000);
	store_end(txn);
	store_close(store);
}

TEST(a_full_map_is_an_error_that_keeps_what_was_there)
{
	const char *path = test_folder();
	struct store *store = open_at(path, 256 << 10);
	struct store_info info;
	struct txn *txn = NULL;
	struct slice value;
	struct error err = { 0 };
	static char big[3000];
	struct key key;
	uint32_t n;
	int rc = 0;

	fill(store, 0, 100, 1);
	CHECK_OK(store_begin(&txn, store, STORE_WRITE, &err), err);
	for (n = 100; n < 1000 && rc == 0; n++)
		rc = store_put(txn, NUMBERS, number_key(&key, n), slice_of(big, sizeof(big)), &err);
	CHECK_INT(rc, ERR_FULL);
	CHECK(strstr(err.text, "full") && strstr(err.text, path));
	CHECK_INT(store_put(txn, NAMES, SLICE_LIT("a"), SLICE_LIT("b"), &err), ERR_FULL);
	CHECK_INT(store_commit(txn, &err), ERR_FULL);
	CHECK_OK(store_begin(&txn, store, STORE_READ, &err), err);
	CHECK_OK(store_get(txn, NUMBERS, number_key(&key, 99), &value, &err), err);
	CHECK_INT(store_get(txn, NUMBERS, number_key(&key, 100), &value, &err), ERR_NOT_FOUND);
	store_end(txn);
	store_info(store, &info);
	CHECK_INT(info.map_bytes, 256 << 10);
	CHECK(info.used_bytes > 0 && info.used_bytes < info.map_bytes);
	store_close(store);
	/* a larger map cures it */
	store = open_at(path, 8 << 20);
	fill(store, 100, 5000, 1);
	store_close(store);
}

TEST(a_copy_holds_what_the_original_does_and_never_overwrites)
{
	struct store *store = open_at(test_folder(), 8 << 20), *copy;
	struct store_stat table;
	struct txn *txn = NULL;
	struct error err = { 0 };
	struct stat st;
	char folder[300];

	fill(store, 0, 3000, 1);
	snprintf(folder, sizeof(folder), "%s/deep/copy", test_folder());
	CHECK_OK(store_backup(store, folder, NULL, &err), err);
	CHECK_INT(store_backup(store, folder, NULL, &err), ERR_EXISTS);
	store_close(store);
	CHECK(stat(folder, &st) == 0);
	CHECK_INT(st.st_mode & 0777, 0700);
	copy = open_at(folder, 8 << 20);
	CHECK_OK(store_begin(&txn, copy, STORE_READ, &err), err);
	CHECK_OK(store_stat(txn, NUMBERS, &table, &err), err);
	CHECK_INT(table.entries, 3000);
	store_end(txn);
	store_close(copy);
}

TEST(bytes_that_are_no_environment_are_corrupt)
{
	const char *path = test_folder();
	struct store_options options = { path, tables, 1 << 20, true, false };
	struct store *store = NULL;
	struct error err = { 0 };
	char name[300];
	FILE *file;
	int i;

	snprintf(name, sizeof(name), "%s/data.mdb", path);
	file = fopen(name, "w");
	CHECK(file != NULL);
	for (i = 0; i < 20000; i++)
		fputc(i & 0xff, file);
	fclose(file);
	CHECK_INT(store_open(&store, &options, &err), ERR_CORRUPT);
	CHECK(store == NULL && strstr(err.text, path));
	options.path = "/proc/nowhere/at/all";
	CHECK_INT(store_open(&store, &options, &err), ERR_IO);
}
