#!/usr/bin/env python3
"""judge_test.py -- EVALUATE beside the daemon's work: what served is judged by its own log
and by that of another policy, one evaluation at a time, and the end does not wait for it."""
import os, random, signal, subprocess, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import BUILD, TOP, Session, run_tests

SEARCHES = 1500


def load_tracks(session):
    subprocess.run([os.path.join(BUILD, "toller"), "-s", session.address, "load", "music",
                    os.path.join(TOP, "conf", "music", "tracks.jsonl"),
                    "--set", "kind=track", "--prefix", "track:"], check=True, capture_output=True)


def live(connection, seed):
    """Searches by `uniform`; now and then the first hit goes into a playlist, which earns 1."""
    rng, rewards = random.Random(seed), 0
    for _ in range(SEARCHES):
        query = rng.choice(("love", "story of us", "blue", "rock", "night", "sun"))
        reply = connection.json('SEARCH music "%s" POLICY uniform FIELDS name' % query)
        if reply["hits"] and rng.random() < 0.4:
            entity = reply["hits"][0]["id"]
            assert connection.ask("FEEDBACK %s %s playlist" % (reply["decision"], entity)) == "+OK"
            rewards += 1
    return rewards / SEARCHES


def a_policy_is_judged_by_its_own_log_and_by_that_of_another():
    with Session() as session:
        session.start(seed="5", window_ms="100", workers="2")
        load_tracks(session)
        connection = session.connect()
        earned = live(connection, 1)
        closed = lambda: connection.json("INFO learning")["windows_closed"] >= SEARCHES
        session.wait(closed, what="all windows closed")
        itself = connection.json("EVALUATE music uniform")
        assert itself["decisions"] == SEARCHES and itself["stale"] == itself["open"] == 0, itself
        for name in ("logged", "ips", "snips", "slate"):
            estimate = itself["estimates"][name]
            assert abs(estimate["value"] - earned) < 1e-4, (name, estimate, earned)
            assert estimate["low"] < earned < estimate["high"], (name, estimate, earned)
        assert itself["warning"] is None and itself["weights"]["effective"] > SEARCHES * 0.999, itself
        other = connection.json("EVALUATE music priced BY words")
        parts = other["by"]["parts"]
        assert parts and set(parts) <= {"below", "above"}, other["by"]
        assert sum(part["decisions"] for part in parts.values()) == SEARCHES, other
        cascade = other["estimates"]["cascade"]
        assert cascade["low"] <= cascade["value"] <= cascade["high"], other
        # one at a time, and searches go on meanwhile
        second, busy = session.connect(), False
        for _ in range(20):
            connection.send("EVALUATE music priced")
            time.sleep(0.01)
            assert second.json("SEARCH music love")["hits"]
            progress = second.json("INFO evaluating")
            answer = second.ask("EVALUATE music fixed")
            assert connection.receive().startswith('{"policy":"priced"')
            busy = answer.startswith("-BUSY priced is being judged for music, ")
            assert busy or answer.startswith('{"policy":"fixed"'), answer
            if busy:
                assert progress["running"] and 0 <= progress["progress"] <= 1, progress
                break
        assert busy, "never two at once"
        # the end does not wait for it, and answers it
        answers = []
        connection.send("EVALUATE music priced")
        reader = threading.Thread(target=lambda: answers.append(connection.receive()))
        reader.start()
        session.wait(lambda: answers or second.json("INFO evaluating")["running"],
                     what="an evaluation")
        assert session.stop(signal.SIGTERM) == 0
        reader.join(20)
        assert answers and answers[0].startswith(("-STATE shutting down", '{"policy"')), answers


sys.exit(run_tests("judge", [a_policy_is_judged_by_its_own_log_and_by_that_of_another]))
