#!/usr/bin/env python3
"""simulate.py [WORLD ...] [--searches N] [--out FOLDER] [-- OPTIONS of toller simulate] --
policies side by side in worlds of judged data, beside the best that could be had without
learning.

For each world (worlds.py) a daemon of its own, a collection for each policy, and one
`toller simulate`.  Writes WORLD.csv and WORLD.svg into the folder (tests/bench/plots) and
prints the table.
"""
import os, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import worlds
from session import BUILD, TOP, Session

POLICIES = ("priced", "squarecb", "linucb", "lints", "epsilon", "uniform")


def run(name, policies, searches, out, keys, more):
    world = worlds.world(name)
    if not world.there():
        print("%s: skipped, no %s" % (name, world.files))
        return
    with Session() as session:
        world.prepare(session.folder, policies)
        session.start(**{**world.keys(), **keys})
        for policy in policies:
            world.load(session.address, policy)
        print("%s, %d searches, budget of %d candidates" % (name, searches, world.budget),
              flush=True)
        subprocess.run([os.path.join(BUILD, "toller"), "-s", session.address, "simulate",
                        *["%s:%s" % (policy, policy) for policy in policies], *world.arguments(),
                        "--searches", str(searches), "--title", name,
                        "--csv", os.path.join(out, name + ".csv"),
                        "--svg", os.path.join(out, name + ".svg"), *more], check=True)


def main():
    words, more = sys.argv[1:], []
    if "--" in words:
        at = words.index("--")
        words, more = words[:at], words[at + 1:]
    options = {"--searches": "20000", "--out": os.path.join(TOP, "tests", "bench", "plots"),
               "--policies": ",".join(POLICIES)}
    names, keys = [], {}
    while words:
        word = words.pop(0)
        if word in options:
            options[word] = words.pop(0)
        elif word == "--set":
            key, value = words.pop(0).split("=", 1)
            keys[key] = value
        else:
            names.append(word)
    os.makedirs(options["--out"], exist_ok=True)
    for name in names or worlds.WORLDS:
        run(name, options["--policies"].split(","), int(options["--searches"]),
            options["--out"], keys, more)


if __name__ == "__main__":
    main()
