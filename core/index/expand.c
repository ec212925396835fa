/* expand.c -- words of the dictionary under a prefix or near a word.
 *
 * Both walk the ordered `terms` table with one cursor.  The fuzzy walk asks the
 * automaton (text/edit.h) after each dead term where the next one could be, and
 * seeks there. The best `max` are kept in a small sorted array.
 *
 * A fuzzy walk, or one through a letter's words, costs 0.1 to 1 ms and one request asks for the
 * same word several times (spelling, slots, strategies), so what was found is kept while the
 * state is the same: a direct-mapped memo, a worker's own. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "index/view.h"
#include "text/analyze.h"
#include "text/edit.h"

struct best {
	struct arena *arena;
	struct expansion *out;
	size_t count, max;
};

static bool before(int distance, uint32_t df, struct slice term, const struct expansion *e)
{
	if (distance != e->distance)
		return distance < e->distance;
	if (df != e->df)
		return df > e->df;
	return slice_cmp(term, e->term) < 0;
}

static void best_offer(struct best *b, struct slice term, uint32_t df, int distance)
{
	size_t at;

	if (!b->max)
		return;
	if (b->count == b->max) {
		if (!before(distance, df, term, &b->out[b->count - 1]))
			return;
		b->count--;
	}
	for (at = b->count; at > 0 && before(distance, df, term, &b->out[at - 1]); at--)
		b->out[at] = b->out[at - 1];
	b->out[at].term = arena_slice(b->arena, term);
	b->out[at].df = df;
	b->out[at].distance = distance;
	b->count++;
}

bool view_term_next(struct view *v, int group, struct term_walk *at, struct slice *term,
	uint32_t *df)
{
	struct key start = key_term(v->number, group, SLICE_LIT(""));
	struct slice key, value;
	int rc;

	if (at->done)
		return false;
	if (at->cursor) {
		rc = cursor_next(at->cursor, &key, &value, NULL);
	} else {
		rc = cursor_open(&at->cursor, v->txn, TABLE_TERMS, NULL);
		if (rc == 0)
			rc = cursor_seek(at->cursor, key_slice(&start), &key, &value, NULL);
	}
	if (rc < 0 || !slice_starts(key, key_slice(&start))) {
		at->done = true;
		return false;
	}
	*term = slice_of(key.ptr + start.len, key.len - start.len);
	*df = term_df(value);
	return true;
}

void view_term_end(struct term_walk *at)
{
	cursor_close(at->cursor);
	at->cursor = NULL;
	at->done = true;
}

static size_t walk_prefix(struct view *v, struct arena *arena, int group, struct slice prefix,
	struct expansion *out, size_t max)
{
	struct best best = { arena, out, 0, max };
	struct cursor *cursor = NULL;
	struct slice key, value;
	struct key start;
	uint32_t df;
	int rc;

	if (prefix.len > TERM_BYTES_MAX)
		return 0;
	start = key_term(v->number, group, prefix);
	if (cursor_open(&cursor, v->txn, TABLE_TERMS, NULL) < 0)
		return 0;
	rc = cursor_seek(cursor, key_slice(&start), &key, &value, NULL);
	while (rc == 0 && slice_starts(key, key_slice(&start))) {
		df = term_df(value);
		if (df)
			best_offer(&best, slice_of(key.ptr + 3, key.len - 3), df, 0);
		rc = cursor_next(cursor, &key, &value, NULL);
	}
	cursor_close(cursor);
	return best.count;
}

static size_t walk_near(struct view *v, struct arena *arena, int group, struct slice word,
	int distance, struct expansion *out, size_t max)
{
	struct key base = key_term(v->number, group, slice_of("", 0)), next;
	struct best best = { arena, out, 0, max };
	struct cursor *cursor = NULL;
	char target[TERM_BYTES_MAX + 8];
	struct slice key, value, term;
	struct edit_walk *edits;
	size_t dead, len;
	uint32_t df;
	int rc, got;

	if (text_length(word) > EDIT_LETTERS_MAX) { /* itself alone */
		df = view_df(v, group, word);
		if (df)
			best_offer(&best, word, df, 0);
		return best.count;
	}
	if (!word.len || cursor_open(&cursor, v->txn, TABLE_TERMS, NULL) < 0)
		return 0;
	edits = edit_walk_new(arena, word, distance);
	rc = cursor_seek(cursor, key_slice(&base), &key, &value, NULL);
	while (rc == 0 && slice_starts(key, key_slice(&base))) {
		term = slice_of(key.ptr + 3, key.len - 3);
		got = edit_walk_term(edits, term, &dead);
		if (got <= distance && (df = term_df(value)) > 0)
			best_offer(&best, term, df, got);
		if (!dead) {
			rc = cursor_next(cursor, &key, &value, NULL);
			continue;
		}
		if (!edit_walk_next(edits, target, &len))
			break;
		next = base;
		key_raw(&next, slice_of(target, len));
		rc = cursor_seek(cursor, key_slice(&next), &key, &value, NULL);
	}
	cursor_close(cursor);
	return best.count;
}

/* ---- what was found ---- */

#define PREFIX 0 /* as a distance */

void view_forget_words(struct view *v)
{
	size_t i;

	for (i = 0; i < WORDS_MEMO; i++) {
		free(v->words[i].found);
		v->words[i] = (struct words_memo){ 0 };
	}
}

static void keep(struct words_memo *memo, uint64_t key, const struct expansion *found, size_t count)
{
	size_t bytes = count * sizeof(*found), i;
	char *at;

	for (i = 0; i < count; i++)
		bytes += found[i].term.len;
	free(memo->found);
	*memo = (struct words_memo){ key, count, xmalloc(bytes + 1) };
	at = (char *)(memo->found + count);
	for (i = 0; i < count; i++) {
		memo->found[i] = found[i];
		memo->found[i].term.ptr = memcpy(at, found[i].term.ptr, found[i].term.len);
		at += found[i].term.len;
	}
}

static size_t find(struct view *v, struct arena *arena, int group, struct slice word, int distance,
	struct expansion *out, size_t max)
{
	return distance == PREFIX ? walk_prefix(v, arena, group, word, out, max)
				  : walk_near(v, arena, group, word, distance, out, max);
}

static size_t find_or_recall(struct view *v, struct arena *arena, int group, struct slice word,
	int distance, struct expansion *out, size_t max)
{
	uint64_t key = hash_bytes(word, (uint64_t)group << 8 | distance) | 1;
	struct words_memo *memo = &v->words[(key >> 1) & (WORDS_MEMO - 1)];
	struct expansion found[EXPANSIONS_MAX];
	size_t i;

	if (max > EXPANSIONS_MAX)
		return find(v, arena, group, word, distance, out, max);
	if (memo->key != key)
		keep(memo, key, found,
			find(v, arena, group, word, distance, found, EXPANSIONS_MAX));
	for (i = 0; i < memo->count && i < max; i++) {
		out[i] = memo->found[i];
		out[i].term = arena_slice(arena, out[i].term);
	}
	return i;
}

size_t view_prefix(struct view *v, struct arena *arena, int group, struct slice prefix,
	struct expansion *out, size_t max)
{
	return find_or_recall(v, arena, group, prefix, PREFIX, out, max);
}

size_t view_fuzzy(struct view *v, struct arena *arena, int group, struct slice word, int distance,
	struct expansion *out, size_t max)
{
	return find_or_recall(v, arena, group, word, distance, out, max);
}
