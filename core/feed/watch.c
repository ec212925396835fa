/* watch.c -- what is new about features. */
#include "feed/watch.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/log.h"
#include "learn/drift.h"

static bool was_said(const struct watch *w, uint64_t name)
{
	int i;

	for (i = 0; i < w->count; i++)
		if (w->said[i] == name)
			return true;
	return false;
}

int watch_look(struct watch *w, const struct tally_rows *rows, const char *collection,
	const struct feature_set *set, int64_t now_ms, struct error *err)
{
	struct watch now = { 0 };
	struct drift *list;
	size_t len = 0;
	uint64_t name;
	int i, count = drift_read(rows, set, now_ms, WATCH_WINDOW_MS, &list, err);

	if (count < 0)
		return count;
	for (i = 0; i < count; i++) {
		if (!list[i].says[0])
			continue;
		name = hash_bytes(slice_str(list[i].name), 0);
		if (!was_said(w, name))
			log_warn("features", "%s: %s %s", collection, list[i].name, list[i].says);
		now.said[now.count++] = name;
		if (len < sizeof(now.text))
			len += (size_t)snprintf(now.text + len, sizeof(now.text) - len, "%s%s %s",
				len ? "; " : "", list[i].name, list[i].says);
	}
	*w = now;
	return 0;
}
