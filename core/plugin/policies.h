/* policies.h -- a plugin's policy as one of ours (learn/policy.h). */
#ifndef PLUGIN_POLICIES_H
#define PLUGIN_POLICIES_H

#include "base/error.h"
#include "base/json.h"
#include "plugin/plugin.h"

struct plugged;

/* A checked one; from here on policy_find knows it.  ERR_EXISTS, ERR_LIMIT. */
int plugged_add(struct plugged **out, const struct plugin_policy *, struct error *);
void plugged_remove(struct plugged *); /* NULL is fine */
/* "name":{what came of asking it} in the object that is open; any thread. */
void plugged_print(const struct plugged *, struct json_out *);

#endif
