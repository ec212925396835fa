#!/usr/bin/env python3
"""compact_test.py -- COMPACT while the catalogue is searched and changed."""
import json, os, random, sys, threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import Session, full_disk, run_tests


def put(connection, numbers, words="song of love"):
    answers = connection.pipeline(
        'PUT music t:%d {"kind":"track","name":"%s %d","popularity":%d}' % (i, words, i, i % 100)
        for i in numbers)
    assert set(answers) == {"+OK"}, set(answers)


def search(connection, query):
    reply = connection.json('SEARCH music "%s" NOLOG SEED 3 LIMIT 50 POLICY fixed' % query)
    return [(hit["id"], hit["score"]) for hit in reply["hits"]]


def churn(connection):
    """Each entity three times replaced, four in five deleted."""
    for words in ("some words", "other words", "song of love"):
        put(connection, range(5000), words)
    connection.pipeline("DEL music t:%d" % i for i in range(5000) if i % 5)


def the_file_gets_smaller_and_answers_stay_the_same():
    with Session() as session:
        session.start(compact_after="0")  # when it is asked for, alone
        connection = session.connect()
        churn(connection)
        queries = ("love", "song", "lvoe", "of 35", "some")
        before, info = [search(connection, query) for query in queries], connection.json("INFO catalogue")
        reply = connection.json("COMPACT")
        assert not old_files(session)  # every worker has left it, and none had to delete it
        now = connection.json("INFO catalogue")
        assert reply["before_bytes"] == info["file_bytes"] and reply["changed"] == 0, (reply, info)
        assert reply["after_bytes"] == now["file_bytes"] < info["file_bytes"] / 3, (reply, now)
        assert now["file_bytes"] - now["used_bytes"] < 65536, now
        assert os.path.getsize(session.path("data/catalogue/data.mdb")) <= now["file_bytes"]
        assert [search(connection, query) for query in queries] == before
        put(connection, range(5000, 5100))
        assert connection.ask("COUNT music") == ":1100"
        after = search(connection, "love")
        assert session.kill() and not connection.close()
        session.restart()
        connection = session.connect()
        assert connection.ask("COUNT music") == ":1100" and search(connection, "love") == after
        connection.close()


def old_files(session):
    folder = "/proc/%d/fd" % session.daemon.pid
    return [name for name in map(lambda fd: os.readlink(os.path.join(folder, fd)), os.listdir(folder))
            if "(deleted)" in name and "catalogue" in name]


def changes_and_searches_go_on_meanwhile():
    with Session() as session:
        session.start(compact_after="0")
        connection, other = session.connect(), session.connect()
        put(connection, range(8000))
        over, replies, busy = threading.Event(), [], []

        def compact():
            while not over.is_set():
                answer = other.ask("COMPACT")
                if answer.startswith("-BUSY changes come faster"):
                    busy.append(answer)
                else:
                    replies.append(json.loads(answer))

        thread = threading.Thread(target=compact)
        thread.start()
        turn = 8
        while turn < 20 or (len(replies) < 2 and turn < 60 and thread.is_alive()):
            put(connection, range(turn * 1000, turn * 1000 + 1000))
            assert search(connection, "love")
            gone = range((turn - 8) * 100, (turn - 7) * 100)
            answers = set(connection.pipeline("DEL music t:%d" % i for i in gone))
            assert answers == {":1"}, answers
            count = connection.ask("COUNT music")
            turn += 1
            assert count == ":%d" % (1000 * turn - 100 * (turn - 8)), (turn, count)
        session.wait(lambda: len(replies) >= 2 or not thread.is_alive(), 60, "two of them")
        over.set()
        thread.join()
        assert len(replies) >= 2
        assert busy or sum(reply["changed"] for reply in replies) > 0, replies
        assert connection.ask("COUNT music") == count
        first = 100 * (turn - 8)
        for i in (0, first - 1, first, 9000, 1000 * turn - 1):
            assert (connection.ask("GET music t:%d" % i) != "null") == (i >= first), i
        connection.close()
        other.close()


def flood(session, number, rng, there):
    """Puts and deletes of every third entity, until the file has been compacted twice, or (where
    changes come faster than a busy machine can copy them) for a while."""
    connection = session.connect()
    compactions = lambda: connection.json("INFO catalogue")["compactions"]
    last, turns = compactions() + 2, 0
    while compactions() < last and turns < 100:
        turns += 1
        changes = [(rng.randrange(2000) * 3 + number, rng.choice(("love", "song of love", None)))
                   for _ in range(400)]
        answers = connection.pipeline(
            'PUT music t:%d {"kind":"track","name":"%s","popularity":%d}' % (i, name, i % 100)
            if name else "DEL music t:%d" % i for i, name in changes)
        assert not [answer for answer in answers if answer[0] not in "+:"], answers
        there.update(changes)
    connection.close()


def scores(connection):
    """What the plan itself gave to each that it brought; of equals it may bring others."""
    found = []
    for query in ("love", "song", "lvoe"):
        reply = connection.json('SEARCH music "%s" ONLY all_fields DEPTH all_fields=160 NOLOG '
                                'LIMIT 160 EXPLAIN' % query)
        found.append(sorted(hit["why"]["all_fields"]["score"] for hit in reply["hits"]))
    assert found[0] and found[1], found
    return found


def what_a_flood_from_several_clients_leaves_is_as_if_built_anew():
    theres = [{}, {}, {}]
    with Session() as session, Session() as fresh:
        session.start(compact_after="0")
        threads = [threading.Thread(target=flood, args=(session, n, random.Random(n), theres[n]))
                   for n in range(3)]
        for thread in threads:
            thread.start()
        connection = session.connect()
        while any(thread.is_alive() for thread in threads):
            answer = connection.ask("COMPACT")
            assert answer.startswith(('{"before_bytes"', "-BUSY changes come faster")), answer
        there = {i: name for part in theres for i, name in part.items() if name}
        fresh.start(compact_after="0")
        other = fresh.connect()
        other.pipeline('PUT music t:%d {"kind":"track","name":"%s","popularity":%d}' % (
            i, name, i % 100) for i, name in there.items())
        assert connection.ask("COUNT music") == other.ask("COUNT music") == ":%d" % len(there)
        assert scores(connection) == scores(other)
        sizes = [c.json("COMPACT") and c.json("INFO catalogue")["file_bytes"] for c in (connection, other)]
        assert abs(sizes[0] - sizes[1]) < 65536, sizes
        assert scores(connection) == scores(other)
        connection.close()
        other.close()


def a_lull_after_many_changes_is_used():
    with Session() as session:
        session.start(compact_after="1000")
        connection = session.connect()
        info = lambda: connection.json("INFO catalogue")
        put(connection, range(5000))
        session.wait(lambda: info()["compactions"], what="the file to be compacted")
        before = info()["compactions"]  # a busy machine may have had a lull within the load
        put(connection, range(900), "other words") # a fifth
        put(connection, range(5000), "song of love") # no change, but for those
        connection.pipeline("DEL music t:%d" % i for i in range(2000, 2010))
        session.wait(lambda: info()["compactions"] > before, what="the file to be compacted again")
        connection.pipeline("DEL music t:%d" % i for i in range(1000))
        assert connection.ask("COUNT music") == ":3990"
        connection.close()


def where_there_is_no_lull_many_changes_are_enough():
    with Session() as session:
        session.start(compact_after="500")
        connection = session.connect()
        turns = 0
        while connection.json("INFO catalogue")["compactions"] < 2:
            put(connection, range(200), "words %d" % turns)
            turns += 1
            assert turns < 10000
        assert connection.ask("COUNT music") == ":200"
        connection.close()


def one_at_a_time_and_none_when_the_disk_is_full():
    with Session() as session, full_disk(session.path("disk"), "16m") as disk:
        if not disk:
            return "a small file system cannot be mounted here"
        session.start(data=os.path.join(disk, "data"), catalogue_map_bytes="64m",
                      learning_map_bytes="16m", compact_after="0")
        connection = session.connect()
        put(connection, range(4000), "a longer name of a song, so that a second copy has no room")
        with open(os.path.join(disk, "ballast"), "wb") as file:
            room = os.statvfs(disk)
            file.write(bytes(room.f_bavail * room.f_frsize - 400000))
        before = search(connection, "second copy")
        for _ in range(2):
            answer = connection.ask("COMPACT")
            assert answer.startswith("-IO") and "no space left on device" in answer.lower(), answer
            assert sorted(os.listdir(os.path.join(disk, "data/catalogue"))) == ["data.mdb", "lock.mdb"]
        assert connection.ask("COUNT music") == ":4000"
        assert search(connection, "second copy") == before != []
        connection.close()
    with Session() as session:
        session.start(compact_after="0")
        connections = [session.connect() for _ in range(4)]
        put(connections[0], range(4000))
        for connection in connections:
            connection.send("COMPACT")
        answers = [connection.receive() for connection in connections]
        assert any("after_bytes" in answer for answer in answers), answers
        assert all("after_bytes" in answer or answer == "-BUSY COMPACT is under way; try again"
                   for answer in answers), answers
        for connection in connections:
            connection.close()


def the_end_of_the_daemon_does_not_wait_for_all_of_it():
    with Session() as session:
        session.start(compact_after="0")
        connection = session.connect()
        put(connection, range(3000))
        connection.send("COMPACT")
        assert session.stop() == 0
        answer = connection.file.read()
        assert not answer or answer.startswith((b"-STATE", b'{"before_bytes"')), answer
        connection.close()
        session.restart()
        assert session.connect().ask("COUNT music") == ":3000"


sys.exit(run_tests("compact", [
    the_file_gets_smaller_and_answers_stay_the_same,
    changes_and_searches_go_on_meanwhile,
    what_a_flood_from_several_clients_leaves_is_as_if_built_anew,
    a_lull_after_many_changes_is_used,
    where_there_is_no_lull_many_changes_are_enough,
    one_at_a_time_and_none_when_the_disk_is_full,
    the_end_of_the_daemon_does_not_wait_for_all_of_it,
]))
