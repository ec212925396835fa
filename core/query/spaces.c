/* spaces.c -- words with a space too few or too many.
 *
 * What the catalogue has as it was typed stays: a word is taken apart only where no
 * document has it, two are put together only where no document has both.  Parts must
 * stand side by side, in this order, in some document; of several ways that which most
 * have, and none where a slip of a letter is likelier. */
#include "query/query.h"

#include <math.h>

#include "query/match.h"
#include "query/spell.h"

#define PARTS_MAX   4
#define LETTERS_MIN 4    /* of a word that is taken apart, */
#define BYTES_MAX   32   /* and */
#define TRIES       8    /* ways that are looked up as phrases */
#define MATCHES_MAX 50   /* documents that are counted */
#define COST_MAX    6000 /* postings of the rarest word that are gone through */
#define MISSED      0.03 /* a slip of a letter to a missed space, as in spell.c */

/* How many documents a match finds, at most MATCHES_MAX. */
static int found(struct view *view, struct arena *arena, const struct match *match)
{
	struct matcher m;
	int n = 0;

	if (matcher_open(&m, view, arena, match, NULL) < 0)
		return 0;
	if (m.root && m.root->cost <= COST_MAX)
		while (n < MATCHES_MAX && iter_next(m.root) != DOC_NONE)
			n++;
	else if (m.root)
		n = MATCHES_MAX;
	matcher_close(&m);
	return n;
}

/* The query's words with [at, at + from) become these. */
static void replace(struct query *q, struct arena *arena, int at, int from, const struct slice *to,
	int count)
{
	struct slice *words = arena_calloc(arena, QUERY_TERMS_MAX, sizeof(*words));
	struct interpretation *it = &q->items[0];
	int rest = q->word_count - at - from;

	memcpy(words, q->words, at * sizeof(*words));
	memcpy(words + at, to, count * sizeof(*words));
	memcpy(words + at + count, q->words + at + from, rest * sizeof(*words));
	q->words = it->words = words;
	q->word_count = it->word_count = at + count + rest;
	it->text = arena_join(arena, words, q->word_count, " ");
	it->edits++;
}

/* ---- too few ---- */

struct way {
	struct slice parts[PARTS_MAX];
	int count;
	double likely; /* the sum of log(df / documents) of its parts */
};

struct ways {
	struct view *view;
	struct arena *arena;
	struct slice word;
	uint32_t df[BYTES_MAX][BYTES_MAX + 1]; /* 1 + that of a part; 0: not asked yet */
	struct way best[TRIES];                /* the likeliest first */
	int count;
};

static void keep(struct ways *w, const struct way *way)
{
	int at;

	if (w->count == TRIES) {
		if (w->best[TRIES - 1].likely >= way->likely)
			return;
		w->count--;
	}
	for (at = w->count++; at > 0 && w->best[at - 1].likely < way->likely; at--)
		w->best[at] = w->best[at - 1];
	w->best[at] = *way;
}

static uint32_t part_df(struct ways *w, size_t at, size_t end)
{
	uint32_t *df = &w->df[at][end];

	if (!*df)
		*df = 1 + spell_df(w->view, w->arena, slice_of(w->word.ptr + at, end - at));
	return *df - 1;
}

/* All ways to go on from byte `at`. */
static void divide(struct ways *w, struct way *way, size_t at)
{
	bool last = way->count == PARTS_MAX - 1;
	double before = way->likely;
	uint32_t df;
	size_t end;

	for (end = last ? w->word.len : at + 1; end <= w->word.len; end++) {
		if (end < w->word.len && ((unsigned char)w->word.ptr[end] & 0xc0) == 0x80)
			continue;
		df = at || end < w->word.len ? part_df(w, at, end) : 0;
		if (!df)
			continue;
		way->parts[way->count++] = slice_of(w->word.ptr + at, end - at);
		way->likely = before + log((double)df / view_stats(w->view)->docs);
		if (end == w->word.len)
			keep(w, way);
		else
			divide(w, way, end);
		way->count--;
	}
	way->likely = before;
}

/* The way that most documents have side by side; how many, 0: none. */
static int best_way(struct ways *w, struct way *out)
{
	struct match phrase = { .kind = MATCH_PHRASE, .weight = 1 };
	int i, n, most = 0;

	for (i = 0; i < w->count; i++) {
		phrase.text = arena_join(w->arena, w->best[i].parts, w->best[i].count, " ");
		n = found(w->view, w->arena, &phrase);
		if (n <= most)
			continue;
		most = n;
		*out = w->best[i];
	}
	return most;
}

static void take_apart(struct query *q, struct view *view, struct arena *arena, int at)
{
	struct slice word = q->words[at];
	struct ways *ways;
	struct way way = { .likely = 0 };
	struct spelling other[2];
	int n;

	if (word.len > BYTES_MAX || text_length(word) < LETTERS_MIN ||
		!spell_is_word(arena, word) || spell_df(view, arena, word))
		return;
	ways = arena_calloc(arena, 1, sizeof(*ways));
	ways->view = view;
	ways->arena = arena;
	ways->word = word;
	divide(ways, &way, 0);
	n = best_way(ways, &way);
	if (!n || q->word_count + way.count - 1 > QUERY_TERMS_MAX)
		return;
	query_spell(view, arena, word, query_typed(q, arena, word), other, 2);
	if (other[0].edits && spell_df(view, arena, other[0].word) * MISSED > n)
		return;
	replace(q, arena, at, 1, way.parts, way.count);
}

/* ---- too many ---- */

static bool put_together(struct query *q, struct view *view, struct arena *arena, int at)
{
	struct match words[2] = { { .kind = MATCH_TERM, .text = q->words[at], .weight = 1 },
		{ .kind = MATCH_TERM, .text = q->words[at + 1], .weight = 1 } };
	struct match *kids[2] = { &words[0], &words[1] };
	struct match both = { .kind = MATCH_ALL, .weight = 1, .kids = kids, .kid_count = 2 };
	struct slice one = arena_join(arena, q->words + at, 2, "");

	if (one.len > BYTES_MAX || !spell_df(view, arena, one) || found(view, arena, &both))
		return false;
	replace(q, arena, at, 2, &one, 1);
	return true;
}

void query_spaces(struct query *q, struct view *view, struct arena *arena)
{
	int i;

	for (i = 0; i + 1 < q->word_count; i++)
		if (put_together(q, view, arena, i))
			i--;
	for (i = 0; i < q->word_count; i++)
		take_apart(q, view, arena, i);
}
