#!/usr/bin/env python3
"""kill_test.py -- SIGKILL at any moment: what was acknowledged is there, once."""
import json, os, random, sys, threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import Session, encode, run_tests


def number(decision):
    return int(decision, 16)


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


def a_flood_that_is_killed_is_there_up_to_one_commit():
    """So many puts at once that the writer lets them rise: of one client's, the first are
    there, all that were acknowledged and perhaps some more, and none behind those."""
    rng, total, before = random.Random(7), 30000, 0
    with Session() as session:
        session.start()
        for turn in range(3):
            connection = session.connect()
            puts = b"".join(encode("PUT", "music", "%d:%d" % (turn, i), '{"name":"flood"}')
                            for i in range(total))

            def send():
                try:
                    connection.socket.sendall(puts)
                except OSError:
                    pass  # killed meanwhile

            sender = threading.Thread(target=send)
            sender.start()
            acknowledged = rng.randrange(1, total)
            for _ in range(acknowledged):
                assert connection.read_resp() == "+OK"
            session.kill()
            sender.join()
            connection.close()
            session.restart()
            connection = session.connect()
            there = int(connection.ask("COUNT music")[1:]) - before
            assert acknowledged <= there <= total, (acknowledged, there)
            for i in (0, acknowledged - 1, there - 1, there, total - 1):
                assert (connection.ask("GET music %d:%d" % (turn, i)) != "null") == (i < there), i
            before += there
            connection.close()


def a_kill_while_the_catalogue_is_compacted_loses_nothing():
    """Changes go on, one COMPACT after the other, and the kill comes at any moment of it."""
    rng, there, compacted = random.Random(9), {}, 0
    with Session() as session:
        session.start(compact_after="0")
        for turn in range(12):
            connection, other = session.connect(), session.connect()
            stop, done = threading.Event(), []

            def compact():
                try:
                    while not stop.is_set():
                        done.append(other.json("COMPACT"))
                except (EOFError, OSError, ValueError):
                    pass  # killed meanwhile

            thread = threading.Thread(target=compact)
            thread.start()
            changes = [(rng.randrange(3000), rng.choice(("old", "new", None))) for _ in range(2000)]
            until = rng.randrange(300, 2000)
            sent = 0
            for n, (i, word) in enumerate(changes[:until]):
                if n == sent: # a few commits at a time
                    sent += 40
                    connection.socket.sendall(b"".join(
                        encode("PUT", "music", "t:%d" % i, '{"name":"%s %d"}' % (word, i)) if word
                        else encode("DEL", "music", "t:%d" % i) for i, word in changes[n:sent]))
                assert connection.read_resp() == ("+OK" if word else ":%d" % (i in there))
                there.pop(i, None)
                if word:
                    there[i] = word
            session.kill()
            stop.set()
            thread.join()
            compacted += len(done)
            connection.close()
            other.close()
            session.restart()
            assert sorted(os.listdir(session.path("data/catalogue"))) == ["data.mdb", "lock.mdb"]
            connection = session.connect()
            maybe = {i for i, word in changes[until:sent]}
            for i in range(3000):
                got = connection.ask("GET music t:%d" % i)
                word = None if got == "null" else "new" if "new" in got else "old"
                assert i in maybe or word == there.get(i), (i, word, there.get(i))
                there.pop(i, None)
                if word:
                    there[i] = word
            assert connection.ask("COUNT music") == ":%d" % len(there)
            for i in rng.sample(range(3000), 30):
                for name in ("old", "new"):
                    assert found(connection, '"%s %d"' % (name, i), "t:%d" % i) == \
                        (i in there), (i, there.get(i))
            connection.close()
        assert compacted >= 12, compacted


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


def learnt(connection):
    """What must be the same after a restart: the counters of ARMS without those of the process."""
    return {name: {key: value for key, value in arm.items() if key not in ("failed", "took_us")}
            for name, arm in connection.json("ARMS music").items()}


def put_some(connection):
    for i in range(60):
        assert connection.ask('PUT music track:%d {"kind":"track","name":"Love %d"}' % (i, i)) == "+OK"


def feedback_that_was_acknowledged_counts_once_whenever_the_kill_comes():
    """Every event is sent again with its id after each kill.  In the end each decision has
    earned 0.6, no more and no less: a play of its first hit."""
    rng, total = random.Random(6), 0
    with Session() as session:
        session.start(publish_ms="0", window_ms="100")
        put_some(session.connect())
        for turn in range(5):
            connection = session.connect()
            pages = [json.loads(answer) for answer in connection.pipeline(
                ['SEARCH music love POLICY uniform LIMIT 3 CONTEXT {"user":"u7"}'] * 400)]
            events = ["FEEDBACK %s %s play ID %s" % (
                page["decision"], page["hits"][0]["id"], page["decision"])
                for page in pages if page["hits"]]
            total += len(events)
            connection.socket.sendall("".join(event + "\n" for event in events).encode())
            acknowledged = rng.randrange(1, len(events))
            for _ in range(acknowledged):
                assert connection.receive() == "+OK"
            session.kill()
            connection.close()
            session.restart()
            connection = session.connect()
            assert connection.pipeline(events[:acknowledged]) == ["+OK"] * acknowledged
            assert connection.json("INFO learning")["repeated"] == acknowledged
            assert connection.pipeline(events) == ["+OK"] * len(events)
            for page in rng.sample(pages, 20):
                rewards = [hit["reward"] for hit in connection.json(
                    "DECISION " + page["decision"])["hits"]]
                assert rewards == [0.6, 0, 0][:len(rewards)], rewards
            earned = sum(arm["reward"] for arm in learnt(connection).values())
            assert abs(earned - 0.6 * total) < 0.01 + 1e-5 * total, (earned, total)
            likes = connection.json("PROFILE music u7")
            assert abs(likes["rewards"] - 0.6 * total) < 0.05 + 1e-4 * total, likes
            assert [like["value"] for like in likes["likes"]] == ["track"], likes
            assert abs(likes["likes"][0]["share"] - 1 + 1 / (1 + 0.6 * total)) < 1e-3, likes
            rows = connection.json("MEMORY music love")["entities"]
            assert abs(sum(row["reward"] for row in rows) - 0.6 * total) < 0.05 + 1e-4 * total, rows
            connection.close()


def what_was_learnt_is_the_same_after_a_kill():
    with Session() as session:
        session.start(publish_ms="0", window_ms="300", seed="3")
        connection = session.connect()
        put_some(connection)
        for i in range(100):
            page = connection.json("SEARCH music love LIMIT 3")
            if page["hits"]:
                connection.ask("FEEDBACK %s %s like" % (page["decision"], page["hits"][0]["id"]))
        session.wait(lambda: connection.json("INFO learning")["windows_closed"] == 100,
                     what="all windows")
        before, memory = learnt(connection), connection.json("MEMORY music love")
        explained = connection.json("SEARCH music love NOLOG SEED 5 EXPLAIN")["explain"]
        assert before["all_fields"]["decisions"] == 100 and before["all_fields"]["wins"] > 20
        session.kill()
        connection.close()
        session.restart()
        connection = session.connect()
        assert learnt(connection) == before
        again = connection.json("MEMORY music love")
        for was, now in zip(memory["entities"], again["entities"]):
            assert was["id"] == now["id"] and abs(was["score"] - now["score"]) < 1e-3
        # and so the same is chosen: estimates are read from the disk as they were
        now = connection.json("SEARCH music love NOLOG SEED 5 EXPLAIN")["explain"]
        for name, arm in explained["strategies"].items():
            for key in ("p", "value", "depth"):
                assert same(arm.get(key), now["strategies"][name].get(key)), (name, key)
        connection.close()


def same(a, b):
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    return abs(a - b) < 1e-3 if isinstance(a, float) else a == b


def windows_that_were_open_close_once_after_a_kill():
    with Session() as session:
        session.start(publish_ms="0", window_ms="1000")
        connection = session.connect()
        put_some(connection)
        pages = [json.loads(answer) for answer in connection.pipeline(
            ["SEARCH music love LIMIT 3"] * 200)]
        last = pages[-1]["decision"]
        assert not connection.json("DECISION " + last)["closed"]
        session.kill()
        connection.close()
        session.restart()
        connection = session.connect()
        session.wait(lambda: connection.json("DECISION " + last)["closed"], what="the window")
        assert connection.json("INFO learning")["windows_closed"] == 200
        session.kill()
        connection.close()
        session.restart()
        connection = session.connect()
        assert all(connection.json("DECISION " + page["decision"])["closed"] for page in pages)
        assert connection.json("INFO learning")["windows_closed"] == 0
        connection.close()


sys.exit(run_tests("kills", [
    puts_that_were_acknowledged_outlive_a_kill_and_nothing_is_half_visible,
    a_flood_that_is_killed_is_there_up_to_one_commit,
    a_kill_while_the_catalogue_is_compacted_loses_nothing,
    a_decision_id_is_never_given_twice,
    feedback_that_was_acknowledged_counts_once_whenever_the_kill_comes,
    what_was_learnt_is_the_same_after_a_kill,
    windows_that_were_open_close_once_after_a_kill,
]))
