/* plugins.h -- the plugins of a daemon: found, checked, loaded.
 *
 * plugin.h is what they see of us.  A plugin is taken whole or the daemon does not start:
 * what an operator named and cannot be had is a mistake to be told of at once.
 *
 * Opened before and closed after all other threads; plugins_print by any thread.  A
 * library stays in memory until the process ends. */
#ifndef PLUGIN_PLUGINS_H
#define PLUGIN_PLUGINS_H

#include "base/error.h"
#include "base/json.h"
#include "plugin/plugin.h"

struct plugins;

/* `list`: files and folders (all *.so in them), a comma between two; or "none".
 * ERR_IO for a file that is not there, ERR_ARG for what is no plugin or a bad one,
 * ERR_STATE for one of another version, ERR_EXISTS for a name that is taken. */
int plugins_open(struct plugins **out, const char *list, struct error *);
/* Ends each plugin that has an `end`; NULL is fine. */
void plugins_close(struct plugins *);

/* One that is in memory already, from `path`; as plugins_open does with each. */
int plugins_add(struct plugins *, const struct plugin *, const char *path, struct error *);

/* Members of the object that is open, one a plugin:
 *     "example":{"file":..,"about":..,"policies":{"example":
 *         {"about":..,"asked":n,"failed":n,"error":"the last" or null,"mean_us":x}}} */
void plugins_print(const struct plugins *, struct json_out *);

#endif
