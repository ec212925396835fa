#!/usr/bin/env python3
"""kill_test.py -- SIGKILL at any moment: what was acknowledged is there, once."""
import os, random, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import Session, encode, run_tests


def number(decision):
    return int(decision, 16)


def catch_up(connection, decision):
    """All that was handed to the learner before is committed, and in ARMS."""
    connection.json("DECISION " + decision)


def found(connection, word, key):
    reply = connection.json("SEARCH music %s ONLY all_fields POLICY fixed NOLOG" % word)
    return any(hit["id"] == key for hit in reply["hits"])


def puts_that_were_acknowledged_outlive_a_kill_and_nothing_is_half_visible():
    """Entities are put, replaced and deleted.  GET, SEARCH and COUNT tell one story."""
    rng = random.Random(4)
    with Session() as session:
        session.start()
        put = 0
        for turn in range(5):
            connection = session.connect()
            first, changes = put, []
            for i in range(first, first + 1500):
                changes.append((i, "old"))
                if i % 3 == 0:
                    changes.append((i, "new"))
                if i % 5 == 0:
                    changes.append((i, None))
            put = first + 1500
            connection.socket.sendall(b"".join(
                encode("PUT", "music", "t:%d" % i, '{"name":"%s%d"}' % (word, i)) if word else
                encode("DEL", "music", "t:%d" % i) for i, word in changes))
            acknowledged = {}
            for i, word in changes[:rng.randrange(100, 1500)]:
                assert connection.read_resp() == ("+OK" if word else ":1")
                acknowledged[i] = word
            session.kill()
            try:
                for i, word in changes[len(acknowledged):]:
                    connection.read_resp()
            except (EOFError, OSError, ValueError, IndexError):
                pass
            connection.close()
            session.restart()
            connection = session.connect()
            later = {"old": ("old", "new", None), "new": ("new", None), None: (None,)}
            there = 0
            for i in range(put):
                got = connection.ask("GET music t:%d" % i)
                word = None if got == "null" else "new" if "new" in got else "old"
                there += word is not None
                if i in acknowledged:
                    assert word in later[acknowledged[i]], (i, acknowledged[i], got)
                if rng.random() < 0.1 or i in (first, first + len(acknowledged)):
                    for name in ("old", "new"):
                        assert found(connection, "%s%d" % (name, i), "t:%d" % i) == (word == name), \
                            (i, name, got)
            assert connection.ask("COUNT music") == ":%d" % there
            connection.close()


def a_decision_id_is_never_given_twice():
    """Searches that fail and those that are not logged are no way around it."""
    with Session() as session:
        session.start()
        ids = []
        for turn in range(3):
            connection = session.connect()
            ids += [number(connection.json("RECOMMEND music")["decision"]) for _ in range(3)]
            connection.pipeline(["RECOMMEND music WHERE nonsense"] * 70000)
            connection.pipeline(["RECOMMEND music NOLOG ONLY memory"] * 5000)
            ids += [number(connection.json("RECOMMEND music")["decision"]) for _ in range(3)]
            assert ids == sorted(set(ids)), ids
            session.kill()
            session.restart()


sys.exit(run_tests("kills", [
    puts_that_were_acknowledged_outlive_a_kill_and_nothing_is_half_visible,
    a_decision_id_is_never_given_twice,
]))
