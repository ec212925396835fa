/* kept.c -- the sets of a view: a few slots, each a block of its own that holds the
 * words and, behind them, the key.  Looked for one after another by a hash; a request
 * asks for a handful. */
#include "index/kept.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "index/view.h"

static size_t words_of(const struct view *v)
{
	return (size_t)(v->stats.doc_limit / SEGMENT_DOCS + 1) * SEGMENT_WORDS;
}

static size_t known_words(const struct view *v)
{
	return v->stats.doc_limit / SEGMENT_DOCS / 64 + 1;
}

static void drop(struct view *v, struct kept_slot *slot)
{
	v->kept_bytes -= slot->bytes;
	free(slot->set.known);
	*slot = (struct kept_slot){ 0 };
}

void view_forget_kept(struct view *v)
{
	int i;

	for (i = 0; i < KEPT_SETS; i++)
		drop(v, &v->kept[i]);
}

static struct kept_slot *find(struct view *v, uint64_t hash, struct slice key)
{
	int i;

	for (i = 0; i < KEPT_SETS; i++)
		if (v->kept[i].hash == hash && slice_eq(v->kept[i].key, key))
			return &v->kept[i];
	return NULL;
}

/* The slot unused for longest that this request has not asked for: of those in use, or
 * a free one first. */
static struct kept_slot *oldest(struct view *v, bool in_use)
{
	struct kept_slot *least = NULL;
	int i;

	for (i = 0; i < KEPT_SETS; i++)
		if (v->kept[i].turn < v->turn && (v->kept[i].hash || !in_use) &&
			(!least || v->kept[i].turn < least->turn))
			least = &v->kept[i];
	return least;
}

struct kept *view_keep(struct view *v, struct slice key)
{
	size_t words = words_of(v), known = known_words(v), bytes;
	uint64_t hash = hash_bytes(key, 0) | 1;
	struct kept_slot *slot = find(v, hash, key), *out;

	if (slot) {
		slot->turn = v->turn;
		return &slot->set;
	}
	bytes = (words + known) * sizeof(uint64_t) + key.len;
	while (v->kept_bytes + bytes > KEPT_BYTES_MAX) {
		out = oldest(v, true);
		if (!out || bytes > KEPT_BYTES_MAX)
			return NULL;
		drop(v, out);
	}
	slot = oldest(v, false);
	if (!slot)
		return NULL;
	drop(v, slot);
	slot->set.known = xmalloc(bytes);
	memset(slot->set.known, 0, known * sizeof(uint64_t));
	slot->set.bits = slot->set.known + known;
	slot->set.share = NAN;
	memcpy(slot->set.bits + words, key.ptr, key.len);
	slot->key = slice_of(slot->set.bits + words, key.len);
	slot->hash = hash;
	slot->turn = v->turn;
	slot->bytes = bytes;
	v->kept_bytes += bytes;
	return &slot->set;
}
