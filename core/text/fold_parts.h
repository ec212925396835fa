/* fold_parts.h -- the scan under way: between fold.c, which goes through the text, and
 * fold_long.c, which takes what its tables do not know. */
#ifndef TEXT_FOLD_PARTS_H
#define TEXT_FOLD_PARTS_H

#include <string.h>

#include "text/fold.h"

struct out {
	char *ptr;
	size_t len, cap;
};

struct scan {
	struct arena *arena;
	struct words *words; /* NULL: only the text is wanted */
	size_t cap, most;
	struct out folded, typed;
	bool accents;     /* typed is wanted, */
	bool apostrophes; /* with those inside of words */
	bool open, apart; /* a word is being made; the next stands apart */
	bool joint;       /* an apostrophe follows what there is of the word */
	bool accented;    /* typed differs, and is to be composed */
	size_t initial;   /* where, in the input, what follows its last dot began */
	bool baseless;    /* the word begins with a mark: order would move accents */
	struct word word;
};

/* Room for `more` bytes and what is to come of `left` ASCII bytes. */
static inline void out_room(struct scan *s, struct out *o, size_t more, size_t left)
{
	size_t need = o->len + more + left + 8;

	if (need <= o->cap)
		return;
	need += need / 2;
	o->ptr = arena_grow(s->arena, o->ptr, o->cap, need);
	o->cap = need;
}

static inline void out_put(struct out *o, const char *bytes, size_t n)
{
	memcpy(o->ptr + o->len, bytes, n);
	o->len += n;
}

/* None is open. */
static inline void word_begin(struct scan *s, size_t start, bool unspaced)
{
	if (s->apart && s->folded.len) {
		s->folded.ptr[s->folded.len++] = ' ';
		if (s->accents)
			s->typed.ptr[s->typed.len++] = ' ';
	}
	s->apart = false;
	s->open = true;
	s->word.at = s->folded.len;
	s->word.typed_at = s->typed.len;
	s->word.start = s->initial = start;
	s->word.first_joint = s->word.last_joint = 0;
	s->word.unspaced = unspaced;
	s->baseless = false;
}

/* Goes on with the open word, or begins another. */
void word_open(struct scan *, size_t start, bool unspaced);
void word_apart(struct scan *); /* what comes is another, behind a space */
/* An apostrophe, which may be inside of the word. */
void word_joint(struct scan *);

/* Any code point of the input's bytes [start, end), `left` bytes before its end. */
void add_long(struct scan *, int32_t c, size_t start, size_t end, size_t left);
/* The open word's accents composed and in canonical order. */
void compose_typed(struct scan *);

#endif
