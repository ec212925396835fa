/* list.h -- lists of words and of synonyms, as operators write them.
 *
 *     # words, or phrases of up to LIST_PHRASE_MAX words, a line or with commas
 *     a, an, the
 *     show me
 *
 *     # synonyms: each of a line finds the others
 *     nyc = new york city
 *     sofa = couch = settee
 *     # one way: who says jumper finds sweater and pullover, too
 *     jumper => sweater = pullover
 *
 * A list has words or synonyms, not both.  What it says is folded (text_fold), as
 * queries are.  Immutable once made; any thread. */
#ifndef TEXT_LIST_H
#define TEXT_LIST_H

#include "base/error.h"
#include "base/slice.h"

#define LIST_PHRASE_MAX   6
#define LIST_ENTRIES_MAX  20000
#define LIST_SYNONYMS_MAX 16 /* of one phrase */
#define LISTS_MAX         32

struct phrase_words {
	struct slice *words;
	int count;
};

struct list_entry {
	struct phrase_words from;
	struct phrase_words *to; /* what it finds as well; none in a list of words */
	int to_count;
};

struct list;

/* `where` is said in errors, with the line: ERR_SYNTAX, ERR_LIMIT. */
int list_new(struct list **out, struct slice text, const char *where, struct error *);
void list_free(struct list *); /* NULL is fine */
bool list_has_synonyms(const struct list *);
/* The longest entry that these words begin with, or NULL. */
const struct list_entry *list_find(const struct list *, const struct slice *words, int count);

/* Lists by name. */
struct lists;

struct lists *lists_new(void);
void lists_free(struct lists *); /* and what was added; NULL is fine */
/* Takes the list over, even if it fails: ERR_LIMIT. */
int lists_add(struct lists *, const char *name, struct list *, struct error *);
/* NULL if there is none. */
const struct list *lists_find(const struct lists *, struct slice name);
const char *const *lists_names(const struct lists *); /* NULL-terminated */

#endif
