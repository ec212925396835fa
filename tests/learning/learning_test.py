#!/usr/bin/env python3
"""learning_test.py -- the daemon learns from people whom we make up.

A person wants an entity of the bundled catalogue, asks for it in one of several ways
and, if it is on the page, clicks it: a message over a real Redis.  The share of
searches whose wanted entity is on the page must rise over the static equal split of
the same budget, asked for the same queries.
"""
import json, os, random, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import BUILD, TOP, Connection, Session, run_tests

import socket, subprocess

SEARCHES = 2000
LATE = 500


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


class Redis:
    def __init__(self, session):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(session.path("redis.sock"))
        self.file = self.socket.makefile("rb")

    def publish(self, event):
        words = (b"PUBLISH", b"toller:feedback", json.dumps(event).encode())
        self.socket.sendall(b"*3\r\n" + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
        self.file.readline()


def found(reply, wanted):
    return any(hit["id"] == wanted for hit in reply["hits"])


def searches_find_more_as_people_click():
    with Session() as session:
        redis_url = session.start_redis()
        session.start(redis=redis_url, seed="11", budget="14", levels="0 2 4 8 16",
                      hits="10", window_ms="400", publish_ms="20", workers="1")
        load_bundled(session)
        connection, redis, people = session.connect(), Redis(session), People(5)
        session.wait(lambda: connection.json("INFO redis")["connected"], what="redis")
        learnt, fixed = [], []
        for i in range(SEARCHES):
            query, wanted = people.ask()
            base = connection.json('SEARCH music "%s" POLICY fixed NOLOG FIELDS name' % query)
            fixed.append(found(base, wanted))
            reply = connection.json('SEARCH music "%s" FIELDS name' % query)
            learnt.append(found(reply, wanted))
            if learnt[-1]:
                redis.publish({"decision": reply["decision"], "entity": wanted, "event": "play",
                               "id": "e%d" % i})
        early = sum(learnt[:LATE]) / LATE
        late, equal = sum(learnt[-LATE:]) / LATE, sum(fixed[-LATE:]) / LATE
        print("  wanted entity on the page: first %d searches %.3f, last %d %.3f, "
              "equal split on the same %.3f" % (LATE, early, LATE, late, equal))
        if os.environ.get("VERBOSE"):
            print(json.dumps(connection.json("ARMS music"), indent=1))
        heard = connection.json("INFO learning")
        assert heard["refused"] == 0, heard
        assert late > equal + 0.04, "no better than an equal split"
        connection.close()


sys.exit(run_tests("learning", [searches_find_more_as_people_click]))
