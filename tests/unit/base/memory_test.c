/* memory_test.c -- alloc, arena, error, ascii, hash. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/error.h"
#include "base/hash.h"

TEST(xgrow_at_least_doubles_and_keeps_the_content)
{
	int *array = NULL;
	size_t cap = 0, former;
	int i;

	for (i = 0; i < 1000; i++) {
		former = cap;
		xgrow(&array, &cap, (size_t)i + 1, sizeof(*array));
		CHECK(cap == former || cap >= 2 * former);
		array[i] = i;
	}
	for (i = 0; i < 1000; i++)
		CHECK_INT(array[i], i);
	free(array);
}

TEST(arena_memory_is_aligned_and_distinct_over_many_sizes)
{
	struct arena *arena = arena_new();
	unsigned char *ptrs[400];
	size_t i, j, round, size;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 400; i++) {
			size = i % 50 == 49 ? 300000 : i * 7;
			ptrs[i] = arena_alloc(arena, size);
			CHECK((uintptr_t)ptrs[i] % 16 == 0);
			memset(ptrs[i], (int)(i & 0xff), size);
		}
		for (i = 0; i < 400; i++) {
			size = i % 50 == 49 ? 300000 : i * 7;
			for (j = 0; j < size; j++)
				CHECK(ptrs[i][j] == (i & 0xff));
		}
		CHECK(arena_used(arena) > 8 * 300000);
		arena_reset(arena);
		CHECK_INT(arena_used(arena), 0);
	}
	arena_free(arena);
}

TEST(arena_grows_the_last_allocation_in_place_and_copies_others)
{
	struct arena *arena = arena_new();
	char *a = arena_strdup(arena, "first"), *b = arena_strdup(arena, "second");

	CHECK(arena_grow(arena, b, 7, 500) == b);
	a = arena_grow(arena, a, 6, 100);
	CHECK_STR(a, "first");
	b = arena_grow(arena, b, 500, 100000);
	CHECK_STR(b, "second");
	memset(b, 1, 100000);
	CHECK_STR(a, "first");
	arena_free(arena);
}

TEST(arena_that_held_a_request_holds_the_next_like_it_in_one_piece)
{
	struct arena *arena = arena_new();
	char *first, *last;
	int i;

	for (i = 0; i < 5000; i++)
		arena_alloc(arena, 112);
	arena_reset(arena);
	first = last = arena_alloc(arena, 112);
	for (i = 1; i < 5000; i++)
		last = arena_alloc(arena, 112);
	CHECK(last - first == 4999 * 112);
	arena_free(arena);
}

TEST(arena_text_ends_with_nul)
{
	struct arena *arena = arena_new();
	struct slice s = arena_slice(arena, slice_of("abcdef", 3));

	CHECK_INT(s.len, 3);
	CHECK_STR(s.ptr, "abc");
	CHECK_STR(arena_printf(arena, "%d-%s", 7, "x"), "7-x");
	CHECK_INT(((char *)arena_calloc(arena, 10, 10))[99], 0);
	arena_free(arena);
}

TEST(an_error_says_where_as_it_travels_up)
{
	struct error err = { 0 };

	CHECK_INT(error_set(&err, ERR_LIMIT, "%d fields, limit %d", 40, 32), ERR_LIMIT);
	CHECK_INT(error_prefix(&err, err.code, "music.conf:%d", 3), ERR_LIMIT);
	CHECK_INT(error_prefix(&err, 0, "nothing"), 0);
	CHECK_INT(error_prefix(NULL, ERR_LIMIT, "nobody listens"), ERR_LIMIT);
	CHECK_STR(err.text, "music.conf:3: 40 fields, limit 32");
	error_set(&err, ERR_IO, "again: %s", err.text);
	CHECK_STR(err.text, "again: music.conf:3: 40 fields, limit 32");
	CHECK_INT(error_set(NULL, ERR_IO, "nobody listens"), ERR_IO);
	CHECK_STR(error_name(ERR_NOT_FOUND), "NOTFOUND");
}

TEST(an_unknown_word_is_told_with_the_near_one_or_with_all_there_are)
{
	static const char *const known[] = { "text", "tags", NULL };
	struct error err = { 0 };

	CHECK_INT(error_unknown(&err, ERR_ARG, "no type", SLICE_LIT("txet"), known, "see"),
		ERR_ARG);
	CHECK_STR(err.text, "no type 'txet'; did you mean 'text'?");
	error_unknown(&err, ERR_ARG, "no type", SLICE_LIT("number"), known, NULL);
	CHECK_STR(err.text, "no type 'number'; there are text, tags");
	error_unknown(&err, ERR_ARG, "no type", SLICE_LIT("number"), known, "see the manual");
	CHECK_STR(err.text, "no type 'number'; see the manual");
	error_unknown(&err, ERR_ARG, "expected a number, found", SLICE_LIT("x"), NULL, NULL);
	CHECK_STR(err.text, "expected a number, found 'x'");
	CHECK_INT(error_unknown(NULL, ERR_ARG, "no type", SLICE_LIT("x"), known + 2, NULL),
		ERR_ARG);
}

TEST(overlong_error_text_is_cut_between_characters)
{
	struct error err = { 0 };
	char text[1200];
	size_t i;

	for (i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	text[i] = '\0';
	error_set(&err, ERR_SYNTAX, "%s", text);
	CHECK_INT(strlen(err.text), 510);
	error_prefix(&err, err.code, "a");
	CHECK_INT((unsigned char)err.text[strlen(err.text) - 1], 0xa4);
}

TEST(ascii_suggests_the_nearest_word_and_only_a_near_one)
{
	static const char *const words[] = { "LIMIT", "OFFSET", "CONTEXT", "WHERE", NULL };

	CHECK_STR(ascii_nearest(slice_str("limti"), words), "LIMIT");
	CHECK_STR(ascii_nearest(slice_str("offfset"), words), "OFFSET");
	CHECK_STR(ascii_nearest(slice_str("Contxt"), words), "CONTEXT");
	CHECK_STR(ascii_nearest(slice_str("WHERE"), words), "WHERE");
	CHECK(!ascii_nearest(slice_str("banana"), words));
	CHECK(!ascii_nearest(slice_str(""), words));
	CHECK(ascii_same(slice_str("liMit"), "LIMIT"));
	CHECK(!ascii_same(slice_str("limi"), "LIMIT"));
	CHECK(!ascii_same(slice_str("limits"), "LIMIT"));
}

TEST(hash_values_never_change)
{
	/* They are on disk: if this fails, every format version must rise. */
	CHECK(hash_bytes(SLICE_LIT(""), 0) == 0x42bc986dc5eec4d3);
	CHECK(hash_bytes(SLICE_LIT("abc"), 0) == 0xb4808df22d44ffcf);
	CHECK(hash_bytes(SLICE_LIT("toller"), 1) == 0x2cdd435e68a3ec02);
	CHECK(hash_bytes(SLICE_LIT("learns to retrieve"), 2) == 0x502c467f66ba7b78);
	CHECK(hash_u64(42) == 0xa759ea27d4727622);
}

TEST(hash_of_every_length_differs_and_spreads)
{
	char bytes[100] = { 0 };
	uint64_t seen[101];
	int ones = 0;
	size_t i, j;

	for (i = 0; i <= 100; i++) {
		seen[i] = hash_bytes(slice_of(bytes, i), 0);
		ones += __builtin_popcountll(seen[i]);
		for (j = 0; j < i; j++)
			CHECK(seen[j] != seen[i]);
	}
	CHECK_NEAR(ones / 101.0, 32, 2);
	for (i = 0; i < 100; i++) {
		bytes[i] ^= 1;
		CHECK(hash_bytes(slice_of(bytes, 100), 0) != seen[100]);
		bytes[i] ^= 1;
	}
}

TEST(parts_are_joined_with_what_stands_between)
{
	const struct slice parts[] = { SLICE_LIT("love"), SLICE_LIT(""), SLICE_LIT("story") };
	struct arena *arena = arena_new();

	CHECK_STR(arena_join(arena, parts, 3, ", ").ptr, "love, , story");
	CHECK(slice_is(arena_join(arena, parts, 1, ", "), "love"));
	CHECK_STR(arena_join(arena, parts, 0, ", ").ptr, "");
	arena_free(arena);
}

TEST(table_finds_what_was_put)
{
	struct table *table = table_new();
	static int values[5000];
	char name[32];
	struct slice key;
	void *value;
	size_t at = 0, walked = 0;
	int i;

	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "name-%d", i);
		CHECK(!table_put(table, slice_str(name), &values[i]));
	}
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "name-%d", i);
		CHECK(table_get(table, slice_str(name)) == &values[i]);
	}
	CHECK(!table_get(table, SLICE_LIT("name-5000")));
	CHECK(table_put(table, SLICE_LIT("name-1"), &values[0]) == &values[1]);
	while (table_next(table, &at, &key, &value))
		walked++;
	CHECK_INT(walked, 5000);
	table_free(table);
}
