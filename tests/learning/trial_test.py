#!/usr/bin/env python3
"""trial_test.py -- SCRIPTS TRY: what other scripts would have found, against the same asked of
the daemon search by search."""
import os, random, shutil, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import BUILD, TOP, Session, run_tests

LEVELS = (5, 10, 20, 40, 80, 160)
QUERIES = ("love", "tayler swfit", "shake it off", "blue", "beyonce halo", "rock night", "ariana")
# No spelling is mended, so fuzzy is missed; and tracks by their popularity alone.
POPULAR_TRACKS = """
return strategy {
  plan = function (q) return { match = any(q.words), where = is("kind", "track"), score = quality() } end,
}
"""


def load_tracks(session):
    subprocess.run([os.path.join(BUILD, "toller"), "-s", session.address, "load", "music",
                    os.path.join(TOP, "conf", "music", "tracks.jsonl"),
                    "--set", "kind=track", "--prefix", "track:"], check=True, capture_output=True)


def live(connection, searches):
    """Of every second search a random hit is liked: (query, entity, reward) of each."""
    rng, chosen = random.Random(3), []
    for i in range(searches):
        query = rng.choice(QUERIES)
        reply = connection.json('SEARCH music "%s" POLICY uniform FIELDS name' % query)
        if i % 2 and reply["hits"]:
            entity = rng.choice(reply["hits"])["id"]
            assert connection.ask("FEEDBACK %s %s like" % (reply["decision"], entity)) == "+OK"
            chosen.append((query, entity, 0.8))
    return chosen


def reach(connection, chosen, strategy):
    """What a strategy of those in force reaches at each level, asked one by one."""
    total, got = 0, dict.fromkeys(LEVELS, 0)
    for query, entity, reward in chosen:
        page = connection.json('SEARCH music "%s" ONLY %s DEPTH %s=160 LIMIT 160 FIELDS name NOLOG'
                               % (query, strategy, strategy))
        rank = [hit["from"][strategy] for hit in page["hits"] if hit["id"] == entity]
        total += reward
        for level in LEVELS:
            got[level] += reward * bool(rank and rank[0] <= level)
    return {"at_%d" % level: got[level] / total for level in LEVELS}


def scripts_are_tried_on_what_people_chose():
    with Session() as session:
        scripts = session.path("other")
        shutil.copytree(os.path.join(TOP, "scripts"), scripts)
        strategies = os.path.join(scripts, "music", "strategies")
        os.unlink(os.path.join(strategies, "fuzzy.lua"))
        with open(os.path.join(strategies, "popular_tracks.lua"), "w") as file:
            file.write(POPULAR_TRACKS)
        session.start(seed="5", workers="2")
        load_tracks(session)
        connection = session.connect()
        chosen = live(connection, 200)
        before = connection.json("ARMS music")
        tried = connection.json("SCRIPTS TRY music %s" % scripts)
        assert tried["searches"] == len(chosen) and tried["gone"] == 0, tried
        assert abs(tried["reward"] - sum(reward for _, _, reward in chosen)) < 1e-3, tried
        now, new = tried["in_force"], tried["on_trial"]
        assert now["left_out"] == new["left_out"] == ["memory"], tried
        assert "fuzzy" in now["strategies"] and "fuzzy" not in new["strategies"], tried
        for name, row in now["strategies"].items():
            for level, share in reach(connection, chosen, name).items():
                assert abs(row[level] - share) < 1e-3, (name, level, row, share)
            if name != "fuzzy":
                other = new["strategies"][name]
                assert {k: v for k, v in row.items() if k.startswith("at_")} == \
                    {k: v for k, v in other.items() if k.startswith("at_")}, (name, row, other)
        assert 0 < new["strategies"]["popular_tracks"]["at_160"] <= new["all"]["at_160"] <= 1
        assert max(row["at_160"] for row in now["strategies"].values()) <= now["all"]["at_160"]
        assert sum(row["alone"] for row in now["strategies"].values()) <= 1
        assert all(0 <= row["plus_minus"] < 0.2 for row in now["strategies"].values()), now
        # it changes nothing, and what is gone is told
        assert {name: arm["failed"] for name, arm in connection.json("ARMS music").items()} == \
            {name: arm["failed"] for name, arm in before.items()}
        assert connection.ask("DEL music " + chosen[0][1]) == ":1"
        gone = sum(entity == chosen[0][1] for _, entity, _ in chosen)
        tried = connection.json("SCRIPTS TRY music 1 LAST 30")
        assert tried["searches"] == 30 and tried["gone"] <= gone, tried
        assert tried["in_force"]["all"] == tried["on_trial"]["all"], tried
        connection.close()


def a_trial_that_cannot_be_says_why():
    with Session() as session:
        scripts = session.path("other")
        shutil.copytree(os.path.join(TOP, "scripts"), scripts)
        session.start()
        connection = session.connect()
        empty = connection.json("SCRIPTS TRY music %s" % scripts)
        assert empty["searches"] == 0 and empty["on_trial"]["all"]["at_160"] == 0, empty
        with open(os.path.join(scripts, "music", "strategies", "bad.lua"), "w") as file:
            file.write("return strategy { paln = 1 }")
        for line, answer in (
                ("SCRIPTS TRY music 7", "-NOTFOUND no generation 7, kept are 1 to 1"),
                ("SCRIPTS TRY music %s" % scripts, "-SCRIPT music/strategies/bad.lua:1: "),
                ("SCRIPTS TRY music /nowhere", "-NOTFOUND "),
                ("SCRIPTS TRY nothing 1", "-NOTFOUND no collection 'nothing'"),
                ("SCRIPTS TRY music 1 LAST", "-SYNTAX LAST: expected one number"),
                ("SCRIPTS TRY music 1 LAST 0", "-"),
                ("SCRIPTS TRY music 1 LSAT 3", "-SYNTAX unexpected 'LSAT'; did you mean 'LAST'?")):
            said = connection.ask(line)
            assert said.startswith(answer), (line, said)
        connection.close()
        session.stop()


def an_end_does_not_wait_for_a_trial():
    with Session() as session:
        session.start(workers="2")
        load_tracks(session)
        connection, second = session.connect(), session.connect()
        live(connection, 400)
        connection.send("SCRIPTS TRY music 1")
        time.sleep(0.02)
        assert second.json("SEARCH music love")["hits"]
        progress = second.json("INFO evaluating")
        if progress["running"]:
            assert progress["what"] == "1" and progress["collection"] == "music", progress
            assert second.ask("SCRIPTS TRY music 1").startswith(("-BUSY 1 is being judged", "{"))
        assert session.stop() == 0


sys.exit(run_tests("trial", [
    scripts_are_tried_on_what_people_chose,
    a_trial_that_cannot_be_says_why,
    an_end_does_not_wait_for_a_trial,
]))
