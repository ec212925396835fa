#!/usr/bin/env python3
"""backup_test.py -- BACKUP while everything goes on, and daemons that start on copies."""
import os, signal, subprocess, sys, threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import Session, full_disk, run_tests


def put(connection, first, last):
    answers = connection.pipeline(
        'PUT music track:%d {"kind":"track","name":"song %d of love","popularity":%d}'
        % (i, i, i % 100) for i in range(first, last))
    assert set(answers) == {"+OK"}, set(answers)


def search(connection, query):
    reply = connection.json('SEARCH music "%s" NOLOG SEED 3 LIMIT 20 POLICY fixed' % query)
    return [(hit["id"], hit["score"]) for hit in reply["hits"]]


def backup(connection, path):
    answer = connection.ask("BACKUP " + path)
    assert answer == "+OK", answer


def a_copy_serves_as_the_first_did():
    with Session() as session, Session() as second:
        session.start(publish_ms="0")
        connection = session.connect()
        put(connection, 0, 2000)
        for i in range(20):
            reply = connection.json("SEARCH music love POLICY fixed LIMIT 3")
            asked = reply["decision"], reply["hits"][i % 3]["id"]
            assert connection.ask("FEEDBACK %s %s like ID e%d" % (*asked, i)) == "+OK"
        arms = connection.json("ARMS music")
        backup(connection, second.path("data"))
        second.start()
        other = second.connect()
        assert other.ask("COUNT music") == ":2000"
        for query in ("love", "song 17", "lvoe"):
            assert search(other, query) == search(connection, query) != [], query
        for name, arm in other.json("ARMS music").items():
            for key in ("decisions", "draws", "reward", "unique", "wins"):
                assert arm[key] == arms[name][key], (name, key)
        # an event counts in each of them once, and new decisions have new numbers
        assert other.ask("FEEDBACK %s %s like ID e19" % asked) == "+OK"
        assert other.json("INFO learning")["repeated"] == 1
        assert other.json("SEARCH music love")["decision"] > asked[0]
        # they go ways of their own
        assert other.ask("DEL music track:1") == ":1"
        assert connection.ask("GET music track:1") != "null"
        connection.close()
        other.close()


def a_copy_made_under_writes_is_of_one_moment():
    """Entities come in order, so a copy has the first n of them and their terms."""
    with Session() as session, Session() as second:
        session.start()
        connection = session.connect()
        put(connection, 0, 500)
        last, stop = [500], threading.Event()

        def write():
            writer = session.connect()
            while not stop.is_set():
                put(writer, last[0], last[0] + 50)
                last[0] += 50
                writer.json("SEARCH music love LIMIT 1")
            writer.close()

        thread = threading.Thread(target=write)
        thread.start()
        try:
            for turn in range(3):
                least = last[0]
                backup(connection, second.path("data%d" % turn))
                most = last[0] + 50
                second.start(data=second.path("data%d" % turn))
                other = second.connect()
                count = int(other.ask("COUNT music")[1:])
                assert least <= count <= most, (least, count, most)
                for i in list(range(0, count, 97)) + [count - 1]:
                    assert "song %d " % i in other.ask("GET music track:%d" % i), i
                    assert search(other, "song %d" % i)[0][0] == "track:%d" % i
                assert other.ask("GET music track:%d" % count) == "null"
                assert search(other, "song %d" % count)[0][0] != "track:%d" % count
                other.close()
                assert second.stop() == 0
        finally:
            stop.set()
            thread.join()
        connection.close()


def what_cannot_be_written_is_said_and_leaves_nothing():
    with Session() as session:
        session.start()
        connection = session.connect()
        put(connection, 0, 10)
        here = session.path("")
        for path, says in (("''", "-ARG BACKUP: expected the path of a folder to be made"),
                           (here, "-IO BACKUP %s: File exists" % here),
                           ("/nowhere/copy", "-IO BACKUP /nowhere/copy: No such file or directory"),
                           (here + "x" * 300, "File name too long"),
                           ("/" + "x" * 4000, "-ARG BACKUP: expected the path"),
                           ("", "-SYNTAX wrong number of words; usage: BACKUP folder")):
            answer = connection.ask("BACKUP " + path)
            assert says in answer, answer
        assert "-ARG BACKUP" in connection.resp("BACKUP", here + "a\0b")
        backup(connection, session.path("copy"))
        connection.close()


def a_full_disk_is_said_and_leaves_nothing():
    with Session() as session, full_disk(session.path("disk"), "300k") as disk:
        if not disk:
            return "a small file system cannot be mounted here"
        session.start()
        connection = session.connect()
        put(connection, 0, 3000)
        for _ in range(2):
            answer = connection.ask("BACKUP %s/copy" % disk)
            assert answer.startswith("-IO") and "no space left on device" in answer.lower(), answer
            assert os.listdir(disk) == []
        connection.close()


def the_end_of_the_daemon_leaves_a_whole_copy_or_none():
    with Session() as session:
        session.start()
        connection = session.connect()
        put(connection, 0, 3000)
        connection.send("BACKUP " + session.path("copy"))
        assert session.stop() == 0
        made = os.path.exists(session.path("copy"))
        answer = connection.file.read() # none, if it was not read any more
        assert answer == b"+OK\n" if made else answer[:6] in (b"-STATE", b""), (made, answer)
        connection.close()
        if made:
            session.start(data=session.path("copy"))
            assert session.connect().ask("COUNT music") == ":3000"


sys.exit(run_tests("backup", [
    a_copy_serves_as_the_first_did,
    a_copy_made_under_writes_is_of_one_moment,
    what_cannot_be_written_is_said_and_leaves_nothing,
    a_full_disk_is_said_and_leaves_nothing,
    the_end_of_the_daemon_leaves_a_whole_copy_or_none,
]))
