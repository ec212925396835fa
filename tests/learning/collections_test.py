#!/usr/bin/env python3
"""collections_test.py -- what is learnt belongs to a collection by its name."""
import json, os, shutil, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import TOP, Session, run_tests


def what_was_learnt_stays_with_its_collection_when_others_come_and_go():
    with Session() as session:
        conf, music = session.path("conf"), os.path.join(TOP, "conf", "music.conf")
        os.mkdir(conf)
        shutil.copy(music, conf)
        session.start(collections=conf, seed="1")
        connection = session.connect()
        connection.ask('PUT music track:1 {"kind":"track","name":"Love Story"}')
        decision = connection.json("SEARCH music love")["decision"]
        assert connection.ask("FEEDBACK %s track:1 like" % decision) == "+OK"
        for others in (["books.conf", "zoo.conf"], ["zoo.conf"], []):
            session.stop()
            shutil.rmtree(conf)
            os.mkdir(conf)
            for name in ["music.conf"] + others:
                shutil.copy(music, os.path.join(conf, name))
            session.restart()
            connection = session.connect()
            learnt = {name: [row["id"] for row in connection.json("MEMORY %s love" % name)["entities"]]
                      for name in ["music"] + [name[:-5] for name in others]}
            assert learnt.pop("music") == ["track:1"], others
            assert not any(learnt.values()), learnt
            arms = connection.json("ARMS music")
            assert arms["all_fields"]["draws"] == 1 and arms["all_fields"]["reward"] > 0, arms
            for name in learnt:
                assert not any(arm["draws"] for arm in connection.json("ARMS " + name).values())


sys.exit(run_tests("collections", [
    what_was_learnt_stays_with_its_collection_when_others_come_and_go,
]))
