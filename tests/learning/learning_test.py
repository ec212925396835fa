#!/usr/bin/env python3
"""learning_test.py -- the daemon learns from people whom we make up.

A person wants an entity of the bundled catalogue, asks for it in one of several ways
and, if it is on the page, plays it: a message over a real Redis.  A panel of other
people asks the same questions before and after.  More of them must then find what they
want than by the equal split of the same budget, before anything was learnt; and more
than by an equal split that has the same memory, which is what choosing alone is worth.

Both are compared question by question, and held to a bound that chance would pass once
in 160 times.  Learning goes in batches, each taken in wholly before the next one, and
no question stands twice in one (memory is read as it is, models as published), so that
the speed of the machine decides nothing.
"""
import json, math, os, random, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import BUILD, TOP, Session, run_tests

SEARCHES = 2000
BATCH = 100
PANEL = 1000


def load_bundled(session):
    for kind in ("artist", "album", "track"):
        subprocess.run([os.path.join(BUILD, "toller"), "-s", session.address, "load", "music",
                        os.path.join(TOP, "conf", "music", kind + "s.jsonl"),
                        "--set", "kind=" + kind, "--prefix", kind + ":"],
                       check=True, capture_output=True)


def tracks():
    with open(os.path.join(TOP, "conf", "music", "tracks.jsonl")) as file:
        return [json.loads(line) for line in file]


def misspell(rng, text):
    words = text.split()
    long = [i for i, word in enumerate(words) if len(word) > 4]
    if not long:
        return text
    i = rng.choice(long)
    at = rng.randrange(1, len(words[i]) - 1)
    words[i] = words[i][:at] + words[i][at + 1] + words[i][at] + words[i][at + 2:]
    return " ".join(words)


class People:
    """Who wants what, and how they say it."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.tracks = tracks()
        self.weights = [1 + track["popularity"] ** 2 / 100 for track in self.tracks]

    def ask(self):
        track = self.rng.choices(self.tracks, self.weights)[0]
        name, artist = track["name"], track["artists"][0]
        kind = self.rng.choice(("title", "slip", "artist", "word", "genre"))
        if kind == "title":
            query = name
        elif kind == "slip":
            query = misspell(self.rng, name + " " + artist)
        elif kind == "artist":
            query = artist
        elif kind == "word":
            query = artist + " " + self.rng.choice(name.split())
        else:
            query = self.rng.choice(track["genres"]) + " songs"
        return query.replace('"', ""), "track:" + track["id"]


def batches(people):
    batch, asked = [], set()
    for _ in range(SEARCHES):
        query, wanted = people.ask()
        if len(batch) == BATCH or query.lower() in asked:
            yield batch
            batch, asked = [], set()
        batch.append((query, wanted))
        asked.add(query.lower())
    yield batch


def found(reply, wanted):
    return any(hit["id"] == wanted for hit in reply["hits"])


def ask_panel(connection, panel, options):
    """1 for each who finds what they want; nothing is learnt from them."""
    return [int(found(connection.json('SEARCH music "%s" FIELDS name NOLOG SEED %d %s'
                                      % (query, i, options)), wanted))
            for i, (query, wanted) in enumerate(panel)]


def share(found):
    return sum(found) / len(found)


def gain(found, instead):
    """Mean difference, and what it is at the least (one-sided, 99.4 %)."""
    differences = [a - b for a, b in zip(found, instead)]
    mean = share(differences)
    spread = math.sqrt(sum((d - mean) ** 2 for d in differences) / (len(differences) - 1))
    return mean, mean - 2.5 * spread / math.sqrt(len(differences))


def taken_in(session, connection, **counters):
    def all_of_it():
        info = connection.json("INFO learning")
        assert info["refused"] == 0, info
        return all(info[key] == n for key, n in counters.items())

    session.wait(all_of_it, seconds=60, what=str(counters))


def more_people_find_what_they_want_as_others_play():
    with Session() as session:
        session.start(redis=session.start_redis(), seed="11", budget="14", levels="0 2 4 8 16",
                      hits="10", window_ms="1", publish_ms="3600000", workers="1")
        load_bundled(session)
        connection, people, others = session.connect(), People(5), People(99)
        panel = [others.ask() for _ in range(PANEL)]
        session.wait(lambda: connection.json("INFO redis")["connected"], what="redis")
        before = ask_panel(connection, panel, "POLICY fixed")
        searches = plays = 0
        for batch in batches(people):
            played = []
            for query, wanted in batch:
                reply = connection.json('SEARCH music "%s" FIELDS name' % query)
                if found(reply, wanted):
                    played.append({"decision": reply["decision"], "entity": wanted,
                                   "event": "play", "id": reply["decision"]})
            searches, plays = searches + len(batch), plays + len(played)
            # windows close first, so that the order of zeros and plays is the same each time
            taken_in(session, connection, windows_closed=searches)
            session.publish(*played)
            taken_in(session, connection, events=plays)
            # a decision that is not there is looked for after the learner has published
            assert connection.ask("DECISION 0000000000000000").startswith("-NOTFOUND")
        after = ask_panel(connection, panel, "")
        memory = ask_panel(connection, panel, "POLICY fixed")
        over_before, least = gain(after, before)
        over_memory, least_memory = gain(after, memory)
        print("  wanted entity on the page: equal split %.3f, with what memory learnt %.3f, "
              "with choosing %.3f: +%.3f (at least %.3f) and +%.3f (at least %.3f)"
              % (share(before), share(memory), share(after), over_before, least, over_memory,
                 least_memory))
        if os.environ.get("VERBOSE"):
            print(json.dumps(connection.json("ARMS music"), indent=1))
        assert least > 0.04, "hardly better than an equal split"
        assert least_memory > 0.015, "hardly better than an equal split with a memory"
        connection.close()


sys.exit(run_tests("learning", [more_people_find_what_they_want_as_others_play]))
