"""plugin.py -- plugins for tests, compiled as an author would, against core/plugin/plugin.h alone."""
import os, subprocess

from session import TOP

PLUGIN = """
#include "plugin.h"
#include <string.h>
%(more)s
static int spread(void *data, const struct plugin_question *q, double *const *dist)
{
	for (uint32_t a = 0; a < q->arms; a++) {
		const struct plugin_arm *arm = q->arm[a];
		%(body)s
	}
	return 0;
}
static const struct plugin_policy policy = {
	{ %(kind)s, sizeof(policy), "%(policy)s", "for a test" }, 0, spread };
static const struct plugin_item *const items[] = { &policy.item, 0 };
const struct plugin %(symbol)s = { %(abi)s, sizeof(%(symbol)s) + %(longer)s, "%(name)s", "for tests",
	%(init)s, 0, items };
"""

ALWAYS_FIRST = "dist[a][arm->cap ? 1 : 0] = 1;"


def compile(session, name, **parts):
    parts = {"body": ALWAYS_FIRST, "kind": "PLUGIN_POLICY", "policy": name, "more": "",
             "symbol": "toller_plugin", "abi": "PLUGIN_ABI", "longer": "0", "name": name,
             "init": "0", **parts}
    source, path = session.path(name + ".c"), session.path(name + ".so")
    with open(source, "w") as file:
        file.write(PLUGIN % parts)
    subprocess.run([os.environ.get("CC", "gcc"), "-std=gnu11", "-fPIC", "-shared",
                    "-I", os.path.join(TOP, "core", "plugin"), "-o", path, source], check=True)
    return path
