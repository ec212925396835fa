/* generation.h -- a scripts folder as one immutable set of texts.
 *
 *     COLLECTION/lists/NAME.txt           words or synonyms (text/list.h)
 *     COLLECTION/understanding/NAME.lua   slot or rewrite
 *     COLLECTION/features/NAME.lua        features
 *     COLLECTION/strategies/NAME.lua      strategy: NAME is the arm's
 *     COLLECTION/ranking/NAME.lua         ranking
 *     COLLECTION/rewards.lua              rewards
 *
 * NAME is of a-z, 0-9 and _.  A collection without a folder of its own gets
 * default/.  Files that do not end in .lua (in lists/, .txt) and names with a leading
 * dot are passed over; an unknown folder is an error with the nearest.
 *
 * Immutable once read, so any thread.  program.h makes it run. */
#ifndef SCRIPT_GENERATION_H
#define SCRIPT_GENERATION_H

#include "base/error.h"
#include "base/slice.h"
#include "limits.h"

#define SCRIPT_NAME_MAX 32

enum script_kind {
	SCRIPT_LIST, /* first: the others use them */
	SCRIPT_UNDERSTANDING,
	SCRIPT_FEATURES,
	SCRIPT_STRATEGY,
	SCRIPT_RANKING,
	SCRIPT_REWARDS,
};

struct script {
	enum script_kind kind;
	char name[SCRIPT_NAME_MAX + 1];
	char *path; /* as in messages: "music/strategies/popular.lua" */
	struct slice text;
};

struct scripts {
	struct script *items; /* by kind, then name */
	int count;
	char folder[COLLECTION_NAME_MAX + 1]; /* "music", or "default" */
	uint64_t fingerprint;                 /* of all paths and texts */
};

/* Read `root`/`collection`, or `root`/default.  ERR_NOT_FOUND if there is
 * neither, ERR_LIMIT, ERR_IO, ERR_ARG for a bad name. */
int scripts_read(struct scripts **out, const char *root, const char *collection, struct error *);

/* From memory: an empty set, its files (`path` within the folder, such as
 * "strategies/popular.lua"; the text is copied), and the end of it. */
struct scripts *scripts_new(const char *folder);
int scripts_add(struct scripts *, const char *path, struct slice text, struct error *);
void scripts_seal(struct scripts *); /* sorts, takes the fingerprint */

void scripts_free(struct scripts *); /* NULL is fine */

/* Line (from 1) where `needle` stands in the text, in quotes if it can be, else as a
 * whole word; 1 if it does not. */
int script_line(const struct script *, struct slice needle);

#endif
