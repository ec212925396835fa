#!/usr/bin/env python3
"""simulate.py [WORLD ...] [--searches N] [--policies a,b] [--out FOLDER] [--set key=value] [-- OPTIONS
of toller simulate] -- policies side by side in worlds of judged data, beside the best that could
be had without learning.

For each world (worlds.py) a daemon and a redis-server of its own, a collection for each policy,
and one `toller simulate`: it prints the table and leaves WORLD.csv and WORLD.svg in the folder
(BUILD/plots).  Without any word all worlds are played, each once more with a flip if it has one, and
tests/bench/README.md gets the table and regret.svg the courses.
"""
import csv, json, os, re, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import worlds
from session import BUILD, TOP, Session

HERE = os.path.join(TOP, "tests", "bench")
POLICIES = ("priced", "squarecb", "lints", "linucb", "epsilon", "uniform")
OTHERS = ("rrf", "static", "oracle")
PEOPLE = ("--noise", "0.05", "--delay", "50")
FLIP, AFTER = 12000, 3000


def simulate(session, world, policies, searches, out, *more):
    """What `toller simulate` says, and where it left the course."""
    files = os.path.join(out, world.name + "%s." + "%s") % ("-flip" if "--flip" in more else "", "%s")
    p = subprocess.run([os.path.join(BUILD, "toller"), "-s", session.address, "simulate",
                        *["%s:%s" % (policy, policy) for policy in policies], *world.arguments(),
                        "--searches", str(searches), "--title", world.name, "--redis",
                        "unix:" + session.path("redis.sock"), "--csv", files % "csv", "--svg",
                        files % "svg", *PEOPLE, *more], stdout=subprocess.PIPE, text=True, check=True)
    return p.stdout, files


def play(name, policies, searches, out, keys, *more):
    world = worlds.world(name)
    if not world.there():
        print("%s: skipped, no %s" % (name, world.files))
        return None
    with Session() as session:
        world.prepare(session.folder, policies)
        session.start(**{**world.keys(), **keys, "redis": session.start_redis()})
        for policy in policies:
            world.load(session.address, policy)
        return simulate(session, world, policies, searches, out, *more)


def back_after(path, lane):
    """Searches after the flip until the last 500 earn 0.9 of what was earned before; the shock."""
    with open(path) as file:
        rows = [(int(row["searches"]), float(row["reward"])) for row in csv.DictReader(file)
                if row["lane"] == lane]
    every = rows[0][0]

    def earned(low, high):
        rewards = [reward for at, reward in rows if low < at - every / 2 <= high]
        return sum(rewards) / len(rewards)

    before = earned(FLIP - 1000, FLIP)
    shock = earned(FLIP, FLIP + 200) / before
    for at, _ in rows:
        if at >= FLIP + 500 and earned(at - 500, at) >= 0.9 * before:
            return at - FLIP, shock
    return None, shock


# ---- the page ----

def picture(paths):
    """Two in a row."""
    inside, width, height = [], 0, 0
    for i, path in enumerate(paths):
        with open(path) as file:
            text = file.read()
        w, h = (int(re.search('%s="(\\d+)"' % side, text).group(1)) for side in ("width", "height"))
        inside.append(text.replace("<svg ", '<svg x="%d" y="%d" ' % (i % 2 * w, i // 2 * h), 1))
        width, height = max(width, (i % 2 + 1) * w), (i // 2 + 1) * h
    return '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d">\n%s</svg>\n' % (
        width, height, "".join(inside))


def table(late, flips):
    columns = POLICIES + OTHERS
    lines = ["| world | " + " | ".join(columns) + " | after a flip |", "|---" * (len(columns) + 2) + "|"]
    for name, lanes in late.items():
        best = max(lanes[policy] for policy in POLICIES)
        cells = ["**%.3f**" % lanes[lane] if lane in POLICIES and lanes[lane] == best else "%.3f" % lanes[lane]
                 for lane in columns]
        back, shock = flips.get(name, (None, None))
        cells.append("-" if not shock else
                     "%.2f, %s" % (shock, "back after %d" % back if back else "not back in %d" % AFTER))
        lines.append("| %s | %s |" % (name, " | ".join(cells)))
    return "\n".join(lines) + "\n"


def write_page(text):
    path = os.path.join(HERE, "README.md")
    with open(path) as file:
        page = file.read()
    begin, end = "<!-- simulate.py -->\n", "<!-- end -->\n"
    head, rest = page.split(begin)
    with open(path, "w") as file:
        file.write(head + begin + text + end + rest.split(end)[1])


def all_worlds(out):
    late, flips, pictures = {}, {}, []
    for name in worlds.WORLDS:
        done = play(name, POLICIES, 20000, out, {}, "--json")
        if not done:
            continue
        lanes = json.loads(done[0])["lanes"]
        late[name] = {lane: lanes[lane]["late"] for lane in lanes}
        pictures.append(done[1] % "svg")
        if worlds.world(name).flips:
            _, files = play(name, ("priced",), FLIP + AFTER, out, {}, "--json", "--flip", str(FLIP),
                            "--tries", "0")
            flips[name] = back_after(files % "csv", "priced")
        print(table(late, flips), flush=True)
    write_page(table(late, flips))
    with open(os.path.join(HERE, "regret.svg"), "w") as file:
        file.write(picture(pictures))


def main():
    words, more = sys.argv[1:], []
    if "--" in words:
        at = words.index("--")
        words, more = words[:at], words[at + 1:]
    options = {"--searches": "20000", "--out": os.path.join(BUILD, "plots"),
               "--policies": ",".join(POLICIES)}
    names, keys, alone = [], {}, not words and not more
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
    if alone:
        return all_worlds(options["--out"])
    for name in names or worlds.WORLDS:
        print("%s, %s searches" % (name, options["--searches"]), flush=True)
        done = play(name, options["--policies"].split(","), int(options["--searches"]),
                    options["--out"], keys, *more)
        if done:
            print(done[0], flush=True)


if __name__ == "__main__":
    main()
