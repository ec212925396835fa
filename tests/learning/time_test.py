#!/usr/bin/env python3
"""time_test.py -- a budget of time: what strategies took decides how deep they are asked; and
time in which nothing happens."""
import os, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import BUILD, TOP, Session, run_tests

QUERIES = ("love story", "tayler swift", "jazz songs", "blue", "rock and roll")


def load_bundled(session):
    for kind in ("artist", "album", "track"):
        subprocess.run([os.path.join(BUILD, "toller"), "-s", session.address, "load", "music",
                        os.path.join(TOP, "conf", "music", kind + "s.jsonl"),
                        "--set", "kind=" + kind, "--prefix", kind + ":"],
                       check=True, capture_output=True)


def explain(connection, query):
    return connection.json('SEARCH music "%s" EXPLAIN NOLOG POLICY uniform' % query)["explain"]


def mean_depth(explained, name):
    return sum(int(level) * p for level, p in explained["strategies"][name]["p"].items())


def a_budget_of_time_is_kept_over_restarts_and_slow_strategies_pay_for_it():
    with Session() as session:
        session.start(seed="3", publish_ms="0", workers="1")
        load_bundled(session)
        connection = session.connect()
        for i in range(100):
            connection.json('SEARCH music "%s" POLICY uniform' % QUERIES[i % 5])
        session.wait(lambda: connection.json("ARMS music")["fuzzy"]["decisions"] == 100,
                     what="all of them learnt")
        free = explain(connection, "love story")
        assert free["expected_us"] > 0, free
        assert free["price_us"] == 0, free
        assert abs(free["expected"] - 100) < 0.1, free
        connection.close()
        session.stop()
        budget = free["expected_us"] / 3
        session.restart(budget_us="%.3f" % budget)
        connection = session.connect()
        short = explain(connection, "love story")
        assert short["price_us"] > 0, short
        assert short["expected_us"] <= budget * 1.001, (short["expected_us"], budget)
        assert short["expected"] < free["expected"] + 0.1, short
        slow = max((s["known"].get("pace", 0), name) for name, s in short["strategies"].items()
                   if s["applies"])[1]
        assert mean_depth(short, slow) < mean_depth(free, slow), (slow, free, short)
        decision = connection.json("SEARCH music love")["decision"]
        logged = connection.json("DECISION " + decision)
        assert abs(logged["budget_us"] - budget) < 0.001, logged
        connection.close()


def learning_writes_nothing_while_nothing_happens():
    with Session() as session:
        session.start(window_ms="200")
        load_bundled(session)
        connection = session.connect()
        connection.json("SEARCH music love")
        session.wait(lambda: connection.json("INFO learning")["windows_closed"] == 1,
                     what="its window closed")
        session.wait(lambda: connection.json("INFO server")["uptime_s"] >= 4, what="many rounds")
        # numbers reserved, the decision, its window
        assert 1 <= connection.json("INFO learning")["commits"] <= 4, session.log()


sys.exit(run_tests("time", [a_budget_of_time_is_kept_over_restarts_and_slow_strategies_pay_for_it,
                            learning_writes_nothing_while_nothing_happens]))
