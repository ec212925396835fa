/* watcher.c -- inotify over the scripts folder and all below it.
 *
 * Any event starts a short timer; when it ends, folders that are new are watched too
 * (adding one twice is harmless) and every collection is loaded again, which is
 * nothing where no text changed. */
#include "server/watcher.h"

#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"

#define SETTLE_MS 30
#define DEPTH     3 /* scripts/COLLECTION/KIND */
#define EVENTS                                                                                     \
	(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF)

struct watcher {
	struct engine *engine;
	const struct clock *clock;
	char *root;
	int fd;
	struct event *changed, *settled;
};

static void watch(struct watcher *w, const char *folder, int depth)
{
	struct dirent *entry;
	char path[4096];
	DIR *dir;

	if (inotify_add_watch(w->fd, folder, EVENTS | IN_ONLYDIR) < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			log_warn("scripts", "cannot watch %s: %s", folder, strerror(errno));
		return;
	}
	dir = depth ? opendir(folder) : NULL;
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
			(entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		watch(w, path, depth - 1);
	}
	if (dir)
		closedir(dir);
}

static void on_changed(evutil_socket_t fd, short what, void *data)
{
	static const struct timeval settle = { 0, SETTLE_MS * 1000 };
	struct watcher *w = data;
	char bytes[65536];

	while (read(w->fd, bytes, sizeof(bytes)) > 0)
		;
	evtimer_add(w->settled, &settle);
}

static void on_settled(evutil_socket_t fd, short what, void *data)
{
	struct watcher *w = data;
	int i;

	watch(w, w->root, DEPTH);
	for (i = 0; i < w->engine->count; i++)
		editions_load(w->engine->editions[i], clock_now_ms(w->clock), NULL);
}

int watcher_open(struct watcher **out, struct event_base *base, struct engine *engine,
	const char *scripts, const struct clock *clock, struct error *err)
{
	struct watcher *w = xcalloc(1, sizeof(*w));

	w->engine = engine;
	w->clock = clock;
	w->root = xstrdup(scripts);
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd >= 0) {
		w->changed = event_new(base, w->fd, EV_READ | EV_PERSIST, on_changed, w);
		w->settled = evtimer_new(base, on_settled, w);
	}
	if (w->fd < 0 || !w->changed || !w->settled || event_add(w->changed, NULL) < 0) {
		error_set(err, ERR_IO, "cannot watch %s: %s", scripts, strerror(errno));
		watcher_close(w);
		return ERR_IO;
	}
	watch(w, w->root, DEPTH);
	*out = w;
	return 0;
}

void watcher_close(struct watcher *w)
{
	if (!w)
		return;
	if (w->changed)
		event_free(w->changed);
	if (w->settled)
		event_free(w->settled);
	if (w->fd >= 0)
		close(w->fd);
	free(w->root);
	free(w);
}
