/* analyze.c -- any bytes through every analyzer and option: bounded terms inside the
 * input, and what a query asks for the document has. */
#include <stdlib.h>

#include "limits.h"
#include "text/analyze.h"

static void check(bool holds)
{
	if (!holds)
		abort();
}

static bool has(const struct tokens *tokens, const struct token *t)
{
	size_t i;

	for (i = 0; i < tokens->count; i++)
		if (tokens->items[i].position == t->position &&
			slice_eq(tokens->items[i].term, t->term))
			return true;
	return false;
}

static void check_analyzer(const struct analyzer *a, struct arena *arena, struct slice text)
{
	struct tokens of_document, of_query;
	struct slice typed;
	size_t i;

	analyze(a, arena, text, &of_document);
	for (i = 0; i < of_document.count; i++) {
		const struct token *t = &of_document.items[i];

		check(t->term.len && t->term.len <= TERM_BYTES_MAX);
		check(text_valid(t->term) && !memchr(t->term.ptr, '\0', t->term.len));
		check(t->start < t->end && t->end <= text.len);
		check(t->position < of_document.positions);
	}
	if (of_document.count > 2000)
		return; /* the next is quadratic */
	text_fold_typed(arena, text, &typed);
	analyze_query(a, arena, typed, &of_query);
	check(of_query.positions == of_document.positions);
	for (i = 0; i < of_query.count; i++)
		check(has(&of_document, &of_query.items[i]));
}

/* The first bytes choose options, the rest is the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct slice stop[] = { { "a", 1 }, { "the", 3 } };
	struct analyzer_options o = { 0 };
	struct analyzer *a;
	struct arena *arena;
	struct slice folded;
	size_t count = 0;

	if (size < 2)
		return 0;
	while (analyzer_names()[count])
		count++;
	o.base = slice_str(analyzer_names()[data[0] % count]);
	o.accents = data[1] % 3;
	o.grams = data[1] / 3 % 3;
	o.gram_min = o.grams ? 1 + data[1] % 4 : 0;
	o.gram_max = o.grams ? o.gram_min + data[1] / 16 : 0;
	o.stop = stop;
	o.stop_count = data[1] & 64 && data[0] % count != 1 ? 2 : 0;
	check(analyzer_new(&a, &o, NULL) == 0);
	arena = arena_new();
	check_analyzer(a, arena, slice_of(data + 2, size - 2));
	folded = text_fold(arena, slice_of(data + 2, size - 2));
	check(slice_eq(folded, text_fold(arena, folded)));
	analyzer_whole(a, arena, folded);
	arena_free(arena);
	analyzer_free(a);
	return 0;
}
