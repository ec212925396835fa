/* spell.c -- words that are written otherwise than the catalogue has them.
 *
 * Spelling is a noisy channel: a word counts as often as the catalogue has it, times how
 * likely the slip would be. */
#include "query/spell.h"

#include "query/query.h"

#define SPELLINGS        3
#define SPELL_CANDIDATES 16

uint32_t spell_df(struct view *view, struct arena *arena, struct slice word)
{
	const struct schema *schema = view_schema(view);
	const struct analyzer *last = NULL;
	uint32_t best = view_df(view, GROUP_TEXT, word), df;
	struct tokens tokens;
	int i;

	for (i = 0; i < schema->field_count; i++) {
		if (schema->fields[i].type != FIELD_TEXT || schema->fields[i].analyzer == last)
			continue;
		last = schema->fields[i].analyzer;
		if (analyzer_grams(last))
			continue; /* they have parts of words */
		analyze_query(last, arena, word, &tokens);
		if (tokens.positions != 1)
			continue;
		df = view_df(view, GROUP_TEXT, tokens.items[0].term);
		best = df > best ? df : best;
	}
	return best;
}

bool spell_is_word(struct arena *arena, struct slice word)
{
	struct tokens tokens;

	analyze_query(analyzer_find(SLICE_LIT("plain")), arena, word, &tokens);
	return tokens.positions == 1;
}

static void spelling_add(struct spelling *out, int *n, int max, struct spelling s)
{
	int at;

	if (*n == max) {
		if (out[max - 1].weight >= s.weight)
			return;
		--*n;
	}
	for (at = (*n)++; at > 0 && out[at - 1].weight < s.weight; at--)
		out[at] = out[at - 1];
	out[at] = s;
}

/* "swift's" is swift as well. */
static int spell_parts(struct view *view, struct arena *arena, struct slice word,
	struct slice typed, struct spelling *out, int max)
{
	struct tokens tokens;
	int n = 0;
	size_t i;

	if (!max || slice_eq(word, typed))
		return 0;
	analyze_query(analyzer_find(SLICE_LIT("plain")), arena, typed, &tokens);
	for (i = 1; i < tokens.count && tokens.positions == 1; i++)
		spelling_add(out, &n, max,
			(struct spelling){ tokens.items[i].term,
				spell_df(view, arena, tokens.items[i].term), 0 });
	return n;
}

int query_spell(struct view *view, struct arena *arena, struct slice word, struct slice typed,
	struct spelling *out, int max)
{
	static const float slip[3] = { 1, 0.03f, 0.001f };
	struct expansion found[SPELL_CANDIDATES];
	struct spelling self = { word, 0, 0 };
	uint32_t docs = view_stats(view)->docs, df, known;
	size_t n = 0, i, letters = text_length(word);
	int count = 0, edits = letters >= 8 ? 2 : letters >= 4 ? 1 : 0;
	float sum = 0, weight;

	if (max < 1)
		return 0;
	count = spell_parts(view, arena, word, typed, out, max - 1);
	df = spell_df(view, arena, word);
	self.weight = df ? df : 0.01f;
	known = count && out[0].weight > df ? (uint32_t)out[0].weight : df;
	/* a word in common use is not a slip */
	if (!spell_is_word(arena, word))
		edits = 0;
	if (edits && max > 1 && known < 20 + docs / 5000)
		n = view_fuzzy(view, arena, GROUP_TEXT, word, 1, found, SPELL_CANDIDATES);
	/* two edits walk much of the dictionary (1 ms): for words nobody knows */
	if (!n && !known && edits > 1 && max > 1)
		n = view_fuzzy(view, arena, GROUP_TEXT, word, 2, found, SPELL_CANDIDATES);
	/* room is kept for the word itself */
	for (i = 0; i < n; i++) {
		if (slice_eq(found[i].term, word) || found[i].df <= known)
			continue;
		weight = found[i].df * slip[found[i].distance > 2 ? 2 : found[i].distance];
		if (found[i].term.ptr[0] != word.ptr[0])
			weight *= 0.3f; /* first letters are rarely wrong */
		spelling_add(out, &count, max - 1,
			(struct spelling){ found[i].term, weight, found[i].distance });
	}
	if (max == 1)
		out[count++] = self;
	else
		spelling_add(out, &count, max, self);
	for (n = 0; (int)n < count; n++)
		sum += out[n].weight;
	for (n = 0; (int)n < count; n++)
		out[n].weight /= sum;
	return count;
}

/* ---- spelling of what no slot covers ---- */

/* The corrected copy's share of the weight; 0 where nothing is to correct. */
static float correct(const struct query *q, struct interpretation *it, struct view *view,
	struct arena *arena)
{
	struct slice *words = arena_calloc(arena, it->word_count + 1, sizeof(*words));
	struct spelling best;
	float share = 1;
	int i, edits = 0;

	for (i = 0; i < it->word_count; i++) {
		struct spelling all[SPELLINGS];
		int n = query_spell(view, arena, it->words[i], query_typed(q, arena, it->words[i]),
			all, SPELLINGS);

		best = all[0];
		words[i] = it->words[i];
		if (n && best.edits) {
			words[i] = best.word;
			share *= best.weight;
			edits += best.edits;
		}
	}
	it->words = words;
	it->text = arena_join(arena, words, it->word_count, " ");
	it->edits += edits;
	return edits ? share : 0;
}

void query_correct(struct query *q, struct view *view, struct arena *arena)
{
	int i, count = q->count;

	for (i = 0; i < count; i++) {
		struct interpretation corrected = q->items[i];
		float share = correct(q, &corrected, view, arena);

		if (share <= 0)
			continue;
		corrected.weight *= share;
		if (query_add(q, &corrected))
			q->items[i].weight *= 1 - share;
		else if (share > 0.5f)
			q->items[i] = corrected;
	}
	query_normalise(q);
}
