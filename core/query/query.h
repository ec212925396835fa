/* query.h -- a query as it was said and as it may have been meant.
 *
 * `{name value}` is the one notation for slotted queries: "{artist Taylor Swift}
 * love".  All in the request's arena. */
#ifndef QUERY_QUERY_H
#define QUERY_QUERY_H

#include "base/arena.h"
#include "base/json.h"
#include "index/reader.h"

struct slot {
	struct slice name;   /* "artist" */
	struct slice value;  /* "Taylor Swift" */
	struct slice entity; /* id of the entity the value names, or empty */
	double number[2];    /* of number slots: min, max; NaN where absent */
	bool is_number;
	int first, count; /* words of the query it covers */
};

struct interpretation {
	float weight; /* all interpretations of a query sum to 1 */
	struct slot slots[SLOTS_MAX];
	int slot_count;
	struct slice *words; /* what no slot covers, spelling corrected, in order */
	int word_count;
	struct slice text; /* words joined by a space */
	int edits;         /* spelling corrections it needed */
};

struct typed {
	struct slice word, typed; /* "cafes", "café's" */
};

struct query {
	struct slice raw;    /* as it came */
	struct slice text;   /* folded (text_fold): the memory's key */
	struct slice *words; /* of text, as typed */
	int word_count;
	struct typed *typed; /* words that were typed with accents or apostrophes */
	int typed_count;
	int left_out; /* words after the first QUERY_TERMS_MAX, which are not read */
	struct interpretation items[INTERPRETATIONS_MAX]; /* best first, at least one */
	int count;
};

/* Folds and splits; one interpretation, the words as typed with weight 1.  Of a long
 * query the first QUERY_TERMS_MAX words count.  ERR_LIMIT over QUERY_BYTES_MAX. */
int query_init(struct query *, struct arena *, struct slice raw, struct error *);

/* The words as the query has them: with accents and apostrophes, if typed with any. */
struct slice query_typed(const struct query *, struct arena *, struct slice words);
/* So for all words of a match: match->typed. */
struct match;
void query_restore(const struct query *, struct arena *, struct match *);

/* A query in slot notation: "{artist Taylor Swift} love" (examples, tests), whose
 * writer is told of too many words: ERR_LIMIT; ERR_SYNTAX. */
int query_parse(struct query *, struct arena *, struct slice notation, struct error *);
/* Slot notation of an interpretation. */
void interpretation_print(const struct interpretation *, struct buf *);
/* {"query":..., "left_out":n (if any),
 *  "interpretations":[{"weight":.., "text":"{artist X} love", "slots":{..}}]} */
void query_print(const struct query *, struct json_out *);

/* Spelling: the word itself if the dictionary has it with df > 0, what its apostrophes
 * set apart (`typed`, as query_typed has it), and nearby more frequent words. Fills
 * `out`, best first, returns the count (at least 1: the word). Weight sums to 1. */
struct spelling {
	struct slice word;
	float weight;
	int edits;
};
int query_spell(struct view *, struct arena *, struct slice word, struct slice typed,
	struct spelling *out, int max);

/* Spaces that are missing or too many: a word that no document has, of which several
 * stand side by side in some ("blink182"), is these; two words that no document has
 * together, but some as one ("cold play"), are that one.  Before the slots: the query's
 * words change. */
void query_spaces(struct query *, struct view *, struct arena *);

/* Spelling of what no slot covers: an interpretation with words that have a likelier
 * spelling shares its weight with a corrected copy, by the spellings' weights.
 * Call it after the slots.  Renormalises and sorts. */
void query_correct(struct query *, struct view *, struct arena *);

/* A slot filled from the names of entities: every run of words that names, or
 * begins or is part of the name of, an entity of `kind` in the text field `field`.
 * Found entities are weighed by coverage of the name, spelling edits and quality;
 * each yields one more interpretation.  Renormalises and sorts; keeps at most
 * INTERPRETATIONS_MAX. */
int query_slot_entities(struct query *, struct view *, struct arena *, struct slice slot_name,
	struct slice kind, const struct field *field, struct error *);
/* A slot filled from the values of a tags field: a run of words that is a value. */
int query_slot_tags(struct query *, struct view *, struct arena *, struct slice slot_name,
	const struct field *field, struct error *);

bool interpretation_covers(const struct interpretation *, int word); /* has a slot this word? */
/* `base` with one slot more, its words without those that the slot covers; weight and edits
 * are base's.  False if it does not fit: where slots overlap, or there are too many. */
bool interpretation_add(const struct query *, struct arena *, const struct interpretation *base,
	const struct slot *, struct interpretation *out);

/* One interpretation more, copied; false if full. */
bool query_add(struct query *, const struct interpretation *);
void query_normalise(struct query *); /* sort by weight, make them sum to 1 */

#endif
