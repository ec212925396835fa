/* schema.h -- what a collection's entities are made of.
 *
 * Said in conf/COLLECTION.conf, a line a thing, '#' begins a comment:
 *
 *     field title   text   weight=3 analyzer=english exact=yes from=name,title
 *     field artist  text   weight=2 from=artists,artist
 *     field genre   tags   from=genres,subgenres
 *     field popularity number bias=0.02     # static quality: a * value
 *     field plays   number bias=log1p:0.1   # static quality: a * log(1 + value)
 *     field released date from=release_date
 *     field artist_id ref prefix=artist: from=artist_ids,artist_id
 *     kind  kind                             # JSON member that names the category
 *
 * Keys: from (JSON members tried in order, the first present wins; default the field's
 * name); bias, of numbers; prefix, put before refs.  Of text fields:
 *
 *   weight=1         default weight of BM25F
 *   exact=no         yes: also index the whole folded value, for exact matches
 *   positions=yes    where the words stand is kept, for phrases; no saves a third of
 *                    the index.  With grams the default is no
 *   analyzer=plain   or keyword, or a Snowball language: english, german, ...
 *   accents=fold     keep: with its accents a word is another word; both: found
 *                    without them too, and a query's own spelling weighs more
 *   grams=           edge:2-10, the first two to ten letters of each word, finds what
 *                    is typed so far; inner:3 (or 2-3), each run of three letters, finds
 *                    what is misspelt
 *   stop=LIST,...    words of lists that the field drops, unless a value has no others
 *   tail=LIST,...    of an exact value counts also what stands before such a word
 *
 *     list noise feat ft featuring           # once or in several lines
 *     field title    text stop=noise tail=noise exact=yes
 *     field starts   text grams=edge:2-12 from=title weight=0.3
 *
 * A stop word of a field is not looked for beside other words of a query, and does not
 * count in exact values: "Song (feat. X)" is "song x", by its tail also "song".
 * text/analyze.h says more.
 * Unknown words, keys and types are errors with file, line and a suggestion.
 * Immutable once made; any thread. */
#ifndef INDEX_SCHEMA_H
#define INDEX_SCHEMA_H

#include "base/error.h"
#include "base/slice.h"
#include "limits.h"
#include "text/analyze.h"

enum field_type { FIELD_TEXT, FIELD_TAGS, FIELD_NUMBER, FIELD_DATE, FIELD_REF };
enum field_bias { BIAS_NONE, BIAS_LINEAR, BIAS_LOG1P };

struct field {
	char name[FIELD_NAME_MAX + 1];
	enum field_type type;
	float weight;                    /* text: BM25F's default weight */
	const struct analyzer *analyzer; /* text; the schema's */
	bool exact;                      /* text: whole value is a term, too */
	bool positions;                  /* text: for phrases */
	enum field_bias bias;            /* number */
	float bias_weight;
	char *from[8];   /* JSON members, NULL-terminated */
	char prefix[32]; /* ref */
	int text_index;  /* text: 0 ..; else -1; bit of a posting's mask */
	int column;      /* number, date: 0 ..; else -1 */
	/* Posting group: 0 text, 1 exact values, 2 kind, 3 + field number for tags and refs. */
	int group;
};

enum { GROUP_TEXT = 0, GROUP_EXACT = 1, GROUP_KIND = 2, GROUP_FIELDS = 3 };

struct schema {
	char name[COLLECTION_NAME_MAX + 1];
	struct field fields[FIELDS_MAX];
	int field_count, text_count, column_count;
	struct analyzer *analyzers[TEXT_FIELDS_MAX]; /* fields of equal analysis share one */
	int analyzer_count;
	uint8_t positions;                    /* mask of the text fields that keep them */
	bool biased;                          /* documents have a static quality */
	char kind_member[FIELD_NAME_MAX + 1]; /* "" if the schema names none */
	char *form;                           /* what decides the bytes on disk, a line a field */
	uint64_t fingerprint;                 /* of it */
};

/* `name` is the collection's; `where` is said in errors (the file's path). */
int schema_parse(struct schema **out, const char *name, struct slice text, const char *where,
	struct error *);
int schema_load(struct schema **out, const char *path, struct error *);
void schema_free(struct schema *);
/* The first difference of an earlier form to the schema's, in words: "field rank is new". */
void schema_difference(const struct schema *, struct slice form, char *out, size_t size);

/* NULL if there is none. */
const struct field *schema_field(const struct schema *, struct slice name);
/* ERR_ARG naming the collection's fields and the nearest one. */
int schema_need(const struct schema *, struct slice name, const struct field **out, struct error *);

/* The term under which GROUP_EXACT keeps a folded value of an exact text field:
 * the field stands in its first byte, so that equal values of two fields have
 * each their own documents; stop words of the field are left out of it.  In the arena. */
struct slice exact_term(struct arena *, const struct field *, struct slice folded);

#endif
