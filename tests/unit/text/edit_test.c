#include "text/edit.h"

#include <stdlib.h>

#include "base/rng.h"
#include "check.h"

TEST(distance_counts_edits_and_transpositions)
{
	CHECK_INT(edit_distance(SLICE_LIT("tayler"), SLICE_LIT("taylor"), 2), 1);
	CHECK_INT(edit_distance(SLICE_LIT("tyalor"), SLICE_LIT("taylor"), 2), 1);
	CHECK_INT(edit_distance(SLICE_LIT("abc"), SLICE_LIT("xyz"), 2), 3);
	CHECK_INT(edit_distance(SLICE_LIT("b\xc3\xa9"), SLICE_LIT("be"), 2), 1);
	CHECK_INT(edit_distance(SLICE_LIT(""), SLICE_LIT("ab"), 2), 2);
}

static int by_slice(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

TEST(the_walk_finds_what_comparing_each_term_finds)
{
	struct arena *arena = arena_new();
	struct slice terms[3000];
	struct edit_walk *walk;
	struct rng rng;
	char text[16], target[256];
	size_t dead, len, i, j, n;
	int round, max, got;

	rng_init(&rng, 3);
	for (i = 0; i < 3000; i++) {
		n = 1 + rng_below(&rng, 7);
		for (j = 0, len = 0; j < n; j++) {
			if (rng_below(&rng, 8) == 0 && len < 12) {
				memcpy(text + len, "\xc3\xa9", 2);
				len += 2;
			} else {
				text[len++] = 'a' + rng_below(&rng, 4);
			}
		}
		terms[i] = arena_slice(arena, slice_of(text, len));
	}
	qsort(terms, 3000, sizeof(*terms), by_slice);
	for (round = 0; round < 200; round++) {
		struct slice word = terms[rng_below(&rng, 3000)];

		max = 1 + round % 2;
		walk = edit_walk_new(arena, word, max);
		for (i = 0; i < 3000;) {
			got = edit_walk_term(walk, terms[i], &dead);
			CHECK_INT(got, edit_distance(word, terms[i], max));
			i++;
			if (!dead)
				continue;
			if (!edit_walk_next(walk, target, &len)) {
				for (; i < 3000; i++)
					CHECK_INT(edit_distance(word, terms[i], max), max + 1);
				break;
			}
			CHECK(slice_cmp(slice_of(target, len), terms[i - 1]) > 0);
			for (; i < 3000 && slice_cmp(terms[i], slice_of(target, len)) < 0; i++)
				CHECK_INT(edit_distance(word, terms[i], max), max + 1);
		}
	}
	arena_free(arena);
}

TEST(the_walk_passes_over_scripts_without_spaces)
{
	/* by bytes: "taylor", "tayl" + U+30ED + "r", U+4E0A U+91CE, U+30ED */
	static const char *const terms[] = { "taylor", "tayl\xe3\x83\xadr", "\xe3\x83\xad",
		"\xe4\xb8\x8a\xe9\x87\x8e" };
	struct arena *arena = arena_new();
	struct edit_walk *walk = edit_walk_new(arena, SLICE_LIT("taylr"), 1);
	char target[256];
	size_t dead, len;

	CHECK_INT(edit_walk_term(walk, slice_str(terms[0]), &dead), 1);
	CHECK_INT(edit_walk_term(walk, slice_str(terms[1]), &dead), 2);
	CHECK_INT(dead, 7);
	CHECK_INT(edit_walk_term(walk, slice_str(terms[2]), &dead), 2);
	CHECK(edit_walk_next(walk, target, &len));
	CHECK(slice_cmp(slice_of(target, len), slice_str(terms[2])) > 0);
	CHECK_INT(edit_walk_term(walk, slice_str(terms[3]), &dead), 2);

	walk = edit_walk_new(arena, slice_str(terms[3]), 1);
	CHECK_INT(edit_walk_term(walk, slice_str(terms[2]), &dead), 2);
	CHECK_INT(edit_walk_term(walk, slice_str(terms[3]), &dead), 0);
	arena_free(arena);
}

TEST(a_word_of_63_letters_has_its_slips)
{
	struct arena *arena = arena_new();
	char text[64], slip[64];
	struct edit_walk *walk;
	size_t i, dead;

	for (i = 0; i < 63; i++)
		text[i] = 'a' + i % 26;
	for (i = 0; i < 63; i++) {
		memcpy(slip, text, 63);
		slip[i] = '0';
		walk = edit_walk_new(arena, slice_of(text, 63), 1);
		CHECK_INT(edit_walk_term(walk, slice_of(slip, 63), &dead), 1);
		walk = edit_walk_new(arena, slice_of(text, 63), 2);
		CHECK_INT(edit_walk_term(walk, slice_of(slip, 62), &dead), i < 62 ? 2 : 1);
	}
	arena_free(arena);
}
