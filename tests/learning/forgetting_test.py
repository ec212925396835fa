#!/usr/bin/env python3
"""forgetting_test.py -- the log is kept by number and by age, and collections may go."""
import json, os, shutil, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import TOP, Session, run_tests

TRACK = 'PUT music track:1 {"kind":"track","name":"Love Story"}'


def forgotten(connection, decision):
    return connection.ask("DECISION " + decision) == "-NOTFOUND no decision %s in the log" % decision


def decisions_beyond_their_number_are_forgotten_and_what_they_taught_stays():
    with Session() as session:
        session.start(log_keep_decisions="1000", publish_ms="0", window_ms="1500")
        connection = session.connect()
        assert connection.ask(TRACK) == "+OK"
        first = connection.json("SEARCH music love POLICY fixed")["decision"]
        assert connection.ask("FEEDBACK %s track:1 like" % first) == "+OK"
        pages = connection.pipeline(["SEARCH music love POLICY fixed FIELDS name"] * 2999)
        decisions = [first] + [json.loads(page)["decision"] for page in pages]
        session.wait(lambda: forgotten(connection, decisions[1999]), what="forgetting")
        assert forgotten(connection, first)
        assert connection.json("DECISION " + decisions[2000])["decision"] == decisions[2000]
        assert connection.ask("FEEDBACK %s track:1 play" % first).startswith("-NOTFOUND no decision")
        # windows of forgotten decisions close, too, and teach nothing
        session.wait(lambda: connection.json("INFO learning")["windows_closed"] == 3000,
                     what="all windows")
        arms = connection.json("ARMS music")
        assert arms["all_fields"]["decisions"] == 3000, arms["all_fields"]
        assert sum(arm["reward"] for arm in arms.values()) == 0.8, arms
        assert connection.json("MEMORY music love")["entities"][0]["reward"] > 0.79
        connection.close()


def decisions_and_the_ids_of_events_are_forgotten_by_age():
    with Session() as session:
        session.start(log_keep_days="0.00001", publish_ms="0")
        connection = session.connect()
        assert connection.ask(TRACK) == "+OK"
        old = connection.json("SEARCH music love POLICY fixed")["decision"]
        assert connection.ask("FEEDBACK %s track:1 like ID e" % old) == "+OK"
        assert connection.ask("FEEDBACK %s track:1 like ID e" % old) == "+OK"
        assert connection.json("INFO learning")["repeated"] == 1
        session.wait(lambda: forgotten(connection, old), what="forgetting")
        new = connection.json("SEARCH music love POLICY fixed")["decision"]
        assert connection.ask("FEEDBACK %s track:1 like ID e" % new) == "+OK"
        info = connection.json("INFO learning")
        assert (info["events"], info["repeated"]) == (2, 1), info
        connection.close()


def feedback_for_a_collection_that_is_gone_is_refused():
    with Session() as session:
        conf, music = session.path("conf"), os.path.join(TOP, "conf", "music.conf")
        os.mkdir(conf)
        for name in ("music.conf", "books.conf"):
            shutil.copy(music, os.path.join(conf, name))
        session.start(collections=conf, window_ms="1000")
        connection = session.connect()
        pages = [connection.json("SEARCH %s love" % name) for name in ("books", "music", "books")]
        connection.close()
        session.stop()
        os.unlink(os.path.join(conf, "books.conf"))
        session.restart()
        connection = session.connect()
        answer = connection.ask("FEEDBACK %s track:1 like" % pages[0]["decision"])
        assert answer == '-NOTFOUND the decision\'s collection "books" is gone', answer
        answer = connection.ask("FEEDBACK %s track:1 like" % pages[1]["decision"])
        assert answer == "+OK", answer
        answer = connection.ask("SEARCH music love FROM " + pages[0]["decision"])
        assert answer == '-ARG FROM: that decision answered "love" in books', answer
        session.wait(lambda: connection.json("INFO learning")["windows_closed"] == 3,
                     what="windows, with those of books")
        connection.close()


sys.exit(run_tests("forgetting", [
    decisions_beyond_their_number_are_forgotten_and_what_they_taught_stays,
    decisions_and_the_ids_of_events_are_forgotten_by_age,
    feedback_for_a_collection_that_is_gone_is_refused,
]))
