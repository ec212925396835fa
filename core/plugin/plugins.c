/* plugins.c -- the loader.
 *
 * A file is opened with all its symbols resolved, so that what is missing shows at the
 * start and not in a search.  Everything it says of itself is checked before its init is
 * called, and nothing of it is used before that went well. */
#include "plugin/plugins.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "learn/policy.h"
#include "limits.h"
#include "plugin/policies.h"

#define NAME_MAX_BYTES 31
#define SYMBOL         "toller_plugin"

struct loaded {
	const struct plugin *plugin;
	char *path;
	struct plugin_host host;
	int policies; /* in the list below */
	struct plugged **policy;
};

struct plugins {
	struct loaded item[PLUGINS_MAX];
	int count;
};

/* ---- what it says of itself ---- */

static bool is_name(const char *name)
{
	size_t n = name ? strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") : 0;

	return n >= 1 && n <= NAME_MAX_BYTES && !name[n];
}

static int check_size(const char *what, uint32_t size, size_t want, struct error *err)
{
	if (size == want)
		return 0;
	return error_set(err, ERR_STATE,
		"its %s has %u bytes, expected %zu: compiled with another plugin.h", what, size,
		want);
}

static int check_policy(const struct plugin_policy *p, struct error *err)
{
	int rc = check_size("struct plugin_policy", p->item.size, sizeof(*p), err);

	if (rc < 0)
		return rc;
	if (!is_name(p->item.name) || !p->item.about)
		return error_set(err, ERR_ARG,
			"a policy needs a line `about` it and a name of 1 to %d of a-z, 0-9, _",
			NAME_MAX_BYTES);
	if (!p->spread)
		return error_set(err, ERR_ARG, "policy %s has no spread", p->item.name);
	if (policy_find(slice_str(p->item.name)))
		return error_set(err, ERR_EXISTS, "policy %s is there already", p->item.name);
	return 0;
}

static int check_items(const struct plugin *plugin, struct error *err)
{
	const struct plugin_item *const *item = plugin->items, *const * other;
	int rc;

	if (!item || !*item)
		return error_set(err, ERR_ARG, "it has no items");
	for (; *item; item++) {
		if ((*item)->kind != PLUGIN_POLICY)
			return error_set(err, ERR_ARG,
				"item %d is of kind %u; there is %d, policies",
				(int)(item - plugin->items) + 1, (*item)->kind, PLUGIN_POLICY);
		rc = check_policy((const struct plugin_policy *)*item, err);
		if (rc < 0)
			return rc;
		for (other = plugin->items; other < item; other++)
			if (!strcmp((*other)->name, (*item)->name))
				return error_set(err, ERR_EXISTS, "it has two policies named %s",
					(*item)->name);
	}
	return 0;
}

static int check(const struct plugin *p, struct error *err)
{
	unsigned major = p->abi >> 16, minor = p->abi & 0xffff;
	int rc;

	if (major != PLUGIN_ABI_MAJOR || minor > PLUGIN_ABI_MINOR)
		return error_set(err, ERR_STATE,
			"made for version %u.%u of plugins, this daemon takes %d.0 to %d.%d", major,
			minor, PLUGIN_ABI_MAJOR, PLUGIN_ABI_MAJOR, PLUGIN_ABI_MINOR);
	rc = check_size("struct plugin", p->size, sizeof(*p), err);
	if (rc < 0)
		return rc;
	if (!is_name(p->name) || !p->about)
		return error_set(err, ERR_ARG,
			"a plugin needs a line `about` it and a name of 1 to %d of a-z, 0-9, _",
			NAME_MAX_BYTES);
	return 0;
}

/* ---- taking it ---- */

static void host_log(const char *text)
{
	log_info("plugin", "%s", text);
}

static int begin(const struct plugin *plugin, struct plugin_host *host, struct error *err)
{
	char why[256] = "";

	if (!plugin->init || plugin->init(host, why, sizeof(why)) == 0)
		return 0;
	why[sizeof(why) - 1] = '\0';
	return error_set(err, ERR_STATE, "its init failed%s%s", *why ? ": " : "", why);
}

static int add(struct plugins *plugins, const struct plugin *plugin, const char *path,
	struct error *err)
{
	struct loaded *l = &plugins->item[plugins->count];
	int i, rc;

	if (plugins->count == PLUGINS_MAX)
		return error_set(err, ERR_LIMIT, "there are %d plugins, the limit", PLUGINS_MAX);
	rc = check(plugin, err);
	for (i = 0; rc == 0 && i < plugins->count; i++)
		if (!strcmp(plugins->item[i].plugin->name, plugin->name))
			rc = error_set(err, ERR_EXISTS, "plugin %s is there already, from %s",
				plugin->name, plugins->item[i].path);
	if (rc == 0)
		rc = check_items(plugin, err);
	if (rc < 0)
		return rc;
	*l = (struct loaded){ .plugin = plugin, .path = xstrdup(path) };
	l->host = (struct plugin_host){ PLUGIN_ABI, sizeof(l->host), l->path, host_log };
	rc = begin(plugin, &l->host, err);
	if (rc < 0) {
		free(l->path);
		return rc;
	}
	plugins->count++; /* from here on plugins_close looks after it */
	for (i = 0; plugin->items[i]; i++)
		;
	l->policy = xcalloc(i, sizeof(*l->policy));
	for (i = 0; rc == 0 && plugin->items[i]; i++) {
		rc = plugged_add(&l->policy[l->policies],
			(const struct plugin_policy *)plugin->items[i], err);
		l->policies += rc == 0;
	}
	return rc;
}

int plugins_add(struct plugins *plugins, const struct plugin *plugin, const char *path,
	struct error *err)
{
	return error_prefix(err, add(plugins, plugin, path, err), "%s", path);
}

/* ---- finding it ---- */

static int load(struct plugins *plugins, const char *name, struct error *err)
{
	const struct plugin *plugin;
	char *path = realpath(name, NULL);
	void *library;
	int rc;

	if (!path)
		return error_set(err, ERR_IO, "%s: %s", name, strerror(errno));
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		rc = error_set(err, ERR_ARG, "no library that loads: %s", dlerror());
		goto out;
	}
	plugin = dlsym(library, SYMBOL);
	if (plugin)
		rc = plugins_add(plugins, plugin, path, err);
	else
		rc = error_set(err, ERR_ARG, "%s: no plugin: it has no symbol %s", path, SYMBOL);
	if (rc == 0)
		log_info("plugin", "%s from %s", plugin->name, path);
out:
	free(path);
	return rc;
}

static int is_library(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && dot != entry->d_name && !strcmp(dot, ".so");
}

static int load_folder(struct plugins *plugins, const char *folder, struct error *err)
{
	struct dirent **entries = NULL;
	char path[4096];
	int i, n, rc = 0;

	n = scandir(folder, &entries, is_library, alphasort);
	if (n < 0)
		return error_set(err, ERR_IO, "%s: %s", folder, strerror(errno));
	if (n == 0)
		log_warn("plugin", "%s has no plugin (*.so)", folder);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (rc == 0)
			rc = load(plugins, path, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

static int load_all(struct plugins *plugins, char *list, struct error *err)
{
	char *save, *at, *end;
	struct stat st;
	int rc = 0;

	for (at = strtok_r(list, ",", &save); rc == 0 && at; at = strtok_r(NULL, ",", &save)) {
		at += strspn(at, " \t");
		end = at + strlen(at);
		while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
			*--end = '\0';
		if (stat(at, &st) == 0 && S_ISDIR(st.st_mode))
			rc = load_folder(plugins, at, err);
		else
			rc = load(plugins, at, err);
	}
	return rc;
}

int plugins_open(struct plugins **out, const char *list, struct error *err)
{
	struct plugins *plugins = xcalloc(1, sizeof(*plugins));
	char *copy = xstrdup(list);
	int rc = 0;

	if (strcmp(list, "none"))
		rc = load_all(plugins, copy, err);
	free(copy);
	if (rc < 0) {
		plugins_close(plugins);
		return error_prefix(err, rc, "plugins");
	}
	*out = plugins;
	return 0;
}

void plugins_close(struct plugins *plugins)
{
	struct loaded *l;

	if (!plugins)
		return;
	while (plugins->count > 0) {
		l = &plugins->item[--plugins->count];
		while (l->policies > 0)
			plugged_remove(l->policy[--l->policies]);
		if (l->plugin->end)
			l->plugin->end();
		free(l->policy);
		free(l->path);
	}
	free(plugins);
}

void plugins_print(const struct plugins *plugins, struct json_out *out)
{
	const struct loaded *l;
	int i, p;

	for (i = 0; i < plugins->count; i++) {
		l = &plugins->item[i];
		json_key(out, l->plugin->name);
		json_object_open(out);
		json_kv(out, str, "file", l->path);
		json_kv(out, str, "about", l->plugin->about);
		json_key(out, "policies");
		json_object_open(out);
		for (p = 0; p < l->policies; p++)
			plugged_print(l->policy[p], out);
		json_close(out);
		json_close(out);
	}
}
