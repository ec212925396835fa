/* unit.c -- runs the tests that registered themselves (check.h). */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEST_SECONDS 300 /* sanitizers on a busy machine */

static struct test *tests, **last = &tests;
static jmp_buf ended;
static char folders[256][64];
static int folder_count;

void test_add(struct test *test)
{
	*last = test;
	last = &test->next;
}

void check_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	printf("  %s:%d: ", file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	longjmp(ended, 1);
}

void check_skip(const char *why)
{
	printf("  skipped: %s\n", why);
	longjmp(ended, 2);
}

const char *test_folder(void)
{
	char *path = folders[folder_count % 256];

	folder_count++;
	strcpy(path, "/tmp/toller-test-XXXXXX");
	if (!mkdtemp(path)) {
		perror("mkdtemp");
		exit(2);
	}
	return path;
}

static void remove_folders(void)
{
	char command[96];
	int i;

	for (i = 0; i < folder_count && i < 256; i++) {
		snprintf(command, sizeof(command), "rm -rf %.63s", folders[i]);
		if (system(command))
			perror(command);
	}
}

const char *test_data(void)
{
	static char path[512];
	const char *named = getenv("TOLLER_DATA");
	struct stat st;

	snprintf(path, sizeof(path), "%.511s", named ? named : "../shared/data");
	return stat(path, &st) == 0 ? path : NULL;
}

static const struct test *volatile running;

/* A test that hangs must not hang the run. */
static void hung(int signal)
{
	printf("failed: %s (%s): no end after %d s\n", running->name, running->file, TEST_SECONDS);
	fflush(stdout);
	_exit(1);
}

static bool wanted(const struct test *test, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strstr(test->file, argv[i]) || strstr(test->name, argv[i]))
			return true;
	return argc <= 1;
}

int main(int argc, char **argv)
{
	/* volatile: they live over the longjmp that ends a test */
	volatile int passed = 0, failed = 0, skipped = 0;
	struct test *volatile test;
	int how;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGALRM, hung);
	for (test = tests; test; test = test->next) {
		if (!wanted(test, argc, argv))
			continue;
		running = test;
		alarm(TEST_SECONDS);
		how = setjmp(ended);
		if (how == 0)
			test->run();
		if (how == 1)
			printf("failed: %s (%s)\n", test->name, test->file);
		if (how == 2)
			printf("skipped: %s\n", test->name);
		passed += how == 0;
		failed += how == 1;
		skipped += how == 2;
	}
	alarm(0);
	remove_folders();
	printf("unit: %d passed, %d failed, %d skipped\n", passed, failed, skipped);
	return failed > 0;
}
