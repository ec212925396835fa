/* rules.h -- what slot and rewrite become: between understanding.c, which makes them when
 * scripts load, and rules.c, which runs them; for this room only. */
#ifndef SCRIPT_RULES_H
#define SCRIPT_RULES_H

#include "query/query.h"
#include "script/program.h"

#define PATTERN_PARTS_MAX 8

enum part_kind { PART_WORDS, PART_MIN, PART_MAX, PART_VALUE_NUMBER, PART_VALUE_WORD };

struct part {
	enum part_kind kind;
	struct slice words[8]; /* alternatives */
	int word_count;
};

struct pattern {
	struct part parts[PATTERN_PARTS_MAX];
	int count;
	struct slot gives; /* what it fills without a {...}: value, number */
};

struct rewrite {
	struct slice *from, *to;
	int from_count, to_count;
};

struct example {
	struct slice key, wanted;
	struct example *next;
};

enum rule_kind { RULE_REWRITE, RULE_PATTERNS, RULE_ENTITIES, RULE_TAGS };

struct rule {
	enum rule_kind kind;
	const struct script_file *file;
	struct slice name;
	struct slice entity_kind;
	const struct field *field;
	struct pattern *patterns;
	struct rewrite *rewrites; /* longest `from` first */
	int count;
	struct example *examples; /* those that need a catalogue */
};

/* One rule on a query; `view` NULL: RULE_REWRITE and RULE_PATTERNS alone. */
int rule_run(const struct rule *, struct view *view, struct arena *, struct query *,
	struct error *);

#endif
