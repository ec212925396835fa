/* check.h -- unit tests: a test's name is the sentence it proves.
 *
 *     TEST(rarer_terms_score_higher)
 *     {
 *             CHECK(idf(1, 100) > idf(2, 100));
 *             CHECK_INT(count, 3);
 *     }
 *
 * Tests register themselves; build/unit [word ...] runs those whose file or
 * name has a word.  A failed check ends its test, and only that. */
#ifndef CHECK_H
#define CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

struct test {
	const char *file, *name;
	void (*run)(void);
	struct test *next;
};

void test_add(struct test *);
void check_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4), noreturn));
/* End the test, counted as skipped, with the reason printed. */
void check_skip(const char *why) __attribute__((noreturn));

/* A fresh empty folder, removed when the test run ends; valid until then. */
const char *test_folder(void);
/* Folder of the real data sets, or NULL where it is absent. */
const char *test_data(void);

#define TEST(name)                                                                                 \
	static void test_##name(void);                                                             \
	static struct test entry_##name = { __FILE__, #name, test_##name, 0 };                     \
	__attribute__((constructor)) static void add_##name(void)                                  \
	{                                                                                          \
		test_add(&entry_##name);                                                           \
	}                                                                                          \
	static void test_##name(void)

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond))                                                                       \
			check_fail(__FILE__, __LINE__, "%s", #cond);                               \
	} while (0)

#define CHECK_INT(got, want)                                                                       \
	do {                                                                                       \
		long long g_ = (got), w_ = (want);                                                 \
		if (g_ != w_)                                                                      \
			check_fail(__FILE__, __LINE__, "%s is %lld, not %lld", #got, g_, w_);      \
	} while (0)

#define CHECK_STR(got, want)                                                                       \
	do {                                                                                       \
		const char *g_ = (got), *w_ = (want);                                              \
		if (!g_ || strcmp(g_, w_))                                                         \
			check_fail(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", #got,           \
				g_ ? g_ : "(null)", w_);                                           \
	} while (0)

#define CHECK_NEAR(got, want, within)                                                              \
	do {                                                                                       \
		double g_ = (got), w_ = (want);                                                    \
		if (!(fabs(g_ - w_) <= (within)))                                                  \
			check_fail(__FILE__, __LINE__, "%s is %.12g, not %.12g", #got, g_, w_);    \
	} while (0)

/* rc is 0, or the test ends with the error's text. */
#define CHECK_OK(rc, err)                                                                          \
	do {                                                                                       \
		if ((rc) < 0)                                                                      \
			check_fail(__FILE__, __LINE__, "%s: %s", #rc, (err).text);                 \
	} while (0)

#endif
